"""Every loss with several sets of arguments, its inputs, and its formula in plain float64 NumPy."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from scipy import special

ROWS = 6
EPSILON = 1e-7
_RNG = np.random.default_rng(0)


def _numbers(*shape: int, low: float = -2.0, high: float = 2.0) -> np.ndarray:
    return _RNG.uniform(low, high, shape).astype("float32")


def _distributions(*shape: int) -> np.ndarray:
    return _RNG.dirichlet(np.ones(shape[-1]), shape[:-1]).astype("float32")


LABELS = np.array([0, 2, 1, 1, 0, 2], "int32")
ONE_HOT = np.eye(3, dtype="float32")[LABELS]
FRAME_LABELS = _RNG.integers(0, 3, (ROWS, 4)).astype("int32")
EMBEDDINGS = _numbers(ROWS, 4)
EMBEDDINGS /= 1.1 * np.linalg.norm(EMBEDDINGS, axis=1, keepdims=True)  # shorter than 1, where the similarity has a kink
SEQUENCES = np.array([[1, 2, 0], [3, 0, 0], [2, 2, 1], [0, 0, 0], [1, 3, 2], [3, 3, 0]], "int32")

PAIRS: dict[str, tuple[np.ndarray, np.ndarray]] = {  # targets and outputs
    "numbers": (_numbers(ROWS, 3), _numbers(ROWS, 3)), "images": (_numbers(ROWS, 2, 3), _numbers(ROWS, 2, 3)),
    "column": (_numbers(ROWS), _numbers(ROWS, 1)), "flat": (_numbers(ROWS, 1), _numbers(ROWS)),
    "positive": (_numbers(ROWS, 3, low=0.1), _numbers(ROWS, 3, low=0.1)),
    "counts": (_numbers(ROWS, 3, low=0.1).round(), _numbers(ROWS, 3, low=0.1)),
    "signs": (np.sign(_numbers(ROWS, 3)), _numbers(ROWS, 3)), "bits": ((_numbers(ROWS, 3) > 0).astype("float32"), _numbers(ROWS, 3)),
    "shares": (_numbers(ROWS, 3, low=0.0, high=1.0), _numbers(ROWS, 3, low=0.05, high=0.95)),
    "bit_shares": ((_numbers(ROWS, 3) > 0).astype("float32"), _numbers(ROWS, 3, low=0.05, high=0.95)),
    "masks": ((_numbers(ROWS, 2, 2, 1) > 0).astype("float32"), _numbers(ROWS, 2, 2, 1, low=0.0, high=1.0)),
    "distributions": (_distributions(ROWS, 3), _distributions(ROWS, 3)), "one_hot": (ONE_HOT, _distributions(ROWS, 3)),
    "one_hot_logits": (ONE_HOT, _numbers(ROWS, 3)), "one_hot_sums": (ONE_HOT, _numbers(ROWS, 3, low=0.1)),
    "channels": (np.moveaxis(np.eye(3, dtype="float32")[FRAME_LABELS], -1, 1), np.moveaxis(_distributions(ROWS, 4, 3), -1, 1)),
    "labels": (LABELS, _distributions(ROWS, 3)), "label_column": (LABELS[:, None], _distributions(ROWS, 3)),
    "label_logits": (LABELS, _numbers(ROWS, 3)), "frames": (FRAME_LABELS, _distributions(ROWS, 4, 3)),
    "label_channels": (FRAME_LABELS, np.moveaxis(_distributions(ROWS, 4, 3), -1, 1)),
    "embeddings": (np.array([0, 1, 0, 1, 2, 0], "int32"), EMBEDDINGS), "sequences": (SEQUENCES, _numbers(ROWS, 4, 4)),
}


class Row(NamedTuple):
    """A loss class, its arguments, and the name of its inputs in `PAIRS`."""

    cls: str
    pair: str
    args: dict[str, Any] = {}  # noqa: RUF012  # never changed

    @property
    def inputs(self) -> tuple[np.ndarray, np.ndarray]:
        return PAIRS[self.pair]

    @property
    def by_rows(self) -> bool:
        """Whether the loss of a row depends on nothing but the row."""
        return self.cls not in ("Circle", "Dice", "Tversky") or bool(self.args.get("axis"))

    def __repr__(self) -> str:
        return f"{self.cls}({', '.join(f'{k}={v!r}' for k, v in self.args.items())}):{self.pair}"


def _rows(cls: str, pairs: str, *args: dict[str, Any]) -> list[Row]:
    """The class on each pair without arguments, and on the first with each of the arguments."""
    names = pairs.split()
    return [*(Row(cls, name) for name in names), *(Row(cls, names[0], more) for more in args)]


LOGITS = {"from_logits": True}
TABLE = [
    *_rows("MeanSquaredError", "numbers images column flat"), *_rows("MeanAbsoluteError", "numbers images column"),
    *_rows("MeanAbsolutePercentageError", "positive numbers"), *_rows("MeanSquaredLogarithmicError", "positive numbers"),
    *_rows("Huber", "numbers images column", {"delta": 0.3}, {"delta": 5.0}), *_rows("LogCosh", "numbers images column"),
    *_rows("CosineSimilarity", "numbers images", {"axis": 0}),
    *_rows("Hinge", "signs bits numbers"), *_rows("SquaredHinge", "signs bits numbers"),
    *_rows("CategoricalHinge", "one_hot_logits one_hot"),
    *_rows("KLDivergence", "distributions one_hot shares"), *_rows("Poisson", "counts positive"),
    *_rows("BinaryCrossentropy", "bit_shares shares masks", {"label_smoothing": 0.2}, {"axis": 0}),
    Row("BinaryCrossentropy", "bits", LOGITS), Row("BinaryCrossentropy", "bits", {**LOGITS, "label_smoothing": 0.1}),
    *_rows("BinaryFocalCrossentropy", "bit_shares shares masks", {"label_smoothing": 0.2}, {"gamma": 0.0}, {"gamma": 0.5, "axis": 1},
           {"apply_class_balancing": True, "alpha": 0.7}),
    Row("BinaryFocalCrossentropy", "bits", LOGITS), Row("BinaryFocalCrossentropy", "bits", {**LOGITS, "gamma": 1.5}),
    *_rows("CategoricalCrossentropy", "one_hot distributions one_hot_sums", {"label_smoothing": 0.2}),
    Row("CategoricalCrossentropy", "channels", {"axis": 1}), Row("CategoricalCrossentropy", "one_hot_logits", LOGITS),
    *_rows("CategoricalFocalCrossentropy", "one_hot distributions one_hot_sums", {"label_smoothing": 0.2}, {"alpha": [0.1, 0.3, 0.6]},
           {"gamma": 0.0, "alpha": 1.0}),
    Row("CategoricalFocalCrossentropy", "channels", {"axis": 1}), Row("CategoricalFocalCrossentropy", "one_hot_logits", LOGITS),
    *_rows("SparseCategoricalCrossentropy", "labels label_column frames", {"ignore_class": 1}),
    Row("SparseCategoricalCrossentropy", "label_channels", {"axis": 1}), Row("SparseCategoricalCrossentropy", "label_logits", LOGITS),
    Row("SparseCategoricalCrossentropy", "label_logits", {**LOGITS, "ignore_class": 2}),
    *_rows("CategoricalGeneralizedCrossEntropy", "labels frames", {"q": 0.1}, {"q": 0.9}),
    Row("CategoricalGeneralizedCrossEntropy", "label_column"),
    *_rows("Dice", "shares masks", {"axis": -1}), Row("Dice", "masks", {"axis": (1, 2, 3)}),
    *_rows("Tversky", "shares masks", {"alpha": 0.3, "beta": 0.9}), Row("Tversky", "masks", {"alpha": 0.9, "axis": (1, 2, 3)}),
    *_rows("Circle", "embeddings", {"gamma": 2.0, "margin": 0.1}, {"remove_diagonal": False, "gamma": 10.0}), *_rows("CTC", "sequences"),
]


# --- the formulas ---------------------------------------------------------------------------------------------------------

FORMULAS: dict[str, Callable[..., Any]] = {}


def _formula(function: Callable[..., Any]) -> Callable[..., Any]:
    FORMULAS[function.__name__] = function
    return function


def formula(row: Row, y: Any, p: Any) -> np.ndarray:
    """The loss of each entry in float64."""
    y, p = np.asarray(y), np.asarray(p, "float64")
    if y.ndim == p.ndim + 1 and y.shape[-1] == 1:
        p = p[..., None]
    elif y.ndim == p.ndim - 1 and p.shape[-1] == 1:
        y = y[..., None]
    return np.asarray(FORMULAS[row.cls](y if y.dtype.kind == "i" else y.astype("float64"), p, **row.args))


def _mean_of(name: str, entry: Callable[..., Any]) -> None:
    FORMULAS[name] = lambda y, p, **args: entry(y, p, **args).mean(-1)


def _huber(y: Any, p: Any, delta: float = 1.0) -> Any:
    return special.huber(delta, p - y)


def _margin(y: Any, p: Any) -> Any:
    return np.maximum(1 - np.where(np.isin(y, (0, 1)).all(), 2 * y - 1, y) * p, 0)


_mean_of("MeanSquaredError", lambda y, p: (y - p) ** 2)
_mean_of("MeanAbsoluteError", lambda y, p: abs(y - p))
_mean_of("MeanAbsolutePercentageError", lambda y, p: 100 * abs(y - p) / np.maximum(abs(y), EPSILON))
_mean_of("MeanSquaredLogarithmicError", lambda y, p: (np.log1p(np.maximum(y, EPSILON)) - np.log1p(np.maximum(p, EPSILON))) ** 2)
_mean_of("Huber", _huber)
_mean_of("LogCosh", lambda y, p: np.logaddexp(p - y, y - p) - np.log(2))
_mean_of("Hinge", _margin)
_mean_of("SquaredHinge", lambda y, p: _margin(y, p) ** 2)
_mean_of("Poisson", lambda y, p: p - y * np.log(p + EPSILON))
FORMULAS["CategoricalHinge"] = lambda y, p: np.maximum(((1 - y) * p).max(-1) - (y * p).sum(-1) + 1, 0)
FORMULAS["KLDivergence"] = lambda y, p: special.rel_entr(np.clip(y, EPSILON, 1), np.clip(p, EPSILON, 1)).sum(-1)


@_formula
def CosineSimilarity(y: Any, p: Any, axis: int = -1) -> Any:  # named as the class
    return -(y * p).sum(axis) / np.linalg.norm(y, axis=axis) / np.linalg.norm(p, axis=axis)


def _smooth(y: Any, share: float, classes: int) -> Any:
    return y * (1 - share) + share / classes


@_formula
def BinaryCrossentropy(y: Any, p: Any, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1) -> Any:
    return BinaryFocalCrossentropy(y, p, False, 0.25, 0.0, from_logits, label_smoothing, axis)


@_formula
def BinaryFocalCrossentropy(y: Any, p: Any, apply_class_balancing: bool = False, alpha: float = 0.25, gamma: float = 2.0,
                            from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1) -> Any:
    y, p = _smooth(y, label_smoothing, 2), special.expit(p) if from_logits else np.clip(p, EPSILON, 1 - EPSILON)
    values = -(special.xlogy(y, p) + special.xlog1py(1 - y, -p)) * (y * (1 - p) + (1 - y) * p) ** gamma
    return (values * (y * alpha + (1 - y) * (1 - alpha) if apply_class_balancing else 1)).mean(axis)


@_formula
def CategoricalCrossentropy(y: Any, p: Any, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1) -> Any:
    return CategoricalFocalCrossentropy(y, p, 1.0, 0.0, from_logits, label_smoothing, axis)


@_formula
def CategoricalFocalCrossentropy(y: Any, p: Any, alpha: Any = 0.25, gamma: float = 2.0, from_logits: bool = False,
                                 label_smoothing: float = 0.0, axis: int = -1) -> Any:
    y = _smooth(y, label_smoothing, p.shape[axis])
    p = special.softmax(p, axis) if from_logits else np.clip(p / p.sum(axis, keepdims=True), EPSILON, 1 - EPSILON)
    return -(np.asarray(alpha) * (1 - p) ** gamma * special.xlogy(y, p)).sum(axis)


def _at(p: Any, labels: Any, axis: int = -1) -> Any:
    """The entries of `p` at labels."""
    labels = labels[..., 0] if labels.ndim == p.ndim else labels
    return np.take_along_axis(p, np.expand_dims(labels, axis), axis).squeeze(axis)


@_formula
def SparseCategoricalCrossentropy(y: Any, p: Any, from_logits: bool = False, ignore_class: Any = None, axis: int = -1) -> Any:
    p = special.softmax(p, axis) if from_logits else p / p.sum(axis, keepdims=True)
    values = -np.log(_at(p, y, axis))
    return values if ignore_class is None else np.where(y == ignore_class, 0.0, values)


@_formula
def CategoricalGeneralizedCrossEntropy(y: Any, p: Any, q: float = 0.5) -> Any:
    return (1 - _at(p, y) ** q) / q


@_formula
def Dice(y: Any, p: Any, axis: Any = None) -> Any:
    return 1 - 2 * (y * p).sum(axis) / (y.sum(axis) + p.sum(axis) + EPSILON)


@_formula
def Tversky(y: Any, p: Any, alpha: float = 0.5, beta: float = 0.5, axis: Any = None) -> Any:
    hits = (y * p).sum(axis)
    return 1 - hits / (hits + alpha * ((1 - y) * p).sum(axis) + beta * (y * (1 - p)).sum(axis) + EPSILON)


@_formula
def Circle(y: Any, p: Any, gamma: float = 80.0, margin: float = 0.4, remove_diagonal: bool = True) -> Any:
    """Row by row, over the lists of its pairs."""
    losses = []
    for i in range(len(y)):
        others = [j for j in range(len(y)) if j != i or not remove_diagonal]
        same, unlike = (np.array([min(p[i] @ p[j], 1) for j in others if (y[i] == y[j]) is wanted]) for wanted in (np.True_, np.False_))
        terms = (-gamma * np.maximum(1 + margin - same, 0) * (same - 1 + margin),
                 gamma * np.maximum(unlike + margin, 0) * (unlike - margin))
        losses.append(np.logaddexp(0, sum(map(special.logsumexp, terms))) if len(same) and len(unlike) else 0.0)
    return np.array(losses)


@functools.cache
def _paths(frames: int, classes: int, labels: tuple[int, ...]) -> np.ndarray:
    """All paths through the frames that become the labels when repetitions, then zeros are left out."""
    paths = itertools.product(range(classes), repeat=frames)
    return np.array([path for path in paths if tuple(k for k, _ in itertools.groupby(path) if k) == labels])


@_formula
def CTC(y: Any, p: Any) -> Any:
    """By adding up all paths."""
    p = special.softmax(p, -1)
    paths = [_paths(*p.shape[1:], tuple(label for label in labels.tolist() if label)) for labels in y]
    return np.array([-np.log(q[range(len(q)), path].prod(1).sum()) for q, path in zip(p, paths, strict=True)])


# --- the rule for weights and masks ---------------------------------------------------------------------------------------


def counted(row: Row, y: Any) -> Any:
    """Which entries count by the loss's own rule; None for all."""
    if row.args.get("ignore_class") is not None:
        return y != row.args["ignore_class"]
    if row.cls == "Circle":
        same = y[:, None] == y[None]
        apart = ~np.eye(len(y), dtype=bool) if row.args.get("remove_diagonal", True) else np.ones_like(same)
        return (same & apart).any(1) & ~same.all(1)
    return None


def reduced(values: np.ndarray, weight: Any = None, mask: Any = None, reduction: Any = "sum_over_batch_size") -> Any:
    """`sum(w m v) / d`; weights of rows serve all entries of their row."""
    like = values if values.ndim else np.broadcast_to(values, np.broadcast_shapes(np.shape(weight), np.shape(mask)))
    w, m = (np.ones(like.shape) if x is None else _spread(np.asarray(x, "float64"), like) for x in (weight, mask))
    weighed = np.where(w * m == 0, 0.0, values * w) if weight is not None or mask is not None else values
    if reduction in ("none", None):
        return weighed
    if reduction == "sum":
        return weighed.sum()
    count = (w * m).sum() if reduction == "mean_with_sample_weight" else m.sum()
    return weighed.sum() / count if count else 0.0


def _spread(x: np.ndarray, like: np.ndarray) -> np.ndarray:
    if x.ndim == like.ndim + 1:
        x = x[..., 0]
    return np.broadcast_to(x.reshape(x.shape + (1,) * (like.ndim - x.ndim)), like.shape)
