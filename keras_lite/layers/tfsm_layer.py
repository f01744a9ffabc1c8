"""TFSMLayer: a function of a TensorFlow SavedModel as a layer."""

from __future__ import annotations

import os
from typing import Any

from keras_lite.engine import registry
from keras_lite.engine.errors import invalid
from keras_lite.layers.foreign import of_engine
from keras_lite.layers.layer import Layer
from keras_lite.saving.serialization import is_in_memory
from keras_lite.state.scope import current_scope
from keras_lite.state.variable import Variable


class TFSMLayer(Layer):
    """A function of a TensorFlow SavedModel as a layer, on the tensorflow engine; the variables of the SavedModel are the layer's.

    Load only what you trust: a SavedModel is a program.

    Args:
        filepath: the folder of the SavedModel.
        call_endpoint: the function that is called: an attribute of the SavedModel or one of its signatures.
        call_training_endpoint: the one that is called while training, if it is another.
        trainable: whether its variables are trained.
        name, dtype: as in `Layer`.

    Raises:
        NotImplementedError: the active engine is not tensorflow.
        ValueError: there is no SavedModel, or it has no such function.
    """

    def __init__(self, filepath: Any, call_endpoint: str = "serve", call_training_endpoint: str | None = None, trainable: bool = True,
                 name: str | None = None, dtype: Any = None):
        load = of_engine("TFSMLayer", "load_saved_model", "tensorflow")
        super().__init__(trainable=trainable, name=name, dtype=dtype)
        engine = self._home()
        self.filepath, self.call_endpoint, self.call_training_endpoint = os.fspath(filepath), call_endpoint, call_training_endpoint
        self._loaded, held = load(self.filepath)
        self._call = engine.saved_function(self._loaded, call_endpoint)
        self._call_training = engine.saved_function(self._loaded, call_training_endpoint) if call_training_endpoint else self._call
        self._held = []
        for holder, trained in held:
            variable = Variable(engine.read(holder), dtype=engine.dtype_of(engine.read(holder)), trainable=trained,
                                name=holder.name.partition(":")[0].replace("/", "_"))
            variable.share(holder)
            variable.trainable = trained and trainable
            self._held.append(variable)
        self.built = True

    def call(self, inputs: Any, training: bool = False, **kwargs: Any) -> Any:
        if registry.current().is_abstract:
            raise TypeError("only TensorFlow itself can tell the shape of what a SavedModel gives")
        function = self._call_training if training else self._call
        holders = [v.held for v in self._held]
        if current_scope() is None:
            return function(inputs, **kwargs)
        result, values = self._home().call_saved(function, holders, [v.value for v in self._held], inputs, kwargs)
        for variable, value in zip(self._held, values, strict=True):
            if not variable.made_trainable:
                variable.assign(value)
        return result

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None, safe_mode: bool | None = None) -> Any:
        """A new instance.

        Raises ValueError unless `safe_mode` is False: a file that is loaded must not name another one whose code is then run.
        """
        if safe_mode is not False and not is_in_memory():
            raise invalid("TFSMLayer", f"the config names the SavedModel {config.get('filepath')!r}, whose code would be run; if you trust "
                                       "it, make the layer in Python, or by TFSMLayer.from_config(config, safe_mode=False)")
        return super().from_config(config)
