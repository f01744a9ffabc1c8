"""Constructor arguments of a wrong kind: each is refused by a clear error, when the layer is made or called, or has a meaning."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from keras_lite import layers
from keras_lite.engine import registry
from keras_lite.engine.errors import is_clear
from keras_lite.testing.layer_cases import CASES

FIRST = {case.cls: case for case in reversed(CASES)}
WRONG = [0, -1, 2.5, float("nan"), float("inf"), "abc", True, None, (1, 2, 3, 4), [], np.float32(2), np.int64(2), {}, object(), b"x", (2,),
         [1.5], 1e30, -0.5]


@pytest.fixture(autouse=True)
def _on_numpy() -> Iterator[None]:
    with registry.using("numpy"), np.errstate(all="ignore"):
        yield


def parameters(cls: Any) -> list[str]:
    found = list(inspect.signature(cls).parameters.values())
    return [*(p.name for p in found if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)), "name", "dtype", "activity_regularizer"]


@pytest.mark.parametrize("name", sorted(FIRST))
def test_wrong_arguments_give_clear_errors(name: str) -> None:
    case = FIRST[name]
    args, kwargs = case.data()
    for parameter in parameters(getattr(layers, name)):
        for wrong in WRONG:
            try:
                case._replace(args={**case.args, parameter: wrong}).make(layers)(*args, **kwargs)
            except Exception as error:
                assert is_clear(error), f"{parameter}={wrong!r}: {error!r}"


@pytest.mark.parametrize(("make", "message"), [
    (lambda: layers.BatchNormalization(momentum=float("nan")), "momentum must be a number from 0 to 1, got nan"),
    (lambda: layers.BatchNormalization(renorm=True, renorm_momentum=2.0), "renorm_momentum must be a number from 0 to 1, got 2.0"),
    (lambda: layers.LayerNormalization(epsilon=-1e-3), "epsilon must be a number, at least 0, got -0.001"),
    (lambda: layers.PReLU(shared_axes=[1.5]), "shared_axes must be"),
    (lambda: layers.GroupNormalization(0), "groups must be a positive int, got 0"),
])
def test_arguments_that_would_give_wrong_numbers(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()
