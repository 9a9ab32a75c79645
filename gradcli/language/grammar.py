"""The LALR tables of the grammars, made by Lark when the package is built.

There are two grammars, of the expression language and of LaTeX: ``grammars/expression.lark`` and ``latex.lark``.
Making a table takes longer than everything else that a command does, so each table is kept in a file.
``hatch_build.py`` puts these files into the wheel; for a checkout they are in the user's cache folder, under names that
change with the grammars.  If a file exists, Lark is not even imported.  A file is text and not a pickle, because
reading a table must never run code.  If a file is damaged, belongs to another grammar or can't be read or written, the
command only takes longer.

All paths are strings here, because importing `pathlib` would take longer than reading the table.
"""

from __future__ import annotations

import os
import zlib
from contextlib import suppress
from typing import Any, Final

from gradcli.cache import cache_folder
from gradcli.records import NamedTuple

__all__ = [
    "BLANK",
    "END",
    "GRAMMARS",
    "JUXTAPOSED",
    "UNKNOWN",
    "GrammarRule",
    "ParseTable",
    "grammar_text",
    "load_table",
    "table_text",
]

#: The names of the grammars.
GRAMMARS: Final = ("expression", "latex")
OPTIONS: Final[dict[str, Any]] = {"parser": "lalr", "lexer": "basic", "maybe_placeholders": False}

#: White space, the end of the text, and any character that the grammar doesn't name.
BLANK, END, UNKNOWN = "BLANK", "$END", "UNKNOWN"
#: The symbol of a product without a sign, which no text matches: the parser itself puts it between two tokens.
JUXTAPOSED: Final = "JUXTAPOSED"

#: The version of the form of the file: a file of another version is not read.
_FORM: Final = 3

#: The code of the character of no action: those of all actions are letters of the CJK block, none of which is special.
_NO_ACTION: Final = 0x6000


class GrammarRule(NamedTuple):
    """A rule of the grammar: its meaning, how many symbols it has, and the number of the symbol that results.

    A rule of one symbol that only renames this symbol has no meaning.
    """

    meaning: str | None
    length: int
    symbol: int


class ParseTable(NamedTuple):
    """The table, with numbers for symbols and states.

    Attributes:
        pattern: a regular expression; its group n matches the symbol n, and together they match any text.
        ascii_pattern: the same for texts of ASCII alone.  Python compiles it in a third of the time.
        symbols: the names of all symbols: number 0 is not used; then come the symbols of the text, `JUXTAPOSED`, and
            the symbols that rules make.
        rules: the rules.
        actions: for each state and symbol: 0 for an error, n + 1 to go to state n, ``~n`` to reduce by rule n.
    """

    pattern: str
    ascii_pattern: str
    symbols: list[str]
    rules: list[GrammarRule]
    actions: list[list[int]]


def grammar_text(name: str = "expression") -> str:
    """Return the text of a grammar, one of `GRAMMARS`."""
    return _grammar(name)[1]


def load_table(name: str = "expression") -> ParseTable:
    """Return the table of a grammar, one of `GRAMMARS`: from the package, from the cache, or from Lark."""
    folder, grammar = _grammar(name)
    cache = cache_folder()
    cached = cache and f"{cache}/{name}-{_checksum(grammar)}.table"
    table = _read(f"{folder}/{name}.table", grammar) or (_read(cached, grammar) if cached else None)
    if table is None:
        table = _build(grammar)
        if cached:
            _write(cached, _text(table, grammar))
    return table


def table_text(name: str = "expression") -> str:
    """Return the content of the file of a table: a checksum, the patterns, the symbols, the rules, and the actions.

    The actions of each state are one line, with one character for each action.  Number 0 is `_NO_ACTION`, and number n
    is the character n places after `_NO_ACTION` in Unicode.  In all other lines, blanks separate the parts.
    """
    grammar = grammar_text(name)
    return _text(_build(grammar), grammar)


def _grammar(name: str) -> tuple[str, str]:
    """Return the folder of the grammars, and the text of one of them.

    The folder is in the installed package or, in a checkout, next to the package.
    """
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120
    for place in (package, os.path.dirname(package)):  # noqa: PTH120
        try:
            with open(f"{place}/grammars/{name}.lark", encoding="utf-8") as file:  # noqa: PTH123
                return f"{place}/grammars", file.read()
        except FileNotFoundError:
            continue
    raise FileNotFoundError(f"grammars/{name}.lark is missing from the installation")


def _text(table: ParseTable, grammar: str) -> str:
    rules = [f"{rule.meaning or '-'} {rule.length} {rule.symbol}" for rule in table.rules]
    lines = [table.pattern, table.ascii_pattern, " ".join(table.symbols[1:]), " ".join(rules)]
    lines += ["".join([chr(_NO_ACTION + action) for action in row]) for row in table.actions]
    text = "\n".join(lines)
    return f"{_checksum(grammar + text)}\n{text}"


def _read(path: str, grammar: str) -> ParseTable | None:
    """Return the table in a file, or None if there is none for this grammar."""
    if not os.path.isfile(path):  # noqa: PTH113  (a pipe of that name would be waited for)
        return None
    try:
        with open(path, encoding="utf-8") as file:  # noqa: PTH123
            checksum, _, text = file.read().partition("\n")
        if checksum != _checksum(grammar + text):
            return None
        pattern, ascii_pattern, names, words, *rows = text.split("\n")
        parts = words.split(" ")
        table = ParseTable(
            pattern,
            ascii_pattern,
            ["", *names.split(" ")],
            [
                GrammarRule(None if meaning == "-" else meaning, int(length), int(symbol))
                for meaning, length, symbol in zip(parts[::3], parts[1::3], parts[2::3], strict=True)
            ],
            [[ord(character) - _NO_ACTION for character in row] for row in rows],
        )
    except (OSError, ValueError):
        return None
    return table if _is_sound(table) else None


def _is_sound(table: ParseTable) -> bool:
    """Whether every number in a table that was read is in range."""
    width, states, rules = len(table.symbols), len(table.actions), len(table.rules)
    return (
        {END, UNKNOWN, BLANK} <= set(table.symbols)
        and all(0 <= rule.symbol < width and 0 <= rule.length < width for rule in table.rules)
        and all(len(row) == width and -rules <= min(row) and max(row) <= states for row in table.actions)
    )


def _write(path: str, text: str) -> None:
    temporary = f"{path}.{os.getpid()}"
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120
        with open(temporary, "w", encoding="utf-8") as file:  # noqa: PTH123
            file.write(text)
        os.replace(temporary, path)  # noqa: PTH105
    except OSError:
        return
    finally:
        with suppress(OSError):  # which is the rule: it has its new name
            os.unlink(temporary)  # noqa: PTH108


def _checksum(text: str) -> str:
    return f"{zlib.crc32(f'{_FORM} {text}'.encode()):08x}"


def _build(grammar: str) -> ParseTable:
    """Make the table with Lark: the terminals, in the order in which Lark's lexer tries them, and the states."""
    import lark

    parser = lark.Lark(grammar, **OPTIONS)
    frontend: Any = parser.parser
    terminals = frontend.lexer.terminals
    patterns = [(one.name, one.pattern.to_regexp()) for one in terminals]
    patterns += [(END, r"\Z"), (UNKNOWN, r"[\s\S]")]
    origins = dict.fromkeys(str(rule.origin.name) for rule in parser.rules)
    symbols = ["", *[name for name, _ in patterns], JUXTAPOSED, *origins]
    number = {name: place for place, name in enumerate(symbols)}
    rules = []
    for rule in parser.rules:
        passes_on = rule.alias is None and rule.options.expand1 and len(rule.expansion) == 1
        meaning = None if passes_on else str(rule.alias or rule.origin.name)
        rules.append(GrammarRule(meaning, len(rule.expansion), number[rule.origin.name]))
    rule_number = {rule: place for place, rule in enumerate(parser.rules)}
    table = frontend.parser._parse_table
    # Lark's numbers of states differ from run to run; these follow from the ways out of the first state, number 0.
    (first,), (last,) = table.start_states.values(), table.end_states.values()
    states, state_number = [first], {first: 0}
    for state in states:
        for name in sorted(table.states[state], key=number.__getitem__):
            target = table.states[state][name][1]
            if not isinstance(target, lark.grammar.Rule) and target not in state_number:
                state_number[target] = len(states)
                states.append(target)
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
    pattern = "|".join(f"({pattern})" for _, pattern in patterns)
    return ParseTable(pattern, _for_ascii(pattern), symbols, rules, actions)


def _for_ascii(pattern: str) -> str:
    r"""Return a regular expression without its characters beyond ASCII, which match nothing in a text of ASCII.

    >>> _for_ascii(r"(\[)|([^\Wⁿ⅐-↋]+)|(and|∧)|([√∛])")
    '(\\[)|([^\\W]+)|(and|(?!))|((?!))'
    """
    import re

    def of_class(match: re.Match[str]) -> str:
        kept = re.sub(r"[^\0-\x7f](?:-[^\0-\x7f])?", "", match[0])
        return "(?!)" if kept == "[]" else kept

    return re.sub(r"[^\0-\x7f]", "(?!)", re.sub(r"\\.|\[(?:\\.|[^\\\]])+\]", of_class, pattern))
