"""A quiz on a terminal: problem after problem, with verdicts and hints, and the score at the end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from gradcli.cli.showing.verdicts import explanation_of
from gradcli.errors import GradcliError
from gradcli.source import counted

if TYPE_CHECKING:
    from gradcli.cli.command import Session
    from gradcli.evaluate.exercises import Exercise

__all__ = ["ask"]

_PROMPT = "> "
_HINT, _SKIP, _QUIT = ("?", "hint", ""), ("s", "skip"), ("q", "quit", "exit")


def ask(session: Session, exercises: Sequence[Exercise], command: str) -> None:
    """Ask for the derivative of each function; print the score at the end, also if the quiz is interrupted.

    Args:
        session: the running command.
        exercises: the problems.
        command: the command that asks them again.
    """
    quiz = _Quiz(session)
    session.output.paragraph(
        f"{counted(len(exercises), 'problem')}. Type the derivative, or ? for a hint, skip or quit."
    )
    try:
        for number, exercise in enumerate(exercises, 1):
            session.output.line()
            session.output.line(f"{number} of {len(exercises)}", style="dim")
            if not quiz.ask(exercise):
                break
    except KeyboardInterrupt:
        session.output.line()
        raise
    finally:
        quiz.show_score()
        session.output.line(f"The same problems again: {command}", style="dim")


class _Quiz:
    """A quiz that is going on.

    Attributes:
        asked: the problems so far, each with whether it was solved.
        unaided: how many were solved at the first try and without a hint.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.asked: list[tuple[Exercise, bool]] = []
        self.unaided = 0

    def ask(self, exercise: Exercise) -> bool:
        """Ask until the answer is right, skipped or shown; return whether the quiz goes on."""
        hints = _hints(exercise)
        tries = 0
        self.session.output.line(f"d/d{exercise.variable} {exercise.question}", style="bold")
        while (typed := self.session.terminal.ask(_PROMPT)) is not None:
            word = typed.strip()
            if word.lower() in _QUIT:
                return False
            if word.lower() in _SKIP:
                self.asked.append((exercise, False))
                self.session.output.line(_answer(exercise))
                return True
            if word in _HINT:
                tries += 1
                text, is_last = next(hints)
                self.session.output.line(text)
                if is_last:
                    self.asked.append((exercise, False))
                    return True
            elif self._is_right(exercise, word):
                self.asked.append((exercise, True))
                self.unaided += not tries
                return True
            else:
                tries += 1
        self.session.output.line()
        return False

    def _is_right(self, exercise: Exercise, answer: str) -> bool:
        """Judge an answer and print the verdict."""
        from gradcli.cli.showing.error_text import render_error
        from gradcli.evaluate.answers import check_answer

        terminal = self.session.terminal
        try:
            found = check_answer(exercise.question, answer, exercise.variable)
        except GradcliError as error:
            terminal.stdout.write(render_error(error, colour=terminal.colour, width=terminal.width))
            return False
        if found.is_right:
            other = "" if found.answer == exercise.derivative else f" gradcli writes {exercise.derivative}"
            self.session.output.line(f"Right.{other}", style="green")
        else:
            self.session.output.paragraph(f"{found.verdict.capitalize()}: {explanation_of(found)}", style="yellow")
        return found.is_right

    def show_score(self) -> None:
        """Print how many problems were solved, and how many of those with each rule."""
        output = self.session.output
        output.line()
        if not self.asked:
            return
        solved = sum(is_solved for _, is_solved in self.asked)
        text = f"You solved {solved} of {counted(len(self.asked), 'problem')}"
        share = "" if self.unaided == solved else f", {self.unaided} of them"
        output.paragraph(f"{text}{share} at the first try and without a hint." if self.unaided else f"{text}.")
        output.line()
        rules: dict[str, list[bool]] = {}
        for exercise, is_solved in self.asked:
            for rule in exercise.rules:
                rules.setdefault(rule, []).append(is_solved)
        rows = [[rule, f"{sum(found)} of {len(found)}"] for rule, found in rules.items()]
        output.table(["rule", "solved"], rows, styles=["cyan"])
        output.line()


def _answer(exercise: Exercise) -> str:
    return f"The derivative is {exercise.derivative}"


def _hints(exercise: Exercise) -> Iterator[tuple[str, bool]]:
    """Yield the rules of the first step, then each step, then the answer, each with whether it is the answer."""
    from gradcli.printing.blackboard import board_text, numbered

    yield f"Hint: {exercise.steps[0].rule}", False
    for number, step, _ in numbered(exercise.steps[:-1]):
        yield f"Step {number}: {board_text(step.before)} = {board_text(step.after)}  ({step.rule})", False
    yield _answer(exercise), True
