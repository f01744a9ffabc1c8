"""tf.SparseTensor: a product's matrix, an input of a model."""

from __future__ import annotations

from typing import Any

import tensorflow as tf


def is_sparse(x: Any) -> bool:
    return isinstance(x, tf.SparseTensor)


def sparse_parts(x: tf.SparseTensor) -> tuple[tf.Tensor, tf.Tensor, tuple[Any, ...]]:
    sizes = x.shape.as_list()
    return x.indices, x.values, tuple(x.dense_shape[axis] if size is None else size for axis, size in enumerate(sizes))


def make_sparse(indices: tf.Tensor, values: tf.Tensor, shape: tuple[Any, ...]) -> tf.SparseTensor:
    """Without the places outside of the shape, which are there to fill up; in the order that TensorFlow's functions want."""
    inside = tf.reduce_all(indices < tf.cast(tf.stack(shape), indices.dtype), 1)
    places = tf.cast(tf.boolean_mask(indices, inside), "int64")
    return tf.sparse.reorder(tf.SparseTensor(places, tf.boolean_mask(values, inside), shape))
