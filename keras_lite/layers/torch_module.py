"""TorchModuleWrapper: a module of PyTorch as a layer."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from keras_lite.engine import registry
from keras_lite.engine.errors import invalid
from keras_lite.layers import calling
from keras_lite.layers.foreign import of_engine
from keras_lite.layers.layer import Layer
from keras_lite.saving.serialization import is_in_memory
from keras_lite.state.variable import Variable
from keras_lite.symbolic.spec import KerasTensor


class TorchModuleWrapper(Layer):
    """A `torch.nn.Module` as a layer, on the torch engine; its parameters and buffers are the variables of the layer.

    Variables and module hold the same tensors: what one side changes the other sees.  Buffers (running means, ...) are variables that
    are not trained.

    Args:
        module: the module; lazy ones must have been called once.
        name: name of the layer.
        output_shape: shape of the output with the batch, if it is not to be inferred.

    Call arguments:
        *args, **kwargs: those of the module's `forward`.
        training: False puts the module into its evaluation mode; otherwise, as in Keras also when nothing is said, it trains.

    Raises:
        NotImplementedError: the active engine is not torch.
        TypeError: `module` is no module.
        ValueError: it is lazy.
    """

    def __init__(self, module: Any, name: str | None = None, output_shape: Any = None, **kwargs: Any):
        super().__init__(name=name, **kwargs)
        state = of_engine("TorchModuleWrapper", "module_state", "torch")
        self._call_module = of_engine("TorchModuleWrapper", "call_module", "torch")
        engine = self._home()
        self.output_shape = None if output_shape is None else tuple(output_shape)
        self._module, self._state = module, {}
        for key, tensor, trained in state(module, engine.devices()[0].replace("gpu", "cuda")):
            self._state[key] = variable = Variable(tensor, dtype=engine.dtype_of(tensor), trainable=trained, autocast=trained)
            variable.share(tensor)
            variable.trainable = trained and self.trainable
        self.built = True

    @property
    def module(self) -> Any:
        """The module, with the present values of the variables."""
        for variable in self._state.values():
            variable.held  # noqa: B018  # brings the tensor that the module shares up to date
        return self._module

    def parameters(self, recurse: bool = True) -> Iterator[Any]:
        """The module's parameters, for optimizers of torch."""
        return self.module.parameters(recurse=recurse)

    def call(self, *args: Any, training: bool | None = None, **kwargs: Any) -> Any:
        if registry.current().is_abstract:
            raise TypeError("only the torch engine itself can tell the shape of a module's output")
        values = {key: variable.value for key, variable in self._state.items()}
        result, changed = self._call_module(self._module, values, args, kwargs, training is not False)
        for key, value in changed.items():
            self._state[key].assign(value)
        return result

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Shape and dtype of the output: `output_shape`, or what the module gives for tensors of some sizes."""
        if self.output_shape is not None:
            return KerasTensor(self.output_shape, self.compute_dtype)
        return calling.spec_of_call(self, args, kwargs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """`output_shape`, or the shape that the module gives."""
        return self.output_shape if self.output_shape is not None else super().compute_output_shape(input_shape)

    def _argument(self, name: str, declared_by: type) -> Any:
        if name == "module":
            return copy.deepcopy(self.module) if is_in_memory() else self._module
        return super()._argument(name, declared_by)

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None, safe_mode: bool | None = None) -> Any:
        """A new instance; a pickled module, as Keras writes it, is not run."""
        if isinstance(config.get("module"), str):
            raise invalid("TorchModuleWrapper", "the config holds a pickled module, which could run any code; make the layer in Python "
                                                "and load its weights")
        return super().from_config(config)
