"""Functional: the class of models made by `Model(inputs, outputs)`."""

from __future__ import annotations

from keras_lite.models.model import Model


class Functional(Model):
    """A model described by a graph."""
