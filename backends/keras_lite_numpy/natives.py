"""Own implementations of ops of the table: none, the composites are the reference."""

from collections.abc import Callable
from typing import Any

NATIVES: dict[str, Callable[..., Any]] = {}
