"""Products and windows; what is done to the windows is in `convolution` and `pooling`."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from keras_lite_numpy.convolution import convolve, image_gradient
from keras_lite_numpy.functions import in_float32, sum_to
from keras_lite_numpy.pooling import pool
from keras_lite_numpy.reductions import reduce_sum
from keras_lite_numpy.shaping import pad, reshape, strided_slice, transpose
from keras_lite_numpy.tape import Tensor, primitive
from keras_lite_numpy.windows import Ints, Pairs, pairs_of


def matmul(x1: Tensor, x2: Tensor) -> Tensor:
    if x1.ndim > 2 and x2.ndim == 2:  # one product of matrices, and no sum over stacks in the gradient of x2
        rows = reshape(x1, (-1, x1.shape[-1])) if x1.size else x1
        return reshape(_matmul(rows, x2), (*x1.shape[:-1], x2.shape[-1])) if x1.size else _matmul(x1, x2)
    if x1.ndim == 1 or x2.ndim == 1:
        return _matmul_of_vectors(x1, x2)
    return _matmul(x1, x2)


def _matmul_of_vectors(x1: Tensor, x2: Tensor) -> Tensor:
    """A vector is a row on the left and a column on the right; its axis is dropped from the result."""
    left = reshape(x1, (1, *x1.shape)) if x1.ndim == 1 else x1
    right = reshape(x2, (*x2.shape, 1)) if x2.ndim == 1 else x2
    y = matmul(left, right)
    shape = y.shape[:-2] + y.shape[-2 + (x1.ndim == 1):-1] + y.shape[-1:][:x2.ndim != 1]
    return reshape(y, shape)


def _swap(x: Tensor) -> Tensor:
    """Each matrix transposed."""
    return transpose(x, (*range(x.ndim - 2), x.ndim - 1, x.ndim - 2))


_matmul = in_float32(primitive(np.matmul, lambda g, y, x1, x2: sum_to(matmul(g, _swap(x2)), x1.shape),
                               lambda g, y, x1, x2: sum_to(matmul(_swap(x1), g), x2.shape)))


@in_float32
def _einsum(subscripts: str, *operands: Tensor) -> Tensor:
    inputs, output = subscripts.split("->")
    terms = [_simplified(term, x) for term, x in zip(inputs.split(","), operands, strict=True)]
    path = np.einsum_path(subscripts, *(np.broadcast_to(np.float32(0), x.shape) for x in operands), optimize="greedy")[0][1:]
    for places in path if len(terms) > 1 else ():
        chosen = [terms[i] for i in places]
        terms = [t for i, t in enumerate(terms) if i not in places]
        while len(chosen) > 1:
            later = set(output).union(*(t for t, _ in (*terms, *chosen[2:])))
            (term1, x1), (term2, x2) = chosen[:2]
            chosen[:2] = [_product(term1, x1, term2, x2, later)]
        terms += chosen
    letters, x = _summed(*terms[0], set(output))
    return transpose(x, tuple(letters.index(c) for c in output))


def einsum(subscripts: str, operands: Sequence[Tensor]) -> Tensor:
    return _einsum(subscripts, *operands)


def _simplified(term: str, x: Tensor) -> tuple[str, Tensor]:
    """A term whose letters differ: the diagonal where one is repeated."""
    for letter in sorted({c for c in term if term.count(c) > 1}):
        first, second = term.index(letter), term.rindex(letter)
        rest = tuple(i for i in range(x.ndim) if i not in (first, second))
        n = x.shape[first]
        kept = tuple(x.shape[i] for i in rest)
        square = reshape(transpose(x, (*rest, first, second)), (*kept, n * n))
        zeros, stops = (0,) * len(rest), (*kept, n * n)
        x = strided_slice(square, (*zeros, 0), stops, (1,) * len(rest) + (n + 1,))
        term = "".join(term[i] for i in rest) + letter
        return _simplified(term, x)
    return term, x


def _summed(term: str, x: Tensor, needed: set[str]) -> tuple[str, Tensor]:
    """The sum over letters that nothing else needs."""
    axes = tuple(i for i, c in enumerate(term) if c not in needed)
    return "".join(c for c in term if c in needed), reduce_sum(x, axes, False) if axes else x


def _product(term1: str, x1: Tensor, term2: str, x2: Tensor, later: set[str]) -> tuple[str, Tensor]:
    """Two terms contracted by one stack of products of matrices, over the letters that are not needed later."""
    term1, x1 = _summed(term1, x1, later | set(term2))
    term2, x2 = _summed(term2, x2, later | set(term1))
    stack = [c for c in term1 if c in term2 and c in later]
    shared = [c for c in term1 if c in term2 and c not in later]
    rows, columns = ([c for c in a if c not in b] for a, b in ((term1, term2), (term2, term1)))
    sizes = dict(zip(term1 + term2, x1.shape + x2.shape, strict=True))

    def matrices(term: str, x: Tensor, first: list[str], second: list[str]) -> Tensor:
        x = transpose(x, tuple(term.index(c) for c in stack + first + second))
        return reshape(x, (*(sizes[c] for c in stack), _count(sizes, first), _count(sizes, second)))

    y = matmul(matrices(term1, x1, rows, shared), matrices(term2, x2, shared, columns))
    letters = stack + rows + columns
    return "".join(letters), reshape(y, tuple(sizes[c] for c in letters))


def _count(sizes: dict[str, int], letters: list[str]) -> int:
    return math.prod(sizes[c] for c in letters)


def conv(x: Tensor, kernel: Tensor, strides: Ints, padding: str | Pairs, dilation: Ints, groups: int, channels_last: bool) -> Tensor:
    if not channels_last:
        y = conv(_channels_last(x), kernel, strides, padding, dilation, groups, True)
        return _channels_first(y)
    pairs = pairs_of(padding, x.shape[1:-1], kernel.shape[:-2], strides, dilation)
    if any(map(any, pairs)):
        x = pad(x, ((0, 0), *pairs, (0, 0)), 0)
    return convolve(x, kernel, strides, dilation, groups)


def conv_transpose(x: Tensor, kernel: Tensor, strides: Ints, padding: Pairs, dilation: Ints, channels_last: bool) -> Tensor:
    if not channels_last:
        return _channels_first(conv_transpose(_channels_last(x), kernel, strides, padding, dilation, True))
    sizes = zip(x.shape[1:-1], kernel.shape[:-2], strides, dilation, strict=True)
    full = [(n - 1) * s + (k - 1) * d + 1 for n, k, s, d in sizes]
    y = image_gradient(x, kernel, (x.shape[0], *full, kernel.shape[-2]), strides, dilation, 1)
    starts = tuple(max(before, 0) for before, _ in padding)
    stops = tuple(n - max(after, 0) for n, (_, after) in zip(full, padding, strict=True))
    y = strided_slice(y, (0, *starts, 0), (x.shape[0], *stops, kernel.shape[-2]), (1,) * y.ndim)
    extra = tuple((max(-before, 0), max(-after, 0)) for before, after in padding)
    return pad(y, ((0, 0), *extra, (0, 0)), 0) if any(map(any, extra)) else y


def reduce_window(x: Tensor, kind: str, window: Ints, strides: Ints, padding: str | Pairs, channels_last: bool) -> Tensor:
    if not channels_last:
        return _channels_first(reduce_window(_channels_last(x), kind, window, strides, padding, True))
    return pool(x, kind, window, strides, padding)


def _channels_last(x: Tensor) -> Tensor:
    return transpose(x, (0, *range(2, x.ndim), 1))


def _channels_first(x: Tensor) -> Tensor:
    return transpose(x, (0, x.ndim - 1, *range(1, x.ndim - 1)))
