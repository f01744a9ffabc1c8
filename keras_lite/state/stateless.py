"""Running code with variables as pure functions have them: values come in, values go out, nothing stays."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from keras_lite.engine.errors import invalid, not_there, wrong_type
from keras_lite.state.scope import Scope
from keras_lite.state.variable import Variable


class StatelessScope(Scope):
    """Variables have other values inside, and what is assigned to them there stays in the scope.

    A step of `jax.jit` or of another program transformation passes the values in and asks for the new ones with `get_current_value`.
    Variables made inside keep their values.

    Args:
        state_mapping: pairs of a variable and its value inside: a tensor, array or number of the variable's shape.
        collect_losses: whether `losses` also gets the scalars that layers add when they are called inside.
        initialize_variables: True; a variable has its value from the moment it is made.

    Raises:
        TypeError: what stands first in a pair is no variable, or a value is no tensor.
        ValueError: a value has another shape than the variable.

    >>> v = Variable(1.0)
    >>> with StatelessScope([(v, 5.0)]) as scope:
    ...     v.assign_add(1.0)
    >>> float(scope.get_current_value(v)), float(v)
    (6.0, 1.0)
    """

    def __init__(self, state_mapping: Iterable[tuple[Variable, Any]] | None = None, collect_losses: bool = False,
                 initialize_variables: bool = True):
        if not initialize_variables:
            raise not_there("StatelessScope(initialize_variables=False)", "variables always have values; make them where they are wanted")
        super().__init__(_pair(pair) for pair in state_mapping or ())
        self.losses: list[Any] = []
        self.collected = self.losses if collect_losses else None

    def add_loss(self, loss: Any) -> None:
        """Add a scalar to `losses`."""
        self.losses.append(loss)

    def add_update(self, update: tuple[Variable, Any]) -> None:
        """Set the value that a variable has inside, given as a pair, as `assign` inside the scope does."""
        self.write(*_pair(update))

    def get_current_value(self, variable: Variable) -> Any:
        """The value that `variable` has in this scope; None where it is neither in the mapping nor assigned."""
        return self._values.get(variable.key)


def _pair(pair: Any) -> tuple[Variable, Any]:
    if not (isinstance(pair, (tuple, list)) and len(pair) == 2):
        raise invalid("StatelessScope", f"expected pairs of a variable and a value, got {pair!r}")
    variable, value = pair
    if not isinstance(variable, Variable):
        raise wrong_type("StatelessScope", f"expected a Variable first in each pair, got {variable!r}")
    return variable, variable.accepted("StatelessScope", value)
