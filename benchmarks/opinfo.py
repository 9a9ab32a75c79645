"""Agreement with PyTorch on PyTorch's own databases of samples: of operations, modules and optimisers.

`op_db` of PyTorch's tests has several hundred operations, and for each of them a generator of samples: operands,
arguments and options.  Each operation whose name gradcli has runs on its samples, of 64 and of 32 bits, in both
libraries; compared are the values with their shapes, types and structure, the gradient, and the derivative of the
gradient.  A sample agrees, or is refused with a sentence, or differs.  Then come the samples that are wrong on purpose:
gradcli raises an error of the same class.  `module_samples.py` does the same for `module_db`, `optim_samples.py` for
`optim_db`.  PyTorch's default type is float64 here, as gradcli's is; the numbers come from a fixed seed.

    python benchmarks/opinfo.py                               # everything, about five minutes
    python benchmarks/opinfo.py add "nn.functional.*"         # some, with a table of their names
    python benchmarks/opinfo.py --only module_db --check      # one database; exit code 1 if less than 97 % agree
"""

from __future__ import annotations

from harness import Bound, Table, environment, use_threads

use_threads(1)

import argparse
import fnmatch
import functools
import itertools
import json
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import module_samples
import numpy as np
import optim_samples
from agreement import (
    TOLERANCES,
    VERDICTS,
    Outcome,
    Verdict,
    converted,
    derivatives_differ,
    difference,
    flat,
    import_torch,
    is_leaf,
    reason_of,
    weights,
)

import gradcli
import gradcli.torch as ours
from gradcli.eager.pullback import pullback
from gradcli.eager.tensor import Tensor

#: The share of samples, and of wrong samples, that may not agree.
MOST_THAT_DIFFER = 0.03
#: Operations whose samples are numbers of their own generators; their shapes and types are compared.
RANDOM = frozenset([
    "bernoulli", "cauchy", "empty", "empty_like", "empty_permuted", "empty_strided", "exponential", "geometric",
    "log_normal", "multinomial", "new_empty", "new_empty_strided", "normal", "rand_like", "randint", "randint_like",
    "randn", "randn_like", "uniform", "nn.functional.dropout", "nn.functional.dropout2d", "nn.functional.dropout3d",
    "nn.functional.alpha_dropout", "nn.functional.feature_alpha_dropout", "nn.functional.rrelu",
    "nn.functional.fractional_max_pool2d", "nn.functional.fractional_max_pool3d",
    "nn.functional.scaled_dot_product_attention",
])  # fmt: skip


def database(dtype: str) -> tuple[Any, list[Any]]:
    """Import PyTorch and the operations of its database that have a type."""
    torch = import_torch()
    from torch.testing._internal.common_methods_invocations import op_db

    return torch, [op for op in op_db if getattr(torch, dtype) in op.dtypes]


def title(op: Any) -> str:
    """The name of an operation and of its variant."""
    return op.name + (f" ({op.variant_test_name})" if op.variant_test_name else "")


#: The operations whose samples have their operands in another order than the function.
IN_ANOTHER_ORDER: dict[str, Callable[..., Callable[..., Any]]] = {
    "polygamma": lambda function: lambda x, n, **options: function(n, x, **options),
    "special.polygamma": lambda function: lambda x, n, **options: function(n, x, **options),
    "where": lambda function: lambda x, condition, other: function(condition, x, other),
    "einsum": lambda function: lambda operands, equation: function(equation, *operands),
    "nn.functional.embedding": lambda function: lambda weight, index, **options: function(index, weight, **options),
    "nn.functional.embedding_bag": lambda function: lambda weight, index, **options: function(index, weight, **options),
}


def named(name: str) -> Callable[..., Any] | None:
    """What gradcli has under a name of PyTorch: a function, or a method of `Tensor` that takes the tensor first."""
    found = under(name)
    return IN_ANOTHER_ORDER[name](found) if found is not None and name in IN_ANOTHER_ORDER else found


def under(name: str) -> Callable[..., Any] | None:
    """What gradcli has under a name of PyTorch, with the operands in PyTorch's order."""
    found: Any = ours
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


class Sides(NamedTuple):
    """The results, gradients and second derivatives of a sample."""

    value: Any
    gradient: list[Any]
    second: list[Any]


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


def judged(torch: Any, op: Any, function: Callable[..., Any], sample: Any, dtype: str) -> Verdict | None:
    """Compare one sample of a type; None if PyTorch itself refuses it."""
    inputs = (sample.input, sample.args, sample.kwargs)
    leaves = [one for one in flat([sample.input, *sample.args, *sample.kwargs.values()]) if is_leaf(torch, one)]
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
    allowed = TOLERANCES["float32" if is_single else dtype]
    told = difference(theirs.value, found.value, random=random, tolerance=allowed.value)
    if told:
        return Verdict("differ", told)
    if random:
        return Verdict("agree")
    for what, left, right in (("gradient", theirs.gradient, found.gradient), ("second", theirs.second, found.second)):
        told = derivatives_differ(left, right, allowed) if left else ""
        if told:
            return Verdict("differ", f"{what} {told}")
    return Verdict("agree")


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


def trials(torch: Any, op: Any, function: Callable[..., Any], most: int, dtype: str) -> Iterator[Verdict]:
    """Compare the samples of an operation in a type, at most this many (0: all)."""
    torch.manual_seed(1)
    np.random.seed(1)
    samples = op.sample_inputs("cpu", getattr(torch, dtype), requires_grad=op.supports_autograd)
    for sample in itertools.islice(samples, most or None):
        found = judged(torch, op, function, sample, dtype)
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


def operations(dtype: str, patterns: Sequence[str], most: int) -> Outcome:
    """Compare the operations whose name gradcli has, and that match a pattern; wrong samples once, in doubles."""
    torch, known = database(dtype)
    outcome = Outcome()
    for op in known:
        function = named(op.name) if not patterns or any(fnmatch.fnmatch(op.name, one) for one in patterns) else None
        if function is not None:
            wrong = wrong_trials(torch, op, function) if dtype == "float64" else ()
            outcome.add(title(op), list(trials(torch, op, function, most, dtype)), list(wrong))
    return outcome


#: The name of a comparison -> the comparison, of patterns and of the largest number of samples of each name.
COMPARISONS: dict[str, Callable[[Sequence[str], int], Outcome]] = {
    "op_db, float64": functools.partial(operations, "float64"),
    "op_db, float32": functools.partial(operations, "float32"),
    "module_db, float64": functools.partial(module_samples.modules, "float64"),
    "module_db, float32": functools.partial(module_samples.modules, "float32"),
    "optim_db, float64": functools.partial(optim_samples.optimizers, "float64"),
    "optim_db, float32": functools.partial(optim_samples.optimizers, "float32"),
}
#: How many operations, modules and optimisers are to have a name.
LEAST_NAMES = {"op_db": 260, "module_db": 114, "optim_db": 15}


def summary(patterns: Sequence[str], most: int, wanted: Sequence[str]) -> Iterator[tuple[Table, Table]]:
    """The row of each comparison, as a table, with the table of its names."""
    for name, compare in COMPARISONS.items():
        database = name.partition(",")[0]
        if wanted and not any(name.startswith(one) for one in wanted):
            continue
        outcome = compare(patterns, most)
        samples, wrong = outcome.samples, outcome.wrong
        names = len(outcome.rows) - outcome.missing
        row = [name, str(names), str(samples.total()), *[str(samples[kind]) for kind in VERDICTS]]
        row.append(f"{wrong['agree']}/{wrong.total()}" if wrong else "")
        count, count_wrong = max(1, samples.total()), max(1, wrong.total())
        bounds = [
            Bound(f"{name}: share of samples that don't agree", 1.0 - samples["agree"] / count, MOST_THAT_DIFFER),
            Bound(f"{name}: share of wrong samples with another error", 1.0 - wrong["agree"] / count_wrong,
                  MOST_THAT_DIFFER),
            Bound(f"{name}: names that are missing", max(0, LEAST_NAMES[database] - names), 0),
        ]  # fmt: skip
        if patterns or not wrong:
            bounds = bounds[:1]
        # The lines of a document are short; all is shown for names that are asked for.
        width = None if patterns else 112
        reasons = [
            f"{name}, {what}: {number} {kind}: {reason}"[:width]
            for (what, kind, reason), number in outcome.reasons.items()
        ]
        yield Table("", HEAD, [row], bounds, reasons), table_of(name, outcome)


HEAD = ["samples of", "names", "samples", *VERDICTS, "errors"]


def table_of(name: str, outcome: Outcome) -> Table:
    """The table of the names of a comparison, those that differ most last."""
    rows = []
    for what, found, wrong in outcome.rows:
        kinds = [one.kind for one in found]
        agreed = f"{sum(one.kind == 'agree' for one in wrong)}/{len(wrong)}" if wrong else ""
        first = next((one.reason for one in (*found, *wrong) if one.kind != "agree"), "")
        rows.append([what, str(len(found)), *[str(kinds.count(kind)) for kind in VERDICTS], agreed, first[:90]])
    rows.sort(key=lambda row: int(row[3]) + int(row[4]))
    return Table(name, ["name", "samples", *VERDICTS, "errors", "first that doesn't agree"], rows)


def main() -> int:
    """Print the tables; 1 if --check finds a bound that does not hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("patterns", nargs="*", help="names of operations, modules ..., with * and ? (default: all)")
    parser.add_argument("--only", action="append", default=[], metavar="NAME",
                        help=f"one of the comparisons, by the start of its name: {'; '.join(COMPARISONS)}")  # fmt: skip
    parser.add_argument("--samples", type=int, default=0, help="samples of each name (default: all)")
    parser.add_argument("-v", "--verbose", action="store_true", help="a table of all names")
    parser.add_argument("--quick", action="store_true", help="one sample of each name")
    parser.add_argument("--check", action="store_true", help="exit code 1 if a bound does not hold")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write environment and table to a file, too")
    parser.add_argument("--without", action="append", default=[], metavar="PACKAGE", help="with torch, do nothing")
    words = parser.parse_args()
    warnings.simplefilter("ignore")
    used = environment(["gradcli", "numpy", "torch"])
    print("\n".join(used), flush=True)
    shown: list[Table] = []
    found = [] if "torch" in words.without else summary(words.patterns, 1 if words.quick else words.samples, words.only)
    rows, bounds, reasons = [], [], []
    for row, names in found:
        if words.verbose or words.patterns:
            print(f"\n{names.text()}", flush=True)
        rows += row.rows
        bounds += () if words.quick else row.bounds
        reasons += row.remarks
    if rows:
        shown.append(Table("Samples of PyTorch's databases on gradcli", HEAD, rows, bounds, reasons))
        print(f"\n{shown[0].text()}", flush=True)
    if words.json:
        words.json.write_text(json.dumps({"environment": used, "tables": shown}))
    return 1 if words.check and any(not bound.holds for bound in bounds) else 0


if __name__ == "__main__":
    sys.exit(main())
