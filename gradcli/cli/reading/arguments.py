"""The words of a command line, split into options, operands and values of variables before Typer sees them.

Click can't do this: with unknown options ignored, ``--x1 2 "x1*x2"`` would take ``--x1`` for the expression, and
``"-h*x"`` would print help.  `split` is a pure function of the words and of the options that the command declares.
Each word is, in this order:

* after ``--``: an operand or a binding, never an option;
* an option of the command, with its value in the same word (``--order=2``) or the next one;
* ``--NAME VALUE``, ``--NAME=VALUE`` or ``NAME=VALUE``, the value of a variable, where the command takes variables;
  where it takes no expression, NAME is a column of a table and may contain spaces and signs (``"a (cm)=2"``);
* a word that looks like an option but isn't one: an error, with a suggestion;
* an operand: the expression, which may begin with a minus, or a file.

The value of an option or variable is always the next word, unless that is itself an option or a binding.  So a
mistyped flag (``--step`` for ``--steps``) is an error in every position, and the words may come in any order.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, pairwise
from typing import Final

from gradcli.errors import UsageError
from gradcli.records import NamedTuple
from gradcli.source import did_you_mean, listed

__all__ = [
    "ANY",
    "Binding",
    "Options",
    "Split",
    "at_top_level",
    "bindings_of",
    "is_name",
    "option_suggestion",
    "refuse_two_values",
    "split",
]


#: The letters that are superscripts, so that xⁿ is a power; and what a name may have besides letters and digits.
_SUPERSCRIPTS = frozenset(chain("ⁱⁿ", map(chr, [*range(0x2B0, 0x2B9), *range(0x2E0, 0x2E5), *range(0x1D2C, 0x1D62)])))
_MARKS = frozenset(chain("_₀₁₂₃₄₅₆₇₈₉", map(chr, range(0x300, 0x370))))


#: The number of operands of a command whose last operand may be repeated.
ANY: Final = sys.maxsize


class Options(NamedTuple):
    """The options that a command declares.

    Args:
        flags: the spellings that take no value.
        valued: the spellings that take one value, each with the name of its option (``-o`` and ``--output`` are one).
        repeatable: the spellings of ``valued`` that may be given more than once.
        operands: the largest number of operands; `ANY` if the last one may be repeated.
        takes_expression: the operand is an expression, so it may begin with a minus.
        takes_variables: values of variables are allowed.
        takes_files: the operands after the first one are files, so only the first one is an expression.
    """

    flags: frozenset[str]
    valued: Mapping[str, str]
    repeatable: frozenset[str] = frozenset()
    operands: int = 1
    takes_expression: bool = True
    takes_variables: bool = True
    takes_files: bool = False

    @property
    def takes_only_expressions(self) -> bool:
        """Whether every operand is an expression."""
        return self.takes_expression and not self.takes_files

    @property
    def spellings(self) -> frozenset[str]:
        """Every spelling of every option, with ``--at`` where there are variables to set."""
        return self.flags | self.valued.keys() | ({"--at"} if self.takes_variables else set())


class Binding(NamedTuple):
    """The value of a variable, as text."""

    name: str
    text: str


class Split(NamedTuple):
    """A command line in parts: options with their values (None for a flag), operands, and values of variables."""

    options: tuple[tuple[str, str | None], ...]
    operands: tuple[str, ...]
    bindings: tuple[Binding, ...]


def split(words: Sequence[str], options: Options) -> Split:
    """Tell options, operands and the values of variables apart.

    >>> grad = Options(flags=frozenset({"--steps"}), valued={"--order": "order"})
    >>> found = split(["--x1", "2", "-x1*x2", "--order=2", "x2=-3"], grad)
    >>> found.operands, found.options
    (('-x1*x2',), (('--order', '2'),))
    >>> found.bindings
    (Binding(name='x1', text='2'), Binding(name='x2', text='-3'))

    Raises:
        UsageError: a word has no meaning, a value is missing, or something is given twice.
    """
    given: list[tuple[str, str | None]] = []
    operands: list[str] = []
    bindings: list[Binding] = []
    assignments: list[tuple[str, Binding]] = []  # NAME=VALUE: the word may be the expression itself, y = x^2
    swallowed: list[Binding] = []  # written as two words, --NAME VALUE: the name may be a mistyped flag
    position = 0
    while position < len(words):
        word = words[position]
        position += 1
        if word == "--":
            for rest in words[position:]:
                binding = _assignment(rest, options) if options.takes_variables else None
                if binding:
                    bindings.append(binding)
                    assignments.append((rest, binding))
                else:
                    operands.append(rest)
            break
        head, equals, tail = word.partition("=")
        if word in options.flags:
            given.append((word, None))
        elif word in options.valued:
            given.append((word, _value(words, position, word, options)))
            position += 1
        elif equals and head in options.valued and (head.startswith("--") or not tail.startswith("=")):
            given.append((head, tail))
        elif equals and head in options.flags:
            raise UsageError(f"`{head}` takes no value", kind="option_takes_no_value", hint=f"write `{head}` alone")
        elif options.takes_variables and head == "--at":
            text = tail if equals else _value(words, position, word, options)
            position += not equals
            bindings += bindings_of(text, "--at", options)
        elif options.takes_variables and _is_long_name(word):
            text = _value(words, position, word, options)
            position += 1
            bindings.append(Binding(word[2:], text))
            swallowed.append(bindings[-1])
        elif options.takes_variables and equals and _is_long_name(head) and _is_value(tail, word):
            bindings.append(Binding(head[2:], _not_empty(tail, head)))
        elif _looks_like_an_option(word if tail.startswith("=") else head, options):
            raise unknown_option(head, options)
        elif options.takes_variables and (binding := _assignment(word, options)):
            bindings.append(binding)
            assignments.append((word, binding))
        else:
            operands.append(word)
    expected = 2 if options.takes_files else options.operands  # an expression and a table are enough
    if options.takes_expression and assignments and len(operands) < expected:
        notation = dict(given).get("--from")
        is_only = options.takes_only_expressions
        equations = _equations(assignments, notation, is_only_operand=is_only, is_alone=not operands)
        for word, binding in equations:
            operands.insert(0, word)
            bindings.remove(binding)
    for spelling, value in given:
        if value is not None and not value.strip():
            raise UsageError(f"`{spelling}` has no value", kind="missing_value", hint=f"write {spelling}=VALUE")
    _refuse_repetitions(given, options)
    refuse_two_values(bindings)
    if not operands and options.takes_expression:
        _blame_a_mistyped_flag(swallowed, options)
    if len(operands) > options.operands:
        raise _too_many(operands, options)
    return Split(tuple(given), tuple(operands), tuple(bindings))


def is_name(word: str) -> bool:
    """Whether a word can be the name of a variable: letters, digits and underscores, no digit first.

    This is the grammar's NAME, a little wider than Python's identifiers.

    >>> [is_name(word) for word in ("x1", "θ_0", "x₁", "1x", "x²", "xⁿ", "½", "x-1", "")]
    [True, True, True, False, False, False, False, False, False]
    """
    if word.isascii():
        return word.isidentifier()
    letters = all(
        (character.isalpha() and character not in _SUPERSCRIPTS) or character.isdecimal() or character in _MARKS
        for character in word
    )
    return letters and not word[0].isdecimal() and (word[0] == "_" or word[0] not in _MARKS)


def _equations(
    assignments: Sequence[tuple[str, Binding]], notation: str | None, *, is_only_operand: bool, is_alone: bool
) -> list[tuple[str, Binding]]:
    """Return the word NAME=VALUE that is an equation and not a value, such as ``y = x^2``; none if there are several.

    A number on the right, as in ``y = 3``, is a value of ``y`` if there is another expression.

    Args:
        assignments: each word of the form NAME=VALUE, and the same word as the value of a variable.
        notation: the notation of the expression, if it is given.
        is_only_operand: whether the command takes nothing but expressions.  Other commands read NAME=COLUMN as a
            value; there an equation needs a blank next to its ``=``.
        is_alone: whether the command line has no other operand.  Then a single ``y = 3`` with blanks is an equation,
            too.
    """
    from gradcli.errors import ExpressionError
    from gradcli.language.builder import read
    from gradcli.language.grammar import GRAMMARS

    notation = notation if notation in GRAMMARS else None  # else it is wrong, or the format of a table
    found = []
    for word, binding in assignments:
        try:
            is_open = bool(read(binding.text, notation=notation).variables)
        except ExpressionError:
            continue
        is_spaced = " " in (word.partition("=")[0][-1:], binding.text[:1])
        if (is_open and is_only_operand) or (is_spaced and (is_open or (is_alone and len(assignments) == 1))):
            found.append((word, binding))
    return found if len(found) == 1 else []


def option_suggestion(spelling: str, known: Iterable[str]) -> str | None:
    """Return a hint that names the option that was probably meant.

    Dashes don't count, so ``--x1`` is not similar to ``--at``.

    >>> option_suggestion("--ordr", ["--order", "-o"])
    'did you mean `--order`?'
    """
    meant = did_you_mean(spelling.lstrip("-"), [option[2:] for option in known if option.startswith("--")])
    return f"did you mean `--{meant}`?" if meant else None


def unknown_option(spelling: str, options: Options) -> UsageError:
    """Return the error for a word that looks like an option but isn't one."""
    if not options.takes_expression:
        otherwise = "-h lists the options"
    elif options.takes_variables:
        otherwise = f'if this is the expression, put `--` before it: -- "{spelling}"'
    else:
        otherwise = "this command takes no values of variables; -h lists its options"
    hint = option_suggestion(spelling, options.spellings) or otherwise
    return UsageError(f"unknown option `{spelling}`", kind="unknown_option", hint=hint)


def bindings_of(text: str, option: str, options: Options | None = None) -> list[Binding]:
    """Return the bindings in the text of an option such as ``--at x1=2,x2=3``.

    >>> bindings_of("x=atan2(1, 2),y=3", "--at")
    [Binding(name='x', text='atan2(1, 2)'), Binding(name='y', text='3')]

    Raises:
        UsageError: a part is not NAME=VALUE.
    """
    found = []
    for part in at_top_level(text, ","):
        binding = _assignment(part, options, is_path=False)
        if binding is None:
            hint = f"for example {option} x1=2, or {option} x1=2,x2=3"
            raise UsageError(f"`{option}`: `{part.strip()}` is not NAME=VALUE", kind="bad_binding", hint=hint)
        found.append(binding)
    return found


def at_top_level(text: str, separator: str) -> list[str]:
    """Split a text at a separator, but not inside brackets.

    >>> at_top_level("x=atan2(1, 2),y=3", ",")
    ['x=atan2(1, 2)', 'y=3']
    """
    parts, depth, start = [], 0, 0
    for position, character in enumerate(text):
        if character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
        elif character == separator and depth <= 0:
            parts.append(text[start:position])
            start = position + 1
    parts.append(text[start:])
    return parts


def _is_long_name(word: str) -> bool:
    return word.startswith("--") and is_name(word[2:])


def _is_value(text: str, word: str) -> bool:
    """Whether the text after the first ``=`` of a word can be the value of a variable."""
    return ";" not in word and not text.startswith("=") and "==" not in word


def _assignment(word: str, options: Options | None = None, *, is_path: bool = True) -> Binding | None:
    """Read NAME=VALUE; return None for other words.

    If a command takes columns, NAME is any text that can't be a path.
    """
    name, equals, text = word.partition("=")
    name = name.strip()
    is_column = options is not None and not options.takes_expression and name and not (is_path and {*name} & {*"/\\"})
    if not equals or not (is_column or (is_name(name) and _is_value(text, word))):
        return None
    return Binding(name, _not_empty(text, f"{name}="))


def _looks_like_an_option(head: str, options: Options) -> bool:
    if head.startswith("--"):
        words = head[2:].split("-")
        return all(is_name(word) for word in words) if options.takes_expression else head != "--"
    return head.startswith("-") and head != "-" and not options.takes_expression


def _value(words: Sequence[str], position: int, spelling: str, options: Options) -> str:
    """Return the word that is the value of the option or variable ``spelling``."""
    following = words[position] if position < len(words) else None
    if following is None:
        problem = f"`{spelling}` has no value"
    else:
        head = following.partition("=")[0]
        is_option = following == "--" or head in options.spellings or _is_long_name(head)
        is_binding = options.takes_variables and _assignment(following, options) is not None
        if not is_option and (not is_binding or spelling == "--at" or spelling in options.valued):
            return following
        problem = f"`{spelling}` has no value: `{following}` follows it"
    if spelling == "--at":
        hint = "write --at NAME=VALUE"
    elif spelling in options.spellings:
        hint = f"write {spelling}=VALUE"
    else:
        otherwise = f"for a variable write {spelling}=VALUE; -h lists the options"
        hint = option_suggestion(spelling, options.spellings) or otherwise
    raise UsageError(problem, kind="missing_value", hint=hint)


def _not_empty(text: str, spelling: str) -> str:
    if not text.strip():
        name = spelling.strip("-=")
        raise UsageError(f"`{spelling}` has no value", kind="missing_value", hint=f"write {name}=VALUE without spaces")
    return text


def _refuse_repetitions(given: list[tuple[str, str | None]], options: Options) -> None:
    seen: set[str] = set()
    for spelling, value in given:
        if value is not None and spelling not in options.repeatable:
            option = options.valued[spelling]
            if option in seen:
                raise UsageError(f"`{spelling}` is given twice", kind="repeated_option", hint="keep only one of them")
            seen.add(option)


def refuse_two_values(bindings: Iterable[Binding]) -> None:
    """Raise if a variable has two values."""
    texts: dict[str, str] = {}
    for name, text in bindings:
        if name in texts:
            message = f"`{name}` has two values: `{texts[name]}` and `{text}`"
            raise UsageError(message, kind="repeated_variable", hint="keep only one of them")
        texts[name] = text


def _blame_a_mistyped_flag(swallowed: list[Binding], options: Options) -> None:
    """Raise if a mistyped flag has probably taken the expression as its value."""
    for name, text in swallowed:
        hint = option_suggestion(name, options.spellings)
        if hint:
            message = f"unknown option `--{name}`, with the value `{text}`"
            raise UsageError(message, kind="unknown_option", hint=hint)


def _too_many(operands: list[str], options: Options) -> UsageError:
    values = [operand for operand in operands if options.takes_expression and _assignment(operand)]
    if values:
        return UsageError(
            f"this command takes no values of variables, but `{values[0]}` is given",
            kind="values_not_taken",
            hint="gradcli grad and gradcli eval take values of variables",
        )
    if options.takes_expression:
        meant = _meant_as_value(operands) if options.takes_variables else None
        return UsageError(
            f"one expression is expected, but {len(operands)} words are given: {listed(operands, 4)}",
            kind="too_many_operands",
            hint=f"to give a value, write {meant}" if meant else 'put the expression in quotes, such as "x1 * x2"',
        )
    expected = {0: "no operand is", 1: "one operand is"}.get(options.operands, f"{options.operands} operands are")
    given = "one is" if len(operands) == 1 else f"{len(operands)} are"
    message = f"{expected} expected, but {given} given: {listed(operands, 4)}"
    return UsageError(message, kind="too_many_operands", hint="see -h")


def _meant_as_value(operands: list[str]) -> str | None:
    """Return ``x=2`` if ``-x 2`` or ``x 2`` is among the operands, else None."""
    for operand, following in pairwise(operands):
        name = operand.removeprefix("-")
        if is_name(name) and following[-1:].isdigit():
            return f"{name}={following}"
    return None
