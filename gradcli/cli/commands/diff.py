"""`gradcli diff`: the derivative as an expression."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from gradcli.cli.command import Command, session_of
from gradcli.cli.showing.derivatives import derivative_name, second_name, show_matrix
from gradcli.cli.showing.output import Output, notes_of
from gradcli.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import typer

    from gradcli.cli.showing.derivations import Derivations
    from gradcli.evaluate.derivative_formulas import DerivativeFormulas
    from gradcli.evaluate.expression import Expression
    from gradcli.graph import Node
    from gradcli.printing.displayed import Displayed


def run(
    context: typer.Context,
    expression: Annotated[str, typer.Argument(metavar="EXPR", help="the expression, - for standard input, or @FILE")],
    wrt: Annotated[
        str | None, typer.Option("--wrt", metavar="NAME,...", help="only these variables; by default all")
    ] = None,
    order: Annotated[
        int | None,
        typer.Option("--order", metavar="N", min=1, help="differentiate N times with respect to each variable"),
    ] = None,
    hessian: Annotated[bool, typer.Option("--hessian", help="all second derivatives, too")] = False,
    steps: Annotated[bool, typer.Option("--steps", help="show how the derivative is found, rule by rule")] = False,
    every: Annotated[
        bool, typer.Option("--every", help="like --steps, with a line for every rule, even in elementary derivatives")
    ] = False,
    latex: Annotated[bool, typer.Option("--latex", help="print LaTeX")] = False,
    file: Annotated[
        str | None,
        typer.Option("-o", "--output", metavar="FILE", help="write a page, .html, with the steps"),
    ] = None,
    digits: Annotated[
        int | None,
        typer.Option("--digits", metavar="N", min=1, help="at a point, prove N digits of each derivative, by balls"),
    ] = None,
) -> None:
    """Print the derivative as an expression.

    If there are several variables, this is the gradient: the partial derivative with respect to each. A vector [f, g]
    has a Jacobian, with a row for each component. Each result is written in the language of expressions, so gradcli
    can read it again. With --digits and a value for each variable, each derivative has its value, too, to the last
    digit.
    """
    from gradcli.cli.reading.operands import explained, expression_and_point, variables_of
    from gradcli.evaluate.derivative_formulas import formulas_of

    session = session_of(context)
    output = session.output
    if hessian and order is not None:
        raise UsageError(
            "`--order` and `--hessian` exclude each other",
            kind="conflicting_options",
            hint="--hessian gives all derivatives of order 2, --order 2 only d2/dx^2 of each variable x",
        )
    if hessian and (steps or every):
        raise UsageError(
            "`--steps` shows how derivatives with respect to one variable are found, not a Hessian",
            kind="conflicting_options",
            hint="--steps --order 2 shows how d2/dx^2 is found, for each variable x",
        )
    if file is not None:
        from gradcli.cli.showing.page_output import check_page

        check_page(file, has_steps=steps or every)
    if digits is not None and (steps or every or latex or file is not None):
        option = "--latex" if latex else "-o" if file is not None else "--steps"
        raise UsageError(f"`--digits` and `{option}` exclude each other", kind="conflicting_options")
    given = () if wrt is None else tuple([name.strip() for name in wrt.split(",")])
    parsed, at = expression_and_point(session, expression, complete=digits is not None, variables=given)
    if digits is None and session.bindings:
        raise UsageError(
            f"a derivative as a formula takes no values of variables, but `{session.bindings[0].name}` has one",
            kind="values_not_taken",
            hint="gradcli grad has the derivative at a point; with --digits N, diff has both",
        )
    with explained(session, parsed):
        variables = variables_of(wrt, parsed.variables)
        found = formulas_of(parsed, variables, order or 1, hessian=hessian)
    if found.conditions:
        output.message(f"note: this holds where {' and '.join(found.conditions)}")
    write = _writer(found, latex=latex)
    derived: Derivations = ()
    if steps or every:
        from gradcli.cli.showing.derivations import derivations, show_derivations, steps_entry

        derived = derivations(parsed, found, order or 1, every=every)
    if file is not None:
        from gradcli.cli.showing.page_output import write_steps

        write_steps(session, file, parsed, found, order or 1, every=every)
    values: list[dict[str, str]] = []
    second: dict[str, dict[str, str]] = {}
    if digits is not None:
        from gradcli.cli.showing.proven_digits import proven_at, proven_derivatives

        values = proven_derivatives(session, parsed, at, digits, variables, order or 1)
        if hessian:
            second = proven_at(session, parsed, at, digits).hessian(variables)
    if output.form == "json":
        rows = [{name: write(node) for name, node in row.items()} for row in found.rows]
        entries: list[Any] = [row if len(variables) > 1 else row[variables[0]] for row in rows]
        document = {
            "expression": str(parsed),
            "wrt": list(variables) if len(variables) > 1 else variables[0],
            "order": order or 1,
            "derivative": entries if found.is_vector else entries[0],
        }
        if found.hessian is not None:
            document["hessian"] = {
                name: {other: write(node) for other, node in row.items()} for name, row in found.hessian.items()
            }
        if digits is not None:
            numbers = [row if len(variables) > 1 else row[variables[0]] for row in values]
            document.update(digits=digits, value=numbers if found.is_vector else numbers[0])
            if second:
                document["hessian_value"] = second
        if derived:
            document["steps"] = steps_entry(derived, found.definitions, latex=latex)
        if file is not None:
            document["file"] = file
        output.json({**document, **notes_of(parsed.notes)})
        return
    if derived and file is None:
        show_derivations(output, parsed.definitions, derived, order or 1, latex=latex)
    elif latex:
        for node in found.arrays:
            output.line(write(node), style="bold")
    elif digits is not None:
        _show_values(output, found, values, second, order or 1)
    elif len(variables) == 1 and not hessian:
        if output.form == "table" and not output.shows_pictures:
            output.line(f"{derivative_name(variables[0], order or 1)} {parsed}", style="dim")
        output.formula(write(found.arrays[0]), lambda: _equation(parsed, variables[0], order or 1, found.arrays[0]))
    else:
        if output.shows_pictures:
            from gradcli.printing.displayed import displayed

            output.formula(str(parsed), lambda: displayed(parsed.root))
        elif output.form == "table":
            output.line(str(parsed), style="dim")
            output.line()
        _show_formulas(output, found, order or 1)
    output.notes(parsed.notes, parsed.source)


def _writer(found: DerivativeFormulas, *, latex: bool) -> Callable[[Node], str]:
    """Return the function that writes a formula as text or as LaTeX."""
    if latex:
        from gradcli.printing.latex import to_latex

        return to_latex
    from gradcli.printing.text import to_text

    return lambda node: to_text(node, found.definitions)


def _equation(parsed: Expression, variable: str, order: int, derivative: Node) -> Displayed:
    """Return the equation of the derivative to be taken and the derivative, for a notebook."""
    from gradcli.printing.displayed import derivative_of, displayed

    return derivative_of(displayed(parsed.root), variable, order).equals(displayed(derivative))


def _show_formulas(output: Output, found: DerivativeFormulas, order: int) -> None:
    """Print several derivatives, each with its name."""
    from gradcli.printing.text import to_text

    def texts(row: Mapping[str, Node]) -> dict[str, str]:
        return {name: output.formula_cell(to_text(node), node) for name, node in row.items()}

    functions = [f"f{place}" for place in range(1, len(found.rows) + 1)] if found.is_vector else [""]
    rows = dict(zip(functions, map(texts, found.rows), strict=True))
    if output.form == "table" and found.is_vector and order == 1:
        show_matrix(output, "Jacobian", rows, lambda function, name: derivative_name(name, order, function))
        return
    lines = [
        [derivative_name(name, order, function), text] for function, row in rows.items() for name, text in row.items()
    ]
    output.table(["", ""], lines, styles=["cyan", "bold"])
    hessian = {name: texts(row) for name, row in (found.hessian or {}).items()}
    if hessian and output.form == "table":
        output.line()
        show_matrix(output, "Hessian", hessian, second_name, symmetric=True)
    elif hessian:
        output.table(["", ""], [[second_name(one, other), hessian[one][other]] for one in hessian for other in hessian])


def _show_values(
    output: Output,
    found: DerivativeFormulas,
    values: Sequence[Mapping[str, str]],
    second: Mapping[str, Mapping[str, str]],
    order: int,
) -> None:
    """Print derivatives, each with its name and its value at a point."""
    from gradcli.printing.text import to_text

    rows = [
        [derivative_name(name, order, f"f{place}" if found.is_vector else ""), to_text(node), values[place - 1][name]]
        for place, row in enumerate(found.rows, 1)
        for name, node in row.items()
    ]
    rows += [
        [second_name(one, other), to_text(node), second[one][other]]
        for one, row in (found.hessian or {}).items()
        for other, node in row.items()
    ]
    output.table(["", "derivative", "value"], rows, styles=["cyan", "", "bold"])


COMMAND = Command(
    run,
    examples=(
        ('gradcli diff "x1*x2 + sin(x1)"', "the gradient: d/dx1 and d/dx2"),
        ('gradcli diff "x1*x2 + sin(x1)" --wrt x1', "x2 + cos(x1)"),
        ('gradcli diff "tanh(x)" --order 2', "the second derivative"),
        ('gradcli diff "x^2*sin(x)" --steps', "rule by rule, as on a blackboard"),
        ('gradcli diff "x^2*sin(x)" --steps -o steps.html', "a page with the steps, and their values at a point"),
        ('gradcli diff "x^2*sin(y)" --hessian', "all second derivatives, too"),
        ('gradcli diff "[r*cos(t), r*sin(t)]"', "the Jacobian of a vector"),
        ('gradcli diff "sum((A@x - b)^2)" --wrt x', "the gradient with respect to an array"),
        ('gradcli diff "exp(-x^2)" --latex', "for a paper"),
        ('gradcli diff "exp(-x^2)" x=0.1 --digits 30', "with its value at a point, to the last digit"),
        ('gradcli diff "x^2*y" x=0.1 y=3 --hessian --digits 20', "the same of all second derivatives"),
        ('gradcli diff "x^3" | gradcli eval - --x 2', "12.0"),
    ),
    takes_expression=True,
    takes_variables=True,
    point_option="--digits",
)
