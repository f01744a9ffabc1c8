"""What an engine is: a plain module (or package) with the functions below.

An engine adapts one tensor framework.  It is small because the frontend does the shared work first:

* tensors: every tensor argument is a tensor of this engine, of a dtype for which `canonical_dtype` is the identity;
* binary functions get two tensors of one dtype, or one tensor and one Python scalar representable in that dtype
  (the result has the tensor's dtype); shapes broadcast as in NumPy;
* `axis` arguments are non-negative ints inside the rank; `axes` are sorted tuples of such ints, never None;
* `shape` arguments are tuples of non-negative ints (one -1 in `reshape`), already checked;
* dtypes are names: "bool" "uint8" ... "int64" "bfloat16" "float16" "float32" "float64" "complex64" "complex128";
* float functions get float tensors, bitwise functions get bool or integer tensors.

Semantics are NumPy's: NaN propagates through max/min, `remainder` and `floor_divide` take the divisor's sign, `round` goes
to even, integers wrap around, reductions of an empty axis give the neutral element.  Each function must work eagerly, inside
`compile`/`compile_step`, and under `value_and_grad` (nested too) unless the docstring says otherwise.  Gradients of
max/min reductions split evenly over ties, those of maximum/minimum give half to each on a tie.

A module may add `NATIVES`, a dict from the name of any op of the table to its own implementation of it: same parameters as
the op, tensor parameters already converted and promoted.  It may return NotImplemented for arguments that it does not serve: then
the op's own definition is used.  `FIRST_ORDER` names those natives that have no second gradient: where one is wanted they are left
out.  It may add `VARIABLE_ATTRIBUTES`, a dict from attributes that functions of its framework look for on a variable to functions
that get them from a holder.  And it may add `native_random_bits`, with the parameters of `random_bits`: bits of the framework's own
generator, seeded by the two words alone, so that equal seeds give equal bits and the user's generators stay as they are.
`on_host(x)` gives the array of an eager tensor in the host's memory of which nobody wants a derivative, else None: with it some composites
are computed by the numpy engine.
`adopt(x, dtype)` is `convert` of a NumPy array that nobody else holds, whose memory the tensor may share.
`is_traced(x)` is there where the framework compiles eager calls anyway, one by one, and tells whether `x` is a tensor of which the value is
not known because a program or derivative is being made: other calls of a composite, or of a draw, are then one program.
`is_eager()` says whether what is called now runs at once, on tensors whose values can be read (differentiated or not): then the
frontend describes no bodies before it calls `while_loop`, `scan` and `vectorized_map`; where there is `is_traced`, it does if it can.
`UNKNOWN_SIZES = True` says that sizes may be unknown while a function is compiled: wherever the functions below take a size, a count, a
padding width or the bound of a slice, there may be a scalar int32 tensor (`shape_of` returns such), but for windows, strides and steps.
`whole(function, code, is_pure)` is there where the framework has a compiler of Python code that reads it: it gives `function` as one
that this compiler takes as a single call in its programs, or, if it is not pure, as a break in them; below `code` it compiles nothing.
An engine with sparse tensors
adds `is_sparse(x)`, which never raises, `sparse_parts(x) -> (indices, values, shape)`, with integer indices (n, rank) inside the shape and
values (n,) that add up at equal places, and `make_sparse(indices, values, shape)`, where indices outside of the shape fill up; one with
`is_sparse` alone has them refused.  They are no tensors for the functions below.
An engine whose framework has modules adds what the layers around those need (`module_state`, `call_module`), and `as_module(model)`,
the way back.
`conformance.check(module)` says what is missing or wrong.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from keras_lite.engine.contract_complex import ComplexNumbers
from keras_lite.engine.contract_linalg import LinearAlgebra

Tensor = Any
Shape = tuple[int, ...]
Pairs = tuple[tuple[int, int], ...]
Padding = str | Pairs


class Tensors(Protocol):
    """Creation, conversion and facts about tensors."""

    name: str
    """The engine's public name, e.g. "jax"."""

    def is_tensor(self, x: Any) -> bool:
        """Whether `x` is a tensor of this engine: eager, traced, or a framework variable.  Must be cheap and never raise."""

    def canonical_dtype(self, dtype: str) -> str:
        """The dtype this engine really uses for `dtype`; the only place where dtypes narrow (jax without 64-bit mode).

        An engine that narrows says in a string `how_to_widen` what its user can do to keep wide dtypes.
        """

    def convert(self, x: Any, dtype: str) -> Tensor:
        """A tensor of `dtype` from a NumPy array, a Python scalar or a (framework) tensor of this engine.

        Never aliases memory of a NumPy array.  Floats beyond an integer dtype's range are the caller's fault.
        """

    def cast(self, x: Tensor, dtype: str) -> Tensor:
        """`x` in `dtype`; float to integer truncates toward zero, anything to bool is `x != 0`.  Same dtype: `x` itself."""

    def copy(self, x: Tensor) -> Tensor:
        """A new tensor with the values of `x`, in storage of its own."""

    def to_numpy(self, x: Tensor) -> Any:
        """A NumPy array with the values of `x`; a copy wherever the engine may later update `x` in place.

        bfloat16 and float8 come as ml_dtypes dtypes.
        """

    def shape_of(self, x: Tensor) -> Shape:
        """The shape as a tuple of ints (inside a TensorFlow graph an unknown size is a scalar int32 tensor)."""

    def dtype_of(self, x: Tensor) -> str:
        """The dtype's name."""

    def full(self, shape: Shape, value: float | int | bool, dtype: str) -> Tensor:
        """A tensor of `shape` filled with a Python scalar."""

    def iota(self, size: int, dtype: str) -> Tensor:
        """`[0, 1, ..., size - 1]` of `dtype`."""

    def device(self, name: str) -> AbstractContextManager[None]:
        """Scope in which new tensors live on device `name`, "cpu", "gpu" or "gpu:1".

        Raises ValueError naming the devices there are when there is none of that name.
        """

    def devices(self) -> list[str]:
        """Names of the devices, the default one first, in the form "gpu:0", "cpu:0"."""


class State(Protocol):
    """What an eager Variable holds."""

    def variable(self, value: Tensor, trainable: bool, layout: Any = None, is_own: bool = False) -> Any:
        """A holder (jax: the array itself, torch: Parameter or tensor, tensorflow: tf.Variable) with `value`.

        Where holders are written in place, they do so to a copy, unless `is_own`: nobody else holds `value`.
        `layout` says how it lies on several devices; an engine that can't distribute raises NotImplementedError unless it is None.
        """

    def read(self, holder: Any) -> Tensor:
        """The holder's value as a plain tensor, without a copy; its storage may be donated to a compiled step."""

    def write(self, holder: Any, value: Tensor) -> Any:
        """Store `value` (same shape and dtype) and return the holder to keep; in place where holders are mutable.

        Raises ValueError for a tensor that exists only inside a trace, where the engine can't store it when the program runs.
        """

    def untraced(self) -> AbstractContextManager[Any]:
        """Scope in which tensors are computed at once and outlive any trace that is under way (`eval_shape`, `compile`)."""


class Elementwise(Protocol):
    """Elementwise arithmetic.  `x` is a tensor; `x1`, `x2` are two tensors of one dtype or a tensor and a Python scalar."""

    # any number; negative of unsigned wraps
    def negative(self, x: Tensor) -> Tensor: ...
    def absolute(self, x: Tensor) -> Tensor: ...
    def sign(self, x: Tensor) -> Tensor: ...

    # floats
    def exp(self, x: Tensor) -> Tensor: ...
    def expm1(self, x: Tensor) -> Tensor: ...
    def log(self, x: Tensor) -> Tensor: ...
    def log1p(self, x: Tensor) -> Tensor: ...
    def sqrt(self, x: Tensor) -> Tensor: ...
    def rsqrt(self, x: Tensor) -> Tensor: ...
    def sin(self, x: Tensor) -> Tensor: ...
    def cos(self, x: Tensor) -> Tensor: ...
    def tan(self, x: Tensor) -> Tensor: ...
    def arcsin(self, x: Tensor) -> Tensor: ...
    def arccos(self, x: Tensor) -> Tensor: ...
    def arctan(self, x: Tensor) -> Tensor: ...
    def sinh(self, x: Tensor) -> Tensor: ...
    def cosh(self, x: Tensor) -> Tensor: ...
    def tanh(self, x: Tensor) -> Tensor: ...
    def arcsinh(self, x: Tensor) -> Tensor: ...
    def arccosh(self, x: Tensor) -> Tensor: ...
    def arctanh(self, x: Tensor) -> Tensor: ...
    def erf(self, x: Tensor) -> Tensor: ...
    def erfinv(self, x: Tensor) -> Tensor: ...
    def lgamma(self, x: Tensor) -> Tensor: ...
    def digamma(self, x: Tensor) -> Tensor: ...
    def floor(self, x: Tensor) -> Tensor: ...
    def ceil(self, x: Tensor) -> Tensor: ...
    def round(self, x: Tensor) -> Tensor: ...
    def is_nan(self, x: Tensor) -> Tensor: ...
    def is_finite(self, x: Tensor) -> Tensor: ...

    # two operands; `divide`, `power` of floats, `arctan2` are for floats, negative powers of integers round toward 0 (or raise on numpy)
    def add(self, x1: Tensor, x2: Tensor) -> Tensor: ...
    def subtract(self, x1: Tensor, x2: Tensor) -> Tensor: ...
    def multiply(self, x1: Tensor, x2: Tensor) -> Tensor: ...
    def divide(self, x1: Tensor, x2: Tensor) -> Tensor: ...
    def floor_divide(self, x1: Tensor, x2: Tensor) -> Tensor: ...
    def remainder(self, x1: Tensor, x2: Tensor) -> Tensor: ...
    def power(self, x1: Tensor, x2: Tensor) -> Tensor: ...
    def arctan2(self, x1: Tensor, x2: Tensor) -> Tensor: ...
    def maximum(self, x1: Tensor, x2: Tensor) -> Tensor: ...
    def minimum(self, x1: Tensor, x2: Tensor) -> Tensor: ...
    def nextafter(self, x1: Tensor, x2: Tensor) -> Tensor: ...

    # bool or integer
    def bitwise_and(self, x1: Tensor, x2: Tensor) -> Tensor: ...
    def bitwise_or(self, x1: Tensor, x2: Tensor) -> Tensor: ...
    def bitwise_xor(self, x1: Tensor, x2: Tensor) -> Tensor: ...
    def bitwise_not(self, x: Tensor) -> Tensor: ...
    def left_shift(self, x1: Tensor, x2: Tensor) -> Tensor: ...
    def right_shift(self, x1: Tensor, x2: Tensor) -> Tensor: ...

    # comparison: any dtype, the result is bool
    def equal(self, x1: Tensor, x2: Tensor) -> Tensor: ...
    def not_equal(self, x1: Tensor, x2: Tensor) -> Tensor: ...
    def less(self, x1: Tensor, x2: Tensor) -> Tensor: ...
    def less_equal(self, x1: Tensor, x2: Tensor) -> Tensor: ...
    def greater(self, x1: Tensor, x2: Tensor) -> Tensor: ...
    def greater_equal(self, x1: Tensor, x2: Tensor) -> Tensor: ...

    def where(self, condition: Tensor, x1: Tensor, x2: Tensor) -> Tensor:
        """`x1` where the bool tensor `condition` holds, else `x2`; the three broadcast.  NaN in the branch not taken must
        not reach its gradient as anything but zero times that branch's own derivative (the frontend guards the rest)."""


class Reductions(Protocol):
    """Reductions over `axes` (sorted, possibly empty: then `x` itself)."""

    def reduce_sum(self, x: Tensor, axes: tuple[int, ...], keepdims: bool) -> Tensor:
        """Sum in the dtype of `x` (bfloat16 and float16 accumulate in float32 and round once)."""

    def reduce_prod(self, x: Tensor, axes: tuple[int, ...], keepdims: bool) -> Tensor: ...

    def reduce_max(self, x: Tensor, axes: tuple[int, ...], keepdims: bool) -> Tensor:
        """NaN if there is one; the frontend never asks for an empty axis."""

    def reduce_min(self, x: Tensor, axes: tuple[int, ...], keepdims: bool) -> Tensor: ...
    def reduce_any(self, x: Tensor, axes: tuple[int, ...], keepdims: bool) -> Tensor: ...
    def reduce_all(self, x: Tensor, axes: tuple[int, ...], keepdims: bool) -> Tensor: ...

    def argmax(self, x: Tensor, axis: int) -> Tensor:
        """int32 index of the first maximum along `axis` (removed); the first NaN counts as the maximum."""

    def argmin(self, x: Tensor, axis: int) -> Tensor: ...
    def cumsum(self, x: Tensor, axis: int) -> Tensor: ...
    def cumprod(self, x: Tensor, axis: int) -> Tensor: ...


class Shaping(Protocol):
    """Same elements, another arrangement."""

    def reshape(self, x: Tensor, shape: Shape) -> Tensor: ...
    def transpose(self, x: Tensor, axes: tuple[int, ...]) -> Tensor: ...
    def broadcast_to(self, x: Tensor, shape: Shape) -> Tensor: ...
    def concatenate(self, xs: Sequence[Tensor], axis: int) -> Tensor: ...

    def pad(self, x: Tensor, pairs: Pairs, value: float | int | bool) -> Tensor:
        """Constant padding, one (before, after) pair of non-negative ints for each axis."""

    def flip(self, x: Tensor, axes: tuple[int, ...]) -> Tensor: ...

    def strided_slice(self, x: Tensor, starts: tuple[int, ...], stops: tuple[int, ...], steps: tuple[int, ...]) -> Tensor:
        """`x[starts[0]:stops[0]:steps[0], ...]` for every axis: 0 <= start <= stop <= size, step >= 1."""

    def dynamic_slice(self, x: Tensor, starts: Sequence[Tensor | int], sizes: Shape) -> Tensor:
        """A block of `sizes` from `starts` (scalar integer tensors or ints), clamped so that the block lies inside `x`."""

    def dynamic_update_slice(self, x: Tensor, update: Tensor, starts: Sequence[Tensor | int]) -> Tensor:
        """`x` with `update` written at `starts`, clamped likewise; `x` itself is unchanged."""


class Indexing(Protocol):
    """Index tensors are int32 or int64 and already inside 0 <= i < size."""

    def gather(self, x: Tensor, indices: Tensor, axis: int) -> Tensor:
        """`np.take(x, indices, axis)`: the axis is replaced by the shape of `indices`."""

    def take_along_axis(self, x: Tensor, indices: Tensor, axis: int) -> Tensor:
        """As in NumPy; both have the same rank, the other axes broadcast."""

    def scatter(self, x: Tensor, indices: Tensor, updates: Tensor, mode: str) -> Tensor:
        """`x` with `updates` combined in at `indices`; `x` itself is unchanged.

        `indices` (n, k) name the first k axes of `x`, `updates` is (n, *x.shape[k:]).  `mode` is "set" (the last of equal
        indices wins; no promise on which gradient), "add", "multiply", "max" or "min".
        """

    def sort(self, x: Tensor, axis: int) -> Tensor:
        """Ascending, NaN last."""

    def argsort(self, x: Tensor, axis: int) -> Tensor:
        """Stable ascending order as int32, NaN last."""

    def top_k(self, x: Tensor, k: int) -> tuple[Tensor, Tensor]:
        """Largest `k` along the last axis, descending, and their int32 indices; ties in order of index."""

    def searchsorted(self, sorted_sequence: Tensor, values: Tensor, side: str) -> Tensor:
        """int32 insertion points into a sorted vector; `side` is "left" or "right"."""


class Contraction(Protocol):
    """Products and windows.  bfloat16 and float16 accumulate in float32.

    `channels_last` says where the channels of `x` and of the result are: (n, *spatial, c) or (n, c, *spatial).  `padding` is
    "valid", "same" (TensorFlow's: total = max((ceil(n/s)-1)*s + (k-1)*d + 1 - n, 0), the odd one after) or explicit pairs.
    One to three spatial axes; `strides` and `dilation` are tuples, one int for each.
    """

    def matmul(self, x1: Tensor, x2: Tensor) -> Tensor:
        """NumPy's matmul: ranks 1 and more, leading axes broadcast."""

    def einsum(self, subscripts: str, operands: Sequence[Tensor]) -> Tensor:
        """Explicit form with "->", letters only (the frontend expands the ellipsis)."""

    def conv(self, x: Tensor, kernel: Tensor, strides: tuple[int, ...], padding: Padding, dilation: tuple[int, ...],
             groups: int, channels_last: bool) -> Tensor:
        """Cross-correlation; `kernel` is (*window, channels_in / groups, channels_out)."""

    def conv_transpose(self, x: Tensor, kernel: Tensor, strides: tuple[int, ...], padding: Pairs, dilation: tuple[int, ...],
                       channels_last: bool) -> Tensor:
        """The gradient of `conv` with respect to its input: `kernel` is (*window, channels_out, channels_in).

        `padding` pairs crop the full result of size (n-1)*s + (k-1)*d + 1 (a negative number extends it by zeros).
        """

    def reduce_window(self, x: Tensor, kind: str, window: tuple[int, ...], strides: tuple[int, ...], padding: Padding,
                      channels_last: bool) -> Tensor:
        """"max" or "sum" over the windows of the spatial axes; padding counts as -inf (lowest) or 0.

        The gradient of "max" goes to the first maximum of each window.
        """


class Control(Protocol):
    """Structured control flow.  States are lists of tensors whose shapes and dtypes do not change."""

    def cond(self, predicate: Tensor, true_fn: Callable[[], list[Tensor]], false_fn: Callable[[], list[Tensor]]) -> list[Tensor]:
        """One of two branches by a scalar bool; only the branch taken runs where the engine can arrange it."""

    def while_loop(self, condition: Callable[[list[Tensor]], Tensor], body: Callable[[list[Tensor]], list[Tensor]],
                   state: list[Tensor], maximum_iterations: int | None) -> list[Tensor]:
        """Repeat `body` while `condition`; reverse-mode gradients are promised only with `maximum_iterations`.

        While `is_eager()`, `condition` may return a Python bool.
        """

    def scan(self, body: Callable[[list[Tensor], list[Tensor]], tuple[list[Tensor], list[Tensor]]], state: list[Tensor],
             xs: list[Tensor], length: int, reverse: bool) -> tuple[list[Tensor], list[Tensor]]:
        """`body(state, x) -> (state, y)` over the leading axis of `xs`; returns the last state and the stacked `y`."""

    def vectorized_map(self, fn: Callable[[list[Tensor]], list[Tensor]], xs: list[Tensor]) -> list[Tensor]:
        """`fn` over the leading axis of all `xs`, results stacked."""


class Transformation(Protocol):
    """Differentiation and compilation of pure functions of tensors."""

    def stop_gradient(self, x: Tensor) -> Tensor: ...

    def value_and_grad(self, fn: Callable[[list[Tensor]], tuple[Tensor, Any]], tensors: list[Tensor]) -> tuple[Tensor, Any, list[Tensor]]:
        """(value, aux, gradients) of `fn(tensors) -> (scalar, aux)`; tensors that do not matter get zeros.

        The scalar is real.  The gradient of a complex tensor is the derivative by its real part plus i times that by its imaginary part,
        the direction of the steepest ascent, here and in `custom_gradient` (in PyTorch and TensorFlow too; JAX has the conjugate).

        `aux` is any nest of tensors (lists, tuples, dicts, None) and comes back detached.
        """

    def custom_gradient(self, forward: Callable[..., tuple[list[Tensor], list[Tensor]]],
                        backward: Callable[[list[Tensor], list[Tensor]], list[Tensor]], tensors: list[Tensor]) -> list[Tensor]:
        """`outputs` of `forward(*tensors) -> (outputs, residuals)`, whose gradient is `backward(residuals, cotangents)`,
        one for each of `tensors`.  `backward` may run in another thread and gets all it needs as arguments."""

    def compile(self, fn: Callable[..., Any]) -> Callable[..., Any]:
        """`fn`, compiled for each signature.  Arguments and results are nests of tensors; Python side effects of `fn` may
        happen only while it is traced.  If it can't be traced because it reads values, an engine may run it eagerly."""

    def compile_step(self, step: Callable[[list[Tensor], list[Tensor], Tensor], list[Tensor]],
                     layouts: Any = None) -> Callable[..., list[Tensor]]:
        """Many steps in one call.

        `step(carry, source, index) -> carry` is pure: lists of tensors, `index` a scalar int32 tensor; the carry keeps its
        shapes and dtypes.  The result is `run(carry, source, start, count) -> carry`, which applies the step for index
        start, ..., start+count-1.  `carry` is donated: dead after the call.  One step at a time and many at once run the
        same machine code and give the same bits.  `layouts` are those of the carry and of the source on several devices, as in
        `variable`; None today.
        """

    def eval_shape(self, fn: Callable[..., Any], specs: list[tuple[Shape, str]]) -> Any:
        """The nest that `fn` returns with each tensor as a `(shape, dtype)` pair, without computing where the engine can."""


class Randomness(Protocol):
    """The portable stream; see `keras_lite/engine/bits.py` for its definition and test vectors."""

    def random_bits(self, seed: Tensor, shape: Shape, width: int) -> Tensor:
        """int32 tensor of `shape` with the top `width` (1 to 31) bits of each word; `seed` is the (2,) uint32 (seed, counter)."""


class Engine(Tensors, State, Elementwise, Reductions, Shaping, Indexing, Contraction, LinearAlgebra, ComplexNumbers, Control,
             Transformation, Randomness, Protocol):
    """All the families."""


def required() -> dict[str, type]:
    """Names that an engine must have, each with the family that declares it."""
    families = [base for base in Engine.__mro__ if base not in (Engine, Protocol, object) and base.__module__.startswith(__name__)]
    return {name: family for family in reversed(families) for name in vars(family)
            if not name.startswith("_") and callable(getattr(family, name))}
