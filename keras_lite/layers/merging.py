"""Layers that join several inputs."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from keras_lite import ops
from keras_lite.engine.dtypes import promote
from keras_lite.engine.errors import invalid, wrong_type
from keras_lite.layers.layer import Layer
from keras_lite.ops.families import normal_axis
from keras_lite.symbolic.rules import broadcast_shapes


class _Several(Layer):
    """A layer that is called on a list of tensors."""

    supports_masking = True
    count: int | None = None  # how many inputs; None for one or more

    def _checked(self, shapes: Any) -> list[tuple[int | None, ...]]:
        """The shapes of the inputs, if there is the right number of them."""
        where, wanted = type(self).__name__, f"{self.count}" if self.count else "one or more"
        if not isinstance(shapes, (list, tuple)) or any(not isinstance(shape, (list, tuple)) for shape in shapes):
            raise wrong_type(where, f"expects a list of {wanted} tensors, got a single input of shape {shapes}")
        if not shapes or (self.count and len(shapes) != self.count):
            raise invalid(where, f"expects a list of {wanted} tensors, got {len(shapes)}")
        return [tuple(shape) for shape in shapes]


class _Merge(_Several):
    """A function of two tensors, folded over the list.

    Inputs with fewer axes get axes of size 1 behind the batch; otherwise sizes broadcast, but for the batch's.
    """

    def build(self, input_shape: Any) -> None:
        shapes = self._checked(input_shape)
        rank = max(map(len, shapes))
        fits = len({shape[0] for shape in shapes if shape and shape[0] is not None}) <= 1
        try:
            broadcast_shapes(*((*shape[:1], *(1,) * (rank - len(shape)), *shape[1:]) for shape in shapes))
        except ValueError:
            fits = False
        if not fits:
            raise invalid(type(self).__name__, f"inputs of shapes {', '.join(map(str, shapes))} can't be merged: "
                                               "the batch sizes must be equal, and the others equal or 1")

    def call(self, inputs: Any) -> Any:
        rank = max(len(x.shape) for x in inputs)
        return self._merged([_with_rank(x, rank) for x in inputs])

    def _merged(self, inputs: list[Any]) -> Any:
        return functools.reduce(self._combine, inputs)

    def _combine(self, x1: Any, x2: Any) -> Any:
        raise NotImplementedError

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """True where one of the masks is; None if an input has none."""
        if mask is None or any(m is None for m in mask):
            return None
        return functools.reduce(ops.logical_or, mask)


def _with_rank(x: Any, rank: int) -> Any:
    return ops.expand_dims(x, tuple(range(1, 1 + rank - len(x.shape)))) if len(x.shape) < rank else x


class Add(_Merge):
    """Sum of the inputs.

    >>> import keras_lite
    >>> x = keras_lite.ops.ones((2, 3))
    >>> float(keras_lite.layers.Add()([x, x, x])[0][0])
    3.0
    """

    def _combine(self, x1: Any, x2: Any) -> Any:
        return ops.add(x1, x2)


class Subtract(_Merge):
    """The first of two inputs minus the second."""

    count = 2

    def _combine(self, x1: Any, x2: Any) -> Any:
        return ops.subtract(x1, x2)


class Multiply(_Merge):
    """Product of the inputs, element by element."""

    def _combine(self, x1: Any, x2: Any) -> Any:
        return ops.multiply(x1, x2)


class Average(_Merge):
    """Mean of the inputs."""

    def _merged(self, inputs: list[Any]) -> Any:
        return ops.divide(functools.reduce(ops.add, inputs), len(inputs))


class Maximum(_Merge):
    """The largest of the inputs, element by element."""

    def _combine(self, x1: Any, x2: Any) -> Any:
        return ops.maximum(x1, x2)


class Minimum(_Merge):
    """The smallest of the inputs, element by element."""

    def _combine(self, x1: Any, x2: Any) -> Any:
        return ops.minimum(x1, x2)


class Concatenate(_Several):
    """The inputs one after the other along `axis`.

    Raises:
        ValueError: their ranks differ, or their sizes on another axis.

    >>> import keras_lite
    >>> x, y = keras_lite.ops.ones((2, 3)), keras_lite.ops.zeros((2, 5))
    >>> keras_lite.layers.Concatenate()([x, y]).shape[-1]
    8
    """

    def __init__(self, axis: int = -1, **kwargs: Any):
        super().__init__(**kwargs)
        self.axis = axis

    def build(self, input_shape: Any) -> None:
        shapes = self._checked(input_shape)
        rank = len(shapes[0])
        axis = normal_axis("Concatenate", self.axis, rank)
        others = [shape[:axis] + shape[axis + 1:] for shape in shapes]
        same_rank = all(len(shape) == rank for shape in shapes)
        if not same_rank or any(len(set(sizes) - {None}) > 1 for sizes in zip(*others, strict=True)):
            raise invalid("Concatenate", f"inputs of shapes {', '.join(map(str, shapes))} must agree on all axes but axis {axis}")

    def call(self, inputs: Any) -> Any:
        return ops.concatenate(inputs, axis=self.axis)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """The masks along `axis` (an input without one counts as True); None if there is none at all."""
        if mask is None or all(m is None for m in mask):
            return None
        rank = len(inputs[0].shape)
        axis = normal_axis("Concatenate", self.axis, rank)
        full = []
        for x, m in zip(inputs, mask, strict=True):
            m = ops.ones_like(x, dtype="bool") if m is None else ops.cast(m, "bool")
            missing = rank - len(m.shape)
            shaped = ops.reshape(m, (*ops.shape(m), *(1,) * missing)) if missing else m
            full.append(ops.broadcast_to(shaped, ops.shape(x)))
        return ops.any(ops.concatenate(full, axis=axis), axis=-1)


class Dot(_Several):
    """Sum of products over one axis of each of two inputs, example by example.

    (batch, ..., n, ...) and (batch, ..., n, ...) give (batch, rest of the first, rest of the second), or (batch, 1) for two vectors.

    Args:
        axes: the axis in both, or a pair; not 0, which is the batch.
        normalize: divide by the Euclidean norms, which gives cosines.

    Raises:
        ValueError: the sizes of the two axes differ.

    >>> import keras_lite
    >>> float(keras_lite.layers.Dot(1)([keras_lite.ops.array([[1.0, 2.0]]), keras_lite.ops.array([[3.0, 4.0]])])[0][0])
    11.0
    """

    count = 2

    def __init__(self, axes: Any, normalize: bool = False, **kwargs: Any):
        super().__init__(**kwargs)
        pair = (axes, axes) if hasattr(axes, "__index__") else tuple(axes) if isinstance(axes, (list, tuple)) else ()
        if len(pair) != 2 or not all(hasattr(axis, "__index__") for axis in pair):
            raise wrong_type("Dot", f"axes must be an int or two ints, got {axes!r}")
        self.axes, self.normalize = axes, normalize
        self._pair = pair

    def build(self, input_shape: Any) -> None:
        shapes = self._checked(input_shape)
        axes = self._axes(*shapes)
        sizes = [shape[axis] for shape, axis in zip(shapes, axes, strict=True)]
        if None not in sizes and sizes[0] != sizes[1]:
            raise invalid("Dot", f"axis {axes[0]} of {shapes[0]} and axis {axes[1]} of {shapes[1]} must have the same size")

    def _axes(self, *shapes: Any) -> tuple[int, ...]:
        axes = tuple(normal_axis("Dot", axis, len(shape)) for axis, shape in zip(self._pair, shapes, strict=True))
        if 0 in axes:
            raise invalid("Dot", f"axes {self.axes!r} name the batch axis 0; put an axis in front if there is no batch")
        return axes

    def call(self, inputs: Any) -> Any:
        x1, x2 = inputs
        a1, a2 = self._axes(x1.shape, x2.shape)
        if self.normalize:
            x1, x2 = _unit(x1, a1), _unit(x2, a2)
        rest = iter("cdefghijklmnopqrstuvwxyz")
        first = ["a" if i == 0 else "b" if i == a1 else next(rest) for i in range(len(x1.shape))]
        second = ["a" if i == 0 else "b" if i == a2 else next(rest) for i in range(len(x2.shape))]
        free = [letter for letter in (*first, *second) if letter not in "ab"]
        out = ops.einsum(f"{''.join(first)},{''.join(second)}->a{''.join(free)}", x1, x2)
        return out if free else ops.expand_dims(out, 1)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """None."""
        return None


def _unit(x: Any, axis: int) -> Any:
    """`x` divided by its norm along `axis`, which is taken in float32 at least: in float16 squares overflow."""
    dtype = ops.dtype(x)
    x = ops.cast(x, promote(dtype, "float32"))
    return ops.cast(ops.multiply(x, ops.rsqrt(ops.maximum(ops.sum(ops.square(x), axis=axis, keepdims=True), 1e-12))), dtype)


def _function(cls: type) -> Callable[..., Any]:
    def merge(inputs: Any, **kwargs: Any) -> Any:
        return cls(**kwargs)(inputs)

    merge.__name__ = merge.__qualname__ = cls.__name__.lower()
    merge.__doc__ = f"`{cls.__name__}(**kwargs)(inputs)`."
    return merge


add, subtract, multiply, average = map(_function, (Add, Subtract, Multiply, Average))
maximum, minimum = map(_function, (Maximum, Minimum))


def concatenate(inputs: Any, axis: int = -1, **kwargs: Any) -> Any:
    """`Concatenate(axis, **kwargs)(inputs)`."""
    return Concatenate(axis, **kwargs)(inputs)


def dot(inputs: Any, axes: Any = -1, **kwargs: Any) -> Any:
    """`Dot(axes, **kwargs)(inputs)`."""
    return Dot(axes, **kwargs)(inputs)
