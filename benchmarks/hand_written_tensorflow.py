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


def make(model: str, x: np.ndarray, y: np.ndarray, batch: int, threads: int) -> Callable[[], None]:
    """A pass over the data."""
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    rng = np.random.default_rng(1)
    params = _parameters(rng, [(784, 64), (64, 10)] if model == "mlp" else [(3, 3, 1, 32), (3, 3, 32, 64), (1600, 10)])
    moments = [(tf.Variable(tf.zeros_like(p)), tf.Variable(tf.zeros_like(p))) for p in params]
    count, loss_sum, hits = tf.Variable(0.0), tf.Variable(0.0), tf.Variable(0, dtype=tf.int64)

    def forward(x: tf.Tensor) -> tf.Tensor:
        if model == "mlp":
            return tf.nn.relu(x @ params[0] + params[1]) @ params[2] + params[3]
        for kernel, bias in (params[0:2], params[2:4]):
            x = tf.nn.max_pool2d(tf.nn.relu(tf.nn.conv2d(x, kernel, 1, "VALID") + bias), 2, 2, "VALID")
        return tf.nn.dropout(tf.reshape(x, (-1, 1600)), 0.5) @ params[4] + params[5]

    @tf.function(reduce_retracing=True)
    def step(x: tf.Tensor, y: tf.Tensor) -> None:
        with tf.GradientTape() as tape:
            logits = forward(x)
            loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(y, logits))
        grads = tape.gradient(loss, params)
        t = count.assign_add(1.0)
        rate = 1e-3 * tf.sqrt(1 - 0.999**t) / (1 - 0.9**t)
        for p, (m, v), g in zip(params, moments, grads, strict=True):
            m.assign(0.9 * m + 0.1 * g)
            v.assign(0.999 * v + 0.001 * g * g)
            p.assign_sub(rate * m / (tf.sqrt(v) + 1e-7))
        loss_sum.assign_add(loss)
        hits.assign_add(tf.reduce_sum(tf.cast(tf.argmax(logits, -1) == tf.argmax(y, -1), tf.int64)))

    batches = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(len(x)).batch(batch).prefetch(2)

    def run() -> None:
        loss_sum.assign(0.0)
        for images, labels in batches:
            step(images, labels)
        float(loss_sum)

    return run
