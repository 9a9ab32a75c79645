"""The course of a run or of a race at the terminal: the display, the result, and an early end.

The net is saved however the program ends.  Ctrl-C, SIGTERM and SIGHUP finish the step; an output that can't be
written any more (a closed pipe, a full disk, a terminal that is gone) stops the training, too.  Then everything is
saved, and a sentence on standard error says how to go on.  Before the first update there is nothing to save: the files
stay as they are, and the sentence says that.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from types import FrameType
from typing import TYPE_CHECKING, Any

from gradcli.cli.context import is_unicode
from gradcli.cli.pipes import ENDING

if TYPE_CHECKING:
    from gradcli.cli.command import Session
    from gradcli.cli.live.race_training import RaceTraining
    from gradcli.cli.live.run_training import RunTraining

    Training = RunTraining | RaceTraining

__all__ = ["about_stream", "finish", "hold", "noted_signals", "say"]

REPEAT = "repeat with: "
UNTRAINED = "stopped before the first update: nothing is trained, and no model is saved"


def hold(training: Training, picture: str, preview: Callable[[], None] = lambda: None) -> None:
    """Train, show, save and report. If the training ends early, save too, and say how to continue.

    Args:
        training: the training of a run or of a race.
        picture: one of `gradcli.cli.live.previews.VIEWS`.
        preview: a function that shows the table of layers and the graph of a step before the training.

    Raises:
        Diverged: the loss became infinite or nan.
        KeyboardInterrupt: the user ended it early, and all is saved.
        SystemExit: the system ended it early, and all is saved.
        OSError: standard output or standard error can't be written, and all is saved.
    """
    began = time.perf_counter()
    with noted_signals() as caught:
        unwritable = None
        try:
            preview()
            show(training, picture, caught)
        except OSError as error:
            unwritable = about_stream(error)
        is_early = not training.is_over and bool(caught or unwritable)
        if is_early and not training.is_untrained:
            # Measuring a long table takes a while, in which a second Ctrl-C ends the program.
            training.save()
        seconds = time.perf_counter() - began
        document = {**training.document(), "seconds": seconds, "command": training.command}
        if is_early:
            document["interrupted"] = True
        is_untrained = is_early and training.is_untrained
        if is_untrained:
            document["model"] = None
        else:
            training.write(document)
        interruption = UNTRAINED if is_untrained else training.interruption()
        try:
            if unwritable is None:
                report(training, document, interruption if is_early else None)
        except OSError as error:
            unwritable = about_stream(error)
        if unwritable is not None:
            say(training.session, interruption if is_early else f"the training is done: {training.files.line()}")
            raise unwritable
    if is_early:
        raise KeyboardInterrupt if caught[0] == signal.SIGINT else SystemExit(128 + caught[0])


def finish(training: Training, seconds: float, interruption: str | None = None) -> None:
    """Save and report what was trained elsewhere.

    Args:
        training: the training.
        seconds: the time.
        interruption: the sentence about an early end; None if the training is complete.

    Raises:
        Diverged: every loss became infinite or nan.
    """
    document = {**training.document(), "seconds": seconds, "command": training.command}
    if interruption is not None:
        document["interrupted"] = True
    if training.is_untrained:
        document["model"] = None
    else:
        training.write(document)
    report(training, document, interruption)


def show(training: Training, picture: str, caught: list[int]) -> None:
    """Train and show the training, until it is complete or a signal arrives."""
    with display(training, picture) as shown:
        for event in training.events():
            if shown is not None:
                shown.update(event)
            if training.pace is not None:
                training.pace.wait(event, lambda: caught)
            if caught and not training.is_over:
                break


def report(training: Training, document: dict[str, Any], interruption: str | None) -> None:
    """Print the result, and the command that continues or repeats the training.

    Args:
        document: the result.
        interruption: the sentence about an early end; None if the training is complete.
    """
    output = training.session.output
    if output.form == "json":
        output.json(document)
    elif document["model"] is not None:
        training.report(document)
    if interruption is not None:
        output.message(interruption)
    else:
        if (ending := training.ending()) is not None:
            output.message(ending)
        if output.form != "json":
            for note in document.get("notes", ()):
                output.message(f"note: {note}")
        if output.form != "json":
            output.message(REPEAT + training.command)
    training.session.terminal.stdout.flush()
    training.session.terminal.stderr.flush()


def about_stream(error: OSError) -> OSError:
    """Return an error about a standard stream, which has no file name. Raise an error about a file."""
    if error.filename is not None:
        raise error
    return error


def say(session: Session, sentence: str) -> None:
    """Print a sentence on standard error, or on standard output if standard error can't be written."""
    terminal = session.terminal
    for stream in (terminal.stderr, *([terminal.stdout] if terminal.form != "json" else [])):
        with suppress(OSError):
            stream.write(sentence + "\n")
            stream.flush()
            return


def display(training: Training, picture: str) -> AbstractContextManager[Any]:
    """Make the display of a training: a live picture, lines, or None, which shows nothing."""
    terminal = training.session.terminal
    if picture == "none":
        return nullcontext()
    if training.session.output.shows_pictures:
        return training.watched()
    if training.session.output.form == "plain" or not (terminal.can_redraw and is_unicode(terminal.stderr)):
        return nullcontext(training.lines())
    from gradcli.cli.live.background import is_light
    from gradcli.cli.live.display import SHARE, Live
    from gradcli.draw.canvas import Painter

    painter = Painter.of(terminal.environment, colour=terminal.message_colour)
    if painter.depth and not painter.is_light:
        painter = painter._replace(is_light=is_light(terminal))
    always = [len(training.files.line()), len(REPEAT + training.command)]

    def rows_below(width: int) -> int:
        return sum(-(-columns // width) for columns in (*training.widths_below(width), *always))

    # A run that waits has time to be drawn.
    share = SHARE if training.pace is None else 1.0
    return Live(training.view(painter, picture, rows_below), terminal, painter, share)


@contextmanager
def noted_signals() -> Iterator[list[int]]:
    """Take note of Ctrl-C, SIGTERM and SIGHUP within the block, so that a step can be finished; a second Ctrl-C raises.

    Outside the main thread this has no effect, because no signal arrives there.  Signals that the program has been told
    to ignore stay ignored: a shell tells a job in the background to ignore Ctrl-C, and nohup tells it to ignore SIGHUP.
    """
    caught: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        is_second = number == signal.SIGINT and number in caught
        caught.append(number)
        if is_second:
            raise KeyboardInterrupt

    before: dict[int, Any] = {}
    if threading.current_thread() is threading.main_thread():
        before = {one: signal.getsignal(one) for one in (signal.SIGINT, *ENDING)}
    before = {one: handler for one, handler in before.items() if handler is not signal.SIG_IGN}
    for one in before:
        signal.signal(one, note)
    try:
        yield caught
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
