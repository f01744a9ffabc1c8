"""Structured control flow.

Functions may assign variables.  In eager code they may read values (`int(i)`, `if x > 0`): the loop is Python's then, on every engine.
In a compiled function, where there are none, jax and tensorflow raise TypeError.  State keeps its shapes and dtypes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from keras_lite.engine import registry
from keras_lite.engine.dtypes import is_integer
from keras_lite.engine.errors import invalid, wrong_type
from keras_lite.ops import loops, references, sizes
from keras_lite.ops.arithmetic import add
from keras_lite.ops.bodies import assign, check_function, described, packed, pictured, present, same_specs, tensors_in, threaded
from keras_lite.ops.creation import iota
from keras_lite.ops.data import as_tensor
from keras_lite.ops.facts import dtype_of, rank_of, shape_of
from keras_lite.ops.kinds import shown
from keras_lite.ops.sample import Sample, array, f32, i32
from keras_lite.ops.saturation import saturate_cast
from keras_lite.ops.table import op
from keras_lite.state import tree
from keras_lite.symbolic.spec import KerasTensor

Function = Callable[..., Any]
FLOATS = ("float32", "float64", "float16")  # of the samples, whose functions use the tensors' own operators


def _value(scalar: Any) -> int | None:
    """The value of an integer scalar where it is known now, None inside a trace."""
    if isinstance(scalar, KerasTensor):
        return None
    try:
        return int(scalar)
    except Exception:  # every framework has its own error for a value that is not there yet
        return None


# --- branches ------------------------------------------------------------------------------------------------------------

TWICE, NEGATED = (lambda x: x * 2.0), (lambda x: -x)


@op(tensors=(), samples=(Sample(True, lambda: 1.0, lambda: 2.0),
                         Sample(array(False, "bool"), lambda: (1.0, {"a": 2}), lambda: (3.0, {"a": 4})),
                         Sample(array(1, "int32"), lambda: None, lambda: None),
                         Sample(array([True, False], "bool"), lambda: 1.0, lambda: 2.0, error="must be a scalar"),
                         Sample(True, 1.0, lambda: 2.0, error="true_fn must be a function, got 1.0"),
                         Sample(True, lambda: 1.0, None, error="false_fn must be a function, got None")), reference=references.cond)
def cond(pred: Any, true_fn: Function, false_fn: Function) -> Any:
    """`true_fn()` if the scalar `pred` holds, else `false_fn()`; both return the same structure, shapes and dtypes.

    Where the value of `pred` is known, as in eager calls, only that branch runs, and nothing compares it with the other one.  Functions
    take no arguments and may assign variables.

    Raises:
        TypeError: a branch is no function.
        ValueError: `pred` is no scalar; in compiled functions, branches that return different structures, shapes or dtypes.

    >>> from keras_lite import ops
    >>> x = ops.array(-3.0)
    >>> float(ops.cond(x < 0, lambda: -x, lambda: x))
    3.0
    """
    for name, branch in (("true_fn", true_fn), ("false_fn", false_fn)):
        check_function("cond", name, branch)
    return _switch("cond", pred, [false_fn, true_fn], truth=True)


@op(tensors=(), samples=(Sample(0, [TWICE, NEGATED], f32(3)), Sample(array(1, "int32"), [TWICE, NEGATED], f32(0)),
                         Sample(7, [TWICE, NEGATED, lambda x: x + 1.0], f32(2, 2)), Sample(-3, [TWICE, NEGATED], f32(2)),
                         Sample(0, [], error="at least one branch"),
                         Sample(0, [TWICE, 3], f32(2), error="each branch must be a function, got 3"),
                         Sample(0, TWICE, f32(2), error="branches must be a list of functions"),
                         Sample(0.5, [TWICE, NEGATED], f32(2), error="the index must be an integer, got float32"),
                         Sample(array([0, 1], "int32"), [TWICE, NEGATED], f32(2), error="must be a scalar")), reference=references.switch,
    dtypes=FLOATS)
def switch(index: Any, branches: Any, *operands: Any) -> Any:
    """`branches[index](*operands)`, the index limited to the branches there are; all return the same structure, shapes, dtypes.

    Where the value of `index` is known, as in eager calls, only that branch runs, and nothing compares it with the others.

    Args:
        index: an integer scalar; negative ones take the first branch, those beyond the last one the last.
        branches: a list of functions, which may assign variables.
        operands: the arguments of each of them.

    Raises:
        TypeError: the index is no integer, or a branch no function.
        ValueError: the index is no scalar; there is no branch; in compiled functions, branches that return different things.

    >>> from keras_lite import ops
    >>> float(ops.switch(1, [ops.negative, ops.square], 3.0)), float(ops.switch(7, [ops.negative, ops.square], 3.0))
    (9.0, 9.0)
    """
    if not isinstance(branches, (list, tuple)):
        raise wrong_type("switch", f"branches must be a list of functions, got {shown(branches)}")
    if not branches:
        raise invalid("switch", "at least one branch is needed")
    for branch in branches:
        check_function("switch", "each branch", branch)
    return _switch("switch", index, [lambda b=b: b(*operands) for b in branches])


def _switch(name: str, index: Any, branches: list[Function], truth: bool = False) -> Any:
    engine = registry.current()
    place = _place(name, as_tensor(engine, index), truth)
    known = _known(name, index, place, truth)
    if known is not None:
        return _as_is(branches[min(max(known, 0), len(branches) - 1)]())
    results: list[Any] = []
    written: dict[int, Any] = {}
    for branch in branches:
        result, variables = described(branch)
        results.append(result)
        written |= {v.key: v for v in variables}
    for result in results[1:]:
        same_specs(name, "the branches return different things", results[0], result)
    variables = list(written.values())
    outputs = _chosen(engine, place, [_branch(b, variables, results[0]) for b in branches])
    count = len(outputs) - len(variables)
    assign(variables, outputs[count:])
    return packed(results[0], outputs[:count])


def _place(name: str, index: Any, truth: bool) -> Any:
    """The number of a branch as an int32 tensor."""
    engine = registry.current()
    if rank_of(index):
        raise invalid(name, f"the {'predicate' if truth else 'index'} must be a scalar, got shape {shape_of(index)}")
    if not truth and not _counts(index):
        raise wrong_type(name, f"the index must be an integer, got {dtype_of(index)}")
    return engine.cast(engine.cast(index, "bool"), "int32") if truth else saturate_cast(index, "int32")


def _known(name: str, index: Any, place: Any, truth: bool) -> int | None:
    """The number of a branch where it is known: that of host data, also in a trace, and that of a tensor with a value."""
    owner = registry.engine_of((index,))
    if owner is None:
        return int(bool(np.asarray(index)) if truth else np.asarray(index))
    if owner is registry.current() or owner.is_abstract:
        return _value(place)
    with registry.using(owner):  # among specs
        return _value(_place(name, as_tensor(owner, index), truth))


def _counts(x: Any) -> bool:
    """Whether a tensor's dtype is one of integers; a bool is 0 or 1."""
    return is_integer(dtype_of(x)) or dtype_of(x) == "bool"


def _as_is(result: Any) -> Any:
    """A branch's result with its numbers as tensors; symbolic ones stay what they are."""
    engine = registry.current()
    return tree.map_structure(lambda x: x if x is None or isinstance(x, KerasTensor) else as_tensor(engine, x), result)


def _branch(fn: Function, variables: list[Any], like: Any) -> Callable[[], list[Any]]:
    def run() -> list[Any]:
        result, values = threaded(fn, variables, [present(v) for v in variables])
        return [*tensors_in(result, like), *values]

    return run


def _chosen(engine: Any, index: Any, branches: list[Callable[[], list[Any]]]) -> list[Any]:
    """The branch of a traced index, by halving; `true_fn` of a `cond` stays the true one.

    XLA lets pass what the false branch leaves as it is, and copies what the true one does: an update comes second.
    """
    if len(branches) == 1:
        return branches[0]()
    half = len(branches) // 2
    return engine.cond(engine.greater_equal(index, half), lambda: _chosen(engine, engine.subtract(index, half), branches[half:]),
                       lambda: _chosen(engine, index, branches[:half]))


# --- loops ---------------------------------------------------------------------------------------------------------------


@op(tensors=(), samples=(Sample(lambda i: i < 3, lambda i: (i + 1,), (0,)),
                         Sample(lambda i, x: i < 3, lambda i, x: (i + 1, x * 2.0), (0, f32(2)), grad=False),
                         Sample(lambda x: x < 10.0, lambda x: x * 3.0, 1.0),
                         Sample(lambda i, x: i < 9, lambda i, x: [i + 1, x + 1.0], [0, f32(0)], maximum_iterations=4),
                         Sample(lambda i: i < 3, lambda i: (i * 0.5,), (0,), error="the body changes the loop variables"),
                         Sample(lambda x: x < 3.0, lambda x: x, f32(2), error=r"cond must return a scalar, got shape \(2,\)"),
                         Sample(3, lambda x: x, f32(), error="cond must be a function, got 3"),
                         Sample(lambda x: x < 3.0, None, f32(), error="body must be a function, got None"),
                         Sample(lambda i: i < 3, lambda i: i + 1, 0, 1.5, error="maximum_iterations must be an int of at least 0, got 1.5"),
                         Sample(lambda i: i < 3, lambda i: i + 1, 0, -1, error="maximum_iterations must be an int of at least 0, got -1")),
    reference=references.while_loop,
    dtypes=FLOATS)
def while_loop(cond: Function, body: Function, loop_vars: Any, maximum_iterations: int | None = None) -> Any:
    """`loop_vars = body(*loop_vars)` repeated while `cond(*loop_vars)`, at most `maximum_iterations` times; returns the last ones.

    Args:
        cond: a function of the loop variables that returns a bool scalar.
        body: returns them anew, of the same structure, shapes, dtypes (64-bit results are cast to a 32-bit state); may assign variables
            and, in eager code, read values (`if x > 0`).
        loop_vars: a list or tuple of nests of tensors, or a single one, which is passed and returned as it is.
        maximum_iterations: an int or None; with this bound the loop can be differentiated on every engine.

    Raises:
        TypeError: `cond` or `body` is no function, or the bound no int.
        ValueError: the body changes structure, shapes or dtypes, `cond` returns no scalar or assigns, or the bound is negative.

    >>> from keras_lite import ops
    >>> [int(n) for n in ops.while_loop(lambda a, b: b > 0, lambda a, b: (b, a % b), (48, 18))]  # Euclid's algorithm
    [6, 0]
    """
    check_function("while_loop", "cond", cond)
    if maximum_iterations is not None:
        maximum_iterations = sizes.as_turns("while_loop", "maximum_iterations", maximum_iterations)
    several = isinstance(loop_vars, (list, tuple))
    start = tuple(loop_vars) if several else (loop_vars,)
    tensors = tensors_in(start)
    start = packed(start, tensors)

    def step(*values: Any) -> tuple[Any, ...]:
        result = body(*values)
        return tuple(result) if several and isinstance(result, (list, tuple)) else (result,)

    final = loops.repeated(cond, step, start, tensors, maximum_iterations)
    result = packed(start, final)
    return result if several else result[0]


@op(tensors=(), samples=(Sample(0, 4, lambda i, x: x * 2.0, f32(2)), Sample(2, 2, lambda i, x: x + 1.0, f32(3)),
                         Sample(1, 4, lambda i, s: (s[0] + 1, s[1] * 2.0), (0, f32(2))),
                         Sample(array(0, "int32"), 3, lambda i, x: x - 1.0, f32(0), grad=False),
                         Sample(0, 2, lambda i, x: x > 0, f32(2), error="the body changes the"),
                         Sample(0, 2.5, lambda i, x: x, f32(2), error="each bound must be an integer scalar, got float32"),
                         Sample([0, 1], 2, lambda i, x: x, f32(2), error=r"each bound must be an integer scalar, got int32\[2\]"),
                         Sample(0, 2, 3, f32(2), error="body_fun must be a function, got 3")), reference=references.fori_loop,
    dtypes=FLOATS)
def fori_loop(lower: Any, upper: Any, body_fun: Function, init_val: Any) -> Any:
    """`value = body_fun(i, value)` for i = lower, ..., upper - 1, from `init_val` on; returns the last value.

    Args:
        lower, upper: ints, with which the loop can be differentiated, or integer scalars; int32 holds them.
        body_fun: a function of an int32 scalar and the value that returns the next value; it may assign variables.
        init_val: a nest of tensors, whose structure, shapes and dtypes stay.

    Raises:
        TypeError: a bound is no integer scalar, or `body_fun` no function.
        ValueError: `body_fun` changes structure, shapes or dtypes.

    >>> from keras_lite import ops
    >>> int(ops.fori_loop(1, 5, lambda i, value: value * i, 1))  # 4!
    24
    """
    engine = registry.current()
    first, last = _bound(engine, lower), _bound(engine, upper)
    if first.__class__ is int and last.__class__ is int:
        return _counted(engine, body_fun, init_val, first, last)
    first, last = (saturate_cast(as_tensor(engine, bound), "int32") for bound in (first, last))
    return while_loop(lambda i, value: i < last, lambda i, value: (i + 1, body_fun(i, value)), (first, init_val))[1]


def _counted(engine: Any, body: Function, value: Any, first: int, last: int) -> Any:
    """`fori_loop` between known bounds."""
    if loops.runs_in_python(engine):
        check_function("fori_loop", "body_fun", body)
        tensors = tensors_in(value)
        return loops.counted("fori_loop", body, packed(value, tensors), tensors, first, last)
    numbers = add(iota(max(last - first, 0)), first)
    return _scanned("fori_loop", lambda value, i: (body(i, value), None), value, numbers)[0]


def _bound(engine: Any, given: Any) -> Any:
    """A bound of a loop: an int where it is one, or can be read at once; else a scalar tensor."""
    if given.__class__ is not int:
        bound = as_tensor(engine, given)
        if rank_of(bound) or not _counts(bound):
            sizes_of = f"{list(shape_of(bound))}" if rank_of(bound) else ""
            raise wrong_type("fori_loop", f"each bound must be an integer scalar, got {dtype_of(bound)}{sizes_of}")
        if isinstance(given, (int, np.integer, np.ndarray)):
            given = int(given)
        elif loops.runs_in_python(engine) or (engine.eager_compiles and not engine.is_traced(bound)):
            given = int(bound)
        else:
            return bound
    if not -2**31 <= given < 2**31:
        raise invalid("fori_loop", f"each bound must fit int32, the dtype of the numbers in between, got {given}")
    return given


@op(tensors=(), samples=(Sample(lambda c, x: (c + x, c * 2.0), 0.0, f32(4)), Sample(lambda c, x: (c + 1.0, None), f32(2), None, length=3),
                         Sample(lambda c, x: ((c[0] + x["a"], c[1] * 2.0), x["b"]), (f32(2), 1.0), {"a": f32(3, 2), "b": i32(3)}),
                         Sample(lambda c, x: (c + x, x), f32(2), f32(3, 2), reverse=True), Sample(lambda c, x: (c + x, x), 0.0, f32(0)),
                         Sample(lambda c, x: (c, x), 0.0, (f32(3), f32(2)), error="first axis"),
                         Sample(lambda c, x: (c > 0, x), 0.0, f32(3), error="the body changes the"),
                         Sample(lambda c, x: (c, x), 0.0, error="`xs` or `length`"),
                         Sample(3, 0.0, f32(3), error="f must be a function, got 3"),
                         Sample(lambda c, x: (c, x), 0.0, None, -1, error="length must be an int of at least 0, got -1"),
                         Sample(lambda c, x: (c, x), 0.0, f32(4), 4.5, error="length must be an int of at least 0, got 4.5")),
    reference=references.scan,
    dtypes=("float32",))
def scan(f: Function, init: Any, xs: Any = None, length: int | None = None, reverse: bool = False, unroll: int = 1) -> tuple[Any, Any]:
    """`carry, y = f(carry, x)` for each x along the first axis of `xs`; returns the last carry and all y, stacked.

    Args:
        f: a function of the carry and of a slice of `xs` that returns the next carry and a nest y; it may assign variables.
        init: the first carry, a nest of tensors, whose structure, shapes and dtypes stay.
        xs: a nest of tensors which agree in the size of their first axis; None for an `f` that gets None `length` times.
        length: number of steps; only needed without `xs`.
        reverse: whether to go from the last x to the first; each y stands where its x does.
        unroll: steps that an engine may run at once, an int or bool; it changes no result.

    Raises:
        TypeError: `f` is no function or returns no pair, or the length is no int.
        ValueError: sizes that do not agree or are negative, neither `xs` nor `length`, an `f` that changes the carry.

    >>> from keras_lite import ops
    >>> total, sums = ops.scan(lambda carry, x: (carry + x, carry + x), 0, ops.array([1, 2, 3]))
    >>> int(total), ops.convert_to_numpy(sums).tolist()
    (6, [1, 3, 6])
    """
    if not isinstance(unroll, int) or unroll < 0:  # a bool is an int
        raise invalid("scan", f"unroll must be a bool or an int that is not negative, got {unroll!r}")
    return _scanned("scan", f, init, xs, length, reverse)


def _scanned(name: str, f: Function, init: Any, xs: Any, length: int | None = None, reverse: bool = False) -> tuple[Any, Any]:
    """`scan` for the op `name`, which errors say."""
    carry, columns = tensors_in(init), tensors_in(xs)
    length = _length(name, columns, length)
    init, xs = packed(init, carry), packed(xs, columns)

    def step(carry: Any, x: Any) -> tuple[Any, Any]:
        result = f(carry, x)
        if not isinstance(result, (list, tuple)) or len(result) != 2:
            raise wrong_type(name, f"the function must return (carry, y), got {pictured(result)}")
        return result[0], result[1]

    return loops.scanned(name, step, init, xs, carry, columns, length, bool(reverse))


def _length(name: str, columns: list[Any], length: int | None) -> Any:
    """The common size of the first axes."""
    if any(rank_of(x) == 0 for x in columns):
        raise invalid(name, "each tensor needs a first axis, got a scalar")
    found = [shape_of(x)[0] for x in columns] + ([] if length is None else [sizes.as_turns(name, "length", length)])
    known = [n for n in found if isinstance(n, int)]
    if any(n != known[0] for n in known[1:]):
        raise invalid(name, f"sizes of the first axis and `length` must agree, got {found}")
    if not found:
        raise invalid(name, "`xs` or `length` is needed" if name == "scan" else "at least one tensor is needed, got none")
    return known[0] if known else found[0]


@op(tensors=(), public="map", samples=(Sample(lambda x: x * 2.0, f32(3, 2)), Sample(lambda x: (x[0] + x[1], x[0]), (f32(3), f32(3))),
                         Sample(lambda x: {"s": x["a"]}, {"a": i32(2, 2)}), Sample(lambda x: x + 1.0, f32(0, 2)),
                         Sample(lambda x: x, f32(), error="a first axis"), Sample(3, f32(2), error="f must be a function, got 3"),
                         Sample(lambda x: x, None, error="at least one tensor is needed, got none")), reference=references.map_rows,
    dtypes=FLOATS)
def map_rows(f: Function, xs: Any) -> Any:
    """`f(x)` for each x along the first axis of `xs`, one after the other, stacked; see `vectorized_map` for all at once.

    Args:
        f: a function of a slice of `xs` that returns a nest of tensors; it may assign variables.
        xs: a tensor, or a nest of tensors which agree in the size of their first axis.

    Raises:
        TypeError: `f` is no function.
        ValueError: scalars, or sizes that do not agree.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.map(lambda pair: pair[0] * pair[1], (ops.array([1, 2, 3]), ops.array([10, 20, 30])))).tolist()
    [10, 40, 90]
    """
    return _scanned("map", lambda carry, x: (carry, f(x)), (), xs)[1]


@op(tensors=(), samples=(Sample(lambda x: x * 2.0, f32(3, 2)), Sample(lambda x: x[0] * x[1], (f32(3), f32(3, 2))),
                         Sample(lambda x: x + 1.0, f32(0, 2)), Sample(lambda x: x, f32(), error="a first axis"),
                         Sample(None, f32(2), error="function must be a function, got None")),
    reference=references.map_rows,
    dtypes=FLOATS)
def vectorized_map(function: Function, elements: Any) -> Any:
    """`function(x)` for each x along the first axis of `elements`, all at once, stacked.

    Args:
        function: takes a slice of `elements` and returns a nest of tensors; it is made of ops and must not assign variables.
        elements: a tensor, or a nest of tensors which agree in the size of their first axis.

    Raises:
        TypeError: `function` is no function.
        ValueError: scalars, sizes that do not agree, or a function that assigns a variable.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.vectorized_map(lambda row: row - ops.max(row), ops.array([[1, 3], [9, 5]]))).tolist()
    [[-2, 0], [0, -4]]
    """
    columns = tensors_in(elements)
    _length("vectorized_map", columns, None)
    elements = packed(elements, columns)
    return loops.mapped(function, elements, columns)
