"""Before training begins: the choice of the picture, the table of layers, and the graph of one step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.cli.command import Session
from gradcli.errors import UsageError, choice

if TYPE_CHECKING:
    from gradcli.train.run import Run

__all__ = ["VIEWS", "checked_view", "draw_step", "show_summary"]

# The kinds of live pictures.
VIEWS = ("boundary", "neurons", "loss", "none")
# The graph of a step is drawn for this many rows.
ROWS_DRAWN = 20


def checked_view(run: Run, kind: str | None, *, is_race: bool) -> str:
    """Return the kind of picture to show, by default the boundary.

    Raises:
        UsageError: the kind is unknown, or this net or a race has no such picture.
    """
    if kind is None:
        return "boundary"
    choice(kind, VIEWS, "view")
    inputs = len(run.model.columns)
    if kind == "neurons" and inputs != 2:
        count = f"{inputs} inputs" if inputs > 1 else "1 input"
        raise UsageError(
            f"--view neurons shows the plane of two inputs, and `{run.rows.name}` has {count}",
            kind="conflicting_options",
            hint="--view boundary shows the mistakes of the net, --view loss shows only the loss",
        )
    if kind == "neurons" and is_race:
        raise UsageError("--view neurons shows one net, and a race has several", kind="conflicting_options")
    return kind


def show_summary(session: Session, run: Run) -> None:
    """Print the table of layers on standard output; under ``--json``, on standard error."""
    rows = [(name, shape, str(count)) for name, shape, count in run.model.summary()]
    inputs = " x ".join(map(str, run.model.image or run.model.sizes[:1]))
    table = [("input", inputs, "0"), *rows, ("total", "", str(run.model.count))]
    if session.output.form == "table":
        # The numbers are aligned with the end of their heading.
        table = [(name, shape, f"{count:>{len('parameters')}}") for name, shape, count in table]
    if session.output.form == "json":
        for row in table:
            session.output.message("\t".join(row))
        return
    session.output.table(("layer", "output", "parameters"), table, plain_headings=True)
    session.output.line()


def draw_step(session: Session, run: Run, path: str) -> None:
    """Draw the graph that the next step records, for a few rows and without penalties.

    Raises:
        UsageError: the suffix of the file name is not the suffix of a known format.
        UnavailableError: PNG or PDF, and Graphviz is missing; or the file can't be written.
    """
    from gradcli.draw.picture import picture_of
    from gradcli.draw.render import PICTURE_FORMATS, graph_bytes
    from gradcli.files import format_of, write_atomically

    form = format_of(path, PICTURE_FORMATS, "drawing")
    model, few = run.model, run.training.take(slice(ROWS_DRAWN))
    loss = run.engine.graph_of(run.state.parameters, model.scaled(few.inputs), model.scaled_targets(few.targets))
    picture = picture_of(loss)
    title = f"{run.rows.name}: the {'first' if not run.state.history else 'next'} step, {model.loss}"
    write_atomically(path, graph_bytes(picture._replace(title=title), form))
    shown, whole = len(picture.vertices), picture.total
    session.output.message(f"wrote {path}" + (f": {shown} of {whole} vertices" if shown < whole else ""))
