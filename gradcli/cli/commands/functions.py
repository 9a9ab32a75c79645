"""`gradcli functions`: every function with its derivative, domain and an example."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

from gradcli.cli.command import Command, Session, session_of
from gradcli.cli.showing.function_text import about_of, partials_of, signature_of
from gradcli.errors import ExpressionError
from gradcli.source import suggestion

if TYPE_CHECKING:
    import typer

    from gradcli.language.composed import Composed
    from gradcli.primitives import ArrayFunction, Primitive

    Function: TypeAlias = Primitive | ArrayFunction | Composed

_FIRST_GROUPS = ("arithmetic", "exponential", "trigonometric", "hyperbolic", "activation")


def run(
    context: typer.Context,
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="a function or an operator, such as tanh or ^")
    ] = None,
) -> None:
    """Show every function with its derivative, domain and an example.

    The derivative is printed from the rule that computes it.  Functions of arrays have options after their operands.
    For example, sum(A, 0) and sum(A, axis=0) both return the sum of each column.
    """
    session = session_of(context)
    if name is None:
        _show_all(session)
    else:
        _show(session, name)


def _show_all(session: Session) -> None:
    from gradcli.language.composed import all_composed
    from gradcli.primitives import REGISTRY

    groups: dict[str, list[Function]] = {group: [] for group in _FIRST_GROUPS}
    everything: list[Function] = [*REGISTRY.public(), *REGISTRY.offered.values(), *all_composed()]
    for primitive in everything:
        groups.setdefault(primitive.group, []).append(primitive)
    members = [primitive for group in groups.values() for primitive in group]
    if session.output.form == "json":
        session.output.json({"functions": list(map(_document, members))})
        return
    if session.output.form == "plain":
        session.output.table([], [[one.name, signature_of(one), one.group, about_of(one)] for one in members])
        return
    rows = []
    for group, primitives in groups.items():
        rows += [["", ""], [group.upper(), ""], *([_form(primitive), about_of(primitive)] for primitive in primitives)]
    session.output.table(["function", "meaning"], rows[1:], styles=["cyan"], wrap=True)
    session.output.line()
    session.output.line("gradcli functions NAME shows the derivative, the domain and an example.", style="dim")


def _show(session: Session, word: str) -> None:
    from gradcli.primitives import REGISTRY, Primitive

    primitive = _find(word)
    document = _document(primitive)
    if session.output.form == "json":
        session.output.json(document)
        return
    rows = [["name", primitive.name], ["signature", signature_of(primitive)]]
    if primitive.infix is not None:
        rows.append(["operator", _form(primitive)])
    rows.append(["meaning", about_of(primitive)])
    rows += [[f"d/d{operand}", text] for operand, text in document["derivative"].items()]
    rows.append(["domain", document["domain"]])
    rows += [["edge point", f"{edge['at']} ({edge['kind']}): {edge['about']}"] for edge in document["edges"]]
    if document["spellings"]:
        rows.append(["also written", ", ".join(document["spellings"])])
    if primitive.example:
        rows.append(["example", primitive.example])
    reduction = REGISTRY.offered.get(primitive.name) if isinstance(primitive, Primitive) else None
    if reduction is not None:
        rows += [
            ["of an array", signature_of(reduction)],
            ["", about_of(reduction)],
            ["example", str(reduction.example)],
        ]
    session.output.table(["", ""], rows, styles=["cyan"], wrap=True)


def _form(primitive: Function) -> str:
    """Return a function as it is called, or an operator between its operands."""
    infix, operands = primitive.infix, primitive.operands
    if infix is None:
        return signature_of(primitive)
    if infix.side == "prefix":
        return f"{infix.symbol} {operands[0]}" if infix.symbol.isalpha() else f"{infix.symbol}{operands[0]}"
    return f"{operands[0]}{infix.symbol}" if infix.side == "postfix" else f" {infix.symbol} ".join(operands)


def _document(primitive: Function) -> dict[str, Any]:
    from gradcli.primitives import ArrayFunction, Primitive

    if isinstance(primitive, Primitive):
        domain = primitive.domain
    else:
        domain = "arrays of reals" if isinstance(primitive, ArrayFunction) else "where its formula has a value"
    return {
        "name": primitive.name,
        "signature": signature_of(primitive),
        "group": primitive.group,
        "about": about_of(primitive),
        "derivative": partials_of(primitive),
        "domain": domain,
        "edges": [{"at": edge.at, "kind": edge.kind, "about": edge.about} for edge in primitive.edges],
        "spellings": list(getattr(primitive, "spellings", ())),
        "operator": None if primitive.infix is None else primitive.infix.symbol,
        "example": primitive.example,
    }


def _find(word: str) -> Function:
    from gradcli.primitives import REGISTRY

    for function in REGISTRY.offered.values():
        if function.infix is not None and function.infix.symbol == word:
            return function
    for table in (REGISTRY.binary, REGISTRY.postfix, REGISTRY.prefix):
        found = table.get(word)
        if found is not None and not found.internal:
            return found
    named = REGISTRY.find(word) or REGISTRY.offered.get(word)
    if named is not None:
        return named
    from gradcli.language.aliases import alias_hint
    from gradcli.language.composed import composed

    formula = composed(word)
    if formula is not None:
        return formula
    hint = alias_hint(word, (), lambda formula: True)
    hint = hint or suggestion(word, [*REGISTRY.words(), *REGISTRY.offered], "gradcli functions lists them all")
    raise ExpressionError(f"unknown function `{word}`", kind="unknown_function", hint=hint)


COMMAND = Command(
    run,
    examples=(
        ("gradcli functions", "all functions, by group"),
        ("gradcli functions tanh", "one function in detail"),
        ('gradcli functions "^"', "an operator"),
    ),
)
