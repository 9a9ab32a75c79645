"""Training a small net: gradcli's compiled loop against its peers, a step at a time and as whole processes.

The step is that of micrograd's demo: 100 moons, a net 2-16-16-1 with relu, hinge loss and a penalty on the squares of
its 337 parameters, every row in each step of plain gradient descent with a falling rate, in float64 on one thread.
The losses of all contestants agree with those of micrograd's way of computing within 1e-9 before anything is timed; a
call does 100 steps, or fewer where a step takes long, and the times are those of a step.  The second table is
`gradcli train moons` with its defaults and 100 epochs, from the shell to the end, against scripts that do the same work
on the same rows: Adam on batches of 20, and the validation after each epoch.  The third is the time to compile a loop.

    python benchmarks/training.py [rounds]
"""

from __future__ import annotations

from harness import (
    Bound,
    Goal,
    Options,
    Subject,
    Table,
    agree,
    comparison,
    duration,
    installed,
    main,
    measure,
    paired,
    run_program,
    use_threads,
)

use_threads(1)

import atexit
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from gradcli.train.data.datasets import make
from gradcli.train.engines.engine_choice import engine_for
from gradcli.train.model.presets import PRESETS
from gradcli.train.run import Run, start

STEPS = 100
# These build their graph anew in Python for each step, number by number.
FEW = {"micrograd": 1, "gradcli, engine value": 2}
ALPHA = 1e-4
EPOCHS = 100

Call = Callable[[], list[float]]


def demo(engine: str) -> Run:
    """The run of micrograd's demo."""
    choices = dict(PRESETS["micrograd"].choices)
    data = make("moons", choices["samples"], choices["noise"], choices["seed"])
    return start(data, **{**choices, "engine": engine})


def layers(run: Run) -> list[tuple[np.ndarray, np.ndarray]]:
    """Weights and biases at the start."""
    arrays = list(run.model.matrices(run.state.parameters).values())
    return [(weights.copy(), bias.copy()) for weights, bias in zip(arrays[::2], arrays[1::2], strict=True)]


def rows(run: Run) -> tuple[np.ndarray, np.ndarray]:
    """Inputs, and targets of +1 and -1."""
    return run.model.scaled(run.training.inputs), 2.0 * run.training.targets - 1.0


def rates(steps: int) -> np.ndarray:
    """The learning rate of each step."""
    return 1.0 - 0.9 * np.arange(steps) / STEPS


def compiled(steps: int) -> Call:
    """gradcli's compiled loop."""
    run = demo("jit")
    runner = run.engine.runner_for(run.settings.optimizer, run.settings.hyperparameters, run.settings.clip)
    assert runner is not None
    inputs, targets = run.model.scaled(run.training.inputs), run.training.targets
    every = np.arange(len(inputs))[None]
    batch = runner.pack(runner.table(inputs), every, targets[None], [], [len(inputs)])
    falling, counts = rates(steps), [len(inputs)] * steps

    def call() -> list[float]:
        return runner.run(run.state.parameters, {}, batch, counts, falling, 0, None, 1).losses

    return call


def by_passes(engine: str) -> Callable[[int], Call]:
    """One of gradcli's other engines, a step at a time."""

    def make_call(steps: int) -> Call:
        run = demo(engine)
        inputs, targets = run.model.scaled(run.training.inputs), run.training.targets
        falling = rates(steps).tolist()

        def call() -> list[float]:
            parameters, losses = run.state.parameters, []
            for rate in falling:
                found = run.engine.loss_and_gradient(parameters, inputs, targets)
                losses.append(found.loss)
                parameters = parameters - rate * found.gradient
            return losses

        return call

    return make_call


def jax_loss() -> Callable[..., Any]:
    """The loss for JAX."""
    import jax

    jax.config.update("jax_enable_x64", True)
    import jax.numpy as jnp

    def loss(net: Any, inputs: Any, targets: Any) -> Any:
        signals = inputs
        for number, (weights, bias) in enumerate(net):
            signals = signals @ weights.T + bias
            if number < len(net) - 1:
                signals = jax.nn.relu(signals)
        hinge = jnp.mean(jax.nn.relu(1 - targets * signals[:, 0]))
        return hinge + ALPHA * sum(jnp.sum(part * part) for layer in net for part in layer)

    return loss


def jax_step() -> Callable[..., Any]:
    """A step for JAX: from parameters and rate to parameters and loss."""
    import jax

    loss = jax_loss()

    def step(net: Any, rate: Any, inputs: Any, targets: Any) -> Any:
        value, slope = jax.value_and_grad(loss)(net, inputs, targets)
        return jax.tree.map(lambda one, other: one - rate * other, net, slope), value

    return step


def jax_scan(steps: int) -> Call:
    """JAX with all steps in one compiled loop."""
    import jax
    import jax.numpy as jnp

    step = jax_step()
    run = demo("tensor")
    net = jax.tree.map(jnp.asarray, layers(run))
    inputs, targets = map(jnp.asarray, rows(run))
    falling = jnp.asarray(rates(steps))
    train = jax.jit(lambda net, falling: jax.lax.scan(lambda one, rate: step(one, rate, inputs, targets), net, falling))
    return lambda: np.asarray(train(net, falling)[1]).tolist()


def jax_steps(steps: int) -> Call:
    """JAX with a compiled step, called from Python."""
    import jax
    import jax.numpy as jnp

    step = jax.jit(jax_step())
    run = demo("tensor")
    first = jax.tree.map(jnp.asarray, layers(run))
    inputs, targets = map(jnp.asarray, rows(run))
    falling = [jnp.asarray(rate) for rate in rates(steps)]

    def call() -> list[float]:
        net, losses = first, []
        for rate in falling:
            net, loss = step(net, rate, inputs, targets)
            losses.append(loss)
        return [float(loss) for loss in losses]

    return call


def torch_eager(steps: int) -> Call:
    """PyTorch, eager, with its own optimiser."""
    import torch

    torch.set_num_threads(1)
    run = demo("tensor")
    inputs, targets = map(torch.from_numpy, rows(run))
    modules: list[Any] = []
    for weights, _ in layers(run):
        linear = torch.nn.Linear(weights.shape[1], weights.shape[0], dtype=torch.float64)
        modules += [linear, torch.nn.ReLU()]
    net = torch.nn.Sequential(*modules[:-1])
    first = [torch.from_numpy(part) for layer in layers(run) for part in layer]
    falling = rates(steps).tolist()

    def call() -> list[float]:
        with torch.no_grad():
            for parameter, value in zip(net.parameters(), first, strict=True):
                parameter.copy_(value)
        optimizer = torch.optim.SGD(net.parameters(), lr=1.0)
        losses = []
        for rate in falling:
            optimizer.param_groups[0]["lr"] = rate
            optimizer.zero_grad()
            hinge = torch.relu(1 - targets * net(inputs)[:, 0]).mean()
            loss = hinge + ALPHA * sum((parameter * parameter).sum() for parameter in net.parameters())
            loss.backward()
            optimizer.step()
            losses.append(loss.detach())
        return [float(loss) for loss in losses]

    return call


def autograd_steps(steps: int) -> Call:
    """HIPS autograd."""
    import autograd
    import autograd.numpy as anp

    run = demo("tensor")
    inputs, targets = rows(run)
    falling = rates(steps).tolist()

    def loss(net: Any) -> Any:
        signals = inputs
        for number, (weights, bias) in enumerate(net):
            signals = anp.dot(signals, weights.T) + bias
            if number < len(net) - 1:
                signals = anp.maximum(signals, 0.0)
        hinge = anp.mean(anp.maximum(1 - targets * signals[:, 0], 0.0))
        return hinge + ALPHA * sum(anp.sum(part * part) for layer in net for part in layer)

    slope = autograd.value_and_grad(loss)

    def call() -> list[float]:
        net, losses = layers(run), []
        for rate in falling:
            value, change = slope(net)
            losses.append(float(value))
            net = [
                (weights - rate * down, bias - rate * more)
                for (weights, bias), (down, more) in zip(net, change, strict=True)
            ]
        return losses

    return call


def micrograd_steps(steps: int) -> Call:
    """micrograd itself."""
    from micrograd.engine import Value
    from micrograd.nn import MLP

    sys.setrecursionlimit(200_000)
    run = demo("tensor")
    inputs, targets = (part.tolist() for part in rows(run))
    net = MLP(2, [16, 16, 1])
    falling = rates(steps).tolist()

    def call() -> list[float]:
        for layer, (weights, biases) in zip(net.layers, layers(run), strict=True):
            for neuron, own, bias in zip(layer.neurons, weights.tolist(), biases.tolist(), strict=True):
                neuron.b.data = bias
                for weight, value in zip(neuron.w, own, strict=True):
                    weight.data = value
        losses = []
        for rate in falling:
            scores = [net(list(map(Value, row))) for row in inputs]
            hinges = [(1 + -target * score).relu() for target, score in zip(targets, scores, strict=True)]
            loss = sum(hinges) * (1.0 / len(hinges)) + ALPHA * sum(p * p for p in net.parameters())
            net.zero_grad()
            loss.backward()
            for parameter in net.parameters():
                parameter.data -= rate * parameter.grad
            losses.append(loss.data)
        return losses

    return call


def step_table(options: Options) -> Table:
    """The table of steps."""
    makers: dict[str, Callable[[int], Call]] = {"gradcli": compiled, "gradcli, engine tensor": by_passes("tensor")}
    makers |= {"JAX, scan": jax_scan, "JAX, jitted step": jax_steps} if installed("jax") else {}
    makers |= {"PyTorch, eager": torch_eager} if installed("torch") else {}
    makers |= {"HIPS autograd": autograd_steps} if installed("autograd") else {}
    if not options.quick:
        makers |= {"gradcli, engine value": by_passes("value")}
        makers |= {"micrograd": micrograd_steps} if installed("micrograd") else {}
    most = 2 if options.quick else STEPS
    steps = {name: min(most, FEW.get(name, most)) for name in makers}
    calls = {name: make(steps[name]) for name, make in makers.items()}
    expected = calls["gradcli"]()
    for name, call in calls.items():
        agree({"gradcli": expected[: steps[name]], name: call()}, "gradcli", 1e-9)
    times = paired(calls, 1 if options.quick else options.rounds, 0.0 if options.quick else 0.1)
    times = {name: [one / steps[name] for one in found] for name, found in times.items()}
    goals = (
        Goal("gradcli", "JAX, scan", 0.8),
        Goal("gradcli", "JAX, jitted step", 0.25),
        Goal("gradcli", "PyTorch, eager", 1 / 20),
        Goal("gradcli", "micrograd", 1e-5),
    )
    subject = Subject("A step of micrograd's demo (100 rows, 337 parameters), one thread", calls, goals=goals)
    return comparison(subject, times, claims=not options.quick)


SCRIPT = """
import math, sys
import numpy as np
table = dict(np.load(sys.argv[1]))
epochs = int(sys.argv[2])
inputs, targets, orders = table["inputs"], 2.0 * table["targets"] - 1.0, table["orders"]
aside, aside_targets = table["aside"], 2.0 * table["aside_targets"] - 1.0
first = [table[f"p{number}"] for number in range(6)]
updates = epochs * 4
rates = [0.02 * 0.5 * (1 + math.cos(math.pi * number / updates)) for number in range(updates)]
print("epoch", "update", "loss", "accuracy", "validation_loss", "validation_accuracy", sep="\\t")
"""
TORCH = (
    SCRIPT
    + """
import torch
torch.set_num_threads(1)
net = torch.nn.Sequential(
    torch.nn.Linear(2, 16), torch.nn.ReLU(), torch.nn.Linear(16, 16), torch.nn.ReLU(), torch.nn.Linear(16, 1)
).double()
with torch.no_grad():
    for parameter, value in zip(net.parameters(), first):
        parameter.copy_(torch.from_numpy(value))
optimizer = torch.optim.Adam(net.parameters(), lr=0.02)
inputs, targets, aside, aside_targets = map(torch.from_numpy, (inputs, targets, aside, aside_targets))
for epoch in range(epochs):
    losses, right = [], 0.0
    for number in range(4):
        rows = torch.from_numpy(orders[epoch, 20 * number : 20 * number + 20])
        optimizer.param_groups[0]["lr"] = rates[4 * epoch + number]
        optimizer.zero_grad()
        scores = net(inputs[rows])[:, 0]
        loss = torch.nn.functional.softplus(-targets[rows] * scores).mean()
        loss = loss + 1e-3 * sum((parameter * parameter).sum() for parameter in net.parameters())
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        right += ((scores > 0) == (targets[rows] > 0)).double().mean().item() / 4
    with torch.no_grad():
        scores = net(aside)[:, 0]
        seen = torch.nn.functional.softplus(-aside_targets * scores).mean().item()
        good = ((scores > 0) == (aside_targets > 0)).double().mean().item()
    print(epoch + 1, 4 * epoch, sum(losses) / 4, right, seen, good, sep="\\t")
torch.save(net.state_dict(), sys.argv[3])
"""
)
JAX = (
    SCRIPT
    + """
import jax
jax.config.update("jax_enable_x64", True)
import jax.numpy as jnp

def scores_of(net, inputs):
    hidden = jax.nn.relu(inputs @ net[0].T + net[1])
    return (jax.nn.relu(hidden @ net[2].T + net[3]) @ net[4].T + net[5])[:, 0]

def loss_of(net, inputs, targets):
    scores = scores_of(net, inputs)
    return jnp.mean(jax.nn.softplus(-targets * scores)) + 1e-3 * sum(jnp.sum(part * part) for part in net), scores

def step(state, batch):
    net, mean, square = state
    rows, rate, number = batch
    (loss, scores), slope = jax.value_and_grad(loss_of, has_aux=True)(net, inputs[rows], targets[rows])
    mean = [0.9 * old + 0.1 * new for old, new in zip(mean, slope)]
    square = [0.999 * old + 0.001 * new * new for old, new in zip(square, slope)]
    net = [
        part - rate * (m / (1 - 0.9**number)) / (jnp.sqrt(s / (1 - 0.999**number)) + 1e-8)
        for part, m, s in zip(net, mean, square)
    ]
    return (net, mean, square), (loss, jnp.mean(((scores > 0) == (targets[rows] > 0)).astype(float)))

@jax.jit
def run(state, batches):
    def one_epoch(state, batches):
        state, (losses, right) = jax.lax.scan(step, state, batches)
        scores = scores_of(state[0], aside)
        seen = jnp.mean(jax.nn.softplus(-aside_targets * scores))
        good = jnp.mean(((scores > 0) == (aside_targets > 0)).astype(float))
        return state, (jnp.mean(losses), jnp.mean(right), seen, good)
    return jax.lax.scan(one_epoch, state, batches)

inputs, targets, aside, aside_targets = map(jnp.asarray, (inputs, targets, aside, aside_targets))
net = [jnp.asarray(part) for part in first]
zeros = [jnp.zeros_like(part) for part in net]
batches = (
    orders.reshape(epochs, 4, 20), np.array(rates).reshape(epochs, 4), np.arange(1.0, updates + 1).reshape(epochs, 4)
)
(net, *_), lines = run((net, zeros, zeros), batches)
for epoch, line in enumerate(zip(*(np.asarray(part).tolist() for part in lines))):
    print(epoch + 1, 4 * epoch, *line, sep="\\t")
np.savez(sys.argv[3], *map(np.asarray, net))
"""
)


def prepare(folder: Path, epochs: int) -> None:
    """Write down what the scripts train on: rows, their order, and the parameters at the start."""
    from gradcli.train.trainer import order_of

    run = start(make("moons"), epochs=epochs)
    assert (len(run.training), run.settings.batch, run.model.loss, run.model.l2) == (80, 20, "bce", 1e-3)
    np.savez(
        folder / "rows.npz",
        inputs=run.model.scaled(run.training.inputs),
        targets=run.training.targets,
        aside=run.model.scaled(run.validation.inputs),
        aside_targets=run.validation.targets,
        orders=np.stack([order_of(80, run.settings.seed, epoch, 20) for epoch in range(epochs)]),
        **{f"p{number}": part for number, part in enumerate(part for layer in layers(run) for part in layer)},
    )


def process(folder: Path, words: list[str]) -> Call:
    """The losses that a whole process prints."""

    def call() -> list[float]:
        lines = [line.split("\t") for line in run_program(words, folder).splitlines()]
        found = [[float(cell) for cell in line] for line in lines if len(line) == 6 and line[0].isdigit()]
        return [cell for line in found for cell in line]

    return call


def process_table(options: Options) -> Table:
    """The table of whole processes."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    epochs = 2 if options.quick else EPOCHS
    prepare(folder, epochs)
    words = ["-m", "gradcli", "train", "moons", "--epochs", str(epochs), "--plain", "-o", "moons.safetensors"]
    calls: dict[str, Call] = {"gradcli": process(folder, words)}
    for name, package, text in (("PyTorch", "torch", TORCH), ("JAX", "jax", JAX)):
        if installed(package) and not options.quick:
            calls[name] = process(folder, ["-c", text, "rows.npz", str(epochs), package + ".out"])
    expected = calls["gradcli"]()
    for name, call in calls.items():
        agree({"gradcli": expected, name: call()}, "gradcli", 1e-9)
    goals = (Goal("gradcli", "PyTorch", 0.35), Goal("gradcli", "JAX", 0.5))
    subject = Subject(f"`gradcli train moons`, {epochs} epochs: whole processes, one thread", calls, goals=goals)
    return measure(subject, options, seconds=0)


def compile_table(options: Options) -> Table:
    """The seconds until a loop is ready, from the description of the net, with no code in the cache."""
    widths = (2, 4) if options.quick else (8, 32, 128, 512)
    loops: dict[str, Call] = {}
    parameters: dict[str, int] = {}
    data = make("moons")
    for width in widths:
        run = start(data, hidden=(width, width), epochs=1, engine="jit")
        name = f"net {run.model.outline}"
        parameters[name] = run.model.count

        def ready(run: Run = run) -> list[float]:
            with tempfile.TemporaryDirectory() as folder, patch.dict(os.environ, {"XDG_CACHE_HOME": folder}):
                engine_for(run.model, "jit").runner_for(
                    run.settings.optimizer, run.settings.hyperparameters, run.settings.clip
                )
            return []

        loops[name] = ready
    times = paired(loops, 1 if options.quick else options.rounds, 0.0)
    medians = {name: statistics.median(found) for name, found in times.items()}
    rows = [[name, str(parameters[name]), duration(found)] for name, found in medians.items()]
    title = "Until a training loop is compiled, graphs included, one thread"
    head = ("", "parameters", "median")
    if options.quick:
        return Table(title, head, rows)
    first, *_, last = medians.values()
    bounds = (Bound("seconds for the largest net", last, 0.5), Bound("largest / smallest", last / first, 3.0))
    return Table(title, head, rows, bounds)


def tables(options: Options) -> Iterator[Table]:
    """All tables."""
    yield step_table(options)
    yield process_table(options)
    yield compile_table(options)


if __name__ == "__main__":
    sys.exit(main(__doc__, tables, packages=("numpy", "llvmlite", "jax", "torch", "autograd", "micrograd"), rounds=9))
