"""Formulas in Python, with the module `math` alone; the printers for Python's array libraries share its syntax."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

from gradcli.graph import Node
from gradcli.printing.code import OPERATORS, CodePrinter, Results, Template, returned
from gradcli.printing.printer import Piece, filled

__all__ = ["LGAMMA", "POWER", "PYTHON", "PythonPrinter", "function"]

#: The operator of Python for powers.
POWER: Final = ("{x:9} ** {y:7}", 8)


def function(head: str, about: str | None, lines: Sequence[str]) -> str:
    """Return the definition of a function; ``about`` is its docstring, which must not contain a user's text."""
    document = [] if about is None else [f'"""{about}"""']
    return "\n".join([f"def {head}:", *(f"    {line}" for line in [*document, *lines])])


def _guarded(name: str, overflow: str | None, domain: str | None) -> str:
    """A function of `math` that returns the values of IEEE 754 where Python would raise an error."""
    lines = ["try:", f"    return math.{name}(x)"]
    lines += [] if overflow is None else ["except OverflowError:", f"    return {overflow}"]
    lines += [] if domain is None else ["except ValueError:", f"    return {domain}"]
    return function(f"{name}(x)", None, lines)


#: A function of `math` -> its value where Python raises OverflowError, and where Python raises ValueError.
_VALUES: Final[dict[str, tuple[str | None, str | None]]] = {
    **dict.fromkeys(("exp", "expm1", "cosh"), ("math.inf", None)),
    **dict.fromkeys(("sqrt", "sin", "cos", "tan", "asin", "acos", "acosh"), (None, "math.nan")),
    **dict.fromkeys(("log", "log2", "log10"), (None, "-math.inf if x == 0.0 else math.nan")),
    "log1p": (None, "-math.inf if x == -1.0 else math.nan"),
    "sinh": ("math.copysign(math.inf, x)", None),
    "atanh": (None, "math.copysign(math.inf, x) if abs(x) == 1.0 else math.nan"),
    "gamma": ("math.copysign(math.inf, x)", "math.copysign(math.inf, x) if x == 0.0 else math.nan"),
}
#: The logarithm of the gamma function, for one number.  Python's own loses digits beside its zeros at 1 and 2, where
#: this is a series (Abramowitz and Stegun 6.1.33), of at most 3 units in the last place.
LGAMMA: Final = """
def lgamma(x):
    terms = (
        0.42278433509846713, 0.3224670334241132, -0.0673523010531981, 0.020580808427784546,
        -0.007385551028673986, 0.0028905103307415234, -0.001192753911703261, 0.0005096695247430425,
        -0.00022315475845357939, 9.945751278180853e-05, -4.492623673813314e-05,
        2.050721277567069e-05, -9.439488275268397e-06, 4.374866789907488e-06,
        -2.039215753801366e-06, 9.55141213040742e-07, -4.492469198764566e-07,
        2.1207184805554665e-07, -1.0043224823968099e-07, 4.7698101693639804e-08,
        -2.2711094608943164e-08, 1.0838659214896955e-08, -5.183475041970047e-09,
        2.4836745438024785e-09, -1.1921401405860912e-09, 5.731367241678862e-10,
        -2.7595228851242334e-10, 1.330476437424449e-10, -6.4229645638381e-11,
        3.1044247747322276e-11, -1.5021384080754142e-11, 7.275974480239079e-12,
        -3.527742476575915e-12, 1.711991790559618e-12, -8.315385841420285e-13, 4.04220052528944e-13,
        -1.9664756310966165e-13, 9.573630387838556e-14, -4.6640760264283744e-14,
        2.2737369600659724e-14,
    )
    if not 0.5 < x < 2.5:
        try:
            return math.lgamma(x)
        except (OverflowError, ValueError):
            return math.inf
    total, shift, step = 0.0, 0.0, x - 2.0
    if abs(x - 1.0) < 0.25:
        step = x - 1.0
        terms = [term + (-1.0) ** k / k for k, term in enumerate(terms[:28], 1)]
    elif x < 1.0:
        step, shift = x - 1.0, -math.log(x)
    for term in reversed(terms):
        total = total * step + term
    return total * step + shift
"""
#: A function of the registry -> its name in the program, and the function of Python that rounds.
_ROUNDING: Final = {
    "floor": ("floor", "math.floor"),
    "ceil": ("ceil", "math.ceil"),
    "round": ("round_to_even", "round"),
}


class PythonPrinter(CodePrinter):
    """The printer of Python's syntax; there is a subclass for plain Python, and one for each library of arrays.

    Attributes:
        imports: a dictionary from the name of a module in the program to the line that imports it.
        first: a template for a statement that is written for each argument ``{}`` at the beginning of a program;
            empty for none.
        decorator: the line before the function of a program; empty for none.
        setting: the statement after the imports; empty for none.
    """

    imports: ClassVar[Mapping[str, str]] = {"math": "import math"}
    first: ClassVar[str] = ""
    decorator: ClassVar[str] = ""
    setting: ClassVar[str] = ""
    comment = "#"
    gap = "\n\n\n"

    @property
    def taken(self) -> set[str]:
        import builtins
        import keyword

        return {*super().taken, *dir(builtins), *keyword.kwlist, *keyword.softkwlist}

    def assignment(self, name: str, text: str, *, truth: bool = False) -> str:  # noqa: ARG002
        return f"{name} = {text}"

    def helper(self, name: str, operands: Sequence[str], lines: Sequence[str], result: str) -> str:
        return function(f"{name}({', '.join(operands)})", None, [*lines, f"return {result}"])

    def program(self, name: str, arguments: Sequence[str], lines: Sequence[str], results: Results) -> str:
        result = returned(results, "(", ")", ",")
        result = result[1:-1] if len(results.parts) > 1 else result
        begin = [f"{one} = {self.first.format(one)}" for one in arguments] if self.first else []
        definition = function(self.signature(name, arguments, results), None, [*begin, *lines, f"return {result}"])
        return f"{self.decorator}\n{definition}" if self.decorator else definition

    def signature(self, name: str, arguments: Sequence[str], results: Results) -> str:  # noqa: ARG002
        """Return the name and arguments of a program's function; plain Python adds their types."""
        return f"{name}({', '.join(arguments)})"

    def usage(self, name: str, arguments: Sequence[str], results: Results) -> list[str]:
        return [f"{', '.join(results.parts)} = {name}({', '.join(arguments)})"]

    def imported(self, body: str) -> list[str]:
        """Return the lines that import the modules of a program's text."""
        text = f"{body}\n{self.setting}"
        lines = [line for module, line in self.imports.items() if re.search(rf"\b{re.escape(module)}\b", text)]
        return [*lines, "", self.setting] if self.setting else lines


def _tuple(kinds: Sequence[str]) -> str:
    """Return the type of a tuple; a tuple of more than four elements has a type that doesn't tell the length."""
    return f"tuple[{', '.join(kinds)}]" if len(kinds) <= 4 else f"tuple[{kinds[0]}, ...]"


class PlainPythonPrinter(PythonPrinter):
    """The printer of formulas and programs in Python with the module `math` alone."""

    name = "Python"
    functions: ClassVar[Mapping[str, Template]] = {
        **{name: one for name, one in OPERATORS.items() if name != "div"},
        "abs": "abs({x})",
        "hypot": "math.hypot({x}, {y})",
        **{name: f"math.{name}({{x}})" for name in ("tanh", "asinh", "atan", "erf", "erfc")},
        "atan2": "math.atan2({y}, {x})",
        "copysign": "math.copysign({x}, {y})",
        "logical_and": ("{x:3} and {y:3}", 2),
        "logical_or": ("{x:2} or {y:2}", 1),
        "logical_not": ("not {x:3}", 3),
        "select": ("{x:1} if {c:1} else {y:0}", 0),
        "number": "float({x})",
    }
    definitions: ClassVar[Mapping[str, str]] = {
        **{name: _guarded(name, *values) for name, values in _VALUES.items()},
        **{
            name: function(f"{called}(x)", None, [f"return float({rounds}(x)) if math.isfinite(x) else x"])
            for name, (called, rounds) in _ROUNDING.items()
        },
        "lgamma": LGAMMA,
        "div": """
def divide(x, y):
    try:
        return x / y
    except ZeroDivisionError:
        return math.nan if x == 0.0 or x != x else math.copysign(math.inf, x) * math.copysign(1.0, y)
""",
        "mod": """
def mod(x, y):
    return x % y if y != 0.0 else math.nan
""",
        "pow": """
def power(x, y):
    odd = y % 2.0 == 1.0
    try:
        return math.pow(x, y)
    except OverflowError:
        return -math.inf if x < 0.0 and odd else math.inf
    except ValueError:
        return math.nan if x != 0.0 else math.copysign(math.inf, x) if odd else math.inf
""",
    }
    constants: ClassVar[Mapping[str, str]] = {"pi": "math.pi", "e": "math.e", "inf": "math.inf", "nan": "math.nan"}

    def signature(self, name: str, arguments: Sequence[str], results: Results) -> str:
        kinds = []
        for one in results.parts.values():
            several = "float" if isinstance(one, str) or isinstance(one[0], str) else _tuple(["float"] * len(one[0]))
            kinds.append("float" if isinstance(one, str) else _tuple([several] * len(one)))
        inside = ", ".join(f"{one}: float" for one in arguments)
        return f"{name}({inside}) -> {kinds[0] if len(kinds) == 1 else _tuple(kinds)}"

    def pieces(self, node: Node) -> tuple[int, Sequence[Piece]]:
        operands = node.operands
        if node.primitive is not None and node.primitive.name == "div" and operands[1].constant not in (None, 0.0):
            text, level = OPERATORS["div"]
            return level, filled(text, {"x": operands[0], "y": operands[1]}, {})
        return super().pieces(node)


PYTHON: Final = PlainPythonPrinter()
