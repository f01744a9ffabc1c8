"""The family of the contract for linear algebra; see `keras_lite.engine.contract`."""

from typing import Any, Protocol

Tensor = Any


class LinearAlgebra(Protocol):
    """Matrices of float32 or float64 in the last two axes, (..., m, n); the leading axes are a stack of them.

    Values never raise: a matrix that has no answer (with NaN or infinities in it, singular, not positive definite) gives NaN or
    infinities for itself and leaves the rest of its stack alone.  The signs of eigenvectors and singular vectors are the
    engine's.  Gradients of vectors hold where the values that belong to them differ.  Empty matrices and stacks are allowed.
    """

    def cholesky(self, x: Tensor) -> Tensor:
        """Lower triangular `l`, zeros above the diagonal, with `l @ l.T == x`.

        `x` is symmetric to the bit; of its gradient only the sum with its transpose counts.  NaN on and below the diagonal
        where `x` is not positive definite.
        """

    def det(self, x: Tensor) -> Tensor:
        """Determinant; its gradient, the matrix of cofactors, is there for singular matrices too."""

    def slogdet(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Sign and logarithm of the size of the determinant: 0 and -inf for a singular matrix, 1 and 0 for an empty one."""

    def eig(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Eigenvalues (..., n) and eigenvectors (..., n, n) of unit length as columns, both complex; no gradient is promised."""

    def eigh(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Ascending eigenvalues (..., n) and eigenvectors (..., n, n) as columns of an `x` that is symmetric to the bit.

        Of the gradient only the sum with its transpose counts.
        """

    def lu_factor(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(..., m, n) with U on and above the diagonal and L below (its diagonal of ones left out), and int32 pivots (..., min(m, n)).

        Row i was swapped with row `pivots[i]` before step i, where the largest entry of the column stands.
        """

    def qr(self, x: Tensor, complete: bool) -> tuple[Tensor, Tensor]:
        """Orthonormal columns (..., m, k) and an upper triangle (..., k, n) with `q @ r == x`, k = min(m, n), by Householder
        reflections, from which the signs are LAPACK's.  With `complete` k = m, and no gradient is promised.
        """

    def solve(self, a: Tensor, b: Tensor) -> Tensor:
        """`x` with `a @ x == b`: (..., n, n) and (..., n, k), leading axes broadcast."""

    def solve_triangular(self, a: Tensor, b: Tensor, lower: bool) -> Tensor:
        """`solve` that reads one triangle of `a` alone, with the diagonal."""

    def svd(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """`u` (..., m, k), descending singular values (..., k) and `vt` (..., k, n) with `u * s @ vt == x`, k = min(m, n)."""

    def singular_values(self, x: Tensor) -> Tensor:
        """The singular values of `svd` alone."""
