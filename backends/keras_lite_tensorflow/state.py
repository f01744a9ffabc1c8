"""What an eager Variable holds: a tf.Variable, which framework code finds and tracks."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

import tensorflow as tf

from keras_lite.engine.errors import invalid, not_there


def variable(value: tf.Tensor, trainable: bool, layout: Any = None, is_own: bool = False) -> tf.Variable:
    if layout is not None:
        raise not_there("variable", f"the TensorFlow engine does not distribute yet; layout must be None, got {layout!r}")
    if not hasattr(value, "numpy"):  # of a function that is being traced, which the variable outlives
        known = tf.get_static_value(value)
        if known is None:
            raise invalid("Variable", f"{value} has no value outside of the function that TensorFlow is tracing; make variables before")
        value = known
    with tf.init_scope():
        return tf.Variable(value, trainable=trainable)


def read(holder: Any) -> tf.Tensor:
    return holder.value()  # shares the storage until the next write


def write(holder: Any, value: tf.Tensor) -> Any:
    holder.assign(value, read_value=False)
    return holder


def untraced() -> AbstractContextManager[None]:
    return tf.init_scope()


VARIABLE_ATTRIBUTES = {  # by these `GradientTape.gradient` knows a variable and finds what it recorded
    "_should_act_as_resource_variable": lambda holder: True,
    "handle": lambda holder: holder.handle,
}
