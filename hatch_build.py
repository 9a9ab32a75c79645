"""Files made when the wheel is built: the tables of the grammars, so that an installed gradcli never waits for it, and
the manual pages.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class MadeFiles(BuildHookInterface[Any]):
    """Adds the tables in ``grammars/`` and pages in ``share/man/man1`` to the wheel.

    An editable installation keeps its tables in a cache, and does without the pages.
    """

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        sys.path.insert(0, self.root)
        from gradcli.cli.showing.man_pages import man_pages
        from gradcli.language.grammar import GRAMMARS, table_text

        self.folder = tempfile.TemporaryDirectory()
        for name in GRAMMARS:
            path = Path(self.folder.name, f"{name}.table")
            path.write_text(table_text(name), encoding="utf-8")
            build_data["force_include"][str(path)] = f"gradcli/grammars/{name}.table"
        for name, text in man_pages().items():
            path = Path(self.folder.name, name)
            path.write_text(text, encoding="utf-8")
            build_data["shared_data"][str(path)] = f"share/man/man1/{name}"
