"""Handwritten digits, 8x8 pixels: small, real, and inside the package, so that examples run without a network.

The images are the test part of "Optical Recognition of Handwritten Digits" (E. Alpaydin and C. Kaynak, 1998, UCI Machine
Learning Repository, https://doi.org/10.24432/C50P49, licence CC BY 4.0), as scikit-learn (BSD-3-Clause) distributes them.
"""

from __future__ import annotations

import pathlib

import numpy as np

from keras_lite.datasets.archive import Split, read_arrays

TEST_IMAGES = 360


def load_data() -> Split:
    """1,797 images of the digits 0 to 9: the first 1,437 to train with, the last 360 (other writers, mostly) to test.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: images (n, 8, 8) uint8 with values from 0 to 16, labels (n,) int64.

    >>> (x_train, y_train), (x_test, y_test) = load_data()
    >>> x_train.shape, y_train.shape, x_test.shape, y_test.shape
    ((1437, 8, 8), (1437,), (360, 8, 8), (360,))
    """
    path = pathlib.Path(__file__).with_name("digits8x8.npz")
    arrays = read_arrays("digits.load_data", path, {"x": ((None, 8, 8), np.uint8), "y": ((None,), np.int64)})
    x, y = arrays["x"], arrays["y"]
    return (x[:-TEST_IMAGES], y[:-TEST_IMAGES]), (x[-TEST_IMAGES:], y[-TEST_IMAGES:])
