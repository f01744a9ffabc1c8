"""Data sets: what they hold, what guards them, and what is said when something is wrong with a file."""

from __future__ import annotations

import hashlib
import http.server
import io
import pathlib
import threading
import zipfile
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from keras_lite.datasets import digits, mnist
from keras_lite.utils.files import cached_download


def mnist_arrays(n: int = 5) -> dict[str, np.ndarray]:
    """Arrays of the right names, shapes and dtypes."""
    images, labels = np.arange(n * 28 * 28).reshape(n, 28, 28).astype(np.uint8), (np.arange(n) % 10).astype(np.uint8)
    return {"x_train": images, "y_train": labels, "x_test": images[:2], "y_test": labels[:2]}


def npz_bytes(**arrays: Any) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


@pytest.fixture
def server() -> Iterator[Any]:
    """A web server on this machine: `server.pages` maps paths to what it answers, `server.asked` counts the requests."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.server.asked += 1
            content = self.server.pages.get(self.path)
            self.send_response(404 if content is None else 200)
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            self.wfile.write((content or b"")[: self.server.stop_after])

        def log_message(self, *args: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.pages, server.asked, server.stop_after = {}, 0, None
    server.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


# --- digits ------------------------------------------------------------------------------------------------------------


def test_digits_are_the_real_ones_in_a_fixed_split() -> None:
    (x_train, y_train), (x_test, y_test) = digits.load_data()
    assert (x_train.shape, x_train.dtype, y_train.shape, y_train.dtype) == ((1437, 8, 8), np.uint8, (1437,), np.int64)
    assert (x_test.shape, y_test.shape) == ((360, 8, 8), (360,))
    assert x_train.max() == 16
    x, y = np.concatenate([x_train, x_test]), np.concatenate([y_train, y_test])
    assert np.bincount(y).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]  # the published class counts
    assert hashlib.sha256(x.tobytes()).hexdigest() == "8f26b2bd9d135c256808f68f14fdabddde6d9c7f869ae419704b051f0f14b3b3"
    assert set(y_test) == set(range(10))


def test_digits_answer_does_not_share_memory() -> None:
    (x_train, _), _ = digits.load_data()
    x_train[:] = 0
    assert digits.load_data()[0][0].max() == 16


def test_digits_separate_linearly() -> None:
    """Labels belong to their images: least squares on the pixels finds nine of ten test digits."""
    (x_train, y_train), (x_test, y_test) = digits.load_data()
    weights, *_ = np.linalg.lstsq(x_train.reshape(-1, 64) / 16.0, np.eye(10)[y_train], rcond=None)
    assert np.mean((x_test.reshape(-1, 64) / 16.0 @ weights).argmax(1) == y_test) > 0.85


# --- MNIST from a file of one's own ------------------------------------------------------------------------------------


def test_mnist_from_a_local_path(data_folder: pathlib.Path) -> None:
    (x_train, y_train), (x_test, y_test) = mnist.load_data(data_folder / "mnist.npz")
    assert (x_train.shape, x_train.dtype, y_train.shape, y_train.dtype) == ((60000, 28, 28), np.uint8, (60000,), np.uint8)
    assert (x_test.shape, y_test.shape) == ((10000, 28, 28), (10000,))
    assert y_train[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert x_train.mean() / 255 == pytest.approx(0.13066, abs=1e-5)


def test_mnist_path_in_the_current_folder(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine.npz").write_bytes(npz_bytes(**mnist_arrays()))
    monkeypatch.chdir(tmp_path)
    (x_train, _), (x_test, y_test) = mnist.load_data("./mine.npz")
    assert x_train.shape == (5, 28, 28) and x_test.shape == (2, 28, 28) and y_test.tolist() == [0, 1]


def test_mnist_path_that_is_not_there(tmp_path: pathlib.Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"there is no file .*nowhere\.npz; without `path`"):
        mnist.load_data(tmp_path / "nowhere.npz")


WRONG = {
    "a name is missing": ({"x_test": None}, r"has no x_test; it has x_train"),
    "a shape": ({"x_train": np.zeros((5, 784), np.uint8)}, r"x_train in .* must be \(n, 28, 28\) uint8, got \(5, 784\) uint8"),
    "a dtype": ({"y_train": np.zeros(5, np.float32)}, r"y_train in .* must be \(n\) uint8, got \(5,\) float32"),
    "lengths differ": ({"y_train": np.zeros(4, np.uint8)}, r"has 5 images and 4 labels to train with"),
    "no images": ({"x_test": np.zeros((0, 28, 28), np.uint8), "y_test": np.zeros(0, np.uint8)}, r"has 0 images"),
    "a label": ({"y_test": np.array([3, 11], np.uint8)}, r"labels in .* must be below 10, got 11 at y_test\[1\]"),
    "a pickle": ({"x_train": np.array([{}, {}], object)}, r"is not an \.npz file of x_train.*allow_pickle=False"),
}


@pytest.mark.parametrize(("change", "message"), WRONG.values(), ids=WRONG)
def test_mnist_file_with_something_wrong(change: dict[str, Any], message: str, tmp_path: pathlib.Path) -> None:
    arrays = {name: x for name, x in (mnist_arrays() | change).items() if x is not None}
    (tmp_path / "mnist.npz").write_bytes(npz_bytes(**arrays))
    with pytest.raises(ValueError, match=message):
        mnist.load_data(tmp_path / "mnist.npz")


def single_array() -> bytes:
    file = io.BytesIO()
    np.save(file, np.zeros(3))
    return file.getvalue()


def other_archive() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("x_train.txt", "hello")
    return file.getvalue()


NOT_NPZ = {"empty": b"", "text": b"hello", "half": npz_bytes(**mnist_arrays())[:2000], "npy": single_array(), "zip": other_archive()}


@pytest.mark.parametrize("content", NOT_NPZ.values(), ids=NOT_NPZ)
def test_mnist_file_of_another_kind(content: bytes, tmp_path: pathlib.Path) -> None:
    (tmp_path / "mnist.npz").write_bytes(content)
    with pytest.raises(ValueError, match=r"^mnist\.load_data: .*mnist\.npz is not an \.npz file of x_train, y_train, x_test, y_test"):
        mnist.load_data(tmp_path / "mnist.npz")


# --- the cache ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def published(server: Any, home: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """A small file in the place of MNIST, with its hash."""
    content = npz_bytes(**mnist_arrays())
    server.pages["/mnist.npz"] = content
    monkeypatch.setattr(mnist, "URL", f"{server.url}/mnist.npz")
    monkeypatch.setattr(mnist, "SHA256", hashlib.sha256(content).hexdigest())
    return content


def test_mnist_is_downloaded_once(published: bytes, server: Any, home: pathlib.Path) -> None:
    for _ in range(2):
        (x_train, _), _ = mnist.load_data()
        assert np.array_equal(x_train, mnist_arrays()["x_train"])
    assert server.asked == 1
    assert [file.name for file in (home / "datasets").iterdir()] == ["mnist.npz"]
    assert (home / "datasets" / "mnist.npz").read_bytes() == published


def test_download_with_another_hash_is_not_kept(published: bytes, server: Any, home: pathlib.Path) -> None:
    server.pages["/mnist.npz"] = published + b"x"
    with pytest.raises(ValueError, match=r"gave a file with SHA-256 .*, not .*; nothing was kept"):
        mnist.load_data()
    assert list((home / "datasets").iterdir()) == []


def test_download_that_breaks_off_is_not_kept(published: bytes, server: Any, home: pathlib.Path) -> None:
    server.stop_after = 1000
    with pytest.raises((ValueError, OSError), match=r"nothing was kept|can't be downloaded"):
        mnist.load_data()
    assert list((home / "datasets").iterdir()) == []


def test_cached_file_with_another_hash_is_neither_used_nor_replaced(published: bytes, server: Any, home: pathlib.Path) -> None:
    own = home / "datasets" / "mnist.npz"
    own.parent.mkdir(parents=True)
    own.write_bytes(npz_bytes(**mnist_arrays(3)))
    before = own.read_bytes()
    with pytest.raises(ValueError, match=r"has SHA-256 .*; delete it .* or give it a name with its folder, path='.*mnist\.npz'"):
        mnist.load_data()
    assert own.read_bytes() == before and server.asked == 0
    assert mnist.load_data(str(own))[0][0].shape == (3, 28, 28)  # what the message advises works


def test_no_network_says_where_to_put_the_file(published: bytes, home: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mnist, "URL", "http://127.0.0.1:9/mnist.npz")  # the discard port: nobody answers
    with pytest.raises(OSError, match=r"can't be downloaded \(.*\); put a copy of the file at .*mnist\.npz") as caught:
        mnist.load_data()
    place = pathlib.Path(str(caught.value).rpartition(" at ")[2])
    place.write_bytes(published)
    assert len(mnist.load_data()[0][0]) == 5  # what the message advises works


def test_missing_page_is_a_clear_error(server: Any, home: pathlib.Path) -> None:
    with pytest.raises(OSError, match=r"here: .*404.*; put a copy of the file at"):
        cached_download("here", "a.npz", f"{server.url}/nothing", "0" * 64)


def test_failed_write_leaves_nothing(published: bytes, home: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        mnist.load_data()
    assert list((home / "datasets").iterdir()) == []


def test_the_published_hash_is_the_official_one() -> None:
    assert mnist.SHA256 == "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"
    assert mnist.URL.startswith("https://storage.googleapis.com/tensorflow/tf-keras-datasets/")
