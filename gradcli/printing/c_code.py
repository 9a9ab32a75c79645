"""Formulas in C99, with no library but libm."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

from gradcli.printing.code import OPERATORS, CodePrinter, Results, Template, indented

__all__ = ["C"]

#: The functions that have the same name in C and in the registry.
_SAME: Final = (
    "sqrt", "cbrt", "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sin", "cos", "tan", "asin", "acos",
    "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "floor", "ceil", "erf", "erfc", "lgamma",
)  # fmt: skip
_KEYWORDS: Final = """
auto break case char const continue default do double else enum extern float for goto if inline int long register
restrict return short signed sizeof static struct switch typedef union unsigned void volatile while main
y0 y1 yn j0 j1 jn gamma lgamma signgam drem significand scalb logb ilogb fabs fmin fmax fma fdim div abs pow sin cos tan
exp log sqrt isnan isinf isfinite signbit remainder remquo rint round trunc nearbyint nextafter frexp ldexp modf
"""


class CPrinter(CodePrinter):
    """The printer of formulas and programs in C."""

    name = "C"
    functions: ClassVar[Mapping[str, Template]] = {
        **OPERATORS,
        **{name: f"{name}({{x}})" for name in _SAME},
        "abs": "fabs({x})",
        "round": "rint({x})",
        "gamma": "tgamma({x})",
        "pow": "pow({x}, {y})",
        "atan2": "atan2({y}, {x})",
        "hypot": "hypot({x}, {y})",
        "fmod": "fmod({x}, {y})",
        "copysign": "copysign({x}, {y})",
        "logical_and": ("{x:4} && {y:4}", 2),
        "logical_or": ("{x:4} || {y:4}", 1),
        "logical_not": ("!{x:8}", 7),
        "select": ("{c:1} ? {x:1} : {y:0}", 0),
        "number": ("(double){x:8}", 7),
    }
    returns_one_by_one = True
    constants: ClassVar[Mapping[str, str]] = {"inf": "INFINITY", "nan": "NAN"}
    reserved = frozenset({*_KEYWORDS.split(), "point", "gradient", "hessian", "values", "jacobian"})

    def assignment(self, name: str, text: str, *, truth: bool = False) -> str:
        return f"const {'int' if truth else 'double'} {name} = {text};"

    def helper(self, name: str, operands: Sequence[str], lines: Sequence[str], result: str) -> str:
        inside = ", ".join(f"double {one}" for one in operands)
        return f"static double {name}({inside}) {{\n{indented([*lines, f'return {result};'])}\n}}"

    def head(self, about: Sequence[str]) -> str:
        # The name of a column must not end the comment.
        text = "\n".join(f" * {line.replace('*/', '* /')}".rstrip() for line in about)
        return f"/*\n{text}\n */"

    def imported(self, body: str) -> list[str]:  # noqa: ARG002
        return ["#include <math.h>"]

    def _signature(self, name: str, results: Results) -> str:
        outputs = "".join(f", double *{part}" for part in results.parts if part != "value")
        kind = "double" if "value" in results.parts else "void"
        return f"{kind} {name}(const double *point{outputs})"

    def program(self, name: str, arguments: Sequence[str], lines: Sequence[str], results: Results) -> str:
        body = [*lines]
        for part, texts in results.parts.items():
            flat = [one for row in texts for one in ([row] if isinstance(row, str) else row)]
            if part == "value":
                continue
            body += [f"{part}[{place}] = {text};" for place, text in enumerate(flat)]
        if "value" in results.parts:
            body.append(f"return {results.values[0]};")
        # A variable on which nothing depends isn't read: compilers warn of it.
        used = [place for place, one in enumerate(arguments) if re.search(rf"\b{one}\b", " ".join(body))]
        read = [f"const double {arguments[place]} = point[{place}];" for place in used] or ["(void)point;"]
        return f"{self._signature(name, results)} {{\n{indented([*read, *body])}\n}}"

    def usage(self, name: str, arguments: Sequence[str], results: Results) -> list[str]:
        count, rows = len(arguments), len(results.values)
        sizes = {"gradient": count, "values": rows, "hessian": count * count, "jacobian": rows * count}
        declared = [f"{part}[{sizes[part]}]" for part in results.parts if part != "value"]
        point = "point" if arguments else "NULL"
        call = f"{name}({', '.join([point, *[part for part in results.parts if part != 'value']])});"
        declared = [f"point[{count}] = {{...}}", *declared] if arguments else declared
        lines = [f"double {', '.join(declared)};"] if declared else []
        lines.append(f"double value = {call}" if "value" in results.parts else call)
        matrix = [
            f"{part}[{count} * i + j] is row i, column j." for part in results.parts if part in ("hessian", "jacobian")
        ]
        return [*lines, *matrix]

    notes = (
        "Link with -lm. Compile without -ffast-math, and with -ffp-contract=off where the processor fuses a product "
        "and a sum."
    )


C: Final = CPrinter()
