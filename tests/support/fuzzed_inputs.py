"""What the fuzzers feed to gradcli: lines of the language, words of the command line, and bytes of files.

Half of the inputs are valid ones that were changed at a few places, because noise alone is refused at its first word.
"""

from __future__ import annotations

import io
import json
import random
import struct
import zipfile
from collections.abc import Callable, Sequence

import numpy as np
from hypothesis import strategies as st

from gradcli.cli.catalogue import COMMANDS, load
from gradcli.primitives import REGISTRY
from tests.support.textbook_formulas import FORMULAS

__all__ = ["FILES", "changed_bytes", "generators", "latex_line", "line", "point", "words"]

_TOKENS = (
    *["x", "y", "z", "t", "e", "pi", "tau", "phi", "inf", "nan", "i", "x1", "x_2", "θ", "π", "∞", "Σ"],
    *"+-*/^%!'()[]{}|,;:=<>@.°√·×÷−²³⁻½∛‖⌊⌋",
    *["**", "==", "!=", "<=", ">="],
    *["and", "or", "not", "if", "where", "diff", "max", "min", "sum", "mean", "norm", "dot", "stack"],
    *["0", "1", "2", "3", "10", "0.5", ".5", "1.", "1e3", "1e-300", "1e308", "1e400", "1_000", "0x1F", "007", "5e-324"],
    " ", "\t", "\n", "#", "\\", '"', "\x00", "f(x)=", "f(2)", "r=", "x'", "sin^2", "sin^-1", "log_2", "[1,2]",
    "[[1,2],[3,4]]",
    *sorted(REGISTRY.offered),
)  # fmt: skip
_EXAMPLES = tuple(
    sorted(
        {one.example.partition("  #")[0] for one in REGISTRY.offered.values() if one.example}
        | {"x1*x2+sin(x1)", "r = sqrt(x^2+y^2); r*sin(2r)", "f(t) = t^2+1; f(x)+f'(2)", "diff(x^3*y, x, 2)", "|x|^2!"}
        | {"where(x>0, x, -x)", "sum((A@x)^2)", "max(x, y, 0)", "x^y", "if(x<1, x, 2-x)", "log(1-sigmoid(x))"}
    )
)
#: One number that is drawn, and not each piece of a text, so that a million texts take minutes.
generators = st.randoms(use_true_random=True)
_NUMBERS = ("0", "-0", "1", "-1", "2.5", "1e-310", "1e308", "-1e308", "inf", "nan", "36.7", "1e-8", "pi/2", "[1,2]")


def _changed(generator: random.Random, text: str, pieces: Sequence[str]) -> str:
    """Return a valid text of which up to four stretches are replaced by pieces."""
    for _ in range(generator.randrange(5)):
        start, length = generator.randrange(len(text) + 1), generator.randrange(5)
        piece = _characters(generator, 2) if generator.random() < 0.3 else generator.choice(pieces)
        text = text[:start] + piece + text[start + length :]
    return text


def _characters(generator: random.Random, most: int) -> str:
    """Return some characters, of which a third is ASCII, a third is Latin or Greek, and a third is any."""
    ends = [generator.choice((0x80, 0x400, 0xD800)) for _ in range(generator.randrange(most + 1))]
    return "".join([chr(generator.randrange(end)) for end in ends])


def _joined(generator: random.Random, pieces: Sequence[str], most: int) -> str:
    """Return some pieces, with or without blanks between them."""
    return generator.choice(("", " ")).join(generator.choices(pieces, k=generator.randrange(most + 1)))


def line(generator: random.Random) -> str:
    """Return a line of the language."""
    kind = generator.randrange(4)
    if kind == 0:
        return _characters(generator, 20)
    return _joined(generator, _TOKENS, 14) if kind == 1 else _changed(generator, generator.choice(_EXAMPLES), _TOKENS)


_LATEX_TOKENS = (
    *(r"\frac", r"\frac12", r"\sqrt", r"\sqrt[", r"\sin", r"\ln", r"\log_2", r"\sin^2", r"\sin^{-1}", r"\max"),
    *(r"\left(", r"\right)", r"\left|", r"\right|", r"\|", r"\lfloor", r"\rfloor", "{", "}", "(", ")", "[", "]", "|"),
    *(r"\cdot", r"\times", "/", "+", "-", "=", "<", r"\le", r"\ne", "^", "_", "^{", "_{", "^2", "_1", "!", "'", "&"),
    *(r"\sum_{k=1}^{3}", r"\prod_{k=1}^{9}", r"\frac{d}{dx}", r"\frac{d", "}{dx}"),
    r"\frac{\partial^2}{\partial x^2}",
    *(r"\begin{cases}", r"\end{cases}", r"\begin{pmatrix}", r"\end{pmatrix}", r"\\"),
    *(r"\text{if}", r"\text{otherwise}"),
    *(r"\operatorname{relu}", r"\operatorname{norm}", r"\mathrm{rate}", r"\mathbf{A}", r"\hat{y}", r"\top", r"\binom"),
    *(
        r"\alpha",
        r"\Gamma",
        r"\sigma",
        r"\psi^{(2)}",
        r"\pi",
        r"\infty",
        r"\Delta",
        r"\foo",
        "\\",
        "$",
        r"\[",
        r"\,",
        ";",
    ),
    *(
        "x",
        "y",
        "e",
        "d",
        "f",
        "f(x)=",
        "f(2)",
        "k",
        "1",
        "2",
        "10",
        "3.5",
        "12",
        " ",
        ",",
        ".",
        ":",
        "@",
        "θ",
        "²",
        "\x00",
    ),
)


def latex_line(generator: random.Random) -> str:
    """Return a line of LaTeX, which may begin as the formula of a textbook."""
    if generator.random() < 0.5:
        return _joined(generator, _LATEX_TOKENS, 12)
    return _changed(generator, generator.choice(FORMULAS)[1], _LATEX_TOKENS)


def point(generator: random.Random) -> list[str]:
    """Return values of some variables that the lines often have."""
    names = generator.sample(["x", "y", "x1", "x2", "z", "t"], k=generator.randrange(2, 7))
    return [f"{name}={generator.choice(_NUMBERS)}" for name in names]


_COMMANDS = tuple(sorted({name for group in COMMANDS.values() for name in group} - {"train", "repl"}))
_OPTIONS = (
    "--wrt", "--order", "--hessian", "--jvp", "--steps", "--strict", "--json", "--plain", "--no-color", "--debug",
    "--at",
    "--latex", "--grid", "--select", "-o", "--output", "-h", "--help", "--version", "--depth", "--to", "--x",
    "--x=", "--",
    "--from", "--from=latex", "-", "--ordr", "--net", "--executor", "--threads", "---", "-x", "--=", "=",
    "x=", "@", "@nothing.npy", "@.",
)  # fmt: skip
_words = st.one_of(
    st.sampled_from(_OPTIONS),
    st.sampled_from(_NUMBERS),
    st.sampled_from(_EXAMPLES),
    st.sampled_from(["x=1", "--x1", "y=2", "--x2=3", "x=-1:1:3", "--grid=x=0:1:3", "a.svg", "a.dot", "a.csv", "csv"]),
    st.builds(line, generators),
)


def _example_words(name: str) -> list[list[str]]:
    """Return the words of a command's examples, without those that take long or need a file of their own."""
    import shlex

    return [shlex.split(line)[1:] for line, _ in load(name).examples if "|" not in line]


_EXAMPLE_WORDS = [words for name in _COMMANDS for words in _example_words(name)]


def _mixed(start: list[str], more: list[tuple[int, str]]) -> list[str]:
    words = list(start)
    for place, word in more:
        place %= len(words) + 1
        words[place : place + place % 2] = [word]
    return words


#: The words of a command line.
words = st.one_of(
    st.builds(lambda name, more: [name, *more], st.sampled_from(_COMMANDS), st.lists(_words, max_size=7)),
    st.builds(
        _mixed, st.sampled_from(_EXAMPLE_WORDS), st.lists(st.tuples(st.integers(0, 9), _words), min_size=1, max_size=3)
    ),
    st.lists(_words, max_size=4),
)


def _saved(save: Callable[..., None], *values: object, **named: object) -> bytes:
    file = io.BytesIO()
    save(file, *values, **named)
    return file.getvalue()


def _model() -> bytes:
    """Return the bytes of a small model file."""
    import tempfile
    from pathlib import Path

    from gradcli.train.checkpoint import save
    from tests.support.runs import small_run

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "m.safetensors")
        save(str(path), small_run())
        return path.read_bytes()


def _zip(content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("x.npy", content)
    return file.getvalue()


_ROWS = [[0.5, 1.0, 0.0], [1.5, -2.0, 1.0], [2.5, 3.0, 1.0], [0.0, 1e300, 0.0]]
_NPY = _saved(np.save, np.array(_ROWS))
#: The ending of a file -> its valid content.
FILES: dict[str, bytes] = {
    ".npy": _NPY,
    ".npz": _zip(_NPY),
    ".csv": b"x,y,k\n" + "".join(",".join(map(str, row)) + "\n" for row in _ROWS).encode(),
    ".tsv": b"x\ty\tk\n1\t2\ta\n3\t4\tb\n",
    ".jsonl": "".join(json.dumps(dict(zip("xyk", row, strict=True))) + "\n" for row in _ROWS).encode(),
    ".idx": struct.pack(">BBBBII", 0, 0, 8, 2, 2, 3) + bytes(range(6)),
    ".safetensors": _model(),
}


@st.composite
def changed_bytes(draw: st.DrawFn, content: bytes) -> bytes:
    """Return the content with up to four stretches replaced, mostly in its head, and sometimes cut off."""
    data = bytearray(content)
    pieces = st.one_of(
        st.binary(max_size=3),
        st.sampled_from(
            [b"[" * 50, b"NaN", b"-1", b"9" * 25, b"1e999", b'"', b"\xff\xfe", b"\r", b"\x00", b"null", b"{}"]
        ),
    )
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, min(len(data), draw(st.sampled_from([16, 128, 4096])))))
        data[start : start + draw(st.integers(0, 4))] = draw(pieces)
    if draw(st.booleans()):
        del data[draw(st.integers(0, len(data))) :]
    return bytes(data)
