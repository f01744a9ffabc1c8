"""Functions given to control flow that read values, index arrays, or close over what is differentiated."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from keras_lite import Input, Model, Variable, layers, ops
from keras_lite.training.gradients import value_and_grad

TABLE = np.arange(12, dtype="float32").reshape(4, 3)
NUMBERS = np.arange(3, dtype="int32")


def value(x: Any) -> Any:
    return np.round(ops.convert_to_numpy(x), 2).tolist()


# each is called with a table of the engine, zeros (3,) and the numbers 0, 1, 2
INDEXED = {
    "fori_loop": (lambda a, s, n: ops.fori_loop(0, 3, lambda i, s: s + a[i], s), [9, 12, 15]),
    "fori_loop column": (lambda a, s, n: ops.fori_loop(0, 3, lambda i, s: s + a[:3, i], s), [3, 12, 21]),
    "fori_loop element": (lambda a, s, n: ops.fori_loop(0, 3, lambda i, s: s + a[i, 0], s), [9, 9, 9]),
    "while_loop": (lambda a, s, n: ops.while_loop(lambda i, s: i < 3, lambda i, s: (i + 1, s + a[i]), (0, s))[1], [9, 12, 15]),
    "scan": (lambda a, s, n: ops.scan(lambda c, i: (c + a[i], a[i, 1]), s, n)[1], [1, 4, 7]),
    "map": (lambda a, s, n: ops.map(lambda i: a[i], n), [[0, 1, 2], [3, 4, 5], [6, 7, 8]]),
    "vectorized_map": (lambda a, s, n: ops.vectorized_map(lambda i: a[i], n), [[0, 1, 2], [3, 4, 5], [6, 7, 8]]),
}


@pytest.mark.parametrize("name", INDEXED)
def test_index(engine: Any, name: str) -> None:
    """The framework's own indexing by a loop variable, eagerly and compiled."""
    fn, expected = INDEXED[name]
    a, zeros, numbers = ops.convert_to_tensor(TABLE), ops.zeros((3,)), ops.convert_to_tensor(NUMBERS)
    assert value(fn(a, zeros, numbers)) == expected
    assert value(engine.compile(fn)(a, zeros, numbers)) == expected


def test_index_in_a_layer(engine: Any) -> None:
    """The table is a tensor of the framework in a functional model."""
    a = ops.convert_to_tensor(TABLE)

    class Rows(layers.Layer):
        def call(self, x: Any) -> Any:
            return ops.fori_loop(0, 3, lambda i, s: s + a[i], x)

    x = Input((3,))
    assert value(Model(x, Rows()(x))(np.zeros((2, 3), "float32"))) == [[9, 12, 15], [9, 12, 15]]


READING = {
    "int": (lambda s, n: ops.fori_loop(0, 3, lambda i, s: s + float(int(i)), s), 3),
    "if": (lambda s, n: ops.fori_loop(0, 3, lambda i, s: s + 1.0 if i < 2 else s * 2.0, s), 4),
    "range": (lambda s, n: ops.fori_loop(0, 3, lambda i, s: s + float(len(range(i))), s), 3),
    "float": (lambda s, n: ops.scan(lambda c, i: (c + float(i), None), s, n)[0], 3),
    "not": (lambda s, n: ops.while_loop(lambda i, s: not i >= 3, lambda i, s: (i + 1, s + 1.0), (0, s))[1], 3),
    "map": (lambda s, n: ops.map(lambda i: s + float(int(i)), n)[2], 2),
    "vectorized_map": (lambda s, n: ops.vectorized_map(lambda i: s + 1.0 if i < 2 else s, n)[1], 1),
}


@pytest.mark.parametrize("name", READING)
def test_values_are_read(engine: Any, name: str) -> None:
    """In eager code there are values; a compiled function gives the same, or one error that says what to do."""
    fn, expected = READING[name]
    zero, numbers = ops.zeros(()), ops.convert_to_tensor(NUMBERS)
    assert value(fn(zero, numbers)) == expected
    try:
        assert value(engine.compile(fn)(zero, numbers)) == expected
    except TypeError as error:
        assert "has no values: it can" in str(error) and "Use ops." in str(error)


def test_values_are_read_under_a_gradient(engine: Any) -> None:
    """Differentiation keeps the values."""
    def fn(tensors: Any) -> Any:
        return ops.fori_loop(0, 3, lambda i, s: s * float(int(i) + 1) if i > 0 else s, tensors[0]), None

    assert value(engine.value_and_grad(fn, [ops.convert_to_tensor(np.float32(2))])[2][0]) == 6


def test_variables_in_a_loop_over_values(engine: Any) -> None:
    """The gradient passes through what the turns before assigned; an error leaves the variable as it was."""
    v, w = Variable(0.0), Variable(1.0)

    def body(i: Any, x: Any) -> Any:
        v.assign(v * 2.0 + w)
        return x + v

    def failing(i: Any, x: Any) -> Any:
        v.assign(100.0)
        return 1 / 0

    assert value(value_and_grad(lambda: ops.fori_loop(0, 3, body, w * 1.0), [w])[1][0]) == 1 + 1 + 3 + 7
    assert float(v) == 7
    v.assign(5.0)
    with pytest.raises(ZeroDivisionError):
        ops.fori_loop(0, 3, failing, 1.0)
    assert float(v) == 5


def test_what_turns_return(engine: Any) -> None:
    """Each turn's shapes and dtypes count, and those of a loop of no turns."""
    xs = ops.convert_to_tensor(NUMBERS)
    with pytest.raises(ValueError, match=r"scan: the body changes the carry: expected float32\[3\], got float32\[2\]"):
        ops.scan(lambda c, i: (c[:2], i), ops.zeros((3,)), xs)
    with pytest.raises(ValueError, match=r"while_loop: the body changes the loop variables: expected \('float32\[3\]',\)"):
        ops.while_loop(lambda s: ops.sum(s) > 3, ops.sum, ops.zeros((3,)))
    with pytest.raises(ValueError, match=r"scan: the function returns different things: expected float32\[3\], got float32\[\]"):
        ops.scan(lambda c, i: (c, c if i < 1 else ops.sum(c)), ops.zeros((3,)), xs)
    halves = ops.map(lambda i: ops.multiply(i, 0.5), xs)
    assert (ops.dtype(halves), value(halves)) == ("float32", [0, 0.5, 1])


# each is called with 1, 2, 3; the second entry is what the error says is found where another is expected
CHANGING = {
    "number": (lambda b: ops.map(lambda r: 2 if float(r) < 1.5 else 2.5, b), r"expected int32\[\], got float32\[\]"),
    "whole number": (lambda b: ops.map(lambda r: 2.5 if float(r) < 1.5 else 2, b), r"expected float32\[\], got int32\[\]"),
    "tensor": (lambda b: ops.map(lambda r: r if float(r) > 1.5 else ops.cast(r, "int32"), b), r"expected int32\[\], got float32\[\]"),
    "state": (lambda b: ops.while_loop(lambda k, x: k < 4, lambda k, x: (k + 1, x * 2 if int(k) < 2 else ops.cast(x, "float16")), (0, b)),
              r"expected \('int32\[\]', 'float32\[3\]'\), got \('int32\[\]', 'float16\[3\]'\)"),
    "numbers of a state": (lambda b: ops.while_loop(lambda k, x: k < 2, lambda k, x: (k + 1, 2.7 if int(k) else 1), (0, 0)),
                           r"expected \('int32\[\]', 'int32\[\]'\), got \('int32\[\]', 'float32\[\]'\)"),
    "array of another kind": (lambda b: ops.fori_loop(0, 3, lambda i, k: np.float32(int(i)), 0), r"expected int32\[\], got float32\[\]"),
}


@pytest.mark.parametrize("name", CHANGING)
def test_turns_of_different_dtypes(engine: Any, name: str) -> None:
    """No turn's result is cast to the dtype of another one: fractions or digits would be lost."""
    fn, message = CHANGING[name]
    with pytest.raises(ValueError, match=message):
        fn(ops.convert_to_tensor(np.float32([1, 2, 3])))


# each is called with 0, 0.0 and zeros (2,); the second entry says whether it reads values
WIDE = {
    "operator": (lambda k, x, s: ops.while_loop(lambda k: k < 3, lambda k: k + np.int64(1), k), False, 3),
    "number": (lambda k, x, s: ops.while_loop(lambda k: k < 3, lambda k: np.int64(7), k), False, 7),
    "number that is read": (lambda k, x, s: ops.while_loop(lambda k: k < 3, lambda k: np.int64(int(k) + 1), k), True, 3),
    "float": (lambda k, x, s: ops.while_loop(lambda x: x < 3, lambda x: np.float64(9.5), x), False, 9.5),
    "float that is read": (lambda k, x, s: ops.while_loop(lambda x: x < 3, lambda x: np.float64(float(x) + 1.5), x), True, 3),
    "array": (lambda k, x, s: ops.while_loop(lambda s: ops.sum(s) < 9, lambda s: np.array([10.0, 11]), s), False, [10, 11]),
    "array of an operator": (lambda k, x, s: ops.fori_loop(0, 2, lambda i, s: ops.add(s, np.array([1.5, 2.0])), s), False, [3, 4]),
    "carry": (lambda k, x, s: ops.scan(lambda k, r: (k + np.int64(1), r), k, s)[0], False, 2),
}


@pytest.mark.parametrize("name", WIDE)
def test_wide_numpy_results(engine: Any, name: str) -> None:
    """NumPy's numbers have 64 bits without being asked: the state keeps its 32, eagerly and compiled."""
    fn, reads, expected = WIDE[name]
    tensors = [ops.convert_to_tensor(np.int32(0)), ops.convert_to_tensor(np.float32(0)), ops.zeros((2,))]
    result = fn(*tensors)
    assert (value(result), ops.dtype(result)[-2:]) == (expected, "32")
    if not reads:
        result = engine.compile(fn)(*tensors)
        assert (value(result), ops.dtype(result)[-2:]) == (expected, "32")


def test_wide_numpy_results_that_do_not_fit(engine: Any) -> None:
    """Another kind is refused, and so are numbers that 32 bits don't hold."""
    with pytest.raises(ValueError, match=r"the body changes the loop variables: expected \('int32\[\]',\), got \('float"):
        ops.while_loop(lambda k: k < 3, lambda k: np.float64(float(k) + 1), 0)
    with pytest.raises(ValueError, match="outside the range of int32"):
        ops.while_loop(lambda k: k < 3, lambda k: np.int64(2**40 + int(k)), 0)


UNREADABLE = {
    "map": lambda x: ops.map(lambda r: r * 2.0 if float(r) > 1 else r, x),
    "while_loop": lambda x: ops.while_loop(lambda y: ops.sum(y) < 50, lambda y: y * x if float(y[0]) > 0 else y, x, 9),
    "while_loop in its condition": lambda x: ops.while_loop(lambda y: float(ops.sum(y)) < 50, lambda y: y * x, x, 9),
    "vectorized_map": lambda x: ops.vectorized_map(lambda r: r * 2.0 if float(r) > 1 else r, x),
    "fori_loop": lambda x: ops.fori_loop(0, 2, lambda i, y: y * x if float(y[0]) > 0 else y, x),
}


@pytest.mark.filterwarnings("ignore:Converting a tensor with requires_grad")  # torch's, of values of what is differentiated
@pytest.mark.parametrize("name", UNREADABLE)
def test_values_are_read_where_there_may_be_none(engine: Any, name: str) -> None:
    """Of what is differentiated or compiled: the gradient, or one error that names the op and says what to do."""
    fn = UNREADABLE[name]
    x = ops.convert_to_tensor(np.float32([1, 2, 3]))

    def gradient(x: Any) -> Any:
        return engine.value_and_grad(lambda tensors: (ops.sum(fn(tensors[0])), None), [x])[2][0]

    expected = [1, 2, 2] if "map" in name else [3, 12, 27] if name == "fori_loop" else [4, 32, 108]
    for run in (gradient, engine.compile(gradient)):
        try:
            assert value(run(x)) == expected
        except TypeError as error:
            assert str(error).startswith(f"{name.partition(' ')[0]}: the function reads values")
            assert "has no values: it can" in str(error) and "Use ops." in str(error)


def test_a_type_error_of_a_body(engine: Any) -> None:
    """It is not taken for one of values that are not there."""
    with pytest.raises(TypeError, match="unsupported operand"):
        ops.fori_loop(0, 2, lambda i, x: x if int(i) < 1 else 1 + "a", 0.0)  # type: ignore[operator]
    with pytest.raises(Exception, match=r"(?s)^(?!.*has no values)"):  # each framework has its own for a sum with a string
        ops.map(lambda r: r + "a" if int(r) > 0 else r, ops.convert_to_tensor(NUMBERS))


def test_gradient_of_an_unbounded_loop(engine: Any) -> None:
    """It is found, or one error names what is missing; a bound of `fori_loop` with a value counts as an int."""
    def gradient(fn: Any) -> Any:
        return engine.value_and_grad(lambda tensors: (ops.sum(fn(tensors[0])), None), [ops.convert_to_tensor(np.float32([1, 2, 3]))])[2][0]

    try:
        found = gradient(lambda x: ops.while_loop(lambda y: ops.sum(y) < 100, lambda y: y * x, x))
        assert value(found) == [5, 80, 405]
    except ValueError as error:
        assert "give while_loop a maximum_iterations" in str(error)
    three = ops.convert_to_tensor(np.int32(3))
    assert value(gradient(lambda x: ops.fori_loop(0, three, lambda i, y: y * x, x))) == [4, 32, 108]


def test_counts(engine: Any) -> None:
    """Bounds of every kind; those that int32 can't hold are refused."""
    one = ops.convert_to_tensor(np.int32(1))
    for lower, upper in ((0, 3), (np.int64(-1), 2), (one, 4), (np.array(1), np.int8(4)), (False, 3)):
        assert value(ops.fori_loop(lower, upper, lambda i, s: s + 1.0, 0.0)) == 3
    assert value(ops.fori_loop(3, 1, lambda i, s: s + 1.0, 0.0)) == 0
    assert value(ops.fori_loop(2**31 - 3, 2**31 - 1, lambda i, s: i, 0)) == 2**31 - 2
    with pytest.raises(ValueError, match="fori_loop: each bound must fit int32"):
        ops.fori_loop(0, 10**20, lambda i, s: s, 0.0)
    with pytest.raises(TypeError, match="fori_loop: each bound must be an integer scalar, got float32"):
        ops.fori_loop(0, 1e20, lambda i, s: s, 0.0)
    with pytest.raises(ValueError, match="scan: length must fit int32"):
        ops.scan(lambda c, x: (c, None), 0.0, length=10**20)
    with pytest.raises(ValueError, match="while_loop: maximum_iterations must fit int32"):
        ops.while_loop(lambda x: x < 1, lambda x: x, 0.0, maximum_iterations=10**20)


def test_custom_gradient_closes_over_constants(engine: Any) -> None:
    """What is differentiated and no argument gets a gradient of zero, whether or not an argument is differentiated too."""
    v, w = Variable(2.0), Variable(np.float32([1, 2, 3]))
    b = ops.convert_to_tensor(np.float32([1, 2, 3]))

    def scaled(x: Any) -> Any:
        return ops.sum(ops.custom_gradient(lambda q: (q * v, lambda upstream: upstream * 5.0))(x))

    assert [value(g) for g in value_and_grad(lambda: scaled(b), [v])[1]] == [0]
    total, gradients = value_and_grad(lambda: scaled(w * 1.0), [v, w])
    assert (value(total), [value(g) for g in gradients]) == (12, [0, [5, 5, 5]])


def test_custom_gradient_whose_gradient_closes_over_a_variable(engine: Any) -> None:
    """It is used as it is, or one error says what to do."""
    v, w = Variable(2.0), Variable(np.float32([1, 2, 3]))

    def fn() -> Any:
        return ops.sum(ops.custom_gradient(lambda q: (q * 3.0, lambda upstream: upstream * v))(w * 1.0))

    try:
        assert [value(g) for g in value_and_grad(fn, [v, w])[1]] == [0, [2, 2, 2]]
    except ValueError as error:
        assert "custom_gradient: the function closes over a tensor or variable that is differentiated" in str(error)


def test_derivatives_in_a_map(engine: Any) -> None:
    """Derivatives along a direction and gradients of each row, eagerly and compiled."""
    b = ops.convert_to_tensor(np.float32([1, 2, 3]))

    def moved(b: Any) -> Any:
        return ops.vectorized_map(lambda r: ops.jvp(lambda q: q * q * r, (b,), (b,))[1], b)

    def slopes(b: Any) -> Any:
        return ops.vectorized_map(lambda r: engine.value_and_grad(lambda t: (ops.sum(t[0] * t[0] * b), None), [r])[2][0], b)

    for fn, expected in ((moved, [[2, 8, 18], [4, 16, 36], [6, 24, 54]]), (slopes, [12, 24, 36])):
        assert value(fn(b)) == value(engine.compile(fn)(b)) == expected


def test_derivative_of_a_loop_along_a_direction(engine: Any) -> None:
    """Compiled too, where the number of turns is not known."""
    def fn(x: Any) -> Any:
        return ops.jvp(lambda x: ops.while_loop(lambda y: y < 20.0, lambda y: y * 2.0, x, maximum_iterations=6), (x,), (x,))[1]

    x = ops.convert_to_tensor(np.float32(2))
    assert value(fn(x)) == value(engine.compile(fn)(x)) == 32


def test_gradient_of_mapped_loops(engine: Any) -> None:
    """The rows stop at different turns, and the body uses the row."""
    def fn(tensors: Any) -> Any:
        return ops.sum(ops.vectorized_map(lambda r: ops.while_loop(lambda y: y < 20.0, lambda y: y * r, r + 1.0, 6), tensors[0])), None

    a = ops.convert_to_tensor(np.float32([1.5, 2, 3]))
    for run in (lambda a: engine.value_and_grad(fn, [a])[2][0], engine.compile(lambda a: engine.value_and_grad(fn, [a])[2][0])):
        np.testing.assert_allclose(ops.convert_to_numpy(run(a)), [125.296875, 44, 33], rtol=1e-5)


def test_stop_gradient_of_nests(engine: Any) -> None:
    """Tensors of a nest one by one; numbers are data."""
    x = ops.ones((2,))
    nest = ops.stop_gradient([x, {"a": (x, None)}])
    assert type(nest) is list and value(nest[0]) == [1, 1] and nest[1]["a"][1] is None
    assert type(ops.stop_gradient((x, x))) is tuple
    assert value(ops.stop_gradient([1.0, 2.0])) == [1, 2]
    spec = Input((2,))
    assert [y.shape for y in ops.stop_gradient([spec, spec])] == [(None, 2), (None, 2)]


def test_arrays_are_not_aliased(engine: Any) -> None:
    """What is written to an array later does not reach the tensor made of it."""
    for convert in (ops.convert_to_tensor, ops.array):
        h = np.float32([1, 2, 3])
        x = convert(h)
        h[0] = 99
        assert value(x) == [1, 2, 3]


def test_none_and_then_a_tensor(engine: Any) -> None:
    """A first result of None counts like any other."""
    for late in (True, False):
        with pytest.raises(ValueError, match=r"scan: the function returns different things: expected (None, got float|float.*, got None)"):
            ops.scan(lambda c, x, late=late: (c, x if (float(x) > 1) is late else None), 0.0, np.float32([1, 2]))
    assert ops.map(lambda x: None, np.float32([1, 2])) is None
