"""Optimizer: from gradients to new values of variables.

A subclass names its slots (the variables it keeps beside each trained one) and defines `update`, one call of an op of the table on
lists of tensors: engines run it fused.  The base does the rest: clipping, decay, averages, accumulation, constraints.
"""

from __future__ import annotations

import collections
import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from keras_lite import ops
from keras_lite.engine import registry
from keras_lite.engine.dtypes import COMPLEX
from keras_lite.engine.errors import invalid, unknown_arguments, wrong_type
from keras_lite.optimizers.accumulation import Accumulation, is_weighed
from keras_lite.optimizers.averages import Averages
from keras_lite.optimizers.checks import check_kinds, check_numbers, check_pattern, checked_rate
from keras_lite.optimizers.clipping import clipped
from keras_lite.optimizers.own_variables import OwnVariables
from keras_lite.saving.configurable import Configurable, constructor_parameters
from keras_lite.state.calls import accepts
from keras_lite.state.names import auto_name, name_scope, to_snake_case
from keras_lite.state.replicas import mean_across_replicas
from keras_lite.state.scope import Scope
from keras_lite.state.variable import Variable


class Row(NamedTuple):
    """A gradient, its variable, and the variable's place among the trained ones."""

    gradient: Any
    variable: Variable
    place: int


class Optimizer(OwnVariables, Accumulation, Averages, Configurable):
    """Base of optimizers.

    Args:
        learning_rate: a number, a scalar variable, or a callable: a schedule of the step, or a function without arguments.
        weight_decay: share of each variable that is taken off at each step (times the learning rate).
        clipnorm: largest norm of each single gradient.
        clipvalue: largest absolute value of an entry of a gradient.
        global_clipnorm: largest norm of all gradients together.
        use_ema: keep a moving average of the variables.
        ema_momentum: its momentum.
        ema_overwrite_frequency: after how many steps the average replaces the variables (None: when asked to).
        loss_scale_factor: factor of the loss, taken off the gradients again (for 16-bit floats).
        gradient_accumulation_steps: number of micro-batches whose gradients make one update, that of all their rows at once: a
            gradient counts as much as the loss of its micro-batch was divided by (`accumulation_weight`; see docs/weights.md).  `fit`
            ends each epoch with an update by what is left over (`apply_accumulated`).
        name: name of the optimizer.

    An optimizer of one's own names its slots and defines `update`, or defines `update_step` for one variable, as in Keras.
    """

    slots: tuple[tuple[str, ...], ...] = ()  # groups: the slots of a group stand together for each variable, one group after the other

    def __init__(self, learning_rate: Any, weight_decay: float | None = None, clipnorm: float | None = None,
                 clipvalue: float | None = None, global_clipnorm: float | None = None, use_ema: bool = False, ema_momentum: float = 0.99,
                 ema_overwrite_frequency: int | None = None, loss_scale_factor: float | None = None,
                 gradient_accumulation_steps: int | None = None, name: str | None = None, **kwargs: Any):
        if kwargs:
            known = constructor_parameters(type(self))  # type: ignore[arg-type]  # classes are hashable
            raise unknown_arguments(type(self).__name__, kwargs, known, invalid)
        self.weight_decay, self.clipnorm, self.clipvalue, self.global_clipnorm = weight_decay, clipnorm, clipvalue, global_clipnorm
        self.use_ema, self.ema_momentum, self.ema_overwrite_frequency = use_ema, ema_momentum, ema_overwrite_frequency
        self.loss_scale_factor, self.gradient_accumulation_steps = loss_scale_factor, gradient_accumulation_steps
        check_numbers(self, use_ema, ema_momentum)
        self.name, self.built = str(name or auto_name(to_snake_case(type(self).__name__))), False
        self._trained: list[Variable] = []
        self._slots: dict[str, list[Any]] = {}  # for each name the variables beside the trained ones, None where there is none
        self._added: list[Variable] = []
        self._no_decay: list[str] = []
        self._no_decay_variables: set[Variable] = set()
        self._groups: Sequence[Any] = ()  # of the trained variables, see `ParameterGroups`
        with name_scope(self.name):
            self._iterations = self._setting(0, "int32", "iteration")
            rate = checked_rate(type(self).__name__, learning_rate)
            fixed = callable(rate) or isinstance(rate, Variable)
            self._rate: Any = rate if fixed else self._setting(float(rate), "float32", "learning_rate")
        self._rate_takes_step, self._schedules = callable(rate) and accepts(rate, 0), 0

    # --- to be defined by subclasses ------------------------------------------------------------------------------------

    def update(self, params: list[Any], grads: list[Any], slots: dict[str, list[Any]],
               learning_rate: Any) -> tuple[list[Any], dict[str, list[Any]]]:
        """New values of the variables and of the slots (lists by name)."""
        raise NotImplementedError(f"{type(self).__name__} defines neither update() nor update_step()")

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        """Change one variable and its slots along its gradient; clipping and decay are not its matter."""
        self._write([Row(gradient, variable, self._places([variable])[0])], [variable.value], learning_rate)

    def _make_slot(self, name: str, variable: Variable) -> Variable | None:
        """The slot of a variable; None where it needs none of that name."""
        return self.add_variable_from_reference(variable, name)

    def _parts(self, rows: list[Row]) -> list[list[Row]]:
        """The rows that one call of `update` takes; with several, each has its own kind of slots."""
        return [rows]

    def _decay_of(self, variable: Variable) -> float | None:
        """The weight decay of a variable that is not excluded."""
        return self.weight_decay

    def _end_of_step(self) -> None:
        """What is to be done once for each update, after the variables have changed."""

    # --- variables ------------------------------------------------------------------------------------------------------

    def build(self, variables: Sequence[Variable]) -> None:
        """Make the slots for the variables to be trained."""
        if self.built:
            return
        self._trained = [v for v in variables if not v.overwrite_with_gradient]
        for variable in self._trained:
            if variable.dtype in COMPLEX:
                raise wrong_type(type(self).__name__, f"the variable {variable.path} is {variable.dtype}; train its real and its imaginary "
                                                      "part, two real variables, and make complex numbers of them where they are used")
        if self._trained:
            self._on_engine_of(self._trained[0])
        if self.use_ema:
            self._slots["average"] = list(self.add_optimizer_variables(self._trained, "average"))
        self._make_accumulators()
        for group in self.slots:
            self._slots |= {name: [] for name in group}
            for variable in self._trained:
                for name in group:
                    self._slots[name].append(self._make_slot(name, variable))
        self.built = True

    def _on_engine_of(self, variable: Variable) -> None:
        """Move the counters to the engine of the trained variables, if they were made on another one."""
        for own in self.variables:
            if own.engine is not variable.engine:
                own.move(variable.engine)

    @property
    def trained(self) -> list[Variable]:
        """The variables that it was built for."""
        return list(self._trained)

    @property
    def iterations(self) -> Any:
        """Number of updates so far."""
        steps = self.gradient_accumulation_steps
        return ops.floor_divide(self._iterations, steps) if steps else self._iterations

    @iterations.setter
    def iterations(self, value: Any) -> None:
        self._iterations.assign(value if not self.gradient_accumulation_steps else value * self.gradient_accumulation_steps)

    def _step_number(self) -> Any:
        """The number of the update that is being made, from 1."""
        return ops.cast(ops.add(self.iterations, 1), "float32")

    @property
    def learning_rate(self) -> Any:
        """The learning rate: a variable, or the present value of the schedule."""
        if isinstance(self._rate, Variable):
            return self._rate
        return self._rate(self.iterations) if self._rate_takes_step else self._rate()

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        value = checked_rate(self.name, value)
        if callable(value):
            self._rate, self._rate_takes_step, self._schedules = value, accepts(value, 0), self._schedules + 1
        elif isinstance(self._rate, Variable):
            self._rate.assign(value)
        else:
            raise invalid(f"{self.name}.learning_rate", "it is a schedule; to set a number, make the optimizer with a number")

    @property
    def lr(self) -> Any:
        """The learning rate."""
        return self.learning_rate

    @lr.setter
    def lr(self, value: Any) -> None:
        self.learning_rate = value

    def _argument(self, name: str, declared_by: type) -> Any:
        if name == "learning_rate":
            return float(self._rate.numpy()) if isinstance(self._rate, Variable) else self._rate
        return super()._argument(name, declared_by)

    @property
    def program_key(self) -> tuple[Any, ...]:
        """Another one wherever a compiled step would be another one: for each optimizer, and after a new schedule."""
        return self._iterations.key, self._schedules

    # --- applying -------------------------------------------------------------------------------------------------------

    def scale_loss(self, loss: Any) -> Any:
        """`loss` times the loss scale."""
        return loss if self.loss_scale_factor is None else ops.multiply(loss, self.loss_scale_factor)

    def apply_gradients(self, grads_and_vars: Any) -> Any:
        """As `apply`, for pairs of a gradient and a variable."""
        pairs = list(grads_and_vars)
        self.apply([g for g, _ in pairs], [v for _, v in pairs])
        return self._iterations

    def apply(self, grads: Sequence[Any], trainable_variables: Sequence[Variable] | None = None) -> None:
        """Change the variables by one step along their gradients.  A gradient of None leaves its variable as it is; for no gradients of
        no variables nothing is done.

        After the update come the moving averages, and last, at every step, the constraints: whatever was done, they hold.
        """
        given = self._paired(grads, trainable_variables)
        if not given:
            return
        with registry.using(given[0][1].owner or registry.current()):
            rows = []
            for gradient, variable in given:
                if variable.overwrite_with_gradient:
                    variable.assign(gradient)
                else:
                    rows.append((gradient, variable))
            self._apply([Row(g, v, i) for (g, v), i in zip(rows, self._places([v for _, v in rows]), strict=True)])

    def _paired(self, grads: Sequence[Any], trainable_variables: Sequence[Variable] | None) -> list[tuple[Any, Variable]]:
        """The gradients that there are, each with its variable; builds the optimizer, unless there is neither a gradient nor a variable."""
        if trainable_variables is None and not self.built:
            raise invalid(f"{self.name}.apply", "which variables? Give them, or build the optimizer first: optimizer.build(variables)")
        variables, grads = list(trainable_variables) if trainable_variables is not None else self.trained, list(grads)
        if not variables and not grads:
            return []
        self.build(variables)
        if len(grads) != len(variables):
            raise invalid(f"{self.name}.apply", f"got {len(grads)} gradients for {len(variables)} variables")
        given = [(g, v) for g, v in zip(mean_across_replicas(grads), variables, strict=True) if g is not None]
        if not given:
            raise invalid(f"{self.name}.apply", "no variable has a gradient; in a compiled step take them by keras_lite.value_and_grad: "
                                                "what the framework has for it, a tape or backward(), needs compile(run_eagerly=True)")
        check_kinds(f"{self.name}.apply", given)
        return given

    def _apply(self, rows: list[Row]) -> None:
        if self.gradient_accumulation_steps:
            self._accumulate(rows)
        else:
            self._step(rows)
        self._settle(rows)
        self._iterations.assign(ops.add(self._iterations, 1))

    def _settle(self, rows: list[Row]) -> None:
        """What comes after an update, and after each step while gradients gather: averages and constraints."""
        if self.use_ema:
            self._average(ops.add(self.iterations, 1))
        for variable in (row.variable for row in rows if row.variable.constraint is not None):
            variable.assign(variable.constraint(variable.value))

    def _rows_of(self, places: Iterable[int]) -> list[Row]:
        """Rows without gradients."""
        return [Row(None, self._trained[place], place) for place in places]

    def _places(self, variables: list[Variable]) -> list[int]:
        index = {v.key: i for i, v in enumerate(self._trained)}
        unknown = [v.path for v in variables if v.key not in index]
        if unknown:
            raise invalid(f"{self.name}.apply", f"variables {unknown} were not there when the optimizer was built; "
                                               "compile the model again after its layers or their `trainable` change")
        places = [index[v.key] for v in variables]
        if len(set(places)) < len(places):
            twice = sorted({v.path for v, place in zip(variables, places, strict=True) if places.count(place) > 1})
            raise invalid(f"{self.name}.apply", f"variables {twice} are given more than once; give each one with the sum of its gradients")
        return places

    def _get_variable_index(self, variable: Variable) -> int:
        """Place of a variable among the trained ones: subclasses written for Keras ask for it."""
        return self._places([variable])[0]

    def _step(self, rows: list[Row]) -> None:
        """Clip, and update group by group of parameters; mostly there is one."""
        if self.loss_scale_factor is not None:
            rows = [row._replace(gradient=ops.divide(row.gradient, self.loss_scale_factor)) for row in rows]
        groups: dict[Any, list[Row]] = collections.defaultdict(list)
        for row in rows:
            groups[self._groups[row.place] if self._groups else None].append(row)
        shared = [row for group, members in groups.items() if group is None or not group.clips for row in members]
        short = dict(zip([row.place for row in shared], self._clipped(shared, self), strict=True))
        rate = self.learning_rate
        for group, members in groups.items():
            own = [short[row.place] for row in members] if group is None or not group.clips else self._clipped(members, group)
            members = [row._replace(gradient=g) for row, g in zip(members, own, strict=True)]
            if group is None:
                self._descend(members, rate)
            else:
                group.run(self.iterations, lambda m=members, g=group: self._descend(m, g.rate(rate, self.iterations), g))
        self._end_of_step()

    @staticmethod
    def _clipped(rows: list[Row], limits: Any) -> list[Any]:
        return clipped([row.gradient for row in rows], limits.clipnorm, limits.clipvalue, limits.global_clipnorm)

    def _descend(self, rows: list[Row], rate: Any, group: Any = None) -> None:
        by_variable = type(self).update is Optimizer.update and type(self).update_step is not Optimizer.update_step
        for part in self._parts(rows):
            values = self._decayed([row.variable for row in part], rate, group)
            if by_variable:
                for row, value in zip(part, values, strict=True):
                    row.variable.assign(value)
                    self.update_step(row.gradient, row.variable, rate)
            else:
                self._write(part, values, rate)

    def _write(self, rows: list[Row], values: list[Any], rate: Any) -> None:
        """Let `update` compute from values of the variables, and assign what it gives."""
        places = [row.place for row in rows]
        kept = {name: [self._slots[name][i] for i in places] for group in self.slots for name in group}
        kept = {name: slots for name, slots in kept.items() if all(slot is not None for slot in slots)}
        slots = {name: [slot.value for slot in variables] for name, variables in kept.items()}
        values, slots = self.update(values, [row.gradient for row in rows], slots, ops.convert_to_tensor(rate))
        for row, value in zip(rows, values, strict=True):
            row.variable.assign(value)
        for name, variables in kept.items():
            for variable, value in zip(variables, slots[name], strict=True):
                variable.assign(value)

    # --- weight decay ---------------------------------------------------------------------------------------------------

    def _decayed(self, variables: list[Variable], rate: Any, group: Any) -> list[Any]:
        """The variables' values, less the weight decay."""
        replaced = None if group is None else group.weight_decay
        shares = [(self._decay_of(v) if replaced is None else replaced) if self._use_weight_decay(v) else None for v in variables]
        keep = {(share, v.dtype): ops.cast(ops.subtract(1.0, ops.multiply(rate, share)), v.dtype)
                for share, v in zip(shares, variables, strict=True) if share}
        return [ops.multiply(v, keep[share, v.dtype]) if share else v.value for share, v in zip(shares, variables, strict=True)]

    def exclude_from_weight_decay(self, var_list: Sequence[Variable] | None = None, var_names: Sequence[str] | None = None) -> None:
        """Leave variables out of the weight decay, or those in whose names one of the regular expressions `var_names` is found."""
        if self.built:
            raise invalid(f"{self.name}.exclude_from_weight_decay", "must be called before the optimizer is built")
        self._no_decay_variables |= set(var_list or [])
        for pattern in var_names or []:
            check_pattern(f"{self.name}.exclude_from_weight_decay", pattern)
        self._no_decay += list(var_names or [])

    def _use_weight_decay(self, variable: Variable) -> bool:
        return variable not in self._no_decay_variables and not any(re.search(name, variable.name) for name in self._no_decay)

    # --- without side effects -------------------------------------------------------------------------------------------

    def stateless_apply(self, optimizer_variables: Any, grads: Any, trainable_variables: Any) -> tuple[list[Any], list[Any]]:
        """New values of the trained variables and of the optimizer's, from their values and the gradients."""
        if not self.built:
            raise invalid(f"{self.name}.stateless_apply", "the optimizer must be built first: optimizer.build(variables)")
        if self._weights_gathered and is_weighed():
            raise invalid(f"{self.name}.stateless_apply", "its variables have no place for the weights of micro-batches; leave "
                                                          "`accumulation_weight` out, or use `apply`")
        variables, own = self.trained, self.variables
        bindings = [*zip(variables, trainable_variables, strict=True), *zip(own, optimizer_variables, strict=True)]
        with Scope(bindings) as scope:
            self.apply(grads, variables)
        return [scope.value_of(v) for v in variables], [scope.value_of(v) for v in own]

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
        """An optimizer from `get_config`'s dictionary."""
        from keras_lite.saving.custom_objects import custom_object_scope

        with custom_object_scope(custom_objects or {}):
            return super().from_config(config)
