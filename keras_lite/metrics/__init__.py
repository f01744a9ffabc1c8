"""Metrics: what is measured."""

from typing import Any

from keras_lite.engine.errors import invalid
from keras_lite.losses import (
    binary_crossentropy,
    binary_focal_crossentropy,
    categorical_crossentropy,
    categorical_focal_crossentropy,
    categorical_hinge,
    hinge,
    huber,
    kl_divergence,
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
    poisson,
    sparse_categorical_crossentropy,
    squared_hinge,
)
from keras_lite.metrics.accuracy import (
    Accuracy,
    BinaryAccuracy,
    CategoricalAccuracy,
    SparseCategoricalAccuracy,
    SparseTopKCategoricalAccuracy,
    TopKCategoricalAccuracy,
    binary_accuracy,
    categorical_accuracy,
    sparse_categorical_accuracy,
    sparse_top_k_categorical_accuracy,
    top_k_categorical_accuracy,
)
from keras_lite.metrics.auc import AUC
from keras_lite.metrics.confusion import FalseNegatives, FalsePositives, Precision, Recall, TrueNegatives, TruePositives
from keras_lite.metrics.correlation import ConcordanceCorrelation, PearsonCorrelation, concordance_correlation, pearson_correlation
from keras_lite.metrics.fscore import F1Score, FBetaScore
from keras_lite.metrics.hinges import CategoricalHinge, Hinge, SquaredHinge
from keras_lite.metrics.iou import BinaryIoU, IoU, MeanIoU, OneHotIoU, OneHotMeanIoU
from keras_lite.metrics.means import Mean, MeanMetricWrapper, Sum
from keras_lite.metrics.metric import Metric
from keras_lite.metrics.probabilistic import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    KLDivergence,
    Poisson,
    SparseCategoricalCrossentropy,
)
from keras_lite.metrics.r2 import R2Score
from keras_lite.metrics.regression import (
    CosineSimilarity,
    LogCoshError,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    RootMeanSquaredError,
)
from keras_lite.metrics.tradeoffs import PrecisionAtRecall, RecallAtPrecision, SensitivityAtSpecificity, SpecificityAtSensitivity
from keras_lite.saving.lookup import find
from keras_lite.saving.serialization import serialize_keras_object
from keras_lite.state.names import to_snake_case

_CLASSES = (
    AUC, Accuracy, BinaryAccuracy, BinaryCrossentropy, BinaryIoU, CategoricalAccuracy, CategoricalCrossentropy, CategoricalHinge,
    ConcordanceCorrelation, CosineSimilarity, F1Score, FBetaScore, FalseNegatives, FalsePositives, Hinge, IoU, KLDivergence, LogCoshError,
    Mean, MeanAbsoluteError, MeanAbsolutePercentageError, MeanIoU, MeanMetricWrapper, MeanSquaredError, MeanSquaredLogarithmicError,
    OneHotIoU, OneHotMeanIoU, PearsonCorrelation, Poisson, Precision, PrecisionAtRecall, R2Score, Recall, RecallAtPrecision,
    RootMeanSquaredError, SensitivityAtSpecificity, SparseCategoricalAccuracy, SparseCategoricalCrossentropy,
    SparseTopKCategoricalAccuracy, SpecificityAtSensitivity, SquaredHinge, Sum, TopKCategoricalAccuracy, TrueNegatives, TruePositives,
)
_FUNCTIONS = (
    binary_accuracy, binary_crossentropy, binary_focal_crossentropy, categorical_accuracy, categorical_crossentropy,
    categorical_focal_crossentropy, categorical_hinge, concordance_correlation, hinge, huber, kl_divergence, log_cosh,
    mean_absolute_error, mean_absolute_percentage_error, mean_squared_error, mean_squared_logarithmic_error, pearson_correlation,
    poisson, sparse_categorical_accuracy, sparse_categorical_crossentropy, sparse_top_k_categorical_accuracy, squared_hinge,
    top_k_categorical_accuracy,
)
_SHORT = {"bce": BinaryCrossentropy, "kld": KLDivergence, "mae": MeanAbsoluteError, "mape": MeanAbsolutePercentageError,
          "mse": MeanSquaredError, "msle": MeanSquaredLogarithmicError, "rmse": RootMeanSquaredError}
_NEEDY = (IoU, MeanIoU, MeanMetricWrapper, OneHotIoU, OneHotMeanIoU, PrecisionAtRecall, RecallAtPrecision, SensitivityAtSpecificity,
          SpecificityAtSensitivity)
FUNCTIONS: dict[str, Any] = {fn.__name__: fn for fn in _FUNCTIONS}
OBJECTS: dict[str, Any] = FUNCTIONS | {name: cls for cls in _CLASSES for name in (cls.__name__, to_snake_case(cls.__name__))}
OBJECTS |= {alias: cls for short, cls in _SHORT.items() for alias in (short, short.upper())}


def get(identifier: Any) -> Any:
    """A metric from a name, a config, a class or itself; None stays None, functions `(y_true, y_pred)` stay what they are.

    Names are those of classes, also in snake case, of functions that have no class here, and "mse", "mae", "bce" and their like.

    >>> type(get("mse")).__name__
    'MeanSquaredError'
    """
    cls = OBJECTS.get(identifier) if isinstance(identifier, str) else None
    if cls in _NEEDY:
        raise invalid("metrics.get", f"{cls.__name__} needs arguments: give an object, {cls.__name__}(...), in place of {identifier!r}")
    return find("metric", identifier, OBJECTS, instance_of=Metric)


def serialize(metric: Any) -> Any:
    """The config of a metric or of a function."""
    return serialize_keras_object(metric)


def deserialize(config: Any, custom_objects: dict[str, Any] | None = None) -> Any:
    """The metric or the function of a config, or of a name."""
    is_function = isinstance(config, dict) and config.get("class_name") == "function"
    return find("metric", config, OBJECTS | FUNCTIONS if is_function else OBJECTS, custom_objects, instance_of=Metric)


__all__ = [
    "AUC", "Accuracy", "BinaryAccuracy", "BinaryCrossentropy", "BinaryIoU", "CategoricalAccuracy", "CategoricalCrossentropy",
    "CategoricalHinge", "ConcordanceCorrelation", "CosineSimilarity", "F1Score", "FBetaScore", "FalseNegatives", "FalsePositives",
    "Hinge", "IoU", "KLDivergence", "LogCoshError", "Mean", "MeanAbsoluteError", "MeanAbsolutePercentageError", "MeanIoU",
    "MeanMetricWrapper", "MeanSquaredError", "MeanSquaredLogarithmicError", "Metric", "OneHotIoU", "OneHotMeanIoU", "PearsonCorrelation",
    "Poisson", "Precision", "PrecisionAtRecall", "R2Score", "Recall", "RecallAtPrecision", "RootMeanSquaredError",
    "SensitivityAtSpecificity", "SparseCategoricalAccuracy", "SparseCategoricalCrossentropy", "SparseTopKCategoricalAccuracy",
    "SpecificityAtSensitivity", "SquaredHinge", "Sum", "TopKCategoricalAccuracy", "TrueNegatives", "TruePositives", "binary_accuracy",
    "binary_crossentropy", "binary_focal_crossentropy", "categorical_accuracy", "categorical_crossentropy",
    "categorical_focal_crossentropy", "categorical_hinge", "concordance_correlation", "deserialize", "get", "hinge", "huber",
    "kl_divergence", "log_cosh", "mean_absolute_error", "mean_absolute_percentage_error", "mean_squared_error",
    "mean_squared_logarithmic_error", "pearson_correlation", "poisson", "serialize", "sparse_categorical_accuracy",
    "sparse_categorical_crossentropy", "sparse_top_k_categorical_accuracy", "squared_hinge", "top_k_categorical_accuracy",
]
