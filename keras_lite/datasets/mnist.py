"""MNIST: 70,000 images of handwritten digits, 28x28 pixels (Y. LeCun, C. Cortes and C. Burges, licence CC BY-SA 3.0)."""

from __future__ import annotations

import os
import pathlib

import numpy as np

from keras_lite.datasets.archive import Split, check_pairs, read_arrays
from keras_lite.utils.files import cached_download

URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
SHA256 = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"
WHERE = "mnist.load_data"


def load_data(path: str | os.PathLike[str] = "mnist.npz") -> Split:
    """60,000 images to train with and 10,000 to test with, downloaded once into the folder `datasets` of `config.home()`.

    Args:
        path: a bare file name is looked for in that folder, downloaded when absent, and must have the published SHA-256
            either way.  A path with a folder in it is a file of your own: the names, shapes and dtypes of its arrays are checked.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: images (n, 28, 28) uint8 with values from 0 to 255, labels (n,) uint8.

    Raises:
        OSError: the file is neither there nor to be had; the message says where to put it.
        ValueError: the file is not what it should be.
    """
    given = pathlib.Path(path).expanduser()
    if os.path.dirname(path):
        if not given.is_file():
            raise FileNotFoundError(f"{WHERE}: there is no file {given}; without `path` the data set is downloaded")
    else:
        given = cached_download(WHERE, given.name, URL, SHA256)
    image, label = ((None, 28, 28), np.uint8), ((None,), np.uint8)
    arrays = read_arrays(WHERE, given, {"x_train": image, "y_train": label, "x_test": image, "y_test": label})
    split = (arrays["x_train"], arrays["y_train"]), (arrays["x_test"], arrays["y_test"])
    check_pairs(WHERE, given, split, classes=10)
    return split
