"""Every public op says what its parameters are, and has an example."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any

from keras_lite import ops
from keras_lite.ops import image, linalg

COVERED = {f"keras_lite.ops.{name}" for name in (
    "activation", "adaptive_pooling", "associative", "attention", "contraction", "control", "convolution", "core", "crossentropy", "ctc",
    "ctc_decoding", "differentiation", "distances", "folding", "fourier_transforms", "image", "indexing", "linalg", "normalization",
    "segments", "slicing", "special", "spectrograms", "updates", "vectorization", "windows")}  # the modules that the rule holds for so far


def public() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Names and functions of `keras_lite.ops` and its namespaces."""
    for prefix, namespace in (("ops", ops), ("ops.image", image), ("ops.linalg", linalg), ("ops.updates", ops.updates)):
        for name, function in vars(namespace).items():
            if inspect.isfunction(function) and not name.startswith("_") and _is_covered(function):
                yield f"{prefix}.{name}", function


def _is_covered(function: Callable[..., Any]) -> bool:
    return any(function.__module__ == module or function.__module__.startswith(f"{module}.") for module in COVERED)


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
    assert len(dict(public())) > 150
