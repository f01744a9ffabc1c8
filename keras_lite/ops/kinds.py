"""What kind of argument each parameter of an op takes, as its annotation, its default and its name promise.

Nothing here runs while calls succeed: when one has failed, `misfit` looks for the argument that is to blame.
"""

from __future__ import annotations

import inspect
import operator
from collections.abc import Callable, Iterator
from numbers import Real
from typing import Any, NamedTuple

import numpy as np

from keras_lite.engine.dtypes import standardize
from keras_lite.engine.errors import wrong_type

REQUIRED = inspect.Parameter.empty


class Kind(NamedTuple):
    """What is accepted, and how an error names it."""

    expected: str
    fits: Callable[[Any], bool]


def shown(value: Any) -> str:
    """`value` for an error message, in one line: a tensor or a large array by its shape and dtype, other things by their `repr`.

    >>> shown([1, 2]), shown(np.array([1.0, 2.0])), shown(np.zeros((20, 3)))
    ('[1, 2]', 'array([1., 2.])', 'an array of shape (20, 3) and dtype float64')
    """
    if hasattr(value, "shape") and hasattr(value, "dtype") and not (isinstance(value, np.ndarray) and value.size <= 8):
        return f"an array of shape {tuple(value.shape)} and dtype {_dtype(value)}"
    text = f"[{', '.join(map(shown, value))}]" if isinstance(value, list) else " ".join(repr(value).split())
    return text if len(text) <= 80 else f"{text[:77]}..."


def _rank(x: Any) -> int | None:
    """Rank of an array, a tensor, a variable or a spec; None for what is none."""
    return len(x.shape) if hasattr(x, "shape") and hasattr(x, "dtype") else None


def _dtype(x: Any) -> str:
    """Name of the dtype of an array, also of one that no tensor has (of strings, of objects)."""
    try:
        return standardize(x.dtype)
    except ValueError:
        return str(x.dtype)


def _is_whole(x: Any) -> bool:
    return _dtype(x).startswith(("int", "uint"))


def _is_int(x: Any) -> bool:
    """Whether `x` is an int of 64 bits or a scalar tensor of one."""
    if _rank(x) is not None:
        return _rank(x) == 0 and _is_whole(x)
    return hasattr(x, "__index__") and not isinstance(x, (bool, type)) and abs(operator.index(x)) < 2**63


def _is_number(x: Any) -> bool:
    return _dtype(x).startswith(("int", "uint", "float", "bfloat", "bool")) if _rank(x) == 0 else isinstance(x, Real)


def _is_axes(x: Any) -> bool:
    return all(map(_is_int, x)) if isinstance(x, (list, tuple, range)) else _is_int(x)


def _is_several(x: Any) -> bool:
    return all(map(_is_int, x)) if isinstance(x, (list, tuple, range)) else _rank(x) == 1 and _is_whole(x)


def _is_sizes(x: Any) -> bool:
    return _is_int(x) or _is_several(x)


def _is_shape(x: Any) -> bool:
    return _is_sizes([n for n in x if n is not None] if isinstance(x, (list, tuple)) else x)


def _is_nested(x: Any) -> bool:
    """Whether `x` is a nest of ints, the lists of one level of one length."""
    if not isinstance(x, (list, tuple)):
        return _is_int(x) or (_rank(x) is not None and _is_whole(x))
    lengths = {len(item) if isinstance(item, (list, tuple)) else None for item in x}
    return len(lengths) < 2 and all(map(_is_nested, x))


def _is_list(x: Any) -> bool:
    if isinstance(x, (list, tuple)):
        return not any(item is None for item in x)
    return bool(_rank(x)) or (hasattr(x, "__iter__") and not isinstance(x, type))


def _is_data(x: Any) -> bool:
    """Whether `x` can be a tensor, as far as its structure goes: it is not None and no list with rows of different lengths."""
    try:
        return x is not None and (not isinstance(x, (list, tuple)) or np.shape(x) is not None)
    except ValueError:
        return False
    except Exception:  # of tensors without values
        return True


TENSOR = Kind("a tensor, an array or a number", _is_data)
KEY = Kind("an int, a slice, None, ... or a tensor of ints or bools, or a tuple of them",
           lambda x: all(part is None or _is_data(part) for part in (x if isinstance(x, tuple) else (x,))))
TENSORS = Kind("a list of tensors", _is_list)
PAIR = Kind("a pair of tensors, real and imaginary parts", lambda x: isinstance(x, (list, tuple)) and len(x) == 2)
FLAG = Kind("True or False", lambda x: isinstance(x, bool))
INT = Kind("an int", _is_int)
NUMBER = Kind("a real number", _is_number)
NAME = Kind("a string", lambda x: isinstance(x, str))
FUNCTION = Kind("a function", callable)
FUNCTIONS = Kind("a list of functions", lambda x: isinstance(x, (list, tuple)) and all(map(callable, x)))
AXES = Kind("an int or several", _is_axes)
SIZES = Kind("an int or several", _is_sizes)
SHAPE = Kind("an int or several", _is_shape)
NESTED = Kind("ints, or lists of ints of one length", _is_nested)
SEVERAL = Kind("several ints", _is_several)
PLACES = Kind("a list of positions and names", lambda x: isinstance(x, (list, tuple, set, frozenset)))
ORDER = Kind("a number or a name", lambda x: isinstance(x, (Real, str)))
DTYPE = Kind("a dtype", lambda x: isinstance(x, type) or _rank(x) is None)
FREE = Kind("", lambda x: True)  # nests, and what the op's body explains best
_OF_TENSORS = (TENSOR, KEY, TENSORS, PAIR, FREE)

_ANNOTATED = {"bool": FLAG, "int": INT, "float": NUMBER, "str": NAME, "Callable[..., Any]": FUNCTION, "Function": FUNCTION,
              "Flat": FUNCTION, "Tensors": TENSORS, "tuple[int, ...]": SEVERAL}
_NAMED = {  # of parameters whose annotation is Any
    **dict.fromkeys(("axis", "source", "destination", "spatial_dims", "kth", "shift"), AXES),
    **dict.fromkeys(("size", "N", "M", "n", "indices_or_sections", "strides", "dilation_rate", "dilation",
                     "stride", "pool_size", "kernel_size", "output_size", "output_padding", "start_indices", "window", "repeats"), SIZES),
    **dict.fromkeys(("xs", "condlist", "choicelist"), TENSORS), "branches": FUNCTIONS, "dtype": DTYPE, "output_shape": SEVERAL,
    "constant_values": NUMBER, "axes": NESTED, "pad_width": NESTED, "shape": SHAPE, "newshape": SHAPE, "ord": ORDER,
    **dict.fromkeys(("init", "init_val", "loop_vars", "elements", "elems", "primals", "tangents", "args", "key", "range",
                     "seed", "bias", "mask", "padding", "sigma", "lower", "upper"), FREE),
}
_OF_OPS = {  # where the name says something else than elsewhere
    "transpose": {"axes": SEVERAL}, "stack": {"x": TENSORS}, "scan": {"xs": FREE}, "map": {"xs": FREE}, "moments": {"axes": AXES},
    "reshape": {"newshape": FREE}, "stft": {"window": FREE}, "istft": {"x": PAIR, "window": FREE},
    "vectorize": {"excluded": PLACES}, "dot_product_attention": {"key": TENSOR}, "get_item": {"key": KEY},
    "layer_norm": {"gamma": FREE, "beta": FREE},
    **{f"adaptive_{kind}_pool": {"output_size": FREE} for kind in ("average", "max")},
    **{name: {"x": PAIR} for name in ("fft", "fft2", "ifft2", "irfft")},
    **{name: {"x": INT} for name in ("bartlett", "blackman", "hamming", "hanning", "kaiser")},
}


def kind_of(op: str, parameter: inspect.Parameter) -> tuple[Kind, bool]:
    """The kind of a parameter of the op with that public name, and whether None is accepted too."""
    annotation, _, rest = str(parameter.annotation).partition(" | ")
    optional = rest == "None" or parameter.default is None
    kind = _OF_OPS.get(op, {}).get(parameter.name) or _ANNOTATED.get(annotation)
    if kind is None and annotation == "Any":
        kind = _NAMED.get(parameter.name) or (FREE if optional else TENSOR)
    return kind or FREE, optional


def is_plain(op: str, parameter: inspect.Parameter) -> bool:
    """Whether a parameter takes no tensors, so that an array given to it is no tensor but data."""
    return kind_of(op, parameter)[0] not in _OF_TENSORS


def takes_functions(op: str, signature: inspect.Signature) -> bool:
    """Whether functions of the user run inside the op."""
    return any(kind_of(op, parameter)[0] in (FUNCTION, FUNCTIONS) for parameter in signature.parameters.values())


def _given(signature: inspect.Signature, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Iterator[tuple[inspect.Parameter, Any]]:
    """Each parameter with its argument; several times where it takes several."""
    for name, value in signature.bind_partial(*args, **kwargs).arguments.items():
        parameter = signature.parameters[name]
        if parameter.kind == parameter.VAR_POSITIONAL:
            yield from ((parameter, item) for item in value)
        elif parameter.kind != parameter.VAR_KEYWORD:
            yield parameter, value


def misfit(op: str, signature: inspect.Signature, args: tuple[Any, ...], kwargs: dict[str, Any],
           only_missing: bool = False) -> Exception | None:
    """TypeError for the first argument that is not of its parameter's kind; None if all are.

    With `only_missing`, only None where it is not taken, and what is no list of tensors, is looked for.

    >>> def scaled(x: Any, k: float = 1.0) -> Any: ...
    >>> misfit("scaled", inspect.signature(scaled), (2.0,), {"k": "a"})
    TypeError("scaled: k must be a real number, got 'a'")
    """
    for parameter, value in _given(signature, args, kwargs):
        kind, optional = kind_of(op, parameter)
        if (value is None and optional) or (only_missing and value is not None and kind is not TENSORS) or kind.fits(value):
            continue
        none = "" if not optional else ", or None" if " or " in kind.expected else " or None"
        return wrong_type(op, f"{parameter.name} must be {kind.expected}{none}, got {shown(value)}")
    return None
