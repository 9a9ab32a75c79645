"""The LALR table of the grammar, made by Lark and kept in the user's cache folder.

Building the table takes longer than everything else that a command does, so it is kept as JSON, under a name that
changes with the grammar; where it is found, Lark is not even imported.  JSON and not pickle: reading a cache must never
run code.  A cache that can't be read or written, or whose check sum is wrong, costs time and nothing else.

All paths are text here: to import `pathlib` would cost more than to read the table.
"""

from __future__ import annotations

import json
import os
import zlib
from contextlib import suppress
from typing import Any, Final, NamedTuple

from gradcli.cache import cache_folder

__all__ = ["BLANK", "END", "UNKNOWN", "Rule", "Table", "grammar_text", "load_table"]

OPTIONS: Final[dict[str, Any]] = {"parser": "lalr", "lexer": "basic", "maybe_placeholders": False}

#: White space, and what the grammar does not name: the end of the text, and any other character.
BLANK, END, UNKNOWN = "BLANK", "$END", "UNKNOWN"

#: To be changed with the form of the table, so that tables of another form are not read.
_FORM: Final = 1


class Rule(NamedTuple):
    """A rule of the grammar: what it means, how many symbols it has, and the number of the symbol that it makes.

    A rule that only passes its one symbol on means nothing.
    """

    meaning: str | None
    length: int
    symbol: int


class Table(NamedTuple):
    """The table, with numbers for symbols and states.

    Attributes:
        pattern: a regular expression; its group n matches the symbol n, and together they match any text.
        symbols: the names of all symbols, those of the text first; number 0 is none.
        rules: the rules.
        actions: for each state and symbol: 0 for an error, n + 1 to go to state n, ``~n`` to reduce by rule n.
    """

    pattern: str
    symbols: list[str]
    rules: list[Rule]
    actions: list[list[int]]


def grammar_text() -> str:
    """The grammar: inside the installed package, or beside the package in a checkout."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120
    for folder in (package, os.path.dirname(package)):  # noqa: PTH120
        try:
            with open(f"{folder}/grammars/expression.lark", encoding="utf-8") as file:  # noqa: PTH123
                return file.read()
        except FileNotFoundError:
            continue
    raise FileNotFoundError("grammars/expression.lark is missing from the installation")


def _read(path: str) -> str | None:
    """The table in a cache file: its first line is the check sum of the others."""
    try:
        with open(path, encoding="utf-8") as file:  # noqa: PTH123
            checksum, _, table = file.read().partition("\n")
    except (OSError, ValueError):
        return None
    return table if checksum == _checksum(table) else None


def _write(path: str, table: str) -> None:
    temporary = f"{path}.{os.getpid()}"
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120
        with open(temporary, "w", encoding="utf-8") as file:  # noqa: PTH123
            file.write(f"{_checksum(table)}\n{table}")
        os.replace(temporary, path)  # noqa: PTH105
    except OSError:
        return
    finally:
        with suppress(OSError):  # which is the rule: it has its new name
            os.unlink(temporary)  # noqa: PTH108


def _checksum(text: str) -> str:
    return f"{zlib.crc32(text.encode()):08x}"


def load_table() -> Table:
    """The table of the grammar of expressions, from the cache or from Lark."""
    grammar = grammar_text()
    folder = cache_folder()
    path = folder and f"{folder}/expression-{_checksum(f'{_FORM} {grammar}')}.json"
    text = _read(path) if path else None
    if text is None:
        text = json.dumps(_build(grammar), separators=(",", ":"), ensure_ascii=False)
        if path:
            _write(path, text)
    pattern, symbols, rules, actions = json.loads(text)
    return Table(pattern, symbols, [Rule(*rule) for rule in rules], actions)


def _build(grammar: str) -> Table:
    """The table by Lark: its terminals in the order in which its own lexer tries them, and its states."""
    import lark

    parser = lark.Lark(grammar, **OPTIONS)
    frontend: Any = parser.parser
    terminals = frontend.lexer.terminals
    patterns = [(one.name, one.pattern.to_regexp()) for one in terminals]
    patterns += [(END, r"\Z"), (UNKNOWN, r"[\s\S]")]
    origins = dict.fromkeys(str(rule.origin.name) for rule in parser.rules)
    symbols = ["", *[name for name, _ in patterns], *origins]
    number = {name: place for place, name in enumerate(symbols)}
    rules = []
    for rule in parser.rules:
        passes_on = rule.alias is None and rule.options.expand1 and len(rule.expansion) == 1
        meaning = None if passes_on else str(rule.alias or rule.origin.name)
        rules.append(Rule(meaning, len(rule.expansion), number[rule.origin.name]))
    rule_number = {rule: place for place, rule in enumerate(parser.rules)}
    table = frontend.parser._parse_table
    # The first state becomes number 0, and the last one accepts the end.
    (first,), (last,) = table.start_states.values(), table.end_states.values()
    states = [first, *[state for state in table.states if state != first]]
    state_number = {state: place for place, state in enumerate(states)}
    actions = []
    for state in states:
        row = [0] * len(symbols)
        for name, (action, target) in table.states[state].items():
            is_reduction = isinstance(target, lark.grammar.Rule)
            row[number[name]] = ~rule_number[target] if is_reduction else state_number[target] + 1
            assert is_reduction == (str(action) == "Reduce")
        if state == last:
            row[number[END]] = state_number[state] + 1
        actions.append(row)
    return Table("|".join(f"({pattern})" for _, pattern in patterns), symbols, rules, actions)
