"""`gradcli plot`: the curve of an expression with its special points."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated, Any

from gradcli.cli.command import Command, Session, session_of
from gradcli.cli.reading.arguments import Binding, refuse_two_values
from gradcli.cli.showing.output import notes_of, number
from gradcli.errors import UsageError
from gradcli.records import NamedTuple
from gradcli.source import listed

if TYPE_CHECKING:
    import typer

    from gradcli.cli.reading.ranges import Range
    from gradcli.draw.plot import Curve
    from gradcli.evaluate.curve_features import Features
    from gradcli.evaluate.expression import Expression
    from gradcli.evaluate.univariate import Univariate

#: The interval that is shown if none is given.
_USUAL = (-5.0, 5.0)
#: The points of a table, for each of one or two variables.
_USUAL_POINTS, _USUAL_GRID = 201, 21
#: The formats of a file.
_FORMATS = ("svg", "png", "pdf", "html")
#: The most special points that a terminal shows below a picture.
_MOST_LISTED = 24
#: Zeros and extrema of derivatives up to this order are marked; those of higher ones need large graphs.
_MARKED = 2


def run(
    context: typer.Context,
    expressions: Annotated[
        list[str], typer.Argument(metavar="EXPR", help="the expressions, - for standard input, or @FILE")
    ],
    derivatives: Annotated[
        int, typer.Option("--derivatives", metavar="N", min=0, help="draw the first N derivatives, too")
    ] = 0,
    tangent: Annotated[
        str | None, typer.Option("--tangent", metavar="x=X", help="draw the tangent at a point, too")
    ] = None,
    points: Annotated[
        int | None,
        typer.Option(
            "--points",
            metavar="N",
            min=2,
            help="the number of points in the table, for each variable (default 201; with two variables 21)",
        ),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option("-o", "--output", metavar="FILE", help="write a figure, .svg, .png, .pdf, or a page, .html"),
    ] = None,
) -> None:
    """Draw the curve of an expression, and list its special points.

    x=-3:3 is the range of the variable; a=2 gives a value to another variable. Zeros, extrema, inflection points,
    kinks, jumps, poles, holes and ends of the domain are found with the derivative, so none is missed between two drawn
    points. No line is drawn across a break. With ranges of two variables, colours show the height and arrows show the
    gradient, and the points where the gradient is 0 are listed. In a pipe, a table of values is printed, and the
    special points are notes on standard error. A page has a point that can be dragged, with its derivatives and its
    tangent. SVG, PNG and PDF need matplotlib: pip install "gradcli[plot]"
    """
    from gradcli import limits
    from gradcli.draw.plot import curve_of, plot_of
    from gradcli.evaluate.curve_features import features_of
    from gradcli.evaluate.univariate import univariate
    from gradcli.files import format_of

    session = session_of(context)
    if derivatives > limits.CURVE_DERIVATIVES:
        most = limits.CURVE_DERIVATIVES
        raise limits.refusal("CURVE_DERIVATIVES", f"at most {most} derivatives are drawn, not {derivatives}")
    form = None if output is None else format_of(output, _FORMATS, "figure")
    if output is not None and form != "html":
        from gradcli.draw.figures import check_plot

        check_plot(output)
    parsed, scopes, constants = _scopes(session, expressions)
    if session.output.form == "json":
        _refuse_keys(scopes)
    if len(scopes) > 1:
        from gradcli.cli.showing.surface_output import show_surface

        options = {"--derivatives": derivatives, "--tangent": tangent, "a second expression": len(parsed) > 1}
        for name in [name for name, value in options.items() if value]:
            raise UsageError(
                f"{name} is for curves of one variable, but two variables have ranges", kind="conflicting_options"
            )
        show_surface(session, parsed[0], scopes, constants, _count(points or _USUAL_GRID, 2), output, form)
        return
    scope, points = scopes[0], _count(points or _USUAL_POINTS, 1)
    at = _place_of(session, tangent, scope)
    drawn = []
    for expression in parsed:
        given = {name: value for name, value in constants.items() if name in expression.variables}
        function = univariate(expression, scope.name, given)
        features = features_of(function, scope.low, scope.high)
        _refuse_empty(expression, function, features, scope)
        tangents = [] if at is None else [_tangent(expression, function, features, at, scope)]
        drawn.append(_Drawn(expression, function, features, tangents))
    if session.output.form == "json":
        session.output.json(_document(drawn, scope, constants, derivatives, at, points, output))
    if output is not None or session.output.form == "table":
        curves: list[Curve] = []
        for one in drawn:
            curves.append(curve_of(str(one.expression), one.function, one.features))
            for order in range(1, derivatives + 1):
                slope = one.function.derivative(order).as_function
                found = features_of(slope, scope.low, scope.high, only_edges=order > _MARKED)
                curve = curve_of(_derivative_name(scope.name, order, one, drawn), slope, found)
                curves.append(curve._replace(marks=[mark for mark in curve.marks if mark.is_open]))
            # The point of a page has a tangent of its own.
            curves += one.tangents if form != "html" else []
        plot = plot_of(scope.name, scope.low, scope.high, curves)
        if output is not None and form == "html":
            from gradcli.cli.showing.page_output import write_plot

            write_plot(session, output, plot, drawn, derivatives, at)
        elif output is not None and form is not None:
            from gradcli.draw.plot_figure import plot_figure
            from gradcli.files import write_atomically

            write_atomically(output, plot_figure(plot, form))
            session.output.message(f"wrote {output}")
        elif session.output.shows_pictures and find_spec("matplotlib") is not None:
            from gradcli.draw.plot_figure import plot_figure

            names = ", ".join([str(one.expression) for one in drawn])
            session.output.picture(plot_figure(plot, "svg"), f"the plot of {names}")
        elif session.output.form == "table":
            _show(session, plot)
    if session.output.form == "table":
        _list(session, drawn, scope)
    elif session.output.form == "plain" and output is None:
        _print_table(session, drawn, scope, derivatives, points)
    if session.output.form == "plain":
        for one in drawn:
            name = f"{one.expression}: " if len(drawn) > 1 else ""
            for text in _texts(one, scope):
                session.output.message(f"note: {name}{text}")
    for one in drawn:
        session.output.notes(one.expression.notes, one.expression.source)


class _Drawn(NamedTuple):
    """One expression, as a function of the variable that is plotted, with its special points and tangents."""

    expression: Expression
    function: Univariate
    features: Features
    tangents: list[Curve]


def _scopes(session: Session, operands: list[str]) -> tuple[list[Expression], list[Range], dict[str, float]]:
    """Return the expressions, the ranges of one or two variables, and the values of the others."""
    from gradcli.cli.reading.operands import read_expression, refuse_unknown
    from gradcli.cli.reading.ranges import Range, ranges_of
    from gradcli.cli.reading.values import scalar_of

    ranges, rest = ranges_of(session)
    if len(ranges) > 2:
        raise UsageError(
            f"{len(ranges)} variables have ranges, {listed([one.name for one in ranges])}, but at most two may",
            kind="conflicting_options",
            hint=f"give a value to the others, for example {ranges[2].name}=1",
        )
    refuse_two_values([*[Binding(one.name, "") for one in ranges], *rest.bindings])
    if operands.count("-") > 1:
        raise UsageError("only one expression can come from standard input", kind="conflicting_options")
    named = {one.name for one in ranges}
    parsed = [read_expression(session, operand, variables=named) for operand in operands]
    for expression in parsed:
        expression.refuse_arrays("plot")
    variables = [*dict.fromkeys(name for expression in parsed for name in expression.variables)]
    free = [name for name in variables if name not in {binding.name for binding in rest.bindings}]
    if not ranges and len(free) == 1:
        ranges = [Range(free[0], *_USUAL)]
        low, high = map(number, _USUAL)
        session.output.message(f"note: {free[0]} goes from {low} to {high}; {free[0]}=-1:1 sets another range")
    elif not ranges:
        raise UsageError(
            f"no variable has a range: {listed(free)}" if free else "there is no variable to plot over",
            kind="missing_variable",
            hint=f"for example {free[0]}=-3:3" if free else "name one: x=-3:3",
        )
    refuse_unknown(rest, variables, "the expression")
    if variables or len(ranges) > 1:
        named_only = tuple(Binding(one.name, "") for one in ranges)
        refuse_unknown(rest._replace(bindings=named_only), variables, "the expression")
    missing = [name for name in free if name not in {one.name for one in ranges}]
    if missing:
        raise UsageError(f"no value for {listed(missing)}", kind="missing_variable", hint=f"for example {missing[0]}=1")
    values = {one.name: scalar_of(session, one.text, f"the value of `{one.name}`") for one in rest.bindings}
    return parsed, ranges, values


def _refuse_keys(scopes: list[Range]) -> None:
    """Refuse variables whose names are other keys of a point in the object of ``--json``."""
    keys = {"values", "derivatives"} if len(scopes) == 1 else {"value", "gradient", "kind", "eigenvalues"}
    for name in [scope.name for scope in scopes if scope.name in keys]:
        raise UsageError(
            f"with `--json` the variable of a plot can't be `{name}`, which is another key of a point",
            kind="conflicting_names",
            hint="give the variable another name",
        )


def _count(points: int, variables: int) -> int:
    """Return the number of points of a table along each variable, if the table isn't too long."""
    from gradcli import limits

    rows = points**variables
    if rows > limits.CURVE_ROWS:
        raise limits.refusal("CURVE_ROWS", f"a table of a plot has at most {limits.CURVE_ROWS:,} rows, not {rows:,}")
    return points


def _place_of(session: Session, tangent: str | None, scope: Range) -> float | None:
    """Return the place of ``--tangent x=1``; the name may be left out."""
    from gradcli.cli.reading.values import scalar_of

    if tangent is None:
        return None
    name, equals, text = tangent.rpartition("=")
    if equals and name.strip() != scope.name:
        raise UsageError(f"`--tangent`: `{name.strip()}` is not the variable of the curve", hint=f"{scope.name}={text}")
    return scalar_of(session, text, "the place of the tangent")


def _refuse_empty(expression: Expression, function: Univariate, features: Features, scope: Range) -> None:
    import numpy as np

    if not np.isfinite(function.values(features.grid)).any():
        raise UsageError(
            f"`{expression}` has no value between {scope.name} = {number(scope.low)} and {number(scope.high)}",
            kind="undefined",
            hint=f"{scope.name}=START:STOP sets another range",
        )


def _tangent(expression: Expression, function: Univariate, features: Features, at: float, scope: Range) -> Curve:
    """Return the tangent of a curve."""
    import math

    import numpy as np

    from gradcli.draw.plot import Curve, Mark

    value, slope = function.at(at), function.derivative(1).at(at)
    kinks = [feature for feature in features.found if feature.x == at and feature.kind in ("kink", "jump")]
    if not (math.isfinite(value) and math.isfinite(slope)) or kinks:
        why = f"has a {kinks[0].kind}" if kinks else "has no finite value and slope"
        raise UsageError(f"`{expression}` {why} at {scope.name} = {number(at)}, so there is no tangent")
    x = np.array([scope.low, scope.high])
    label = f"tangent: {number(value)} + {number(slope)}*({scope.name} - {number(at)})"
    return Curve(label, [(x, value + slope * (x - at))], [Mark(at, value)], [], is_thin=True)


def _derivative_name(variable: str, order: int, one: _Drawn, drawn: list[_Drawn]) -> str:
    from gradcli.cli.showing.derivatives import derivative_name

    name = derivative_name(variable, order)
    return f"{name} {one.expression}" if len(drawn) > 1 else name


# The terminal


def _show(session: Session, plot: Any) -> None:
    """Draw the plot with characters."""
    from gradcli.cli.context import is_unicode
    from gradcli.cli.showing.surface_output import picture_size
    from gradcli.draw.canvas import Painter
    from gradcli.draw.plot_text import legend, plot_lines

    terminal = session.terminal
    width, height = picture_size(session)
    painter = Painter.of(terminal.environment, colour=terminal.colour)
    is_plain = not is_unicode(terminal.stdout)
    for line in [*legend(plot, width), *plot_lines(plot, width, height, ascii_only=is_plain)]:
        text = painter.text(line, width)
        terminal.stdout.write((text.replace("━", "-") if is_plain else text) + "\n")


def _texts(one: _Drawn, scope: Range) -> list[str]:
    from gradcli.cli.showing.feature_words import feature_text, many_text

    found = [feature_text(feature, scope.name) for feature in one.features.found]
    found += [curve.label for curve in one.tangents]
    return [*found, *([many_text(one.features.incomplete)] if one.features.incomplete else [])]


def _list(session: Session, drawn: list[_Drawn], scope: Range) -> None:
    """Print the special points below a picture."""
    if session.output.shows_pictures:
        names = [[str(one.expression)] if len(drawn) > 1 else [] for one in drawn]
        rows = [[*name, text] for name, one in zip(names, drawn, strict=True) for text in _texts(one, scope)]
        session.output.table([*["curve"] * (len(drawn) > 1), "special points"], rows)
        return
    for one in drawn:
        texts = _texts(one, scope)
        session.output.line()
        if len(drawn) > 1:
            session.output.line(str(one.expression), style="bold")
        for text in texts[:_MOST_LISTED]:
            session.output.line(text)
        if len(texts) > _MOST_LISTED:
            session.output.line(f"and {len(texts) - _MOST_LISTED} more; --json has all of them", style="dim")


# A pipe


def _grid(scope: Range, points: int) -> Any:
    import numpy as np

    from gradcli.tables.grid import Axis

    return Axis(scope.name, scope.low, scope.high, points).values(np.arange(points))


def _columns(one: _Drawn, x: Any, derivatives: int) -> list[Any]:
    """Return the value and the derivatives at many points."""
    return [one.function.derivative(order).values(x) for order in range(derivatives + 1)]


def _print_table(session: Session, drawn: list[_Drawn], scope: Range, derivatives: int, points: int) -> None:
    """Print tab-separated numbers."""
    x = _grid(scope, points)
    names = [scope.name]
    for place in range(1, len(drawn) + 1):
        end = str(place) if len(drawn) > 1 else ""
        names += [f"value{end}", *[f"d{order}{'_' + end if end else ''}" for order in range(1, derivatives + 1)]]
    columns = [x, *[column for one in drawn for column in _columns(one, x, derivatives)]]
    rows = zip(*[column.tolist() for column in columns], strict=True)
    session.output.table(names, [[number(cell) for cell in row] for row in rows], plain_headings=True)


def _document(
    drawn: list[_Drawn],
    scope: Range,
    constants: dict[str, float],
    derivatives: int,
    at: float | None,
    points: int,
    output: str | None,
) -> dict[str, Any]:
    x = _grid(scope, points)
    columns = [[column.tolist() for column in _columns(one, x, derivatives)] for one in drawn]
    notes = [note for one in drawn for note in one.expression.notes]
    document: dict[str, Any] = {
        "expressions": [str(one.expression) for one in drawn],
        "variable": scope.name,
        "range": [scope.low, scope.high],
        "at": constants,
        "points": [
            {scope.name: place, "values": [own[0][i] for own in columns]}
            | ({"derivatives": [[order[i] for order in own[1:]] for own in columns]} if derivatives else {})
            for i, place in enumerate(x.tolist())
        ],
        "features": [
            {"expression": place, **{key: value for key, value in feature._asdict().items() if key != "to"}}
            | ({"to": feature.to} if feature.to is not None else {})
            for place, one in enumerate(drawn)
            for feature in one.features.found
        ],
        "incomplete": [one.features.incomplete for one in drawn],
        "file": output,
    }
    if at is not None:
        document["tangents"] = [
            {"x": at, "value": one.function.at(at), "slope": one.function.derivative(1).at(at)} for one in drawn
        ]
    return {**document, **notes_of(notes)}


COMMAND = Command(
    run,
    examples=(
        ('gradcli plot "x^3 - 3x" x=-3:3', "zeros, extrema and the inflection point"),
        ('gradcli plot "tan(x)" "abs(x)" x=-3:3', "two curves; poles and a kink"),
        ('gradcli plot "exp(-x^2)" x=-3:3 --derivatives 2', "with the first two derivatives"),
        ('gradcli plot "a*sin(x)" x=0:2*pi a=2 --tangent x=1 -o sine.svg', "a figure, with a tangent"),
        ('gradcli plot "x^3 - 3x" x=-3:3 -o cubic.html', "a page with a point that can be dragged"),
        ('gradcli plot "x^3 - 3x + y^2" x=-2:2 y=-2:2', "two variables: heights, the gradient, critical points"),
        ('gradcli plot "sin(x)/x" x=-10:10 --points 1000 > sinc.tsv', "a table of values"),
    ),
    takes_expression=True,
    takes_variables=True,
    takes_ranges=True,
)
