"""What an eager Variable holds: an array of its own.

No function of the engine writes into its arguments, so an array is as good as an immutable one; but users can write into theirs.
"""

from __future__ import annotations

from keras_lite_numpy.tape import Tensor, values_of


def variable(value: Tensor, trainable: bool) -> Tensor:
    return values_of(value).copy()


def read(holder: Tensor) -> Tensor:
    return holder


def write(holder: Tensor, value: Tensor) -> Tensor:
    return values_of(value).copy()
