"""The functions that users give to control flow: what they return, and which variables they assign.

Both are found by running a function once on specs; then its variables are part of the state of a loop or branch.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from keras_lite.engine import registry
from keras_lite.engine.errors import explained, invalid, is_clear, wrong_type
from keras_lite.ops.data import as_tensor
from keras_lite.ops.kinds import shown
from keras_lite.state import tree
from keras_lite.state.scope import AbstractScope, Scope, current_scope
from keras_lite.state.variable import Variable
from keras_lite.symbolic import cost, graph
from keras_lite.symbolic import engine as abstract
from keras_lite.symbolic.rules import may_equal
from keras_lite.symbolic.spec import KerasTensor

Function = Callable[..., Any]
NARROW = {"float64": "float32", "int64": "int32", "uint64": "uint32", "complex128": "complex64"}  # wide dtypes, to which frameworks promote
# without being asked: the state of a loop keeps its narrow one, as where an engine has no others


def check_function(name: str, parameter: str, given: Any) -> None:
    """Raise TypeError for what can't be called."""
    if not callable(given):
        raise wrong_type(name, f"{parameter} must be a function, got {shown(given)}")


def described(fn: Function, *args: Any) -> tuple[Any, list[Any]]:
    """Specs of `fn(*args)`, and the variables that it assigns."""
    engine = registry.current()
    specs = graph.specs_of(engine, args)
    try:
        with registry.using(abstract), AbstractScope() as scope, cost.counting():  # which counts it apart
            result = tree.map_structure(_spec, fn(*specs))
            refuse_symbolic(result, bare=False)  # arguments have no history
        return tree.map_structure(lambda x: _canonical(engine, x), result), scope.written
    except Exception as error:  # functions of the framework itself do not take specs; the engine can run them without computing
        if engine.is_abstract or (is_clear(error) and not getattr(error, "needs_values", False)):
            raise
        first = error
    found: Any = None
    with explained(first, f"on {engine.name} itself") if is_clear(first) else contextlib.nullcontext():
        found = _traced(engine, fn, specs)
    return found


def refuse_symbolic(result: Any, bare: bool = True) -> None:
    """Raise ValueError for a result that was made of a tensor of a graph: no run of the graph could put a value in its place.

    Bare specs, which are none, are what a description gives; elsewhere they are refused too.
    """
    if any(isinstance(x, KerasTensor) and (bare or x.history is not None) for x in tree.flatten(result)):
        raise invalid("control flow", "a function can't close over a symbolic tensor of a model; pass it as an argument, or put the call "
                      "into a layer")


def unreadable(name: str, engine: Any, first: Exception) -> Exception:
    """The error for a function that reads values where there are none, which `first` says on specs."""
    error = wrong_type(name, f"the function reads values, and a tensor that {engine.name} compiles or differentiates has no values: it "
                       "can't decide an `if` or become a Python number. Use ops.where or ops.cond; ops.cast; ops.take to index; "
                       "ops.fori_loop to count")
    error.needs_values = True  # type: ignore[attr-defined]  # a loop around may still succeed, turn by turn
    if hasattr(first, "decides"):
        error.decides = True  # type: ignore[attr-defined]
    return error


def _traced(engine: Any, fn: Function, specs: Any) -> tuple[Any, list[Any]]:
    """`described`, worked out by the engine."""
    structure: list[Any] = []

    def flat(*tensors: Any) -> list[Any]:
        result = fn(*graph.filled(specs, tensors))
        structure[:] = [result]
        return [as_tensor(engine, x) for x in tree.flatten(result) if x is not None]

    with Scope() as scope:
        found = engine.eval_shape(flat, [(x.shape, x.dtype) for x in tree.flatten(specs) if isinstance(x, KerasTensor)])
    return packed(structure[0], [KerasTensor.spec(*spec) for spec in found]), scope.written


def _spec(x: Any) -> Any:
    """A returned leaf as a spec: tensors of any engine and numbers are constants."""
    if x is None or isinstance(x, KerasTensor):
        return x
    owner = registry.engine_of((x,)) or abstract
    return graph.specs_of(owner, as_tensor(owner, x))


def _canonical(engine: Any, x: Any) -> Any:
    return x if x is None else KerasTensor.spec(x.shape, engine.canonical_dtype(x.dtype))


def present(variable: Any) -> Any:
    """The value of a variable now, in its own dtype."""
    scope = current_scope()
    return variable.own_value if scope is None else scope.value_of(variable)


def assign(variables: list[Any], values: list[Any]) -> None:
    if registry.current().is_abstract and current_scope() is None:
        return  # a graph is described: nothing is computed
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def threaded(fn: Function, variables: list[Any], values: list[Any], *args: Any) -> tuple[Any, list[Any]]:
    """`fn(*args)` while the variables have `values`, and what it assigned to them."""
    if not variables:  # then it assigns none
        return fn(*args), []
    with Scope(zip(variables, values, strict=True)) as scope:
        result = tree.map_structure(lambda x: x.value if isinstance(x, Variable) else x, fn(*args))
        return result, [scope.value_of(v) for v in variables]


def tensors_in(nest: Any, like: Any = None) -> list[Any]:
    """The leaves as tensors (None left out), numbers and wide tensors in the dtype of the leaf in the same place of `like`."""
    engine = registry.current()
    leaves = tree.flatten(nest)
    models = [None] * len(leaves) if like is None else tree.flatten(like)
    return [as_tensor(engine, x, None if m is None or (engine.is_tensor(x) and NARROW.get(engine.dtype_of(x)) != m.dtype) else m.dtype)
            for x, m in zip(leaves, models, strict=True) if x is not None]


def packed(like: Any, tensors: list[Any]) -> Any:
    """Tensors in the structure of `like`, None where that has None."""
    rest = iter(tensors)
    return tree.pack_as(like, [None if x is None else next(rest) for x in tree.flatten(like)])


def same_specs(name: str, what: str, expected: Any, found: Any, narrowing: bool = False) -> None:
    """Raise ValueError unless two nests of specs have the same structure, shapes and dtypes; with `narrowing`, what is found may be
    of the wide dtype of the one expected."""
    if not alike(expected, found):
        raise differing(name, what, expected, found)
    for a, b in zip(tree.flatten(expected), tree.flatten(found), strict=True):
        if a is None and b is None:
            continue
        if a is None or b is None or not may_equal(a.shape, b.shape) or not (
                a.dtype == b.dtype or (narrowing and NARROW.get(b.dtype) == a.dtype)):
            raise differing(name, what, expected, found)


def differing(name: str, what: str, expected: Any, found: Any) -> Exception:
    """The error for two nests of specs that should be the same."""
    structures = "" if alike(expected, found) else "structures differ, "
    return invalid(name, f"{what}: {structures}expected {_shown(expected)}, got {_shown(found)}")


def alike(a: Any, b: Any) -> bool:
    """Whether two nests have the same structure; a list is like a tuple."""
    if isinstance(a, dict):
        return isinstance(b, dict) and set(a) == set(b) and all(alike(a[key], b[key]) for key in a)
    if isinstance(a, (list, tuple)):
        return isinstance(b, (list, tuple)) and len(a) == len(b) and all(map(alike, a, b))
    return not tree.is_nested(b)


def pictured(nest: Any) -> str:
    """What a function returned, for an error message: tensors by dtype and shape."""
    engine = registry.current()

    def leaf(x: Any) -> Any:
        if isinstance(x, (KerasTensor, Variable)):
            return f"{x.dtype}{list(x.shape)}"
        owner = engine if engine.is_tensor(x) else registry.engine_of((x,))
        return shown(x) if owner is None or not owner.is_tensor(x) else f"{owner.dtype_of(x)}{list(owner.shape_of(x))}"

    return str(tree.map_structure(leaf, nest))


def _shown(nest: Any) -> str:
    return str(tree.map_structure(lambda x: x if x is None else f"{x.dtype}{list(x.shape)}", nest))
