"""Every public op and every random function says what its parameters are, and has an example."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any

from keras_lite import ops, random
from keras_lite.ops import image, linalg


def public() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Names and functions of `keras_lite.ops`, its namespaces and `keras_lite.random`."""
    for prefix, namespace in (("ops", ops), ("ops.image", image), ("ops.linalg", linalg), ("random", random)):
        for name, function in vars(namespace).items():
            if inspect.isfunction(function) and not name.startswith("_"):
                yield f"{prefix}.{name}", function


def unnamed(function: Callable[..., Any]) -> list[str]:
    """The parameters that the text of a docstring, without its example, does not name."""
    text = (inspect.getdoc(function) or "").partition(">>>")[0]
    return [name for name in inspect.signature(function).parameters if not re.search(rf"\b{re.escape(name)}\b", text)]


def test_public_ops_have_an_example() -> None:
    names = [name for name, function in public() if ">>> " not in (function.__doc__ or "")]
    assert not names


def test_public_ops_name_all_their_parameters() -> None:
    missing = {name: parameters for name, function in public() if (parameters := unnamed(function))}
    assert not missing


def test_a_parameter_counts_where_the_text_names_it() -> None:
    def clip(x: Any, low: Any, high: Any) -> None:
        """`x` from `low` on.

        >>> clip(1, low=0, high=2)
        """

    assert unnamed(clip) == ["high"]
    assert len(dict(public())) > 337
