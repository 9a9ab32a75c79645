"""The rows of a table of answers, each with its verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import TYPE_CHECKING

from gradcli.cli.reading.operands import read_expression, variable_of
from gradcli.errors import GradcliError, UsageError
from gradcli.records import NamedTuple

if TYPE_CHECKING:
    from gradcli.cli.command import Session
    from gradcli.evaluate.answers import Judgement
    from gradcli.evaluate.exercises import Exercise
    from gradcli.evaluate.expression import Expression

__all__ = ["AnswerRow", "answer_rows", "rows_about", "rows_of_quiz"]

_COLUMNS = ("name", "problem", "expression", "answer", "wrt", "order")


class Question(NamedTuple):
    """The question of a row: a derivative of a function."""

    expression: Expression
    variable: str
    order: int = 1


class AnswerRow(NamedTuple):
    """One row of a table of answers.

    Attributes:
        name: the text of the column `name`, or else the number of the row.
        answer: the answer as it was typed.
        problem: the text of the column `problem`; None without this column.
        question: the question; None if it can't be read.
        judgement: the verdict; None if the row can't be judged.
        error: why the row can't be judged; None if it can.
    """

    name: str
    answer: str
    problem: str | None = None
    question: Question | None = None
    judgement: Judgement | None = None
    error: str | None = None

    @property
    def verdict(self) -> str:
        """The verdict on the answer; ``"missing"`` or ``"unreadable"`` if it can't be judged."""
        if self.judgement is not None:
            return self.judgement.verdict
        return "unreadable" if self.answer else "missing"


def rows_about(session: Session, operand: str | None, path: str, wrt: str | None, order: int) -> Iterator[AnswerRow]:
    """Yield the rows of a table in which each row names its question, or all rows have the same question.

    Args:
        session: the running command.
        operand: the expression of rows that don't name one; None if each row has to name one.
        path: the table, as for `answer_rows`.
        wrt: the variable of rows that don't name one.
        order: the order of rows that don't name one.
    """
    from gradcli.evaluate.expression import parse

    common = None if operand is None else read_expression(session, operand, variables=() if wrt is None else (wrt,))

    def question(cells: Mapping[str, str]) -> Question:
        variable = cells.get("wrt", wrt)
        names = () if variable is None else (variable,)
        asked = parse(cells["expression"], variables=names) if "expression" in cells else common
        if asked is None:
            raise UsageError("the row has no expression")
        wanted = float(cells.get("order", order))
        power = int(wanted) if wanted.is_integer() else 0
        if power < 1:
            raise UsageError(f"the order of a derivative is a natural number, not {cells['order']}")
        return Question(asked, variable_of(variable, asked.variables), power)

    return answer_rows(session, path, question, needed=("answer", "expression") if common is None else ("answer",))


def rows_of_quiz(session: Session, exercises: list[Exercise], path: str) -> Iterator[AnswerRow]:
    """Yield the rows of a table with answers to the problems of a quiz.

    The column `problem` has the number of the exercise.  Without this column, each row is about the next exercise.  If
    a row has an expression, it must be the expression of the exercise.

    Args:
        session: the running command.
        exercises: the exercises, the first of which has the number 1.
        path: the table, as for `answer_rows`.
    """
    from gradcli.evaluate.expression import parse

    numbers = count(1)

    def question(cells: Mapping[str, str]) -> Question:
        text = cells.get("problem", str(next(numbers)))
        place = int(text) if text.isdecimal() else 0
        if not 1 <= place <= len(exercises):
            raise UsageError(f"the quiz has no problem {text}")
        exercise = exercises[place - 1]
        if "expression" in cells and str(parse(cells["expression"])) != str(exercise.question):
            raise UsageError(f"problem {place} of the quiz is `{exercise.question}`, not `{cells['expression']}`")
        return Question(exercise.question, exercise.variable)

    for number, row in enumerate(answer_rows(session, path, question, needed=("answer",)), 1):
        yield row if row.problem is not None else row._replace(problem=str(number))


def answer_rows(
    session: Session, path: str, question: Callable[[Mapping[str, str]], Question], needed: tuple[str, ...]
) -> Iterator[AnswerRow]:
    """Yield the rows of a table of answers; a row that can't be judged holds the reason for this.

    Args:
        session: the running command.
        path: the file: CSV, JSON lines, or any other format of tables; ``-`` is standard input.
        question: a function from the cells of a row that aren't empty to the question of the row.
        needed: the columns without which there is nothing to judge.

    Raises:
        UnavailableError: the table can't be read.
        UsageError: a column is missing.
    """
    from gradcli.evaluate.answers import check_answer
    from gradcli.tables.cells import is_gap
    from gradcli.tables.formats import format_of_file, read_blocks
    from gradcli.tables.reading import Reading
    from gradcli.tables.table_bytes import bytes_of_lines

    notes: list[str] = []
    number = 0
    # Only text may lack the names of its columns, which are needed here.
    reading = Reading(header=True) if format_of_file(path) in (None, "csv", "tsv") else Reading()
    source = bytes_of_lines(session.terminal.stdin) if path == "-" else path
    for block in read_blocks(source, reading=reading, notes=notes):
        for note in notes:
            session.output.message(f"note: {note}")
        notes.clear()
        columns = {column: block.column(column) for column in _COLUMNS if column in block.columns}
        for column in needed:
            if column not in columns:
                hint = "or give the expression before --answers" if column == "expression" else None
                raise UsageError(f"`{path}` has no column `{column}`", kind="unknown_column", hint=hint)
        for row in range(len(block)):
            number += 1
            texts = {column: cells.text(row).strip() for column, cells in columns.items()}
            cells = {column: text for column, text in texts.items() if column == "answer" or not is_gap(text)}
            found = AnswerRow(cells.get("name", str(number)), cells["answer"], cells.get("problem"))
            try:
                asked = question(cells)
                found = found._replace(question=asked)
                if found.answer:
                    verdict = check_answer(asked.expression, found.answer, asked.variable, asked.order)
                    found = found._replace(judgement=verdict)
            except (GradcliError, ValueError) as error:
                found = found._replace(error=error.message if isinstance(error, GradcliError) else str(error))
            yield found
