"""`gradcli taylor`: the Taylor polynomial around a point."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from gradcli.cli.command import Command, Session, session_of
from gradcli.cli.showing.output import notes_of
from gradcli.errors import GradcliError, NotFiniteError, UsageError
from gradcli.source import listed

if TYPE_CHECKING:
    from collections.abc import Mapping

    import typer

    from gradcli.evaluate.expression import Expression


def run(
    context: typer.Context,
    expression: Annotated[str, typer.Argument(metavar="EXPR", help="the expression, - for standard input, or @FILE")],
    wrt: Annotated[
        str | None,
        typer.Option("--wrt", metavar="NAME", help="the variable; needed if others have values, too"),
    ] = None,
    order: Annotated[int, typer.Option("--order", metavar="N", min=0, help="the highest power")] = 5,
    latex: Annotated[bool, typer.Option("--latex", help="print LaTeX")] = False,
    digits: Annotated[
        int | None, typer.Option("--digits", metavar="N", min=1, help="prove N digits of each coefficient, by balls")
    ] = None,
) -> None:
    """Print the Taylor polynomial around a point.

    Its coefficients are exact: fractions, and formulas of constants such as pi, sqrt(2) and sin(1).  A variable without
    a value stays a symbol.  With --digits they are decimals, each to the last digit.  In a pipe the polynomial is
    printed without its remainder, such as O(x^6), so that gradcli can read it again.
    """
    from gradcli.cli.reading.operands import explained, expression_and_point
    from gradcli.printing.latex import to_latex

    session = session_of(context)
    names = () if wrt is None else (wrt.strip(),)
    parsed, at = expression_and_point(session, expression, complete=False, variables=names)
    with explained(session, parsed):
        name = _variable(session, parsed, wrt, tuple(at))
        if digits is not None:
            if latex:
                raise UsageError("`--digits` and `--latex` exclude each other", kind="conflicting_options")
            _show_proven(session, parsed, name, at, order, digits)
            return
        texts = {binding.name: binding.text for binding in session.bindings}
        # The text is exact, and its value may be rounded.
        values = {other: at[other] if texts[other].strip().startswith("@") else texts[other] for other in at}
        polynomial = parsed.taylor(name, values.pop(name), order, values)
    text = to_latex(polynomial.root) if latex else str(polynomial)
    notes = [*parsed.notes, *polynomial.notes]
    if session.output.form == "json":
        document = {
            "expression": str(parsed),
            "variable": name,
            "at": polynomial.at,
            "order": order,
            "polynomial": text,
            "coefficients": [one.text for one in polynomial.coefficients],
            "values": [one.value for one in polynomial.coefficients],
            "remainder": polynomial.remainder,
        }
        session.output.json({**document, **notes_of(notes)})
        return
    if session.output.shows_pictures and not latex:
        from gradcli.printing.displayed import displayed

        root, power = displayed(polynomial.root), displayed(polynomial.power)
        whole = displayed(parsed.root).equals(root.plus_remainder(power))
        session.output.formula(f"{text} + {polynomial.remainder}", lambda: whole)
        session.output.notes(notes, parsed.source)
        return
    if session.output.form == "table":
        if not latex:
            session.output.line(f"Taylor polynomial of {parsed} at {polynomial.place}", style="dim")
        rest = rf"O\left({to_latex(polynomial.power)}\right)" if latex else polynomial.remainder
        text = f"{text} + {rest}"
    session.output.line(text, style="bold")
    session.output.notes(notes, parsed.source)


def _show_proven(
    session: Session, parsed: Expression, name: str, at: Mapping[str, Any], order: int, digits: int
) -> None:
    """Print the polynomial with coefficients to the last digit."""
    from gradcli.cli.reading.operands import missing_values
    from gradcli.cli.showing.proven_digits import exact_texts, proven_at
    from gradcli.evaluate.taylor import check_order, without_series
    from gradcli.graph.series import Singular

    missing = [one for one in parsed.variables if one not in at]
    if missing:
        raise missing_values(session, parsed, missing)
    check_order(order)
    place = exact_texts(session, at)[name]
    try:
        coefficients = proven_at(session, parsed, at, digits).coefficients(name, order)
    except Singular as error:
        message, hint = without_series(error, f"{name} = {place}")
        raise NotFiniteError(message, kind=error.kind, hint=hint) from None
    distance = name if float(at[name]) == 0.0 else _distance(name, place)
    text = ""
    for power, coefficient in enumerate(coefficients):
        if coefficient == "0":
            continue
        sign, size = ("-", coefficient[1:]) if coefficient[0] == "-" else ("+", coefficient)
        text += f" {sign} {size}" if text else coefficient
        text += "" if power == 0 else f"*{distance}" if power == 1 else f"*{distance}^{power}"
    text = text or "0"
    remainder = f"O({distance}{f'^{order + 1}' if order else ''})"
    if session.output.form == "json":
        document = {"expression": str(parsed), "variable": name, "at": at[name], "order": order, "digits": digits}
        document.update(polynomial=text, coefficients=coefficients, values=[float(one) for one in coefficients])
        session.output.json({**document, "remainder": remainder, **notes_of(parsed.notes)})
        return
    if session.output.form == "table":
        session.output.line(f"Taylor polynomial of {parsed} at {name} = {place}", style="dim")
        text = f"{text} + {remainder}"
    session.output.line(text, style="bold")
    session.output.notes(parsed.notes, parsed.source)


def _distance(name: str, place: str) -> str:
    """Return the variable minus the point, as it was typed."""
    try:
        is_negative = float(place) < 0.0
    except ValueError:
        return f"({name} - ({place}))" if {*place} & {*"+-<>=!"} else f"({name} - {place})"
    return f"({name} + {place[1:]})" if is_negative else f"({name} - {place})"


def _variable(session: Session, parsed: Expression, wrt: str | None, given: tuple[str, ...]) -> str:
    """Return the variable of the polynomial, which has a value: the point.

    Raises:
        UsageError: no variable has a value, or several variables have one.
    """
    from gradcli.cli.reading.operands import missing_values, names_in

    if wrt is not None:
        if "," in wrt:
            raise _several("`--wrt` takes one variable here", parsed.variables)
        [name] = names_in(wrt, "--wrt", parsed.variables) or ()
        if name not in given:
            raise missing_values(session, parsed, [name])
        return name
    if len(given) == 1:
        return given[0]
    if given:
        raise _several(f"{listed(given)} have values, and a Taylor polynomial has one variable", given)
    if len(parsed.variables) == 1:
        raise missing_values(session, parsed, list(parsed.variables))
    if not parsed.variables:
        raise UsageError("the expression has no variable", kind="missing_variable")
    raise UsageError(
        f"the expression has {len(parsed.variables)} variables: {listed(parsed.variables)}",
        kind="several_variables",
        hint=f"give the variable of the polynomial its point, such as {parsed.variables[0]}=0; others stay symbols",
    )


def _several(message: str, names: tuple[str, ...]) -> GradcliError:
    return UsageError(
        message,
        kind="several_variables",
        hint=f"name the variable with --wrt {names[0]}; others keep their values",
    )


COMMAND = Command(
    run,
    examples=(
        ('gradcli taylor "sin(x)" x=0', "x - x^3/6 + x^5/120"),
        ('gradcli taylor "exp(x)" x=1 --order 2', "in powers of x - 1: e + e*(x - 1) + e*(x - 1)^2/2"),
        ('gradcli taylor "(1 + x)^n" x=0 --order 3', "n stays a symbol"),
        ('gradcli taylor "sin(a*x)/x" x=0 a=2 --wrt x', "with a = 2; at 0 the quotient has no value, but a polynomial"),
        ('gradcli taylor "tan(x)" x=pi/4 --latex', "for a paper"),
        ('gradcli taylor "exp(sin(x))" x=0.1 --order 3 --digits 20', "decimals, each to the last digit"),
        ('gradcli taylor "cos(x)" x=0 | gradcli eval - x=0.1', "0.9950041666666667"),
    ),
    takes_expression=True,
    takes_variables=True,
)
