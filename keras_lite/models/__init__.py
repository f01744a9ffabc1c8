"""Models: networks that train."""

from keras_lite.models.cloning import clone_model, model_from_json
from keras_lite.models.model import Model
from keras_lite.models.sequential import Sequential

__all__ = ["Model", "Sequential", "clone_model", "model_from_json"]
