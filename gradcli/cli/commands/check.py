"""`gradcli check`: a gradient is compared with other methods, or an answer with the derivative."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any

from gradcli.cli.command import Command, Session, session_of
from gradcli.cli.showing.output import notes_of, number, shape_text, value_text
from gradcli.errors import CheckFailed, UsageError

if TYPE_CHECKING:
    import typer

    from gradcli.evaluate.check import Report


_LONGEST = 80


def run(
    context: typer.Context,
    expression: Annotated[
        str | None, typer.Argument(metavar="EXPR", help="the expression, - for standard input, or @FILE")
    ] = None,
    answer: Annotated[
        str | None, typer.Option("--answer", metavar="TEXT", help="a derivative that somebody worked out")
    ] = None,
    answers: Annotated[
        str | None,
        typer.Option(
            "--answers", metavar="FILE", help="a table of answers, with a column `answer`; - is standard input"
        ),
    ] = None,
    wrt: Annotated[
        str | None, typer.Option("--wrt", metavar="NAME", help="the variable of the answer, if there are several")
    ] = None,
    order: Annotated[int, typer.Option("--order", metavar="N", min=1, help="the order of the derivative")] = 1,
    summary: Annotated[
        bool, typer.Option("--summary", help="with --answers, print only a summary: scores and mistakes")
    ] = False,
    digits: Annotated[
        int | None,
        typer.Option("--digits", metavar="N", min=1, help="prove N digits, and count the right ones of each method"),
    ] = None,
) -> None:
    """Compare the gradient with other methods, or an answer with the derivative.

    grad uses the reverse sweep.  Its result is compared with a forward sweep, a complex step and finite differences.
    The table shows how many decimal digits agree, at most 17; for an array, the entry with the fewest is shown.  A
    method that does not apply at the point, or to arrays, has a dash, and a note says why.  The column of balls (with
    the package python-flint) says how many digits are right, which is proved.  The exit code is 6 if the rule of an
    operation is wrong, that is, if the rule contradicts the difference quotients of this operation, or of the function
    in balls.

    With --answer, the question is whether TEXT is the derivative.  Both are compared at many points, so the form does
    not matter.  For a wrong answer, a point at which both differ is shown, and a usual mistake is named.  An answer has
    to be right for all values of variables that have none.  The exit code is 6 if it is wrong.  --answers takes a table
    and prints the verdict on each row.  The column answer is needed; expression (by default EXPR), name, problem, wrt
    and order may be left out.
    """
    from gradcli.cli.reading.operands import expression_and_point, no_expression
    from gradcli.cli.showing.proven_digits import exact_texts, lost_digits_notes
    from gradcli.evaluate.check import check

    session = session_of(context)
    if digits is not None and (answer is not None or answers is not None):
        raise UsageError("`--digits` proves a gradient, and an answer is compared", kind="conflicting_options")
    if answers is not None:
        if answer is not None:
            raise UsageError("`--answer` and `--answers` exclude each other", kind="conflicting_options")
        from gradcli.cli.reading.answer_rows import rows_about
        from gradcli.cli.showing.class_results import show_results

        show_results(session.output, [*rows_about(session, expression, answers, wrt, order)], is_summary=summary)
        return
    if summary:
        raise UsageError("`--summary` needs a table of answers", hint="add --answers FILE")
    if expression is None:
        raise no_expression(session, COMMAND)
    if answer is not None:
        _judge(session, expression, answer, wrt, order)
        return
    if wrt is not None or order != 1:
        raise UsageError("`--wrt` and `--order` need an answer", hint='add --answer "..."')
    output = session.output
    parsed, at = expression_and_point(session, expression)
    proven = None
    if digits is not None:
        from gradcli.cli.showing.proven_digits import proven_at

        proven = proven_at(session, parsed, at, digits)
    report = check(parsed, at, exact_texts(session, at))
    sentence, word, agree = _VERDICTS[report.verdict]
    notes = [*parsed.notes, *report.notes]
    if proven is None and parsed.executor(at).name == "floats":
        lost = lost_digits_notes(session, parsed, at, {"value": report.value, "gradient": report.gradient})
        # It says more than the notes of the report on the same numbers.
        notes = [note for note in notes if not lost or note.kind not in _ON_LOST_DIGITS] + lost
    right = report.value_digits
    value: Any = report.value if proven is None else proven.value()
    gradient: dict[str, Any] = report.gradient if proven is None else proven.gradient()
    methods, counts = [{**table} for table in (report.methods, report.digits)]
    if proven is not None:  # what balls prove is in the place of the reverse sweep, which becomes a method
        methods = {"reverse": report.gradient, **{name: one for name, one in methods.items() if name != "balls"}}
        counts = {name: _right_digits(found, gradient) for name, found in methods.items()}
    if output.form == "json":
        document: dict[str, Any] = {"expression": str(parsed), **({} if proven is None else {"digits": digits})}
        document.update(value=value, gradient=gradient, methods=methods)
        if right is not None:
            found = counts["balls" if proven is None else "reverse"]
            document["right_digits"] = {"value": right, "gradient": found}
        output.json({**document, "agree": agree, **notes_of(notes)})
    elif output.form == "table":
        output.equation(str(parsed), value, parsed.root)
        output.line()
        headings = ["variable", "derivative", *(_HEADINGS.get(method, method) for method in methods)]
        output.table(headings, _rows(gradient, counts, shape_text, ""), styles=["cyan", "bold"], plain_headings=True)
        output.line()
        output.line(_CAPTION["balls" in methods, proven is not None], style="dim")
        output.line()
        output.paragraph(sentence)
    else:
        output.table([], [["expression", str(parsed)], ["value", value_text(value)]])
        lines = _rows(gradient, counts, value_text, " digits")
        output.table(["variable", "derivative", *methods], lines, plain_headings=True)
        rows = [["agree", word]]
        output.table([], rows if right is None else [["digits of the value", f"{right:g}"], *rows])
    output.notes(notes, parsed.source)
    if not report.agree:
        raise _failure(report)


def _right_digits(found: Mapping[str, float | None], proved: Mapping[str, str]) -> dict[str, float | None]:
    """Return how many digits of the results of a method are right."""
    from gradcli.evaluate.ball_checks import right_digits

    return {name: None if one is None else right_digits(proved[name], one) for name, one in found.items()}


def _judge(session: Session, operand: str, answer: str, wrt: str | None, order: int) -> None:
    """Print the verdict on an answer."""
    from gradcli.cli.reading.operands import explained, expression_and_point, variable_of
    from gradcli.cli.showing.verdicts import document_of, point_of, sentence_of, words_of
    from gradcli.evaluate.answers import check_answer

    output = session.output
    names = () if wrt is None else (wrt.strip(),)
    parsed, at = expression_and_point(session, operand, complete=False, variables=names)
    with explained(session, parsed):
        name = variable_of(wrt, tuple([one for one in parsed.variables if one not in at]) or parsed.variables)
        found = check_answer(parsed, answer, name, order, at)
    if output.form == "json":
        output.json({**document_of(parsed, name, order, found), **notes_of(parsed.notes)})
    else:
        power = "" if order == 1 else f"^{order}"
        rows = [[f"d{power[1:]}/d{name}{power}", str(parsed)], ["derivative", found.derivative]]
        rows += [["answer", found.answer], ["verdict", words_of(found)]]
        if found.difference is not None:
            rows.append(["at", point_of(found.difference)])
        output.table([], rows, wrap=True)
    output.notes(parsed.notes, parsed.source)
    if not found.is_right:
        raise CheckFailed(sentence_of(found))


def _rows(
    gradient: Mapping[str, Any],
    counts: Mapping[str, Mapping[str, float | None]],
    array_text: Callable[[Any], str],
    unit: str,
) -> list[list[str]]:
    """Return a row for each variable: its derivative, and how many of its digits each method confirms."""
    rows = []
    for variable, partial in gradient.items():
        digits = [of_method[variable] for of_method in counts.values()]
        shown = value_text(partial) if isinstance(partial, (float, str)) else array_text(partial)
        rows.append([variable, shown, *("-" if count is None else f"{count:g}{unit}" for count in digits)])
    return rows


#: The headings of methods on a terminal, where they have to be short.
#: The kinds of the notes of a report on numbers that have lost digits.
_ON_LOST_DIGITS = ("cancellation", "value digits")
_HEADINGS = {"complex_step": "complex step", "finite_difference": "differences"}
#: Whether there is a column for balls, and whether digits are proved -> what the columns count.
_CAPTION = {
    (False, False): "digits that agree with the derivative",
    (True, False): "digits that agree with the derivative; by balls, digits that are right",
    (False, True): "digits that are right",
}
#: verdict -> what a table says, what a line in a pipe says, and the value of ``agree`` in JSON.
_VERDICTS: dict[str, tuple[str, str, bool | None]] = {
    "agree": ("All methods that apply here agree.", "yes", True),
    "sweeps agree": (
        "The sweeps agree. The other methods can't confirm every derivative here.",
        "yes",
        True,
    ),
    "a choice": (
        "The sweeps agree. The derivative at this point is set by a convention, so difference quotients may differ "
        "from it.",
        "yes",
        True,
    ),
    "digits lost": (
        "No rule is wrong, but the formula loses digits at this point, and no method can confirm the lost digits.",
        "undecided",
        None,
    ),
    "rules right": (
        "The rules are right, which balls confirm, but floats lose digits of this formula at this point. --digits "
        "proves them.",
        "undecided",
        None,
    ),
    "no value": (
        "The function has no finite value or no derivatives here, so there is nothing to compare.",
        "undecided",
        None,
    ),
    "disagree": ("The methods disagree.", "no", False),
}


def _failure(report: Report) -> CheckFailed:
    """Name the operation whose rule is wrong, or else the method and the variable with the largest difference."""
    from gradcli.evaluate.notes import excerpt

    hint = "a rule of differentiation is wrong"
    if report.wrong is not None:
        node, position, partial, measured = report.wrong
        operand = excerpt(node.operands[position])
        return CheckFailed(
            f"the derivative of `{excerpt(node)}` with respect to `{operand}` is {number(partial)} by its rule, "
            f"but {number(measured)} by difference quotients",
            hint=hint,
        )
    found = [
        (digits, method, variable)
        for method, row in report.digits.items()
        for variable, digits in row.items()
        if digits is not None and (report.comparable or method == "forward")
    ]
    _, method, variable = min(found)
    expected, other = value_text(report.gradient[variable]), str(report.methods[method][variable])
    if len(expected) + len(other) > _LONGEST:
        expected, other = "one array", "another"
    return CheckFailed(
        f"d/d{variable} is {expected} by the reverse sweep, but {other} by {method.replace('_', ' ')}", hint=hint
    )


COMMAND = Command(
    run,
    examples=(
        ('gradcli check "x1*x2 + sin(x1)" --x1 2 --x2 3', "three other methods agree"),
        ('gradcli check "norm(A @ x)" --A "[[1, 2], [3, 4]]" --x "[1, 2]"', "on arrays"),
        ('gradcli check "tanh(x)" x=15 --json', "for a program"),
        ('gradcli check "(1 - cos(x))/x^2" x=1e-4 --digits 30', "proved digits, and how many each method has"),
        ('gradcli check "sin(x)^2" --answer "sin(2x)"', "right, in another form"),
        ("gradcli check --answers class.csv --summary", "the answers of a class of students"),
    ),
    takes_expression=True,
    takes_variables=True,
)
