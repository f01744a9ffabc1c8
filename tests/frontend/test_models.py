"""Models described by a graph, a stack or a subclass: calling, structure, configs and clones, on every engine."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import keras_lite as keras
from keras_lite import layers, ops
from keras_lite.models import clone_model

X = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")


def _np(x: Any) -> np.ndarray:
    return ops.convert_to_numpy(x)


def _close(a: Any, b: Any) -> None:
    np.testing.assert_allclose(_np(a), _np(b), rtol=1e-5, atol=1e-6)


def _two_ways() -> Any:
    """Two inputs, a shared layer, a branch, and a dict of outputs."""
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    shared = layers.Dense(3, activation="tanh", name="shared")
    both = layers.Concatenate(name="both")([shared(a), shared(b)])
    return keras.Model([a, b], {"sum": layers.Add(name="sum")([both, both * 2]), "one": layers.Dense(1, name="one")(both)}, name="two_ways")


# --- graphs ----------------------------------------------------------------------------------------------------------------


def test_shared_layers_and_nests(engine: Any) -> None:
    model = _two_ways()
    out = model([X, 2 * X])
    kernel, bias = (_np(w) for w in model.get_layer("shared").weights)
    both = np.concatenate([np.tanh(X @ kernel + bias), np.tanh(2 * X @ kernel + bias)], 1)
    _close(out["sum"], 3 * both)
    assert [w.path for w in model.weights] == ["shared/kernel", "shared/bias", "one/kernel", "one/bias"]
    assert [layer.name for layer in model.layers] == ["a", "b", "shared", "both", "one", "sum"]
    assert model.output_names == ["one", "sum"]
    assert model.input_names == ["a", "b"]
    assert model.input_shape == [(None, 4), (None, 4)]
    assert model.output_shape == {"sum": (None, 6), "one": (None, 1)}
    assert len(model.get_layer("shared")._nodes) == 2


def test_inputs_by_name(engine: Any) -> None:
    """A dict serves inputs that were given as a list; too few inputs and other shapes are named."""
    model = _two_ways()
    _close(model({"b": 2 * X, "a": X})["one"], model([X, 2 * X])["one"])
    with pytest.raises(ValueError, match=r"inputs \['b'\] are missing, got \['a'\]"):
        model({"a": X})
    with pytest.raises(ValueError, match="expects 2 inputs, got 1"):
        model([X])
    a, b = keras.Input((4,), name="first"), keras.Input((4,), name="second")
    keyed = keras.Model({"b": a, "a": b}, layers.Subtract()([a, b]))
    _close(keyed({"b": X, "a": 3 * X, "more": X}), -2 * X)
    with pytest.raises(ValueError, match=r"inputs \['a'\] are missing, got \['b', 'x'\]"):
        keyed({"x": X, "b": X})
    with pytest.raises(ValueError, match=r"input 'b' expects shape \(None, 4\), got \(5, 3\)"):
        model([X, X[:, :3]])


def test_missing_last_axis(engine: Any) -> None:
    """A last axis of size 1 is added or taken off, as in Keras."""
    x = keras.Input((1,))
    model = keras.Model(x, x * 2)
    _close(model(X[:, 0]), 2 * X[:, :1])
    y = keras.Input((4,))
    _close(keras.Model(y, y + 1)(X[..., None]), X + 1)


def test_nested_models(engine: Any) -> None:
    inner = keras.Sequential([keras.Input((4,)), layers.Dense(3, name="dense")], name="inner")
    x = keras.Input((4,))
    y = inner(x)
    model = keras.Model(x, [inner(ops.flip(x, -1)), y], name="outer")
    first, second = model(X)
    _close(second, inner(X))
    _close(first, inner(X[:, ::-1].copy()))
    assert [w.path for w in model.weights] == ["inner/dense/kernel", "inner/dense/bias"]
    assert len(model.trainable_variables) == 2
    inner.trainable = False
    assert model.trainable_variables == []
    assert len(model.non_trainable_variables) == 2


def test_intermediate_outputs(engine: Any) -> None:
    """A model to a tensor in the middle shares the weights; what it does not need is left out."""
    model = _two_ways()
    middle = keras.Model(model.inputs[0], model.get_layer("shared")._nodes[0].outputs[0])
    kernel, bias = (_np(w) for w in model.get_layer("shared").weights)
    _close(middle(X), np.tanh(X @ kernel + bias))
    assert [layer.name for layer in middle.layers] == ["a", "shared"]
    with pytest.raises(ValueError, match="not among the inputs"):
        keras.Model(model.inputs[0], model.output["one"])
    stack = keras.Sequential([keras.Input((4,)), layers.Dense(3, name="first"), layers.Dense(2)])
    features = keras.Model(stack.inputs, stack.get_layer("first").output)
    _close(features(X), stack.layers[0](X))


def test_unused_input_stays(engine: Any) -> None:
    """An input that no output needs is still an input."""
    a, b = keras.Input((4,), name="a"), keras.Input((2,), name="b")
    model = keras.Model([a, b], layers.Dense(1)(a))
    assert model([X, X[:, :2]]).shape == (5, 1)
    assert model.predict([X, X[:, :2]], verbose=0).shape == (5, 1)


def test_ops_and_constants_in_a_graph(engine: Any) -> None:
    x = keras.Input((4,))
    y = ops.where(x > 0, x, ops.exp(x) - 1)
    model = keras.Model(x, ops.concatenate([y[:, :2], 1.0 - ops.sum(y, axis=-1, keepdims=True)], axis=-1))
    elu = np.where(X > 0, X, np.expm1(X))
    _close(model(X), np.concatenate([elu[:, :2], 1 - elu.sum(1, keepdims=True)], 1))


def test_get_layer(engine: Any) -> None:
    model = _two_ways()
    assert model.get_layer(index=2).name == "shared"
    assert model.get_layer("sum") is model.layers[-1]
    with pytest.raises(ValueError, match="did you mean 'shared'"):
        model.get_layer("sharde")
    with pytest.raises(ValueError, match="index 9 is out of range"):
        model.get_layer(index=9)
    with pytest.raises(ValueError, match="give a name or an index"):
        model.get_layer()
    with pytest.raises(ValueError, match="give a name or an index"):
        model.get_layer("one", 1)


def test_names_must_differ(engine: Any) -> None:
    x = keras.Input((4,))
    with pytest.raises(ValueError, match="2 layers are named 'a'; names must differ"):
        keras.Model(x, layers.Dense(2, name="a")(layers.Dense(3, name="a")(x)))


def test_graph_mistakes(engine: Any) -> None:
    with pytest.raises(ValueError, match="must be a KerasTensor"):
        keras.Model(X, X)
    x = keras.Input((4,))
    with pytest.raises(ValueError, match="named twice"):
        keras.Model([x, x], x)
    with pytest.raises(TypeError, match=r"expected \(inputs, outputs\)"):
        keras.Model(x)


# --- configs and clones ----------------------------------------------------------------------------------------------------


def _models() -> dict[str, Any]:
    x = keras.Input((4,), name="x")
    inner = keras.Model(x, layers.Dense(4, name="deep")(x) + x, name="inner")
    y = keras.Input((4,), name="y")
    dropout = layers.Dropout(0.5, seed=3)
    nested = keras.Model(y, inner(dropout(inner(y))), name="nested")
    z = keras.Input((4,), name="z")
    sliced = keras.Model(z, ops.stack([ops.relu(z[:, 1:]), z[..., :3]], axis=1), name="sliced")
    return {"two_ways": _two_ways(), "nested": nested, "sliced": sliced,
            "stack": keras.Sequential([keras.Input((4,)), layers.Dense(3), layers.BatchNormalization(), layers.Dense(2)], name="stack")}


def _inputs(name: str) -> Any:
    return [X, -X] if name == "two_ways" else X


@pytest.mark.parametrize("name", ["two_ways", "nested", "sliced", "stack"])
def test_config_round_trip(engine: Any, name: str) -> None:
    model = _models()[name]
    config = model.get_config()
    twin = type(model).from_config(config)
    assert keras.saving.serialize_keras_object(twin) == keras.saving.serialize_keras_object(model)
    assert [w.name for w in twin.weights] == [w.name for w in model.weights]
    twin.set_weights(model.get_weights())
    for a, b in zip(_leaves(model(_inputs(name))), _leaves(twin(_inputs(name))), strict=True):
        _close(a, b)


def _leaves(x: Any) -> list[Any]:
    return [x[k] for k in sorted(x)] if isinstance(x, dict) else x if isinstance(x, list) else [x]


@pytest.mark.parametrize("name", ["two_ways", "nested", "sliced", "stack"])
def test_clone(engine: Any, name: str) -> None:
    """A clone has layers and weights of its own; with the same values it computes the same."""
    model = _models()[name]
    twin = clone_model(model)
    assert type(twin) is type(model)
    assert not {id(w) for w in model.weights} & {id(w) for w in twin.weights}
    assert [w.path for w in twin.weights] == [w.path for w in model.weights]
    twin.set_weights(model.get_weights())
    for a, b in zip(_leaves(model(_inputs(name))), _leaves(twin(_inputs(name))), strict=True):
        _close(a, b)


def test_clone_functions(engine: Any) -> None:
    """Layers can be replaced, calls changed, and inner models cloned layer by layer."""
    model = _models()["nested"]
    seen: list[str] = []

    def wider(layer: Any) -> Any:
        seen.append(layer.name)
        return type(layer).from_config({**layer.get_config(), **({"rate": 0.1} if isinstance(layer, layers.Dropout) else {})})

    assert clone_model(model, clone_function=wider).layers[2].rate == 0.1
    assert [name.partition("_")[0] for name in seen] == ["inner", "dropout"]
    clone_model(model, clone_function=wider, recursive=True)
    assert "deep" in seen
    negated = clone_model(_models()["stack"], call_function=lambda layer, *args, **kwargs: -layer(*args, **kwargs))
    zeros = [w * 0 + 1 for w in negated.get_weights()]
    negated.set_weights(zeros)
    _close(negated(np.zeros((1, 4), "float32")).shape, (1, 2))
    new = keras.Input((4,), name="new")
    assert clone_model(_models()["stack"], input_tensors=new).input_names == ["new"]
    with pytest.raises(TypeError, match="expected a model, got 3"):
        clone_model(3)
    with pytest.raises(ValueError, match="has 2 inputs, got 1"):
        clone_model(_two_ways(), input_tensors=[new])


# --- stacks ----------------------------------------------------------------------------------------------------------------


def test_deferred_stack(engine: Any) -> None:
    """Without an input it is built by the first call, by fit, or by build."""
    for build in (lambda m: m(X), lambda m: m.build((None, 4)), lambda m: m.predict(X, verbose=0)):
        model = keras.Sequential([layers.Dense(3, name="first"), layers.Dense(2, name="second")], name="stack")
        assert not model.built
        with pytest.raises(ValueError, match="has no weights before it is built"):
            model.get_weights()
        build(model)
        assert model.built
        assert [w.path for w in model.weights] == [f"stack/{layer}/{name}" for layer in ("first", "second") for name in ("kernel", "bias")]
        assert model.output_shape[-1] == 2


def test_add_and_pop(engine: Any) -> None:
    model = keras.Sequential(name="stack")
    with pytest.raises(ValueError, match="no layers"):
        model.pop()
    model.add(layers.Dense(3, input_shape=(4,), name="first"))
    assert model.output_shape == (None, 3)
    model.add(layers.Dense(2))
    before = model.get_weights()[0]
    assert model(X).shape == (5, 2)
    last = model.pop()
    assert last.units == 2
    assert model(X).shape == (5, 3)
    np.testing.assert_array_equal(model.get_weights()[0], before)
    with pytest.raises(ValueError, match="a layer named 'first' is already there"):
        model.add(layers.Dense(2, name="first"))
    with pytest.raises(TypeError, match="expected a layer, got 3"):
        model.add(3)
    with pytest.raises(ValueError, match="is an input and must come first"):
        model.add(layers.InputLayer((4,)))


@pytest.mark.parametrize("given", [{"input_shape": (4,)}, {"input_dim": 4}, {"batch_input_shape": (None, 4)},
                                   {"input_shape": (4,), "batch_size": 5}], ids=str)
def test_input_given_by_the_first_layer(engine: Any, given: dict[str, Any]) -> None:
    model = keras.Sequential([layers.Dense(3, **given), layers.Dense(2)])
    assert model.built
    assert model.input_shape == ((5, 4) if "batch_size" in given else (None, 4))
    assert model(X).shape == (5, 2)


# --- subclasses ------------------------------------------------------------------------------------------------------------


class Blocks(keras.Model):
    """Layers in a list, a dict and an inner model; `training` reaches the dropout."""

    def __init__(self, width: int = 3, depth: int = 2, **kwargs: Any):
        super().__init__(**kwargs)
        self.width, self.depth = width, depth
        self.steps = [layers.Dense(width, name=f"step_{i}") for i in range(depth)]
        self.heads = {"a": layers.Dense(1, name="head_a"), "b": layers.Dense(2, name="head_b")}
        self.inner = keras.Sequential([layers.Dense(width, name="within")], name="inner")
        self.drop = layers.Dropout(0.5)

    def call(self, x: Any, training: bool = False) -> Any:
        for step in self.steps:
            x = step(x)
        x = self.drop(self.inner(x), training=training)
        return {name: head(x) for name, head in self.heads.items()}


PATHS = [f"blocks/{part}/{name}" for part in ("step_0", "step_1", "head_a", "head_b", "inner/within") for name in ("kernel", "bias")]


@pytest.mark.parametrize("how", ["call", "build", "fit"])
def test_subclass(engine: Any, how: str) -> None:
    model = Blocks(name="blocks")
    if how == "call":
        model(X)
    elif how == "build":
        model.build(input_shape=(None, 4))
    else:
        model.compile("sgd", "mse")
        model.fit(X, {"a": X[:, :1], "b": X[:, :2]}, verbose=0)
    assert [w.path for w in model.weights] == PATHS
    assert [layer.name for layer in model.layers[:2]] == ["step_0", "step_1"]
    out = model(X)
    assert {k: tuple(v.shape) for k, v in out.items()} == {"a": (5, 1), "b": (5, 2)}
    _close(out["a"], model(X, training=False)["a"])
    assert not np.allclose(_np(model(X, training=True)["a"]), _np(out["a"]))


def test_subclass_config(engine: Any) -> None:
    """The constructor's arguments are the config."""
    model = Blocks(width=2, depth=1, name="blocks")
    assert {k: model.get_config()[k] for k in ("width", "depth", "name")} == {"width": 2, "depth": 1, "name": "blocks"}
    twin = Blocks.from_config(model.get_config())
    assert (twin.width, twin.depth, twin.name) == (2, 1, "blocks")
    assert clone_model(model).width == 2
    with pytest.raises(ValueError, match="can only be cloned as a whole"):
        clone_model(model, clone_function=lambda layer: layer)


def test_subclass_with_graph(engine: Any) -> None:
    """A subclass whose constructor describes a graph."""

    class Wrapped(keras.Model):
        def __init__(self, width: int) -> None:
            x = keras.Input((4,))
            super().__init__(x, layers.Dense(width)(x))

    model = Wrapped(3)
    assert isinstance(model, Wrapped)
    assert model(X).shape == (5, 3)
    assert model.output_shape == (None, 3)


def test_subclass_mistakes(engine: Any) -> None:
    class Forgot(keras.Model):
        def __init__(self) -> None:
            self.dense = layers.Dense(2)

    with pytest.raises(TypeError, match=r"call super\(\).__init__\(\) before setting self.dense"):
        Forgot()

    class NoCall(keras.Model):
        pass

    with pytest.raises(NotImplementedError, match=r"NoCall defines no call\(\)"):
        NoCall()(X)
    with pytest.raises(AttributeError, match="was not made from a graph"):
        _ = Blocks().output
    with pytest.raises(ValueError, match="needs the shape of its input"):
        Blocks().build()


# --- what calls are given --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("nest", [lambda x, y: [x, y], lambda x, y: {"a": x, "b": y}], ids=["list", "dict"])
def test_lambda_with_a_given_shape_takes_several_tensors(engine: Any, nest: Any) -> None:
    """The batch is that of the first."""
    x, y = keras.Input((3,)), keras.Input((3,))
    distance = layers.Lambda(lambda nested: ops.sum(keras.tree.flatten(nested)[0], -1, keepdims=True), output_shape=(1,))
    model = keras.Model([x, y], distance(nest(x, y)))
    assert model.output_shape == (None, 1)
    _close(model([np.ones((2, 3), "float32"), np.zeros((2, 3), "float32")]), [[3.0], [3.0]])


def test_summary_knows_what_graphs_in_a_subclass_give(engine: Any) -> None:
    class Own(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.inner = keras.Sequential([keras.Input((3,)), layers.Dense(2)], name="inner")

        def call(self, x: Any) -> Any:
            return self.inner(x)

    own, lines = Own(), []
    own(np.ones((1, 3), "float32"))
    own.summary(print_fn=lines.append)
    assert "(None, 2)" in "\n".join(map(str, lines))
