"""Nonsense in place of each argument of each op: a result, or one clear error that begins with the op's name.

Never an error of the framework, and never one of Python about a line inside the package.  On specs and on numpy each argument gets
all wrong values; on engines that compile a kernel for each new shape a few, drawn with a fixed seed, and all in full runs.
"""

from __future__ import annotations

import inspect
import os
import random
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from keras_lite import ops
from keras_lite.engine import registry
from keras_lite.engine.errors import is_clear
from keras_lite.state import tree
from keras_lite.symbolic.spec import KerasTensor
from keras_lite.testing.calls import make_call

WRONG = {
    "None": None, "a string": "a", "a float": 1.5, "NaN": float("nan"), "a bool": True, "a negative int": -1, "a list": [1.5, "a"],
    "no elements": [], "an array": np.array([1.0, 2.0]), "an object": object(), "a function": lambda: None, "a dict": {"a": 1},
}
FEW = len(WRONG) if os.environ.get("KERAS_LITE_FULL") else 3
X = np.ones((2, 3), "float32")
PLAIN = {  # arguments of the functions that are not in the table
    "array": (X, "float32"), "convert_to_numpy": (X,), "convert_to_tensor": (X, "float32", None, None), "dtype": (X,), "is_tensor": (X,),
    "ndim": (X,), "shape": (X,), "size": (X,), "where": (X > 0, X, X), "vectorize": (lambda x: x,), "custom_gradient": (lambda x: x,),
}
MODULES = (ops, ops.image, ops.linalg)
PUBLIC = {name: getattr(module, name) for module in MODULES for name in module.__all__ if inspect.isfunction(getattr(module, name))}


def right_call(name: str, tensor: Callable[[np.ndarray], Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Arguments with which the function of that name works: those of the first sample that is no mistake."""
    if name in PLAIN:
        return tuple(tensor(x) if isinstance(x, np.ndarray) else x for x in PLAIN[name]), {}
    record = PUBLIC[name].op
    call = make_call(record, next(i for i, sample in enumerate(record.samples) if sample.error is None))
    return call.filled([tensor(x) for x in call.arrays])


def wrong_calls(name: str, tensor: Callable[[np.ndarray], Any], count: int) -> Iterator[tuple[str, tuple[Any, ...], dict[str, Any]]]:
    """(what is wrong, arguments, keyword arguments) of that call with one argument replaced, by each of `count` wrong values."""
    args, kwargs = right_call(name, tensor)
    for position, parameter in enumerate(inspect.signature(PUBLIC[name]).parameters.values()):
        several = parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
        for kind, value in random.Random(f"{name} {parameter.name}").sample(list(WRONG.items()), count):
            if position < len(args) and not (callable(value) and callable(args[position])):
                yield f"{parameter.name} is {kind}", (*args[:position], value, *args[position + 1:]), kwargs
            elif position >= len(args) and not several:
                yield f"{parameter.name} is {kind}", args, {**kwargs, parameter.name: value}


def is_of_the_user(error: BaseException, arguments: Any) -> bool:
    """Whether an error comes out of a function among the arguments, or is about how it was called."""
    codes = {f.__code__ for f in tree.flatten(arguments) if inspect.isfunction(f)}
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_frame.f_code not in codes:
        traceback = traceback.tb_next
    return traceback is not None or (bool(codes) and "<lambda>() " in str(error))


def faults(name: str, tensor: Callable[[np.ndarray], Any], count: int = len(WRONG)) -> list[str]:
    """What was raised that is not clear or does not name the function."""
    found = []
    for what, args, kwargs in wrong_calls(name, tensor, count):
        try:
            PUBLIC[name](*args, **kwargs)
        except Exception as error:
            clear = is_clear(error) and str(error).startswith(f"{PUBLIC[name].__name__}: ")
            if not clear and not is_of_the_user(error, (args, kwargs)):
                found.append(f"{what}: {type(error).__name__}: {str(error)[:200]}")
    return found


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_eager(engine: Any, name: str) -> None:
    """On tensors of the engine."""
    assert not faults(name, lambda x: engine.convert(x, x.dtype.name), len(WRONG) if engine.name == "numpy" else FEW)


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_symbolic(name: str) -> None:
    """On specs."""
    with registry.using("numpy"):
        assert not faults(name, lambda x: KerasTensor(x.shape, x.dtype.name))
