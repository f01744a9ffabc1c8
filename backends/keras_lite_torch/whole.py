"""Functions whose calls are one node each in the graphs of `torch.compile`."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Any

import torch
from torch._C._dynamo import eval_frame
from torch.utils._pytree import tree_leaves, tree_map_only

from keras_lite.engine.errors import is_clear

_log = logging.getLogger(__name__)

_TO_PYTHON = eval_frame._FrameExecStrategy(eval_frame._FrameAction.SKIP, eval_frame._FrameAction.SKIP)


def whole(function: Callable[..., Any], code: Any, is_pure: bool) -> Callable[..., Any]:
    from torch._dynamo import disable, nonstrict_trace  # not at the top: it takes a second, and is there when somebody compiles

    eval_frame.set_code_exec_strategy(code, _TO_PYTHON)  # where a graph breaks: else frame after frame below would be compiled
    return nonstrict_trace(_with_sizes(function)) if is_pure else disable(function, reason="it may write to the state of a seed")


def _with_sizes(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function`, which gets the sizes of a graph for any sizes as numbers if it can't do without: then the graph is for these alone."""

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except Exception as error:
            if not any(map(_has_unknown_sizes, tree_leaves((args, kwargs)))):
                if is_clear(error):
                    _log.warning("%s", error)  # of which Dynamo's own error says nothing
                raise
        args, kwargs = tree_map_only((torch.Tensor, torch.SymInt), _sized, (args, kwargs))
        return function(*args, **kwargs)

    return call


def _has_unknown_sizes(x: Any) -> bool:
    return any(isinstance(n, torch.SymInt) for n in (x.shape if isinstance(x, torch.Tensor) else (x,)))


def _sized(x: torch.Tensor | torch.SymInt) -> torch.Tensor | int:
    return x.expand([int(n) for n in x.shape]) if isinstance(x, torch.Tensor) else int(x)
