"""The JAX engine: the functions of `keras_lite.engine.contract` on `jax.Array`.

Arrays are immutable, so an eager variable holds an array and `write` returns the new one.  64-bit dtypes exist only while JAX's own
x64 mode is on, which this engine never switches; without it `canonical_dtype` narrows them.  Products of float32 matrices take
the precision of `jax.default_matmul_precision`, whose default is TF32 on recent GPUs.
"""

# ruff: noqa: A004, F401  # re-exports under the names of the contract, which include "compile" and "round"

from keras_lite_jax.complex_numbers import bitcast, fourier, imag, make_complex, real, real_fourier
from keras_lite_jax.contraction import conv, conv_transpose, einsum, matmul, reduce_window
from keras_lite_jax.control import cond, scan, vectorized_map, while_loop
from keras_lite_jax.elementwise import (
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
from keras_lite_jax.indexing import argsort, gather, scatter, searchsorted, sort, take_along_axis, top_k
from keras_lite_jax.linear_algebra import (
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
from keras_lite_jax.natives import FIRST_ORDER, NATIVES
from keras_lite_jax.nests import flatten_nest
from keras_lite_jax.randomness import native_random_bits, random_bits
from keras_lite_jax.reductions import (
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
from keras_lite_jax.shaping import (
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
from keras_lite_jax.sparse import is_sparse, make_sparse, sparse_parts
from keras_lite_jax.state import read, untraced, variable, write
from keras_lite_jax.tensors import (
    adopt,
    canonical_dtype,
    cast,
    convert,
    copy,
    device,
    devices,
    dtype_of,
    full,
    how_to_widen,
    iota,
    is_tensor,
    shape_of,
    to_numpy,
    wide_dtypes,
)
from keras_lite_jax.transformation import (
    compile,
    compile_step,
    custom_gradient,
    eval_shape,
    held_back,
    is_eager,
    is_traced,
    stop_gradient,
    value_and_grad,
)

name = "jax"
