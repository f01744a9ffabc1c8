"""Initializer: the base class."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from keras_lite.saving.configurable import Configurable

_Call = TypeVar("_Call", bound=Callable[..., Any])


def fresh(call: _Call) -> _Call:
    """Mark the `__call__` of an initializer that gives a tensor which nobody else holds: a variable keeps it without a copy."""
    vars(call).update(is_fresh=True)
    return call


class Initializer(Configurable):
    """Base of initializers: a callable `(shape, dtype=None)` that gives a tensor.

    Variables call it on the host, with the NumPy engine active, so that they start with the same values on every engine.

    >>> import keras_lite
    >>> class Halves(keras_lite.initializers.Initializer):
    ...     def __call__(self, shape, dtype=None):
    ...         return keras_lite.ops.full(shape, 0.5, dtype=dtype)
    >>> keras_lite.layers.Dense(2, kernel_initializer=Halves()).kernel_initializer.get_config()
    {}
    """

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        """A tensor of `shape` and `dtype` (`floatx` by default)."""
        raise NotImplementedError(f"{type(self).__name__} defines no __call__(shape, dtype)")

    def clone(self) -> Any:
        """A new initializer from the config of this one."""
        return type(self).from_config(self.get_config())
