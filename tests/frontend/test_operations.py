"""Operations and functions of graphs, and the values of a model by path."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

import keras_lite as keras
from keras_lite import layers, ops

ONES = np.ones((1, 3), "float32")


class Times(keras.Operation):
    """A product with a number."""

    def __init__(self, factor: float, name: str | None = None):
        super().__init__(name)
        self.factor = factor

    def call(self, x: Any) -> Any:
        return ops.multiply(x, self.factor)


def test_an_own_operation(engine: Any) -> None:
    x = keras.Input((3,))
    operation = Times(3.0)
    y = operation(x)
    assert operation.name.startswith("times")
    assert operation.get_config() == {"factor": 3.0, "name": operation.name}
    assert operation.input is x and operation.output is y and y.shape == (None, 3)
    np.testing.assert_array_equal(ops.convert_to_numpy(operation(ONES)), 3)
    model = keras.Model(x, layers.Dense(2, kernel_initializer="ones")(y))
    np.testing.assert_allclose(model.predict(ONES, verbose=0), 9)
    assert [type(layer).__name__ for layer in model.layers] == ["InputLayer", "Dense"]
    np.testing.assert_allclose(copy.deepcopy(model).predict(ONES, verbose=0), 9)
    np.testing.assert_allclose(keras.models.clone_model(model).predict(ONES, verbose=0), 9)
    assert Times(2.0).symbolic_call(keras.Input((3,))).history[0].operation.factor == 2
    assert Times(2.0).compute_output_spec(keras.KerasTensor((5, 3))).shape == (5, 3)
    np.testing.assert_array_equal(ops.convert_to_numpy(operation.rematerialized_call(ops.square, 2 * ONES)), 4)
    with pytest.raises(NotImplementedError, match=r"defines no call\(\)"):
        keras.Operation()(ONES)


def test_functions_of_graphs(engine: Any) -> None:
    a, b = keras.Input((3,), name="a"), keras.Input((3,), name="b")
    function = keras.Function({"a": a, "b": b}, [a + b, Times(2.0)(a)], name="both")
    assert (function.name, [x.name for x in function.inputs], len(function.outputs)) == ("both", ["a", "b"], 2)
    total, double = function({"a": ONES, "b": 2 * ONES})
    assert (float(total[0, 0]), float(double[0, 0])) == (3.0, 2.0)
    assert function.compute_output_shape({"a": (5, 3), "b": (None, 3)}) == [(5, 3), (5, 3)]
    specs = function({"a": keras.Input((3,)), "b": keras.Input((3,))})
    model = keras.Model(specs[0].history[0].parents, specs)
    np.testing.assert_array_equal(model.predict([ONES, ONES], verbose=0)[0], 2)
    with pytest.raises(ValueError, match="expects inputs in the structure"):
        function([ONES, ONES])
    with pytest.raises(ValueError, match=r"input 'a' expects shape \(None, 3\), got \(1, 4\)"):
        function({"a": np.ones((1, 4)), "b": ONES})
    assert isinstance(function, keras.Operation) and {type(o).__name__ for o in function.operations} >= {"Times"}


def _net(module: Any) -> Any:
    parts = [module.Input((3,)), module.layers.Dense(2, name="d"), module.layers.BatchNormalization(name="b")]
    model = module.Sequential(parts, name="net")
    model.compile(module.optimizers.Adam(name="opt"), "mse", metrics=["mae"])
    return model


def _keys(nest: Any) -> Any:
    return {key: _keys(value) for key, value in nest.items()} if isinstance(nest, dict) else tuple(np.shape(nest))


def test_state_trees(engine: Any) -> None:
    model = _net(keras)
    model.fit(np.ones((2, 3)), np.ones((2, 2)), verbose=0)
    found = model.get_state_tree()
    assert engine.is_tensor(found["trainable_variables"]["net"]["d"]["kernel"])
    arrays = model.get_state_tree("numpy_array")
    other = _net(keras)
    other.optimizer.build(other.trainable_variables)
    other.set_state_tree({part: arrays[part] for part in ("trainable_variables", "non_trainable_variables", "optimizer_variables")})
    for a, b in zip([*model.variables, *model.optimizer.variables], [*other.variables, *other.optimizer.variables], strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())
    with pytest.raises(ValueError, match="did you mean 'net/d/kernel'"):
        model.set_state_tree({"trainable_variables": {"net": {"d": {"kernels": 1}}}})
    with pytest.raises(ValueError, match="did you mean 'trainable_variables'"):
        model.set_state_tree({"trainable_variable": {}})
    with pytest.raises(ValueError, match="did you mean 'numpy_array'"):
        model.get_state_tree("numpy_arrays")


def test_state_trees_have_the_paths_of_keras() -> None:
    reference = pytest.importorskip("keras", minversion="3.15")
    mine, theirs = _net(keras), _net(reference)
    for model in (mine, theirs):
        model.optimizer.build(model.trainable_variables)
    for part in ("trainable_variables", "non_trainable_variables", "optimizer_variables"):
        assert _keys(mine.get_state_tree("numpy_array")[part]) == _keys(theirs.get_state_tree("numpy_array")[part])


def test_a_loss_without_side_effects(engine: Any) -> None:
    model = _net(keras)
    values = [[v.value for v in variables] for variables in (model.trainable_variables, model.non_trainable_variables,
                                                             model.metrics_variables)]
    loss, new = model.stateless_compute_loss(*values, x=ONES, y=np.ones((1, 2), "float32"), y_pred=ops.zeros((1, 2)))
    assert float(loss) == 1 and [len(group) for group in new] == [len(group) for group in values]
    assert (model.run_eagerly, model.jit_compile, keras.Sequential().jit_compile) == (False, True, True)
