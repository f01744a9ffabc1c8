"""The PyTorch engine: the functions of `keras_lite.engine.contract` on `torch.Tensor`.

New tensors live on the first GPU if there is one, else on the CPU.  Trainable variables are `nn.Parameter`s and all variables are
updated in place, so torch's own optimizers and `loss.backward()` work on them.  Compiled functions are recorded once for each
signature, with fake tensors, as flat ATen programs (`tracing`, `cleanup`, `program`); those of training steps update the donated
tensors in place (`step`, `inplace`).  Loops and branches are calls in them, with programs of their own (`bodies`, `loops`, `routines`).  A
function that reads values while it is recorded runs eagerly instead.
"""

# ruff: noqa: A004, F401  # re-exports under the names of the contract, which include "compile" and "round"

from keras_lite_torch.as_module import as_module
from keras_lite_torch.complex_numbers import bitcast, fourier, imag, make_complex, real, real_fourier
from keras_lite_torch.contraction import conv, conv_transpose, einsum, matmul, reduce_window
from keras_lite_torch.control import cond, scan, vectorized_map, while_loop
from keras_lite_torch.elementwise import (
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
from keras_lite_torch.indexing import argsort, gather, scatter, searchsorted, sort, take_along_axis, top_k
from keras_lite_torch.linear_algebra import (
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
from keras_lite_torch.modules import call_module, module_state
from keras_lite_torch.natives import FIRST_ORDER, NATIVES
from keras_lite_torch.randomness import native_random_bits, random_bits
from keras_lite_torch.reductions import (
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
from keras_lite_torch.shaping import (
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
from keras_lite_torch.state import read, untraced, variable, write
from keras_lite_torch.step import compile_step
from keras_lite_torch.tensors import (
    adopt,
    canonical_dtype,
    cast,
    convert,
    copy,
    device,
    devices,
    dtype_of,
    full,
    iota,
    is_sparse,
    is_tensor,
    shape_of,
    to_numpy,
)
from keras_lite_torch.transformation import (
    compile,
    custom_gradient,
    eval_shape,
    held_back,
    is_eager,
    on_host,
    stop_gradient,
    value_and_grad,
)
from keras_lite_torch.whole import whole

name = "torch"
