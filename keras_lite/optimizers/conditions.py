"""Changing variables only where something holds that a compiled step does not know beforehand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from keras_lite import ops


def only_if(predicate: Any, run: Callable[[], None]) -> None:
    """`run()`, which assigns variables, if the scalar `predicate` holds; else they keep their values."""
    ops.cond(predicate, run, lambda: None)
