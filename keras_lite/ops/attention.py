"""Attention: weighted means of values, the weights by products of queries and keys."""

from __future__ import annotations

import math
from typing import Any

from keras_lite import config
from keras_lite.engine import registry
from keras_lite.engine.dtypes import FLOATS
from keras_lite.engine.errors import invalid, not_there
from keras_lite.ops import references_sequences as references
from keras_lite.ops import sizes
from keras_lite.ops.activation import softmax
from keras_lite.ops.arithmetic import add, divide, greater_equal, logical_and, multiply, not_equal, where
from keras_lite.ops.contraction import matmul
from keras_lite.ops.core import cast
from keras_lite.ops.creation import iota
from keras_lite.ops.data import as_tensor
from keras_lite.ops.elementwise import rsqrt, tanh
from keras_lite.ops.facts import dtype_of, rank_of, shape_of
from keras_lite.ops.families import INF, NAN
from keras_lite.ops.sample import Sample, array, boolean, f32, i32
from keras_lite.ops.shaping import expand_dims, reshape, transpose
from keras_lite.ops.statistics import back, wide
from keras_lite.ops.table import op
from keras_lite.symbolic.rules import broadcast_shapes, may_equal

MASKED = -1e38  # logit of what must not be attended: finite, so that a row of nothing else has a softmax and a gradient
QKV = ("query", "key", "value")
_PLAIN = f32(2, 3, 4, 5), f32(2, 6, 4, 5), f32(2, 6, 4, 5)
_GROUPED = f32(2, 3, 4, 5), f32(2, 6, 2, 5), f32(2, 6, 2, 5)
_NOTHING = array([[[[True, False, True], [False, False, False]]]], "bool")  # the second query has no key
_SHUT = array([[[[0.5, -INF, 1.0], [-INF, -INF, -INF]]]])
_SMALL = f32(1, 2, 2, 3), f32(1, 3, 2, 3), f32(1, 3, 2, 3)


_TEXT = Sample("text", f32(1, 2, 1, 3), f32(1, 2, 1, 3), None, None, 1.0, False, error="expected a tensor")
_FUSED = (
    Sample(*_PLAIN, None, None, 0.4, False), Sample(*_GROUPED, None, None, 0.4, True),
    Sample(*_PLAIN, f32(1, 4, 1, 6), None, 0.4, False), Sample(*_PLAIN, None, boolean(1, 1, 3, 6), 0.4, False),
    Sample(*_GROUPED, f32(2, 4, 3, 6), boolean(2, 4, 3, 6), 0.5, True), Sample(*_SMALL, None, _NOTHING, 1.0, False),
    Sample(*_SMALL, _SHUT, None, 1.0, False, grad=False),
    Sample(*_SMALL, _SHUT, array([[[[False, True, True]]]], "bool"), 1.0, True, grad=False),
    Sample(f32(1, 3, 1, 4, low=-60, high=60), f32(1, 5, 1, 4, low=-60, high=60), f32(1, 5, 1, 4), None, None, 1.0, False,
           grad=False))  # the kernels' gradients of a saturated softmax are rounding errors of the size of 1
_ALL = (*_FUSED, Sample(f32(2, 7, 2, 3), f32(2, 4, 1, 3), f32(2, 4, 1, 6), None, None, 0.6, True),
        Sample(f32(0, 3, 2, 4), f32(0, 5, 2, 4), f32(0, 5, 2, 4), None, None, 1.0, False),
        Sample(f32(1, 0, 2, 4), f32(1, 5, 2, 4), f32(1, 5, 2, 4), None, None, 1.0, False),
        Sample(f32(1, 2, 2, 4), f32(1, 0, 2, 4), f32(1, 0, 2, 4), None, None, 1.0, False))
_OPTIONS = (
    Sample(*_PLAIN), Sample(*_GROUPED), Sample(*_PLAIN, is_causal=True), Sample(*_GROUPED, scale=0.0), Sample(*_PLAIN, scale=0.8),
    Sample(*_PLAIN, bias=f32(3, 6)), Sample(*_PLAIN, mask=boolean(2, 1, 1, 6)), Sample(*_PLAIN, mask=i32(3, 6, low=0, high=2)),
    Sample(*_PLAIN, mask=boolean(3, 1)),
    Sample(*_PLAIN, mask=array([[1.0, 0.0, 1.0, 1.0, 1.0, 1.0]]), is_causal=True), Sample(*_SMALL, mask=_NOTHING),
    Sample(*_SMALL, bias=_SHUT, grad=False), Sample(*_PLAIN, bias=f32(2, 4, 3, 6), mask=boolean(2, 4, 3, 6)),
    Sample(*_PLAIN, mask=boolean(2, 1, 3, 1)), Sample(*_PLAIN, mask=array(True, "bool")),
    Sample(*_PLAIN, attn_logits_soft_cap=0.5), Sample(*_GROUPED, bias=f32(4, 3, 6), is_causal=True, attn_logits_soft_cap=2.0),
    Sample(*_PLAIN, flash_attention=False), Sample(i32(1, 2, 1, 3), i32(1, 4, 1, 3), i32(1, 4, 1, 3)), Sample(*_PLAIN[:2], i32(2, 6, 4, 5)),
    Sample(array([[[[200.0, 200.0]], [[-200.0, 200.0]]]], "float16"), array([[[[200.0, 200.0]]]], "float16"),
           array([[[[2.0, 3.0]]]], "float16"), grad=False),  # products beyond the range of float16
    Sample(array([[[[NAN, 1.0]], [[0.5, 2.0]]]]), f32(1, 3, 1, 2), f32(1, 3, 1, 2), grad=False),
    Sample(f32(2, 3, 5), f32(2, 6, 5), f32(2, 6, 5), error=r"query, key and value must have 4 axes .* got shapes \(2, 3, 5\)"),
    Sample(f32(2, 3, 4, 5), f32(1, 6, 4, 5), f32(1, 6, 4, 5), error="batch sizes differ"),
    Sample(f32(2, 3, 4, 5), f32(2, 6, 3, 5), f32(2, 6, 3, 5), error="4 query heads can't be shared out among 3 key heads"),
    Sample(f32(2, 3, 4, 5), f32(2, 6, 4, 4), f32(2, 6, 4, 4), error="query and key have 5 and 4 features"),
    Sample(f32(2, 3, 4, 5), f32(2, 6, 4, 5), f32(2, 5, 4, 5), error="key and value must agree"),
    Sample(*_PLAIN, bias=f32(5, 6), error=r"bias of shape \(5, 6\) does not broadcast to .* \(2, 4, 3, 6\)"),
    Sample(*_PLAIN, mask=boolean(3, 2, 4, 3, 6), error="mask of shape"),
    Sample(*_PLAIN, attn_logits_soft_cap=-1.0, error="attn_logits_soft_cap must be a positive number, got -1.0"),
    Sample("text", f32(1, 2, 1, 3), f32(1, 2, 1, 3), error="expected a tensor"))


@op(tensors=QKV, floating=True, dtypes=FLOATS, samples=_OPTIONS, normwise=True, reference=references.dot_product_attention)
def dot_product_attention(query: Any, key: Any, value: Any, bias: Any = None, mask: Any = None, scale: float | None = None,
                          is_causal: bool = False, flash_attention: bool | None = None,
                          attn_logits_soft_cap: float | None = None) -> Any:
    """`softmax(query · key * scale + bias) · value` for each head (https://arxiv.org/abs/1706.03762).

    Args:
        query: (B, T, N, H).
        key: (B, S, K, H), where K divides N: each key head serves N / K query heads in a row (https://arxiv.org/abs/2305.13245).
        value: (B, S, K, V).
        bias: added to the logits, of a shape that broadcasts to (B, N, T, S); -inf masks.
        mask: true where a query may attend a key, likewise.  A query without any key gets the mean of all values.
        scale: 1 / sqrt(H) if None.
        is_causal: whether query t attends the keys 0 ... t alone.
        flash_attention: whether the engine's fused kernel is used, which makes no (T, S) matrix; None leaves the choice to the
            engine (see `config.disable_flash_attention`).  NotImplementedError where there is none for these arguments.
        attn_logits_soft_cap: c limits the scaled products to (-c, c) as `c * tanh(x / c)`, before the bias
            (https://arxiv.org/abs/2408.00118).

    Returns:
        (B, T, N, V) in the common dtype of query, key and value; the softmax is taken in at least float32.

    Raises:
        ValueError: shapes that do not fit each other; a cap that is not positive.

    >>> from keras_lite import ops
    >>> same, value = ops.ones((1, 3, 1, 4)), ops.reshape([0.0, 3.0, 9.0], (1, 3, 1, 1))
    >>> ops.convert_to_numpy(ops.dot_product_attention(same, same, value, is_causal=True)[0, :, 0, 0]).round(3)  # running means
    array([0. , 1.5, 4. ], dtype=float32)
    """
    shape = _logits_shape(query, key, value)
    engine = registry.current()
    bias = None if bias is None else _fitting("bias", as_tensor(engine, bias, dtype_of(wide(query))), shape)
    mask = None if mask is None else _fitting("mask", as_tensor(engine, mask, "bool"), shape)
    scale = _usual_scale(shape_of(query)[3], dtype_of(query)) if scale is None else float(scale)
    cap = attn_logits_soft_cap
    if cap is not None and not (isinstance(cap, (int, float)) and cap > 0):
        raise invalid("dot_product_attention", f"attn_logits_soft_cap must be a positive number, got {cap!r}")
    if flash_attention and cap is not None:
        raise _no_flash("attn_logits_soft_cap has no fused kernel")
    if flash_attention:
        return fused_attention(query, key, value, bias, mask, scale, bool(is_causal))
    if flash_attention is None and cap is None and config.is_flash_attention_enabled() is not False:
        return attention(query, key, value, bias, mask, scale, bool(is_causal))
    return _attention(query, key, value, bias, mask, scale, is_causal, cap)


def _usual_scale(features: Any, dtype: str) -> Any:
    """1 / sqrt(features); a tensor where the number is not known yet."""
    if isinstance(features, int):
        return 1.0 / math.sqrt(max(features, 1))
    return 1.0 if features is None else cast(rsqrt(cast(sizes.larger(features, 1), "float32")), dtype)


def _logits_shape(query: Any, key: Any, value: Any) -> tuple[Any, ...]:
    """(B, N, T, S), once the shapes of query, key and value are found to agree."""
    name, shapes = "dot_product_attention", [shape_of(x) for x in (query, key, value)]
    if any(len(shape) != 4 for shape in shapes):
        raise invalid(name, f"query, key and value must have 4 axes (batch, length, heads, features), got shapes {_listed(shapes)}")
    q, k, v = shapes
    if not may_equal(k[:3], v[:3]):
        raise invalid(name, f"key and value must agree in batch size, length and heads, got shapes {_listed([k, v])}")
    if not may_equal(q[:1], k[:1]):
        raise invalid(name, f"batch sizes differ: {_listed(shapes)}")
    if not may_equal(q[3:], k[3:]):
        raise invalid(name, f"query and key have {q[3]} and {k[3]} features")
    heads, groups = q[2], k[2]
    if isinstance(heads, int) and isinstance(groups, int) and (heads % groups if groups else heads):
        raise invalid(name, f"{heads} query heads can't be shared out among {groups} key heads")
    return (q[0], heads, q[1], k[1])


def _listed(shapes: Any) -> str:
    return ", ".join(map(str, shapes))


def _fitting(what: str, x: Any, shape: tuple[Any, ...]) -> Any:
    """`x` with 4 axes; raises ValueError unless it broadcasts to `shape`."""
    known = [tuple(n if isinstance(n, int) else None for n in s) for s in (shape_of(x), shape)]
    try:
        fits = may_equal(broadcast_shapes(*known), known[1])
    except ValueError:
        fits = False
    if not fits:
        raise invalid("dot_product_attention", f"{what} of shape {shape_of(x)} does not broadcast to (B, N, T, S) = {shape}")
    return expand_dims(x, tuple(range(4 - rank_of(x)))) if rank_of(x) < 4 else x


def _no_flash(why: str) -> Exception:
    return not_there("dot_product_attention", f"flash_attention=True: {why}.  There are kernels, without a second gradient, on torch (CPU: "
                     "floats without a trainable bias; CUDA: float16 and bfloat16 without bias and mask) and on jax (CUDA: float16 and "
                     "bfloat16); flash_attention=None takes one where it can")


@op(tensors=QKV, dtypes=FLOATS, samples=(*_ALL, _TEXT), normwise=True, finite=True, reference=references.dot_product_attention)
def attention(query: Any, key: Any, value: Any, bias: Any, mask: Any, scale: float, is_causal: bool) -> Any:
    """`dot_product_attention` with every argument worked out: what an engine may have a fused kernel for."""
    return _attention(query, key, value, bias, mask, scale, is_causal, None)


@op(tensors=QKV, dtypes=("float32", "bfloat16"), samples=(*_FUSED, _TEXT), differentiable=False, normwise=True, finite=True,
    reference=references.dot_product_attention)
def fused_attention(query: Any, key: Any, value: Any, bias: Any, mask: Any, scale: float, is_causal: bool) -> Any:
    """`attention` by an engine's fused kernel and nothing else; NotImplementedError where it has none for these arguments."""
    engine = registry.current()
    if not engine.is_abstract:
        extra = "" if bias is None and mask is None else " with bias or mask"
        raise _no_flash(f"the {engine.name} engine has no kernel for {dtype_of(query)}{extra} on {engine.devices()[0]}, "
                        f"query {shape_of(query)}, value {shape_of(value)}")
    return _attention(query, key, value, bias, mask, scale, is_causal, None)


def _attention(query: Any, key: Any, value: Any, bias: Any, mask: Any, scale: float, is_causal: bool, cap: float | None) -> Any:
    """The composite.  Query heads that share a key head are rows of one matrix, so nothing is repeated."""
    batch, length, heads, features = shape_of(query)
    _, positions, groups, width = shape_of(value)
    rows = sizes.times(_per_group(heads, groups), length)
    like = query
    if dtype_of(query) == "float16":  # whose range the products leave
        query, key = wide(query), wide(key)
    q = reshape(transpose(multiply(query, scale), (0, 2, 1, 3)), (batch, groups, rows, features))
    logits = wide(reshape(matmul(q, transpose(key, (0, 2, 3, 1))), (batch, heads, length, positions)))
    if cap is not None:
        logits = multiply(tanh(divide(logits, cap)), cap)
    if bias is not None:
        kept = not_equal(bias, -INF)
        logits = add(logits, where(kept, wide(bias), 0.0))
        mask = kept if mask is None else logical_and(mask, kept)
    if is_causal:
        causal = greater_equal(expand_dims(iota(length), 1), iota(positions))
        mask = causal if mask is None else logical_and(mask, causal)
    if mask is not None:
        logits = where(mask, logits, MASKED)
    weights = back(softmax(logits, -1), like)
    mixed = matmul(reshape(weights, (batch, groups, rows, positions)), transpose(value, (0, 2, 1, 3)))
    return transpose(reshape(mixed, (batch, heads, length, width)), (0, 2, 1, 3))


def _per_group(heads: Any, groups: Any) -> Any:
    """How many query heads share a key head; without any key head none do."""
    if heads is None or groups is None:
        return None
    return heads // groups if not isinstance(groups, int) or groups else 0
