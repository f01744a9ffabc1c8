"""Files written whole or not at all, and downloads that are kept and checked by their hash."""

from __future__ import annotations

import contextlib
import hashlib
import os
import pathlib
from collections.abc import Iterator
from typing import BinaryIO

from keras_lite import config
from keras_lite.engine.errors import invalid

CHUNK = 1 << 20
TIMEOUT = 30.0  # seconds without an answer


def sha256_of(path: str | os.PathLike[str]) -> str:
    """The file's SHA-256 in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextlib.contextmanager
def replacing(path: pathlib.Path) -> Iterator[BinaryIO]:
    """A new file that takes the place of `path` when the block ends well: on the disk first, then renamed.

    However the block ends, `path` is either what it was or complete.
    """
    temporary = path.with_name(f".{path.name}.{os.urandom(4).hex()}")
    try:
        with open(temporary, "xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def cached_download(where: str, name: str, url: str, sha256: str) -> pathlib.Path:
    """The file `name` in the folder `datasets` of `config.home()`, downloaded from `url` if it is not there yet.

    A file that is there already must have the hash as well: it is never replaced, nor used, when it has another.
    `where` opens the messages.

    Raises:
        ConnectionError: it can't be downloaded; the message says where to put a copy.
        ValueError: the hash is another one.
    """
    path = config.home() / "datasets" / name
    if not path.is_file():
        _download(where, url, path, sha256)
        return path
    found = sha256_of(path)
    if found != sha256:
        raise invalid(where, f"{path} has SHA-256 {found}, not {sha256}; delete it to have it downloaded again, "
                             f"or give it a name with its folder, path={str(path)!r}, to load it as it is")
    return path


def _download(where: str, url: str, path: pathlib.Path, sha256: str) -> None:
    """Fetch `url` into `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    print(f"Downloading {url} to {path}", flush=True)
    digest = hashlib.sha256()
    with replacing(path) as file:
        for chunk in _chunks(where, url, path):
            digest.update(chunk)
            file.write(chunk)
        if digest.hexdigest() != sha256:
            raise invalid(where, f"{url} gave a file with SHA-256 {digest.hexdigest()}, not {sha256}; nothing was kept")


def _chunks(where: str, url: str, path: pathlib.Path) -> Iterator[bytes]:
    """What `url` gives, piece by piece."""
    import http.client  # network modules would take a third of the time that importing the package may take
    import urllib.request

    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT) as answer:
            while chunk := answer.read(CHUNK):
                yield chunk
    except (OSError, http.client.HTTPException) as error:
        raise ConnectionError(f"{where}: {url} can't be downloaded ({error}); put a copy of the file at {path}") from None
