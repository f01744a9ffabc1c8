"""Torch's own forward mode and tracing see every op, also those that the host could compute."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from keras_lite import ops
from keras_lite.engine import registry
from tests.conftest import ENGINES, load_quietly

pytestmark = [
    pytest.mark.skipif("torch" not in ENGINES, reason="needs PyTorch"),
    pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning"),  # of torch's own, in its derivatives too
]

X = np.float32([[0.5, -1.0, 2.0, 4.0], [3.0, 1.5, -0.25, 0.75]])
HOSTED: dict[str, Callable[[Any], Any]] = {
    "median": ops.median, "nanmedian": ops.nanmedian, "quantile": lambda x: ops.quantile(x, [0.25, 0.8]),
    "nanquantile": lambda x: ops.nanquantile(x, 0.3, axis=0), "percentile": lambda x: ops.percentile(x, 30.0, axis=1), "sort": ops.sort,
    "unique": lambda x: ops.unique(x, size=8), "correlate": lambda x: ops.correlate(x[0], x[1]), "sparsemax": ops.sparsemax,
    "resize": lambda x: ops.image.resize(x[..., None], (4, 8)), "rows": lambda x: ops.map(ops.median, x),
    "affine": lambda x: ops.image.affine_transform(x[..., None], np.float32([1, 0.1, 0.2, 0, 0.9, 0.1, 0, 0])),
}


@pytest.fixture
def torch() -> Any:
    """PyTorch, with its engine active."""
    with registry.using(load_quietly("torch")):
        yield pytest.importorskip("torch")


@pytest.mark.parametrize("name", HOSTED)
@pytest.mark.parametrize("graph", [True, False])
def test_tangents(torch: Any, name: str, graph: bool) -> None:
    """Of each op as finite differences have them, where gradients are recorded and where they are not."""
    forward = torch.autograd.forward_ad
    direction = np.float32(np.random.default_rng(0).normal(size=X.shape))
    with forward.dual_level(), torch.set_grad_enabled(graph):
        tangent = forward.unpack_dual(HOSTED[name](forward.make_dual(torch.tensor(X), torch.tensor(direction)))).tangent
    step = 1e-2 * direction
    expected = (ops.convert_to_numpy(HOSTED[name](X + step)) - ops.convert_to_numpy(HOSTED[name](X - step))) / 2e-2
    np.testing.assert_allclose(tangent.numpy(), expected, rtol=2e-2, atol=2e-3)


@pytest.mark.filterwarnings("ignore:torch.from_numpy results are registered as constants")  # which they are
@pytest.mark.parametrize("name", ["median", "quantile", "sort"])
def test_traces_keep_the_op(torch: Any, name: str) -> None:
    """A traced function is one of its argument, no constant."""
    traced = torch.jit.trace(HOSTED[name], (torch.tensor(X),), check_trace=False)
    np.testing.assert_allclose(traced(torch.tensor(X + 1)).numpy(), ops.convert_to_numpy(HOSTED[name](X + 1)), rtol=1e-6)
