"""Time of training steps on `Tensor` and `nn` against PyTorch and HIPS autograd, one thread each.

Every contestant takes the same step (forward, loss, backward, plain gradient descent) on the same numbers; the losses
of the first steps are compared before anything is timed.  Contestants alternate, and a ratio is the median of the
ratios of the rounds.  The last table is the time of whole processes from the shell.

    python benchmarks/tensor.py [rounds]
"""

from __future__ import annotations

from harness import Goal, Options, Subject, Table, agree, installed, main, measure, run_program, use_threads

use_threads(1)

import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

import gradcli
from gradcli import nn, optim
from gradcli.primitives import functions as f
from gradcli.train.data.datasets import moons as sample

PACKAGES = ("gradcli", "numpy", "torch", "autograd")

Step = Callable[[], float]
Arrays = Sequence[np.ndarray]

RATE, PENALTY = 0.01, 1e-4


def torch_library() -> Any:
    """PyTorch with one thread and float64."""
    import torch

    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    return torch


def moons() -> dict[str, Step]:
    """The 337-parameter net of micrograd's demo on its 100 points: hinge loss and L2 penalty."""
    points, classes = sample(100, 0.1, np.random.RandomState(1337))
    generator = np.random.default_rng(0)
    start = [
        array
        for inputs, outputs in ((2, 16), (16, 16), (16, 1))
        for array in (generator.uniform(-1, 1, (outputs, inputs)), np.zeros(outputs))
    ]
    contestants = {
        "gradcli": ("gradcli", moons_gradcli),
        "PyTorch": ("torch", moons_torch),
        "HIPS autograd": ("autograd", moons_autograd),
    }
    return {
        name: make(start, points, 2.0 * classes.reshape(-1, 1) - 1.0)
        for name, (package, make) in contestants.items()
        if installed(package)
    }


def moons_gradcli(start: Arrays, points: np.ndarray, labels: np.ndarray) -> Step:
    """A step on `Tensor`."""
    net = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 1))
    parameters = list(net.parameters())
    for parameter, array in zip(parameters, start, strict=True):
        parameter.data = array
    descent = optim.SGD(parameters, lr=RATE)
    x, y = gradcli.tensor(points), gradcli.tensor(labels)

    def step() -> float:
        loss = (1.0 - y * net(x)).relu().mean()
        for parameter in parameters:
            loss = loss + PENALTY * (parameter * parameter).sum()
        descent.zero_grad()
        loss.backward()
        descent.step()
        return loss.item()

    return step


def moons_torch(start: Arrays, points: np.ndarray, labels: np.ndarray) -> Step:
    """The same program with PyTorch's names."""
    torch = torch_library()
    layers = torch.nn.Linear(2, 16), torch.nn.ReLU(), torch.nn.Linear(16, 16), torch.nn.ReLU(), torch.nn.Linear(16, 1)
    net = torch.nn.Sequential(*layers)
    parameters = list(net.parameters())
    with torch.no_grad():
        for parameter, array in zip(parameters, start, strict=True):
            parameter.copy_(torch.tensor(array))
    descent = torch.optim.SGD(parameters, lr=RATE)
    x, y = torch.tensor(points), torch.tensor(labels)

    def step() -> float:
        loss = (1.0 - y * net(x)).relu().mean()
        for parameter in parameters:
            loss = loss + PENALTY * (parameter * parameter).sum()
        descent.zero_grad()
        loss.backward()
        descent.step()
        return float(loss.item())

    return step


def moons_autograd(start: Arrays, points: np.ndarray, labels: np.ndarray) -> Step:
    """The loss as a function of its arrays."""
    import autograd
    import autograd.numpy as anp

    arrays = [array.copy() for array in start]

    def loss_of(arrays: Arrays) -> float:
        hidden = anp.maximum(anp.dot(points, arrays[0].T) + arrays[1], 0.0)
        hidden = anp.maximum(anp.dot(hidden, arrays[2].T) + arrays[3], 0.0)
        loss = anp.mean(anp.maximum(1.0 - labels * (anp.dot(hidden, arrays[4].T) + arrays[5]), 0.0))
        for array in arrays:
            loss = loss + PENALTY * anp.sum(array * array)
        return loss

    value_and_gradient = autograd.value_and_grad(loss_of)

    def step() -> float:
        loss, slopes = value_and_gradient(arrays)
        arrays[:] = [array - RATE * slope for array, slope in zip(arrays, slopes, strict=True)]
        return float(loss)

    return step


def digits() -> dict[str, Step]:
    """Two 3x3 convolutions of 8 and 16 channels, each with relu and a 2x2 pool, on 64 pictures of 8x8 pixels."""
    generator = np.random.default_rng(0)
    pictures, classes = generator.standard_normal((64, 1, 8, 8)), generator.integers(0, 10, 64)

    def layers(library: Any, flatten: object) -> list[object]:
        return [
            library.Conv2d(1, 8, 3, padding=1), library.ReLU(), library.MaxPool2d(2),
            library.Conv2d(8, 16, 3, padding=1), library.ReLU(), library.MaxPool2d(2),
            flatten, library.Linear(64, 10),
        ]  # fmt: skip

    def step_of(net: Any, descent: Any, loss_of: Any, x: Any, y: Any) -> Step:
        def step() -> float:
            loss = loss_of(net(x), y)
            descent.zero_grad()
            loss.backward()
            descent.step()
            return float(loss.item())

        return step

    net = nn.Sequential(*layers(nn, nn.Flatten()))
    descent = optim.SGD(net.parameters(), lr=RATE)
    steps = {"gradcli": step_of(net, descent, nn.CrossEntropyLoss(), gradcli.tensor(pictures), classes)}
    if installed("torch"):
        torch = torch_library()
        theirs = torch.nn.Sequential(*layers(torch.nn, torch.nn.Flatten()))
        theirs.load_state_dict(
            {name: torch.tensor(tensor.detach().numpy()) for name, tensor in net.state_dict().items()}
        )
        descent = torch.optim.SGD(theirs.parameters(), lr=RATE)
        x, y = torch.tensor(pictures), torch.tensor(classes)
        steps["PyTorch"] = step_of(theirs, descent, torch.nn.CrossEntropyLoss(), x, y)
    return steps


def copies() -> dict[str, Step]:
    """What NumPy itself needs for the products and windows of one such step, without any recording."""
    generator = np.random.default_rng(0)
    shapes = [((64, 1, 8, 8), (8, 1, 3, 3)), ((64, 8, 4, 4), (16, 8, 3, 3))]
    cases = [(generator.standard_normal(image), generator.standard_normal(weight)) for image, weight in shapes]
    matrices = []
    for image, weight in cases:
        windows = f.patches(image, kernel=3, padding=1).reshape(-1, 9 * image.shape[1])
        matrices.append((image, windows, weight.reshape(len(weight), -1).T.copy()))

    def step() -> float:
        total = 0.0
        for image, windows, weight in matrices:
            f.patches(image, kernel=3, padding=1)  # once forward, once toward the weight
            product = windows @ weight
            f.patches(image, kernel=3, padding=1)
            total += float((windows.T @ product)[0, 0])
            product @ weight.T
        return total

    return {"windows and products in NumPy": step}


def compare(
    title: str, steps: Mapping[str, Step], options: Options, goals: Sequence[Goal], extra: dict[str, Step] | None = None
) -> Table:
    """Check that all contestants have the same losses in their first steps, and time a step."""
    agree({name: [step() for _ in range(5)] for name, step in steps.items()}, "gradcli")
    return measure(Subject(title, {**steps, **(extra or {})}, goals=goals), options, seconds=0.2)


SCRIPT = """
import numpy as np, torch
from sklearn.datasets import load_digits
torch.set_num_threads(1)
torch.manual_seed(1337)
x, y = load_digits(return_X_y=True)
order = np.random.RandomState(1337).permutation(len(x))
train, test = order[:1438], order[1438:]
mean, scale = x[train].mean(0), x[train].std(0)
scale[scale == 0] = 1
x = torch.tensor((x - mean) / scale, dtype=torch.float64)
y = torch.tensor(y)
net = torch.nn.Sequential(
    torch.nn.Linear(64, 64), torch.nn.ReLU(), torch.nn.Linear(64, 10)
).double()
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
epochs, batch = 20, 20
for epoch in range(epochs):
    shuffled = train[np.random.permutation(len(train))]
    for start in range(0, len(shuffled), batch):
        rows = shuffled[start : start + batch]
        loss = torch.nn.functional.cross_entropy(net(x[rows]), y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        print(epoch + 1, float(loss), float((net(x[test]).argmax(1) == y[test]).double().mean()))
torch.save(net.state_dict(), "digits.pt")
"""


def processes(options: Options) -> Table:
    """The same training of digits as a command of gradcli and as a script with PyTorch."""
    command = ["-m", "gradcli", "train", "digits", "--hidden", "64"]
    command += ["--epochs", "20", "--batch", "20", "--lr", "0.01", "--schedule", "constant", "--l2", "0", "--plain"]
    commands = {"gradcli train digits": command, "a script with PyTorch": ["-c", SCRIPT]}
    last = {}
    with tempfile.TemporaryDirectory() as folder:

        def run(name: str) -> None:
            last[name] = run_program(commands[name], folder)

        contestants = {name: partial(run, name) for name in commands}
        subject = Subject(
            "training digits, 64-64-10, 20 epochs of 72 updates, whole processes",
            contestants,
            ["gradcli train digits"],
            [Goal("gradcli train digits", "a script with PyTorch", 1.0)],
        )
        found = measure(subject, options._replace(rounds=max(3, options.rounds // 3)), seconds=0)
    shown = [line.split("\t")[1] for line in last["gradcli train digits"].splitlines() if "validation acc" in line]
    accuracy = f"accuracy on unseen rows: {float(shown[-1]):.4f} and {last['a script with PyTorch'].split()[-1]:.6}"
    return found._replace(remarks=[accuracy])


def tables(options: Options) -> Iterator[Table]:
    """A small net, a convolutional net, and whole processes."""
    goals = [Goal("gradcli", "PyTorch", 0.6), Goal("gradcli", "HIPS autograd", 0.2)]
    yield compare("one step of the moons net, 337 parameters, 100 rows", moons(), options, goals)
    goals = [Goal("gradcli", "PyTorch", 3.0)]
    yield compare("one step of a convolutional net, 64 pictures", digits(), options, goals, copies())
    if installed("torch") and installed("sklearn") and not options.quick:
        yield processes(options)


if __name__ == "__main__":
    sys.exit(main(__doc__, tables, PACKAGES))
