"""The layers' parity matrix on the installed engines, or on the one that KERAS_LITE_BACKEND names; all of it with KERAS_LITE_FULL=1."""

from __future__ import annotations

import os
from typing import Any

import pytest

from keras_lite.testing.layer_checks import CELLS, CHECKS, QUICK

pytestmark = pytest.mark.filterwarnings("ignore:You passed `rms_scaling:UserWarning", "ignore:layer_normalization:DeprecationWarning")


@pytest.mark.parametrize(("check", "case"), CELLS if os.environ.get("KERAS_LITE_FULL") else QUICK, ids=str)
def test_layer(engine: Any, check: str, case: Any) -> None:
    CHECKS[check](case)
