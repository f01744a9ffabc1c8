"""The cells of the layers' parity matrix: what is checked of each case (`layer_cases`) on each engine.

The NumPy engine is the reference, and is itself compared with Keras.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from keras_lite import layers, ops
from keras_lite.engine import registry
from keras_lite.engine.dtypes import is_float
from keras_lite.layers.context import CallContext, entered
from keras_lite.random.seed_generator import seed_global_generator
from keras_lite.state import tree
from keras_lite.state.scope import Scope
from keras_lite.symbolic.spec import KerasTensor
from keras_lite.testing.layer_cases import CASES, Case, Part, weights

Array = np.ndarray[Any, Any]

# --- running a case ------------------------------------------------------------------------------------------------------


def made(case: Case, **more: Any) -> Any:
    """The layer on the active engine, built, with the weights of the case, and the same seeds each time."""
    seed_global_generator(1)
    layer = case.build(case.make(layers, name="layer", **more))
    layer.set_weights(weights(layer))
    return layer


def _arguments(case: Case, layer: Any, training: bool) -> tuple[list[Any], dict[str, Any]]:
    """The arguments of a call, with training=True where the layer takes it and it is wanted."""
    args, kwargs = case.data()
    return args, {**kwargs, "training": True} if training and layer._signature.training else kwargs


def _arrays(nest: Any) -> list[Array]:
    return [ops.convert_to_numpy(x) for x in tree.flatten(nest) if x is not None]


def outputs_of(case: Case, training: bool = False, **more: Any) -> dict[str, list[Array]]:
    """Outputs, losses, and the weights and counters afterwards."""
    layer = made(case, **more)
    args, kwargs = _arguments(case, layer, training)
    outputs = _arrays(layer(*args, **kwargs))
    return {"outputs": outputs, "losses": _arrays(layer.losses), "variables": [v.numpy() for v in layer.variables]}


def gradients_of(case: Case) -> dict[str, list[Array]]:
    """The gradients of a weighted sum of the outputs while training, by inputs of floats and trainable variables.

    They are compiled, as in a step of training; the updates of other variables stay inside.
    """
    layer = made(case)
    nest = _arguments(case, layer, training=True)
    leaves = tree.flatten(nest)
    places = [i for i, x in enumerate(leaves) if isinstance(x, np.ndarray) and x.dtype.kind == "f"]

    others = layer.non_trainable_variables
    held = [v.value for v in others]

    def total(tensors: list[Any]) -> tuple[Any, None]:
        filled = dict(enumerate(leaves)) | dict(zip(places, tensors, strict=False))
        args, kwargs = tree.pack_as(nest, list(filled.values()))
        with Scope([*zip(layer.trainable_variables, tensors[len(places):], strict=True), *zip(others, held, strict=True)]):
            outputs = tree.flatten(layer(*args, **kwargs))
        return functools.reduce(ops.add, (_weighted(i, y) for i, y in enumerate(outputs))), None

    def slopes(tensors: list[Any]) -> Any:
        return engine.value_and_grad(total, tensors)[2]

    engine = registry.current()
    tensors = [ops.convert_to_tensor(leaves[i]) for i in places] + [v.value for v in layer.trainable_variables]
    with registry.differentiating():
        return {"gradients": _arrays(engine.compile(slopes)(tensors))}


def _weighted(number: int, y: Any) -> Any:
    factors = np.random.default_rng(100 + number).normal(size=tuple(y.shape)).astype("float32")
    return ops.sum(ops.multiply(ops.cast(y, "float32"), factors))


_reference: dict[Any, Any] = {}


def _on_numpy(function: Callable[..., Any], case: Case, *args: Any) -> Any:
    """What `function` gives on the NumPy engine, worked out once."""
    key = function.__name__, id(case), args
    if key not in _reference:
        with registry.using("numpy"):
            _reference[key] = case, function(case, *args)  # the case is kept, so that no other one gets its id
    return _reference[key][1]


# --- comparing -----------------------------------------------------------------------------------------------------------


def _tolerance(case: Case, strict: float) -> float:
    dtype = str(case.args.get("dtype"))
    return 4e-3 if dtype.endswith("float16") and "b" not in dtype else 3e-2 if "bfloat16" in dtype else strict


def agree(found: dict[str, list[Array]], expected: dict[str, list[Array]], tolerance: float) -> None:
    """Raise AssertionError unless the arrays are equal, up to a tolerance that is relative to the largest entries."""
    for key, arrays in expected.items():
        assert len(found[key]) == len(arrays), f"{key}: {len(found[key])} in place of {len(arrays)}"
        largest = max((np.abs(b.astype("float64")).max(initial=0) for b in arrays), default=0)
        for i, (a, b) in enumerate(zip(found[key], arrays, strict=True)):
            assert (a.dtype, a.shape) == (b.dtype, b.shape), f"{key} {i}: {a.dtype}{a.shape} in place of {b.dtype}{b.shape}"
            a, b = a.astype("float64"), b.astype("float64")
            scale = max(np.abs(b).max(initial=0), largest / 20)
            np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance * scale, err_msg=f"{key} {i}")


# --- the checks ----------------------------------------------------------------------------------------------------------


def check_value(case: Case) -> None:
    """The outputs, losses and updates of a call."""
    agree(outputs_of(case), _on_numpy(outputs_of, case, False), _tolerance(case, 1e-5))


def check_gradient(case: Case) -> None:
    """The gradients while training."""
    agree(gradients_of(case), _on_numpy(gradients_of, case), 4 * _tolerance(case, 1e-5))


def check_compiled(case: Case) -> None:
    """The outputs and updates of a compiled call while training, with what is drawn at random."""
    layer, engine = made(case), registry.current()
    args, kwargs = _arguments(case, layer, training=True)
    places = [i for i, x in enumerate(tree.flatten((args, kwargs))) if isinstance(x, np.ndarray)]

    def run(trainable: list[Any], others: list[Any], tensors: list[Any]) -> Any:
        filled = dict(enumerate(tree.flatten((args, kwargs)))) | dict(zip(places, tensors, strict=True))
        new_args, new_kwargs = tree.pack_as((args, kwargs), list(filled.values()))
        outputs, updates = layer.stateless_call(trainable, others, *new_args, **new_kwargs)
        return [[x for x in tree.flatten(outputs) if x is not None], updates]

    values = [[v.value for v in variables] for variables in (layer.trainable_variables, layer.non_trainable_variables)]
    tensors = [ops.convert_to_tensor(tree.flatten((args, kwargs))[i]) for i in places]
    outputs, updates = engine.compile(run)(*values, tensors)
    expected = _on_numpy(outputs_of, case, True)
    agree({"outputs": _arrays(outputs)}, {"outputs": expected["outputs"]}, _tolerance(case, 2e-5))
    trainable = {v.key for v in layer.trainable_variables}
    kept = [x for v, x in zip(layer.variables, expected["variables"], strict=True) if v.key not in trainable]
    agree({"updates": _arrays(updates)}, {"updates": kept}, _tolerance(case, 2e-5))


def check_shapes(case: Case) -> None:
    """Specs with an unknown batch size, and with all sizes known, are those of the outputs."""
    expected = _on_numpy(outputs_of, case, False)["outputs"]
    for known in (False, True):
        layer = case.make(layers, name="layer")
        if not known and getattr(layer, "stateful", False):
            continue  # its batch size must be known
        args, kwargs = case.arguments(functools.partial(_symbolic, known))
        specs = [x for x in tree.flatten(layer(*args, **kwargs)) if x is not None]
        assert len(specs) == len(expected)
        for spec, y in zip(specs, expected, strict=True):
            assert spec.dtype == str(y.dtype)
            fits = len(spec.shape) == y.ndim and all(n in (None, m) for n, m in zip(spec.shape, y.shape, strict=True))
            assert fits and (None not in spec.shape or not known), f"{spec.shape} for {y.shape}"


def _symbolic(known: bool, shape: tuple[int, ...], dtype: str) -> KerasTensor:
    return KerasTensor(shape if known else (None, *shape[1:]), dtype)


def check_config(case: Case) -> None:
    """A layer made from the config has the same config and variables."""
    layer = made(case)
    copy = layers.deserialize(layers.serialize(layer))
    assert copy.get_config() == layer.get_config()
    if not copy.built:
        case.build(copy)
    for name in ("shape", "dtype", "trainable"):
        assert [getattr(v, name) for v in copy.variables] == [getattr(v, name) for v in layer.variables]
    copy.set_weights(layer.get_weights())


def masked_call_of(case: Case) -> dict[str, Any]:
    """The outputs, and their masks or None, of a call in which each input with steps has a mask of them."""
    layer = made(case)
    args, kwargs = tree.map_structure(lambda x: ops.convert_to_tensor(x) if isinstance(x, np.ndarray) else x, case.data())
    context, rng = CallContext(), np.random.default_rng(7)
    for x in tree.flatten((args, kwargs)):
        if registry.current().is_tensor(x) and len(x.shape) >= 3:
            context.set_mask(x, ops.convert_to_tensor(rng.random(case.mask_shape(tuple(x.shape))) < 0.6))
    with entered(context):
        outputs = tree.flatten(layer(*args, **kwargs))
    tells = layer.supports_masking or layer._makes_mask  # another may return the very tensor that it got, with its mask
    masks = [context.mask_of(y) if tells else None for y in outputs]
    return {"outputs": _arrays(outputs), "masks": [None if mask is None else ops.convert_to_numpy(mask) for mask in masks]}


def check_mask(case: Case) -> None:
    """The outputs of a call on inputs with masks, and the masks of the outputs."""
    found, expected = masked_call_of(case), _on_numpy(masked_call_of, case)
    agree({"outputs": found["outputs"]}, {"outputs": expected["outputs"]}, _tolerance(case, 1e-5))
    for a, b in zip(found["masks"], expected["masks"], strict=True):
        assert (a is None) == (b is None), f"a mask in place of none, or none in place of one: {a}, {b}"
        np.testing.assert_array_equal(a, b)


def check_mixed_precision(case: Case) -> None:
    """Variables stay in float32; what is computed is in bfloat16 and close to what float32 gives."""
    layer = made(case, dtype="mixed_bfloat16")
    assert {v.path: v.dtype for v in layer.weights if is_float(v.dtype) and v.dtype != "float32"} == {}
    args, kwargs = case.data()
    found = _arrays(layer(*args, **kwargs))
    for a, b in zip(found, _on_numpy(outputs_of, case, False)["outputs"], strict=True):
        wanted = "bfloat16" if b.dtype.kind == "f" else str(b.dtype)
        assert str(a.dtype) == wanted, f"the output is {a.dtype}, not {wanted}: do the layers inside have dtype=self.dtype_policy?"
        a, b = a.astype("float64"), b.astype("float64")
        np.testing.assert_allclose(a, b, rtol=0.1, atol=0.1 * np.abs(b).max(initial=0))


def paths_of(case: Case) -> list[str]:
    """The paths of the variables, without the numbers of names that were made up."""
    return [re.sub(r"_\d+", "", v.path) for v in made(case).variables]


def check_paths(case: Case) -> None:
    """The paths of the variables, in order."""
    assert paths_of(case) == _on_numpy(paths_of, case)


CHECKS: dict[str, Callable[[Case], None]] = {
    "value": check_value, "gradient": check_gradient, "compiled": check_compiled, "shapes": check_shapes, "config": check_config,
    "mask": check_mask, "mixed precision": check_mixed_precision, "paths": check_paths}


def applies(check: str, case: Case) -> bool:
    """Whether there is such a cell."""
    if check == "mask":
        return "masks" not in case.unlike and any(len(x.shape) >= 3 for x in tree.flatten(case.data()) if isinstance(x, np.ndarray))
    if check == "mixed precision":
        inner = [part for arg in case.args.values() for part in (arg if isinstance(arg, list) else [arg])]
        return "dtype" not in case.args and not any(isinstance(part, Part) for part in inner)
    return True


def cells(cases: list[Case]) -> list[tuple[str, Case]]:
    """Each check of each case."""
    return [(check, case) for check in CHECKS for case in cases if applies(check, case)]


def _brief() -> set[int]:
    """The ids of the cases of a quick run: of each layer the first and the one with the most arguments."""
    found: dict[str, list[Case]] = {}
    for case in CASES:
        found.setdefault(case.cls, []).append(case)
    return {id(case) for cases in found.values() for case in (cases[0], max(cases, key=lambda case: len(repr(case))))}


def _is_brief(check: str, case: Case) -> bool:
    """Whether a quick run has the cell: what is slow, since an engine compiles it, for the first case of a layer alone."""
    first = next(other for other in CASES if other.cls == case.cls)
    return case is first if check in ("gradient", "compiled") else id(case) in _BRIEF


_BRIEF = _brief()
CELLS = cells(CASES)
QUICK: list[tuple[str, Case]] = [(check, case) for check, case in CELLS if _is_brief(check, case)]
