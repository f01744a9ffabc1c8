"""Conversion, facts about tensors, and gradients that are cut or replaced."""

from __future__ import annotations

import contextvars
import functools
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from keras_lite import config
from keras_lite.engine import registry
from keras_lite.engine.dtypes import ALL, standardize
from keras_lite.engine.errors import invalid, not_there, wrong_type
from keras_lite.ops import references
from keras_lite.ops.data import as_tensor, cast_sparse, check_range, dtype_of_data, is_sparse, keep_imaginary, no_sparse
from keras_lite.ops.kinds import shown
from keras_lite.ops.sample import Sample, array, boolean, c64, f32, i32
from keras_lite.ops.table import named, op, primitive
from keras_lite.state import tree
from keras_lite.state.variable import Variable
from keras_lite.symbolic.spec import KerasTensor


@primitive(samples=(Sample(f32(3, 4), "int32", grad=False), Sample(i32(3), "float32", grad=False), Sample(f32(0, 2), "bool", grad=False),
                    Sample(boolean(3), "uint8"), Sample(c64(3), "bool"), Sample(c64(2, 3), "float32"), Sample(f32(3), "complex64"),
                    Sample(f32(2), "float16"), Sample(array([0.0, 0.5, float("nan")]), "bool", grad=False),
                    Sample(f32(2), "flaot32", error="'flaot32' is no dtype")), reference=references.cast)
def cast(engine: Any, x: Any, dtype: Any) -> Any:
    """`x` in another `dtype`; floats become integers by truncation, and bools by `x != 0`.  A sparse tensor stays one.

    Integers that the new dtype does not hold lose their upper bits.  A float beyond its range, an infinity or NaN becomes what the
    framework makes of it, which differs between engines, devices and compiled programs: `clip` first where that may happen, or use
    `saturate_cast`.  Raises ValueError where there is no such dtype.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.cast([-1.75, 0.0, 2.75], "int32")).tolist()
    [-1, 0, 2]
    >>> ops.convert_to_numpy(ops.cast([257, 3], "uint8")).tolist()
    [1, 3]
    """
    if is_sparse(engine, x):
        return cast_sparse(engine, x, standardize(dtype, config.floatx()))
    return as_tensor(engine, x), engine.canonical_dtype(standardize(dtype, config.floatx()))


@op(tensors=(), samples=(Sample(f32(3, 4)), Sample(f32()), Sample(f32(0, 3)), Sample((f32(3), {"a": f32(2), "b": None})),
                         Sample("text", error="expected a tensor, an array or a number")),
    reference=lambda x: x, slope=False)
def stop_gradient(variable: Any) -> Any:
    """The values of `variable`, a tensor or Variable, as a constant for differentiation; of a nest of some each.

    >>> from keras_lite import ops
    >>> _, slope = ops.jvp(lambda x: x * ops.stop_gradient(x), (ops.array(3.0),), (ops.array(1.0),))
    >>> float(slope)  # 6 for x * x
    3.0
    """
    engine = registry.current()
    if engine.is_tensor(variable) or not _is_nest(variable):
        return engine.stop_gradient(as_tensor(engine, variable))
    return tree.map_structure(lambda x: x if x is None else engine.stop_gradient(as_tensor(engine, x)), variable)


def _is_nest(x: Any) -> bool:
    """Whether `x` is a nest of tensors; one of numbers is data for a tensor."""
    return tree.is_nested(x) and not (isinstance(x, (list, tuple)) and all(type(leaf) in (bool, int, float) for leaf in tree.flatten(x)))


@named
def convert_to_tensor(x: Any, dtype: Any = None, sparse: bool | None = None, ragged: bool | None = None) -> Any:
    """`x` as a tensor of its own engine, else of the active one.

    Args:
        x: a tensor, variable, array, number or nested list.
        dtype: dtype of the result; by default that of `x`, as far as the engine has it, int32 for ints, `floatx` for floats.
        sparse: False makes a sparse tensor dense; otherwise it stays as it is, where the engine has them.
        ragged: not supported; the framework's own `to_tensor()` pads ragged tensors.

    Raises:
        NotImplementedError: `ragged` is true, or `sparse` where the engine has no such tensors.
        TypeError: `x` holds no numbers or bools.
        ValueError: there is no such dtype, or it does not hold the numbers.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.convert_to_tensor([[1, 2], [3, 4]], dtype="float32")).tolist()
    [[1.0, 2.0], [3.0, 4.0]]
    """
    if ragged:
        raise not_there("convert_to_tensor", "no engine has ragged tensors; leave `ragged` out")
    if sparse is not None:
        engine = registry.engine_of((x,)) or registry.current()
        if sparse and not engine.is_abstract and not hasattr(engine, "make_sparse"):
            raise no_sparse("convert_to_tensor", engine)
        if not sparse and is_sparse(engine, x):
            from keras_lite.ops.sparse import densify  # made of ops that are made of this module's

            x = densify(x)
    if dtype is not None:
        dtype = standardize(dtype, config.floatx())
        if not isinstance(x, (KerasTensor, Variable)):
            return _converted(x, dtype)
        keep_imaginary("convert_to_tensor", x.dtype, dtype)
        return cast(x, dtype)
    return x if isinstance(x, KerasTensor) else _converted(x, None)


def _converted(x: Any, dtype: str | None) -> Any:
    engine = registry.engine_of((x,)) or registry.current()
    if dtype is not None and isinstance(x, np.ndarray):  # here it is data, also where arrays are the engine's tensors
        check_range("convert_to_tensor", x, dtype)
    elif dtype is not None and engine.is_tensor(x):
        keep_imaginary("convert_to_tensor", engine.dtype_of(x), dtype)
    if engine.is_sparse(x):
        if not hasattr(engine, "make_sparse"):
            raise no_sparse("convert_to_tensor", engine)
        return x if dtype is None else cast(x, dtype)
    with registry.using(engine):
        tensor = as_tensor(engine, x, dtype)
    if (found := engine.dtype_of(tensor)) not in ALL:
        raise wrong_type("convert_to_tensor", f"expected numbers or bools, got a tensor of {found}")
    # where arrays are tensors, what the user writes to theirs later must not reach this one, on no engine
    return engine.copy(tensor) if tensor is x and x.__class__ is np.ndarray else tensor


@named
def convert_to_numpy(x: Any) -> np.ndarray:
    """A NumPy array with the values of `x`: a tensor, variable, number or nested list.  Raises TypeError for a KerasTensor.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.ones((2, 2)))
    array([[1., 1.],
           [1., 1.]], dtype=float32)
    """
    engine = registry.engine_of((x,))
    if engine is None or isinstance(x, KerasTensor):
        return np.array(x)
    if engine.is_sparse(x):
        x = convert_to_tensor(x, sparse=False)
    with registry.using(engine):
        return engine.to_numpy(as_tensor(engine, x))


def is_tensor(x: Any) -> bool:
    """Whether `x` is a tensor of an engine (a Variable, a KerasTensor or a NumPy array beside another engine is none).

    >>> from keras_lite import ops
    >>> ops.is_tensor(ops.ones(2)), ops.is_tensor([1.0, 1.0])
    (True, False)
    """
    owner = None if isinstance(x, Variable) else registry.engine_of((x,))
    if owner is None:
        return registry.current().is_tensor(x)
    return not owner.is_abstract and (owner.is_tensor(x) or owner.is_sparse(x))


@named
def shape(x: Any) -> tuple[Any, ...]:
    """The sizes of `x`: ints; None for an unknown size of a KerasTensor; scalar tensors for those inside a TensorFlow graph.

    >>> from keras_lite import ops
    >>> ops.shape([[1, 2, 3], [4, 5, 6]]), ops.shape(5)
    ((2, 3), ())
    """
    if isinstance(x, (KerasTensor, Variable)):
        return x.shape
    engine = registry.engine_of((x,))
    if engine is not None and is_sparse(engine, x):
        return engine.sparse_parts(x)[2]
    if engine is not None:
        return engine.shape_of(as_tensor(engine, x))
    dtype_of_data(x)  # which raises TypeError for what is no data
    return np.shape(x)


@named
def dtype(x: Any) -> str:
    """The name of the dtype that `x` has, or would have as a tensor.  Raises TypeError for what is no data.

    >>> from keras_lite import ops
    >>> ops.dtype(ops.ones((2, 2), "float16")), ops.dtype([1, 2]), ops.dtype(1.5)
    ('float16', 'int32', 'float32')
    """
    if isinstance(x, (KerasTensor, Variable)):
        return x.dtype
    engine = registry.engine_of((x,))
    found = dtype_of_data(x) if engine is None or is_sparse(engine, x) else engine.dtype_of(as_tensor(engine, x))
    return {"int": "int32", "float": config.floatx(), "complex": "complex64"}.get(found, found)


@named
def ndim(x: Any) -> int:
    """The number of axes of `x`, a tensor, array, number or nested list.

    >>> from keras_lite import ops
    >>> ops.ndim([[1, 2], [3, 4]]), ops.ndim(5)
    (2, 0)
    """
    return len(shape(x))


@named
def size(x: Any) -> Any:
    """The number of elements of `x`, an int; None where a size is unknown, a scalar tensor for that inside a TensorFlow graph.

    >>> from keras_lite import ops
    >>> ops.size([[1, 2, 3], [4, 5, 6]])
    6
    """
    total: Any = 1
    for n in shape(x):
        total = None if n is None or total is None else total * n
    return total


@op(tensors=(), samples=(Sample([f32(3, 4)], lambda x: ([x * 2.0], []), lambda residuals, cotangents: [cotangents[0] * 2.0]),
                         Sample([f32(0)], lambda x: ([x * x], [x]), lambda residuals, cotangents: [residuals[0] * cotangents[0] * 2.0]),
                         Sample([f32(2), f32(2)], lambda x, y: ([x * y], [x, y]), lambda r, c: [c[0] * r[1], c[0] * r[0]]),
                         Sample(["text"], None, None, error="forward must be a function, got None")),
    dtypes=("float32", "float64", "float16"))
def with_gradient(tensors: list[Any], forward: Callable[..., Any], backward: Callable[..., Any]) -> list[Any]:
    """`outputs` of `forward(*tensors) -> (outputs, residuals)` with the gradient `backward(residuals, cotangents)`.

    Composites say their own derivative with it.  `backward` must take all it needs from its arguments: it may run in another
    thread.  There the active engine and the scopes are those of the forward call.
    """
    engine = registry.current()
    context = contextvars.copy_context()

    def there(residuals: list[Any], cotangents: list[Any]) -> list[Any]:
        return context.copy().run(backward, residuals, cotangents)

    return engine.custom_gradient(forward, there, [as_tensor(engine, x) for x in tensors])


def custom_gradient(f: Callable[..., Any]) -> Callable[..., Any]:
    """Decorator for a function `f` with a gradient of its own: `f(*args) -> (outputs, grad)`.

    `grad(*args, upstream=None)` gets the gradient with respect to the outputs, by position or as `upstream`, and returns one
    gradient for each argument.  `f` runs again in the backward pass, where `grad` is needed: it must not have side effects.  What
    is differentiated has to be an argument of `f`: a tensor or variable that `f` closes over is a constant, whose gradient is zero.
    Where `grad` alone uses such a one, jax raises ValueError.  Raises TypeError if `f` is no function, or returns something else.

    >>> from keras_lite import ops
    >>> @ops.custom_gradient
    ... def straight_through(x):
    ...     return ops.round(x), lambda upstream: upstream
    >>> value, slope = ops.jvp(straight_through, (ops.array(2.75),), (ops.array(1.0),))
    >>> float(value), float(slope)
    (3.0, 1.0)
    """

    if not callable(f):
        raise wrong_type("custom_gradient", f"expected a function, got {shown(f)}")

    @functools.wraps(f, updated=())  # without what `publish` put into an op
    def function(*args: Any, **kwargs: Any) -> Any:
        structure: list[Any] = []

        def forward(*tensors: Any) -> tuple[list[Any], list[Any]]:
            outputs, _ = _with_grad(f(*tensors, **kwargs))
            structure[:] = [outputs]
            return tree.flatten(outputs), list(tensors)

        def backward(tensors: list[Any], cotangents: list[Any]) -> list[Any]:
            outputs, grad = f(*tensors, **kwargs)
            upstream = tree.pack_as(outputs, cotangents)
            return [_gradient_of(x, g) for x, g in zip(tensors, _gradients(grad, upstream, len(tensors)), strict=True)]

        flat = with_gradient(list(args), forward, backward)
        return tree.pack_as(structure[0], flat)

    return function


def _with_grad(result: Any) -> tuple[Any, Callable[..., Any]]:
    """What a function with a gradient of its own returned; raises TypeError if that is none."""
    if not isinstance(result, (list, tuple)) or len(result) != 2 or not callable(result[1]):
        raise wrong_type("custom_gradient", f"the function must return (outputs, grad), of which grad is a function, got {shown(result)}")
    return result[0], result[1]


def _gradient_of(x: Any, gradient: Any) -> Any:
    """A gradient with respect to `x`, as a tensor where it is a number, such as the product of NumPy's 0-d arrays is."""
    engine = registry.current()
    if gradient is None or engine.is_tensor(gradient) or registry.engine_of((gradient,)) is not None:
        return gradient
    return as_tensor(engine, gradient, engine.dtype_of(x))


def _gradients(grad: Callable[..., Any], upstream: Any, count: int) -> list[Any]:
    """What `grad` returns for `upstream`, as a list of `count` gradients."""
    parameters = inspect.signature(grad).parameters.values()
    keyword = any(p.name == "upstream" for p in parameters) and not any(p.kind is p.VAR_POSITIONAL for p in parameters)
    several = isinstance(upstream, (list, tuple))
    result = grad(upstream=upstream) if keyword else grad(*upstream) if several else grad(upstream)
    gradients = list(result) if isinstance(result, (list, tuple)) else [result]
    if len(gradients) != count:
        raise invalid("custom_gradient", f"the function has {count} arguments, but its gradient returned {len(gradients)} values")
    return gradients
