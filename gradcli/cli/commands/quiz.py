"""`gradcli quiz`: derivatives to work out, judged like `gradcli check --answer`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from gradcli.cli.command import Command, session_of
from gradcli.errors import UsageError

if TYPE_CHECKING:
    import typer

    from gradcli.evaluate.exercises import Exercise

#: A seed that is not given is a random number below this one.
_SEEDS = 10_000


def run(
    context: typer.Context,
    level: Annotated[
        int | None,
        typer.Option("--level", metavar="N", min=1, help="the level of all problems; by default from 1 to 5"),
    ] = None,
    count: Annotated[int, typer.Option("--count", metavar="N", min=1, help="the number of problems")] = 10,
    seed: Annotated[
        int | None,
        typer.Option(
            "--seed", metavar="N", min=0, help="a number that chooses the problems; by default a new one each time"
        ),
    ] = None,
    sheet: Annotated[
        str | None,
        typer.Option(
            "--sheet", metavar="FILE", help="write a sheet (.tex, .md or .html), and its key as a file of its own"
        ),
    ] = None,
    answers: Annotated[
        str | None,
        typer.Option("--answers", metavar="FILE", help="judge a table with a column `answer`; - is standard input"),
    ] = None,
    summary: Annotated[
        bool, typer.Option("--summary", help="with --answers, print only a summary: scores and mistakes")
    ] = False,
) -> None:
    """Ask for derivatives, and judge the answers.

    On a terminal, one problem comes after the other.  An answer may have any form.  If it is wrong, the mistake is
    named if it is a usual one, and you can try again.  ? gives a hint: first the rule, then step after step, at last
    the answer.  skip shows the answer and goes on to the next problem, and quit ends the quiz.

    The levels are: 1 powers and sums, 2 elementary functions, 3 the product and quotient rules, 4 the chain rule,
    5 several rules, inverse functions and variable exponents.  A seed gives the same problems everywhere.

    --sheet sheet.tex writes the problems to sheet.tex and the key to sheet-key.tex.  In a pipe, and with --json, the
    problems are printed.  --answers takes a table and prints the verdict on each row.  The column answer is needed;
    name and problem (its number) may be left out.  The exit code is 6 if an answer is not right.
    """
    session = session_of(context)
    if summary and answers is None:
        raise UsageError("`--summary` needs a table of answers", hint="add --answers FILE")
    if answers is not None and sheet is not None:
        raise UsageError("`--sheet` and `--answers` exclude each other", kind="conflicting_options")
    if answers is not None and seed is None:
        raise UsageError("`--answers` needs the seed of the quiz", kind="missing_option", hint="add --seed N")
    output, terminal = session.output, session.terminal
    is_drawn = seed is None
    if seed is None:
        import random

        seed = random.SystemRandom().randrange(_SEEDS)

    from gradcli.evaluate.exercises import LEVELS, quiz

    exercises = quiz(seed, count, level)
    command = " ".join(
        ["gradcli quiz", *([] if level is None else [f"--level {level}"]), f"--count {count} --seed {seed}"]
    )
    if sheet is not None:
        from gradcli.cli.showing.sheets import write_sheet

        title = "Derivatives" if level is None else f"Derivatives: {LEVELS[level]}"
        files = write_sheet(sheet, title, exercises, command)
        if output.form == "json":
            output.json({"files": files, **_document(exercises, seed)})
            return
        for file in files:
            output.message(f"wrote {file}")
    elif answers is not None:
        from gradcli.cli.reading.answer_rows import rows_of_quiz
        from gradcli.cli.showing.class_results import show_results

        show_results(output, [*rows_of_quiz(session, exercises, answers)], is_summary=summary)
    elif output.form == "table" and terminal.stdin_is_terminal and terminal.stdout_is_terminal:
        from gradcli.cli.live.questions import ask

        ask(session, exercises, command)
    elif output.form == "json":
        output.json(_document(exercises, seed))
    else:
        rows = [[str(number), str(one.level), str(one.question)] for number, one in enumerate(exercises, 1)]
        output.table(["problem", "level", "expression"], rows, styles=["cyan"], plain_headings=True)
        if is_drawn:
            output.message(f"note: --seed {seed} gives the same problems again")


def _document(exercises: list[Exercise], seed: int) -> dict[str, Any]:
    from gradcli.cli.showing.derivations import documents_of

    problems = [
        {
            "problem": number,
            "level": one.level,
            "expression": str(one.question),
            "wrt": one.variable,
            "derivative": one.derivative,
            "rules": one.rules,
            "steps": documents_of(one.steps),
        }
        for number, one in enumerate(exercises, 1)
    ]
    return {"seed": seed, "problems": problems}


COMMAND = Command(
    run,
    examples=(
        ("gradcli quiz", "ten problems, from easy to hard"),
        ("gradcli quiz --level 4 --seed 7", "the chain rule; the same problems each time"),
        ("gradcli quiz --level 3 --sheet sheet.tex", "a sheet for a class, and its key"),
        ("gradcli quiz --seed 7 --answers class.csv", "the answers of a class of students"),
        ("gradcli quiz --seed 7 --json", "for a program"),
    ),
)
