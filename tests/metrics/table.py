"""Every metric with several sets of arguments, its inputs, and its formula in plain float64 NumPy."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from scipy import integrate

from tests.losses import table as losses

ROWS = losses.ROWS
_RNG = np.random.default_rng(5)
_BITS = (_RNG.uniform(size=(ROWS, 3)) > 0.5).astype("float32")
_BITS[:2] = [[0, 1, 0], [1, 0, 1]]  # each label has both
_SCORES = np.round(_RNG.uniform(0.02, 0.98, (ROWS, 3)), 3).astype("float32")
_CLASSES = np.array([0, 2, 1, 1, 0, 2], "int32")
_GUESSES = np.array([0, 1, 1, 1, 2, 2], "int32")

PAIRS: dict[str, tuple[np.ndarray, np.ndarray]] = losses.PAIRS | {  # targets and outputs
    "scores": (_BITS, _SCORES), "flat scores": (_BITS[:, 0], _SCORES[:, 0]), "column scores": (_BITS[:, 0], _SCORES[:, :1]),
    "single column": (_BITS[:, :1], _SCORES[:, :1]), "int scores": (_BITS.astype("int32"), _SCORES),
    "score logits": (_BITS, (_SCORES * 4 - 2).astype("float32")),
    "classes": (_CLASSES, _GUESSES), "images of classes": (_RNG.integers(0, 3, (ROWS, 2, 2)), _RNG.integers(0, 3, (ROWS, 2, 2))),
    "class column": (_CLASSES[:, None], _GUESSES), "void classes": (np.where(_CLASSES == 1, 255, _CLASSES), _GUESSES),
    "guessed numbers": (_GUESSES.astype("float32"), _CLASSES.astype("float32")),
    "one-hot scores": (np.eye(3, dtype="float32")[_CLASSES], _SCORES), "class scores": (_CLASSES, _SCORES),
    "class column scores": (_CLASSES[:, None], _SCORES), "frames of scores": (losses.FRAME_LABELS, losses.PAIRS["frames"][1]),
    "channel scores": (np.moveaxis(np.eye(3, dtype="float32")[losses.FRAME_LABELS], -1, 1), losses.PAIRS["channels"][1]),
    "one-hot frames": (np.eye(3, dtype="float32")[losses.FRAME_LABELS], losses.PAIRS["frames"][1]),
    "sorted ids": (_CLASSES, _RNG.permuted(np.tile(np.arange(4), (ROWS, 1)), axis=1)),
    "wide": (losses.PAIRS["images"][0] * 1e3, losses.PAIRS["images"][0] * 990 + 5), "single": (losses.PAIRS["column"][0][:, None],
                                                                                              losses.PAIRS["column"][1]),
}


class Row(NamedTuple):
    """A metric class, its arguments, and the name of its inputs in `PAIRS`."""

    cls: str
    pair: str
    args: dict[str, Any] = {}  # noqa: RUF012  # never changed

    @property
    def inputs(self) -> tuple[np.ndarray, np.ndarray]:
        return PAIRS[self.pair]

    @property
    def by_rows(self) -> bool:
        """Whether each row has values of its own."""
        return self.args.get("axis") != 0

    def __repr__(self) -> str:
        return f"{self.cls}({', '.join(f'{k}={v!r}' for k, v in self.args.items())}):{self.pair}"


def _rows(cls: str, pairs: str, *args: dict[str, Any]) -> list[Row]:
    """The class on each pair without arguments, and on the first with each of the arguments."""
    names = pairs.split(", ")
    return [*(Row(cls, name) for name in names), *(Row(cls, names[0], more) for more in args)]


CUTS = {"thresholds": [0.7, 0.2, 0.5]}
MANY = {"thresholds": [0.9, 0.1, 0.5, 0.3, 0.7, 0.6]}
TABLE = [
    *_rows("MeanSquaredError", "numbers, images, column"), *_rows("RootMeanSquaredError", "numbers, images, column"),
    *_rows("MeanAbsoluteError", "numbers, images, flat"), *_rows("MeanAbsolutePercentageError", "positive, numbers"),
    *_rows("MeanSquaredLogarithmicError", "positive, numbers"), *_rows("LogCoshError", "numbers, images"),
    *_rows("CosineSimilarity", "numbers, images", {"axis": 0}), *_rows("Hinge", "signs, bits"), *_rows("SquaredHinge", "signs, bits"),
    *_rows("CategoricalHinge", "one_hot_logits, one_hot"), *_rows("KLDivergence", "distributions, one_hot"), *_rows("Poisson", "counts"),
    *_rows("BinaryCrossentropy", "bit_shares, masks", {"label_smoothing": 0.2}), Row("BinaryCrossentropy", "bits", {"from_logits": True}),
    *_rows("CategoricalCrossentropy", "one_hot, distributions", {"label_smoothing": 0.2}),
    Row("CategoricalCrossentropy", "channels", {"axis": 1}), Row("CategoricalCrossentropy", "one_hot_logits", {"from_logits": True}),
    *_rows("SparseCategoricalCrossentropy", "labels, label_column, frames", {"ignore_class": 1}),
    Row("SparseCategoricalCrossentropy", "label_logits", {"from_logits": True}),
    *_rows("PearsonCorrelation", "numbers, images, wide", {"axis": 0}), *_rows("ConcordanceCorrelation", "numbers, wide", {"axis": 0}),
    *_rows("Accuracy", "guessed numbers, classes"),
    *_rows("BinaryAccuracy", "scores, flat scores, column scores, int scores", {"threshold": 0.2}),
    Row("BinaryAccuracy", "score logits", {"threshold": 0}),
    *_rows("CategoricalAccuracy", "one-hot scores, one-hot frames"),
    *_rows("SparseCategoricalAccuracy", "class scores, class column scores, frames of scores"),
    *_rows("TopKCategoricalAccuracy", "one-hot scores, one-hot frames", {"k": 1}, {"k": 2}),
    *_rows("SparseTopKCategoricalAccuracy", "class scores, class column scores, frames of scores", {"k": 1}, {"k": 2}),
    Row("SparseTopKCategoricalAccuracy", "sorted ids", {"k": 2, "from_sorted_ids": True}),
    *(row for name in ("TruePositives", "FalsePositives", "TrueNegatives", "FalseNegatives")
      for row in _rows(name, "scores, column scores", {"thresholds": 0.3}, MANY)),
    *(row for name in ("Precision", "Recall")
      for row in _rows(name, "scores, flat scores, int scores", {"thresholds": 0.3}, CUTS, MANY, {"top_k": 2}, {"class_id": 1},
                       {"top_k": 1, "class_id": 2}, {"top_k": 2, "thresholds": 0.5})),
    *_rows("SensitivityAtSpecificity", "scores", {"specificity": 0.6, "class_id": 0}, {"specificity": 0.5, "num_thresholds": 1}),
    *_rows("SpecificityAtSensitivity", "scores", {"sensitivity": 0.6, "num_thresholds": 9}),
    *_rows("PrecisionAtRecall", "scores", {"recall": 0.9}), *_rows("RecallAtPrecision", "scores", {"precision": 0.6, "class_id": -1}),
    *(Row("AUC", "scores", {"curve": curve, "summation_method": method}) for curve in ("ROC", "PR", "PRGAIN")
      for method in ("interpolation", "minoring", "majoring")),
    *_rows("AUC", "flat scores, column scores", {"num_thresholds": 3}, {"thresholds": [0.6, 0.3]}, {"thresholds": [0.0, 0.5, 1.0]}),
    *(Row("AUC", "scores", args) for args in ({"multi_label": True}, {"label_weights": [1.0, 2.0, 0.5]}, {"num_thresholds": 2},
                                              {"multi_label": True, "curve": "PR", "num_labels": 3, "label_weights": [1.0, 2.0, 0.5]})),
    Row("AUC", "score logits", {"from_logits": True}), Row("AUC", "score logits"),
    Row("IoU", "classes", {"num_classes": 3, "target_class_ids": [0, 2]}),
    *(Row("MeanIoU", pair, {"num_classes": 3}) for pair in ("classes", "class column", "images of classes", "void classes")),
    Row("MeanIoU", "classes", {"num_classes": 5}), Row("MeanIoU", "void classes", {"num_classes": 3, "ignore_class": 255}),
    Row("MeanIoU", "classes", {"num_classes": 3, "ignore_class": 2}),
    *_rows("BinaryIoU", "scores, column scores", {"threshold": 0.3}, {"target_class_ids": [1]}),
    Row("OneHotIoU", "one-hot scores", {"num_classes": 3, "target_class_ids": [1]}),
    *(Row("OneHotMeanIoU", pair, {"num_classes": 3}) for pair in ("one-hot scores", "one-hot frames")),
    Row("OneHotMeanIoU", "channel scores", {"num_classes": 3, "axis": 1}),
    *(Row("F1Score", "scores", {"average": average, **more}) for average in (None, "micro", "macro", "weighted")
      for more in ({}, {"threshold": 0.5})),
    *(Row("F1Score", pair, {"threshold": 0.5}) for pair in ("single column", "column scores")),
    Row("F1Score", "single column", {"threshold": 0.5, "average": "weighted"}),
    *_rows("FBetaScore", "one-hot scores", {"beta": 2.0}, {"beta": 0.5, "average": "macro", "threshold": 0.3}),
    *(Row("R2Score", "numbers", {"class_aggregation": how}) for how in (None, "uniform_average", "variance_weighted_average")),
    *_rows("R2Score", "single, column scores", {"num_regressors": 2}),
    *(Row(name, pair) for name in ("Mean", "Sum") for pair in ("numbers", "images", "flat scores")),
]
TABLE = [row for row in TABLE if row.args or row.cls not in ("SensitivityAtSpecificity", "SpecificityAtSensitivity", "PrecisionAtRecall",
                                                             "RecallAtPrecision")]


# --- the formulas: of targets, outputs and a weight for each row (or for each entry) ---------------------------------------

FORMULAS: dict[str, Callable[..., Any]] = {}


def expected(row: Row, weight: Any = None, rows: Any = slice(None)) -> np.ndarray:
    """The result in float64, for all rows of the inputs or for some."""
    y, p = (np.asarray(x, "int64" if x.dtype.kind == "i" else "float64")[rows] for x in row.inputs)
    if y.ndim == p.ndim + 1 and y.shape[-1] == 1:
        p = p[..., None]
    elif y.ndim == p.ndim - 1 and p.shape[-1] == 1:
        y = y[..., None]
    weight = np.ones(len(p)) if weight is None else np.asarray(weight, "float64")
    return np.asarray(FORMULAS[row.cls](y, p, weight, **row.args))


def _spread(weight: Any, like: Any) -> Any:
    return np.broadcast_to(weight.reshape(weight.shape + (1,) * (like.ndim - weight.ndim)), like.shape)


def _mean(values: Any, weight: Any) -> Any:
    w = _spread(weight, values) if values.shape[:1] == weight.shape[:1] else np.ones(values.shape)
    return (values * w).sum() / w.sum() if w.sum() else 0.0


def _mean_of(name: str, entry: Callable[..., Any]) -> None:
    FORMULAS[name] = lambda y, p, w, **args: _mean(np.asarray(entry(y, p, **args)), w)


for _name in ("MeanSquaredError", "MeanAbsoluteError", "MeanAbsolutePercentageError", "MeanSquaredLogarithmicError", "Hinge",
              "SquaredHinge", "CategoricalHinge", "KLDivergence", "Poisson", "BinaryCrossentropy", "CategoricalCrossentropy"):
    _mean_of(_name, losses.FORMULAS[_name])
_mean_of("LogCoshError", losses.FORMULAS["LogCosh"])
_mean_of("CosineSimilarity", lambda y, p, axis=-1: -losses.FORMULAS["CosineSimilarity"](y, p, axis))
_mean_of("Accuracy", lambda y, p: y == p)
_mean_of("BinaryAccuracy", lambda y, p, threshold=0.5: (p > threshold) == y)
_mean_of("CategoricalAccuracy", lambda y, p: y.argmax(-1) == p.argmax(-1))
_mean_of("SparseCategoricalAccuracy", lambda y, p: y.reshape(p.shape[:-1]) == p.argmax(-1))
_mean_of("TopKCategoricalAccuracy", lambda y, p, k=5: _top(y.argmax(-1), p, k))
_mean_of("PearsonCorrelation", lambda y, p, axis=-1: _along(lambda a, b: np.corrcoef(a, b)[0, 1], y, p, axis))
_mean_of("ConcordanceCorrelation", lambda y, p, axis=-1: _along(
    lambda a, b: 2 * np.cov(a, b, bias=True)[0, 1] / (a.var() + b.var() + (a.mean() - b.mean()) ** 2), y, p, axis))
FORMULAS["RootMeanSquaredError"] = lambda y, p, w: np.sqrt(_mean((y - p) ** 2, w))
FORMULAS["Mean"] = lambda y, p, w: _mean(y, w)
FORMULAS["Sum"] = lambda y, p, w: (y * _spread(w, y)).sum()


def _formula(function: Callable[..., Any]) -> Callable[..., Any]:
    FORMULAS[function.__name__] = function
    return function


def _along(function: Callable[..., Any], y: Any, p: Any, axis: int) -> np.ndarray:
    y, p = np.moveaxis(y, axis, -1), np.moveaxis(p, axis, -1)
    return np.array([function(y[i], p[i]) for i in np.ndindex(y.shape[:-1])]).reshape(y.shape[:-1])


def _top(labels: Any, p: Any, k: int) -> Any:
    return (np.argsort(-p, axis=-1)[..., :k] == labels[..., None]).any(-1)


@_formula
def SparseTopKCategoricalAccuracy(y: Any, p: Any, w: Any, k: int = 5, from_sorted_ids: bool = False) -> Any:
    y = y.reshape(p.shape[:-1])
    return _mean((p[..., :k] == y[..., None]).any(-1) if from_sorted_ids else _top(y, p, k), w)


@_formula
def SparseCategoricalCrossentropy(y: Any, p: Any, w: Any, ignore_class: Any = None, **args: Any) -> Any:
    values = losses.FORMULAS["SparseCategoricalCrossentropy"](y, p, **args)
    weight = np.array(_spread(w, values))
    return _mean(values, np.where(y.reshape(values.shape) == ignore_class, 0.0, weight))


def counts(y: Any, p: Any, w: Any, cut: float) -> tuple[float, float, float, float]:
    """True positives, false positives, true negatives, false negatives at a threshold."""
    w, above, positive = _spread(w, p), p > np.float32(cut), y != 0
    return tuple(float(w[a].sum()) for a in (above & positive, above & ~positive, ~above & ~positive, ~above & positive))  # type: ignore


def _ratio(a: float, b: float) -> float:
    return a / b if b else 0.0


def _at_cuts(name: str, value: Callable[..., float]) -> None:
    def formula(y: Any, p: Any, w: Any, thresholds: Any = None, top_k: int | None = None, class_id: int | None = None) -> Any:
        if top_k is not None:
            p = np.where(np.argsort(np.argsort(-p, axis=-1), axis=-1) < top_k, p, -np.inf)
        if class_id is not None:
            y, p = y[:, class_id], p[:, class_id]
        cuts = np.atleast_1d((0.5 if top_k is None else -1e9) if thresholds is None else thresholds)
        found = np.array([value(*counts(y, p, w, cut)) for cut in cuts])
        return found[0] if len(found) == 1 else found

    FORMULAS[name] = formula


_at_cuts("TruePositives", lambda tp, fp, tn, fn: tp)
_at_cuts("FalsePositives", lambda tp, fp, tn, fn: fp)
_at_cuts("TrueNegatives", lambda tp, fp, tn, fn: tn)
_at_cuts("FalseNegatives", lambda tp, fp, tn, fn: fn)
_at_cuts("Precision", lambda tp, fp, tn, fn: _ratio(tp, tp + fp))
_at_cuts("Recall", lambda tp, fp, tn, fn: _ratio(tp, tp + fn))

_SHARES: dict[str, Callable[..., float]] = {
    "sensitivity": lambda tp, fp, tn, fn: _ratio(tp, tp + fn), "recall": lambda tp, fp, tn, fn: _ratio(tp, tp + fn),
    "specificity": lambda tp, fp, tn, fn: _ratio(tn, tn + fp), "precision": lambda tp, fp, tn, fn: _ratio(tp, tp + fp),
}


def _best(name: str, wanted: str, given: str) -> None:
    def formula(y: Any, p: Any, w: Any, num_thresholds: int = 200, class_id: int | None = None, **args: float) -> float:
        if class_id is not None:
            y, p = y[:, class_id], p[:, class_id]
        cuts = np.arange(num_thresholds) / (num_thresholds - 1) if num_thresholds > 1 else [0.5]
        found = [counts(y, p, w, cut) for cut in cuts]
        return max([_SHARES[wanted](*c) for c in found if _SHARES[given](*c) >= args[given]], default=0.0)

    FORMULAS[name] = formula


_best("SensitivityAtSpecificity", "sensitivity", "specificity")
_best("SpecificityAtSensitivity", "specificity", "sensitivity")
_best("PrecisionAtRecall", "precision", "recall")
_best("RecallAtPrecision", "recall", "precision")


@_formula
def AUC(y: Any, p: Any, w: Any, num_thresholds: int = 200, curve: str = "ROC", summation_method: str = "interpolation",
        thresholds: Any = None, multi_label: bool = False, num_labels: Any = None, label_weights: Any = None,
        from_logits: bool = False) -> Any:
    """Label by label, between points; the area under the ROC curve by interpolation from pairs of a positive and a negative."""
    p = 1 / (1 + np.exp(-p)) if from_logits else p
    cuts = np.sort(np.arange(1, num_thresholds - 1) / (num_thresholds - 1) if thresholds is None else thresholds)
    w = np.array(_spread(w, p))
    if multi_label:
        areas = [_area(y[:, i], p[:, i], w[:, i], cuts, curve, summation_method) for i in range(p.shape[1])]
        return np.average(areas, weights=label_weights)
    w = w if label_weights is None else w * label_weights
    return _area(y.ravel(), p.ravel(), w.ravel(), cuts, curve, summation_method)


def _area(y: Any, p: Any, w: Any, cuts: Any, curve: str, method: str) -> float:
    if curve == "ROC" and method == "interpolation":
        place = (p[:, None] > cuts.astype("float32")).sum(1)
        ahead = np.sign(place[:, None] - place) / 2 + 0.5
        pairs = np.outer(w * (y != 0), w * (y == 0))
        return _ratio((ahead * pairs).sum(), pairs.sum())
    points = [counts(y, p, w, cut) for cut in (-np.inf, *cuts, np.inf)]
    if curve == "PR" and method == "interpolation":
        return sum(_proportional(*pair) for pair in itertools.pairwise(points))
    x, h = np.array([_POINTS[curve](*c) for c in points]).T
    height = {"interpolation": lambda a, b: (a + b) / 2, "minoring": np.minimum, "majoring": np.maximum}[method]
    return float(((x[:-1] - x[1:]) * height(h[:-1], h[1:])).sum())


def _proportional(lower: Any, upper: Any) -> float:
    """The integral of the precision over the recall while true and false positives grow in proportion."""
    (tp, fp, _, fn), (tp0, fp0, *_) = lower, upper

    def precision(t: float) -> float:
        hits, wrong = tp0 + t * (tp - tp0), fp0 + t * (fp - fp0)
        return hits / (hits + wrong) if hits + wrong else tp / (tp + fp)

    return 0.0 if tp == tp0 else integrate.quad(precision, 0, 1)[0] * (tp - tp0) / (tp + fn)


def _gain(share: float, base: float) -> float:
    """How much better than the base a share is, on a harmonic scale."""
    return (share - base) / ((1 - base) * share) if share else 0.0


_POINTS: dict[str, Callable[..., tuple[float, float]]] = {
    "ROC": lambda tp, fp, tn, fn: (_ratio(fp, fp + tn), _ratio(tp, tp + fn)),
    "PR": lambda tp, fp, tn, fn: (_ratio(tp, tp + fn), _ratio(tp, tp + fp)),
    "PRGAIN": lambda tp, fp, tn, fn: (max(_gain(_ratio(tp, tp + fn), _ratio(tp + fn, tp + fp + tn + fn)), 0.0),
                                      _gain(_ratio(tp, tp + fp), _ratio(tp + fn, tp + fp + tn + fn)) if tp + fp else 1.0),
}


@_formula
def IoU(y: Any, p: Any, w: Any, num_classes: int, target_class_ids: Any, ignore_class: Any = None) -> float:
    """From sets of places."""
    w = np.where((y == ignore_class) | (y < 0) | (y >= num_classes), 0.0, _spread(w, y))
    both = [(w[(y == c) & (p == c)].sum(), w[(y == c) | (p == c)].sum()) for c in target_class_ids]
    there = [a / b for a, b in both if b]
    return float(np.mean(there)) if there else 0.0


FORMULAS["MeanIoU"] = lambda y, p, w, num_classes, **args: IoU(y, p, w, num_classes, range(num_classes), **args)
FORMULAS["BinaryIoU"] = lambda y, p, w, threshold=0.5, target_class_ids=(0, 1): IoU(y, p >= np.float32(threshold), w, 2, target_class_ids)
FORMULAS["OneHotIoU"] = lambda y, p, w, num_classes, target_class_ids, axis=-1: IoU(
    y.argmax(axis), p.argmax(axis), w, num_classes, target_class_ids)
FORMULAS["OneHotMeanIoU"] = lambda y, p, w, num_classes, axis=-1: FORMULAS["OneHotIoU"](y, p, w, num_classes, range(num_classes), axis)


@_formula
def FBetaScore(y: Any, p: Any, w: Any, average: str | None = None, beta: float = 1.0, threshold: float | None = None) -> Any:
    """As the weighted harmonic mean of precision and recall."""
    p = (p > threshold if threshold is not None else np.arange(p.shape[1]) == p.argmax(1)[:, None]).astype("float64")
    if average == "micro":
        return _f(y.ravel(), p.ravel(), _spread(w, y).ravel(), beta)
    scores = np.array([_f(y[:, i], p[:, i], _spread(w, y)[:, i], beta) for i in range(y.shape[1])])
    support = (y * _spread(w, y)).sum(0)
    return {None: scores, "macro": scores.mean(), "weighted": _ratio((scores * support).sum(), support.sum())}[average]


def _f(y: Any, p: Any, w: Any, beta: float) -> float:
    tp, fp, _, fn = counts(y, p, w, 0.5)
    precision, recall = _ratio(tp, tp + fp), _ratio(tp, tp + fn)
    return _ratio((1 + beta**2) * precision * recall, beta**2 * precision + recall)


FORMULAS["F1Score"] = lambda y, p, w, **args: FBetaScore(y, p, w, beta=1.0, **args)


@_formula
def R2Score(y: Any, p: Any, w: Any, class_aggregation: str | None = "uniform_average", num_regressors: int = 0) -> Any:
    samples, w = (w.reshape(len(w), -1 if len(w) else 1).any(1)).sum(), np.array(_spread(w, y))
    if not samples:
        return np.zeros(y.shape[1]) if class_aggregation is None else 0.0
    mean = (w * y).sum(0) / w.sum(0)
    whole, left = (w * (y - mean) ** 2).sum(0), (w * (y - p) ** 2).sum(0)
    safe = np.where(whole > 1e-12, whole, 1.0)
    scores = np.where(whole > 1e-12, 1 - left / safe, np.where(left > 0, 0.0, 1.0))
    if class_aggregation is not None:
        varied = class_aggregation == "variance_weighted_average" and whole.sum() > 1e-12
        scores = np.average(scores, weights=whole if varied else None)
    free = samples - num_regressors - 1
    return 1 - (1 - scores) * (samples - 1) / free if num_regressors and free > 0 else scores
