"""Axes divided, exchanged and joined."""

from __future__ import annotations

from typing import Any

from keras_lite import config
from keras_lite.engine.errors import invalid, wrong_type
from keras_lite.ops import patterns, sizes
from keras_lite.ops import references_arrays as references
from keras_lite.ops.facts import rank_of, shape_of
from keras_lite.ops.sample import Sample, boolean, f32, i32
from keras_lite.ops.shaping import reshape, transpose
from keras_lite.ops.table import op

FIRST = "channels_first"


@op(tensors=("tensor",), samples=(
    Sample(f32(2, 3, 4), "a b c -> c a b"), Sample(f32(2, 3, 4), "b h w -> b (h w)"), Sample(f32(2, 12), "b (h w) -> b w h", h=3),
    Sample(f32(2, 6, 4), "b (h k) w -> (b h) (k w)", k=2), Sample(f32(2, 3, 4, 5), "a ... d -> d ... a"),
    Sample(f32(2, 3, 4), "a ... -> a (...)"), Sample(f32(3), "... -> 1 ... ()"), Sample(f32(3, 1, 2), "a 1 b -> (b a)"),
    Sample(f32(2, 3), "a b->b a"), Sample(f32(), "-> 1"), Sample(f32(0, 4), "a (b c) -> c (a b)", b=2),
    Sample(i32(2, 4), "a (b c) -> a b c", b=2, c=2), Sample(boolean(2, 3), "a b -> (b a)"),
    Sample(f32(2, 3, 5, 2), "b ... (x y) -> (b x) ... y", x=1),
    Sample(f32(2, 3), "a b -> a", error="'b' stands on one side only: 'a b -> a'"),
    Sample(f32(2, 3), "a a -> a a", error="'a' stands twice on one side"), Sample(f32(2, 3), "a b", error='one "->" between them'),
    Sample(f32(2, 3), "a b c -> c b a", error="the left side names 3 axes, the tensor has 2"),
    Sample(f32(2), "a b ... -> a b ...", error="the left side names at least 2 axes, the tensor has 1"),
    Sample(f32(6), "(a b) -> a b", error="the sizes of 'b' are needed"),
    Sample(f32(6), "(a b) -> a b", a=4, error=r"size 6 can't be \(a=4 b\)"),
    Sample(f32(6), "(a b) -> a b", a=2, b=2, error=r"size 6 can't be \(a=2 b=2\)"),
    Sample(f32(2), "1 -> 1", error="an axis of size 2 can't be 1"),
    Sample(f32(6), "(a b -> a b", a=2, error="parentheses are not paired"),
    Sample(f32(6), "((a b) c) -> a b c", error="stand inside of others"),
    Sample(f32(6), "(...) -> ...", error="in parentheses on the left side"),
    Sample(f32(6, 2), "a 2 -> a", error="axes without a name have size 1"), Sample(f32(6), "a -> a?", error=r"can't read '\?'"),
    Sample(f32(6), "a -> a", z=2, error="'z' is no axis of 'a -> a'"),
    Sample(f32(6), "(a b) -> a b", a=2.5, error="the size of 'a' must be a positive int, got 2.5")), reference=references.rearrange)
def rearrange(tensor: Any, pattern: str, **axes_lengths: int) -> Any:
    """`tensor` with its axes divided, exchanged and joined as a pattern of names says.

    The notation is that of einops (Rogozhnikov, "Einops: clear and reliable tensor manipulations with Einstein-like notation", ICLR 2022).

    Args:
        tensor: a tensor.
        pattern: names of the axes before and after, as in "b (h k) w -> b h (k w)".  Parentheses stand around axes that are one axis of the
            tensor or of the result, 1 or () for one of size 1, "..." for all others in their order.
        axes_lengths: sizes by name: of the axes in parentheses on the left side all but one need one.

    Raises:
        TypeError: the pattern is no string.
        ValueError: the pattern is malformed or does not fit the tensor or the sizes.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.rearrange([[1, 2], [3, 4], [5, 6]], "a b -> b a")).tolist()
    [[1, 3, 5], [2, 4, 6]]
    >>> ops.convert_to_numpy(ops.rearrange([0, 1, 2, 3, 4, 5], "(rows two) -> rows two", two=2)).tolist()
    [[0, 1], [2, 3], [4, 5]]
    """
    if not isinstance(pattern, str):
        raise wrong_type("rearrange", f"the pattern must be a string, got {pattern!r}")
    left, right = patterns.parsed(pattern)
    given = {name: _positive(name, n) for name, n in axes_lengths.items()}
    unknown = sorted(set(given) - {name for group in left for name in group})
    if unknown:
        raise invalid("rearrange", f"{unknown[0]!r} is no axis of {pattern!r}")
    left = patterns.spread(pattern, left, rank_of(tensor))
    names = [name for group in left for name in group]
    size = patterns.solved(pattern, left, shape_of(tensor), given)
    right = patterns.with_dots(right, [name for name in names if name.startswith(patterns.DOTS)])
    order = [name for group in right for name in group]
    if any(len(group) != 1 for group in left):
        tensor = reshape(tensor, tuple(size[name] for name in names))
    if order != names:
        tensor = transpose(tensor, tuple(names.index(name) for name in order))
    if any(len(group) != 1 for group in right):
        tensor = reshape(tensor, tuple(sizes.product(size[name] for name in group) for group in right))
    return tensor


def _positive(name: str, n: Any) -> Any:
    if sizes.is_unknown(n):
        return sizes.as_count("rearrange", name, n)
    size = sizes.whole(n)
    if size is None or size < 1:
        raise invalid("rearrange", f"the size of {name!r} must be a positive int, got {n!r}")
    return size


# --- blocks of pixels ----------------------------------------------------------------------------------------------------

BLOCKS = (Sample(f32(2, 4), 2, error=r"x must be images with 4 axes, got shape \(2, 4\)"),
          Sample(f32(1, 4, 4, 4), 1, error="block_size must be an int of at least 2, got 1"),
          Sample(f32(1, 4, 4, 4), 2, "channels", error="data_format"))


def _image(name: str, x: Any, block_size: Any, data_format: str | None) -> tuple[int, bool]:
    """The checked size of the blocks, and whether the channels come last."""
    if rank_of(x) != 4:
        raise invalid(name, f"x must be images with 4 axes, got shape {shape_of(x)}")
    return sizes.as_int(name, "block_size", block_size, 2), config.standardize_data_format(data_format) == "channels_last"


@op(samples=(Sample(f32(2, 4, 6, 3), 2), Sample(f32(1, 2, 6, 3), 3, FIRST), Sample(i32(1, 3, 6, 1), block_size=3, data_format=None),
             Sample(f32(0, 2, 2, 3), 2), Sample(f32(2, 3, 4, 4), 2, data_format=FIRST), Sample(boolean(1, 2, 2, 1), 2), *BLOCKS,
             Sample(f32(1, 3, 4, 2), 2, error="size 3 can't be divided into 2 equal parts")), reference=references.space_to_depth)
def space_to_depth(x: Any, block_size: int, data_format: str | None = "channels_last") -> Any:
    """Images with each block of `block_size`**2 pixels made one pixel of so many times more channels.

    (n, h, w, c) becomes (n, h / b, w / b, b * b * c): the channels of a block's pixels follow one another, row by row.  With
    "channels_first" (n, c, h, w) becomes (n, c * b * b, h / b, w / b): the pixels of a block follow one another, channel by channel.

    Args:
        x: images with 4 axes.
        block_size: height and width of a block, at least 2.
        data_format: "channels_last", "channels_first", or None for the one that is set in `config`.

    Raises:
        TypeError: `block_size` is no int.
        ValueError: `x` has another number of axes, `block_size` is below 2, or a height or width is not divisible.

    >>> import numpy as np
    >>> from keras_lite import ops
    >>> x = np.arange(8).reshape(1, 2, 4, 1)
    >>> ops.convert_to_numpy(ops.space_to_depth(x, 2)).tolist()
    [[[[0, 1, 4, 5], [2, 3, 6, 7]]]]
    """
    b, last = _image("space_to_depth", x, block_size, data_format)
    n, h, w, c = shape_of(x) if last else (shape_of(x)[i] for i in (0, 2, 3, 1))
    rows, columns = (sizes.divided("space_to_depth", size, b) for size in (h, w))
    if last:
        return reshape(transpose(reshape(x, (n, rows, b, columns, b, c)), (0, 1, 3, 2, 4, 5)), (n, rows, columns, sizes.times(c, b * b)))
    return reshape(transpose(reshape(x, (n, c, rows, b, columns, b)), (0, 1, 3, 5, 2, 4)), (n, sizes.times(c, b * b), rows, columns))


@op(samples=(Sample(f32(2, 2, 3, 8), 2), Sample(f32(1, 9, 2, 1), 3, FIRST), Sample(i32(1, 3, 1, 9), block_size=3, data_format=None),
             Sample(f32(0, 2, 2, 4), 2), Sample(f32(2, 12, 2, 1), 2, data_format=FIRST), Sample(boolean(1, 2, 2, 4), 2), *BLOCKS,
             Sample(f32(1, 3, 3, 6), 2, error="size 6 can't be divided into 4 equal parts")), reference=references.depth_to_space)
def depth_to_space(x: Any, block_size: int, data_format: str | None = "channels_last") -> Any:
    """Images with each pixel made a block of `block_size`**2 pixels of so many times fewer channels: the inverse of `space_to_depth`.

    Args:
        x: images with 4 axes.
        block_size: height and width of a block, at least 2.
        data_format: "channels_last", "channels_first", or None for the one that is set in `config`.

    Raises:
        TypeError: `block_size` is no int.
        ValueError: `x` has another number of axes, `block_size` is below 2, or the number of channels is not divisible.

    >>> import numpy as np
    >>> from keras_lite import ops
    >>> x = np.arange(8).reshape(1, 1, 2, 4)
    >>> ops.convert_to_numpy(ops.depth_to_space(x, 2))[0, :, :, 0].tolist()
    [[0, 1, 4, 5], [2, 3, 6, 7]]
    """
    b, last = _image("depth_to_space", x, block_size, data_format)
    n, h, w, c = shape_of(x) if last else (shape_of(x)[i] for i in (0, 2, 3, 1))
    depth, height, width = sizes.divided("depth_to_space", c, b * b), sizes.times(h, b), sizes.times(w, b)
    if last:
        return reshape(transpose(reshape(x, (n, h, w, b, b, depth)), (0, 1, 3, 2, 4, 5)), (n, height, width, depth))
    return reshape(transpose(reshape(x, (n, depth, b, b, h, w)), (0, 1, 4, 2, 5, 3)), (n, depth, height, width))
