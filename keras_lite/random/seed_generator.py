"""SeedGenerator: a stream of random numbers as a variable, and the generator behind everything that was given no seed."""

from __future__ import annotations

import random as python_random
import threading
from typing import Any

import numpy as np

from keras_lite import ops
from keras_lite.engine import registry
from keras_lite.engine.errors import invalid, unknown_arguments
from keras_lite.saving.configurable import Configurable
from keras_lite.state.names import auto_name, name_scope
from keras_lite.state.scope import current_scope
from keras_lite.state.variable import Variable

_default_seeds = python_random.Random()
_NEXT = np.array([0, 1], "uint32")
_drawing = threading.RLock()  # of all generators: one in each of them would have to be left out of copies and files


class SeedGenerator(Configurable):
    """A stream of draws: its `state` is a variable of (seed, counter), two uint32 numbers.

    Each draw takes the present state and adds 1 to the counter; so a stream can be saved, and used in compiled steps.  Threads may
    share a generator: no two draws are the same.

    Args:
        seed: an int from 0 to 2**32 - 1; None draws one from the package's own generator (see `utils.set_random_seed`).
        name: name of the generator, the first part of the variable's path.

    Raises:
        ValueError: the seed is no such int.

    >>> from keras_lite import ops, random
    >>> generator = random.SeedGenerator(7)
    >>> ops.convert_to_numpy(generator.next()).tolist(), ops.convert_to_numpy(generator.state).tolist()
    ([7, 0], [7, 1])
    """

    def __init__(self, seed: int | None = None, name: str | None = None, **kwargs: Any):
        if kwargs:
            raise unknown_arguments("SeedGenerator", kwargs, SeedGenerator, invalid)
        if seed is None:
            seed = make_default_seed()
        self.seed = _word("SeedGenerator", seed, "an int")
        self.name = name or auto_name("seed_generator")
        with name_scope(self.name):
            self.state = Variable(np.array([self.seed, 0], "uint32"), dtype="uint32", trainable=False, autocast=False,
                                  aggregation="only_first_replica", name="seed_generator_state")

    def next(self, ordered: bool = True) -> Any:
        """The state for one draw, a pair (seed, counter) of uint32; the counter goes on by 1.

        `ordered` asks for draws in the order of the calls; they are so in any case.
        """
        if current_scope() is not None:  # the thread's own: nobody else sees what is written there
            return self._advance()
        with _drawing:
            return self._advance()

    def _advance(self) -> Any:
        engine, words = self.state.engine, None
        if current_scope() is None and hasattr(engine, "on_host"):
            words = engine.on_host(self.state.own_value)
        if words is not None:  # two numbers: the host adds quicker than a call is made
            self.state.assign(engine.convert(words + _NEXT, "uint32"))
            return engine.convert(words, "uint32")
        state = ops.add(self.state, np.array([0, 0], "uint32"))  # a copy: engines whose variables are mutable write in place
        following = ops.add(state, _NEXT)
        try:
            self.state.assign(following)
        except ValueError as error:  # the one reason for which a variable can't take two numbers of its own dtype
            reason = str(error).removeprefix("assign: ")
            raise invalid("SeedGenerator", f"{reason}; in a function without a model, give draws an int as their seed (those of a loop in "
                                           "one call before it), or draw outside and pass the numbers") from error
        return state


def make_default_seed() -> int:
    """A seed for an object that was given none; the same sequence after the same `utils.set_random_seed`."""
    return _default_seeds.randint(1, 10**9)


_global: dict[int, SeedGenerator] = {}


def global_generator() -> SeedGenerator:
    """The generator of functions called without a seed, one for each engine."""
    engine = registry.concrete()
    with _drawing:
        if id(engine) not in _global:
            _global[id(engine)] = SeedGenerator(name="global_seed_generator")
        return _global[id(engine)]


def seed_global_generator(seed: int) -> None:
    """Start everything that has no seed of its own anew from `seed`."""
    with _drawing:
        _default_seeds.seed(seed)
        _global.clear()


def draw_seed(seed: Any) -> Any:
    """The (2,) uint32 state for one draw: of a generator, of a fixed int, or (None) of the global generator."""
    if isinstance(seed, SeedGenerator):
        return seed.next()
    if seed is None:
        return global_generator().next()
    word = _word("random", seed, "an int, a SeedGenerator or None")
    return registry.current().convert(np.array([word, 0], "uint32"), "uint32")


def _word(where: str, seed: Any, expected: str) -> int:
    """A seed given by a user, which is one uint32 number of the state."""
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)):
        raise invalid(where, f"seed must be {expected}, got {seed!r}")
    if not 0 <= seed < 2**32:
        raise invalid(where, f"seed must be at least 0 and below 2**32, got {seed}")
    return int(seed)
