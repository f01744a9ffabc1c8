"""Own implementations of ops of the table, where torch's fused kernels beat the composite."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

NATIVES: dict[str, Callable[..., Any]] = {}
