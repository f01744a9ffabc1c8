"""Products of matrices and tensors."""

from __future__ import annotations

import string
from typing import Any

from keras_lite.engine import registry
from keras_lite.engine.dtypes import ALL, FLOAT8
from keras_lite.engine.errors import invalid, unknown_arguments
from keras_lite.ops import references, sizes
from keras_lite.ops.arithmetic import multiply
from keras_lite.ops.complex_numbers import conj
from keras_lite.ops.data import is_sparse, refuse_storage, unify, weak_dtype_of
from keras_lite.ops.facts import rank_of, shape_of
from keras_lite.ops.families import normal_axis
from keras_lite.ops.sample import Sample, array, boolean, c64, f32, i32
from keras_lite.ops.shaping import ravel, reshape, transpose
from keras_lite.ops.sparse import product
from keras_lite.ops.table import op, primitive
from keras_lite.state.variable import Variable

_STORED = array([[1.0, 2.0], [3.0, 4.0]], "float8_e5m2")
_DIRECT = frozenset(ALL) - {"int8", "bool", *FLOAT8}


def _operands(name: str, engine: Any, xs: Any, widen: bool = True) -> list[Any]:
    """Tensors of one dtype; with `widen`, int8 operands become int32, in which their products are summed."""
    eight = widen and all(weak_dtype_of(engine, x) == "int8" for x in xs if hasattr(x, "dtype"))
    tensors = unify(engine, list(xs))
    refuse_storage(name, engine.dtype_of(tensors[0]))
    return [engine.cast(x, "int32") for x in tensors] if eight and engine.dtype_of(tensors[0]) == "int8" else tensors


@primitive(samples=(Sample(f32(3, 4), f32(4, 5)), Sample(f32(2, 300, low=0.1), f32(300, 2, low=0.1)),
                    Sample(f32(2, 1, 3, 4), f32(5, 4, 2)), Sample(f32(4), f32(4)), Sample(f32(2, 3), f32(3)),
                    Sample(f32(3), f32(2, 3, 4)), Sample(f32(0, 3), f32(3, 2)),
                    Sample(f32(2, 0), f32(0, 3)), Sample(i32(2, 3), i32(3, 2)), Sample(i32(2, 3), f32(3, 2)),
                    Sample(boolean(2, 3), boolean(3, 2)), Sample(c64(2, 3), c64(3, 2)), Sample(f32(2, 3), c64(3)),
                    Sample(array([[100, 100]], "int8"), array([[100], [100]], "int8")),
                    Sample(f32(3, 4), f32(3, 4), error=r"inner sizes differ: \(3, 4\) @ \(3, 4\)"),
                    Sample(f32(), f32(3), error="operands need rank 1 or more"),
                    Sample(f32(2, 3, 4), f32(3, 4, 5), error="do not broadcast"),
                    Sample(_STORED, _STORED, error="float8_e5m2, which is for storage"),
                    Sample(f32(2, 2), _STORED, error="no implicit conversion of float8_e5m2")), reference=references.matmul)
def matmul(engine: Any, x1: Any, x2: Any) -> Any:
    """Matrix product over the last axis of `x1` and the last but one of `x2`; leading axes broadcast.

    A vector counts as a row on the left and as a column on the right.  Products of int8 are summed in int32.  On jax and tensorflow one
    may be a sparse matrix; the result is dense.  Raises ValueError for scalars, inner sizes that differ and axes that do not broadcast.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.matmul([[1, 2], [3, 4]], [[1, 0], [0, 10]])).tolist()
    [[1, 20], [3, 40]]
    >>> ops.convert_to_numpy(ops.matmul([[1, 2], [3, 4]], [1, 10])).tolist()
    [21, 43]
    """
    x1 = x1.value if x1.__class__ is Variable else x1
    x2 = x2.value if x2.__class__ is Variable else x2
    is_tensor, dtype_of = engine.is_tensor, engine.dtype_of
    if is_tensor(x1) and is_tensor(x2):
        dtype = dtype_of(x1)
        if dtype == dtype_of(x2) and dtype in _DIRECT:
            return x1, x2
    if is_sparse(engine, x1) or is_sparse(engine, x2):
        return product(engine, x1, x2)
    x1, x2 = _operands("matmul", engine, [x1, x2])
    if engine.dtype_of(x1) != "bool":
        return x1, x2
    return engine.cast(engine.matmul(engine.cast(x1, "int32"), engine.cast(x2, "int32")), "bool")


# --- einsum --------------------------------------------------------------------------------------------------------------


@primitive(samples=(Sample("ij,jk->ik", f32(3, 4), f32(4, 5)), Sample("ij,jk", f32(3, 4), f32(4, 5)),
                    Sample("...i,...i->...", f32(2, 3, 4), f32(4)), Sample("bij,bjk", f32(2, 3, 4), f32(2, 4, 5)),
                    Sample("ii->i", f32(3, 3)),
                    Sample("i...->...", f32(0, 2)), Sample("ij->ji", i32(2, 3)), Sample("...ij,jk->...ik", f32(5, 2, 3), f32(3, 2)),
                    Sample("a,b,c->abc", f32(2), f32(3), f32(4)), Sample("ba", f32(2, 3)),
                    Sample("ij,jk->ik", f32(3, 4), f32(3, 5), error="axis 'j' of 'ij,jk->ik' has sizes 4 and 3"),
                    Sample("ij,jk->ik", f32(3, 4), error="names 2 operands, got 1"),
                    Sample("ij->ik", f32(3, 4), error="stand in no operand"),
                    Sample("ij,jk->ii", f32(3, 4), f32(4, 5), error="names the axis 'i' twice"),
                    Sample("ij->i", f32(3), error="names 2 axes, the operand has shape"), Sample("i1->i", f32(3, 2), error="letters"),
                    Sample("ij,ij->j", c64(3, 4), c64(3, 4)), Sample("ij,jk", _STORED, _STORED, error="float8_e5m2, which is for storage")))
def einsum(engine: Any, subscripts: str, *operands: Any, **kwargs: Any) -> Any:
    """Sum of products, the axes named by letters: `"ij,jk->ik"` is the matrix product.

    Args:
        subscripts: the axes of each operand, separated by commas, and behind "->" those of the result; without "->" it has the letters
            that stand once, in alphabetical order.  "..." stands for further leading axes, which broadcast.
        operands: tensors; products of int8 are summed in int32.
        kwargs: `optimize`, the order of the products for NumPy: a bool, "greedy", "optimal" or a path.  Here the engine chooses the order,
            whatever it is; the sum is the same.

    Raises:
        TypeError: there are other `kwargs`.
        ValueError: `optimize` is something else, or there are subscripts that can't be read or do not fit the operands.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.einsum("ij,j->i", [[1, 2], [3, 4]], [1, 10])).tolist()
    [21, 43]
    >>> ops.convert_to_numpy(ops.einsum("...ii->...", [[[1, 2], [3, 4]]])).tolist()  # traces
    [5]
    """
    _check_order(kwargs.pop("optimize", False))
    if kwargs:
        raise unknown_arguments("einsum", kwargs, ["subscripts", "optimize"])
    if not operands:
        raise invalid("einsum", f"{subscripts!r} needs operands")
    tensors = _operands("einsum", engine, operands)
    expanded, tensors = _explicit(engine, subscripts, tensors)
    if engine.dtype_of(tensors[0]) != "bool":
        return expanded, tensors
    return engine.cast(engine.einsum(expanded, [engine.cast(x, "int32") for x in tensors]), "bool")


def _check_order(optimize: Any) -> None:
    """Raise ValueError for an order of products that NumPy does not know."""
    if not isinstance(optimize, (bool, list, tuple)) and optimize not in ("greedy", "optimal"):
        raise invalid("einsum", f"optimize must be a bool, 'greedy', 'optimal' or a path, got {optimize!r}")


def _explicit(engine: Any, subscripts: str, tensors: list[Any]) -> tuple[str, list[Any]]:
    """Subscripts with "->" and without "...", and the operands with a size for each letter.

    Axes under an ellipsis that broadcast (size 1 beside a larger one) are dropped from their operand: a letter names one size.
    """
    text = subscripts.replace(" ", "")
    inputs, arrow, output = text.partition("->")
    terms = inputs.split(",")
    if set(text) - set(string.ascii_letters) - set(",->."):
        raise invalid("einsum", f"{subscripts!r} may hold letters, commas, '...' and '->'")
    if len(terms) != len(tensors):
        raise invalid("einsum", f"{subscripts!r} names {len(terms)} operands, got {len(tensors)}")
    ranks = [len(engine.shape_of(x)) for x in tensors]
    extra = [rank - len(term) + 3 if "..." in term else 0 for term, rank in zip(terms, ranks, strict=True)]
    if min(extra) < 0:
        raise invalid("einsum", f"{subscripts!r} names more axes than an operand has: {[engine.shape_of(x) for x in tensors]}")
    free = [c for c in string.ascii_letters if c not in text][:max(extra)]
    if len(free) < max(extra):
        raise invalid("einsum", f"{subscripts!r} leaves no letters for the axes under '...'")
    letters = "".join(free)
    terms = [term.replace("...", letters[len(letters) - n:]) for term, n in zip(terms, extra, strict=True)]
    if not arrow:
        named = "".join(terms)
        output = letters + "".join(sorted(c for c in set(named) - set(letters) if named.count(c) == 1))
    output = output.replace("...", letters)
    twice = next((c for c in output if output.count(c) > 1), None)
    if twice is not None:
        raise invalid("einsum", f"the result of {subscripts!r} names the axis {twice!r} twice")
    if letters:
        terms, tensors = _without_ones(engine, terms, tensors, letters)
    return f"{','.join(terms)}->{output}", tensors


def _without_ones(engine: Any, terms: list[str], tensors: list[Any], letters: str) -> tuple[list[str], list[Any]]:
    """Operands without the axes of size 1 that broadcast against another operand's axis of the same letter."""
    shapes = [dict(zip(term, engine.shape_of(x), strict=False)) for term, x in zip(terms, tensors, strict=True)]
    wide = {c for c in letters for shape in shapes if not _is_one(shape.get(c, 1))}
    out = []
    for i, (term, x) in enumerate(zip(terms, tensors, strict=True)):
        gone = [c for c in letters if c in wide and c in term and _is_one(shapes[i][c])]
        if gone:
            terms[i] = "".join(c for c in term if c not in gone)
            x = engine.reshape(x, tuple(shapes[i][c] for c in terms[i]))
        out.append(x)
    return terms, out


def _is_one(n: Any) -> bool:
    return isinstance(n, int) and n == 1


# --- composites over one or several axes ---------------------------------------------------------------------------------

PAIR = ("x1", "x2")


@op(tensors=PAIR, samples=(Sample(f32(2, 3, 4), f32(3, 4, 5)), Sample(f32(3, 4), f32(4, 5), axes=1),
                           Sample(f32(2, 3, 4), f32(4, 3, 5), axes=((1, 2), (1, 0))), Sample(f32(2), f32(3), axes=0),
                           Sample(f32(0, 3), f32(3), 1),
                           Sample(f32(2, 3), f32(3, 2), axes=(-1, 0)),
                           Sample(f32(2, 3), f32(2, 3), axes=1, error=r"sizes of the axes differ"),
                           Sample(f32(2), f32(2), axes=2, error="out of range")))
def tensordot(x1: Any, x2: Any, axes: Any = 2) -> Any:
    """Sum of products over pairs of axes; the result has the other axes of `x1`, then those of `x2` (`numpy.tensordot`).

    Args:
        x1, x2: tensors.
        axes: an int n for the last n axes of `x1` and the first n of `x2`; or a pair, the axes of each, an int or several.

    Raises:
        ValueError: axes out of range, or sizes that differ.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.tensordot([[1, 2], [3, 4]], [[1, 10], [100, 1000]], axes=([0], [1]))).tolist()
    [[31, 3100], [42, 4200]]
    """
    if isinstance(axes, int) and not isinstance(axes, bool):
        if not 0 <= axes <= min(rank_of(x1), rank_of(x2)):
            raise invalid("tensordot", f"axes={axes} is out of range for the shapes {shape_of(x1)} and {shape_of(x2)}")
        axes = range(rank_of(x1) - axes, rank_of(x1)), range(axes)
    if len(axes) != 2:
        raise invalid("tensordot", f"axes must be an int or a pair, one for each of both tensors, got {axes!r}")
    sides = [side if hasattr(side, "__iter__") else [side] for side in axes]
    first, second = ([normal_axis("tensordot", a, rank_of(x)) for a in side] for side, x in zip(sides, (x1, x2), strict=True))
    if len(first) != len(second):
        raise invalid("tensordot", f"as many axes of both are needed, got {axes!r}")
    pairs = [(shape_of(x1)[a], shape_of(x2)[b]) for a, b in zip(first, second, strict=True)]
    if any(isinstance(n, int) and isinstance(m, int) and n != m for n, m in pairs):
        raise invalid("tensordot", f"sizes of the axes differ: {first} of {shape_of(x1)} and {second} of {shape_of(x2)}")
    rest1, rest2 = ([a for a in range(rank_of(x)) if a not in used] for x, used in ((x1, first), (x2, second)))
    inner = sizes.product(n if isinstance(n, int) else m for n, m in pairs)
    outer1, outer2 = [shape_of(x1)[a] for a in rest1], [shape_of(x2)[a] for a in rest2]
    left = reshape(transpose(x1, (*rest1, *first)), (sizes.product(outer1), inner))
    right = reshape(transpose(x2, (*second, *rest2)), (inner, sizes.product(outer2)))
    return reshape(_plain_matmul(left, right), (*outer1, *outer2))


def _plain_matmul(x1: Any, x2: Any) -> Any:
    """`matmul` that sums int8 in int8, as NumPy's other products do."""
    engine = registry.current()
    return engine.matmul(x1, x2) if engine.dtype_of(x1) == "int8" else matmul(x1, x2)


@op(tensors=PAIR, samples=(Sample(f32(3, 4), f32(4, 5)), Sample(f32(4), f32(4)), Sample(f32(2, 3, 4), f32(4)),
                           Sample(f32(2, 3), f32(4, 3, 5)), Sample(f32(2, 3), 2.0), Sample(f32(0, 3), f32(3)), Sample(i32(2, 3), i32(3)),
                           Sample(f32(3, 4), f32(3), error="sizes of the axes differ")))
def dot(x1: Any, x2: Any) -> Any:
    """Sum of products over the last axis of `x1` and the last but one of `x2` (or its only one); a scalar multiplies.

    Leading axes do not broadcast as in `matmul`: the result has those of both (`numpy.dot`).  Raises ValueError for sizes that differ.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.dot([1, 2, 3], [1, 10, 100])).tolist()
    321
    >>> ops.dot(ops.ones((2, 3, 4)), ops.ones((5, 4, 6))).shape == (2, 3, 5, 6)
    True
    """
    if rank_of(x1) == 0 or rank_of(x2) == 0:
        return multiply(x1, x2)
    return tensordot(x1, x2, (-1, -2 if rank_of(x2) > 1 else 0))


@op(tensors=PAIR, samples=(Sample(f32(4), f32(4)), Sample(f32(2, 3), f32(5, 3)), Sample(f32(2, 3), 2.0), Sample(f32(0), f32(0)),
                           Sample(f32(2, 3), f32(2), error="sizes of the axes differ")))
def inner(x1: Any, x2: Any) -> Any:
    """Sum of products over the last axes of `x1` and `x2`; a scalar multiplies.  Raises ValueError for sizes that differ.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.inner([[1, 2], [3, 4]], [1, 10])).tolist()
    [21, 43]
    """
    if rank_of(x1) == 0 or rank_of(x2) == 0:
        return multiply(x1, x2)
    return tensordot(x1, x2, (-1, -1))


@op(tensors=PAIR, samples=(Sample(f32(3), f32(4)), Sample(f32(2, 3), f32(2)), Sample(f32(0), f32(3)), Sample(i32(3), f32(2)),
                           Sample("text", f32(2), error="expected a tensor")))
def outer(x1: Any, x2: Any) -> Any:
    """All products of an element of `x1` and one of `x2`, both flattened, as a matrix with a row for each element of `x1`.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.outer([1, 2], [1, 10, 100])).tolist()
    [[1, 10, 100], [2, 20, 200]]
    """
    return multiply(reshape(x1, (-1, 1)), reshape(x2, (1, -1)))


@op(tensors=PAIR, samples=(Sample(f32(3), f32(3)), Sample(f32(2, 3), f32(3, 2)), Sample(f32(0), f32(0)), Sample(c64(3), c64(3)),
                           Sample(f32(3), f32(4), error="sizes of the axes differ")))
def vdot(x1: Any, x2: Any) -> Any:
    """Sum of the products of the elements of `x1` and `x2`, flattened; of complex numbers, the conjugates of those of `x1` are taken.

    Raises ValueError for numbers of elements that differ.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.vdot([1 + 2j, 0], [1 + 2j, 3])).tolist()
    (5+0j)
    """
    return tensordot(conj(ravel(x1)), ravel(x2), 1)
