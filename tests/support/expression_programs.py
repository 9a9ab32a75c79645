"""Exported expressions, run by the compilers and interpreters that this machine has."""

from __future__ import annotations

import ctypes
import importlib.util
import json
import math
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from gradcli.evaluate.expression import parse
from gradcli.execute.tape import Tape
from gradcli.export.expression_program import LANGUAGES, export_expression
from gradcli.graph import differentiate
from gradcli.graph.hessians import second_derivatives

#: An expression, and the values of its variables in their order.
Case = tuple[str, tuple[float, ...]]


class Numbers(NamedTuple):
    """Value, gradient and Hessian at a point."""

    value: float
    gradient: list[float]
    hessian: list[list[float]]

    @property
    def flat(self) -> list[float]:
        return [self.value, *self.gradient, *[one for row in self.hessian for one in row]]


def on_the_tape(case: Case) -> Numbers:
    """What the tapes of the value and the derivatives give on floats."""
    text, point = case
    parsed = parse(text)
    variables = [parsed.graph.variable(name) for name in parsed.variables]
    rows = second_derivatives(parsed.root, variables)
    roots = [parsed.root, *differentiate.gradient(parsed.root, variables), *[one for row in rows for one in row]]
    tape = Tape(roots, variables)
    values = tape.run(point)
    found = iter([values[i] for i in tape.outputs])
    value, gradient = next(found), [next(found) for _ in variables]
    half = [[next(found) for _ in row] for row in rows]
    count = range(len(variables))
    return Numbers(value, gradient, [[half[min(i, j)][abs(i - j)] for j in count] for i in count])


def written(cases: Sequence[Case], language: str, folder: Path) -> list[Path]:
    """Write a program with value, gradient and Hessian for each expression; the functions are ``fn_0``, ``fn_1`` ..."""
    paths = []
    for i, (text, _) in enumerate(cases):
        paths.append(folder / f"fn_{i}{LANGUAGES[language].suffix}")
        paths[-1].write_text(export_expression(text, language, "hessian", name=f"fn_{i}"), encoding="utf-8")
    return paths


def _needs(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not installed")
    return found


def _ran(*words: str | Path, **options: Any) -> str:
    done = subprocess.run([*map(str, words)], capture_output=True, text=True, **options)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def run_c(cases: Sequence[Case], folder: Path) -> list[Numbers]:
    compiler = _needs("gcc")
    paths = written(cases, "c", folder)
    library = folder / "all.so"
    lines = []
    for path in paths:
        # One file is compiled in a third of the time that a hundred take; a helper keeps its name in its own program.
        helpers = re.findall(r"^static double (\w+)\(", path.read_text(encoding="utf-8"), re.MULTILINE)
        lines += [f"#define {one} {path.stem}_{one}" for one in helpers]
        lines += [f'#include "{path.name}"', *[f"#undef {one}" for one in helpers]]
    (folder / "all.c").write_text("\n".join(lines) + "\n", encoding="utf-8")
    strict = ("-std=c99", "-O0", "-Wall", "-Wextra", "-Werror", "-pedantic", "-shared", "-fPIC")
    _ran(compiler, *strict, folder / "all.c", "-o", library, "-lm")
    loaded = ctypes.CDLL(str(library))
    results = []
    for i, (_, point) in enumerate(cases):
        count = len(point)
        function = getattr(loaded, f"fn_{i}")
        function.restype = ctypes.c_double
        gradient, hessian = (ctypes.c_double * count)(), (ctypes.c_double * (count * count))()
        value = function((ctypes.c_double * count)(*point), gradient, hessian)
        rows = [list(hessian[count * k : count * (k + 1)]) for k in range(count)]
        results.append(Numbers(value, list(gradient), rows))
    return results


def run_python(cases: Sequence[Case], folder: Path) -> list[Numbers]:
    """In an interpreter that sees no package."""
    paths = written(cases, "python", folder)
    program = (
        "import importlib.util, json, sys\n"
        "for path, name, point in json.load(sys.stdin):\n"
        "    spec = importlib.util.spec_from_file_location(name, path)\n"
        "    module = importlib.util.module_from_spec(spec)\n"
        "    spec.loader.exec_module(module)\n"
        "    print(json.dumps(getattr(module, name)(*point)))\n"
    )
    given = json.dumps([[str(path), path.stem, point] for path, (_, point) in zip(paths, cases, strict=True)])
    out = _ran(sys.executable, "-I", "-S", "-c", program, input=given)
    return [Numbers(*json.loads(line)) for line in out.splitlines()]


def _imported(language: str, cases: Sequence[Case], folder: Path) -> list[Numbers]:
    results = []
    for path, (_, point) in zip(written(cases, language, folder), cases, strict=True):
        spec = importlib.util.spec_from_file_location(f"{language}_{path.stem}", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        value, gradient, hessian = getattr(module, path.stem)(*point)
        results.append(Numbers(float(value), [*map(float, gradient)], [[*map(float, row)] for row in hessian]))
    return results


def run_numpy(cases: Sequence[Case], folder: Path) -> list[Numbers]:
    return _imported("numpy", cases, folder)


def run_jax(cases: Sequence[Case], folder: Path) -> list[Numbers]:
    pytest.importorskip("jax")
    return _imported("jax", cases, folder)


def run_pytorch(cases: Sequence[Case], folder: Path) -> list[Numbers]:
    pytest.importorskip("torch")
    return _imported("pytorch", cases, folder)


def run_javascript(cases: Sequence[Case], folder: Path) -> list[Numbers]:
    node = _needs("node")
    paths = [path.rename(path.with_suffix(".mjs")) for path in written(cases, "javascript", folder)]
    lines = [f'import {{ {path.stem} }} from "./{path.name}";' for path in paths]
    for path, (_, point) in zip(paths, cases, strict=True):
        inside = ", ".join(map(repr, point))
        lines.append(f"console.log({path.stem}({inside}).flat(2).map(String).join(' '));")
    (folder / "all.mjs").write_text("\n".join(lines), encoding="utf-8")
    return _parsed(cases, _ran(node, folder / "all.mjs"))


def run_rust(cases: Sequence[Case], folder: Path) -> list[Numbers]:
    compiler = _needs("rustc")
    paths = written(cases, "rust", folder)
    modules = [f'mod m{i} {{ include!("{path.name}"); }}' for i, path in enumerate(paths)]
    calls = []
    for i, (path, (_, point)) in enumerate(zip(paths, cases, strict=True)):
        inside = ", ".join(f"{one!r}_f64" for one in point)
        calls.append(f"let (v, g, h) = m{i}::{path.stem}({inside}); show(v, &g, &h.concat());")
    main = (
        "fn show(v: f64, g: &[f64], h: &[f64]) {\n"
        '    for x in [&[v], g, h].concat() { print!("{:e} ", x); }\n    println!();\n}\n'
    )
    body = "\n".join([*modules, main, "fn main() {", *calls, "}"])
    (folder / "all.rs").write_text(body, encoding="utf-8")
    _ran(compiler, "--edition", "2021", "-D", "warnings", "-o", folder / "all", folder / "all.rs")
    return _parsed(cases, _ran(folder / "all"))


def run_julia(cases: Sequence[Case], folder: Path) -> list[Numbers]:
    julia = _needs("julia")
    paths = written(cases, "julia", folder)
    lines = [f'module M{i}\ninclude("{path.name}")\nend' for i, path in enumerate(paths)]
    for i, (path, (_, point)) in enumerate(zip(paths, cases, strict=True)):
        inside = ", ".join(map(repr, point))
        lines.append(
            f"v, g, h = M{i}.{path.stem}({inside})\nprintln(join([v; collect(g); [x for r in h for x in r]], ' '))"
        )
    (folder / "all.jl").write_text("\n".join(lines), encoding="utf-8")
    return _parsed(cases, _ran(julia, folder / "all.jl"))


def _parsed(cases: Sequence[Case], out: str) -> list[Numbers]:
    """The numbers that a program printed: a line for each expression."""
    results = []
    for line, (_, point) in zip(out.splitlines(), cases, strict=True):
        numbers, count = [float(word.replace("Infinity", "inf")) for word in line.split()], len(point)
        rows = [numbers[1 + count * (k + 1) : 1 + count * (k + 2)] for k in range(count)]
        results.append(Numbers(numbers[0], numbers[1 : 1 + count], rows))
    return results


RUNNERS: dict[str, Callable[[Sequence[Case], Path], list[Numbers]]] = {
    "c": run_c,
    "python": run_python,
    "numpy": run_numpy,
    "jax": run_jax,
    "pytorch": run_pytorch,
    "javascript": run_javascript,
    "rust": run_rust,
    "julia": run_julia,
}


def difference(found: Numbers, expected: Numbers) -> float:
    """The largest difference, relative to the size of the number, or to 1 if it is smaller; inf for nan on one side."""
    worst = 0.0
    for one, other in zip(found.flat, expected.flat, strict=True):
        if one == other or (one != one and other != other):
            continue
        size = max(1.0, abs(other))
        gap = abs(one - other) / size
        worst = max(worst, gap if math.isfinite(gap) else math.inf)
    return worst
