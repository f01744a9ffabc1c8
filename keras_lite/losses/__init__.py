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

CLASSES: dict[str, Any] = {
    "binary_crossentropy": BinaryCrossentropy,
    "categorical_crossentropy": CategoricalCrossentropy,
    "sparse_categorical_crossentropy": SparseCategoricalCrossentropy,
    "mean_squared_error": MeanSquaredError, "mse": MeanSquaredError,
    "mean_absolute_error": MeanAbsoluteError, "mae": MeanAbsoluteError,
    "mean_absolute_percentage_error": MeanAbsolutePercentageError, "mape": MeanAbsolutePercentageError,
    "mean_squared_logarithmic_error": MeanSquaredLogarithmicError, "msle": MeanSquaredLogarithmicError,
}
CLASSES |= {cls.__name__: cls for cls in list(CLASSES.values())}
CLASSES |= {alias.upper(): CLASSES[alias] for alias in ("mse", "mae", "mape", "msle")}


def get(identifier: Any) -> Any:
    """A `Loss` from a name, a config, a function `(y_true, y_pred)` or a loss; None stays None."""
    found = find("loss", identifier, CLASSES, Loss)
    if found is None or isinstance(found, Loss):
        return found
    return found() if isinstance(found, type) else LossFunctionWrapper(found)


__all__ = [
    "BinaryCrossentropy", "CategoricalCrossentropy", "Loss", "MeanAbsoluteError", "MeanAbsolutePercentageError", "MeanSquaredError",
    "MeanSquaredLogarithmicError", "SparseCategoricalCrossentropy", "binary_crossentropy", "categorical_crossentropy", "get",
    "mean_absolute_error", "mean_absolute_percentage_error", "mean_squared_error", "mean_squared_logarithmic_error",
    "sparse_categorical_crossentropy",
]
