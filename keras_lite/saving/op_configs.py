"""Calls of ops in the configs of models, as Keras writes them: an op is an object there, some of its arguments belong to the object and
the others (the tensors, mostly) to the call."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from keras_lite.engine.errors import invalid, unknown_name

_UNUSUAL = {  # Keras's classes that are not the names of the functions, with capitals for underscores
    "AllClose": "allclose", "BatchNorm": "batch_normalization", "CDist": "cdist", "CTCDecode": "ctc_decode", "CTCLoss": "ctc_loss",
    "FFT": "fft", "FFT2": "fft2", "HSVToRGB": "hsv_to_rgb", "IFFT2": "ifft2", "IRFFT": "irfft", "ISTFT": "istft", "IsIn": "isin",
    "JVP": "jvp", "LayerNorm": "layer_normalization", "PSNR": "psnr", "RFFT": "rfft", "RGBToGrayscale": "rgb_to_grayscale",
    "RGBToHSV": "rgb_to_hsv", "RMSNorm": "rms_normalization", "SSIM": "ssim", "STFT": "stft", "SVD": "svd", "SearchSorted": "searchsorted",
}
_MODULES = {  # of these classes; the others are in "linalg", "image" or "nn" with the functions of those names, else in "numpy"
    "core": "associative_scan cast cond convert_to_tensor fori_loop map saturate_cast scan scatter scatter_update slice slice_update "
            "stop_gradient switch unstack vectorized_map while_loop",
    "math": "cdist erf erfc erfinv extract_sequences fft fft2 ifft2 in_top_k irfft istft logdet logsumexp rfft rsqrt segment_max "
            "segment_min segment_prod segment_sum stft top_k view_as_complex view_as_real",
}
_NAMES_OF_CALLS = (  # the arguments that belong to the call
    "a abs_ angle array b beta bias bins branches choicelist condition condlist constant_values coordinates data default depthwise_kernel "
    "elements elems end_points f false_fn fill_value fun gamma image1 image2 images index indices init init_val inputs kernel key "
    "loop_vars mask mean offset operands output output_length output_shape pointwise_kernel pred predictions primals q query scale "
    "segment_ids sequence_lengths sorted_sequence start start_indices start_points step stop tangents target target_length targets "
    "transform translation true_fn updates value values variable variance weights x x1 x2 xs y")
_OF_CALLS = frozenset(_NAMES_OF_CALLS.split())
_BY_NAME = {"constant_values", "weights"}  # of the arguments of calls
_ALSO_OF_CALLS = {"isclose": {"atol", "rtol"}}
_OF_OBJECTS = {  # in spite of their names
    "affine_transform": {"fill_value"}, "bincount": {"weights"}, "diagonal": {"offset"}, "elastic_transform": {"fill_value"},
    "histogram": {"bins"}, "map_coordinates": {"fill_value"}, "perspective_transform": {"fill_value"}, "resize": {"fill_value"},
    "squareplus": {"b"}, "trace": {"offset"}, "trapezoid": {"x"}, "unique": {"fill_value"},
}


def op_config(record: Any, name: str, args: Any, kwargs: Any) -> tuple[dict[str, Any], list[Any], dict[str, Any]]:
    """The config of a call of an op, not serialized yet, and the arguments that belong to the call, by place and by name."""
    arguments = record.signature.bind(*args, **kwargs)
    arguments.apply_defaults()
    op, config, given, by_name = record.public, {"name": name}, [], {}
    of_call = call_arguments(op)
    for parameter in record.signature.parameters.values():
        value = arguments.arguments[parameter.name]
        if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
            given.extend(value)
        elif parameter.name in of_call & _BY_NAME:
            by_name[parameter.name] = value
        elif parameter.name in of_call:
            given.append(value)
        elif parameter.kind is inspect.Parameter.VAR_KEYWORD:
            config.update(value)
        else:
            config[parameter.name] = value
    if op == "get_item" and isinstance(given[1], list):
        given[1] = np.asarray(given[1])  # lists of configs are tuples
    kind = class_name(op)
    return {"module": f"keras.src.ops.{module_of(op)}", "class_name": kind, "config": config, "registered_name": kind}, given, by_name


def call_arguments(op: str) -> frozenset[str]:
    """The names that an argument has where it belongs to the call."""
    return (_OF_CALLS | _ALSO_OF_CALLS.get(op, set())) - _OF_OBJECTS.get(op, set())


def is_op_config(config: dict[str, Any]) -> bool:
    """Whether a config is one of `op_config`."""
    return str(config.get("module")).startswith("keras.src.ops.")


def op_from_config(name: str, config: dict[str, Any]) -> Callable[..., Any]:
    """The function of the arguments of the call, for the class `name` and the arguments of the object."""
    known = functions()
    if name not in known:
        raise unknown_name("op", name, known)
    function = known[name]
    parameters = (function.op.signature if hasattr(function, "op") else inspect.signature(function)).parameters
    of_object = {key: value for key, value in config.items() if key != "name"}
    spread = [p.name for p in parameters.values() if p.kind is inspect.Parameter.VAR_POSITIONAL]

    def call(*args: Any, **kwargs: Any) -> Any:
        given = {**of_object, **kwargs}
        if name == "GetItem":
            args = tuple(tuple(x) if isinstance(x, list) else x for x in args)
        if spread:
            before = list(parameters)[:list(parameters).index(spread[0])]
            return function(*map(given.pop, before), *args, **given)
        free = [key for key in parameters if key not in given]
        if len(args) > len(free):
            raise invalid("config", f"{name} takes {len(free)} arguments of a call, got {len(args)}")
        return function(**dict(zip(free, args, strict=False)), **given)

    return call


def class_name(name: str) -> str:
    """Keras's class for the op of that name."""
    return _names().get(name) or "".join(word.capitalize() for word in name.split("_"))


@functools.cache
def _names() -> dict[str, str]:
    return {function: name for name, function in _UNUSUAL.items()}


@functools.cache
def functions() -> dict[str, Callable[..., Any]]:
    """The function of each class."""
    from keras_lite import ops

    spaces = (ops, ops.nn, ops.numpy, ops.linalg, ops.image)
    found = {name: value for space in spaces for name, value in vars(space).items() if name in space.__all__}
    return {class_name(name): function for name, function in found.items()}


def module_of(name: str) -> str:
    from keras_lite import ops

    listed = [module for module, names in _MODULES.items() if name in names.split()]
    return listed[0] if listed else next((module for module in ("linalg", "image", "nn") if name in getattr(ops, module).__all__), "numpy")
