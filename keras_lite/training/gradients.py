"""`value_and_grad`: gradients of a function with respect to variables, on every engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from keras_lite.engine import registry
from keras_lite.engine.errors import invalid
from keras_lite.ops.data import refuse_complex
from keras_lite.state.scope import Scope
from keras_lite.state.variable import Variable


def value_and_grad(fn: Callable[[], Any], variables: Sequence[Variable], has_aux: bool = False) -> tuple[Any, list[Any]]:
    """The value of `fn()` and its gradients with respect to `variables`.

    Args:
        fn: returns a scalar, or with `has_aux` a pair of a scalar and any nest of tensors.  What it assigns to variables
            (counters, moving averages) stays assigned.
        variables: the variables to differentiate by.  The gradient of a complex one is the derivative by its real part plus i times that
            by its imaginary part, the direction of the steepest ascent, on every engine.
        has_aux: whether `fn` returns a pair; then the value is that pair.

    >>> import keras_lite
    >>> v = keras_lite.Variable(3.0)
    >>> value, (gradient,) = value_and_grad(lambda: keras_lite.ops.square(v), [v])
    >>> float(value), float(gradient)
    (9.0, 6.0)
    """
    variables = list(variables)
    for variable in variables:
        if not isinstance(variable, Variable):
            raise invalid("value_and_grad", f"expected variables, got {variable!r}")
    engine = registry.current()
    if not engine.is_abstract and variables:
        engine = variables[0].owner or engine
    written: list[Variable] = []

    def pure(tensors: list[Any]) -> tuple[Any, Any]:
        with Scope(zip(variables, tensors, strict=True)) as scope:
            result = fn()
        value, aux = result if has_aux else (result, None)
        if tuple(value.shape) != ():
            raise invalid("value_and_grad", f"the function must return a scalar, got shape {tuple(value.shape)}; a loss with "
                                             "reduction='none' has a value for each entry")
        refuse_complex("value_and_grad", registry.current().dtype_of(value))
        written[:] = scope.written
        return value, (aux, [scope.value_of(v) for v in written])

    with registry.using(engine), registry.differentiating():
        value, (aux, writes), gradients = engine.value_and_grad(pure, [v.value for v in variables])
    for variable, new in zip(written, writes, strict=True):
        variable.assign(new)
    return ((value, aux) if has_aux else value), gradients
