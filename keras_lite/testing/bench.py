"""Running the samples of one op on one engine: eagerly one by one, and compiled all in one program (tracing is what costs).

An engine whose framework compiles each eager call of a new signature says so by an attribute `eager_compiles = True`: the dtype sweep
is then one program too.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from keras_lite.engine import registry
from keras_lite.ops.table import Record
from keras_lite.state import tree
from keras_lite.symbolic import engine as abstract
from keras_lite.testing.calls import Call, invoke, make_call, to_tensors, wide
from keras_lite.testing.reference import canonical, has_slope, project, reference_of, results_of
from keras_lite.testing.ulps import Arrays


@dataclass
class Outcome:
    """What an engine made of a call: values (and gradients) as arrays with the engine's own dtypes, or the error it raised.

    `specs` has the shape and dtype of each value that the engine returned as a tensor, None for one that it did not.
    """

    values: Arrays = field(default_factory=list)
    gradients: Arrays = field(default_factory=list)
    specs: list[tuple[tuple[int, ...], str] | None] = field(default_factory=list)
    error: Exception | None = None


def specs_of(call: Call) -> Any:
    """The abstract engine's answer to a call: a nest of specs."""
    return invoke(abstract, call, [abstract.spec(x.shape, x.dtype.name) for x in call.arrays])


def has_gradient(call: Call) -> bool:
    """Whether the gradient of the call is to be checked."""
    if call.record.dynamic or not (call.record.differentiable and call.sample.grad and not call.sample.error and call.floats):
        return False
    try:
        specs = tree.flatten(specs_of(call))
    except Exception:  # the check `unknown_sizes` reports it
        return False
    return any(abstract.is_tensor(x) and has_slope(x.dtype) for x in specs)


def eager(engine: Any, call: Call) -> Outcome:
    """The call, run eagerly."""
    with wide(engine, call.arrays) as kept:
        try:
            _refuse_narrowing(engine, kept)
            leaves = results_of(invoke(engine, call, to_tensors(engine, call.arrays)))
        except Exception as error:
            return Outcome(error=error)
        values = [np.asarray(engine.to_numpy(x) if engine.is_tensor(x) else x) for x in leaves]
        specs = [(engine.shape_of(x), engine.dtype_of(x)) if engine.is_tensor(x) else None for x in leaves]
        return Outcome(canonical(call.record, values), specs=specs)


def _refuse_narrowing(engine: Any, kept: bool) -> None:
    if not kept:
        raise TypeError(f"{engine.name} has no such dtype: canonical_dtype narrows it")


def compiled(engine: Any, calls: list[Call], slopes: list[bool]) -> list[Outcome]:
    """The calls in one compiled program (in one each, if that raises), with the gradients of a random projection of those with a slope.

    Ops whose shapes depend on values can't be compiled: they run eagerly.
    """
    if calls and calls[0].record.dynamic:
        return [eager(engine, call) for call in calls]
    try:
        return _program(engine, calls, slopes)
    except Exception as error:
        if len(calls) == 1:
            return [Outcome(error=error)]
        return [compiled(engine, [call], [slope])[0] for call, slope in zip(calls, slopes, strict=True)]


def _program(engine: Any, calls: list[Call], slopes: list[bool]) -> list[Outcome]:
    weights = [_weights(call) if slope and has_gradient(call) else {} for call, slope in zip(calls, slopes, strict=True)]

    def program(arguments: list[list[Any]], factors: list[list[Any]]) -> list[Any]:
        results = []
        for call, names, tensors, given in zip(calls, weights, arguments, factors, strict=True):
            results.append(_value_and_gradients(engine, call, tensors, dict(zip(names, given, strict=True))))
        return results

    with wide(engine, [x for call in calls for x in call.arrays]) as kept, registry.using(engine):
        _refuse_narrowing(engine, kept)
        arguments = [to_tensors(engine, call.arrays) for call in calls]
        factors = [[_factor(engine, w) for w in weight.values()] for weight in weights]
        results = engine.compile(program)(arguments, factors)
        return [_outcome(engine, call, *result) for call, result in zip(calls, results, strict=True)]


def _outcome(engine: Any, call: Call, values: list[Any], gradients: list[Any]) -> Outcome:
    return Outcome(canonical(call.record, list(map(engine.to_numpy, values))), list(map(engine.to_numpy, gradients)))


def directly(engine: Any, call: Call, slope: bool) -> Outcome:
    """The call without compilation, with gradients as in `compiled`."""
    try:
        with wide(engine, call.arrays) as kept, registry.using(engine):
            _refuse_narrowing(engine, kept)
            weights = _weights(call) if slope and has_gradient(call) else {}
            factors = {i: _factor(engine, w) for i, w in weights.items()}
            parts = _value_and_gradients(engine, call, to_tensors(engine, call.arrays), factors)
            return _outcome(engine, call, *parts)
    except Exception as error:
        return Outcome(error=error)


def _value_and_gradients(engine: Any, call: Call, tensors: list[Any], weights: dict[int, Any]) -> list[Any]:
    projected, floats = functools.partial(project, engine, call, tensors, weights), [tensors[i] for i in call.floats]
    if not weights:
        return [projected(floats)[1], []]
    _, values, gradients = engine.value_and_grad(projected, floats)
    return [values, gradients]


def _factor(engine: Any, weight: np.ndarray) -> Any:
    return engine.convert(weight, "complex64" if weight.dtype.kind == "c" else "float32")


def _weights(call: Call) -> dict[int, np.ndarray]:
    return reference_of(call.record, call.index).weights


class Bench:
    """The outcomes of all samples of one op on one engine, each computed once and shared by the checks."""

    def __init__(self, engine: Any, record: Record):
        self.engine, self.record = engine, record
        self._eager: dict[int, Outcome] = {}
        self._sweep: dict[str, Outcome] = {}

    def call(self, index: int) -> Call:
        return reference_of(self.record, index).call

    def eager(self, index: int) -> Outcome:
        if index not in self._eager:
            self._eager[index] = eager(self.engine, self.call(index))
        return self._eager[index]

    @functools.cached_property
    def compiled(self) -> dict[int, Outcome]:
        """Values and gradients of the samples without an expected error."""
        return dict(self._in_groups([self.call(i) for i, sample in enumerate(self.record.samples) if not sample.error]))

    def _in_groups(self, calls: Iterable[Call]) -> Iterable[tuple[int, Outcome]]:
        """Calls that need wide dtypes are compiled apart from the others."""
        groups: dict[bool, list[Call]] = {}
        for call in calls:
            narrowed = any(self.engine.canonical_dtype(x.dtype.name) != x.dtype.name for x in call.arrays)
            groups.setdefault(narrowed, []).append(call)
        for group in groups.values():
            yield from zip((call.index for call in group), compiled(self.engine, group, [True] * len(group)), strict=True)

    def swept(self, index: int, dtype: str, dtypes: list[tuple[int, str]]) -> Outcome:
        """The outcome of sample `index` in `dtype`; on the first request all `dtypes` (sample, dtype) are run."""
        if dtype not in self._sweep:
            self._run_sweep(dtypes)
        return self._sweep[dtype]

    def _run_sweep(self, dtypes: list[tuple[int, str]]) -> None:
        groups: dict[bool, list[tuple[str, Call]]] = {}
        for index, dtype in dtypes:
            groups.setdefault(self.engine.canonical_dtype(dtype) != dtype, []).append((dtype, make_call(self.record, index, dtype)))
        for group in groups.values():
            if getattr(self.engine, "eager_compiles", False):
                outcomes = compiled(self.engine, [call for _, call in group], [False] * len(group))
            else:
                outcomes = [eager(self.engine, call) for _, call in group]
            self._sweep.update(zip((dtype for dtype, _ in group), outcomes, strict=True))
