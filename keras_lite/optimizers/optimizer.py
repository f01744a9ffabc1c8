"""Optimizer: from gradients to new values of variables.

A subclass names its slots (the variables it keeps beside each trained one) and defines `update`, one call of an op of the table on
lists of tensors: engines run it fused.  The base does the rest: clipping, decay, averages, accumulation, constraints.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

from keras_lite import initializers, ops
from keras_lite.engine import registry
from keras_lite.engine.dtypes import COMPLEX
from keras_lite.engine.errors import invalid, unknown_arguments, wrong_type
from keras_lite.saving.configurable import Configurable, constructor_parameters
from keras_lite.state.calls import accepts
from keras_lite.state.names import auto_name, name_scope, to_snake_case
from keras_lite.state.replicas import mean_across_replicas
from keras_lite.state.scope import Scope
from keras_lite.state.variable import Variable


class Optimizer(Configurable):
    """Base of optimizers.

    Args:
        learning_rate: a number, or a callable: a schedule of the step, or a function without arguments.
        weight_decay: share of each variable that is taken off at each step (times the learning rate).
        clipnorm: largest norm of each single gradient.
        clipvalue: largest absolute value of an entry of a gradient.
        global_clipnorm: largest norm of all gradients together.
        use_ema: keep a moving average of the variables.
        ema_momentum: its momentum.
        ema_overwrite_frequency: after how many steps the average replaces the variables (None: when asked to).
        loss_scale_factor: factor of the loss, taken off the gradients again (for 16-bit floats).
        gradient_accumulation_steps: number of steps whose gradients make one update.
        name: name of the optimizer.
    """

    slots: tuple[tuple[str, ...], ...] = ()  # groups: the slots of a group stand together for each variable, one group after the other

    def __init__(self, learning_rate: Any, weight_decay: float | None = None, clipnorm: float | None = None,
                 clipvalue: float | None = None, global_clipnorm: float | None = None, use_ema: bool = False, ema_momentum: float = 0.99,
                 ema_overwrite_frequency: int | None = None, loss_scale_factor: float | None = None,
                 gradient_accumulation_steps: int | None = None, name: str | None = None, **kwargs: Any):
        if kwargs:
            known = constructor_parameters(type(self))  # type: ignore[arg-type]  # classes are hashable
            raise unknown_arguments(type(self).__name__, kwargs, known, invalid)
        _check_numbers(self, weight_decay, clipnorm, clipvalue, global_clipnorm, ema_momentum, ema_overwrite_frequency,
                       loss_scale_factor, gradient_accumulation_steps, use_ema)
        self.name = _chosen_name(type(self), name)
        self.weight_decay, self.clipnorm, self.clipvalue, self.global_clipnorm = weight_decay, clipnorm, clipvalue, global_clipnorm
        self.use_ema, self.ema_momentum, self.ema_overwrite_frequency = use_ema, ema_momentum, ema_overwrite_frequency
        self.loss_scale_factor, self.gradient_accumulation_steps = loss_scale_factor, gradient_accumulation_steps
        self.built = False
        self._trained: list[Variable] = []
        self._slots: dict[str, list[Variable]] = {}
        self._no_decay: list[str] = []
        self._no_decay_keys: set[int] = set()
        with name_scope(self.name):
            self._iterations = self._setting(0, "int32", "iteration")
            rate = _checked_rate(type(self).__name__, learning_rate)
            self._rate: Any = rate if callable(rate) else self._setting(float(rate), "float32", "learning_rate")
        self._rate_takes_step, self._schedules = callable(learning_rate) and accepts(learning_rate, 0), 0

    @staticmethod
    def _setting(value: float, dtype: str, name: str) -> Variable:
        return Variable(value, dtype=dtype, trainable=False, autocast=False, name=name, aggregation="only_first_replica")

    # --- to be defined by subclasses ------------------------------------------------------------------------------------

    def update(self, params: list[Any], grads: list[Any], slots: dict[str, list[Any]],
               learning_rate: Any) -> tuple[list[Any], dict[str, list[Any]]]:
        """New values of the variables and of the slots (lists by name)."""
        raise NotImplementedError(f"{type(self).__name__} defines no update()")

    # --- variables ------------------------------------------------------------------------------------------------------

    def build(self, variables: Sequence[Variable]) -> None:
        """Make the slots for the variables to be trained."""
        if self.built:
            return
        self._trained = list(variables)
        for variable in self._trained:
            if variable.dtype in COMPLEX:
                raise wrong_type(type(self).__name__, f"the variable {variable.path} is {variable.dtype}; train its real and its imaginary "
                                                      "part, two real variables, and make complex numbers of them where they are used")
        if self._trained:
            self._on_engine_of(self._trained[0])
        for group in self._groups():
            self._slots |= {name: [] for name in group}
            for variable in self._trained:
                for name in group:
                    self._slots[name].append(self.add_variable_from_reference(variable, name))
        self.built = True

    def _groups(self) -> list[tuple[str, ...]]:
        """All groups of slots, in Keras's order."""
        own = [*([("average",)] if self.use_ema else []), *([("gradient_accumulator",)] if self.gradient_accumulation_steps else [])]
        return [*own, *self.slots]

    def _on_engine_of(self, variable: Variable) -> None:
        """Move the counters to the engine of the trained variables, if they were made on another one."""
        for own in (self._iterations, self._rate):
            if isinstance(own, Variable) and own.engine is not variable.engine:
                own.move(variable.engine)

    def add_variable_from_reference(self, reference_variable: Variable, name: str, initializer: str = "zeros") -> Variable:
        """A variable of the shape and dtype of another one."""
        with name_scope(self.name), registry.using(reference_variable.engine):
            return Variable(initializers.get(initializer), shape=reference_variable.shape, dtype=reference_variable.dtype, trainable=False,
                            autocast=False, name=f"{reference_variable.path.replace('/', '_')}_{name}")

    @property
    def trained(self) -> list[Variable]:
        """The variables that it was built for."""
        return list(self._trained)

    @property
    def variables(self) -> list[Variable]:
        """The step counter, the learning rate and the slots."""
        own = [self._iterations] + ([self._rate] if isinstance(self._rate, Variable) else [])
        groups = self._groups() if self.built else []
        return own + [self._slots[name][i] for group in groups for i in range(len(self._trained)) for name in group]

    @property
    def iterations(self) -> Any:
        """Number of updates so far."""
        steps = self.gradient_accumulation_steps
        return ops.floor_divide(self._iterations, steps) if steps else self._iterations

    @iterations.setter
    def iterations(self, value: Any) -> None:
        self._iterations.assign(value if not self.gradient_accumulation_steps else value * self.gradient_accumulation_steps)

    @property
    def learning_rate(self) -> Any:
        """The learning rate: a variable, or the present value of the schedule."""
        if isinstance(self._rate, Variable):
            return self._rate
        return self._rate(self.iterations) if self._rate_takes_step else self._rate()

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        value = _checked_rate(self.name, value)
        if callable(value):
            self._rate, self._rate_takes_step, self._schedules = value, accepts(value, 0), self._schedules + 1
        elif isinstance(self._rate, Variable):
            self._rate.assign(value)
        else:
            raise invalid(f"{self.name}.learning_rate", "it is a schedule; to set a number, make the optimizer with a number")

    lr = learning_rate

    def _argument(self, name: str, declared_by: type) -> Any:
        if name == "learning_rate":
            return float(self._rate.numpy()) if isinstance(self._rate, Variable) else self._rate
        return super()._argument(name, declared_by)

    @property
    def program_key(self) -> tuple[int, int]:
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
        """Change the variables by one step along their gradients.  A gradient of None leaves its variable as it is.

        After the update come the moving averages, and last, at every step, the constraints: whatever was done, they hold.
        """
        variables = list(trainable_variables) if trainable_variables is not None else self._trained
        if not self.built:
            self.build(variables)
        grads = list(grads)
        if len(grads) != len(variables):
            raise invalid(f"{self.name}.apply", f"got {len(grads)} gradients for {len(variables)} variables")
        places = self._places(variables)
        given = [(g, v, i) for g, v, i in zip(mean_across_replicas(grads), variables, places, strict=True) if g is not None]
        if not given:
            raise invalid(f"{self.name}.apply", "no variable has a gradient")
        with registry.using(variables[0].owner or registry.current()):
            if self.gradient_accumulation_steps:
                self._accumulate(given)
            else:
                self._step(given)
            if self.use_ema:
                self._average([(v, self._slots["average"][i]) for _, v, i in given])
            for variable in (v for _, v, _ in given if v.constraint is not None):
                variable.assign(variable.constraint(variable.value))
            self._iterations.assign(ops.add(self._iterations, 1))

    def _places(self, variables: list[Variable]) -> list[int]:
        index = {v.key: i for i, v in enumerate(self._trained)}
        unknown = [v.path for v in variables if v.key not in index]
        if unknown:
            raise invalid(f"{self.name}.apply", f"variables {unknown} were not there when the optimizer was built; "
                                               "compile the model again after its layers or their `trainable` change")
        return [index[v.key] for v in variables]

    def _accumulate(self, given: list[tuple[Any, Variable, int]]) -> None:
        """Add to the accumulators; every n-th time make an update with their mean and clear them."""
        count: Any = self.gradient_accumulation_steps
        due = ops.equal(ops.mod(ops.add(self._iterations, 1), count), 0)
        rows = [self._slots["gradient_accumulator"][i] for _, _, i in given]
        totals = [ops.add(row, g) for row, (g, _, _) in zip(rows, given, strict=True)]
        with Scope() as scope:
            self._step([(ops.divide(total, float(count)), v, i) for total, (_, v, i) in zip(totals, given, strict=True)])
        for variable in scope.written:
            variable.assign(ops.where(due, scope.value_of(variable), variable.value))
        for row, total in zip(rows, totals, strict=True):
            row.assign(ops.where(due, ops.zeros_like(total), total))

    def _step(self, given: list[tuple[Any, Variable, int]]) -> None:
        variables = [v for _, v, _ in given]
        grads = self._clipped([g for g, _, _ in given])
        rate = self.learning_rate
        params = self._decayed(variables, rate)
        slots = {name: [self._slots[name][i].value for _, _, i in given] for group in self.slots for name in group}
        params, slots = self.update(params, grads, slots, ops.convert_to_tensor(rate))
        for variable, value in zip(variables, params, strict=True):
            variable.assign(value)
        for name, values in slots.items():
            for (_, _, i), value in zip(given, values, strict=True):
                self._slots[name][i].assign(value)

    def _clipped(self, grads: list[Any]) -> list[Any]:
        if self.loss_scale_factor is not None:
            grads = [ops.divide(g, self.loss_scale_factor) for g in grads]
        if self.clipvalue is not None:
            grads = [ops.clip(g, -self.clipvalue, self.clipvalue) for g in grads]
        if self.clipnorm is not None:
            grads = [_shortened(g, ops.sum(ops.square(g)), self.clipnorm) for g in grads]
        if self.global_clipnorm is not None:
            square = ops.cast(ops.sum(ops.square(grads[0])), "float32")
            for g in grads[1:]:
                square = ops.add(square, ops.cast(ops.sum(ops.square(g)), "float32"))
            grads = [_shortened(g, square, self.global_clipnorm) for g in grads]
        return grads

    def _decayed(self, variables: list[Variable], rate: Any) -> list[Any]:
        """The variables' values, less the weight decay."""
        if self.weight_decay is None:
            return [v.value for v in variables]
        keep = ops.subtract(1.0, ops.multiply(rate, self.weight_decay))
        return [ops.multiply(v, ops.cast(keep, v.dtype)) if self._use_weight_decay(v) else v.value for v in variables]

    def exclude_from_weight_decay(self, var_list: Sequence[Variable] | None = None, var_names: Sequence[str] | None = None) -> None:
        """Leave variables, or those whose path contains one of the names, out of the weight decay."""
        if self.built:
            raise invalid(f"{self.name}.exclude_from_weight_decay", "must be called before the optimizer is built")
        self._no_decay_keys |= {v.key for v in var_list or []}
        self._no_decay += list(var_names or [])

    def _use_weight_decay(self, variable: Variable) -> bool:
        return variable.key not in self._no_decay_keys and not any(name in variable.path for name in self._no_decay)

    # --- moving averages ------------------------------------------------------------------------------------------------

    def _average(self, pairs: list[tuple[Variable, Variable]]) -> None:
        """At each step, also while gradients gather; the averaged values are those before the constraints."""
        m = self.ema_momentum
        step = ops.add(self.iterations, 1)
        for variable, average in pairs:
            first = ops.equal(step, 1)
            mixed = ops.add(ops.multiply(average, m), ops.multiply(variable, 1.0 - m))
            average.assign(ops.where(first, variable.value, mixed))
            if self.ema_overwrite_frequency:
                due = ops.equal(ops.mod(step, self.ema_overwrite_frequency), 0)
                variable.assign(ops.where(due, average.value, variable.value))

    def finalize_variable_values(self, var_list: Sequence[Variable]) -> None:
        """At the end of training: replace the variables by their moving averages, where these are kept."""
        if self.use_ema and self.built:
            index = {v.key: i for i, v in enumerate(self._trained)}
            for variable in var_list:
                if variable.key in index:
                    variable.assign(self._slots["average"][index[variable.key]].value)

    # --- without side effects -------------------------------------------------------------------------------------------

    def stateless_apply(self, optimizer_variables: Any, grads: Any, trainable_variables: Any) -> tuple[list[Any], list[Any]]:
        """New values of the trained variables and of the optimizer's, from their values and the gradients."""
        if not self.built:
            raise invalid(f"{self.name}.stateless_apply", "the optimizer must be built first: optimizer.build(variables)")
        variables, own = self._trained, self.variables
        bindings = [*zip(variables, trainable_variables, strict=True), *zip(own, optimizer_variables, strict=True)]
        with Scope(bindings) as scope:
            self.apply(grads, variables)
        return [scope.value_of(v) for v in variables], [scope.value_of(v) for v in own]


def _chosen_name(cls: type, name: str | None) -> str:
    """`name`, or an automatic one ("adam", "adam_1") where it is only the default of the signature, as in Keras."""
    parameter = inspect.signature(cls).parameters.get("name")  # a subclass may do without
    default = None if parameter is None else parameter.default
    return auto_name(to_snake_case(cls.__name__)) if name in (None, default) else str(name)


def _checked_rate(where: str, value: Any) -> Any:
    """`value`, a learning rate or a schedule; raises ValueError for what is neither."""
    is_number = isinstance(value, (int, float)) or getattr(value, "shape", None) == ()
    if isinstance(value, (bool, str)) or not (is_number or callable(value)):
        raise invalid(where, f"learning_rate must be a float or a schedule (a function of the step), got {value!r}")
    return value


def _shortened(gradient: Any, square: Any, limit: float) -> Any:
    """`gradient` scaled so that a norm whose square is given is at most `limit`; a norm of 0 stays."""
    norm = ops.sqrt(ops.where(ops.equal(square, 0), 1.0, square))
    factor = ops.divide(limit, ops.maximum(norm, limit))
    return ops.multiply(gradient, ops.cast(factor, ops.dtype(gradient)))


def _check_numbers(self: Any, weight_decay: Any, clipnorm: Any, clipvalue: Any, global_clipnorm: Any, ema_momentum: Any,
                   ema_overwrite_frequency: Any, loss_scale_factor: Any, accumulation: Any, use_ema: bool) -> None:
    """Raise ValueError for arguments that make no sense."""
    name = type(self).__name__
    if sum(x is not None for x in (clipnorm, clipvalue, global_clipnorm)) > 1:
        raise invalid(name, f"at most one kind of clipping: clipnorm={clipnorm}, clipvalue={clipvalue}, global_clipnorm={global_clipnorm}")
    for key, value in (("clipnorm", clipnorm), ("clipvalue", clipvalue), ("global_clipnorm", global_clipnorm),
                       ("loss_scale_factor", loss_scale_factor)):
        if value is not None and not value > 0:
            raise invalid(name, f"{key} must be positive, got {value!r}")
    if weight_decay is not None and not weight_decay >= 0:
        raise invalid(name, f"weight_decay must not be negative, got {weight_decay!r}")
    if use_ema and not 0 <= ema_momentum <= 1:
        raise invalid(name, f"ema_momentum must lie in [0, 1], got {ema_momentum!r}")
    if ema_overwrite_frequency is not None and (not isinstance(ema_overwrite_frequency, int) or ema_overwrite_frequency < 1):
        raise invalid(name, f"ema_overwrite_frequency must be a positive int, got {ema_overwrite_frequency!r}")
    if accumulation is not None and (not isinstance(accumulation, int) or accumulation < 2):
        raise invalid(name, f"gradient_accumulation_steps must be an int of at least 2, got {accumulation!r}")
