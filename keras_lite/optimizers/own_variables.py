"""The variables of an optimizer: making them, setting them, storing them."""

from __future__ import annotations

from collections.abc import Iterable, MutableMapping, Sequence
from typing import TYPE_CHECKING, Any

from keras_lite import initializers, ops
from keras_lite.engine import registry
from keras_lite.engine.errors import invalid
from keras_lite.state.names import name_scope
from keras_lite.state.variable import Variable


class OwnVariables:
    """What `Optimizer` knows about its own variables; they are listed in the order in which they were made, as in Keras's files."""

    name: str
    _iterations: Variable
    _rate: Any
    _added: list[Variable]

    if TYPE_CHECKING:
        @property
        def _weights_gathered(self) -> list[Variable]: ...

    @staticmethod
    def _setting(value: float, dtype: str, name: str) -> Variable:
        return Variable(value, dtype=dtype, trainable=False, autocast=False, name=name, aggregation="only_first_replica")

    @property
    def variables(self) -> list[Variable]:
        """The step counter, the learning rate and the slots, in Keras's order."""
        return [self._iterations, *([self._rate] if isinstance(self._rate, Variable) else []), *self._added]

    def add_variable(self, shape: Any, initializer: Any = "zeros", dtype: Any = None, aggregation: str = "none", layout: Any = None,
                     name: str | None = None) -> Variable:
        """A variable of the optimizer."""
        with name_scope(self.name):
            self._added.append(Variable(initializers.get(initializer), shape=shape, dtype=dtype, trainable=False, autocast=False,
                                        aggregation=aggregation, layout=layout, name=name))
        return self._added[-1]

    def add_variable_from_reference(self, reference_variable: Variable, name: str | None = None, initializer: Any = "zeros") -> Variable:
        """A variable of the shape and dtype of another one, named after it."""
        return self._beside(reference_variable, f"{_flat(reference_variable)}_{name or 'var'}", reference_variable.shape, initializer)

    def _beside(self, reference: Variable, name: str, shape: Any, initializer: Any = "zeros") -> Variable:
        with registry.using(reference.engine):
            return self.add_variable(shape, initializer, reference.dtype, name=name)

    def add_optimizer_variables(self, trainable_variables: Iterable[Variable], name: Any, initializer: Any = "zeros") -> Any:
        """A variable beside each of the given ones: a list; for several names a tuple of lists."""
        names = [name] if isinstance(name, str) else list(name)
        first = list(initializer) if isinstance(initializer, (list, tuple)) else [initializer] * len(names)
        if len(first) != len(names):
            raise invalid(f"{self.name}.add_optimizer_variables", f"got {len(first)} initializers for {len(names)} names")
        rows = [[self.add_variable_from_reference(v, *pair) for pair in zip(names, first, strict=True)] for v in trainable_variables]
        lists = tuple([row[i] for row in rows] for i in range(len(names)))
        return lists[0] if isinstance(name, str) else lists

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Set all variables, in the order of `variables`."""
        values, variables = list(weights), self.variables
        if len(values) != len(variables):
            raise invalid(f"{self.name}.set_weights", f"got {len(values)} values for {len(variables)} variables")
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value)
        for variable in self._weights_gathered:
            variable.assign(0.0)

    def save_own_variables(self, store: MutableMapping[str, Any]) -> None:
        """Put the values of all variables into `store`, under their numbers."""
        store.update({str(i): variable.numpy() for i, variable in enumerate(self.variables)})

    def load_own_variables(self, store: MutableMapping[str, Any]) -> None:
        """Set all variables from what `save_own_variables` stored; raises ValueError where the numbers of variables differ."""
        self.set_weights([store[str(i)] for i in range(len(store))])

    # --- for subclasses written for Keras -------------------------------------------------------------------------------

    def assign(self, variable: Variable, value: Any) -> None:
        """Set a variable."""
        variable.assign(value)

    def assign_add(self, variable: Variable, value: Any) -> None:
        """Add to a variable, in its dtype."""
        variable.assign(ops.add(variable, ops.cast(value, variable.dtype)))

    def assign_sub(self, variable: Variable, value: Any) -> None:
        """Subtract from a variable, in its dtype."""
        variable.assign(ops.subtract(variable, ops.cast(value, variable.dtype)))


def _flat(variable: Variable) -> str:
    return variable.path.replace("/", "_")
