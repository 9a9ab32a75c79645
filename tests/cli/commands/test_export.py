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
        ([], 2, "`MODEL` is missing"),
        (["x^2", "--to", "python"], 2, "`x^2` is an expression, but export takes a trained net"),
        (["-x^2", "--to", "python"], 2, "gradcli diff '-x^2' --latex"),
        (["model", "--to", "python"], 2, "the name of the file `model` doesn't end in .safetensors"),
        (["small.safetensors"], 2, "`--to` is missing: onnx, pytorch, jax, numpy or python"),
        (["small.safetensors", "-o", "net.py"], 2, "`net.py` could be pytorch, jax, numpy or python"),
        (["small.safetensors", "--to", "torch"], 2, "unknown language `torch`"),
        (["small.safetensors", "--to", "pyton"], 2, "did you mean `python`?"),
        (["small.safetensors", "--to", "numpy", "-o", "net.onnx"], 2, "`net.onnx` isn't a file name for numpy"),
        (["small.safetensors", "--to", "onnx", "-o", "net.py"], 2, "`net.py` isn't a file name for onnx"),
        (["small.safetensors", "--to", "numpy", "-o", "small.safetensors"], 2, "export never overwrites a model"),
        (["small.safetensors", "--to", "onnx"], 2, "name a file: -o FILE.onnx"),
        (["large.safetensors", "--to", "numpy"], 2, "the 10501 parameters of the net go into a file next to"),
        (["small.safetensors", "--to", "numpy", "-o", "no/net.py"], 5, "can't write `no/net.py`"),
        (["digamma.safetensors", "--to", "numpy"], 2, "the function `digamma` can't be exported to NumPy"),
        (["missing.safetensors", "--to", "numpy"], 5, "can't read `missing.safetensors`"),
        (["broken.safetensors", "--to", "numpy"], 5, "is not a model of gradcli"),
    ],
)
def test_a_wrong_call_is_one_sentence_and_an_exit_code(words: list[str], code: int, message: str, inside: Run) -> None:
    done = inside("export", *words)
    assert (done.code, done.out) == (code, "")
    assert message in done.err
    assert "Traceback" not in done.err


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
