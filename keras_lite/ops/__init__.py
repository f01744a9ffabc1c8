"""The tensor functions of Keras (`keras.ops`): one definition of each, on every engine and on symbolic tensors.

Inside the package ops have names that shadow no builtin (`reduce_sum`, `absolute`); here they get Keras's names as well.
"""
# ruff: noqa: A004, F401  # names to import from here; those of Keras hide builtins, which this module does not use

from keras_lite.ops import image, updates
from keras_lite.ops import operators as _operators  # attaches the operators of KerasTensor and Variable
from keras_lite.ops.activation import (
    celu,
    elu,
    gelu,
    glu,
    hard_shrink,
    hard_sigmoid,
    hard_silu,
    hard_tanh,
    leaky_relu,
    log_sigmoid,
    log_softmax,
    relu,
    relu6,
    selu,
    sigmoid,
    silu,
    soft_shrink,
    softmax,
    softplus,
    softsign,
    sparse_plus,
    sparse_sigmoid,
    sparsemax,
    squareplus,
    tanh_shrink,
    threshold,
)
from keras_lite.ops.activation import hard_silu as hard_swish
from keras_lite.ops.activation import silu as swish
from keras_lite.ops.adaptive_pooling import adaptive_average_pool, adaptive_max_pool
from keras_lite.ops.aliases import absolute_value as abs
from keras_lite.ops.aliases import amax, amin, array, bitwise_invert, bitwise_left_shift, bitwise_right_shift, true_divide
from keras_lite.ops.arithmetic import (
    add,
    arctan2,
    bitwise_and,
    bitwise_or,
    bitwise_xor,
    clip,
    divide,
    divide_no_nan,
    equal,
    floor_divide,
    greater,
    greater_equal,
    left_shift,
    less,
    less_equal,
    logical_and,
    logical_not,
    logical_or,
    logical_xor,
    maximum,
    minimum,
    multiply,
    nextafter,
    not_equal,
    power,
    right_shift,
    subtract,
)
from keras_lite.ops.arithmetic import remainder as mod
from keras_lite.ops.associative import associative_scan
from keras_lite.ops.attention import dot_product_attention
from keras_lite.ops.complex_numbers import angle, conj, conjugate, imag, polar, real, view, view_as_complex, view_as_real
from keras_lite.ops.contraction import dot, einsum, inner, matmul, outer, tensordot, vdot
from keras_lite.ops.control import cond, fori_loop, scan, switch, vectorized_map, while_loop
from keras_lite.ops.control import map_rows as map
from keras_lite.ops.convolution import average_pool, conv, conv_transpose, depthwise_conv, max_pool, separable_conv
from keras_lite.ops.core import (
    cast,
    convert_to_numpy,
    convert_to_tensor,
    custom_gradient,
    dtype,
    is_tensor,
    ndim,
    shape,
    size,
    stop_gradient,
)
from keras_lite.ops.correlation import corrcoef, correlate
from keras_lite.ops.creation import (
    arange,
    copy,
    empty,
    empty_like,
    eye,
    full,
    full_like,
    identity,
    linspace,
    ones,
    ones_like,
    tri,
    tril,
    triu,
    zeros,
    zeros_like,
)
from keras_lite.ops.crossentropy import binary_crossentropy, categorical_crossentropy, sparse_categorical_crossentropy
from keras_lite.ops.ctc import ctc_loss
from keras_lite.ops.ctc_decoding import ctc_decode
from keras_lite.ops.diagonals import diag, diagflat, diagonal, trace
from keras_lite.ops.differences import diff, trapezoid
from keras_lite.ops.differentiation import jvp
from keras_lite.ops.distances import cdist, psnr
from keras_lite.ops.divisors import gcd, lcm
from keras_lite.ops.elementwise import (
    absolute,
    arccos,
    arccosh,
    arcsin,
    arcsinh,
    arctan,
    arctanh,
    bitwise_not,
    ceil,
    cos,
    cosh,
    deg2rad,
    erf,
    erfinv,
    exp,
    exp2,
    expm1,
    fabs,
    floor,
    log,
    log1p,
    log2,
    log10,
    negative,
    rad2deg,
    reciprocal,
    round,
    rsqrt,
    sign,
    sin,
    sinh,
    sqrt,
    square,
    tan,
    tanh,
    trunc,
)
from keras_lite.ops.elementwise import is_finite as isfinite
from keras_lite.ops.elementwise import is_inf as isinf
from keras_lite.ops.elementwise import is_nan as isnan
from keras_lite.ops.folding import fold, unfold
from keras_lite.ops.fourier_transforms import fft, fft2, ifft2, irfft, rfft
from keras_lite.ops.grids import geomspace, logspace, meshgrid
from keras_lite.ops.histograms import bincount, digitize, histogram
from keras_lite.ops.indexing import (
    argpartition,
    argsort,
    in_top_k,
    multi_hot,
    one_hot,
    scatter_update,
    searchsorted,
    sort,
    take,
    take_along_axis,
    top_k,
    unravel_index,
)
from keras_lite.ops.indexing import scatter_zeros as scatter
from keras_lite.ops.joining import append, array_split, dsplit, dstack, hsplit, hstack, vsplit, vstack
from keras_lite.ops.linalg import (
    cholesky,
    cholesky_inverse,
    det,
    eig,
    eigh,
    inv,
    lstsq,
    lu_factor,
    matrix_rank,
    norm,
    pinv,
    qr,
    solve,
    solve_triangular,
    svd,
)
from keras_lite.ops.linalg.systems import logdet, slogdet
from keras_lite.ops.nan_reductions import (
    nanargmax,
    nanargmin,
    nancumprod,
    nancumsum,
    nanmax,
    nanmean,
    nanmin,
    nanprod,
    nanstd,
    nansum,
    nanvar,
)
from keras_lite.ops.normalization import batch_normalization, layer_normalization, normalize, rms_normalization
from keras_lite.ops.orientation import fliplr, flipud, rot90
from keras_lite.ops.padding import pad
from keras_lite.ops.pairs import fmax, fmin, fmod, heaviside, hypot, ldexp, logaddexp, logaddexp2
from keras_lite.ops.predicates import allclose, isclose, isin, isneginf, isposinf, isreal, signbit
from keras_lite.ops.products import cross, kron, vander
from keras_lite.ops.quantiles import median, nanmedian, nanpercentile, nanquantile, percentile, quantile
from keras_lite.ops.rearrangement import depth_to_space, rearrange, space_to_depth
from keras_lite.ops.reductions import argmax, argmin, count_nonzero, cumprod, cumsum, logsumexp
from keras_lite.ops.reductions import reduce_all as all
from keras_lite.ops.reductions import reduce_any as any
from keras_lite.ops.reductions import reduce_max as max
from keras_lite.ops.reductions import reduce_min as min
from keras_lite.ops.reductions import reduce_prod as prod
from keras_lite.ops.reductions import reduce_sum as sum
from keras_lite.ops.saturation import nan_to_num, saturate_cast
from keras_lite.ops.segments import segment_max, segment_min, segment_prod, segment_sum
from keras_lite.ops.selection import nonzero, select, where
from keras_lite.ops.shaping import (
    broadcast_to,
    concatenate,
    expand_dims,
    flip,
    moveaxis,
    ravel,
    repeat,
    reshape,
    roll,
    split,
    squeeze,
    stack,
    swapaxes,
    tile,
    transpose,
    unstack,
)
from keras_lite.ops.slicing import dynamic_slice as slice
from keras_lite.ops.slicing import dynamic_update_slice as slice_update
from keras_lite.ops.slicing import get_item
from keras_lite.ops.special import cbrt, erfc, i0, sinc
from keras_lite.ops.spectrograms import extract_sequences, istft, stft
from keras_lite.ops.statistics import average, mean, moments, ptp, std, var
from keras_lite.ops.uniqueness import unique
from keras_lite.ops.vectorization import vectorize
from keras_lite.ops.windows import bartlett, blackman, hamming, hanning, kaiser

# isort: split
from keras_lite.ops import nn, numpy  # last, for they take their functions from here

__all__ = sorted(name for name, value in globals().items() if callable(value) and not name.startswith("_"))
