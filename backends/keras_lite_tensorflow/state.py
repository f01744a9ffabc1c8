"""What an eager Variable holds: a tf.Variable, which framework code finds and tracks."""

from __future__ import annotations

from typing import Any

import tensorflow as tf


def variable(value: tf.Tensor, trainable: bool) -> tf.Variable:
    if not tf.executing_eagerly():  # a layer that is built while a function is traced: its variables outlive the trace
        value = tf.get_static_value(value)
    with tf.init_scope():
        return tf.Variable(value, trainable=trainable)


def read(holder: Any) -> tf.Tensor:
    return holder.value()  # shares the storage until the next write


def write(holder: Any, value: tf.Tensor) -> Any:
    holder.assign(value, read_value=False)
    return holder
