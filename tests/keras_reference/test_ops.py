"""Every op of `keras_lite.ops` gives what `keras.ops` gives, on the op's own samples.

Dtypes are not compared: Keras's NumPy backend lets NumPy's own promotion through.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from keras_lite import ops
from keras_lite.engine import registry
from keras_lite.state import tree
from keras_lite.testing.calls import invoke, make_call, to_tensors
from keras_lite.testing.reference import canonical

NAN_LOST = "a NaN becomes a number in Keras on NumPy and JAX, not on torch; ours stays"
POOL = "Keras on NumPy and JAX refuses an int pool_size with default strides"
BROADCAST = "Keras takes no stack of right-hand sides beside one matrix"
EMPTY = "Keras fails on the empty size"
UNLIKE: dict[tuple[str, int], str] = {
    ("amax", 8): "Keras's amax has no `initial`", ("amax", 9): "Keras's amax has no `initial`",
    ("amin", 8): "Keras's amin has no `initial`", ("amin", 9): "Keras's amin has no `initial`",
    **{(name, i): POOL for name, samples in (("max_pool", (0, 3, 4, 11)), ("average_pool", (0, 3, 4, 10))) for i in samples},
    ("average", 3): EMPTY, ("log_softmax", 4): EMPTY, ("softmax", 4): EMPTY, ("logsumexp", 6): EMPTY, ("map", 3): EMPTY,
    ("scan", 4): EMPTY, ("vectorized_map", 2): EMPTY,
    ("hard_shrink", 3): NAN_LOST, ("soft_shrink", 3): NAN_LOST, ("threshold", 1): NAN_LOST,
    **{(name, 6): "Keras on NumPy computes with an integer slope" for name in ("hard_sigmoid", "hard_silu", "hard_swish")},
    ("normalize", 5): "Keras computes with an integer norm",
    ("top_k", 2): "NumPy gives equal elements in another order", ("top_k", 4): "NumPy gives equal elements in another order",
    ("binary_crossentropy", 1): "Keras on NumPy limits the sigmoid; on JAX, torch and TensorFlow logits have no limits, as here",
    ("binary_crossentropy", 3): "Keras on NumPy limits the sigmoid; on JAX, torch and TensorFlow logits have no limits, as here",
    ("sparse_categorical_crossentropy", 1): "Keras compares all axes but the last, whatever `axis` says",
    ("sparse_categorical_crossentropy", 4): "NumPy raises for a label out of range; Keras on JAX gives 0, as here",
    ("one_hot", 2): "NumPy raises for a label out of range; on the other engines Keras gives zeros, as here",
    ("one_hot", 6): "NumPy takes no float labels; Keras on TensorFlow truncates them, as here",
    ("scan", 1): "Keras makes a tensor of the y that is None",
    ("scatter_update", 3): "Keras transposes indices of more than two axes on all engines but TensorFlow",
    ("slice", 4): "Keras on NumPy does not clamp the start", ("slice_update", 2): "Keras on NumPy does not clamp the start",
    ("slice", 5): "Keras on NumPy takes -1 for a bound",
    ("cholesky_inverse", 1): "Keras on NumPy and JAX gives one matrix for a stack of them",
    ("eig", 5): "Keras on NumPy raises for NaN", ("eigh", 6): "LAPACK makes numbers of NaN", ("svd", 9): "Keras on NumPy raises for NaN",
    ("lstsq", 2): "Keras takes no stacks", ("lstsq", 3): "Keras takes no stacks", ("lu_factor", 5): EMPTY, ("solve_triangular", 8): EMPTY,
    ("norm", 25): "Keras on NumPy and JAX takes no list of axes",
    ("solve", 2): "Keras on NumPy and JAX takes no stack of vectors, though documented", ("solve", 5): BROADCAST,
    ("solve_triangular", 3): "Keras takes a vector beside a stack of matrices on JAX alone", ("solve_triangular", 5): BROADCAST,
    ("array_split", 4): "Keras takes a number of parts alone; NumPy takes indices too",
    ("ctc_decode", 3): "Keras takes a negative mask_index for no class, on TensorFlow it counts from the end, as here",
    **{("ctc_decode", i): "Keras finds a label in no frame on all engines but TensorFlow" for i in (10, 11, 12)},
    ("ctc_decode", 14): EMPTY, ("ctc_decode", 15): "Keras's beam search gives NaN beside a logit of -inf",
    ("ctc_loss", 2): "Keras takes a negative mask_index on TensorFlow alone", ("ctc_loss", 6): EMPTY,
    ("ctc_loss", 3): "the loss of what is impossible is about 1e5 in Keras on NumPy and JAX, infinite on torch and here",
    ("ctc_loss", 7): "Keras on NumPy raises for a label out of range", ("ctc_loss", 11): "Keras gives NaN beside a logit of -inf",
    **{("dot_product_attention", i): "Keras on NumPy takes no grouped heads; on the other engines it does, as here" for i in (1, 3)},
    ("dot_product_attention", 10): "Keras gives NaN, on torch 0, where a bias of -inf leaves no key; a mask gives the mean, as here",
    **{("dot_product_attention", i): "Keras has attn_logits_soft_cap on TPUs alone" for i in (12, 13)},
    ("dot_product_attention", 15): "Keras computes with weights that are integers, 0 or 1",
    ("cdist", 6): "Keras refuses bools",
    ("i0", 3): "Keras and SciPy give NaN at infinity, where the limit is infinity", ("i0", 9): "as above",
    ("i0", 8): "Keras on NumPy overflows to infinity at 90, where the value is 5e37",
    **{("jvp", i): "Keras on NumPy has no jvp" for i in range(6)},
    ("psnr", 6): "Keras on NumPy subtracts and squares in uint8",
    **{("rearrange", i): "Keras fails on '...' and on axes of size 1" for i in (4, 5, 6, 7, 9, 13)},
    **{(f"segment_{kind}", 3): "Keras on NumPy raises for a number out of range; on JAX and torch it is left out, as here"
       for kind in ("sum", "prod", "max", "min")},
    **{(f"segment_{kind}", 5): "Keras takes no list, and needs one element for num_segments=None"
       for kind in ("sum", "prod", "max", "min")},
    **{(f"segment_{kind}", i): "Keras on NumPy gives infinities in float64 for integers and bools; on JAX the lowest or highest, as here"
       for kind in ("max", "min") for i in (8, 9)},
    ("sparsemax", 0): "Keras 3.15 gives zeros; the result must add up to 1",
    ("sparsemax", 1): "Keras 3.15 gives zeros; the result must add up to 1",
    **{("argpartition", i): "NumPy leaves the elements beside the chosen one in another order" for i in (4, 5)},
    ("bincount", 5): "Keras gives rows of different lengths, and fails to stack them",
    ("correlate", 20): "Keras on NumPy takes no list",
    **{(name, 2): "NumPy leaves the axes of a matrix of fractions in another order" for name in ("nanquantile", "nanpercentile")},
    **{(name, i): "NumPy gives NaN between infinities of one sign, and at a number beside one" for name in ("quantile", "percentile")
       for i in (23, 27)},
    **{("saturate_cast", i): "Keras limits to 2**31 or 2**32 in float32, which is out of range" for i in (2, 3)},
    **{("unravel_index", i): "Keras on NumPy takes no int" for i in (5, 7)},
}
PUBLIC = {name: function for name in dir(ops) if callable(function := getattr(ops, name)) and hasattr(function, "op")}
UNDEFINED = ("empty", "empty_like")  # their values mean nothing
CASES = [(name, i) for name, function in sorted(PUBLIC.items()) if name not in UNDEFINED
         for i, sample in enumerate(function.op.samples) if not sample.error]


def _leaves(result: Any) -> list[Any]:
    return [x for x in tree.flatten(result) if x is not None]


@pytest.mark.parametrize(("name", "index"), CASES, ids=lambda x: str(x))
def test_same_values(keras: Any, name: str, index: int) -> None:
    """The leaves of the results have the same shapes and values, in float32 precision; known differences are differences."""
    engine = registry.load("numpy")
    call = make_call(PUBLIC[name].op, index)
    ours = [engine.to_numpy(x) for x in _leaves(invoke(engine, call, to_tensors(engine, call.arrays)))]
    args, kwargs = call.filled(call.arrays)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            theirs = [np.asarray(x) for x in _leaves(getattr(keras.ops, name)(*args, **kwargs))]
        except Exception as error:
            assert (name, index) in UNLIKE, f"Keras raises {error!r}"
            return
    ours, theirs = (canonical(call.record, values) for values in (ours, theirs))
    same = len(ours) == len(theirs) and all(map(_equal, ours, theirs))
    assert same != ((name, index) in UNLIKE), UNLIKE.get((name, index), f"{ours} but Keras gives {theirs}")


def _equal(a: np.ndarray, b: np.ndarray) -> bool:
    return a.shape == b.shape and np.allclose(a.astype("complex128"), b.astype("complex128"), rtol=2e-5, atol=1e-6, equal_nan=True)
