"""Programs of plain Python."""

from __future__ import annotations

import ast
from pathlib import Path

from gradcli.export import (
    source_of,
)
from tests.support.exported import (
    MODELS,
)


def test_plain_python_imports_math_alone(tmp_path: Path) -> None:
    for checkpoint in (make_net() for make_net in MODELS.values()):
        tree = ast.parse(source_of(checkpoint, "python"))
        found = [node for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom))]
        assert {alias.name for node in found for alias in node.names} <= {"math"}
