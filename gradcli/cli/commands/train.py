"""`gradcli train`: train a small net and save it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from gradcli.cli.command import Command, Session, session_of
from gradcli.cli.reading.run_choices import CHOICES, options_of, sizes
from gradcli.errors import UsageError, choice

if TYPE_CHECKING:
    import typer

    from gradcli.train.data.rows import Data
    from gradcli.train.run import Run


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
    data: Annotated[
        str | None,
        typer.Option("--data", metavar="EXPR", help='in place of DATASET: a border "y > sin(3*x)", or a number "x*y"'),
    ] = None,
    ranges: Annotated[
        list[str] | None,
        typer.Option("--range", metavar="[NAME=]LOW:HIGH", help="where the variables of --data are drawn (-1:1)"),
    ] = None,
    classes: Annotated[int | None, typer.Option("--classes", help="how many, of blobs and spiral")] = None,
    target: Annotated[str | None, typer.Option("--target", help="the column of a table to predict")] = None,
    columns: Annotated[
        list[str] | None, typer.Option("--columns", metavar="NAME,NAME,...", help="the inputs, if not all of a table")
    ] = None,
    drop: Annotated[
        list[str] | None, typer.Option("--drop", metavar="NAME,NAME,...", help="columns that are no inputs")
    ] = None,
    one_hot: Annotated[
        list[str] | None,
        typer.Option(
            "--one-hot", metavar="NAME,NAME,...", help="columns of numbers that name categories, as text does"
        ),
    ] = None,
    missing: Annotated[
        str | None,
        typer.Option("--missing", help="mean, median or zero fills gaps, drop leaves their rows out; else an error"),
    ] = None,
    task: Annotated[
        str | None, typer.Option("--task", help="classes or numbers: what the target is, if its values mislead")
    ] = None,
    hidden: Annotated[
        str | None,
        typer.Option(
            "--hidden", metavar="N,N,...", help="sizes of the hidden layers (16,16; with --conv none), or none"
        ),
    ] = None,
    conv: Annotated[
        str | None,
        typer.Option(
            "--conv", metavar="N,N,...", help="pictures: channels of 3x3 convolutions, each with a 2x2 pool, at first"
        ),
    ] = None,
    feature: Annotated[
        list[str] | None,
        typer.Option(
            "--feature",
            metavar="EXPR",
            help="what the net sees in place of the columns, such as x1^2; give one for each, columns too",
        ),
    ] = None,
    activation: Annotated[
        str | None,
        typer.Option("--activation", help="relu (default), tanh, gelu, sin ..., or an expression such as x*tanh(x)"),
    ] = None,
    dropout: Annotated[
        float | None, typer.Option("--dropout", help="share of the hidden units that an update leaves out")
    ] = None,
    init: Annotated[
        str | None,
        typer.Option(
            "--init",
            help="first parameters: he (also kaiming_normal), xavier (also xavier_uniform), kaiming_uniform, "
            "xavier_normal, lecun, pytorch, normal, uniform, zeros or ones",
        ),
    ] = None,
    loss: Annotated[
        str | None,
        typer.Option(
            "--loss",
            help="bce, cross_entropy, hinge, mse, mae or huber, or an expression of prediction and target: (p-y)^2",
        ),
    ] = None,
    l1: Annotated[float | None, typer.Option("--l1", help="weight of the sum of absolute parameters")] = None,
    l2: Annotated[
        float | None,
        typer.Option("--l2", help="weight of the sum of squared parameters (0.003, or 0.001 for drawn points)"),
    ] = None,
    raw: Annotated[
        bool, typer.Option("--no-standardise", help="leave columns as they are instead of mean 0 and deviation 1")
    ] = False,
    optimizer: Annotated[
        str | None, typer.Option("--optimizer", help="adam (default), adamw, sgd, momentum, rmsprop or lbfgs")
    ] = None,
    option: Annotated[
        list[str] | None,
        typer.Option(
            "--option",
            metavar="NAME=VALUE",
            help="of the optimiser, by PyTorch's name: momentum=0.9, weight_decay=0.01",
        ),
    ] = None,
    lr: Annotated[float | None, typer.Option("--lr", help="learning rate at the start")] = None,
    schedule: Annotated[
        str | None, typer.Option("--schedule", help="of the learning rate: cosine (default), linear, step or constant")
    ] = None,
    warmup: Annotated[
        int | None, typer.Option("--warmup", help="updates over which the learning rate rises at first")
    ] = None,
    clip: Annotated[float | None, typer.Option("--clip", help="largest norm of a gradient")] = None,
    epochs: Annotated[int | None, typer.Option("--epochs", help="how often the run visits every row")] = None,
    batch: Annotated[int | None, typer.Option("--batch", help="rows of one update (20); 0 takes all")] = None,
    noise: Annotated[
        float | None, typer.Option("--noise", help="standard deviation of the noise of a built-in set or of --data")
    ] = None,
    samples: Annotated[int | None, typer.Option("--samples", help="points of a built-in set or of --data")] = None,
    split: Annotated[
        float | None, typer.Option("--split", help="share of the rows set aside for validation (0.2)")
    ] = None,
    test: Annotated[
        float | None, typer.Option("--test", help="share of the rows kept for the test, and never looked at before")
    ] = None,
    patience: Annotated[
        int | None,
        typer.Option(
            "--patience", help="stop after so many epochs without a better validation loss, and keep the best"
        ),
    ] = None,
    min_delta: Annotated[
        float | None, typer.Option("--min-delta", help="how much better the validation loss must be (0)")
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="fixes everything that is drawn at random (1337)")] = None,
    engine: Annotated[
        str | None,
        typer.Option(
            "--engine",
            help="what computes: tensor, by arrays; jit, compiled; value, number by number; auto (default) takes the "
            "faster of the first two",
        ),
    ] = None,
    preset: Annotated[str | None, typer.Option("--preset", help="micrograd: the moons demo of micrograd")] = None,
    resume: Annotated[
        str | None, typer.Option("--resume", metavar="MODEL", help="go on with a saved model where its run stopped")
    ] = None,
    output: Annotated[
        str | None, typer.Option("-o", "--output", metavar="FILE", help="the model (default DATASET.safetensors)")
    ] = None,
    plot: Annotated[
        str | None, typer.Option("--plot", metavar="FILE", help="boundary, loss and confusion as .svg, .png or .pdf")
    ] = None,
    history: Annotated[
        str | None, typer.Option("--history", metavar="FILE", help="loss of every update as CSV")
    ] = None,
    folder: Annotated[
        str | None,
        typer.Option("--run", metavar="DIR", help="write model, history, choices, result and figure into a folder"),
    ] = None,
    every: Annotated[
        int | None, typer.Option("--checkpoint-every", metavar="N", help="save the model after every N epochs, too")
    ] = None,
    race: Annotated[
        str | None,
        typer.Option(
            "--race",
            metavar="NAME,NAME,...",
            help="train the same net by several optimisers in turn: sgd,momentum,adam:0.01; the winner's is saved",
        ),
    ] = None,
    view: Annotated[
        str | None,
        typer.Option(
            "--view", help="boundary (default): what the net says, or gets wrong; neurons: each of them; loss; or none"
        ),
    ] = None,
    step: Annotated[
        str | None,
        typer.Option(
            "--draw-step", metavar="FILE", help="draw the graph that the first step records: .svg, .png, .pdf or .dot"
        ),
    ] = None,
    summary: Annotated[bool, typer.Option("--summary", help="print the table of layers before training")] = False,
) -> None:
    """Train a small net, live, and save it as a model file.

    Without options: two hidden layers of 16 relu units, Adam, a fifth of the rows for validation, and as many epochs as
    take some seconds. Columns are standardised. A target of text, or of at most 20 different whole numbers, is a
    class. Ctrl-C finishes the step, saves, and says how to go on. At the end stands a command that repeats the run.
    """
    from gradcli.cli.live.run_files import Files
    from gradcli.cli.live.run_session import checked_view, draw_step, execute, show_summary

    session = session_of(context)
    given: dict[str, Any] = {
        "expression": data, "ranges": ranges or None, "classes": classes, "columns": columns or None,
        "drop": drop or None, "one_hot": one_hot or None, "missing": missing,
        "target": target, "task": task, "features": tuple(feature) if feature else None,
        "hidden": None if hidden is None else sizes("--hidden", hidden),
        "conv": None if conv is None else sizes("--conv", conv), "activation": activation, "dropout": dropout,
        "init": init, "loss": loss, "l1": l1, "l2": l2, "standardise": False if raw else None, "optimizer": optimizer,
        "options": options_of(optimizer or "adam", option) if option else None, "learning_rate": lr,
        "schedule": schedule, "warmup": warmup, "clip": clip, "epochs": epochs, "batch": batch, "patience": patience,
        "min_delta": min_delta, "noise": noise, "samples": samples, "split_off": split, "test": test, "seed": seed,
        "engine": engine,
    }  # fmt: skip
    given = {name: value for name, value in given.items() if value is not None}
    if every is not None and every < 1:
        raise UsageError(f"--checkpoint-every is a number of epochs, at least 1, not {every}", kind="bad_value")
    if race is not None:
        refuse_with_race(given, {"--preset": preset, "--resume": resume, "--checkpoint-every": every})
        start_race(session, race, dataset, given, (output, plot, history, folder), view, step, summary=summary)
        return
    run = (
        fresh(session, dataset, given, preset) if resume is None else continued(session, dataset, given, preset, resume)
    )
    shown = checked_view(run, view)
    files = Files.of(run, output or resume, plot, history, folder)
    files.check(run.settings.dataset)
    if summary:
        show_summary(session, run)
    if step is not None:
        draw_step(session, run, step)
    execute(session, run, files, every, shown)


def refuse_with_race(given: dict[str, Any], options: dict[str, object]) -> None:
    """Refuse what a race decides itself, and what goes on with one net."""
    found = [CHOICES[name] for name in ("optimizer", "options", "learning_rate") if name in given]
    found += [name for name, value in options.items() if value is not None]
    if found:
        rate = found[0] == "--lr"
        raise UsageError(
            f"{found[0]} can't be combined with --race, which trains with several optimisers from the beginning",
            kind="conflicting_options",
            hint="give a rate behind the name of an optimiser: --race sgd:0.1,adam:0.01" if rate else None,
        )


def start_race(
    session: Session,
    text: str,
    dataset: str | None,
    given: dict[str, Any],
    paths: tuple[str | None, str | None, str | None, str | None],
    view: str | None,
    step: str | None,
    *,
    summary: bool,
) -> None:
    """Hold a race."""
    from gradcli.cli.live.race_session import hold
    from gradcli.cli.live.run_files import Files
    from gradcli.cli.live.run_session import checked_view, draw_step, show_summary
    from gradcli.train.race import Race, entries_of

    entries = entries_of(text)
    data, given = prepared(session, dataset, given, None)
    race = Race(entries, data, given)
    first = race.entrants[0].run
    shown = checked_view(first, view)
    if shown == "neurons":
        raise UsageError("--view neurons shows one net, and a race has several", kind="conflicting_options")
    files = Files.of(first, *paths)
    files.check(first.settings.dataset)
    if summary:
        show_summary(session, first)
    if step is not None:
        draw_step(session, first, step)
    hold(session, race, files, shown)


def fresh(session: Session, dataset: str | None, given: dict[str, Any], preset: str | None) -> Run:
    """A run from its beginning."""
    from gradcli.train.run import start

    data, given = prepared(session, dataset, given, preset)
    return start(data, **given)


def prepared(
    session: Session, dataset: str | None, given: dict[str, Any], preset: str | None
) -> tuple[Data, dict[str, Any]]:
    """Every row, and what `start` is told beside them."""
    from inspect import signature

    from gradcli.train.model.presets import PRESETS
    from gradcli.train.run import SEED, load_data

    if preset is not None:
        wanted = PRESETS[choice(preset, PRESETS, "preset")]
        dataset = dataset or wanted["dataset"]
        if dataset != wanted["dataset"]:
            raise UsageError(
                f"the preset `{preset}` is for the data set `{wanted['dataset']}`", kind="conflicting_options"
            )
        given = {name: value for name, value in wanted.items() if name != "dataset"} | given
    if "expression" in given:
        if dataset is not None:
            raise UsageError(
                f"--data is given, and `{dataset}` too: it is one or the other", kind="conflicting_options"
            )
        dataset = "data"
    if not dataset:
        raise UsageError("no DATASET is given", kind="missing_operand", hint="for example: gradcli train moons")
    named = signature(load_data).parameters
    source = {name: value for name, value in given.items() if name in named and name != "seed"}
    data = load_data(dataset, seed=given.get("seed", SEED), stream=session.terminal.stdin, **source)
    for note in data.notes:
        session.output.message(f"{data.name}: {note}")
    return data, {"dataset": dataset, **given}


def continued(session: Session, dataset: str | None, given: dict[str, Any], preset: str | None, resume: str) -> Run:
    """A run that goes on from a model file."""
    from gradcli.train import run as runs
    from gradcli.train.checkpoint import load

    epochs, engine = given.pop("epochs", None), given.pop("engine", None)
    clash = next((CHOICES[name] for name in given), "--preset" if preset else None)
    if clash is not None:
        raise UsageError(
            f"{clash} can't be combined with --resume, which goes on with the choices of the model",
            kind="conflicting_options",
            hint="only --epochs and --engine may change, beside the files to write",
        )
    checkpoint = load(resume)
    settings = checkpoint.settings
    data = runs.load_data(
        dataset or settings.dataset, seed=settings.seed, stream=session.terminal.stdin, **settings.source
    )
    return runs.resume(checkpoint, data, epochs, engine)


COMMAND = Command(
    run,
    examples=(
        ("gradcli train moons", "watch a small net learn; saves moons.safetensors"),
        ('gradcli train --data "y > sin(3*x)" --noise 0.05', "a border of your own"),
        ("gradcli train iris.csv --target species --plot iris.svg", "your own table"),
        ("gradcli train spiral --hidden 24,24 --activation tanh --lr 0.03 --epochs 200", "other choices"),
        ('gradcli train circles --feature "x1^2" --feature "x2^2" --hidden none', "inputs of your own"),
        ("gradcli train digits --conv 8,16", "a small convolutional net"),
        ("gradcli train spiral --view neurons", "see what each neuron does"),
        ("gradcli train spiral --race sgd,momentum,adam", "several optimisers in one picture"),
        ("gradcli train moons --preset micrograd", "micrograd's demo, digit by digit"),
        ("gradcli train --resume moons.safetensors --epochs 200", "go on where a run stopped"),
    ),
)
