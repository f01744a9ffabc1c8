"""Models from graphs beside Keras: the order of their layers and weights, and the names they take."""

from __future__ import annotations

import json
import random
import warnings
from typing import Any

import numpy as np
import pytest

import keras_lite
from keras_lite.engine import registry

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@pytest.fixture(autouse=True)
def _on_numpy() -> Any:
    with registry.using("numpy"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Keras warns about the keys of dicts
        yield


def _graph(module: Any, seed: int) -> Any:
    """A model of a random graph with branches, merges, shared layers, ops, and inputs that lead nowhere."""
    choice, layers = random.Random(seed), module.layers
    module.backend.clear_session()
    tensors = inputs = [module.Input((4,), name=f"i{k}") for k in range(choice.randint(1, 4))]
    shared = [layers.Dense(4, name=f"shared{k}") for k in range(2)]
    steps = (lambda x, y: layers.Dense(4)(x), lambda x, y: layers.Add()([x, y]), lambda x, y: choice.choice(shared)(x),
             lambda x, y: x * 2.0, lambda x, y: layers.Dense(4)(layers.Concatenate()([x, y])))
    for _ in range(choice.randint(1, 14)):
        tensors = [*tensors, choice.choice(steps)(choice.choice(tensors), choice.choice(tensors))]
    made = tensors[len(inputs):]
    if seed % 2:
        return module.Model(inputs, [choice.choice(made) for _ in range(choice.randint(1, 3))])
    return module.Model({f"k{k}": x for k, x in enumerate(reversed(inputs))}, {"z": choice.choice(made), "a": choice.choice(made)})


@pytest.mark.parametrize("seed", range(30))
def test_order(keras: Any, seed: int) -> None:
    """`get_weights` of one is for `set_weights` of the other."""
    ours, theirs = _graph(keras_lite, seed), _graph(keras, seed)
    assert [layer.name for layer in ours.layers] == [layer.name for layer in theirs.layers]
    assert [v.path for v in ours.weights] == [v.path for v in theirs.weights]
    function, done = ours._graph, {id(x) for x in ours.inputs}
    for node in function.nodes:
        assert all(id(x) in done for x in node.parents)
        done |= {id(x) for x in node.outputs}


def _given(m: Any) -> None:
    m.Sequential([m.Input((2,)), m.layers.Dense(1), m.layers.Dense(2)])


def _added(m: Any) -> None:
    model = m.Sequential([m.layers.Dense(1)])
    model.build((None, 3))
    model.add(m.layers.Dense(2))


def _empty(m: Any) -> None:
    model = m.Sequential(name="own")
    for layer in (m.Input((2,)), m.layers.Dense(2), m.layers.Dense(3)):
        model.add(layer)
    model.pop()


@pytest.mark.parametrize("make", [_given, _added, _empty, lambda m: m.Sequential([m.layers.Dense(1)])])
def test_names_after_sequential(keras: Any, make: Any) -> None:
    """A stack takes a model's name each time it is described."""
    names = []
    for module in (keras_lite, keras):
        module.backend.clear_session()
        make(module)
        x = module.Input((2,))
        names.append((module.Model(x, module.layers.Dense(1)(x)).name, module.layers.InputLayer((1,)).name))
    assert names[0] == names[1]


def _calls(module: Any) -> Any:
    """A model with calls of ops of many kinds: operators, slices, lists of tensors, several results, arguments by place and by name."""
    layers, ops = module.layers, module.ops
    module.backend.clear_session()
    ids = module.Input((6,), dtype="int32", name="ids")
    y = layers.LSTM(4, return_sequences=True)(layers.Embedding(9, 4, mask_zero=True)(ids))
    z = ops.mean(y, axis=1) * 2.0 + ops.max(y, 1)
    z = ops.reshape(ops.concatenate([z, ops.relu(z), ops.softmax(z)], axis=-1), (-1, 3, 4))[:, 1:, ::2]
    z = z / (1 + ops.abs(ops.cast(ids, "float32")[:, :2, None])) - ops.where(z > 0, z, -z) + ops.one_hot(ids[:, 0] % 2, 2)[:, None]
    z = ops.take(ops.pad(ops.einsum("abc,abd->acd", z, z), ((0, 0), (1, 0), (0, 0))), [0, 2], axis=1)
    z = ops.logsumexp(ops.var(ops.layer_normalization(z) @ ops.transpose(z, (0, 2, 1)) ** 2, axis=-1), axis=-1)
    first, second = ops.split(ops.stack([z, ops.clip(z, 0.0, 1.0)], axis=1), 2, axis=1)
    return module.Model(ids, layers.Dense(2)(first - second + ops.top_k(y[:, 0], 2)[0]))


def test_calls_of_ops_in_configs(keras: Any) -> None:
    """Each reads the other's config, and keras_lite its own, also through JSON."""
    theirs, ours = _calls(keras), _calls(keras_lite)
    rng, x = np.random.default_rng(0), np.array([[1, 2, 3, 0, 0, 0], [4, 5, 6, 7, 8, 0]])
    values = [rng.normal(size=w.shape).astype("float32") for w in theirs.get_weights()]
    mine, reference = ([row["class_name"].replace("TrueD", "D") for row in model.get_config()["layers"]] for model in (ours, theirs))
    assert mine == [name for name in reference if name != "NotEqual"]  # which makes the mask
    config = json.loads(json.dumps(ours.get_config()))
    models = [ours, theirs, keras_lite.Model.from_config(config), keras_lite.Model.from_config(theirs.get_config()),
              keras.Model.from_config(ours.get_config())]
    for model in models:
        model.set_weights(values)
        np.testing.assert_allclose(model(x), ours(x), rtol=1e-5, atol=1e-6)


def _nested_weights(module: Any) -> list[list[str]]:
    """Paths of weights that constructors and `build` add, on several levels, in models of the three kinds."""
    layers = module.layers
    module.backend.clear_session()

    class Inner(layers.Layer):  # type: ignore[name-defined, misc]
        def __init__(self, **kwargs: Any):
            super().__init__(**kwargs)
            self.w, self.v, self.d = self.add_weight(shape=(2,), name="w"), module.Variable(np.ones(2), name="v"), layers.Dense(2)

        def call(self, x: Any) -> Any:
            return self.d(x) + self.w

    class Outer(layers.Layer):  # type: ignore[name-defined, misc]
        def __init__(self, **kwargs: Any):
            super().__init__(**kwargs)
            self.inner, self.b = Inner(name="inner"), self.add_weight(shape=())

        def build(self, shape: Any) -> None:
            self.c = self.add_weight(shape=(1,), name="c")

        def call(self, x: Any) -> Any:
            return self.inner(x) * self.b + self.c

    class Own(module.Model):  # type: ignore[name-defined, misc]
        def __init__(self, **kwargs: Any):
            super().__init__(**kwargs)
            self.outer, self.t = Outer(), self.add_weight(shape=(1,), name="t")

        def call(self, x: Any) -> Any:
            return self.outer(x) + self.t

    own, x = Own(name="own"), module.Input((2,))
    own(np.ones((1, 2), "float32"))
    models = [own, module.Model(x, Outer(name="o")(x)), module.Sequential([module.Input((2,)), Outer(name="o")], name="stack")]
    return [[v.path for v in model.weights] for model in models]


def test_paths_of_added_weights(keras: Any) -> None:
    assert _nested_weights(keras_lite) == _nested_weights(keras)
