"""Process-wide settings: engine, default float dtype, image layout, generator of random numbers."""

import json
import os
import pathlib
from collections.abc import Callable
from typing import Any

from keras_lite.engine import registry
from keras_lite.engine.dtypes import FLOATS
from keras_lite.engine.errors import invalid, unknown_name, warn

__all__ = [
    "backend", "disable_flash_attention", "dtype_policy", "enable_flash_attention", "epsilon", "floatx", "image_data_format",
    "is_flash_attention_enabled", "random", "second_order", "set_backend", "set_dtype_policy", "set_epsilon",
    "set_floatx", "set_image_data_format", "set_random", "using_backend",
]

_EPSILON = 1e-7
_LAYOUTS = ("channels_first", "channels_last")
_settings: dict[str, Any] = {}
_warned: set[str] = set()  # engines whose floats were said to be narrower than `floatx`


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


def _setting(name: str, default: Any, check: Callable[[str, Any], Any]) -> Any:
    if name not in _settings:
        content = read_file()
        value = check(f"{name} in {home() / 'keras_lite.json'}", content[name]) if name in content else default
        _settings.setdefault(name, value)
    return _settings[name]


def _float_name(where: str, value: Any) -> str:
    if value not in FLOATS:
        raise invalid(where, f"expected one of {', '.join(FLOATS)}, got {value!r}")
    return value


def _positive(where: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not value > 0:
        raise invalid(where, f"expected a positive number, got {value!r}")
    return float(value)


def _layout(where: str, value: Any) -> str:
    if not isinstance(value, str) or value.lower() not in _LAYOUTS:
        raise invalid(where, f'expected "channels_first" or "channels_last", got {value!r}')
    return value.lower()


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


def second_order() -> Any:
    """Scope for gradients of gradients: engines do without the kernels that have none (flash attention, ctc on torch).

    `keras_lite.value_and_grad` inside itself, and `jvp`, need no scope; a framework's own gradients do.  What is compiled keeps the
    choice that was made when it was traced.

    >>> with second_order():
    ...     pass
    """
    return registry.differentiating(2)


def enable_flash_attention() -> None:
    """Let `dot_product_attention` choose a fused kernel where its `flash_attention` is None; it does unless it was disabled."""
    _settings["flash_attention"] = True


def disable_flash_attention() -> None:
    """Let `dot_product_attention` use no fused kernel unless its `flash_attention` is True."""
    _settings["flash_attention"] = False


def is_flash_attention_enabled() -> bool | None:
    """True or False as it was set last, None if it never was."""
    return _settings.get("flash_attention")


def dtype_policy() -> Any:
    """The default dtype policy of new layers."""
    from keras_lite import dtype_policies

    return dtype_policies.dtype_policy()


def set_dtype_policy(policy: Any) -> None:
    """Set the default dtype policy of new layers, by name or as a `DTypePolicy`."""
    from keras_lite import dtype_policies

    dtype_policies.set_dtype_policy(policy)


def floatx() -> str:
    """Default float dtype, "float32" unless set."""
    return _setting("floatx", "float32", _float_name)


def set_floatx(value: str) -> None:
    """Set the default float dtype: "float16", "bfloat16", "float32" or "float64".

    Warns, once, where the engine in use has narrower floats instead (jax, unless its 64-bit mode is on).
    """
    _settings["floatx"] = _float_name("set_floatx", value)
    engine = registry.in_use()
    if engine is not None:
        check_floatx(engine)


def check_floatx(engine: Any) -> None:
    """Warn, once for each engine, if `floatx` is wider than the floats that it has."""
    wide = floatx()
    narrow = engine.canonical_dtype(wide)
    if narrow != wide and engine.name not in _warned:
        _warned.add(engine.name)
        how = getattr(engine, "how_to_widen", "use another engine")
        warn(f"floatx is {wide}, but {engine.name} uses {narrow} for it; to change that: {how}")


def epsilon() -> float:
    """Small number that keeps divisions and logarithms finite, 1e-7 unless set."""
    return _setting("epsilon", _EPSILON, _positive)


def set_epsilon(value: float) -> None:
    """Set `epsilon`, a positive number."""
    _settings["epsilon"] = _positive("set_epsilon", value)


def image_data_format() -> str:
    """Default layout of images: "channels_last" or "channels_first"."""
    return _setting("image_data_format", "channels_last", _layout)


def set_image_data_format(data_format: str) -> None:
    """Set the default layout of images."""
    _settings["image_data_format"] = _layout("set_image_data_format", data_format)


def standardize_data_format(data_format: str | None) -> str:
    """`data_format` in lower case and checked; None is the default."""
    if data_format is None:
        return image_data_format()
    lowered = str(data_format).lower()
    if lowered not in _LAYOUTS:
        raise unknown_name("data_format", data_format, _LAYOUTS)
    return lowered


def random() -> str:
    """Where random numbers come from: "portable", the same stream on every engine, or "native", the engine's own generator.

    As `set_random` said, else the environment variable KERAS_LITE_RANDOM, else "random" in the config file, else "portable".
    """
    chosen = os.environ.get("KERAS_LITE_RANDOM") if "random" not in _settings else None
    if chosen:
        _settings["random"] = _generator("KERAS_LITE_RANDOM", chosen)
    return _setting("random", "portable", _generator)


def set_random(generator: str) -> None:
    """Draw random numbers from the "portable" stream, which is the default, or from the engine's own generator, "native".

    Either way a draw is a function of its seed, in compiled steps too, and no generator of the framework changes its state.  The native
    ones give other numbers on each engine, and may on another version of its framework or another device: a model trained with them is
    repeated on one engine only.  Initial weights and the order of the rows in `fit` are drawn by NumPy's, so they stay equal on all.
    What is compiled outside of `fit` and its kin keeps the choice that was made when it was traced.

    >>> set_random("native")
    >>> random()
    'native'
    >>> set_random("portable")
    """
    _settings["random"] = _generator("set_random", generator)


def _generator(where: str, value: Any) -> str:
    if value not in ("portable", "native"):
        raise invalid(where, f'expected "portable" or "native", got {value!r}')
    return value
