"""How loops run: over values turn by turn, else as one call of the engine.

Where the engine runs its loops in Python, nothing has to be known of a body before.  Elsewhere it is described first; if that fails
for want of values, which there are, the loop runs in Python after all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from keras_lite.engine import registry
from keras_lite.engine.errors import invalid, is_clear, place_of
from keras_lite.ops import turns
from keras_lite.ops.bodies import assign, described, packed, present, same_specs, tensors_in, threaded, unreadable
from keras_lite.ops.data import as_tensor
from keras_lite.ops.facts import rank_of, shape_of
from keras_lite.ops.shaping import reshape
from keras_lite.state import tree
from keras_lite.state.scope import Scope
from keras_lite.symbolic import graph
from keras_lite.symbolic.rules import may_equal
from keras_lite.symbolic.spec import KerasTensor

Function = Callable[..., Any]
LOOP_VARIABLES, CARRY = "the body changes the loop variables", "the body changes the carry"
AT_ONCE = 4096  # numbers that a loop between known bounds makes at a time


def runs_in_python(engine: Any) -> bool:
    """Whether the engine's loops run their bodies turn by turn, on tensors with values."""
    return not engine.eager_compiles and engine.is_eager()


def _wants_values(error: Exception, engine: Any) -> bool:
    """Whether a body that could not be described may succeed with values, and there are some."""
    return (not is_clear(error) or getattr(error, "needs_values", False)) and engine.is_eager()


def _tried(name: str, engine: Any, at_once: Callable[[], Any], in_python: Callable[[], Any] | None) -> Any:
    """`at_once()`; where that fails for want of values that there are, `in_python()`.

    Raises TypeError for a body that reads values in a compiled function, where there are none.
    """
    try:
        return at_once()
    except Exception as error:
        if in_python is None or not _wants_values(error, engine):
            if place_of(error) == "KerasTensor" and getattr(error, "needs_values", False) and not engine.is_abstract:
                raise unreadable(name, engine, error) from None
            raise
    return in_python()


# --- while ---------------------------------------------------------------------------------------------------------------


def repeated(cond: Function, step: Function, start: Any, tensors: list[Any], maximum: int | None) -> list[Any]:
    """`start = step(*start)` while `cond(*start)`, of a tuple whose tensors are `tensors`; returns the last ones."""
    engine = registry.current()
    if runs_in_python(engine):
        return _while_in_python(engine, cond, step, start, tensors, maximum)
    return _tried("while_loop", engine, lambda: _while_described(engine, cond, step, start, tensors, maximum),
                  lambda: _while_in_python(engine, cond, step, start, tensors, maximum))


def _while_described(engine: Any, cond: Function, step: Function, start: Any, tensors: list[Any], maximum: int | None) -> list[Any]:
    """`while_loop` as one call of the engine, for which the state and the variables have to be known before."""
    found, variables = described(step, *start)
    specs = graph.specs_of(engine, start)
    same_specs("while_loop", LOOP_VARIABLES, specs, found, narrowing=True)
    count = len(tensors)

    def condition(state: list[Any]) -> Any:
        with Scope(zip(variables, state[count:], strict=True)) as scope:
            holds = _truth(cond(*packed(start, state[:count])))
        _refuse_assignments(scope.written)
        return holds

    def advance(state: list[Any]) -> list[Any]:
        result, values = threaded(step, variables, state[count:], *packed(start, state[:count]))
        return [*tensors_in(result, specs), *values]

    final = engine.while_loop(condition, advance, [*tensors, *map(present, variables)], maximum)
    assign(variables, final[count:])
    return final[:count]


def _while_in_python(engine: Any, cond: Function, step: Function, start: Any, tensors: list[Any], maximum: int | None) -> list[Any]:
    """`while_loop` over values."""
    def describe() -> Any:
        return described(step, *start)[0]

    pack, keep = turns.packer(start), turns.Keeper("while_loop", LOOP_VARIABLES, start, describe)

    is_tensor, dtype_of, shape_of = engine.is_tensor, engine.dtype_of, engine.shape_of
    is_first = True

    def condition(state: list[Any]) -> Any:
        nonlocal is_first
        holds = cond(*pack(state))
        if is_first:  # the body has not assigned anything yet
            is_first = False
            _refuse_assignments(turns.written())
        if holds.__class__ is bool or isinstance(holds, np.bool_):
            return bool(holds)
        return holds if is_tensor(holds) and dtype_of(holds) == "bool" and shape_of(holds) == () else _truth(holds)

    final = turns.in_scope(lambda: turns.while_loop(engine, condition, lambda state: keep(step(*pack(state))), tensors, maximum))
    if final is tensors:  # no turn was made
        keep.check()
    return final


def _refuse_assignments(variables: list[Any]) -> None:
    """Raise ValueError if the condition of a loop has assigned variables."""
    if variables:
        raise invalid("while_loop", f"cond must not assign, it assigns {', '.join(v.path for v in variables)}; assign in the body")


def _truth(given: Any) -> Any:
    """What the condition of a loop returned, as a scalar bool."""
    truth = as_tensor(registry.current(), given, "bool")
    if not rank_of(truth):
        return truth
    if not may_equal(shape_of(truth), (1,) * rank_of(truth)):
        raise invalid("while_loop", f"cond must return a scalar, got shape {shape_of(truth)}")
    return reshape(truth, ())


# --- scan ----------------------------------------------------------------------------------------------------------------


def scanned(name: str, step: Function, init: Any, xs: Any, carry: list[Any], columns: list[Any], length: Any, reverse: bool) -> Any:
    """The last carry and the stacked results of `step(carry, x) -> (carry, y)`; `carry` and `columns` are the tensors of `init`, `xs`."""
    engine = registry.current()
    has_turns = isinstance(length, int) and length > 0  # of a size that is not known yet it can't be said
    if has_turns and runs_in_python(engine):
        return _scan_in_python(name, step, init, xs, carry, columns, length, reverse)
    # a loop of no turns has to be described: nothing else tells what it would stack
    return _tried(name, engine, lambda: _scan_described(name, step, init, xs, carry, columns, length, reverse),
                  (lambda: _scan_in_python(name, step, init, xs, carry, columns, length, reverse)) if has_turns else None)


def _scan_described(name: str, step: Function, init: Any, xs: Any, carry: list[Any], columns: list[Any], length: Any,
                    reverse: bool) -> tuple[Any, Any]:
    """`scan` as one call of the engine, for which the state and the variables have to be known before."""
    engine = registry.current()
    row = tree.map_structure(_row, graph.specs_of(engine, xs))
    specs = graph.specs_of(engine, init)
    (next_carry, y), variables = described(step, specs, row)
    same_specs(name, CARRY, specs, next_carry, narrowing=True)
    count = len(carry)

    def body(state: list[Any], inputs: list[Any]) -> tuple[list[Any], list[Any]]:
        (new, out), values = threaded(step, variables, state[count:], packed(specs, state[:count]), packed(row, inputs))
        return [*tensors_in(new, specs), *values], tensors_in(out, y)

    state, ys = engine.scan(body, [*carry, *map(present, variables)], columns, length, reverse)
    assign(variables, state[count:])
    return packed(specs, state[:count]), packed(y, ys)


def _scan_in_python(name: str, step: Function, init: Any, xs: Any, carry: list[Any], columns: list[Any], length: int,
                    reverse: bool) -> tuple[Any, Any]:
    """`scan` over values."""
    engine = registry.current()
    pack, pack_row = turns.packer(init), turns.packer(xs)

    def describe() -> Any:
        return described(step, init, tree.map_structure(_row, graph.specs_of(engine, xs)))[0]

    keep, outputs = turns.Keeper(name, CARRY, init, lambda: describe()[0]), turns.Outputs(name, lambda: describe()[1])

    def body(state: list[Any], inputs: list[Any]) -> tuple[list[Any], list[Any]]:
        new, out = step(pack(state), pack_row(inputs))
        return keep(new), outputs(out)

    state, ys = turns.in_scope(lambda: turns.scan(engine, body, carry, columns, length, reverse))
    return pack(state), packed(outputs.like, ys)


def counted(name: str, body: Function, value: Any, tensors: list[Any], first: int, last: int) -> Any:
    """`value = body(i, value)` for i = first, ..., last - 1, where loops run in Python; `tensors` are those of `value`."""
    engine = registry.current()
    pack = turns.packer(value)

    def describe() -> Any:
        return described(body, KerasTensor.spec((), "int32"), value)[0]

    keep = turns.Keeper(name, CARRY, value, describe)

    def turn(state: list[Any], numbers: list[Any]) -> tuple[list[Any], list[Any]]:
        return keep(body(numbers[0], pack(state))), []

    def run() -> list[Any]:
        state = tensors
        for start in range(first, last, AT_ONCE):
            numbers = engine.convert(np.arange(start, min(start + AT_ONCE, last), dtype="int32"), "int32")
            state, _ = engine.scan(turn, state, [numbers], len(numbers), False)
        return state

    if first >= last:
        keep.check()
    return packed(value, turns.in_scope(run))


def _row(x: Any) -> Any:
    return x if x is None else KerasTensor.spec(x.shape[1:], x.dtype)


# --- vectorized map ------------------------------------------------------------------------------------------------------


def mapped(function: Function, elements: Any, columns: list[Any]) -> Any:
    """`function` of each row of a nest whose tensors are `columns`, stacked."""
    engine = registry.current()

    def describe() -> tuple[Any, list[Any]]:
        return described(function, tree.map_structure(_row, graph.specs_of(engine, elements)))

    pack, outputs = turns.packer(elements), turns.Outputs("vectorized_map", lambda: describe()[0])
    if engine.is_abstract:
        result, variables = describe()
        _refuse_variables(variables)
        return packed(result, engine.vectorized_map(lambda xs: tensors_in(function(pack(xs)), result), columns))

    def each(xs: list[Any]) -> list[Any]:
        return outputs(function(pack(xs)))

    def row_by_row() -> list[Any]:  # a function may read values, which are not there while all rows are computed at once
        nonlocal outputs
        _refuse_variables(scope.written)
        outputs = turns.Outputs("vectorized_map", lambda: describe()[0])
        return turns.scan(engine, lambda state, row: (state, each(row)), [], columns, shape_of(columns[0])[0], False)[1]

    with Scope() as scope:
        out = _tried("vectorized_map", engine, lambda: engine.vectorized_map(each, columns), row_by_row)
    _refuse_variables(scope.written)
    return packed(outputs.like, out)


def _refuse_variables(variables: list[Any]) -> None:
    if variables:
        raise invalid("vectorized_map", f"the function assigns {', '.join(v.path for v in variables)}; use ops.map for that")
