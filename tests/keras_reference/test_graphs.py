"""Models from graphs beside Keras: the order of their layers and weights, and the names they take."""

from __future__ import annotations

import random
import warnings
from typing import Any

import pytest

import keras_lite
from keras_lite.engine import registry

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@pytest.fixture(autouse=True)
def _on_numpy() -> Any:
    with registry.using("numpy"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Keras warns about the keys of dicts
        yield


def _graph(module: Any, seed: int) -> Any:
    """A model of a random graph with branches, merges, shared layers, ops, and inputs that lead nowhere."""
    choice, layers = random.Random(seed), module.layers
    module.backend.clear_session()
    tensors = inputs = [module.Input((4,), name=f"i{k}") for k in range(choice.randint(1, 4))]
    shared = [layers.Dense(4, name=f"shared{k}") for k in range(2)]
    for _ in range(choice.randint(1, 14)):
        x, y, kind = choice.choice(tensors), choice.choice(tensors), choice.randrange(5)
        makers = (lambda: layers.Dense(4)(x), lambda: layers.Add()([x, y]), lambda: choice.choice(shared)(x), lambda: x * 2.0,
                  lambda: layers.Dense(4)(layers.Concatenate()([x, y])))
        tensors = [*tensors, makers[kind]()]
    made = tensors[len(inputs):]
    if seed % 2:
        return module.Model(inputs, [choice.choice(made) for _ in range(choice.randint(1, 3))])
    return module.Model({f"k{k}": x for k, x in enumerate(reversed(inputs))}, {"z": choice.choice(made), "a": choice.choice(made)})


@pytest.mark.parametrize("seed", range(30))
def test_order(keras: Any, seed: int) -> None:
    """`get_weights` of one is for `set_weights` of the other."""
    ours, theirs = _graph(keras_lite, seed), _graph(keras, seed)
    assert [layer.name for layer in ours.layers] == [layer.name for layer in theirs.layers]
    assert [v.path for v in ours.weights] == [v.path for v in theirs.weights]
    function, done = ours._graph, {id(x) for x in ours.inputs}
    for node in function.nodes:
        assert all(id(x) in done for x in node.parents)
        done |= {id(x) for x in node.outputs}


def _given(m: Any) -> None:
    m.Sequential([m.Input((2,)), m.layers.Dense(1), m.layers.Dense(2)])


def _added(m: Any) -> None:
    model = m.Sequential([m.layers.Dense(1)])
    model.build((None, 3))
    model.add(m.layers.Dense(2))


def _empty(m: Any) -> None:
    model = m.Sequential(name="own")
    for layer in (m.Input((2,)), m.layers.Dense(2), m.layers.Dense(3)):
        model.add(layer)
    model.pop()


@pytest.mark.parametrize("make", [_given, _added, _empty, lambda m: m.Sequential([m.layers.Dense(1)])])
def test_names_after_sequential(keras: Any, make: Any) -> None:
    """A stack takes a model's name each time it is described."""
    names = []
    for module in (keras_lite, keras):
        module.backend.clear_session()
        make(module)
        x = module.Input((2,))
        names.append((module.Model(x, module.layers.Dense(1)(x)).name, module.layers.InputLayer((1,)).name))
    assert names[0] == names[1]
