"""Functions whose calls are one node each in the graphs of `torch.compile`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch._C._dynamo import eval_frame

_TO_PYTHON = eval_frame._FrameExecStrategy(eval_frame._FrameAction.SKIP, eval_frame._FrameAction.SKIP)


def whole(function: Callable[..., Any], code: Any) -> Callable[..., Any]:
    from torch._dynamo import nonstrict_trace  # not at the top: it takes a second, and is there when somebody compiles

    eval_frame.set_code_exec_strategy(code, _TO_PYTHON)  # where a graph breaks: else frame after frame below would be compiled
    return nonstrict_trace(function)
