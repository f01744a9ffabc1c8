"""Random distributions, built from `random_bits`: the same numbers on every engine.

Uniform numbers, integers, masks, permutations and normal numbers (in float32 and shorter) are equal to the bit; what needs logarithms
agrees to rounding.  A `seed` is an int from 0 to 2**32 - 1 (the same numbers each time), a `SeedGenerator` (other numbers each time) or
None (the package's own generator).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_lite import config, ops
from keras_lite.engine import registry
from keras_lite.engine.dtypes import is_integer, numpy_dtype, standardize
from keras_lite.engine.errors import invalid, wrong_type
from keras_lite.ops import references, sizes
from keras_lite.ops.data import fits, refuse_complex
from keras_lite.ops.families import normal_axis
from keras_lite.ops.hosted import drawn
from keras_lite.ops.random import SEED, random_bits
from keras_lite.ops.sample import Sample, array
from keras_lite.ops.table import named, op
from keras_lite.random.arguments import (
    FINITE,
    LARGEST,
    SPREAD,
    broadcasts,
    check,
    float_dtype,
    host,
    number,
    whole,
)
from keras_lite.random.normals import centred_uniform, rounded, standard_normal, standard_truncated_normal
from keras_lite.random.seed_generator import draw_seed

_DIGITS = {"float64": 53, "float32": 24, "float16": 11, "bfloat16": 8}  # bits of a significand: as many are drawn, so none rounds up to 1


@named
def uniform(shape: Any, minval: Any = 0.0, maxval: Any = 1.0, dtype: Any = None, seed: Any = None) -> Any:
    """Numbers uniform in [minval, maxval), equal on every engine.

    Args:
        shape: sizes of the result.
        minval, maxval: bounds; numbers, or tensors that broadcast to the shape.
        dtype: a float dtype, `floatx` by default.
        seed: an int from 0 to 2**32 - 1, a `SeedGenerator` or None.

    Raises:
        TypeError: a bound is no real number.
        ValueError: the dtype is no float, the bounds do not fit it or the shape, or `minval` is above `maxval`; or `seed` is none of these.

    >>> from keras_lite import ops, random
    >>> ops.convert_to_numpy(random.uniform((4,), seed=1)).round(3)
    array([0.818, 0.021, 0.757, 0.201], dtype=float32)
    """
    shape, dtype = sizes.known_shape("uniform", registry.current(), shape), float_dtype("uniform", dtype)
    check("uniform", FINITE, shape, dtype, minval=minval, maxval=maxval)
    wide = dtype if dtype == "float64" else "float32"  # one rounding to a short dtype at the end
    _check_span(minval, maxval, wide)
    numbers = all(isinstance(bound, (int, float)) for bound in (minval, maxval))
    if numbers and dtype == "float32" and minval < maxval:
        factor = float(np.float32(maxval - minval)) * 2.0**-_DIGITS[dtype]
        draw = uniform_numbers if config.random() == "portable" else _numbers
        return draw(draw_seed(seed), shape, factor, float(minval), _below(maxval, dtype))
    unit = _unit(draw_seed(seed), shape, dtype)
    if numbers and (minval, maxval) == (0, 1):
        return unit
    unit = ops.cast(unit, wide)
    if not numbers:
        minval, maxval = ops.cast(minval, wide), ops.cast(maxval, wide)
        return ops.cast(ops.add(rounded(ops.multiply(unit, ops.subtract(maxval, minval))), minval), dtype)
    values = ops.cast(ops.add(rounded(ops.multiply(unit, maxval - minval)), minval), dtype)
    return values if minval == maxval else ops.minimum(values, _below(maxval, dtype))


def _check_span(minval: Any, maxval: Any, dtype: str) -> None:
    """Raise ValueError for known bounds of which one is above the other, or too far for their difference to be finite in the dtype."""
    numbers = type(minval) in (int, float) and type(maxval) in (int, float)
    low, high = (minval, maxval) if numbers else (host(minval), host(maxval))
    if low is None or high is None:
        return
    right = (low <= high) & (high - low <= LARGEST[dtype])
    if right if numbers else right.all():
        return
    low, high = (np.broadcast_to(bound, np.shape(right))[~np.asarray(right)][0] for bound in (low, high))
    problem = f"minval is above maxval: {low} > {high}" if low > high else f"maxval - minval is infinite in {dtype}: {high} - {low}"
    raise invalid("uniform", problem)


@drawn
def _unit(seed: Any, shape: tuple[Any, ...], dtype: str) -> Any:
    """Uniform in [0, 1): multiples of the dtype's precision."""
    if dtype == "float64":
        return ops.multiply(ops.add(centred_uniform(seed, shape), 1.0 - 2.0**-52), 0.5)
    digits = _DIGITS[dtype]
    return ops.multiply(ops.cast(random_bits(seed, shape, digits), dtype), 2.0**-digits)


def _in_float32(bits: Any, factor: Any, offset: Any, highest: Any) -> Any:
    """The reference of `uniform_numbers`: each step is rounded, so that all engines give the same bits."""
    return np.minimum(bits.astype("float32") * factor + offset, highest)


@op(tensors=("seed",), differentiable=False, dtypes=("uint32",),
    samples=(Sample(SEED, (3, 4), 2.0**-24, 0.0, 1 - 2.0**-24), Sample(SEED, (), 1e-12, -1.0, -0.9), Sample(SEED, (0, 3), 1.0, 0.0, 1.0),
             Sample(SEED, (2, 5), 0.3e-7, -0.25, 0.25), Sample(SEED, (7,), 1e30, 3.0, 1e37), Sample(SEED, (70, 300), 3e-9, 0.01, 0.05),
             Sample(array([7], "uint32"), (2,), 1.0, 0.0, 1.0, error=r"seed must have shape \(2,\), got \(1,\)")),
    reference=lambda seed, shape, *numbers: _in_float32(references.random_bits(seed, shape, 24), *map(np.float32, numbers)))
def uniform_numbers(seed: Any, shape: Any, factor: float, offset: float, highest: float) -> Any:
    """`bits * factor + offset` in float32 for numbers of 24 random bits, at most `highest`; the product is rounded by itself."""
    return _numbers(seed, shape, factor, offset, highest)


def _numbers(seed: Any, shape: Any, factor: float, offset: float, highest: float) -> Any:
    bits = ops.cast(random_bits(seed, shape, _DIGITS["float32"]), "float32")
    return ops.minimum(ops.add(rounded(ops.multiply(bits, factor)), offset), highest)


def _below(x: float, dtype: str) -> float:
    """The largest number of the dtype below `x`."""
    kind = numpy_dtype(dtype).type
    nearest = kind(x)
    return float(nearest if float(nearest) < x else np.nextafter(nearest, kind(-np.inf)))


@named
def normal(shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = None, seed: Any = None) -> Any:
    """Normal numbers.

    Args:
        shape: sizes of the result.
        mean, stddev: mean and standard deviation; numbers, or tensors that broadcast to the shape.
        dtype: a float dtype, `floatx` by default.
        seed: an int from 0 to 2**32 - 1, a `SeedGenerator` or None.

    Raises:
        TypeError: `mean` or `stddev` is no real number.
        ValueError: the dtype is no float, `stddev` is negative, one of both does not fit dtype or shape, or `seed` is none of these.

    >>> from keras_lite import ops, random
    >>> ops.convert_to_numpy(random.normal((4,), mean=[0, 10, 20, 30], seed=1)).round(3)
    array([-1.336, 10.027, 18.832, 29.746], dtype=float32)
    """
    return _scaled("normal", standard_normal, shape, mean, stddev, dtype, seed)


@named
def truncated_normal(shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = None, seed: Any = None) -> Any:
    """Normal numbers of which those further than two standard deviations from the mean are left out.

    Args:
        shape: sizes of the result.
        mean, stddev: mean and standard deviation before that; numbers, or tensors that broadcast to the shape.
        dtype: a float dtype, `floatx` by default.
        seed: an int from 0 to 2**32 - 1, a `SeedGenerator` or None.

    Raises:
        TypeError: `mean` or `stddev` is no real number.
        ValueError: the dtype is no float, `stddev` is negative, one of both does not fit dtype or shape, or `seed` is none of these.

    >>> from keras_lite import ops, random
    >>> bool(abs(ops.convert_to_numpy(random.truncated_normal((1000,), seed=1))).max() <= 2)
    True
    >>> bool(abs(ops.convert_to_numpy(random.normal((1000,), seed=1))).max() <= 2)
    False
    """
    return _scaled("truncated_normal", standard_truncated_normal, shape, mean, stddev, dtype, seed)


def _scaled(name: str, draw: Any, shape: Any, mean: Any, stddev: Any, dtype: Any, seed: Any) -> Any:
    shape, dtype = sizes.known_shape(name, registry.current(), shape), float_dtype(name, dtype)
    check(name, FINITE, shape, dtype, mean=mean)
    check(name, SPREAD, shape, dtype, stddev=stddev)
    wide = dtype if dtype == "float64" else "float32"
    z = draw(draw_seed(seed), shape, wide)
    if not isinstance(stddev, (int, float)) or stddev != 1:
        z = rounded(ops.multiply(z, stddev if isinstance(stddev, (int, float)) else ops.cast(stddev, wide)))
    if not isinstance(mean, (int, float)) or mean != 0:
        z = ops.add(z, mean if isinstance(mean, (int, float)) else ops.cast(mean, wide))
    return ops.cast(z, dtype)


@named
def randint(shape: Any, minval: Any, maxval: Any, dtype: Any = "int32", seed: Any = None) -> Any:
    """Integers uniform in [minval, maxval), equal on every engine.

    Args:
        shape: sizes of the result.
        minval, maxval: ints with at most 2**31 - 1 numbers between them.  Inside compiled functions also scalar tensors, taken as int32;
            where `maxval` is not above `minval` then, the numbers drawn have no meaning.
        dtype: an integer dtype that has all these numbers.
        seed: an int from 0 to 2**32 - 1, a `SeedGenerator` or None.

    Raises:
        TypeError: a bound is no whole number.
        ValueError: the dtype is no integer or too short, or there is no number between the bounds, or too many.

    >>> from keras_lite import ops, random
    >>> ops.convert_to_numpy(random.randint((8,), 0, 10, seed=1)).tolist()
    [9, 0, 9, 7, 3, 0, 4, 5]
    """
    shape, dtype = sizes.known_shape("randint", registry.current(), shape), standardize(dtype, config.floatx())
    if not is_integer(dtype):
        raise invalid("randint", f"dtype must be an integer dtype, got {dtype}; `uniform` draws floats")
    low, high = _integer_bound("minval", minval), _integer_bound("maxval", maxval)
    if not (isinstance(low, int) and isinstance(high, int)):
        return ops.cast(ops.add(_integers_later(ops.subtract(high, low), draw_seed(seed), shape), low), dtype)
    if not 0 < high - low < 2**31:
        raise invalid("randint", f"maxval must be above minval by 1 to 2**31 - 1, got minval={minval}, maxval={maxval}")
    dtype = registry.current().canonical_dtype(dtype)
    if not (fits(low, dtype) and fits(high - 1, dtype)):
        raise invalid("randint", f"numbers from {low} to {high - 1} are outside the range of {dtype}; take a wider dtype")
    values = _integers_below(high - low, draw_seed(seed), shape)
    if not low:
        return ops.cast(values, dtype)
    if low >= -(2**31) and high <= 2**31:
        return ops.cast(ops.add(values, low), dtype)
    return ops.add(ops.cast(values, dtype), low)


def _integer_bound(parameter: str, value: Any) -> Any:
    """An int, or a scalar int32 tensor whose value is not known yet."""
    engine = registry.current()
    if engine.is_abstract and (value is None or sizes.is_scalar(engine, value)):
        return engine.spec((), "int32")
    try:
        return whole("randint", parameter, value)
    except TypeError:
        if not sizes.is_scalar(engine, value):
            raise
        return ops.cast(value, "int32")


def _integers_later(count: Any, seed: Any, shape: tuple[Any, ...]) -> Any:
    """`_integers_below` a scalar tensor: the same numbers."""
    some = ops.maximum(count, 1)
    return ops.where(ops.less_equal(some, 2**14), ops.mod(random_bits(seed, shape, 31), some), _integers_below_many(some, seed, shape))


@drawn
def _integers_below(count: int, seed: Any, shape: tuple[Any, ...]) -> Any:
    """int32 numbers uniform in range(count), an int; no number is likelier than another by more than 2**-17 of its share."""
    if count <= 2**14:
        return ops.mod(random_bits(seed, shape, 31), count)
    return _integers_below_many(count, seed, shape)


def _integers_below_many(count: Any, seed: Any, shape: tuple[Any, ...]) -> Any:
    # floor(word * count / 2**48) for words of three digits of 16 bits, by long multiplication in int32, which wraps around
    first, middle, last = (ops.reshape(digit, shape) for digit in ops.split(random_bits(seed, (3, *shape), 16), 3))
    upper, lower = (count >> 16, count & 0xFFFF) if isinstance(count, int) else (_high(count), _low(count))
    carry = _high(ops.multiply(last, lower))
    for digit, next_digit in ((last, middle), (middle, first)):
        products = ops.multiply(digit, upper), ops.multiply(next_digit, lower)
        column = ops.add(ops.add(_low(products[0]), _low(products[1])), carry)
        carry = ops.add(ops.add(_high(products[0]), _high(products[1])), _high(column))
    return ops.add(ops.multiply(first, upper), carry)


def _high(x: Any) -> Any:
    return ops.bitwise_and(ops.right_shift(x, 16), 0xFFFF)


def _low(x: Any) -> Any:
    return ops.bitwise_and(x, 0xFFFF)


@named
def categorical(logits: Any, num_samples: int, dtype: Any = "int32", seed: Any = None) -> Any:
    """Indices drawn with the probabilities `softmax(logits)`, by the largest of `logits` plus Gumbel noise.

    Args:
        logits: unnormalized log-probabilities, (batch, classes); -inf for a class that is never drawn.
        num_samples: draws for each row.
        dtype: dtype of the indices, an integer or float dtype that has them all.
        seed: an int from 0 to 2**32 - 1, a `SeedGenerator` or None.

    Returns:
        Indices of shape (batch, num_samples).

    Raises:
        ValueError: another shape, a dtype that is too short, or known logits with NaN, with inf, or with -inf alone in a row.

    >>> import numpy as np
    >>> from keras_lite import ops, random
    >>> ops.convert_to_numpy(random.categorical([[0.0, 1.0, -np.inf], [-100.0, 0.0, 0.0]], 8, seed=1)).tolist()
    [[1, 0, 1, 1, 1, 1, 1, 1], [2, 1, 2, 2, 1, 2, 2, 1]]
    """
    given, logits = logits, _tensor("categorical", logits)
    refuse_complex("categorical", ops.dtype(logits))
    shape = ops.shape(logits)
    if len(shape) != 2 or sizes.is_empty(shape[1:]):
        raise invalid("categorical", f"logits must have shape (batch, classes), got {shape}")
    _check_logits(host(given))
    dtype = _index_dtype(dtype, shape[1])
    count, = sizes.known_shape("categorical", registry.current(), (num_samples,))
    return ops.cast(_categorical(draw_seed(seed), ops.cast(logits, "float32"), count), dtype)


@drawn
def _categorical(seed: Any, logits: Any, count: Any) -> Any:
    """int32 indices, (batch, count)."""
    batch, classes = ops.shape(logits)
    # v is uniform in (0, 1] and exact where it is small, that is where the noise is large
    v = ops.multiply(ops.add(ops.cast(random_bits(seed, (batch, count, classes), 31), "float32"), 0.5), 2.0**-31)
    noise = ops.negative(ops.log(ops.negative(ops.log1p(ops.negative(v)))))
    return ops.argmax(ops.add(ops.expand_dims(logits, 1), noise), axis=-1)


def _check_logits(known: Any) -> None:
    if known is None:
        return
    best = known.max(-1)
    wrong = best[~FINITE.hold(best, LARGEST["float32"])]
    if wrong.size:
        raise invalid("categorical", f"the largest of each row of logits must be finite in float32, got {wrong[0]}")


def _index_dtype(dtype: Any, classes: Any) -> str:
    """A dtype given by a user that has all indices of `classes`."""
    dtype = standardize(dtype, config.floatx())
    if dtype not in _DIGITS and not is_integer(dtype):
        raise invalid("categorical", f"dtype must be an integer or float dtype, got {dtype}")
    last = classes - 1 if isinstance(classes, int) else 0
    if last > 2 ** _DIGITS[dtype] if dtype in _DIGITS else not fits(last, dtype):
        raise invalid("categorical", f"{dtype} is too short for the indices of {classes} classes")
    return dtype


@named
def dropout(inputs: Any, rate: float, noise_shape: Any = None, seed: Any = None) -> Any:
    """`inputs` with a random share `rate` of 0 and the rest divided by `1 - rate`.

    Args:
        inputs: a tensor.
        rate: share that is dropped, from 0 to 1.
        noise_shape: shape of the mask, which broadcasts to `inputs`; None stands for the size of `inputs` (also as an item).
        seed: an int from 0 to 2**32 - 1, a `SeedGenerator` or None.

    Raises:
        TypeError: the rate is no number whose value is known.
        ValueError: the rate is outside [0, 1], or `noise_shape` has not one item for each axis or does not broadcast.

    >>> from keras_lite import ops, random
    >>> ops.convert_to_numpy(random.dropout([1.0, 2.0, 3.0, 4.0], 0.5, seed=1)).tolist()
    [2.0, 0.0, 6.0, 0.0]
    >>> ops.convert_to_numpy(random.dropout([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], 0.5, noise_shape=(None, 1), seed=1)).tolist()
    [[2.0, 4.0], [0.0, 0.0], [10.0, 12.0]]
    """
    rate = _share("dropout", rate)
    inputs = _tensor("dropout", inputs)
    shape = ops.shape(inputs)
    if noise_shape is not None:
        shape = _mask_shape("dropout", noise_shape, shape)
    if rate == 0:
        return inputs
    if rate == 1:
        return ops.zeros_like(inputs)
    kept = ops.greater_equal(random_bits(draw_seed(seed), shape, 24), round(rate * 2**24))
    return ops.where(kept, ops.divide(inputs, 1.0 - rate), 0.0)


def _share(name: str, rate: Any) -> float:
    share = number(name, "rate", rate)
    if not 0 <= share <= 1:  # NaN is outside
        raise invalid(name, f"rate must be from 0 to 1, got {rate}")
    return share


def _mask_shape(name: str, noise_shape: Any, shape: tuple[Any, ...]) -> tuple[Any, ...]:
    wanted = sizes.as_shape(name, registry.current(), noise_shape)
    if len(wanted) != len(shape):
        raise invalid(name, f"noise_shape {wanted} must have one item for each axis of {shape}")
    if not broadcasts(wanted, shape):
        raise invalid(name, f"noise_shape {wanted} does not broadcast to {shape}")
    return tuple(size if n is None else n for n, size in zip(wanted, shape, strict=True))


@named
def shuffle(x: Any, axis: int = 0, seed: Any = None) -> Any:
    """`x` with its slices along an axis in random order, the same on every engine.

    Args:
        x: a tensor.
        axis: the axis, the first one by default.
        seed: an int from 0 to 2**32 - 1, a `SeedGenerator` or None.

    Raises:
        ValueError: the axis is out of range, or `seed` is none of these.

    >>> from keras_lite import ops, random
    >>> ops.convert_to_numpy(random.shuffle([[1, 10], [2, 20], [3, 30]], seed=1)).tolist()
    [[2, 20], [3, 30], [1, 10]]
    """
    x = _tensor("shuffle", x)
    shape = ops.shape(x)
    axis = normal_axis("shuffle", axis, len(shape))
    return ops.take(x, permutation(draw_seed(seed), shape[axis]), axis=axis)


def _tensor(name: str, x: Any) -> Any:
    """`x` as a tensor of the active engine."""
    owner, active = registry.engine_of((x,)), registry.current()
    if owner is not None and owner.is_abstract and not active.is_abstract:
        raise wrong_type(name, f"{x!r} has no values, and a draw can't be a node of a graph: call it in a layer, such as layers.Dropout")
    return ops.convert_to_tensor(x)


def permutation(seed: Any, size: Any) -> Any:
    """A random order of `range(size)`, for a (2,) uint32 draw: the stable order of random words."""
    return ops.argsort(random_bits(seed, (size,), 31), axis=0)
