"""What a call should give: float64 values from NumPy, gradients from the numpy engine in float64, checked by finite differences."""

from __future__ import annotations

import contextlib
import functools
import inspect
import warnings
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from keras_lite import config
from keras_lite.engine import registry
from keras_lite.engine.dtypes import COMPLEX, is_float
from keras_lite.ops.sample import Array
from keras_lite.ops.table import Record
from keras_lite.state import tree
from keras_lite.testing.calls import Call, composites_only
from keras_lite.testing.ulps import Arrays, condition

REFERENCE = "numpy"  # the engine that the others are held against
# Of the finite differences: powers of two along directions of few digits, so that moving a large argument does not round.  The relative
# error of a slope is about step**2 + 1e-16/step, below 1e-9.
STEPS = (2.0**-17, 2.0**-20, 2.0**-23)
BEND = 1e3  # the most that a slope may change per step and slope; at a kink it changes at once
DIRECTIONS = 3


class Undefined(Exception):
    """NumPy defines no result for these dtypes, so the matrix claims none."""


class NoReference(Exception):
    """The record names no way to tell what is right."""


def source(call: Call) -> str:
    """Where the values come from: "own" (the record's reference), "numpy" (its function of that name) or "composite" (the body)."""
    if call.record.reference is not None:
        return "own"
    if _fits(_numpy_function(call.record), call):
        return "numpy"
    return "none" if call.record.primitive else "composite"


def _numpy_function(record: Record) -> Any:
    """NumPy's function of the op's public name, None if there is none."""
    function = getattr(np, record.public, None)
    return function if callable(function) and not isinstance(function, type) else None


def _fits(function: Any, call: Call) -> bool:
    """Whether `function` takes the call's arguments.  Another meaning under the same name shows as a disagreement."""
    if function is None:
        return False
    try:
        inspect.signature(function).bind(*call.sample.args, **call.sample.kwargs)
    except TypeError:
        return False
    except ValueError:  # a C function that does not tell
        return True
    return True


def widened(call: Call) -> Arrays:
    """The call's floats as float64, with all that the op promotes to floats; integers as int64 for a reference of our own."""
    if call.record.bits:
        return list(call.arrays)
    promoted = _promoted(call) if call.record.floating else set()
    out = []
    for i, x in enumerate(call.arrays):
        if i in promoted or is_float(x.dtype.name):
            x = np.asarray(x, "complex128" if x.dtype.kind == "c" else "float64")
        elif x.dtype.kind == "c":
            x = x.astype("complex128")
        elif call.record.reference is not None and x.dtype != bool:
            x = x.astype("int64")
        out.append(x)
    return out


def _promoted(call: Call) -> set[int]:
    """Positions of the arrays in the tensor parameters of a composite."""
    args, kwargs = call.filled(range(len(call.arrays)))
    numbered = call.record.signature.bind(*args, **kwargs).arguments
    declared = call.record.signature.bind(*call.sample.args, **call.sample.kwargs).arguments
    return {numbered[name] for name in call.record.tensors if isinstance(declared.get(name), Array)}


def _integers_widened(arrays: Arrays) -> Arrays:
    return [x if x.dtype.kind in "fc" else x.astype("int64") for x in arrays]


@contextlib.contextmanager
def precise() -> Iterator[Any]:
    """Scope of the numpy engine in float64, composites only."""
    engine, floatx = registry.load(REFERENCE), config.floatx()
    with registry.using(engine), composites_only(engine):
        config.set_floatx("float64")
        try:
            yield engine
        finally:
            config.set_floatx(floatx)


def _values(call: Call, arrays: Arrays) -> Arrays:
    """The op on float64 arrays, as a flat list."""
    origin = source(call)
    if origin == "none":
        raise NoReference(f"NumPy has no function {call.record.public!r} with these parameters; give the op a `reference`")
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        if origin == "composite":
            with precise() as engine:
                args, kwargs = call.filled([engine.convert(x, x.dtype.name) for x in arrays])
                leaves = results_of(call.record.function(*args, **kwargs))
                return canonical(call.record, [engine.to_numpy(x) if engine.is_tensor(x) else np.asarray(x) for x in leaves])
        args, kwargs = call.filled(arrays)
        result = (call.record.reference or _numpy_function(call.record))(*args, **kwargs)
    return canonical(call.record, [np.asarray(x) for x in results_of(result)])


def canonical(record: Record, values: Arrays) -> Arrays:
    """Those of the equally right results by which engines are compared."""
    if record.canonical is None:
        return values
    with registry.using(REFERENCE), np.errstate(all="ignore"):
        return list(record.canonical(*values))


def has_slope(dtype: str) -> bool:
    """Whether results of a dtype have gradients."""
    return is_float(dtype) or dtype in COMPLEX


def results_of(nest: Any) -> list[Any]:
    """What an op returned, as a flat list without None."""
    return [x for x in tree.flatten(nest) if x is not None]


class Reference:
    """The expected values of a call and, when asked, the gradients of a fixed random projection of them."""

    def __init__(self, call: Call):
        self.call = call
        self.arrays = widened(call)

    @functools.cached_property
    def values(self) -> Arrays:
        """Float64 (or integer, or bool) values.  Raises Undefined where NumPy refuses integers or bools, or what goes with them."""
        try:
            values = _values(self.call, self.arrays)
        except (TypeError, OverflowError) as error:  # `-2` beside unsigned integers overflows
            if self.call.floats:
                raise
            raise Undefined(str(error)) from None
        if not self.call.record.bits and any(is_float(v.dtype.name) and v.dtype != np.float64 for v in values):
            # NumPy computes float functions of bools and short integers in float16 or float32
            self.arrays = _integers_widened(self.arrays)
            values = _values(self.call, self.arrays)
        return values

    @functools.cached_property
    def condition(self) -> Arrays:
        """See `ulps.condition`."""
        return condition(functools.partial(_values, self.call), self.arrays, self.values)

    @functools.cached_property
    def weights(self) -> dict[int, np.ndarray]:
        """The projection: weights of the float and complex results by position, exact in float16 and bfloat16, none near zero."""
        rng = np.random.default_rng(1)

        def draw(shape: tuple[int, ...]) -> np.ndarray:
            return np.asarray(rng.integers(8, 17, shape) / 8 * rng.choice([-1, 1], shape))

        drawn = {i: draw(np.shape(v)) for i, v in enumerate(self.values)}
        found = {i: w for i, w in drawn.items() if has_slope(self.values[i].dtype.name)}
        return {i: w + 1j * draw(w.shape) if self.values[i].dtype.name in COMPLEX else w for i, w in found.items()}

    @functools.cached_property
    def gradients(self) -> Arrays:
        """Float64 gradients with respect to the float arrays.  Raises AssertionError when finite differences disagree."""
        if self.call.record.slope:
            self._compare_with_differences("gradient", self.unchecked_gradients, self._projection)
        return self.unchecked_gradients

    @functools.cached_property
    def unchecked_gradients(self) -> Arrays:
        return self._gradients(self.arrays)

    @functools.cached_property
    def gradients_condition(self) -> Arrays:
        """See `ulps.condition`; the projection's weights move as well, which is what rounding in the backward pass amounts to."""
        count = len(self.arrays)

        def gradients(arguments: Arrays) -> Arrays:
            return self._gradients(arguments[:count], arguments[count:])

        return condition(gradients, [*self.arrays, *self.weights.values()], self.unchecked_gradients)

    @functools.cached_property
    def second_gradients(self) -> Arrays:
        """Float64 gradients of a fixed projection of the gradients.  Raises AssertionError when finite differences of those disagree."""
        gradients = self._gradients(self.arrays, order=2)
        self._compare_with_differences("second gradient", gradients, self._projection_of_gradients)
        return gradients

    @functools.cached_property
    def second_condition(self) -> Arrays:
        """See `gradients_condition`.  Where all are 0, terms as large as the gradients may have cancelled."""
        count = len(self.arrays)

        def gradients(arguments: Arrays) -> Arrays:
            return self._gradients(arguments[:count], arguments[count:], order=2)

        found = condition(gradients, [*self.arrays, *self.weights.values()], self.second_gradients)
        return [c if np.any(second) else c + np.max(np.abs(first), initial=0.0, where=np.isfinite(first))
                for c, second, first in zip(found, self.second_gradients, self.unchecked_gradients, strict=True)]

    def _gradients(self, arrays: Arrays, factors: Arrays | None = None, order: int = 1) -> Arrays:
        factors = list(self.weights.values()) if factors is None else factors
        with np.errstate(all="ignore"), precise() as engine:
            tensors = [engine.convert(x, x.dtype.name) for x in arrays]
            weights = {i: engine.convert(w, w.dtype.name) for i, w in zip(self.weights, factors, strict=True)}
            projected = functools.partial(project, engine, self.call, tensors, weights)
            floats = [tensors[i] for i in self.call.floats]
            gradients = engine.value_and_grad(projected, floats)[2] if order == 1 else differentiated_twice(engine, projected, floats)
            return [engine.to_numpy(g) for g in gradients]

    def _projection(self, arrays: Arrays) -> float:
        values = _values(self.call, arrays)
        return float(sum(np.sum(np.real(values[i] * w)) for i, w in self.weights.items()))

    def _projection_of_gradients(self, arrays: Arrays) -> float:
        gradients = self._gradients(arrays)
        return float(sum(np.sum(g * w) for g, w in zip(gradients, signs([g.shape for g in gradients]), strict=True)))

    def _compare_with_differences(self, name: str, gradients: Arrays, function: Callable[[Arrays], float]) -> None:
        """Each array's gradient against slopes of `function` along random directions."""
        rng = np.random.default_rng(2)
        middle = function(self.arrays)
        for position, gradient in zip(self.call.floats, gradients, strict=True):
            for _ in range(DIRECTIONS if gradient.size else 0):
                direction = rng.choice([-1.0, 1.0], gradient.shape) * rng.integers(64, 129, gradient.shape) / 128
                parts = gradient * direction
                expected = float(np.sum(parts))
                scale = float(np.sum(np.abs(parts[np.isfinite(parts)]))) + 1e-3 * abs(middle) + 1e-3
                along = functools.partial(self._at, function, position)
                slope = _slope(along, self.arrays[position], direction, middle, scale)
                if slope is not None and not abs(slope - expected) <= 1e-6 * scale:
                    raise AssertionError(f"the numpy engine's float64 {name} of argument {position} has slope {expected:.8g} along a "
                                         f"random direction, finite differences of the reference give {slope:.8g}")

    def _at(self, function: Callable[[Arrays], float], position: int, x: np.ndarray) -> float:
        return function([x if i == position else other for i, other in enumerate(self.arrays)])


def _slope(function: Callable[[np.ndarray], float], x: np.ndarray, direction: np.ndarray, middle: float, scale: float) -> float | None:
    """The slope along a direction on which two steps agree; None at a kink, and where the function bends within the steps."""
    last = None
    for step in STEPS:
        ahead, behind = (function(x + s * direction) for s in (step, -step))
        if abs((ahead - middle) - (middle - behind)) > BEND * step**2 * scale:
            return None
        slope = (ahead - behind) / (2 * step)
        if last is not None and abs(slope - last) <= 1e-6 * scale:
            return slope
        last = slope
    return None


def project(engine: Any, call: Call, tensors: list[Any], weights: dict[int, Any], floats: list[Any]) -> tuple[Any, list[Any]]:
    """(weighted sum of the call's results, all results), with `floats` in the places of the float arguments.

    Of float results, and of the real parts of complex ones.
    """
    tensors = list(tensors)
    for position, x in zip(call.floats, floats, strict=True):
        tensors[position] = x
    args, kwargs = call.filled(tensors)
    results = [x for x in results_of(call.record.function(*args, **kwargs)) if engine.is_tensor(x)]
    chosen = call.record.canonical(*results) if call.record.canonical and weights else results
    total = None
    for i, weight in weights.items():
        part = engine.multiply(chosen[i], engine.cast(weight, engine.dtype_of(chosen[i])))
        part = engine.real(part) if engine.dtype_of(part) in COMPLEX else part
        part = engine.reduce_sum(part, tuple(range(len(engine.shape_of(part)))), False)
        part = engine.cast(part, "float32")
        total = part if total is None else engine.add(total, part)
    return total, results


def differentiated_twice(engine: Any, function: Any, tensors: list[Any]) -> list[Any]:
    """Gradients of a fixed projection of the gradients of `function(tensors) -> (scalar, aux)`."""
    shapes = [engine.shape_of(x) for x in tensors]
    weights = [engine.convert(w, engine.dtype_of(x)) for w, x in zip(signs(shapes), tensors, strict=True)]

    def slope(xs: list[Any]) -> tuple[Any, Any]:
        gradients = engine.value_and_grad(function, xs)[2]
        parts = [engine.reduce_sum(engine.multiply(g, w), tuple(range(len(shape))), False)
                 for g, w, shape in zip(gradients, weights, shapes, strict=True)]
        return functools.reduce(engine.add, [engine.cast(part, engine.dtype_of(parts[0])) for part in parts]), None

    with config.second_order():
        return engine.value_and_grad(slope, tensors)[2]


def signs(shapes: Iterable[tuple[int, ...]]) -> Arrays:
    """The fixed projection of gradients: 1 and -1 at random."""
    rng = np.random.default_rng(3)
    return [np.asarray(rng.choice([-1.0, 1.0], shape)) for shape in shapes]


@functools.lru_cache(maxsize=512)
def _reference(name: str, index: int, dtype: str | None) -> Reference:
    from keras_lite.ops.table import TABLE
    from keras_lite.testing.calls import make_call

    return Reference(make_call(TABLE[name], index, dtype))


def reference_of(record: Record, index: int, dtype: str | None = None) -> Reference:
    """The (remembered) reference of a sample."""
    return _reference(record.name, index, dtype)
