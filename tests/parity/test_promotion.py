"""The promotion table, pair by pair: the frontend's function, the specs, and the tensors of each engine."""

from __future__ import annotations

import contextlib
import importlib.util
from typing import Any

import numpy as np
import pytest

from keras_lite import ops
from keras_lite.engine import registry
from keras_lite.engine.dtypes import FLOAT8, promote
from keras_lite.symbolic import engine as abstract
from keras_lite.testing.calls import wide
from keras_lite.testing.pytest_cells import engines_here

# Rows and columns as in https://docs.jax.dev/en/latest/type_promotion.html; i*, f* and c* are Python's int, float and complex.
# Where JAX gives its default float (uint64 with a signed integer, an integer with f*), the frontend gives `floatx`.
TABLE = """
     b1 u1 u2 u4 u8 i1 i2 i4 i8 bf f2 f4 f8 c4 c8 i* f* c*
  b1 b1 u1 u2 u4 u8 i1 i2 i4 i8 bf f2 f4 f8 c4 c8 i4 f4 c4
  u1 u1 u1 u2 u4 u8 i2 i2 i4 i8 bf f2 f4 f8 c4 c8 u1 f4 c4
  u2 u2 u2 u2 u4 u8 i4 i4 i4 i8 bf f2 f4 f8 c4 c8 u2 f4 c4
  u4 u4 u4 u4 u4 u8 i8 i8 i8 i8 bf f2 f4 f8 c4 c8 u4 f4 c4
  u8 u8 u8 u8 u8 u8 f4 f4 f4 f4 bf f2 f4 f8 c4 c8 u8 f4 c4
  i1 i1 i2 i4 i8 f4 i1 i2 i4 i8 bf f2 f4 f8 c4 c8 i1 f4 c4
  i2 i2 i2 i4 i8 f4 i2 i2 i4 i8 bf f2 f4 f8 c4 c8 i2 f4 c4
  i4 i4 i4 i4 i8 f4 i4 i4 i4 i8 bf f2 f4 f8 c4 c8 i4 f4 c4
  i8 i8 i8 i8 i8 f4 i8 i8 i8 i8 bf f2 f4 f8 c4 c8 i8 f4 c4
  bf bf bf bf bf bf bf bf bf bf bf f4 f4 f8 c4 c8 bf bf c4
  f2 f2 f2 f2 f2 f2 f2 f2 f2 f2 f4 f2 f4 f8 c4 c8 f2 f2 c4
  f4 f4 f4 f4 f4 f4 f4 f4 f4 f4 f4 f4 f4 f8 c4 c8 f4 f4 c4
  f8 f8 f8 f8 f8 f8 f8 f8 f8 f8 f8 f8 f8 f8 c8 c8 f8 f8 c8
  c4 c4 c4 c4 c4 c4 c4 c4 c4 c4 c4 c4 c4 c8 c4 c8 c4 c4 c4
  c8 c8 c8 c8 c8 c8 c8 c8 c8 c8 c8 c8 c8 c8 c8 c8 c8 c8 c8
"""
NAMES = {"b1": "bool", "u1": "uint8", "u2": "uint16", "u4": "uint32", "u8": "uint64", "i1": "int8", "i2": "int16", "i4": "int32",
         "i8": "int64", "bf": "bfloat16", "f2": "float16", "f4": "float32", "f8": "float64", "c4": "complex64", "c8": "complex128",
         "i*": "int", "f*": "float", "c*": "complex"}
SCALARS = {"int": 1, "float": 1.0, "complex": 1j}


def _pairs() -> dict[tuple[str, str], str]:
    header, *rows = (line.split() for line in TABLE.strip().splitlines())
    return {(NAMES[row[0]], NAMES[column]): NAMES[cell] for row in rows for column, cell in zip(header, row[1:], strict=True)}


PAIRS = _pairs()


def test_the_function_is_the_table_and_symmetric() -> None:
    assert {pair: promote(*pair) for pair in PAIRS} == PAIRS
    assert {pair: promote(*reversed(pair)) for pair in PAIRS} == PAIRS


def test_weak_results_follow_floatx() -> None:
    assert promote("int32", "float", floatx="bfloat16") == "bfloat16"
    assert promote("uint64", "int8", floatx="float64") == "float64"
    assert promote("float32", "float", floatx="float64") == "float32"


@pytest.mark.parametrize("pair", [("float8_e4m3fn", "float32"), ("int32", "float8_e5m2")])
def test_float8_is_never_promoted(pair: tuple[str, str]) -> None:
    with pytest.raises(ValueError, match="no implicit conversion of float8"):
        promote(*pair)


@pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="compares with jax itself")
def test_the_table_is_that_of_jax() -> None:
    import jax

    strong = {pair: result for pair, result in PAIRS.items() if pair[1] not in SCALARS}
    signed = {"int8", "int16", "int32", "int64"}
    compared = {pair: result for pair, result in strong.items() if not ("uint64" in pair and signed & set(pair))}
    with jax.enable_x64(True):
        assert {pair: jax.numpy.promote_types(*pair).name for pair in compared} == compared


def test_specs_have_the_dtypes_of_the_table() -> None:
    def result(a: str, b: str) -> str:
        other = SCALARS[b] if b in SCALARS else abstract.spec((2,), b)
        return ops.add(abstract.spec((2,), a), other).dtype

    assert {pair: result(*pair) for pair in PAIRS} == PAIRS


def _expected(engine: Any, a: str, b: str) -> str:
    """The dtype of the table, of tensors that `engine` has made narrower if it has no such dtypes."""
    kept = [name if name in SCALARS else engine.canonical_dtype(name) for name in (a, b)]
    return engine.canonical_dtype(PAIRS[kept[0], kept[1]])


@pytest.mark.parametrize("function", [ops.add, ops.maximum, ops.where], ids=lambda function: function.__name__)
@pytest.mark.parametrize("mode", ["default", "wide"])
@pytest.mark.parametrize("name", engines_here())
def test_tensors_have_the_dtypes_of_the_table(name: str, mode: str, function: Any) -> None:
    """Each pair in both orders, in the dtypes that the framework keeps by default and with all of them (JAX's 64-bit mode)."""
    engine = registry.load(name)
    every = [np.zeros(1, dtype) for dtype in ("float64", "int64", "uint64", "complex128")]
    scope = wide(engine, every) if mode == "wide" else contextlib.nullcontext(True)
    ordered = function is ops.maximum  # complex numbers have no maximum
    with registry.using(engine), scope as kept:
        assert kept, f"{name} narrows 64-bit dtypes even in its wide mode"
        tensors = {dtype: engine.convert(np.ones(2), dtype) for dtype in {a for a, _ in PAIRS}} | SCALARS
        wrong = {}
        for a, b in PAIRS:
            expected = _expected(engine, a, b)
            if ordered and "complex" in expected:
                continue
            got = {_dtype(engine, function, *pair) for pair in ((tensors[a], tensors[b]), (tensors[b], tensors[a]))}
            if got != {expected}:
                wrong[a, b] = (got, expected)
    assert not wrong


def _dtype(engine: Any, function: Any, a: Any, b: Any) -> str:
    return engine.dtype_of(function(True, a, b) if function is ops.where else function(a, b))


@pytest.mark.parametrize("name", engines_here())
def test_engines_promote_no_float8(name: str) -> None:
    """Not with any other dtype nor with a Python number; arithmetic on them is refused too, which frameworks have in part."""
    engine = registry.load(name)
    with registry.using(engine):
        tensors = {dtype: engine.convert(np.ones(2), dtype) for dtype in (*FLOAT8, "float32", "int32", "bool")} | SCALARS
        for eight in FLOAT8:
            for other in set(tensors) - {eight}:
                with pytest.raises(ValueError, match=f"no implicit conversion of ({eight}|{other})"):
                    ops.add(tensors[eight], tensors[other])
            with pytest.raises(TypeError, match=f"add: is not defined for {eight}"):
                ops.add(tensors[eight], tensors[eight])
            with pytest.raises(TypeError, match=f"absolute: is not defined for {eight}"):
                ops.absolute(tensors[eight])
            assert engine.dtype_of(ops.reshape(tensors[eight], (2, 1))) == eight
