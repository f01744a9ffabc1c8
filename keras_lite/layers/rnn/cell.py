"""What the package's own cells have in common.

A cell works in two parts, so that a layer can do the first one for all steps in one matrix product: `_project` is what does not
depend on the states, `_stepper` gives the function of the states.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, ClassVar

from keras_lite import constraints, initializers, ops, random, regularizers
from keras_lite.layers.checks import fraction, known_size, positive
from keras_lite.layers.layer import Layer
from keras_lite.random import SeedGenerator
from keras_lite.state.scope import current_scope
from keras_lite.state.variable import Variable

Masks = list[Any] | None  # of dropout: None, one for all gates, or one for each gate
Stepper = Callable[[Any, list[Any]], tuple[Any, list[Any]]]  # from a step's projection and the states to the output and the new states


class RecurrentCell(Layer):
    """A cell with a kernel for the input, one for the state and a bias; its output is its first state."""

    kernel: Variable
    recurrent_kernel: Variable
    bias: Variable | None
    bias_initializer: Any
    gates: ClassVar[int] = 1
    state_size: Any
    output_size: Any

    _implementation = 2

    def _set_implementation(self, kwargs: dict[str, Any]) -> None:
        """Take Keras's argument `implementation` out of `kwargs`: 1 means that each gate has its own mask of dropout."""
        self._implementation = kwargs.pop("implementation", 2)

    def _set_units(self, units: int, states: int) -> None:
        self.units = self.output_size = positive(type(self).__name__, "units", units)
        self.state_size = self.units if states == 1 else [self.units] * states

    def _set_weights(self, use_bias: bool, initial: tuple[Any, Any, Any], regularized: tuple[Any, Any, Any],
                     constrained: tuple[Any, Any, Any]) -> None:
        """Initializers, regularizers and constraints of the kernel, the recurrent kernel and the bias."""
        self.use_bias = use_bias
        for i, name in enumerate(("kernel", "recurrent", "bias")):
            setattr(self, f"{name}_initializer", initializers.get(initial[i]))
            setattr(self, f"{name}_regularizer", regularizers.get(regularized[i]))
            setattr(self, f"{name}_constraint", constraints.get(constrained[i]))

    def _set_dropout(self, dropout: float, recurrent_dropout: float, seed: int | None) -> None:
        where = type(self).__name__
        self.dropout = float(fraction(where, "dropout", dropout))
        self.recurrent_dropout = float(fraction(where, "recurrent_dropout", recurrent_dropout))
        self.seed = seed
        self.seed_generator = SeedGenerator(seed)
        self._drawn_masks = threading.local()  # those of the call that each thread makes

    # --- variables ------------------------------------------------------------------------------------------------------

    def build(self, input_shape: Any) -> None:
        size = known_size(type(self).__name__, input_shape, -1)
        self.kernel = self._add("kernel", (size, self.units * self.gates))
        self.recurrent_kernel = self._add("recurrent_kernel", (self.units, self.units * self.gates))
        self.bias = self._add("bias", self._bias_shape(), self._first_bias()) if self.use_bias else None

    def _bias_shape(self) -> tuple[int, ...]:
        return (self.units * self.gates,)

    def _first_bias(self) -> Any:
        return self.bias_initializer

    def _add(self, name: str, shape: tuple[int, ...], initializer: Any = None) -> Any:
        """The variable `name` with the initializer, regularizer and constraint named after it."""
        prefix = name.removesuffix("_kernel")
        return self.add_weight(shape, initializer or getattr(self, f"{prefix}_initializer"), name=name,
                               regularizer=getattr(self, f"{prefix}_regularizer"), constraint=getattr(self, f"{prefix}_constraint"))

    # --- computing ------------------------------------------------------------------------------------------------------

    def get_initial_state(self, batch_size: Any = None) -> list[Any]:
        """Zeros for each state: (batch_size, units)."""
        sizes = self.state_size if isinstance(self.state_size, list) else [self.state_size]
        return [ops.zeros((batch_size, *(size if isinstance(size, tuple) else (size,))), self.compute_dtype) for size in sizes]

    def _advance(self, inputs: Any, states: Any, training: Any) -> tuple[Any, Any]:
        """One step: `call` of the cells."""
        several = isinstance(states, (list, tuple))
        states = list(states) if several else [states]
        masks, recurrent_masks = self._masks(inputs, states, training)
        output, states = self._stepper(recurrent_masks)(self._project(inputs, masks), states)
        return output, states if several else states[0]

    def _project(self, inputs: Any, masks: Masks) -> Any:
        """What is made of the inputs (..., features) of a step or of all steps."""
        sums = masked_product(inputs, masks, self.kernel)
        return sums if self.bias is None else ops.add(sums, self.bias)

    def _stepper(self, masks: Masks) -> Stepper:
        """The function that makes a step; weights are read here, once for all steps."""
        raise NotImplementedError

    def _whole(self, inputs: Any, states: list[Any], recurrent_masks: Masks, mask: Any) -> tuple[Any, list[Any]] | None:
        """The outputs (steps, ...) and last states for all steps (steps, batch, features), by one op; None where no op can.

        `mask` is (steps, batch) or None.
        """
        return None

    # --- dropout --------------------------------------------------------------------------------------------------------

    def _masks(self, inputs: Any, states: list[Any], training: Any) -> tuple[Masks, Masks]:
        """The masks of a step's inputs and of the hidden state; None where nothing is dropped."""
        if not training:
            return None, None
        return _listed(self.get_dropout_mask(inputs)), _listed(self.get_recurrent_dropout_mask(states[0]))

    def get_dropout_mask(self, step_input: Any) -> Any:
        """The mask that a step's inputs are multiplied with, or a list of one for each gate; None without dropout.

        It is drawn once and stays until `reset_dropout_mask`, or until the compiled step ends.
        """
        return self._drawn("input", self.dropout, step_input)

    def get_recurrent_dropout_mask(self, step_input: Any) -> Any:
        """As `get_dropout_mask`, for the state."""
        return self._drawn("state", self.recurrent_dropout, step_input)

    def reset_dropout_mask(self) -> None:
        """Forget the mask of the inputs: the next step draws another one."""
        vars(self._drawn_masks).pop("input", None)

    def reset_recurrent_dropout_mask(self) -> None:
        """Forget the mask of the state."""
        vars(self._drawn_masks).pop("state", None)

    @property
    def _mask_count(self) -> int:
        """How many masks are drawn: one for all gates, or one for each where states are dropped too."""
        return self.gates if self.recurrent_dropout or self._implementation == 1 else 1

    def _drawn(self, place: str, rate: float, like: Any) -> Any:
        if rate == 0:
            return None
        masks = vars(self._drawn_masks)
        mask = masks.get(place)
        if mask is None:
            ones = ops.ones_like(like, dtype=self.compute_dtype)
            drawn = [random.dropout(ones, rate, seed=self.seed_generator) for _ in range(self._mask_count)]
            mask = drawn if len(drawn) > 1 else drawn[0]
            masks[place] = mask
            scope = current_scope()
            if scope is not None:
                scope.at_end(lambda: masks.pop(place, None))
        return mask


def _listed(mask: Any) -> Masks:
    return mask if mask is None or isinstance(mask, list) else [mask]


def masked_product(x: Any, masks: Masks, kernel: Any) -> Any:
    """`x @ kernel` with the masks of dropout on x: one for each gate, or one for all."""
    if masks is None:
        return ops.matmul(x, kernel)
    if len(masks) == 1:
        return ops.matmul(ops.multiply(x, masks[0]), kernel)
    parts = ops.split(kernel, len(masks), axis=-1)
    return ops.concatenate([ops.matmul(ops.multiply(x, mask), part) for mask, part in zip(masks, parts, strict=True)], axis=-1)
