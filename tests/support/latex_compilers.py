"""Printed LaTeX, read by KaTeX and by a real LaTeX.

    python -m tests.support.latex_compilers [FOLDER]

compiles a sample of derivatives and derivations by LaTeX (``pdflatex`` of TeX Live) and draws their pages into FOLDER
(``pdftoppm``), to be looked at.  Node.js finds KaTeX in a folder of NODE_PATH: ``npm install --prefix FOLDER katex``,
and NODE_PATH=FOLDER/node_modules.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import pytest

from gradcli import parse
from gradcli.evaluate.derivative_formulas import formulas_of
from gradcli.printing.blackboard import numbered, to_align
from gradcli.printing.latex import to_latex
from tests.support.calculus_course import COURSE
from tests.support.derivations import derived
from tests.support.latex_formulas import random_formula

__all__ = ["course_in_latex", "derivations_in_latex", "katex_complaints", "random_latex"]

#: Reads formulas as JSON, and writes for each the errors and warnings of KaTeX; its strictest mode is on.
_KATEX: Final = r"""
const katex = require("katex");
const formulas = JSON.parse(require("fs").readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(formulas.map(formula => {
  const found = [];
  const strict = (code, message) => { found.push(code + ": " + message); return "ignore"; };
  try { katex.renderToString(formula, {displayMode: true, strict}); } catch (error) { found.push(String(error)); }
  return found;
})));
"""

#: Expressions whose derivatives have what a calculus course lacks: choices, several variables, names, indices, arrays.
_OTHERS: Final = (
    "max(x, y)^2", "hypot(x, y)", "clip(x, 0, 1)*x", "x^y", "sinc(x)", "relu(x)^3", "where(x > 0, x^2, sin(x))",
    "exp(-(x - mu)^2/(2*sigma^2))", "rate_max*S/(K_m + S)", "sqrt(x_1^2 + x_2^2)", "log(1 - sigmoid(theta))",
    "[r*cos(t), r*sin(t)]", "[x*y/z, exp(x*y)]", "(-x)^3/abs(y)", "atan2(y, x)", "1.5e-7*x^3", "beta*x!",
    "polygamma(2, x)*y", "erf(x/sqrt(2))^2", "logaddexp(x, y)",
)  # fmt: skip


def course_in_latex(step: int = 1) -> Iterator[str]:
    """Yield derivatives of every ``step``-th expression of the course, as `gradcli diff --latex` prints them."""
    for place, text in enumerate(COURSE[::step]):
        yield to_latex(formulas_of(parse(text), ["x"], 1 + place % 3).arrays[0])
    for text in _OTHERS:
        parsed = parse(text)
        yield from map(to_latex, formulas_of(parsed, parsed.variables, hessian=parsed.components is None).arrays)


def derivations_in_latex(step: int = 1) -> Iterator[str]:
    """Yield derivations of every ``step``-th expression, as `gradcli diff --steps --latex` prints them."""
    for place, text in enumerate([*COURSE, *_OTHERS][::step]):
        parsed = parse(text)
        if parsed.components is None:
            yield to_align(numbered(derived(text, 1 + place % 2, name=parsed.variables[0])))


def random_latex(count: int) -> Iterator[str]:
    """Yield random graphs as LaTeX."""
    for number in range(count):
        yield to_latex(parse(random_formula(number)).root)


def katex_complaints(formulas: Sequence[str]) -> list[str]:
    """Return a line for each error and each warning of KaTeX; the test is skipped where KaTeX is not installed."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node.js is not installed")
    done = subprocess.run([node, "-e", _KATEX], input=json.dumps(formulas), capture_output=True, text=True)
    if "Cannot find module 'katex'" in done.stderr:
        pytest.skip("Node.js finds no KaTeX (npm install katex, and NODE_PATH)")
    assert done.returncode == 0, done.stderr
    complaints = json.loads(done.stdout)
    assert len(complaints) == len(formulas)
    return [f"{formula}: {line}" for formula, found in zip(formulas, complaints, strict=True) for line in found]


def compiled(formulas: Sequence[str], folder: Path) -> list[Path]:
    """Compile formulas by LaTeX, ten on a page, and return pictures of the pages; an ``align*`` is on several lines.

    Raises:
        RuntimeError: LaTeX has an error, or a formula is wider than the page.
    """
    shown = [one if one.startswith(r"\begin{align*}") else rf"\[ {one} \]" for one in formulas]
    rows = "\n".join(f"{one}{'' if number % 10 else chr(92) + 'newpage'}" for number, one in enumerate(shown, 1))
    text = rf"""\documentclass{{article}}
\usepackage[paperwidth=40cm, paperheight=24cm, margin=1cm]{{geometry}}
\usepackage{{amsmath, amssymb}}
\usepackage[utf8]{{inputenc}}
\pagestyle{{empty}}
\allowdisplaybreaks
\begin{{document}}
{rows}
\end{{document}}
"""
    (folder / "formulas.tex").write_text(text, encoding="utf-8")
    words = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "formulas.tex"]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, errors="replace")
    lines = done.stdout.splitlines()
    wrong = [line for line in lines if line.startswith("!") or "Overfull" in line or "Missing character" in line]
    if done.returncode or wrong:
        raise RuntimeError("\n".join(wrong or lines[-20:]))
    subprocess.run(["pdftoppm", "-png", "-r", "80", "formulas.pdf", "page"], cwd=folder, check=True)
    return sorted(folder.glob("page*.png"))


if __name__ == "__main__":
    where = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.mkdtemp())
    where.mkdir(parents=True, exist_ok=True)
    sample = [*course_in_latex(4), *derivations_in_latex(3)]
    for page in compiled(sample, where):
        print(page)
    print(f"LaTeX compiles {len(sample)} formulas")
