"""Random numbers: one stream on every engine (`keras.random`)."""

from keras_lite.random.distributions import categorical, dropout, normal, randint, shuffle, truncated_normal, uniform
from keras_lite.random.rejection import beta, binomial, gamma
from keras_lite.random.seed_generator import SeedGenerator

__all__ = ["SeedGenerator", "beta", "binomial", "categorical", "dropout", "gamma", "normal", "randint", "shuffle", "truncated_normal",
           "uniform"]
