"""Nets as functions of numbers in C, JavaScript, Julia and Rust predict what gradcli predicts."""

from __future__ import annotations

import ctypes
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradcli import limits
from gradcli.errors import LimitError, UsageError
from gradcli.export import EXPORTERS, source_of
from gradcli.train.checkpoint import Checkpoint
from gradcli.train.data.rows import Data
from gradcli.train.predictions import predict
from tests.support.exported import MODELS, TOLERANCE, net

#: The nets that are computed number by number.
NETS = [name for name in MODELS if "convolution" not in name or name.startswith("pictures")]
LANGUAGES = ("c", "javascript", "julia", "rust")
FUNCTION = re.compile(r"\b(predict|probabilities|scores)\(")


def rows_of(checkpoint: Checkpoint) -> Any:
    return np.random.default_rng(5).normal(0.0, 2.0, (4, len(checkpoint.model.columns)))


def expected(checkpoint: Checkpoint) -> list[list[float]]:
    """Return for each row what the program is to give: a number, probabilities or scores."""
    found = predict(checkpoint, rows_of(checkpoint))
    if checkpoint.model.labels is None:
        return [[one.value] for one in found]  # type: ignore[list-item]
    return [
        [float(score) for score in one.scores] if one.probability is None else [*one.probability.values()]
        for one in found
    ]


def program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def ran(*words: str | Path) -> str:
    done = subprocess.run([*map(str, words)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def written(nets: Sequence[Checkpoint], language: str, folder: Path) -> list[tuple[Path, str]]:
    """Write the program of each net, with a name of its own for the function; return the files and the names."""
    found = []
    for number, one in enumerate(nets):
        text = source_of(one, language)
        names = set(FUNCTION.findall(text))
        assert len(names) == 1
        name = f"net{number}"
        path = folder / f"{name}{EXPORTERS[language].suffix}"
        path.write_text(FUNCTION.sub(f"{name}(", text), encoding="utf-8")
        found.append((path, name))
    return found


def run_c(nets: Sequence[Checkpoint], folder: Path) -> list[list[list[float]]]:
    files = written(nets, "c", folder)
    library = folder / "nets.so"
    flags = ("-O1", "-Wall", "-Wextra", "-Werror", "-ffp-contract=off", "-shared", "-fPIC")
    ran(program("gcc"), *flags, "-o", library, *[path for path, _ in files], "-lm")
    loaded = ctypes.CDLL(str(library))
    results = []
    for one, (_, name) in zip(nets, files, strict=True):
        function, outcome = getattr(loaded, name), []
        count = len(expected(one)[0])
        function.restype = ctypes.c_double
        for row in rows_of(one).tolist():
            point = (ctypes.c_double * len(row))(*row)
            if one.model.labels is None or count == 1:
                outcome.append([function(point)])
            else:
                values = (ctypes.c_double * count)()
                function(point, values)
                outcome.append(list(values))
        results.append(outcome)
    return results


def numbers(out: str, nets: Sequence[Checkpoint]) -> list[list[list[float]]]:
    lines = iter(out.splitlines())
    return [[[float(word) for word in next(lines).split()] for _ in rows_of(one)] for one in nets]


def run_javascript(nets: Sequence[Checkpoint], folder: Path) -> list[list[list[float]]]:
    node = program("node")
    files = [(path.rename(path.with_suffix(".mjs")), name) for path, name in written(nets, "javascript", folder)]
    lines = [f'import {{ {name} }} from "./{path.name}";' for path, name in files]
    for one, (_, name) in zip(nets, files, strict=True):
        lines += [f"console.log([{name}(...{row})].flat().join(' '));" for row in rows_of(one).tolist()]
    (folder / "all.mjs").write_text("\n".join(lines), encoding="utf-8")
    return numbers(ran(node, folder / "all.mjs"), nets)


def run_julia(nets: Sequence[Checkpoint], folder: Path) -> list[list[list[float]]]:
    julia = program("julia")
    files = written(nets, "julia", folder)
    lines = [f'module M{name}\ninclude("{path.name}")\nend' for path, name in files]
    for one, (_, name) in zip(nets, files, strict=True):
        lines += [f"println(join(collect(M{name}.{name}({str(row)[1:-1]})), ' '))" for row in rows_of(one).tolist()]
    (folder / "all.jl").write_text("\n".join(lines), encoding="utf-8")
    return numbers(ran(julia, folder / "all.jl"), nets)


def run_rust(nets: Sequence[Checkpoint], folder: Path) -> list[list[list[float]]]:
    compiler = program("rustc")
    files = written(nets, "rust", folder)
    lines = [f'mod m{name} {{ include!("{path.name}"); }}' for path, name in files]
    lines += [
        "trait Flat { fn flat(&self) -> Vec<f64>; }",
        "impl Flat for f64 { fn flat(&self) -> Vec<f64> { vec![*self] } }",
    ]
    lines += ["impl<const N: usize> Flat for [f64; N] { fn flat(&self) -> Vec<f64> { self.to_vec() } }"]
    lines += ['fn show(one: &dyn Flat) { for x in one.flat() { print!("{:e} ", x); } println!(); }', "fn main() {"]
    for one, (_, name) in zip(nets, files, strict=True):
        for row in rows_of(one).tolist():
            lines.append(f"show(&m{name}::{name}({', '.join(f'{x!r}_f64' for x in row)}));")
    (folder / "all.rs").write_text("\n".join([*lines, "}"]), encoding="utf-8")
    ran(compiler, "--edition", "2021", "-D", "warnings", "-o", folder / "all", folder / "all.rs")
    return numbers(ran(folder / "all"), nets)


RUNNERS: dict[str, Callable[[Sequence[Checkpoint], Path], list[list[list[float]]]]] = {
    "c": run_c,
    "javascript": run_javascript,
    "julia": run_julia,
    "rust": run_rust,
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_exported_net_gives_the_same_numbers(language: str, tmp_path: Path) -> None:
    nets = [MODELS[name]() for name in NETS]
    for name, one, found in zip(NETS, nets, RUNNERS[language](nets, tmp_path), strict=True):
        np.testing.assert_allclose(found, expected(one), rtol=TOLERANCE, atol=TOLERANCE, err_msg=name)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_layer_that_needs_arrays_is_refused_by_its_name(language: str) -> None:
    with pytest.raises(UsageError, match=r"the layer `conv2d` can't be exported to"):
        source_of(MODELS["a convolution"](), language)


def test_a_large_net_is_refused_with_the_bound() -> None:
    with pytest.raises(LimitError, match=f"at most {limits.LITERALS} parameters"):
        source_of(net(hidden=(100, 101)), "c")


def test_the_comment_says_what_goes_in_and_what_comes_out() -> None:
    text = source_of(MODELS["three classes"](), "javascript")
    assert "// The net 2-5-4-3 (relu, cross_entropy): the probability of each label, exported by gradcli." in text
    assert "in its units and in this order: 'x1', 'x2'." in text
    assert "The values belong to the labels '0', '1', '2'; the label with the largest one is predicted." in text
    assert "A positive score predicts '1', any other '0'." in source_of(MODELS["scores"](), "javascript")
    assert "At kinks" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_name_of_a_column_leaves_the_comment(language: str) -> None:
    wrong = ("*/ system(0); /*", "x\nsystem(0);", "y\u2028system(0);")
    data = Data(
        "odd", wrong, np.random.default_rng(0).normal(0.0, 1.0, (20, 3)), "t\nsystem(0);", np.arange(20.0), None
    )
    text = source_of(net(data), language)
    for line in text.splitlines():
        assert "system(0)" not in line or line.lstrip().startswith(("*", "//", "#"))
    assert language != "c" or text.count("*/") == 1
