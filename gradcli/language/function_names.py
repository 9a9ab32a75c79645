"""The names that functions have in calls on paper: ``f''(x)``, ``sin^2(x)``, ``sin^-1(x)``, ``log_2(x)``, ``Sin(x)``.

Most calls have a plain name; the builder imports this module only for the others.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from gradcli.graph import Node
from gradcli.language.instructions import SUBSCRIPTS, SUPERSCRIPTS, StackInstruction
from gradcli.primitives import REGISTRY, Primitive
from gradcli.records import NamedTuple
from gradcli.source import Note

__all__ = ["LOGARITHM", "FunctionName", "base_in_name", "inverse_function", "known_name", "note_on_base", "order_of"]

LOGARITHM: Final = "log"

_PARTS: Final = re.compile(r"([^\W⁰¹²³⁴-⁹]+)(['′’″]*)(\^-?\d+|\^\(-1\)|[⁺⁻]?[⁰¹²³⁴-⁹]+)?")
#: log_2, log2, log₂, log_b: the base is the first or the second group.
_LOGARITHM_TO_BASE: Final = rf"{LOGARITHM}(?:_(\w+)|([\d₀-₉ₐₑₓₖₙ]+))"


class FunctionName(NamedTuple):
    """The parts of the name in a call.

    Attributes:
        text: the whole name, as it is written.
        word: the name of the function.
        primes: the order of the derivative: 2 for ``f''(x)``.
        power: the power of the result: 2 for ``sin^2(x)``, which means ``sin(x)^2``; None if there is none.
    """

    text: str
    word: str
    primes: int
    power: float | None

    @classmethod
    def of(cls, text: str) -> FunctionName:
        """Return the parts of a name.

        >>> FunctionName.of("sin''²")
        FunctionName(text="sin''²", word='sin', primes=2, power=2.0)
        """
        match = _PARTS.fullmatch(text)
        assert match is not None  # the other names are those of signs, |x| and √x
        word, primes, raised = match.groups()
        power = None if raised is None else float(raised.translate(SUPERSCRIPTS).strip("^()"))
        return cls(text, word, len(primes) + primes.count("″"), power)


def known_name(word: str) -> str | None:
    """Return the name of the function that a word calls, in capitals too; None if there is none.

    >>> known_name("Sin"), known_name("SUM"), known_name("log_b"), known_name("wobble")
    ('sin', 'sum', 'log_b', None)
    """
    names = [word] if len(word) == 1 or word not in (word.upper(), word.capitalize()) else [word, word.lower()]
    for name in names:
        is_known = name == "diff" or REGISTRY.find(name) is not None or name in REGISTRY.offered
        if is_known or base_in_name(name) is not None:
            return name
        from gradcli.language.composed import composed

        if composed(name) is not None:
            return name
    return None


def base_in_name(name: str) -> str | None:
    """Return the base that the name of a logarithm ends with, a number or the name of a variable; None if it has none.

    >>> base_in_name("log_2"), base_in_name("log₁₀"), base_in_name("log_b"), base_in_name("log")
    ('2', '10', 'b', None)
    """
    match = re.fullmatch(_LOGARITHM_TO_BASE, name)
    return None if match is None else (match[1] or match[2]).translate(SUBSCRIPTS)


def note_on_base(call: StackInstruction, operand: str, base: str) -> Note:
    """Return the note on ``log(operand, base)`` if the operand is a number, since it may be meant as the base."""
    message = f"`log({operand}, {base})` is read as the logarithm of {operand} to the base {base}"
    return Note("base", message, call.span, f"for the base {operand}, write `log({base}, {operand})`")


def inverse_function(
    call: StackInstruction, text: str, name: FunctionName, *, is_defined: bool
) -> tuple[Primitive, Note] | None:
    """Return the function that ``sin^-1(x)`` means, and the note that says so; None if the name is no function.

    Args:
        call: the call.
        text: the whole text.
        name: its name.
        is_defined: whether the text defines the function.

    Raises:
        ExpressionError: the function has no inverse in the registry, so the -1 may be a power as well.
    """
    known = None if is_defined else known_name(name.word)
    if known is None and not is_defined:
        return None
    inverse = None if known is None else REGISTRY.find(f"arc{known}")
    reciprocal = f"1/{name.word}{text[call.start + len(name.text) : call.end].lstrip()}"
    if inverse is None:
        hint = f"write `{reciprocal}`, or the name of the inverse function"
        raise call.error(f"`{call.quoted(text)}` can be read in two ways", kind="ambiguous", hint=hint)
    message = f"`{call.quoted(text)}` is read as the inverse function, `{inverse.name}`"
    return inverse, Note("inverse", message, call.span, f"for one over the value, write `{reciprocal}`")


def order_of(call: StackInstruction, arguments: Sequence[Node]) -> int:
    """Return the order of the derivative that ``diff(EXPR, x)`` or ``diff(EXPR, x, n)`` means.

    Raises:
        ExpressionError: the arguments are no expression, variable and order.
    """
    if len(arguments) not in (2, 3):
        raise call.error(f"`diff(EXPR, x, n)` takes 2 or 3 arguments, not {len(arguments)}", kind="arity")
    if not arguments[1].is_variable:
        message = "the second argument of `diff` is the variable to differentiate by"
        raise call.error(message, kind="diff", hint="for example `diff(x^2, x)`")
    order = arguments[2].constant if len(arguments) == 3 else 1.0
    if order is None or order < 0.0 or order != order // 1.0:
        message = "the third argument of `diff` is the order, a natural number"
        raise call.error(message, kind="diff", hint="for example `diff(x^3, x, 2)`")
    return int(order)
