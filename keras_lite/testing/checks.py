"""The checks of the matrix: each compares two answers to one call and says how far apart they are."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from keras_lite.engine.dtypes import part_dtype
from keras_lite.engine.errors import is_clear
from keras_lite.state import tree
from keras_lite.symbolic import engine as abstract
from keras_lite.testing.bench import Bench, Outcome, second_reference, specs_of
from keras_lite.testing.calls import Call, invoke, to_tensors, wide
from keras_lite.testing.reference import Undefined, reference_of
from keras_lite.testing.ulps import TOLERANCE, Arrays, errors


class Failure(Exception):
    """A check that did not hold; the message says what was expected and what came.  `ulps` is the error, where there is one."""

    def __init__(self, message: str, ulps: float | None = None):
        super().__init__(message)
        self.ulps = ulps


def value(bench: Bench, index: int) -> float:
    """Eager values against the float64 reference."""
    reference = reference_of(bench.record, index)
    return compare("value", ran(bench.eager(index)).values, reference.values, reference.condition, reference.call)


def gradient(bench: Bench, index: int) -> float:
    """Gradients of a random projection against the float64 gradients of the numpy engine, which finite differences confirm."""
    reference = reference_of(bench.record, index)
    expected = _confirmed(lambda: reference.gradients)
    return compare("gradient", ran(bench.compiled[index]).gradients, expected, reference.gradients_condition, reference.call)


def second_gradient(bench: Bench, index: int) -> float:
    """Gradients of a projection of the gradients, natives that have none (`FIRST_ORDER`) left out, against the float64 numpy engine's,
    which finite differences of its gradients confirm.

    They are judged by the largest of an array.
    """
    reference = second_reference(bench.record, index)
    expected = _confirmed(lambda: reference.second_gradients)
    outcome = ran(bench.twice[index])
    return compare("second_gradient", outcome.gradients, expected, reference.second_condition, reference.call, normwise=True)


def _confirmed(gradients: Callable[[], Arrays]) -> Arrays:
    try:
        return gradients()
    except AssertionError as problem:
        raise Failure(str(problem)) from None


def compiled(bench: Bench, index: int) -> float:
    """The compiled call against the eager one."""
    reference, eager = reference_of(bench.record, index), ran(bench.eager(index))
    tensors = [i for i, spec in enumerate(eager.specs) if spec is not None]  # nothing else passes through a compiled program
    expected, conditions = [eager.values[i] for i in tensors], [reference.condition[i] for i in tensors]
    return compare("compiled", ran(bench.compiled[index]).values, expected, conditions, reference.call)


def spec(bench: Bench, index: int) -> None:
    """The abstract engine's shapes and dtypes against those of the engine's tensors."""
    call, outcome = bench.call(index), ran(bench.eager(index))
    with wide(bench.engine, call.arrays):
        rule = [(x.shape, bench.engine.canonical_dtype(x.dtype)) for x in tree.flatten(specs_of(call)) if abstract.is_tensor(x)]
    specs = [x for x in outcome.specs if x is not None]
    if bench.record.dynamic:
        rule = [(tuple(m if n is None else n for n, m in zip(shape, made, strict=False)), dtype)
                for (shape, dtype), (made, _) in zip(rule, specs, strict=False)]
    if rule != specs:
        raise Failure(f"the rule says {_shown(rule)}, the engine made {_shown(specs)}")


def dtype(bench: Bench, index: int, name: str, sweep: list[tuple[int, str]]) -> float:
    """Values in another dtype of the arguments against the reference, and the dtype of the result against the rule."""
    reference = reference_of(bench.record, index, name)
    call = reference.call
    outcome = bench.swept(index, name, sweep)
    refusal = _refusal(call) if not bench.record.dtypes else None
    if refusal is not None and type(outcome.error) is type(refusal) and str(outcome.error) == str(refusal):
        raise Undefined(str(refusal))
    expected, outcome = reference.values, ran(outcome)
    with wide(bench.engine, call.arrays):
        rule = [bench.engine.canonical_dtype(x.dtype) for x in tree.flatten(specs_of(call)) if abstract.is_tensor(x)]
    dtypes = [x.dtype.name for x in outcome.values]
    if rule != dtypes:
        raise Failure(f"{name} arguments: the rule says {rule}, the engine made {dtypes}")
    return compare("value", outcome.values, expected, reference.condition, call)


def _refusal(call: Call) -> Exception | None:
    """The frontend's error where it takes no arguments of these dtypes."""
    try:
        specs_of(call)
    except (TypeError, ValueError) as refusal:
        return refusal if is_clear(refusal) else None
    return None


def error_raised(bench: Bench, index: int) -> None:
    """The expected error: same type and message as on specs, where it must match the sample's expression."""
    call = bench.call(index)
    expected = _error_of(abstract, call, [abstract.spec(x.shape, x.dtype.name) for x in call.arrays])
    assert call.sample.error is not None
    if not re.search(call.sample.error, str(expected)):
        raise Failure(f"expected an error matching {call.sample.error!r}, specs gave {_named(expected)}")
    if not is_clear(expected):
        raise Failure(f"{_named(expected)} was not raised by the frontend (keras_lite.engine.errors)")
    if bench.engine is abstract:
        return
    with wide(bench.engine, call.arrays):
        actual = _error_of(bench.engine, call, to_tensors(bench.engine, call.arrays))
    if (type(actual), str(actual)) != (type(expected), str(expected)):
        raise Failure(f"specs gave {_named(expected)}, the engine {_named(actual)}")


def _error_of(engine: Any, call: Call, tensors: list[Any]) -> Exception:
    try:
        result = invoke(engine, call, tensors)
    except Exception as raised:
        return raised
    raise Failure(f"expected an error matching {call.sample.error!r} on {engine.name}, got {result!r}"[:500])


def compare(check: str, actual: Arrays, expected: Arrays, conditions: Arrays | None, call: Call,
            normwise: bool = False) -> float:
    """Largest error in ulps over the arrays; raises Failure where it exceeds the tolerance."""
    if len(actual) != len(expected):
        raise Failure(f"{len(actual)} results, expected {len(expected)}")
    limits = TOLERANCE["primitive" if check == "value" and call.record.primitive else check]
    worst = 0.0
    for i, (a, b) in enumerate(zip(actual, expected, strict=True)):
        if np.shape(a) != np.shape(b):
            raise Failure(f"result {i} has shape {np.shape(a)}, expected {np.shape(b)}")
        condition = conditions[i] if conditions is not None and np.shape(conditions[i]) == np.shape(b) else None
        units = errors(a, b, condition, normwise or call.record.normwise)
        ulps = float(np.max(units, initial=0.0))
        limit = limits.get(part_dtype(a.dtype.name), 0.0) * call.sample.tol
        if not ulps <= limit:
            raise Failure(f"result {i} ({a.dtype.name}) is off by {ulps:.3g} ulps (limit {limit:g}): {_worst(a, b, units)}", ulps)
        worst = max(worst, ulps)
    return worst


def _worst(a: np.ndarray, b: np.ndarray, units: np.ndarray) -> str:
    """The element with the largest error, for people."""
    where = np.unravel_index(int(np.argmax(units)), units.shape)
    place = tuple(map(int, where))
    return f"{int(np.sum(units > 0))} of {a.size} elements differ, most at {place}: got {a[where]}, expected {b[where]}"


def ran(outcome: Outcome) -> Outcome:
    """The outcome, if it is not an error."""
    if outcome.error is not None:
        raise Failure(f"raised {_named(outcome.error)}") from outcome.error
    return outcome


def _named(raised: BaseException) -> str:
    return f"{type(raised).__name__}: {raised}"[:600]


def _shown(specs: Any) -> str:
    return ", ".join(f"{dtype}{list(shape)}" for shape, dtype in specs) or "nothing"


__all__ = ["Failure", "Undefined", "compare", "compiled", "dtype", "error_raised", "gradient", "ran", "second_gradient", "spec", "value"]
