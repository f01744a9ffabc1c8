"""What an engine must do, as small named checks against NumPy; `conformance.check` runs them all.

Each is a function of the engine that returns if all is well and raises otherwise.  They cover the edges of the contract, once each;
the sweep over ops, dtypes and gradients is the parity matrix.
"""

from keras_lite.engine.checks import (
    arrangement,
    complex_numbers,
    contraction,
    elementwise,
    linear_algebra,
    programs,
    randomness,
    reductions,
    tensors,
)
from keras_lite.engine.checks.tools import Check, Unexpected, checks_of

_MODULES = (tensors, elementwise, reductions, arrangement, contraction, linear_algebra, complex_numbers, programs, randomness)
CHECKS: tuple[Check, ...] = tuple(check for module in _MODULES for check in checks_of(module))

__all__ = ["CHECKS", "Check", "Unexpected"]
