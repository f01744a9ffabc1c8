"""Several optimizers, each for some of the variables."""

from __future__ import annotations

import re
from collections.abc import Iterator, MutableMapping, Sequence
from typing import Any

from keras_lite import ops
from keras_lite.engine.errors import invalid, not_there, wrong_type
from keras_lite.optimizers.checks import check_pattern
from keras_lite.optimizers.optimizer import Optimizer
from keras_lite.saving.configurable import Configurable
from keras_lite.state.variable import Variable


class OptimizerMap(Configurable, MutableMapping[str, Optimizer]):
    """Which optimizer a variable gets, by its path.

    Args:
        default_optimizer: the one for variables that no key fits.
        optimizer_map: optimizers by regular expressions for the whole path.

    >>> import keras_lite
    >>> map = OptimizerMap(keras_lite.optimizers.SGD(), {".*embeddings": keras_lite.optimizers.Adam()})
    >>> map["embedding/embeddings"].name
    'adam'
    """

    def __init__(self, default_optimizer: Optimizer, optimizer_map: dict[str, Optimizer] | None = None):
        self._default = _optimizer("default_optimizer", default_optimizer)
        self._map: dict[str, Optimizer] = {}
        self.update(optimizer_map or {})

    @property
    def default_optimizer(self) -> Optimizer:
        """The optimizer of variables that no key fits."""
        return self._default

    def __getitem__(self, key: str) -> Optimizer:
        """The optimizer for a path; raises ValueError where several keys fit it."""
        if key in self._map:
            return self._map[key]
        fitting = [pattern for pattern in self._map if re.fullmatch(pattern, key)]
        if len(fitting) > 1:
            raise invalid("OptimizerMap", f"several keys fit {key!r}: {fitting}; write them so that one does")
        return self._map[fitting[0]] if fitting else self._default

    def __setitem__(self, key: str, optimizer: Optimizer) -> None:
        if key in self._map:
            raise invalid("OptimizerMap", f"there is an optimizer for {key!r} already; delete it first")
        if not isinstance(key, str):
            raise wrong_type("OptimizerMap", f"keys are regular expressions, got {key!r}")
        check_pattern("OptimizerMap", key)
        self._map[key] = _optimizer(f"the value of {key!r}", optimizer)

    def __delitem__(self, key: str) -> None:
        del self._map[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._map)

    def __len__(self) -> int:
        return len(self._map)

    def __contains__(self, key: object) -> bool:
        return key in self._map

    def __call__(self, variable: Variable) -> Optimizer:
        """The optimizer for a variable."""
        return self[variable.path]

    def _argument(self, name: str, declared_by: type) -> Any:
        return dict(self._map) if name == "optimizer_map" else super()._argument(name, declared_by)

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
        """A map from `get_config`'s dictionary."""
        from keras_lite.saving.custom_objects import custom_object_scope

        with custom_object_scope(custom_objects or {}):
            return super().from_config(config)


def _optimizer(what: str, value: Any) -> Optimizer:
    if not isinstance(value, Optimizer):
        raise wrong_type("OptimizerMap", f"{what} must be an optimizer, got {value!r}")
    return value


class MultiOptimizer(Optimizer):
    """One optimizer for some variables and others for others.

    Args:
        optimizer_map: an `OptimizerMap`, or a function that gives the optimizer of a variable.
        loss_scale_factor: factor of the loss, the same for all of them; None takes theirs.
        name: name of the optimizer.
    """

    def __init__(self, optimizer_map: Any, loss_scale_factor: float | None = None, name: str | None = None):
        if not isinstance(optimizer_map, OptimizerMap) and not callable(optimizer_map):
            raise wrong_type("MultiOptimizer", f"optimizer_map must be an OptimizerMap or a function, got {optimizer_map!r}")
        self._map = optimizer_map
        self._inner: list[Optimizer] = []
        if isinstance(optimizer_map, OptimizerMap):
            self._inner = _unique([*optimizer_map._map.values(), optimizer_map.default_optimizer])
        self._own_factor: float | None = None
        self.loss_scale_factor = loss_scale_factor
        super().__init__(0.0, name=name)

    @property
    def optimizers(self) -> list[Optimizer]:
        """The optimizers in it."""
        return list(self._inner)

    @property
    def loss_scale_factor(self) -> float | None:
        """The factor of the loss, which all optimizers in it share."""
        factors = {optimizer.loss_scale_factor for optimizer in self._inner} or {self._own_factor}
        if len(factors) > 1:
            raise invalid("MultiOptimizer", f"its optimizers have several loss scales, {sorted(map(str, factors))}; give it one for all")
        return factors.pop()

    @loss_scale_factor.setter
    def loss_scale_factor(self, value: float | None) -> None:
        if value is not None:
            self._own_factor = value
            for optimizer in self._inner:
                optimizer.loss_scale_factor = value

    @property
    def learning_rate(self) -> Any:
        """There is none: each optimizer has its own."""
        raise AttributeError(f"{self.name} has no learning rate of its own; those of its `optimizers` can be read and set")

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        raise AttributeError(f"{self.name} has no learning rate of its own; those of its `optimizers` can be read and set")

    @property
    def program_key(self) -> tuple[Any, ...]:
        """Another one wherever a compiled step would be another one."""
        return self._iterations.key, *(optimizer.program_key for optimizer in self._inner)

    def build(self, var_list: Sequence[Variable]) -> None:
        """Give each optimizer its variables."""
        if self.built:
            return
        self._trained = list(var_list)
        chosen = [_optimizer(f"what was given for {v.path}", self._map(v)) for v in self._trained]
        self._inner = _unique([*self._inner, *chosen])
        self.loss_scale_factor = self._own_factor
        self._shares = [[v for v, c in zip(self._trained, chosen, strict=True) if c is o] for o in self._inner]
        if self._trained:
            self._on_engine_of(self._trained[0])
        for optimizer, share in zip(self._inner, self._shares, strict=True):
            optimizer.build(share)
            if self._trained and not share:
                optimizer._on_engine_of(self._trained[0])
        self.built = True

    @property
    def variables(self) -> list[Variable]:
        """Its own counter and the variables of its optimizers."""
        return [*super().variables, *(v for optimizer in self._inner for v in optimizer.variables)]

    def apply(self, grads: Sequence[Any], trainable_variables: Sequence[Variable] | None = None) -> None:
        """Change the variables by one step of their optimizers."""
        gradient_of = {v.key: g for g, v in self._paired(grads, trainable_variables)}
        if not gradient_of:
            return
        unknown = set(gradient_of) - {v.key for v in self._trained}
        if unknown:
            self._places([v for v in trainable_variables or [] if v.key in unknown])
        for optimizer, share in zip(self._inner, self._shares, strict=True):
            own = [v for v in share if v.key in gradient_of]
            if own:
                optimizer.apply([gradient_of[v.key] for v in own], own)
        self._iterations.assign(ops.add(self._iterations, 1))

    def apply_accumulated(self) -> None:
        """Let each optimizer make an update with the gradients gathered since its last one."""
        for optimizer in self._inner:
            optimizer.apply_accumulated()

    @property
    def _weights_gathered(self) -> list[Variable]:
        return [v for optimizer in self._inner for v in optimizer._weights_gathered]

    def _number_gathered(self) -> Any:
        """That of its optimizers, if they all gather as many."""
        alike = len({optimizer.gradient_accumulation_steps for optimizer in self._inner}) == 1
        return self._inner[0]._number_gathered() if alike else None

    def _has_leftovers(self) -> bool:
        return any(optimizer._has_leftovers() for optimizer in self._inner)

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        """Change one variable as its optimizer does."""
        self._map(variable).update_step(gradient, variable, learning_rate)

    def exclude_from_weight_decay(self, var_list: Sequence[Variable] | None = None, var_names: Sequence[str] | None = None) -> None:
        """Leave variables out of the weight decay of all optimizers."""
        for optimizer in self._inner:
            optimizer.exclude_from_weight_decay(var_list, var_names)

    def _use_weight_decay(self, variable: Variable) -> bool:
        return self._map(variable)._use_weight_decay(variable)

    def finalize_variable_values(self, var_list: Sequence[Variable]) -> None:
        """At the end of training: replace the variables by their moving averages, where these are kept."""
        for optimizer in self._inner:
            optimizer.finalize_variable_values(var_list)

    def _argument(self, name: str, declared_by: type) -> Any:
        if name == "optimizer_map" and not isinstance(self._map, OptimizerMap):
            raise not_there("MultiOptimizer.get_config", "a function that chooses optimizers can't be described; give an OptimizerMap")
        return {"optimizer_map": self._map, "loss_scale_factor": self._own_factor}.get(name, getattr(self, name, None))


def _unique(optimizers: list[Optimizer]) -> list[Optimizer]:
    return list({id(optimizer): optimizer for optimizer in optimizers}.values())
