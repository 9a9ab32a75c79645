"""The command line: a thin layer that reads options, calls the library and prints.

How a command is declared (``gradcli/cli/commands/eval.py`` is the shortest one to copy):

* One file per command, ``gradcli/cli/commands/NAME.py``, and its name in the table of `gradcli.cli.catalogue`.
* The file holds one function for Typer and a constant ``COMMAND`` (`gradcli.cli.command.Command`) that names the
  function, its examples for the help, and whether it takes an expression and values of variables.  The docstring of
  the function is its help: the first line the summary, the rest details.  Heavy imports stay inside functions.
* The function's first parameter is ``context: typer.Context``; ``session_of(context)`` gives the `Session`, which has
  everything that all commands share.  No command declares ``--json``, ``--plain``, ``--no-color``, ``--debug`` or
  ``-h``.
* Options are Typer's, ``Annotated[TYPE, typer.Option("--long", ...)]``.  None has a short spelling, except ``-o`` for
  a file to write.  ``typer`` is imported under TYPE_CHECKING alone: `gradcli.cli.reading.parameters` reads the
  declarations without it.  `gradcli.cli.application` makes the Typer application for documentation, and for words
  that the quick reader can't convert.  `gradcli.cli.reading.arguments.split` takes the values of variables out first;
  it also refuses unknown options.
* Results are printed by ``session.output`` (`gradcli.cli.showing.output.Output`): ``form`` is ``"table"``, ``"plain"``
  or ``"json"``; ``json(document)``, ``table(...)``, ``line(text)`` and ``rich(renderable)`` write to standard output,
  ``notes(...)`` and ``message(text)`` to standard error.
* ``gradcli.cli.reading.operands`` reads the expression and the values: ``expression_and_point(session, operand)``;
  ``refuse_unknown(session, names, "the model")`` refuses values of other variables.
* ``gradcli.cli.reading.values`` reads one value, a number, an array or a file; ``gradcli.errors.choice`` refuses a word
  that is not among the choices.
* A failure is a raised `gradcli.errors.GradcliError`, whose class decides the exit code.  `gradcli.cli.app` prints it;
  it also handles a closed pipe, Ctrl-C and unexpected exceptions.  A command catches none of these unless it has
  something to save.
"""

from __future__ import annotations

__all__ = ["main"]


def main() -> int:
    """Run the command line of this process and return its exit code."""
    import gc
    import sys

    # A short command makes no garbage worth looking for: the collector's default would scan the freshly imported
    # modules again and again, and once more at the end, for a fifth of the time of `gradcli grad`.
    gc.set_threshold(100_000, 20, 20)
    try:
        from gradcli.cli.app import run
        from gradcli.cli.context import Terminal

        return run(sys.argv[1:], Terminal.of_process())
    except KeyboardInterrupt:
        return 130
    finally:
        gc.freeze()
