"""The imports of gradcli's files, read from their text: rows of rooms, arrows and circles.

    python -m tests.support.imports

prints the rooms from the ground up with the rooms that each one imports, and every circle among files.  Imports inside
functions and those for type checkers count as well.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from tests.support.paths import PACKAGE

__all__ = [
    "ROOMS",
    "ROWS",
    "Import",
    "allowed",
    "arrows_against_the_order",
    "circles",
    "file_arrows",
    "files",
    "imported_by",
    "imports",
    "names_looked_up",
    "room_arrows",
    "room_of",
]

#: The rows of rooms in the picture of docs/architecture.md, from the ground up.
ROWS = (
    ("records", "source", "errors", "limits", "files", "cache", "jobs", "array_types", "markup"),
    ("primitives",),
    ("graph",),
    ("language", "printing", "execute"),
    ("eager",),
    ("evaluate",),
    ("tables", "nn", "optim"),
    ("train", "torch"),
    ("draw", "export"),
    ("pages",),
    ("cli",),
)
ROOMS = tuple(room for row in ROWS for room in row)


def allowed(room: str) -> tuple[str, ...]:
    """The rooms that a room may import: those of lower rows and, in the lowest row, those on its left.

    >>> allowed("errors"), allowed("execute")[-2:]
    (('records', 'source'), ('primitives', 'graph'))
    """
    row = next(row for row in ROWS if room in row)
    return ROOMS[: ROOMS.index(room if row is ROWS[0] else row[0])]


class Import(NamedTuple):
    """One import of a module.

    Attributes:
        path: the file that imports, relative to the package.
        line: its line, from 1.
        module: the full name of what is imported; of a name inside a module, the module.
        is_inside_a_function: whether it runs when a function is called, and not when the file is loaded.
        is_for_types: whether only a type checker reads it.
    """

    path: str
    line: int
    module: str
    is_inside_a_function: bool
    is_for_types: bool


def files() -> list[Path]:
    """All files of the package but those at its top that have no room: ``__init__.py`` and ``__main__.py``."""
    return sorted(path for path in PACKAGE.rglob("*.py") if path.parent != PACKAGE or not path.name.startswith("__"))


def room_of(path: str) -> str:
    """The room of a file: its first folder, or its own name."""
    return path.split("/")[0].removesuffix(".py")


@lru_cache(maxsize=1)
def _modules() -> dict[str, str]:
    """The module of each file -> its path relative to the package."""
    found = {}
    for path in PACKAGE.rglob("*.py"):
        relative = path.relative_to(PACKAGE).as_posix()
        name = relative.removesuffix(".py").removesuffix("__init__").rstrip("/").replace("/", ".")
        found[f"gradcli.{name}".rstrip(".")] = relative
    return found


def _of_file(path: Path) -> Iterator[Import]:
    name = path.relative_to(PACKAGE).as_posix()
    stack: list[tuple[ast.AST, bool, bool]] = [(ast.parse(path.read_text(encoding="utf-8")), False, False)]
    while stack:
        node, inside, for_types = stack.pop()
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(name, node.lineno, alias.name, inside, for_types)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name}:{node.lineno}: imports are absolute"
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield Import(name, node.lineno, full if full in _modules() else str(node.module), inside, for_types)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            stack.extend((child, inside, True) for child in node.body)
            stack.extend((child, inside, for_types) for child in node.orelse)
            continue
        inside = inside or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        stack.extend((child, inside, for_types) for child in ast.iter_child_nodes(node))


@lru_cache(maxsize=1)
def imports() -> tuple[Import, ...]:
    """Every import of every file."""
    return tuple(found for path in files() for found in _of_file(path))


def names_looked_up() -> set[tuple[str, str]]:
    """The (file, module) pairs of what is loaded by a name in a string, which no arrow shows."""
    found = set()
    for path in files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = getattr(node, "func", None)
            name = getattr(called, "attr", "") or getattr(called, "id", "")
            if isinstance(node, ast.Call) and name.endswith(("import_module", "__import__")):
                found.add((path.relative_to(PACKAGE).as_posix(), ast.unparse(node.args[0])))
    return found


def file_arrows() -> dict[str, set[str]]:
    """File -> the other files of the package that it imports."""
    arrows: dict[str, set[str]] = {path.relative_to(PACKAGE).as_posix(): set() for path in files()}
    for one in imports():
        target = _modules().get(one.module)
        if target is not None and target != one.path and target != "__init__.py":
            arrows[one.path].add(target)
    return arrows


@lru_cache(maxsize=1)
def room_arrows() -> dict[str, set[str]]:
    """Room -> the other rooms that it imports."""
    arrows: dict[str, set[str]] = defaultdict(set)
    for path, targets in file_arrows().items():
        arrows[room_of(path)] |= {room_of(target) for target in targets} - {room_of(path)}
    return dict(arrows)


def imported_by(room: str) -> str:
    """The rooms that a room imports, as text."""
    return ", ".join(one for one in ROOMS if one in room_arrows()[room]) or "nothing"


def circles(arrows: Mapping[str, set[str]]) -> list[list[str]]:
    """The groups of nodes that reach each other (Tarjan's strongly connected components of more than one)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    waiting: list[str] = []
    found = []
    for start in arrows:
        if start in index:
            continue
        walk = [(start, iter(sorted(arrows[start])))]
        index[start] = low[start] = len(index)
        waiting.append(start)
        while walk:
            node, targets = walk[-1]
            target = next(targets, None)
            if target is not None:
                if target not in index:
                    index[target] = low[target] = len(index)
                    waiting.append(target)
                    walk.append((target, iter(sorted(arrows.get(target, ())))))
                elif target in waiting:
                    low[node] = min(low[node], index[target])
                continue
            walk.pop()
            if walk:
                low[walk[-1][0]] = min(low[walk[-1][0]], low[node])
            if low[node] == index[node]:
                group = waiting[waiting.index(node) :]
                del waiting[waiting.index(node) :]
                if len(group) > 1:
                    found.append(sorted(group))
    return found


def arrows_against_the_order() -> list[tuple[str, str]]:
    """The pairs of a file and a file that it imports, where the room of the first may not import that of the second."""
    return [
        (path, target)
        for path, targets in file_arrows().items()
        for target in sorted(targets)
        if room_of(target) not in (room_of(path), *allowed(room_of(path)))
    ]


def main() -> None:
    """Print the house."""
    against = arrows_against_the_order()
    for number, row in enumerate(ROWS, 1):
        for room in row:
            print(f"row {number:>2}  {room:<11} <- {imported_by(room)}")
    for path, target in against:
        print(f"against the order: {path} imports {target}")
    for group in circles(file_arrows()):
        print("circle:", ", ".join(group))
    print(f"{len(file_arrows())} files, {len(ROOMS)} rooms, {len(against)} arrows against the order, ", end="")
    print(f"{len(circles(file_arrows()))} circles among files")


if __name__ == "__main__":
    main()
