"""Systems of linear equations, inverses and determinants."""

from __future__ import annotations

from typing import Any

from keras_lite.engine import registry
from keras_lite.engine.errors import invalid
from keras_lite.ops import references_linalg as references
from keras_lite.ops.contraction import matmul
from keras_lite.ops.creation import eye
from keras_lite.ops.facts import dtype_of, rank_of, shape_of
from keras_lite.ops.linalg.matrices import COMPLEX_MATRIX, LOW_RANK, NOT_SQUARE, VECTOR, matrix, refuse_failure, rounding, square_matrix
from keras_lite.ops.linalg.pseudoinverse import pinv
from keras_lite.ops.sample import Sample, array, f32
from keras_lite.ops.shaping import expand_dims, squeeze
from keras_lite.ops.statistics import back, wide
from keras_lite.ops.table import op

REGULAR = array([[2, 0], [1, 1]], "int32")
SINGULAR = "the matrix is singular"
SYSTEMS = (Sample(f32(3, 3), f32(3)), Sample(f32(3, 3), f32(3, 2)), Sample(f32(2, 4, 4), f32(2, 4)), Sample(f32(2, 3, 3), f32(3)),
           Sample(f32(2, 1, 3, 3), f32(1, 4, 3, 2)), Sample(f32(3, 3), f32(2, 3, 2)), Sample(f32(0, 0), f32(0)),
           Sample(f32(2, 2), f32(2, 0)), Sample(f32(0, 2, 2), f32(0, 2, 1)), Sample(REGULAR, f32(2)), Sample(REGULAR, REGULAR),
           Sample(array([[1e10, 0], [1, 1e-10]]), f32(2), grad=False))
WRONG_SYSTEMS = (Sample(f32(3, 2), f32(3), error=r"the matrices must be square, got shape \(3, 2\)"),
                 Sample(f32(3), f32(3), error="a matrix has 2 axes or more"),
                 Sample(f32(3, 3), f32(2, 2), error=r"a has 3 rows and b has 2, got the shapes \(3, 3\) and \(2, 2\)"),
                 Sample(f32(3, 3), f32(), error=r"b needs at least 1 axis, got shape \(\)"),
                 Sample(f32(2, 3, 3), f32(4, 3, 1), error=r"leading axes of \(2, 3, 3\) and \(4, 3, 1\) do not broadcast"),
                 Sample(array([[1j]], "complex64"), f32(1), error="is for real numbers, got complex64"))


def _system(name: str, a: Any, b: Any) -> tuple[Any, Any, bool]:
    """A matrix, right-hand sides as columns, and whether `b` was a vector, or a stack of them: it has an axis less than `a`."""
    if rank_of(b) == 0:
        raise invalid(name, f"b needs at least 1 axis, got shape {shape_of(b)}")
    vectors = rank_of(b) in (1, rank_of(a) - 1)
    rows, given = shape_of(a)[-2], shape_of(b)[-1 if vectors else -2]
    if isinstance(rows, int) and isinstance(given, int) and rows != given:
        raise invalid(name, f"a has {rows} rows and b has {given}, got the shapes {shape_of(a)} and {shape_of(b)}")
    b = wide(b)
    return a, expand_dims(b, -1) if vectors else b, vectors


@op(tensors=("a", "b"), floating=True, fails=True, samples=(*SYSTEMS, *WRONG_SYSTEMS), reference=references.solve)
def solve(a: Any, b: Any) -> Any:
    """`x` with `a @ x == b`.

    Args:
        a: matrices (..., n, n).
        b: (..., n, k), or (..., n) with one axis less than `a`; leading axes broadcast.  A `b` of one axis is a vector.

    Raises:
        ValueError: shapes that do not fit; eagerly, a singular matrix.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.solve([[2.0, 0.0], [0.0, 4.0]], [1.0, 1.0])).tolist()
    [0.5, 0.25]
    """
    matrices, columns, vectors = _system("solve", square_matrix("solve", a), b)
    x = registry.current().solve(matrices, columns)
    refuse_failure("solve", SINGULAR, x, matrices, columns)
    return back(squeeze(x, -1) if vectors else x, b)


@op(tensors=("a", "b"), floating=True, fails=True,
    samples=(*SYSTEMS, *WRONG_SYSTEMS, Sample(f32(3, 3, low=1), f32(3), lower=True), Sample(f32(2, 3, 3, low=1), f32(2, 3, 2), True)),
    reference=references.solve_triangular)
def solve_triangular(a: Any, b: Any, lower: bool = False) -> Any:
    """`x` with `a @ x == b` for triangular matrices.

    Args:
        a: matrices (..., n, n), of which one triangle is read.
        b: (..., n, k), or (..., n) with one axis less than `a`; leading axes broadcast.
        lower: whether that is the lower triangle; the upper one by default.

    Raises:
        ValueError: shapes that do not fit; eagerly, a zero on the diagonal.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.solve_triangular([[2.0, 0.0], [1.0, 1.0]], [2.0, 5.0], lower=True)).tolist()
    [1.0, 4.0]
    """
    matrices, columns, vectors = _system("solve_triangular", square_matrix("solve_triangular", a), b)
    x = registry.current().solve_triangular(matrices, columns, bool(lower))
    refuse_failure("solve_triangular", f"{SINGULAR}: there is a zero on its diagonal", x, matrices, columns)
    return back(squeeze(x, -1) if vectors else x, b)


@op(tensors=("a", "b"), floating=True, reference=references.lstsq, normwise=True,
    samples=(Sample(f32(4, 3), f32(4)), Sample(f32(3, 5), f32(3, 2)), Sample(f32(2, 4, 2), f32(2, 4)), Sample(f32(2, 4, 2), f32(2, 4, 3)),
             Sample(LOW_RANK, f32(4), rcond=0.01, grad=False), Sample(array([[1, 0], [0, 0.01]]), f32(2), 0.1), Sample(f32(0, 2), f32(0)),
             Sample(f32(3, 0), f32(3)), Sample(REGULAR, array([[1, 4], [2, 3]], "int32")), Sample(f32(3, 3), f32(3), rcond=-1.0),
             Sample(f32(3, 2), f32(2), error=r"a has 3 rows and b has 2"), Sample(f32(3), f32(3), error="a matrix has 2 axes or more"),
             Sample(f32(3, 3), f32(), error=r"b needs at least 1 axis")))
def lstsq(a: Any, b: Any, rcond: float | None = None) -> Any:
    """The `x` of least length among those for which `a @ x - b` is shortest.

    Args:
        a: matrices (..., m, n).
        b: (..., m, k), or (..., m) with one axis less than `a`.
        rcond: singular values up to this share of the largest one count as 0; by default (and if negative) max(m, n) units of the dtype.

    Raises:
        ValueError: shapes that do not fit.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.lstsq([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]], [1.0, 2.0, 6.0])).round(3)  # the line 0.5 + 2.5 t
    array([0.5, 2.5], dtype=float32)
    """
    matrices, columns, vectors = _system("lstsq", matrix("lstsq", a), b)
    x = matmul(pinv(matrices, rounding(a, matrices) if rcond is None or rcond < 0 else rcond), columns)
    return back(squeeze(x, -1) if vectors else x, b)


SQUARES = (Sample(f32(3, 3)), Sample(f32(2, 4, 4)), Sample(REGULAR), Sample(f32(0, 0)), Sample(f32(0, 2, 2)),
           Sample(array([[1e10, 0], [1, 1e-10]]), grad=False), NOT_SQUARE, VECTOR, COMPLEX_MATRIX)


@op(floating=True, fails=True, samples=SQUARES, reference=references.inv)
def inv(x: Any) -> Any:
    """The inverse of `x` (..., n, n).  Raises ValueError for matrices that are not square, and eagerly for a singular one.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.inv([[2.0, 0.0], [0.0, 4.0]])).tolist()
    [[0.5, 0.0], [0.0, 0.25]]
    """
    y = square_matrix("inv", x)
    inverse = registry.current().solve(y, eye(shape_of(y)[-1], dtype=dtype_of(y)))
    refuse_failure("inv", SINGULAR, inverse, y)
    return back(inverse, x)


@op(floating=True, samples=(*SQUARES, Sample(array([[1.0, 2.0], [2.0, 4.0]])), Sample(array([[0.0, 0.0], [0.0, 0.0]])),
                            Sample(array([[[1, 2, 3], [2, 4, 6], [1, 0, 1]], [[1, 2, 3], [2, 4, 6], [1, 0, 2]]]))),
    reference=references.det)
def det(x: Any) -> Any:
    """The determinant of `x` (..., n, n).  Its gradient, the matrix of cofactors, exists for singular matrices too.

    So does its second gradient, in float32; in float64, and where elimination leaves a rounding in place of a pivot of 0, that wants a
    regular matrix.  Raises ValueError for matrices that are not square.

    >>> from keras_lite import ops
    >>> float(ops.det([[2.0, 1.0], [0.0, 4.0]]))
    8.0
    """
    return back(registry.current().det(square_matrix("det", x)), x)


_LOGARITHMS = (*SQUARES, Sample(array([[1.0, 2.0], [2.0, 4.0]]), grad=False), Sample(array([[0.0, 1.0], [1.0, 0.0]])),
               Sample(array([[1e-20, 0.0], [0.0, 3e-20]]), grad=False), Sample(array([[0.0, -3e20], [1e25, 0.0]]), grad=False))


@op(floating=True, samples=_LOGARITHMS, reference=references.slogdet)
def slogdet(x: Any) -> tuple[Any, Any]:
    """The sign of the determinant of `x` (..., n, n) and the logarithm of its size; 0 and -inf for a singular matrix.

    Raises ValueError for matrices that are not square.

    >>> from keras_lite import ops
    >>> sign, logarithm = ops.slogdet([[0.0, 2.0], [3.0, 0.0]])
    >>> float(sign), round(float(logarithm), 3)  # -6
    (-1.0, 1.792)
    """
    sign, logarithm = registry.current().slogdet(square_matrix("slogdet", x))
    return back(sign, x), back(logarithm, x)


@op(floating=True, samples=_LOGARITHMS, reference=references.logdet)
def logdet(x: Any) -> Any:
    """The logarithm of the size of the determinant of `x` (..., n, n), whatever its sign; -inf for a singular matrix.

    Raises ValueError for matrices that are not square.

    >>> from keras_lite import ops
    >>> round(float(ops.logdet([[0.0, 2.0], [3.0, 0.0]])), 3)
    1.792
    """
    return back(registry.current().slogdet(square_matrix("logdet", x))[1], x)
