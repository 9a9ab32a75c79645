"""`gradcli draw`: the graph of an expression, or the structure of a net, as a picture or a tree."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Annotated, Any

from gradcli.cli.command import Command, Session, session_of
from gradcli.cli.showing.output import notes_of, number
from gradcli.errors import UsageError, choice
from gradcli.source import counted

if TYPE_CHECKING:
    import typer

    from gradcli.cli.showing.output import Cell
    from gradcli.draw.net import DrawnLayer
    from gradcli.draw.picture import Picture
    from gradcli.evaluate.expression import Expression

_NAME_STYLES = {"variable": "bold green", "constant": "dim", "operation": "bold"}
#: A tree is not printed deeper than this: each level starts three columns further to the right.
_DEEPEST_TREE = 30


def run(
    context: typer.Context,
    expression: Annotated[
        str | None, typer.Argument(metavar="EXPR", help="the expression, - for standard input, or @FILE")
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="write a picture, .svg, .png, .pdf or .dot, or a page, .html",
        ),
    ] = None,
    style: Annotated[str, typer.Option("--style", metavar="STYLE", help="full, micrograd or minigrad")] = "full",
    rankdir: Annotated[
        str, typer.Option("--rankdir", metavar="DIR", help="from the inputs to the result: LR, TB, BT or RL")
    ] = "LR",
    depth: Annotated[
        int | None,
        typer.Option("--depth", metavar="N", min=0, help="only the vertices that are at most N steps from the result"),
    ] = None,
    net: Annotated[
        str | None, typer.Option("--net", metavar="SIZES", help="draw a net instead: inputs and neurons of each layer")
    ] = None,
) -> None:
    """Draw the graph with values and gradients.

    Each vertex shows its value, and the derivative of the result with respect to it. Each edge shows the local
    derivative.  If no variable has a value, only the structure is drawn.  Without -o the graph is printed as a tree
    with the result on top; a vertex that is used more than once has a number.  A page, .html, is one file that loads
    nothing; it has a slider for each variable, and shows the chain rule step by step.  PNG and PDF need Graphviz: pip
    install "gradcli[graphviz]"
    """
    from gradcli.draw.cards import RANKDIRS, STYLES
    from gradcli.files import format_of

    session = session_of(context)
    choice(style, STYLES, "style")
    choice(rankdir, RANKDIRS, "direction")
    form = None
    if output is not None:
        # A tree in the terminal needs no layout.
        from gradcli.draw.render import PICTURE_FORMATS

        form = format_of(output, PICTURE_FORMATS if net is not None else (*PICTURE_FORMATS, "html"), "drawing")
    if form == "html" and style != "full":
        raise UsageError("a page has the style full", kind="conflicting_options", hint="leave out `--style`")
    if net is not None:
        chosen = None if style == "full" else style
        _refuse_with_net(session, {"an expression": expression, "`--depth`": depth, "`--style`": chosen})
        _draw_net(session, net, output, form, rankdir)
        return
    if expression is None:
        from gradcli.cli.reading.operands import no_expression

        raise no_expression(session, COMMAND)
    parsed, picture, head = _picture(
        session, expression, depth, form or ("svg" if session.output.shows_pictures else None)
    )
    if output is not None and form == "html":
        from gradcli.cli.showing.page_output import write_page
        from gradcli.pages.graph_page import graph_page

        write_page(session, output, graph_page(parsed, head["at"], picture, rankdir=rankdir))
    elif output is not None and form is not None:
        from gradcli.draw.render import graph_bytes

        _write(session, output, graph_bytes(picture, form, style=style, rankdir=rankdir))
    if session.output.form == "json":
        session.output.json({**head, **_as_document(picture), "file": output})
    elif output is None and session.output.shows_pictures:
        from gradcli.draw.render import graph_bytes

        session.output.picture(graph_bytes(picture, "svg", style=style, rankdir=rankdir), f"the graph of {parsed}")
    elif output is None:
        _print_tree(session, picture)


def _refuse_with_net(session: Session, given: dict[str, object]) -> None:
    found = [name for name, value in given.items() if value is not None]
    if session.bindings:
        found.append(f"a value of `{session.bindings[0].name}`")
    if found:
        raise UsageError(
            f"`--net` draws a net without numbers, so {found[0]} has no meaning",
            kind="conflicting_options",
            hint="for example: gradcli draw --net 2,3,1 -o net.svg",
        )


def _picture(
    session: Session, operand: str, depth: int | None, form: str | None
) -> tuple[Expression, Picture, dict[str, Any]]:
    """Return the expression, its picture, and the first entries of the document for ``--json``."""
    from gradcli import limits
    from gradcli.cli.reading.operands import expression_and_point
    from gradcli.draw.picture import picture_of

    # Without any value the structure is drawn.  If only some variables have values, `expression_and_point` raises.
    # A page computes, so it needs all of them.
    parsed, at = expression_and_point(session, operand, complete=bool(session.bindings) or form == "html")
    point = at if len(at) == len(parsed.variables) else None
    # JSON and DOT are for programs and need no layout: JSON has the whole graph, DOT as much as --depth asks for.
    whole = (session.output.form == "json" and form is None) or (form == "dot" and depth is not None)
    if whole:
        picture = picture_of(parsed, point, depth=depth, most=1 << 60)
    elif depth is None and form is None:
        picture = picture_of(parsed, point, depth=_DEEPEST_TREE, most=limits.USEFUL_VERTICES)
    elif form == "html":
        picture = picture_of(parsed, point, depth=depth, most=limits.DRAWN_VERTICES)
    else:
        picture = picture_of(parsed, point, depth=depth)
    notes = list(parsed.notes)
    if point is not None:
        executor = parsed.executor(point)
        differentiates = "gradient" if picture.vertices[-1].shape == "" else "evaluate"
        result = getattr(executor, differentiates)(parsed, point)
        notes += result.notes
        if executor.name == "floats":
            from gradcli.cli.showing.proven_digits import lost_digits_notes

            numbers = {"value": result.value, "gradient": result.gradient}
            notes += lost_digits_notes(session, parsed, point, numbers) if result.may_lose_digits else []
            notes += result.step_notes
    session.output.notes(notes, parsed.source)
    if picture.depth is not None and (depth is None or picture.depth < depth):
        session.output.message(
            f"note: the graph has {picture.total} vertices, too many to take in; shown are the {len(picture.vertices)} "
            f"that are at most {counted(picture.depth, 'step')} from the result (--depth N for more or less)"
        )
    return (
        parsed,
        picture,
        {
            "expression": str(parsed),
            "at": point,
            "value": picture.vertices[-1].value,
            **notes_of(notes),
        },
    )


def _write(session: Session, path: str, content: bytes) -> None:
    from gradcli.files import write_atomically

    write_atomically(path, content)
    session.output.message(f"wrote {path}")


def _as_document(picture: Picture) -> dict[str, Any]:
    keys = ("kind", "name", "expression", "value", "gradient")
    return {
        "nodes": [
            {"id": i, **{key: getattr(vertex, key) for key in keys}, "shape": vertex.shape or None}
            for i, vertex in enumerate(picture.vertices)
        ],
        "edges": [{"from": edge.operand, "to": edge.operation, "partial": edge.partial} for edge in picture.arrows],
    }


# The tree


def _print_tree(session: Session, picture: Picture) -> None:
    from gradcli.draw.tree import tree

    missing = "-" if session.output.form == "plain" else ""
    sizes = [abs(vertex.gradient) for vertex in picture.vertices if vertex.gradient is not None]
    largest = max((size for size in sizes if isfinite(size)), default=0.0)
    rows: list[list[Cell]] = []
    for line in tree(picture, ascii_only=not _has_lines(session)):
        vertex = line.vertex
        style = "dim" if vertex is None else _NAME_STYLES[vertex.kind]
        cells: list[Cell] = [((line.branch, "dim"), (line.text, style))]
        if picture.has_values:
            numbers = [None, None, None] if vertex is None else [vertex.value, vertex.gradient, line.partial]
            value, gradient, partial = [missing if one is None else number(one) for one in numbers]
            style = ""
            if vertex is not None and vertex.gradient is not None:
                style = _gradient_style(vertex.gradient, largest)
                gradient = f"norm {gradient}" if vertex.shape else gradient
            value = f"shape {vertex.shape}" if vertex is not None and vertex.shape else value
            cells += [value, ((gradient, style),), partial]
        rows.append(cells)
    headings = ["node", "value", "gradient", "local derivative"] if picture.has_values else ["node"]
    session.output.table(headings, rows)


def _has_lines(session: Session) -> bool:
    """Whether the output can encode the characters that draw the branches of a tree."""
    encoding = getattr(session.terminal.stdout, "encoding", None) or "utf-8"
    try:
        "├└│─".encode(encoding)
    except (LookupError, UnicodeEncodeError):
        return False
    return True


def _gradient_style(gradient: float, largest: float) -> str:
    """Return the style of a gradient: yellow if positive, blue if negative, bold if at least half the largest."""
    if not isfinite(gradient):
        return "bold red"
    if gradient == 0.0:
        return "dim"
    return ("bold " if abs(gradient) >= largest / 2 else "") + ("yellow" if gradient > 0.0 else "blue")


# A net


def _draw_net(session: Session, text: str, path: str | None, form: str | None, rankdir: str) -> None:
    from gradcli.draw.net import layers, sizes_of, title_of
    from gradcli.draw.render import net_bytes

    sizes = sizes_of(text)
    if path is not None and form is not None:
        _write(session, path, net_bytes(sizes, form, rankdir=rankdir))
    columns = layers(sizes)
    if session.output.form == "json":
        session.output.json(
            {
                "net": sizes,
                "parameters": sum(layer.parameters for layer in columns),
                "layers": [
                    {"name": layer.name, "size": layer.size, "weights": layer.weights, "biases": layer.biases}
                    for layer in columns
                ],
                "file": path,
            }
        )
    elif path is None and session.output.shows_pictures:
        session.output.picture(net_bytes(sizes, "svg", rankdir=rankdir), title_of(sizes))
    elif path is None:
        _print_net(session, columns, title_of(sizes))


def _print_net(session: Session, net: list[DrawnLayer], title: str) -> None:
    rows = [
        [layer.name, str(layer.size), str(layer.weights), str(layer.biases), str(layer.parameters)] for layer in net
    ]
    headings = ["layer", "size", "weights", "biases", "parameters"]
    if session.output.form != "table":
        session.output.table(headings, rows, plain_headings=True)
        return
    session.output.line(title, style="bold")
    session.output.line()
    if _has_lines(session):
        from gradcli.draw.sketch import sketch

        for line in sketch(net, session.terminal.width):
            session.output.line(line)
        session.output.line()
    session.output.table(headings, rows, styles=["cyan"])


COMMAND = Command(
    run,
    examples=(
        ('gradcli draw "x1*x2 + sin(x1)" --x1 2 --x2 3 -o graph.svg', "a picture; .png, .pdf and .dot work, too"),
        (
            'gradcli draw "x1*x2 + sin(x1)" --x1 2 --x2 3 -o graph.html',
            "a page with sliders that shows the chain rule step by step",
        ),
        ('gradcli draw "x1*x2 + sin(x1)" --x1 2 --x2 3', "a tree in the terminal"),
        ('gradcli draw "sigmoid(w*x + b)" --rankdir TB -o neuron.pdf', "the structure alone"),
        ("gradcli draw --net 2,3,1 -o net.svg", "inputs, a hidden layer of three neurons, one output"),
    ),
    takes_expression=True,
    takes_variables=True,
)
