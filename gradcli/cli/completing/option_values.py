"""The words that an option or an operand takes, from the tables that the commands check them with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from gradcli.cli.reading.parameters import Parameter
from gradcli.cli.showing.function_text import about_of, functions_named, signature_of

__all__ = ["words_for"]


def words_for(command: str, parameter: Parameter) -> dict[str, str]:
    """Return the words that a parameter takes, each with a few words about it; empty if it takes any.

    >>> from gradcli.cli.catalogue import load
    >>> from gradcli.cli.reading.parameters import parameters_of
    >>> parameters = {one.name: one for one in parameters_of(load("train").run)}
    >>> [*words_for("train", parameters["schedule"])], [*words_for("train", parameters["epochs"])]
    (['constant', 'linear', 'cosine', 'step'], [])
    """
    known = _TABLES.get((command, parameter.shown))
    if known is not None:
        return _with_meanings(known())
    if parameter.choices:
        return dict.fromkeys(parameter.choices, "")
    metavar = parameter.metavar or ""
    if "|" in metavar and not any(word.isupper() for word in metavar.split("|")):
        return dict.fromkeys(metavar.split("|"), "")
    return _of_a_choice(parameter.name) if command == "train" else {}


def _of_a_choice(name: str) -> dict[str, str]:
    """Return the words of a choice of training, from the table that it is checked with."""
    from gradcli.optim.option import TEXT
    from gradcli.train.choices import choices

    choice = choices().get(name)
    return _with_meanings(choice.names[0]()) if choice is not None and choice.names and choice.form is TEXT else {}


def _with_meanings(words: Iterable[str]) -> dict[str, str]:
    if not isinstance(words, Mapping):
        return dict.fromkeys(words, "")
    return {str(word): _meaning(entry) for word, entry in words.items()}


def _meaning(entry: Any) -> str:
    if isinstance(entry, str):
        return entry
    found = getattr(entry, "about", "")
    return found if isinstance(found, str) else ""


def _data_sets() -> Mapping[str, Any]:
    from gradcli.train.data.datasets import BUNDLED, DATASETS

    return {**DATASETS, **BUNDLED}


def _languages() -> Iterable[str]:
    from gradcli.export import EXPORTERS
    from gradcli.export.expression_program import LANGUAGES

    return [*dict.fromkeys([*LANGUAGES, *EXPORTERS])]


def _styles() -> Iterable[str]:
    from gradcli.draw.cards import STYLES

    return STYLES


def _directions() -> Iterable[str]:
    from gradcli.draw.cards import RANKDIRS

    return RANKDIRS


def _views() -> Iterable[str]:
    from gradcli.cli.live.previews import VIEWS

    return VIEWS


def _presets() -> Iterable[str]:
    from gradcli.train.model.presets import PRESETS

    return PRESETS


def _optimisers() -> Iterable[str]:
    from gradcli.optim.optimizers import OPTIMIZERS

    return OPTIMIZERS


def _activations() -> Iterable[str]:
    from gradcli.primitives import REGISTRY

    return {one.name: one.about for one in REGISTRY.public() if one.arity == 1 and one.infix is None}


def _functions() -> Mapping[str, str]:
    return {word: f"{signature_of(function)}: {about_of(function)}" for word, function in functions_named("").items()}


#: (command, option or the name of an operand) -> its words.
_TABLES: dict[tuple[str, str], Callable[[], Iterable[str]]] = {
    ("train", "DATASET"): _data_sets,
    ("train", "--activation"): _activations,
    ("train", "--race"): _optimisers,
    ("train", "--view"): _views,
    ("train", "--preset"): _presets,
    ("export", "--to"): _languages,
    ("draw", "--style"): _styles,
    ("draw", "--rankdir"): _directions,
    ("functions", "NAME"): _functions,
}
