"""A native against the composite that it replaces: values, gradients, dtypes, and the edges (NaN, infinities, ties)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from keras_lite.engine.dtypes import is_float
from keras_lite.testing.bench import Bench, Outcome, directly
from keras_lite.testing.calls import Call, composites_only, make_call
from keras_lite.testing.checks import Failure, compare, ran
from keras_lite.testing.reference import Reference

DTYPES = ("float64", "bfloat16", "float16")
EDGES = {"NaN": np.nan, "inf": np.inf, "-inf": -np.inf}
NO_SLOPE = {*EDGES, "float64"}  # a derivative like 1 + expm1(x) loses digits in the composite, which show in float64


def native(bench: Bench, index: int) -> float:
    """The engine's own implementation of an op against its composite, both eagerly on the engine."""
    worst = 0.0
    for kind, call in _variants(bench, index):
        own = directly(bench.engine, call, kind not in NO_SLOPE)
        with composites_only(bench.engine):
            composite = directly(bench.engine, call, kind not in NO_SLOPE)
        worst = max(worst, _compare(kind, call, own, composite))
    return worst


def _variants(bench: Bench, index: int) -> Iterator[tuple[str, Call]]:
    """The sample as it is, in other float dtypes, and with equal values, NaN and infinities among its floats."""
    call = bench.call(index)
    yield "plain", call
    if not any(call.arrays[i].size for i in call.floats):
        return
    for dtype in DTYPES:
        yield dtype, make_call(bench.record, index, dtype)
    yield "ties", _changed(call, lambda x: np.round(x.astype("float64")))
    for kind, edge in EDGES.items():
        if not (call.record.finite and np.isinf(edge)):
            yield kind, _changed(call, lambda x, edge=edge: _planted(x, edge))


def _changed(call: Call, change: Any) -> Call:
    arrays = (np.asarray(change(x)).astype(x.dtype) if is_float(x.dtype.name) else x for x in call.arrays)
    return replace(call, arrays=tuple(arrays))


def _planted(x: np.ndarray, edge: float) -> np.ndarray:
    """`x` with every third element replaced, so that some rows keep finite values beside it; -inf only where there are negatives."""
    if edge < 0 and np.min(x.astype("float64"), initial=0.0) >= 0:
        return x  # an argument that is never negative (a variance, say)
    flat = x.copy().reshape(-1)
    flat[::3] = edge
    return flat.reshape(x.shape)


def _condition(reference: Reference, name: str) -> Any:
    """The condition of values or gradients, None where NumPy has no answer, as for matrices and ranges with NaN."""
    try:
        return getattr(reference, name)
    except ValueError:  # LinAlgError is one
        return None


def _compare(kind: str, call: Call, own: Outcome, composite: Outcome) -> float:
    if composite.error is not None and (own.error is not None or isinstance(composite.error, NotImplementedError)):
        return 0.0  # an op that is nothing but its natives has no composite to compare with
    reference = Reference(call)
    try:
        dtypes = [[x.dtype.name for x in ran(outcome).values] for outcome in (own, composite)]
        if dtypes[0] != dtypes[1]:
            raise Failure(f"the native gives {dtypes[0]}, the composite {dtypes[1]}")
        worst = compare("native", own.values, composite.values, _condition(reference, "condition"), call)
        if own.gradients:
            worst = max(worst, compare("native", own.gradients, composite.gradients, _condition(reference, "gradients_condition"), call))
    except Failure as failure:
        raise Failure(f"{kind} arguments, native against composite: {failure}", failure.ulps) from failure.__cause__
    return worst
