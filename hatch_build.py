"""The table of the grammar, made when the wheel is built, so that an installed gradcli never waits for it."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class TableOfTheGrammar(BuildHookInterface[Any]):
    """Adds ``gradcli/grammars/expression.table`` to the wheel; an editable installation keeps its table in a cache."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        sys.path.insert(0, self.root)
        from gradcli.language.grammar import table_text

        self.folder = tempfile.TemporaryDirectory()
        path = Path(self.folder.name, "expression.table")
        path.write_text(table_text(), encoding="utf-8")
        build_data["force_include"][str(path)] = "gradcli/grammars/expression.table"
