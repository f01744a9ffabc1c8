"""`save_weights` and `load_weights`: what comes back, and what a bad file or a failure leaves."""

from __future__ import annotations

import pathlib
from typing import Any

import numpy as np
import pytest

import keras_lite as keras
from keras_lite import layers


def _model(width: int = 3, dtype: Any = None, name: str = "model") -> Any:
    return keras.Sequential([keras.Input((4,)), layers.Dense(width, dtype=dtype, name="first"), layers.BatchNormalization(dtype=dtype),
                             layers.Dropout(0.5), layers.Dense(2, dtype=dtype, name="last")], name=name)


def _same(a: Any, b: Any) -> bool:
    return all(x.dtype == y.dtype and np.array_equal(x, y) for x, y in zip(a.get_weights(), b.get_weights(), strict=True))


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16", "mixed_bfloat16"])
def test_round_trip(engine: Any, tmp_path: pathlib.Path, dtype: str) -> None:
    """Every bit comes back, into a model of other names too."""
    model, other = _model(dtype=dtype), _model(dtype=dtype, name="other")
    model.save_weights(tmp_path / "w.npz")
    assert not _same(model, other)
    other.load_weights(str(tmp_path / "w.npz"))
    assert _same(model, other)
    assert [p.name for p in tmp_path.iterdir()] == ["w.npz"]


def test_file_of_another_engine(engine: Any, tmp_path: pathlib.Path) -> None:
    """What NumPy wrote is read on every engine."""
    from keras_lite.engine import registry

    with registry.using("numpy"):
        model = _model()
        model.save_weights(tmp_path / "w.npz")
    other = _model()
    other.load_weights(tmp_path / "w.npz")
    assert _same(model, other)


def test_overwrite(tmp_path: pathlib.Path) -> None:
    model, path = _model(), tmp_path / "w.npz"
    model.save_weights(path)
    before = path.read_bytes()
    with pytest.raises(ValueError, match="exists; pass overwrite=True"):
        model.save_weights(path, overwrite=False)
    assert path.read_bytes() == before
    model.set_weights([w + 1 for w in model.get_weights()])
    model.save_weights(path)
    other = _model()
    other.load_weights(path)
    assert _same(model, other)


def test_a_failure_keeps_the_old_file(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk in the middle of writing leaves what was there, and no other file."""
    model, path = _model(), tmp_path / "w.npz"
    model.save_weights(path)
    before = path.read_bytes()

    def fail(file: Any, **arrays: Any) -> None:
        file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", fail)
    with pytest.raises(OSError, match="No space left"):
        model.save_weights(path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["w.npz"]


def test_mismatches(tmp_path: pathlib.Path) -> None:
    """All are found before any variable changes; `skip_mismatch` takes what fits."""
    path = tmp_path / "w.npz"
    model, wider = _model(), _model(width=5)
    model.save_weights(path)
    before = wider.get_weights()
    with pytest.raises(ValueError, match=r"does not fit model: model/first/kernel \(4, 5\) <- kernel \(4, 3\)"):
        wider.load_weights(path)
    assert all(np.array_equal(a, b) for a, b in zip(before, wider.get_weights(), strict=True))
    wider.load_weights(path, skip_mismatch=True)
    assert np.array_equal(wider.get_weights()[-1], model.get_weights()[-1])
    assert np.array_equal(wider.get_weights()[0], before[0])
    small = keras.Sequential([keras.Input((4,)), layers.Dense(3)], name="small")
    with pytest.raises(ValueError, match="has 8 arrays, small has 2 variables"):
        small.load_weights(path)


@pytest.mark.parametrize("damage", ["text", "empty", "cut", "flipped", "pickle", "names", "npy"])
def test_damaged_files(tmp_path: pathlib.Path, damage: str) -> None:
    """One clear error; nothing changes, and nothing in the file is run."""
    path, model = tmp_path / "w.npz", _model()
    model.save_weights(path)
    data = path.read_bytes()
    if damage == "pickle":
        np.savez(path, **{"0000:float32:a/kernel": np.array([{"a": 1}], dtype=object)})
    elif damage == "names":
        np.savez(path, kernel=np.zeros(3))
    elif damage == "npy":
        with open(path, "wb") as file:
            np.save(file, np.zeros(3))
    else:
        middle = len(data) // 2
        changed = {"text": b"no weights", "empty": b"", "cut": data[:middle], "flipped": data[:200] + bytes([data[200] ^ 255]) + data[201:]}
        path.write_bytes(changed[damage])
    before = model.get_weights()
    with pytest.raises(ValueError, match="is not a file of weights"):
        model.load_weights(path)
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))


def test_a_file_that_is_not_there(tmp_path: pathlib.Path) -> None:
    """The message says what is there instead."""
    model = _model()
    with pytest.raises(FileNotFoundError, match=r"load_weights: there is no file '/.*/no\.npz'; its folder has no \.npz files"):
        model.load_weights(tmp_path / "no.npz")
    with pytest.raises(FileNotFoundError, match=r"'/.*/none/no\.npz'; the folder 'none' does not exist either"):
        model.load_weights(tmp_path / "none" / "no.npz")
    for i in range(5):
        model.save_weights(tmp_path / f"epoch{i}.npz")
    with pytest.raises(FileNotFoundError, match=r"its folder has 'epoch3\.npz', .* and 2 more \.npz files"):
        model.load_weights(tmp_path / "epch3.npz")


def test_other_mistakes(tmp_path: pathlib.Path) -> None:
    model = _model()
    with pytest.raises(NotImplementedError, match=r"only \.npz .* got '.*model\.weights\.h5'; '.*/model\.npz' would do"):
        model.save_weights(tmp_path / "model.weights.h5")
    with pytest.raises(NotImplementedError, match="max_shard_size"):
        model.save_weights(tmp_path / "w.npz", max_shard_size=1)
    with pytest.raises(ValueError, match=r"unknown arguments \['by_name'\]"):
        model.load_weights(tmp_path / "w.npz", by_name=True)
    with pytest.raises(ValueError, match=r"unknown arguments \['skip_mismatches'\]; did you mean 'skip_mismatch'\?"):
        model.load_weights(tmp_path / "w.npz", skip_mismatches=True)
    unbuilt = keras.Sequential([layers.Dense(3)])
    for method in (unbuilt.save_weights, unbuilt.load_weights):
        with pytest.raises(ValueError, match="has no weights before it is built"):
            method(tmp_path / "w.npz")
