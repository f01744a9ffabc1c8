"""Time of an update by Adam beside each framework's own: 4M parameters in 8 and in 200 tensors, in milliseconds.

    python benchmarks/optimizers.py [jax torch tensorflow] [--rounds 30]

Here it is `Adam.apply` in a compiled step, one and ten to a call: `fit` makes calls of about 0.1 seconds.  "Gathering" is a step where
four of them make an update (`gradient_accumulation_steps=4`), eight to a call.  Beside it stand
`torch.optim.Adam(fused=True)`; Adam in one jitted function that is given its parameters and state, from Optax where that is installed
and else written out; and the quickest of several forms in a `tf.function`.  The fastest of the rounds counts, in which all take turns;
each engine runs in a process of its own.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

ENGINES = ("torch", "jax", "tensorflow")
PARAMETERS = 4_000_000
RATE, B1, B2, EPSILON = 1e-3, 0.9, 0.999, 1e-7


def arrays(tensors: int, seed: int) -> list[np.ndarray]:
    """The parameters, or their gradients, as matrices."""
    rng, rows = np.random.default_rng(seed), 100
    return [rng.normal(size=(rows, PARAMETERS // tensors // rows)).astype("float32") for _ in range(tensors)]


def here(tensors: int, count: int, windows: int | None = None) -> Callable[[], Any]:
    """`count` steps by keras_lite on the active engine; with `windows` so many make an update."""
    import keras_lite
    from keras_lite.engine import registry
    from keras_lite.state.scope import Scope

    engine = registry.current()
    changing: Any = (lambda gradient, index: gradient) if engine.name == "torch" else _changing
    variables = [keras_lite.Variable(x) for x in arrays(tensors, 1)]
    optimizer = keras_lite.optimizers.Adam(RATE, B1, B2, EPSILON, gradient_accumulation_steps=windows)
    optimizer.build(variables)
    changed = [*variables, *(v for v in (*optimizer.variables, *optimizer._weights_gathered) if v is not optimizer.learning_rate)]

    def step(carry: list[Any], source: list[Any], index: Any) -> list[Any]:
        with registry.using(engine), Scope([*zip(changed, carry, strict=True), (optimizer.learning_rate, source[0])]) as scope:
            with keras_lite.optimizers.accumulation_weight(32.0):
                optimizer.apply([changing(g, index) for g in source[1:]], variables)
            return [scope.value_of(v) for v in changed]

    run = engine.compile_step(step)
    source = [optimizer.learning_rate.value, *(engine.convert(g, "float32") for g in arrays(tensors, 2))]
    state = [v.take() for v in changed]

    def update() -> Any:
        state[:] = run(state, source, 0, count)
        return state[0]

    return update


def _changing(gradient: Any, index: Any) -> Any:
    """A gradient that seems to be another one in each step, as it is in training: XLA takes the square of a constant one out of the loop.

    The factor is part of the fused computation and costs nothing.
    """
    from keras_lite import ops

    return ops.multiply(gradient, ops.where(ops.less(index, 0), 2.0, 1.0))


# --- the frameworks' own ---------------------------------------------------------------------------------------------------


def torch_own(tensors: int) -> dict[str, Callable[[], Any]]:
    import torch

    parameters = [torch.nn.Parameter(torch.from_numpy(x)) for x in arrays(tensors, 1)]
    for parameter, gradient in zip(parameters, arrays(tensors, 2), strict=True):
        parameter.grad = torch.from_numpy(gradient)
    optimizer = torch.optim.Adam(parameters, RATE, (B1, B2), EPSILON, fused=True)

    def update() -> Any:
        optimizer.step()
        return parameters[0]

    return {"torch.optim.Adam(fused=True)": update}


def jax_own(tensors: int) -> dict[str, Callable[[], Any]]:
    import jax

    has_optax = importlib.util.find_spec("optax") is not None
    first, change = _optax_adam() if has_optax else _written_adam()
    def update_all(parameters: Any, state: Any, gradients: Any, index: Any) -> Any:
        return change([_changing(g, index) for g in gradients], state, parameters)

    step = jax.jit(update_all, donate_argnums=(0, 1))
    held: list[Any] = [list(map(jax.numpy.asarray, arrays(tensors, 1)))]
    held.append(first(held[0]))
    gradients = list(map(jax.numpy.asarray, arrays(tensors, 2)))

    def update() -> Any:
        held[:] = step(*held, gradients, np.int32(0))
        return held[0][0]

    return {"jitted optax.adam" if has_optax else "jitted Adam": update}


def _optax_adam() -> tuple[Any, Any]:
    import optax

    adam = optax.adam(RATE, B1, B2, EPSILON)

    def change(gradients: Any, state: Any, parameters: Any) -> Any:
        steps, state = adam.update(gradients, state, parameters)
        return optax.apply_updates(parameters, steps), state

    return adam.init, change


def _written_adam() -> tuple[Any, Any]:
    """What Optax computes."""
    import jax
    import jax.numpy as jnp

    def first(parameters: Any) -> Any:
        return jnp.zeros((), "int32"), jax.tree.map(jnp.zeros_like, parameters), jax.tree.map(jnp.zeros_like, parameters)

    def change(gradients: Any, state: Any, parameters: Any) -> Any:
        count, m, v = state
        m = jax.tree.map(lambda m, g: B1 * m + (1 - B1) * g, m, gradients)
        v = jax.tree.map(lambda v, g: B2 * v + (1 - B2) * g * g, v, gradients)
        count = count + 1
        first, second = 1 - B1**count, 1 - B2**count
        parameters = jax.tree.map(lambda p, m, v: p - RATE * (m / first) / (jnp.sqrt(v / second) + EPSILON), parameters, m, v)
        return parameters, (count, m, v)

    return first, change


def tensorflow_own(tensors: int) -> dict[str, Callable[[], Any]]:
    """With the kernel that updates variables in place, and written out, without and with XLA."""
    import tensorflow as tf

    gradients, zero = list(map(tf.constant, arrays(tensors, 2))), tf.constant(0)

    def form(fused: bool, **options: Any) -> Callable[[], Any]:
        variables = [tf.Variable(x) for x in arrays(tensors, 1)]
        m, v = ([tf.Variable(tf.zeros_like(x)) for x in variables] for _ in range(2))
        count = tf.Variable(0, dtype=tf.int64)

        @tf.function(autograph=False, **options)
        def step(gradients: Any, index: Any) -> None:
            gradients = [_changing(g, index) for g in gradients]
            t = tf.cast(count.assign_add(1), tf.float32)
            first, second = B1**t, B2**t
            for w, a, s, g in zip(variables, m, v, gradients, strict=True):
                if fused:
                    tf.raw_ops.ResourceApplyAdam(var=w.handle, m=a.handle, v=s.handle, beta1_power=first, beta2_power=second, lr=RATE,
                                                 beta1=B1, beta2=B2, epsilon=EPSILON, grad=g)
                else:
                    average, square = a + (g - a) * (1 - B1), s + (g * g - s) * (1 - B2)
                    w.assign_sub(RATE * tf.sqrt(1 - second) / (1 - first) * average / (tf.sqrt(square) + EPSILON))
                    a.assign(average)
                    s.assign(square)

        def update() -> Any:
            step(gradients, zero)
            return variables[0]

        return update

    return {"ResourceApplyAdam": form(True), "tf.function": form(False), "tf.function with XLA": form(False, jit_compile=True)}


OWN = {"torch": torch_own, "jax": jax_own, "tensorflow": tensorflow_own}


def report(name: str, rounds: int) -> None:
    """Print the table of one engine."""
    from keras_lite.engine import registry

    registry.set_current(name)
    wait: Any = importlib.import_module("jax").block_until_ready if name == "jax" else lambda x: x
    for tensors in (8, 200):
        calls = {"one": here(tensors, 1), "ten": here(tensors, 10), "gathering": here(tensors, 8, 4), **OWN[name](tensors)}
        times = dict.fromkeys(calls, float("inf"))
        for turn in range(rounds + 2):  # the first two compile
            for form, call in calls.items():
                begin = time.perf_counter()
                wait(call())
                if turn > 1:
                    times[form] = min(times[form], (time.perf_counter() - begin) * 1e3)
        one, ten, gathering = times.pop("one"), times.pop("ten") / 10, times.pop("gathering") / 8
        others = "   ".join(f"{form} {value:.2f}" for form, value in times.items())
        best = min(times.values())
        own = f"here {one:.2f}, of ten {ten:.2f}, gathering {gathering:.2f}"
        print(f"{name:11s}{tensors:4d} tensors   {own}   {others}   ratio {one / best:.2f}, {ten / best:.2f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("engine", nargs="*", choices=[*ENGINES, []], default=[])
    parser.add_argument("--rounds", type=int, default=30)
    options = parser.parse_args()
    engines = options.engine or [name for name in ENGINES if importlib.util.find_spec(name)]
    if len(engines) == 1:
        report(engines[0], options.rounds)
        return
    for engine in engines:
        subprocess.run([sys.executable, __file__, engine, "--rounds", str(options.rounds)], check=True)


if __name__ == "__main__":
    main()
