"""The names of Keras 2's optimizers, which are no more: making one says what to use instead."""

from __future__ import annotations

from typing import Any

from keras_lite.engine.errors import not_there

__all__ = ["SGD", "Adagrad", "Adam", "Ftrl", "Optimizer", "RMSprop"]


class Adagrad:
    """Raises NotImplementedError."""

    def __init__(self, *args: Any, **kwargs: Any):
        raise not_there("optimizers.legacy", "there are no optimizers of Keras 2, as in Keras 3; take keras.optimizers.Adam and so on")


Adam = Ftrl = RMSprop = SGD = Optimizer = Adagrad
