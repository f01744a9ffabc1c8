"""Activation functions.

Where a formula has branches, they are chosen by `where` with arguments that are harmless in both, so that derivatives of any
order are right and finite, at the seam too: there the derivative is that of the branch which is taken (0 for `relu`).
"""

from __future__ import annotations

import math
from typing import Any

from keras_lite.ops import references
from keras_lite.ops.arithmetic import add, clip, divide, greater, greater_equal, less, less_equal, maximum, multiply, subtract, where
from keras_lite.ops.core import cast
from keras_lite.ops.creation import iota
from keras_lite.ops.elementwise import absolute, erf, exp, expm1, log, log1p, negative, sign, sqrt, square, tanh
from keras_lite.ops.facts import dtype_of, shape_of
from keras_lite.ops.families import EDGES, INF, NAN, NO_TENSOR, normal_axis
from keras_lite.ops.hosted import hosted
from keras_lite.ops.indexing import sort
from keras_lite.ops.reductions import cumsum, highest, reduce_sum
from keras_lite.ops.sample import Sample, array, boolean, f32, i32
from keras_lite.ops.shaping import flip, reshape, split
from keras_lite.ops.table import op

CURVE = (Sample(f32(4, 5)), Sample(f32()), Sample(f32(0, 3)), Sample(EDGES, grad=False), NO_TENSOR)
WIDE = (*CURVE, Sample(f32(4, 5, low=-30, high=30)), Sample(array([-90.0, -60.0, -20.0, 0.0, 20.0, 90.0])))
AXIS = (Sample(f32(3, 4)), Sample(f32(2, 3, 4), axis=1), Sample(f32(2, 3, 4), axis=(0, 2)), Sample(f32(0, 5)), Sample(f32(2, 0)),
        Sample(f32(2, 3), axis=None), Sample(i32(2, 3)),
        Sample(array([1000.0, 999.0, -1000.0])), Sample(array([[NAN, 1.0], [-INF, 1.0]]), grad=False),
        Sample(f32(2, 3), axis=()),
        Sample(f32(2, 3), axis=2, error="axis 2 is out of range"), Sample(f32(), error="axis -1 is out of range for rank 0"))


def _negative_part(x: Any) -> Any:
    """`-|x|`, whose derivative at 0 is that from the right."""
    return where(greater_equal(x, 0), negative(x), x)


# --- rectifiers ----------------------------------------------------------------------------------------------------------


@op(samples=(*CURVE, Sample(i32(3, 4)), Sample(boolean(3)), Sample(array([-1.0, 0.0, 2.0]))), reference=references.relu)
def relu(x: Any) -> Any:
    """`max(x, 0)`, with derivative 0 at 0; bools become int32.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.relu([-2.0, 0.0, 3.0])).tolist()
    [0.0, 0.0, 3.0]
    """
    x = cast(x, "int32") if dtype_of(x) == "bool" else x
    return where(less_equal(x, 0), 0, x)


@op(samples=(*CURVE, Sample(f32(3, 4, low=-8, high=8)), Sample(i32(3, 4, low=-9, high=9)), Sample(array([0.0, 6.0]))),
    reference=references.relu6)
def relu6(x: Any) -> Any:
    """`min(max(x, 0), 6)`, with derivative 0 at 0 and 6; bools become int32.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.relu6([-2.0, 3.0, 8.0])).tolist()
    [0.0, 3.0, 6.0]
    """
    x = cast(x, "int32") if dtype_of(x) == "bool" else x
    return where(less_equal(x, 0), 0, where(greater_equal(x, 6), 6, x))


@op(floating=True, samples=(*CURVE, Sample(f32(3, 4), negative_slope=0.01), Sample(i32(3)),
                            Sample(f32(3, 4), None, error="negative_slope must be a real number, got None")))
def leaky_relu(x: Any, negative_slope: float = 0.2) -> Any:
    """`x` where it is positive, else `negative_slope * x` (Maas et al., "Rectifier nonlinearities improve neural network acoustic models").

    Raises TypeError for a `negative_slope` that is no number.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.leaky_relu([-2.0, 3.0], negative_slope=0.25)).tolist()
    [-0.5, 3.0]
    """
    return where(greater(x, 0), x, multiply(x, negative_slope))


@op(floating=True, samples=(*WIDE, Sample(f32(3, 4), alpha=0.5)))
def elu(x: Any, alpha: float = 1.0) -> Any:
    """`x` where it is positive, else `alpha * (exp(x) - 1)`, which falls to `-alpha` (Clevert et al., https://arxiv.org/abs/1511.07289).

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.elu([-100.0, -1.0, 2.0], alpha=0.5)).round(3)
    array([-0.5  , -0.316,  2.   ], dtype=float32)
    """
    positive = greater(x, 0)
    return where(positive, x, multiply(expm1(where(positive, 0, x)), alpha))


@op(floating=True, samples=WIDE)
def selu(x: Any) -> Any:
    """`1.0507 * elu(x, 1.6733)`, which keeps mean 0 and variance 1 of activations (Klambauer et al., https://arxiv.org/abs/1706.02515).

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.selu([-1.0, 0.0, 1.0])).round(3)
    array([-1.111,  0.   ,  1.051], dtype=float32)
    """
    return multiply(elu(x, 1.6732632423543772), 1.0507009873554805)


@op(floating=True, samples=(*WIDE, Sample(f32(3, 4), alpha=2.0)))
def celu(x: Any, alpha: float = 1.0) -> Any:
    """`max(x, 0) + min(0, alpha * (exp(x / alpha) - 1))`, with slope 1 at 0 for every `alpha` (Barron, https://arxiv.org/abs/1704.07483).

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.celu([-1.0, 2.0], alpha=2.0)).round(3)
    array([-0.787,  2.   ], dtype=float32)
    """
    positive = greater(x, 0)
    return where(positive, x, multiply(expm1(divide(where(positive, 0, x), alpha)), alpha))


@op(samples=(Sample(f32(3, 4), 0.5, -1.0), Sample(EDGES, 0.0, 7.0, grad=False), Sample(i32(4), 1, 0), Sample(f32(0, 2), 0.0, 0.0),
             Sample("text", 0, 0, error="expected a tensor")),
    reference=references.threshold)
def threshold(x: Any, threshold: float, default_value: float) -> Any:
    """`x` where it is above `threshold`, else the number `default_value`.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.threshold([1.0, 2.0, 3.0], 2.0, default_value=-1.0)).tolist()
    [-1.0, -1.0, 3.0]
    """
    return where(less_equal(x, threshold), default_value, x)


# --- sigmoids ------------------------------------------------------------------------------------------------------------


@op(floating=True, samples=(*WIDE, Sample(i32(3))), reference=references.sigmoid)
def sigmoid(x: Any) -> Any:
    """`1 / (1 + exp(-x))`, of full relative precision on both sides.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.sigmoid([-100.0, 0.0, 2.0])).round(3)
    array([0.   , 0.5  , 0.881], dtype=float32)
    """
    e = exp(_negative_part(x))
    return divide(where(greater_equal(x, 0), 1, e), add(e, 1.0))


@op(floating=True, samples=WIDE, reference=references.log_sigmoid)
def log_sigmoid(x: Any) -> Any:
    """`log(sigmoid(x))`, without overflow.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.log_sigmoid([-1000.0, 0.0])).round(3)
    array([-1.00e+03, -6.93e-01], dtype=float32)
    """
    return negative(softplus(negative(x)))


@op(floating=True, samples=WIDE, reference=references.softplus)
def softplus(x: Any) -> Any:
    """`log(1 + exp(x))`, a smooth `relu` (Dugas et al., NIPS 2000); without overflow.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.softplus([-100.0, 0.0, 100.0])).round(3)
    array([  0.   ,   0.693, 100.   ], dtype=float32)
    """
    return add(log1p(exp(_negative_part(x))), where(greater_equal(x, 0), x, 0))


@op(floating=True, samples=WIDE)
def silu(x: Any) -> Any:
    """`x * sigmoid(x)`, also called swish (https://arxiv.org/abs/1710.05941).

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.silu([-2.0, 0.0, 2.0])).round(3)
    array([-0.238,  0.   ,  1.762], dtype=float32)
    """
    return multiply(x, sigmoid(x))


@op(floating=True, samples=WIDE)
def mish(x: Any) -> Any:
    """`x * tanh(softplus(x))` (Misra, https://arxiv.org/abs/1908.08681).

    Written as a quotient of polynomials in exp(-|x|).  TensorFlow replaces the other form by a kernel that gives 0 below -8.
    """
    below = less(x, 0)
    e = exp(where(below, x, negative(x)))
    part = where(below, multiply(e, add(e, 2.0)), add(multiply(e, 2.0), 1.0))
    return multiply(x, divide(part, add(part, where(below, 2.0, multiply(square(e), 2.0)))))


@op(floating=True, samples=(*WIDE, Sample(f32(4, 5), approximate=False)))
def gelu(x: Any, approximate: bool = True) -> Any:
    """`x` times the probability that a standard normal number is below `x` (Hendrycks, Gimpel, https://arxiv.org/abs/1606.08415).

    `approximate` says whether `(1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x**3))) / 2` stands for the probability, which is faster and gives
    results that are off by less than 0.001.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.gelu([-1.0, 2.0])).round(3)
    array([-0.159,  1.955], dtype=float32)
    >>> ops.convert_to_numpy(ops.gelu([-1.0, 2.0], approximate=False)).round(3)
    array([-0.159,  1.954], dtype=float32)
    """
    if not approximate:
        return multiply(multiply(x, 0.5), add(erf(multiply(x, math.sqrt(0.5))), 1.0))
    cubic = multiply(x, add(multiply(square(x), 0.044715), 1.0))
    return multiply(x, sigmoid(multiply(cubic, 2 * math.sqrt(2 / math.pi))))  # (1 + tanh(y)) / 2 has no digits left at -5


@op(floating=True, samples=(*CURVE, Sample(i32(3))))
def softsign(x: Any) -> Any:
    """`x / (1 + |x|)`.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.softsign([-3.0, 0.0, 1.0])).tolist()
    [-0.75, 0.0, 0.5]
    """
    return divide(x, add(absolute(x), 1.0))


@op(floating=True, samples=(*CURVE[:3], Sample(array([NAN, INF, 0.0]), grad=False), Sample(f32(3, 4), b=1), NO_TENSOR))
def squareplus(x: Any, b: float = 4) -> Any:
    """`(x + sqrt(x**2 + b)) / 2` (Barron, https://arxiv.org/abs/2112.11687), of full relative precision on both sides; `relu` for `b` = 0.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.squareplus([-2.0, 0.0, 2.0])).round(3)
    array([0.414, 1.   , 2.414], dtype=float32)
    """
    larger = multiply(add(absolute(x), sqrt(add(square(x), float(b)))), 0.5)
    return where(less(x, 0), divide(b / 4, larger), larger)


# --- pieces of straight lines --------------------------------------------------------------------------------------------


@op(floating=True, samples=(*CURVE, Sample(f32(4, 5, low=-5, high=5)), Sample(i32(3))))
def hard_sigmoid(x: Any) -> Any:
    """`relu6(x + 3) / 6`, straight lines near to `sigmoid`.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.hard_sigmoid([-4.0, 0.0, 1.5, 4.0])).tolist()
    [0.0, 0.5, 0.75, 1.0]
    """
    return divide(relu6(add(x, 3.0)), 6.0)


@op(floating=True, samples=(*CURVE, Sample(f32(4, 5, low=-5, high=5)), Sample(i32(3))))
def hard_silu(x: Any) -> Any:
    """`x * hard_sigmoid(x)`, also called hard swish (Howard et al., https://arxiv.org/abs/1905.02244).

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.hard_silu([-1.5, 0.0, 1.5, 4.0])).tolist()
    [-0.375, 0.0, 1.125, 4.0]
    """
    return multiply(x, hard_sigmoid(x))


@op(floating=True, samples=(*CURVE, Sample(f32(4, 5, low=-3, high=3)), Sample(i32(3))))
def hard_tanh(x: Any) -> Any:
    """`x` limited to [-1, 1].

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.hard_tanh([-4.0, 0.5, 2.0])).tolist()
    [-1.0, 0.5, 1.0]
    """
    return where(less_equal(x, -1), -1, where(greater_equal(x, 1), 1, x))


@op(floating=True, samples=(Sample(f32(4, 5), tol=16.0), *CURVE[1:]))  # near 0 most digits of x and tanh(x) cancel
def tanh_shrink(x: Any) -> Any:
    """`x - tanh(x)`.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.tanh_shrink([-2.0, 0.0, 2.0])).round(3)
    array([-1.036,  0.   ,  1.036], dtype=float32)
    """
    return subtract(x, tanh(x))


@op(floating=True, samples=(*CURVE, Sample(f32(3, 4), threshold=1.0), Sample(f32(4), threshold=-1.0)))
def soft_shrink(x: Any, threshold: float = 0.5) -> Any:
    """`x` moved toward 0 by `threshold`, and 0 where it is nearer (Donoho, "De-noising by soft-thresholding", 1995).

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.soft_shrink([-2.0, 0.25, 1.0])).tolist()
    [-1.5, 0.0, 0.5]
    """
    return where(less_equal(absolute(x), threshold), 0, subtract(x, multiply(sign(x), threshold)))


@op(floating=True, samples=(*CURVE, Sample(f32(3, 4), threshold=1.0)))
def hard_shrink(x: Any, threshold: float = 0.5) -> Any:
    """`x` where its absolute value is above `threshold`, else 0.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.hard_shrink([-2.0, 0.25, 1.0])).tolist()
    [-2.0, 0.0, 1.0]
    """
    return where(less_equal(absolute(x), threshold), 0, x)


@op(floating=True, samples=CURVE)
def sparse_plus(x: Any) -> Any:
    """0 up to -1, `x` from 1 on, and `(x + 1)**2 / 4` between (https://arxiv.org/abs/1602.02068).

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.sparse_plus([-2.0, 0.0, 0.5, 3.0])).tolist()
    [0.0, 0.25, 0.5625, 3.0]
    """
    return where(less_equal(x, -1), 0, where(greater_equal(x, 1), x, multiply(square(add(clip(x, -1.0, 1.0), 1.0)), 0.25)))


@op(floating=True, samples=CURVE)
def sparse_sigmoid(x: Any) -> Any:
    """0 for `x` up to -1, 1 from 1 on, and `(x + 1) / 2` between: the derivative of `sparse_plus`.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.sparse_sigmoid([-2.0, 0.0, 0.5, 3.0])).tolist()
    [0.0, 0.5, 0.75, 1.0]
    """
    return multiply(add(hard_tanh(x), 1.0), 0.5)


# --- along an axis -------------------------------------------------------------------------------------------------------


@op(floating=True, samples=AXIS, reference=references.softmax)
def softmax(x: Any, axis: Any = -1) -> Any:
    """`exp(x) / sum(exp(x))` over `axis`, without overflow: positive numbers that add up to 1.

    Args:
        x: logits; ints become floats.
        axis: an int, several, or None for all axes together.

    Raises:
        ValueError: an axis is out of range.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.softmax([[0.0, 0.0], [1000.0, 999.0]])).round(3)
    array([[0.5  , 0.5  ],
           [0.731, 0.269]], dtype=float32)
    """
    e = exp(subtract(x, highest("softmax", x, axis)))
    return divide(e, reduce_sum(e, axis, keepdims=True))


@op(floating=True, samples=AXIS, reference=references.log_softmax)
def log_softmax(x: Any, axis: Any = -1) -> Any:
    """Logarithm of `softmax` of `x` over `axis` (an int, several, or None for all), without overflow or loss of precision.

    Raises ValueError for an axis out of range.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.log_softmax([0.0, -1000.0])).round(3)
    array([    0., -1000.], dtype=float32)
    """
    z = subtract(x, highest("log_softmax", x, axis))
    return subtract(z, log(reduce_sum(exp(z), axis, keepdims=True)))


@op(floating=True, samples=(Sample(f32(3, 4)), Sample(f32(2, 6, 3), axis=1), Sample(f32(0, 2)),
                            Sample(f32(2, 3), error="size 3 can't be divided into 2 equal parts")))
def glu(x: Any, axis: int = -1) -> Any:
    """`a * sigmoid(b)` of the two halves a, b of `x` along `axis` (Dauphin et al., https://arxiv.org/abs/1612.08083).

    Raises ValueError for an axis out of range or of odd size.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.glu([1.0, 2.0, 0.0, 100.0])).round(3)
    array([0.5, 2. ], dtype=float32)
    """
    a, b = split(x, 2, axis)
    return multiply(a, sigmoid(b))


@op(floating=True, samples=(Sample(f32(3, 4)), Sample(f32(2, 5, 3), axis=1), Sample(f32(0, 4)),
                            Sample(array([[1e8, 0.0, 1e8], [3e38, -3e38, 1.0], [-1e30, -1e30, -2e30]])),
                            Sample(f32(2, 3), axis=2, error="axis 2 is out of range")), reference=references.sparsemax)
@hosted
def sparsemax(x: Any, axis: int = -1) -> Any:
    """The probabilities (numbers from 0 that add up to 1) nearest to `x` along `axis`; many are 0 (https://arxiv.org/abs/1602.02068).

    Raises ValueError for an axis out of range.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.sparsemax([[2.0, 1.5, 0.0], [3.0, 1.0, 1.5]])).tolist()
    [[0.75, 0.25, 0.0], [1.0, 0.0, 0.0]]
    """
    shape = shape_of(x)
    axis = normal_axis("sparsemax", axis, len(shape))
    x = subtract(x, highest("sparsemax", x, axis))  # the sums of large numbers would lose the 1
    descending = flip(sort(x, axis), axis)
    ranks = reshape(add(iota(shape[axis], dtype_of(x)), 1), tuple(n if i == axis else 1 for i, n in enumerate(shape)))
    sums = cumsum(descending, axis)
    support = greater(add(multiply(ranks, descending), 1.0), sums)
    size = reduce_sum(cast(support, dtype_of(x)), axis, keepdims=True)
    level = divide(subtract(reduce_sum(where(support, descending, 0.0), axis, keepdims=True), 1.0), size)
    return maximum(subtract(x, level), 0.0)
