"""What the constructors of optimizers check."""

from __future__ import annotations

import re
from typing import Any

from keras_lite import ops
from keras_lite.engine.dtypes import COMPLEX, is_float
from keras_lite.engine.errors import invalid, wrong_type


def checked_rate(where: str, value: Any) -> Any:
    """`value`, a learning rate or a schedule; raises ValueError for what is neither."""
    is_number = isinstance(value, (int, float)) or getattr(value, "shape", None) == ()
    if isinstance(value, (bool, str)) or not (is_number or callable(value)):
        raise invalid(where, f"learning_rate must be a float, a scalar variable or a schedule (a function of the step), got {value!r}")
    return value


def check_numbers(self: Any, use_ema: bool, ema_momentum: Any) -> None:
    """Raise ValueError for common arguments that make no sense."""
    name = type(self).__name__
    check_clipping(name, self.clipnorm, self.clipvalue, self.global_clipnorm)
    check_positive(name, loss_scale_factor=self.loss_scale_factor)
    check_not_negative(name, weight_decay=self.weight_decay)
    check_share(name, **({"ema_momentum": ema_momentum} if use_ema else {}))
    every, steps = self.ema_overwrite_frequency, self.gradient_accumulation_steps
    if every is not None and (not isinstance(every, int) or every < 1):
        raise invalid(name, f"ema_overwrite_frequency must be a positive int, got {every!r}")
    if steps is not None and (not isinstance(steps, int) or steps < 2):
        raise invalid(name, f"gradient_accumulation_steps must be an int of at least 2, got {steps!r}")


def check_clipping(name: str, clipnorm: Any, clipvalue: Any, global_clipnorm: Any) -> None:
    if sum(x is not None for x in (clipnorm, clipvalue, global_clipnorm)) > 1:
        raise invalid(name, f"at most one kind of clipping: clipnorm={clipnorm}, clipvalue={clipvalue}, global_clipnorm={global_clipnorm}")
    check_positive(name, clipnorm=clipnorm, clipvalue=clipvalue, global_clipnorm=global_clipnorm)


def check_pattern(name: str, pattern: str) -> None:
    """Raise ValueError for what is no regular expression."""
    try:
        re.compile(pattern)
    except re.error as error:
        raise invalid(name, f"{pattern!r} is no regular expression: {error}") from None


def check_kinds(where: str, given: list[tuple[Any, Any]]) -> None:
    """Raise TypeError for variables that are no floats, whose steps would be cut to integers, and for gradients that are complex."""
    kinds = {(getattr(g, "dtype", None), v.dtype, v.overwrite_with_gradient): (g, v) for g, v in given}  # few: this is done at each step
    for (_, dtype, overwritten), (gradient, variable) in kinds.items():
        if overwritten:
            continue
        if not is_float(dtype):
            raise wrong_type(where, f"the variable {variable.path} is {dtype} and can make no small steps; train a float variable")
        if ops.dtype(gradient) in COMPLEX:
            raise wrong_type(where, f"the gradient of {variable.path}, a {dtype} variable, is complex; take its real part")


def check_positive(name: str, **values: Any) -> None:
    _check(name, values, lambda x: x > 0, "be positive")


def check_not_negative(name: str, **values: Any) -> None:
    _check(name, values, lambda x: x >= 0, "not be negative")


def check_share(name: str, **values: Any) -> None:
    _check(name, values, lambda x: 0 <= x <= 1, "lie in [0, 1]")


def _check(name: str, values: dict[str, Any], is_right: Any, what: str) -> None:
    """Raise ValueError where a number (None is none) is not as it must be."""
    for key, value in values.items():
        if value is not None and (isinstance(value, (bool, str)) or not is_right(value)):
            raise invalid(name, f"{key} must {what}, got {value!r}")
