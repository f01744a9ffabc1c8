"""How sequences go together: correlation coefficients and cross-correlation."""

from __future__ import annotations

from typing import Any

from keras_lite import config
from keras_lite.engine.dtypes import to_float
from keras_lite.engine.errors import invalid, unknown_name
from keras_lite.ops import sizes
from keras_lite.ops.arithmetic import add, clip, divide, equal, floor_divide, greater_equal, logical_and, maximum, subtract, where
from keras_lite.ops.contraction import matmul
from keras_lite.ops.convolution import conv
from keras_lite.ops.core import cast, stop_gradient
from keras_lite.ops.creation import eye, zeros
from keras_lite.ops.elementwise import absolute, is_finite, sqrt, square
from keras_lite.ops.facts import dtype_of, rank_of, shape_of
from keras_lite.ops.families import INF, NAN
from keras_lite.ops.hosted import hosted
from keras_lite.ops.reductions import reduce_max, reduce_sum
from keras_lite.ops.sample import Sample, array, boolean, f32, i32
from keras_lite.ops.shaping import concatenate, reshape, transpose
from keras_lite.ops.statistics import back, mean, wide
from keras_lite.ops.table import op


@op(samples=(Sample(f32(3, 5)), Sample(f32(6)), Sample(i32(2, 4)), Sample(boolean(2, 6)), Sample(f32(3, 4, low=100, high=101)),
             Sample(array([[1e30, 2e30, -1e30], [1e-30, 3e-30, 2e-30]]), grad=False),
             Sample(array([[1.0, 2.0, 4.0], [3.0, 3.0, 3.0]]), grad=False),
             Sample(f32(2, 1), grad=False), Sample(f32(2, 0), grad=False), Sample(f32(0, 3)), Sample(f32(), grad=False),
             Sample(array([[1.0, INF, 2.0], [1.0, 2.0, NAN], [1.0, 2.0, 4.0]]), grad=False),
             Sample(f32(2, 3, 4), error=r"expected up to 2 axes, got shape \(2, 3, 4\)")))
def corrcoef(x: Any) -> Any:
    """Pearson's correlation coefficients of the rows of `x`: (variables, observations) -> (variables, variables), in [-1, 1].

    Of one vector 1.  NaN where a variable is constant.  int64 gives float64, other integers and bools give `floatx`.  Raises ValueError
    for more than two axes.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.corrcoef([[1.0, 2.0, 4.0], [3.0, 1.0, 2.0]])).round(3)
    array([[ 1.   , -0.327],
           [-0.327,  1.   ]], dtype=float32)
    """
    if rank_of(x) > 2:
        raise invalid("corrcoef", f"expected up to 2 axes, got shape {shape_of(x)}")
    dtype = dtype_of(x)
    x = cast(x, "float64" if dtype == "int64" else to_float(dtype, config.floatx()))
    rows = wide(x if rank_of(x) == 2 else reshape(x, (1, -1)))
    centered = subtract(rows, mean(rows, 1, keepdims=True))
    # the scale has no influence on the result: it only keeps squares from overflow
    scale = stop_gradient(reduce_max(absolute(centered), 1, keepdims=True, initial=0.0))
    centered = divide(centered, where(equal(scale, 0), 1.0, scale))
    norms = sqrt(reduce_sum(square(centered), 1, keepdims=True))
    found = divide(divide(matmul(centered, transpose(centered)), norms), transpose(norms))
    own = logical_and(eye(shape_of(rows)[0], dtype="bool"), is_finite(found))
    found = where(own, 1.0, clip(found, -1.0, 1.0))
    return back(found if rank_of(x) == 2 else reshape(found, ()), x)


# --- cross-correlation ---------------------------------------------------------------------------------------------------

MODES = ("valid", "same", "full")


@op(tensors=("x1", "x2"), floating=True, samples=(
    Sample(f32(6), f32(3)), *(Sample(f32(n), f32(m), mode=mode) for mode in MODES for n, m in ((6, 3), (7, 4), (3, 6), (4, 7), (2, 2))),
    Sample(i32(5), i32(2), "full"), Sample(boolean(5), boolean(2)), Sample(f32(5), i32(3)), Sample(f32(1), f32(1)),
    Sample(f32(4), [1.0, -1.0]), Sample(array([1e20, -1e-20, 3.0]), array([1e10, 2.0])),
    Sample(array([1.0, NAN, 2.0, 3.0, 4.0]), f32(2), grad=False),
    Sample(f32(0), f32(2), error=r"neither may be empty, got shapes \(0,\) and \(2,\)"),
    Sample(f32(2, 2), f32(2), error=r"expected two vectors, got shapes \(2, 2\) and \(2,\)"),
    Sample(f32(3), f32(2), mode="half", error="unknown mode 'half'")))
@hosted
def correlate(x1: Any, x2: Any, mode: str = "valid") -> Any:
    """Cross-correlation of two vectors: `sum_n x1[n + k] * x2[n]` for each shift k, a float.

    Args:
        x1, x2: vectors; the length of `x2` must be known.
        mode: for which shifts: "valid" for those at which one lies wholly inside the other, "full" for all at which they meet, "same"
            for the middle ones of these, as many as the longer one has elements.

    Raises:
        ValueError: an argument is no vector or empty, or the mode is unknown.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.correlate([1.0, 2.0, 3.0], [0.0, 1.0, 0.5])).tolist()
    [3.5]
    >>> ops.convert_to_numpy(ops.correlate([1.0, 2.0, 3.0], [0.0, 1.0, 0.5], mode="full")).tolist()
    [0.5, 2.0, 3.5, 3.0, 0.0]
    """
    if mode not in MODES:
        raise unknown_name("mode", mode, MODES)
    shapes = shape_of(x1), shape_of(x2)
    if [len(shape) for shape in shapes] != [1, 1]:
        raise invalid("correlate", f"expected two vectors, got shapes {shapes[0]} and {shapes[1]}")
    if any(map(sizes.is_empty, shapes)):
        raise invalid("correlate", f"neither may be empty, got shapes {shapes[0]} and {shapes[1]}")
    (n,), (m,) = shapes
    if m is None:
        raise invalid("correlate", f"the length of x2 must be known, got shapes {shapes[0]} and {shapes[1]}")
    before, after = (zeros((size,), dtype_of(x1)) for size in _margins(n, m, mode))
    padded = concatenate([part for part in (before, x1, after) if not sizes.is_empty(shape_of(part))])
    return reshape(conv(reshape(padded, (1, -1, 1)), reshape(x2, (m, 1, 1))), (-1,))


def _margins(n: Any, m: Any, mode: str) -> tuple[Any, Any]:
    """Numbers of zeros before and after `n` elements, where a window of `m` is to take the positions of `mode`."""
    if mode == "full":
        return m - 1, m - 1
    if n is None:
        return None, None
    if isinstance(n, int) and isinstance(m, int):
        if mode == "valid":
            return max(m - n, 0), max(m - n, 0)
        before = m // 2 if n >= m else m - 1 - n // 2
        return before, max(n, m) + m - 1 - n - before
    if mode == "valid":
        return (maximum(subtract(m, n), 0),) * 2
    before = where(greater_equal(n, m), m // 2, subtract(m - 1, floor_divide(n, 2)))
    return before, subtract(add(maximum(n, m), m - 1), add(n, before))
