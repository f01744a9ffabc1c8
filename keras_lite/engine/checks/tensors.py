"""Checks of tensors and of what variables hold."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_lite.engine.checks.tools import NAN, holds, same, tensor
from keras_lite.engine.dtypes import ALL, FLOATS, INTEGERS, numpy_dtype


def is_tensor_tells_tensors_from_data(e: Any) -> None:
    holds(e.is_tensor(e.convert(1.0, "float32")), "a converted number is no tensor")
    arrays = [] if isinstance(e.convert(1.0, "float32"), np.ndarray) else [np.ones(2)]
    for x in (1.0, None, "text", [1.0], np.array(["text"]), object, object(), *arrays):
        holds(not e.is_tensor(x), f"{x!r} counts as a tensor")


def canonical_dtype_narrows_once(e: Any) -> None:
    for dtype in ALL:
        canonical = e.canonical_dtype(dtype)
        holds(canonical in ALL and e.canonical_dtype(canonical) == canonical, f"{dtype} becomes {canonical!r}")
    for dtype in ("bool", "uint8", "int32", "bfloat16", "float16", "float32"):
        holds(e.canonical_dtype(dtype) == dtype, f"{dtype} becomes {e.canonical_dtype(dtype)}")


def convert_keeps_values_shapes_and_dtypes(e: Any) -> None:
    nests: tuple[Any, ...] = (1, [1, 0], [[]], [[[0]], [[1]]])
    for dtype in filter(lambda d: e.canonical_dtype(d) == d, ("bool", *INTEGERS, *FLOATS)):
        for values in nests:
            array = np.asarray(values, numpy_dtype(dtype))
            same(e, e.convert(array, dtype), array, dtype)
    same(e, e.convert(np.arange(6).reshape(2, 3).T, "float32"), [[0, 3], [1, 4], [2, 5]], "float32")


def convert_takes_numbers_and_tensors(e: Any) -> None:
    same(e, e.convert(True, "float32"), 1.0, "float32")
    same(e, e.convert(4294967295, "uint32"), 4294967295, "uint32")
    same(e, e.convert(np.array([1.9, -1.9]), "int32"), [1, -1], "int32")
    same(e, e.convert(e.convert(2, "int32"), "float16"), 2.0, "float16")


def convert_copies_memory(e: Any) -> None:
    for size in (3, 4096, 1 << 18):  # small arrays may be copied where large ones are shared
        array = np.zeros(size, "float32")
        x = e.convert(array, "float32")
        array[:] = 1
        holds(not e.to_numpy(x).any(), f"a tensor of {size} elements changes with the array it was made from")


def cast_truncates_and_tests_for_zero(e: Any) -> None:
    x = tensor(e, [1.7, -1.7, 0.0, 0.5])
    same(e, e.cast(x, "int32"), [1, -1, 0, 0], "int32")
    same(e, e.cast(x, "bool"), [True, True, False, True], "bool")
    same(e, e.cast(tensor(e, [NAN]), "bool"), [True], "bool")
    same(e, e.cast(tensor(e, [True, False], "bool"), "float16"), [1, 0], "float16")
    same(e, e.cast(tensor(e, [1.0, 257.0]), "bfloat16"), [1, 256], "bfloat16")  # to even
    holds(e.cast(x, "float32") is x, "a cast to the same dtype makes another tensor")


def copy_is_another_tensor(e: Any) -> None:
    x = tensor(e, [1, 2])
    holds(e.copy(x) is not x, "the copy is the tensor itself")
    same(e, e.copy(x), [1, 2], "float32")


def to_numpy_gives_a_copy_with_the_dtype(e: Any) -> None:
    for dtype in ("bool", "int32", "bfloat16", "float32"):
        got = e.to_numpy(tensor(e, [1, 0], dtype))
        holds(isinstance(got, np.ndarray) and got.dtype == numpy_dtype(dtype), f"{dtype} gives {type(got)} of {got.dtype}")
    x = tensor(e, np.zeros(5000))
    array = e.to_numpy(x)
    if array.flags.writeable:
        array += 1
    same(e, x, np.zeros(5000))


def shape_of_is_a_tuple_of_ints(e: Any) -> None:
    for shape in ((), (0,), (2, 3)):
        got = e.shape_of(e.full(shape, 0, "float32"))
        holds(type(got) is tuple and got == shape and all(type(n) is int for n in got), f"the shape {shape} is given as {got!r}")


def full_and_iota(e: Any) -> None:
    for value, dtype in ((1.5, "float32"), (True, "bool"), (-1, "int8"), (4294967295, "uint32"), (0.5, "bfloat16")):
        same(e, e.full((2, 1), value, dtype), [[value]] * 2, dtype)
    for dtype in ("int32", "float32", "uint8"):
        same(e, e.iota(3, dtype), [0, 1, 2], dtype)
    same(e, e.iota(0, "int32"), np.zeros(0), "int32")


def device_is_a_scope_and_names_the_others(e: Any) -> None:
    names = e.devices()
    holds(names and all(kind and number.isdigit() for kind, _, number in (n.partition(":") for n in names)), f"devices() is {names!r}")
    with e.device(names[0]):
        same(e, e.full((1,), 2, "float32"), [2])
    with e.device(names[0].partition(":")[0]):
        same(e, e.full((1,), 2, "float32"), [2])
    try:
        with e.device("abacus:7"):
            pass
    except ValueError as error:
        holds(names[0] in str(error), f"the error does not name {names[0]}: {error}")
    else:
        holds(False, "an unknown device is accepted")


def variables_hold_what_is_written(e: Any) -> None:
    for trainable in (True, False):
        held = e.variable(tensor(e, [1, 2]), trainable)
        same(e, e.read(held), [1, 2], "float32")
        held = e.write(held, tensor(e, [3, 4]))
        same(e, e.read(held), [3, 4], "float32")
    same(e, e.read(e.variable(tensor(e, 7, "uint32"), False)), 7, "uint32")
    try:
        e.variable(tensor(e, [1, 2]), True, "a layout of its own")
    except NotImplementedError:
        return
    holds(False, "a layout that is no layout is taken without a word")


def untraced_values_outlive_a_trace(e: Any) -> None:
    for trace in (lambda fn: e.eval_shape(fn, [((2,), "float32")]), lambda fn: e.compile(fn)(tensor(e, [1, 1]))):
        same(e, e.read(_made_in(e, trace)), [4, 6], "float32")


def _made_in(e: Any, trace: Any) -> Any:
    """A holder that is made and written, once, while a function is traced."""
    kept: list[Any] = []

    def fn(x: Any) -> Any:
        with e.untraced():
            held = kept.pop() if kept else e.variable(e.add(tensor(e, [1, 2]), 1.0), True)
            kept.append(e.write(held, e.multiply(tensor(e, [2, 3]), 2.0)))
        return e.multiply(x, e.read(kept[0]))

    trace(fn)
    return kept[0]
