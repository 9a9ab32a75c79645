"""The results of a class: the verdict on each answer, who has how many right, and the mistakes that were made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from gradcli.cli.showing.verdicts import document_of, explanation_of, words_of
from gradcli.errors import CheckFailed
from gradcli.source import counted

if TYPE_CHECKING:
    from gradcli.cli.reading.answer_rows import AnswerRow
    from gradcli.cli.showing.output import Output

__all__ = ["show_results", "summary_of"]

#: The reasons of answers that are not right and have no usual mistake, by their verdicts.
_OTHER = {
    "wrong": "none of the usual mistakes",
    "undecided": "undecided: there are too few points at which both formulas have known values",
    "unreadable": "the answer can't be read",
    "missing": "there is no answer",
    "question": "the table names a problem that the quiz doesn't have, or that can't be read",
}


def show_results(output: Output, rows: Sequence[AnswerRow], *, is_summary: bool) -> None:
    """Print the verdicts on answers, and a summary on a terminal and in JSON.

    Args:
        output: the output of the command.
        rows: the answers.
        is_summary: whether only the summary is printed.

    Raises:
        CheckFailed: an answer is not right.
    """
    summary = summary_of(rows)
    right, count = sum(map(_is_right, rows)), len(rows)
    if output.form == "json":
        documents = {} if is_summary else {"answers": list(map(_document, rows))}
        output.json({"right": right, "of": count, **documents, "summary": summary})
    else:
        if not is_summary:
            _show_answers(output, rows)
        if is_summary or output.form == "table":
            if not is_summary:
                output.line()
            _show_summary(output, summary)
    if right < count:
        raise CheckFailed(f"{right} of {counted(count, 'answer')} are right")


def summary_of(rows: Iterable[AnswerRow]) -> dict[str, Any]:
    """Return how many answers of each name and how many answers to each problem are right, and the mistakes.

    The mistakes begin with the most frequent one; names and problems keep the order of the table.
    """
    names: dict[str, list[bool]] = {}
    problems: dict[tuple[str, ...], list[bool]] = {}
    mistakes: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        is_right = _is_right(row)
        names.setdefault(row.name, []).append(is_right)
        problems.setdefault(_problem(row), []).append(is_right)
        if not is_right:
            name, reason = _mistake(row)
            mistakes.setdefault(name, []).append((row.name, reason))
    return {
        "names": [{"name": name, **_score(found)} for name, found in names.items()],
        "problems": [
            {"problem": label or None, "expression": expression or None, **_score(found)}
            for (label, expression), found in problems.items()
        ],
        "mistakes": [
            {
                "mistake": name if name not in _OTHER else None,
                "reason": _common([reason for _, reason in found]),
                "answers": len(found),
                "names": dict(Counter(one for one, _ in found)),
            }
            for name, found in sorted(mistakes.items(), key=lambda one: (one[0] in _OTHER, -len(one[1])))
        ],
    }


def _is_right(row: AnswerRow) -> bool:
    return row.judgement is not None and row.judgement.is_right


def _score(found: Sequence[bool]) -> dict[str, int]:
    return {"right": sum(found), "of": len(found)}


def _problem(row: AnswerRow) -> tuple[str, str]:
    """Return the label and the expression of a problem; with another variable or order, it is another problem."""
    if row.question is None:
        return row.problem or "", ""
    expression, variable, order = row.question
    text = str(expression)
    if order != 1 or len(expression.variables) > 1:
        power = "" if order == 1 else f"^{order}"
        text = f"d{power[1:]}/d{variable}{power} {text}"
    return row.problem or "", text


def _mistake(row: AnswerRow) -> tuple[str, str]:
    """Return the name and the reason of a mistake; if none of the usual mistakes was found, the name is the verdict."""
    found = row.judgement
    if found is None or found.mistake is None or found.reason is None:
        reason = "question" if row.question is None and row.answer else row.verdict
        return reason, _OTHER[reason]
    return found.mistake, found.reason


def _common(reasons: Sequence[str]) -> str:
    """Return the beginning that several reasons of one mistake have in common, followed by ``...`` if they differ."""
    first, last = min(reasons), max(reasons)
    start = next((place for place, pair in enumerate(zip(first, last, strict=False)) if len({*pair}) > 1), len(first))
    return first if first == last else f"{first[:start]}..."


def _document(row: AnswerRow) -> dict[str, Any]:
    start = {"name": row.name, "problem": row.problem}
    if row.judgement is None:
        return {**start, "answer": row.answer, "verdict": row.verdict, "right": False, "error": row.error}
    assert row.question is not None
    return {**start, **document_of(row.question.expression, row.question.variable, row.question.order, row.judgement)}


def _show_answers(output: Output, rows: Sequence[AnswerRow]) -> None:
    """Print the verdict on each answer; on a terminal some columns are left out, because the summary has them."""
    answers = [(row.judgement.answer if row.judgement is not None else row.answer) for row in rows]
    verdicts = [_verdict(row) for row in rows]
    if output.form != "table":
        headings = ["name", "problem", "expression", "answer", "verdict", "why"]
        starts = [[row.name, row.problem or "", _problem(row)[1]] for row in rows]
        cells = [[*start, answer, *verdict] for start, answer, verdict in zip(starts, answers, verdicts, strict=True)]
        output.table(headings, cells, plain_headings=True)
        return
    heading = "problem" if any(row.problem for row in rows) else "expression"
    labels = [(row.problem or "") if heading == "problem" else _problem(row)[1] for row in rows]
    told = [
        "right" if _is_right(row) else ": ".join(filter(None, pair)) for row, pair in zip(rows, verdicts, strict=True)
    ]
    table = [[row.name, *one] for row, *one in zip(rows, labels, answers, told, strict=True)]
    output.table(["name", heading, "answer", "verdict"], table, styles=["cyan"], wrap=True)


def _verdict(row: AnswerRow) -> tuple[str, str]:
    """Return the verdict in a few words, and the reason; empty for a right answer."""
    if row.judgement is None:
        return row.verdict, row.error or ""
    return words_of(row.judgement), explanation_of(row.judgement)


def _show_summary(output: Output, summary: dict[str, Any]) -> None:
    scores = ["right"] if output.form == "table" else ["right", "of"]

    def score(found: dict[str, Any]) -> list[str]:
        numbers = [str(found["right"]), str(found["of"])]
        return [" of ".join(numbers)] if output.form == "table" else numbers

    tables = []
    if any(one["of"] > 1 for one in summary["names"]):
        tables.append((["name", *scores], [[one["name"], *score(one)] for one in summary["names"]]))
    problems = [[one["problem"] or "", one["expression"] or "", *score(one)] for one in summary["problems"]]
    is_labelled = any(label for label, *_ in problems)
    headings = ["problem", "expression", *scores]
    tables.append((headings, problems) if is_labelled else (headings[1:], [row[1:] for row in problems]))
    mistakes = [
        [str(one["answers"]), ", ".join(_times(*pair) for pair in one["names"].items()), one["reason"]]
        for one in summary["mistakes"]
    ]
    tables += [(["answers", "by", "mistake"], mistakes)] if mistakes else []
    for place, (headings, rows) in enumerate(tables):
        if place:
            output.line()
        output.table(headings, rows, styles=["cyan"], plain_headings=True, wrap=True)


def _times(name: str, count: int) -> str:
    return name if count == 1 else f"{name} ({count})"
