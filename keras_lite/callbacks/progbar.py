"""ProgbarLogger: progress on the terminal, in a notebook, or as lines in a log file."""

from __future__ import annotations

import sys
import time
from typing import Any

from keras_lite.callbacks.callback import Callback

EVERY = 0.1  # seconds between two drawings
WIDTH = 20


class ProgbarLogger(Callback):
    """Draws how far an epoch is, how long it takes, and the logs.

    On a terminal and in a notebook the line is drawn again and again; in a file there is one line an epoch.
    """

    def __init__(self) -> None:
        super().__init__()
        self._epoch: int | None = None
        self._open = False
        self._drawn = 0.0

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

    def on_predict_begin(self, logs: Any = None) -> None:
        self._start(self.params.get("steps"))

    def _start(self, target: int | None) -> None:
        self._begun, self._seen, self.target = time.monotonic(), 0, target

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self._advance(batch, logs)

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        if self._epoch is None:
            self._advance(batch, logs)

    def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
        self._advance(batch, None)

    def _advance(self, batch: int, logs: Any) -> None:
        self._seen = batch + 1
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
        if not self.verbose:
            return
        self._drawn = time.monotonic()
        live = _is_live() and self.verbose == 1
        line = self._line(logs or {}, self._drawn - self._begun, final)
        _write(f"\r\x1b[2K{line}" if live else line)
        self._open = not final
        if final:
            _write("\n")

    def _line(self, logs: dict[str, Any], seconds: float, final: bool) -> str:
        total = self._seen if final else self.target
        parts = [f"{self._seen}/{total if total is not None else '?'}"]
        if self.verbose == 1:
            done = 1.0 if final or not total else self._seen / total
            full = int(WIDTH * done)
            parts.append("━" * full + "─" * (WIDTH - full) if total is not None else "")
        per_step = seconds / max(self._seen, 1)
        if final or total is None:
            parts.append(f"{_duration(seconds)} {_short(per_step)}/step")
        else:
            parts.append(f"{_duration(per_step * (total - self._seen))} left {_short(per_step)}/step")
        head = " ".join(p for p in parts if p)
        numbers = [f"{name}: {_number(value)}" for name, value in sorted(logs.items(), key=lambda item: item[0].startswith("val_"))]
        return " - ".join([head, *numbers])


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
