"""The layers' parity matrix on the installed engines, or on the one that KERAS_LITE_BACKEND names."""

from __future__ import annotations

from typing import Any

import pytest

from keras_lite.testing.layer_checks import CELLS, CHECKS

pytestmark = pytest.mark.filterwarnings("ignore:You passed `rms_scaling:UserWarning", "ignore:layer_normalization:DeprecationWarning")


@pytest.mark.parametrize(("check", "case"), CELLS, ids=str)
def test_layer(engine: Any, check: str, case: Any) -> None:
    CHECKS[check](case)
