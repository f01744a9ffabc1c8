"""The ops of keras_lite give what those of Keras give on their own samples, or `keras_lite/testing/differences.toml` says why not.

By default on Keras's NumPy backend; KERAS_LITE_FULL=1 asks every installed backend, and adds the sweep over dtypes.  This is the
comparison of `python -m keras_lite.testing.matrix --against keras`.
"""

from __future__ import annotations

import importlib.util
import os
import pathlib
import warnings
from typing import Any

import numpy as np
import pytest

from keras_lite.engine import registry
from keras_lite.ops import image
from keras_lite.ops.table import TABLE
from keras_lite.testing import against, differences
from keras_lite.testing.rival import Answer, Question
from tests.conftest import INSTALLED

FULL = bool(os.environ.get("KERAS_LITE_FULL"))
BACKENDS = INSTALLED if FULL else ["numpy"]
ASKED = against.questions(TABLE, swept=FULL)
KNOWN = differences.read()


@pytest.fixture(scope="module")
def found() -> list[against.Difference]:
    """All differences from Keras."""
    if importlib.util.find_spec("keras") is None:
        pytest.skip("Keras 3.15 is not installed")
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return against.compared("keras", BACKENDS, ASKED)


@pytest.mark.parametrize("op", list(dict.fromkeys(question.op for question in ASKED)))
def test_every_difference_has_a_reason(found: list[against.Difference], op: str) -> None:
    unexplained = [d for d in found if d.question.op == op and not differences.reason(d, KNOWN)]
    assert not unexplained, "\n" + differences.report(unexplained, KNOWN)


def test_every_reason_has_a_difference(found: list[against.Difference]) -> None:
    unmet = differences.unmet(found, ASKED, BACKENDS, KNOWN, registry.BUILT_IN)
    assert not unmet, "\n".join(unmet)


def _answer(*arrays: Any, error: str = "") -> Answer:
    values = [np.asarray(x) for x in arrays]
    return Answer(values, [x.dtype.name for x in values], error)


@pytest.mark.parametrize(("theirs", "kinds"), [
    (_answer(np.float32([0, 1])), []),
    (_answer(np.float32([0, 1 + 2e-6])), ["accuracy"]),
    (_answer(np.float32([0, 1.1])), ["value"]),
    (_answer(np.float32([0, np.nan])), ["value"]),
    (_answer(np.float32([[0, 1]])), ["shape"]),
    (_answer(np.float64([0, 1])), ["dtype"]),
    (_answer(np.float32([0, 1]), np.float32(0)), ["shape"]),
    (_answer(error="TypeError: no"), ["error"]),
])
def test_each_kind_is_found(theirs: Answer, kinds: list[str]) -> None:
    """From (0, 1), which the reference confirms."""
    question = Question("exp", 0)
    reference = type("Reference", (), {"values": [np.float64([0, 1])], "condition": [np.zeros(2)], "call": question.call()})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(against, "reference_of", lambda *_: reference)
        found = against.compare(question, "numpy", _answer(np.float32([0, 1])), theirs)
    assert [d.kind for d in found] == kinds
    assert all(d.confirms == {"accuracy": "keras_lite and Keras", "dtype": ""}.get(d.kind, "keras_lite") for d in found)


def test_entries_promise_and_explain(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "differences.toml"
    file.write_text('[[difference]]\nreason = "r"\nnumpy = ["exp[0,1]", "log:int*"]\nkinds = ["value"]\n')
    known = differences.read(file)
    asked = [Question("exp", 0), Question("exp", 1), Question("log", 0, "int8")]
    differ = [against.Difference(asked[0], "numpy", "value", "1"), against.Difference(asked[2], "numpy", "dtype", "2")]
    assert [differences.reason(d, known) for d in differ] == ["r", ""]
    assert differences.unmet(differ, asked, ["numpy"], known, ["numpy"]) == ["exp[1] on numpy: r", "log:int* on numpy: r"]
    assert differences.unmet(differ, asked, ["jax"], known, ["numpy"]) == []
    for wrong in ('reason = "r"', 'numpy = ["exp"]', 'reason = "r"\nnumpy = ["gone"]', 'reason = "r"\nany = ["exp"]\nkinds = ["x"]'):
        file.write_text("[[difference]]\n" + wrong)
        with pytest.raises(ValueError, match=r"a difference needs|names no op"):
            differences.read(file)


def test_the_same_elastic_field(keras: Any) -> None:
    """The field that Keras draws has the statistics of ours: the same spread, and as much likeness at distances up to two `sigma`."""
    rows, columns = np.mgrid[:96, :96].astype("float32")
    ramp = np.stack([rows, columns], -1)
    found = []
    for module in (image, keras.ops.image):
        moves = np.array([np.asarray(module.elastic_transform(ramp, 4.0, 2.0, fill_mode="nearest", seed=seed)) - ramp for seed in range(6)])
        moves = moves[:, 12:-12, 12:-12]
        likeness = [float(np.mean(moves[:, d:] * moves[:, :-d]) / np.mean(moves**2)) for d in (1, 2, 4)]
        found.append([float(np.std(moves)), *likeness])
    np.testing.assert_allclose(found[0], found[1], atol=0.04)
    np.testing.assert_allclose(found[0], [4 / (2 * np.sqrt(np.pi)), *np.exp(-np.array([1, 4, 16]) / 16)], atol=0.05)
