"""`gradcli eval`: the value of an expression."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from gradcli.cli.command import Command, session_of
from gradcli.cli.showing.output import notes_of, value_text

if TYPE_CHECKING:
    import typer


def run(
    context: typer.Context,
    expression: Annotated[str, typer.Argument(metavar="EXPR", help="the expression, - for standard input, or @FILE")],
    digits: Annotated[
        int | None, typer.Option("--digits", metavar="N", min=1, help="prove N digits of the value, by balls")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="exit 4 if the value is not finite")] = False,
) -> None:
    """Print the value of an expression.

    The value of a variable may itself be an expression without variables, such as pi/2 or 2^10, an array such as
    [1, 2, 3] or [[1, 2], [3, 4]], or a file: @x.npy, @x.csv.  With --digits, every printed digit is proved, and a
    decimal is the number that was typed: 0.1 is 1/10.
    """
    from gradcli.cli.reading.operands import expression_and_point

    session = session_of(context)
    parsed, at = expression_and_point(session, expression)
    if digits is not None:
        from gradcli.cli.showing.proven_digits import show_proven

        show_proven(session, parsed, at, digits)
        return
    result = parsed.executor(at).evaluate(parsed, at)
    if session.terminal.workspace is not None:
        session.terminal.workspace.keep(result.value, value_text(result.value))
    notes = [*parsed.notes, *result.notes]
    if result.may_lose_digits:
        from gradcli.cli.showing.proven_digits import lost_digits_notes

        notes += lost_digits_notes(session, parsed, at, {"value": result.value})
    if strict:
        session.output.refuse_not_finite({"the value": result.value}, notes, parsed.source)
    if session.output.form == "json":
        session.output.json({"expression": str(parsed), "value": result.value, **notes_of(notes)})
    elif session.output.form == "table":
        session.output.equation(str(parsed), result.value, parsed.root)
    else:
        session.output.line(value_text(result.value))
    session.output.notes(notes, parsed.source)


COMMAND = Command(
    run,
    examples=(
        ('gradcli eval "x1*x2 + sin(x1)" --x1 2 --x2 3', "6.909297426825682"),
        ('gradcli eval "exp(pi*sqrt(163))" --digits 40', "262537412640768743.9999999999992500725972"),
        ('gradcli eval "A @ x" --A "[[1, 2], [3, 4]]" --x @x.csv', "arrays, written out or from files"),
        ('gradcli eval "r = sqrt(x^2 + y^2); r * exp(-r)" x=3 y=4', "definitions first, then the result"),
    ),
    takes_expression=True,
    takes_variables=True,
)
