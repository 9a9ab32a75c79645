"""Who may import whom, and what may not be imported to start: the picture of docs/architecture.md, held by a test."""

from __future__ import annotations

import ast
import io
import re
import subprocess
import sys
import tokenize
from collections import defaultdict
from pathlib import Path

import pytest

from gradcli.primitives import REGISTRY
from tests.support.imports import (
    ROOMS,
    ROWS,
    allowed,
    arrows_against_the_order,
    circles,
    file_arrows,
    files,
    imported_by,
    imports,
    names_looked_up,
    room_of,
)
from tests.support.loops import for_each
from tests.support.paths import PACKAGE, ROOT

#: What is loaded by a name in a string: tables of names, an optional package, and the look-ups against the order of the
#: rooms, for the pictures of a value and of a run in a notebook.
LOOKED_UP = {
    ("cli/catalogue.py", "f'gradcli.cli.commands.{name}'"),
    ("eager/value.py", "'gradcli.draw'"),
    ("train/run.py", "'gradcli.draw'"),
    ("execute/kernel.py", "'llvmlite.binding'"),
    ("primitives/__init__.py", "f'gradcli.primitives.families.{file}'"),
    ("nn/__init__.py", "f'gradcli.nn.{name}'"),
    ("train/__init__.py", "f'gradcli.train.{home}'"),
}

#: Optional or slow packages -> the rooms that may import them.
OWNERS = {
    "lark": {"language"},
    "typer": {"cli"},
    "click": {"cli"},
    "rich": {"cli", "draw"},
    "graphviz": {"draw"},
    "pygraphviz": {"draw"},
    "matplotlib": {"draw"},
    "onnx": {"export"},
    "pyarrow": {"tables"},
    "safetensors": {"torch", "train"},
    "mlx": {"primitives"},
    "IPython": {"cli"},
    "numpy": {
        "array_types",
        "cli",
        "draw",
        "eager",
        "evaluate",
        "execute",
        "export",
        "nn",
        "optim",
        "pages",
        "primitives",
        "tables",
        "train",
    },
    "scipy": {"evaluate", "optim", "primitives"},
    "llvmlite": {"execute"},
    "distributed": {"jobs"},
    "prompt_toolkit": {"cli"},
    "mpmath": set(),
    "sympy": set(),
    "torch": set(),
    "jax": set(),
}


PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def test_every_file_stands_in_a_room() -> None:
    assert {room_of(path.relative_to(PACKAGE).as_posix()) for path in files()} == set(ROOMS)


def test_a_room_is_a_folder_and_in_the_lowest_row_a_file() -> None:
    folders = {room for room in ROOMS if (PACKAGE / room).is_dir()}
    assert folders == set(ROOMS) - set(ROWS[0])


def test_the_picture_of_the_architecture_page_has_the_rows_of_rooms() -> None:
    boxes = re.split("^[┌├└].*[┐┤┘]$", PAGE.partition("```")[2].partition("```")[0], flags=re.MULTILINE)
    rows = [re.findall(r"(?:│ |, )([a-z_]+)(?=  |,)", box.splitlines()[1]) for box in boxes if box.strip()]
    assert [tuple(room for room in row if room in ROOMS) for row in rows] == [*reversed(ROWS)]


def test_a_room_imports_only_rooms_of_lower_rows_and_in_the_lowest_row_those_on_its_left() -> None:
    """Imports inside functions and those for type checkers count."""
    assert arrows_against_the_order() == []


def test_only_these_modules_are_looked_up_by_a_name_in_a_string() -> None:
    assert names_looked_up() == LOOKED_UP


def test_only_pictures_in_notebooks_are_looked_up_against_the_order() -> None:
    rooms = {(room_of(path), found[1]) for path, name in LOOKED_UP if (found := re.search(r"gradcli\.(\w+)", name))}
    upward = {(room, other) for room, other in rooms if other not in (room, *allowed(room))}
    assert upward == {("eager", "draw"), ("train", "draw")}


def test_the_table_of_the_architecture_page_has_every_room_where_to_start_and_its_arrows() -> None:
    rows = re.findall(r"^\| `(\w+)` \|.*\| ([^|]*) \| ([\w, ]+) \|$", PAGE, re.MULTILINE)
    assert [(room, imported) for room, _, imported in rows] == [(room, imported_by(room)) for room in ROOMS]
    missing = [
        (room, name)
        for room, starts, _ in rows
        for name in re.findall(r"`([\w/]+\.py)`", starts)
        if not (PACKAGE / room / name).is_file()
    ]
    assert missing == []


def test_files_import_each_other_in_no_circle() -> None:
    assert circles(file_arrows()) == []


def test_circles_are_found() -> None:
    arrows = {"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": {"e"}, "e": {"d"}, "f": {"a"}}
    assert sorted(circles(arrows)) == [["a", "b", "c"], ["d", "e"]]


def test_no_two_files_have_one_name() -> None:
    """A file says by its name what is in it, without its folder; a command's file is named as the command."""
    places = defaultdict(set)
    for path in files():
        if path.name != "__init__.py" and path.parent.name != "commands":
            places[path.name].add(path.relative_to(PACKAGE).as_posix())
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


#: The files without a test at their path -> the test that they have instead, and why.
TESTED_ELSEWHERE = {
    "__init__.py": ("tests/test_public_api.py", "the public names"),
    "__main__.py": ("tests/cli/test_app.py", "each of its tests runs `python -m gradcli`"),
    "cli/__init__.py": ("tests/cli/test_app.py", "the same, by the name of the program"),
    "cli/command.py": ("tests/cli/test_application.py", "the tuples that a command is declared and called with"),
    "draw/__init__.py": ("tests/draw/test_notebook.py", "the drawings of notebooks"),
    "export/__init__.py": ("tests/export/test_exporters.py", "what all exporters share"),
    "nn/__init__.py": ("tests/nn/test_lazy_names.py", "names that are loaded when they are used"),
    "optim/__init__.py": ("tests/test_public_api.py", "a class for each entry of a table"),
    "primitives/__init__.py": ("tests/primitives/test_registry.py", "functions are declared when it is imported"),
    "primitives/backends/__init__.py": ("tests/primitives/backends/test_backend.py", "the table of array libraries"),
    "torch/__init__.py": ("tests/torch/test_programs.py", "programs of PyTorch with another import"),
    "train/__init__.py": ("tests/train/test_imports.py", "names that are loaded when they are used"),
    "tables/reader.py": ("tests/tables/test_formats.py", "what each reader and writer of a format inherits"),
}


def test_every_file_has_its_test_at_its_path() -> None:
    """The test of gradcli/a/b.py is tests/a/test_b.py; an `__init__.py` without a function needs none."""

    def defines(path: Path, prefix: str = "") -> bool:
        nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        return any(isinstance(node, ast.FunctionDef) and node.name.startswith(prefix) for node in nodes)

    expected = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE)
        if path.name != "__init__.py" or defines(path):
            expected[name.as_posix()] = ROOT / "tests" / name.parent / f"test_{name.stem}.py"
    without = {name for name, test in expected.items() if not (test.is_file() and defines(test, "test_"))}
    assert without == set(TESTED_ELSEWHERE)
    for test, _ in TESTED_ELSEWHERE.values():
        assert defines(ROOT / test, "test_"), test


def test_tests_find_what_they_share_by_its_name() -> None:
    """What tests share is in tests/support; no test imports another, or changes where modules are looked for."""
    for path in (ROOT / "tests").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        has_a_path = "sys.path" in text or "addsitedir" in text
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in ("tests", "conftest"):
                assert (node.module or "").startswith("tests.support."), path
            if has_a_path and isinstance(node, (ast.Assign, ast.Call)):
                assert not ast.unparse(node).startswith(("sys.path = ", "sys.path.", "site.addsitedir")), path


@pytest.mark.parametrize("package", OWNERS)
def test_an_outside_package_is_imported_only_by_its_room(package: str) -> None:
    users = {room_of(one.path) for one in imports() if not one.is_for_types and one.module.split(".")[0] == package}
    assert users <= OWNERS[package]


#: Files that are imported only inside functions or for types -> the outside package that each may import at once.
LATE = {
    "array_types.py": "numpy",
    "eager/tensor_text.py": "numpy",
    "train/data/expression_data.py": "numpy",
    "train/data/selection.py": "numpy",
    "train/engines/jit_runner.py": "numpy",
    "train/model/design.py": "numpy",
    "draw/notebook.py": "graphviz",
    "cli/application.py": "typer",
}


def test_outside_packages_are_imported_only_inside_functions() -> None:
    at_once = [one for one in imports() if not one.is_inside_a_function and not one.is_for_types]
    early = [one for one in at_once if one.module.split(".")[0] in {*OWNERS} - {LATE.get(one.path)}]
    assert early == []
    late = {f"gradcli.{path.removesuffix('.py').replace('/', '.')}" for path in LATE}
    assert [one for one in at_once if one.module in late] == []


SLOW = (
    "lark",
    "numpy",
    "rich",
    "graphviz",
    "pygraphviz",
    "scipy",
    "matplotlib",
    "safetensors",
    "llvmlite",
    "typer",
    "click",
    "prompt_toolkit",
)


@pytest.mark.parametrize(
    "code",
    [
        "import gradcli",
        "import gradcli; gradcli.parse('x^2*sin(x)')(x=2)",
        "import gradcli; gradcli.parse('x^2*sin(x)').gradient(x=2)",
        "import gradcli; str(gradcli.parse('x^2*sin(x)').derivative('x', 3))",
        "import gradcli; gradcli.grad(lambda x: x**2)(2.0)",
        "import gradcli; (gradcli.Value(2.0) * 3).backward()",
        "import gradcli; gradcli.nn.MLP(2, [3, 1])([1.0, 2.0]).backward()",
    ],
)
def test_nothing_slow_is_imported_by(code: str) -> None:
    script = f"import sys; {code}; print(*sorted({{name.split('.')[0] for name in sys.modules}} & {set(SLOW)!r}))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_importing_the_package_imports_no_room() -> None:
    script = "import sys, gradcli; print(*sorted(name for name in sys.modules if name.startswith('gradcli')))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["gradcli"]


#: The files that work with every function alike -> the functions that each is made of itself.  Signs such as + and √
#: are notation: the registry says which functions they are for.  So are a logarithm to a base, n!, ψ and Γ, and the
#: kinds of words on paper (a power, a fraction, a sign).
FUNCTIONS_NAMED: dict[str, set[str]] = {
    **{f"language/{path.name}": set() for path in PACKAGE.glob("language/*.py")},
    # Words that stand between operands in other languages.
    "language/dialects.py": {"div", "mod"},
    "language/parsed.py": {"pow", "sub"},
    "language/function_names.py": {"log"},
    "language/instructions.py": {"factorial"},
    # The functions that LaTeX has a notation for: e^x, |x|, a row, cases, and the polygamma functions.
    "language/latex_instructions.py": {"polygamma", "where", "zeta_derivative"},
    "language/latex_names.py": set(),
    "language/latex_operands.py": {"exp", "ln"},
    "language/readings.py": {"beta", "fraction", "gamma", "power", "psi", "sign", "zeta"},
    "language/syntax_errors.py": {"if"},
    "graph/graph.py": {"guard"},
    "graph/rule.py": {"guard"},
    "graph/differentiate.py": {"div", "guard", "logical_and", "logical_or", "not_equal", "pow", "where"},
}


def functions_named(text: str) -> set[str]:
    """Return the functions that a module names, in a string or as an attribute of `functions`."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)
        elif isinstance(node, ast.Attribute) and ast.unparse(node.value) in ("f", "functions"):
            found.add(node.attr)
    return {name for name in found if name.isidentifier() and name in REGISTRY.spelled}


@for_each("path", FUNCTIONS_NAMED)
def test_a_file_that_works_with_every_function_names_only_those_that_it_is_made_of(path: str) -> None:
    assert functions_named((PACKAGE / path).read_text(encoding="utf-8")) == FUNCTIONS_NAMED[path]


@pytest.mark.parametrize("line", ["f.tanh(x)", "functions.tanh", "name == 'tanh'", "{'x', 'tanh'}", "REGISTRY['tanh']"])
def test_a_planted_function_is_found(line: str) -> None:
    assert functions_named(f"# sin\n{line}") == {"tanh"}


#: The most lines of code in a file.
MOST_LINES = 450


def lines_of_code(text: str) -> int:
    """Return the number of lines of a module without docstrings, comments and blank lines."""
    docstrings: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(node) is not None:
            first = node.body[0]
            docstrings.update(range(first.lineno, (first.end_lineno or first.lineno) + 1))
    blank = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in blank:
            lines.update(range(token.start[0], token.end[0] + 1))
    return len(lines - docstrings)


def test_no_file_is_long() -> None:
    texts = {path.relative_to(PACKAGE).as_posix(): path.read_text(encoding="utf-8") for path in files()}
    counts = {path: lines_of_code(text) for path, text in texts.items() if len(text.splitlines()) > MOST_LINES}
    assert {path: count for path, count in counts.items() if count > MOST_LINES} == {}


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ('"""A module."""\n\n# why\nx = [\n    1,  # one\n]\n', 3),
        ('def f():\n    """Do this,\n    and that.\n    """\n    return 1\n', 2),
        ("class A:\n    text = '''\n\n    '''\n", 4),
    ],
)
def test_lines_are_counted_without_docstrings_comments_and_blank_lines(text: str, count: int) -> None:
    assert lines_of_code(text) == count
