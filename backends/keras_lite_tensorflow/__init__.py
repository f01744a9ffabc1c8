"""The TensorFlow engine: the functions of `keras_lite.engine.contract` on `tf.Tensor`, on the CPU and on GPUs.

An eager variable holds a `tf.Variable`.  No global switch of TensorFlow is set, NumPy's promotion least of all.  Where a kernel
is missing for a dtype or differs from NumPy at NaN, at ties or at signs, the function here goes around it.
"""

# ruff: noqa: A004, F401  # re-exports under the names of the contract, which include "compile" and "round"

import keras_lite_tensorflow.loading  # first: it prepares the import of TensorFlow
from keras_lite_tensorflow.complex_numbers import bitcast, fourier, imag, make_complex, real, real_fourier
from keras_lite_tensorflow.contraction import conv, conv_transpose, einsum, matmul, reduce_window
from keras_lite_tensorflow.control import cond, scan, vectorized_map, while_loop
from keras_lite_tensorflow.elementwise import (
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
from keras_lite_tensorflow.indexing import argsort, gather, scatter, searchsorted, sort, take_along_axis, top_k
from keras_lite_tensorflow.linear_algebra import (
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
from keras_lite_tensorflow.natives import NATIVES
from keras_lite_tensorflow.randomness import native_random_bits, random_bits
from keras_lite_tensorflow.reductions import (
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
from keras_lite_tensorflow.saved import call_saved, load_saved_model, saved_function
from keras_lite_tensorflow.shaping import (
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
from keras_lite_tensorflow.sparse import is_sparse, make_sparse, sparse_parts
from keras_lite_tensorflow.state import VARIABLE_ATTRIBUTES, read, untraced, variable, write
from keras_lite_tensorflow.tensors import (
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
from keras_lite_tensorflow.transformation import (
    compile,
    compile_step,
    custom_gradient,
    eval_shape,
    held_back,
    is_eager,
    on_host,
    stop_gradient,
    value_and_grad,
)

name = "tensorflow"
UNKNOWN_SIZES = True
