"""Who may import whom, and what may not be imported to start: the picture of docs/architecture.md, held by a test."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import gradcli

PACKAGE = Path(gradcli.__file__).parent

#: Room -> the rooms that it may import.  What stands here is the whole picture; an arrow that is missing is forbidden.
ARROWS: dict[str, set[str]] = {
    "errors": {"source"},
    "source": set(),
    "cache": set(),
    "files": {"errors"},
    "primitives": {"errors"},
    "graph": {"primitives"},
    "differentiate": {"graph", "primitives"},
    "export": {"differentiate", "graph", "primitives"},
    "execute": {"cache", "differentiate", "errors", "export", "files", "graph", "primitives", "source"},
    "language": {"cache", "differentiate", "errors", "export", "graph", "primitives", "source"},
    "engine": {"differentiate", "errors", "execute", "graph", "language", "primitives", "source"},
    "nn": {"engine", "errors", "primitives"},
    "optim": {"errors", "primitives", "source"},
    "check": {"engine", "errors", "execute", "graph", "primitives"},
    "draw": {"differentiate", "engine", "errors", "execute", "export", "files", "graph", "nn", "primitives", "source"},
    "train": {
        "check", "differentiate", "engine", "errors", "execute", "export", "files", "graph", "language", "nn", "optim",
        "primitives", "source",
    },
    "tabulate": {"errors"},
    "cli": {
        "check", "differentiate", "draw", "engine", "errors", "execute", "export", "files", "graph", "language", "nn",
        "optim", "primitives", "source", "tabulate", "train",
    },
}  # fmt: skip

#: Imports inside a function, against the arrows, that are there to save a reader of the library an import.
DOCUMENTED = {
    ("language/expression.py", "execute"),  # Expression.__call__ and Expression.gradient
    ("language/expression.py", "engine"),  # the same on arrays
    ("engine/value.py", "draw"),  # Value._repr_svg_
}

#: Optional or slow packages -> the rooms that may import them.
OWNERS = {
    "lark": {"language"},
    "typer": {"cli"},
    "click": {"cli"},
    "rich": {"cli"},
    "graphviz": {"draw"},
    "pygraphviz": {"draw"},
    "matplotlib": {"train", "draw"},
    "onnx": {"train"},
    "pyarrow": {"tabulate", "train"},
    "safetensors": {"train"},
    "mlx": {"primitives"},
    "numpy": {"check", "cli", "draw", "engine", "execute", "nn", "optim", "primitives", "tabulate", "train"},
    "scipy": {"optim", "primitives"},
    "llvmlite": {"execute"},
    "mpmath": set(),
    "sympy": set(),
    "torch": set(),
    "jax": set(),
}


class Import(NamedTuple):
    path: str
    line: int
    module: str
    is_inside_a_function: bool


def _is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def _imports(path: Path) -> Iterator[Import]:
    """Every import that runs; those for type checkers don't."""
    name = path.relative_to(PACKAGE).as_posix()
    stack: list[tuple[ast.AST, bool]] = [(ast.parse(path.read_text(encoding="utf-8")), False)]
    while stack:
        node, inside = stack.pop()
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(name, node.lineno, alias.name, inside)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name}:{node.lineno}: imports are absolute"
            if node.module == "gradcli":
                for alias in node.names:
                    yield Import(name, node.lineno, f"gradcli.{alias.name}", inside)
            else:
                yield Import(name, node.lineno, str(node.module), inside)
        if _is_type_checking(node):
            stack.extend((child, inside) for child in node.orelse)  # type: ignore[attr-defined]
            continue
        inside = inside or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        stack.extend((child, inside) for child in ast.iter_child_nodes(node))


FILES = sorted(path for path in PACKAGE.rglob("*.py") if path.parent != PACKAGE or not path.name.startswith("__"))
IMPORTS = [found for path in FILES for found in _imports(path)]


def room_of(path: str) -> str:
    return path.split("/")[0].removesuffix(".py")


def test_every_file_stands_in_a_room() -> None:
    assert {room_of(path.relative_to(PACKAGE).as_posix()) for path in FILES} == set(ARROWS)


def test_the_arrows_have_no_circle() -> None:
    remaining = {room: set(targets) for room, targets in ARROWS.items()}
    while remaining:
        free = [room for room, targets in remaining.items() if not targets & set(remaining)]
        assert free, f"a circle among {sorted(remaining)}"
        for room in free:
            del remaining[room]


@pytest.mark.parametrize("room", ARROWS)
def test_no_arrow_runs_the_wrong_way_from(room: str) -> None:
    wrong = []
    for one in IMPORTS:
        if room_of(one.path) != room or not one.module.startswith("gradcli."):
            continue
        target = one.module.split(".")[1]
        if target not in ARROWS or target == room or target in ARROWS[room]:
            continue
        if one.is_inside_a_function and (one.path, target) in DOCUMENTED:
            continue
        wrong.append(f"{one.path}:{one.line} imports {one.module}")
    assert wrong == []


def test_every_documented_exception_is_still_there() -> None:
    found = {(one.path, one.module.split(".")[1]) for one in IMPORTS if one.module.startswith("gradcli.")}
    assert found >= DOCUMENTED


@pytest.mark.parametrize("package", OWNERS)
def test_an_outside_package_is_imported_only_by_its_room(package: str) -> None:
    users = {room_of(one.path) for one in IMPORTS if one.module.split(".")[0] == package}
    assert users <= OWNERS[package]


def test_outside_packages_are_imported_only_inside_functions() -> None:
    slow = set(OWNERS) - {"graphviz"}  # which draw/notebook.py needs, itself imported only there
    early = [one for one in IMPORTS if one.module.split(".")[0] in slow and not one.is_inside_a_function]
    assert early == []


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
