"""Process-wide settings: engine, default float dtype, image layout, random stream."""

import json
import os
import pathlib
from typing import Any

from keras_lite.engine import registry
from keras_lite.engine.dtypes import FLOATS
from keras_lite.engine.errors import invalid

_EPSILON = 1e-7
_settings: dict[str, Any] = {}


def home() -> pathlib.Path:
    """Folder of the config file and of downloaded data: $KERAS_LITE_HOME, else ~/.keras_lite."""
    return pathlib.Path(os.environ.get("KERAS_LITE_HOME") or pathlib.Path.home() / ".keras_lite")


def read_file() -> dict[str, Any]:
    """The settings in keras_lite.json of the home folder; empty where there is no such file."""
    path = home() / "keras_lite.json"
    if not path.is_file():
        return {}
    try:
        content = json.loads(path.read_text())
    except ValueError as error:
        raise invalid("config", f"{path} is not valid JSON: {error}") from None
    known = {"backend", "floatx", "epsilon", "image_data_format", "random"}
    if not isinstance(content, dict) or set(content) - known:
        raise invalid("config", f"{path} must be an object with keys among {sorted(known)}, got {content!r}")
    return content


def _setting(name: str, default: Any) -> Any:
    if name not in _settings:
        _settings.setdefault(name, read_file().get(name, default))
    return _settings[name]


def backend() -> str:
    """Name of the active engine."""
    return registry.current().name


def set_backend(name: str) -> None:
    """Choose the engine for the whole process, all threads.  `using_backend` is the form for a `with` statement.

    >>> set_backend("numpy")
    >>> backend()
    'numpy'
    """
    registry.set_current(name)


def using_backend(name: str) -> Any:
    """Scope in which `name` is the engine, in this thread or task only."""
    return registry.using(name)


def floatx() -> str:
    """Default float dtype, "float32" unless set."""
    return _setting("floatx", "float32")


def set_floatx(value: str) -> None:
    """Set the default float dtype: "float16", "bfloat16", "float32" or "float64"."""
    if value not in FLOATS:
        raise invalid("set_floatx", f"expected one of {', '.join(FLOATS)}, got {value!r}")
    _settings["floatx"] = value


def epsilon() -> float:
    """Small number that keeps divisions and logarithms finite, 1e-7 unless set."""
    return _setting("epsilon", _EPSILON)


def set_epsilon(value: float) -> None:
    """Set `epsilon`."""
    _settings["epsilon"] = float(value)


def image_data_format() -> str:
    """Default layout of images: "channels_last" or "channels_first"."""
    return _setting("image_data_format", "channels_last")


def set_image_data_format(data_format: str) -> None:
    """Set the default layout of images."""
    _settings["image_data_format"] = standardize_data_format(data_format)


def standardize_data_format(data_format: str | None) -> str:
    """`data_format` in lower case and checked; None is the default."""
    value = image_data_format() if data_format is None else str(data_format).lower()
    if value not in ("channels_first", "channels_last"):
        raise invalid("data_format", f'expected "channels_first" or "channels_last", got {data_format!r}')
    return value


def random_source() -> str:
    """"portable" (the same stream on every engine) or "native" (the engine's own generator)."""
    return _setting("random", "portable")


def set_random_source(source: str) -> None:
    """Choose the random stream; see `random_source`."""
    if source not in ("portable", "native"):
        raise invalid("set_random_source", f'expected "portable" or "native", got {source!r}')
    _settings["random"] = source
