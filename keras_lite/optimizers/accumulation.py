"""Gradient accumulation: the micro-batches of a window make one update, that of all their rows at once.

A loss is a sum over what counts in its batch, divided by how much that is: L = N / D (`losses/weights.py`).  So the gradient of all
rows at once is the mean of those of the micro-batches with their D as weights, sum(D g) / sum(D), whatever their sizes, weights and
masks.  `accumulation_weight` says what D is; without it all count alike, as in Keras.

Kept are the sum of the gradients, each times its weight in units of the first one of the window, and the sum of these shares.  Where
all count alike that is their plain sum, which Keras's files hold, and 16-bit floats bear it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from keras_lite import ops
from keras_lite.engine import registry
from keras_lite.engine.errors import invalid
from keras_lite.ops import updates
from keras_lite.optimizers.conditions import only_if
from keras_lite.state.variable import Variable

SUM = "sum"
_LITTLE = 1e-20  # the share of a micro-batch of which nothing counts: regularizers are all that its gradient has
_weight: ContextVar[Any] = ContextVar("keras_lite_accumulation_weight", default=None)


@contextlib.contextmanager
def accumulation_weight(weight: Any) -> Iterator[None]:
    """Scope in which `optimizer.apply` counts the gradients of a micro-batch `weight` times, where it accumulates them.

    `fit` does so by itself; a training loop or `train_step` of your own says it.

    Args:
        weight: what the loss of the micro-batch was divided by, a scalar: its rows, or the sum of its weights.  "sum" adds the
            gradients up instead of averaging them: for losses that are not divided by anything.

    Raises ValueError for another string.

    >>> import keras_lite
    >>> v = keras_lite.Variable(0.0)
    >>> optimizer = keras_lite.optimizers.SGD(1.0, gradient_accumulation_steps=2)
    >>> for gradient, rows in ((1.0, 3), (5.0, 1)):
    ...     with accumulation_weight(rows):
    ...         optimizer.apply([gradient], [v])
    >>> float(v)  # -(3 * 1 + 1 * 5) / 4
    -2.0
    """
    if isinstance(weight, str) and weight != SUM:
        raise invalid("accumulation_weight", f'expected a scalar or "sum", got {weight!r}')
    token = _weight.set(weight)
    try:
        yield
    finally:
        _weight.reset(token)


def adds_up() -> bool:
    """Whether the gradients of micro-batches are added up."""
    return isinstance(_weight.get(), str)


def is_weighed() -> bool:
    """Whether micro-batches do not count alike."""
    return _weight.get() is not None and not adds_up()


class Accumulation:
    """What `Optimizer` does with `gradient_accumulation_steps`."""

    gradient_accumulation_steps: int | None
    built: bool
    _iterations: Variable
    _trained: list[Variable]
    _slots: dict[str, list[Any]]
    _weights: Sequence[Variable] = ()
    _gathered: frozenset[int] = frozenset()  # places of the variables that ever had a gradient

    if TYPE_CHECKING:  # what `Optimizer` has
        add_optimizer_variables: Callable[..., Any]
        _setting: Callable[..., Variable]
        _step: Callable[[list[Any]], None]
        _settle: Callable[[list[Any]], None]
        _rows_of: Callable[[Iterable[int]], list[Any]]

    def _make_accumulators(self) -> None:
        """The weights stand beside the variables of the optimizer: Keras's files have no place for them."""
        if self.gradient_accumulation_steps:
            self._slots["gradient_accumulator"] = list(self.add_optimizer_variables(self._trained, "gradient_accumulator"))
            with registry.using(self._iterations.engine):
                # the weight of the first micro-batch of the window and the sum of the shares; 0: not known, as after a file was read
                wide = "float64" if any(v.dtype == "float64" for v in self._trained) else "float32"
                self._weights = [self._setting(0.0, wide, name) for name in ("first_weight", "shares")]

    @property
    def _weights_gathered(self) -> list[Variable]:
        """Its variables that are no part of `variables`."""
        return list(self._weights)

    def _accumulate(self, rows: list[Any]) -> None:
        """Add to the accumulators; the last micro-batch of a window makes the update."""
        steps: Any = self.gradient_accumulation_steps
        self._gathered |= {row.place for row in rows}
        number = ops.add(ops.mod(self._iterations, steps), 1)
        share = self._share(ops.equal(number, 1), number)
        slots = [self._slots["gradient_accumulator"][row.place] for row in rows]
        sums = updates.accumulate_gradients([slot.value for slot in slots], [row.gradient for row in rows], share)
        for slot, value in zip(slots, sums, strict=True):
            slot.assign(value)
        only_if(ops.equal(number, steps), lambda: self._update_by_mean(rows))

    def _share(self, is_first: Any, number: Any) -> Any:
        """How much the present micro-batch counts, in units of the first one of its window; the sum of the shares grows by it."""
        first, shares = self._weights
        weight = ops.cast(_weight.get() if is_weighed() else 1.0, shares.dtype)
        is_none = ops.equal(weight, 0)
        first.assign(ops.where(ops.logical_or(is_first, ops.equal(first, 0)), ops.where(is_none, 1.0, weight), first))
        share = ops.where(is_none, _LITTLE, ops.divide(weight, first))
        before = ops.where(ops.equal(shares, 0), ops.cast(ops.subtract(number, 1), shares.dtype), shares)
        shares.assign(ops.add(ops.where(is_first, 0.0, before), share))
        return share

    def _update_by_mean(self, rows: list[Any]) -> None:
        """An update with what was gathered, and clear the accumulators."""
        shares = self._weights[1]
        count = ops.where(ops.equal(shares, 0), float("inf"), shares)  # weights of both signs that cancel leave nothing
        slots = [self._slots["gradient_accumulator"][row.place] for row in rows]
        whole = [slot.value if adds_up() else ops.divide(slot, ops.cast(count, slot.dtype)) for slot in slots]
        self._step([row._replace(gradient=g) for row, g in zip(rows, whole, strict=True)])
        for slot in slots:
            slot.assign(ops.zeros_like(slot))

    def apply_accumulated(self) -> None:
        """Make an update with the gradients gathered since the last one, if there are any; the next `apply` begins a new window.

        `fit` does so at the end of each epoch, so that no gradients cross it; a training loop of your own calls it where it wants that.

        >>> import keras_lite
        >>> v = keras_lite.Variable(0.0)
        >>> optimizer = keras_lite.optimizers.SGD(1.0, gradient_accumulation_steps=4)
        >>> optimizer.apply([2.0], [v])
        >>> optimizer.apply([4.0], [v])
        >>> optimizer.apply_accumulated()
        >>> float(v), int(optimizer.iterations)
        (-3.0, 1)
        """
        if not self.gradient_accumulation_steps or not self._trained:
            return
        places = sorted(self._gathered) or range(len(self._trained))
        with registry.using(self._trained[0].owner or registry.current()):
            number = self._number_gathered()
            only_if(ops.greater(number, 0), lambda: self._finish(self._rows_of(places), number))

    def _finish(self, rows: list[Any], number: Any) -> None:
        shares = self._weights[1]
        shares.assign(ops.where(ops.equal(shares, 0), ops.cast(number, shares.dtype), shares))
        self._update_by_mean(rows)
        self._settle(rows)
        self._iterations.assign(ops.add(self._iterations, ops.subtract(self.gradient_accumulation_steps, number)))

    def _number_gathered(self) -> Any:
        """Number of micro-batches since the last update; None if nothing is accumulated."""
        return ops.mod(self._iterations, self.gradient_accumulation_steps) if self.gradient_accumulation_steps else None

    def _has_leftovers(self) -> bool:
        """Whether gradients wait for an update."""
        return bool(self.gradient_accumulation_steps and self.built and int(self._iterations.numpy()) % self.gradient_accumulation_steps)
