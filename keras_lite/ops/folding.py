"""Windows of images as columns, and columns added up to images again."""

from __future__ import annotations

from typing import Any

from keras_lite.engine.dtypes import is_float
from keras_lite.engine.errors import invalid, wrong_type
from keras_lite.ops import references_windows as references
from keras_lite.ops import sizes
from keras_lite.ops.arithmetic import add
from keras_lite.ops.facts import dtype_of, shape_of
from keras_lite.ops.image.patches import windows_of
from keras_lite.ops.kinds import shown
from keras_lite.ops.padding import pad
from keras_lite.ops.sample import Sample, array, boolean, f32, i32
from keras_lite.ops.shaping import expand_dims, part_of, reshape, squeeze, transpose
from keras_lite.ops.statistics import back, wide
from keras_lite.ops.table import op


def _pair(name: str, what: str, value: Any, least: int = 1, later: bool = False) -> tuple[Any, ...]:
    """Two ints; with `later` also sizes that are not known yet."""
    pair = tuple(value) if isinstance(value, (list, tuple)) else (value, value)
    if later and value is not None and any(map(sizes.is_unknown, pair)) and len(pair) == 2:
        return tuple(sizes.as_count(name, what, n, least) for n in pair)
    if any(sizes.whole(n) is None for n in pair):
        raise wrong_type(name, f"{what} must be an int or several, got {shown(value)}")
    numbers = tuple(int(n) for n in pair)
    if len(pair) != 2 or min(numbers) < least:
        raise invalid(name, f"{what} must be an int of at least {least}, or two of them, got {value!r}")
    return numbers


@op(samples=(Sample(f32(2, 3, 4, 5), 2), Sample(f32(1, 2, 6, 7), (2, 3), (2, 1), (1, 2), (2, 1)), Sample(f32(1, 2, 4, 6), 2, stride=2),
             Sample(f32(1, 1, 7, 5), 3, dilation=2, padding=[1, 0], stride=3), Sample(f32(0, 2, 3, 3), 2), Sample(f32(1, 0, 3, 3), 2),
             Sample(i32(1, 2, 3, 3), 2, padding=1), Sample(boolean(1, 1, 3, 3), 2, padding=1),
             Sample(array([[[[1e30, float("nan")], [float("inf"), 1e-30]]]]), 2, padding=1, grad=False),
             Sample(f32(3, 4, 5), 2, error=r"x must be images \(samples, channels, height, width\), got shape \(3, 4, 5\)"),
             Sample(f32(1, 1, 3, 3), 4, error=r"a window of 4 \(dilation 1\) is larger than axis of size 3"),
             Sample(f32(1, 1, 3, 3), (1, 2, 3), error="kernel_size must be an int of at least 1, or two of them"),
             Sample(f32(1, 1, 3, 3), 2, padding=-1, error="padding must be an int of at least 0"),
             Sample(f32(1, 1, 3, 3), 2, stride=0, error="stride must be an int of at least 1"),
             Sample(f32(1, 1, 3, 3), 2, dilation=1.5, error="dilation must be an int or several, got 1.5")), reference=references.unfold)
def unfold(x: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Any:
    """The windows of images (n, c, h, w) as columns: (n, c * window pixels, windows), rows of pixels and of windows one after another.

    Args:
        x: images, with the channels first.
        kernel_size: size of the windows; like the others an int, or a pair for height and width.
        dilation, stride: distance of the pixels of a window, and of the windows.
        padding: zeros on every side.

    Raises:
        TypeError: no ints.
        ValueError: another rank, numbers that are too small, a window that is larger than the images.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.unfold(ops.reshape(ops.arange(9), (1, 1, 3, 3)), 2)).tolist()
    [[[0, 1, 3, 4], [1, 2, 4, 5], [3, 4, 6, 7], [4, 5, 7, 8]]]
    """
    given = shape_of(x)
    if len(given) != 4:
        raise invalid("unfold", f"x must be images (samples, channels, height, width), got shape {given}")
    (kh, kw), gaps = _pair("unfold", "kernel_size", kernel_size), _pair("unfold", "dilation", dilation)
    margins, steps = _pair("unfold", "padding", padding, 0), _pair("unfold", "stride", stride)
    if any(margins):
        x = pad(x, ((0, 0), (0, 0), *((m, m) for m in margins)), constant_values=False if dtype_of(x) == "bool" else 0)
    for axis, size, step, gap in ((2, kh, steps[0], gaps[0]), (4, kw, steps[1], gaps[1])):
        x = windows_of("unfold", x, axis, size, step, gap, "valid", given)
    n, c, rows, _, columns, _ = shape_of(x)
    return reshape(transpose(x, (0, 1, 3, 5, 2, 4)), (n, sizes.times(c, kh * kw), sizes.times(rows, columns)))


@op(samples=(Sample(f32(2, 12, 12), (4, 5), 2), Sample(f32(1, 12, 27), (6, 7), (2, 3), (2, 1), (1, 2), (2, 1)),
             Sample(f32(1, 8, 6), (4, 6), 2, stride=2), Sample(f32(1, 9, 2), (7, 5), 3, dilation=2, padding=[1, 0], stride=3),
             Sample(f32(1, 9, 1), 5, 3, stride=4), Sample(f32(0, 4, 4), 3, 2), Sample(i32(1, 8, 16), 3, 2, padding=1),
             Sample(boolean(1, 4, 16), 3, 2, padding=1),
             Sample(array([[[1e30], [float("nan")], [float("inf")], [1e-30]]]), 2, 2, grad=False),
             Sample(f32(12, 12), (4, 5), 2, error=r"x must be columns \(samples, .*, windows\), got shape \(12, 12\)"),
             Sample(f32(2, 11, 12), (4, 5), 2, error="11 rows can't be divided among the 4 pixels of a window"),
             Sample(f32(2, 12, 11), (4, 5), 2, error=r"images of \(4, 5\) have 3 x 4 windows, got 11 columns"),
             Sample(f32(1, 16, 1), 3, 4, error=r"the window \(4, 4\) \(dilation \(1, 1\)\) is larger than images of \(3, 3\)"),
             Sample(f32(1, 4, 4), None, 2, error="output_size must be an int or several, got None"),
             Sample(f32(1, 4, 4), 0, 2, error="output_size must be an int of at least 1, or two of them")), reference=references.fold)
def fold(x: Any, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Any:
    """Images (n, c, *output_size) from the columns that `unfold` makes of them; where windows overlap, pixels are added up.

    Args:
        x: columns (n, c * window pixels, windows).
        output_size: height and width of the images, an int or a pair.
        kernel_size, dilation, padding, stride: as for `unfold`.

    Raises:
        TypeError: no ints.
        ValueError: another rank, numbers that are too small, rows or columns that are not those of such images.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.fold(ops.ones((1, 4, 4), "int32"), 3, 2)).tolist()  # how many windows a pixel is in
    [[[[1, 2, 1], [2, 4, 2], [1, 2, 1]]]]
    """
    if len(shape_of(x)) != 3:
        raise invalid("fold", f"x must be columns (samples, channels * window pixels, windows), got shape {shape_of(x)}")
    whole, window = _pair("fold", "output_size", output_size, later=True), _pair("fold", "kernel_size", kernel_size)
    gaps, steps = _pair("fold", "dilation", dilation), _pair("fold", "stride", stride)
    margins = _pair("fold", "padding", padding, 0)
    places = [None if n is None else (n + 2 * m - (k - 1) * d - 1) // s + 1
              for n, k, d, m, s in zip(whole, window, gaps, margins, steps, strict=True)]
    if any(isinstance(n, int) and n < 1 for n in places):
        raise invalid("fold", f"the window {window} (dilation {gaps}) is larger than images of {whole} with padding {margins}")
    n, rows, columns = shape_of(x)
    wanted = sizes.times(*places)
    if isinstance(columns, int) and isinstance(wanted, int) and columns != wanted:
        raise invalid("fold", f"images of {whole} have {places[0]} x {places[1]} windows, got {columns} columns")
    if isinstance(rows, int) and rows % (window[0] * window[1]):
        raise invalid("fold", f"{rows} rows can't be divided among the {window[0] * window[1]} pixels of a window")
    x = reshape(x, (n, sizes.divided("fold", rows, window[0] * window[1]), *window, *places))
    total = transpose(wide(x) if is_float(dtype_of(x)) else x, (0, 1, 2, 4, 3, 5))
    for i in (0, 1):
        total = _added(total, 2 + i, sizes.plus(whole[i], 2 * margins[i]), steps[i], gaps[i])
        total = part_of(total, 2 + i, margins[i], sizes.plus(margins[i], whole[i]))
    return back(total, x)


def _added(x: Any, axis: int, whole: Any, stride: int, gap: int) -> Any:
    """Two axes, the pixels of a window and the windows, made one of size `whole`."""
    shape = shape_of(x)
    (size, count), none = shape[axis:axis + 2], (0, 0)
    spread = sizes.plus(sizes.times(sizes.minus(count, 1), stride), 1)
    x = expand_dims(x, axis + 2)  # between windows come stride - 1 zeros
    zero = False if dtype_of(x) == "bool" else 0
    x = pad(x, [(0, stride - 1) if i == axis + 2 else none for i in range(len(shape) + 1)], constant_values=zero)
    x = part_of(reshape(x, (*shape[:axis + 1], sizes.times(count, stride), *shape[axis + 2:])), axis + 1, 0, spread)
    total = None
    for k in range(size):
        before = k * gap
        pixels = squeeze(part_of(x, axis, k, k + 1), axis)
        pairs = [(before, sizes.minus(sizes.minus(whole, spread), before)) if i == axis else none for i in range(len(shape) - 1)]
        pixels = pad(pixels, pairs, constant_values=zero)
        total = pixels if total is None else add(total, pixels)
    return total
