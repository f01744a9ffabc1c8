"""What an eager Variable holds: an array of its own.

No function of the engine writes into its arguments, so an array is as good as an immutable one; but users can write into theirs.
"""

from __future__ import annotations

import contextlib
from typing import Any

from keras_lite.engine.errors import not_there
from keras_lite_numpy.tape import Tensor, values_of


def variable(value: Tensor, trainable: bool, layout: Any = None, is_own: bool = False) -> Tensor:
    if layout is not None:
        raise not_there("variable", f"the numpy engine has no layouts, got {layout!r}; leave it None")
    return values_of(value) if is_own else values_of(value).copy()


def read(holder: Tensor) -> Tensor:
    return holder


def write(holder: Tensor, value: Tensor) -> Tensor:
    return values_of(value).copy()


def untraced() -> contextlib.AbstractContextManager[None]:
    return contextlib.nullcontext()
