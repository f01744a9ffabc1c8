"""Greatest common divisors and least common multiples."""

from __future__ import annotations

from typing import Any

from keras_lite.engine.dtypes import is_integer
from keras_lite.engine.errors import wrong_type
from keras_lite.ops.arithmetic import add, equal, floor_divide, multiply, not_equal, remainder, where
from keras_lite.ops.control import while_loop
from keras_lite.ops.creation import zeros_like
from keras_lite.ops.elementwise import absolute
from keras_lite.ops.facts import dtype_of
from keras_lite.ops.reductions import reduce_any
from keras_lite.ops.sample import Sample, array, boolean, f32, i32
from keras_lite.ops.table import op

PAIR = ("x1", "x2")
DIVIDED = (Sample(i32(3, 4, low=-60, high=60), i32(4, low=-60, high=60)), Sample(i32(2, 1), i32(3)), Sample(i32(3), 12), Sample(8, 12),
           Sample(i32(0, 2), i32(2)), Sample(array([0, 0, -4, 12, 7], "int32"), array([0, 5, 6, -18, 7], "int32")),
           Sample(array([12, 90], "uint8"), array([18, 27], "uint8")), Sample(array([12, -9], "int8"), array([18, 6], "int32")),
           Sample(f32(2), f32(2), error="expected integers, got float32"),
           Sample(boolean(2), boolean(2), error="expected integers, got bool"), Sample(i32(2, 3), i32(4), error="do not broadcast"))


def _integers(name: str, x: Any) -> None:
    if not is_integer(dtype_of(x)):
        raise wrong_type(name, f"expected integers, got {dtype_of(x)}")


@op(tensors=PAIR, differentiable=False, samples=(*DIVIDED, Sample(array([-128, 6, -128], "int8"), array([6, -128, 0], "int8")),
                                                 Sample(array([2**31 - 1, 1836311903], "int32"), array([2**31 - 2, 1134903170], "int32"))))
def gcd(x1: Any, x2: Any) -> Any:
    """Greatest common divisor of `x1` and `x2`, which broadcast, by Euclid's algorithm; never negative, and 0 for 0 and 0.

    Raises TypeError for other than integers.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.gcd([12, -18, 0], 8)).tolist()
    [4, 2, 8]
    """
    _integers("gcd", x1)
    zero = zeros_like(add(x1, x2))
    state = add(absolute(x1), zero), add(absolute(x2), zero)
    return absolute(while_loop(lambda a, b: reduce_any(not_equal(b, 0)), _euclid, state)[0])


def _euclid(a: Any, b: Any) -> tuple[Any, Any]:
    done = equal(b, 0)
    return where(done, a, b), where(done, b, remainder(a, where(done, 1, b)))


@op(tensors=PAIR, differentiable=False, samples=DIVIDED)
def lcm(x1: Any, x2: Any) -> Any:
    """Least common multiple of `x1` and `x2`, which broadcast; never negative, and 0 if one of them is 0.

    Raises TypeError for other than integers.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.lcm([4, -6, 0], 6)).tolist()
    [12, 6, 0]
    """
    _integers("lcm", x1)
    divisor = gcd(x1, x2)
    return multiply(floor_divide(absolute(x1), where(equal(divisor, 0), 1, divisor)), absolute(x2))
