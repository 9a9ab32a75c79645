"""The course of a training at the terminal, of one net or of a race: its display, Ctrl-C, and the result."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from types import FrameType
from typing import TYPE_CHECKING, Any

from gradcli.cli.context import is_unicode

if TYPE_CHECKING:
    from gradcli.cli.live.race_training import RaceTraining
    from gradcli.cli.live.run_training import RunTraining

    Training = RunTraining | RaceTraining

__all__ = ["hold"]

REPEAT = "repeat with: "


def hold(training: Training, picture: str) -> None:
    """Train, show, save and report; save and report also when the training ends early.

    Args:
        training: the run or the race.
        picture: one of `gradcli.cli.live.previews.VIEWS`.

    Raises:
        Diverged: the loss became infinite or nan.
        KeyboardInterrupt: the user ended it early, and all is saved.
    """
    output = training.session.output
    stopped = False
    began = time.perf_counter()
    with interrupts() as caught:
        with display(training, picture) as shown:
            for event in training.events():
                if shown is not None:
                    shown.update(event)
                stopped = bool(caught) and not training.is_over
                if stopped:
                    break
        seconds = time.perf_counter() - began
        document = {**training.document(), "seconds": seconds, "command": training.command}
        if stopped:
            document["interrupted"] = True
        training.write(document)
    if output.form == "json":
        output.json(document)
    else:
        training.report(document)
    if stopped:
        output.message(training.interruption())
        raise KeyboardInterrupt
    if (ending := training.ending()) is not None:
        output.message(ending)
    if output.form != "json":
        output.message(REPEAT + training.command)


def display(training: Training, picture: str) -> AbstractContextManager[Any]:
    """Make the display of a training: a live picture, lines, or None, which shows nothing."""
    terminal = training.session.terminal
    if picture == "none":
        return nullcontext()
    if training.session.output.form == "plain" or not (terminal.can_redraw and is_unicode(terminal.stderr)):
        return nullcontext(training.lines())
    from gradcli.cli.live.display import Live
    from gradcli.draw.canvas import Painter

    painter = Painter.of(terminal.environment, colour=terminal.message_colour)
    always = [len(training.files.line()), len(REPEAT + training.command)]

    def rows_below(width: int) -> int:
        return sum(-(-columns // width) for columns in (*training.widths_below(width), *always))

    return Live(training.view(painter, picture, rows_below), terminal, painter)


@contextmanager
def interrupts() -> Iterator[list[int]]:
    """Note the first Ctrl-C within the block, so that a step can be finished; the second one raises.

    Nothing changes where no signal arrives (outside the main thread) and where a shell has told the program to ignore
    Ctrl-C (a job in the background).
    """
    caught: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        if caught:
            raise KeyboardInterrupt
        caught.append(number)

    before = signal.getsignal(signal.SIGINT)
    if before is signal.SIG_IGN or threading.current_thread() is not threading.main_thread():
        yield caught
        return
    signal.signal(signal.SIGINT, note)
    try:
        yield caught
    finally:
        signal.signal(signal.SIGINT, before)
