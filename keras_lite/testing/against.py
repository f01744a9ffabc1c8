"""`--against MODULE`: the samples of the op table on another implementation of the API, beside keras_lite and the float64 reference.

Each backend of the other implementation runs in a process of its own, beside keras_lite's engine of the same name, both with the
dtypes that the framework keeps by default.  Known differences are data: `differences.toml`.
"""

from __future__ import annotations

import functools
import os
import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from keras_lite.engine import registry
from keras_lite.engine.dtypes import part_dtype
from keras_lite.engine.errors import invalid
from keras_lite.ops.table import TABLE, Record
from keras_lite.testing import checks
from keras_lite.testing.calls import invoke, to_tensors
from keras_lite.testing.cells import sweep
from keras_lite.testing.reference import NoReference, Undefined, canonical, reference_of, results_of
from keras_lite.testing.rival import Answer, Question, failed, public_path
from keras_lite.testing.ulps import Arrays, errors

FAR = {"float64": 256.0, "float32": 256.0, "bfloat16": 16.0, "float16": 16.0}  # ulps; nearer than this it is a matter of accuracy
PAUSE = 3.0  # seconds between lines about how far it is
RANDOM = ("elastic_transform",)
UNDEFINED = ("empty", "empty_like")  # their values mean nothing
KINDS = ("error", "accepts", "shape", "value", "accuracy", "dtype", "width")
NARROW = {"int64": "int32", "uint64": "uint32", "float64": "float32", "complex128": "complex64"}


@dataclass(frozen=True)
class Difference:
    """How a backend of the other implementation differs in one sample.

    `kind` is "error" (it raises), "accepts" (keras_lite raises), "shape", "value", "accuracy" (the same within `FAR` units, but beyond
    the tolerance of the matrix), "dtype" or "width" (the dtype of half the width).  `confirms` says whose answer the float64
    reference confirms; for dtypes, whose the other's own rule for symbolic tensors confirms.
    """

    question: Question
    backend: str
    kind: str
    message: str
    confirms: str = ""


def questions(ops: Iterable[str], swept: bool = True, quick: bool = True) -> list[Question]:
    """The samples of the public ops, and with `swept` the dtype sweep of the matrix; without `quick`, at every dtype."""
    asked = []
    for name in ops:
        record = TABLE[name]
        if name not in (*RANDOM, *UNDEFINED) and public_path(record):
            asked += [Question(name, i) for i in range(len(record.samples))]
            asked += [Question(name, i, dtype) for i, dtype in sweep(record, quick)] if swept else []
    return asked


# --- asking ------------------------------------------------------------------------------------------------------------


def answers(module: str, backend: str, asked: list[Question]) -> Iterator[Answer]:
    """An answer to each question; a question that ends the process has an error for its answer."""
    rest = list(asked)
    while rest:
        for result in _process(module, backend, tuple(rest)):
            rest.pop(0)
            yield result
        if rest:
            rest.pop(0)
            yield Answer([], [], "the process took too long, or ended without an answer")


def _process(module: str, backend: str, asked: tuple[Question, ...]) -> Iterator[Answer]:
    """The answers of one process, as far as it comes."""
    # the backend of Keras is fixed when it is imported; `keras_lite` reads the variable too, for the functions in samples
    env = {**os.environ, "KERAS_BACKEND": backend, "KERAS_LITE_BACKEND": backend, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-c", f"from keras_lite.testing import rival; rival.main({module!r})"]
    with tempfile.TemporaryFile() as log, tempfile.TemporaryFile() as given:
        pickle.dump(asked, given)
        given.seek(0)
        with subprocess.Popen(command, stdin=given, stdout=subprocess.PIPE, stderr=log, env=env) as process:
            assert process.stdout is not None
            try:
                pickle.load(process.stdout)
            except EOFError:
                log.seek(0)
                said = log.read().decode(errors="replace").strip().splitlines()[-1:]
                raise invalid("matrix", f"{module} can't be started on {backend}: {''.join(said)}") from None
            for _ in asked:
                try:
                    yield pickle.load(process.stdout)
                except EOFError:
                    return


def own(engine: Any, question: Question) -> Answer:
    """keras_lite's answer."""
    call = question.call()
    try:
        leaves = results_of(invoke(engine, call, to_tensors(engine, call.arrays)))
    except Exception as error:
        return failed(error)
    tensors = [engine.is_tensor(x) for x in leaves]
    values = [np.asarray(engine.to_numpy(x) if there else x) for x, there in zip(leaves, tensors, strict=True)]
    return Answer(values, [engine.dtype_of(x) if there else "" for x, there in zip(leaves, tensors, strict=True)])


# --- comparing ---------------------------------------------------------------------------------------------------------


def compare(question: Question, backend: str, ours: Answer, theirs: Answer) -> list[Difference]:
    """How `theirs` differs from `ours`; an error beside an error is no difference."""
    difference = functools.partial(Difference, question, backend)
    if ours.error and theirs.error:
        return []
    if theirs.error:
        confirmed = _nearness(question, ours.values)
        return [difference("error", theirs.error, "" if confirmed is None else "keras_lite" if confirmed <= 1 else "neither")]
    if ours.error:
        return [difference("accepts", f"gives {_brief(theirs)}; here {ours.error}")]
    return [*_values(difference, question, ours, theirs), *_dtypes(difference, ours, theirs)]


def _values(difference: Any, question: Question, ours: Answer, theirs: Answer) -> list[Difference]:
    here, there = _nearness(question, ours.values), _nearness(question, theirs.values)
    sides = [name for name, parts in (("keras_lite", here), ("Keras", there)) if parts is not None and parts <= 1]
    confirms = "" if here is None else " and ".join(sides) or "neither"
    shapes, others = ([np.shape(x) for x in answer.values] for answer in (ours, theirs))
    if shapes != others:
        return [difference("shape", f"{_joined(others)}, here {_joined(shapes)}", confirms)]
    record = TABLE[question.op]
    apart = _distance(record, theirs.values, canonical(record, ours.values), None)
    if apart == 0 or _within_tolerance(question, theirs.values):
        return []
    near = apart if there is None else there
    if near <= 1:
        units = FAR[next((part_dtype(dtype) for dtype in theirs.dtypes if part_dtype(dtype) in FAR), "float32")]
        return [difference("accuracy", f"off by {near * units:.3g} units", confirms)]
    return [difference("value", _farthest(ours.values, theirs.values), confirms)]


def _nearness(question: Question, values: Arrays) -> float | None:
    """The distance from the float64 reference in parts of `FAR`; None where there is no reference."""
    if question.call().sample.error:
        return None
    reference = reference_of(TABLE[question.op], question.index, question.dtype or None)
    try:
        return _distance(TABLE[question.op], values, reference.values, reference.condition)
    except (NoReference, Undefined):
        return None


def _distance(record: Record, values: Arrays, expected: Arrays, conditions: Arrays | None) -> float:
    """The largest distance of an element in parts of `FAR`; infinite between other shapes."""
    values = canonical(record, values)
    if [np.shape(x) for x in values] != [np.shape(x) for x in expected]:
        return np.inf
    worst = 0.0
    for i, (a, b) in enumerate(zip(values, expected, strict=True)):
        units = errors(a, b, None if conditions is None else conditions[i], record.normwise)
        worst = max(worst, float(np.max(units, initial=0.0)) / FAR.get(part_dtype(a.dtype.name), 1.0))
    return worst


def _within_tolerance(question: Question, values: Arrays) -> bool:
    """Whether the values pass as those of an engine in the matrix."""
    if question.call().sample.error:
        return False
    reference = reference_of(TABLE[question.op], question.index, question.dtype or None)
    try:
        values = canonical(reference.call.record, values)
        checks.compare("value", values, reference.values, reference.condition, reference.call)
    except (NoReference, Undefined, checks.Failure):
        return False
    return True


def _dtypes(difference: Any, ours: Answer, theirs: Answer) -> list[Difference]:
    if ours.dtypes == theirs.dtypes or len(ours.dtypes) != len(theirs.dtypes):
        return []
    sides = [name for name, answer in (("keras_lite", ours), ("Keras", theirs)) if theirs.rule == answer.dtypes]
    kind = "width" if theirs.dtypes == [NARROW.get(dtype, dtype) for dtype in ours.dtypes] else "dtype"
    return [difference(kind, f"{_joined(theirs.dtypes)}, here {_joined(ours.dtypes)}", "".join(sides))]


def _joined(facts: Iterable[Any]) -> str:
    return ", ".join(str(fact) or "no tensor" for fact in facts) or "nothing"


def _farthest(ours: Arrays, theirs: Arrays) -> str:
    """The element that differs most, for people."""
    for i, (a, b) in enumerate(zip(theirs, ours, strict=True)):
        wide = [x.astype("complex128") for x in (a, b)]
        same = (wide[0] == wide[1]) | (np.isnan(wide[0]) & np.isnan(wide[1]))
        apart = np.where(same, 0, np.nan_to_num(np.abs(wide[0] - wide[1]), nan=np.inf))
        if np.max(apart, initial=0) > 0:
            place = np.unravel_index(int(np.argmax(apart)), apart.shape)
            where = f" at {tuple(map(int, place))}" if a.ndim else ""
            return f"{a[place]}, here {b[place]}{where}" + (f" of result {i}" if len(ours) > 1 else "")
    return "the same elements in another order"


def _brief(answer: Answer) -> str:
    shown = ", ".join(f"{x.dtype.name}{list(x.shape)}" for x in answer.values)
    return f"{shown or 'nothing'} {answer.values[0].ravel()[:3].tolist() if answer.values else ''}".strip()


def compared(module: str, backends: Iterable[str], asked: list[Question],
             say: Callable[[str], None] = lambda line: None) -> list[Difference]:
    """All differences, backend after backend; `say` gets lines about how far it is.

    The other implementation starts and answers, in its own process, while keras_lite does: to start takes longer than a few answers.
    """
    differences = []
    with ThreadPoolExecutor(1) as beside:
        for backend in backends:
            asking = beside.submit(_collected, module, backend, asked, say)
            engine = registry.load(backend)
            ours = [own(engine, question) for question in asked]
            for question, here, there in zip(asked, ours, asking.result(), strict=True):
                differences += compare(question, backend, here, there)
    return differences


def _collected(module: str, backend: str, asked: list[Question], say: Callable[[str], None]) -> list[Answer]:
    say(f"{backend}: {module} starts")
    collected, said = [], time.monotonic()
    for given in answers(module, backend, asked):
        collected.append(given)
        if time.monotonic() > said + PAUSE or len(collected) == len(asked):
            said = time.monotonic()
            say(f"{backend}: {len(collected)} of {len(asked)} samples")
    return collected
