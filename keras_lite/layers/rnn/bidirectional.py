"""Bidirectional: a recurrent layer run over a sequence from both ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from keras_lite import ops
from keras_lite.engine.errors import invalid, wrong_type
from keras_lite.layers import calling
from keras_lite.layers.checks import listed
from keras_lite.layers.layer import Layer
from keras_lite.layers.rnn.nested import NestedConfig
from keras_lite.saving.serialization import deserialize_keras_object, in_memory, serialize_keras_object
from keras_lite.state import tree

_MERGED: dict[str, Callable[[Any, Any], Any]] = {
    "sum": ops.add, "mul": ops.multiply, "ave": lambda x, y: ops.multiply(ops.add(x, y), 0.5),
    "concat": lambda x, y: ops.concatenate([x, y], axis=-1),
}


class Bidirectional(NestedConfig):
    """A recurrent layer run forwards and a copy of it run backwards, with the outputs merged.

    Args:
        layer: a recurrent layer, such as LSTM, or one with `go_backwards`, `return_sequences` and `return_state`; copies of it are
            used, named "forward_..." and "backward_...".
        merge_mode: "concat" (along the last axis), "sum", "mul", "ave", or None for a tuple of both outputs.
        weights: first values of the weights, the forward layer's first.
        backward_layer: the layer to use backwards in place of a copy; its `go_backwards` must differ.

    With `return_state` the outputs are followed by the forward and then the backward states, and so must `initial_state` be.

    >>> import keras_lite
    >>> layer = keras_lite.layers.Bidirectional(keras_lite.layers.GRU(4, return_sequences=True))
    >>> tuple(layer(keras_lite.ops.ones((2, 10, 3))).shape)
    (2, 10, 8)
    """

    supports_masking = True

    def __init__(self, layer: Any, merge_mode: str | None = "concat", weights: Any = None, backward_layer: Any = None, **kwargs: Any):
        for given in (layer, layer if backward_layer is None else backward_layer):
            if not isinstance(given, Layer) or not all(hasattr(given, name) for name in _NEEDED):
                raise wrong_type("Bidirectional", f"expects a recurrent layer, with {', '.join(_NEEDED)}, got {given!r}")
        if merge_mode not in (*_MERGED, None):
            raise invalid("Bidirectional", f"merge_mode must be one of {[*_MERGED, None]}, got {merge_mode!r}")
        super().__init__(**kwargs)
        self.forward_layer = _copy(layer, "forward_", layer.go_backwards)
        self.backward_layer = _copy(layer, "backward_", not layer.go_backwards) if backward_layer is None else backward_layer
        self._check_pair()
        for each in (self.forward_layer, self.backward_layer):
            if hasattr(each, "zero_output_for_mask"):
                each.zero_output_for_mask = layer.return_sequences
        self.merge_mode, self.stateful = merge_mode, layer.stateful
        self.return_sequences, self.return_state = layer.return_sequences, layer.return_state
        self.input_spec = layer.input_spec
        self._first_weights = None if weights is None else listed("Bidirectional", "weights", weights)

    def _check_pair(self) -> None:
        one, other = self.forward_layer, self.backward_layer
        if one.go_backwards == other.go_backwards:
            raise invalid("Bidirectional", f"layer and backward_layer must go different ways, both have go_backwards={one.go_backwards}")
        for name in ("stateful", "return_sequences", "return_state"):
            if getattr(one, name) != getattr(other, name):
                raise invalid("Bidirectional", f"layer and backward_layer must have the same {name}, got {getattr(one, name)} and "
                                               f"{getattr(other, name)}")

    def _argument(self, name: str, declared_by: type) -> Any:
        """The forward layer for `layer`; first weights are no part of the config."""
        if name == "layer":
            return self.forward_layer
        return None if name == "weights" else super()._argument(name, declared_by)

    _left_out = {**Layer._left_out, "weights": None}  # noqa: RUF012  # the base declares the type

    # --- variables ------------------------------------------------------------------------------------------------------

    def build(self, sequences_shape: Any, initial_state_shape: Any = None) -> None:
        for layer in (self.forward_layer, self.backward_layer):
            if not layer.built:
                layer.build(sequences_shape)
        if self._first_weights is not None:
            half = len(self._first_weights) // 2
            self.forward_layer.set_weights(self._first_weights[:half])
            self.backward_layer.set_weights(self._first_weights[half:])

    @property
    def states(self) -> Any:
        """The states of stateful layers, forward and then backward; None for other layers."""
        found = self.forward_layer.states
        return None if found is None else [*found, *self.backward_layer.states]

    def reset_state(self) -> None:
        """Set the states of stateful layers to zeros."""
        self.forward_layer.reset_state()
        self.backward_layer.reset_state()

    def reset_states(self) -> None:
        """As `reset_state`."""
        self.reset_state()

    # --- computing ------------------------------------------------------------------------------------------------------

    def call(self, sequences: Any, initial_state: Any = None, mask: Any = None, training: bool | None = None) -> Any:
        halves: tuple[Any, Any] = (None, None)
        if initial_state is not None:
            half = len(initial_state) // 2
            halves = initial_state[:half], initial_state[half:]
        results = [layer(sequences, initial_state=state, mask=mask, training=training)
                   for layer, state in zip((self.forward_layer, self.backward_layer), halves, strict=True)]
        (y, *states), (y_back, *states_back) = results if self.return_state else [(result,) for result in results]
        if self.return_sequences:
            y_back = ops.flip(y_back, 1)
        merged = (y, y_back) if self.merge_mode is None else (_MERGED[self.merge_mode](y, y_back),)
        everything = (*merged, *states, *states_back)
        return everything if len(everything) > 1 else everything[0]

    # --- describing -----------------------------------------------------------------------------------------------------

    def compute_mask(self, _: Any, mask: Any) -> Any:
        """The mask of the outputs of all steps; states have none."""
        mask = tree.flatten(mask)[0] if self.return_sequences else None
        outputs = (mask, mask) if self.merge_mode is None else (mask,)
        states = (None,) * (2 * len(self.forward_layer.state_size) if self.return_state else 0)
        return (*outputs, *states) if len(outputs) + len(states) > 1 else mask

    def compute_output_shape(self, sequences_shape: Any, initial_state_shape: Any = None) -> Any:
        return super().compute_output_shape(sequences_shape)

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """By running both layers on specs."""
        return calling.inferred_spec(self, args, kwargs)


_NEEDED = ("go_backwards", "return_sequences", "return_state", "stateful")


def _copy(layer: Any, prefix: str, go_backwards: bool) -> Any:
    """A layer like `layer`, with fresh weights, for one of the directions; built where `layer` is."""
    with in_memory():
        config = serialize_keras_object(layer)
        arguments = config["config"]
        arguments.update(name=prefix + arguments["name"].removeprefix(prefix), go_backwards=go_backwards)
        return deserialize_keras_object(config)
