"""Complex numbers and Fourier transforms beyond the parity matrix: round trips, gradients of gradients, sizes that are not known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import keras_lite
from keras_lite import Variable, ops
from keras_lite.engine import registry
from keras_lite.engine.dtypes import is_float
from keras_lite.ops.table import TABLE
from keras_lite.symbolic.spec import KerasTensor
from keras_lite.testing.calls import invoke, leading, make_call, places, to_tensors
from tests.conftest import ENGINES, load_quietly

Z = np.array([1 + 2j, -3 + 0.5j, 0.1 - 2j], "complex64")
SIGNAL = np.random.default_rng(0).normal(size=(2, 40)).astype("float32")
FRAMES = [{"window": "hann"}, {"window": "hamming"}, {"window": "hamming", "center": False}, {"window": np.full(8, 2.0)}]
UNKNOWN: dict[str, Callable[[Any], Any]] = {
    "fft": lambda x: ops.fft((x, x * 2.0))[1], "fft2": lambda x: ops.fft2((x, x * 2.0))[0], "ifft2": lambda x: ops.ifft2((x, x * 2.0))[0],
    "rfft": lambda x: ops.rfft(x)[1], "rfft longer": lambda x: ops.rfft(x, 50)[1], "rfft shorter": lambda x: ops.rfft(x, 7)[1],
    "irfft": lambda x: ops.irfft((x, x * 2.0)), "irfft longer": lambda x: ops.irfft((x, x * 2.0), 101),
    "irfft shorter": lambda x: ops.irfft((x, x), 9), "extract_sequences": lambda x: ops.extract_sequences(x, 6, 4),
    "too short": lambda x: ops.extract_sequences(x, 60, 4), "stft": lambda x: ops.stft(x, 6, 4, 8)[0],
    "istft": lambda x: ops.istft(ops.stft(x, 6, 4, 8), 6, 4, 8), "length": lambda x: ops.istft(ops.stft(x, 6, 4, 8), 6, 4, 8, length=50),
    "polar": lambda x: ops.real(ops.polar(x, x)), "view": lambda x: ops.cast(ops.view(x, "uint8"), "float32"),
    "view of halves": lambda x: ops.view(ops.cast(x, "float16"), "float32"), "complex view": lambda x: ops.real(ops.view(x, "complex64")),
    "view_as_real": lambda x: ops.view_as_real(ops.polar(x, x)), "angle": lambda x: ops.angle(ops.polar(x, x)),
}


def gradient(engine: Any, fn: Callable[[Any], Any], x: Any) -> Any:
    """The gradient of a scalar function of one tensor."""
    return engine.value_and_grad(lambda xs: (fn(xs[0]), None), [x])[2][0]


def array(x: Any) -> np.ndarray:
    return ops.convert_to_numpy(x)


def test_promotion(engine: Any) -> None:
    """Complex numbers beside real ones, and Python's own."""
    z = ops.convert_to_tensor(Z)
    for other, dtype in ((2, "complex64"), (2.5, "complex64"), (1j, "complex64"), (np.ones(3, "int8"), "complex64"),
                         (np.ones(3, "float16"), "complex64"), (np.ones(3, "bool"), "complex64"), (Z, "complex64")):
        assert ops.dtype(ops.add(z, other)) == dtype
        np.testing.assert_allclose(array(ops.multiply(other, z)), other * Z, rtol=1e-6)
    assert ops.dtype(ops.add(ops.ones(3), 1j)) == "complex64"
    assert ops.dtype(ops.convert_to_tensor([1j, 2])) == "complex64"
    assert KerasTensor((2,), "complex128").dtype == ops.dtype(ops.add(KerasTensor((2,), "complex64"), KerasTensor((2,), "float64")))


def test_operators(engine: Any) -> None:
    z = ops.convert_to_tensor(Z)
    np.testing.assert_allclose(array((z * 2j + 1.0) / z - z), (Z * 2j + 1.0) / Z - Z, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(array(ops.mean(ops.stack([z, ops.conj(z)]), axis=0)), Z.real, rtol=1e-6)
    np.testing.assert_allclose(array(ops.vdot(z, z * 1j)), np.vdot(Z, Z * 1j), rtol=1e-5)
    np.testing.assert_allclose(array(ops.get_item(z, slice(None, None, -1))), Z[::-1])


@pytest.mark.parametrize("name", ["floor", "sign", "max", "argmin", "sort", "relu", "sigmoid", "softmax", "gelu", "erf", "round",
                                  "cumprod"])
def test_refusals(engine: Any, name: str) -> None:
    """Functions without a meaning for complex numbers say so, the same on every engine."""
    for given in (ops.convert_to_tensor(Z), KerasTensor((None, 3), "complex64")):
        with pytest.raises(TypeError, match=f"{name}: is for real numbers, got complex64; take the real or imaginary part"):
            getattr(ops, name)(given)


def test_refusals_of_pairs(engine: Any) -> None:
    for name in ("maximum", "less", "arctan2", "mod", "floor_divide"):
        with pytest.raises(TypeError, match="is for real numbers, got complex64"):
            getattr(ops, name)(ops.convert_to_tensor(Z), 2.0)


@pytest.mark.parametrize("options", FRAMES, ids=str)
@pytest.mark.parametrize("lengths", [(8, 4, 8), (8, 2, 16), (8, 3, 9)], ids=str)
def test_a_signal_comes_back(engine: Any, options: dict[str, Any], lengths: tuple[int, int, int]) -> None:
    """`istft` undoes `stft` for any window and hop that leave nothing out; the ends where the window begins may be lost."""
    spectrum = ops.stft(SIGNAL, *lengths, **options)
    found = array(ops.istft(spectrum, *lengths, length=SIGNAL.shape[1], **options))
    inside = slice(8, -12)
    np.testing.assert_allclose(found[:, inside], SIGNAL[:, inside], atol=1e-5)


def test_transforms_come_back(engine: Any) -> None:
    pair = SIGNAL.reshape(2, 5, 8), SIGNAL.reshape(2, 5, 8) * 0.5
    for found, part in zip(ops.ifft2(ops.fft2(pair)), pair, strict=True):
        np.testing.assert_allclose(array(found), part, atol=1e-6)
    for n in (40, 39):
        np.testing.assert_allclose(array(ops.irfft(ops.rfft(SIGNAL[:, :n]), n)), SIGNAL[:, :n], atol=1e-6)


def spectral_loss(x: Any) -> Any:
    """What models of sound minimize: logarithms of sizes, in which complex numbers are on the way."""
    real, imag = ops.stft(x, 8, 4, 8)
    size = ops.abs(ops.view_as_complex(ops.stack([real, imag], -1)))
    turned = ops.real(ops.polar(size, ops.angle(ops.multiply(ops.exp(ops.multiply(real, 0.1j)), 1 + 2j))))
    return ops.sum(ops.log1p(size)) + ops.sum(turned)


def test_gradients(engine: Any) -> None:
    """Those of a spectral loss and of the size of its gradient, against differences in float64, eagerly and compiled."""
    numpy = registry.load("numpy")
    x = SIGNAL[:1, :16]

    def slope(active: Any, x: Any) -> Any:
        return ops.sum(ops.square(gradient(active, spectral_loss, x)))

    with registry.using(numpy):
        step = 1e-5 * np.eye(16).reshape(16, 1, 16)
        wide = x.astype("float64")
        first, second = ([(fn(wide + s) - fn(wide - s)) / 2e-5 for s in step] for fn in (spectral_loss, lambda x: slope(numpy, x)))
    for fn, want in ((spectral_loss, first), (lambda x: slope(engine, x), second)):
        given = ops.convert_to_tensor(x)
        scale = np.abs(want).max()
        np.testing.assert_allclose(array(gradient(engine, fn, given))[0], want, atol=2e-3 * scale)
        run = engine.compile(lambda x, fn=fn: gradient(engine, fn, x))
        np.testing.assert_allclose(array(run(given))[0], want, atol=2e-3 * scale)


def test_gradients_at_silence(engine: Any) -> None:
    """Zero where there is no direction to go, not NaN."""
    for fn in (lambda x: ops.abs(ops.view_as_complex(x)), lambda x: ops.angle(ops.view_as_complex(x))):
        np.testing.assert_array_equal(array(gradient(engine, lambda x, fn=fn: ops.sum(fn(x)), ops.zeros((3, 2)))), 0)


def test_windows_can_be_learnt(engine: Any) -> None:
    window = ops.convert_to_tensor(np.linspace(0.5, 1.5, 8).astype("float32"))
    found = array(gradient(engine, lambda w: ops.sum(ops.square(ops.stft(SIGNAL, 8, 4, 8, w)[0])), window))
    assert found.shape == (8,) and np.isfinite(found).all() and found.any()


@pytest.mark.parametrize("name", UNKNOWN)
def test_unknown_sizes(name: str) -> None:
    """Sizes as tensors in a graph of TensorFlow give what known ones give."""
    tf = pytest.importorskip("tensorflow")
    with registry.using(load_quietly("tensorflow")):
        fn = UNKNOWN[name]
        graph = tf.function(fn, input_signature=[tf.TensorSpec([None, None], "float32")], autograph=False)
        np.testing.assert_allclose(graph(SIGNAL).numpy(), array(fn(tf.constant(SIGNAL))), rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize(("fn", "shape"), [
    (lambda x: ops.stft(x, 6, 4, 8)[0], (None, None, 5)), (lambda x: ops.rfft(x, 16)[1], (None, 9)),
    (lambda x: ops.istft((ops.reshape(x, (-1, 4, 5)),) * 2, 6, 4, 8), (None, 12)), (lambda x: ops.fft((x, x))[0], (None, None)),
    (lambda x: ops.istft((ops.expand_dims(x, 0),) * 2, 6, 4, 8, length=9), (1, 9)), (lambda x: ops.view(x, "complex64"), (None, None)),
])
def test_symbolic_shapes(fn: Callable[[Any], Any], shape: tuple[Any, ...]) -> None:
    assert fn(KerasTensor((None, None))).shape == shape


def test_bits_of_wide_numbers_need_them() -> None:
    """An engine that narrows dtypes does not read bits as something else than what was asked for."""
    pytest.importorskip("jax")
    with registry.using(load_quietly("jax")) as engine:
        if engine.canonical_dtype("float64") == "float64":
            pytest.skip("64-bit mode")
        with pytest.raises(ValueError, match="view: the jax engine has no float64 as it is set"):
            ops.view(np.zeros(4, "float32"), "float64")


# --- dtypes ----------------------------------------------------------------------------------------------------------------


def test_complex_tensors_are_made(engine: Any) -> None:
    for x, want in ((ops.zeros(2, "complex64"), [0, 0]), (ops.ones(2, "complex64"), [1, 1]),
                    (ops.full(2, 1 - 2j, "complex64"), [1 - 2j] * 2),
                    (ops.eye(2, dtype="complex64"), np.eye(2)), (ops.arange(2, dtype="complex64"), [0, 1]), (ops.zeros_like(Z), [0] * 3),
                    (ops.full_like(Z, 2j), [2j] * 3), (ops.linspace(0, 1j, 3), [0, 0.5j, 1j]), (ops.convert_to_tensor(2j), 2j)):
        assert ops.dtype(x) == "complex64"
        np.testing.assert_array_equal(array(x), want)
    for name in ("normal", "uniform", "truncated_normal"):
        with pytest.raises(ValueError, match=f"{name}: dtype must be a float dtype, got complex64"):
            getattr(keras_lite.random, name)((2,), dtype="complex64")


def test_imaginary_parts_are_not_lost_by_accident(engine: Any) -> None:
    """A cast takes the real parts; everything else refuses, tensors, arrays, lists, variables and specs alike."""
    z = ops.convert_to_tensor(Z)
    np.testing.assert_array_equal(array(ops.cast(z, "float32")), Z.real)
    np.testing.assert_array_equal(array(ops.cast(z, "int32")), Z.real.astype("int32"))
    np.testing.assert_array_equal(array(ops.cast(ops.convert_to_tensor([0, 1j]), "bool")), [False, True])
    variable = Variable(np.zeros(3, "float32"))
    for given in (z, Z, Z.tolist(), Variable(Z), KerasTensor((3,), "complex64")):
        with pytest.raises(ValueError, match="can't become float32: their imaginary parts would be lost"):
            ops.convert_to_tensor(given, "float32")
        if not isinstance(given, KerasTensor):
            with pytest.raises(ValueError, match="can't become float32: their imaginary parts would be lost"):
                variable.assign(given)
    with pytest.raises(ValueError, match="full: 2j can't become float32: its imaginary part would be lost"):
        ops.full(2, 2j, "float32")


def test_variables(engine: Any) -> None:
    """They hold complex numbers and take part in gradients, of one convention; optimizers train real ones."""
    variable = Variable(Z)
    variable.assign_add([1, 1j, 0])
    np.testing.assert_array_equal(variable.numpy(), Z + np.array([1, 1j, 0]))
    assert (variable.dtype, Variable(keras_lite.initializers.Ones(), (2,), "complex64").dtype) == ("complex64", "complex64")
    variable.assign(Z)
    value, (slope,) = keras_lite.value_and_grad(lambda: ops.sum(ops.square(ops.abs(variable * variable))), [variable])
    np.testing.assert_allclose(float(value), np.sum(np.abs(Z) ** 4), rtol=1e-5)
    np.testing.assert_allclose(array(slope), 4 * np.abs(Z) ** 2 * Z, rtol=1e-5)
    with pytest.raises(TypeError, match="value_and_grad: is for real numbers, got complex64"):
        keras_lite.value_and_grad(lambda: ops.sum(variable * 1j), [variable])
    with pytest.raises(TypeError, match=r"Adam: the variable .* is complex64; train its real and its imaginary part"):
        keras_lite.optimizers.Adam().build([variable])


# --- what is refused, and what is not --------------------------------------------------------------------------------------


def refusal(fn: Callable[[], Any]) -> str:
    """The message by which a call refuses complex numbers, else ""."""
    try:
        fn()
    except TypeError as error:
        return str(error) if "is for real numbers" in str(error) else ""
    except Exception:
        return ""
    return ""


def test_each_op_refuses_alike(engine: Any) -> None:
    """What an op refuses of specs it refuses of tensors, in the same words: natives too."""
    count = 0
    for record in TABLE.values():
        index = next((i for i, s in enumerate(record.samples) if not s.error and any(is_float(x.dtype) for x in leading(places(s)))), None)
        if index is None or record.name == "fused_attention":  # which looks for a kernel first
            continue
        call = make_call(record, index, "complex64")
        args, kwargs = call.filled([KerasTensor(x.shape, x.dtype.name) for x in call.arrays])
        said = refusal(lambda: record.function(*args, **kwargs))  # noqa: B023  # called at once
        if said:
            count += 1
            assert refusal(lambda: invoke(engine, call, to_tensors(engine, call.arrays))) == said  # noqa: B023
    assert count > 100


def test_spreads_and_norms_are_real(engine: Any) -> None:
    """With the gradients of their definitions."""
    x = SIGNAL[:, :6]

    def numpys(fn: Callable[..., Any]) -> tuple[Any, np.ndarray]:
        value = lambda x: fn(x[0] + 1j * x[1])  # noqa: E731  # used twice, at once
        step = 1e-6 * np.eye(12).reshape(12, 2, 6)
        wide = x.astype("float64")
        return value(wide), np.array([(value(wide + s) - value(wide - s)) / 2e-6 for s in step]).reshape(2, 6)

    for name, module in (("var", np), ("std", np), ("norm", np.linalg)):
        value, slope = numpys(getattr(module, name))
        ours = lambda x, name=name: getattr(ops, name)(ops.add(x[0], ops.multiply(x[1], 1j)))  # noqa: E731
        given = ops.convert_to_tensor(x)
        assert ops.dtype(ours(given)) == "float32"
        np.testing.assert_allclose(array(ours(given)), value, rtol=1e-5)
        np.testing.assert_allclose(array(gradient(engine, ours, given)), slope, rtol=1e-3, atol=1e-4)


def test_jvp(engine: Any) -> None:
    """Of complex arguments, and of complex results of real ones."""
    z = ops.convert_to_tensor(Z)
    value, moved = ops.jvp(lambda x: ops.multiply(x, ops.multiply(x, x)), (z,), (ops.multiply(z, 1j),))
    np.testing.assert_allclose(array(value), Z**3, rtol=1e-5)
    np.testing.assert_allclose(array(moved), 3j * Z**3, rtol=1e-5)
    _, moved = ops.jvp(lambda x: ops.polar(x, x), (ops.convert_to_tensor(SIGNAL[0]),), (ops.ones(40),))
    np.testing.assert_allclose(array(moved), np.exp(1j * SIGNAL[0]) * (1 + 1j * SIGNAL[0]), rtol=1e-4, atol=1e-5)
    _, moved = ops.jvp(ops.conj, (z,), (z,))
    np.testing.assert_allclose(array(moved), Z.conj())


def test_lazily_conjugated_tensors() -> None:
    """Torch marks conjugates and computes them later."""
    if "torch" not in ENGINES:
        pytest.skip("of torch")
    engine = load_quietly("torch")
    with registry.using(engine):
        conjugate = engine.convert(Z, "complex64").conj()
        for function, expected in ((ops.real, Z.real), (ops.imag, -Z.imag), (lambda x: ops.view(x, "float32"), Z.conj().view("float32"))):
            np.testing.assert_array_equal(ops.convert_to_numpy(function(conjugate)), expected)
