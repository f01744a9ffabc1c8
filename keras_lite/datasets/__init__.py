"""Small data sets, ready to use: `mnist` is downloaded once, `digits` ships with the package."""

from keras_lite.datasets import digits, mnist

__all__ = ["digits", "mnist"]
