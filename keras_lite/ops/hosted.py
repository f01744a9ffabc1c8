"""Composites whose eager calls are quicker on the host: a function of NumPy takes a fraction of the time of a framework's for small
arrays, and sorts, searches and draws faster at any size."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from keras_lite import config
from keras_lite.engine import registry
from keras_lite.ops.programs import of_tensors
from keras_lite.state import tree

_ELSEWHERE = object()  # stands for a tensor that is not in the host's memory


def hosted(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function`, made of ops, computed by the numpy engine where all its tensors are in the host's memory and nothing is recorded.

    Which they are, the engine's `on_host` says.  On engines that have none, and wherever tensors are traced or differentiated, the
    function runs as it is.
    """
    @functools.cache
    def compiled(host: Any) -> Callable[..., Any]:
        return host.compile(_natively(host, function))  # which silences NumPy's warnings once

    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        engine = registry.current()
        if not hasattr(engine, "on_host"):
            return function(*args, **kwargs)
        given = [_array(engine, x) for x in (*args, *kwargs.values())]
        if any(x is _ELSEWHERE for x in given):
            return function(*args, **kwargs)
        with registry.using("numpy") as host:
            found = compiled(host)(*given[:len(args)], **dict(zip(kwargs, given[len(args):], strict=True)))
        if host is engine:
            return found
        return tree.map_structure(lambda y: engine.convert(y, host.dtype_of(y)) if isinstance(y, np.ndarray) else y, found)

    return run


def _natively(host: Any, function: Callable[..., Any]) -> Callable[..., Any]:
    """The body of an op, or the host's native of it where that serves."""
    native = host.natives.get(function.__name__)
    if native is None:
        return function

    def run(*args: Any, **kwargs: Any) -> Any:
        found = native(*args, **kwargs)
        return function(*args, **kwargs) if found is NotImplemented else found

    return run


def drawn(function: Callable[..., Any]) -> Callable[..., Any]:
    """`hosted` for a function that draws: only the portable stream is the same there.

    On an engine that compiles eager calls anyway, one by one, the whole function is one program.
    """
    on_host = hosted(function)

    @functools.wraps(function)
    def run(*args: Any) -> Any:
        engine = registry.current()
        if config.random() != "portable":
            return function(*args)
        if not engine.eager_compiles:
            return on_host(*args)
        fixed = tuple(None if engine.is_tensor(x) else (type(x), x) for x in args)
        return _program(engine, function, fixed)(*(x for x, known in zip(args, fixed, strict=True) if known is None))

    return run


@functools.lru_cache(maxsize=256)
def _program(engine: Any, function: Callable[..., Any], fixed: tuple[Any, ...]) -> Callable[..., Any]:
    return engine.compile(of_tensors(function, fixed, len(fixed)))


def _array(engine: Any, x: Any) -> Any:
    """A tensor as an array, and all that holds no tensor as it is."""
    if engine.is_tensor(x):
        array = engine.on_host(x)
        return _ELSEWHERE if array is None else array
    return x if registry.engine_of((x,)) is None else _ELSEWHERE
