"""Agreement of modules with PyTorch's, on `module_db` of PyTorch's tests; a part of `opinfo.py`.

A sample has the arguments of a module and those of its call.  Compared are the names and shapes of the parameters and
the state; then, with PyTorch's state in both modules, the outputs, the gradients of inputs and parameters, their
derivatives, and the state afterwards.  A module that behaves differently in training and in use is compared in both.
Dropout draws other numbers than PyTorch's, so a sample with dropout runs once as it is, for the shapes of its outputs,
and once with probabilities of 0.
"""

from __future__ import annotations

import fnmatch
import itertools
from collections.abc import Iterator, Sequence
from typing import Any

from agreement import (
    TOLERANCES,
    Outcome,
    Verdict,
    converted,
    derivatives_differ,
    difference,
    flat,
    import_torch,
    numbers,
    reason_of,
    weights,
)

import gradcli.torch as ours
from gradcli.eager.pullback import pullback
from gradcli.eager.tensor import Tensor

__all__ = ["modules"]

REFUSALS = (RuntimeError, ValueError, TypeError, IndexError, NotImplementedError, AssertionError)


def modules(dtype: str, patterns: Sequence[str], most: int) -> Outcome:
    """Compare the modules of PyTorch's database whose name matches a pattern, with at most this many samples each."""
    torch = import_torch()
    from torch.testing._internal.common_modules import module_db

    outcome = Outcome()
    for info in module_db:
        if patterns and not any(fnmatch.fnmatch(info.name, one) for one in patterns):
            continue
        kind = getattr(ours.nn, info.module_cls.__name__, None)
        found = [
            one
            for training in ((True, False) if info.train_and_eval_differ else (True,))
            for one in _trials(torch, info, kind, most, dtype, training)
        ]
        wrong = [] if kind is None or dtype != "float64" else list(_wrong_trials(torch, info, kind))
        outcome.add(info.name, found, wrong)
        outcome.missing += kind is None
    return outcome


def _trials(torch: Any, info: Any, kind: Any, most: int, dtype: str, training: bool) -> Iterator[Verdict]:
    torch.manual_seed(1)
    inputs = info.module_inputs_func(
        info, device="cpu", dtype=getattr(torch, dtype), requires_grad=True, training=training
    )
    for sample in itertools.islice(inputs, most or None):
        if kind is None:
            yield Verdict("differ", "there is no module of this name")
        elif (found := _judged(torch, info, kind, sample, dtype, training)) is not None:
            yield found


def _judged(torch: Any, info: Any, kind: Any, sample: Any, dtype: str, training: bool) -> Verdict | None:
    """Compare one sample; None if PyTorch itself refuses it."""
    made, given = sample.constructor_input, sample.forward_input
    try:
        theirs = info.module_cls(*made.args, **made.kwargs).to(getattr(torch, dtype)).train(training)
        arguments, options = _as_leaves(torch, given.args), _as_leaves(torch, given.kwargs)
        if info.is_lazy:
            theirs(*_without_derivative(arguments), **_without_derivative(options))
        inputs = [one for one in flat([*arguments, *options.values()]) if _has_derivative(torch, one)]
        state = {name: numbers(tensor).copy() for name, tensor in theirs.state_dict().items()}
    except REFUSALS:
        return None
    mine: dict[int, Tensor] = {}
    try:
        net = kind(*converted(torch, made.args), **converted(torch, made.kwargs)).to(dtype).train(training)
        words, further = converted(torch, arguments, mine), converted(torch, options, mine)
        own = [mine[id(one)] for one in inputs]
        if info.is_lazy:
            net(*_without_derivative(words), **_without_derivative(further))
        told = _states_differ(state, net.state_dict(), with_numbers=False)
        if told:
            return Verdict("differ", told)
        names = [name for name, _ in theirs.named_parameters()], [name for name, _ in net.named_parameters()]
        if names[0] != names[1]:
            return Verdict("differ", f"parameters {names[0]}, not {names[1]}")
        net.load_state_dict(state)
    except Exception as error:
        return reason_of(error)
    leaves = inputs + [one for _, one in theirs.named_parameters()]
    if _drops(theirs):
        try:
            told = difference(theirs(*arguments, **options), net(*words, **further), random=True)
        except Exception as error:
            return reason_of(error)
        if told:
            return Verdict("differ", told)
        _without_dropout(theirs), _without_dropout(net)
    try:
        value, gradient, second = _their_side(torch, theirs, (arguments, options), leaves, info.supports_gradgrad)
    except REFUSALS:
        return None
    try:
        own += [one for _, one in net.named_parameters()]
        found = _our_side(net, (words, further), own, gradient, bool(second))
    except Exception as error:
        return reason_of(error)
    allowed = TOLERANCES[dtype]
    told = difference(value, found[0], tolerance=allowed.value)
    told = told or _states_differ(theirs.state_dict(), net.state_dict(), tolerance=allowed.value)
    for what, left, right in (("gradient", gradient, found[1]), ("second", second, found[2])):
        if not told and left:
            told = derivatives_differ(left, right, allowed)
            told = told and f"{what} {told}"
    return Verdict("differ", told) if told else Verdict("agree")


def _as_leaves(torch: Any, thing: Any) -> Any:
    """Arguments in which a tensor that requires a gradient is a leaf."""
    if isinstance(thing, torch.Tensor):
        return thing.detach().clone().requires_grad_(thing.requires_grad)
    if isinstance(thing, (list, tuple)):
        return type(thing)([_as_leaves(torch, one) for one in thing])
    if isinstance(thing, dict):
        return {name: _as_leaves(torch, one) for name, one in thing.items()}
    return thing


def _without_derivative(thing: Any) -> Any:
    if isinstance(thing, (list, tuple)):
        return [_without_derivative(one) for one in thing]
    if isinstance(thing, dict):
        return {name: _without_derivative(one) for name, one in thing.items()}
    return thing.detach() if hasattr(thing, "detach") else thing


def _has_derivative(torch: Any, thing: Any) -> bool:
    return isinstance(thing, torch.Tensor) and bool(thing.requires_grad)


def _states_differ(theirs: Any, ours: Any, *, with_numbers: bool = True, tolerance: float = 0.0) -> str:
    if list(theirs) != list(ours):
        return f"state {list(theirs)}, not {list(ours)}"
    for name, one in theirs.items():
        told = difference(one, ours[name], random=not with_numbers, tolerance=tolerance) if with_numbers else ""
        if tuple(one.shape) != tuple(ours[name].shape):
            told = f"shape {tuple(one.shape)}, not {tuple(ours[name].shape)}"
        if told:
            return f"state {name}: {told}"
    return ""


def _drops(net: Any) -> bool:
    return any(
        one.training and (getattr(one, "dropout", 0.0) or 0.0) > 0.0
        for one in net.modules()
        if isinstance(getattr(one, "dropout", 0.0), float)
    ) or any(one.training and "Dropout" in type(one).__name__ and one.p > 0.0 for one in net.modules())


def _without_dropout(net: Any) -> None:
    for one in net.modules():
        if isinstance(getattr(one, "dropout", None), float):
            one.dropout = 0.0
        if "Dropout" in type(one).__name__:
            one.p = 0.0


def _their_side(torch: Any, net: Any, words: Any, leaves: Any, with_second: bool) -> tuple[Any, list[Any], list[Any]]:
    value = net(*words[0], **words[1])
    outputs = [one for one in flat(value) if _has_derivative(torch, one)]
    if not outputs or not leaves:
        return value, [], []
    total = sum((one * torch.from_numpy(w)).sum() for one, w in zip(outputs, weights(outputs, 1), strict=True))
    gradient = list(torch.autograd.grad(total, leaves, create_graph=with_second, allow_unused=True))
    found = [one for one in gradient if one is not None and one.requires_grad]
    if not found:
        return value, gradient, []
    again = sum((one * torch.from_numpy(w)).sum() for one, w in zip(found, weights(found, 2), strict=True))
    try:
        return value, gradient, list(torch.autograd.grad(again, leaves, allow_unused=True))
    except (RuntimeError, NotImplementedError):  # PyTorch has no second derivative of this
        return value, gradient, []


def _our_side(
    net: Any, words: Any, leaves: Sequence[Tensor], theirs: Sequence[Any], with_second: bool
) -> tuple[Any, list[Any], list[Any]]:
    value = net(*words[0], **words[1])
    outputs = [one for one in flat(value) if isinstance(one, Tensor) and one.requires_grad]
    if not theirs or not outputs:
        return value, [None] * len(theirs), [None] * len(theirs)
    total = sum((one * Tensor(w)).sum() for one, w in zip(outputs, weights(outputs, 1), strict=True))
    gradient = list(pullback(total, 1.0, leaves, create_graph=with_second))
    if not with_second:
        return value, gradient, []
    recorded = [one for one in theirs if one is not None and one.requires_grad]
    pairs = [mine for mine, one in zip(gradient, theirs, strict=True) if one is not None and one.requires_grad]
    kept = zip(pairs, weights(recorded, 2), strict=True)
    parts = [(one * Tensor(w)).sum() for one, w in kept if one is not None and one.requires_grad]
    return value, gradient, list(pullback(sum(parts), 1.0, leaves)) if parts else [None] * len(leaves)


def _wrong_trials(torch: Any, info: Any, kind: Any) -> Iterator[Verdict]:
    if info.module_error_inputs_func is None:
        return
    torch.manual_seed(1)
    for wrong in info.module_error_inputs_func(
        info, device="cpu", dtype=torch.float64, requires_grad=False, training=True
    ):
        made, given = wrong.module_error_input.constructor_input, wrong.module_error_input.forward_input
        try:
            net = kind(*converted(torch, made.args), **converted(torch, made.kwargs))
            if given is not None:
                net(*converted(torch, given.args), **converted(torch, given.kwargs))
        except Exception as error:
            is_right = isinstance(error, wrong.error_type)
            told = "" if is_right else f"{wrong.error_type.__name__}, not {type(error).__name__}: {error}"
            yield Verdict("agree" if is_right else "differ", told)
        else:
            yield Verdict("differ", f"{wrong.error_type.__name__} ({wrong.error_regex}), but nothing was raised")
