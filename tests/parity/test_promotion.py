"""The promotion table, pair by pair: the frontend's function, the specs, and the tensors of each engine."""

from __future__ import annotations

import importlib.util
from typing import Any

import numpy as np
import pytest

from keras_lite import ops
from keras_lite.engine import registry
from keras_lite.engine.dtypes import promote
from keras_lite.symbolic import engine as abstract
from keras_lite.testing.calls import wide
from keras_lite.testing.pytest_cells import engines_here

# Rows and columns as in https://docs.jax.dev/en/latest/type_promotion.html; i* and f* are Python's int and float.  Where JAX gives
# its default float (uint64 with a signed integer, an integer with f*), the frontend gives `floatx`.
TABLE = """
     b1 u1 u2 u4 u8 i1 i2 i4 i8 bf f2 f4 f8 c4 c8 i* f*
  b1 b1 u1 u2 u4 u8 i1 i2 i4 i8 bf f2 f4 f8 c4 c8 i4 f4
  u1 u1 u1 u2 u4 u8 i2 i2 i4 i8 bf f2 f4 f8 c4 c8 u1 f4
  u2 u2 u2 u2 u4 u8 i4 i4 i4 i8 bf f2 f4 f8 c4 c8 u2 f4
  u4 u4 u4 u4 u4 u8 i8 i8 i8 i8 bf f2 f4 f8 c4 c8 u4 f4
  u8 u8 u8 u8 u8 u8 f4 f4 f4 f4 bf f2 f4 f8 c4 c8 u8 f4
  i1 i1 i2 i4 i8 f4 i1 i2 i4 i8 bf f2 f4 f8 c4 c8 i1 f4
  i2 i2 i2 i4 i8 f4 i2 i2 i4 i8 bf f2 f4 f8 c4 c8 i2 f4
  i4 i4 i4 i4 i8 f4 i4 i4 i4 i8 bf f2 f4 f8 c4 c8 i4 f4
  i8 i8 i8 i8 i8 f4 i8 i8 i8 i8 bf f2 f4 f8 c4 c8 i8 f4
  bf bf bf bf bf bf bf bf bf bf bf f4 f4 f8 c4 c8 bf bf
  f2 f2 f2 f2 f2 f2 f2 f2 f2 f2 f4 f2 f4 f8 c4 c8 f2 f2
  f4 f4 f4 f4 f4 f4 f4 f4 f4 f4 f4 f4 f4 f8 c4 c8 f4 f4
  f8 f8 f8 f8 f8 f8 f8 f8 f8 f8 f8 f8 f8 f8 c8 c8 f8 f8
  c4 c4 c4 c4 c4 c4 c4 c4 c4 c4 c4 c4 c4 c8 c4 c8 c4 c4
  c8 c8 c8 c8 c8 c8 c8 c8 c8 c8 c8 c8 c8 c8 c8 c8 c8 c8
"""
NAMES = {"b1": "bool", "u1": "uint8", "u2": "uint16", "u4": "uint32", "u8": "uint64", "i1": "int8", "i2": "int16", "i4": "int32",
         "i8": "int64", "bf": "bfloat16", "f2": "float16", "f4": "float32", "f8": "float64", "c4": "complex64", "c8": "complex128",
         "i*": "int", "f*": "float"}
SCALARS = {"int": 1, "float": 1.0}


def _pairs() -> dict[tuple[str, str], str]:
    header, *rows = (line.split() for line in TABLE.strip().splitlines())
    return {(NAMES[row[0]], NAMES[column]): NAMES[cell] for row in rows for column, cell in zip(header, row[1:], strict=True)}


PAIRS = _pairs()
REAL = {pair: result for pair, result in PAIRS.items() if not any(name.startswith("complex") for name in (*pair, result))}


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


@pytest.mark.parametrize("name", engines_here())
def test_tensors_have_the_dtypes_of_the_table(name: str) -> None:
    engine = registry.load(name)
    with registry.using(engine), wide(engine, [np.zeros(1), np.zeros(1, "int64"), np.zeros(1, "uint64")]) as kept:
        assert kept, f"{name} narrows 64-bit dtypes even in its wide mode"
        tensors = {dtype: engine.convert(np.ones(2), dtype) for dtype in {a for a, _ in REAL}}
        wrong = {pair: got for pair, expected in REAL.items() if (got := _sum_dtype(engine, tensors, *pair)) != expected}
    assert not wrong


def _sum_dtype(engine: Any, tensors: dict[str, Any], a: str, b: str) -> str:
    return engine.dtype_of(ops.add(tensors[a], SCALARS[b] if b in SCALARS else tensors[b]))
