"""Own implementations of ops of the table.

Under `jax.jit` XLA fuses the composites into the same programs as the functions of jax.nn, so there are none so far.
"""

from collections.abc import Callable
from typing import Any

NATIVES: dict[str, Callable[..., Any]] = {}
