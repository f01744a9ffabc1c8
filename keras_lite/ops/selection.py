"""Choosing by a condition, and the positions where one holds."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_lite.engine import registry
from keras_lite.engine.errors import invalid
from keras_lite.ops import arithmetic
from keras_lite.ops.core import convert_to_numpy
from keras_lite.ops.data import as_tensor, unify
from keras_lite.ops.facts import rank_of, shape_of
from keras_lite.ops.families import INF, NAN
from keras_lite.ops.sample import Sample, array, boolean, f32, i32
from keras_lite.ops.table import named, op
from keras_lite.symbolic.rules import broadcast_shapes
from keras_lite.symbolic.spec import KerasTensor


@named
def where(condition: Any, x1: Any = None, x2: Any = None) -> Any:
    """`x1` where `condition` holds, else `x2`; of a condition alone the positions where it holds (`nonzero`).

    Args:
        condition: a tensor; what is not 0 is true.
        x1, x2: tensors that broadcast with it, whose common dtype the result has; both or none.

    Raises:
        ValueError: one of them is given alone, or the shapes do not broadcast.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.where([True, False, True], [1, 2, 3], 0.5)).tolist()
    [1.0, 0.5, 3.0]
    >>> ops.convert_to_numpy(ops.where([True, False, True])[0]).tolist()
    [0, 2]
    """
    if x1 is None and x2 is None:
        return nonzero(condition)
    if x1 is None or x2 is None:
        raise invalid("where", "give both x1 and x2, or none of them")
    return arithmetic.where(condition, x1, x2)


@op(differentiable=False, dynamic=True, samples=(Sample(boolean(3, 4)), Sample(i32(5, low=0, high=2)), Sample(f32(0, 2)),
                                                 Sample(f32(), error="at least one axis")))
def nonzero(x: Any) -> tuple[Any, ...]:
    """int32 positions of the elements of `x` that are not zero, one vector for each axis.

    Their number depends on the values: it is unknown on symbolic tensors, and inside compiled functions there is no such tensor.  Raises
    ValueError for a scalar.

    >>> from keras_lite import ops
    >>> [ops.convert_to_numpy(index).tolist() for index in ops.nonzero([[0, 1], [2, 0]])]
    [[0, 1], [1, 0]]
    """
    if rank_of(x) == 0:
        raise invalid("nonzero", "x needs at least one axis")
    if isinstance(x, KerasTensor):
        return tuple(KerasTensor.spec((None,), "int32") for _ in x.shape)
    engine = registry.current()
    return tuple(as_tensor(engine, found.astype("int32")) for found in np.nonzero(convert_to_numpy(x)))


@op(tensors=(), lists=("condlist", "choicelist"), samples=(
    Sample([boolean(3, 4), boolean(3, 4)], [f32(3, 4), f32(3, 4)]), Sample([boolean(2, 1), boolean(3)], [f32(3), f32(2, 3)], f32(3)),
    Sample([boolean(4)], [i32(4)], 7), Sample([boolean(4)], [i32(4)], 0.5), Sample([boolean(3)], [f32(3)], default=-1.5),
    Sample([boolean(0, 2)], [f32(2)]), Sample([boolean()], [f32()], 1.0), Sample([boolean(3)], [boolean(3)]),
    Sample([boolean(3), boolean(3)], [array([1e-40, 1e38, NAN]), i32(3)], INF, grad=False),
    Sample([boolean(2)], [f32(2), f32(2)], error="1 conditions for 2 choices"), Sample([], [], error="at least one condition"),
    Sample([boolean(2)], [f32(3)], error=r"shapes \(2,\), \(3,\), \(\) do not broadcast")))
def select(condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    """For each element the choice of the first condition that holds; the result has the common dtype of choices and default.

    Args:
        condlist: conditions, which broadcast with the choices.
        choicelist: as many tensors.
        default: a number or tensor for where no condition holds; Python numbers are weak.

    Raises:
        ValueError: there is nothing to choose from, the lists are not of one length, or shapes do not broadcast.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.select([[True, False, False], [True, True, False]], [[1, 2, 3], [4, 5, 6]], 9)).tolist()
    [1, 5, 9]
    """
    if len(condlist) != len(choicelist):
        raise invalid("select", f"{len(condlist)} conditions for {len(choicelist)} choices; give as many of both")
    if not condlist:
        raise invalid("select", "at least one condition and one choice are needed, got none")
    *choices, result = unify(registry.current(), [*choicelist, default])
    shapes = [shape_of(x) for x in (*condlist, *choices, result)]
    try:
        broadcast_shapes(*(tuple(n if isinstance(n, int) else None for n in shape) for shape in shapes))
    except ValueError as error:
        raise invalid("select", f"shapes {', '.join(map(str, shapes))} do not broadcast: {error}") from None
    for condition, choice in zip(reversed(condlist), reversed(choices), strict=True):
        result = arithmetic.where(condition, choice, result)
    return result
