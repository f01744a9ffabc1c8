"""Answers of another implementation of the API, computed in a process of its own.

    python -c "from keras_lite.testing import rival; rival.main('keras')"

It reads a pickled list of questions from its standard input and writes a pickled answer for each to its standard output, as soon as
it has it.  The module is imported by the name that is given; it offers `ops`, `KerasTensor` and the conversions of Keras.  A call
that takes too long ends the process, so that whoever asked can go on with the next.
"""

from __future__ import annotations

import contextlib
import faulthandler
import importlib
import os
import pickle
import sys
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from keras_lite import ops
from keras_lite.engine.dtypes import standardize
from keras_lite.ops.table import TABLE, Record
from keras_lite.testing.calls import Call, make_call
from keras_lite.testing.reference import results_of

PATIENCE = 60  # seconds for a call
MEMORY = 12 << 30  # bytes for the process: a call that wants more fails


@dataclass(frozen=True)
class Question:
    """A sample of an op; `dtype` replaces that of its arrays, as in the matrix."""

    op: str
    index: int
    dtype: str = ""

    def call(self) -> Call:
        return make_call(TABLE[self.op], self.index, self.dtype or None)

    def __str__(self) -> str:
        return f"{self.op}[{self.index}]" + (f":{self.dtype}" if self.dtype else "")


@dataclass
class Answer:
    """The leaves of a result as arrays with the names of their dtypes ("" where the result is no tensor), or the error.

    `rule` has the dtypes that the implementation gives the results of symbolic tensors, None where it can't say.
    """

    values: list[np.ndarray]
    dtypes: list[str]
    error: str = ""
    rule: list[str] | None = None


def public_path(record: Record) -> str:
    """Where `keras_lite.ops` and Keras's `ops` have the op, "" for one that is internal.

    >>> from keras_lite.ops.table import TABLE
    >>> public_path(TABLE["reduce_sum"]), public_path(TABLE["resize"])
    ('sum', 'image.resize')
    """
    for prefix, module in (("", ops), ("image.", ops.image)):
        if getattr(module, record.public, None) is record.function:
            return prefix + record.public
    return ""


def _function(module: Any, path: str) -> Any:
    found = module.ops
    for part in path.split("."):
        found = getattr(found, part)
    return found


def failed(error: BaseException) -> Answer:
    """An answer that is an error, by its first line."""
    text = next(iter(str(error).strip().splitlines()), "")
    return Answer([], [], f"{type(error).__name__}: {text}"[:300])


def answer(module: Any, call: Call) -> Answer:
    """What `module` makes of a call."""
    try:
        function = _function(module, public_path(call.record))
        args, kwargs = call.filled([module.ops.convert_to_tensor(x, x.dtype.name) for x in call.arrays])
        leaves = results_of(function(*args, **kwargs))
        values = [np.asarray(module.ops.convert_to_numpy(x) if hasattr(x, "dtype") else x) for x in leaves]
        result = Answer(values, [standardize(x.dtype) if hasattr(x, "dtype") else "" for x in leaves])
    except Exception as error:
        result = failed(error)
    result.rule = _rule(module, call)
    return result


def _rule(module: Any, call: Call) -> list[str] | None:
    try:
        args, kwargs = call.filled([module.KerasTensor(x.shape, x.dtype.name) for x in call.arrays])
        leaves = results_of(_function(module, public_path(call.record))(*args, **kwargs))
        return [standardize(x.dtype) for x in leaves if isinstance(x, module.KerasTensor)]
    except Exception:
        return None


def main(name: str) -> None:
    """Answer the questions of the standard input."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what frameworks print is no answer
    with contextlib.suppress(ImportError):  # there is no such module on Windows
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    questions = pickle.load(sys.stdin.buffer)
    module = importlib.import_module(name)
    pickle.dump(getattr(module, "__version__", "unknown"), answers)
    answers.flush()
    warnings.simplefilter("ignore")  # frameworks warn of NaN, overflow and their own deprecations
    with np.errstate(all="ignore"):
        for question in questions:
            faulthandler.dump_traceback_later(PATIENCE, exit=True)
            pickle.dump(answer(module, question.call()), answers)
            answers.flush()
            faulthandler.cancel_dump_traceback_later()


__all__ = ["Answer", "Question", "answer", "failed", "main", "public_path"]
