"""Every built-in engine conforms to the contract, and `check` says so of those that do not."""

from __future__ import annotations

import types
from typing import Any

import numpy as np
import pytest

from keras_lite.engine import conformance
from keras_lite.engine.checks import CHECKS
from keras_lite.engine.contract import required


def test_names_signatures_and_natives(engine: Any) -> None:
    """The functions are there with the contract's parameters, and natives with those of their ops."""
    assert conformance.declared(engine) == []


@pytest.mark.parametrize("each", CHECKS, ids=lambda each: each.__name__)
def test_behaviour(engine: Any, each: Any) -> None:
    """One behavioural check on one engine."""
    assert conformance.failure(engine, each) is None


def altered(engine: Any, **changes: Any) -> Any:
    """A module like `engine` with some attributes changed; None removes one."""
    module = types.ModuleType(engine.__name__)
    vars(module).update(vars(engine), **changes)
    for name in [name for name, value in changes.items() if value is None]:
        delattr(module, name)
    return module


def test_a_missing_function_is_named(engine: Any) -> None:
    """Without a function there is one line that names it and its family."""
    assert conformance.check(altered(engine, argmax=None)) == ["argmax is missing (family Reductions)"]
    assert "name is missing" in conformance.check(altered(engine, name=None))[0]


def test_another_order_of_parameters_is_named(engine: Any) -> None:
    """Parameters of the engine's own functions are those of the contract, in its order."""
    def gather(x: Any, axis: Any, indices: Any) -> Any: ...

    gather.__module__ = engine.__name__
    assert conformance.declared(altered(engine, gather=gather)) == ["gather has the parameters (x, axis, indices), not (x, indices, axis)"]


def test_a_function_that_takes_too_few_is_named(engine: Any) -> None:
    """Functions taken from elsewhere must accept the contract's arguments."""
    problem, = conformance.declared(altered(engine, gather=lambda x, indices: x))
    assert problem.startswith("gather(x, indices, axis) can't be called on gather(x, indices)")


def test_wrong_natives_are_named(engine: Any) -> None:
    """A native has the name and the parameters of a composite op."""
    natives = {"sofmax": lambda x: x, "exp": lambda x: x, "softmax": lambda x, axes=-1: x}
    unknown, first, second, third = conformance.declared(altered(engine, NATIVES=natives, FIRST_ORDER={"sotfmax"}))
    assert unknown == "FIRST_ORDER: 'sotfmax' is no native"
    assert first == "NATIVES: 'sofmax' is no op of the table"
    assert second == "NATIVES: 'exp' is a primitive, which has no fallback"
    assert third == "NATIVES: softmax(x, axes=-1) has not the parameters of the op, softmax(x, axis=-1)"


def _wrong(engine: Any) -> dict[str, Any]:
    """One wrong function for each of some checks."""
    return {
        "convert_copies_memory": {"convert": lambda x, dtype: _Alias(x), "is_tensor": lambda x: True, "to_numpy": np.asarray},
        "round_goes_to_even": {"round": lambda x: engine.floor(engine.add(x, 0.5))},
        "argmax_takes_the_first": {"argmax": lambda x, axis: engine.cast(engine.argmax(x, axis), "uint8")},
        "nan_wins_max_and_min": {"reduce_max": lambda x, axes, keepdims: engine.full((2,), 3.0, "float32")},
        "random_bits_are_the_test_vectors": {"random_bits": lambda seed, shape, width: engine.full(shape, 0, "int32")},
        "the_first_maximum_of_a_window_gets_the_gradient": {"reduce_window": lambda x, *how: engine.reduce_window(x, "sum", *how[1:])},
        "scatter_combines": {"scatter": lambda x, indices, updates, mode: x},
        "stop_gradient_stops": {"stop_gradient": lambda x: x},
    }


class _Alias(np.ndarray):
    """An array that shares memory with another."""

    def __new__(cls, array: Any) -> Any:
        return np.asarray(array).view(cls)


@pytest.mark.parametrize("name", list(_wrong(None)))
def test_wrong_functions_fail_their_check(engine: Any, name: str) -> None:
    """Each planted fault is found by the check that is there for it."""
    each, = (check for check in CHECKS if check.__name__ == name)
    assert conformance.failure(altered(engine, **_wrong(engine)[name]), each) is not None


def test_the_report_counts(engine: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """`main` prints a line per engine and its exit status says whether all conform."""
    assert conformance.main([engine.name]) == 0
    assert capsys.readouterr().out == f"{engine.name}: {len(required())} functions, {len(CHECKS)} checks, 0 problems\n"
