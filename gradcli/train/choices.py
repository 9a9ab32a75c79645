"""Every choice of `train`: for the data, for the net, and for its training.

To add a choice, declare it here as an attribute of `DataChoices`, `NetChoices` or `RunChoices`.  Then use its value: in
`load_data`, in `describe`, or as an attribute of a run's settings.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from gradcli.errors import CallError, UsageError
from gradcli.optim.optimizers import OPTIMIZERS
from gradcli.optim.option import FLAG, NUMBER, SWITCH, TEXT, WHOLE, Range
from gradcli.optim.schedules import SCHEDULES
from gradcli.source import suggestion
from gradcli.tables.reading import READING_OPTIONS
from gradcli.train.choice import OPTIONS, SIZES, TEXTS, Choice
from gradcli.train.data.datasets import DATASETS
from gradcli.train.data.encoding import MISSING, TASKS
from gradcli.train.engines.engine_choice import AUTO, ENGINES, PRECISIONS
from gradcli.train.model.objectives import OBJECTIVES

__all__ = [
    "HIDDEN", "SEED", "SPLIT", "DataChoices", "NetChoices", "RunChoices", "checked", "choices", "clash",
    "default_penalty", "given_by", "refuse_changes", "settled",
]  # fmt: skip

SEED = 1337
BATCH = 20
SPLIT = 0.2
HIDDEN = (16, 16)
# The penalty on squared parameters, times the number of rows to train on: it keeps a net from learning a small table by
# heart, and many rows outweigh it.  `benchmarks/accuracy.py` measures both.  A penalty that doesn't know the rows fails
# at one end: with 3e-3 a class that 3 % of 2,000 rows have is never predicted, and with 1e-3 the noise of 400 rows of a
# number is learnt (the table gbsg2 loses 0.2 in R^2).
L2_CLASSES, L2_NUMBERS = 1.0, 5.0
# A table of fewer rows counts as one of this many: four rows without noise can still be learnt.
FEWEST_ROWS = 100
# Points that are drawn have few columns and fine detail, which this penalty would smooth away: with 1e-3 the border
# `abs(sin(4x)) > abs(y)` gains 0.06 in accuracy, and noisy moons keep what scikit-learn reaches.
L2_DRAWN = 1e-3

# Weights that are shared by all pixels change the outputs more than other weights do, so such nets learn at this share
# of the learning rate.
CONVOLUTION_RATE = 0.25
# Tables have noise, of which a net learns less at a smaller rate: these are the shares for classes and for a number.
CLASSES_RATE, NUMBERS_RATE = 0.5, 0.25

DRAWN, TABLE = ("set", "expression"), ("table",)
SHARE = Range("a share, at least 0 and less than 1", lambda value: 0 <= value < 1)
SHARE_OF_ROWS = Range("a share of the rows, at least 0 and less than 1", lambda value: 0 <= value < 1)
WEIGHT = Range("a weight, at least 0 and finite", lambda value: 0 <= value < math.inf)


def initializers() -> Mapping[str, Any]:
    """Load and return the table of initialisations."""
    from gradcli.nn import INITIALIZERS

    return INITIALIZERS


class Choices:
    """A value for each choice of a class; a choice without a given value has its default.

    Raises:
        UsageError: a value is wrong.
    """

    def __init__(self, **values: Any) -> None:
        known = choices(type(self))
        self.values = {name: one.checked(values.get(name, one.default)) for name, one in known.items()}


def reading_choice(name: str) -> Choice[Any]:
    """Return a choice made from an option that says how a table is written."""
    one = READING_OPTIONS[name]
    form: Any = {bool: SWITCH, str: TEXT, list: TEXTS}[one.kind]
    return Choice(form, one.about, option=one.option, metavar=one.metavar, sources=TABLE)


# fmt: off
class DataChoices(Choices):
    """The arguments of `load_data`: the choices for the data."""

    expression = Choice(TEXT, 'an expression to learn in place of DATASET: a border "y > sin(3*x)", or a number "x*y"',
                        option="--data", metavar="EXPR", sources=("expression",))
    ranges = Choice(TEXTS, "the range from which the variables of --data are drawn (-1:1)", option="--range",
                    metavar="[NAME=]LOW:HIGH", sources=("expression",))
    samples = Choice(WHOLE, "how many points to draw, from a built-in set or for --data", sources=DRAWN)
    noise = Choice(NUMBER, "the standard deviation of the noise in a built-in set or in --data", sources=DRAWN)
    classes = Choice(WHOLE, "how many classes to draw, from {names}", sources=("set",),
                     names=(lambda: {name: one for name, one in DATASETS.items() if one.chooses_classes}, ""))
    target = Choice(TEXT, "the column of a table to predict", sources=TABLE)
    columns = Choice(TEXTS, "the columns of a table to take as inputs, if not all", metavar="NAME,NAME,...",
                     sources=TABLE)
    drop = Choice(TEXTS, "the columns of a table to leave out of the inputs", metavar="NAME,NAME,...", sources=TABLE)
    one_hot = Choice(TEXTS, "the columns of a table whose numbers stand for categories", metavar="NAME,NAME,...",
                     sources=TABLE)
    missing = Choice(TEXT, "how to treat missing values: {names}; drop leaves out rows with missing values; by default "
                     "a missing value is an error", sources=TABLE,
                     names=(lambda: MISSING, "way to treat missing values"))
    header, delimiter, decimal, encoding, na, comment = map(reading_choice, READING_OPTIONS)
    sample_weight = Choice(TEXT, "the column of a table with the weight of each row in the loss; it isn't an input",
                           sources=TABLE, metavar="COLUMN")
    task = Choice(TEXT, "whether to predict classes or numbers, if the values of the target leave this open: {names}",
                  sources=("table", "expression"), names=(lambda: TASKS, "task"))


class NetChoices(Choices):
    """The arguments of `describe`: the choices for the net."""

    hidden = Choice(SIZES, "the sizes of the hidden layers, or none (16,16; with --conv none)", metavar="N,N,...")
    conv = Choice(SIZES, "for pictures, the channels of 3x3 convolutions before the hidden layers, each with a 2x2 "
                  "pool", (), metavar="N,N,...")
    features = Choice(TEXTS, "an input of the net in place of the columns, such as x1 or x1^2; give one for each input",
                      (), option="--feature", metavar="EXPR")
    activation = Choice(TEXT, "the function of the hidden units: {default} (default), tanh, gelu, sin ..., or an "
                        "expression such as x*tanh(x)", "relu")
    dropout = Choice(NUMBER, "the share of the hidden units that each update leaves out", 0.0, range=SHARE,
                     needs_steps=True)
    loss = Choice[str | None](TEXT, "what training minimises: {names}; or an expression of the prediction p and the "
                              "target y, such as (p-y)^2", is_optional=True, names=(lambda: OBJECTIVES, ""))
    l1 = Choice(NUMBER, "the weight of the sum of absolute parameters in the loss", 0.0, range=WEIGHT)
    l2 = Choice(NUMBER, f"the weight of the sum of squared parameters in the loss ({L2_DRAWN} for drawn points; "
                f"for a table {L2_CLASSES:g}, or {L2_NUMBERS:g} if the target is a number, "
                "divided by the number of rows)",
                range=WEIGHT)
    standardise = Choice(FLAG, "don't scale the columns to mean 0 and deviation 1", True,
                         option="--no-standardise")


class RunChoices(Choices):
    """The settings of a run: how the net is trained."""

    init = Choice(TEXT, "how the initial parameters are drawn: {names}", names=(initializers, "initialisation"))
    optimizer = Choice(TEXT, "the optimiser: {names}", "adam", names=(lambda: OPTIMIZERS, "optimiser"), in_race=False)
    options = Choice(OPTIONS, "an option of the optimiser by its name in PyTorch, such as momentum=0.9", {},
                     option="--option", metavar="NAME=VALUE", in_race=False)
    learning_rate = Choice(NUMBER, "the learning rate at the start", option="--lr", needs_steps=True, in_race=False,
                           range=Range("positive and finite", lambda value: 0 < value < math.inf))
    schedule = Choice(TEXT, "how the learning rate changes: {names}", "cosine", names=(lambda: SCHEDULES, "schedule"),
                      needs_steps=True)
    warmup = Choice(WHOLE, "over how many updates the learning rate rises at the start", 0, needs_steps=True,
                    range=Range("a number of updates, at least 0", lambda value: value >= 0))
    clip = Choice[float | None](NUMBER, "the largest norm of a gradient; longer gradients are shortened to it",
                                is_optional=True, needs_steps=True,
                                range=Range("a norm, positive and finite", lambda value: 0 < value < math.inf))
    epochs = Choice(WHOLE, "how many times the run uses every row", on_resume=True,
                    range=Range("a whole number from 1 to 1000000", lambda value: 1 <= value <= 1_000_000))
    batch = Choice(WHOLE, f"the rows of one update ({BATCH}); 0 takes all", hint="`batch=0` takes all rows at once",
                   range=Range("a number of rows, at least 1", lambda value: value >= 0), needs_steps=True)
    class_weight = Choice[str | None](TEXT, "how much the rows of each class count in the loss: balanced gives rare "
                                      "classes more weight; or LABEL=W for some classes, such as yes=5",
                                      is_optional=True, metavar="balanced|LABEL=W,...")
    split = Choice(NUMBER, f"the share of the rows to set aside for validation ({SPLIT})", range=SHARE_OF_ROWS)
    test = Choice[float | None](NUMBER, "the share of the rows to keep for a test after the training",
                                is_optional=True, range=SHARE_OF_ROWS)
    patience = Choice[int | None](WHOLE, "stop after this many epochs without a better validation loss, and keep "
                                  "the best epoch", is_optional=True,
                                  range=Range("a number of epochs, at least 1", lambda value: value >= 1))
    min_delta = Choice(NUMBER, "the smallest improvement of the validation loss that counts (0)", 0.0,
                       range=Range("a difference, at least 0 and finite", lambda value: 0 <= value < math.inf))
    seed = Choice(WHOLE, "the seed of everything that is drawn at random ({default})", SEED,
                  range=Range("a whole number from 0 to 2^32 - 1", lambda value: 0 <= value < 2**32))
    engine = Choice(TEXT, "how the net is computed: {names}; auto takes the faster of tensor and jit", AUTO,
                    on_resume=True, names=(lambda: {**ENGINES, AUTO: None}, "engine"))
    precision = Choice(TEXT, "the type of the numbers in training: {names}; float32 is for the engine jit, and the "
                       "model is saved in float64", "float64", names=(lambda: PRECISIONS, "precision"))
# fmt: on


def choices(*groups: type) -> dict[str, Choice[Any]]:
    """The choices of some classes, by default of all classes, by name in the order of the help."""
    return {
        name: one
        for group in groups or (DataChoices, NetChoices, RunChoices)
        for base in group.__mro__
        for name, one in vars(base).items()
        if isinstance(one, Choice)
    }


def checked(given: Mapping[str, Any], *groups: type) -> dict[str, Any]:
    """Return the given choices, each value in its own form; a choice that is None is left out.

    Raises:
        CallError: these classes (by default all) declare no choice of this name.
        UsageError: a value is wrong.

    >>> checked({"hidden": [4], "epochs": 2, "batch": None})
    {'hidden': (4,), 'epochs': 2}
    """
    known = choices(*groups)
    for name in given:
        if name not in known:
            raise CallError(
                f"there is no choice `{name}`", hint=suggestion(name, known, f"choose one of {', '.join(known)}")
            )
    return {name: known[name].checked(value) for name, value in given.items() if value is not None}


def given_by(words: Mapping[str, Any]) -> dict[str, Any]:
    """Read the choices of a command line; the words of a choice that isn't made are None, False or an empty list.

    Raises:
        UsageError: some words have no meaning.

    >>> given_by({"hidden": "4,2", "standardise": True, "features": [], "seed": None})
    {'hidden': (4, 2), 'standardise': False}
    """
    known = choices()
    given = {
        name: some
        for name, some in words.items()
        if some is not None and some != [] and (some is not False or known[name].form is SWITCH)
    }
    others = {**{name: one.default for name, one in known.items()}, **given}
    return {name: known[name].read(some, others) for name, some in given.items()}


def settled(given: Mapping[str, Any], *, is_drawn: bool, is_number: bool = False) -> dict[str, Any]:
    """Return the given choices and the defaults of all others, except defaults that depend on the rows.

    Args:
        given: the result of `checked`.
        is_drawn: whether the data are randomly drawn points, and not a table.
        is_number: whether the target is a number.

    Raises:
        UsageError: the choices don't fit together.
    """
    chosen = {name: one.default for name, one in choices().items() if one.default is not None or one.is_optional}
    chosen |= {"hidden": () if given.get("conv") else HIDDEN, **({"l2": L2_DRAWN} if is_drawn else {}), **given}
    method = OPTIMIZERS[chosen["optimizer"]]
    if is_drawn or method.descend is not None:
        share = 1.0
    else:
        share = NUMBERS_RATE if is_number else CLASSES_RATE
    rate = method.learning_rate * (CONVOLUTION_RATE if chosen["conv"] else share)
    chosen = {"learning_rate": rate, "batch": 0 if method.descend else BATCH, **chosen}
    if method.descend is not None:
        chosen["schedule"] = "constant"
    refuse_conflicts(chosen, given)
    return chosen


def default_penalty(rows: int, *, is_number: bool) -> float:
    """Return the default of ``l2`` for a table, rounded to two digits.

    Args:
        rows: the number of rows to train on.
        is_number: whether the target is a number.

    >>> default_penalty(114, is_number=False), default_penalty(353, is_number=True)
    (0.0088, 0.014)
    """
    return float(f"{(L2_NUMBERS if is_number else L2_CLASSES) / max(rows, FEWEST_ROWS):.2g}")


def refuse_conflicts(chosen: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    """Refuse choices that never fit together, whatever the data are; ``given`` has the choices that aren't defaults."""
    optimizer = chosen["optimizer"]
    for name, one in choices().items():
        if one.needs_steps and given.get(name) and OPTIMIZERS[optimizer].descend:
            raise clash(name, f"the optimiser `{optimizer}`", "takes all rows and finds its own steps")
    if chosen["min_delta"] and chosen["patience"] is None:
        raise UsageError(
            "`min_delta` needs `patience`: it is the improvement of the validation loss that `patience` waits for",
            kind="conflicting_options",
            hint=f"for example `patience=10` and `min_delta={chosen['min_delta']:g}`",
            argument=("min_delta", "patience"),
        )


def refuse_changes(changes: Iterable[str]) -> None:
    """Refuse to change a choice of a run that is continued, unless this choice may change."""
    free = [name for name, one in choices().items() if one.on_resume]
    for name in changes:
        if name not in free:
            hint = f"only the files to write and {' and '.join(f'`{one}`' for one in free)} may change"
            raise clash(name, "`resume`", "continues a run with the choices of the model", hint, ("resume", *free))


def clash(name: str, other: str, why: str, hint: str | None = None, arguments: tuple[str, ...] = ()) -> UsageError:
    """Return the error for a choice that another choice excludes.

    ``arguments`` are further arguments that the message names.
    """
    return UsageError(
        f"`{name}` can't be combined with {other}, which {why}",
        kind="conflicting_options",
        hint=hint,
        argument=(name, *arguments),
    )
