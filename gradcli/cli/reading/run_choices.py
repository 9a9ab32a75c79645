"""The choices of a training run as options: read from their words, and written as the command that repeats the run."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from gradcli.errors import UsageError, choice

if TYPE_CHECKING:
    from gradcli.train.run import Run

__all__ = ["CHOICES", "command_of", "options_of", "sizes"]

# By the names of the arguments of `load_data` and `start`; all but --epochs are for a fresh run only.
CHOICES = {
    "expression": "--data",
    "ranges": "--range",
    "classes": "--classes",
    "target": "--target",
    "task": "--task",
    "columns": "--columns",
    "drop": "--drop",
    "one_hot": "--one-hot",
    "missing": "--missing",
    "features": "--feature",
    "hidden": "--hidden",
    "conv": "--conv",
    "activation": "--activation",
    "dropout": "--dropout",
    "init": "--init",
    "loss": "--loss",
    "l1": "--l1",
    "l2": "--l2",
    "standardise": "--no-standardise",
    "optimizer": "--optimizer",
    "options": "--option",
    "learning_rate": "--lr",
    "schedule": "--schedule",
    "warmup": "--warmup",
    "clip": "--clip",
    "epochs": "--epochs",
    "batch": "--batch",
    "patience": "--patience",
    "min_delta": "--min-delta",
    "noise": "--noise",
    "samples": "--samples",
    "split_off": "--split",
    "test": "--test",
    "seed": "--seed",
    "engine": "--engine",
}


def sizes(option: str, text: str) -> tuple[int, ...]:
    """The sizes of layers from ``"16,16"``; ``"none"`` is no layer.

    >>> sizes("--hidden", "16,16"), sizes("--hidden", "none")
    ((16, 16), ())
    """
    if text.strip().lower() in {"none", "0"}:
        return ()
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isascii() and part.isdigit() and len(part) <= 9 and int(part) > 0 for part in parts):
        raise UsageError(
            f"`{option} {text}` is not a list of layer sizes",
            kind="bad_value",
            hint=f"for example {option} 16,16, or {option} none",
        )
    return tuple(map(int, parts))


def options_of(optimizer: str, words: list[str]) -> dict[str, Any]:
    """The hyper-parameters of an optimiser from ``["momentum=0.9"]``."""
    from gradcli.optim.optimizers import OPTIMIZERS

    method = OPTIMIZERS[choice(optimizer, OPTIMIZERS, "optimiser")]
    result = {}
    for word in words:
        name, equals, text = word.partition("=")
        name = name.strip().replace("-", "_")
        if not equals:
            raise UsageError(
                f"`--option {word}` is not of the form NAME=VALUE",
                kind="bad_value",
                hint=f"for example --option {method.options[-1].name}=...",
            )
        if name in result:
            raise UsageError(f"the option `{name}` is given twice", kind="repeated_option", hint="keep one of the two")
        result[name] = method.option(name).parsed(text)
        if name in {"lr", "max_iter"}:
            own = "--lr" if name == "lr" else "--epochs"
            raise UsageError(f"the option `{name}` is given by {own}", kind="bad_value")
    return result


def command_of(run: Run) -> str:
    """The command that repeats a run, ready to be pasted: every choice that is not the default.

    Where the shell must read the rows from somewhere, it says so.
    """
    words = ["gradcli", "train", *([] if "expression" in run.choices else [run.settings.dataset])]
    for name, option in CHOICES.items():
        if name in run.choices:
            words += words_of(option, run.choices[name])
    text = " ".join(map(shlex.quote, words))
    return f"{text} < the same table" if run.settings.dataset == "-" else text


def words_of(option: str, value: Any) -> list[str]:
    """An option with its value as words.

    >>> words_of("--hidden", (16, 8)), words_of("--feature", ["x1", "-x2"]), words_of("--option", {"momentum": 0.9})
    (['--hidden', '16,8'], ['--feature', 'x1', '--feature=-x2'], ['--option', 'momentum=0.9'])
    """
    if isinstance(value, bool):
        return [option]
    if isinstance(value, dict):
        return [word for name, one in value.items() for word in words_of(option, f"{name}={shown_value(one)}")]
    if isinstance(value, (list, tuple)) and any(isinstance(one, str) for one in value):
        return [word for one in value for word in words_of(option, one)]
    text = shown_value(value) or "none"
    return [f"{option}={text}"] if text.startswith("-") else [option, text]


def shown_value(value: Any) -> str:
    """A value as the command line takes it."""
    if isinstance(value, (list, tuple)):
        return ",".join(map(shown_value, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
