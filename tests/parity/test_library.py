"""The matrix's own parts: units of error, references, gaps, the page and the command."""

from __future__ import annotations

import os
import pathlib

import ml_dtypes
import numpy as np
import pytest

from keras_lite import ops
from keras_lite.engine import registry
from keras_lite.ops.table import TABLE, Record
from keras_lite.testing import against, cells, gaps, matrix, pages, run
from keras_lite.testing.calls import make_call
from keras_lite.testing.cells import Cell, Result
from keras_lite.testing.pytest_cells import matrix_tests
from keras_lite.testing.reference import Reference
from keras_lite.testing.report import failures, summary
from keras_lite.testing.ulps import condition, errors, spacing

test_five_lines_make_a_test_of_an_engine = matrix_tests("numpy", ops=("exp", "reduce_sum"))


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "bfloat16"])
def test_a_neighbour_is_one_unit_away(dtype: str) -> None:
    x = np.array([1.0, 3.0, -0.1, 1e-3, 100.0]).astype(np.dtype(getattr(ml_dtypes, dtype, dtype)))
    near = x.astype("float64") + spacing(x.astype("float64"), dtype)
    assert errors(near.astype(x.dtype), x.astype("float64")).max() == 1.0
    assert errors(x, x.astype("float64")).max() == 0.0


def test_what_is_not_finite_must_be_the_same() -> None:
    reference = np.array([np.nan, np.inf, -np.inf, 1.0])
    assert errors(reference.astype("float32"), reference).tolist() == [0, 0, 0, 0]
    assert errors(np.float32([0, np.nan, np.inf, np.inf]), reference).tolist() == [np.inf] * 4
    assert errors(np.float32([np.inf]), np.array([1e300])).tolist() == [0.0], "beyond the range of float32"
    assert errors(np.float32([0.0]), np.array([1e-40])).tolist() == [0.0], "a subnormal number may be flushed to zero"


def test_integers_and_bools_are_exact() -> None:
    assert errors(np.int8([-128, 5]), np.array([128, 5])).tolist() == [0, 0], "integers wrap around"
    assert errors(np.array([True, False]), np.array([True, True])).tolist() == [0, np.inf]


def test_sums_that_cancel_are_judged_by_their_terms() -> None:
    terms = np.array([1.0, 1e-9, -1.0])
    scale = condition(lambda xs: [np.sum(xs[0])], [terms], [np.sum(terms)])[0]
    assert 0.1 < scale < 4
    assert errors(np.float32(0.0), np.sum(terms), scale) < 1 < errors(np.float32(0.0), np.sum(terms))


def test_jumps_have_no_slope() -> None:
    x = np.array([1.0, 2.5])
    assert condition(lambda xs: [np.floor(xs[0])], [x], [np.floor(x)])[0].tolist() == [0, 0]


def test_gradients_are_confirmed_by_differences() -> None:
    reference = Reference(make_call(TABLE["tanh"], 0))
    x = reference.arrays[0]
    np.testing.assert_allclose(reference.gradients[0], reference.weights[0] * (1 - np.tanh(x) ** 2), rtol=1e-12)


def test_gaps_are_read_and_checked(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "limits.toml"
    file.write_text('[[gap]]\nop = ["exp", "log"]\ndtypes = ["bfloat16"]\nreason = "no kernel"\n')
    gap, = gaps.read(file)
    assert gap.names("log", "dtype", {"bfloat16"})
    assert not gap.names("log", "dtype", {"float16"}) and not gap.names("sin", "value", {"bfloat16"})
    file.write_text('[[gap]]\nop = "exp"\n')
    with pytest.raises(ValueError, match="needs `op` and `reason`"):
        gaps.read(file)
    file.write_text('[[gap]]\nop = "exp"\nreason = "none"\ndtype = "float16"\n')
    with pytest.raises(ValueError, match="has no \\['dtype'\\]"):
        gaps.read(file)
    assert gaps.read(tmp_path / "nothing.toml") == ()


def test_ids_are_unique_and_readable() -> None:
    ids = [cell.id for cell in cells(["symbolic", "numpy"], ["exp", "reduce_max"])]
    assert len(set(ids)) == len(ids)
    assert {"exp[0]-numpy-value", "exp[0]-numpy-gradient", "exp[0]-numpy-bfloat16", "reduce_max[5]-symbolic-error"} <= set(ids)


def test_every_op_has_cells_of_each_kind() -> None:
    """No check is silently left out of the matrix."""
    there = list(cells(["symbolic", "numpy"]))
    found = {check: {cell.op for cell in there if cell.check == check} for check in ("value", "spec", "unknown_sizes", "error")}
    assert found["value"] == found["spec"] == found["unknown_sizes"] == set(TABLE)
    assert set(TABLE) - found["error"] <= {name for name, record in TABLE.items() if not record.samples}


def test_the_command_reports(capsys: pytest.CaptureFixture[str]) -> None:
    assert matrix.main(["--engine", "numpy", "--op", "exp"]) == 0
    printed = capsys.readouterr().out
    assert "0 unexplained" in printed and "float16" in printed


@pytest.mark.parametrize(("arguments", "message"), [
    (["--engine", "numpy", "--op", "expp"], "matrix: unknown op 'expp'; did you mean 'exp'"),
    (["--engine", "numpy", "--op", "summ"], "matrix: unknown op 'summ'; did you mean 'sum'"),
    (["--engine", "numpi"], "matrix: unknown engine 'numpi'; did you mean 'numpy'?"),
    (["--engine", "numpy", "--op", "exp", "--against", "kerass"], "matrix: --against kerass: kerass is not installed here"),
])
def test_the_command_answers_what_is_not_there_in_one_line(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert matrix.main(arguments) == 2
    printed = capsys.readouterr()
    assert printed.err.startswith(message) and printed.err.count("\n") == 1 and not printed.out


def test_ops_are_chosen_by_any_of_their_names() -> None:
    named = {name for name, function in vars(ops).items() if isinstance(getattr(function, "op", None), Record)}
    assert {"sum", "map", "slice_update", "amax", "isnan"} < named
    for name in named:
        assert getattr(ops, name).op.name in matrix.chosen_ops([name])
    assert matrix.chosen_ops(["sum", "reduce_sum"]) == ["reduce_sum"]
    assert set(matrix.chosen_ops(["scatter"])) == {"scatter", "scatter_zeros"}
    assert matrix.chosen_ops(None) == list(TABLE)


def _ends(name: str) -> list[Result]:
    if name == "exp":
        os._exit(1)
    return [Result(Cell(name, 0, "numpy", "value"), "ok")]


def test_an_op_that_ends_its_process_has_failed() -> None:
    """The others have their results, and the report says which it was."""
    found = matrix._spread(_ends, ["add", "exp", "log"], 2)
    assert {name: results[0].status for name, results in found.items()} == {"add": "ok", "exp": "failed", "log": "ok"}
    assert any("exp" in line and "ended its process" in line for line in failures([*found["exp"], *found["add"]], []))
    assert "1" in summary([*found["exp"], *found["add"]])


def test_a_page_is_outdated_when_a_row_or_a_gap_is_missing(tmp_path: pathlib.Path) -> None:
    page = tmp_path / "parity.md"
    assert any("missing `exp`" in line for line in pages.outdated(page, ["numpy"]))
    page.write_text(pages.parity_page(["numpy"], []))
    page.with_name("coverage.md").write_text(pages.coverage_page(["numpy"]))
    assert pages.outdated(page, ["numpy"]) == []
    lines = page.read_text().splitlines(keepends=True)
    page.write_text("".join(line for line in lines if not line.startswith("| `exp` |")))
    assert any("missing `exp`" in line for line in pages.outdated(page, ["numpy"]))
    page.write_text("".join(lines) + "| `gone` | 1 | NumPy | 0 |\n")
    assert pages.outdated(page, ["numpy"]) == []  # a table ends at an empty line; what follows is text


def test_figures_of_a_machine_do_not_make_a_page_outdated(tmp_path: pathlib.Path) -> None:
    results = [run(cell) for cell in cells(["symbolic", "numpy"], ["exp"])]
    page = tmp_path / "parity.md"
    page.write_text(pages.parity_page(["numpy"], results))
    page.with_name("coverage.md").write_text(pages.coverage_page(["numpy"]))
    assert "0 · " in page.read_text() and pages.outdated(page, ["numpy"]) == []


def test_a_comparison_says_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = against.questions(["exp"], swept=False)[:3]
    monkeypatch.setattr(against, "answers", lambda module, backend, asked: (against.own(registry.load(backend), q) for q in asked))
    lines: list[str] = []
    assert against.compared("keras", ["numpy"], asked, lines.append) == []
    assert lines == ["numpy: keras starts", "numpy: 3 of 3 samples"]
