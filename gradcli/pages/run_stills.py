"""The recording of a run for its page: the parameters of the net at some moments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gradcli.draw.film import Recording
from gradcli.errors import GradcliError
from gradcli.pages.net_script import NetScript, net_script
from gradcli.records import NamedTuple

if TYPE_CHECKING:
    from gradcli.array_types import Floats
    from gradcli.train.run import Run
    from gradcli.train.trainer import State

__all__ = ["Still", "Stills"]

#: The moments of a run in a page, at most; and the parameters of all of them together, which are 11 characters each.
_STILLS: Final = 30
_PARAMETERS: Final = 50_000


class Still(NamedTuple):
    """The net at a moment.

    Attributes:
        update: the number of updates done.
        parameters: its parameters; None if the page can't compute the net.
    """

    update: int
    parameters: Floats | None


class Stills(Recording):
    """The recording of a run as the parameters at some moments.

    Args:
        run: the run, in the state in which the recording begins.
        last: the update with which it ends; by default the last one of the run.

    Attributes:
        script: the net as JavaScript; None if the page can't compute it.
        reason: a sentence about why it can't; empty if it can.
    """

    script: NetScript | None
    reason: str

    def __init__(self, run: Run, last: int | None = None) -> None:
        try:
            self.script, self.reason = net_script(run.model), ""
        except GradcliError as error:
            self.script, self.reason = None, error.message
        count = _STILLS if self.script is None else max(2, min(_STILLS, _PARAMETERS // run.model.count))
        super().__init__(run, last, count)
        self.moments: list[Any] = []
        self.record(run.state)

    def record(self, state: State) -> None:
        """Record the parameters of a state."""
        kept = None if self.script is None else state.parameters.copy()
        self.moments.append(Still(len(state.history), kept))
