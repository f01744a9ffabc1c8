"""The layers' parity matrix on the installed engines, or on the one that KERAS_LITE_BACKEND names; all of it with KERAS_LITE_FULL=1."""

from __future__ import annotations

import collections
import os
import re
from typing import Any

import pytest

from keras_lite import layers, ops
from keras_lite.engine import registry
from keras_lite.testing.layer_cases import CASES, WITHOUT, classes, own_cases
from keras_lite.testing.layer_checks import CELLS, CHECKS, QUICK, cells

pytestmark = pytest.mark.filterwarnings("ignore:You passed `rms_scaling:UserWarning", "ignore:layer_normalization:DeprecationWarning")


@pytest.mark.parametrize(("check", "case"), CELLS if os.environ.get("KERAS_LITE_FULL") else QUICK, ids=str)
def test_layer(engine: Any, check: str, case: Any) -> None:
    CHECKS[check](case)


def test_every_layer_has_cases() -> None:
    """At least four; what has none says why."""
    count = collections.Counter(case.cls for case in CASES)
    few = {name: count[name] for name in classes() if count[name] < 4}
    assert few == dict.fromkeys(WITHOUT, 0), "a layer has at least four `cases`: CONTRIBUTING.md"


class Fade(layers.Layer):
    """`before * (1 - share) + after * share`, with a learnt share for each feature, and a count of the calls while training."""

    supports_masking = True

    def build(self, before_shape: Any, after_shape: Any) -> None:
        self.share = self.add_weight((before_shape[-1],), "zeros", name="share")
        self.calls = self.add_weight((), "zeros", dtype="int32", trainable=False, name="calls")

    def call(self, before: Any, after: Any, training: bool = False) -> Any:
        if training:
            self.calls.assign_add(1)
        return ops.add(ops.multiply(before, ops.subtract(1, self.share)), ops.multiply(after, self.share))

    cases = (
        ({}, {"before": (2, 4, 3), "after": (2, 4, 3)}),
        ({"dtype": "mixed_bfloat16"}, {"before": (2, 3), "after": (2, 3)}, "float32", True),
        ({}, {"before": (2, 3), "after": (2, 3)}, {"after": "int32"}),
    )


class Faulty(layers.Layer):
    """The layer inside has no dtype policy, the config lacks an argument, and the shape of the output is another one."""

    cases = (({"units": 2}, (2, 4, 3)),)

    def __init__(self, units: int, **kwargs: Any):
        super().__init__(**kwargs)
        self.inner = layers.Dense(units, name="inner")

    def get_config(self) -> dict[str, Any]:
        return {key: value for key, value in super().get_config().items() if key != "units"}

    def build(self, input_shape: Any) -> None:
        self.inner.build(input_shape)

    def call(self, x: Any) -> Any:
        return self.inner(x)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape


def _brought(cls: type, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The checks of the cases that a class brings once it is in a module of the package and exported."""
    monkeypatch.setattr(cls, "__module__", "keras_lite.layers.new")
    monkeypatch.setattr(layers, cls.__name__, cls, raising=False)
    monkeypatch.setattr(layers, "__all__", [*layers.__all__, cls.__name__])
    return {f"{check} {case}": (CHECKS[check], case) for check, case in cells([c for c in own_cases() if c.cls == cls.__name__])}


def test_a_layer_brings_its_checks(engine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A class with `cases` that is exported has all of them, and passes them."""
    found = _brought(Fade, monkeypatch)
    assert {name.rpartition(" Fade")[0] for name in found} == set(CHECKS)
    for check, case in found.values():
        check(case)


@pytest.mark.parametrize(("check", "message"), [
    ("shapes", "(None, 4, 3) for (2, 4, 2)"), ("config", "units"), ("mixed precision", "the output is float32, not bfloat16")])
def test_the_checks_find_faults(monkeypatch: pytest.MonkeyPatch, check: str, message: str) -> None:
    """The checks fail for what is wrong in a layer, and say what it is."""
    found = _brought(Faulty, monkeypatch)
    with registry.using("numpy"), pytest.raises((AssertionError, ValueError), match=re.escape(message)):
        found[f"{check} Faulty(units=2)"][0](found[f"{check} Faulty(units=2)"][1])
