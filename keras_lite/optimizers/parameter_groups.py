"""Parameter groups: other learning rates, decay, clipping and freezing for some of the variables."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from keras_lite import ops
from keras_lite.engine.errors import invalid, wrong_type
from keras_lite.optimizers.checks import check_clipping, check_not_negative, check_pattern, checked_rate
from keras_lite.optimizers.conditions import only_if
from keras_lite.optimizers.optimizer import Optimizer
from keras_lite.optimizers.wrapper import Wrapper
from keras_lite.saving.configurable import Configurable
from keras_lite.state.calls import accepts
from keras_lite.state.variable import Variable


class ParameterGroup(Configurable):
    """What is different for some of the variables; None leaves what the optimizer says.

    Args:
        match: which variables: a regular expression that is found in the path, a layer, a variable, a function of the variable, or a
            list of these, one of which must fit.
        learning_rate: a number, which can be set while training, or a schedule, in the place of the optimizer's.
        learning_rate_factor: factor of the learning rate, the optimizer's or the group's own.
        weight_decay: in the place of the optimizer's; 0 for none.
        clipnorm, clipvalue, global_clipnorm: in the place of all clipping of the optimizer; the norm is that of the group.
        frozen: whether the variables and their slots stay as they are: always (True), for the first so many updates (an int), or by a
            function of the number of updates so far.
    """

    def __init__(self, match: Any, learning_rate: Any = None, learning_rate_factor: float = 1.0, weight_decay: float | None = None,
                 clipnorm: float | None = None, clipvalue: float | None = None, global_clipnorm: float | None = None, frozen: Any = False):
        check_clipping("ParameterGroup", clipnorm, clipvalue, global_clipnorm)
        check_not_negative("ParameterGroup", weight_decay=weight_decay, learning_rate_factor=learning_rate_factor)
        if not callable(frozen) and (not isinstance(frozen, (bool, int)) or frozen < 0):
            raise invalid("ParameterGroup", f"frozen must be a bool, a number of updates or a function of it, got {frozen!r}")
        self.match = [_Match(item) for item in (match if isinstance(match, (list, tuple)) else [match])]
        rate: Any = None if learning_rate is None else checked_rate("ParameterGroup", learning_rate)
        fixed = rate is None or callable(rate) or isinstance(rate, Variable)
        self._rate: Any = rate if fixed else Variable(float(rate), dtype="float32", trainable=False, autocast=False, name="learning_rate",
                                                      aggregation="only_first_replica")
        self.learning_rate_factor, self.weight_decay, self.frozen = learning_rate_factor, weight_decay, frozen
        self.clipnorm, self.clipvalue, self.global_clipnorm = clipnorm, clipvalue, global_clipnorm

    @property
    def learning_rate(self) -> Any:
        """Its own learning rate, a variable or a schedule; None if it has none."""
        return self._rate

    @learning_rate.setter
    def learning_rate(self, value: float) -> None:
        if not isinstance(self._rate, Variable):
            raise invalid("ParameterGroup.learning_rate", "only a number can be set, where the group was made with one")
        self._rate.assign(value)

    @property
    def clips(self) -> bool:
        """Whether it has a clipping of its own."""
        return any(limit is not None for limit in (self.clipnorm, self.clipvalue, self.global_clipnorm))

    def fits(self, variable: Variable) -> bool:
        """Whether a variable belongs to the group."""
        return any(match(variable) for match in self.match)

    def rate(self, rate: Any, step: Any) -> Any:
        """The learning rate of a step, from that of the optimizer."""
        if isinstance(self._rate, Variable):
            rate = self._rate.value
        elif self._rate is not None:
            rate = self._rate(step) if accepts(self._rate, step) else self._rate()
        return rate if self.learning_rate_factor == 1.0 else ops.multiply(rate, float(self.learning_rate_factor))

    def run(self, step: Any, update: Callable[[], None]) -> None:
        """`update()`, unless the group is frozen after `step` updates."""
        if self.frozen is False:
            update()
        elif self.frozen is not True:
            frozen = self.frozen(step) if callable(self.frozen) else ops.less(step, self.frozen)
            only_if(ops.logical_not(ops.cast(frozen, "bool")), update)

    def _argument(self, name: str, declared_by: type) -> Any:
        if name == "match":
            return [described for match in self.match for described in match.described()]
        if name == "learning_rate" and isinstance(self._rate, Variable):
            return float(self._rate.numpy())
        return super()._argument(name, declared_by)


class _Match:
    """One of the things that choose variables."""

    def __init__(self, given: Any):
        self._given = given
        if isinstance(given, str):
            check_pattern("ParameterGroup", given)
        elif not (callable(given) or isinstance(given, Variable)):
            raise wrong_type("ParameterGroup", f"match must be a regular expression, a layer, a variable or a function, got {given!r}")

    def _variables(self) -> list[Variable] | None:
        return [self._given] if isinstance(self._given, Variable) else getattr(self._given, "variables", None)

    def __call__(self, variable: Variable) -> bool:
        if isinstance(self._given, str):
            return re.search(self._given, variable.path) is not None
        own = self._variables()
        return bool(self._given(variable)) if own is None else any(v is variable for v in own)

    def described(self) -> list[Any]:
        """What a config says: layers and variables are written as paths."""
        own = None if isinstance(self._given, str) else self._variables()
        return [self._given] if own is None else [f"^{re.escape(v.path)}$" for v in own]


class ParameterGroups(Wrapper):
    """Another optimizer with other settings for some of the variables.

    A variable belongs to the first group that fits it, and to none if none does.

    Args:
        inner_optimizer: what makes the updates.
        groups: the `ParameterGroup`s.
        name: name of the optimizer.

    >>> import keras_lite
    >>> no_decay = ParameterGroup("bias|gamma|beta", weight_decay=0.0)
    >>> slow = ParameterGroup("^backbone/", learning_rate_factor=0.1, frozen=100)
    >>> optimizer = ParameterGroups(keras_lite.optimizers.AdamW(1e-3), [no_decay, slow])
    """

    def __init__(self, inner_optimizer: Any, groups: Sequence[ParameterGroup] = (), name: str | None = None, **kwargs: Any):
        super().__init__(inner_optimizer, name, **kwargs)
        if isinstance(groups, ParameterGroup) or not all(isinstance(group, ParameterGroup) for group in groups):
            raise wrong_type("ParameterGroups", f"groups must be a list of ParameterGroup, got {groups!r}")
        self.groups = list(groups)
        self._added += [group.learning_rate for group in self.groups if isinstance(group.learning_rate, Variable)]

    def build(self, var_list: Sequence[Variable]) -> None:
        """Find the group of each variable, and build the inner optimizer."""
        if self.built:
            return
        super().build(var_list)
        found = [self._group_for(v) for v in self.trained]
        for group in self.groups:
            if group not in found:
                raise invalid(self.name, f"no variable belongs to the group of {[m.described() for m in group.match]}; the paths are "
                                         f"{[v.path for v in self.trained]}")
        for optimizer in _innermost(self.inner_optimizer):
            optimizer._groups = [self._group_for(v) for v in optimizer.trained]

    def _group_for(self, variable: Variable) -> ParameterGroup | None:
        return next((group for group in self.groups if group.fits(variable)), None)


def _innermost(optimizer: Optimizer) -> list[Optimizer]:
    """The optimizers that make the updates."""
    several = [optimizer.inner_optimizer] if isinstance(optimizer, Wrapper) else getattr(optimizer, "optimizers", None)
    return [optimizer] if several is None else [leaf for inner in several for leaf in _innermost(inner)]
