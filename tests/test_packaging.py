"""The wheel and the sdist hold what an installation needs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

import gradcli
from gradcli.cli.showing.man_pages import man_pages
from tests.support.paths import ROOT
from tests.support.stubs import stubs


def run(*words: str, cwd: Path, **environment: str) -> str:
    done = subprocess.run(
        words, cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packages")
    run(sys.executable, "-m", "hatchling", "build", "-d", str(folder), cwd=ROOT)
    return folder


def test_the_installed_wheel_runs_outside_the_checkout(packages: Path, tmp_path: Path) -> None:
    [wheel] = packages.glob("*.whl")
    target = tmp_path / "site"
    run(
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--target",
        str(target),
        str(wheel),
        cwd=tmp_path,
    )
    program = """
import gradcli.cli, sys
print(gradcli.__file__)
code = gradcli.cli.main()
print("lark" in sys.modules)
sys.exit(code)
"""
    command = ["-c", program, "grad", "x1*x2+sin(x1)", "--x1", "2", "--x2", "3"]
    printed = run(
        sys.executable, *command, cwd=tmp_path, PYTHONPATH=str(target), XDG_CACHE_HOME=str(tmp_path / "cache")
    )
    assert printed.startswith(str(target))
    assert printed.endswith("False\n")  # the table of the grammar is in the wheel
    assert not (tmp_path / "cache").exists()
    assert "6.909297426825682" in printed
    assert "2.5838531634528574" in printed


def test_the_wheel_holds_the_grammar_its_table_the_types_and_nothing_else(packages: Path) -> None:
    [wheel] = packages.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    for grammar in ("expression", "latex"):
        assert f"gradcli/grammars/{grammar}.lark" in names
        assert f"gradcli/grammars/{grammar}.table" in names
    assert "gradcli/py.typed" in names
    assert {"gradcli/pages/assets/page.css", "gradcli/pages/assets/page.js"} <= {*names}
    assert {str(path.relative_to(ROOT)) for path in stubs()} <= {*names}
    assert {name.split("/")[0].split("-")[0] for name in names} == {"gradcli"}
    pages = {Path(name).name: zipfile.ZipFile(wheel).read(name).decode() for name in names if "/share/man/" in name}
    assert pages == man_pages()


def test_the_sdist_holds_the_tests_and_builds_the_same_wheel(packages: Path, tmp_path: Path) -> None:
    [sdist] = packages.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    [source] = tmp_path.glob("gradcli-*")
    assert (source / "tests" / "test_packaging.py").is_file()
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path), cwd=source)
    [wheel] = packages.glob("*.whl")
    [again] = tmp_path.glob("*.whl")
    assert zipfile.ZipFile(again).namelist() == zipfile.ZipFile(wheel).namelist()


def test_every_dependency_has_a_lower_bound_and_only_private_parts_an_upper_one() -> None:
    tomllib = pytest.importorskip("tomllib", reason="a module of Python 3.11")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [one for name, some in project["optional-dependencies"].items() if name != "peers" for one in some]
    outside = [one for one in project["dependencies"] + extras if not one.startswith("gradcli[")]
    assert [one for one in outside if ">=" not in one] == []
    assert [re.split(r"\W", one)[0] for one in outside if "<" in one] == ["lark"]


def test_the_citation_names_the_version() -> None:
    assert f"\nversion: {gradcli.__version__}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
