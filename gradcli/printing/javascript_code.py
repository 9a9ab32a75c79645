"""Formulas in JavaScript, as a module of ECMAScript."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

from gradcli.printing.code import OPERATORS, CodePrinter, Results, Template, indented, returned

__all__ = ["JAVASCRIPT"]

#: The functions that have the same name in JavaScript and in the registry.
_SAME: Final = (
    "abs", "sqrt", "cbrt", "exp", "expm1", "log", "log2", "log10", "log1p", "sin", "cos", "tan", "asin", "acos", "atan",
    "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "floor", "ceil",
)  # fmt: skip
_KEYWORDS: Final = """
abstract arguments await boolean break byte case catch char class const continue debugger default delete do double else
enum eval export extends false final finally float for function goto if implements import in instanceof int interface
let long native new null package private protected public return short static super switch synchronized this throw
throws transient true try typeof undefined var void volatile while with yield
"""


class JavaScriptPrinter(CodePrinter):
    """The printer of formulas and programs in JavaScript."""

    name = "JavaScript"
    functions: ClassVar[Mapping[str, Template]] = {
        **OPERATORS,
        "equal": ("{x:5} === {y:5}", 4),
        "not_equal": ("{x:5} !== {y:5}", 4),
        **{name: f"Math.{name}({{x}})" for name in _SAME},
        "atan2": "Math.atan2({y}, {x})",
        "hypot": "Math.hypot({x}, {y})",
        "max": "Math.max({x}, {y})",
        "min": "Math.min({x}, {y})",
        "fmod": ("{x:6} % {y:7}", 6),
        "logical_and": ("{x:4} && {y:4}", 2),
        "logical_or": ("{x:4} || {y:4}", 1),
        "logical_not": ("!{x:8}", 7),
        "select": ("{c:1} ? {x:1} : {y:0}", 0),
        "number": "Number({x})",
    }
    definitions: ClassVar[Mapping[str, str]] = {
        # In JavaScript, powers of 1 and -1 with an exponent that is nan or infinite are nan.
        "pow": """
function power(x, y) {
    return x === 1.0 || (x === -1.0 && Math.abs(y) === Infinity) ? 1.0 : Math.pow(x, y);
}
""",
    }
    constants: ClassVar[Mapping[str, str]] = {"pi": "Math.PI", "e": "Math.E", "inf": "Infinity", "nan": "NaN"}
    reserved = frozenset(_KEYWORDS.split())

    def assignment(self, name: str, text: str, *, truth: bool = False) -> str:  # noqa: ARG002
        return f"const {name} = {text};"

    def helper(self, name: str, operands: Sequence[str], lines: Sequence[str], result: str) -> str:
        body = indented([*lines, f"return {result};"])
        return f"function {name}({', '.join(operands)}) {{\n{body}\n}}"

    def program(self, name: str, arguments: Sequence[str], lines: Sequence[str], results: Results) -> str:
        return "export " + self.helper(name, arguments, lines, returned(results, "[", "]"))

    def usage(self, name: str, arguments: Sequence[str], results: Results) -> list[str]:
        parts = list(results.parts)
        target = f"[{', '.join(parts)}]" if len(parts) > 1 else parts[0]
        return [f"const {target} = {name}({', '.join(arguments)});"]


JAVASCRIPT: Final = JavaScriptPrinter()
