"""The Lark parser of the grammar, and its table in the user's cache folder.

Building the LALR table takes longer than everything else that a command does, so it is kept as JSON, under a name that
changes with the grammar and with Lark.  JSON and not pickle: reading a cache must never run code.  A cache that can't
be read or written, or whose check sum is wrong, costs time and nothing else.
"""

from __future__ import annotations

import json
import os
import sys
import zlib
from pathlib import Path
from typing import Any, Final

import lark
from lark.grammar import Rule
from lark.lexer import TerminalDef

__all__ = ["grammar_text", "load_parser"]

_OPTIONS: Final[dict[str, Any]] = {"parser": "lalr", "lexer": "basic", "maybe_placeholders": False}


def grammar_text() -> str:
    """The grammar: inside the installed package, or beside the package in a checkout."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package, package.parent):
        path = folder / "grammars" / "expression.lark"
        if path.is_file():
            return path.read_text(encoding="utf-8")
    raise FileNotFoundError("grammars/expression.lark is missing from the installation")


def _cache_folder() -> Path:
    """The user's own cache folder; never the shared temporary one, where another user could put a file first."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA")
        root = Path(base) if base else Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        root = Path.home() / "Library" / "Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME")
        # The specification tells to ignore relative paths.
        root = Path(base) if base and Path(base).is_absolute() else Path.home() / ".cache"
    return root / "gradcli"


def _numbered(pairs: dict[str, Any]) -> dict[Any, Any]:
    """JSON has no integer keys; the table has."""
    return {int(key) if key.isdigit() else key: value for key, value in pairs.items()}


def _read(path: Path) -> str | None:
    """The table in a cache file: its first line is the check sum of the others."""
    try:
        checksum, _, table = path.read_text(encoding="utf-8").partition("\n")
    except (OSError, ValueError):
        return None
    return table if checksum == _checksum(table) else None


def _write(path: Path, table: str) -> None:
    text = f"{_checksum(table)}\n{table}"
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(path)
    except OSError:
        return


def _checksum(text: str) -> str:
    return f"{zlib.crc32(text.encode()):08x}"


def load_parser(transformer: Any) -> lark.Lark:
    """The parser of expressions, which hands every reduction to a method of ``transformer``."""
    text = grammar_text()
    version = _checksum(f"{lark.__version__} {sys.version_info[:2]} {text}")
    try:
        path = _cache_folder() / f"expression-{version}.json"
    except RuntimeError:  # there is no home folder
        path = None
    table = None if path is None else _read(path)
    if table is None:
        table = json.dumps(lark.Lark(text, **_OPTIONS).memo_serialize([TerminalDef, Rule]))
        if path is not None:
            _write(path, table)
    data, memo = json.loads(table, object_hook=_numbered)
    parser: lark.Lark = lark.Lark._load_from_dict(data, memo, transformer=transformer)  # type: ignore[no-untyped-call]
    return parser
