"""Helpers around models: preparing labels and data, seeding."""

from keras_lite.utils.numerical import normalize, to_categorical
from keras_lite.utils.seeding import set_random_seed

__all__ = ["normalize", "set_random_seed", "to_categorical"]
