"""keras_lite: the Keras 3 API on JAX, PyTorch, TensorFlow and NumPy."""

import gc

_collects = gc.isenabled()
gc.disable()  # what the modules make stays: to look through it again and again takes a fifth of the time
try:
    from keras_lite import (
        activations,
        backend,
        callbacks,
        config,
        constraints,
        datasets,
        dtype_policies,
        initializers,
        layers,
        losses,
        metrics,
        mixed_precision,
        models,
        ops,
        optimizers,
        random,
        regularizers,
        saving,
        utils,
    )
    from keras_lite.config import set_backend
    from keras_lite.dtype_policies import DTypePolicy, FloatDTypePolicy
    from keras_lite.engine.device import device
    from keras_lite.initializers import Initializer
    from keras_lite.layers.input import Input
    from keras_lite.layers.input_spec import InputSpec
    from keras_lite.layers.layer import Layer
    from keras_lite.layers.operation import Operation
    from keras_lite.layers.remat import RematScope, remat
    from keras_lite.losses import Loss
    from keras_lite.metrics import Metric
    from keras_lite.models import Model, Sequential
    from keras_lite.models.function import Function
    from keras_lite.optimizers import Optimizer
    from keras_lite.regularizers import Regularizer
    from keras_lite.state import tree
    from keras_lite.state.names import name_scope
    from keras_lite.state.stateless import StatelessScope
    from keras_lite.state.variable import Variable
    from keras_lite.symbolic.spec import KerasTensor
    from keras_lite.training.gradients import value_and_grad
finally:
    if _collects:
        gc.enable()

__version__ = "0.1.0"

__all__ = [
    "DTypePolicy", "FloatDTypePolicy", "Function", "Initializer", "Input", "InputSpec", "KerasTensor", "Layer", "Loss", "Metric",
    "Model", "Operation", "Optimizer", "Regularizer", "RematScope", "Sequential", "StatelessScope", "Variable", "activations",
    "backend", "callbacks", "config", "constraints", "datasets", "device", "dtype_policies", "initializers", "layers", "losses",
    "metrics", "mixed_precision", "models", "name_scope", "ops", "optimizers", "random", "regularizers", "remat", "saving",
    "set_backend", "tree", "utils", "value_and_grad",
]

_MODULES = (activations, backend, callbacks, config, constraints, datasets, dtype_policies, initializers, layers, losses, metrics,
            mixed_precision, models, ops, optimizers, random, regularizers, saving, utils)
for _module in _MODULES:
    _module.__dir__ = _module.__all__.copy  # type: ignore[method-assign]  # completion shows what is public
