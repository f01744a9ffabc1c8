"""Mistakes: one type and one message on every engine and on symbolic tensors, naming the op, what it got and what it wants."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from keras_lite import ops
from keras_lite.engine import registry
from keras_lite.symbolic.spec import KerasTensor
from tests.conftest import ENGINES, load_quietly

X = np.ones((2, 3), "float32")
MISTAKES = [
    (lambda x: ops.add(x), TypeError, r"^add: missing a required argument: 'x2'; the signature is add\(x1, x2\)$"),
    (lambda x: ops.sum(x, axes=1), TypeError, r"unknown arguments \['axes'\]; did you mean 'axis'\?"),
    (lambda x: ops.add("a", x), TypeError, r"^add: expected a tensor, an array or a number, got str: 'a'$"),
    (lambda x: ops.matmul(x, x), ValueError, r"^matmul: inner sizes differ: \(2, 3\) @ \(2, 3\)$"),
    (lambda x: ops.add(x, ops.zeros((2,))), ValueError,
     r"^add: shapes \(2, 3\) and \(2,\) do not broadcast: sizes 3 and 2 of axis -1 differ$"),
    (lambda x: ops.reshape(x, (4, 4)), ValueError, r"^reshape: \(2, 3\) has 6 elements, which do not fill the shape \(4, 4\)$"),
    (lambda x: ops.softmax(x, axis=5), ValueError, r"^softmax: axis 5 is out of range for rank 2$"),
    (lambda x: ops.cast(x, "flot32"), ValueError, r"^cast: 'flot32' is no dtype; known: bool, uint8"),
    (lambda x: ops.bitwise_and(x, 1), TypeError, r"^bitwise_and: expected integers or bools, got float32 and int$"),
    (lambda x: ops.take(x, [7], axis=0), ValueError, r"^take: index 7 is out of range for an axis of size 2$"),
    (lambda x: x[2, 5] if isinstance(x, KerasTensor) else ops.get_item(x, (1, 5)), ValueError,
     r"^get_item: index . is out of range for an axis"),
    (lambda x: ops.einsum("ij,jk->ik", x, x), ValueError, r"^einsum: axis 'j' of 'ij,jk->ik' has sizes 3 and 2: \(2, 3\), \(2, 3\)$"),
    (lambda x: ops.concatenate([x, ops.zeros((3, 2))], 1), ValueError,
     r"^concatenate: sizes of axis 0 differ, only axis 1 may: \(2, 3\), \(3, 2\)$"),
    (lambda x: ops.scatter_update(x, [[0]], ops.zeros((1, 4))), ValueError,
     r"^scatter_update: updates must have shape \(1, 3\), got \(1, 4\)$"),
    (lambda x: ops.where(x > 0, ops.zeros((4,)), 0.0), ValueError, r"^where: shapes .* do not broadcast"),
    (lambda x: ops.matmul(x, None), TypeError, r"^matmul: x2 must be a tensor, an array or a number, got None$"),
    (lambda x: ops.sum(x, axis=np.array([1.0, 2.0])), TypeError,
     r"^sum: axis must be an int, got array"),
    (lambda x: ops.sum(x, keepdims=np.array([1.0, 2.0])), TypeError, r"^sum: keepdims must be True or False, got array\(\[1., 2.\]\)"),
    (lambda x: ops.normalize(x, epsilon="a"), TypeError, r"^normalize: epsilon must be a real number or None, got 'a'$"),
    (lambda x: ops.tensordot(x, x, axes=[]), ValueError, r"^tensordot: axes must be an int or a pair, .*, got \[\]$"),
    (lambda x: ops.eye(x), TypeError, r"^eye: "),
]


@pytest.mark.parametrize(("mistake", "kind", "message"), MISTAKES, ids=range(len(MISTAKES)))
def test_eager(engine: Any, mistake: Any, kind: Any, message: str) -> None:
    """The engine's own message is replaced."""
    with pytest.raises(kind, match=message):
        mistake(ops.convert_to_tensor(X))


@pytest.mark.parametrize(("mistake", "kind", "message"), MISTAKES, ids=range(len(MISTAKES)))
def test_symbolic(mistake: Any, kind: Any, message: str) -> None:
    """The same words while a model is described."""
    with registry.using("numpy"), pytest.raises(kind, match=message):
        mistake(KerasTensor((2, 3)))


def test_ragged_list(engine: Any) -> None:
    """Rows of different lengths."""
    with pytest.raises(ValueError, match="a nested list can't become a int32 tensor"):
        ops.convert_to_tensor([[1], [1, 2]])


def test_unrepresentable_number(engine: Any) -> None:
    """A Python number outside the tensor's dtype."""
    with pytest.raises(ValueError, match=r"^add: -1 is outside the range of uint8; cast the tensor first$"):
        ops.add(ops.convert_to_tensor(np.uint8([1])), -1)


def test_ints_of_more_than_64_bits(engine: Any) -> None:
    """They become floats beside floats, and are refused where those have none so large."""
    x = ops.convert_to_tensor(X)
    assert ops.convert_to_numpy(ops.maximum(x, 10**20)).max() == np.float32(1e20)
    with pytest.raises(ValueError, match=r"^add: an int of 1329 bits is outside the range of float32"):
        ops.add(x, 10**400)


def test_errors_of_the_user_pass() -> None:
    """What a function given by the user raises comes out unchanged."""
    class Own(Exception):
        pass

    def body(i: Any, x: Any) -> Any:
        raise Own

    with pytest.raises(Own):
        ops.fori_loop(0, 2, body, 0.0)


def test_two_engines_in_one_call() -> None:
    """Tensors do not move between engines by themselves; arrays do."""
    jnp, torch = pytest.importorskip("jax.numpy"), pytest.importorskip("torch")
    with pytest.raises(ValueError, match=r"tensors of .* and of .* in one call; convert one with"):
        ops.add(jnp.ones(2), torch.ones(2))
    assert isinstance(ops.add(jnp.ones(2), np.ones(2, "float32")), type(jnp.ones(2)))
    with registry.using("torch"):
        assert isinstance(ops.softmax(jnp.ones(2)), type(jnp.ones(2)))


def test_negative_powers_of_integers(engine: Any) -> None:
    """They are refused where they can be seen; of other tensors, and in programs, they are rounded toward 0."""
    for exponents in (-1, [1, -1], np.array([1, -1])):
        with pytest.raises(ValueError, match="power: an integer has no integer power -1; make it a float first"):
            ops.power(np.array([2, 3]), exponents)
    base, exponents = (ops.convert_to_tensor(np.array(x, "int32")) for x in ([2, 1, -1, -1, 0, 3], [-1, -2, -3, -2, -1, 2]))
    run = ops.power
    if hasattr(engine, "on_host") and engine.on_host(exponents) is not None:
        with pytest.raises(ValueError, match="no integer power -3"):
            ops.power(base, exponents)
        run = engine.compile(ops.power)
    if not isinstance(exponents, np.ndarray):
        assert ops.convert_to_numpy(run(base, exponents)).tolist() == [0, 1, -1, 1, 0, 9]


def test_what_an_engine_cannot_move(engine: Any) -> None:
    """An engine's own error about float8 becomes a clear one."""
    x = ops.cast(np.array([1.0, 2.0, 4.0], "float32"), "float8_e5m2")
    for call in (lambda: ops.flip(x), lambda: ops.where(np.array([True, False, True]), x, x), lambda: ops.pad(x, 1)):
        try:
            result = call()
        except NotImplementedError as error:
            assert re.search(f"{engine.name} has no such function of float8_e5m2; cast it to float32 or bfloat16 first", str(error))
        else:
            assert engine.dtype_of(result) == "float8_e5m2"


def test_masked_array(engine: Any) -> None:
    """Its mask would be dropped; without masked elements it is data like any other."""
    masked = np.ma.array([1.0, 2.0], mask=[False, True])
    for call in (ops.convert_to_tensor, ops.exp, lambda x: ops.add(x, 1.0)):
        with pytest.raises(TypeError, match=r"got a masked array, .*: np.ma.filled\(x, value\)$"):
            call(masked)
    assert engine.to_numpy(ops.convert_to_tensor(np.ma.array([1.0, 2.0]))).tolist() == [1.0, 2.0]


def test_long_double(engine: Any) -> None:
    """No framework has it."""
    with pytest.raises(ValueError, match="is no dtype; no framework has it: make it float64"):
        ops.convert_to_tensor(np.longdouble([1.5]))


def test_tensors_that_are_no_numbers() -> None:
    """Dtypes of torch and TensorFlow that no op takes."""
    if "torch" in ENGINES:
        torch = pytest.importorskip("torch")
        with registry.using(load_quietly("torch")), pytest.raises(TypeError, match=r"got a tensor of torch.float8_e8m0fnu; known dtypes"):
            ops.exp(torch.empty(2, dtype=torch.float8_e8m0fnu))
    if "tensorflow" in ENGINES:
        tf = pytest.importorskip("tensorflow")
        with registry.using(load_quietly("tensorflow")), pytest.raises(TypeError, match="got a tensor of string"):
            ops.convert_to_tensor(tf.constant("a"))
