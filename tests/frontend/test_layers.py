"""Layers on every engine: the same values as on the NumPy engine, and what each layer promises."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from keras_lite import initializers, layers, ops
from keras_lite.engine import registry
from keras_lite.symbolic.spec import KerasTensor
from keras_lite.testing.layer_cases.case import IMAGE, STEPS

rng = np.random.default_rng(1)
STEP_DATA = rng.normal(size=STEPS).astype("float32")
IMAGE_DATA = rng.normal(size=IMAGE).astype("float32")


def array(x: Any) -> np.ndarray:
    return ops.convert_to_numpy(x)


@pytest.mark.parametrize("name", ["glorot_uniform", "he_normal", "orthogonal", "random_normal"])
def test_initial_weights_are_the_same_on_every_engine(engine: Any, name: str) -> None:
    def first() -> np.ndarray:
        layer = layers.Dense(5, kernel_initializer=type(initializers.get(name))(seed=3))
        layer.build((None, 7))
        return array(layer.kernel)

    found = first()
    with registry.using("numpy"):
        np.testing.assert_array_equal(found, first())


# --- dropout -------------------------------------------------------------------------------------------------------------


def test_dropout_drops_while_training_only(engine: Any) -> None:
    layer = layers.Dropout(0.25, seed=1)
    x = np.ones((40, 50), "float32")
    assert np.array_equal(array(layer(x)), x)
    assert np.array_equal(array(layer(x, training=False)), x)
    y = array(layer(x, training=True))
    assert set(np.unique(y)) == {np.float32(0), np.float32(1 / 0.75)}
    assert abs((y == 0).mean() - 0.25) < 0.03
    assert not np.array_equal(array(layer(x, training=True)), y), "each call draws anew"
    assert array(layer.seed_generator.state).tolist() == [1, 2]


def test_dropout_masks_are_the_same_on_every_engine(engine: Any) -> None:
    def drawn() -> list[np.ndarray]:
        layer = layers.Dropout(0.5, seed=7)
        return [array(layer(np.ones((5, 6), "float32"), training=True)) for _ in range(3)]

    found = drawn()
    with registry.using("numpy"):
        np.testing.assert_array_equal(found, drawn())


def test_dropout_noise_shape_shares_draws(engine: Any) -> None:
    y = array(layers.Dropout(0.5, noise_shape=(None, 1, None), seed=1)(np.ones((8, 5, 6), "float32"), training=True))
    assert np.array_equal(y, np.broadcast_to(y[:, :1], y.shape))
    assert 0 < (y == 0).mean() < 1
    y = array(layers.SpatialDropout2D(0.5, seed=1)(np.ones((4, 3, 3, 9), "float32"), training=True))
    assert np.array_equal(y, np.broadcast_to(y[:, :1, :1], y.shape))


def test_dropout_at_the_ends_of_its_range(engine: Any) -> None:
    x = np.ones((3, 4), "float32")
    assert not array(layers.Dropout(1.0)(x, training=True)).any()
    assert layers.Dropout(0.0).variables == []
    assert np.array_equal(array(layers.Dropout(0.0)(x, training=True)), x)


def test_noise_keeps_the_moments(engine: Any) -> None:
    x = rng.normal(size=(100, 300)).astype("float32")
    for layer, mean, std in ((layers.GaussianNoise(0.5, seed=1), 0, np.sqrt(1.25)), (layers.AlphaDropout(0.3, seed=1), 0, 1),
                             (layers.GaussianDropout(0.2, seed=1), 0, np.sqrt(1.25))):
        y = array(layer(x, training=True))
        assert abs(y.mean() - mean) < 0.03
        assert abs(y.std() - std) < 0.03


def test_a_layer_inside_sees_the_training_of_the_outer_call(engine: Any) -> None:
    class Outer(layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.inner = layers.Dropout(0.5, seed=1)

        def call(self, x: Any) -> Any:
            return self.inner(x)

    x = np.ones((9, 9), "float32")
    assert (array(Outer()(x, training=True)) == 0).any()
    assert not (array(Outer()(x)) == 0).any()


# --- batch normalization -------------------------------------------------------------------------------------------------


def test_batch_normalization_statistics(engine: Any) -> None:
    layer = layers.BatchNormalization(momentum=0.9, epsilon=0.1)

    def scaled(mean: Any, variance: Any) -> Any:
        return (STEP_DATA - mean) / np.sqrt(variance + 0.1)

    y = array(layer(STEP_DATA, training=True))
    mean, variance = STEP_DATA.mean((0, 1)), STEP_DATA.var((0, 1))
    np.testing.assert_allclose(y, scaled(mean, variance), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(array(layer.moving_mean), 0.1 * mean, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(array(layer.moving_variance), 0.9 + 0.1 * variance, rtol=1e-5)
    moving = [array(v) for v in (layer.moving_mean, layer.moving_variance)]
    for kwargs in ({}, {"training": False}):
        np.testing.assert_allclose(array(layer(STEP_DATA, **kwargs)), scaled(*moving), rtol=1e-4, atol=1e-6)
    layer.trainable = False
    frozen = array(layer(STEP_DATA, training=True))
    np.testing.assert_allclose(frozen, scaled(*moving), rtol=1e-4, atol=1e-6)
    assert np.array_equal(array(layer.moving_mean), moving[0])


def test_batch_normalization_leaves_out_what_is_masked(engine: Any) -> None:
    mask = rng.random(STEPS[:2]) < 0.6
    layer = layers.BatchNormalization(momentum=0.0)
    y = array(layer(STEP_DATA, training=True, mask=mask))
    kept = STEP_DATA[mask]
    np.testing.assert_allclose(array(layer.moving_mean), kept.mean(0), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(array(layer.moving_variance), kept.var(0), rtol=1e-4)
    np.testing.assert_allclose(y, (STEP_DATA - kept.mean(0)) / np.sqrt(kept.var(0) + 1e-3), rtol=1e-3, atol=1e-5)
    assert np.isfinite(array(layer(STEP_DATA, training=True, mask=np.zeros_like(mask)))).all()


def test_batch_normalization_in_16_bits_sums_in_32(engine: Any) -> None:
    layer = layers.BatchNormalization(momentum=0.0, dtype="mixed_float16")
    y = layer((300 * STEP_DATA + 500).astype("float16"), training=True)
    assert ops.dtype(y) == "float16"
    assert np.isfinite(array(layer.moving_variance)).all()
    assert array(layer.moving_variance).min() > 1e4, "300**2 is beyond float16"
    assert {v.dtype for v in layer.variables} == {"float32"}


# --- masks ---------------------------------------------------------------------------------------------------------------


def test_masks_travel_from_the_embedding_to_the_mean(engine: Any) -> None:
    class Mean(layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.embedding, self.dense = layers.Embedding(9, 4, mask_zero=True), layers.Dense(3)
            self.mean = layers.GlobalAveragePooling1D()

        def call(self, x: Any) -> Any:
            return self.mean(self.dense(self.embedding(x)))

    layer = Mean()
    x = np.array([[3, 5, 0, 0], [1, 0, 0, 0]], "int32")
    y = array(layer(x))
    rows = array(layer.embedding.embeddings)[x] @ array(layer.dense.kernel) + array(layer.dense.bias)
    np.testing.assert_allclose(y, [rows[0, :2].mean(0), rows[1, 0]], rtol=1e-5, atol=1e-7)


def test_masking_sets_skipped_steps_to_zero(engine: Any) -> None:
    x = np.array([[[2.0, 2.0], [2.0, 1.0]]], "float32")
    layer = layers.Masking(2.0)
    assert array(layer(x)).tolist() == [[[0, 0], [2, 1]]]
    assert array(layer.compute_mask(x)).tolist() == [[False, True]]


def test_masks_of_merged_inputs(engine: Any) -> None:
    a, b = np.array([[True, False, False]]), np.array([[True, True, False]])
    x = [np.ones((1, 3, 2), "float32")] * 2
    assert array(layers.Add().compute_mask(x, [a, b])).tolist() == [[True, True, False]]
    assert layers.Add().compute_mask(x, [a, None]) is None
    assert array(layers.Concatenate(axis=1).compute_mask(x, [a, None])).tolist() == [[True, False, False, True, True, True]]
    assert layers.Concatenate(axis=1).compute_mask(x, [None, None]) is None


def test_softmax_with_a_mask(engine: Any) -> None:
    x = np.array([[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]], "float32")
    y = array(layers.Softmax()(x, mask=np.array([[True, False, True], [False, False, False]])))
    np.testing.assert_allclose(y, [[1 / (1 + np.e**2), 0, 1 / (1 + np.e**-2)], [0, 0, 0]], rtol=1e-5)


# --- shapes --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("layer", "shape", "expected"), [
    (lambda: layers.Flatten(), (None, None, 3), (None, None)), (lambda: layers.Flatten(), (None, 2, 3), (None, 6)),
    (lambda: layers.Flatten(), (None,), (None, 1)), (lambda: layers.Reshape((-1, 2)), (None, None, 4), (None, None, 2)),
    (lambda: layers.Reshape((3, -1)), (None, 6), (None, 3, 2)), (lambda: layers.Reshape((6,)), (4, 2, 3), (4, 6)),
    (lambda: layers.Conv2D(5, 3, padding="same"), (None, None, None, 3), (None, None, None, 5)),
    (lambda: layers.UpSampling2D((2, 3)), (None, None, 4, 1), (None, None, 12, 1)),
    (lambda: layers.UpSampling2D(interpolation="bilinear"), (None, None, 4, 1), (None, None, 8, 1)),
    (lambda: layers.GlobalAveragePooling2D(keepdims=True), (None, None, None, 3), (None, 1, 1, 3)),
    (lambda: layers.Dense(4), (None, None, 3), (None, None, 4)),
    (lambda: layers.Lambda(lambda x: x * 2), (None, 3), (None, 3)),
    (lambda: layers.Lambda(lambda x: x * 2, output_shape=(7, 8)), (None, 3), (None, 7, 8)),
    (lambda: layers.Lambda(lambda x: x * 2, output_shape=lambda shape: (shape[0], 9)), (None, 3), (None, 9)),
], ids=[f"{i}" for i in range(14)])
def test_unknown_sizes(layer: Any, shape: Any, expected: Any) -> None:
    assert layer()(KerasTensor(shape)).shape == expected
    assert layer().compute_output_shape(shape) == expected


@pytest.mark.parametrize(("name", "args"), [("Flatten", ()), ("Reshape", ((6, 2),)), ("Dense", (3,)), ("UpSampling1D", (2,)),
                                            ("RepeatVector", (2,)), ("BatchNormalization", ())])
def test_empty_batches(engine: Any, name: str, args: Any) -> None:
    shape = (0, 12) if name == "RepeatVector" else (0, 3, 4)
    assert getattr(layers, name)(*args)(np.zeros(shape, "float32")).shape[0] == 0


def test_lambda_gets_what_it_asks_for(engine: Any) -> None:
    def scaled(x: Any, factor: float, training: bool | None = None) -> Any:
        return x * factor if training else x

    layer = layers.Lambda(scaled, arguments={"factor": 3.0})
    x = np.ones(2, "float32")
    assert array(layer(x)).tolist() == [1, 1]
    assert array(layer(x, training=True)).tolist() == [3, 3]


# --- dtypes and state ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16", "float16", "bfloat16", "float32"])
@pytest.mark.parametrize(("name", "args"), [("Dense", (3,)), ("Conv1D", (3, 2)), ("LayerNormalization", ()), ("BatchNormalization", ()),
                                            ("Activation", ("softmax",)), ("MaxPooling1D", ()), ("PReLU", ())])
def test_policies(engine: Any, name: str, args: Any, policy: str) -> None:
    """Variables in the variable dtype, the output in the compute dtype."""
    layer = getattr(layers, name)(*args, dtype=policy)
    assert ops.dtype(layer(STEP_DATA)) == layer.compute_dtype == policy.removeprefix("mixed_")
    assert {v.dtype for v in layer.weights} <= {layer.variable_dtype}


def test_embedding_keeps_large_float_indices_exact(engine: Any) -> None:
    layer = layers.Embedding(5000, 2, dtype="mixed_float16")
    y = array(layer(np.array([4097.0], "float32")))
    np.testing.assert_allclose(y[0], array(layer.embeddings)[4097], rtol=1e-3)
    assert y.dtype == np.float16


def test_freezing_reaches_variables_and_inner_layers() -> None:
    class Outer(layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.inner = layers.BatchNormalization()

        def build(self, shape: Any) -> None:
            self.own = self.add_weight((2,), name="own")
            self.inner.build(shape)

        def call(self, x: Any) -> Any:
            return self.inner(x) * self.own

    layer = Outer()
    layer.build((None, 2))
    names = [v.name for v in layer.variables]
    assert names == ["own", "gamma", "beta", "moving_mean", "moving_variance"]
    layer.trainable = False
    assert layer.trainable_variables == []
    assert not any(v.trainable for v in layer.variables)
    assert [v.name for v in layer.variables] == names
    layer.trainable = True
    assert [v.name for v in layer.trainable_variables] == names[:3]


def test_weights_are_in_the_order_in_which_they_were_made() -> None:
    class Declared(layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.bias = self.second = None
            self.first = layers.Dense(1)
            self.second = layers.Dense(2)

        def build(self, shape: Any) -> None:
            self.counter = self.add_weight((), name="counter", trainable=False)
            self.kernel = self.add_weight((1,), name="kernel")
            self.bias = self.add_weight((1,), name="bias")

        def call(self, x: Any) -> Any:
            return x

    layer = Declared()
    layer.build((2, 2))
    assert [v.name for v in layer.variables] == ["kernel", "bias", "counter"]
    assert [inner.units for inner in layer._layers] == [1, 2]


# --- mistakes ------------------------------------------------------------------------------------------------------------

MISTAKES = [
    (lambda: layers.Dense(-1), ValueError, "Dense: units must be a positive int, got -1"),
    (lambda: layers.Dense(2.5), ValueError, "units must be a positive int, got 2.5"),
    (lambda: layers.Dense(3, activation="rellu"), ValueError, "unknown activation 'rellu'; did you mean 'relu'"),
    (lambda: layers.Dense(3, kernel_initializer="glorot_unifrom"), ValueError, "did you mean 'glorot_uniform'"),
    (lambda: layers.Dense(3, kernel_regularizer="l3"), ValueError, "unknown regularizer 'l3'"),
    (lambda: layers.Dense(3, bias_constraint="max_nrom"), ValueError, "did you mean 'max_norm'"),
    (lambda: layers.Dense(3, lora_rank=4), NotImplementedError, "lora_rank=4"),
    (lambda: layers.Dense(3, unit=4), ValueError, "Dense: unknown arguments \\['unit'\\]; did you mean 'units'\\?"),
    (lambda: layers.Dense(3)(STEP_DATA[0, 0]), ValueError, "Dense 'd.*': expects rank 2 or more, got an input of shape \\(4,\\)"),
    (lambda: layers.Dense(3)([[1.0, 2.0]]), TypeError, "Dense: expects tensors or arrays, got numbers in a list"),
    (lambda: layers.Dense(3)(KerasTensor((None, None))), ValueError, "Dense: the size of axis -1 must be known"),
    (lambda: layers.Conv2D(3, 3)(STEP_DATA), ValueError, "expects rank 4, got an input of shape \\(2, 9, 4\\)"),
    (lambda: layers.Conv2D(3, 9)(IMAGE_DATA), ValueError, "window \\(9, 9\\).* is larger than"),
    (lambda: layers.Conv2D(3, 3, groups=2), ValueError, "filters=3 can't be divided into groups=2"),
    (lambda: layers.Conv2D(3, 3, groups=3)(IMAGE_DATA), ValueError, "groups=3 does not divide the 4 channels"),
    (lambda: layers.Conv2D(3, (3, 3, 3)), ValueError, "kernel_size must be an int or 2 ints"),
    (lambda: layers.Conv2D(3, 3, padding="causal"), ValueError, "padding must be 'valid' or 'same', got 'causal'"),
    (lambda: layers.Conv2D(3, 3, strides=2, dilation_rate=2), ValueError, "can't both be above 1"),
    (lambda: layers.Conv2D(3, 3, data_format="NHWC"), ValueError, "data_format"),
    (lambda: layers.Conv2DTranspose(3, 3, strides=2, output_padding=2), ValueError, "output_padding \\(2, 2\\) must be below strides"),
    (lambda: layers.MaxPooling2D(0), ValueError, "pool_size must be"),
    (lambda: layers.MaxPooling2D(4)(STEP_DATA), ValueError, "expects rank 4"),
    (lambda: layers.Dropout(1.5), ValueError, "rate must be a number from 0 to 1, got 1.5"),
    (lambda: layers.Dropout(0.5, noise_shape=(2,))(STEP_DATA, training=True), ValueError, "noise_shape \\(2,\\) does not fit"),
    (lambda: layers.BatchNormalization(axis=4)(STEP_DATA), ValueError, "axis 4 is out of range for rank 3"),
    (lambda: layers.BatchNormalization(axis=[1]), ValueError, "axis must be an int"),
    (lambda: layers.BatchNormalization(synchronized=True), NotImplementedError, "synchronized=True"),
    (lambda: layers.BatchNormalization()(STEP_DATA, training=True, mask=np.ones(2, bool)), ValueError, "the mask must have the input's"),
    (lambda: layers.GroupNormalization(3)(STEP_DATA), ValueError, "groups=3 does not divide the 4 channels"),
    (lambda: layers.Reshape((5, 5))(STEP_DATA), ValueError, "shape \\(9, 4\\) with 36 values can't have the shape \\(5, 5\\)"),
    (lambda: layers.Reshape((-1, -1)), ValueError, "at most one -1"),
    (lambda: layers.Permute((1, 3)), ValueError, "numbers 1 to 2"),
    (lambda: layers.Add()(STEP_DATA), TypeError, "Add: expects a list of one or more tensors"),
    (lambda: layers.Add()([STEP_DATA, STEP_DATA[:1]]), ValueError, "the batch sizes must be equal"),
    (lambda: layers.Add()([STEP_DATA, STEP_DATA[:, :2]]), ValueError, "can't be merged"),
    (lambda: layers.Subtract()([STEP_DATA] * 3), ValueError, "Subtract: expects a list of 2 tensors, got 3"),
    (lambda: layers.Concatenate()([STEP_DATA, STEP_DATA[:, :2]]), ValueError, "must agree on all axes but axis 2"),
    (lambda: layers.Dot(1)([STEP_DATA, STEP_DATA[:, :2]]), ValueError, "must have the same size"),
    (lambda: layers.UpSampling2D(0), ValueError, "size must be an int or 2 ints"),
    (lambda: layers.UpSampling2D(interpolation="cubic"), ValueError, "interpolation must be"),
    (lambda: layers.Cropping2D(4)(IMAGE_DATA), ValueError, "leaves nothing"),
    (lambda: layers.ZeroPadding2D(((1, 2, 3), 1)), ValueError, "padding must be"),
    (lambda: layers.Embedding(0, 3), ValueError, "input_dim must be a positive int"),
    (lambda: layers.EinsumDense("abc->abd", 5), ValueError, "equation must have the form"),
    (lambda: layers.EinsumDense("abc,cd->abd", (3, 5))(STEP_DATA), ValueError, "axis 'b' .* has size 9 in the input"),
    (lambda: layers.Lambda(3), TypeError, "function must be callable"),
    (lambda: layers.Dense(3, name="a/b"), ValueError, "name must be a string without '/'"),
]


@pytest.mark.parametrize(("action", "kind", "message"), MISTAKES, ids=[m[2] for m in MISTAKES])
def test_mistakes(engine: Any, action: Any, kind: type[Exception], message: str) -> None:
    """One type and one message, the same on every engine."""
    with pytest.raises(kind, match=message):
        action()


def test_another_width_than_it_was_built_for(engine: Any) -> None:
    layer = layers.Dense(3)
    layer(STEP_DATA)
    with pytest.raises(ValueError, match=r"expects size 4 on axis -1, got an input of shape \(2, 9, 3\)"):
        layer(STEP_DATA[..., :3])
