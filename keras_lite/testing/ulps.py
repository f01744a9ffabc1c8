"""Errors in units in the last place, and how many of them are accepted.

An element's unit is the largest of

* the spacing of the dtype at the reference value;
* a sixteenth of the spacing at the array's typical (median) value: steps inside a function round at the size of what they handle,
  as in the `1 + erf(x)` of gelu, so an element that is much smaller than its neighbours is not judged by itself;
* for an op that is `normwise`, the spacing at the array's largest value: rotations spread the error of one element over its row;
* the change of the result when the arguments move by one of their own units: the *condition*, measured on the float64 reference.

So a sum that cancels is judged by the size of its terms, and `exp` of 80 by that of its argument, without a tolerance for each op.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ml_dtypes
import numpy as np

from keras_lite.engine.dtypes import is_float, numpy_dtype, part_dtype

Arrays = list[np.ndarray]

# The largest error accepted, in units, by check and dtype of the result; `Sample.tol` multiplies it.
#   primitive  values of a function of the contract.  Vendors' libraries err by a few units of float32 in tanh, lgamma or erfinv and
#              in sums of some hundred terms; the half types are computed in float32 and rounded once, so they may miss by one.
#              In float64 the reference errs as much as the engine, and compilers' own functions by some units.
#   value      values of a composite: a few such functions in a row; the half types round after each.
#   gradient   a chain of them and one more sum, and derivatives like `1 + expm1(x)` that round at the size of 1.
#   second_gradient  a chain of gradients: twice as much.
#   compiled   the same program by the engine's compiler, which fuses, contracts to multiply-adds and may have functions of its own:
#              each side within its own tolerance.
#   native     two ways to write one function, values and gradients, each within its own tolerance.
TOLERANCE = {
    "primitive": {"float64": 16.0, "float32": 8.0, "bfloat16": 1.5, "float16": 1.5},
    "value": {"float64": 32.0, "float32": 8.0, "bfloat16": 8.0, "float16": 8.0},
    "gradient": {"float64": 32.0, "float32": 32.0, "bfloat16": 16.0, "float16": 16.0},
    "compiled": {"float64": 32.0, "float32": 16.0, "bfloat16": 8.0, "float16": 8.0},
    "second_gradient": {"float64": 64.0, "float32": 64.0, "bfloat16": 32.0, "float16": 32.0},
    "native": {"float64": 32.0, "float32": 32.0, "bfloat16": 16.0, "float16": 16.0},
}
STEPS = (2.0**-30, 2.0**-33)  # relative steps of the condition: far above float64's rounding, far below a kink's distance
DRAWS = 3


def spacing(x: np.ndarray, dtype: str) -> np.ndarray:
    """One unit in the last place of `dtype` at each |x|, as float64; that of the smallest normal number below it."""
    info = ml_dtypes.finfo(numpy_dtype(dtype))
    size = np.maximum(np.abs(np.where(np.isfinite(x), x, 1.0)), float(info.smallest_normal))
    _, exponent = np.frexp(size)
    return np.ldexp(1.0, exponent - 1 - info.nmant)


def rounded(reference: np.ndarray, dtype: str) -> np.ndarray:
    """The reference in `dtype`: beyond its range infinite, or wrapped around for integers."""
    with np.errstate(all="ignore"):
        return np.asarray(reference).astype(numpy_dtype(dtype))


def errors(actual: np.ndarray, reference: np.ndarray, condition: np.ndarray | None = None, normwise: bool = False) -> np.ndarray:
    """Error of each element of `actual` in units; infinite where NaN, infinities, integers or bools differ.

    >>> errors(np.float32([1.0, 2.0]), np.array([1.0, 2.0 + 2**-22])).tolist()
    [0.0, 1.0]
    """
    dtype = part_dtype(actual.dtype.name)  # a complex number errs by the distance from it
    expected = rounded(reference, actual.dtype.name)
    if not is_float(dtype):
        return np.where(actual == expected, 0.0, np.inf)
    info = ml_dtypes.finfo(numpy_dtype(dtype))
    a, b = (x.astype("float64" if dtype == actual.dtype.name else "complex128") for x in (actual, expected))
    unit = np.maximum(spacing(np.abs(reference), dtype), spacing(_typical(b), dtype) / 16)
    if normwise:
        unit = np.maximum(unit, spacing(np.max(np.abs(b), initial=0.0, where=np.isfinite(b)), dtype))
    if condition is not None:
        unit = np.maximum(unit, float(info.eps) * condition)
    flushed = (a == 0) & (np.abs(b) < float(info.smallest_normal))  # engines may flush subnormal results to zero
    with np.errstate(all="ignore"):
        units = np.abs(a - b) / unit
    return np.where((a == b) | (np.isnan(a) & np.isnan(b)) | flushed, 0.0, np.where(np.isfinite(units), units, np.inf))


def _typical(x: np.ndarray) -> np.ndarray:
    """The (lower) median of the sizes of the elements that are finite and not zero."""
    sizes = np.sort(np.abs(x[np.isfinite(x) & (x != 0)]), axis=None)
    return sizes[(sizes.size - 1) // 2] if sizes.size else np.zeros(())


def condition(function: Callable[[Arrays], Arrays], arrays: Arrays, base: Arrays) -> Arrays:
    """How much each element of `function(arrays)` changes per relative change of the float arguments.

    Jumps (`floor` at an integer, ties of `argmax`) are told from slopes by a second, smaller step and count as no change.
    """
    rng = np.random.default_rng(0)
    total = [np.zeros(np.shape(x)) for x in base]
    for _ in range(DRAWS):
        moves = [rng.choice([-1, 1], x.shape) * rng.uniform(0.5, 1, x.shape) if x.dtype == np.float64 else None for x in arrays]
        if all(m is None or m.size == 0 for m in moves):
            break
        first, second = (_change(function, arrays, base, moves, step) for step in STEPS)
        for out, a, b in zip(total, first, second, strict=True):
            np.maximum(out, np.where(b > 4 * a, 0.0, np.minimum(a, b)), out=out)
    return total


def _change(function: Callable[[Arrays], Arrays], arrays: Arrays, base: Arrays, moves: list[Any], step: float) -> Arrays:
    moved = [x if m is None else np.asarray(x * (1 + step * m)) for x, m in zip(arrays, moves, strict=True)]
    out = []
    with np.errstate(all="ignore"):
        for a, b in zip(function(moved), base, strict=True):
            change = np.abs(np.subtract(a, b, dtype="complex128")) / step
            out.append(np.where(np.isfinite(change), change, 0.0))
    return out
