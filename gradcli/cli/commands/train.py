"""`gradcli train`: train a small net and save it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from gradcli.cli.command import Command, Session, session
from gradcli.errors import UsageError

if TYPE_CHECKING:
    from gradcli.train.run import Run

# The words that only a fresh run takes, by the name of the parameter.
CHOICES = {
    "target": "--target",
    "task": "--task",
    "hidden": "--hidden",
    "activation": "--activation",
    "init": "--init",
    "loss": "--loss",
    "l1": "--l1",
    "l2": "--l2",
    "standardise": "--no-standardise",
    "optimizer": "--optimizer",
    "learning_rate": "--lr",
    "schedule": "--schedule",
    "batch": "--batch",
    "noise": "--noise",
    "samples": "--samples",
    "split_off": "--split",
    "seed": "--seed",
    "engine": "--engine",
}


def run(
    context: typer.Context,
    dataset: Annotated[
        str | None,
        typer.Argument(
            metavar="DATASET",
            help="moons, circles, xor, gauss, blobs, spiral, wave; plane, sine, bumps; iris, wine, digits; a table "
            "(CSV, TSV, JSON lines, Parquet, NPZ), a folder of MNIST, or - for standard input",
        ),
    ] = None,
    target: Annotated[str | None, typer.Option("--target", help="the column of a table to predict")] = None,
    task: Annotated[
        str | None, typer.Option("--task", help="classes or numbers: what the target is, if its values mislead")
    ] = None,
    hidden: Annotated[
        str | None,
        typer.Option(
            "--hidden", metavar="N,N,...", help="sizes of the hidden layers (16,16), or none for a linear net"
        ),
    ] = None,
    activation: Annotated[
        str | None, typer.Option("--activation", help="any function of one number: relu (default), tanh, gelu, sin ...")
    ] = None,
    init: Annotated[
        str | None, typer.Option("--init", help="first parameters: he, xavier, lecun, normal, uniform or zeros")
    ] = None,
    loss: Annotated[
        str | None,
        typer.Option("--loss", help="bce, cross_entropy, hinge, mse or mae; else what suits the target"),
    ] = None,
    l1: Annotated[float | None, typer.Option("--l1", help="weight of the sum of absolute parameters")] = None,
    l2: Annotated[
        float | None, typer.Option("--l2", help="weight of the sum of squared parameters (0.003 for tables)")
    ] = None,
    raw: Annotated[
        bool, typer.Option("--no-standardise", help="leave columns as they are instead of mean 0 and deviation 1")
    ] = False,
    optimizer: Annotated[
        str | None, typer.Option("--optimizer", help="adam (default), adamw, sgd, momentum, rmsprop or lbfgs")
    ] = None,
    lr: Annotated[float | None, typer.Option("--lr", help="learning rate at the start")] = None,
    schedule: Annotated[
        str | None, typer.Option("--schedule", help="of the learning rate: cosine (default), linear, step or constant")
    ] = None,
    epochs: Annotated[int | None, typer.Option("--epochs", help="how often the run visits every row")] = None,
    batch: Annotated[int | None, typer.Option("--batch", help="rows of one update (20); 0 takes all")] = None,
    noise: Annotated[float | None, typer.Option("--noise", help="standard deviation of a built-in set's noise")] = None,
    samples: Annotated[int | None, typer.Option("--samples", help="points of a built-in set")] = None,
    split: Annotated[
        float | None, typer.Option("--split", help="share of the rows set aside for validation (0.2)")
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="fixes everything that is drawn at random (1337)")] = None,
    engine: Annotated[str | None, typer.Option("--engine", help="what computes: value")] = None,
    preset: Annotated[str | None, typer.Option("--preset", help="micrograd: the moons demo of micrograd")] = None,
    resume: Annotated[
        str | None, typer.Option("--resume", metavar="MODEL", help="go on with a saved model where its run stopped")
    ] = None,
    output: Annotated[
        str | None, typer.Option("-o", "--output", metavar="FILE", help="the model (default DATASET.safetensors)")
    ] = None,
    plot: Annotated[
        str | None, typer.Option("--plot", metavar="FILE", help="boundary and loss curve as .svg, .png or .pdf")
    ] = None,
    history: Annotated[
        str | None, typer.Option("--history", metavar="FILE", help="loss of every update as CSV")
    ] = None,
    folder: Annotated[
        str | None, typer.Option("--run", metavar="DIR", help="write model, history, result and figure into a folder")
    ] = None,
) -> None:
    """Train a small net, live, and save it as a model file.

    Without options: two hidden layers of 16 relu units, Adam, a fifth of the rows for validation, and as many epochs as
    take about ten seconds. Columns are standardised. A target of text, or of at most 20 different whole numbers, is a
    class. Ctrl-C finishes the step, saves, and says how to go on.
    """
    from gradcli.cli.training import Files, execute

    here = session(context)
    given: dict[str, Any] = {
        "target": target, "task": task, "hidden": None if hidden is None else sizes(hidden),
        "activation": activation, "init": init, "loss": loss, "l1": l1, "l2": l2,
        "standardise": False if raw else None, "optimizer": optimizer, "learning_rate": lr, "schedule": schedule,
        "epochs": epochs, "batch": batch, "noise": noise, "samples": samples, "split_off": split, "seed": seed,
        "engine": engine,
    }  # fmt: skip
    given = {name: value for name, value in given.items() if value is not None}
    run = fresh(here, dataset, given, preset) if resume is None else continued(here, dataset, given, preset, resume)
    files = Files.of(run, output or resume, plot, history, folder)
    files.check()
    execute(here, run, files)


def fresh(here: Session, dataset: str | None, given: dict[str, Any], preset: str | None) -> Run:
    """A run from its beginning."""
    from gradcli.train.presets import PRESETS
    from gradcli.train.run import SEED, load_data, start
    from gradcli.train.settings import choice

    if preset is not None:
        wanted = PRESETS[choice(preset, PRESETS, "preset")]
        dataset = dataset or wanted["dataset"]
        if dataset != wanted["dataset"]:
            raise UsageError(
                f"the preset `{preset}` is for the data set `{wanted['dataset']}`", kind="conflicting_options"
            )
        given = {name: value for name, value in wanted.items() if name != "dataset"} | given
    if dataset is None:
        raise UsageError("no DATASET is given", kind="missing_operand", hint="for example: gradcli train moons")
    source = {name: given[name] for name in ("target", "task", "samples", "noise") if name in given}
    data = load_data(dataset, seed=given.get("seed", SEED), stream=here.terminal.stdin, **source)
    return start(data, dataset=dataset, **given)


def continued(here: Session, dataset: str | None, given: dict[str, Any], preset: str | None, resume: str) -> Run:
    """A run that goes on from a model file."""
    from gradcli.train import run as runs
    from gradcli.train.checkpoint import load

    epochs = given.pop("epochs", None)
    clash = next((CHOICES[name] for name in given), "--preset" if preset else None)
    if clash is not None:
        raise UsageError(
            f"{clash} can't be combined with --resume, which goes on with the choices of the model",
            kind="conflicting_options",
            hint="only --epochs may change, beside the files to write",
        )
    checkpoint = load(resume)
    settings = checkpoint.settings
    data = runs.load_data(
        dataset or settings.dataset, settings.target, settings.task, settings.samples, settings.noise, settings.seed,
        here.terminal.stdin,
    )  # fmt: skip
    return runs.resume(checkpoint, data, epochs)


def sizes(text: str) -> tuple[int, ...]:
    """The sizes of the hidden layers from ``"16,16"``; ``"none"`` is no hidden layer.

    >>> sizes("16,16"), sizes("none")
    ((16, 16), ())
    """
    if text.strip().lower() in {"none", "0"}:
        return ()
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isascii() and part.isdigit() and len(part) <= 9 and int(part) > 0 for part in parts):
        raise UsageError(
            f"`--hidden {text}` is not a list of layer sizes",
            kind="bad_value",
            hint="for example --hidden 16,16, or --hidden none for a linear net",
        )
    return tuple(map(int, parts))


COMMAND = Command(
    run,
    examples=(
        ("gradcli train moons", "watch a small net learn; saves moons.safetensors"),
        ("gradcli train iris.csv --target species --plot iris.svg", "your own table"),
        ("gradcli train spiral --hidden 24,24 --activation tanh --lr 0.03 --epochs 200", "other choices"),
        ("gradcli train moons --preset micrograd", "micrograd's demo, digit by digit"),
        ("gradcli train --resume moons.safetensors --epochs 200", "go on where a run stopped"),
    ),
)
