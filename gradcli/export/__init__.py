"""Trained nets as programs in other languages.

One entry of `EXPORTERS` is one language.  An exporter writes the whole net: features, standardisation, layers, and the
predictions that follow from the scores.  A program that is text also encodes the columns of a table; the printer of its
language (`gradcli.printing`) writes the formulas.  `expression_program` writes expressions with their derivatives.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from gradcli import limits
from gradcli.errors import UsageError
from gradcli.export.array_programs import JAX, NUMPY
from gradcli.export.onnx_graph import write_onnx
from gradcli.export.program_text import Net, program
from gradcli.export.python_program import PYTHON
from gradcli.export.pytorch_program import PYTORCH
from gradcli.export.scalar_program import scalar_program
from gradcli.files import write_atomically
from gradcli.printing.c_code import C
from gradcli.printing.javascript_code import JAVASCRIPT
from gradcli.printing.julia_code import JULIA
from gradcli.printing.rust_code import RUST

if TYPE_CHECKING:
    from gradcli.train.checkpoint import Checkpoint

__all__ = ["EXPORTERS", "Exporter", "export", "source_of"]


@dataclass(frozen=True)
class Exporter:
    """A language that a net can be written in.

    Args:
        about: a few words for the help.
        suffix: the end of the names of its files.
        write: the function that returns the program as text or as bytes.
        reads_arrays: whether its programs can read a file of arrays next to them.
        is_text: whether its programs are text.
    """

    about: str
    suffix: str
    write: Callable[[Net], str | bytes]
    reads_arrays: bool = False
    is_text: bool = True


EXPORTERS = {
    "onnx": Exporter("a file for onnxruntime and other programs", ".onnx", write_onnx, is_text=False),
    "pytorch": Exporter("a module with its state", ".py", partial(program, language=PYTORCH), reads_arrays=True),
    "jax": Exporter("pure functions of the parameters", ".py", partial(program, language=JAX), reads_arrays=True),
    "numpy": Exporter("functions of arrays", ".py", partial(program, language=NUMPY), reads_arrays=True),
    "c": Exporter("a function of C99, with libm alone", ".c", partial(scalar_program, language=C)),
    "javascript": Exporter("a module of ECMAScript", ".js", partial(scalar_program, language=JAVASCRIPT)),
    "julia": Exporter("a function of Julia, without packages", ".jl", partial(scalar_program, language=JULIA)),
    "rust": Exporter("a function of Rust, with its library alone", ".rs", partial(scalar_program, language=RUST)),
    "python": Exporter("functions of lists, which need no package", ".py", partial(program, language=PYTHON)),
}


def net_of(checkpoint: Checkpoint, beside: str | None = None) -> Net:
    """Return the net in a model file, with its arrays by name."""
    model = checkpoint.model
    return Net(model, model.matrices(checkpoint.state.parameters), beside)


def is_large(checkpoint: Checkpoint) -> bool:
    """Whether a net has so many parameters that its program would be too long to read."""
    return checkpoint.model.count > limits.LITERALS


def source_of(checkpoint: Checkpoint, language: str) -> str:
    """Return the net as the text of one program.

    Args:
        language: a key of `EXPORTERS` whose files are text.

    Raises:
        UsageError: the language lacks a function or a layer, or the parameters need a file next to the program.
    """
    exporter = EXPORTERS[language]
    problem = "" if exporter.is_text else f"a program of {language} isn't text"
    if exporter.reads_arrays and is_large(checkpoint):
        problem = f"the {checkpoint.model.count} parameters of the net go into a file next to the program"
    if problem:
        raise UsageError(problem, kind="missing_option", hint=f"name a file: -o FILE{exporter.suffix}")
    return str(exporter.write(net_of(checkpoint)))


def export(checkpoint: Checkpoint, language: str, path: str | Path) -> list[Path]:
    """Write the net as a program.

    If it has many parameters and the language can read them from a file, write this file, too.

    Args:
        language: a key of `EXPORTERS`.
        path: the file of the program.

    Returns:
        The files that were written, the program last.

    Raises:
        UsageError: the language lacks a function or a layer.
        UnavailableError: a file can't be written, or a package is missing.
    """
    exporter, path, net = EXPORTERS[language], Path(path), net_of(checkpoint)
    contents: dict[Path, str | bytes] = {}
    if exporter.reads_arrays and is_large(checkpoint):
        import numpy as np

        beside = path.with_name(f"{path.stem}_parameters.npz")
        net, arrays = net_of(checkpoint, beside.name), dict(net.arrays)
        if net.standardised:
            arrays |= dict(zip(("input_mean", "input_scale"), map(np.array, net.standard()), strict=True))
        stream = io.BytesIO()
        np.savez(stream, **arrays)  # type: ignore[arg-type]
        contents[beside] = stream.getvalue()
    contents[path] = exporter.write(net)
    for file, content in contents.items():
        write_atomically(file, content.encode() if isinstance(content, str) else content)
    return list(contents)
