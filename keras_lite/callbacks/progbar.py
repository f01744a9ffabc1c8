"""ProgbarLogger: progress on the terminal, in a notebook, or as lines in a log file."""

from __future__ import annotations

import sys
import time
from typing import Any

from keras_lite.callbacks.callback import Callback
from keras_lite.utils.terminal import columns

EVERY = 0.1  # seconds between two drawings
WIDTH = 20


class ProgbarLogger(Callback):
    """Draws how far an epoch is, how long it takes, and the logs.

    On a terminal and in a notebook the line is drawn again and again; in a file there is one line an epoch.  The time of a step and
    the time that is left are measured after the first call, which compiles.  `verbose=2` has no bar, and any number but 0, 1 and 2
    only counts the epochs, as in Keras.
    """

    def __init__(self) -> None:
        super().__init__()
        self._epoch: int | None = None
        self._open = False
        self._drawn = 0.0
        self._length = 0  # of what stands on the line
        self._is_compiled = False
        self._trained: float | None = None  # when the steps of an epoch were done

    def set_params(self, params: dict[str, Any]) -> None:
        super().set_params(params)
        self.verbose, self.epochs, self.target = params.get("verbose", 1), params.get("epochs", 1), params.get("steps")

    def is_due(self) -> bool:
        """Whether it would draw now."""
        return self.verbose == 1 and _is_live() and time.monotonic() - self._drawn > EVERY

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._epoch = epoch
        if self.verbose and self.epochs > 1:
            _write(f"Epoch {epoch + 1}/{self.epochs}\n")
        self._start(self.params.get("steps"))

    def on_test_begin(self, logs: Any = None) -> None:
        if self._epoch is None:
            self._start(self.params.get("steps"))
        else:
            self._trained = time.monotonic()  # validation is no part of a step

    def on_predict_begin(self, logs: Any = None) -> None:
        self._start(self.params.get("steps"))

    def _start(self, target: int | None) -> None:
        self._begun, self._seen, self.target, self._length = time.monotonic(), 0, target, 0
        self._measured: tuple[float, int] | None = (self._begun, 0) if self._is_compiled else None  # since when, after how many steps
        self._trained = None

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self._advance(batch, logs)

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        if self._epoch is None:
            self._advance(batch, logs)

    def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
        self._advance(batch, None)

    def _advance(self, batch: int, logs: Any) -> None:
        self._seen = batch + 1
        if self._measured is None:
            self._measured, self._is_compiled = (time.monotonic(), self._seen), True
        if self.is_due():
            self._draw(logs, final=False)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self._draw(logs, final=True)
        self._epoch = None

    def on_test_end(self, logs: Any = None) -> None:
        if self._epoch is None:
            self._draw(logs, final=True)

    def on_predict_end(self, logs: Any = None) -> None:
        self._draw(None, final=True)

    def close(self) -> None:
        """End a line that was not finished."""
        if self._open:
            _write("\n")
            self._open = False

    def _draw(self, logs: Any, final: bool) -> None:
        if self.verbose not in (1, 2):
            return
        self._drawn = time.monotonic()
        line = self._line(logs or {}, self._drawn, final)
        _write(self._over_the_last(line, final) if _is_live() and self.verbose == 1 else line)
        self._open = not final
        if final:
            _write("\n")

    def _over_the_last(self, line: str, final: bool) -> str:
        """`line` drawn over the last one.

        A terminal clears its line; one that wraps can't be drawn over, so only the final one may.  A notebook knows no escape
        sequences and writes over what is there: blanks go over the rest.
        """
        if sys.stdout.isatty():
            return "\r\x1b[2K" + (line if final else line[:columns() - 1])
        padded, self._length = line.ljust(self._length), len(line)
        return "\r" + padded

    def _line(self, logs: dict[str, Any], now: float, final: bool) -> str:
        total = self._seen if final else self.target
        parts = [f"{self._seen}/{total if total is not None else '?'}"]
        if self.verbose == 1:
            done = 1.0 if final or not total else self._seen / total
            full = int(WIDTH * done)
            parts.append("━" * full + "─" * (WIDTH - full) if total is not None else "")
        per_step = self._seconds_per_step(now, final)
        if final or total is None:
            parts.append(_duration(now - self._begun))
        elif per_step is not None:
            parts.append(f"{_duration(per_step * (total - self._seen))} left")
        if per_step is not None:
            parts.append(f"{_short(per_step)}/step")
        head = (" " if self.verbose == 1 else " - ").join(p for p in parts if p)
        numbers = [f"{name}: {_number(value)}" for name, value in sorted(logs.items(), key=lambda item: item[0].startswith("val_"))]
        return " - ".join([head, *numbers])

    def _seconds_per_step(self, now: float, final: bool) -> float | None:
        """Without the first call; None as long as there was no other, but something has to stand in the final line."""
        since, seen = self._measured or (self._begun, 0)
        until = now if self._trained is None else self._trained
        if self._seen > seen:
            return (until - since) / (self._seen - seen)
        return (until - self._begun) / max(self._seen, 1) if final else None


def _is_live() -> bool:
    """Whether a line can be drawn again: on a terminal or in a notebook."""
    return sys.stdout.isatty() or "ipykernel" in sys.modules


def _write(text: str) -> None:
    """Print, in ASCII where the stream knows no more."""
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        text = text.replace("━", "=").replace("─", ".").replace("µ", "u")
    sys.stdout.write(text)
    sys.stdout.flush()


def _number(value: Any) -> str:
    try:
        value = float(value)
    except (TypeError, ValueError):
        return str(value)
    return f"{value:.4f}" if value == 0 or 1e-3 <= abs(value) < 1e5 else f"{value:.4e}"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}" if minutes else f"{rest}s"


def _short(seconds: float) -> str:
    return f"{seconds:.0f}s" if seconds >= 1 else f"{seconds * 1e3:.0f}ms" if seconds >= 1e-3 else f"{seconds * 1e6:.0f}µs"
