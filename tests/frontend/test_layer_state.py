"""What a layer holds, on every engine: layers inside layers, builds and calls that fail, attributes that come and go."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

import keras_lite as keras
from keras_lite import layers, ops
from keras_lite.engine import registry

X = np.array([[0.1, 0.2]], "float32")


class Node(layers.Layer):
    """A layer that holds others, any of them."""

    def __init__(self, **held: Any):
        super().__init__()
        self.dense = layers.Dense(2)
        vars(self).update(held)

    def call(self, x: Any) -> Any:
        return self.dense(x)


# --- layers inside layers ------------------------------------------------------------------------------------------------


def test_layers_that_hold_each_other(engine: Any) -> None:
    one, other = Node(), Node()
    one.other, other.other, one.itself = other, one, one
    one(X), other(X)
    assert len(one.variables) == len(one.trainable_variables) == len(other.weights) == 4
    assert one.losses == []
    one.trainable = False
    assert not other.trainable and not other.dense.kernel.trainable and other.trainable_variables == []


def test_a_layer_below_a_frozen_and_a_free_one_is_trained(engine: Any) -> None:
    shared = Node()
    shared(X)
    frozen, free = Node(inner=shared), Node(inner=shared)
    both = Node(frozen=frozen, free=free)
    frozen._trainable = False
    assert shared.dense.kernel in both.trainable_variables
    assert shared.dense.kernel not in frozen.trainable_variables


def test_many_ways_to_one_layer_cost_one_visit(engine: Any) -> None:
    node = Node()
    for _ in range(40):  # 2**40 ways
        node = Node(left=Node(inner=node), right=Node(inner=node))
    assert len(node._flatten_layers()) == 2 * (1 + 3 * 40)  # with the dense layers
    assert node.variables == []


# --- what fails ----------------------------------------------------------------------------------------------------------


def test_a_build_that_fails_leaves_nothing_behind(engine: Any) -> None:
    fails = [True]

    class Shaky(layers.Layer):
        def build(self, input_shape: Any) -> None:
            self.first = self.add_weight((2,), "ones", name="first")
            self.inner = layers.Dense(2)
            self.inner.build(input_shape)
            if fails.pop():
                raise RuntimeError("once")
            self.second = self.add_weight((2,), "ones", name="second")

        def call(self, x: Any) -> Any:
            return x + self.first + self.second

    layer = Shaky()
    with pytest.raises(RuntimeError, match="once"):
        layer(X)
    assert layer.variables == [] and not layer.built and not hasattr(layer, "inner")
    fails.append(False)
    np.testing.assert_allclose(ops.convert_to_numpy(layer(X)), X + 2, atol=1e-6)
    assert [v.name for v in layer.variables] == ["first", "second", "kernel", "bias"]


def test_a_second_build(engine: Any) -> None:
    """It makes no variables once more, and what there is stays; a layer without any may be built again."""
    dense = layers.Dense(2)
    dense.build((None, 3))
    expected = dense(np.ones((1, 3), "float32"))
    with pytest.raises(ValueError, match="is built already"):
        dense.build((None, 3))
    assert len(dense.weights) == 2
    np.testing.assert_array_equal(ops.convert_to_numpy(dense(np.ones((1, 3), "float32"))), ops.convert_to_numpy(expected))
    pool = layers.AveragePooling1D(2)
    pool.build((None, 4, 2))
    pool.build((None, 6, 2))


def test_paths_of_layers_that_a_later_call_builds(engine: Any) -> None:
    class Branches(layers.Layer):
        def __init__(self) -> None:
            super().__init__(name="branches")
            self.one, self.other = layers.Dense(2, name="one"), layers.Dense(2, name="other")

        def call(self, x: Any, way: str) -> Any:
            if way == "none":
                raise RuntimeError("no way")
            return self.one(x) if way == "one" else self.other(x)

    class Around(layers.Layer):
        def __init__(self) -> None:
            super().__init__(name="around")
            self.inner = Branches()

        def call(self, x: Any, way: str) -> Any:
            return self.inner(x, way)

    layer = Around()
    with pytest.raises(RuntimeError, match="no way"):
        layer(X, "none")
    for way in ("other", "one"):
        layer(X, way)
    assert layer.inner.one.kernel.path == "around/branches/one/kernel"
    assert layer.inner.other.kernel.path == "around/branches/other/kernel"


# --- attributes ----------------------------------------------------------------------------------------------------------


def test_a_variable_that_is_deleted_is_no_weight(engine: Any) -> None:
    layer = layers.Dense(2)
    layer(X)
    del layer.bias
    assert [v.name for v in layer.weights] == ["kernel"]


def test_a_build_of_a_class_that_is_no_layer(engine: Any) -> None:
    class Factor:
        def build(self, input_shape: Any) -> None:
            self.factor = self.add_weight((input_shape[-1],), "ones", name="factor")  # type: ignore[attr-defined]

    class Scaled(Factor, layers.Layer):  # type: ignore[misc]  # the two builds differ
        def call(self, x: Any) -> Any:
            return x * self.factor

    model = keras.Sequential([keras.Input((2,)), Scaled(name="scaled")], name="model")
    assert [v.path for v in model.variables] == ["model/scaled/factor"]
    assert model.layers[0].get_build_config() == {"input_shape": (None, 2)}


# --- calls ---------------------------------------------------------------------------------------------------------------


def test_activity_regularizer_of_outputs_without_axes_and_of_none(engine: Any) -> None:
    class Total(layers.Layer):
        def call(self, x: Any) -> Any:
            return ops.sum(x), None

    layer = Total(activity_regularizer="l2")
    layer(X)
    np.testing.assert_allclose([float(loss) for loss in layer.losses], [0.01 * 0.3**2], rtol=1e-5)


def test_a_mask_given_by_place_is_that_of_the_output(engine: Any) -> None:
    class Last(layers.Layer):
        def call(self, x: Any, mask: Any = None) -> Any:
            return x if mask is None else ops.where(ops.expand_dims(mask, -1), x, -1)

    class Outer(layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.recurrent, self.last = layers.LSTM(2, return_sequences=True), Last()

        def call(self, x: Any, mask: Any) -> Any:
            return self.last(self.recurrent(x, None, mask))

    mask = np.array([[True, False, True]])
    found = ops.convert_to_numpy(Outer()(np.ones((1, 3, 2), "float32"), mask))
    assert ((found == -1).all(-1) == ~mask).all()


# --- threads -------------------------------------------------------------------------------------------------------------


def at_once(call: Callable[[int], Any], count: int = 6) -> list[Any]:
    """The results of `call(i)` in as many threads, which begin together."""
    barrier = threading.Barrier(count)

    def run(i: int) -> Any:
        barrier.wait()
        return call(i)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def test_threads_build_a_layer_once(engine: Any) -> None:
    class Slow(layers.Layer):
        def build(self, input_shape: Any) -> None:
            factor = self.add_weight((2,), name="factor")
            time.sleep(0.02)
            self.factor = factor

        def call(self, x: Any) -> Any:
            return x * self.factor

    layer = Slow()

    def call(i: int) -> Any:
        with registry.using(engine):
            return ops.convert_to_numpy(layer(X))

    results = at_once(call)
    assert len(layer.weights) == 1
    assert all(np.array_equal(results[0], result) for result in results)


def test_threads_have_their_own_masks_of_dropout(engine: Any) -> None:
    layer = layers.LSTM(3, dropout=0.5, recurrent_dropout=0.5)
    layer.build((None, 3, 2))

    def call(i: int) -> Any:
        with registry.using(engine):
            return [layer(np.ones((i + 1, 3, 2), "float32"), training=True).shape[0] for _ in range(4)]

    assert at_once(call) == [[i + 1] * 4 for i in range(6)]


# --- sums in 16 bits -----------------------------------------------------------------------------------------------------


def test_sums_of_squares_in_mixed_precision(engine: Any) -> None:
    large, zero = np.array([[300.0, 400.0]], "float32"), np.zeros((1, 2), "float32")
    dot = layers.Dot(1, normalize=True, dtype="mixed_float16")
    assert [float(ops.convert_to_numpy(dot([x, x]))[0, 0]) for x in (large, zero)] == [1, 0]
    layer = layers.Activation("linear", dtype="mixed_float16", activity_regularizer="l2")
    layer(large)
    np.testing.assert_allclose(float(layer.losses[0]), 2500, rtol=1e-3)


# --- freezing ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("hook", ["on_train_batch_begin", "on_train_batch_end"])
def test_a_callback_freezes_a_layer_between_steps(engine: Any, hook: str) -> None:
    model = keras.Sequential([keras.Input((2,)), layers.Dense(2), layers.Dense(1)])
    model.compile("sgd", "mse")
    kernels = []

    def frozen_by_turns(step: int, logs: Any = None) -> None:
        kernels.append(ops.convert_to_numpy(model.layers[0].kernel))
        model.layers[0].trainable = step % 2 == 1

    rng = np.random.default_rng(0)
    model.fit(rng.normal(size=(10, 2)), rng.normal(size=(10, 1)), batch_size=2, verbose=0, shuffle=False,
              callbacks=[keras.callbacks.LambdaCallback(**{hook: frozen_by_turns})])
    assert [np.array_equal(a, b) for a, b in itertools.pairwise(kernels)] == [True, False, True, False]


def test_a_layer_built_in_inference_mode_is_trained(engine: Any) -> None:
    if engine.name != "torch":
        pytest.skip("runs with the torch engine")
    torch = pytest.importorskip("torch")
    layer = layers.Dense(2)
    with torch.inference_mode():
        layer(torch.ones(1, 2))
    layer(torch.ones(1, 2)).sum().backward()
    assert layer.kernel.held.grad is not None
