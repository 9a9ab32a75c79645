"""What other languages and paper write where gradcli writes something else: operators, choices, degrees, constants.

`rewritten` knows nothing of the grammar, so a caller must check that its result is an expression.  Functions of other
languages are in `aliases`.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["ABSENT", "CALLED", "CONSTANTS_ELSEWHERE", "MISREAD", "rewritten"]

#: A number, a name with or without arguments, or parentheses: what an operator of another language stands between.
_OPERAND: Final = r"(?:[\w.]+(?:\([^()]*\))?|\([^()]*\))"
#: The patterns take a time that grows with the square of the length.
_LONGEST: Final = 200
#: What takes the place of each pattern.
_PATTERNS: Final = {
    r"\b(?:math|cmath|np|numpy|jnp|torch|scipy|special|Math)\.(?=[A-Za-z])": "",
    # Choices
    r"^([^?:;=]+?)\s*\?\s*([^?:]+?)\s*:\s*([^?:]+)$": r"where(\1, \2, \3)",
    r"^(.+?)\s+if\s+(.+?)\s+else\s+((?:(?!\sif\s).)+)$": r"where(\2, \1, \3)",
    r"^if\s+(.+?)\s+then\s+(.+?)\s+else\s+(.+)$": r"where(\1, \2, \3)",
    # Truth values
    r"\s*&&?\s*": " and ",
    r"[!~](?=[\w(])(?<![\w)\]][!~])": "not ",
    r"\b(and|or)\(([^(),]+),\s*([^(),]+)\)": r"\2 \1 \3",
    rf"({_OPERAND})\s+xor\s+({_OPERAND})": r"\1 != \2",
    r"<>": "!=",
    r"=<": "<=",
    r"=>": ">=",
    r":=": "=",
    # Division
    rf"({_OPERAND})\s*//\s*({_OPERAND})": r"floor(\1/\2)",
    rf"({_OPERAND})\s+(?:div|DIV)\s+({_OPERAND})": r"floor(\1/\2)",
    rf"({_OPERAND})\s+(?:mod|MOD|Mod)\s+({_OPERAND})": r"\1 % \2",
    r"(?<![\w.*/^])([\d.]+)\s*%(?=\s*(?:$|[-+)]))": r"\1/100",
    # Derivatives
    r"^\(?d/d(\w+)\)?\s*(?:\((.+)\)|\s(.+))$": r"diff(\2\3, \1)",
    r"^\(?d(?:\^2|²)/d(\w+)(?:\^2|²)\)?\s*(?:\((.+)\)|\s(.+))$": r"diff(\2\3, \1, 2)",
    # Degrees
    rf"\b([a-z]+)\s+({_OPERAND})\s*(?:°|deg\b|degrees\b)": r"\1(radians(\2))",
    rf"({_OPERAND})\s*(?:°|\b(?:deg|degree|degrees)\b)": r"radians(\1)",
}
#: The names that the patterns write in front of parentheses, if the registry doesn't have them.
CALLED: Final = frozenset({"diff", "radians"})
#: A word or a sign for something that gradcli doesn't have -> what to know instead.
ABSENT: Final = {
    **dict.fromkeys(
        ("∫", "∮", "∬", "integral", "integrate", "Integrate"), "gradcli differentiates, it doesn't integrate"
    ),
    **dict.fromkeys(
        ("lim", "limit", "Limit"), "gradcli takes no limits; `gradcli taylor` shows a function near a point"
    ),
    **dict.fromkeys(("solve", "Solve", "fsolve", "root_of"), "gradcli solves no equations"),
    "±": "choose one of the two signs, plus or minus",
    "∓": "choose one of the two signs, plus or minus",
    "∂": "for a derivative, write `diff(x^2, x)`",
    "∇": "`gradcli grad` computes all partial derivatives of the expression",
}
#: The name of a constant elsewhere -> how the constant is written.
CONSTANTS_ELSEWHERE: Final = {
    **dict.fromkeys(("true", "True", "TRUE"), "1"),
    **dict.fromkeys(("false", "False", "FALSE"), "0"),
    **dict.fromkeys(("infinity", "Infinity", "infty", "oo"), "inf"),
    **dict.fromkeys(("NaN", "NAN", "undefined"), "nan"),
    **dict.fromkeys(("deg", "degree", "degrees"), "pi/180"),
}
#: Words between operands, which are never products of their letters.
MISREAD: Final = frozenset({"deg", "rad", "div", "mod", "rem", "xor", "lim"})


def rewritten(text: str) -> str:
    """Return a text of another language with the signs and words of this one; a long text is returned as it is.

    >>> rewritten("x > 0 ? 1 : 2"), rewritten("7 div 2"), rewritten("d/dx sin(x)"), rewritten("sin(30°)")
    ('where(x > 0, 1, 2)', 'floor(7/2)', 'diff(sin(x), x)', 'sin(radians(30))')
    """
    if len(text) <= _LONGEST:
        for pattern, instead in _PATTERNS.items():
            text = re.sub(pattern, instead, text)
    return text
