"""The family of the contract for complex numbers, Fourier transforms and bits; see `keras_lite.engine.contract`."""

from typing import Any, Protocol

Tensor = Any


class ComplexNumbers(Protocol):
    """complex64 has parts of float32, complex128 of float64.

    Complex tensors are also taken by the functions that move elements, by sums and products (`reduce_sum`, `reduce_prod`, `cumsum`,
    `matmul`, `einsum`), by `add`, `subtract`, `multiply`, `divide`, `power`, `negative`, `equal`, `not_equal`, `where`, `is_nan`,
    `is_finite`, `cast` (to a real dtype the real part), `absolute` (a real result, with gradient 0 at 0), and by the functions of one
    float from `exp` to `arctanh`.
    Gradients go through them; for those of complex tensors themselves see `value_and_grad`.
    """

    def real(self, x: Tensor) -> Tensor:
        """The real parts of a complex tensor."""

    def imag(self, x: Tensor) -> Tensor:
        """The imaginary parts of a complex tensor."""

    def make_complex(self, real: Tensor, imag: Tensor) -> Tensor:
        """A complex tensor from its parts, two float32 or float64 tensors that broadcast; infinities stay in their part."""

    def fourier(self, real: Tensor, imag: Tensor) -> tuple[Tensor, Tensor]:
        """Real and imaginary parts of `sum_n x[n] * exp(-2 pi i k n / N)` for k = 0, ..., N-1 over the last axis.

        Both parts have the same shape and dtype, float32 or float64, and are not empty.  With the parts exchanged, in the arguments and
        in the result, it is N times the inverse transform.
        """

    def real_fourier(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """`fourier` of a real tensor, k = 0, ..., N // 2: the frequencies that are not the conjugates of others."""

    def bitcast(self, x: Tensor, dtype: str) -> Tensor:
        """The bits of a real tensor read as `dtype`, an integer or float dtype of the contract, without a gradient.

        A narrower dtype makes the last axis longer, a wider one shorter by whole numbers; the lowest bits come first (little endian).
        """
