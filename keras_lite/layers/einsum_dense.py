"""EinsumDense: a fully connected layer over any axes."""

from __future__ import annotations

from typing import Any, ClassVar

from keras_lite import activations, constraints, initializers, ops, regularizers
from keras_lite.engine.errors import invalid, wrong_type
from keras_lite.layers.checks import listed, no_transforms
from keras_lite.layers.layer import Layer
from keras_lite.state.variable import Variable


class EinsumDense(Layer):
    """`activation(einsum(equation, x, kernel) + bias)`.

    Args:
        equation: as in `ops.einsum`, of the input and the kernel, such as "abc,cd->abd"; "..." at the beginning or end of input
            and output stands for any axes.
        output_shape: sizes of the output's axes without the batch, None for those of the input; an int for one axis.
        activation: name or function.
        bias_axes: letters of the output along which the bias differs; no bias by default.
        kernel_initializer, kernel_regularizer, kernel_constraint: of the kernel, whose shape follows from the equation.
        bias_initializer, bias_regularizer, bias_constraint: of the bias.
        lora_rank, lora_alpha, gptq_unpacked_column_size, quantization_config: must be None; these are transforms of a model.

    Raises:
        ValueError: the equation does not fit the input, or leaves a size of the kernel open.

    >>> import keras_lite
    >>> layer = keras_lite.layers.EinsumDense("abc,cd->abd", output_shape=(None, 5), bias_axes="d")
    >>> tuple(layer(keras_lite.ops.ones((2, 3, 4))).shape[1:])
    (3, 5)
    """

    kernel: Variable
    bias: Variable | None
    _left_out: ClassVar[dict[str, Any]] = {"autocast": True, "lora_rank": None, "lora_alpha": None, "gptq_unpacked_column_size": None}

    def __init__(self, equation: str, output_shape: Any, activation: Any = None, bias_axes: str | None = None,
                 kernel_initializer: Any = "glorot_uniform", bias_initializer: Any = "zeros", kernel_regularizer: Any = None,
                 bias_regularizer: Any = None, kernel_constraint: Any = None, bias_constraint: Any = None, lora_rank: Any = None,
                 lora_alpha: Any = None, gptq_unpacked_column_size: Any = None, quantization_config: Any = None, **kwargs: Any):
        super().__init__(**kwargs)
        no_transforms("EinsumDense", lora_rank=lora_rank, lora_alpha=lora_alpha,
                      gptq_unpacked_column_size=gptq_unpacked_column_size, quantization_config=quantization_config)
        for name, value in {"equation": equation, "bias_axes": bias_axes or ""}.items():
            if not isinstance(value, str):
                raise wrong_type("EinsumDense", f"{name} must be a string, got {value!r}")
        self.equation, self.bias_axes = equation, bias_axes
        self.output_shape = (output_shape,) if isinstance(output_shape, int) else tuple(listed("EinsumDense", "output_shape", output_shape))
        self.activation = activations.get(activation)
        self.kernel_initializer, self.bias_initializer = initializers.get(kernel_initializer), initializers.get(bias_initializer)
        self.kernel_regularizer, self.bias_regularizer = regularizers.get(kernel_regularizer), regularizers.get(bias_regularizer)
        self.kernel_constraint, self.bias_constraint = constraints.get(kernel_constraint), constraints.get(bias_constraint)
        self._terms = _terms(equation)

    def build(self, input_shape: Any) -> None:
        kernel, bias = self._shapes(tuple(input_shape))
        self.kernel = self.add_weight(kernel, self.kernel_initializer, regularizer=self.kernel_regularizer,
                                      constraint=self.kernel_constraint, name="kernel")
        self.bias = None if bias is None else self.add_weight(bias, self.bias_initializer, regularizer=self.bias_regularizer,
                                                              constraint=self.bias_constraint, name="bias")

    def _shapes(self, input_shape: tuple[Any, ...]) -> tuple[tuple[int, ...], tuple[int, ...] | None]:
        """Shapes of the kernel and the bias."""
        inputs, kernel, outputs = self._terms
        sizes_in = _sizes(inputs, input_shape, f"the input shape {input_shape}")
        sizes_out = _sizes(outputs, (input_shape[0], *self.output_shape), f"output_shape={self.output_shape}")
        for letter in sizes_in.keys() & sizes_out.keys():
            known = {sizes_in[letter], sizes_out[letter]} - {None}
            if len(known) > 1:
                raise invalid("EinsumDense", f"axis {letter!r} of {self.equation!r} has size {sizes_in[letter]} in the input "
                                             f"{input_shape}, but {sizes_out[letter]} in output_shape={self.output_shape}")
        sizes = {**sizes_out, **{letter: n for letter, n in sizes_in.items() if n is not None or letter not in sizes_out}}
        for letter in kernel:
            if sizes.get(letter) is None:
                raise invalid("EinsumDense", f"the size of axis {letter!r} of the kernel in {self.equation!r} follows neither "
                                             f"from the input {input_shape} nor from output_shape={self.output_shape}")
        return tuple(sizes[letter] for letter in kernel), self._bias_shape(outputs, sizes)

    def _bias_shape(self, outputs: str, sizes: dict[str, Any]) -> tuple[int, ...] | None:
        """Sizes from the first letter of `bias_axes` on, 1 for the letters that are not among them."""
        if not self.bias_axes:
            return None
        letters = outputs.replace("...", "")
        for letter in self.bias_axes:
            if letter not in letters:
                raise invalid("EinsumDense", f"bias_axes={self.bias_axes!r}: {letter!r} is no axis of the output in {self.equation!r}")
            if sizes.get(letter) is None:
                raise invalid("EinsumDense", f"bias_axes={self.bias_axes!r}: the size of axis {letter!r} must be known")
        first = min(letters.index(letter) for letter in self.bias_axes)
        shape = tuple(sizes[letter] if letter in self.bias_axes else 1 for letter in letters[first:])
        behind = len(self.output_shape) + 1 - len(letters) if outputs.endswith("...") else 0
        return (*shape, *(1,) * behind)

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        x = ops.einsum(self.equation, inputs, self.kernel)
        return self.activation(x if self.bias is None else ops.add(x, self.bias))


def _terms(equation: str) -> tuple[str, str, str]:
    """Input, kernel and output of "input,kernel->output"."""
    left, arrow, output = equation.replace(" ", "").partition("->")
    operands = left.split(",")
    if not arrow or len(operands) != 2:
        raise invalid("EinsumDense", f'equation must have the form "input,kernel->output", got {equation!r}')
    for term in (operands[0], output):
        letters = term.replace("...", "", 1)
        if not letters.isalpha() or (letters != term and not (term.startswith("...") or term.endswith("..."))):
            raise invalid("EinsumDense", f'{term!r} in {equation!r} must be letters, with "..." at the beginning or the end at most')
    if not operands[1].isalpha():
        raise invalid("EinsumDense", f"the kernel {operands[1]!r} in {equation!r} must be letters")
    return operands[0], operands[1], output


def _sizes(term: str, shape: tuple[Any, ...], what: str) -> dict[str, Any]:
    """The size of each letter of a term."""
    letters = term.replace("...", "")
    if len(shape) < len(letters) or (letters == term and len(shape) != len(letters)):
        raise invalid("EinsumDense", f"{term!r} names {len(letters)} axes, which do not fit {what}")
    return dict(zip(letters, shape[len(shape) - len(letters):] if term.startswith("...") else shape, strict=False))
