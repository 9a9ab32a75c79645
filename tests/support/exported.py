"""Nets with random parameters, exported and run by the systems that they are exported to."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from gradcli import export as exporters
from gradcli.errors import UsageError
from gradcli.export import (
    EXPORTERS,
)
from gradcli.train.checkpoint import Checkpoint
from gradcli.train.data.datasets import make
from gradcli.train.data.rows import Data
from gradcli.train.predictions import predict
from gradcli.train.run import start
from tests.support.special_digits import rare_functions

#: How far a score, a probability or a prediction may be off, of its size and absolutely.
TOLERANCE = 1e-12


class Outcome(NamedTuple):
    """What a program says about rows."""

    predictions: list[Any]
    scores: Any
    probabilities: Any | None


def net(data: Data | str = "moons", seed: int = 0, size: float = 0.7, **choices: Any) -> Checkpoint:
    """A net with random parameters, biases too."""
    data = make(data, samples=60) if isinstance(data, str) else data
    with np.errstate(all="ignore"):
        given = {"hidden": (5, 4), "epochs": 1, "init": "xavier"} | choices
        checkpoint = start(data, split=0.0, **given).checkpoint()
    checkpoint.state.parameters[:] = np.random.default_rng(seed).normal(0.0, size, checkpoint.model.count)
    return checkpoint


def imported(path: Path) -> Any:
    """A program as a module."""
    spec = importlib.util.spec_from_file_location(f"exported_{path.stem}_{id(path)}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run_numpy(path: Path, rows: Any) -> Outcome:
    module = imported(path)
    with np.errstate(all="ignore"):
        likely = module.probabilities(rows) if hasattr(module, "probabilities") else None
        return Outcome(list(module.predict(rows)), module.scores(rows), likely)


def run_jax(path: Path, rows: Any) -> Outcome:
    pytest.importorskip("jax")
    module = imported(path)
    parameters = module.PARAMETERS
    likely = module.probabilities(parameters, rows) if hasattr(module, "probabilities") else None
    return Outcome(list(module.predict(parameters, rows)), module.scores(parameters, rows), likely)


def run_pytorch(path: Path, rows: Any) -> Outcome:
    torch = pytest.importorskip("torch")
    module = imported(path).load()
    inputs = torch.tensor(rows)
    with torch.no_grad():
        likely = module.probabilities(inputs).detach().numpy() if hasattr(module, "probabilities") else None
        found = module.predict(inputs)
        return Outcome(found if isinstance(found, list) else found.tolist(), module(inputs).detach().numpy(), likely)


PYTHON = """
import importlib.util, json, sys
spec = importlib.util.spec_from_file_location("exported", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
rows = json.load(sys.stdin)
likely = [module.probabilities(row) for row in rows] if hasattr(module, "probabilities") else None
json.dump([[module.predict(row) for row in rows], [module.scores(row) for row in rows], likely], sys.stdout)
"""


def run_python(path: Path, rows: Any) -> Outcome:
    """In an interpreter that sees no package."""
    rows = rows.tolist() if hasattr(rows, "tolist") else rows
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", PYTHON, str(path)], input=json.dumps(rows), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    predictions, scores, likely = json.loads(done.stdout)
    return Outcome(predictions, np.array(scores), None if likely is None else np.array(likely))


def run_onnx(path: Path, rows: Any) -> Outcome:
    onnxruntime = pytest.importorskip("onnxruntime")
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    names = [one.name for one in session.get_outputs()]
    found = dict(zip(names, session.run(None, {"inputs": rows}), strict=True))
    predictions = found["label" if "label" in found else "prediction"]
    return Outcome(list(predictions), found["scores"], found.get("probabilities"))


RUNNERS: dict[str, Callable[[Path, Any], Outcome]] = {
    "onnx": run_onnx,
    "pytorch": run_pytorch,
    "jax": run_jax,
    "numpy": run_numpy,
    "python": run_python,
}


#: The languages whose programs have functions of whole rows, with labels.
LANGUAGES = list(RUNNERS)


def export(checkpoint: Checkpoint, language: str, path: Path) -> None:
    """Write a program, if what writes it is installed."""
    if language == "onnx":
        pytest.importorskip("onnx")
    exporters.export(checkpoint, language, path)


def check(checkpoint: Checkpoint, language: str, folder: Path, rows: Any, tolerance: float = TOLERANCE) -> Path:
    """Export a net, run the program on rows, and hold it against gradcli's predictions."""
    path = folder / f"net{EXPORTERS[language].suffix}"
    export(checkpoint, language, path)
    with np.errstate(all="ignore"):
        expected = predict(checkpoint, rows)
    found = RUNNERS[language](path, rows)
    near = {"rtol": tolerance, "atol": tolerance, "equal_nan": True}
    np.testing.assert_allclose(found.scores, [one.scores for one in expected], **near)
    if checkpoint.model.labels is None:
        np.testing.assert_allclose(found.predictions, [one.value for one in expected], **near)
    else:
        assert found.predictions == [one.value for one in expected]
    if expected[0].probability is None:
        assert found.probabilities is None
    else:
        np.testing.assert_allclose(found.probabilities, [[*one.probability.values()] for one in expected], **near)
    return path


def pictures() -> Data:
    """Pictures of two channels, 5 x 6 pixels, of three classes."""
    rng = np.random.default_rng(3)
    inputs = rng.normal(2.0, 3.0, (30, 60))
    columns = tuple(f"pixel {number}" for number in range(60))
    return Data("pictures", columns, inputs, "kind", np.arange(30) % 3.0, ("a", "b", "c"), image=(2, 5, 6))


MODELS: dict[str, Callable[[], Checkpoint]] = {
    "two classes": lambda: net("moons"),
    "two classes as two": lambda: net("moons", loss="cross_entropy"),
    "three classes": lambda: net(make("blobs", samples=60, classes=3)),
    "three classes, each by itself": lambda: net(make("blobs", samples=60, classes=3), loss="bce", size=8.0),
    "scores": lambda: net("moons", loss="hinge"),
    "scores of three": lambda: net(make("blobs", samples=60, classes=3), loss="hinge"),
    "a number": lambda: net("sine"),
    "a number as it is": lambda: net("sine", standardise=False),
    "no layer between": lambda: net("xor", hidden=()),
    "dropout": lambda: net("circles", dropout=0.4),
    "features": lambda: net("circles", features=("x1^2", "x2", "sin(x1*x2)/2 + max(x1, x2, 0.3)", "hypot(x1, x2)")),
    "an activation as an expression": lambda: net(activation="x*tanh(x) + where(x > 0.5, 0.1, -x)"),
    "a loss as an expression": lambda: net(loss="(p-y)^4"),
    "a convolution": lambda: net(pictures(), conv=(3,), hidden=(4,)),
    "two convolutions": lambda: net(pictures(), conv=(3, 4), hidden=(), activation="tanh"),
    "pictures without convolutions": lambda: net(pictures()),
    "many layers": lambda: net(hidden=(2,) * 40, activation="tanh"),
}


#: Functions that some languages refuse; everything else they all have.
REFUSED: dict[str, set[str]] = {
    "onnx": {"gamma", "lgamma", "digamma", "factorial", "polygamma"},
    "pytorch": set(),
    "jax": set(),
    "numpy": set(),
    "python": set(),
}


def refused_or_done(language: str, names: set[str]) -> Any:
    """What a test of a formula with these functions is to expect."""
    rare = {primitive.name for primitive in rare_functions()}
    if not (REFUSED[language] | rare) & names:
        return contextlib.nullcontext()
    return pytest.raises(UsageError, match=rf"(?i)the function `\w+` can't be exported to {language}")
