"""`gradcli diff`: the derivative as an expression."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from gradcli.cli.command import Command, session_of
from gradcli.cli.showing.output import notes_of

if TYPE_CHECKING:
    import typer


def run(
    context: typer.Context,
    expression: Annotated[str, typer.Argument(metavar="EXPR", help="the expression, - for standard input, or @FILE")],
    wrt: Annotated[
        str | None, typer.Option("--wrt", metavar="NAME", help="the variable; needed if there are several")
    ] = None,
    order: Annotated[int, typer.Option("--order", metavar="N", min=1, help="differentiate N times")] = 1,
    latex: Annotated[bool, typer.Option("--latex", help="print LaTeX")] = False,
) -> None:
    """Print the derivative as an expression.

    The result is written in the language of expressions, so gradcli can read it again.
    """
    from gradcli.cli.reading.operands import explained, read_expression, variable_of
    from gradcli.graph.formula import derivative_formula
    from gradcli.printing.describe import describe_conditions
    from gradcli.printing.latex import to_latex
    from gradcli.printing.text import text_length, to_text

    session = session_of(context)
    parsed = read_expression(session, expression, variables=() if wrt is None else (wrt.strip(),))
    parsed.refuse_arrays("the derivative as an expression")
    with explained(session, parsed):
        name = variable_of(wrt, parsed.variables)
    simple = derivative_formula(parsed.root, parsed.graph.variable(name), order, text_length)
    text = to_latex(simple.root) if latex else to_text(simple.root)
    conditions = describe_conditions(simple)
    if conditions:
        session.output.message(f"note: this holds where {' and '.join(conditions)}")
    if session.output.form == "json":
        document = {"expression": str(parsed), "wrt": name, "order": order, "derivative": text}
        session.output.json({**document, **notes_of(parsed.notes)})
        return
    if session.output.form == "table" and not latex:
        power = "" if order == 1 else str(order)
        session.output.line(f"d{power}/d{name}{'^' + power if power else ''} {parsed}", style="dim")
    session.output.line(text, style="bold")
    session.output.notes(parsed.notes, parsed.source)


COMMAND = Command(
    run,
    examples=(
        ('gradcli diff "x1*x2 + sin(x1)" --wrt x1', "x2 + cos(x1)"),
        ('gradcli diff "tanh(x)" --order 2', "the second derivative"),
        ('gradcli diff "exp(-x^2)" --latex', "for a paper"),
        ('gradcli diff "x^3" | gradcli eval - --x 2', "12.0"),
    ),
    takes_expression=True,
)
