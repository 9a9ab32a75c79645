"""The choices of a training run on the command line: as options of Typer, and as the command that repeats the run."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any

if TYPE_CHECKING:
    from gradcli.train.run import Run

__all__ = ["command_of", "declared_choices", "resume_command"]


def declared_choices(typer: Any) -> dict[str, tuple[Any, Any]]:
    """Return the choices of `gradcli train` as parameters: the annotation and the default of each name.

    Args:
        typer: the module, or its stand-in in `gradcli.cli.reading.parameters`.
    """
    from gradcli.train.choices import choices
    from gradcli.train.data.datasets import BUNDLED, DATASETS
    from gradcli.train.model.presets import PRESETS

    with_classes = [name for name, one in DATASETS.items() if one.classes is not None]
    with_numbers = [name for name, one in DATASETS.items() if one.classes is None]
    sets = "; ".join(map(", ".join, (with_classes, with_numbers, BUNDLED)))
    operand = typer.Argument(
        metavar="DATASET",
        help=f"a built-in set ({sets}), a table (CSV, TSV, JSON lines, Parquet, NPZ), a folder of MNIST, or - for "
        "standard input",
    )
    found: dict[str, tuple[Any, Any]] = {"dataset": (Annotated[str | None, operand], None)}
    for name, one in choices().items():
        option = typer.Option(one.option, metavar=one.metavar, help=one.help)
        word = one.form.word
        is_flag = word is bool and one.default is not None
        found[name] = (Annotated[word, option], False) if is_flag else (Annotated[word | None, option], None)
    presets = "; ".join(f"{name}: {one.about}" for name, one in PRESETS.items())
    found["preset"] = (Annotated[str | None, typer.Option("--preset", help=presets)], None)
    return found


def command_of(run: Run, files: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return the command that repeats a run, ready to be pasted, with every choice that is not the default.

    Args:
        run: the run.
        files: the options that name the files to write, with the names.

    If the rows came from standard input, the command ends in ``< the same table``.
    """
    from gradcli.train.choice import words_of
    from gradcli.train.choices import choices

    words = ["gradcli", "train", *([] if "expression" in run.choices else [run.settings.dataset])]
    for name, one in choices().items():
        if name in run.choices:
            words += words_of(one.option, run.choices[name])
    for option, path in files.items():
        words += words_of(option, path)
    text = shlex.join(words)
    return f"{text} < the same table" if run.settings.dataset == "-" else text


def resume_command(run: Run, model: str) -> str:
    """Return the command that continues a stopped run, ready to be pasted."""
    command = f"--resume {shlex.quote(model)}"
    if run.settings.dataset == "-":
        return f"gradcli train - {command} < the same table"
    return f"gradcli train {command}"
