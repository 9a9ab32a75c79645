"""`gradcli check`: the gradient, compared with other methods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from gradcli.cli.command import Command, session_of
from gradcli.cli.showing.output import number, shape_text, value_text
from gradcli.errors import CheckFailed

if TYPE_CHECKING:
    import typer

    from gradcli.evaluate.check import Report


_LONGEST = 80


def run(
    context: typer.Context,
    expression: Annotated[str, typer.Argument(metavar="EXPR", help="the expression, - for standard input, or @FILE")],
) -> None:
    """Compare the gradient with other methods.

    grad uses the reverse sweep.  Its result is compared with a forward sweep, a complex step and finite differences.
    The table shows how many decimal digits agree, at most 17; for an array, in its worst entry.  A method that does not
    apply at the point, or to arrays, has a dash.  The exit code is 6 if a method disagrees.
    """
    from gradcli.cli.reading.operands import expression_and_point
    from gradcli.evaluate.check import METHODS, check

    session = session_of(context)
    parsed, at = expression_and_point(session, expression)
    report = check(parsed, at)
    if session.output.form == "json":
        session.output.json(
            {
                "expression": str(parsed),
                "value": report.value,
                "gradient": report.gradient,
                "methods": report.methods,
                "agree": report.agree,
            }
        )
    else:
        is_table = session.output.form == "table"
        names = [method.replace("_", " ") for method in METHODS] if is_table else METHODS
        rows = [
            [
                variable,
                shape_text(partial) if is_table and not isinstance(partial, float) else value_text(partial),
                *(_digits(report.digits[method][variable]) for method in METHODS),
            ]
            for variable, partial in report.gradient.items()
        ]
        if session.output.form == "table":
            session.output.equation(str(parsed), report.value)
            session.output.line()
        else:
            session.output.table([], [["expression", str(parsed)], ["value", number(report.value)]])
        session.output.table(["variable", "derivative", *names], rows, styles=["cyan", "bold"], plain_headings=True)
        if session.output.form == "table":
            session.output.line()
            session.output.paragraph(_verdict(report))
        else:
            session.output.table([], [["agree", "yes" if report.agree else "no"]])
    session.output.notes(report.notes, parsed.source)
    if not report.agree:
        raise _failure(report)


def _digits(count: float | None) -> str:
    return "-" if count is None else f"{count:g} digits"


def _verdict(report: Report) -> str:
    if not report.agree:
        return "The methods disagree."
    if not report.comparable:
        return "The sweeps agree. The derivative is a choice at this point, so difference quotients may differ."
    return "All methods that apply agree."


def _failure(report: Report) -> CheckFailed:
    """Name the method and the variable that are furthest apart."""
    found = [
        (digits, method, variable)
        for method, row in report.digits.items()
        for variable, digits in row.items()
        if digits is not None and (report.comparable or method == "forward")
    ]
    _, method, variable = min(found)
    expected, other = value_text(report.gradient[variable]), str(report.methods[method][variable])
    if len(expected) + len(other) > _LONGEST:
        expected, other = "one array", "another"
    return CheckFailed(
        f"d/d{variable} is {expected} by the reverse sweep, but {other} by {method.replace('_', ' ')}",
        hint="a rule of differentiation is wrong, or the function is not smooth here",
    )


COMMAND = Command(
    run,
    examples=(
        ('gradcli check "x1*x2 + sin(x1)" --x1 2 --x2 3', "three other methods agree"),
        ('gradcli check "norm(A @ x)" --A "[[1, 2], [3, 4]]" --x "[1, 2]"', "on arrays"),
        ('gradcli check "tanh(x)" x=15 --json', "for a program"),
    ),
    takes_expression=True,
    takes_variables=True,
)
