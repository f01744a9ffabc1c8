"""Structured control flow.

Functions may assign variables: those are found by running the function once on specs, and become part of the state that the
engine's loop or branch passes on.  State keeps its shapes and dtypes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from keras_lite.engine import registry
from keras_lite.engine.errors import invalid, is_clear, wrong_type
from keras_lite.ops import references
from keras_lite.ops.arithmetic import add
from keras_lite.ops.creation import iota
from keras_lite.ops.data import as_tensor
from keras_lite.ops.facts import rank_of, shape_of
from keras_lite.ops.sample import Sample, array, f32, i32
from keras_lite.ops.shaping import reshape
from keras_lite.ops.table import op
from keras_lite.state import tree
from keras_lite.state.scope import AbstractScope, Scope, current_scope
from keras_lite.symbolic import engine as abstract
from keras_lite.symbolic import graph
from keras_lite.symbolic.rules import may_equal
from keras_lite.symbolic.spec import KerasTensor

Function = Callable[..., Any]
FLOATS = ("float32", "float64", "float16")  # of the samples, whose functions use the tensors' own operators

# --- what a function returns and which variables it assigns ---------------------------------------------------------------


def described(fn: Function, *args: Any) -> tuple[Any, list[Any]]:
    """Specs of `fn(*args)`, and the variables that it assigns."""
    engine = registry.current()
    specs = graph.specs_of(engine, args)
    try:
        with registry.using(abstract), AbstractScope() as scope:
            result = tree.map_structure(_spec, fn(*specs))
        return tree.map_structure(lambda x: _canonical(engine, x), result), scope.written
    except Exception as error:  # functions of the framework itself do not take specs; the engine can run them without computing
        if engine.is_abstract or (is_clear(error) and not getattr(error, "needs_values", False)):
            raise
    return _traced(engine, fn, specs)


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


def _present(variable: Any) -> Any:
    """The value of a variable now, in its own dtype."""
    scope = current_scope()
    return variable.own_value if scope is None else scope.value_of(variable)


def _assign(variables: list[Any], values: list[Any]) -> None:
    if registry.current().is_abstract and current_scope() is None:
        return  # a graph is described: nothing is computed
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def _threaded(fn: Function, variables: list[Any], values: list[Any], *args: Any) -> tuple[Any, list[Any]]:
    """`fn(*args)` while the variables have `values`, and what it assigned to them."""
    with Scope(zip(variables, values, strict=True)) as scope:
        result = fn(*args)
        return result, [scope.value_of(v) for v in variables]


def tensors_in(nest: Any, like: Any = None) -> list[Any]:
    """The leaves as tensors (None left out), numbers in the dtype of the leaf in the same place of `like`."""
    engine = registry.current()
    leaves = tree.flatten(nest)
    models = [None] * len(leaves) if like is None else tree.flatten(like)
    return [as_tensor(engine, x, None if m is None or engine.is_tensor(x) else m.dtype)
            for x, m in zip(leaves, models, strict=True) if x is not None]


def packed(like: Any, tensors: list[Any]) -> Any:
    """Tensors in the structure of `like`, None where that has None."""
    rest = iter(tensors)
    return tree.pack_as(like, [None if x is None else next(rest) for x in tree.flatten(like)])


def same_specs(name: str, what: str, expected: Any, found: Any) -> None:
    """Raise ValueError unless two nests of specs have the same structure, shapes and dtypes."""
    if not _alike(expected, found):
        raise invalid(name, f"{what}: structures differ, expected {_shown(expected)}, got {_shown(found)}")
    for a, b in zip(tree.flatten(expected), tree.flatten(found), strict=True):
        if (a is None) != (b is None) or (a is not None and (a.dtype != b.dtype or not may_equal(a.shape, b.shape))):
            raise invalid(name, f"{what}: expected {_shown(expected)}, got {_shown(found)}")


def _alike(a: Any, b: Any) -> bool:
    """Whether two nests have the same structure; a list is like a tuple."""
    if isinstance(a, dict):
        return isinstance(b, dict) and set(a) == set(b) and all(_alike(a[key], b[key]) for key in a)
    if isinstance(a, (list, tuple)):
        return isinstance(b, (list, tuple)) and len(a) == len(b) and all(map(_alike, a, b))
    return not tree.is_nested(b)


def _shown(nest: Any) -> str:
    return str(tree.map_structure(lambda x: x if x is None else f"{x.dtype}{list(x.shape)}", nest))


def _value(predicate: Any) -> bool | None:
    """The truth of a scalar whose value is known now, None inside a trace."""
    if isinstance(predicate, KerasTensor):
        return None
    try:
        return bool(predicate)
    except Exception:  # every framework has its own error for a value that is not there yet
        return None


# --- branches ------------------------------------------------------------------------------------------------------------

TWICE, NEGATED = (lambda x: x * 2.0), (lambda x: -x)


@op(tensors=(), samples=(Sample(True, lambda: 1.0, lambda: 2.0),
                         Sample(array(False, "bool"), lambda: (1.0, {"a": 2}), lambda: (3.0, {"a": 4})),
                         Sample(array(1, "int32"), lambda: None, lambda: None),
                         Sample(array([True, False], "bool"), lambda: 1.0, lambda: 2.0, error="must be a scalar")),
                         reference=references.cond)
def cond(pred: Any, true_fn: Function, false_fn: Function) -> Any:
    """`true_fn()` if the scalar `pred` holds, else `false_fn()`; both return the same structure, shapes and dtypes.

    Where the value of `pred` is known only that branch runs.
    """
    return _switch("cond", pred, [false_fn, true_fn], truth=True)


@op(tensors=(), samples=(Sample(0, [TWICE, NEGATED], f32(3)), Sample(array(1, "int32"), [TWICE, NEGATED], f32(0)),
                         Sample(7, [TWICE, NEGATED, lambda x: x + 1.0], f32(2, 2)), Sample(-3, [TWICE, NEGATED], f32(2)),
                         Sample(0, [], error="at least one branch"),
                         Sample(array([0, 1], "int32"), [TWICE, NEGATED], f32(2), error="must be a scalar")), reference=references.switch,
    dtypes=FLOATS)
def switch(index: Any, branches: Any, *operands: Any) -> Any:
    """`branches[index](*operands)`, the index limited to the branches there are; all return the same structure, shapes, dtypes."""
    if not branches:
        raise invalid("switch", "at least one branch is needed")
    return _switch("switch", index, [lambda b=b: b(*operands) for b in branches])


def _switch(name: str, index: Any, branches: list[Function], truth: bool = False) -> Any:
    engine = registry.current()
    index = as_tensor(engine, index)
    if rank_of(index):
        raise invalid(name, f"the {'predicate' if truth else 'index'} must be a scalar, got shape {shape_of(index)}")
    index = engine.cast(engine.cast(index, "bool") if truth else index, "int32")
    if _value(index) is not None:
        return _as_is(branches[min(max(int(index), 0), len(branches) - 1)]())
    results: list[Any] = []
    written: dict[int, Any] = {}
    for branch in branches:
        result, variables = described(branch)
        results.append(result)
        written |= {v.key: v for v in variables}
    for result in results[1:]:
        same_specs(name, "the branches return different things", results[0], result)
    variables = list(written.values())
    outputs = _chosen(engine, index, [_branch(b, variables, results[0]) for b in branches])
    count = len(outputs) - len(variables)
    _assign(variables, outputs[count:])
    return packed(results[0], outputs[:count])


def _as_is(result: Any) -> Any:
    """A branch's result with its numbers as tensors."""
    engine = registry.current()
    return tree.map_structure(lambda x: None if x is None else as_tensor(engine, x), result)


def _branch(fn: Function, variables: list[Any], like: Any) -> Callable[[], list[Any]]:
    def run() -> list[Any]:
        result, values = _threaded(fn, variables, [_present(v) for v in variables])
        return [*tensors_in(result, like), *values]

    return run


def _chosen(engine: Any, index: Any, branches: list[Callable[[], list[Any]]]) -> list[Any]:
    """The branch of a traced index, by halving."""
    if len(branches) == 1:
        return branches[0]()
    half = len(branches) // 2
    return engine.cond(engine.less(index, half), lambda: _chosen(engine, index, branches[:half]),
                       lambda: _chosen(engine, engine.subtract(index, half), branches[half:]))


# --- loops ---------------------------------------------------------------------------------------------------------------


@op(tensors=(), samples=(Sample(lambda i: i < 3, lambda i: (i + 1,), (0,)),
                         Sample(lambda i, x: i < 3, lambda i, x: (i + 1, x * 2.0), (0, f32(2)), grad=False),
                         Sample(lambda x: x < 10.0, lambda x: x * 3.0, 1.0),
                         Sample(lambda i, x: i < 9, lambda i, x: [i + 1, x + 1.0], [0, f32(0)], maximum_iterations=4),
                         Sample(lambda i: i < 3, lambda i: (i * 0.5,), (0,), error="the body changes the loop variables")),
    reference=references.while_loop,
    dtypes=FLOATS)
def while_loop(cond: Function, body: Function, loop_vars: Any, maximum_iterations: int | None = None) -> Any:
    """`loop_vars = body(*loop_vars)` repeated while `cond(*loop_vars)`, at most `maximum_iterations` times.

    With that bound the loop can be differentiated on every engine.
    """
    several = isinstance(loop_vars, (list, tuple))
    start = tuple(loop_vars) if several else (loop_vars,)
    tensors = tensors_in(start)
    start = packed(start, tensors)

    def step(*values: Any) -> tuple[Any, ...]:
        result = body(*values)
        return tuple(result) if several and isinstance(result, (list, tuple)) else (result,)

    found, variables = described(step, *start)
    specs = graph.specs_of(registry.current(), start)
    same_specs("while_loop", "the body changes the loop variables", specs, found)
    count = len(tensors)

    def condition(state: list[Any]) -> Any:
        result, _ = _threaded(cond, variables, state[count:], *packed(start, state[:count]))
        return reshape(as_tensor(registry.current(), result, "bool"), ())

    def advance(state: list[Any]) -> list[Any]:
        result, values = _threaded(step, variables, state[count:], *packed(start, state[:count]))
        return [*tensors_in(result, specs), *values]

    final = registry.current().while_loop(condition, advance, [*tensors, *map(_present, variables)], maximum_iterations)
    _assign(variables, final[count:])
    result = packed(start, final[:count])
    return result if several else result[0]


@op(tensors=(), samples=(Sample(0, 4, lambda i, x: x * 2.0, f32(2)), Sample(2, 2, lambda i, x: x + 1.0, f32(3)),
                         Sample(1, 4, lambda i, s: (s[0] + 1, s[1] * 2.0), (0, f32(2))),
                         Sample(array(0, "int32"), 3, lambda i, x: x - 1.0, f32(0), grad=False),
                         Sample(0, 2, lambda i, x: x > 0, f32(2), error="the body changes the")), reference=references.fori_loop,
    dtypes=FLOATS)
def fori_loop(lower: Any, upper: Any, body_fun: Function, init_val: Any) -> Any:
    """`value = body_fun(i, value)` for i = lower, ..., upper - 1.  With bounds that are ints it can be differentiated."""
    if isinstance(lower, int) and isinstance(upper, int):
        numbers = add(iota(max(upper - lower, 0)), lower)
        return _scanned("fori_loop", lambda value, i: (body_fun(i, value), None), init_val, numbers)[0]
    engine = registry.current()
    lower, upper = (as_tensor(engine, bound, "int32") for bound in (lower, upper))
    return while_loop(lambda i, value: i < upper, lambda i, value: (i + 1, body_fun(i, value)), (lower, init_val))[1]


@op(tensors=(), samples=(Sample(lambda c, x: (c + x, c * 2.0), 0.0, f32(4)), Sample(lambda c, x: (c + 1.0, None), f32(2), None, length=3),
                         Sample(lambda c, x: ((c[0] + x["a"], c[1] * 2.0), x["b"]), (f32(2), 1.0), {"a": f32(3, 2), "b": i32(3)}),
                         Sample(lambda c, x: (c + x, x), f32(2), f32(3, 2), reverse=True), Sample(lambda c, x: (c + x, x), 0.0, f32(0)),
                         Sample(lambda c, x: (c, x), 0.0, (f32(3), f32(2)), error="first axis"),
                         Sample(lambda c, x: (c > 0, x), 0.0, f32(3), error="the body changes the"),
                         Sample(lambda c, x: (c, x), 0.0, error="`xs` or `length`")), reference=references.scan,
    dtypes=("float32",))
def scan(f: Function, init: Any, xs: Any = None, length: int | None = None, reverse: bool = False, unroll: int = 1) -> tuple[Any, Any]:
    """`carry, y = f(carry, x)` for each x along the first axis of `xs`; returns the last carry and all y, stacked.

    Without `xs`, f gets None `length` times.  `reverse` goes from the last x to the first.  `unroll` may speed up an engine and
    changes no result.
    """
    if not isinstance(unroll, (int, bool)) or (isinstance(unroll, int) and unroll < 0):
        raise invalid("scan", f"unroll must be a bool or an int that is not negative, got {unroll!r}")
    return _scanned("scan", f, init, xs, length, reverse)


def _scanned(name: str, f: Function, init: Any, xs: Any, length: int | None = None, reverse: bool = False) -> tuple[Any, Any]:
    """`scan` for the op `name`, which errors say."""
    carry, columns = tensors_in(init), tensors_in(xs)
    length = _length(name, columns, length)
    init, xs = packed(init, carry), packed(xs, columns)
    row = tree.map_structure(_row, graph.specs_of(registry.current(), xs))

    def step(carry: Any, x: Any) -> tuple[Any, Any]:
        result = f(carry, x)
        if not isinstance(result, (list, tuple)) or len(result) != 2:
            raise wrong_type(name, f"the function must return (carry, y), got {result!r}")
        return result[0], result[1]

    specs = graph.specs_of(registry.current(), init)
    (next_carry, y), variables = described(step, specs, row)
    same_specs(name, "the body changes the carry", specs, next_carry)
    count = len(carry)

    def body(state: list[Any], inputs: list[Any]) -> tuple[list[Any], list[Any]]:
        (new, out), values = _threaded(step, variables, state[count:], packed(specs, state[:count]), packed(row, inputs))
        return [*tensors_in(new, specs), *values], tensors_in(out, y)

    state, ys = registry.current().scan(body, [*carry, *map(_present, variables)], columns, length, bool(reverse))
    _assign(variables, state[count:])
    return packed(specs, state[:count]), packed(y, ys)


def _row(x: Any) -> Any:
    return x if x is None else KerasTensor.spec(x.shape[1:], x.dtype)


def _length(name: str, columns: list[Any], length: int | None) -> Any:
    """The common size of the first axes."""
    if any(rank_of(x) == 0 for x in columns):
        raise invalid(name, "each tensor needs a first axis, got a scalar")
    sizes = [shape_of(x)[0] for x in columns] + ([] if length is None else [length])
    known = [n for n in sizes if isinstance(n, int)]
    if any(n != known[0] for n in known[1:]):
        raise invalid(name, f"sizes of the first axis and `length` must agree, got {sizes}")
    if not sizes:
        raise invalid(name, "`xs` or `length` is needed")
    return known[0] if known else sizes[0]


@op(tensors=(), public="map", samples=(Sample(lambda x: x * 2.0, f32(3, 2)), Sample(lambda x: (x[0] + x[1], x[0]), (f32(3), f32(3))),
                         Sample(lambda x: {"s": x["a"]}, {"a": i32(2, 2)}), Sample(lambda x: x + 1.0, f32(0, 2)),
                         Sample(lambda x: x, f32(), error="a first axis")), reference=references.map_rows,
    dtypes=FLOATS)
def map_rows(f: Function, xs: Any) -> Any:
    """`f(x)` for each x along the first axis of `xs`, one after the other, stacked."""
    return _scanned("map", lambda carry, x: (carry, f(x)), (), xs)[1]


@op(tensors=(), samples=(Sample(lambda x: x * 2.0, f32(3, 2)), Sample(lambda x: x[0] * x[1], (f32(3), f32(3, 2))),
                         Sample(lambda x: x + 1.0, f32(0, 2)), Sample(lambda x: x, f32(), error="a first axis")),
    reference=references.map_rows,
    dtypes=FLOATS)
def vectorized_map(function: Function, elements: Any) -> Any:
    """`function(x)` for each x along the first axis of `elements`, all at once, stacked.  It must not assign variables."""
    columns = tensors_in(elements)
    _length("vectorized_map", columns, None)
    elements = packed(elements, columns)
    row = tree.map_structure(_row, graph.specs_of(registry.current(), elements))
    result, variables = described(function, row)
    if variables:
        raise invalid("vectorized_map", f"the function assigns {', '.join(v.path for v in variables)}; use ops.map for that")
    out = registry.current().vectorized_map(lambda xs: tensors_in(function(packed(row, xs)), result), columns)
    return packed(result, out)
