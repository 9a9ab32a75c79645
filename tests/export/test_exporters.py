"""Every exported program is run by its own system and compared with gradcli's predictions."""

from __future__ import annotations

import ast
import contextlib
import dataclasses
import importlib.util
import itertools
import json
import re
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
    MOST_LITERALS,
    array_programs,
    onnx_graph,
    python_program,
    pytorch_program,
    source_of,
)
from gradcli.export.compositions import COMPOSITIONS, lowered
from gradcli.graph import Graph
from gradcli.primitives import REGISTRY
from gradcli.tables.table_files import read_table
from gradcli.train.checkpoint import Checkpoint
from gradcli.train.data.datasets import make
from gradcli.train.data.encoding import Encoding
from gradcli.train.data.rows import Data
from gradcli.train.data.selection import table_data
from gradcli.train.model.features import featured
from gradcli.train.model.neuron_functions import activations
from gradcli.train.predictions import predict
from gradcli.train.run import start
from tests.support.paths import ROOT

LANGUAGES = list(EXPORTERS)
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
        checkpoint = start(data, split_off=0.0, **given).checkpoint()
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
        likely = module.probabilities(inputs).numpy() if hasattr(module, "probabilities") else None
        found = module.predict(inputs)
        return Outcome(found if isinstance(found, list) else found.tolist(), module(inputs).numpy(), likely)


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


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", MODELS)
def test_an_exported_net_predicts_the_same(name: str, language: str, tmp_path: Path) -> None:
    checkpoint = MODELS[name]()
    rows = np.random.default_rng(1).normal(0.5, 2.0, (20, len(checkpoint.model.columns)))
    check(checkpoint, language, tmp_path, rows)


#: Functions that some languages refuse; everything else they all have.
REFUSED = {
    "onnx": {"gamma", "lgamma", "digamma", "factorial", "polygamma"},
    "pytorch": {"polygamma"},
    "jax": {"polygamma"},
    "numpy": {"digamma", "polygamma"},
    "python": {"digamma", "polygamma"},
}


def refused_or_done(language: str, names: set[str]) -> Any:
    """What a test of a formula with these functions is to expect."""
    refused = REFUSED[language] & names
    if not refused:
        return contextlib.nullcontext()
    return pytest.raises(UsageError, match=rf"(?i)the function `\w*gamma` can't be exported to {language}")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", activations())
def test_every_activation_is_exported_or_refused_by_name(name: str, language: str, tmp_path: Path) -> None:
    checkpoint = net(activation=name, hidden=(6,), standardise=False)
    rows = np.array([*itertools.product((-3.3, -0.9, -0.4, 0.3, 1.7), repeat=2)])
    with refused_or_done(language, {name}):
        check(checkpoint, language, tmp_path, rows, 1e-11)


#: An expression of x1 and x2 for each function of the registry that takes several operands, and for hard cases.
EXPRESSIONS = [
    "x1 + x2 - 3*x1/x2",
    "-x1^2 + (-x1)^3 - 2^-x2",
    "(x1 - x2) - (x1 - (x2 - 1)) / (x1 / (x2*3))",
    "abs(x1)^x2 + x1^2^2",
    "x1 % x2 + x2 % 0.7 + -x1 % 3",
    "hypot(x1, x2) + atan2(x1, x2) + atan2(-1, x1) + atan2(x1, 2)",
    "logaddexp(x1, x2) + xlogy(x1^2, abs(x2)) + logaddexp(0, 50*x1)",
    "max(x1, x2, 0) - min(x1, 0.1, x2)",
    "clip(x1, -0.5, x2)",
    "where(x1 < x2, x1, 3)*2 + (x1 <= 0.3) + (x1 == x2) + (x1 != 0.3) + (x1 > 0) + (x1 >= x2)",
    "where(x1 > 0 and not (x2 > 0) or x1 < -1, 1/3, x2)",
    "1/0 * x1",
    "x1 + (-8)^(1/3)",
    "pi*x1 + e + exp(800) - inf*x2",
    "sqrt(x1) + log(x2) + asin(x1) + acosh(x2)",
    "1/(x1 - x1) + exp(1000*x2)",
    "(x1 - x1)^-1 + 0^x2 + (x1*1e200)^3",
    "factorial(abs(x1))",
    "polygamma(1, abs(x1))",
    "round(x1) + floor(x2) + ceil(x1) + sign(x2) + step(x1)",
    "sinc(x1) + erf(x2) + erfc(x1) + cbrt(x2)",
    "sin(" * 90 + "x1" + ")" * 90,
    "x2" + "^x1" * 100,
    "+".join(f"{number}*x1" for number in range(60)),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text", EXPRESSIONS)
def test_every_expression_is_exported_or_refused_by_name(text: str, language: str, tmp_path: Path) -> None:
    checkpoint = net("circles", hidden=(), standardise=False, loss="mse", features=("x2", "x1"))
    checkpoint.model = dataclasses.replace(checkpoint.model, features=(text, "x1"))
    checkpoint.state.parameters[:] = (1.0, 0.0, 0.0)
    rows = np.array([*itertools.product((-3.3, -0.9, 0.3, 1.7), repeat=2), (0.3, 0.3)])
    path = tmp_path / f"net{EXPORTERS[language].suffix}"
    with refused_or_done(language, set(re.findall(r"\w+", text))):
        export(checkpoint, language, path)
        found = RUNNERS[language](path, rows).scores[:, 0]
        expected = featured(checkpoint.model.columns, (text,), rows)[:, 0]
        np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-11, equal_nan=True)


NASTY = [
    "plain",
    "don't",
    'say "hi"',
    '"""',
    "'''",
    "back\\slash",
    "new\nline",
    "\r\u2028\x0c",
    "# comment",
    "{x}",
    "{0}",
    "%s",
    "class",
    "np",
    "\\N{BULLET}",
    "größe",
    "\u0645\u0631\u062d\u0628\u0627",
    "\U0001f600",
    "nul\x00",
    "import os; os.system('x')",
    "inputs",
    "x1",
    "\ud800",
]


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_of_any_characters_come_out_as_literals(language: str, tmp_path: Path) -> None:
    rows = np.random.default_rng(5).normal(0.0, 1.0, (60, len(NASTY)))
    data = Data("n", tuple(NASTY), rows, '"""\n\\', np.arange(60) % len(NASTY), tuple(NASTY))
    checkpoint = net(data, features=("class^2", "np + inputs", *NASTY[1:12], "größe*x1 + x3"))
    path = folder_of(tmp_path) / f"net{EXPORTERS[language].suffix}"
    export(checkpoint, language, path)
    found = RUNNERS[language](path, rows)
    expected = predict(checkpoint, rows)
    # ONNX has texts of UTF-8 only; the metadata says the rest.
    lossy = {"\ud800": "\\ud800"} if language == "onnx" else {}
    assert found.predictions == [lossy.get(str(one.value), one.value) for one in expected]
    if language == "onnx":
        session = pytest.importorskip("onnxruntime").InferenceSession(path)
        metadata = session.get_modelmeta().custom_metadata_map
        assert json.loads(metadata["labels"]) == json.loads(metadata["columns"]) == NASTY
        assert json.loads(metadata["target"]) == '"""\n\\'
    else:
        module = ast.parse(path.read_text(encoding="utf-8"))
        constants = {
            node.targets[0].id: ast.literal_eval(node.value)
            for node in module.body
            if isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and node.targets[0].id in ("TARGET", "LABELS", "COLUMNS")
        }
        assert constants == {"TARGET": '"""\n\\', "LABELS": NASTY, "COLUMNS": NASTY}


def folder_of(folder: Path) -> Path:
    """A folder with a nasty name."""
    nasty = folder / 'it\'s "a" folder\\'
    nasty.mkdir()
    return nasty


TABLE = 'size,"colour",c\n1,red,a\n2,"it\'s",b\n,red,b\n4,,a\n5,"""",b\n'


@pytest.mark.parametrize("language", [name for name in LANGUAGES if name != "onnx"])
def test_a_row_of_the_table_is_encoded_as_gradcli_encodes_it(language: str, tmp_path: Path) -> None:
    table = read_table(TABLE.splitlines(keepends=True), "t.csv")
    checkpoint = net(table_data(table, "c", missing="mean"))
    encoding = checkpoint.model.encoding
    assert encoding is not None
    rows = checkpoint.model.inputs_of(table)
    path = check(checkpoint, language, tmp_path, rows)
    records: list[dict[str, Any]] = [
        {"size": 1, "colour": "red"},
        {"size": "2", "colour": "it's"},
        {"size": None, "colour": "red"},
        {"size": 4.0},
        {"size": "5", "colour": '"'},
    ]
    module = imported(path)
    assert [module.encode(record) for record in records] == rows.tolist()
    with pytest.raises(ValueError, match="'colour' has no category 'blue'"):
        module.encode({"size": 1, "colour": "blue"})
    if language == "python":
        assert [module.predict(record) for record in records] == [one.value for one in predict(checkpoint, rows)]


def test_a_value_that_may_not_be_missing_is_refused(tmp_path: Path) -> None:
    data = table_data(read_table(["size,colour,c\n", "1,red,a\n", "2,blue,b\n"], "t.csv"), "c")
    path = tmp_path / "net.py"
    export(net(data), "numpy", path)
    with pytest.raises(ValueError, match="the value of 'size' is missing"):
        imported(path).encode({"size": "NA", "colour": "red"})


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("standardise", [True, False])
def test_the_numbers_of_a_large_net_stand_beside_its_program(language: str, standardise: bool, tmp_path: Path) -> None:
    checkpoint = net(pictures(), hidden=(60, 110), conv=(8,), size=0.1, standardise=standardise)
    assert checkpoint.model.count > 10_000
    path = check(checkpoint, language, tmp_path, np.random.default_rng(1).normal(0.5, 2.0, (5, 60)))
    beside = path.with_name("net_parameters.npz")
    assert beside.exists() == EXPORTERS[language].reads_arrays
    if beside.exists():
        assert path.stat().st_size < 5000
        before = beside.read_bytes()
        export(checkpoint, language, path)
        assert beside.read_bytes() == before
        with pytest.raises(UsageError, match="go into a file beside the program"):
            source_of(checkpoint, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_export_is_the_same_every_time(language: str, tmp_path: Path) -> None:
    checkpoint = MODELS["features"]()
    contents = []
    for name in ("a", "b"):
        path = tmp_path / name
        export(checkpoint, language, path)
        contents.append(path.read_bytes())
    assert contents[0] == contents[1]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("count", [1, 3])
def test_any_number_of_rows_goes_through(count: int, language: str, tmp_path: Path) -> None:
    check(MODELS["a convolution"](), language, tmp_path, np.ones((count, 60)))


@pytest.mark.parametrize("language", ["numpy", "onnx", "pytorch", "jax"])
def test_no_row_gives_no_prediction(language: str, tmp_path: Path) -> None:
    path = tmp_path / f"net{EXPORTERS[language].suffix}"
    export(net(activation="erf"), language, path)
    assert RUNNERS[language](path, np.empty((0, 2))).predictions == []


def test_plain_python_imports_math_alone(tmp_path: Path) -> None:
    for checkpoint in (make_net() for make_net in MODELS.values()):
        tree = ast.parse(source_of(checkpoint, "python"))
        found = [node for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom))]
        assert {alias.name for node in found for alias in node.names} <= {"math"}


def test_the_state_of_the_module_of_pytorch_has_the_names_of_the_model_file(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    checkpoint = net(pictures(), conv=(3,))
    export(checkpoint, "pytorch", tmp_path / "net.py")
    module = imported(tmp_path / "net.py").load()
    assert {name for name, _ in module.named_parameters()} == set(checkpoint.model.shapes())
    assert all(one.dtype == torch.float64 for one in module.parameters())


@pytest.mark.parametrize("name", ["features", "a convolution", "three classes, each by itself"])
def test_the_functions_of_jax_can_be_compiled(name: str, tmp_path: Path) -> None:
    jax = pytest.importorskip("jax")
    checkpoint = MODELS[name]()
    export(checkpoint, "jax", tmp_path / "net.py")
    module = imported(tmp_path / "net.py")
    rows = np.random.default_rng(2).normal(0.5, 2.0, (7, len(checkpoint.model.columns)))
    for function in (module.scores, module.probabilities):
        found = jax.jit(function)(module.PARAMETERS, rows)
        np.testing.assert_allclose(found, function(module.PARAMETERS, rows), rtol=1e-12, atol=1e-12)


def test_a_gradient_of_jax_flows_through_the_exported_net(tmp_path: Path) -> None:
    jax = pytest.importorskip("jax")
    export(net(), "jax", tmp_path / "net.py")
    module = imported(tmp_path / "net.py")
    gradient = jax.grad(lambda parameters: module.scores(parameters, np.ones((4, 2))).sum())(module.PARAMETERS)
    assert gradient[-1][1].tolist() == [4.0]


def test_lines_of_a_program_fit_on_the_screen() -> None:
    for checkpoint, language in itertools.product((make_net() for make_net in MODELS.values()), LANGUAGES[1:]):
        assert max(map(len, source_of(checkpoint, language).splitlines())) <= 120


def test_a_composition_is_the_function_itself() -> None:
    for name, rule in COMPOSITIONS.items():
        primitive = REGISTRY[name]
        for sample in primitive.samples:
            for share in (0.1, 0.35, 0.77):
                point = [low + share * (high - low) for low, high in sample]
                assert rule(*point) == pytest.approx(primitive.value(*point), rel=1e-9, abs=1e-15), (name, point)


def test_the_encoding_of_numbers_alone_asks_for_its_columns() -> None:
    text = source_of(net(), "python")
    assert "[float(row[name]) for name in COLUMNS]" in text
    assert Encoding.__name__.upper() not in text


def test_the_page_of_the_documentation_names_every_language_and_what_they_refuse() -> None:
    page = (ROOT / "docs" / "export.md").read_text(encoding="utf-8")
    assert all(f"| `{language}` |" in page for language in LANGUAGES)
    refused = page[page.index("which are refused") :]
    assert all(name in refused for names in REFUSED.values() for name in names)
    assert f"Up to {MOST_LITERALS} parameters" in page


DIALECTS = {
    "onnx": onnx_graph.OPERATORS,
    "pytorch": pytorch_program.PYTORCH.known,
    "jax": array_programs.JAX.known,
    "numpy": array_programs.NUMPY.known,
    "python": python_program.PYTHON.known,
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_function_of_the_registry_can_be_written_but_those_that_are_listed(language: str) -> None:
    refused = set()
    for primitive in REGISTRY.public():
        graph = Graph()
        root = graph.add(primitive, [graph.variable(name) for name in primitive.operands])
        try:
            lowered(root, DIALECTS[language], language)
        except UsageError:
            refused.add(primitive.name)
    assert refused == REFUSED[language]
