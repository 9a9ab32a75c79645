"""Operators, choices, degrees and constants as other languages and textbooks write them, and gradcli's own spelling.

`rewritten` doesn't use the grammar, so a caller must check that its result is an expression.  Functions of other
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
    r"\bsym(?=(?:sum|prod)\()": "",
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
CALLED: Final = frozenset({"diff", "product", "radians"})
#: A word or a sign for something that gradcli doesn't have -> what to know instead.
ABSENT: Final = {
    **dict.fromkeys(
        ("∫", "∮", "∬", "integral", "integrate", "Integrate"), "gradcli differentiates, it doesn't integrate"
    ),
    **dict.fromkeys(
        ("lim", "limit", "Limit"), "gradcli computes no limits; `gradcli taylor` shows a function near a point"
    ),
    **dict.fromkeys(("solve", "Solve", "fsolve", "root_of"), "gradcli solves no equations"),
    **dict.fromkeys(
        (
            "gammaincinv",
            "gammainccinv",
            "betaincinv",
            "dilog",
            "spence",
            "polylog",
            "ellipkinc",
            "ellipeinc",
            "hankel1",
        ),
        "gradcli has neither this function nor a formula for it",
    ),
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


#: The beginning of a sum or a product over an index, and what it consists of.
_SUM: Final = r"\b(sum|prod|product)\s*[(\[]\s*"
_BOUND: Final = r"\s*([^,;=()\[\]{}]+?)\s*"
_END: Final = r"\s*[)\]]"
#: Sums over an index of other languages -> the places of the term, the index and the bounds among the groups.
_INDEX_SUMS: Final = {
    # Maple, MATLAB: sum(k^2, k=1..10)
    rf"{_SUM}(.+?)\s*,\s*(\w+)\s*={_BOUND}(?:\.\.+|:|,){_BOUND}{_END}": (2, 3, 4, 5),
    rf"{_SUM}(\w+)\s*={_BOUND}(?:\.\.+|:|,){_BOUND},\s*(.+?){_END}": (5, 2, 3, 4),
    # Mathematica: Sum[k^2, {k, 1, 10}]; SymPy: Sum(k**2, (k, 1, 10))
    rf"{_SUM}(.+?)\s*,\s*[({{\[]\s*(\w+)\s*,{_BOUND},{_BOUND}[)}}\]]{_END}": (2, 3, 4, 5),
    # Python: sum(k**2 for k in range(1, 11))
    rf"{_SUM}\[?\s*(.+?)\s+for\s+(\w+)\s+in\s+range\((?:{_BOUND},)?{_BOUND}\)\s*\]?{_END}": (2, 3, 4, 5),
}


def _index_sum(pattern: str, places: tuple[int, ...], text: str) -> str:
    """Return a text in which a sum over an index, written as in another language, is written as in this one."""

    def instead(match: re.Match[str]) -> str:
        term, index, first, last = [match[place] for place in places]
        if "range" in pattern:
            last = str(int(last) - 1) if last.isdecimal() else f"{last} - 1"
        return f"{match[1].lower()}({term}, {index}, {first or 0}, {last})"

    return re.sub(pattern, instead, text, flags=re.IGNORECASE)


def rewritten(text: str) -> str:
    """Return a text in which signs and words of other languages are replaced by those of this one.

    A long text is returned as it is.

    >>> rewritten("x > 0 ? 1 : 2"), rewritten("7 div 2"), rewritten("d/dx sin(x)"), rewritten("sin(30°)")
    ('where(x > 0, 1, 2)', 'floor(7/2)', 'diff(sin(x), x)', 'sin(radians(30))')
    >>> rewritten("sum(k^2, k=1..10)"), rewritten("sum(1/k for k in range(1, n))")
    ('sum(k^2, k, 1, 10)', 'sum(1/k, k, 1, n - 1)')
    """
    if len(text) <= _LONGEST:
        for pattern, places in _INDEX_SUMS.items():
            text = _index_sum(pattern, places, text)
        for pattern, instead in _PATTERNS.items():
            text = re.sub(pattern, instead, text)
    return text
