"""`gradcli repl`: the language of expressions line by line, with names that are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.cli.command import Command, session_of

if TYPE_CHECKING:
    import typer
    from prompt_toolkit import PromptSession

    from gradcli.cli.repl.history import History
    from gradcli.cli.repl.statements import Statements


def run(context: typer.Context) -> None:
    """Compute line by line, and keep names.

    A line is an expression or a definition: x = 2, y = x^2, f(t) = t^2. The last result is ans. A colon begins a
    command: :grad f(x) is gradcli grad with the names of the session and without quotes; :help lists them all.

    Ctrl-C clears the line, Ctrl-D ends the session. In a pipe the values of the lines are printed. An error names its
    line, the lines after it are run, and the exit code is that of the first error.
    """
    from gradcli.cli.repl.plain_loop import ask_lines, run_lines
    from gradcli.cli.repl.statements import Statements

    session = session_of(context)
    terminal = session.terminal
    if terminal.stdin_is_terminal:
        from gradcli.cli.repl.history import History

        statements = Statements(session)
        history = History.of_user() if terminal.is_of_process else History(None)
        session.output.message("An expression, a definition such as f(t) = t^2, or :help. Ctrl-D ends.")
        prompt = _prompt(statements, history)
        if prompt is None:
            ask_lines(statements, history)
        else:
            from gradcli.cli.repl.prompt import prompt_lines

            prompt_lines(statements, prompt)
        return
    if terminal.form == "table":
        session = session._replace(arguments=(*session.arguments, "--plain"))
    statements = Statements(session)
    run_lines(statements)
    if statements.code:
        raise SystemExit(statements.code)


def _prompt(statements: Statements, history: History) -> PromptSession[str] | None:
    """Return the session of prompt_toolkit; None if it is not installed, or if the terminal can't be redrawn."""
    terminal = statements.session.terminal
    if not (terminal.can_redraw and terminal.stdout_is_terminal and terminal.is_of_process):
        return None
    try:
        from gradcli.cli.repl.prompt import session_for

        return session_for(statements, history)
    except ImportError:
        statements.session.output.message('pip install "gradcli[repl]" adds completion and colours.')
        return None


COMMAND = Command(
    run,
    examples=(
        ("gradcli repl", "type x = 2, then x^2, then :grad sin(x)"),
        ("cat session.txt | gradcli repl", "the values of the lines of a file"),
    ),
)
