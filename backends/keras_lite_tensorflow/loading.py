"""Imports TensorFlow without what nobody asked for; the package imports this module before all others.

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


_load()
