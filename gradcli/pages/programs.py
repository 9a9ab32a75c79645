"""The programs of ``gradcli export --to javascript``, as functions of a page."""

from __future__ import annotations

from collections.abc import Sequence

from gradcli.evaluate.expression import Expression
from gradcli.export.expression_program import Request, export_expression, program_of
from gradcli.graph import Node
from gradcli.printing.javascript_code import JAVASCRIPT

__all__ = ["as_function", "gradient_program", "values_program"]

_NAME = "compute"


def gradient_program(expression: Expression) -> str:
    """Return the JavaScript program that computes the value and the gradient of an expression.

    Raises:
        UsageError: JavaScript lacks one of its functions.
    """
    return export_expression(expression, "javascript", name=_NAME)


def values_program(title: str, variables: Sequence[Node], roots: Sequence[Node]) -> str:
    """Return the JavaScript program that computes several values.

    Args:
        title: the first paragraph of the comment at its beginning.
        variables: the arguments of its function.
        roots: the nodes of the values, at least two.

    Raises:
        UsageError: JavaScript lacks one of their functions.
    """
    return program_of(Request(title, _NAME, list(variables), list(roots), "value"), JAVASCRIPT)


def as_function(program: str) -> str:
    """Return a JavaScript expression for the function of a program; the other names of the program are hidden inside.

    >>> from gradcli.evaluate.expression import parse
    >>> print(as_function(gradient_program(parse("2*x"))))
    (() => {
    //...
    function compute(x) {
        ...
    }
    return compute;
    })()
    """
    return f"(() => {{\n{program.replace('export function', 'function', 1).rstrip()}\nreturn {_NAME};\n}})()"
