"""The rows of a table of answers, each with its verdict."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gradcli.cli.reading.operands import read_expression, variable_of
from gradcli.errors import GradcliError, UsageError
from gradcli.records import NamedTuple

if TYPE_CHECKING:
    from gradcli.cli.command import Session
    from gradcli.evaluate.answers import Judgement
    from gradcli.evaluate.expression import Expression

__all__ = ["AnswerRow", "answer_rows"]

_COLUMNS = ("name", "expression", "answer", "wrt", "order")


class AnswerRow(NamedTuple):
    """One row of a table of answers.

    Attributes:
        name: the text of the column `name`, or else the number of the row.
        answer: the answer as it was typed.
        expression, variable, order: the question.
        judgement: the verdict; None if the row can't be judged.
        problem: why the row can't be judged; None if it can.
    """

    name: str
    answer: str
    expression: Expression | None = None
    variable: str = ""
    order: int = 1
    judgement: Judgement | None = None
    problem: str | None = None


def answer_rows(session: Session, operand: str | None, path: str, wrt: str | None, order: int) -> Iterator[AnswerRow]:
    """Yield the rows of a table of answers; a row that can't be judged holds the reason for this.

    Args:
        session: the running command.
        operand: the expression of rows without one; None if each row has to have its own.
        path: the file: CSV, JSON lines, or any other format of tables.
        wrt: the variable of rows that don't name one.
        order: the order of rows that don't name one.

    Raises:
        UnavailableError: the table can't be read.
        UsageError: a column is missing.
    """
    from gradcli.evaluate.answers import check_answer
    from gradcli.evaluate.expression import parse
    from gradcli.tables.cells import is_gap
    from gradcli.tables.formats import format_of_file, read_blocks
    from gradcli.tables.reading import Reading

    notes: list[str] = []
    number = 0
    common = None if operand is None else read_expression(session, operand, variables=() if wrt is None else (wrt,))
    # Only text may lack the names of its columns, which are needed here.
    reading = Reading(header=True) if format_of_file(path) in (None, "csv", "tsv") else Reading()
    for block in read_blocks(path, reading=reading, notes=notes):
        for note in notes:
            session.output.message(f"note: {note}")
        notes.clear()
        cells = {column: block.column(column) for column in _COLUMNS if column in block.columns}
        for column in ("answer",) if operand is not None else ("answer", "expression"):
            if column not in cells:
                hint = "or give the expression before --answers" if column == "expression" else None
                raise UsageError(f"`{path}` has no column `{column}`", kind="unknown_column", hint=hint)
        for row in range(len(block)):
            number += 1
            texts = {column: cells[column].text(row).strip() for column in cells}
            texts = {column: text for column, text in texts.items() if column == "answer" or not is_gap(text)}
            found = AnswerRow(texts.get("name", str(number)), texts["answer"])
            try:
                variable = texts.get("wrt", wrt)
                names = () if variable is None else (variable,)
                asked = parse(texts["expression"], variables=names) if "expression" in texts else common
                if asked is None:
                    raise UsageError("the row has no expression")
                variable = variable_of(variable, asked.variables)
                wanted = float(texts.get("order", order))
                power = int(wanted) if wanted.is_integer() else 0
                if power < 1:
                    raise UsageError(f"the order of a derivative is a natural number, not {texts['order']}")
                verdict = check_answer(asked, texts["answer"], variable, power)
            except (GradcliError, ValueError) as error:
                yield found._replace(problem=error.message if isinstance(error, GradcliError) else str(error))
            else:
                yield found._replace(expression=asked, variable=variable, order=power, judgement=verdict)
