"""`gradcli functions`: every function with its derivative, domain and an example."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from gradcli.cli.command import Command, Session, session
from gradcli.errors import ExpressionError
from gradcli.source import did_you_mean

if TYPE_CHECKING:
    from gradcli.primitives import Primitive

_FIRST_GROUPS = ("arithmetic", "exponential", "trigonometric", "hyperbolic", "activation")


def run(
    context: typer.Context,
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="a function or an operator, such as tanh or ^")
    ] = None,
) -> None:
    """Every function with its derivative, domain and an example.

    The derivative is printed from the rule that computes it.
    """
    here = session(context)
    if name is None:
        _show_all(here)
    else:
        _show(here, _find(name))


def _show_all(here: Session) -> None:
    from gradcli.primitives import REGISTRY

    groups: dict[str, list[Primitive]] = {group: [] for group in _FIRST_GROUPS}
    for primitive in REGISTRY.public():
        groups.setdefault(primitive.group, []).append(primitive)
    if here.output.form == "json":
        here.output.json({"functions": [_document(primitive) for group in groups.values() for primitive in group]})
        return
    if here.output.form == "plain":
        members = [primitive for group in groups.values() for primitive in group]
        here.output.table([], [[one.name, one.signature, one.group, one.about] for one in members])
        return
    rows = []
    for group, primitives in groups.items():
        rows += [["", ""], [group.upper(), ""], *([_form(primitive), primitive.about] for primitive in primitives)]
    here.output.table(["function", "meaning"], rows[1:], styles=["cyan"], wrap=True)
    here.output.line()
    here.output.line("gradcli functions NAME shows the derivative, the domain and an example.", style="dim")


def _show(here: Session, primitive: Primitive) -> None:
    document = _document(primitive)
    if here.output.form == "json":
        here.output.json(document)
        return
    rows = [["name", primitive.name], ["signature", primitive.signature]]
    if primitive.infix is not None:
        rows.append(["operator", _form(primitive)])
    rows.append(["meaning", primitive.about])
    rows += [[f"d/d{operand}", text] for operand, text in document["derivative"].items()]
    rows.append(["domain", primitive.domain])
    rows += [["edge point", f"{edge['at']} ({edge['kind']}): {edge['about']}"] for edge in document["edges"]]
    if primitive.spellings:
        rows.append(["also written", ", ".join(primitive.spellings)])
    if primitive.example:
        rows.append(["example", primitive.example])
    here.output.table(["", ""], rows, styles=["cyan"], wrap=True)


def _form(primitive: Primitive) -> str:
    """An operator as it is written between its operands, a function as it is called."""
    infix, operands = primitive.infix, primitive.operands
    if infix is None:
        return primitive.signature
    if infix.side == "prefix":
        return f"{infix.symbol} {operands[0]}" if infix.symbol.isalpha() else f"{infix.symbol}{operands[0]}"
    return f"{operands[0]}{infix.symbol}" if infix.side == "postfix" else f" {infix.symbol} ".join(operands)


def _document(primitive: Primitive) -> dict[str, Any]:
    from gradcli.export import describe_partials

    return {
        "name": primitive.name,
        "signature": primitive.signature,
        "group": primitive.group,
        "about": primitive.about,
        "derivative": dict(describe_partials(primitive)),
        "domain": primitive.domain,
        "edges": [{"at": edge.at, "kind": edge.kind, "about": edge.about} for edge in primitive.edges],
        "spellings": list(primitive.spellings),
        "operator": None if primitive.infix is None else primitive.infix.symbol,
        "example": primitive.example,
    }


def _find(word: str) -> Primitive:
    from gradcli.primitives import REGISTRY

    for table in (REGISTRY.binary, REGISTRY.postfix, REGISTRY.prefix):
        found = table.get(word)
        if found is not None and not found.internal:
            return found
    found = REGISTRY.find(word)
    if found is not None:
        return found
    meant = did_you_mean(word, REGISTRY.words())
    hint = f"did you mean `{meant}`?" if meant else "gradcli functions lists them all"
    raise ExpressionError(f"unknown function `{word}`", kind="unknown_function", hint=hint)


COMMAND = Command(
    run,
    examples=(
        ("gradcli functions", "all of them, by group"),
        ("gradcli functions tanh", "one in detail"),
        ('gradcli functions "^"', "an operator"),
    ),
)
