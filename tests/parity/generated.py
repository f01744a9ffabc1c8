"""Generated calls of the ops, and their check against float64 NumPy."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st

from keras_lite.engine import registry
from keras_lite.engine.dtypes import is_float, numpy_dtype
from keras_lite.engine.errors import is_clear
from keras_lite.ops.sample import Sample, array
from keras_lite.ops.table import TABLE
from keras_lite.state import tree
from keras_lite.symbolic import engine as abstract
from keras_lite.testing import checks
from keras_lite.testing.bench import eager, specs_of
from keras_lite.testing.calls import Call, places, wide
from keras_lite.testing.gaps import gaps_of
from keras_lite.testing.reference import NoReference, Reference, Undefined

FLOATS = ("float32", "float32", "float64", "float16", "bfloat16")
INTEGERS = ("int32", "int8", "uint8", "int64", "uint32", "int16")
DTYPES = (*FLOATS, *INTEGERS, "bool")
SPECIAL = (np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -1.0, 0.5)


@dataclass(frozen=True)
class Drawn:
    """A tensor of a call: uniform numbers, small integers (with ties), or special values."""

    shape: tuple[int, ...]
    dtype: str = "float32"
    kind: str = "uniform"
    seed: int = 0
    high: int = 0  # for indices: whole numbers from -high to high - 1

    def values(self) -> np.ndarray:
        rng = np.random.default_rng(self.seed)
        if self.high:
            x = rng.integers(-self.high, self.high, self.shape)
        elif self.dtype == "bool":
            x = rng.random(self.shape) < 0.5
        elif self.kind == "special" and is_float(self.dtype):
            x = rng.choice(SPECIAL, self.shape)
        elif self.kind == "uniform" and is_float(self.dtype):
            x = rng.uniform(-2, 2, self.shape)
        else:
            x = rng.integers(0 if self.dtype.startswith("uint") else -3, 4, self.shape)
        return np.asarray(x).astype(numpy_dtype(self.dtype))


@dataclass(frozen=True)
class Case:
    """A call of an op; `Drawn`s stand for tensors."""

    op: str
    args: tuple[Any, ...]
    kwargs: tuple[tuple[str, Any], ...] = ()

    def call(self) -> Call:
        args, kwargs = (_arrays(x) for x in (self.args, dict(self.kwargs)))
        sample = Sample(*args, **kwargs)
        return Call(TABLE[self.op], 0, sample, tuple(x.make("") for x in places(sample)))


def _arrays(nest: Any) -> Any:
    return tree.map_structure(lambda x: array(x.values(), x.dtype) if isinstance(x, Drawn) else x, nest)


def case(op: str, *args: Any, **kwargs: Any) -> Case:
    return Case(op, args, tuple(kwargs.items()))


# --- what is drawn -----------------------------------------------------------------------------------------------------

SEEDS = st.integers(0, 99)
KINDS = st.sampled_from(["uniform", "uniform", "whole", "special"])


def shapes(least: int = 0, most: int = 3) -> st.SearchStrategy[tuple[int, ...]]:
    return st.lists(st.sampled_from([2, 3, 1, 4, 0]), min_size=least, max_size=most).map(tuple)


def tensors(shape: Any = None, dtypes: Any = DTYPES) -> st.SearchStrategy[Drawn]:
    shape = shapes() if shape is None else shape if isinstance(shape, st.SearchStrategy) else st.just(shape)
    return st.builds(Drawn, shape, st.sampled_from(dtypes), KINDS, SEEDS)


def axis_of(shape: tuple[int, ...]) -> st.SearchStrategy[int]:
    return st.integers(-len(shape), len(shape) - 1)


def axes_of(shape: tuple[int, ...]) -> st.SearchStrategy[Any]:
    """None, an axis, or several, in any order and of either sign."""
    rank = len(shape)
    if not rank:
        return st.sampled_from([None, ()])
    several = st.lists(st.integers(0, rank - 1), unique=True, max_size=rank)
    signed = several.flatmap(lambda axes: st.tuples(*(st.sampled_from([a, a - rank]) for a in axes)))
    return st.one_of(st.none(), axis_of(shape), signed)


# --- the check ---------------------------------------------------------------------------------------------------------


def check(name: str, drawn: Case) -> None:
    """Value, shape and dtype on the engine `name` against NumPy and the rule; where NumPy refuses, the engine refuses clearly."""
    engine, call = registry.load(name), drawn.call()
    if any(gap.names(drawn.op, check_, {x.dtype.name for x in call.arrays}) for gap in gaps_of(engine) for check_ in ("value", "dtype")):
        return
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        outcome = eager(engine, call)
        if isinstance(outcome.error, TypeError) and is_clear(outcome.error) and "is not defined for" in str(outcome.error):
            return  # a dtype that the op does not take
        reference = Reference(call)
        try:
            expected, condition = reference.values, reference.condition
        except (Undefined, NoReference):
            return
        except (ValueError, IndexError, TypeError, ZeroDivisionError) as refusal:
            found = outcome.error
            assert found is not None and is_clear(found), f"NumPy raises {refusal!r}, here {found or outcome.values}"
            return
        checks.compare("value", checks.ran(outcome).values, expected, condition, call)
        if not call.record.dynamic:
            with wide(engine, call.arrays):
                rule = [(x.shape, engine.canonical_dtype(x.dtype)) for x in tree.flatten(specs_of(call)) if abstract.is_tensor(x)]
            assert rule == [spec for spec in outcome.specs if spec is not None], "the rule and the engine disagree"
