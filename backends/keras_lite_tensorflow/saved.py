"""Functions of a SavedModel, called with other values in the place of its variables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from keras_lite.engine.errors import invalid, unknown_name


def load_saved_model(path: str) -> tuple[Any, list[tuple[tf.Variable, bool]]]:
    """The SavedModel in a folder, and its variables with whether they are trained.  Raises ValueError where there is none."""
    try:
        loaded = tf.saved_model.load(path)
    except OSError as error:
        raise invalid("TFSMLayer", f"there is no SavedModel in the folder {path!r}: {error}") from None
    trained, others = (list(getattr(loaded, name, ())) for name in ("trainable_variables", "non_trainable_variables"))
    if not trained and not others:
        others = list(getattr(loaded, "variables", ()))
    return loaded, [*((v, True) for v in trained), *((v, False) for v in others)]


def saved_function(loaded: Any, name: str) -> Callable[..., Any]:
    """The function `name` of a SavedModel: one of its attributes, or a signature.  Raises ValueError with the names that it has."""
    found = getattr(loaded, name, None)
    if callable(found):
        return found
    if name in loaded.signatures:
        return loaded.signatures[name]
    attributes = [key for key in vars(loaded) if not key.startswith("_") and callable(getattr(loaded, key))]
    raise unknown_name("endpoint of the SavedModel", name, [*attributes, *loaded.signatures])


def call_saved(function: Callable[..., Any], variables: list[tf.Variable], values: list[tf.Tensor], inputs: Any,
               kwargs: dict[str, Any]) -> tuple[Any, list[tf.Tensor]]:
    """What `function(inputs, **kwargs)` gives where `variables` have `values`, and their values afterwards.

    The function reads the variables themselves, so they are written first; the gradient with respect to `values` is theirs.
    """
    packed: list[Any] = []
    count = len(tf.nest.flatten(inputs))

    @tf.custom_gradient
    def run(*tensors: tf.Tensor) -> Any:
        given = tensors[:count]
        for variable, value in zip(variables, tensors[count:], strict=True):
            variable.assign(value, read_value=False)
        with tf.GradientTape() as tape:
            tape.watch(given)
            packed[:] = [function(tf.nest.pack_sequence_as(inputs, given), **kwargs)]
        results = tf.nest.flatten(packed[0])

        def pull_back(*cotangents: tf.Tensor, variables: Any = None) -> Any:  # TensorFlow gives those that the function captured
            wanted = tape.gradient(results, [*given, *own], cotangents[:len(results)], unconnected_gradients="zero")
            return wanted if variables is None else (wanted, [None] * len(variables))

        own = variables
        return [*results, *(tf.stop_gradient(v.read_value()) for v in variables)], pull_back

    out = run(*tf.nest.flatten(inputs), *values)
    results = len(out) - len(variables)
    return tf.nest.pack_sequence_as(packed[0], out[:results]), out[results:]
