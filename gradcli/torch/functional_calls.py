"""Calls of modules with other parameters: ``torch.func.functional_call`` and ``stack_module_state``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gradcli.errors import UsageError
from gradcli.nn.modules import Module
from gradcli.primitives import functions as f

__all__ = ["functional_call", "stack_module_state"]


def functional_call(
    module: Module,
    parameter_and_buffer_dicts: Mapping[str, Any] | Sequence[Mapping[str, Any]],
    args: Any = None,
    kwargs: Mapping[str, Any] | None = None,
    *,
    tie_weights: bool = True,
    strict: bool = False,
) -> Any:
    """Return the output of a module with other tensors in place of its parameters and buffers.

    Args:
        module: the module, which is unchanged afterwards.
        parameter_and_buffer_dicts: a dict from names to tensors, or several.
        args: an argument of the call, or a tuple of them.
        kwargs: its options.
        tie_weights: whether a tensor also replaces the same parameter under its other names.
        strict: whether all parameters and buffers must be given.

    Raises:
        UsageError: the module has no such parameter, it isn't an attribute of its module, or one is missing.

    >>> from gradcli import nn, tensor
    >>> layer = nn.Linear(1, 1, bias=False)
    >>> functional_call(layer, {"weight": tensor([[2.0]])}, tensor([3.0]))
    tensor([6.])
    """
    dicts = (
        [parameter_and_buffer_dicts] if isinstance(parameter_and_buffer_dicts, Mapping) else parameter_and_buffer_dicts
    )
    given = {name: tensor for one in dicts for name, tensor in one.items()}
    homes: dict[str, tuple[Module, str]] = {}
    for prefix, owner, parameters in module._walk():
        homes.update({prefix + key: (owner, key) for key, _ in (*parameters, *owner._own_buffers())})
    unknown = [name for name in given if name not in homes]
    missing = [name for name in homes if name not in given] if strict else []
    if unknown or missing:
        wrong = [f"unknown: {', '.join(unknown)}"] * bool(unknown) + [f"missing: {', '.join(missing)}"] * bool(missing)
        raise UsageError(f"the tensors don't fit {type(module).__name__}: {'; '.join(wrong)}")
    places = {name: homes[name] for name in given}
    if tie_weights:
        known = {id(vars(owner).get(key)): given[name] for name, (owner, key) in places.items()}
        for name, (owner, key) in homes.items():
            if name not in given and id(vars(owner).get(key)) in known:
                places[name], given[name] = (owner, key), known[id(vars(owner)[key])]
    for name, (owner, key) in places.items():
        if key not in vars(owner):
            raise UsageError(f"`{name}` is in a list, and can't be replaced; make it an attribute of its module")
    before = {name: vars(owner)[key] for name, (owner, key) in places.items()}
    arguments = args if isinstance(args, tuple) else () if args is None else (args,)
    try:
        for name, (owner, key) in places.items():
            setattr(owner, key, given[name])
        return module(*arguments, **(kwargs or {}))
    finally:
        for name, (owner, key) in places.items():
            setattr(owner, key, before[name])


def stack_module_state(models: Sequence[Module]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the parameters, and the buffers, of several modules of one kind, stacked along a new first axis.

    Raises:
        UsageError: there are no modules, or they have other parameters than each other.
    """
    if not models:
        raise UsageError("there are no modules to stack")
    found = []
    for named in (Module.named_parameters, Module.named_buffers):
        states = [dict(named(model)) for model in models]
        if any(state.keys() != states[0].keys() for state in states):
            raise UsageError("the modules have different parameters or buffers")
        stacked = {name: f.stack([state[name] for state in states]).detach() for name in states[0]}
        if named is Module.named_parameters:
            stacked = {name: one.requires_grad_() for name, one in stacked.items()}
        found.append(stacked)
    return found[0], found[1]
