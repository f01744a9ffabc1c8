"""Complex numbers and their parts, and the bits of numbers."""

from __future__ import annotations

from typing import Any

from keras_lite.engine import registry
from keras_lite.engine.dtypes import COMPLEX, numpy_dtype, part_dtype, standardize
from keras_lite.engine.errors import invalid
from keras_lite.ops import references_spectral as references
from keras_lite.ops import sizes
from keras_lite.ops.arithmetic import arctan2, equal, logical_and, multiply, not_equal, where
from keras_lite.ops.core import cast, stop_gradient
from keras_lite.ops.data import as_tensor, refuse_complex
from keras_lite.ops.elementwise import cos, negative, sin
from keras_lite.ops.facts import dtype_of, shape_of
from keras_lite.ops.families import INF, NAN, NO_TENSOR
from keras_lite.ops.sample import Array, Sample, array, boolean, c64, f32, i32
from keras_lite.ops.shaping import part_of, reshape, stack
from keras_lite.ops.statistics import wide
from keras_lite.ops.table import op, primitive

_ODD = array([complex(NAN, 1), complex(INF, -2), complex(-0.0, INF), complex(1e30, -1e-30), complex(-3, 0.0), complex(-3, -0.0), 0],
             "complex64")
PARTS = (Sample(c64(3, 4)), Sample(c64()), Sample(c64(0, 2)), Sample(_ODD), Sample(f32(3, 2)), Sample(f32(0, 2)), Sample(i32(2, 3)),
         Sample(boolean(3)), Sample(array([1 - 2j, 3j], "complex128")), Sample(2.5), NO_TENSOR)


@primitive(samples=PARTS)
def real(engine: Any, x: Any) -> Any:
    """The real part of each element of `x`, a float; `x` itself if it is real.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.real([3 + 4j, 2j])).tolist()
    [3.0, 0.0]
    """
    x = as_tensor(engine, x)
    return (x,) if engine.dtype_of(x) in COMPLEX else x


@primitive(samples=PARTS)
def imag(engine: Any, x: Any) -> Any:
    """The imaginary part of each element of `x`, a float; if `x` is real, 0 in its dtype.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.imag([3 + 4j, 2j])).tolist(), ops.convert_to_numpy(ops.imag([1, 2])).tolist()
    ([4.0, 2.0], [0, 0])
    """
    x = as_tensor(engine, x)
    return (x,) if engine.dtype_of(x) in COMPLEX else engine.full(engine.shape_of(x), 0, engine.dtype_of(x))


@primitive(reference=references.make_complex,
           samples=(Sample(f32(3, 4), f32(4)), Sample(f32(), f32()), Sample(f32(0, 2), f32(2)), Sample(f32(2, 1), f32(3)),
                    Sample(array([INF, NAN]), array([1.0, -INF]), grad=False),
                    Sample(f32(2), f32(3), error=r"shapes \(2,\) and \(3,\) of the parts do not broadcast")), dtypes=("float32", "float64"))
def make_complex(engine: Any, real: Any, imag: Any) -> tuple[Any, ...]:
    """Complex numbers from their parts, float32 or float64 tensors of one dtype that broadcast."""
    parts = as_tensor(engine, real), as_tensor(engine, imag)
    for part in parts:
        refuse_complex("complex", engine.dtype_of(part))
    return parts


@op(samples=PARTS, reference=references.conj)
def conj(x: Any) -> Any:
    """The complex conjugate of each element of `x`, its imaginary part negated; `x` itself if it is real.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.conj([3 + 4j, 2j])).tolist()
    [(3-4j), -2j]
    """
    return make_complex(real(x), negative(imag(x))) if dtype_of(x) in COMPLEX else x


@op(samples=PARTS, reference=references.conj)
def conjugate(x: Any) -> Any:
    """The complex conjugate of each element of `x`, another name of `conj`.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.conjugate([3 + 4j, 2j])).tolist()
    [(3-4j), -2j]
    """
    return conj(x)


@op(floating=True, complexes=True, samples=(*PARTS, Sample(array([1.0, -1.0, 0.0, -0.0, NAN, INF]), grad=False)))
def angle(x: Any) -> Any:
    """The angle of each element of `x` in the complex plane, in [-pi, pi] radians: 0 or pi for a real number.

    The result is a float; the gradient at 0 is 0.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.angle([2 + 0j, 1j, -1 - 1j])).round(3)
    array([ 0.   ,  1.571, -2.356], dtype=float32)
    >>> ops.convert_to_numpy(ops.angle([5.0, -5.0])).round(3)
    array([0.   , 3.142], dtype=float32)
    """
    across, up = real(x), imag(x)
    if dtype_of(x) not in COMPLEX:
        return arctan2(up, stop_gradient(across))
    zero = logical_and(equal(across, 0), equal(up, 0))
    return where(zero, stop_gradient(arctan2(up, across)), arctan2(where(zero, 0.0, up), where(zero, 1.0, across)))


@op(tensors=("abs_", "angle"), floating=True, reference=references.polar,
    samples=(Sample(f32(3, 4), f32(3, 4)), Sample(f32(2, 1), f32(3)), Sample(f32(), f32()), Sample(f32(0, 2), f32(2)), Sample(2, f32(3)),
             Sample(i32(3), i32(3)), Sample(array([1e30, 1e-30, -1.0, 0.0]), f32(4)), Sample(array([NAN, INF]), f32(2), grad=False),
             Sample(f32(2), f32(3), error=r"\(2,\) and \(3,\) do not broadcast"),
             Sample(array([1j], "complex64"), f32(1), error="is for real numbers, got complex64")))
def polar(abs_: Any, angle: Any) -> Any:
    """Complex numbers `abs_ * (cos(angle) + i sin(angle))`: complex128 from float64, complex64 from all else.

    Args:
        abs_: their absolute values, real.
        angle: their angles in radians, which broadcast with `abs_`.

    Raises:
        TypeError: an argument is complex already.

    >>> import numpy as np
    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.polar([1.0, 2.0], [0.0, np.pi / 2])).round(3).tolist()
    [(1+0j), (-0+2j)]
    """
    size, turn = wide(abs_), wide(angle)
    return make_complex(multiply(size, cos(turn)), multiply(size, sin(turn)))


@op(floating=True, reference=references.view_as_complex,
    samples=(Sample(f32(3, 2)), Sample(f32(2)), Sample(f32(0, 2)), Sample(f32(2, 3, 2)), Sample(i32(3, 2)), Sample(boolean(3, 2)),
             Sample(array([[INF, NAN], [1e30, -0.0]]), grad=False),
             Sample(f32(3), error=r"the last axis must have size 2, got shape \(3,\)"),
             Sample(f32(), error=r"the last axis must have size 2, got shape \(\)"),
             Sample(c64(3, 2), error="is for real numbers, got complex64")))
def view_as_complex(x: Any) -> Any:
    """Complex numbers from the pairs (real, imaginary) along the last axis of `x`: (..., 2) -> (...).

    complex128 from float64, complex64 from all else.  Raises ValueError where the last axis has another size than 2.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.view_as_complex([[3.0, 4.0], [0.0, -1.0]])).tolist()
    [(3+4j), -1j]
    """
    shape = shape_of(x)
    if not shape or (isinstance(shape[-1], int) and shape[-1] != 2):
        raise invalid("view_as_complex", f"the last axis must have size 2, got shape {shape}")
    x, axis = wide(x), len(shape) - 1
    return make_complex(*(reshape(part_of(x, axis, i, i + 1), shape[:-1]) for i in (0, 1)))


@op(samples=PARTS, reference=references.view_as_real)
def view_as_real(x: Any) -> Any:
    """The parts of the complex numbers `x` along a new last axis: (...) -> (..., 2), of real ones with 0 behind them.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.view_as_real([3 + 4j, 2j])).tolist()
    [[3.0, 4.0], [0.0, 2.0]]
    """
    return stack([real(x), imag(x)], -1)


# --- bits ----------------------------------------------------------------------------------------------------------------


@primitive(differentiable=False, bits=True, reference=references.view, dtypes=("float32", "float64", "int16"),
           samples=(Sample(f32(3, 4), "int32"), Sample(f32(2), "uint8"), Sample(Array((2, 4), "int16"), "float32"),
                    Sample(f32(0, 2), "float16"), Sample("text", "int32", error="expected a tensor")))
def bitcast(engine: Any, x: Any, dtype: str) -> tuple[Any, ...]:
    """The bits of a tensor of integers or floats read as another such dtype, whose numbers fill the last axis."""
    return as_tensor(engine, x), dtype


@op(differentiable=False, bits=True, reference=references.view, samples=(
    Sample(f32(3, 4), "int32"), Sample(f32(2, 3), "uint8"),
    Sample(array([[1, 2, 3, 4], [0, 0, 128, 63]], "uint8"), "float32"), Sample(f32(3)),
    Sample(f32(), "int32"), Sample(f32(), "bool", error="a scalar of float32 has 4 bytes, and bool 1"), Sample(f32(0, 2), "uint16"),
    Sample(f32(2, 0), "float16"), Sample(boolean(4), "uint8"), Sample(boolean(2, 4), "float32"), Sample(array([0, 1, 2], "uint8"), "bool"),
    Sample(c64(3), "float32"), Sample(c64(2), "int32"),
    Sample(Array((2, 3), "int16"), "float32", error=r"the last axis of shape \(2, 3\) has 6 bytes"), Sample(f32(2, 4), "complex64"),
    Sample(array([[1 - 2j, 3j]], "complex128"), "complex64"), Sample(i32(3), dtype="float32"),
    Sample(array([1.0, -2.0], "bfloat16"), "int16"), Sample(array([16256, 0], "int16"), "bfloat16"), Sample(c64(), "complex64"),
    Sample(array([NAN, INF, -0.0, 1e-45, 1e30]), "uint32"),
    Sample(f32(2), "flaot32", error="'flaot32' is no dtype")))
def view(x: Any, dtype: Any = None) -> Any:
    """The bits of `x` read as another dtype, without a gradient.

    Where the widths differ, the last axis is longer or shorter accordingly: float32 (3, 4) gives uint8 (3, 16).  Any number that is
    not 0 makes a bool true.

    Args:
        x: a tensor.
        dtype: what its bytes are to be; None leaves them as they are.

    Raises:
        ValueError: the last axis is no multiple of the new width, a scalar has another width, or the engine has no such dtype as it is set.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.view([1.0, -2.0], "int32")).tolist()
    [1065353216, -1073741824]
    >>> ops.convert_to_numpy(ops.view([1.0], "uint8")).tolist()
    [0, 0, 128, 63]
    """
    source = dtype_of(x)
    target = source if dtype is None else standardize(dtype)
    if target == source:
        return x
    _check_bytes(shape_of(x), source, target)
    return _read(x, target) if shape_of(x) else reshape(_read(reshape(x, (1,)), target), ())


def _check_bytes(shape: tuple[Any, ...], source: str, target: str) -> None:
    engine = registry.current()
    if engine.canonical_dtype(target) != target:
        raise invalid("view", f"the {engine.name} engine has no {target} as it is set: {engine.how_to_widen}")
    given, wanted = numpy_dtype(source).itemsize, numpy_dtype(target).itemsize
    if not shape and given != wanted:
        raise invalid("view", f"a scalar of {source} has {given} bytes, and {target} {wanted}; give it an axis")
    if shape and isinstance(shape[-1], int) and shape[-1] * given % wanted:
        raise invalid("view", f"the last axis of shape {shape} has {shape[-1] * given} bytes, and {target} needs a multiple of {wanted}")


def _read(x: Any, target: str) -> Any:
    """`x`, which has an axis, as `target`; engines are asked about integers and floats alone."""
    source, (*lead, n) = dtype_of(x), shape_of(x)
    if source in COMPLEX:
        x = reshape(view_as_real(x), (*lead, sizes.times(n, 2)))
    elif source == "bool":
        x = cast(x, "uint8")
    inner = "uint8" if target == "bool" else part_dtype(target)
    y = x if dtype_of(x) == inner else bitcast(x, inner)
    if target == "bool":
        return not_equal(y, 0)
    if target not in COMPLEX:
        return stop_gradient(y)
    count = shape_of(y)[-1]
    return stop_gradient(view_as_complex(reshape(y, (*lead, None if count is None else count // 2, 2))))
