"""The NumPy engine: the functions of `keras_lite.engine.contract` on plain `numpy.ndarray`.

It is the reference: float64 is correct to rounding, and everything runs as it stands, one call after the other.  It trains too: `tape`
has reverse-mode differentiation of any order, with each function's derivative said beside it.
"""

# ruff: noqa: A004, F401  # re-exports under the names of the contract, which include "compile" and "round"

from keras_lite_numpy import operators
from keras_lite_numpy.complex_numbers import bitcast, fourier, imag, make_complex, real, real_fourier
from keras_lite_numpy.contraction import conv, conv_transpose, einsum, matmul, reduce_window
from keras_lite_numpy.control import cond, scan, vectorized_map, while_loop
from keras_lite_numpy.elementwise import (
    absolute,
    add,
    arccos,
    arccosh,
    arcsin,
    arcsinh,
    arctan,
    arctan2,
    arctanh,
    bitwise_and,
    bitwise_not,
    bitwise_or,
    bitwise_xor,
    ceil,
    cos,
    cosh,
    digamma,
    divide,
    equal,
    erf,
    erfinv,
    exp,
    expm1,
    floor,
    floor_divide,
    greater,
    greater_equal,
    is_finite,
    is_nan,
    left_shift,
    less,
    less_equal,
    lgamma,
    log,
    log1p,
    maximum,
    minimum,
    multiply,
    negative,
    nextafter,
    not_equal,
    power,
    remainder,
    right_shift,
    round,
    rsqrt,
    sign,
    sin,
    sinh,
    sqrt,
    subtract,
    tan,
    tanh,
    where,
)
from keras_lite_numpy.indexing import argsort, gather, scatter, searchsorted, sort, take_along_axis, top_k
from keras_lite_numpy.linear_algebra import (
    cholesky,
    det,
    eig,
    eigh,
    lu_factor,
    qr,
    singular_values,
    slogdet,
    solve,
    solve_triangular,
    svd,
)
from keras_lite_numpy.natives import NATIVES
from keras_lite_numpy.randomness import native_random_bits, random_bits
from keras_lite_numpy.reductions import (
    argmax,
    argmin,
    cumprod,
    cumsum,
    reduce_all,
    reduce_any,
    reduce_max,
    reduce_min,
    reduce_prod,
    reduce_sum,
)
from keras_lite_numpy.shaping import (
    broadcast_to,
    concatenate,
    dynamic_slice,
    dynamic_update_slice,
    flip,
    pad,
    reshape,
    strided_slice,
    transpose,
)
from keras_lite_numpy.state import read, untraced, variable, write
from keras_lite_numpy.tensors import (
    canonical_dtype,
    cast,
    convert,
    copy,
    device,
    devices,
    dtype_of,
    full,
    iota,
    is_tensor,
    shape_of,
    to_numpy,
)
from keras_lite_numpy.transformation import (
    compile,
    compile_step,
    custom_gradient,
    eval_shape,
    is_eager,
    on_host,
    stop_gradient,
    value_and_grad,
)

name = "numpy"
