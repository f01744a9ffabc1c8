"""SpectralNormalization: a layer whose kernel has the spectral norm 1."""

from __future__ import annotations

from typing import Any

from keras_lite import initializers, ops
from keras_lite.engine.errors import invalid
from keras_lite.layers.checks import positive
from keras_lite.layers.rnn.wrapper import Wrapper
from keras_lite.state.scope import autocast
from keras_lite.state.variable import Variable


class SpectralNormalization(Wrapper):
    """Divides the kernel of a layer by its largest singular value at each call while training, so that the layer is 1-Lipschitz.

    The kernel counts as a matrix of (all other axes, last axis).  The singular value is estimated by power iteration, which goes on
    from call to call: `vector_u` is the right singular vector found so far.  As in Keras the divided kernel is what the layer keeps.

    Args:
        layer: a layer with a `kernel` or `embeddings`.
        power_iterations: steps of the iteration at each call.

    Raises:
        TypeError: `layer` is no layer.
        ValueError: it has no kernel; `power_iterations` is not positive.

    Source: Miyato et al. 2018 (arXiv:1802.05957).

    >>> import keras_lite
    >>> layer = keras_lite.layers.SpectralNormalization(keras_lite.layers.Dense(3), power_iterations=30)
    >>> y = layer(keras_lite.ops.ones((2, 4)), training=True)
    >>> round(float(keras_lite.ops.max(keras_lite.ops.svd(layer.kernel, compute_uv=False))), 3)
    1.0
    """

    kernel: Variable

    def __init__(self, layer: Any, power_iterations: int = 1, **kwargs: Any):
        super().__init__(layer, **kwargs)
        self.power_iterations = positive("SpectralNormalization", "power_iterations", power_iterations)

    def build(self, input_shape: Any = None) -> None:
        super().build(input_shape)
        kernel = next((v for name in ("kernel", "embeddings") if isinstance(v := getattr(self.layer, name, None), Variable)), None)
        if kernel is None:
            raise invalid("SpectralNormalization", f"{type(self.layer).__name__} {self.layer.name!r} has neither `kernel` nor `embeddings`")
        self.kernel = kernel
        self.vector_u = self.add_weight((1, kernel.shape[-1]), initializers.TruncatedNormal(stddev=0.02), dtype=kernel.dtype,
                                        trainable=False, name="vector_u")

    def call(self, inputs: Any, training: bool = False) -> Any:
        if training:
            u, kernel = self.normalized_weights()
            self.vector_u.assign(u)
            self.kernel.assign(kernel)
        return self.layer(inputs)

    def normalized_weights(self) -> tuple[Any, Any]:
        """The next `vector_u`, and the kernel divided by its spectral norm; a kernel of zeros and its `vector_u` stay as they are."""
        with autocast(None):
            kernel, u = ops.convert_to_tensor(self.kernel), ops.convert_to_tensor(self.vector_u)
        size = ops.max(ops.absolute(kernel))  # so that the squares of small weights do not vanish
        kernel = ops.divide(kernel, ops.stop_gradient(ops.where(ops.greater(size, 0), size, 1)))
        matrix = ops.reshape(kernel, (-1, kernel.shape[-1]))
        first, fixed, v = u, ops.stop_gradient(matrix), u
        for _ in range(self.power_iterations):
            v = _unit(ops.matmul(u, ops.transpose(fixed)))
            u = _unit(ops.matmul(v, fixed))
        norm = ops.sum(ops.multiply(ops.matmul(v, matrix), u))
        found = ops.greater(norm, 0)
        scale = ops.where(found, norm, 1)
        return ops.where(found, u, first), ops.where(found, ops.divide(kernel, scale), ops.convert_to_tensor(self.kernel))

    def compute_output_shape(self, input_shape: Any) -> Any:
        """That of the layer inside."""
        return self.layer.compute_output_shape(input_shape)


def _unit(x: Any) -> Any:
    """`x` divided by its norm; zeros stay."""
    squares = ops.sum(ops.square(x))
    return ops.where(ops.greater(squares, 0), ops.multiply(x, ops.rsqrt(ops.where(ops.greater(squares, 0), squares, 1))), x)
