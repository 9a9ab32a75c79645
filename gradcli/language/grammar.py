"""The Lark parser of the grammar, and its table in the user's cache folder.

Building the LALR table takes longer than everything else that a command does, so it is kept as JSON, under a name that
changes with the grammar and with Lark.  JSON and not pickle: reading a cache must never run code.  A cache that can't
be read or written costs time and nothing else.
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
        root = Path(base) if base else Path.home() / ".cache"
    return root / "gradcli"


def _numbered(pairs: dict[str, Any]) -> dict[Any, Any]:
    """JSON has no integer keys; the table has."""
    return {int(key) if key.isdigit() else key: value for key, value in pairs.items()}


def _read(path: Path) -> tuple[Any, Any] | None:
    try:
        data, memo = json.loads(path.read_text(encoding="utf-8"), object_hook=_numbered)
    except (OSError, ValueError, TypeError):
        return None
    return data, memo


def _write(path: Path, parser: lark.Lark) -> None:
    text = json.dumps(parser.memo_serialize([TerminalDef, Rule]))
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(path)
    except OSError:
        return


def load_parser(transformer: Any) -> lark.Lark:
    """The parser of expressions, which hands every reduction to a method of ``transformer``."""
    text = grammar_text()
    version = zlib.crc32(f"{lark.__version__} {sys.version_info[:2]} {text}".encode())
    try:
        path = _cache_folder() / f"expression-{version:08x}.json"
    except RuntimeError:  # there is no home folder
        return lark.Lark(text, transformer=transformer, **_OPTIONS)
    cached = _read(path)
    if cached is not None:
        data, memo = cached
        try:
            parser: lark.Lark = lark.Lark._load_from_dict(data, memo, transformer=transformer)  # type: ignore[no-untyped-call]
            return parser
        except (AttributeError, KeyError, TypeError, ValueError):
            pass  # a damaged file: build the table anew
    _write(path, lark.Lark(text, **_OPTIONS))
    return lark.Lark(text, transformer=transformer, **_OPTIONS)
