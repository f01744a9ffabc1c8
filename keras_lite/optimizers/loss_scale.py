"""Dynamic loss scaling."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from keras_lite import ops
from keras_lite.engine import registry
from keras_lite.engine.dtypes import promote
from keras_lite.engine.errors import invalid
from keras_lite.optimizers.checks import check_positive
from keras_lite.optimizers.conditions import only_if
from keras_lite.optimizers.wrapper import Wrapper
from keras_lite.state.variable import Variable

_LARGEST = 2.0**126  # its inverse is the smallest normal float32


class LossScaleOptimizer(Wrapper):
    """Another optimizer with a loss scaled by what float16 can bear, found while training (Micikevicius et al. 2017).

    A step whose gradients are not all finite changes nothing and halves the scale; after `dynamic_growth_steps` good ones in a row the
    scale doubles, up to 2**126: with a larger one XLA takes its inverse for 0.

    Args:
        inner_optimizer: what makes the updates.
        initial_scale: the first scale.
        dynamic_growth_steps: number of good steps after which it doubles.
        name: name of the optimizer.
    """

    def __init__(self, inner_optimizer: Any, initial_scale: float = 2.0**15, dynamic_growth_steps: int = 2000, name: str | None = None,
                 **kwargs: Any):
        super().__init__(inner_optimizer, name, **kwargs)
        check_positive("LossScaleOptimizer", initial_scale=initial_scale, dynamic_growth_steps=dynamic_growth_steps)
        if isinstance(inner_optimizer, LossScaleOptimizer):
            raise invalid("LossScaleOptimizer", "the inner optimizer scales the loss already")
        self.initial_scale, self.dynamic_growth_steps = initial_scale, dynamic_growth_steps
        self.step_counter = self.add_variable((), "zeros", "int32", "only_first_replica", name="step_counter")
        self.dynamic_scale = self.add_variable((), "ones", "float32", "only_first_replica", name="dynamic_scale")
        self.dynamic_scale.assign(float(initial_scale))

    def scale_loss(self, loss: Any) -> Any:
        """`loss` times the present scale."""
        return ops.multiply(super().scale_loss(loss), ops.cast(self.dynamic_scale, ops.dtype(loss)))

    def check_finite(self, grads: Sequence[Any]) -> Any:
        """Whether all gradients are finite, as a scalar bool tensor; those that are None count as such."""
        found = [ops.all(ops.isfinite(g)) for g in grads if g is not None]
        return ops.all(ops.stack(found)) if found else ops.convert_to_tensor(True)

    def apply(self, grads: Sequence[Any], trainable_variables: Sequence[Variable] | None = None) -> None:
        """Change the variables by one step, if the gradients are finite; they are those of the scaled loss."""
        variables, grads = self._prepared(trainable_variables), list(grads)
        with registry.using(registry.engine_of(([g for g in grads if g is not None],)) or registry.current()):
            self._scaled_step(grads, variables)

    def _scaled_step(self, grads: list[Any], variables: list[Variable]) -> None:
        scale, finite = self.dynamic_scale.value, self.check_finite(grads)
        rows = zip(grads, variables, strict=False)
        own = [g if g is None or v.overwrite_with_gradient else _unscaled(g, scale) for g, v in rows]
        only_if(finite, lambda: self.inner_optimizer.apply([*own, *grads[len(own):]], variables))
        good = ops.add(self.step_counter, 1)
        due = ops.logical_and(ops.greater_equal(good, self.dynamic_growth_steps), ops.less_equal(scale, _LARGEST / 2))
        grown = ops.where(due, ops.multiply(scale, 2.0), scale)
        count = ops.where(ops.greater_equal(good, self.dynamic_growth_steps), 0, good)
        self.dynamic_scale.assign(ops.where(finite, grown, ops.multiply(scale, 0.5)))
        self.step_counter.assign(ops.where(finite, count, 0))


def _unscaled(gradient: Any, scale: Any) -> Any:
    """`gradient / scale`, in at least float32: 16 bits have no scale of 2**16."""
    dtype = ops.dtype(gradient)
    return ops.cast(ops.divide(ops.cast(gradient, promote(dtype, "float32")), scale), dtype)
