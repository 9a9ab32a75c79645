"""Agreement of `Tensor` with PyTorch, operation by operation, on PyTorch's own database of samples.

`op_db` of PyTorch's tests has several hundred operations, and for each of them a generator of samples: operands,
arguments and options.  Each operation whose name gradcli has runs on its float64 samples in both libraries; compared
are the values with their shapes, types and structure, the gradient, and the derivative of the gradient.  A sample
agrees, or is refused with a sentence, or differs.  Then come the samples that are wrong on purpose: gradcli raises an
error of the same class.  PyTorch's default type is float64 here, as gradcli's is; the numbers come from a fixed seed.

    python benchmarks/opinfo.py                               # a table of all operations, about three minutes
    python benchmarks/opinfo.py add "nn.functional.*" -v      # some, with the reason of each sample that doesn't agree
    python benchmarks/opinfo.py --samples 0 --check           # all samples; exit code 1 if less than 97 % agree
"""

from __future__ import annotations

from harness import Bound, Table, environment, use_threads

use_threads(1)

import argparse
import fnmatch
import importlib
import itertools
import sys
import traceback
import types
import unittest
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

import gradcli
from gradcli.eager.tensor import Tensor, pullback

#: The shares of samples and of wrong samples that are to agree, and the number of operations that are to have a name.
MOST_THAT_DIFFER, LEAST_NAMES = 0.03, 260
#: Operations whose samples are numbers of their own generators; their shapes and types are compared.
RANDOM = frozenset([
    "bernoulli", "cauchy", "empty", "empty_like", "empty_permuted", "empty_strided", "exponential", "geometric",
    "log_normal", "multinomial", "new_empty", "new_empty_strided", "normal", "rand_like", "randint", "randint_like",
    "randn", "randn_like", "uniform", "nn.functional.dropout", "nn.functional.dropout2d", "nn.functional.dropout3d",
    "nn.functional.alpha_dropout", "nn.functional.feature_alpha_dropout", "nn.functional.rrelu",
    "nn.functional.scaled_dot_product_attention",
])  # fmt: skip
VERDICTS = ("agree", "refused", "differ")


class Verdict(NamedTuple):
    """What came of a sample: one of `VERDICTS`, and a reason."""

    kind: str
    reason: str = ""


def database() -> tuple[Any, list[Any]]:
    """Import PyTorch and its database; `expecttest`, a package for PyTorch's own tests, need not be installed."""
    try:
        import expecttest  # noqa: F401
    except ImportError:
        stand_in = types.ModuleType("expecttest")
        stand_in.TestCase = unittest.TestCase  # type: ignore[attr-defined]
        sys.modules["expecttest"] = stand_in
    import torch

    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    from torch.testing._internal.common_methods_invocations import op_db

    return torch, [op for op in op_db if torch.float64 in op.dtypes]


def title(op: Any) -> str:
    """The name of an operation and of its variant."""
    return op.name + (f" ({op.variant_test_name})" if op.variant_test_name else "")


def home() -> Any:
    """The namespace of PyTorch's names, if gradcli has it."""
    try:
        return importlib.import_module("gradcli.torch")
    except ImportError:
        return None


#: The operations whose samples have their operands in another order than the function.
IN_ANOTHER_ORDER: dict[str, Callable[..., Callable[..., Any]]] = {
    "polygamma": lambda function: lambda x, n, **options: function(n, x, **options),
    "special.polygamma": lambda function: lambda x, n, **options: function(n, x, **options),
    "where": lambda function: lambda x, condition, other: function(condition, x, other),
    "einsum": lambda function: lambda operands, equation: function(equation, *operands),
    "nn.functional.embedding": lambda function: lambda weight, index, **options: function(index, weight, **options),
}


def named(name: str) -> Callable[..., Any] | None:
    """What gradcli has under a name of PyTorch: a function, or a method of `Tensor` that takes the tensor first."""
    found = under(name)
    return IN_ANOTHER_ORDER[name](found) if found is not None and name in IN_ANOTHER_ORDER else found


def under(name: str) -> Callable[..., Any] | None:
    """What gradcli has under a name of PyTorch, with the operands in PyTorch's order."""
    place, found = home(), None
    if place is not None:
        found = place
        for word in name.split("."):
            found = getattr(found, word, None)
    if found is None and name.startswith("nn.functional."):
        found = getattr(gradcli.nn.functional, name.rpartition(".")[2], None)
    if found is None or (not callable(found) and name in vars(Tensor)):  # a type, such as `torch.int`
        found = vars(Tensor).get(name) or getattr(Tensor, name, None)
    if found is None and name in gradcli.__all__:
        found = getattr(gradcli, name)
    if isinstance(found, property):
        return found.fget
    return found if callable(found) else None


def converted(torch: Any, thing: Any, leaves: dict[int, Tensor] | None = None) -> Any:
    """An argument of PyTorch's as gradcli's: tensors, types and what they are in."""
    if isinstance(thing, torch.Tensor):
        if leaves is not None and id(thing) in leaves:
            return leaves[id(thing)]
        array = thing.detach().resolve_conj().numpy()
        made = Tensor(array, dtype=str(array.dtype))
        if thing.requires_grad:
            made.requires_grad = True
            if leaves is not None:
                leaves[id(thing)] = made
        return made
    if isinstance(thing, torch.dtype):
        return getattr(home(), str(thing).removeprefix("torch."), None) or str(thing).removeprefix("torch.")
    if isinstance(thing, torch.device):
        return str(thing)
    if isinstance(thing, torch.Size):
        return tuple(thing)
    if isinstance(thing, (list, tuple)):
        parts = [converted(torch, one, leaves) for one in thing]
        return type(thing)(*parts) if hasattr(thing, "_fields") else type(thing)(parts)
    if isinstance(thing, dict):
        return {name: converted(torch, one, leaves) for name, one in thing.items()}
    return thing


def flat(result: Any) -> list[Any]:
    """The tensors and other things in a result, in order."""
    if isinstance(result, (list, tuple)):
        return [leaf for one in result for leaf in flat(one)]
    return [result]


def numbers(thing: Any) -> Any:
    """A result as an array."""
    if isinstance(thing, Tensor):
        return thing.detach().numpy()
    return thing.numpy(force=True) if hasattr(thing, "detach") else np.asarray(thing)


def difference(theirs: Any, ours: Any, *, random: bool = False, tolerance: float = 1e-8) -> str:
    """The difference of two results in a few words; an empty text if they agree."""
    if isinstance(theirs, (list, tuple)):
        if not isinstance(ours, (list, tuple)) or len(ours) != len(theirs):
            return f"{type(theirs).__name__} of {len(theirs)}, not {type(ours).__name__}"
        fields = getattr(theirs, "_fields", None) or [n for n in ("values", "indices") if hasattr(theirs, n)]
        if any(not hasattr(ours, name) for name in fields if name not in ("count", "index")):
            return f"no fields {fields}"
        return next(filter(None, map(lambda a, b: difference(a, b, random=random), theirs, ours)), "")
    if theirs is None or ours is None:
        return "" if theirs is ours else f"{theirs!r}, not {ours!r}"
    if hasattr(theirs, "detach") != isinstance(ours, Tensor):
        return f"{type(theirs).__name__}, not {type(ours).__name__}"
    one, other = numbers(theirs), numbers(ours)
    if one.shape != other.shape:
        return f"shape {one.shape}, not {other.shape}"
    if hasattr(theirs, "detach") and one.dtype != other.dtype:
        return f"type {one.dtype}, not {other.dtype}"
    if random:
        return ""
    if one.dtype.kind not in "fc":
        return "" if np.array_equal(one, other) else f"numbers {_shown(one)}, not {_shown(other)}"
    scale = np.abs(one[np.isfinite(one)]).max(initial=0.0)
    close = np.allclose(other, one, rtol=tolerance, atol=tolerance * max(scale, 1e-30), equal_nan=True)
    return "" if close else f"numbers {_shown(one)}, not {_shown(other)}"


def _shown(array: Any) -> str:
    return np.array2string(array.ravel()[:4], precision=6, separator=", ")


def reason_of(error: BaseException) -> Verdict:
    """Whether an error is a refusal with a sentence, raised by gradcli on purpose, or a fault."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    text = f"{type(error).__name__}: {error}"
    means_it = "gradcli" in last.filename and (last.line or "").startswith("raise")
    # What Python itself says of an argument that a function lacks is no sentence of ours.
    is_refusal = isinstance(error, gradcli.GradcliError) or (means_it and not isinstance(error, AttributeError))
    return Verdict("refused" if is_refusal else "differ", text.partition("\n")[0])


class Sides(NamedTuple):
    """The results, gradients and second derivatives of a sample."""

    value: Any
    gradient: list[Any]
    second: list[Any]


def weights(things: Iterable[Any], seed: int) -> list[Any]:
    """A cotangent for each array of a list, the same in both libraries."""
    generator = np.random.default_rng(seed)
    return [generator.uniform(0.5, 1.5, tuple(one.shape)) for one in things]


def their_side(torch: Any, op: Any, call: Callable[[], Any], leaves: Sequence[Any]) -> Sides:
    """What PyTorch computes."""
    value = call()
    outputs = [one for one in flat(value) if isinstance(one, torch.Tensor) and one.requires_grad]
    if not outputs or not leaves or not op.supports_autograd:
        return Sides(value, [], [])
    total = sum((one * torch.from_numpy(w)).sum() for one, w in zip(outputs, weights(outputs, 1), strict=True))
    gradient = torch.autograd.grad(total, leaves, create_graph=op.supports_gradgrad, allow_unused=True)
    found = [one for one in gradient if one is not None and one.requires_grad]
    second: list[Any] = []
    if found and op.supports_gradgrad:
        again = sum((one * torch.from_numpy(w)).sum() for one, w in zip(found, weights(found, 2), strict=True))
        second = list(torch.autograd.grad(again, leaves, allow_unused=True))
    return Sides(value, list(gradient), second)


def our_side(theirs: Sides, call: Callable[[], Any], leaves: Sequence[Tensor]) -> Sides:
    """What gradcli computes, of the derivatives that PyTorch has."""
    value = call()
    outputs = [one for one in flat(value) if isinstance(one, Tensor) and one.requires_grad]
    if not theirs.gradient:
        return Sides(value, [], [])
    if not outputs:
        return Sides(value, [None] * len(leaves), [])
    total = sum((one * Tensor(w)).sum() for one, w in zip(outputs, weights(outputs, 1), strict=True))
    gradient = pullback(total, 1.0, leaves, create_graph=bool(theirs.second))
    second: list[Any] = []
    # An array of zeros in place of a derivative that PyTorch records has no derivative in turn.
    found = [mine for mine, one in zip(gradient, theirs.gradient, strict=True) if one is not None and one.requires_grad]
    if theirs.second:
        recorded = [one for one in theirs.gradient if one is not None and one.requires_grad]
        kept = zip(found, weights(recorded, 2), strict=True)
        parts = [(one * Tensor(w)).sum() for one, w in kept if one is not None and one.requires_grad]
        second = pullback(sum(parts), 1.0, leaves) if parts else [None] * len(leaves)
    return Sides(value, gradient, second)


def derivatives_differ(theirs: Sequence[Any], ours: Sequence[Any], tolerance: float) -> str:
    """The difference of derivatives, in which None and zeros are the same."""
    for one, other in zip(theirs, ours, strict=True):
        if one is None and other is None:
            continue
        shape = (one if one is not None else other).shape
        left, right = (np.zeros(tuple(shape)) if side is None else numbers(side) for side in (one, other))
        if left.shape != right.shape:
            return f"shape {left.shape}, not {right.shape}"
        scale = np.abs(left[np.isfinite(left)]).max(initial=0.0)
        if not np.allclose(right, left, rtol=tolerance, atol=tolerance * max(scale, 1e-3), equal_nan=True):
            return f"{_shown(left)}, not {_shown(right)}"
    return ""


def judged(torch: Any, op: Any, function: Callable[..., Any], sample: Any) -> Verdict | None:
    """Compare one sample; None if PyTorch itself refuses it."""
    inputs = (sample.input, sample.args, sample.kwargs)
    leaves = [one for one in flat([sample.input, *sample.args, *sample.kwargs.values()]) if _is_leaf(torch, one)]
    leaves = list({id(one): one for one in leaves}.values())
    mine: dict[int, Tensor] = {}
    given, arguments, options = (converted(torch, part, mine) for part in inputs)
    own = [mine[id(one)] for one in leaves]
    try:
        torch.manual_seed(0)
        theirs = their_side(torch, op, lambda: op.op(sample.input, *sample.args, **sample.kwargs), leaves)
    except (RuntimeError, ValueError, TypeError, IndexError, NotImplementedError):
        return None
    try:
        found = our_side(theirs, lambda: function(given, *arguments, **options), own)
    except Exception as error:
        return reason_of(error)
    random = op.name in RANDOM
    # Where an argument has 32 bits, PyTorch computes a part of the result with them.
    is_single = any(getattr(one, "dtype", None) == torch.float32 for one in flat([*sample.kwargs.values()]))
    told = difference(theirs.value, found.value, random=random, tolerance=1e-5 if is_single else 1e-8)
    if told:
        return Verdict("differ", told)
    if random:
        return Verdict("agree")
    for what, left, right in (("gradient", theirs.gradient, found.gradient), ("second", theirs.second, found.second)):
        told = derivatives_differ(left, right, 1e-4 if is_single else 1e-7) if left else ""
        if told:
            return Verdict("differ", f"{what} {told}")
    return Verdict("agree")


def _is_leaf(torch: Any, thing: Any) -> bool:
    return isinstance(thing, torch.Tensor) and bool(thing.requires_grad) and thing.is_leaf


def judged_wrong(torch: Any, function: Callable[..., Any], wrong: Any) -> Verdict | None:
    """Whether a call that is wrong on purpose raises the same class of error; None if PyTorch's is about its own."""
    sample = wrong.sample_input
    try:
        parts = [converted(torch, part) for part in (sample.input, sample.args, sample.kwargs)]
    except (TypeError, ValueError, RuntimeError):
        return None  # a complex or a sparse tensor
    try:
        function(parts[0], *parts[1], **parts[2])
    except Exception as error:
        if isinstance(error, wrong.error_type):
            return Verdict("agree")
        return Verdict("differ", f"{wrong.error_type.__name__}, not {type(error).__name__}: {error}")
    return Verdict("differ", f"{wrong.error_type.__name__} ({wrong.error_regex}), but nothing was raised")


def trials(torch: Any, op: Any, function: Callable[..., Any], most: int) -> Iterator[Verdict]:
    """Compare the samples of an operation, at most this many (0: all)."""
    torch.manual_seed(1)
    np.random.seed(1)
    samples = op.sample_inputs("cpu", torch.float64, requires_grad=op.supports_autograd)
    for sample in itertools.islice(samples, most or None):
        found = judged(torch, op, function, sample)
        if found is not None:
            yield found


def wrong_trials(torch: Any, op: Any, function: Callable[..., Any]) -> Iterator[Verdict]:
    """Compare the wrong samples of an operation."""
    if op.error_inputs_func is None:
        return
    torch.manual_seed(1)
    try:
        wrong = list(op.error_inputs("cpu"))
    except (RuntimeError, TypeError):
        return
    for one in wrong:
        found = judged_wrong(torch, function, one)
        if found is not None:
            yield found


def tables(patterns: Sequence[str], most: int, verbose: bool) -> Iterator[Table]:
    """The table of operations, and the totals."""
    torch, operations = database()
    asked = [op for op in operations if not patterns or any(fnmatch.fnmatch(op.name, one) for one in patterns)]
    total, total_wrong, rows, remarks = Counter[str](), Counter[str](), [], []
    for op in asked:
        function = named(op.name)
        if function is None:
            continue
        found, wrong = list(trials(torch, op, function, most)), list(wrong_trials(torch, op, function))
        counts = Counter(one.kind for one in found)
        total.update(counts)
        total_wrong.update(one.kind for one in wrong)
        shown = [str(counts[kind]) for kind in VERDICTS]
        first = next((one.reason for one in (*found, *wrong) if one.kind != "agree"), "")
        agreed = f"{sum(one.kind == 'agree' for one in wrong)}/{len(wrong)}" if wrong else ""
        rows.append([title(op), str(len(found)), *shown, agreed, first[:90]])
        if verbose:
            reasons = Counter((one.kind, one.reason) for one in (*found, *wrong) if one.kind != "agree")
            remarks += [f"{title(op)}: {count} {kind}: {reason}" for (kind, reason), count in reasons.items()]
    rows.sort(key=lambda row: -int(row[4]))
    count, count_wrong = max(1, total.total()), max(1, total_wrong.total())
    rows.append(["all", str(total.total()), *[str(total[kind]) for kind in VERDICTS], "", ""])
    head = ["operation", "samples", *VERDICTS, "errors", "first that doesn't agree"]
    bounds = [
        Bound("share of samples that don't agree", 1.0 - total["agree"] / count, MOST_THAT_DIFFER),
        Bound("share of wrong samples with another error", 1.0 - total_wrong["agree"] / count_wrong, MOST_THAT_DIFFER),
        Bound(f"operations without a name, of {LEAST_NAMES}", LEAST_NAMES - len(rows) + 1, 0),
    ]
    yield Table(f"PyTorch's op_db on gradcli: {len(rows) - 1} of {len(asked)} have a name", head, rows, bounds, remarks)


def main() -> int:
    """Print the table; 1 if --check finds a bound that does not hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("patterns", nargs="*", help="names of operations, with * and ? (default: all)")
    parser.add_argument("--samples", type=int, default=40, help="samples of each operation, 0 for all (default 40)")
    parser.add_argument("-v", "--verbose", action="store_true", help="list why samples don't agree")
    parser.add_argument("--check", action="store_true", help="exit code 1 if a bound does not hold")
    words = parser.parse_args()
    warnings.simplefilter("ignore")
    print("\n".join(environment(["gradcli", "numpy", "torch"])), flush=True)
    failed = False
    for table in tables(words.patterns, words.samples, words.verbose):
        print(f"\n{table.text()}", flush=True)
        failed |= any(not bound.holds for bound in table.bounds)
    return 1 if words.check and failed else 0


if __name__ == "__main__":
    sys.exit(main())
