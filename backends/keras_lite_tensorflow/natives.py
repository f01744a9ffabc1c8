"""Own implementations of ops of the table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

NATIVES: dict[str, Callable[..., Any]] = {}
