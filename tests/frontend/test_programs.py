"""Composites as one program each, where eager calls are compiled anyway: nothing but the time may tell."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from keras_lite import config, ops
from keras_lite.ops import programs

X = np.arange(32, dtype="float32").reshape(1, 4, 4, 2)


@pytest.fixture
def made(engine: Any, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The programs made in a test, on an engine that makes some."""
    if not engine.eager_compiles:
        pytest.skip(f"{engine.name} makes no programs")
    known: dict[str, Any] = {}
    monkeypatch.setattr(programs, "_programs", known)
    return known


def test_results_are_those_of_the_body(engine: Any, made: dict[str, Any]) -> None:
    x = ops.convert_to_tensor(X)
    found = ops.convert_to_numpy(ops.softmax(x, axis=2))
    assert list(made) == ["softmax"]
    np.testing.assert_allclose(found, ops.convert_to_numpy(ops.softmax.op.body(x, axis=2)), rtol=1e-6)


def test_settings_are_those_of_the_call(engine: Any, made: dict[str, Any]) -> None:
    x, before = ops.convert_to_tensor(X), config.image_data_format()
    assert tuple(ops.average_pool(x, 2).shape) == (1, 2, 2, 2)
    try:
        config.set_image_data_format("channels_first")
        assert tuple(ops.average_pool(x, 2).shape) == (1, 4, 2, 1)
    finally:
        config.set_image_data_format(before)
    assert len(made["average_pool"]) == 2


def test_each_setting_has_its_programs(engine: Any, made: dict[str, Any]) -> None:
    x, generator, flash = ops.convert_to_tensor(X), config.random(), config.is_flash_attention_enabled()
    try:
        ops.softmax(x)
        config.set_random("native" if generator == "portable" else "portable")
        ops.softmax(x)
        config.enable_flash_attention() if flash is False else config.disable_flash_attention()
        ops.softmax(x)
        with config.second_order():
            ops.softmax(x)
    finally:
        config.set_random(generator)
        config._settings["flash_attention"] = flash
    assert len(made["softmax"]) == 4


def test_numbers_that_vary_make_few_programs(engine: Any, made: dict[str, Any]) -> None:
    x = ops.convert_to_tensor(X)
    for slope in (0.1, 0.2, 0.3):
        ops.leaky_relu(x, slope)
    assert "leaky_relu" not in made
    made["roll"] = dict.fromkeys(range(programs._MOST))
    assert ops.convert_to_numpy(ops.roll(x, 1)).ravel()[0] == 31
    assert len(made["roll"]) == programs._MOST


def test_values_that_are_read_are_read(engine: Any, made: dict[str, Any]) -> None:
    ids = ops.convert_to_tensor(np.array([0, 2, 2], "int32"))
    for _ in range(2):
        assert ops.convert_to_numpy(ops.segment_sum(ops.ones(3), ids)).tolist() == [1.0, 0.0, 2.0]
    assert list(made["segment_sum"].values()) == [None]


def test_what_fails_says_so(engine: Any, made: dict[str, Any]) -> None:
    singular = ops.convert_to_tensor(np.ones((2, 2), "float32"))
    with pytest.raises(ValueError, match="inv: the matrix is singular"):
        ops.linalg.inv(singular)
    assert np.isnan(ops.convert_to_numpy(ops.linalg.inv(ops.multiply(singular, np.nan)))).all()
    with pytest.raises(ValueError, match="softmax: axis 3 is out of range"):
        ops.softmax(singular, 3)
    ops.softmax(singular, 1)
    assert all(made["softmax"].values())
