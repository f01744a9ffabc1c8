"""Nests of arrays, as functions of JAX take them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import jax


def flatten_nest(nest: Any) -> tuple[list[Any], Callable[[list[Any]], Any]]:
    """The leaves of a pytree, and the function that puts others in their places."""
    leaves, structure = jax.tree_util.tree_flatten(nest)
    return leaves, partial(jax.tree_util.tree_unflatten, structure)
