"""Shape arithmetic with unknown sizes (None)."""

from __future__ import annotations

from typing import Any

from keras_lite.engine.errors import invalid

Shape = tuple[Any, ...]


def broadcast_shapes(*shapes: Shape) -> Shape:
    """NumPy's broadcasting; raises ValueError saying which sizes differ.

    >>> broadcast_shapes((None, 1, 3), (2, 3))
    (None, 2, 3)
    """
    rank = max(map(len, shapes))
    out: list[Any] = [1] * rank
    for shape in shapes:
        for i, size in enumerate(shape, rank - len(shape)):
            known = out[i]
            if known == 1 or (known is None and size not in (1, None)):
                out[i] = size
            elif size not in (1, None, known):
                raise ValueError(f"sizes {known} and {size} of axis {i - rank} differ")
    return tuple(out)


def may_equal(a: Shape, b: Shape) -> bool:
    """Whether two shapes can be the same; unknown sizes fit any.

    >>> may_equal((None, 3), (2, 3)), may_equal((2,), (3,))
    (True, False)
    """
    return len(a) == len(b) and all(m == n for m, n in zip(a, b, strict=True) if isinstance(m, int) and isinstance(n, int))


def broadcast(x1: Any, x2: Any) -> Shape:
    """The common shape of two operands, of which one may be a Python scalar."""
    return broadcast_shapes(getattr(x1, "shape", ()), getattr(x2, "shape", ()))


def kept(shape: Shape, axes: tuple[int, ...], keepdims: bool) -> Shape:
    """`shape` after a reduction over `axes`."""
    if keepdims:
        return tuple(1 if i in axes else n for i, n in enumerate(shape))
    return tuple(n for i, n in enumerate(shape) if i not in axes)


def matmul_shape(a: Shape, b: Shape) -> Shape:
    """Shape of NumPy's matmul.

    >>> matmul_shape((None, 5, 3), (3, 4))
    (None, 5, 4)
    """
    if not a or not b:
        raise invalid("matmul", f"operands need rank 1 or more, got {a} @ {b}")
    inner_a, inner_b = a[-1], b[-2] if len(b) > 1 else b[0]
    if inner_a is not None and inner_b is not None and inner_a != inner_b:
        raise invalid("matmul", f"inner sizes differ: {a} @ {b}")
    try:
        batch = broadcast_shapes(a[:-2], b[:-2]) if len(a) > 1 and len(b) > 1 else (a[:-2] or b[:-2])
    except ValueError as error:
        raise invalid("matmul", f"leading axes of {a} @ {b} do not broadcast: {error}") from None
    return batch + (a[-2:-1] if len(a) > 1 else ()) + (b[-1:] if len(b) > 1 else ())


def contracted(subscripts: str, shapes: list[Shape]) -> Shape:
    """Shape of an explicit einsum.

    >>> contracted("ab,bc->ac", [(None, 3), (3, 4)])
    (None, 4)
    """
    inputs, _, output = subscripts.partition("->")
    terms = inputs.split(",")
    if len(terms) != len(shapes):
        raise invalid("einsum", f"{subscripts!r} names {len(terms)} operands, got {len(shapes)}")
    sizes: dict[str, Any] = {}
    for term, shape in zip(terms, shapes, strict=True):
        if len(term) != len(shape):
            raise invalid("einsum", f"{term!r} in {subscripts!r} names {len(term)} axes, the operand has shape {shape}")
        for letter, size in zip(term, shape, strict=True):
            known = sizes.get(letter)
            if known in (None, 1):
                sizes[letter] = size if size is not None else known
            elif size not in (None, 1, known):
                raise invalid("einsum", f"axis {letter!r} of {subscripts!r} has sizes {known} and {size}: {', '.join(map(str, shapes))}")
    missing = [letter for letter in output if letter not in sizes]
    if missing:
        raise invalid("einsum", f"output axes {missing} of {subscripts!r} stand in no operand")
    return tuple(sizes[letter] for letter in output)


def conv_size(size: Any, window: int, stride: int, padding: Any, dilation: int) -> Any:
    """Number of window positions along one axis."""
    if size is None:
        return None
    if padding == "same":
        return -(-size // stride)
    low, high = (0, 0) if padding == "valid" else padding
    return (size + low + high - (window - 1) * dilation - 1) // stride + 1 if size + low + high >= (window - 1) * dilation + 1 else -1


def transposed_size(size: Any, window: Any, stride: int, crop: Any, dilation: int) -> Any:
    """Size along one axis after a transposed convolution."""
    return None if size is None else max((size - 1) * stride + (window - 1) * dilation + 1 - crop[0] - crop[1], 0)
