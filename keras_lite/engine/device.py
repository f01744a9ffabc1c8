"""`device`: where new tensors live."""

from __future__ import annotations

from contextlib import AbstractContextManager

from keras_lite.engine import registry
from keras_lite.engine.errors import wrong_type


def device(device_name: str) -> AbstractContextManager[None]:
    """Scope in which new tensors and variables live on a device of the active engine: "cpu", "gpu" or "gpu:1".

    Raises ValueError naming the devices there are when there is none of that name, TypeError for what is no name.

    >>> import keras_lite
    >>> with keras_lite.device("cpu"):
    ...     x = keras_lite.ops.zeros((2,))
    """
    if not isinstance(device_name, str):
        raise wrong_type("device", f"expected a name such as {' or '.join(map(repr, devices()))}, got {device_name!r}")
    return registry.concrete().device(device_name)


def devices() -> list[str]:
    """Names of the devices of the active engine, the default one first."""
    return registry.concrete().devices()
