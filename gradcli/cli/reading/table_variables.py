"""The meaning of an expression's variables: columns of a table, or numbers.

``--x1 price`` binds x1 to the column ``price`` if the table has one; any other text is a number, or an expression
without variables.  A variable that is not given is the column of its name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gradcli.cli.command import Session
from gradcli.cli.reading.operands import binding_of, names_among
from gradcli.cli.reading.values import scalar_of
from gradcli.errors import ExpressionError, UsageError
from gradcli.source import did_you_mean, listed, suggestion

__all__ = ["inputs_of", "names_of_columns"]


def inputs_of(session: Session, variables: Sequence[str], columns: Sequence[str], table: str) -> dict[str, str | float]:
    """Return the column or the number that each variable is bound to.

    Args:
        session: the running command, with the bindings.
        variables: the variables of all expressions of the command.
        columns: the columns of the table.
        table: ``"table"`` or ``"grid"``.

    Raises:
        UsageError: variables are neither bound nor columns (the message names all of them), or a variable is bound to a
            text that is neither a column nor a number.
    """
    given = {binding.name: binding.text for binding in session.bindings}
    missing = [name for name in variables if name not in given and name not in columns]
    if missing:
        raise missing_columns(session, missing, columns, table)
    return {
        name: name if name not in given else column_or_number(session, name, given[name], columns, table)
        for name in variables
    }


def column_or_number(session: Session, name: str, text: str, columns: Sequence[str], table: str) -> str | float:
    """Return the column or the number that one variable is bound to."""
    for column in (text, text.strip()):
        if column in columns:
            return column
    try:
        return scalar_of(session, text, f"the value of `{name}`")
    except (ExpressionError, UsageError) as error:
        if error.kind == "array_value" or text.strip()[:1] in set("0123456789.+-([@"):
            raise
        raise UsageError(
            f"`{name}` is bound to `{text.strip()}`, which is neither a column of the {table} nor a number",
            kind="unknown_column",
            hint=suggestion(text.strip(), columns, columns_hint(columns)),
        ) from None


def missing_columns(session: Session, missing: Sequence[str], columns: Sequence[str], table: str) -> UsageError:
    """Return the error for variables without a column; if a variable resembles a column's name, the hint says so."""
    hints = []
    for name in missing:
        meant = did_you_mean(name, columns) or next((one for one in columns if one.lower() == name.lower()), None)
        if meant:
            hints.append(f"did you mean `{meant}`? write {binding_of(session, name, meant)}")
    hints.append(columns_hint(columns))
    if len(hints) == 1 and table == "grid":
        hints = [f"--grid {missing[0]}=-3:3:1000 makes it an axis, {binding_of(session, missing[0], '0.5')} a number"]
    elif len(hints) == 1:
        column, number = (binding_of(session, missing[0], text) for text in ("COLUMN", "0.5"))
        hints.append(f"{column} binds it to another column, {number} to a number")
    what = ("axes" if len(missing) > 1 else "axis") if table == "grid" else "columns" if len(missing) > 1 else "column"
    return UsageError(f"the {table} has no {what} {listed(missing)}", kind="missing_variable", hint="\n".join(hints))


def columns_hint(columns: Sequence[str]) -> str:
    """Return a hint that names the columns, or the first of them if there are many."""
    return f"its columns: {listed(columns)}" if columns else "it has no columns"


def names_of_columns(
    texts: Sequence[str], known: Sequence[str], computed: Mapping[str, str], absent: Mapping[str, str]
) -> list[str]:
    """Return the columns that ``--select a,b`` names.

    Args:
        texts: the values of the option; a text that is a column's name as a whole is not divided at its commas.
        known: the columns of the table.
        computed: the columns that are added.
        absent: columns that are not computed, each with a hint that says how to compute it.

    Raises:
        UsageError: a column is unknown, or named twice.
    """
    every = [*known, *computed.values()]

    def unknown(name: str) -> UsageError:
        hint = absent.get(name) or suggestion(name, every, columns_hint(every))
        return UsageError(f"`--select`: there is no column `{name}`", kind="unknown_column", hint=hint)

    return names_among(texts, "--select", every, unknown)
