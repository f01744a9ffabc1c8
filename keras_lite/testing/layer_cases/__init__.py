"""The layers' table of configurations.

Each is compared with Keras (`tests/keras_reference`), and on every engine with the NumPy engine.  A layer has at least four, one of
them with options that are rarely used; a class may also bring its own, as the attribute `cases`: tuples of the arguments of `Case` but
the first.
"""

from __future__ import annotations

import inspect
from typing import Any

from keras_lite import layers
from keras_lite.testing.layer_cases import attention, core, elementwise, normalization, recurrent, shaping, windows
from keras_lite.testing.layer_cases.case import Case, Part, weights

_MODULES = (windows, attention, normalization, elementwise, shaping, core, recurrent)

WITHOUT = {
    "FlaxLayer": "on the jax engine alone", "JaxLayer": "on the jax engine alone", "TFSMLayer": "on the tensorflow engine alone",
    "TorchModuleWrapper": "on the torch engine alone", "InputLayer": "computes nothing", "InputSpec": "no layer",
    "Lambda": "its config is another one than Keras's, which holds code", "Layer": "the base class", "Wrapper": "a base class",
}
"""Classes without cases, and why."""

CASES: list[Case] = [case for module in _MODULES for value in vars(module).values() if isinstance(value, list)
                     for case in value if isinstance(case, Case)]


def classes() -> dict[str, Any]:
    """The public classes, by name; aliases are left out."""
    found = {name: getattr(layers, name) for name in layers.__all__}
    return {name: cls for name, cls in found.items() if inspect.isclass(cls) and name in (cls.__name__, "GroupQueryAttention")}


def own_cases() -> list[Case]:
    """Those that the public classes bring themselves."""
    return [Case(name, *row) for name, cls in classes().items() for row in vars(cls).get("cases", ())]


CASES += own_cases()

__all__ = ["CASES", "WITHOUT", "Case", "Part", "classes", "own_cases", "weights"]
