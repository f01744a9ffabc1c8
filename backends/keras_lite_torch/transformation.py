"""Differentiation and compilation of pure functions of tensors."""

from __future__ import annotations

import contextvars
import inspect
import weakref
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, TypeAlias

import numpy as np
import torch
from torch.autograd import forward_ad

from keras_lite.engine.errors import not_there
from keras_lite_torch.nests import flatten, map_leaves, unflatten
from keras_lite_torch.program import Program
from keras_lite_torch.tensors import current_device, dtype_of, to_numpy, torch_dtype
from keras_lite_torch.tracing import ReadsValues, fake_tensors, is_transformed, layout_of, local, record

Tensor: TypeAlias = torch.Tensor

_depth: ContextVar[int] = ContextVar("keras_lite_torch_depth", default=0)  # how many `value_and_grad` are around


def stop_gradient(x: Tensor) -> Tensor:
    return x.detach()


def on_host(x: Tensor) -> np.ndarray | None:
    if torch.compiler.is_compiling():
        return None
    plain = type(x) in (torch.Tensor, torch.nn.Parameter) and x.device.type == current_device().type == "cpu" and not _is_followed()
    return to_numpy(x) if plain and not (x.requires_grad and torch.is_grad_enabled()) else None


def _is_followed() -> bool:
    """Whether torch sees to what is called now, for more than a gradient: a transform, tangents of its forward mode, `torch.jit.trace`."""
    return is_transformed() or forward_ad._current_level >= 0 or torch._C._get_tracing_state() is not None


def is_eager() -> bool:
    return not is_transformed()


def value_and_grad(fn: Callable[[list[Tensor]], tuple[Tensor, Any]], tensors: list[Tensor]) -> tuple[Tensor, Any, list[Tensor]]:
    nested = _depth.get() > 0
    token = _depth.set(_depth.get() + 1)
    try:
        with torch.enable_grad():  # around the leaves too: an alias made without it belongs to no graph
            leaves = [_leaf(x, nested) for x in tensors]
            value, aux = fn(leaves)
            gradients = _gradients(value, leaves, nested)
    finally:
        _depth.reset(token)
    return value if nested else value.detach(), map_leaves(_detached, aux), gradients


def is_differentiated_twice() -> bool:
    """Whether the code that calls this is inside two differentiations, one around the other."""
    return torch.is_grad_enabled() and _depth.get() > 1


def _leaf(x: Tensor, nested: bool) -> Tensor:
    """An alias of `x` to differentiate by; inside another differentiation it stays part of that one's graph."""
    if nested and x.requires_grad:
        return x.view_as(x)
    return x.detach().requires_grad_(x.is_floating_point() or x.is_complex())


def _gradients(value: Tensor, leaves: list[Tensor], nested: bool) -> list[Tensor]:
    inputs = [x for x in leaves if x.requires_grad]
    if not inputs or not value.requires_grad:
        return [torch.zeros_like(x) for x in leaves]
    found = iter(torch.autograd.grad(value, inputs, create_graph=nested, materialize_grads=True))
    return [next(found) if x.requires_grad else torch.zeros_like(x) for x in leaves]


def _detached(x: Any) -> Any:
    return x.detach() if isinstance(x, torch.Tensor) else x


def custom_gradient(forward: Callable[..., tuple[list[Tensor], list[Tensor]]],
                    backward: Callable[[list[Tensor], list[Tensor]], list[Tensor]], tensors: list[Tensor]) -> list[Tensor]:
    tensors = [local(x) for x in tensors]
    # For derivatives of the gradient, residuals must stay connected with the tensors they come from; a single
    # differentiation does without.
    with torch.set_grad_enabled(torch.is_grad_enabled() and _depth.get() != 1):
        outputs, residuals = forward(*tensors)
    outputs = [x.detach() for x in outputs]
    if not (_is_followed() or (torch.is_grad_enabled() and any(x.requires_grad for x in tensors))):
        return outputs  # no one may ask for the gradient, which costs more than most functions
    given = [*tensors, *outputs, *map(local, residuals)]
    return list(_CustomGradient.apply(backward, contextvars.copy_context(), len(tensors), len(outputs), *given))


class _CustomGradient(torch.autograd.Function):
    """Hands out the outputs, and for their cotangents calls the given `backward`."""

    generate_vmap_rule = True

    @staticmethod
    def forward(backward: Any, context: Any, inputs: int, outputs: int, *tensors: Tensor) -> tuple[Tensor, ...]:
        return tuple(x.view_as(x) for x in tensors[inputs:inputs + outputs])

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, ...]) -> None:
        ctx.user_backward, ctx.caller, count, outputs, *tensors = inputs
        ctx.save_for_backward(*tensors[count + outputs:])
        ctx.others = len(tensors) - count
        ctx.layouts = [(y.shape, y.dtype, y.device) for y in output]
        ctx.set_materialize_grads(False)

    @staticmethod
    def jvp(ctx: Any, *tangents: Tensor | None) -> Any:
        raise not_there("torch.func.jvp", "a function with a gradient of its own has none along a direction in torch's forward mode; "
                                          "ops.jvp takes it from the gradient")

    @staticmethod
    def backward(ctx: Any, *cotangents: Tensor | None) -> tuple[Any, ...]:
        if all(c is None for c in cotangents):  # the outputs were residuals alone, which torch asks as well
            return (None,) * len(ctx.needs_input_grad)
        given = [torch.zeros(shape, dtype=dtype, device=device) if c is None else c
                 for c, (shape, dtype, device) in zip(cotangents, ctx.layouts, strict=True)]
        # on a GPU this runs in a thread of torch's, which knows nothing of the caller's scopes
        gradients = ctx.caller.copy().run(ctx.user_backward, list(ctx.saved_tensors), given)
        return (None,) * 4 + tuple(gradients) + (None,) * ctx.others


# torch asks for it at each call, and Python makes it anew where it is not written down: a quarter of what a call costs
_CustomGradient.forward.__signature__ = inspect.signature(_CustomGradient.forward)  # type: ignore[attr-defined]


def held_back(tensors: list[Tensor], until: list[Tensor]) -> list[Tensor]:
    """Copies, which the passes over programs take for other values: what is computed from them is computed again."""
    return [x.clone() for x in tensors]


def compile(fn: Callable[..., Any]) -> Callable[..., Any]:  # noqa: A001  # the contract's name; the builtin is not used here
    compiled = _Compiled(fn)
    return lambda *args, **kwargs: compiled(args, kwargs)


class _Compiled:
    """A function with its programs, one for each signature."""

    def __init__(self, fn: Callable[..., Any]):
        self._fn = fn
        self._programs: dict[Any, Callable[[list[Any]], Any]] = {}
        self._last: tuple[Any, ...] = ()  # structure, device, signatures and program of the last call
        self._seen: list[Any] = []  # weak references to the tensors of the last call: most come again, and need no second look

    def __call__(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if is_transformed() or _depth.get():
            return self._fn(*args, **kwargs)  # it becomes a part of the program or derivative around it
        leaves: list[Any] = []
        structure, device = flatten((args, kwargs), leaves), current_device()
        if self._last and self._last[0] == structure and self._last[1] is device and self._same(leaves):
            return self._last[3](leaves)
        signatures = [_signature(x) for x in leaves]
        key = (structure, device, *signatures)
        if key not in self._programs:
            self._programs[key] = self._program(leaves, structure)
        self._last = structure, device, signatures, self._programs[key]
        self._seen = [weakref.ref(x) if isinstance(x, torch.Tensor) else None for x in leaves]
        return self._last[3](leaves)

    def _same(self, leaves: list[Any]) -> bool:
        """Whether the leaves have the signatures of the last call."""
        seen, signatures = self._seen, self._last[2]
        for i, x in enumerate(leaves):
            if seen[i] is None or seen[i]() is not x:
                if _signature(x) != signatures[i]:
                    return False
                seen[i] = weakref.ref(x) if isinstance(x, torch.Tensor) else None
        return True

    def _program(self, leaves: list[Any], structure: Any) -> Callable[[list[Any]], Any]:
        try:
            return _recorded(self._fn, leaves, structure)
        except ReadsValues:
            return _eager(self._fn, structure)


def _signature(x: Any) -> Any:
    return layout_of(x) if isinstance(x, torch.Tensor) else (type(x), x)


def _recorded(fn: Callable[..., Any], leaves: list[Any], structure: Any) -> Callable[[list[Any]], Any]:
    """`fn` as a flat program, called with leaves like these."""
    places = [i for i, x in enumerate(leaves) if isinstance(x, torch.Tensor)]
    results: list[Any] = []
    result_structure: Any = None

    def flat(*tensors: Tensor) -> list[Tensor]:
        nonlocal result_structure
        given = dict(zip(places, tensors, strict=True))
        args, kwargs = unflatten(structure, (given.get(i, x) for i, x in enumerate(leaves)))
        results.clear()
        result_structure = flatten(fn(*args, **kwargs), results)
        return [x for x in results if isinstance(x, torch.Tensor)]

    program = Program(record(flat, [leaves[i] for i in places]))
    computed = [isinstance(x, torch.Tensor) for x in results]
    constants = [None if c else x for c, x in zip(computed, results, strict=True)]

    def call(leaves: list[Any]) -> Any:
        tensors = iter(program([leaves[i] for i in places]))
        return unflatten(result_structure, (next(tensors) if c else x for c, x in zip(computed, constants, strict=True)))

    return call


def _eager(fn: Callable[..., Any], structure: Any) -> Callable[[list[Any]], Any]:
    def call(leaves: list[Any]) -> Any:
        args, kwargs = unflatten(structure, iter(leaves))
        with torch.no_grad():
            return fn(*args, **kwargs)

    return call


def eval_shape(fn: Callable[..., Any], specs: list[tuple[tuple[int, ...], str]]) -> Any:
    def blanks() -> list[Tensor]:
        return [torch.zeros(shape, dtype=torch_dtype(dtype), device=current_device()) for shape, dtype in specs]

    with torch.no_grad():
        try:
            with fake_tensors():
                result = fn(*blanks())
        except ReadsValues:
            result = fn(*blanks())
    return map_leaves(lambda x: (tuple(x.shape), dtype_of(x)) if isinstance(x, torch.Tensor) else x, result)
