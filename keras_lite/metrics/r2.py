"""The share of the variance of targets that outputs explain."""

from __future__ import annotations

from typing import Any

from keras_lite import ops
from keras_lite.engine.errors import invalid
from keras_lite.losses.pairs import squeezed
from keras_lite.metrics.exact import add_up, moments, spread
from keras_lite.metrics.metric import Metric, one_of, spread_over, weight_of
from keras_lite.symbolic.rules import may_equal


class R2Score(Metric):
    """`1 - sum(w (y_true - y_pred)**2) / sum(w (y_true - mean)**2)`, the coefficient of determination.

    Of constant targets it is 1 if the outputs are equal to them, else 0, as in scikit-learn; of nothing it is 0.  Targets of any size are
    right: the sums are kept with what rounding leaves over.

    Args:
        class_aggregation: for several outputs: None for a vector, "uniform_average" for its mean, "variance_weighted_average" for its
            mean weighted by the variances of the targets.
        num_regressors: if not 0, number p of independent variables of the adjusted score `1 - (1 - r2) (n - 1) / (n - p - 1)` for n
            samples; nothing is adjusted while there are too few samples.
        name, dtype: as in `Metric`; the sums are float32.

    >>> m = R2Score()
    >>> m.update_state([[1.0], [2.0], [3.0]], [[1.0], [2.0], [4.0]])
    >>> float(m.result())
    0.5
    """

    _direction = "up"

    def __init__(self, class_aggregation: str | None = "uniform_average", num_regressors: int = 0, name: str | None = "r2_score",
                 dtype: Any = None):
        super().__init__(name=name, dtype=dtype)
        self.class_aggregation = one_of("R2Score", "class_aggregation", class_aggregation,
                                        (None, "uniform_average", "variance_weighted_average"))
        if num_regressors < 0:
            raise invalid("R2Score", f"num_regressors must not be negative, got {num_regressors!r}")
        self.num_regressors = num_regressors
        self.num_samples = self.add_sum((), "num_samples")
        self._built = False

    @property
    def sum_dtype(self) -> str:
        return "float32"  # the parts of products are made of its bits

    def _build(self, outputs: int) -> None:
        self.squared_sum = self.add_sum((outputs,), "squared_sum")
        self.sum = self.add_sum((outputs,), "sum")
        self.total_mse = self.add_sum((outputs,), "residual")
        self.count = self.add_sum((outputs,), "count")
        self._built = True

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add a batch of targets and outputs (B, outputs), targets (B,) of a single output; weights are of rows or of single outputs."""
        weight = weight_of(y_pred, sample_weight, self.sum_dtype)
        y_true, y_pred = squeezed(*(ops.convert_to_tensor(y, dtype=self.sum_dtype) for y in (y_true, y_pred)))
        if len(y_pred.shape) != 2 or not may_equal(tuple(y_true.shape), tuple(y_pred.shape)):
            raise invalid("R2Score", f"expected targets and outputs (samples, outputs), got shapes {tuple(y_true.shape)} and "
                                     f"{tuple(y_pred.shape)}")
        if not self._built:
            self._build(y_pred.shape[-1])
        weight = ops.ones_like(y_true) if weight is None else spread_over(y_true, weight)
        there = ops.not_equal(weight, 0)
        y_true, error = (ops.where(there, y, 0.0) for y in (y_true, ops.subtract(y_true, y_pred)))
        self._accumulate_pairs(moments(weight, y_true))
        self.accumulate(self.total_mse, ops.sum(ops.multiply(weight, ops.square(error)), axis=0))
        self.accumulate(self.num_samples, ops.sum(ops.cast(ops.any(there, axis=-1), self.sum_dtype)))

    def _accumulate_pairs(self, amounts: list[tuple[Any, Any]]) -> None:
        """Add the sums of a batch with what rounding left over of them."""
        variables = (self.count, self.sum, self.squared_sum)
        rests = [self._rests[variable.name] for variable in variables]
        totals, left = add_up([ops.stack(x) for x in ([v.value for v in variables], [v.value for v in rests], *zip(*amounts, strict=True))])
        for i, (variable, rest) in enumerate(zip(variables, rests, strict=True)):
            variable.assign(totals[i])
            rest.assign(left[i])

    def _pair(self, variable: Any) -> tuple[Any, Any]:
        return ops.convert_to_tensor(variable), ops.convert_to_tensor(self._rests[variable.name])

    def result(self) -> Any:
        if not self._built:
            return ops.zeros((), self.dtype)
        total = spread(*(self._pair(variable) for variable in (self.count, self.sum, self.squared_sum)))
        residual = ops.convert_to_tensor(self.total_mse)
        constant = ops.where(ops.equal(residual, 0), 1.0, ops.multiply(0.0, residual))  # NaN with targets or outputs that are not finite
        scores = ops.where(ops.equal(total, 0), constant, ops.subtract(1.0, ops.divide_no_nan(residual, total)))
        scores = ops.where(ops.equal(self.count, 0), 0.0, scores)
        if self.class_aggregation == "uniform_average":
            scores = ops.mean(scores)
        elif self.class_aggregation == "variance_weighted_average":
            shared = ops.divide_no_nan(ops.sum(ops.multiply(scores, total)), ops.sum(total))
            scores = ops.where(ops.equal(ops.sum(total), 0), ops.mean(scores), shared)
        if self.num_regressors:
            free = ops.subtract(self.num_samples, self.num_regressors + 1.0)
            factor = ops.divide_no_nan(ops.subtract(self.num_samples, 1.0), free)
            scores = ops.where(ops.greater(free, 0), ops.subtract(1.0, ops.multiply(ops.subtract(1.0, scores), factor)), scores)
        return ops.cast(scores, self.dtype)
