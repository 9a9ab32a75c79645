"""Karpathy's lectures, makemore and nanoGPT with only the import changed, cell by cell beside PyTorch.

The folder holds the repositories nn-zero-to-hero, makemore, nanoGPT and, for its text, char-rnn, as `git clone` makes
them; nothing of them is part of this project.  A notebook runs twice, with PyTorch and with `gradcli.torch`, on the
same random numbers and in fewer steps of training; after each cell all variables that hold floats are compared.  The
class `Value` that a lecture builds is gradcli's the second time.  Of makemore.py and nanoGPT's model.py, each net gets
the same parameters in both libraries and takes 100 steps of training; the losses are compared, and then it writes a few
characters.  nanoGPT's train.py runs as it is, with the command that its README has for a processor, on Shakespeare's
characters, in fewer steps, and saves checkpoints; the nets begin with the same parameters, and the losses of all steps
are compared.

    git clone https://github.com/karpathy/nn-zero-to-hero ...
    python benchmarks/lectures.py FOLDER
"""

from __future__ import annotations

from harness import Bound, Table, environment, use_threads

use_threads(1)

import argparse
import builtins
import code
import contextlib
import importlib
import io
import json
import os
import random
import re
import runpy
import shutil
import sys
import tempfile
import types
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import numpy as np

import gradcli.torch

#: The largest difference that two libraries may have, relative to the numbers.
CLOSE = 1e-6
NAMES, STEPS = 1000, 1000
#: The functions that draw; PyTorch gets gradcli's random numbers.
DRAWN = ("randn", "rand", "randint", "randperm", "multinomial")


class Outcome(NamedTuple):
    """What came of a cell: the error, and the numbers that its variables hold."""

    error: str
    numbers: dict[str, Any]


def swapped(source: str) -> str:
    """The source with the import of PyTorch changed."""
    source = re.sub(r"^(\s*)import torch$", r"\1import gradcli.torch as torch", source, flags=re.M)
    source = re.sub(r"^(\s*)import torch\.", r"\1import gradcli.torch.", source, flags=re.M)
    return re.sub(r"^(\s*)from torch\b", r"\1from gradcli.torch", source, flags=re.M)


def shortened(source: str) -> str:
    """The source without the commands of a notebook, with fewer steps of training, and with 64 bits everywhere."""
    source = re.sub(r"^\s*%.*$", "", source, flags=re.M)
    return source.replace("200000", str(STEPS)).replace("range(1):", "range(20):").replace(".float()", ".double()")


class Cells(code.InteractiveInterpreter):
    """Runs cells, one after the other, and keeps the error of the last one."""

    error = ""

    def showtraceback(self) -> None:
        """Keep the error in place of printing it."""
        kind, error, _ = sys.exc_info()
        self.error = f"{kind.__name__ if kind else ''}: {error}".partition("\n")[0]

    def run(self, source: str) -> str:
        """Run a cell; the error, or an empty text."""
        self.error = ""
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            self.runcode(compile(source, "<cell>", "exec"))
        return self.error


def numbers_of(thing: Any) -> Any:
    """The floats that a variable of a notebook holds, as an array; None if it holds something else."""
    kind = type(thing).__name__
    if kind == "Value":
        return np.array([float(thing.data), float(thing.grad)])
    if kind in ("Tensor", "Parameter"):
        array = thing.detach().numpy()
        return np.array(array, float) if array.dtype.kind in "fib" and array.size < 1_000_000 else None
    if isinstance(thing, float):
        return np.array(thing)
    if isinstance(thing, list) and thing and all(isinstance(one, float) for one in thing):
        return np.array(thing)
    return None


def notebook(path: Path, change: Callable[[str], str]) -> list[Outcome]:
    """Run the cells of a notebook."""
    cells = [
        "".join(cell["source"])
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
        if cell["cell_type"] == "code"
    ]
    random.seed(1)
    gradcli.torch.manual_seed(1)
    # A class that a notebook defines has the name of its module.
    interpreter = Cells({"__name__": "notebook", "display": lambda *_: None, "__builtins__": builtins})
    found = []
    for cell in cells:
        error = interpreter.run(change(shortened(cell)))
        numbers = {name: numbers_of(thing) for name, thing in interpreter.locals.items()}
        found.append(Outcome(error, {name: one for name, one in numbers.items() if one is not None}))
    return found


@contextlib.contextmanager
def same_random_numbers(torch: Any) -> Iterator[None]:
    """Let PyTorch draw gradcli's random numbers."""

    def drawing(name: str) -> Callable[..., Any]:
        def draw(*arguments: Any, **options: Any) -> Any:
            wanted = bool(options.pop("requires_grad", False))
            given = [gradcli.torch.tensor(x.detach().numpy()) if isinstance(x, torch.Tensor) else x for x in arguments]
            made = getattr(gradcli.torch, name)(*given, **options)
            return torch.from_numpy(made.numpy().copy()).requires_grad_(wanted)

        return draw

    changes = {name: drawing(name) for name in DRAWN}
    changes.update(manual_seed=gradcli.torch.manual_seed, Generator=gradcli.torch.Generator)
    with mock.patch.multiple(torch, **changes):
        yield


def with_value(source: str) -> str:
    """The cell of a lecture with gradcli's class in place of the one that it builds."""
    if not re.search(r"^class Value:", source, flags=re.M):
        return swapped(source)
    rest = re.split(r"\n(?=\S)", source[source.index("class Value:") :])[1:]
    return "\n".join(["from gradcli import Value", *rest])


def largest(one: Any, other: Any) -> float:
    """The largest difference of two arrays, relative to the largest number."""
    if one.shape != other.shape:
        return float("inf")
    one, other = one.ravel(), other.ravel()
    kept = np.isfinite(one)
    if not np.array_equal(kept, np.isfinite(other)):
        return float("inf")
    scale = max(1.0, float(np.abs(one[kept]).max(initial=0.0)))
    return float(np.abs(one[kept] - other[kept]).max(initial=0.0)) / scale


def row_of_notebook(path: Path, torch: Any) -> list[str]:
    """Run a notebook with both libraries and compare."""
    with same_random_numbers(torch):
        theirs = notebook(path, lambda source: source)
    ours = notebook(path, with_value)
    able = [i for i, one in enumerate(theirs) if not one.error]
    failed = [i for i in able if ours[i].error]
    worst, where = 0.0, ""
    for i in able:
        for name, array in theirs[i].numbers.items():
            found = largest(array, ours[i].numbers[name]) if name in ours[i].numbers else float("inf")
            if found > worst:
                worst, where = found, f"{name} after cell {i}"
    first = f"cell {failed[0]}: {ours[failed[0]].error}" if failed else where if worst > CLOSE else ""
    return [path.stem, f"{len(able) - len(failed)} of {len(able)}", f"{worst:.2g}", first]


def module(path: Path, name: str, change: Callable[[str], str]) -> Any:
    """Load a changed copy of a file as a module."""
    source = re.sub(r"^from torch\.utils\.tensorboard.*$", "", path.read_text(encoding="utf-8"), flags=re.M)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, f"{name}.py").write_text(change(source), encoding="utf-8")
        sys.path.insert(0, folder)
        try:
            return importlib.import_module(name)
        finally:
            sys.path.remove(folder)


def trained(library: Any, net: Any, optimizer: Any, batches: list[Any], most: float | None = None) -> list[float]:
    """The losses of steps on batches."""
    losses = []
    for x, y in batches:
        _, loss = net(library.tensor(x), library.tensor(y))
        net.zero_grad(set_to_none=True)
        loss.backward()
        if most is not None:
            library.nn.utils.clip_grad_norm_(net.parameters(), most)
        optimizer.step()
        losses.append(loss.item())
    return losses


def compared(
    title: str, torch: Any, build: Callable[[Any, Any], tuple[Any, Any]], modules: Any, batches: Any, write: Any
) -> list[str]:
    """Train a net in both libraries from the same parameters, and let it write."""
    try:
        nets = [build(library, one) for library, one in zip((torch, gradcli.torch), modules, strict=True)]
        state = {name: one.numpy() for name, one in nets[0][0].state_dict().items()}
        nets[1][0].load_state_dict({name: gradcli.torch.tensor(one) for name, one in state.items()})
        losses = [trained(library, *pair, batches) for library, pair in zip((torch, gradcli.torch), nets, strict=True)]
        nets[1][0].eval()
        write(gradcli.torch, modules[1], nets[1][0])
    except Exception as error:
        return [title, "0 of 1", "", f"{type(error).__name__}: {error}".partition("\n")[0]]
    worst = largest(np.array(losses[0]), np.array(losses[1]))
    return [title, "1 of 1", f"{worst:.2g}", f"loss {losses[1][0]:.4f} to {losses[1][-1]:.4f}"]


def rows_of_makemore(folder: Path, torch: Any) -> Iterator[list[str]]:
    """The nets of makemore.py."""
    names = (folder / "names.txt").read_text(encoding="utf-8").split()[:NAMES]
    try:
        modules = [
            module(folder / "makemore.py", f"makemore_{kind}", change)
            for kind, change in (("torch", lambda source: source), ("gradcli", swapped))
        ]
    except Exception as error:
        yield ["makemore.py", "0 of 1", "", f"{type(error).__name__}: {error}"]
        return
    data = modules[0].CharDataset(names, sorted(set("".join(names))), max(map(len, names)))
    source = np.random.default_rng(0)
    batches = []
    for _ in range(100):
        pairs = [data[int(i)] for i in source.integers(len(names), size=16)]
        batches.append(tuple(np.stack([one.numpy() for one in side]) for side in zip(*pairs, strict=True)))
    for kind in ("Transformer", "Bigram", "MLP", "RNN", "GRU", "BoW"):

        def build(library: Any, one: Any, kind: str = kind) -> tuple[Any, Any]:
            config = one.ModelConfig(vocab_size=data.get_vocab_size(), block_size=data.get_output_length(), n_layer=2,
                                     n_head=2, n_embd=16, n_embd2=16)  # fmt: skip
            cell = {"RNN": "rnn", "GRU": "gru"}.get(kind)
            net = one.RNN(config, cell_type=cell) if cell else getattr(one, kind)(config)
            options = {"lr": 5e-3, "weight_decay": 0.01, "betas": (0.9, 0.99), "eps": 1e-8}
            return net, library.optim.AdamW(net.parameters(), **options)

        def write(library: Any, one: Any, net: Any) -> None:
            start = library.zeros(2, 1, dtype=library.long)
            one.generate(net, start, 5, top_k=None, do_sample=True)

        yield compared(f"makemore.py {kind}", torch, build, modules, batches, write)


def rows_of_nanogpt(folder: Path, torch: Any) -> Iterator[list[str]]:
    """The net of nanoGPT."""
    try:
        modules = [
            module(folder / "model.py", f"nanogpt_{kind}", change)
            for kind, change in (("torch", lambda source: source), ("gradcli", swapped))
        ]
    except Exception as error:
        yield ["nanoGPT model.py", "0 of 1", "", f"{type(error).__name__}: {error}"]
        return
    text = np.frombuffer((folder / "README.md").read_bytes(), np.uint8) % 65
    source = np.random.default_rng(0)
    batches = []
    for _ in range(100):
        starts = source.integers(len(text) - 17, size=8)
        batches.append(tuple(np.stack([text[i + j : i + j + 16] for i in starts]).astype(np.int64) for j in (0, 1)))
    for bias in (False, True):

        def build(_: Any, one: Any, bias: bool = bias) -> tuple[Any, Any]:
            net = one.GPT(one.GPTConfig(block_size=16, vocab_size=65, n_layer=2, n_head=2, n_embd=16, dropout=0.0,
                                        bias=bias))  # fmt: skip
            return net, net.configure_optimizers(0.1, 1e-3, (0.9, 0.99), "cpu")

        def write(library: Any, _: Any, net: Any) -> None:
            net.generate(library.zeros((1, 1), dtype=library.long), 20, temperature=0.8, top_k=10)

        title = f"nanoGPT model.py, bias={bias}"
        with contextlib.redirect_stdout(io.StringIO()):
            row = compared(title, torch, build, modules, batches, write)
        yield row


#: The command of nanoGPT's README for a processor, with fewer steps and two parts of a batch to each step.
ON_A_PROCESSOR = """
    config/train_shakespeare_char.py --device=cpu --compile=False --eval_iters=5 --log_interval=1 --block_size=64
    --batch_size=12 --n_layer=4 --n_head=4 --n_embd=128 --max_iters=100 --lr_decay_iters=100 --dropout=0.0
    --gradient_accumulation_steps=2 --eval_interval=50 --warmup_iters=10
""".split()  # noqa: SIM905


def run_of_training(folder: Path, change: Callable[[str], str], first: dict[str, Any]) -> tuple[list[float], str]:
    """Run nanoGPT's train.py in a folder with its files.

    Args:
        folder: the folder.
        change: what is done to the files train.py and model.py.
        first: the first parameters of the net, as arrays; if it is empty, it gets those of this run.

    Returns:
        The losses of all steps, and what the program printed.
    """
    for name in ("train.py", "model.py"):
        path = folder / name
        path.write_text(change(path.with_suffix(".txt").read_text(encoding="utf-8")), encoding="utf-8")
    sys.modules.pop("model", None)
    sys.path.insert(0, str(folder))
    losses: list[float] = []
    model = importlib.import_module("model")

    class Net(model.GPT):  # type: ignore[name-defined, misc]
        """The net, which begins with given parameters and keeps its losses."""

        def __init__(self, config: Any) -> None:
            super().__init__(config)
            state = self.state_dict()
            if first:
                library = gradcli.torch if change is swapped else sys.modules["torch"]
                self.load_state_dict({name: library.tensor(first[name]) for name in state})
            else:
                first.update({name: one.numpy().copy() for name, one in state.items()})
            gradcli.torch.manual_seed(1)  # the batches are drawn now

        def forward(self, *arguments: Any) -> Any:
            """The logits and the loss, which is kept in training."""
            logits, loss = super().forward(*arguments)
            assert isinstance(loss, gradcli.torch.Tensor) == (change is swapped)
            if self.training:
                losses.append(loss.item())
            return logits, loss

    model.GPT = Net
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed), mock.patch.object(sys, "argv", ["train.py", *ON_A_PROCESSOR]):
            runpy.run_path("train.py", run_name="__main__")
    finally:
        sys.path.remove(str(folder))
        sys.modules.pop("model", None)
    return losses, printed.getvalue()


def row_of_training(folder: Path, torch: Any) -> list[str]:
    """Train nanoGPT on Shakespeare's characters in both libraries."""
    title, before = "nanoGPT train.py, shakespeare_char", Path.cwd()
    with tempfile.TemporaryDirectory() as place:
        run = Path(place, "nanoGPT")
        shutil.copytree(folder / "nanoGPT", run, ignore=shutil.ignore_patterns(".git"))
        data = run / "data" / "shakespeare_char"
        shutil.copy(folder / "char-rnn" / "data" / "tinyshakespeare" / "input.txt", data)
        for name in ("train", "model"):
            (run / f"{name}.py").rename(run / f"{name}.txt")
        os.chdir(run)
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                runpy.run_path(str(data / "prepare.py"))
            first: dict[str, Any] = {}
            with same_random_numbers(torch):
                theirs, _ = run_of_training(run, lambda source: source, first)
            ours, printed = run_of_training(run, swapped, first)
        except Exception as error:
            return [title, "0 of 1", "", f"{type(error).__name__}: {error}".partition("\n")[0]]
        finally:
            os.chdir(before)
    worst = largest(np.array(theirs), np.array(ours))
    last = [line for line in printed.splitlines() if line.startswith("step ")][-1]
    return [title, "1 of 1", f"{worst:.2g}", f"loss {ours[0]:.4f} to {ours[-1]:.4f} in {len(ours)} parts; {last}"]


def stand_ins() -> None:
    """Put empty modules in place of widgets, and draw into files that nobody sees."""
    import matplotlib as mpl

    mpl.use("agg")
    try:
        import ipywidgets  # noqa: F401
    except ImportError:
        widgets = types.ModuleType("ipywidgets")
        for name in ("interact", "interactive", "fixed", "interact_manual"):
            setattr(widgets, name, lambda function, **_: function(1.0))
        sys.modules["ipywidgets"] = widgets


def main() -> int:
    """Print the table; 1 if a program doesn't run or differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="the folder with the repositories")
    parser.add_argument("--only", default="", help="only the programs with this text in their path")
    words = parser.parse_args()
    import torch

    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    warnings.simplefilter("ignore")
    stand_ins()
    print("\n".join(environment(["gradcli", "numpy", "torch"])), flush=True)
    folder, rows = words.folder.resolve(), []
    with tempfile.TemporaryDirectory() as place:
        names = (folder / "makemore" / "names.txt").read_text(encoding="utf-8").split()[:NAMES]
        Path(place, "names.txt").write_text("\n".join(names), encoding="utf-8")
        os.chdir(place)
        for path in sorted((folder / "nn-zero-to-hero" / "lectures").glob("*/*.ipynb")):
            if words.only in str(path):
                rows.append(row_of_notebook(path, torch))
                print(rows[-1], flush=True)
        os.chdir(folder)
    for found, name in ((rows_of_makemore, "makemore"), (rows_of_nanogpt, "nanoGPT")):
        if words.only in f"{name}/":
            rows += found(folder / name, torch)
    if words.only in "train.py":
        rows.append(row_of_training(folder, torch))
    bad = [row for row in rows if len({*row[1].split(" of ")}) == 2 or not row[2] or float(row[2]) > CLOSE]
    bounds = [Bound("programs that don't run, or whose numbers differ", len(bad), 0)]
    table = Table("PyTorch's programs with another import", ["program", "cells", "differ by", "remark"], rows, bounds)
    print(f"\n{table.text()}", flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
