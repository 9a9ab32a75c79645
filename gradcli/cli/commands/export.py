"""`gradcli export`: an expression with its derivatives, or a trained net, as a program in another language."""

from __future__ import annotations

import shlex
from collections.abc import Collection
from os.path import isfile
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Annotated, Any, TextIO

from gradcli.cli.command import Command, Session, session_of
from gradcli.cli.context import is_unicode
from gradcli.cli.showing.output import notes_of
from gradcli.errors import UsageError, choice
from gradcli.files import write_atomically
from gradcli.source import joined

if TYPE_CHECKING:
    import typer

SUFFIX = ".safetensors"


def run(
    context: typer.Context,
    operand: Annotated[
        str,
        typer.Argument(
            metavar="EXPR|MODEL",
            help="an expression (- for standard input, or @FILE), or a .safetensors file that gradcli train wrote",
        ),
    ],
    to: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar="LANG",
            help="an expression: c, python, numpy, jax, pytorch, javascript, julia, rust, latex or mathematica; a net: "
            "onnx, pytorch, jax, numpy, c, javascript, julia, rust or python; not needed if the suffix of FILE says it",
        ),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option("-o", "--output", metavar="FILE", help="the file to write; by default the program is printed"),
    ] = None,
    hessian: Annotated[bool, typer.Option("--hessian", help="value, gradient and Hessian of an expression")] = False,
    jacobian: Annotated[
        bool, typer.Option("--jacobian", help="values and Jacobian of an expression; the default for a vector [f, g]")
    ] = False,
    value_only: Annotated[bool, typer.Option("--value-only", help="the value of an expression alone")] = False,
    name: Annotated[
        str | None,
        typer.Option("--name", metavar="NAME", help="the name of the function; by default value_and_gradient"),
    ] = None,
) -> None:
    """Export an expression as a function with its derivatives, or a trained net as a program.

    The function of an expression takes the variables in the order in which they first appear, and returns the value and
    the gradient. Python, C, JavaScript, Julia and Rust need nothing but their standard library; what it lacks, such as
    digamma, is written out next to the function.

    The program of a net takes columns in the units of the table, and gives labels, probabilities or numbers. If a net
    has more than 10000 parameters, they are written to FILE_parameters.npz next to the program. Two languages never
    need this file: a program of plain Python contains all parameters, and so does an ONNX file. In C, JavaScript, Julia
    and Rust a net is one function of numbers, which returns the predicted number or the probabilities.
    """
    session = session_of(context)
    chosen = {"--hessian": hessian, "--jacobian": jacobian, "--value-only": value_only}
    given = [option for option, is_given in chosen.items() if is_given]
    if operand.endswith(SUFFIX):
        given += [] if name is None else ["--name"]
        if given:
            raise UsageError(f"`{given[0]}` is for an expression, not for a net", kind="conflicting_options")
        _export_net(session, operand, to, output)
        return
    if len(given) > 1:
        raise UsageError(
            f"{joined([f'`{one}`' for one in given], 'and')} exclude each other", kind="conflicting_options"
        )
    kinds = {"--hessian": "hessian", "--jacobian": "jacobian", "--value-only": "value"}
    _export_expression(session, operand, to, output, kinds[given[0]] if given else "value+gradient", name)


def _export_net(session: Session, model: str, to: str | None, output: str | None) -> None:
    from gradcli.export import EXPORTERS, export, source_of
    from gradcli.export.expression_program import LANGUAGES

    suffixes = {name: exporter.suffix for name, exporter in EXPORTERS.items()}
    language = language_of(to, output, suffixes, model, "a net", LANGUAGES)

    from gradcli.train.checkpoint import load

    checkpoint = load(model)
    source = source_of(checkpoint, language) if output is None else None
    files = [] if output is None else [str(path) for path in export(checkpoint, language, output)]
    _show(session, {"model": model, "language": language}, files, source)


def _export_expression(
    session: Session, operand: str, to: str | None, output: str | None, derivatives: str, name: str | None
) -> None:
    from gradcli.cli.reading.operands import explained, read_expression
    from gradcli.export import EXPORTERS
    from gradcli.export.expression_program import LANGUAGES, export_expression

    if isfile(operand):  # noqa: PTH113 (no text is a wrong path)
        raise UsageError(
            f"the name of the file `{operand}` doesn't end in {SUFFIX}",
            hint=f"rename the model to NAME{SUFFIX}, or write the expression as {shlex.quote(f'({operand})')}",
        )
    expression = read_expression(session, operand)
    suffixes = {one: language.suffix for one, language in LANGUAGES.items()}
    with explained(session, expression):
        language = language_of(to, output, suffixes, operand, "an expression", EXPORTERS)
        source = export_expression(expression, language, derivatives, name=name)
    if output is not None:
        write_atomically(Path(output), source.encode())
    document = {"expression": str(expression), "variables": list(expression.variables), "language": language}
    _show(
        session,
        {**document, **notes_of(expression.notes)},
        [] if output is None else [output],
        source if output is None else None,
    )
    if session.output.form != "json":
        session.output.notes(expression.notes, expression.source)


def _show(session: Session, document: dict[str, Any], files: list[str], source: str | None) -> None:
    """Print a program, or the names of the files that were written."""
    if session.output.form == "json":
        session.output.json({**document, "files": files, "source": source})
    elif source is not None:
        session.terminal.stdout.write(printable(source, session.terminal.stdout))
    for path in files:
        session.output.message(f"wrote {path}")


def printable(source: str, stream: TextIO) -> str:
    """Return a program that does the same and can be written in the encoding of a stream."""
    return source if is_unicode(stream) else source.encode("ascii", "backslashreplace").decode()


def language_of(
    to: str | None, path: str | None, suffixes: dict[str, str], operand: str, what: str, others: Collection[str]
) -> str:
    """Return the language of a program, chosen by its name or by the suffix of a file.

    Args:
        to: the name of the language, if it is given.
        path: the file of the program, if it is given.
        suffixes: the suffix of the files of each language.
        operand: the expression or the file as it was typed, for an example of the command.
        what: the words for it in messages, such as ``"an expression"``.
        others: the languages of the other kind of program: of expressions if a net is exported, else of nets.

    Raises:
        UsageError: no language is given, it is unknown, or its files have another suffix.
    """
    suffix = None if path is None else PurePath(path).suffix.lower()
    if suffix == SUFFIX:
        raise UsageError(
            f"`{path}` is the name of a model, and export never overwrites a model",
            kind="conflicting_options",
            hint="a name like net.py or net.onnx",
        )
    fitting = [name for name, one in suffixes.items() if one == suffix]
    if to is None:
        if len(fitting) == 1:
            return fitting[0]
        likely = fitting or list(suffixes)
        choices = joined(likely, "or")
        raise UsageError(
            f"`--to` is missing: {choices}" if path is None else f"`{path}` could be {choices}",
            kind="missing_option",
            hint=f"for example: gradcli export {shlex.quote(operand)} --to {likely[-1]}",
        )
    if to in others and to not in suffixes:
        raise UsageError(
            f"{what} can't be exported to {to}", kind="unsupported_export", hint=f"to {joined(list(suffixes), 'or')}"
        )
    choice(to, suffixes, "language")
    if fitting and to not in fitting:
        raise UsageError(
            f"`{path}` isn't a file name for {to}", kind="conflicting_options", hint=f"it should end in {suffixes[to]}"
        )
    return to


COMMAND = Command(
    run,
    examples=(
        ('gradcli export "x1*x2 + sin(x1)" --to c', "value and gradient as a function of C"),
        ('gradcli export "exp(-x^2)*y" --hessian -o f.js', "the Hessian, too"),
        ('gradcli export "[r*cos(t), r*sin(t)]" --to numpy', "the Jacobian of a vector"),
        ("gradcli export moons.safetensors --to numpy", "a program to read"),
        ("gradcli export moons.safetensors -o moons.onnx", "a file for onnxruntime"),
        ("gradcli export moons.safetensors -o moons.c", "a function of C"),
        ("gradcli export moons.safetensors --to pytorch -o net.py", "a module with its state"),
    ),
    takes_expression=True,
)
