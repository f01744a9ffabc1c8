"""Metrics of margins: what outputs lack to lie on the right side by 1."""

from __future__ import annotations

from typing import Any

from keras_lite import losses
from keras_lite.metrics.means import MeanMetricWrapper


class Hinge(MeanMetricWrapper):
    """Mean of what outputs lack to lie on the side of their target, -1 or 1, by 1."""

    _direction = "down"

    def __init__(self, name: str = "hinge", dtype: Any = None):
        super().__init__(losses.hinge, name, dtype)


class SquaredHinge(MeanMetricWrapper):
    """Mean of the squares of what outputs lack to lie on the side of their target by 1."""

    _direction = "down"

    def __init__(self, name: str = "squared_hinge", dtype: Any = None):
        super().__init__(losses.squared_hinge, name, dtype)


class CategoricalHinge(MeanMetricWrapper):
    """Mean of what the output of the target's class lacks to exceed the others by 1."""

    _direction = "down"

    def __init__(self, name: str = "categorical_hinge", dtype: Any = None):
        super().__init__(losses.categorical_hinge, name, dtype)
