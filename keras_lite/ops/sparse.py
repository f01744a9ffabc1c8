"""Sparse tensors, of the engines that have them: matrices in a product, and indices.  All other ops refuse them.

An engine takes its framework's sparse tensor apart into indices and values (`sparse_parts`); the rest is done with other ops here, so it
is differentiated and compiled like them.
"""

from __future__ import annotations

from typing import Any

from keras_lite import config
from keras_lite.engine import registry
from keras_lite.engine.dtypes import standardize
from keras_lite.engine.errors import invalid
from keras_lite.ops import references_arrays as references
from keras_lite.ops.arithmetic import equal, greater_equal, less, logical_and, logical_or, multiply, not_equal, where
from keras_lite.ops.core import cast
from keras_lite.ops.creation import iota, zeros
from keras_lite.ops.data import as_tensor, is_sparse, no_sparse
from keras_lite.ops.facts import dtype_of, shape_of
from keras_lite.ops.indexing import gather, scatter, sort
from keras_lite.ops.sample import Sample, array, f32, i32
from keras_lite.ops.shaping import broadcast_to, expand_dims, flip, reshape, roll, squeeze, stack, transpose
from keras_lite.ops.table import op

_WIDE = {"bool": "int32", "int8": "int32", "float16": "float32", "bfloat16": "float32"}  # dtypes in which others are added up
PLACES = array([[0, 1], [2, 3], [0, 1], [2, 0]], "int32")


@op(tensors=("values", "x"), reference=references.sparse_matmul,
    samples=(Sample(PLACES, f32(4), 4, f32(4, 5)), Sample(PLACES, f32(4), 3, f32(4, 1)), Sample(i32(0, 2), f32(0), 3, f32(4, 2)),
             Sample(i32(0, 2), f32(0), 0, f32(2, 3)), Sample(PLACES, i32(4), 3, i32(4, 2)), Sample(PLACES, i32(4), 3, f32(4, 0)),
             Sample(array([[1, 0]], "int64"), f32(1), 2, f32(1, 3)), Sample(PLACES, 5, 3, "text", error="expected a tensor")))
def sparse_matmul(indices: Any, values: Any, size: Any, x: Any) -> Any:
    """The product of a sparse matrix of `size` rows and the matrix `x`: `values[k]` stands at `indices[k]`, equal places add up.

    `indices` (n, 2) are integers inside the matrix; 16-bit floats are added up in float32, bools and int8 in int32.
    """
    dtype = dtype_of(values)
    wide = _WIDE.get(dtype, dtype)
    indices = as_tensor(registry.current(), indices)
    products = multiply(expand_dims(cast(values, wide), 1), gather(cast(x, wide), indices[:, 1], 0))
    total = scatter(zeros((size, shape_of(x)[1]), wide), indices[:, :1], products, "add")
    return total if dtype == "int8" else cast(total, dtype)


@op(tensors=(), samples=(Sample(f32(3, 4)), Sample(f32()), Sample(f32(0, 2)), Sample("text", error="expected a tensor")),
    reference=lambda x: x)
def densify(x: Any) -> Any:
    """`x` with all its zeros if it is sparse, as it is otherwise."""
    engine = registry.current()
    if not is_sparse(engine, x):
        return as_tensor(engine, x)
    if engine.is_abstract:
        return engine.spec(x.shape, x.dtype)
    indices, values, shape = engine.sparse_parts(x)
    dtype = dtype_of(values)
    wide = _WIDE.get(dtype, dtype)
    return cast(scatter(zeros(shape, wide), indices, cast(values, wide), "add"), dtype)


def product(engine: Any, x1: Any, x2: Any) -> Any:
    """`matmul` with a sparse matrix on one side, and a matrix or a vector on the other; of two sparse ones the second becomes dense."""
    if is_sparse(engine, x1) and is_sparse(engine, x2):
        x2 = densify(x2)
    left = is_sparse(engine, x1)
    matrix, x = (x1, as_tensor(engine, x2)) if left else (x2, as_tensor(engine, x1))
    shape, sizes = tuple(matrix.shape), engine.shape_of(x)
    if len(shape) != 2 or len(sizes) not in (1, 2):
        raise invalid("matmul", f"a sparse operand must be a matrix and the other a matrix or a vector, got the shapes {shape} (sparse) "
                                f"and {sizes}; convert_to_tensor(x, sparse=False) makes it dense")
    if engine.is_abstract:
        return engine.matmul(*((densify(matrix), x) if left else (x, densify(matrix))))
    inner = shape[1 if left else 0], sizes[0 if left else -1]
    if all(isinstance(n, int) for n in inner) and inner[0] != inner[1]:
        raise invalid("matmul", "inner sizes differ: " + (f"{shape} @ {sizes}" if left else f"{sizes} @ {shape}"))
    indices, values, shape = engine.sparse_parts(matrix)
    if left:
        result = sparse_matmul(indices, values, shape[0], expand_dims(x, 1) if len(sizes) == 1 else x)
        return squeeze(result, 1) if len(sizes) == 1 else result
    columns = expand_dims(x, 1) if len(sizes) == 1 else transpose(x)
    result = sparse_matmul(flip(indices, 1), values, shape[1], columns)
    return squeeze(result, 1) if len(sizes) == 1 else transpose(result)


def sparse_classes(name: str, x: Any, num_classes: Any, axis: int, dtype: Any, over: int | None = None) -> Any:
    """`one_hot` of the integers `x` as a sparse tensor, and with `over` the largest along that axis of it.

    There are as many places as integers, so compilers know their number: those of integers that are no classes, or stand in the same
    place as others, are outside of the shape.  NotImplementedError where the engine has no sparse tensors.
    """
    engine, dtype = registry.current(), standardize(dtype, config.floatx())
    shape = list(shape_of(x))
    dense = [*shape[:axis], num_classes, *shape[axis:]]
    kept = [i for i in range(len(dense)) if i != over]
    result = tuple(dense[i] for i in kept)
    if engine.is_abstract:
        return engine.spec(result, dtype, sparse=True)
    if not hasattr(engine, "make_sparse"):
        raise no_sparse(name, engine)
    once = True
    if over not in (None, axis):
        along = over - (over > axis)
        x = sort(x, along)
        once = logical_or(not_equal(x, roll(x, 1, along)), equal(_numbers(shape, along), 0))
    columns = [_numbers(shape, i) for i in range(len(shape))]
    columns.insert(axis, x)
    indices = stack([reshape(cast(columns[i], "int32"), (-1,)) for i in kept], 1)
    there = reshape(logical_and(logical_and(greater_equal(x, 0), less(x, num_classes)), once), (-1,))
    indices = where(expand_dims(there, 1), indices, as_tensor(engine, result))
    return engine.make_sparse(indices, cast(there, engine.canonical_dtype(dtype)), result)


def _numbers(shape: list[Any], axis: int) -> Any:
    """Of each place in `shape` its number along `axis`."""
    return broadcast_to(reshape(iota(shape[axis]), [shape[axis] if i == axis else 1 for i in range(len(shape))]), shape)
