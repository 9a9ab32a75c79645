"""Pages that commands write with ``-o page.html``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.errors import LimitError, UsageError
from gradcli.files import format_of, write_atomically

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.cli.command import Session
    from gradcli.draw.plot import Plot
    from gradcli.evaluate.derivative_formulas import DerivativeFormulas
    from gradcli.evaluate.expression import Expression

__all__ = ["check_page", "write_page", "write_plot", "write_steps"]


def check_page(path: str, *, has_steps: bool) -> None:
    """Raise an error if ``-o`` names a file that is not a page, or is given to a command without ``--steps``.

    >>> check_page("steps.html", has_steps=True)
    """
    format_of(path, ("html",), "page")
    if not has_steps:
        raise UsageError(
            "`-o` writes the steps as a page, so this command needs `--steps`",
            kind="conflicting_options",
            hint=f"add --steps -o {path}",
        )


def write_page(session: Session, path: str, page: bytes) -> None:
    """Write a page to a file, and print a message about this."""
    write_atomically(path, page)
    session.output.message(f"wrote {path}")


def write_steps(
    session: Session, path: str, expression: Expression, found: DerivativeFormulas, order: int, *, every: bool
) -> None:
    """Write the page of the derivations of all derivatives, with a switch to a line for every rule.

    Args:
        session: the running command.
        path: the file.
        expression: the expression that was differentiated.
        found: its derivatives.
        order: their order.
        every: whether the page has a line for every rule when it opens.
    """
    from gradcli.cli.showing.derivations import derivations
    from gradcli.cli.showing.derivatives import derivative_name
    from gradcli.pages.steps_page import Derived, steps_page

    usual = derivations(expression, found, order, every=False)
    try:
        longer = derivations(expression, found, order, every=True)
    except LimitError:  # without the switch
        longer = [dict.fromkeys(row, ()) for row in usual]
    derived = []
    for place, (row, more) in enumerate(zip(usual, longer, strict=True), 1):
        for name, lines in row.items():
            title = derivative_name(name, order, f"f{place}" if len(usual) > 1 else "")
            derived.append(Derived(title, lines, more[name] if len(more[name]) > len(lines) else ()))
    write_page(session, path, steps_page(expression, derived, every=every))


def write_plot(
    session: Session, path: str, plot: Plot, drawn: Sequence[Any], derivatives: int, start: float | None
) -> None:
    """Write the page of a plot.

    Args:
        session: the running command.
        path: the file.
        plot: the picture: for each expression its curve, and those of its derivatives.
        drawn: the expressions with their functions and features.
        derivatives: the number of derivatives that are drawn.
        start: where the point is at the beginning; None for the middle.
    """
    from gradcli.cli.showing.derivatives import derivative_name
    from gradcli.cli.showing.feature_words import feature_text, many_text
    from gradcli.pages.plot_page import Plotted, plot_page

    plotted = []
    for place, one in enumerate(drawn):
        texts: list[tuple[str, float | None]] = []
        texts += [(feature_text(feature, plot.variable), feature.x) for feature in one.features.found]
        texts += [(many_text(one.features.incomplete), None)] if one.features.incomplete else []
        first = place * (1 + derivatives)
        curves = range(first, first + 1 + derivatives)
        plotted.append(Plotted(str(one.expression), one.function, one.features, texts, curves))
    # Two derivatives belong to every point, drawn or not.
    names = [derivative_name(plot.variable, order) for order in range(1, max(2, derivatives) + 1)]
    write_page(session, path, plot_page(plot, plotted, names, start))
