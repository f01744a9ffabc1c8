"""What fit, evaluate and predict print: in a log file, on a terminal, and where only ASCII goes."""

from __future__ import annotations

import contextlib
import io
import os
import re
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import keras_lite as keras
from keras_lite import layers
from keras_lite.callbacks import LambdaCallback, progbar
from keras_lite.engine import registry

X = np.linspace(-1, 1, 12, dtype="float32")[:, None]
BAR = "━" * progbar.WIDTH
TIME = r"\d+s \d+(ms|µs|s)/step"
NUMBER = r"\d\.\d{4}(e[+-]\d\d)?"


@pytest.fixture(autouse=True)
def _on_numpy() -> Iterator[None]:
    with registry.using("numpy"):
        yield


def _model() -> Any:
    model = keras.Sequential([keras.Input((1,)), layers.Dense(1)])
    model.compile("sgd", "mse", metrics=["mae"])
    return model


def _fit(**arguments: Any) -> Any:
    return _model().fit(X, X, **{"batch_size": 4, "epochs": 2, **arguments})


@pytest.mark.parametrize("verbose", [1, 2, "auto"])
def test_one_line_an_epoch_in_a_file(capsys: pytest.CaptureFixture[str], verbose: Any) -> None:
    """No control characters; with `verbose=2` no bar and dashes in its place, as in Keras."""
    _fit(verbose=verbose, validation_split=0.5)
    text = capsys.readouterr().out
    lines = text.splitlines()
    head = f"2/2 - {TIME.replace(' ', ' - ')}" if verbose == 2 else f"2/2 {BAR} {TIME}"
    assert [lines[0], lines[2]] == ["Epoch 1/2", "Epoch 2/2"]
    for line in lines[1::2]:
        assert re.fullmatch(f"{head} - loss: {NUMBER} - mae: {NUMBER} - val_loss: {NUMBER} - val_mae: {NUMBER}", line), line
    assert len(lines) == 4 and "\r" not in text


def test_epochs_alone(capsys: pytest.CaptureFixture[str]) -> None:
    """Other numbers than 0, 1 and 2 count the epochs, as in Keras."""
    _fit(verbose=3, validation_split=0.5)
    _model().evaluate(X, X, verbose=3)
    _model().predict(X, verbose=3)
    assert capsys.readouterr().out == "Epoch 1/2\nEpoch 2/2\n"


def test_silence(capsys: pytest.CaptureFixture[str]) -> None:
    _fit(verbose=0)
    _model().evaluate(X, X, verbose=0)
    _model().predict(X, verbose=0)
    assert capsys.readouterr().out == ""


def test_evaluate_and_predict(capsys: pytest.CaptureFixture[str]) -> None:
    _model().evaluate(X, X, batch_size=6)
    _model().predict(X, batch_size=5)
    evaluated, predicted = capsys.readouterr().out.splitlines()
    assert re.fullmatch(f"2/2 {BAR} {TIME} - loss: {NUMBER} - mae: {NUMBER}", evaluated), evaluated
    assert re.fullmatch(f"3/3 {BAR} {TIME}", predicted), predicted


def test_unknown_length(capsys: pytest.CaptureFixture[str]) -> None:
    """The number of batches of a generator is known at its end."""
    _model().fit(((X[i:i + 4], X[i:i + 4]) for i in (0, 4, 8)), verbose=1)
    assert re.fullmatch(f"3/3 {BAR} {TIME} - loss: {NUMBER} - mae: {NUMBER}", capsys.readouterr().out.strip())


def test_ascii(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream that knows ASCII alone gets ASCII."""
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    _fit(verbose=1)
    model = _model()
    model.summary()
    sys.stdout.flush()
    text = raw.getvalue().decode("ascii")
    assert "=" * progbar.WIDTH in text
    assert "| dense" in text


@contextlib.contextmanager
def _terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A pseudo terminal as standard output; gives a function that returns what was written."""
    pty = pytest.importorskip("pty")
    main, side = pty.openpty()
    stream = os.fdopen(side, "w", encoding="utf-8")
    monkeypatch.setattr(sys, "stdout", stream)
    monkeypatch.setattr(progbar, "EVERY", 0.0)

    def written() -> str:
        """All until now: a terminal hands on what is written to it piece by piece."""
        stream.write("<end>")
        stream.flush()
        read = b""
        while not read.endswith(b"<end>"):
            read += os.read(main, 1 << 16)
        return read.decode().removesuffix("<end>").replace("\r\n", "\n")

    try:
        yield written
    finally:
        monkeypatch.undo()
        stream.close()
        os.close(main)


def test_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """The line is drawn again and again in place; the last drawing of an epoch stays."""
    with _terminal(monkeypatch) as written:
        _fit(verbose=1, callbacks=[LambdaCallback(on_train_batch_end=lambda batch, logs: None)])
        text = written()
    epochs = text.split("Epoch ")[1:]
    assert len(epochs) == 2
    for epoch in epochs:
        head, *drawings = epoch.split("\r\x1b[2K")
        assert re.fullmatch(r"\d/2\n", head)
        assert len(drawings) == 4
        assert all("\n" not in drawing for drawing in drawings[:-1])
        first = "" if head[0] == "1" else r" \d+s left \d+(ms|µs|s)/step"  # the very first call compiles and says nothing about the others
        assert re.match(f"1/3 ━{{6}}─{{14}}{first} - loss: ", drawings[0]), drawings[0]
        assert re.match(r"2/3 ━{13}─{7} \d+s left \d+(ms|µs|s)/step - loss: ", drawings[1]), drawings[1]
        assert re.match(f"3/3 {BAR} {TIME} - loss: ", drawings[-1])
        assert drawings[-1].count("\n") == 1 and drawings[-1].endswith("\n")


def test_an_error_ends_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is printed after an exception begins on a line of its own."""

    def fail(batch: int, logs: Any) -> None:
        if batch == 1:
            raise KeyboardInterrupt

    with _terminal(monkeypatch) as written:
        with pytest.raises(KeyboardInterrupt):
            _fit(verbose=1, callbacks=[LambdaCallback(on_train_batch_end=fail)])
        text = written()
    assert "left" in text.splitlines()[-1]
    assert text.endswith("\n")


def test_a_narrow_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line that wraps can't be drawn over: all but the final one are cut."""
    monkeypatch.setenv("COLUMNS", "41")
    with _terminal(monkeypatch) as written:
        _fit(verbose=1, epochs=1)
        *drawings, last = written().split("\r\x1b[2K")[1:]
    assert {len(line) for line in drawings} == {40}
    assert len(last) > 41 and "mae: " in last


class _Notebook(io.StringIO):
    """A front end that writes over what stands on the line after a carriage return."""

    encoding = "utf-8"

    def shown(self) -> list[str]:
        lines = []
        for written in self.getvalue().split("\n")[:-1]:
            line = ""
            for part in written.split("\r"):
                line = part + line[len(part):]
            lines.append(line)
        return lines


def test_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blanks go over the end of a longer line, and there are no escape sequences."""
    monkeypatch.setitem(sys.modules, "ipykernel", sys)
    monkeypatch.setattr(sys, "stdout", _Notebook())
    monkeypatch.setattr(progbar, "EVERY", 0.0)
    bar = progbar.ProgbarLogger()
    bar.set_params({"verbose": 1, "epochs": 1, "steps": 3})
    bar.on_epoch_begin(0)
    for batch, logs in enumerate(({"loss": 1e-7, "a_long_name": 1e-7}, {"loss": 1e-7, "a_long_name": 1e-7}, {"loss": 1.0})):
        bar.on_train_batch_end(batch, logs)
    bar.on_epoch_end(0, {"loss": 0.5})
    out: Any = sys.stdout
    monkeypatch.undo()
    assert "\r" in out.getvalue() and "\x1b" not in out.getvalue()
    assert re.fullmatch(f"3/3 {BAR} {TIME} - loss: 0.5000 *", out.shown()[0]), out.shown()


def test_the_first_call_is_not_measured(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """It compiles.  Neither is the validation; both are in the time of the epoch."""
    now = [0.0]
    monkeypatch.setattr(progbar.time, "monotonic", lambda: now[0])
    bar = progbar.ProgbarLogger()
    bar.set_params({"verbose": 2, "epochs": 2, "steps": 11})
    for epoch, seconds in enumerate((30.0, 0.5)):
        bar.on_epoch_begin(epoch)
        for batch in range(11):
            now[0] += seconds if batch == 0 else 0.5
            bar.on_train_batch_end(batch, {})
            if epoch == 0 and batch in (0, 1):
                assert bar._line({}, now[0], final=False) == ["1/11", "2/11 - 4s left - 500ms/step"][batch]
        bar.on_test_begin()
        now[0] += 7
        bar.on_epoch_end(epoch, {"loss": 1.0})
    assert capsys.readouterr().out.splitlines() == [
        "Epoch 1/2", "11/11 - 42s - 500ms/step - loss: 1.0000", "Epoch 2/2", "11/11 - 12s - 500ms/step - loss: 1.0000"]


def test_numbers() -> None:
    assert [progbar._number(x) for x in (0.0, 0.5, 12345.678, 1e-5, 1e7, "x", float("nan"))] == [
        "0.0000", "0.5000", "12345.6780", "1.0000e-05", "1.0000e+07", "x", "nan"]
    assert [progbar._duration(x) for x in (0.2, 59.4, 61, 3725)] == ["0s", "59s", "1:01", "1:02:05"]
    assert [progbar._short(x) for x in (2.4, 0.0123, 4.2e-5)] == ["2s", "12ms", "42µs"]
