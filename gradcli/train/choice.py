"""The declaration of a choice of `train`: its type, bounds, help and default, and the choices that exclude it.

From a declaration come the option of the command line and its help, the check of a value and its error, the entry in
model files and in ``config.json``, and the words of the command that repeats a run.  The declarations are in
`gradcli.train.choices`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, overload

from gradcli.errors import UsageError, choice
from gradcli.optim.optimizers import OPTIMIZERS
from gradcli.optim.option import TEXT, WHOLE, Form, Range, several

__all__ = ["OPTIONS", "SIZES", "TEXTS", "Choice", "chosen_options", "words_of"]

T = TypeVar("T")


@dataclass(eq=False)
class Choice(Generic[T]):
    """The declaration of a choice, as an attribute of a class of choices; the attribute of an instance is the value.

    Args:
        form: the form of its values.
        about: one line for the help; ``{names}`` is replaced by the keys of a table, ``{default}`` by the default.
        default: the value if the user chooses none; None if the default depends on the data or on other choices.
        option: its spelling on the command line, by default ``--`` and the name.
        metavar: the name of a value in the help, if the name of the form isn't clear enough.
        range: the numbers that are allowed.
        names: the table whose keys are allowed, and the word for an entry; if the word is empty, the keys are only
            listed in the help.
        is_optional: whether None is allowed as a value.
        hint: the hint of the error about a wrong value.
        sources: the kinds of data that the choice fits; an error names the first one.  Empty for a choice that isn't
            about the data.
        needs_steps: whether the choice is only for optimisers that use one batch for each step.
        in_race: whether it can be chosen for all optimisers of a race together.
        on_resume: whether the choice may be changed when a run is continued.
        name: the name of the attribute and of the argument.
    """

    form: Form[T]
    about: str
    default: Any = None
    option: str = ""
    metavar: str | None = None
    range: Range | None = None
    names: tuple[Callable[[], Mapping[str, Any]], str] | None = None
    is_optional: bool = False
    hint: str | None = None
    sources: Sequence[str] = ()
    needs_steps: bool = False
    in_race: bool = True
    on_resume: bool = False
    name: str = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name, self.option = name, self.option or f"--{name.replace('_', '-')}"

    @overload
    def __get__(self, instance: None, owner: type) -> Choice[T]: ...
    @overload
    def __get__(self, instance: Any, owner: type) -> T: ...
    def __get__(self, instance: Any, owner: type) -> Any:
        return self if instance is None else instance.values[self.name]

    @property
    def help(self) -> str:
        """One line for the help."""
        names = alternatives(self.names[0](), self.default) if self.names else ""
        return self.about.replace("{names}", names).replace("{default}", str(self.default))

    def checked(self, value: Any) -> Any:
        """Return a value in the form of this choice.

        Raises:
            UsageError: the value has another form, is out of range, or isn't in the table.

        >>> from gradcli.optim.option import NUMBER
        >>> share = Choice[float](NUMBER, "share", range=Range("a share from 0 to 1", lambda value: 0 <= value <= 1))
        >>> share.__set_name__(Choice, "dropout")
        >>> share.checked(1)
        1.0
        >>> share.checked(1.5)
        Traceback (most recent call last):
        gradcli.errors.UsageError: `dropout` is a share from 0 to 1, not 1.5
        """
        if value is None and self.is_optional:
            return None
        found: Any = self.form.checked(f"`{self.name}`", value, self.range, hint=self.hint, argument=self.name)
        if self.names is not None and self.names[1]:
            choice(found, self.names[0](), self.names[1])
        return found

    def read(self, words: Any, others: Mapping[str, Any]) -> Any:
        """Return the value for the words of the command line, given the words of the other choices."""
        return words if self.form.read is None else self.form.read(self.name, words, others)


def alternatives(table: Mapping[str, Any], default: Any) -> str:
    """Return the keys of a table as a phrase.

    A key may be followed by a note, by other names, and by the word "default".

    >>> alternatives({"a": 1, "b": 2, "alias": 1}, "b")
    'a (also alias) or b (default)'
    """
    entries: dict[int, list[str]] = {}
    for name, entry in table.items():
        entries.setdefault(id(entry) if entry is not None else id(name), []).append(name)
    texts = []
    for first, *others in entries.values():
        notes = [
            getattr(table[first], "note", ""),
            "default" if default in (first, *others) else "",
            f"also {', '.join(others)}" if others else "",
        ]
        said = "; ".join(filter(None, notes))
        texts.append(f"{first} ({said})" if said else first)
    return " or ".join([", ".join(texts[:-1]), texts[-1]] if len(texts) > 1 else texts)


def options(value: Any) -> dict[str, Any]:
    """Return values by name as a dict; `chosen_options` checks them."""
    if not isinstance(value, Mapping):
        raise TypeError
    return {name: tuple(one) if isinstance(one, list) else one for name, one in value.items()}


def read_sizes(name: str, words: str, _others: Mapping[str, Any]) -> tuple[int, ...]:
    """Read the sizes of layers from ``"16,16"``; ``"none"`` means that there are no layers.

    >>> read_sizes("hidden", "16,16", {}), read_sizes("hidden", "none", {})
    ((16, 16), ())
    """
    if words.strip().lower() in {"none", "0"}:
        return ()
    parts = [part.strip() for part in words.split(",")]
    if not all(part.isascii() and part.isdigit() and len(part) <= 9 and int(part) > 0 for part in parts):
        raise UsageError(
            f"`{name}={words}` is not a list of layer sizes",
            hint=f"for example `{name}=16,16`, or `{name}=none`",
            argument=name,
        )
    return tuple(map(int, parts))


def read_options(name: str, words: Sequence[str], others: Mapping[str, Any]) -> dict[str, Any]:
    """Read the hyper-parameters of an optimiser from ``["momentum=0.9"]``."""
    optimizer = others["optimizer"]
    method = OPTIMIZERS[choice(optimizer, OPTIMIZERS, "optimiser")]
    result = {}
    for word in words:
        key, equals, value = word.partition("=")
        key = key.strip().replace("-", "_")
        if not equals:
            raise UsageError(
                f"`{name}={word}` is not of the form NAME=VALUE",
                hint=f"for example `{name}={method.options[-1].name}=...`",
                argument=name,
            )
        if key in result:
            raise UsageError(f"the option `{key}` is given twice", kind="repeated_option", hint="keep only one of them")
        result[key] = method.option(key).parsed(value)
    return chosen_options(optimizer, result)


def chosen_options(optimizer: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the chosen options of an optimiser, each in its own type.

    Raises:
        UsageError: an option is unknown, a value is out of range, or an option must be given by a choice of `train`.
    """
    values = OPTIMIZERS[optimizer].configured(**given)
    for name, own in (("lr", "learning_rate"), ("max_iter", "epochs")):
        if name in given:
            raise UsageError(f"the option `{name}` is set by `{own}`", argument=own)
    return {name: values[name] for name in given}


TEXTS = Form("a list of texts", list[str], several(TEXT.take), lambda _name, words, _others: tuple(words))
SIZES = Form("a list of whole numbers", str, several(WHOLE.take), read_sizes)
OPTIONS = Form("a table of values by name", list[str], options, read_options)


def words_of(option: str, value: Any) -> list[str]:
    """Return an option with its value as words of a command line.

    >>> words_of("--header/--no-header", False)
    ['--no-header']
    >>> words_of("--hidden", (16, 8)), words_of("--feature", ["x1", "-x2"]), words_of("--option", {"momentum": 0.9})
    (['--hidden', '16,8'], ['--feature', 'x1', '--feature=-x2'], ['--option', 'momentum=0.9'])
    """
    if isinstance(value, bool):
        return [option.split("/")[0 if value else -1]]
    if isinstance(value, Mapping):
        return [word for name, one in value.items() for word in words_of(option, f"{name}={shown(one)}")]
    if isinstance(value, (list, tuple)) and any(isinstance(one, str) for one in value):
        return [word for one in value for word in words_of(option, one)]
    words = shown(value) or "none"
    return [f"{option}={words}"] if words.startswith("-") else [option, words]


def shown(value: Any) -> str:
    """Return a value as it is written on the command line."""
    if isinstance(value, (list, tuple)):
        return ",".join(map(shown, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
