"""Formulas in Rust, with its standard library alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

from gradcli.printing.code import OPERATORS, CodePrinter, Results, Template, indented, nested

__all__ = ["RUST"]

#: The registry's name of a function of one number -> Rust's.
_NAMES: Final = {
    **{name: name for name in ("abs", "sqrt", "cbrt", "exp", "exp2", "log2", "log10", "sin", "cos", "tan")},
    **{name: name for name in ("asin", "acos", "atan", "sinh", "cosh", "tanh", "floor", "ceil")},
    **{name: name for name in ("asinh", "acosh", "atanh")},
    "expm1": "exp_m1",
    "log": "ln",
    "log1p": "ln_1p",
    "round": "round_ties_even",
}
_KEYWORDS: Final = """
as async await become box break const continue crate do dyn else enum extern f32 f64 false final fn for gen if impl in
let loop macro match mod move mut override priv pub ref return self Self static struct super trait true try type typeof
union unsafe unsized use virtual where while yield
"""


class RustPrinter(CodePrinter):
    """The printer of formulas and programs in Rust."""

    name = "Rust"
    functions: ClassVar[Mapping[str, Template]] = {
        **OPERATORS,
        **{name: f"f64::{called}({{x}})" for name, called in _NAMES.items()},
        "pow": "f64::powf({x}, {y})",
        "atan2": "f64::atan2({y}, {x})",
        "hypot": "f64::hypot({x}, {y})",
        "copysign": "f64::copysign({x}, {y})",
        "fmod": ("{x:6} % {y:7}", 6),
        "logical_and": ("{x:4} && {y:4}", 2),
        "logical_or": ("{x:4} || {y:4}", 1),
        "logical_not": ("!{x:8}", 7),
        "select": ("if {c} {{ {x} }} else {{ {y} }}", 0),
        "number": "f64::from({x})",
    }
    constants: ClassVar[Mapping[str, str]] = {
        "pi": "std::f64::consts::PI",
        "e": "std::f64::consts::E",
        "inf": "f64::INFINITY",
        "nan": "f64::NAN",
    }
    reserved = frozenset(_KEYWORDS.split())

    def literal(self, value: float) -> str:
        return f"{value!r}_f64"

    def assignment(self, name: str, text: str, *, truth: bool = False) -> str:
        return f"let {name}{'' if truth else ': f64'} = {text};"

    def helper(self, name: str, operands: Sequence[str], lines: Sequence[str], result: str) -> str:
        body = indented([*lines, result])
        return f"#[allow(invalid_nan_comparisons)]\nfn {name}({self._typed(operands)}) -> f64 {{\n{body}\n}}"

    @staticmethod
    def _typed(names: Sequence[str]) -> str:
        return ", ".join(f"{one}: f64" for one in names)

    def program(self, name: str, arguments: Sequence[str], lines: Sequence[str], results: Results) -> str:
        parts = list(results.parts.values())
        kinds = []
        for one in parts:
            kind = "f64"
            if not isinstance(one, str):
                kind = f"[f64; {len(one)}]" if isinstance(one[0], str) else f"[[f64; {len(one[0])}]; {len(one)}]"
            kinds.append(kind)
        texts = [nested(one, "[", "]") for one in parts]
        kind, result = (kinds[0], texts[0]) if len(parts) == 1 else (f"({', '.join(kinds)})", f"({', '.join(texts)})")
        head = f"pub fn {name}({self._typed(arguments)}) -> {kind}"
        return f"#[allow(unused_variables, invalid_nan_comparisons)]\n{head} {{\n{indented([*lines, result])}\n}}"

    def usage(self, name: str, arguments: Sequence[str], results: Results) -> list[str]:
        parts = list(results.parts)
        target = f"({', '.join(parts)})" if len(parts) > 1 else parts[0]
        return [f"let {target} = {name}({', '.join(arguments)});"]


RUST: Final = RustPrinter()
