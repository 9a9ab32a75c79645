"""The parameters of a command, read from its function, and the arguments that a command line gives them.

A command's function is written for Typer, whose import takes longer than most commands.  So its annotations are first
evaluated with a stand-in for Typer that only notes what is declared, and `arguments_of` converts the words that are
plainly right.  Typer itself is asked for the others, to convert or to refuse them (`registered`).

A function may take some of its parameters from a table, as ``**more``: `declaring` says which.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, get_args, get_origin, get_type_hints

if TYPE_CHECKING:
    from typer.core import TyperCommand

__all__ = ["Parameter", "arguments_of", "declaring", "parameters_of", "registered"]


class Parameter(NamedTuple):
    """A parameter of a command's function.

    Args:
        name: its name in the function.
        kind: what a word is converted to: ``str``, ``int`` or ``float``; of a flag, ``bool``.
        spellings: of an option; an operand has none.
        metavar: what stands for the value in the help.
        help: one line.
        least, most: the bounds of a number.
        default: where nothing is given.
        is_required: whether something must be given.
        is_list: whether it may be given more than once.
    """

    name: str
    kind: type
    spellings: tuple[str, ...]
    metavar: str | None
    help: str
    least: float | None
    most: float | None
    default: Any
    is_required: bool
    is_list: bool

    def converted(self, word: str) -> Any:
        """The value that a word stands for.

        Raises:
            ValueError: it stands for none.
        """
        value = self.kind(word)
        if (self.least is not None and not value >= self.least) or (self.most is not None and not value <= self.most):
            raise ValueError(word)
        return value


class _Declared:
    """What a command says of a parameter: as much of ``typer.Option`` and ``typer.Argument`` as commands may use."""

    def __init__(
        self,
        *spellings: str,
        metavar: str | None = None,
        help: str = "",  # noqa: A002 (Typer's name)
        min: float | None = None,  # noqa: A002
        max: float | None = None,  # noqa: A002
    ) -> None:
        self.spellings = spellings
        self.metavar = metavar
        self.help = help
        self.least = min
        self.most = max


_STAND_IN = SimpleNamespace(Context=object, Option=_Declared, Argument=_Declared)


Declare = Callable[[Any], dict[str, tuple[Any, Any]]]
_DECLARE = "__declare__"


def declaring(declare: Declare) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command's function, which ends in ``**more``, parameters that are made from data.

    Args:
        declare: called with Typer, or with its stand-in, when the parameters are needed; gives an annotation and a
            default for each name.  In the help they come before the keyword-only parameters of the function.
    """

    def decorated(run: Callable[..., None]) -> Callable[..., None]:
        setattr(run, _DECLARE, declare)
        return run

    return decorated


def _declared(run: Callable[..., None], typer: Any) -> dict[str, tuple[Any, Any]]:
    """The annotation and the default of each parameter but the context; ``...`` where something must be given."""
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
    # Python 3.10 says of a parameter with the default None that it may be None, around the annotation.
    return next((one for one in get_args(hint) if get_origin(one) is Annotated), hint)


@cache
def parameters_of(run: Callable[..., None]) -> tuple[Parameter, ...]:
    """The parameters of a command's function, but for the first, which is the context."""
    found = []
    for name, (hint, default) in _declared(run, _STAND_IN).items():
        kind, declared = get_args(hint)
        kind = next((one for one in get_args(kind) if one is not type(None)), kind)
        is_list = get_origin(kind) is list
        found.append(
            Parameter(
                name=name,
                kind=get_args(kind)[0] if is_list else kind,
                spellings=declared.spellings,
                metavar=declared.metavar,
                help=declared.help,
                least=declared.least,
                most=declared.most,
                default=None if default is ... else default,
                is_required=default is ...,
                is_list=is_list,
            )
        )
    return tuple(found)


def arguments_of(
    parameters: Sequence[Parameter], options: Sequence[tuple[str, str | None]], operands: Sequence[str]
) -> dict[str, Any] | None:
    """The arguments of a command's function, or None if it takes Typer to tell what is wrong with the words.

    Args:
        parameters: of the function.
        options: spellings of options with their words; a flag has none.
        operands: the other words.
    """
    arguments = {one.name: one.default for one in parameters}
    places = [one for one in parameters if not one.spellings]
    if len(operands) > len(places) or any(one.is_required for one in places[len(operands) :]):
        return None
    spelled = {spelling: one for one in parameters for spelling in one.spellings}
    given = [(spelled[spelling], word) for spelling, word in options] + list(zip(places, operands, strict=False))
    try:
        for parameter, word in given:
            value = True if word is None else parameter.converted(word)
            if parameter.is_list:
                value = [*(arguments[parameter.name] or ()), value]
            arguments[parameter.name] = value
    except ValueError:
        return None
    return arguments


def registered(name: str, run: Callable[..., None]) -> TyperCommand:
    """The command as Typer has it."""
    from inspect import Parameter as Argument
    from inspect import Signature

    import typer

    declared = _declared(run, typer)
    context = run.__code__.co_varnames[0]

    def function(**arguments: Any) -> None:
        run(arguments.pop(context), **arguments)

    hints = {context: typer.Context, **{one: hint for one, (hint, _) in declared.items()}}
    defaults = {one: default for one, (_, default) in declared.items() if default is not ...}
    function.__annotations__ = hints
    function.__doc__ = run.__doc__
    vars(function)["__signature__"] = Signature(
        [
            Argument(one, Argument.KEYWORD_ONLY, default=defaults.get(one, Argument.empty), annotation=hint)
            for one, hint in hints.items()
        ]
    )
    application = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    application.command(name, add_help_option=False)(function)
    command: TyperCommand = typer.main.get_command(application)  # type: ignore[assignment]
    return command
