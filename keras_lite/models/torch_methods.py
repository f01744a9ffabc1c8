"""What a model offers to programs written for PyTorch, on its engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from keras_lite.engine.errors import invalid, not_there


class TorchMethods:
    """Methods of a `torch.nn.Module` for models on the torch engine; NotImplementedError on others, ValueError before it is built.

    Names of parameters and buffers are the paths of the variables.
    """

    name: str  # these three are of the layer that this is a part of
    built: bool
    _home: Callable[[], Any]

    def as_torch_module(self) -> Any:
        """The model as a `torch.nn.Module` that holds the same tensors, to stand inside other modules.

        `train()` and `eval()` of the module say what `training` is in its calls.
        """
        engine = self._home()
        make = getattr(engine, "as_module", None)
        if make is None:
            raise not_there("as_torch_module", f"needs a model on the torch engine, {self.name} is on {engine.name}: "
                                               'model.to_backend("torch") makes such a one')
        if not self.built:
            raise invalid("as_torch_module", f"{self.name} has no parameters before it is built; call it, or build(input_shape)")
        return make(self)

    def parameters(self, recurse: bool = True) -> Iterator[Any]:
        """The parameters, for optimizers of PyTorch."""
        parameters: Iterator[Any] = self.as_torch_module().parameters(recurse)
        return parameters

    def named_parameters(self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True) -> Iterator[tuple[str, Any]]:
        """The parameters with their names."""
        named: Iterator[tuple[str, Any]] = self.as_torch_module().named_parameters(prefix, recurse, remove_duplicate)
        return named

    def state_dict(self, *args: Any, **kwargs: Any) -> Any:
        """Parameters and buffers by name."""
        return self.as_torch_module().state_dict(*args, **kwargs)

    def load_state_dict(self, state_dict: Any, strict: bool = True, assign: bool = False) -> Any:
        """Take the values of `state_dict`; they are copied, so `assign` must be False."""
        if assign:
            raise invalid("load_state_dict", "values are copied into the variables; leave assign=False")
        return self.as_torch_module().load_state_dict(state_dict, strict)

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients that `loss.backward()` has left with the parameters."""
        self.as_torch_module().zero_grad(set_to_none)

    def to(self, *args: Any, **kwargs: Any) -> Any:
        """Move the variables to another device, and return the model; ValueError for another dtype."""
        self.as_torch_module().to(*args, **kwargs)
        return self
