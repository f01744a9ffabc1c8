"""TimeDistributed: a layer applied to each step of a sequence."""

from __future__ import annotations

from typing import Any

from keras_lite import ops
from keras_lite.engine.errors import invalid
from keras_lite.layers import calling
from keras_lite.layers.batch_normalization import BatchNormalization
from keras_lite.layers.core import Lambda
from keras_lite.layers.rnn.stacked import told
from keras_lite.layers.rnn.wrapper import Wrapper
from keras_lite.ops.control import scan
from keras_lite.saving.configurable import is_own
from keras_lite.state import tree


class TimeDistributed(Wrapper):
    """A layer applied to each step: (batch, steps, ...) -> (batch, steps, ...).

    Layers that treat each row of a batch by itself get all the steps as one batch; others are called for one step after the other.

    Args:
        layer: a layer for (batch, ...).

    Raises:
        ValueError: the input has no axis of steps, or the mask has other steps than the input.

    >>> import keras_lite
    >>> tuple(keras_lite.layers.TimeDistributed(keras_lite.layers.Conv2D(4, 3))(keras_lite.ops.ones((2, 10, 8, 8, 3))).shape)
    (2, 10, 6, 6, 4)
    """

    supports_masking = True

    def build(self, input_shape: Any = None) -> None:
        if not isinstance(input_shape, (list, tuple)) or len(input_shape) < 3:
            raise invalid("TimeDistributed", f"expects inputs with at least 3 axes (batch, steps, ...), got shape {input_shape}")
        super().build((input_shape[0], *input_shape[2:]))

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        if mask is not None:
            mask = ops.convert_to_tensor(mask)
            if any(isinstance(n, int) and isinstance(m, int) and n != m for n, m in zip(mask.shape[:2], inputs.shape[:2], strict=False)):
                raise invalid("TimeDistributed", f"a mask of shape {tuple(mask.shape)} does not fit inputs of shape {tuple(inputs.shape)}: "
                                                 "the first two sizes must be equal")
        return self._folded(inputs, training, mask) if self._is_rowwise(training) else self._stepwise(inputs, training, mask)

    def _is_rowwise(self, training: Any) -> bool:
        """Whether the layer is known to treat each row of a batch by itself."""
        return all(is_own(type(layer)) and not isinstance(layer, Lambda) and not getattr(layer, "stateful", False)
                   and not (training and isinstance(layer, BatchNormalization)) for layer in self.layer._flatten_layers())

    def _folded(self, inputs: Any, training: Any, mask: Any) -> Any:
        batch, steps = ops.shape(inputs)[:2]
        y = self._inner(_fold(inputs), training, None if mask is None else _fold(mask))
        return tree.map_structure(lambda x: ops.reshape(x, (batch, steps, *ops.shape(x)[1:])), y)

    def _stepwise(self, inputs: Any, training: Any, mask: Any) -> Any:
        rows = ops.swapaxes(inputs, 0, 1), None if mask is None else ops.swapaxes(mask, 0, 1)
        _, y = scan(lambda carry, row: (carry, self._inner(row[0], training, row[1])), (), rows)
        return tree.map_structure(lambda x: ops.swapaxes(x, 0, 1), y)

    def _inner(self, x: Any, training: Any, mask: Any) -> Any:
        keywords = told(self.layer, training)
        if mask is not None and "mask" in self.layer._signature.names:
            keywords["mask"] = mask
        return self.layer(x, **keywords)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return super().compute_output_shape(input_shape)

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """By running the layer on specs."""
        return calling.inferred_spec(self, args, kwargs)


def _fold(x: Any) -> Any:
    """(batch, steps, ...) -> (batch * steps, ...)."""
    return ops.reshape(x, (-1, *ops.shape(x)[2:]))
