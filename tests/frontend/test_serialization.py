"""Configs: what they hold, what may be loaded, and custom objects."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from keras_lite import activations, constraints, initializers, layers, models, ops, regularizers, saving
from keras_lite.engine import registry
from keras_lite.saving.serialization import deserialize_keras_object, serialize_keras_object
from keras_lite.symbolic.spec import KerasTensor


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    """NumPy as the engine, and no registration left behind."""
    before = dict(saving.get_custom_objects())
    with registry.using("numpy"):
        yield
    saving.get_custom_objects().clear()
    saving.get_custom_objects().update(before)


class Scale(layers.Layer):
    """A user's layer without get_config."""

    def __init__(self, factor: float, inner: Any = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.factor = factor * 2  # not what was given
        self.inner = inner

    def call(self, x: Any) -> Any:
        return x * self.factor


class Closed(layers.Layer):
    """A user's layer that takes no keyword arguments of the base class."""

    def __init__(self, units: int):
        super().__init__()
        self.units = layers.Dense(units)  # an attribute of the same name that holds something else

    def call(self, x: Any) -> Any:
        return self.units(x)


class Described(layers.Dense):
    """A user's layer with a get_config of its own on top of a built-in layer's."""

    def __init__(self, depth: int, **kwargs: Any):
        super().__init__(units=3, **kwargs)
        self.depth = depth

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "depth": self.depth}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        return cls(config["depth"], name=config["name"])


# --- what a config holds -------------------------------------------------------------------------------------------------


def test_arguments_are_recorded_without_get_config() -> None:
    layer = Scale(3.0, inner=layers.Dense(2, name="d"), name="s", trainable=False, dtype="mixed_bfloat16")
    config = layer.get_config()
    assert list(config) == ["name", "trainable", "dtype", "factor", "inner"]
    assert config["factor"] == 3.0, "as given: the attribute of a user's class may hold something else"
    assert config["inner"]["class_name"] == "Dense"
    again = Scale.from_config(json.loads(json.dumps(config)))
    assert again.get_config() == config
    assert isinstance(again.inner, layers.Dense)
    assert again.compute_dtype == "bfloat16"


def test_a_changed_attribute_of_a_layer_shows() -> None:
    layer = layers.Dropout(0.5)
    layer.rate = 0.25
    layer.trainable = False
    assert layer.get_config()["rate"] == 0.25
    assert not layer.get_config()["trainable"]


def test_a_constructor_without_keyword_arguments() -> None:
    assert Closed(4).get_config() == {"units": 4}
    assert Closed.from_config(Closed(4).get_config()).units.units == 4


def test_get_config_on_top_of_a_built_in_layer() -> None:
    config = Described(5, name="x").get_config()
    assert (config["depth"], config["units"], config["name"]) == (5, 3, "x")
    assert Described.from_config(config).depth == 5


class Small(layers.Dense):
    """Gives its base the argument that it asks for."""

    def __init__(self, gain: float = 1.0, **kwargs: Any):
        super().__init__(10, **kwargs)
        self.gain = gain


def test_what_a_subclass_gives_its_base_is_no_part_of_the_config() -> None:
    config = Small(2.0, use_bias=False).get_config()
    assert "units" not in config
    again = Small.from_config(config)
    assert (again.gain, again.units, again.use_bias) == (2.0, 10, False)
    assert models.clone_model(models.Sequential([layers.Input((3,)), Small(3.0)])).layers[0].gain == 3.0


def test_super_get_config_does_not_ask_for_what_a_subclass_handles() -> None:
    class WithTable(layers.Layer):
        def __init__(self, table: Any, **kwargs: Any):
            super().__init__(**kwargs)
            self.table = table

        def get_config(self) -> dict[str, Any]:
            return {**super().get_config(), "table": sorted(self.table)}

    config = WithTable({3, 1}, name="t").get_config()
    assert list(config) == ["name", "trainable", "dtype", "table"]
    assert config["table"] == [1, 3]


def test_what_cannot_be_described_is_named() -> None:
    with pytest.raises(TypeError, match=r"Scale.get_config: argument 'inner': .*\{1, 2\} \(set\) can't be described.*define get_config"):
        Scale(1.0, inner={1, 2}).get_config()
    with pytest.raises(TypeError, match=r"argument 'function': a lambda can't be described"):
        layers.Lambda(lambda x: x).get_config()


def test_autocast_stands_in_the_config_only_where_it_is_off() -> None:
    assert "autocast" not in layers.Dense(1).get_config()
    config = layers.Dense(1, autocast=False).get_config()
    assert config["autocast"] is False
    assert layers.Dense.from_config(config).autocast is False


@pytest.mark.parametrize("value", [
    None, 3, 2.5, "text", True, [1, [2, 3]], {"a": [1], "b": None}, slice(1, None, 2), Ellipsis, b"bytes", (1, (2,))], ids=repr)
def test_plain_values(value: Any) -> None:
    again = deserialize_keras_object(json.loads(json.dumps(serialize_keras_object(value))))
    assert again == (json.loads(json.dumps(value)) if isinstance(value, tuple) else value)


def test_arrays_and_tensors() -> None:
    for x in (np.arange(6, dtype="int32").reshape(2, 3), ops.ones((2, 2), "float32")):
        again = deserialize_keras_object(json.loads(json.dumps(serialize_keras_object(x))))
        np.testing.assert_array_equal(again, ops.convert_to_numpy(x))
        assert again.dtype == ops.convert_to_numpy(x).dtype
    assert serialize_keras_object(np.float32(0.5)) == 0.5
    spec = deserialize_keras_object(serialize_keras_object(KerasTensor((None, 3), "int32")))
    assert (spec.shape, spec.dtype) == ((None, 3), "int32")


def test_build_config_makes_the_variables_again() -> None:
    layer = layers.Dense(3)
    layer(np.ones((2, 4), "float32"))
    config = json.loads(json.dumps(layers.serialize(layer)))
    assert config["build_config"] == {"input_shape": [2, 4]}
    assert [v.shape for v in layers.deserialize(config).variables] == [(4, 3), (3,)]


def test_objects_inside_objects() -> None:
    layer = layers.Dense(1, activation=layers.LeakyReLU(0.2), kernel_initializer=initializers.Constant(np.eye(2)),
                         kernel_regularizer=regularizers.L1L2(0.1, 0.2), kernel_constraint=constraints.MaxNorm(3))
    again = layers.deserialize(json.loads(json.dumps(layers.serialize(layer))))
    assert again.get_config() == layer.get_config()
    assert again.kernel_regularizer.l2 == 0.2
    assert again.kernel_constraint.max_value == 3
    assert isinstance(again.activation, layers.LeakyReLU)


# --- custom objects ------------------------------------------------------------------------------------------------------


def double(x: Any) -> Any:
    """A user's function."""
    return 2 * x


def test_an_unregistered_class_must_be_given() -> None:
    config = layers.serialize(Scale(2.0))
    assert config["registered_name"] == "Scale"
    with pytest.raises(ValueError, match=r"class 'Scale' of module .* is unknown; put @keras_lite.saving.register"):
        layers.deserialize(config)
    assert layers.deserialize(config, custom_objects={"Scale": Scale}).factor == 4.0
    with saving.custom_object_scope({"Scale": Scale}):
        assert isinstance(layers.deserialize(config), Scale)
    with pytest.raises(ValueError, match="is unknown"):
        layers.deserialize(config)


def test_registered_classes_and_functions() -> None:
    registered = saving.register_keras_serializable("mine")(type("Registered", (Scale,), {}))
    config = layers.serialize(registered(1.0))
    assert config["registered_name"] == "mine>Registered" == saving.get_registered_name(registered)
    assert type(layers.deserialize(config)) is registered
    assert saving.get_registered_object("mine>Registered") is registered
    assert saving.get_registered_object("mine>Other") is None
    saving.register_keras_serializable()(double)
    layer = layers.Activation(double)
    assert layer.get_config()["activation"]["config"] == "Custom>double"
    assert layers.deserialize(layers.serialize(layer)).activation is double
    with pytest.raises(ValueError, match="class Plain needs a get_config method"):
        saving.register_keras_serializable()(type("Plain", (), {}))


def test_scopes_nest_and_end() -> None:
    with saving.custom_object_scope({"double": double}):
        with saving.CustomObjectScope({"other": double}):
            assert activations.get("double") is activations.get("other") is double
        with pytest.raises(ValueError, match="unknown activation 'other'"):
            activations.get("other")
    with pytest.raises(ValueError, match="unknown activation 'double'"):
        activations.get("double")


# --- the closed table ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("config", [
    {"module": "os", "class_name": "system", "config": {"command": "true"}, "registered_name": None},
    {"module": "builtins", "class_name": "eval", "config": {}, "registered_name": None},
    {"module": "subprocess", "class_name": "Popen", "config": {"args": "true"}, "registered_name": "Popen"},
    {"module": "numpy", "class_name": "memmap", "config": {}, "registered_name": None},
    {"module": "keras_lite.saving.serialization", "class_name": "importlib", "config": {}, "registered_name": None},
    {"module": "keras.layers", "class_name": "deserialize", "config": {}, "registered_name": None},
    {"module": "keras.layers", "class_name": "__builtins__", "config": {}, "registered_name": None},
    {"module": "builtins", "class_name": "function", "config": "exec", "registered_name": "function"},
    {"module": "builtins", "class_name": "function", "config": "np", "registered_name": "function"},
    {"class_name": "__lambda__", "config": {"value": ["4wEAAAA=", None, None]}},
], ids=lambda c: str(c["class_name"]))
@pytest.mark.parametrize("safe_mode", [True, False])
def test_nothing_else_is_loaded(config: dict[str, Any], safe_mode: bool) -> None:
    with pytest.raises(ValueError, match=r"unknown|never run"):
        deserialize_keras_object(config, safe_mode=safe_mode)


@pytest.mark.parametrize(("config", "message"), [
    ({"module": "keras.layers", "class_name": "Dens", "config": {}}, "unknown class 'Dens'; did you mean 'Dense'"),
    ({"module": "keras.layers", "class_name": "Dense", "config": {"unit": 3}}, "Dense can't be made from"),
    ({"module": "keras.layers", "class_name": 3, "config": {}}, "class_name must be a string"),
    ({"module": "builtins", "class_name": "function", "config": "rellu"}, "unknown function 'rellu'; did you mean"),
])
def test_mistakes_in_configs(config: dict[str, Any], message: str) -> None:
    with pytest.raises((ValueError, TypeError), match=message):
        deserialize_keras_object(config)


def test_old_configs_without_a_module() -> None:
    assert layers.deserialize({"class_name": "Dense", "config": {"units": 3}}).units == 3
    assert regularizers.get({"class_name": "L2", "config": {"l2": 0.5}}).l2 == 0.5
    assert initializers.get({"class_name": "normal", "config": {"stddev": 0.5}}).stddev == 0.5
    assert deserialize_keras_object("l2", module_objects={"l2": regularizers.L2}).l2 == 0.01


# --- get -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("module", "name", "near"), [
    (activations, "reluu", "relu"), (initializers, "he_norml", "he_normal"), (regularizers, "l1l", "l1"),
    (constraints, "nonneg", "non_neg")])
def test_misspelt_names(module: Any, name: str, near: str) -> None:
    with pytest.raises(ValueError, match=f"unknown .* '{name}'; did you mean .*'{near}'"):
        module.get(name)


@pytest.mark.parametrize("module", [activations, initializers, regularizers, constraints])
def test_what_is_neither_name_nor_callable(module: Any) -> None:
    with pytest.raises(TypeError, match="expected a name, a config or a callable, got 3"):
        module.get(3)
    assert module.get(double) is double
    assert module.get(None) is (activations.linear if module is activations else None)


def test_classes_are_called_and_arrays_are_constants() -> None:
    assert initializers.get(initializers.Zeros).get_config() == {}
    np.testing.assert_array_equal(initializers.get(np.eye(2))((2, 2)), np.eye(2))
    with pytest.raises(TypeError, match=r"Zeros: takes no arguments, got \[3\]"):
        initializers.Zeros(3)


@pytest.mark.parametrize("config", [
    {"class_name": "Dense", "config": "abc"}, {"class_name": "Dense", "config": [1]}, {"class_name": "__tensor__", "config": {}},
    {"class_name": "__slice__", "config": {}}, {"class_name": "__bytes__", "config": {"value": 3}},
])
def test_configs_of_a_wrong_form(config: Any) -> None:
    with pytest.raises(ValueError, match=f"config: {config['class_name']} can't be made from "):
        deserialize_keras_object(config)
