"""Train a small convolutional network on handwritten digits and print its test accuracy.

`nox -s demo`, or `KERAS_LITE_BACKEND=torch python examples/demo.py --epochs 2`.  The data is MNIST, from the cache or downloaded;
without a network, the digits that ship with the package.
"""

from __future__ import annotations

import argparse

import numpy as np

import keras_lite as keras
from keras_lite import layers


def load_data():
    """Images in [0, 1] with a channel axis, labels, and what they are."""
    try:
        (x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
        name, brightest = "MNIST", 255
    except OSError as error:
        print(f"MNIST is not to be had: {error}")
        (x_train, y_train), (x_test, y_test) = keras.datasets.digits.load_data()
        name, brightest = "the shipped 8x8 digits", 16
    x_train, x_test = (np.expand_dims(x, -1).astype("float32") / brightest for x in (x_train, x_test))
    return (x_train, y_train), (x_test, y_test), name


def make_model(input_shape):
    """Two convolutions with pooling, dropout, and a softmax over the ten digits."""
    padding = "valid" if input_shape[0] > 8 else "same"
    return keras.Sequential([
        keras.Input(shape=input_shape),
        layers.Conv2D(32, kernel_size=(3, 3), padding=padding, activation="relu"),
        layers.MaxPooling2D(pool_size=(2, 2)),
        layers.Conv2D(64, kernel_size=(3, 3), padding=padding, activation="relu"),
        layers.MaxPooling2D(pool_size=(2, 2)),
        layers.Flatten(),
        layers.Dropout(0.5),
        layers.Dense(10, activation="softmax"),
    ])


def main():
    """Load, build, train, evaluate."""
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("--epochs", type=int, help="default: 5 on MNIST, 30 on the small digits")
    epochs = arguments.parse_args().epochs
    keras.utils.set_random_seed(0)
    (x_train, y_train), (x_test, y_test), name = load_data()
    print(f"{len(x_train)} training images of {name}, on the {keras.config.backend()} engine")

    model = make_model(x_train.shape[1:])
    model.summary()
    model.compile(loss="sparse_categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    model.fit(x_train, y_train, batch_size=128 if len(x_train) > 10_000 else 32, validation_split=0.1,
              epochs=epochs or (5 if len(x_train) > 10_000 else 30))

    loss, accuracy = model.evaluate(x_test, y_test, verbose=0)
    print(f"Test loss: {loss:.4f}")
    print(f"Test accuracy: {accuracy:.4f} ({name})")


if __name__ == "__main__":
    main()
