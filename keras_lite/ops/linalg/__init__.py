"""Linear algebra (`keras.ops.linalg`): matrices in the last two axes, leading axes are a stack of them.

Everything is computed in float32 or float64: bfloat16 and float16 are widened and the results rounded once, integers become
`floatx`.  A matrix that has no answer (singular, not positive definite) raises ValueError where values can be read, that is
eagerly; in a compiled function it gives NaN or infinities for itself alone.
"""

from keras_lite.ops.differentiation import jvp
from keras_lite.ops.linalg.factors import cholesky, cholesky_inverse, lu_factor, qr
from keras_lite.ops.linalg.norms import norm
from keras_lite.ops.linalg.pseudoinverse import pinv
from keras_lite.ops.linalg.spectra import eig, eigh, matrix_rank, svd
from keras_lite.ops.linalg.systems import det, inv, lstsq, solve, solve_triangular

__all__ = ["cholesky", "cholesky_inverse", "det", "eig", "eigh", "inv", "jvp", "lstsq", "lu_factor", "matrix_rank", "norm", "pinv", "qr",
           "solve", "solve_triangular", "svd"]
