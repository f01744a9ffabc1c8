"""A model as a module of PyTorch: its parameters and buffers are the tensors that hold the variables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from keras_lite.engine.errors import invalid


class ModelModule(torch.nn.Module):
    """A model as a module; parameters and buffers have the paths of the variables as names.

    Both sides hold the same tensors: a step of torch's optimizers changes the model, and `fit` changes the module.  `train()` and
    `eval()` say what `training` is in calls.
    """

    def __init__(self, model: Any):
        super().__init__()
        object.__setattr__(self, "model", model)  # no submodule
        self._variables_by_name: dict[str, Any] = {}
        for variable in model.variables:
            name, number = variable.path, 1
            while name in self._variables_by_name:  # paths may be equal, names can't
                name, number = f"{variable.path}_{number}", number + 1
            self._variables_by_name[name] = variable
            if isinstance(variable.held, torch.nn.Parameter):
                self.register_parameter(name, variable.held)
            else:
                self.register_buffer(name, variable.held)

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        return self.model(*args, **{"training": self.training, **kwargs})

    def _bring_up_to_date(self) -> None:
        """Put into the tensors what compiled steps have left beside them."""
        for variable in self._variables_by_name.values():
            variable.held  # noqa: B018

    def _save_to_state_dict(self, *args: Any) -> None:
        self._bring_up_to_date()
        super()._save_to_state_dict(*args)

    def _load_from_state_dict(self, *args: Any) -> None:
        self._bring_up_to_date()
        super()._load_from_state_dict(*args)

    def _apply(self, fn: Callable[[torch.Tensor], torch.Tensor], recurse: bool = True) -> ModelModule:
        """What `to()`, `cuda()` and the like do: other places are fine, other dtypes are said by a dtype policy."""
        if fn(torch.zeros(())).dtype is not torch.float32:
            raise invalid("as_torch_module", "the dtypes of a model are fixed when it is made: by config.set_dtype_policy, or by the "
                                             "argument dtype of its layers")
        self._bring_up_to_date()
        super()._apply(fn, recurse)
        for name, variable in self._variables_by_name.items():
            variable.share(self._parameters[name] if name in self._parameters else self._buffers[name])
        return self


def as_module(model: Any) -> torch.nn.Module:
    return ModelModule(model)
