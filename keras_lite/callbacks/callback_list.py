"""CallbackList: hands the events of the loop to callbacks."""

from __future__ import annotations

from typing import Any

from keras_lite.callbacks.callback import BATCH_EVENTS, Callback, overrides
from keras_lite.callbacks.history import History
from keras_lite.callbacks.progbar import ProgbarLogger
from keras_lite.engine.errors import wrong_type


class CallbackList:
    """Several callbacks as one.

    Args:
        callbacks: the callbacks (one, or a list).
        add_history: add a `History` if there is none.
        add_progbar: add a `ProgbarLogger` if there is none.
        model: their model.
        params: "epochs", "steps", "verbose".
    """

    def __init__(self, callbacks: Any = None, add_history: bool = False, add_progbar: bool = False, model: Any = None, **params: Any):
        given = callbacks if isinstance(callbacks, (list, tuple)) else [callbacks] if callbacks is not None else []
        for callback in given:
            if isinstance(callback, type):
                raise wrong_type("callbacks", f"expected a Callback, got the class {callback.__name__}: make one, {callback.__name__}(...)")
            if not hasattr(callback, "on_train_begin"):
                raise wrong_type("callbacks", f"expected a Callback, got {callback!r}")
        self.callbacks: list[Any] = list(given)
        if add_history and not any(isinstance(c, History) for c in self.callbacks):
            self.callbacks.append(History())
        if add_progbar and not any(isinstance(c, ProgbarLogger) for c in self.callbacks):
            self.callbacks.insert(0, ProgbarLogger())
        self._model: Any = None
        self._listen()
        if model is not None:
            self.set_model(model)
        self.set_params(params)

    @classmethod
    def of(cls, callbacks: Any, *, model: Any, history: bool = False, progbar: bool = False, **params: Any) -> Any:
        """`callbacks` itself if it is a list of this kind, else a new one around it."""
        if isinstance(callbacks, cls):
            if model is not None:
                callbacks.set_model(model)
            callbacks.set_params(params)
            return callbacks
        return cls(callbacks, add_history=history, add_progbar=progbar, model=model, **params)

    def append(self, callback: Any) -> None:
        """Add a callback, with the model and the parameters of the others."""
        self.callbacks.append(callback)
        self._listen()
        callback.set_params(self.params)
        if self._model is not None:
            callback.set_model(self._model)

    def _listen(self) -> None:
        """Work out who listens to which batches."""
        self._progbars = [c for c in self.callbacks if isinstance(c, ProgbarLogger)]
        self._listening = {event: [c for c in self.callbacks if overrides(c, event)] for kind in BATCH_EVENTS.values() for event in kind}

    def set_model(self, model: Any) -> None:
        """Tell all callbacks their model."""
        self._model = model
        for callback in self.callbacks:
            callback.set_model(model)
            if isinstance(callback, History):
                model.history = callback

    def set_params(self, params: dict[str, Any]) -> None:
        """Tell all callbacks the parameters of the run."""
        self.params = params
        for callback in self.callbacks:
            callback.set_params(params)

    def wants_batches(self, kind: str) -> bool:
        """Whether a callback other than the progress bar listens to single batches of this kind."""
        return any(c not in self._progbars for event in BATCH_EVENTS[kind] for c in self._listening[event])

    def wants_logs(self, kind: str) -> bool:
        """Whether anybody wants logs at the end of this batch."""
        return self.wants_batches(kind) or any(bar.is_due() for bar in self._progbars)

    def close(self) -> None:
        """The run ends, perhaps by an error: leave the terminal in order."""
        for bar in self._progbars:
            bar.close()

    def _all(self, event: str, *args: Any) -> None:
        for callback in self.callbacks:
            getattr(callback, event)(*args)

    def _batch(self, kind: str, edge: str, batch: int, logs: Any) -> None:
        events = BATCH_EVENTS[kind]
        listeners = {id(c): c for event in events if event.endswith(edge) for c in self._listening[event]}
        for callback in listeners.values():
            getattr(callback, f"on_{kind}_batch_{edge}")(batch, logs)

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._all("on_epoch_begin", epoch, logs or {})

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self._all("on_epoch_end", epoch, logs or {})

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        self._batch("train", "begin", batch, {} if logs is None else logs)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self._batch("train", "end", batch, {} if logs is None else logs)

    on_batch_begin, on_batch_end = on_train_batch_begin, on_train_batch_end

    def on_test_batch_begin(self, batch: int, logs: Any = None) -> None:
        self._batch("test", "begin", batch, {} if logs is None else logs)

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        self._batch("test", "end", batch, {} if logs is None else logs)

    def on_predict_batch_begin(self, batch: int, logs: Any = None) -> None:
        self._batch("predict", "begin", batch, {} if logs is None else logs)

    def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
        self._batch("predict", "end", batch, {} if logs is None else logs)

    def on_train_begin(self, logs: Any = None) -> None:
        self._all("on_train_begin", logs or {})

    def on_train_end(self, logs: Any = None) -> None:
        self._all("on_train_end", logs or {})

    def on_test_begin(self, logs: Any = None) -> None:
        self._all("on_test_begin", logs or {})

    def on_test_end(self, logs: Any = None) -> None:
        self._all("on_test_end", logs or {})

    def on_predict_begin(self, logs: Any = None) -> None:
        self._all("on_predict_begin", logs or {})

    def on_predict_end(self, logs: Any = None) -> None:
        self._all("on_predict_end", logs or {})


__all__ = ["Callback", "CallbackList"]
