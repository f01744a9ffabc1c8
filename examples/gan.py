"""A small generative adversarial network (Goodfellow et al., 2014, https://arxiv.org/abs/1406.2661) on 8x8 digits.

Its `train_step` is written once, with keras_lite's own tools, and runs compiled on every engine:
`KERAS_LITE_BACKEND=torch python examples/gan.py --epochs 20`.
"""

from __future__ import annotations

import argparse

import numpy as np

import keras_lite as keras
from keras_lite import layers, ops

NOISE = 16


def make_generator():
    """(batch, NOISE) noise to (batch, 8, 8, 1) images in [0, 1]."""
    return keras.Sequential([
        keras.Input((NOISE,)),
        layers.Dense(4 * 4 * 32, activation="relu"),
        layers.Reshape((4, 4, 32)),
        layers.UpSampling2D(2),
        layers.Conv2D(16, 3, padding="same", activation="relu"),
        layers.Conv2D(1, 3, padding="same", activation="sigmoid"),
    ], name="generator")


def make_discriminator():
    """(batch, 8, 8, 1) images to (batch, 1) logits, high for real ones."""
    return keras.Sequential([
        keras.Input((8, 8, 1)),
        layers.Conv2D(32, 3, strides=2, padding="same", activation="relu"),
        layers.Flatten(),
        layers.Dropout(0.3),
        layers.Dense(64, activation="relu"),
        layers.Dense(1),
    ], name="discriminator")


class GAN(keras.Model):
    """Two networks with opposite aims, each with its optimizer."""

    def __init__(self, generator, discriminator):
        super().__init__()
        self.generator, self.discriminator = generator, discriminator
        self.noise = keras.random.SeedGenerator(1)
        self.generator_loss = keras.metrics.Mean(name="generator_loss")
        self.discriminator_loss = keras.metrics.Mean(name="discriminator_loss")
        self.built = True  # both networks have their weights; `fit` passes images, which `call` does not take

    def compile(self, generator_optimizer, discriminator_optimizer):
        super().compile()
        self.generator_optimizer, self.discriminator_optimizer = generator_optimizer, discriminator_optimizer
        self.cross_entropy = keras.losses.BinaryCrossentropy(from_logits=True)
        generator_optimizer.build(self.generator.trainable_variables)
        discriminator_optimizer.build(self.discriminator.trainable_variables)

    def call(self, noise):
        return self.generator(noise)

    def train_step(self, data):
        """One step of the discriminator on real and made images, then one of the generator."""
        (real,) = data
        count = ops.shape(real)[0]
        ones, zeros = ops.ones((count, 1)), ops.zeros((count, 1))

        def tell_apart():
            made = ops.stop_gradient(self.generator(keras.random.normal((count, NOISE), seed=self.noise), training=True))
            verdicts = self.discriminator(ops.concatenate([real, made]), training=True)
            return self.cross_entropy(ops.concatenate([ones, zeros]), verdicts), None

        def deceive():
            made = self.generator(keras.random.normal((count, NOISE), seed=self.noise), training=True)
            return self.cross_entropy(ones, self.discriminator(made, training=True)), made

        weights = self.discriminator.trainable_variables
        (loss, _), gradients = keras.value_and_grad(tell_apart, weights, has_aux=True)
        self.discriminator_optimizer.apply(gradients, weights)
        self.discriminator_loss.update_state(loss)

        weights = self.generator.trainable_variables
        (loss, _), gradients = keras.value_and_grad(deceive, weights, has_aux=True)
        self.generator_optimizer.apply(gradients, weights)
        self.generator_loss.update_state(loss)
        return {metric.name: metric.result() for metric in (self.discriminator_loss, self.generator_loss)}


def as_text(image):
    """An (8, 8) image as eight lines of characters, darker for higher values."""
    return ["".join(" .:-=+*#%@"[int(pixel * 9.99)] * 2 for pixel in row) for row in image]


def main():
    """Train, then show what the generator draws."""
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("--epochs", type=int, default=60)
    epochs = arguments.parse_args().epochs
    keras.utils.set_random_seed(0)
    (images, _), _ = keras.datasets.digits.load_data()
    images = np.expand_dims(images, -1).astype("float32") / 16

    gan = GAN(make_generator(), make_discriminator())
    gan.compile(keras.optimizers.Adam(2e-4, beta_1=0.5), keras.optimizers.Adam(2e-4, beta_1=0.5))
    gan.fit(images, batch_size=64, epochs=epochs, verbose=2)

    made = gan.predict(np.random.default_rng(0).normal(size=(6, NOISE)).astype("float32"), verbose=0)
    for lines in zip(*(as_text(image[..., 0]) for image in made), strict=True):
        print("  ".join(lines))


if __name__ == "__main__":
    main()
