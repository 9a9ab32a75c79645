"""Agreement of optimisers with PyTorch's, on `optim_db` of PyTorch's tests; a part of `opinfo.py`.

A sample has the options of an optimiser.  Both libraries start from the same parameters and take some steps down the
same loss; compared are the parameters after each step, and the structure and the numbers of the state at the end.
"""

from __future__ import annotations

import fnmatch
import itertools
import math
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from agreement import Outcome, Verdict, converted, difference, import_torch, numbers, reason_of

import gradcli.torch as ours
from gradcli.nn.layers import Parameter

__all__ = ["optimizers"]

#: How many steps are compared, and the errors of parameters that are allowed.
STEPS, TOLERANCES = 8, {"float64": 1e-10, "float32": 2e-5}
#: The shapes of the parameters.
SHAPES = ((3, 4), (4, 2), (1, 3))
#: The shapes for optimisers that take other arrays than matrices, too.
FURTHER_SHAPES = ((5,), ())


def optimizers(dtype: str, patterns: Sequence[str], most: int) -> Outcome:
    """Compare the optimisers of PyTorch's database whose name matches a pattern, with at most this many samples."""
    torch = import_torch()
    from torch.testing._internal.common_optimizers import optim_db

    outcome = Outcome()
    for info in optim_db:
        if patterns and not any(fnmatch.fnmatch(info.name, one) for one in patterns):
            continue
        kind = getattr(ours.optim, info.name, None)
        found = []
        for sample in itertools.islice(info.optim_inputs_func("cpu"), most or None):
            found.append(
                Verdict("differ", "there is no optimiser of this name")
                if kind is None
                else _judged(torch, info, kind, sample, dtype)
            )
        wrong = [] if kind is None or dtype != "float64" else list(_wrong_trials(torch, info, kind))
        outcome.add(info.name, found, wrong)
        outcome.missing += kind is None
    return outcome


def _start(info: Any, dtype: str) -> list[Any]:
    generator = np.random.default_rng(3)
    shapes = SHAPES if info.name == "Muon" else SHAPES + FURTHER_SHAPES
    return [np.asarray(generator.uniform(-1.0, 1.0, shape), dtype=dtype) for shape in shapes]


def _loss(parameters: Sequence[Any]) -> Any:
    """A loss that isn't convex, of all parameters together, in either library."""
    total: Any = 0.0
    for number, parameter in enumerate(parameters):
        total = total + ((parameter * (number + 1.0) - 0.5) ** 2).sum() + parameter.sin().sum()
    return total + 0.1 * (parameters[0] @ parameters[1]).tanh().sum()


def _judged(torch: Any, info: Any, kind: Any, sample: Any, dtype: str) -> Verdict:
    start = _start(info, dtype)
    theirs = [torch.nn.Parameter(torch.from_numpy(one.copy())) for one in start]
    mine = [Parameter(one, dtype=dtype) for one in start]
    optimizer = info.optim_cls(theirs, **sample.kwargs)
    is_sparse = info.only_supports_sparse_grads
    try:
        own = kind(mine, **converted(torch, sample.kwargs))
    except Exception as error:
        return reason_of(error)
    for step in range(STEPS):
        _step(torch, optimizer, theirs, is_sparse, step)
        try:
            _step(ours, own, mine, is_sparse, step)
        except Exception as error:
            return reason_of(error)
        for number, (one, other) in enumerate(zip(theirs, mine, strict=True)):
            told = difference(one, other, tolerance=TOLERANCES[dtype])
            if told:
                return Verdict("differ", f"parameter {number} after step {step + 1}: {told}")
    # The differences of gradients that L-BFGS keeps are mostly rounding in 32 bits: their names are compared.
    allowed = math.inf if info.name == "LBFGS" and dtype == "float32" else TOLERANCES[dtype]
    told = _states_differ(optimizer.state_dict(), own.state_dict(), allowed)
    if not told:
        own.load_state_dict(own.state_dict())
        told = _states_differ(optimizer.state_dict(), own.state_dict(), allowed)
    return Verdict("differ", told) if told else Verdict("agree")


def _step(library: Any, optimizer: Any, parameters: Sequence[Any], is_sparse: bool, step: int) -> None:
    def closure() -> Any:
        optimizer.zero_grad()
        loss = _loss(parameters)
        loss.backward()
        if is_sparse:  # some of the rows have a gradient
            for one in parameters:
                if one.ndim == 2:
                    rows = library.tensor([[step % one.shape[0], 0]])
                    one.grad = library.sparse_coo_tensor(rows, one.grad[rows[0]], tuple(one.shape))
                else:
                    one.grad = None
        return loss

    optimizer.step(closure)


def _states_differ(theirs: Any, ours: Any, tolerance: float) -> str:
    """Compare two states: groups with their options, and the memory of each parameter."""
    if theirs.keys() != ours.keys() or theirs["state"].keys() != ours["state"].keys():
        return f"state of {list(theirs['state'])}, not of {list(ours['state'])}"
    for one, other in zip(theirs["param_groups"], ours["param_groups"], strict=True):
        if one.keys() != other.keys():
            return f"options {sorted(one)}, not {sorted(other)}"
        for name, content in one.items():
            if not _alike(content, other[name], 1e-12):
                return f"option {name} {content}, not {other[name]}"
    for number, memory in theirs["state"].items():
        if memory.keys() != ours["state"][number].keys():
            return f"memory {list(memory)}, not {list(ours['state'][number])}"
        for name, content in memory.items():
            if tolerance < math.inf and not _alike(content, ours["state"][number][name], tolerance):
                return f"memory {name} {content}, not {ours['state'][number][name]}"
    return ""


def _alike(one: Any, other: Any, tolerance: float) -> bool:
    if isinstance(one, (list, tuple)):
        return (
            isinstance(other, (list, tuple))
            and len(one) == len(other)
            and all(map(_alike, one, other, itertools.repeat(tolerance)))
        )
    if one is None or isinstance(one, (str, bool)):
        return bool(one == other)
    left, right = (np.asarray(numbers(x) if hasattr(x, "detach") else x, dtype=float) for x in (one, other))
    scale = np.abs(left).max(initial=0.0)
    return left.shape == right.shape and np.allclose(right, left, rtol=tolerance, atol=tolerance * max(1.0, scale))


def _wrong_trials(torch: Any, info: Any, kind: Any) -> Iterator[Verdict]:
    """Compare the classes of errors: raised by the class, by a step, or warned of."""
    for wrong in info.optim_error_inputs_func("cpu", torch.float64) if info.optim_error_inputs_func else ():
        given = wrong.optimizer_error_input
        params = torch.nn.Parameter(torch.ones(2, 3)) if given.params is None else given.params
        params = [params] if given.params is None else params
        try:
            leaves: dict[int, Any] = {}
            mine, options = converted(torch, params, leaves), converted(torch, given.kwargs)
            for one in flat_tensors(torch, params):
                if one.grad is not None and id(one) in leaves:
                    leaves[id(one)].grad = converted(torch, one.grad)
        except (TypeError, ValueError, RuntimeError):
            continue  # a complex or a sparse tensor
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)
            try:
                optimizer = kind(mine, **options)
                optimizer.step(lambda mine=mine: _loss([*mine, *mine]))
            except Exception as error:
                is_right = isinstance(error, wrong.error_type)
                told = "" if is_right else f"{wrong.error_type.__name__}, not {type(error).__name__}: {error}"
                yield Verdict("agree" if is_right else "differ", f"{given.desc}: {told}" if told else "")
            else:
                told = f"{wrong.error_type.__name__} ({wrong.error_regex}), but nothing was raised"
                yield Verdict("differ", f"{given.desc}: {told}")


def flat_tensors(torch: Any, thing: Any) -> list[Any]:
    """The tensors in lists and dicts."""
    if isinstance(thing, (list, tuple)):
        return [one for part in thing for one in flat_tensors(torch, part)]
    if isinstance(thing, dict):
        return flat_tensors(torch, list(thing.values()))
    return [thing] if isinstance(thing, torch.Tensor) else []
