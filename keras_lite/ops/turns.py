"""Loops over tensors with values, where nothing has to be known of a body before it runs: Python's own, turn by turn.

The bodies get tensors with values, so they may read them.  What they return is checked as it comes, at a cost that is small beside
that of an op; variables that they assign are those of a scope around the loop.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from keras_lite.engine import registry
from keras_lite.engine.dtypes import COMPLEX, is_float
from keras_lite.engine.errors import is_clear
from keras_lite.ops.bodies import NARROW, alike, assign, differing, packed, refuse_symbolic, same_specs
from keras_lite.ops.data import as_tensor
from keras_lite.state import tree
from keras_lite.state.scope import Scope, current_scope
from keras_lite.symbolic import graph
from keras_lite.symbolic.spec import KerasTensor

Function = Callable[..., Any]
Tensors = list[Any]


def is_flat(nest: Any) -> bool:
    """Whether a nest is a list or tuple of tensors alone."""
    return nest.__class__ in (list, tuple) and not any(x is None or tree.is_nested(x) for x in nest)


def packer(like: Any) -> Callable[[Tensors], Any]:
    """A function from tensors to a nest like this one."""
    if is_flat(like):
        return tuple if like.__class__ is tuple else list
    if like is not None and not tree.is_nested(like):
        return lambda tensors: tensors[0]
    return lambda tensors: packed(like, tensors)


def leaf(engine: Any, x: Any) -> Any:
    """What a function returned, as a tensor; numbers too, as NumPy's operators on arrays of rank 0 make them."""
    if isinstance(x, np.generic):
        x = np.asarray(x)
    return x if engine.is_tensor(x) else as_tensor(engine, x)


class Keeper:
    """Makes tensors of what a function returns, which has the structure, shapes and dtypes of `like`, a nest of tensors.

    Operators of a framework itself may promote to a wide dtype, and NumPy's numbers have one: they are cast to the narrow one of the
    state.  `describe()` gives the specs of a result by the rules of ops, which tell whether it may be narrower still.
    """

    def __init__(self, name: str, what: str, like: Any, describe: Callable[[], Any]):
        self._engine = registry.current()
        self._name, self._what, self._like, self._describe = name, what, like, describe
        self._flat = is_flat(like)
        self._single = not tree.is_nested(like) and like is not None
        self._specs = [(self._engine.shape_of(x), self._engine.dtype_of(x)) for x in tree.flatten(like) if x is not None]
        self._facts = self._engine.is_tensor, self._engine.dtype_of, self._engine.shape_of
        self._casts = False

    def __call__(self, result: Any) -> Tensors:
        """The tensors of `result`.  Raises ValueError for one that is not like the others."""
        is_tensor, dtype_of, shape_of = self._facts
        specs = self._specs
        if self._single:
            shape, dtype = specs[0]
            if isinstance(result, np.generic):
                result = np.asarray(result)
            if is_tensor(result) and dtype_of(result) == dtype and shape_of(result) == shape:  # mostly
                return [result]
            leaves: Any = (result,)
        elif self._flat and (result.__class__ is tuple or result.__class__ is list) and len(result) == len(specs):
            leaves = result
        else:
            leaves = self._leaves(result)
        tensors = []
        for x, (shape, dtype) in zip(leaves, specs, strict=True):
            if isinstance(x, np.generic):  # NumPy's operators on arrays of rank 0 make these
                x = np.asarray(x)
            if not is_tensor(x):
                x = self._converted(result, x, dtype)
            if dtype_of(x) != dtype or shape_of(x) != shape:
                x = self._cast(result, x, shape, dtype)
            tensors.append(x)
        return tensors

    def _leaves(self, result: Any) -> Tensors:
        """The leaves of a nest like ours, without None."""
        leaves = tree.flatten(result)
        if not alike(self._like, result) or [x is None for x in leaves] != [x is None for x in tree.flatten(self._like)]:
            raise self._differs(result)
        return [x for x in leaves if x is not None]

    def _converted(self, result: Any, x: Any, dtype: str) -> Any:
        if x is None or tree.is_nested(x):
            raise self._differs(result)
        refuse_symbolic(x)
        narrow = isinstance(x, np.ndarray) and NARROW.get(x.dtype.name) == dtype  # at once: then numbers that do not fit are refused
        return as_tensor(self._engine, x, dtype if narrow else None)

    def _cast(self, result: Any, x: Any, shape: Any, dtype: str) -> Any:
        engine = self._engine
        found = engine.dtype_of(x)
        if engine.shape_of(x) == shape and (NARROW.get(found) == dtype or (_is_wider(found, dtype) and self._fits())):
            return as_tensor(engine, x, dtype)
        self.check()  # its error names the dtypes that the rules of ops give
        raise self._differs(result)

    def _fits(self) -> bool:
        """`check()`, which is asked once."""
        if not self._casts:
            self._casts = self.check()
        return self._casts

    def check(self) -> bool:
        """Whether it takes no values to see that results are as they should by the rules of ops.  Raises ValueError if they are not."""
        found = attempted(self._describe)
        if found is not None:
            same_specs(self._name, self._what, self._expected(), found, narrowing=True)
        return found is not None

    def _differs(self, result: Any) -> Exception:
        refuse_symbolic(result)
        found = tree.map_structure(lambda x: x if x is None else graph.specs_of(self._engine, leaf(self._engine, x)), result)
        return differing(self._name, self._what, self._expected(), found)

    def _expected(self) -> Any:
        return packed(self._like, [KerasTensor.spec(*spec) for spec in self._specs])


def _is_wider(found: str, dtype: str) -> bool:
    """Whether a dtype is a wide one of the same kind."""
    return found in NARROW and (is_float(found), found in COMPLEX) == (is_float(dtype), dtype in COMPLEX) and dtype != "bool"


def attempted(describe: Callable[[], Any]) -> Any:
    """The specs of a result, None where it takes values to find them."""
    try:
        return describe()
    except Exception as error:
        if is_clear(error) and not getattr(error, "needs_values", False):
            raise
        return None


class Outputs:
    """What the turns of a loop return beside its state: the first turn tells the structure, shapes and dtypes of all."""

    def __init__(self, name: str, describe: Callable[[], Any]):
        self._name, self._describe = name, describe
        self._keep: Keeper | None = None
        self.like: Any = None

    def __call__(self, result: Any) -> Tensors:
        if self._keep is None:
            self.like = self._first(result)
            self._keep = Keeper(self._name, "the function returns different things", self.like, self._describe)
            return [x for x in tree.flatten(self.like) if x is not None]
        if result is None and self.like is None:
            return []
        return self._keep(result)

    def _first(self, result: Any) -> Any:
        engine = registry.current()
        refuse_symbolic(result)
        tensors = tree.map_structure(lambda x: x if x is None else leaf(engine, x), result)
        if all(x is None or engine.dtype_of(x) not in NARROW for x in tree.flatten(tensors)):
            return tensors
        found = attempted(self._describe)
        if found is None or not alike(tensors, found):
            return tensors
        return tree.map_structure(lambda x, spec: x if x is None else engine.cast(x, spec.dtype), tensors, found)


def in_scope(run: Callable[[], Any]) -> Any:
    """`run()`, and then the variables get what it assigned to them: within it their values are those of the loop."""
    with Scope() as scope:
        result = run()
    written = scope.written
    if written:
        assign(written, [scope.value_of(v) for v in written])
    return result


def written() -> list[Any]:
    """The variables that were assigned in the loop."""
    scope = current_scope()
    return [] if scope is None else scope.written


def while_loop(engine: Any, condition: Function, body: Function, state: Tensors, maximum: int | None) -> Tensors:
    """The contract's `while_loop`, in Python on every engine."""
    if not engine.eager_compiles:
        return engine.while_loop(condition, body, state, maximum)
    count = 0
    while (maximum is None or count < maximum) and condition(state):
        state, count = body(state), count + 1
    return state


def scan(engine: Any, body: Function, state: Tensors, columns: Tensors, length: int, reverse: bool) -> tuple[Tensors, Tensors]:
    """The contract's `scan` of at least one step, in Python on every engine."""
    if not engine.eager_compiles:
        return engine.scan(body, state, columns, length, reverse)
    collected = []
    for i in range(length - 1, -1, -1) if reverse else range(length):
        state, y = body(state, [_at(engine, x, i) for x in columns])
        collected.append(y)
    return state, [_stacked(engine, ys) for ys in zip(*(collected[::-1] if reverse else collected), strict=True)]


def _at(engine: Any, x: Any, i: int) -> Any:
    shape = engine.shape_of(x)
    return engine.reshape(engine.strided_slice(x, (i,) + (0,) * (len(shape) - 1), (i + 1, *shape[1:]), (1,) * len(shape)), shape[1:])


def _stacked(engine: Any, rows: Any) -> Any:
    return engine.concatenate([engine.reshape(row, (1, *engine.shape_of(row))) for row in rows], 0)
