"""Imports TensorFlow without what nobody asked for, and tells AutoGraph of the package, which imports this module before all others.

TensorFlow ends its import by importing Keras, which costs a second and starts a second frontend in the process.  It does so in a
`try` that expects a missing package, so that package is missing for the moment; `tf.keras` loads it when somebody uses it.
"""

from __future__ import annotations

import os
import sys

_EAGER_PART = "keras.src.optimizers"


def _load() -> None:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # nothing below errors: what matters is raised anyway
    if "tensorflow" in sys.modules or _EAGER_PART in sys.modules:
        return
    sys.modules[_EAGER_PART] = None  # type: ignore[assignment]  # Python's own mark of a module that can't be imported
    try:
        import tensorflow  # noqa: F401  # for its effect
    finally:
        del sys.modules[_EAGER_PART]


def _leave_to_python() -> None:
    """Have AutoGraph run the package's functions as they are in a user's `tf.function`: they branch on Python values alone, and
    AutoGraph would tell of each that it can't be converted."""
    from tensorflow.python.autograph.core import config, config_lib

    rules = (config_lib.DoNotConvert("keras_lite"), config_lib.DoNotConvert("keras_lite_tensorflow"))
    config.CONVERSION_RULES = (*rules, *config.CONVERSION_RULES)


_load()
_leave_to_python()
