"""Case: one configuration of a layer, with what it is called on."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

IMAGE, IMAGE_FIRST, VOLUME, STEPS, ROWS = (2, 8, 7, 4), (2, 4, 8, 7), (2, 5, 6, 4, 3), (2, 9, 4), (3, 5)


class Part(NamedTuple):
    """A layer among the arguments of another one."""

    cls: str
    args: dict[str, Any] = {}  # noqa: RUF012  # never changed

    def __repr__(self) -> str:
        return f"{self.cls}({', '.join(f'{k}={v!r}' for k, v in self.args.items())})"


class Case(NamedTuple):
    """A layer class, its arguments, and the shapes of its inputs: one, a list of them, or a dict by argument of `call`.

    `dtype` is that of the inputs, or a dict by argument where they differ (float32 for those that it leaves out).

    Cases with `training` are called with training=True; `call` are further arguments of calls.  `unlike` is what is left out of the
    comparison with Keras (a test, or a key of the config), with the reason.
    """

    cls: str
    args: dict[str, Any]
    shape: Any
    dtype: Any = "float32"
    training: bool = False
    unlike: dict[str, str] = {}  # noqa: RUF012  # never changed
    call: dict[str, Any] = {}  # noqa: RUF012  # never changed

    def __repr__(self) -> str:
        more = {**self.args, **{f"call {k}": v for k, v in self.call.items()}}
        names = f", inputs {'+'.join(self.shape)}" if isinstance(self.shape, dict) else ""
        return f"{self.cls}({', '.join(f'{k}={v!r}' for k, v in more.items())}{names})"

    def make(self, module: Any, **more: Any) -> Any:
        """The layer, of `keras_lite.layers` or another module with the same classes."""
        return getattr(module, self.cls)(**_made({**more, **self.args}, module))

    def build(self, layer: Any) -> Any:
        """Build the layer for the inputs; a layer around others without a `build` is called."""
        if any(isinstance(part, Part) for arg in self.args.values() for part in (arg if isinstance(arg, list) else [arg])) \
                and [cls.__name__ for cls in type(layer).__mro__ if "build" in vars(cls)] == ["Layer"]:
            args, kwargs = self.data()
            layer(*args, **kwargs)
            return layer
        if not isinstance(self.shape, dict):
            layer.build(self.shape)
            return layer
        parameters = inspect.signature(type(layer).build).parameters
        shapes = {name: self.shape[name.removesuffix("_shape")] for name in parameters if name.removesuffix("_shape") in self.shape}
        layer.build(**shapes) if len(shapes) > 1 else layer.build(next(iter(self.shape.values())))
        return layer

    def arguments(self, make: Callable[[tuple[int, ...], str], Any]) -> tuple[list[Any], dict[str, Any]]:
        """The arguments of a call, where `make` gives the tensor for a shape and dtype."""
        keywords = {**self.call, **({"training": True} if self.training else {})}
        if not isinstance(self.shape, dict):
            return [_nested(make, self.shape, self.dtype)], keywords
        dtypes = self.dtype if isinstance(self.dtype, dict) else dict.fromkeys(self.shape, self.dtype)
        (_, first), *rest = [(name, _nested(make, shape, dtypes.get(name, "float32"))) for name, shape in self.shape.items()]
        return [first], {**dict(rest), **keywords}

    def mask_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The shape of a mask for an input: the batch and the steps."""
        if self.cls == "Softmax":
            return shape
        return shape[0], shape[2 if len(shape) == 3 and self.args.get("data_format") == "channels_first" else 1]

    def data(self, seed: int = 3) -> tuple[list[Any], dict[str, Any]]:
        """The arguments of a call, as arrays."""
        rng = np.random.default_rng(seed)
        return self.arguments(lambda s, dtype: (rng.integers(0, 7, s) if dtype == "int32" else rng.normal(size=s)).astype(dtype))


def _made(value: Any, module: Any) -> Any:
    if isinstance(value, Part):
        return getattr(module, value.cls)(**_made(value.args, module))
    if isinstance(value, dict):
        return {key: _made(item, module) for key, item in value.items()}
    return [_made(item, module) for item in value] if isinstance(value, list) else value


def _nested(make: Callable[[tuple[int, ...], str], Any], shape: Any, dtype: str) -> Any:
    return [_nested(make, s, dtype) for s in shape] if isinstance(shape, list) else make(shape, dtype)


def weights(layer: Any, seed: int = 0) -> list[np.ndarray]:
    """Arrays for the weights of a layer, of any of the packages: of both signs, but positive where it is a scale or a variance."""
    rng = np.random.default_rng(seed)
    drawn = []
    for variable in layer.weights:
        value = rng.normal(0, 0.6, tuple(variable.shape))
        positive = any(part in variable.path.rpartition("/")[2] for part in ("variance", "stddev", "gamma", "scale"))
        drawn.append((np.abs(value) + 0.3 if positive else value).astype(np.float32))
    return drawn
