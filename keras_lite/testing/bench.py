"""Running the samples of one op on one engine: eagerly one by one, and compiled all in one program (tracing is what costs).

An engine whose framework compiles each eager call of a new signature has `is_traced` (see the contract): the dtype sweep
is then one program too, and in quick runs most samples run in their program alone (`Bench.runs_alone`).
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from keras_lite.engine import registry
from keras_lite.engine.dtypes import is_float
from keras_lite.ops.table import TABLE, Record
from keras_lite.state import tree
from keras_lite.symbolic import engine as abstract
from keras_lite.testing.calls import Call, invoke, make_call, to_tensors, wide
from keras_lite.testing.reference import Reference, canonical, differentiated_twice, has_slope, project, reference_of, results_of
from keras_lite.testing.ulps import Arrays

FEW = 1  # samples that run alone in quick runs of engines that compile eager calls
STRIDE = 2  # of the samples that run alone, quick runs compile each second one, and those whose gradients they check
SLOPES = 2  # samples whose gradients quick runs check
BESIDE = 0.3


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


def compiled(engine: Any, calls: list[Call], orders: list[int]) -> list[Outcome]:
    """The calls in one compiled program (in one each, if that raises), each differentiated as often as its order says.

    Gradients are those of a random projection of the results; of order 2, those of a projection of the gradients.  Ops whose shapes
    depend on values can't be compiled: they run eagerly.
    """
    if calls and calls[0].record.dynamic:
        return [eager(engine, call) for call in calls]
    try:
        return _program(engine, calls, orders)
    except Exception as error:
        if len(calls) == 1:
            return [Outcome(error=error)]
        return [compiled(engine, [call], [order])[0] for call, order in zip(calls, orders, strict=True)]


def _program(engine: Any, calls: list[Call], orders: list[int]) -> list[Outcome]:
    weights = [_weights(call) if order and has_gradient(call) else {} for call, order in zip(calls, orders, strict=True)]

    def program(arguments: list[list[Any]], factors: list[list[Any]]) -> list[Any]:
        results = []
        for call, order, names, tensors, given in zip(calls, orders, weights, arguments, factors, strict=True):
            gradients = _second_gradients if order == 2 else _value_and_gradients
            results.append(gradients(engine, call, tensors, dict(zip(names, given, strict=True))))
        return results

    with wide(engine, [x for call in calls for x in call.arrays]) as kept, registry.using(engine):
        _refuse_narrowing(engine, kept)
        arguments = [to_tensors(engine, call.arrays) for call in calls]
        factors = [[_factor(engine, w) for w in weight.values()] for weight in weights]
        results = engine.compile(program)(arguments, factors)
        return [_outcome(engine, call, *result) for call, result in zip(calls, results, strict=True)]


def _outcome(engine: Any, call: Call, values: list[Any], gradients: list[Any]) -> Outcome:
    specs: list[Any] = [(engine.shape_of(x), engine.dtype_of(x)) for x in values]
    arrays = canonical(call.record, list(map(engine.to_numpy, values))) if values else []
    return Outcome(arrays, list(map(engine.to_numpy, gradients)), specs)


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


def _second_gradients(engine: Any, call: Call, tensors: list[Any], weights: dict[int, Any]) -> list[Any]:
    return [[], differentiated_twice(engine, functools.partial(project, engine, call, tensors, weights), [tensors[i] for i in call.floats])]


def differentiated(engine: Any, record: Record, quick: bool) -> list[int]:
    """The samples whose gradients are checked: all of them in full runs and where a native is involved, else some."""
    sloping = [i for i in range(len(record.samples)) if has_gradient(make_call(record, i))]
    return sloping if record.name in engine.natives or not quick else sloping[:SLOPES]


def twice_differentiated(engine: Any, record: Record, quick: bool) -> list[int]:
    """The samples whose second gradients are checked: all of them in full runs and where a native is involved, else one."""
    return differentiated(engine, record, quick)[: None if record.name in engine.natives or not quick else 1]


def second_reference(record: Record, index: int) -> Reference:
    """The (remembered) reference of a sample whose floats are moved a little aside, each by something else, but not out of the domain.

    The sample may lie on the seams of a piecewise function, and with ties.
    """
    return _second_reference(record.name, index)


@functools.lru_cache(maxsize=512)
def _second_reference(name: str, index: int) -> Reference:
    here = make_call(TABLE[name], index)
    rng = np.random.default_rng(index + 3)
    far = [BESIDE * np.asarray(rng.uniform(0.5, 1.5, x.shape)) for x in here.arrays]
    ways = (lambda x, d: x + d, lambda x, d: x * (1 - d), lambda x, d: x + BESIDE)
    moved = [Reference(_moved(here, way, far)) for way in ways]
    return min(moved, key=_undefined)


def _undefined(reference: Reference) -> float:
    """How many results are no finite numbers; infinity where the arguments are refused."""
    try:
        return sum(int(np.sum(~np.isfinite(v))) for v in reference.values if is_float(v.dtype.name))
    except ValueError:
        return np.inf


def _moved(call: Call, way: Any, far: Arrays) -> Call:
    moved = (np.asarray(way(x.astype("float64"), d)).astype(x.dtype) if is_float(x.dtype.name) else x
             for x, d in zip(call.arrays, far, strict=True))
    return replace(call, arrays=tuple(moved))


def _weights(call: Call) -> dict[int, np.ndarray]:
    return reference_of(call.record, call.index).weights


class Bench:
    """The outcomes of all samples of one op on one engine, each computed once and shared by the checks."""

    def __init__(self, engine: Any, record: Record, quick: bool = True):
        self.engine, self.record, self.quick = engine, record, quick
        self._eager: dict[int, Outcome] = {}
        self._sweep: dict[str, Outcome] = {}

    def call(self, index: int) -> Call:
        return reference_of(self.record, index).call

    def eager(self, index: int) -> Outcome:
        """The outcome of a call by itself; that in the compiled program where it does not run alone."""
        if index not in self._eager:
            self._eager[index] = eager(self.engine, self.call(index)) if self.runs_alone(index) else self.compiled[index]
        return self._eager[index]

    def runs_alone(self, index: int) -> bool:
        """Whether the sample runs eagerly too: each does, but for quick runs of engines that compile each call, where some do."""
        if not (self.quick and self.engine.eager_compiles) or self.record.dynamic:
            return True
        sound = [i for i, sample in enumerate(self.record.samples) if not sample.error]
        return index in sound[:FEW] or any(not abstract.is_tensor(x) for x in results_of(specs_of(self.call(index))))

    def is_compiled(self, index: int) -> bool:
        """Whether the sample is in the compiled program: each is, but for quick runs, where some that run alone are not."""
        return not self.quick or index % STRIDE == 0 or index in self._sloping or not self.runs_alone(index)

    @functools.cached_property
    def _sloping(self) -> list[int]:
        return differentiated(self.engine, self.record, self.quick)

    @functools.cached_property
    def compiled(self) -> dict[int, Outcome]:
        """Values and gradients of the samples without an expected error that are compiled."""
        chosen = (i for i, sample in enumerate(self.record.samples) if not sample.error and self.is_compiled(i))
        return self._in_groups((self.call(i), int(i in self._sloping)) for i in chosen)

    @functools.cached_property
    def twice(self) -> dict[int, Outcome]:
        """Gradients of gradients of the samples that are differentiated twice."""
        indices = twice_differentiated(self.engine, self.record, self.quick)
        return self._in_groups((second_reference(self.record, i).call, 2) for i in indices)

    def _in_groups(self, calls: Iterable[tuple[Call, int]]) -> dict[int, Outcome]:
        """Outcomes of calls differentiated so many times; those that need wide dtypes are compiled apart from the others."""
        groups: dict[bool, list[tuple[Call, int]]] = {}
        for call, order in calls:
            narrowed = any(self.engine.canonical_dtype(x.dtype.name) != x.dtype.name for x in call.arrays)
            groups.setdefault(narrowed, []).append((call, order))
        outcomes: dict[int, Outcome] = {}
        for group in groups.values():
            made = compiled(self.engine, [call for call, _ in group], [order for _, order in group])
            outcomes.update(zip((call.index for call, _ in group), made, strict=True))
        return outcomes

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
            if self.engine.eager_compiles:
                outcomes = compiled(self.engine, [call for _, call in group], [0] * len(group))
            else:
                outcomes = [eager(self.engine, call) for _, call in group]
            self._sweep.update(zip((dtype for dtype, _ in group), outcomes, strict=True))
