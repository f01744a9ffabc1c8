"""Generators that end, and more steps than the data has: a warning, and what was trained stays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import keras_lite as keras
from keras_lite import layers


def _batches(count: int) -> Iterator[Any]:
    for i in range(count):
        yield np.zeros((2, 1), "float32"), np.full((2, 1), 10.0**i, "float32")


class Anew:
    """An iterable of four batches that can be gone over again; its length is not known."""

    def __iter__(self) -> Iterator[Any]:
        return _batches(4)


def _model() -> Any:
    """Its loss is the mean of the targets, and stays."""
    model = keras.Sequential([keras.Input((1,)), layers.Dense(1, kernel_initializer="zeros")])
    model.compile(keras.optimizers.SGD(1e-12), "mae")
    return model


def _losses(*args: Any, name: str = "loss", **arguments: Any) -> tuple[list[int], list[float]]:
    """The epochs and the losses of a fit; an epoch that begins has to end."""
    events: list[Any] = []
    watch = keras.callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, logs: events.append(epoch), on_epoch_end=lambda epoch, logs: events.append(epoch))
    history = _model().fit(*args, verbose=0, callbacks=[watch], **arguments)
    assert events == [*np.repeat(history.epoch, 2)]
    return history.epoch, history.history[name]


END = r"the data ran out after {} of {} epochs, so training ends here"
MEAN = 1111 / 4


@pytest.mark.parametrize(("epochs", "steps", "losses", "messages"), [
    (1, None, [MEAN], []), (2, None, [MEAN], [END.format(1, 2)]), (2, 2, [5.5, 550], []), (3, 2, [5.5, 550], [END.format(2, 3)]),
    (1, 10, [MEAN], ["the data ran out after 4 of 10 steps"]),
    (3, 3, [37, 1000], ["the data ran out after 1 of 3 steps", END.format(2, 3)]),
], ids=str)
def test_generator(engine: Any, epochs: int, steps: int | None, losses: list[float], messages: list[str]) -> None:
    """Training ends with the generator, and the history of what was trained is returned."""
    if messages:
        with pytest.warns(UserWarning, match="ran out") as seen:
            done = _losses(_batches(4), epochs=epochs, steps_per_epoch=steps)
        assert [w.filename for w in seen] == [__file__] * len(messages)
        assert all(m in str(w.message) for m, w in zip(messages, seen, strict=True))
    else:
        done = _losses(_batches(4), epochs=epochs, steps_per_epoch=steps)
    assert done[0] == [*range(len(losses))]
    np.testing.assert_allclose(done[1], losses, rtol=1e-6)


def test_validation_generator(engine: Any) -> None:
    """Training goes on without validation, after one warning."""
    data = next(_batches(1))
    with pytest.warns(UserWarning, match="validation_data ran out of batches, so the epochs from here on are not validated") as seen:
        epochs, losses = _losses(*data, epochs=4, validation_data=_batches(4), name="val_loss")
    assert (epochs, losses, len(seen)) == ([0, 1, 2, 3], [MEAN], 1)
    with pytest.warns(UserWarning, match="validation_data ran out") as seen:
        epochs, losses = _losses(*data, epochs=3, validation_data=_batches(4), validation_steps=2, name="val_loss")
    assert (epochs, losses, len(seen)) == ([0, 1, 2], [5.5, 550.0], 1)


def test_iterable_that_begins_anew(engine: Any) -> None:
    """Each epoch ends with the data; fewer steps than it has go on where the last epoch stopped."""
    with pytest.warns(UserWarning, match="ran out after 4 of 10 steps") as seen:
        assert _losses(Anew(), epochs=3, steps_per_epoch=10) == ([0, 1, 2], [MEAN] * 3)
    assert len(seen) == 3
    np.testing.assert_allclose(_losses(Anew(), epochs=3, steps_per_epoch=3)[1], [37, 1011 / 3, 1101 / 3], rtol=1e-6)


def test_more_steps_than_arrays_have(engine: Any) -> None:
    """The steps are cut to the batches there are, as in Keras."""
    x, y = (np.concatenate(parts) for parts in zip(*_batches(4), strict=True))
    with pytest.warns(UserWarning, match="fit: steps_per_epoch=10 is cut to 4, the number of batches of 2 in 8 rows"):
        assert _losses(x, y, batch_size=2, epochs=2, steps_per_epoch=10) == ([0, 1], [MEAN] * 2)
    with pytest.warns(UserWarning, match="evaluate: steps=10 is cut to 4"):
        assert _model().evaluate(x, y, batch_size=2, steps=10, verbose=0) == MEAN
    with pytest.warns(UserWarning, match="predict: steps=10 is cut to 4"):
        assert _model().predict(x, batch_size=2, steps=10, verbose=0).shape == (8, 1)
    with pytest.warns(UserWarning, match="fit: validation_steps=10 is cut to 4"):
        _losses(x, y, validation_data=(x, y), validation_batch_size=2, validation_steps=10)


def test_fewer_batches_than_steps(engine: Any) -> None:
    """`evaluate` and `predict` of a generator; no batch is taken that is not wanted."""
    with pytest.warns(UserWarning, match="evaluate: the data ran out after 4 of 10 steps"):
        assert _model().evaluate(_batches(4), steps=10, verbose=0) == MEAN
    with pytest.warns(UserWarning, match="predict: the data ran out after 4 of 10 steps"):
        assert _model().predict(_batches(4), steps=10, verbose=0).shape == (8, 1)
    batches = _batches(9)
    _model().predict(batches, steps=2, verbose=0)
    _model().evaluate(batches, steps=2, verbose=0)
    _model().fit(batches, steps_per_epoch=2, epochs=2, verbose=0)
    assert next(batches)[1][0, 0] == 10.0**8


def test_class_weights_of_batches(engine: Any) -> None:
    """Each batch gets the weights of its labels, in each epoch."""
    losses = _losses(Anew(), epochs=2, class_weight={1: 5, 100: 0.5})[1]
    np.testing.assert_allclose(losses, [(5 + 10 + 50 + 1000) / 4] * 2, rtol=1e-6)


def test_class_weights_of_steps_in_time(engine: Any) -> None:
    """Labels of shape (rows, times, 1) weigh each time for itself."""
    model = keras.Sequential([keras.Input((2, 1)), layers.Dense(2, kernel_initializer="zeros")])
    model.compile(keras.optimizers.SGD(0.0), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    x, y = np.zeros((4, 2, 1), "float32"), np.array([[[0], [1]], [[1], [1]]] * 2)
    loss = model.fit(x, y, class_weight={0: 3.0, 1: 2.0}, verbose=0).history["loss"][0]
    np.testing.assert_allclose(loss, np.log(2) * (3 + 2 + 2 + 2) / 4, rtol=1e-6)
