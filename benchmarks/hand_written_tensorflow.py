"""The loop that one writes by hand in TensorFlow: a `tf.function` step with a GradientTape, batches from `tf.data`."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import tensorflow as tf


def _parameters(rng: np.random.Generator, shapes: list[tuple[int, ...]]) -> list[tf.Variable]:
    params = []
    for shape in shapes:
        limit = np.sqrt(6 / (int(np.prod(shape[:-2])) * (shape[-2] + shape[-1])))
        params += [tf.Variable(rng.uniform(-limit, limit, shape).astype("float32")), tf.Variable(tf.zeros(shape[-1]))]
    return params


SHAPES = {"mlp": [(784, 64), (64, 10)], "convnet": [(3, 3, 1, 32), (3, 3, 32, 64), (1600, 10)],
          "lstm": [(64, 512), (128, 512), (128, 10)], "gru": [(64, 384), (128, 384), (128, 10)]}


def _lstm(state: list[tf.Tensor], inputs: tf.Tensor, recurrent: tf.Tensor, _: tf.Tensor) -> list[tf.Tensor]:
    i, f, g, o = tf.split(inputs + state[0] @ recurrent, 4, axis=-1)
    cell = tf.sigmoid(f) * state[1] + tf.sigmoid(i) * tf.tanh(g)
    return [tf.sigmoid(o) * tf.tanh(cell), cell]


def _gru(state: list[tf.Tensor], inputs: tf.Tensor, recurrent: tf.Tensor, bias: tf.Tensor) -> list[tf.Tensor]:
    (xz, xr, xh), (hz, hr, hh) = tf.split(inputs, 3, axis=-1), tf.split(state[0] @ recurrent + bias, 3, axis=-1)
    z = tf.sigmoid(xz + hz)
    return [z * state[0] + (1 - z) * tf.tanh(xh + tf.sigmoid(xr + hr) * hh)]


def _recurrent(model: str, params: list[tf.Variable], x: tf.Tensor) -> tf.Tensor:
    """The last hidden state."""
    sums = tf.transpose(x, (1, 0, 2)) @ params[0] + params[1]
    rows = tf.TensorArray(tf.float32, 100).unstack(sums)
    zeros, step = tf.zeros((tf.shape(x)[0], 128)), _lstm if model == "lstm" else _gru
    recurrent, bias = tf.convert_to_tensor(params[2]), tf.convert_to_tensor(params[3])
    state = [zeros] * (2 if model == "lstm" else 1)
    return tf.while_loop(lambda t, *_: t < 100, lambda t, *state: [t + 1, *step(state, rows.read(t), recurrent, bias)], [0, *state],
                         maximum_iterations=100)[1]


def make(model: str, x: np.ndarray, y: np.ndarray, batch: int, threads: int) -> Callable[[], None]:
    """A pass over the data."""
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    rng = np.random.default_rng(1)
    params = _parameters(rng, SHAPES[model])
    trained = [p for i, p in enumerate(params) if model != "lstm" or i != 3]  # an LSTM has one bias
    moments = [(tf.Variable(tf.zeros_like(p)), tf.Variable(tf.zeros_like(p))) for p in trained]
    count, loss_sum, hits = tf.Variable(0.0), tf.Variable(0.0), tf.Variable(0, dtype=tf.int64)

    def forward(x: tf.Tensor) -> tf.Tensor:
        if model == "mlp":
            return tf.nn.relu(x @ params[0] + params[1]) @ params[2] + params[3]
        if model in ("lstm", "gru"):
            return _recurrent(model, params, x) @ params[4] + params[5]
        for kernel, bias in (params[0:2], params[2:4]):
            x = tf.nn.max_pool2d(tf.nn.relu(tf.nn.conv2d(x, kernel, 1, "VALID") + bias), 2, 2, "VALID")
        return tf.nn.dropout(tf.reshape(x, (-1, 1600)), 0.5) @ params[4] + params[5]

    @tf.function(reduce_retracing=True)
    def step(x: tf.Tensor, y: tf.Tensor) -> None:
        with tf.GradientTape() as tape:
            logits = forward(x)
            loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(y, logits))
        grads = tape.gradient(loss, trained)
        t = count.assign_add(1.0)
        rate = 1e-3 * tf.sqrt(1 - 0.999**t) / (1 - 0.9**t)
        for p, (m, v), g in zip(trained, moments, grads, strict=True):
            m.assign(0.9 * m + 0.1 * g)
            p.assign_sub(rate * m / (tf.sqrt(v.assign(0.999 * v + 0.001 * g * g)) + 1e-7))
        loss_sum.assign_add(loss)
        hits.assign_add(tf.reduce_sum(tf.cast(tf.argmax(logits, -1) == tf.argmax(y, -1), tf.int64)))

    batches = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(len(x)).batch(batch).prefetch(2)

    def run() -> None:
        loss_sum.assign(0.0)
        for images, labels in batches:
            step(images, labels)
        float(loss_sum)

    return run
