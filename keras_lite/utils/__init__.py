"""Helpers around models: preparing labels and data, seeding, and what is in `backend` and `saving` too."""

from keras_lite.backend import clear_session, is_keras_tensor, standardize_dtype
from keras_lite.saving import (
    CustomObjectScope,
    custom_object_scope,
    deserialize_keras_object,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
    serialize_keras_object,
)
from keras_lite.utils.numerical import normalize, to_categorical
from keras_lite.utils.seeding import set_random_seed

__all__ = ["CustomObjectScope", "clear_session", "custom_object_scope", "deserialize_keras_object", "get_custom_objects",
           "get_registered_name", "get_registered_object", "is_keras_tensor", "normalize", "register_keras_serializable",
           "serialize_keras_object", "set_random_seed", "standardize_dtype", "to_categorical"]
