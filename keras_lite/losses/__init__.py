"""Losses: what training minimises."""

from typing import Any

from keras_lite.losses.classes import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    SparseCategoricalCrossentropy,
)
from keras_lite.losses.functions import (
    binary_crossentropy,
    categorical_crossentropy,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
    sparse_categorical_crossentropy,
)
from keras_lite.losses.loss import Loss, LossFunctionWrapper
from keras_lite.saving.lookup import find

_ALIASES = {"mse": "mean_squared_error", "mae": "mean_absolute_error", "mape": "mean_absolute_percentage_error",
            "msle": "mean_squared_logarithmic_error"}
_CLASS_OF: dict[Any, type[Loss]] = {
    binary_crossentropy: BinaryCrossentropy,
    categorical_crossentropy: CategoricalCrossentropy,
    sparse_categorical_crossentropy: SparseCategoricalCrossentropy,
    mean_squared_error: MeanSquaredError,
    mean_absolute_error: MeanAbsoluteError,
    mean_absolute_percentage_error: MeanAbsolutePercentageError,
    mean_squared_logarithmic_error: MeanSquaredLogarithmicError,
}
OBJECTS: dict[str, Any] = {fn.__name__: fn for fn in _CLASS_OF} | {cls.__name__: cls for cls in _CLASS_OF.values()}
OBJECTS |= {alias: OBJECTS[name] for short, name in _ALIASES.items() for alias in (short, short.upper())}


def get(identifier: Any) -> Any:
    """A loss function or `Loss` from a name, a config, a class or itself; None stays None."""
    return find("loss", identifier, OBJECTS)


def as_loss(identifier: Any) -> Loss | None:
    """As `get`, but always a `Loss` (or None): functions are wrapped."""
    found = get(identifier)
    if found is None or isinstance(found, Loss):
        return found
    return _CLASS_OF[found]() if found in _CLASS_OF else LossFunctionWrapper(found)


__all__ = [
    "BinaryCrossentropy", "CategoricalCrossentropy", "Loss", "MeanAbsoluteError", "MeanAbsolutePercentageError", "MeanSquaredError",
    "MeanSquaredLogarithmicError", "SparseCategoricalCrossentropy", "binary_crossentropy", "categorical_crossentropy", "get",
    "mean_absolute_error", "mean_absolute_percentage_error", "mean_squared_error", "mean_squared_logarithmic_error",
    "sparse_categorical_crossentropy",
]
