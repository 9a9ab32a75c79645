"""Functions that are read as formulas: ``acsc(x)`` is read as ``asin(1/x)``.

Their graph, derivatives and printed text are those of the formula.  Each is an entry of `_TABLE` and nothing else.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from gradcli.primitives.declared import Declared
from gradcli.source import Note, with_operands

if TYPE_CHECKING:
    from gradcli.language.instructions import Definition, StackInstruction

__all__ = ["Composed", "all_composed", "composed"]

#: The names of a function with its operands -> the formula and an example.  A second formula is another meaning of the
#: name, which a note shows.
_TABLE: Final = {
    "acot arccot arcctg (x)": ("atan(1/x); pi/2 - atan(x)", "acot(1)  # 0.7853981633974483"),
    "asec arcsec (x)": ("acos(1/x)", "asec(2)  # 1.0471975511965979"),
    "acsc arccsc arccosec (x)": ("asin(1/x)", "acsc(2)  # 0.5235987755982989"),
    "acoth arcoth arccoth (x)": ("atanh(1/x)", "acoth(2)  # 0.5493061443340548"),
    "asech arsech arcsech (x)": ("acosh(1/x)", "asech(0.5)  # 1.3169578969248166"),
    "acsch arcsch arccsch (x)": ("asinh(1/x)", "acsch(1)  # 0.881373587019543"),
    "exp10 pow10 (x)": ("10^x", "exp10(3)  # 1000.0"),
    "root nthroot surd (x, n)": ("where(mod(n, 2) == 1, sign(x)*abs(x)^(1/n), x^(1/n))", "root(-8, 3)  # -2.0"),
    "root (x)": ("sqrt(x)", "root(4)  # 2.0"),
    "trunc truncate (x)": ("sign(x)*floor(abs(x))", "trunc(-1.5)  # -1.0"),
    "frac fract (x)": ("x - floor(x); x - sign(x)*floor(abs(x))", "frac(2.5)  # 0.5"),
    "degrees rad2deg (x)": ("x*(180/pi)", "degrees(pi)  # 180.0"),
    "radians deg2rad (x)": ("x*(pi/180)", "radians(180)  # 3.141592653589793"),
    "normpdf norm_pdf (x)": ("exp(-x^2/2)/sqrt(2*pi)", "normpdf(0)  # 0.3989422804014327"),
    "normpdf norm_pdf (x, mu, sigma)": (
        "exp(-((x - mu)/sigma)^2/2)/(sigma*sqrt(2*pi))", "normpdf(1, 1, 2)  # 0.19947114020071635",
    ),
    "normcdf norm_cdf (x)": ("erfc(-x/sqrt(2))/2", "normcdf(0)  # 0.5"),
    "normcdf norm_cdf (x, mu, sigma)": ("erfc((mu - x)/(sigma*sqrt(2)))/2", "normcdf(1, 1, 2)  # 0.5"),
    "binomial binom (n, k)": (
        "where(n <= 170, n!/(k!*(n - k)!), "
        "exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)))", "binomial(5, 2)  # 10.0",
    ),
}  # fmt: skip


class Composed(Declared):
    """A function that is read as a formula.

    Attributes:
        formula: the text of the formula.
        other: the formula of another meaning of the name; empty if there is none.
        spellings: further names.
    """

    __slots__ = ("formula", "other", "spellings")
    formula: str
    other: str
    spellings: tuple[str, ...]

    def __init__(self, words: str, formulas: str, example: str) -> None:
        names, _, operands = words.partition(" (")
        name, *spellings = names.split()
        self.formula, _, self.other = formulas.partition("; ")
        self.spellings = tuple(spellings)
        super().__init__(
            signature=f"{name}({operands}", about=f"Read as `{self.formula}`.", group="composed", edges=(), infix=None,
            example=example, internal=False, is_locally_constant=False,
        )  # fmt: skip

    def definition(self, call: StackInstruction) -> Definition:
        """Return the definition for a call; errors in its instructions are reported at the place of the call."""
        from gradcli.language.instructions import Definition

        body = [one._replace(start=call.start, end=call.end) for one in _body(self)]
        return Definition(self.name, self.operands, body)

    def note(self, call: StackInstruction, text: str) -> Note | None:
        """Return the note on a call whose name has another meaning; None if it has none."""
        arguments = call.arguments_in(text)
        if not self.other or (arguments and len(arguments) != len(self.operands)):
            return None
        given = dict(zip(self.operands, arguments or self.operands, strict=True))
        message = f"`{call.quoted(text)}` is read as `{with_operands(self.formula, given)}`"
        return Note(
            "composed", message, call.span, f"for the other meaning, write `{with_operands(self.other, given)}`"
        )


@cache
def all_composed() -> tuple[Composed, ...]:
    """Return all functions that are read as formulas, one entry for each form: normpdf has two."""
    return tuple(Composed(words, formulas, example) for words, (formulas, example) in _TABLE.items())


@cache
def _by_name() -> dict[str, list[Composed]]:
    found: dict[str, list[Composed]] = {}
    for function in all_composed():
        for name in (function.name, *function.spellings):
            found.setdefault(name, []).append(function)
    return found


@cache
def _body(function: Composed) -> list[StackInstruction]:
    from gradcli.language.instructions import script_of

    return script_of(f"{function.signature} = {function.formula}; 0").definitions[0].body


def composed(name: str, count: int | None = None) -> Composed | None:
    """Return the function with this name and, if it has several forms, with ``count`` operands; None if there is none.

    >>> composed("arccsc").formula, composed("normpdf", 3).operands, composed("sin")
    ('asin(1/x)', ('x', 'mu', 'sigma'), None)
    """
    forms = _by_name().get(name, [])
    return next((one for one in forms if len(one.operands) == count), forms[0] if forms else None)
