"""Losses: what training minimises."""

from typing import Any

from keras_lite.losses.crossentropy import (
    BinaryCrossentropy,
    BinaryFocalCrossentropy,
    CategoricalCrossentropy,
    CategoricalFocalCrossentropy,
    CategoricalGeneralizedCrossEntropy,
    SparseCategoricalCrossentropy,
    binary_crossentropy,
    binary_focal_crossentropy,
    categorical_crossentropy,
    categorical_focal_crossentropy,
    categorical_generalized_cross_entropy,
    sparse_categorical_crossentropy,
)
from keras_lite.losses.ctc import CTC, ctc
from keras_lite.losses.divergences import KLDivergence, Poisson, kl_divergence, poisson
from keras_lite.losses.hinges import CategoricalHinge, Hinge, SquaredHinge, categorical_hinge, hinge, squared_hinge
from keras_lite.losses.loss import Loss, LossFunctionWrapper
from keras_lite.losses.overlap import Dice, Tversky, dice, tversky
from keras_lite.losses.regression import (
    Huber,
    LogCosh,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    huber,
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
)
from keras_lite.losses.similarity import Circle, CosineSimilarity, circle, cosine_similarity
from keras_lite.saving.lookup import find
from keras_lite.saving.serialization import serialize_keras_object

_CLASS_OF: dict[Any, type[Loss]] = {
    binary_crossentropy: BinaryCrossentropy,
    binary_focal_crossentropy: BinaryFocalCrossentropy,
    categorical_crossentropy: CategoricalCrossentropy,
    categorical_focal_crossentropy: CategoricalFocalCrossentropy,
    categorical_generalized_cross_entropy: CategoricalGeneralizedCrossEntropy,
    categorical_hinge: CategoricalHinge,
    circle: Circle,
    cosine_similarity: CosineSimilarity,
    ctc: CTC,
    dice: Dice,
    hinge: Hinge,
    huber: Huber,
    kl_divergence: KLDivergence,
    log_cosh: LogCosh,
    mean_absolute_error: MeanAbsoluteError,
    mean_absolute_percentage_error: MeanAbsolutePercentageError,
    mean_squared_error: MeanSquaredError,
    mean_squared_logarithmic_error: MeanSquaredLogarithmicError,
    poisson: Poisson,
    sparse_categorical_crossentropy: SparseCategoricalCrossentropy,
    squared_hinge: SquaredHinge,
    tversky: Tversky,
}
_SHORT = {"bce": binary_crossentropy, "kld": kl_divergence, "mae": mean_absolute_error, "mape": mean_absolute_percentage_error,
          "mse": mean_squared_error, "msle": mean_squared_logarithmic_error}
OBJECTS: dict[str, Any] = {fn.__name__: fn for fn in _CLASS_OF} | {cls.__name__: cls for cls in _CLASS_OF.values()}
OBJECTS |= {alias: fn for short, fn in _SHORT.items() for alias in (short, short.upper())}


def get(identifier: Any) -> Any:
    """A loss function or `Loss` from a name, a config, a class or itself; None stays None.

    >>> get("mse") is mean_squared_error
    True
    """
    return find("loss", identifier, OBJECTS)


def serialize(loss: Any) -> Any:
    """The config of a loss or a loss function."""
    return serialize_keras_object(loss)


def deserialize(name: Any, custom_objects: dict[str, Any] | None = None) -> Any:
    """The loss or loss function of a config or a name."""
    return find("loss", name, OBJECTS, custom_objects)


def as_loss(identifier: Any) -> Loss | None:
    """As `get`, but always a `Loss` (or None): functions are wrapped."""
    found = get(identifier)
    if found is None or isinstance(found, Loss):
        return found
    return _CLASS_OF[found]() if found in _CLASS_OF else LossFunctionWrapper(found)


__all__ = [
    "CTC", "BinaryCrossentropy", "BinaryFocalCrossentropy", "CategoricalCrossentropy", "CategoricalFocalCrossentropy",
    "CategoricalGeneralizedCrossEntropy", "CategoricalHinge", "Circle", "CosineSimilarity", "Dice", "Hinge", "Huber", "KLDivergence",
    "LogCosh", "Loss", "MeanAbsoluteError", "MeanAbsolutePercentageError", "MeanSquaredError", "MeanSquaredLogarithmicError", "Poisson",
    "SparseCategoricalCrossentropy", "SquaredHinge", "Tversky", "binary_crossentropy", "binary_focal_crossentropy",
    "categorical_crossentropy", "categorical_focal_crossentropy", "categorical_generalized_cross_entropy", "categorical_hinge", "circle",
    "cosine_similarity", "ctc", "deserialize", "dice", "get", "hinge", "huber", "kl_divergence", "log_cosh", "mean_absolute_error",
    "mean_absolute_percentage_error", "mean_squared_error", "mean_squared_logarithmic_error", "poisson", "serialize",
    "sparse_categorical_crossentropy", "squared_hinge", "tversky",
]
