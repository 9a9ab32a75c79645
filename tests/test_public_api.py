"""The public interface: every name loads, is documented, and is known to type checkers under the same name."""

from __future__ import annotations

import ast
import importlib
import inspect
from pathlib import Path

import pytest

import gradcli
from gradcli import _HOMES
from tests.support.loops import for_each

PUBLIC = [name for name in gradcli.__all__ if name != "__version__"]


@for_each("name", PUBLIC)
def test_every_public_name_loads_and_is_documented(name: str) -> None:
    found = getattr(gradcli, name)
    assert inspect.getdoc(found)
    home = _HOMES[name]
    expected = importlib.import_module(f"gradcli.{name}") if home == "gradcli" else None
    assert found is (expected or getattr(importlib.import_module(home), name))
    assert getattr(gradcli, name) is found  # from now on without a detour


def test_what_type_checkers_see_is_the_table_of_lazy_names() -> None:
    tree = ast.parse(Path(gradcli.__file__).read_text(encoding="utf-8"))
    seen: dict[str, str] = {}
    for block in tree.body:
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING":
            for statement in block.body:
                assert isinstance(statement, ast.ImportFrom)
                for alias in statement.names:
                    assert alias.asname == alias.name, "a re-export says `import name as name`"
                    seen[alias.name] = str(statement.module)
    assert seen == _HOMES


def test_all_is_the_table_and_the_version() -> None:
    assert gradcli.__all__ == ["__version__", *sorted(_HOMES)]
    assert set(gradcli.__all__) <= set(dir(gradcli))
    assert gradcli.__version__.count(".") == 2


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'gradcli' has no attribute 'sni'"):
        gradcli.sni  # noqa: B018


def test_every_name_that_a_room_exports_exists() -> None:
    for path in sorted(Path(gradcli.__file__).parent.rglob("*.py")):
        if path.name == "__main__.py":
            continue
        parts = path.relative_to(Path(gradcli.__file__).parent.parent).with_suffix("").parts
        module = importlib.import_module(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
        assert module.__doc__, path
        for name in getattr(module, "__all__", ()):
            assert hasattr(module, name), f"{path}: {name}"


def test_every_exported_function_and_class_is_documented() -> None:
    missing = []
    for room in (
        "errors",
        "source",
        "graph",
        "graph.differentiate",
        "evaluate.answers",
        "evaluate.check",
        "evaluate.expression",
        "evaluate.gradcheck",
        "evaluate.notes",
        "evaluate.point",
        "execute.tape",
        "printing.latex",
        "graph.simplify",
        "printing.text",
        "tables.cells",
        "tables.formats",
        "tables.grid",
        "tables.mapping",
        "tables.prefetch",
        "tables.table",
        "eager.transforms",
        "eager.value",
        "nn",
        "optim",
    ):
        module = importlib.import_module(f"gradcli.{room}")
        for name in module.__all__:
            found = getattr(module, name)
            if callable(found) and not inspect.getdoc(found):
                missing.append(f"{room}.{name}")
    assert missing == []


def test_the_package_is_typed() -> None:
    assert (Path(gradcli.__file__).parent / "py.typed").is_file()
