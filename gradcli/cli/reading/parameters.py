"""The parameters of a command, read from its function, and the arguments that a command line gives them.

A command's function is written for Typer, whose import takes longer than most commands.  So its annotations are first
evaluated with a stand-in for Typer that only stores the declarations, and `arguments_of` converts words that are
certainly valid.  Typer itself (`gradcli.cli.application`) converts all other words.  It also handles every declaration
that has more than a spelling, a metavar, a help text and the bounds of a number.

Some parameters of a function may be declared elsewhere, in a table: the function takes them as ``**more``, and
`declaring` adds their declarations.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from functools import cache
from types import SimpleNamespace, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from gradcli.records import NamedTuple

__all__ = ["Parameter", "arguments_of", "declarations", "declaring", "parameters_of"]


class Parameter(NamedTuple):
    """A parameter of a command's function.

    Args:
        name: its name in the function.
        kind: the type that a word is converted to; for a flag, ``bool``.
        spellings: the words that give an option; an operand has none.
        negations: the words that switch a flag off.
        default: the value if no word is given.
        choices: the allowed words; empty if every word is allowed.
        is_required: whether a word must be given.
        is_list: whether the parameter may be given more than once; of the operands, only the last one may.
        is_plain: whether its words can be read without Typer.
        metavar: the name of the value in the help; this field and the next ones have Typer's names.
        help: the help text, one line.
        min, max: the bounds of a number.
        hidden: whether the help leaves this parameter out.
        show_default: whether the help may name the default.
    """

    name: str
    kind: Any
    spellings: tuple[str, ...]
    negations: tuple[str, ...]
    default: Any
    choices: tuple[str, ...]
    is_required: bool
    is_list: bool
    is_plain: bool
    metavar: str | None = None
    help: str = ""
    min: float | None = None
    max: float | None = None
    hidden: bool = False
    show_default: bool = True

    @property
    def shown(self) -> str:
        """The name of the parameter in messages: the longest spelling of an option, or the metavar of an operand."""
        return max(self.spellings, key=len) if self.spellings else self.metavar or self.name.upper()

    def converted(self, word: str) -> Any:
        """Return a word as a value of the type of this parameter.

        Raises:
            ValueError: the word can't be converted, or is out of bounds.
        """
        value = self.kind(word)
        if (self.min is not None and not value >= self.min) or (self.max is not None and not value <= self.max):
            raise ValueError(word)
        return value


class _Declared(NamedTuple):
    """The declaration of a parameter: the arguments of ``typer.Option`` or ``typer.Argument``."""

    is_option: bool
    spellings: tuple[str, ...]
    settings: dict[str, Any]


#: A module in place of Typer, which only notes what a command declares.
_STAND_IN = SimpleNamespace(
    Context=object,
    Option=lambda *spellings, **settings: _Declared(True, spellings, settings),
    Argument=lambda **settings: _Declared(False, (), settings),
)
#: The settings of a declaration that are fields of a `Parameter`; any other is left to Typer.
_KNOWN = ("metavar", "help", "min", "max", "hidden", "show_default")
_PLAIN = (str, int, float, bool)
#: Declarations of Typer that gradcli doesn't support: questions, flags such as ``-vvv``, and types of Click.
_REFUSED = ("prompt", "confirmation_prompt", "hide_input", "count", "click_type")


Declare = Callable[[Any], dict[str, tuple[Any, Any]]]
_DECLARE = "__declare__"


def declaring(declare: Declare) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Declare further parameters of a command's function, which takes them as ``**more``.

    Args:
        declare: a function that is called with Typer, or with its stand-in, when the parameters are needed.  It returns
            an annotation and a default for each name.  In the help, these parameters come before the keyword-only
            parameters of the function.
    """

    def decorated(run: Callable[..., None]) -> Callable[..., None]:
        setattr(run, _DECLARE, declare)
        return run

    return decorated


def declarations(run: Callable[..., None], typer: Any) -> dict[str, tuple[Any, Any]]:
    """Return the annotation and the default of each parameter except the context.

    A required one has the default ``...``.
    """
    names: dict[str, Any] = {**run.__globals__, "typer": typer}
    hints = get_type_hints(run, names, include_extras=True)
    code, more = run.__code__, getattr(run, _DECLARE, None)
    first = code.co_varnames[1 : code.co_argcount]
    last = code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
    defaults = {
        **dict(zip(reversed(first), reversed(run.__defaults__ or ()), strict=False)),
        **(run.__kwdefaults__ or {}),
    }

    def own(some: Sequence[str]) -> dict[str, tuple[Any, Any]]:
        return {name: (_annotation(hints[name]), defaults.get(name, ...)) for name in some}

    return {**own(first), **(more(typer) if more is not None else {}), **own(last)}


def _annotation(hint: Any) -> Any:
    # Python 3.10 wraps the annotation of a parameter with the default None in Optional.
    return next((one for one in get_args(hint) if get_origin(one) is Annotated), hint)


@cache
def parameters_of(run: Callable[..., None]) -> tuple[Parameter, ...]:
    """Return the parameters of a command's function, without the first, which is the context.

    Raises:
        TypeError: a parameter is declared in a way that gradcli doesn't support.
    """
    return tuple(_parameter(name, hint, default) for name, (hint, default) in declarations(run, _STAND_IN).items())


def _parameter(name: str, hint: Any, default: Any) -> Parameter:
    kind, declared = get_args(hint)[:2] if get_origin(hint) is Annotated else (hint, None)
    if not isinstance(declared, _Declared):
        raise TypeError(f"`{name}` is not declared as Annotated[TYPE, typer.Option(...)] or typer.Argument(...)")
    others = declared.settings.keys() - _KNOWN
    if get_origin(kind) in (Union, UnionType):
        kind = next(one for one in get_args(kind) if one is not type(None))
    is_list = get_origin(kind) is list
    kind = get_args(kind)[0] if is_list else kind
    if get_origin(kind) is tuple:
        raise TypeError(f"`{name}` takes several words at once; declare a list, whose option is repeated")
    if not others.isdisjoint(_REFUSED):
        raise TypeError(f"`{name}` is declared with {min(others & {*_REFUSED})}, which gradcli doesn't support")
    spelled = declared.spellings
    if declared.is_option and not spelled:
        long = name.replace("_", "-")
        spelled = (f"--{long}/--no-{long}" if kind is bool else f"--{long}",)
    sides = [spelling.partition("/") for spelling in spelled]
    choices: tuple[Any, ...] = get_args(kind) if get_origin(kind) is Literal else ()
    if isinstance(kind, type) and issubclass(kind, Enum):
        choices = tuple(member.value for member in kind)
    has_plain_default = default in (None, ...) or (type(default) is kind and not is_list)
    return Parameter(
        name=name,
        kind=kind,
        spellings=tuple(on.strip() for on, _, _ in sides if on.strip()),
        negations=tuple(off.strip() for _, _, off in sides if off.strip()),
        default=None if default is ... else default,
        choices=tuple(map(str, choices)),
        is_required=default is ... and "default_factory" not in others,
        is_list=is_list,
        is_plain=not others and kind in _PLAIN and has_plain_default and (declared.is_option or kind is not bool),
        **{name: value for name, value in declared.settings.items() if name in _KNOWN},
    )


def arguments_of(
    parameters: Sequence[Parameter], options: Sequence[tuple[str, str | None]], operands: Sequence[str]
) -> dict[str, Any] | None:
    """Return the arguments of a command's function; None if Typer is needed to convert a word or to report an error.

    Args:
        parameters: the parameters of the function.
        options: pairs of an option's spelling and its word; for a flag, the word is None.
        operands: the other words.
    """
    places = [one for one in parameters if not one.spellings and not one.negations]
    spelled = {spelling: one for one in parameters for spelling in (*one.spellings, *one.negations)}
    given = [(spelled[spelling], spelling, word) for spelling, word in options]
    if places and places[-1].is_list:
        places += places[-1:] * (len(operands) - len(places))
    given += [(place, "", word) for place, word in zip(places, operands, strict=False)]
    missing = {one.name for one in parameters if one.is_required} - {one.name for one, _, _ in given}
    if missing or len(operands) > len(places) or not all(one.is_plain for one in parameters):
        return None
    arguments = {one.name: one.default for one in parameters}
    try:
        for parameter, spelling, word in given:
            value = spelling not in parameter.negations if word is None else parameter.converted(word)
            if parameter.is_list:
                value = [*(arguments[parameter.name] or ()), value]
            arguments[parameter.name] = value
    except ValueError:
        return None
    return arguments
