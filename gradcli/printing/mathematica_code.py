"""Formulas in the Wolfram Language of Mathematica, which computes with symbols and with numbers of any precision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

from gradcli.printing.code import OPERATORS, CodePrinter, Results, Template, returned

__all__ = ["MATHEMATICA"]

#: The registry's name of a function of one number -> Mathematica's.
_NAMES: Final = {
    **{name: name.capitalize() for name in ("abs", "sqrt", "exp", "log", "log2", "log10", "floor", "round", "sign")},
    **{name: name.capitalize() for name in ("sin", "cos", "tan", "sec", "csc", "cot", "erf", "erfc", "gamma")},
    **{name: name.capitalize() for name in ("sinh", "cosh", "tanh", "sech", "csch", "coth")},
    **{name: f"Arc{name[1:].capitalize()}" for name in ("asin", "acos", "atan", "asinh", "acosh", "atanh")},
    "ceil": "Ceiling",
    "cbrt": "CubeRoot",
    "relu": "Ramp",
    "sigmoid": "LogisticSigmoid",
    "digamma": "PolyGamma",
    "erfi": "Erfi",
    "erfinv": "InverseErf",
    "erfcinv": "InverseErfc",
    "dawsn": "DawsonF",
    "lambertw": "ProductLog",
    "expi": "ExpIntegralEi",
    "sinint": "SinIntegral",
    "cosint": "CosIntegral",
    "fresnels": "FresnelS",
    "fresnelc": "FresnelC",
    "zeta": "Zeta",
    "airyai": "AiryAi",
    "airyaiprime": "AiryAiPrime",
    "airybi": "AiryBi",
    "airybiprime": "AiryBiPrime",
}
#: Exp[x] - 1 and Log[1 + Exp[x]], which lose the digits of a small machine number, in forms that keep them.
_EXPM1: Final = "2 * Exp[{x:7} / 2] * Sinh[{x:7} / 2]"
_SOFTPLUS: Final = "Max[{x}, 0] + 2 * ArcTanh[1 / (1 + 2 * Exp[Abs[{x}]])]"


class MathematicaPrinter(CodePrinter):
    """The printer of formulas and programs in the Wolfram Language."""

    name = "Mathematica"
    functions: ClassVar[Mapping[str, Template]] = {
        **OPERATORS,
        **{name: f"{called}[{{x}}]" for name, called in _NAMES.items()},
        "pow": ("{x:9}^{y:8}", 8),
        "square": ("{x:9}^2", 8),
        "mod": "Mod[{x}, {y}]",
        "atan2": "ArcTan[{x}, {y}]",
        "hypot": "Sqrt[{x:9}^2 + {y:9}^2]",
        "exp2": ("2^{x:8}", 8),
        "expm1": (_EXPM1, 6),
        "log1p": "If[Abs[{x}] < 1/2, 2 * ArcTanh[{x:7} / (2 + {x:6})], Log[1 + {x:6}]]",
        "logaddexp": ("Max[{x}, {y}] + 2 * ArcTanh[1 / (1 + 2 * Exp[Abs[{x:6} - {y:7}]])]", 5),
        "xlogy": "If[{x:5} == 0 && {y:5} >= 0, 0, {x:6} * Log[{y}]]",
        "max": "Max[{x}, {y}]",
        "min": "Min[{x}, {y}]",
        "clip": "Clip[{x}, {{{low}, {high}}}]",
        "step": "((1 + Sign[{x}]) / 2)",
        "sinc": "Sinc[Pi * {x:7}]",
        "lgamma": "Re[LogGamma[{x}]]",
        "polygamma": "PolyGamma[{n}, {x}]",
        "beta": "Beta[{x}, {y}]",
        "lbeta": "Log[Beta[{x}, {y}]]",
        "gammainc": "GammaRegularized[{a}, 0, {x}]",
        "gammaincc": "GammaRegularized[{a}, {x}]",
        "betainc": "BetaRegularized[{x}, {a}, {b}]",
        "lambertwm1": "ProductLog[-1, {x}]",
        "expint": "ExpIntegralE[{n}, {x}]",
        **{f"bessel{kind}": f"Bessel{kind.upper()}[{{n}}, {{x}}]" for kind in "jyik"},
        "zeta_derivative": "Derivative[{n}][Zeta][{x}]",
        "ellipk": "EllipticK[{m}]",
        "ellipe": "EllipticE[{m}]",
        "factorial": "Gamma[1 + {x:6}]",
        "leaky_relu": "Max[{x}, {x:7} / 100]",
        "elu": f"If[{{x:5}} < 0, {_EXPM1}, {{x}}]",
        "softplus": (_SOFTPLUS, 5),
        "softsign": ("{x:7} / (1 + Abs[{x}])", 6),
        "silu": ("{x:7} * LogisticSigmoid[{x}]", 6),
        "gelu": ("{x:7} * Erfc[-{x:8} / Sqrt[2]] / 2", 6),
        "mish": (f"{{x:7}} * Tanh[{_SOFTPLUS}]", 6),
        "hard_tanh": "Clip[{x}]",
        "logical_and": ("{x:4} && {y:4}", 2),
        "logical_or": ("{x:4} || {y:4}", 1),
        "logical_not": ("!{x:8}", 7),
        "select": "If[{c}, {x}, {y}]",
        "number": "Boole[{x}]",
    }
    constants: ClassVar[Mapping[str, str]] = {
        "pi": "Pi",
        "e": "E",
        "tau": "(2 Pi)",
        "phi": "GoldenRatio",
        "inf": "Infinity",
        "nan": "Indeterminate",
    }
    reserved = frozenset({"C", "D", "E", "I", "K", "N", "O"})
    computes = False
    has_underscores = False

    def literal(self, value: float) -> str:
        text = repr(float(value))
        return (text[:-2] if text.endswith(".0") else text).replace("e", "*^").replace("^+", "^")

    def assignment(self, name: str, text: str, *, truth: bool = False) -> str:  # noqa: ARG002
        return f"{name} = {text};"

    def head(self, about: Sequence[str]) -> str:
        text = "\n   ".join(about).replace("\n   \n", "\n\n")
        return f"(* {text} *)"

    def helper(self, name: str, operands: Sequence[str], lines: Sequence[str], result: str) -> str:
        patterns = ", ".join(f"{one}_" for one in operands)
        if not lines:
            return f"{name}[{patterns}] := {result}"
        steps = ", ".join(line.partition(" = ")[0] for line in lines)
        body = "\n".join(f"  {line}" for line in [*lines, result])
        return f"{name}[{patterns}] := Module[{{{steps}}},\n{body}\n]"

    def program(self, name: str, arguments: Sequence[str], lines: Sequence[str], results: Results) -> str:
        return self.helper(name, arguments, lines, returned(results, "{", "}"))

    def usage(self, name: str, arguments: Sequence[str], results: Results) -> list[str]:
        parts = list(results.parts)
        target = f"{{{', '.join(parts)}}}" if len(parts) > 1 else parts[0]
        return [f"{target} = {name}[{', '.join(arguments)}]"]


MATHEMATICA: Final = MathematicaPrinter()
