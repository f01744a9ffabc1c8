"""The values of a model's variables as a nest of dictionaries by path."""

from __future__ import annotations

from typing import Any

from keras_lite.engine.errors import invalid, unknown_name

_FORMATS = ("backend_tensor", "numpy_array")


def _parts(model: Any) -> dict[str, list[Any]]:
    optimizer = getattr(model, "optimizer", None)
    return {"trainable_variables": model.trainable_variables, "non_trainable_variables": model.non_trainable_variables,
            "optimizer_variables": [] if optimizer is None else optimizer.variables, "metrics_variables": model.metrics_variables}


def state_tree(model: Any, value_format: str) -> dict[str, Any]:
    """`Model.get_state_tree`."""
    if value_format not in _FORMATS:
        raise unknown_name("value_format", value_format, _FORMATS)
    return {part: _nested(variables, value_format) for part, variables in _parts(model).items()}


def _nested(variables: list[Any], value_format: str) -> dict[str, Any]:
    nest: dict[str, Any] = {}
    for variable in variables:
        *around, name = variable.path.split("/")
        place = nest
        for part in around:
            place = place.setdefault(part, {})
        if name in place:
            raise invalid("get_state_tree", f"two variables have the path {variable.path!r}: give their layers different names")
        place[name] = variable.numpy() if value_format == "numpy_array" else variable.value
    return nest


def set_state_tree(model: Any, nest: dict[str, Any]) -> None:
    """`Model.set_state_tree`."""
    parts = _parts(model)
    pairs = []
    for part, values in nest.items():
        if part not in parts:
            raise unknown_name("part of a state tree", part, parts)
        known = {variable.path: variable for variable in parts[part]}
        for path, value in _by_path(values, ""):
            if path not in known:
                raise unknown_name("variable", path, known)
            pairs.append((known[path], value))
    for variable, value in pairs:
        variable.assign(value)


def _by_path(nest: Any, around: str) -> list[tuple[str, Any]]:
    if not isinstance(nest, dict):
        return [(around, nest)]
    return [pair for name, inner in nest.items() for pair in _by_path(inner, f"{around}/{name}" if around else name)]
