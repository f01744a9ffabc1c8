"""A model inside programs written for PyTorch."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

import keras_lite as keras
from keras_lite import layers

X = np.random.default_rng(0).normal(size=(16, 4)).astype("float32")
Y = X[:, :1]


def _model() -> Any:
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((4,)), layers.Dense(3, activation="tanh"), layers.BatchNormalization(), layers.Dropout(0.5),
                              layers.Dense(1)], name="m")
    model.compile("sgd", "mse")
    return model


@pytest.fixture
def torch(engine: Any) -> Any:
    if engine.name != "torch":
        with pytest.raises(NotImplementedError, match=f"m is on {engine.name}"):
            _model().parameters()
        pytest.skip("runs with the torch engine")
    return pytest.importorskip("torch")


def test_names_and_kinds(torch: Any) -> None:
    """Trainable variables are parameters, others buffers, named by path; the tensors are those of the variables."""
    model = _model()
    names = [name for name, _ in model.named_parameters()]
    assert names == [v.path for v in model.trainable_variables]
    assert all(p is v.held for p, v in zip(model.parameters(), model.trainable_variables, strict=True))
    assert sorted(model.state_dict()) == sorted(v.path for v in model.variables)


def test_inside_a_module(torch: Any) -> None:
    """A step of torch's optimizer on a module around the model changes the model; zero_grad forgets the gradients."""
    model = _model()
    whole = torch.nn.Sequential(model.as_torch_module(), torch.nn.Linear(1, 1))
    assert len(list(whole.parameters())) == len(model.trainable_variables) + 2
    optimizer = torch.optim.SGD(whole.parameters(), 0.1)
    before, mean = model.get_weights(), model.layers[1].moving_mean.numpy()
    ((whole(torch.from_numpy(X)) - torch.from_numpy(Y)) ** 2).mean().backward()
    optimizer.step()
    gradient = model.trainable_variables[0].value.grad.numpy()
    np.testing.assert_allclose(model.get_weights()[0], before[0] - 0.1 * gradient, rtol=1e-5)
    assert not np.array_equal(model.layers[1].moving_mean.numpy(), mean)  # a module trains unless it is told otherwise
    model.zero_grad()
    assert all(p.grad is None for p in model.parameters())
    whole.eval()
    mean = model.layers[1].moving_mean.numpy()
    result = whole[0](torch.from_numpy(X))
    np.testing.assert_allclose(result.detach().numpy(), model.predict(X, verbose=0), rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(model.layers[1].moving_mean.numpy(), mean)


def test_in_a_module_of_ones_own(torch: Any) -> None:
    """A module with a model of two inputs trains with Adam of torch as the layers of torch beside it; its state goes to another one."""

    class Scorer(torch.nn.Module):  # type: ignore[name-defined, misc]  # torch is a fixture
        def __init__(self) -> None:
            super().__init__()
            a, b = keras.Input((4,)), keras.Input((2,))
            hidden = layers.Dense(5, activation="relu", name="hidden")(layers.Concatenate()([a, b]))
            self.features = keras.Model([a, b], hidden).as_torch_module()
            self.score = torch.nn.Linear(5, 1)

        def forward(self, a: Any, b: Any) -> Any:
            return self.score(self.features([a, b]))

    torch.manual_seed(0)
    module = Scorer()
    optimizer = torch.optim.Adam(module.parameters(), 0.05)
    a, b, y = (torch.from_numpy(x) for x in (X, X[:, :2] ** 2, Y))
    losses = []
    for _ in range(30):
        optimizer.zero_grad()
        loss = ((module(a, b) - y) ** 2).mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.2 * losses[0]
    other = Scorer()
    other.load_state_dict(module.state_dict())
    np.testing.assert_array_equal(other(a, b).detach().numpy(), module(a, b).detach().numpy())


def test_state_after_fit(torch: Any) -> None:
    """state_dict has what `fit` has learnt, and load_state_dict brings it back."""
    model = _model()
    module = model.as_torch_module()
    model.fit(X, Y, verbose=0)
    kept = copy.deepcopy(module.state_dict())
    np.testing.assert_array_equal(kept[model.weights[0].path].numpy(), model.get_weights()[0])
    weights = model.get_weights()
    model.fit(X, Y, verbose=0)
    assert model.load_state_dict(kept).missing_keys == []
    for a, b in zip(model.get_weights(), weights, strict=True):
        np.testing.assert_array_equal(a, b)
    model.fit(X, Y, verbose=0)


def test_to(torch: Any) -> None:
    """Moving keeps the model and its variables together; other dtypes are refused."""
    model = _model()
    expected = model.predict(X, verbose=0)
    assert model.to("cpu") is model
    assert all(p is v.held for p, v in zip(model.parameters(), model.trainable_variables, strict=True))
    np.testing.assert_array_equal(model.predict(X, verbose=0), expected)
    with pytest.raises(ValueError, match="dtypes of a model are fixed"):
        model.to(torch.float16)


def test_unbuilt(torch: Any) -> None:
    with pytest.raises(ValueError, match="no parameters before it is built"):
        keras.Sequential([layers.Dense(2)]).parameters()
