"""`gradcli repl`: the language of expressions line by line, with names that are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.cli.command import Command, session_of

if TYPE_CHECKING:
    import typer


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
    if not terminal.stdin_is_terminal:
        if terminal.form == "table":
            terminal.form = "plain"
            session = session._replace(arguments=(*session.arguments, "--plain"))
        statements = Statements(session)
        run_lines(statements)
    else:
        from gradcli.cli.repl.history import History

        statements = Statements(session)
        session.output.message("gradcli: an expression, a definition, or :help; Ctrl-D ends")
        ask_lines(statements, History())
        return
    if statements.code:
        raise SystemExit(int(statements.code))


COMMAND = Command(
    run,
    examples=(
        ("gradcli repl", "type x = 2, then x^2, then :grad sin(x)"),
        ("cat session.txt | gradcli repl", "the values of the lines of a file"),
    ),
)
