"""`gradcli export`: what is written where, and what is refused."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gradcli.export.expression_program import LANGUAGES
from tests.support.paths import ROOT

Run = Callable[..., Any]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small model and a large one."""
    from gradcli.train.checkpoint import save
    from gradcli.train.data.datasets import make
    from gradcli.train.run import start

    place = tmp_path_factory.mktemp("models")
    for name, hidden in (("small", (3,)), ("large", (100, 100))):
        save(place / f"{name}.safetensors", start(make("moons", samples=40), hidden=hidden, epochs=1).checkpoint())
    digamma = start(make("moons", samples=40), hidden=(3,), epochs=1, activation="digamma")
    save(place / "digamma.safetensors", digamma.checkpoint())
    (place / "broken.safetensors").write_bytes(b"\xff" * 100)
    (place / "model").write_bytes((place / "small.safetensors").read_bytes())
    return place


@pytest.fixture(autouse=True)
def _in_the_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)


@pytest.mark.parametrize("language", ["pytorch", "jax", "numpy", "python"])
def test_the_source_of_a_small_net_is_printed(language: str, inside: Run) -> None:
    done = inside("export", "small.safetensors", "--to", language)
    assert (done.code, done.err) == (0, "")
    assert "def predict(" in done.out
    ast.parse(done.out)


def test_a_file_is_named(inside: Run) -> None:
    done = inside("export", "small.safetensors", "--to", "numpy", "-o", "net.py")
    assert done == (0, "", "wrote net.py\n")
    assert Path("net.py").read_text(encoding="utf-8") == inside("export", "small.safetensors", "--to", "numpy").out


def test_the_suffix_says_onnx(inside: Run) -> None:
    pytest.importorskip("onnx")
    assert inside("export", "small.safetensors", "-o", "net.onnx") == (0, "", "wrote net.onnx\n")
    assert Path("net.onnx").read_bytes().startswith(b"\x08")


def test_a_large_net_has_a_file_of_arrays(inside: Run) -> None:
    done = inside("export", "large.safetensors", "--to", "jax", "-o", "big.py")
    assert done == (0, "", "wrote big_parameters.npz\nwrote big.py\n")
    assert "big_parameters.npz" in Path("big.py").read_text(encoding="utf-8")


def test_one_object_of_json(inside: Run) -> None:
    found = json.loads(inside("export", "small.safetensors", "--to", "python", "--json").out)
    assert list(found) == ["model", "language", "files", "source"]
    assert (found["language"], found["files"]) == ("python", [])
    assert found["source"].startswith('"""The net 2-3-1 as a program of plain Python')
    done = inside("export", "small.safetensors", "--to", "python", "-o", "p.py", "--json")
    found = json.loads(done.out)
    assert (found["files"], found["source"]) == (["p.py"], None)


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ([], 2, "`EXPR|MODEL` is missing"),
        (
            ["x^2"],
            2,
            "`--to` is missing: c, python, numpy, jax, pytorch, javascript, julia, rust, latex or mathematica",
        ),
        (["x^2", "--to", "javascipt"], 2, "did you mean `javascript`?"),
        (["x^2", "--to", "onnx"], 2, "an expression can't be exported to onnx"),
        (["x^2", "-o", "f.py"], 2, "`f.py` could be python, numpy, jax or pytorch"),
        (["x^2", "--to", "c", "-o", "f.rs"], 2, "`f.rs` isn't a file name for c"),
        (["x^2", "--to", "c", "--hessian", "--value-only"], 2, "`--hessian` and `--value-only` exclude each other"),
        (["x^2", "--to", "c", "--name", "while"], 2, "`while` can't be the name of a function in C"),
        (["x^2", "--to", "c", "-o", "no/f.c"], 5, "can't write `no/f.c`"),
        (["[x, y]", "--to", "c", "--hessian"], 2, "`[x, y]` has 2 values, but only a single value has a Hessian"),
        (["norm(x)", "--to", "c"], 3, "an exported function takes numbers, but `norm` works on arrays"),
        (["polygamma(9, x)", "--to", "rust"], 2, "the function `polygamma` can't be exported to Rust"),
        (["x^2+", "--to", "c"], 3, "x^2+"),
        (["small.safetensors", "--to", "latex"], 2, "a net can't be exported to latex"),
        (["small.safetensors", "--to", "numpy", "--hessian"], 2, "`--hessian` is for an expression, not for a net"),
        (["small.safetensors", "--to", "numpy", "--name", "f"], 2, "`--name` is for an expression, not for a net"),
        (["model", "--to", "python"], 2, "the name of the file `model` doesn't end in .safetensors"),
        (
            ["small.safetensors"],
            2,
            "`--to` is missing: onnx, pytorch, jax, numpy, c, javascript, julia, rust or python",
        ),
        (["small.safetensors", "-o", "net.py"], 2, "`net.py` could be pytorch, jax, numpy or python"),
        (["small.safetensors", "--to", "torch"], 2, "unknown language `torch`"),
        (["small.safetensors", "--to", "pyton"], 2, "did you mean `python`?"),
        (["small.safetensors", "--to", "numpy", "-o", "net.onnx"], 2, "`net.onnx` isn't a file name for numpy"),
        (["small.safetensors", "--to", "onnx", "-o", "net.py"], 2, "`net.py` isn't a file name for onnx"),
        (["small.safetensors", "--to", "numpy", "-o", "small.safetensors"], 2, "export never overwrites a model"),
        (["small.safetensors", "--to", "onnx"], 2, "name a file: -o FILE.onnx"),
        (["large.safetensors", "--to", "numpy"], 2, "the 10501 parameters of the net go into a file next to"),
        (["small.safetensors", "--to", "numpy", "-o", "no/net.py"], 5, "can't write `no/net.py`"),
        (
            ["digamma.safetensors", "--to", "onnx", "-o", "d.onnx"],
            2,
            "the function `digamma` can't be exported to ONNX",
        ),
        (["missing.safetensors", "--to", "numpy"], 5, "can't read `missing.safetensors`"),
        (["broken.safetensors", "--to", "numpy"], 5, "is not a model of gradcli"),
    ],
)
def test_a_wrong_call_is_one_sentence_and_an_exit_code(words: list[str], code: int, message: str, inside: Run) -> None:
    done = inside("export", *words)
    assert (done.code, done.out) == (code, "")
    assert message in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_program_of_an_expression_is_printed(language: str, inside: Run) -> None:
    done = inside("export", "x1*x2 + sin(x1)", "--to", language)
    assert (done.code, done.err) == (0, "")
    assert "x1*x2 + sin(x1): the value and the gradient, exported by gradcli." in done.out


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ([], "value_and_gradient"),
        (["--hessian"], "value_gradient_hessian"),
        (["--jacobian"], "values_and_jacobian"),
        (["--value-only"], "evaluate"),
        (["--name", "f"], "f"),
    ],
)
def test_the_function_has_its_usual_name_or_the_one_that_is_given(words: list[str], name: str, inside: Run) -> None:
    assert f"def {name}(x: float)" in inside("export", "sin(x)", "--to", "python", *words).out


def test_the_suffix_says_the_language_and_the_file_is_written_whole(inside: Run) -> None:
    for suffix, text in (("c", "#include"), ("js", "export function"), ("jl", "function"), ("rs", "pub fn")):
        assert inside("export", "x*y", "-o", f"f.{suffix}") == (0, "", f"wrote f.{suffix}\n")
        assert text in Path(f"f.{suffix}").read_text(encoding="utf-8")


def test_an_expression_comes_from_standard_input_and_from_a_file(inside: Run) -> None:
    Path("slope.txt").write_text("r = x^2; r*y", encoding="utf-8")
    assert "double x = point[0]" in inside("export", "-", "--to", "c", stdin="sin(x)").out
    assert "x^2*y: the value" in inside("export", "@slope.txt", "--to", "c").out


def test_one_object_of_json_for_an_expression(inside: Run) -> None:
    found = json.loads(inside("export", "y*x", "--to", "c", "--json").out)
    assert list(found) == ["expression", "variables", "language", "files", "source"]
    assert (found["expression"], found["variables"], found["files"]) == ("y*x", ["y", "x"], [])
    assert found["source"] == inside("export", "y*x", "--to", "c").out
    found = json.loads(inside("export", "y*x", "-o", "f.c", "--json").out)
    assert (found["files"], found["source"]) == (["f.c"], None)


def test_plain_python_is_printed_whatever_the_size(inside: Run) -> None:
    assert len(inside("export", "large.safetensors", "--to", "python").out) > 200_000


def test_a_missing_package_is_named(inside: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "onnx", None)
    done = inside("export", "small.safetensors", "-o", "other.onnx")
    assert done.code == 5
    assert 'pip install "gradcli[onnx]"' in done.err
    assert not Path("other.onnx").exists()


def test_the_help_knows_which_nets_are_large(inside: Run) -> None:
    from gradcli import limits
    from gradcli.export import EXPORTERS

    text = inside("export", "-h").out
    assert f"more than {limits.LITERALS} parameters" in " ".join(text.split())
    assert all(name in text for name in EXPORTERS)


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "ascii"])
def test_a_printed_program_is_python_in_every_encoding(
    encoding: str, inside: Run, folder: Path, tmp_path: Path
) -> None:
    text = "größe,π,c\n" + "".join(f"{number},{number * number},{'äß'[number % 2]}\\é\n" for number in range(8))
    words = ("--target", "c", "--hidden", "2", "--epochs", "1", "--feature", "größe*π", "-o", "umlauts.safetensors")
    assert inside("train", "-", *words, stdin=text).code == 0
    words = ["export", "umlauts.safetensors", "--to", "python"]
    done = subprocess.run(
        [sys.executable, "-m", "gradcli", *words],
        cwd=folder,
        env={**os.environ, "PYTHONIOENCODING": encoding, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=True,
    )
    path = tmp_path / "net.py"
    path.write_bytes(done.stdout)
    script = "import net, json; print(json.dumps([net.COLUMNS, net.LABELS, net.predict([1.0, 2.0])]))"
    found = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    columns, labels, prediction = json.loads(found.stdout)
    assert (columns, labels) == (["größe", "π"], ["ß\\é", "ä\\é"])
    assert prediction in labels
