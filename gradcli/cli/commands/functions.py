"""`gradcli functions`: every function with its derivative, domain and an example."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

from gradcli.cli.command import Command, Session, session_of
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
        session.output.table([], [[one.name, _signature(one), one.group, _about(one)] for one in members])
        return
    rows = []
    for group, primitives in groups.items():
        rows += [["", ""], [group.upper(), ""], *([_form(primitive), _about(primitive)] for primitive in primitives)]
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
    rows = [["name", primitive.name], ["signature", _signature(primitive)]]
    if primitive.infix is not None:
        rows.append(["operator", _form(primitive)])
    rows.append(["meaning", _about(primitive)])
    rows += [[f"d/d{operand}", text] for operand, text in document["derivative"].items()]
    rows.append(["domain", document["domain"]])
    rows += [["edge point", f"{edge['at']} ({edge['kind']}): {edge['about']}"] for edge in document["edges"]]
    if document["spellings"]:
        rows.append(["also written", ", ".join(document["spellings"])])
    if primitive.example:
        rows.append(["example", primitive.example])
    reduction = REGISTRY.offered.get(primitive.name) if isinstance(primitive, Primitive) else None
    if reduction is not None:
        rows += [["of an array", _signature(reduction)], ["", _about(reduction)], ["example", str(reduction.example)]]
    session.output.table(["", ""], rows, styles=["cyan"], wrap=True)


def _signature(function: Function) -> str:
    """Return a function as it is called, with the options whose default is a number."""
    options = getattr(function, "options", {})
    if not options:
        return function.signature
    words = [*function.operands, *(["..."] if function.variadic else [])]
    for name, default in options.items():
        is_number = isinstance(default, (int, float))
        words.append(f"{name}={int(default) if default == int(default) else default}" if is_number else name)
    return f"{function.name}({', '.join(words)})"


def _about(function: Function) -> str:
    """Return the description of a function, with code in single backticks; a docstring has double ones."""
    return function.about.replace("``", "`")


def _form(primitive: Function) -> str:
    """Return a function as it is called, or an operator between its operands."""
    infix, operands = primitive.infix, primitive.operands
    if infix is None:
        return _signature(primitive)
    if infix.side == "prefix":
        return f"{infix.symbol} {operands[0]}" if infix.symbol.isalpha() else f"{infix.symbol}{operands[0]}"
    return f"{operands[0]}{infix.symbol}" if infix.side == "postfix" else f" {infix.symbol} ".join(operands)


def _document(primitive: Function) -> dict[str, Any]:
    from gradcli.primitives import ArrayFunction, Primitive
    from gradcli.printing.describe import describe_partials

    if isinstance(primitive, Primitive):
        derivative, domain = dict(describe_partials(primitive)), primitive.domain
    elif isinstance(primitive, ArrayFunction):
        derivative, domain = {}, "arrays of reals"
    else:
        derivative, domain = _partials_of(primitive), "where its formula has a value"
    return {
        "name": primitive.name,
        "signature": _signature(primitive),
        "group": primitive.group,
        "about": _about(primitive),
        "derivative": derivative,
        "domain": domain,
        "edges": [{"at": edge.at, "kind": edge.kind, "about": edge.about} for edge in primitive.edges],
        "spellings": list(getattr(primitive, "spellings", ())),
        "operator": None if primitive.infix is None else primitive.infix.symbol,
        "example": primitive.example,
    }


def _partials_of(function: Composed) -> dict[str, str]:
    """Return the derivative with respect to each operand, for a function that is read as a formula."""
    from gradcli.graph.differentiate import derivative
    from gradcli.graph.simplify import simplify_derivative
    from gradcli.language.builder import read
    from gradcli.printing.text import to_text

    parsed = read(function.formula, variables=function.operands)
    variables = {name: parsed.graph.variable(name) for name in function.operands}
    return {
        name: to_text(simplify_derivative(derivative(parsed.root, variable)).root)
        for name, variable in variables.items()
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
