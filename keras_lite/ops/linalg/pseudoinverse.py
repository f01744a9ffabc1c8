"""The pseudoinverse, whose gradients of every order exist for equal singular values too."""

from __future__ import annotations

from typing import Any

from keras_lite.engine import registry
from keras_lite.ops import references_linalg as references
from keras_lite.ops import sizes
from keras_lite.ops.arithmetic import add, divide, equal, greater, logical_or, multiply, subtract, where
from keras_lite.ops.contraction import matmul
from keras_lite.ops.core import cast, stop_gradient
from keras_lite.ops.creation import zeros_like
from keras_lite.ops.elementwise import square
from keras_lite.ops.facts import dtype_of, shape_of
from keras_lite.ops.linalg.matrices import COMPLEX_MATRIX, LOW_RANK, VECTOR, composed, largest, matrix, rounding, solved, swap
from keras_lite.ops.reductions import reduce_sum
from keras_lite.ops.sample import Sample, array, f32
from keras_lite.ops.shaping import expand_dims
from keras_lite.ops.statistics import back
from keras_lite.ops.table import op


@op(floating=True, reference=references.pinv, normwise=True,
    samples=(Sample(f32(4, 3)), Sample(f32(2, 2, 5)), Sample(f32(3, 3)), Sample(array([[1, 0], [0, 0.01]]), rcond=0.1), Sample(f32(0, 3)),
             Sample(LOW_RANK, grad=False), Sample(array([[2, 0], [1, 1]], "int32")), Sample(f32(2, 3, 0)),
             Sample(array([[1e18, 0], [0, 1e18]])), VECTOR, COMPLEX_MATRIX))
def pinv(x: Any, rcond: float | None = None) -> Any:
    """The pseudoinverse (..., n, m) of `x` (..., m, n): singular values up to `rcond` times the largest one count as 0.

    By default `rcond` is max(m, n) units of the dtype.  Its gradients exist for equal singular values too.  Raises ValueError for less
    than two axes.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.pinv([[2.0, 0.0], [0.0, 0.0], [0.0, 0.0]])).round(3)
    array([[0.5, 0. , 0. ],
           [0. , 0. , 0. ]], dtype=float32)
    """
    y = matrix("pinv", x)
    limit = rounding(x, y) if rcond is None else rcond
    m, n = shape_of(y)[-2:]
    wide = isinstance(m, int) and isinstance(n, int) and m < n
    return back(swap(_by_columns(swap(y), limit)) if wide else _by_columns(y, limit), x)


def _by_columns(x: Any, limit: Any) -> Any:
    """The pseudoinverse; for matrices of more rows than columns no step of its gradients is larger than they are."""
    u, s, vt = registry.current().svd(stop_gradient(x))
    counts = greater(s, multiply(largest(s), limit))
    return _pinv(x, u, where(counts, divide(1.0, where(counts, s, 1.0)), 0.0), where(counts, 0.0, s), vt)


def _pinv(x: Any, *factors: Any) -> Any:
    """The pseudoinverse of `x` by its `factors`: the singular vectors u and vt with, between them, one over the singular values that
    count and the `rest` of these values.

    The gradient flows into `x` alone: singular vectors have none where values are equal.
    """
    def forward(x: Any, u: Any, inverse: Any, rest: Any, vt: Any) -> list[Any]:
        return [swap(composed(u, inverse, vt))]

    return solved(forward, _pinv_slope, [x, *factors])[0]


def _pinv_slope(residuals: list[Any], cotangents: list[Any]) -> list[Any]:
    """The adjoint of the generalized matrix function f(s) = 1 / s or 0 (Noferini, "A formula for the Frechet derivative of a generalized
    matrix function", 2017), in the pseudoinverse and what it leaves out of `x` instead of singular vectors: so it has gradients.

    Its parts between values s1 that count and others s2 solve `(s1**2 - s2**2) * part == right`, as `part - (s2 / s1)**2 * part == ...`.
    """
    (x, u, inverse, rest, vt, p), c = residuals, cotangents[0]
    pt, g, basis = swap(p), swap(c), (u, inverse, rest, vt)
    counts = cast(greater(inverse, 0), dtype_of(x))
    u1, v1 = multiply(u, expand_dims(counts, -2)), multiply(swap(vt), expand_dims(counts, -2))
    px, pg, pp, cp = matmul(p, x), matmul(p, g), matmul(p, pt), matmul(c, pt)
    of_rows, of_columns = (equal(reduce_sum(counts, -1), sizes.number(n)) for n in shape_of(x)[-2:])
    left_out = _valued(composed(u, rest, vt), subtract(x, matmul(x, px)), logical_or(of_rows, of_columns))
    rows = _valued(subtract(pg, matmul(matmul(pg, v1), swap(v1))), subtract(pg, matmul(pg, px)), of_columns)
    columns = _valued(subtract(g, matmul(u1, matmul(swap(u1), g))), subtract(g, matmul(x, pg)), of_rows)
    above = matmul(pt, add(rows, matmul(pp, matmul(c, left_out))))
    below = matmul(add(columns, matmul(left_out, cp)), pp)
    ratio = multiply(expand_dims(inverse, -1), expand_dims(rest, -2))
    factor = divide(square(ratio), multiply(subtract(1.0, ratio), add(1.0, ratio)))
    across = add(_stein(p, left_out, above, u, factor, vt), _stein(swap(left_out), pt, below, u, swap(factor), vt))
    return [subtract(across, matmul(pt, cp)), *map(zeros_like, basis)]


def _valued(value: Any, formula: Any, nothing: Any) -> Any:
    """The `value`, exact where the `formula` for it cancels, with the gradients of the formula; 0 for matrices of full rank, where both
    are only rounding."""
    result = add(stop_gradient(value), subtract(formula, stop_gradient(formula)))
    return where(expand_dims(nothing, (-2, -1)), 0.0, result)


def _stein(a: Any, b: Any, right: Any, *basis: Any) -> Any:
    """`z` with `z - a.T @ a @ z @ b.T @ b == right`; the `basis` has the singular vectors u of `a.T` and vt of `b`, and between them
    r**2 / (1 - r**2) for the products r of singular values of `a` and `b`."""
    def forward(a: Any, b: Any, right: Any, u: Any, factor: Any, vt: Any) -> list[Any]:
        inner = multiply(factor, matmul(swap(u), matmul(right, swap(vt))))
        return [add(right, matmul(u, matmul(inner, vt)))]

    return solved(forward, _stein_slope, [a, b, right, *basis])[0]


def _stein_slope(residuals: list[Any], cotangents: list[Any]) -> list[Any]:
    a, b, _, *basis, z = residuals
    w = _stein(a, b, cotangents[0], *basis)
    az, aw, bb = matmul(a, z), matmul(a, w), matmul(swap(b), b)
    both = matmul(swap(az), aw)
    slope = add(matmul(matmul(aw, bb), swap(z)), matmul(matmul(az, bb), swap(w)))
    return [slope, matmul(b, add(both, swap(both))), w, *map(zeros_like, basis)]
