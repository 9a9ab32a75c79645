"""`gradcli grad`: the value and every partial derivative at a point."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from gradcli.cli.command import Command, session_of
from gradcli.cli.showing.derivatives import derivative_name, derivatives_by_name, second_name, show_matrix
from gradcli.cli.showing.output import Output, not_finite, notes_of, number, shape_text, value_block, value_text
from gradcli.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import typer

    from gradcli.evaluate.expression import Expression

_NAMES = "NAME,..."
#: If an array has more numbers than this, only its shape is printed next to its gradient.
_SMALL = 9


def run(
    context: typer.Context,
    expression: Annotated[str, typer.Argument(metavar="EXPR", help="the expression, - for standard input, or @FILE")],
    wrt: Annotated[str | None, typer.Option("--wrt", metavar=_NAMES, help="only these variables")] = None,
    order: Annotated[
        int | None,
        typer.Option("--order", metavar="N", min=1, help="derivatives of order 1 to N with respect to each variable"),
    ] = None,
    hessian: Annotated[bool, typer.Option("--hessian", help="all second derivatives")] = False,
    jvp: Annotated[
        str | None, typer.Option("--jvp", metavar="NAME=X,...", help="the derivative along this direction")
    ] = None,
    partial: Annotated[
        str | None,
        typer.Option("--partial", metavar="NAME=N,...", help="one mixed derivative: x=2,y=1 stands for d3/dx^2dy"),
    ] = None,
    steps: Annotated[bool, typer.Option("--steps", help="show each step, forward and back")] = False,
    output: Annotated[
        str | None,
        typer.Option("-o", "--output", metavar="FILE", help="write a page, .html, that shows one step after the other"),
    ] = None,
    digits: Annotated[
        int | None, typer.Option("--digits", metavar="N", min=1, help="prove N digits of each number, by balls")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="exit 4 if any number is not finite")] = False,
) -> None:
    """Print the value and every partial derivative at a point.

    Derivatives are exact: they come from the chain rule, not from small differences.  Where a function has a kink, a
    jump or a pole, a note says which value was chosen.  A variable may be an array; its gradient has the same shape.
    With --digits, every printed digit is proved, and a decimal is the number that was typed: 0.1 is 1/10.
    """
    from gradcli.cli.reading.operands import direction_of, expression_and_point, names_in
    from gradcli.evaluate.notes import not_finite_notes

    session = session_of(context)
    if output is not None:
        from gradcli.cli.showing.page_output import check_page

        check_page(output, has_steps=steps)
        if wrt is not None:
            raise UsageError(
                "`--wrt` chooses variables, and a page has all of them",
                kind="conflicting_options",
                hint="leave out `--wrt`",
            )
    parsed, at = expression_and_point(session, expression)
    chosen = names_in(wrt, "--wrt", parsed.variables)
    direction = direction_of(session, jvp, "--jvp", parsed.variables) if jvp is not None else None
    mixed = None
    if partial is not None:
        from gradcli.cli.reading.operands import orders_of

        mixed = orders_of(partial, "--partial", parsed.variables)
    executor = parsed.executor(at)
    numeric = {"--order": order is not None, "--steps": steps, "--partial": mixed is not None}
    if executor.name == "arrays" and any(numeric.values()):
        option = next(name for name, is_given in numeric.items() if is_given)
        raise UsageError(
            f"`{option}` takes numbers, and this expression has arrays",
            kind="array",
            hint="with arrays, gradcli grad computes the gradient, --jvp and --hessian",
        )
    if digits is not None:
        if steps or output is not None:
            option = "--steps" if steps else "-o"
            raise UsageError(f"`--digits` and `{option}` exclude each other", kind="conflicting_options")
        from gradcli.cli.showing.proven_digits import show_proven

        notes = executor.gradient(parsed, at, chosen).notes
        show_proven(
            session, parsed, at, digits, notes,
            gradient=True, wrt=chosen, order=order, hessian=hessian, direction=direction, partial=mixed,
        )  # fmt: skip
        return
    # An array has no gradient, but a derivative along a direction.
    result = executor.evaluate(parsed, at) if direction is not None else None
    if result is None or isinstance(result.value, float):
        result = executor.gradient(parsed, at, chosen)
    document: dict[str, Any] = {
        "expression": str(parsed),
        "at": at,
        "value": result.value,
        "gradient": getattr(result, "gradient", {}),
        "notes": [],
    }
    if hessian:
        document["hessian"] = executor.hessian(parsed, at, chosen)
    if order is not None and executor.derivatives is not None:
        document["derivatives"] = executor.derivatives(parsed, at, order, chosen)
    if mixed is not None:
        document["partial"] = {"orders": mixed, "value": parsed.partial(mixed, **at)}
    if direction is not None:
        document["jvp"] = executor.jvp(parsed, at, direction)
    notes = [*result.notes, *_higher_notes(parsed, at, document, chosen)]
    notes = [*parsed.notes, *(notes or not_finite_notes(not_finite(derivatives_by_name(document))))]
    # A quick look is enough for the value and the gradient; higher derivatives take longer, and are looked at closely.
    is_higher = not {"derivatives", "hessian", "partial", "jvp"}.isdisjoint(document)
    if executor.name == "floats" and (is_higher or result.may_lose_digits):
        from gradcli.cli.showing.proven_digits import lost_digits_notes

        notes += lost_digits_notes(session, parsed, at, document, direction)
    if steps:
        notes += result.step_notes
    document.update(notes_of(notes))
    if strict:
        session.output.refuse_not_finite(
            {"the value": result.value, **derivatives_by_name(document)}, notes, parsed.source
        )
    if output is not None:
        from gradcli import limits
        from gradcli.cli.showing.page_output import write_page
        from gradcli.draw.picture import picture_of
        from gradcli.pages.graph_page import graph_page

        picture = picture_of(parsed, at, most=limits.DRAWN_VERTICES)
        write_page(session, output, graph_page(parsed, at, picture, plays=True))
        document["file"] = output
    if session.output.form == "json":
        if steps:
            keys = ("name", "operation", "value", "adjoint", "partials")
            document["steps"] = [{key: getattr(step, key) for key in keys} for step in result.steps]
        session.output.json(document)
        return
    if session.output.form == "table":
        _show_tables(session.output, document, parsed)
    else:
        first = [["expression", document["expression"]], ["value", value_text(result.value)]]
        session.output.table(
            [], first + [[name, value_text(value)] for name, value in derivatives_by_name(document).items()]
        )
    if steps and output is None:
        from gradcli.cli.showing.steps import show_steps

        show_steps(session.output, parsed, result.steps)
    session.output.notes(notes, parsed.source)


def _higher_notes(parsed: Any, at: Any, document: dict[str, Any], chosen: Sequence[str] | None) -> list[Any]:
    """Return the notes on derivatives of order 2 and more."""
    executor = parsed.executor(at)
    notes = []
    if "derivatives" in document:
        order = max(map(len, document["derivatives"].values()), default=1)
        notes += executor.higher_notes(parsed, at, order, chosen)
    if "hessian" in document:
        notes += executor.higher_notes(parsed, at, 2, chosen, is_hessian=True)
    return notes


def _show_tables(output: Output, document: dict[str, Any], parsed: Expression) -> None:
    output.equation(document["expression"], document["value"], parsed.root)
    at, gradient = document["at"], document["gradient"]
    if gradient:
        points = {name: _point_text(at[name]) for name in gradient}
        lines = [line for text in points.values() for line in text.split("\n")]
        taken = max(map(len, ["variable", *gradient])) + max(map(len, lines)) + 9
        rows = [[name, points[name], output.block(partial, taken)] for name, partial in gradient.items()]
        output.line()
        output.table(["variable", "at", "derivative"], rows, styles=["cyan", "", "bold"])
    higher = {name: partials for name, partials in document.get("derivatives", {}).items() if len(partials) > 1}
    if higher:
        rows = [
            [derivative_name(name, n), number(partials[n - 1])]
            for name, partials in higher.items()
            for n in range(2, len(partials) + 1)
        ]
        output.line()
        output.table(["order", "derivative"], rows, styles=["cyan", "bold"])
    if document.get("hessian"):
        output.line()
        blocks = {
            name: {other: output.block(block, 16) for other, block in row.items()}
            for name, row in document["hessian"].items()
        }
        show_matrix(output, "Hessian", blocks, second_name, symmetric=True)
    if "partial" in document:
        [(name, value)] = derivatives_by_name({"gradient": {}, "partial": document["partial"]}).items()
        output.line()
        output.line(f"{name}: {output.block(value)}")
    if "jvp" in document:
        output.line()
        output.line(f"along the direction: {output.block(document['jvp'])}")


def _point_text(value: Any) -> str:
    """Return a number or a small array as text, and a larger array as its shape, because the user has its numbers."""
    if isinstance(value, (int, float)) or value.size <= _SMALL:
        return value_block(value, 0)
    return shape_text(value)


COMMAND = Command(
    run,
    examples=(
        ('gradcli grad "x1*x2 + sin(x1)" --x1 2 --x2 3', "the value and both partial derivatives"),
        ('gradcli grad "sum((A@x - b)^2)" --A "[[1,2],[3,4]]" --x "[1,2]" --b @b.csv', "arrays; @x.npy works, too"),
        ('gradcli grad "x1*x2 + sin(x1)" --x1 2 --x2 3 --steps', "the chain rule, step by step"),
        (
            'gradcli grad "x1*x2 + sin(x1)" --x1 2 --x2 3 --steps -o steps.html',
            "a page that shows one step after the other",
        ),
        ('gradcli grad "exp(-x^2)" x=0 --order 4', "higher derivatives: 0, -2, 0, 12"),
        ('gradcli grad "x^y" x=2 y=0.5 --partial x=2,y=1', "one mixed derivative: d3/dx^2dy"),
        ('gradcli grad "(exp(x) - 1)/x" x=1e-10 --digits 20', "proved digits, where floats lose all of theirs"),
        ('gradcli grad "x*y^2" x=1 y=pi/2 --hessian --json', "all second derivatives, for a program"),
    ),
    takes_expression=True,
    takes_variables=True,
)
