"""`gradcli export`: a trained net as a program for another system."""

from __future__ import annotations

import shlex
from os.path import isfile
from pathlib import PurePath
from typing import TYPE_CHECKING, Annotated, TextIO

from gradcli.cli.command import Command, session_of
from gradcli.cli.context import is_unicode
from gradcli.errors import UsageError, choice
from gradcli.source import joined

if TYPE_CHECKING:
    import typer

SUFFIX = ".safetensors"


def run(
    context: typer.Context,
    model: Annotated[str, typer.Argument(metavar="MODEL", help="a .safetensors file that gradcli train wrote")],
    to: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar="LANG",
            help="onnx, pytorch, jax, numpy or python (which needs no package); not needed for FILE.onnx",
        ),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option("-o", "--output", metavar="FILE", help="the file to write; by default the program is printed"),
    ] = None,
) -> None:
    """Export a trained net as a program for another system.

    The program takes columns in the units of the table, and gives labels, probabilities or numbers.

    If a net has more than 10000 parameters, they are written to FILE_parameters.npz next to the program. Two languages
    never need this file: a program of plain Python contains all parameters, and so does an ONNX file.
    """
    from gradcli.export import EXPORTERS, export, source_of

    session = session_of(context)
    if not model.endswith(SUFFIX):
        raise no_model(model)
    language = language_of(to, output, {name: exporter.suffix for name, exporter in EXPORTERS.items()}, model)

    from gradcli.train.checkpoint import load

    checkpoint = load(model)
    source = source_of(checkpoint, language) if output is None else None
    files = [] if output is None else [str(path) for path in export(checkpoint, language, output)]
    if session.output.form == "json":
        session.output.json({"model": model, "language": language, "files": files, "source": source})
    elif source is not None:
        session.terminal.stdout.write(printable(source, session.terminal.stdout))
    for path in files:
        session.output.message(f"wrote {path}")


def printable(source: str, stream: TextIO) -> str:
    """Return a program that does the same and can be written in the encoding of a stream."""
    return source if is_unicode(stream) else source.encode("ascii", "backslashreplace").decode()


def no_model(operand: str) -> UsageError:
    """Return the error for an operand that isn't the name of a model file."""
    if isfile(operand):  # noqa: PTH113 (no text is a wrong path)
        return UsageError(
            f"the name of the file `{operand}` doesn't end in {SUFFIX}", hint=f"rename it to NAME{SUFFIX}"
        )
    return UsageError(
        f"`{operand}` is an expression, but export takes a trained net, a file NAME{SUFFIX}",
        kind="unsupported_export",
        hint=f"gradcli diff {shlex.quote(operand)} --latex prints the derivative of an expression",
    )


def language_of(to: str | None, path: str | None, suffixes: dict[str, str], model: str) -> str:
    """Return the language of a program, chosen by its name or by the suffix of a file.

    Args:
        suffixes: the suffix of the files of each language.

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
            hint=f"for example: gradcli export {shlex.quote(model)} --to {likely[-1]}",
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
        ("gradcli export moons.safetensors --to numpy", "a program to read"),
        ("gradcli export moons.safetensors -o moons.onnx", "a file for onnxruntime"),
        ("gradcli export moons.safetensors --to pytorch -o net.py", "a module with its state"),
    ),
    takes_expression=True,
)
