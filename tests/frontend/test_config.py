"""Settings: what the config file says is checked like what a program says."""

from __future__ import annotations

import json
import pathlib
import warnings
from typing import Any

import pytest

import keras_lite as keras
from keras_lite import config


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch, home: pathlib.Path) -> pathlib.Path:
    """No setting read yet, and an empty home folder to write the file into."""
    monkeypatch.setattr(config, "_settings", {})
    home.mkdir()
    return home / "keras_lite.json"


def test_the_file_sets_defaults(fresh: pathlib.Path) -> None:
    fresh.write_text(json.dumps({"floatx": "float64", "epsilon": 1e-5, "image_data_format": "Channels_First"}))
    assert (keras.config.floatx(), keras.config.epsilon(), keras.config.image_data_format()) == ("float64", 1e-5, "channels_first")


@pytest.mark.parametrize(("name", "value"), [("floatx", "float99"), ("epsilon", "small"), ("epsilon", -1.0), ("image_data_format", "foo")])
def test_wrong_values_in_the_file(fresh: pathlib.Path, name: str, value: Any) -> None:
    """The message names the file, the setting and the value."""
    fresh.write_text(json.dumps({name: value}))
    with pytest.raises(ValueError, match=rf"{name} in .*keras_lite.json: expected .* got {value!r}"):
        getattr(keras.config, name)()


def test_unknown_settings_in_the_file(fresh: pathlib.Path) -> None:
    fresh.write_text(json.dumps({"flaotx": "float32"}))
    with pytest.raises(ValueError, match="flaotx"):
        keras.config.floatx()


@pytest.mark.parametrize(("setter", "value"), [("set_floatx", "int32"), ("set_epsilon", 0), ("set_image_data_format", "last")])
def test_wrong_values_in_a_program(setter: str, value: Any) -> None:
    with pytest.raises(ValueError, match=f"got {value!r}"):
        getattr(keras.config, setter)(value)


def test_floats_narrower_than_floatx(engine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine without 64-bit floats is named once, with the way to get them; the others say nothing."""
    monkeypatch.setattr(config, "_warned", set())
    is_narrow = engine.canonical_dtype("float64") != "float64"
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            config.set_floatx("float64")
            variable = keras.Variable(keras.initializers.Zeros(), shape=(2,))
        finally:
            config.set_floatx("float32")
    messages = [str(w.message) for w in caught if "floatx" in str(w.message)]
    assert len(messages) == is_narrow
    assert variable.dtype == ("float32" if is_narrow else "float64")
    if is_narrow:
        assert f"floatx is float64, but {engine.name} uses float32" in messages[0]
        assert engine.how_to_widen in messages[0]
        assert caught[0].filename == __file__
