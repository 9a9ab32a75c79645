"""Formulas in Julia, without packages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

from gradcli.printing.code import OPERATORS, CodePrinter, Results, Template, indented, returned

__all__ = ["JULIA"]

#: The functions that have the same name in Julia and in the registry, and no error where they have no value.
_SAME: Final = (
    "abs",
    "cbrt",
    "exp",
    "exp2",
    "expm1",
    "floor",
    "ceil",
    "round",
    "atan",
    "sinh",
    "cosh",
    "tanh",
    "asinh",
)
#: Functions that raise a DomainError where IEEE 754 has nan -> the condition under which they have a value.
_PARTIAL: Final = {
    "sqrt": "x >= 0",
    **dict.fromkeys(("log", "log2", "log10"), "x >= 0"),
    "log1p": "x >= -1",
    **dict.fromkeys(("asin", "acos", "atanh"), "abs(x) <= 1"),
    "acosh": "x >= 1",
    **dict.fromkeys(("sin", "cos", "tan"), "isfinite(x)"),
}
_KEYWORDS: Final = """
baremodule begin break catch const continue do else elseif end export false finally for function global if import in isa
let local macro module quote return struct true try using where while pi im e
"""


class JuliaPrinter(CodePrinter):
    """The printer of formulas and programs in Julia."""

    name = "Julia"
    functions: ClassVar[Mapping[str, Template]] = {
        **OPERATORS,
        **{name: f"{name}({{x}})" for name in _SAME},
        "atan2": "atan({y}, {x})",
        "hypot": "hypot({x}, {y})",
        "max": "max({x}, {y})",
        "min": "min({x}, {y})",
        "copysign": "copysign({x}, {y})",
        "fmod": "rem({x}, {y})",
        "logical_and": ("{x:4} && {y:4}", 2),
        "logical_or": ("{x:4} || {y:4}", 1),
        "logical_not": ("!{x:8}", 7),
        "select": ("{c:1} ? {x:1} : {y:0}", 0),
        "number": "Float64({x})",
    }
    definitions: ClassVar[Mapping[str, str]] = {
        **{name: f"{name}_or_nan(x::Float64) = {condition} ? {name}(x) : NaN" for name, condition in _PARTIAL.items()},
        "pow": """
power(x::Float64, y::Float64) = isfinite(x) && x < 0 && isfinite(y) && y != floor(y) ? NaN : abs_power(x, y)
abs_power(x::Float64, y::Float64) = isinf(x) && y != floor(y) ? abs(x)^y : x^y
""",
    }
    constants: ClassVar[Mapping[str, str]] = {"pi": "Float64(pi)", "e": "Float64(ℯ)", "inf": "Inf", "nan": "NaN"}
    reserved = frozenset(_KEYWORDS.split())
    comment = "#"

    def assignment(self, name: str, text: str, *, truth: bool = False) -> str:  # noqa: ARG002
        return f"{name} = {text}"

    def helper(self, name: str, operands: Sequence[str], lines: Sequence[str], result: str) -> str:
        inside = ", ".join(f"{one}::Float64" for one in operands)
        return f"function {name}({inside})\n{indented([*lines, f'return {result}'])}\nend"

    def program(self, name: str, arguments: Sequence[str], lines: Sequence[str], results: Results) -> str:
        return self.helper(name, arguments, lines, returned(results, "(", ")", ","))

    def usage(self, name: str, arguments: Sequence[str], results: Results) -> list[str]:
        return [f"{', '.join(results.parts)} = {name}({', '.join(arguments)})"]


JULIA: Final = JuliaPrinter()
