"""The files that training writes: their names, the check that they can be written, and the writing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gradcli.errors import UnavailableError, UsageError
from gradcli.files import make_folder

if TYPE_CHECKING:
    from gradcli.train.checkpoint import Checkpoint
    from gradcli.train.run import Run

__all__ = ["Files"]


@dataclass
class Files:
    """The paths of the files that training writes; None for a file that isn't wanted."""

    #: Empty if no model is saved.
    model: str
    history: str | None
    figure: str | None
    animation: str | None = None
    page: str | None = None
    result: str | None = None
    choices: str | None = None
    #: The options of the command line that name these files.
    options: Mapping[str, str] = field(default_factory=dict)

    def named(self) -> dict[str, str]:
        """Return the paths of the files to write; the keys say what each file contains."""
        return {name: path for name, path in vars(self).items() if path and isinstance(path, str)}

    def line(self) -> str:
        """Return one line that names the files to write."""
        return ", ".join(f"{name} {path}" for name, path in self.named().items())

    @classmethod
    def of(
        cls,
        run: Run,
        model: str | None,
        plot: str | None,
        history: str | None,
        folder: str | None,
        animate: str | None = None,
        report: str | None = None,
    ) -> Files:
        """Return the files that the options name. With a run folder, a file that no option names is in this folder."""
        usual = default_name(run.settings.dataset) if folder is None else None
        given = {"-o": model if model not in (usual, "") else None, "--plot": plot, "--history": history}
        given |= {"--animate": animate, "--report": report, "--run": folder}
        options = {option: path for option, path in given.items() if path is not None}
        if folder is None:
            name = default_name(run.settings.dataset) if model is None else model
            return cls(name, history, plot, animate, report, options=options)
        place = make_folder(folder)
        return cls(
            model or str(place / "model.safetensors"),
            history or str(place / "history.csv"),
            plot or (str(place / "figure.svg") if find_spec("matplotlib") else None),
            animate,
            report,
            str(place / "result.json"),
            str(place / "config.json"),
            options,
        )

    def check(self, dataset: str) -> None:
        """Refuse, before training, a file that can't be written or that would overwrite the table or another output."""
        from gradcli.draw.animation import check_animation
        from gradcli.draw.figures import check_plot
        from gradcli.files import format_of

        taken = {Path(dataset).resolve(): "table"} if Path(dataset).is_file() else {}
        for what, path in self.named().items():
            place = Path(path).resolve()
            if place in taken:
                raise UsageError(
                    f"`{path}` can't be both the {what} and the {taken[place]}", kind="conflicting_options"
                )
            if place.is_file() or not place.exists():  # several outputs may go to one device
                taken[place] = what
            if not place.parent.is_dir():
                reason = f"the folder `{place.parent}` doesn't exist"
                raise UnavailableError(f"can't write `{path}`: {reason}", kind="unwritable_file")
            if place.is_dir():
                raise UnavailableError(f"can't write `{path}`: it is a folder", kind="unwritable_file")
        if self.figure is not None:
            check_plot(self.figure)
        if self.animation is not None:
            check_animation(self.animation)
        if self.page is not None:
            format_of(self.page, ("html",), "page")

    def write(
        self,
        run: Run,
        nets: Mapping[str, Checkpoint],
        document: Mapping[str, Any],
        history: str,
        draw: Callable[[str], bytes],
        animate: Callable[[str], bytes] | None = None,
        explain: Callable[[], bytes] | None = None,
    ) -> None:
        """Write all files.

        Args:
            run: the run whose choices are written.
            nets: a dictionary from paths to models; the models are written first, in this order.
            document: the result.
            history: the table of losses.
            draw: a function that takes a format and returns the figure in it.
            animate: a function that takes a format and returns the animation in it; None if there is none.
            explain: a function that returns the page of the run; None if there is none.
        """
        from gradcli.draw.animation import check_animation
        from gradcli.draw.figures import check_plot
        from gradcli.files import write_atomically
        from gradcli.train.checkpoint import save

        for path, checkpoint in nets.items():
            save(path, checkpoint)
        if self.history is not None:
            write_atomically(self.history, history.encode())
        if self.result is not None:
            write_atomically(self.result, in_json(document))
        if self.choices is not None:
            write_atomically(self.choices, in_json({"command": document["command"], **run.configuration()}))
        if self.figure is not None:
            write_atomically(self.figure, draw(check_plot(self.figure)))
        if self.animation is not None and animate is not None:
            write_atomically(self.animation, animate(check_animation(self.animation)))
        if self.page is not None and explain is not None:
            write_atomically(self.page, explain())


def in_json(document: Mapping[str, Any]) -> bytes:
    """Return a document as JSON in bytes, for a file."""
    import json

    from gradcli.cli.showing.output import strict

    return (json.dumps(strict(document), indent=2, allow_nan=False) + "\n").encode()


def default_name(dataset: str) -> str:
    """Return the name of the model file of a data set, in the current folder.

    >>> default_name("moons"), default_name("data/iris.csv"), default_name("-")
    ('moons.safetensors', 'iris.safetensors', 'model.safetensors')
    """
    stem = Path(dataset).stem if dataset != "-" else "model"
    return f"{stem or 'model'}.safetensors"
