"""Prediction: the outputs of a model for batches, compiled."""

from __future__ import annotations

from typing import Any

from keras_lite import config
from keras_lite.engine import registry
from keras_lite.layers.ranges import check_ranges, watching
from keras_lite.state import tree
from keras_lite.state.scope import Scope
from keras_lite.training.data import Feed, check_dtypes, unpack
from keras_lite.training.describing import described


class Predictor:
    """`model.predict_step` on batches of arrays; one program for each form of batch."""

    def __init__(self, model: Any):
        self.model, self.engine = model, model._home()

    def prepare(self, batch: Any, data: Any) -> None:
        """Describe a prediction for batches like this, and check all the values that there are; raises ValueError."""
        check_dtypes(data, self.engine)
        if not self._eager:
            check_ranges(self._program(Feed(batch, self.engine)).ranges, unpack(data)[0])

    @property
    def _eager(self) -> bool:
        return getattr(self.model, "run_eagerly", False)

    def __call__(self, batch: Any) -> Any:
        feed = Feed(batch, self.engine)
        source = feed.source(batch, self.engine)
        if self._eager:
            with registry.using(self.engine):
                outputs = self.model.predict_step(feed.take(self.engine, source, 0))
        else:
            outputs = self._program(feed)(source)
        return tree.map_structure(lambda x: self.engine.to_numpy(x) if self.engine.is_tensor(x) else x, outputs)

    def _program(self, feed: Feed) -> Any:
        programs = self.model._programs
        key = ("predict", self.engine.name, config.random(), feed.key())
        if key not in programs:
            programs[key] = _Program(self.model, self.engine, feed)
        return programs[key]


class _Program:
    """The compiled prediction for one form of batch, with the variables as inputs."""

    def __init__(self, model: Any, engine: Any, feed: Feed):
        self.model, self.engine, self.feed = model, engine, feed
        specs = feed.specs()
        with watching(unpack(specs)[0]) as self.ranges:
            found = described(engine, model.predict_step, specs)
        self.variables, self.written = [*found.read, *found.written], found.written
        self.run = engine.compile(self._pure)

    def _pure(self, values: list[Any], source: list[Any]) -> tuple[Any, list[Any]]:
        with registry.using(self.engine), Scope(zip(self.variables, values, strict=True)) as scope:
            outputs = self.model.predict_step(self.feed.take(self.engine, source, 0))
            return outputs, [scope.value_of(v) for v in self.written]

    def __call__(self, source: list[Any]) -> Any:
        outputs, new = self.run([v.peek() for v in self.variables], source)
        for variable, value in zip(self.written, new, strict=True):
            variable.assign(value)
        return outputs
