"""Random numbers: one stream on every engine."""

from keras_lite.random.seed_generator import SeedGenerator

__all__ = ["SeedGenerator"]
