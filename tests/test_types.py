"""What type checkers know of gradcli: the stubs, and a user's script in which they find every wrong line."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.paths import PACKAGE, ROOT
from tests.support.stubs import stubs

SCRIPT = ROOT / "tests" / "support" / "typed_script.py"
#: The lines on which a type checker must find a fault.
WRONG = {n for n, line in enumerate(SCRIPT.read_text(encoding="utf-8").split("\n"), 1) if line.endswith("# wrong")}
#: The functions and methods whose result has a type that is only known when they run.
OPEN = {
    "compile", "with_derivatives",  # the choice of derivatives is a variable
    "grad", "value_and_grad",  # what a function returns besides its value
    "forward",  # of micrograd's nets: a value, or several
    "hessian", "integrand",  # SciPy's objects
    "state", "state_dict",
    "tolist",
    "with_values",
    # For Python and NumPy
    "__array_function__", "__array_ufunc__", "__reduce__", "__reduce_ex__",
    # Not for users
    "apply", "array_of", "default_collate", "flat", "named", "one_or_several", "tensor_of",
    # Elements of data sets
    "__getitem__", "__iter__",
}  # fmt: skip


def test_the_stubs_are_up_to_date() -> None:
    """After a change of a public name or a signature: ``python -m tests.support.stubs``."""
    old = [str(path) for path, text in stubs().items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    assert old == []
    written = {path for path in PACKAGE.rglob("*.pyi") if path.name != "stub_types.pyi"}
    assert written == set(stubs())


def test_results_have_types() -> None:
    unknown = set()
    for path in PACKAGE.rglob("*.pyi"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.returns is not None and path.name != "stub_types.pyi":
                names = {one.id for one in ast.walk(node.returns) if isinstance(one, ast.Name)}
                if "Any" in names:
                    unknown.add(node.name)
    assert unknown - OPEN == set()


def test_mypy_finds_each_wrong_line_and_no_other() -> None:
    cache = ROOT / ".mypy_cache" / "scripts"
    linted = cache.parent / "3.10"
    if linted.is_dir() and not cache.exists():
        # What the linter knows of other packages is true here, too; of gradcli it read the files, not the stubs.
        shutil.copytree(linted, cache / linted.name)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file=", "--strict", "--python-version=3.10", "--no-error-summary",
         "--cache-dir", str(cache), str(SCRIPT), *map(str, stubs())],
        capture_output=True, text=True, cwd=ROOT, env={**os.environ, "MYPYPATH": str(ROOT)},
    )  # fmt: skip
    found = re.findall(r"^(.*?):(\d+): error: (.*)", done.stdout, re.MULTILINE)
    assert done.stderr == ""
    others = [one for one in found if Path(one[0]).name != SCRIPT.name or int(one[1]) not in WRONG]
    assert others == []
    assert {int(line) for _, line, _ in found} == WRONG


@pytest.mark.skipif(shutil.which("pyright") is None, reason="pyright isn't installed (npm install pyright)")
def test_pyright_finds_each_wrong_line_and_no_other(tmp_path: Path) -> None:
    (tmp_path / SCRIPT.name).write_bytes(SCRIPT.read_bytes())
    settings = {"extraPaths": [str(ROOT)], "pythonVersion": "3.10"}
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    done = subprocess.run(
        ["pyright", "--outputjson", "--pythonpath", sys.executable, "--project", str(tmp_path)],
        capture_output=True, text=True,
    )  # fmt: skip
    found = {
        one["range"]["start"]["line"] + 1: one["message"]
        for one in json.loads(done.stdout)["generalDiagnostics"]
        if one["severity"] == "error" or one["rule"] == "reportExpression"
    }
    assert {line: message for line, message in found.items() if line not in WRONG} == {}
    assert found.keys() == WRONG
