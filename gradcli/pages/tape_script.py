"""The tape of an expression as JavaScript: the value and the local derivatives of each of its operations.

The script of a page runs the tape forward and backward as `gradcli.evaluate.point.Sweep` does.  For each different
operation of the tape there are two functions: one returns the value, and the other one stores the local derivatives,
and which operands are selected, in two arrays.  Both are written from the declaration of the primitive, by the lowering
that exported programs use, so that edge points have their declared derivatives.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

from gradcli.execute.tape import Tape
from gradcli.graph import Graph, Node
from gradcli.graph.rule import traced_rule
from gradcli.primitives import Primitive
from gradcli.primitives import functions as f
from gradcli.printing.code import indented
from gradcli.printing.javascript_code import JAVASCRIPT
from gradcli.records import NamedTuple

__all__ = ["TapeScript", "tape_script"]

#: The names of the output, and of the arrays of local derivatives and of what is selected.
_OUTPUT, _PARTIALS, _SELECTED = "y", "d", "s"
#: Operations that are so simple that a constant operand gives no shorter code.
_ARITHMETIC: Final = (f.add, f.sub, f.mul, f.div, f.neg)


class TapeScript(NamedTuple):
    """A tape as a script, and as data for it.

    Attributes:
        code: an expression of JavaScript: an array with a pair of functions for each different operation.
        data: the tape: the numbers of its slots, and for each operation the place of its functions and its operands.
    """

    code: str
    data: dict[str, Any]


def tape_script(tape: Tape, dependent: Sequence[bool]) -> TapeScript:
    """Return a tape as a script.

    Args:
        tape: the tape of an expression of numbers.
        dependent: for each slot, whether a derivative passes through it.

    Raises:
        UsageError: JavaScript lacks a function.

    >>> from gradcli.evaluate.expression import parse
    >>> root = parse("x1*x2").root
    >>> print(tape_script(Tape([root]), [True, True, True]).code)
    (() => {
    return [
    [(x0, x1) => x0 * x1,
    (x0, x1, y, d, s) => { d[0] = x1; s[0] = 1; d[1] = x0; s[1] = 1; }],
    ];
    })()
    """
    writer = _Writer()
    operations = []
    for primitive, slots in tape.instructions:
        fixed = _fixed(primitive, slots, tape)
        operations.append([writer.place(primitive, len(slots), fixed), *slots])
    data = {
        "variables": len(tape.variables),
        "constants": tape.constants,
        "operations": operations,
        "output": tape.outputs[0],
        "dependent": [int(one) for one in dependent],
    }
    return TapeScript(writer.code(), data)


def _fixed(primitive: Primitive, slots: Sequence[int], tape: Tape) -> tuple[float | None, ...]:
    """Return the constant operands that are written into the function of an operation, and None for other operands."""
    if primitive in _ARITHMETIC:
        return (None,) * len(slots)
    constants = [tape.nodes[slot].constant for slot in slots]
    # All operands constant would leave a function without arguments, and two nan are not equal.
    is_plain = all(one is not None for one in constants)
    return tuple([None if is_plain or (one is not None and math.isnan(one)) else one for one in constants])


class _Writer:
    """The functions for the operations of one tape."""

    def __init__(self) -> None:
        self.lowering = JAVASCRIPT.lowering()
        self.lowering.reserved |= {_OUTPUT, _PARTIALS, _SELECTED}
        self._places: dict[Any, int] = {}
        self._texts: list[str] = []
        self._lowered: list[Node] = []

    def place(self, primitive: Primitive, count: int, fixed: tuple[float | None, ...]) -> int:
        """Return the place of the functions of an operation, which are written at its first use."""
        # 0.0 and -0.0 are equal, but their texts differ.
        key = (primitive, *map(repr, fixed))
        if key not in self._places:
            self._places[key] = len(self._texts)
            self._texts.append(self._pair(primitive, count, fixed))
        return self._places[key]

    def code(self) -> str:
        """Return the array of all functions, behind the definitions that they need."""
        helpers = [*self.lowering.helpers.values()]
        needed = JAVASCRIPT.needed([*self._lowered, *[one.root for one in helpers]])
        definitions = "\n".join([*needed, *JAVASCRIPT.helper_texts(helpers)])
        return f"(() => {{\n{definitions}{definitions and chr(10)}return [\n{''.join(self._texts)}];\n}})()"

    def _pair(self, primitive: Primitive, count: int, fixed: tuple[float | None, ...]) -> str:
        graph = Graph()
        names = [f"x{place}" for place in range(count)]
        operands = [
            graph.variable(name) if constant is None else graph.constant(constant)
            for name, constant in zip(names, fixed, strict=True)
        ]
        output = graph.variable(_OUTPUT)
        arguments = ", ".join(names)
        lines, [value] = self._written([graph.add(primitive, operands)], operands)
        body = value if not lines else "{\n" + indented([*lines, f"return {value};"]) + "\n}"
        partials, conditions = traced_rule(primitive, count).apply([*operands, output], guarded=True)
        static = len(primitive.static)
        moving = [i for i in range(static, count) if fixed[i] is None and not _is_zero(conditions[i])]
        if primitive.is_locally_constant:
            moving = []
        selected = [conditions[i] for i in moving]
        roots = [*[partials[i] for i in moving], *[one for one in selected if one is not None]]
        lines, texts = self._written(roots, [*operands, output])
        flags = iter(texts[len(moving) :])
        for i, text, one in zip(moving, texts, selected, strict=False):
            flag = "1" if one is None else f"Number({next(flags)} !== 0)"
            lines += [f"{_PARTIALS}[{i}] = {text};", f"{_SELECTED}[{i}] = {flag};"]
        inside = f" {' '.join(lines)} " if len("".join(lines)) < 80 else f"\n{indented(lines)}\n"
        return f"[({arguments}) => {body},\n({arguments}, {_OUTPUT}, {_PARTIALS}, {_SELECTED}) => {{{inside}}}],\n"

    def _written(self, roots: Sequence[Node], operands: Sequence[Node]) -> tuple[list[str], list[str]]:
        names = {node: str(node.name) for node in operands if node.is_variable}
        lowered = self.lowering.lowered(roots, names)
        self._lowered += lowered
        return JAVASCRIPT.statements(lowered, {*JAVASCRIPT.taken, *names.values(), _PARTIALS, _SELECTED})


def _is_zero(condition: Node | None) -> bool:
    return condition is not None and condition.constant == 0.0
