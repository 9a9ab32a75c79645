"""The sweeps over recorded tensors: cotangents back to the leaves, tangents forward to the result.

The reverse sweep runs on plain arrays, or on tensors that record it for the derivatives of derivatives; the forward
sweep always records.  Both ask the registry: pointwise operations by what their rules make of one flow
(`gradcli.execute.array_rules`), operations on arrays by their own ``vjp`` and ``jvp``.

Nothing flows through a branch that is not taken, even if its slope is infinite.  A product of such a slope with the 0
that arrives would be a nan; so where a sweep over arrays ends in a nan, it is repeated with the elements marked that a
derivative reaches.  What is recorded is marked at once: a finite slope, too, may have an infinite one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from operator import attrgetter
from typing import Any, Final, TypeVar

from gradcli.eager.record import Recorded
from gradcli.execute.array_rules import contributions, reached_by
from gradcli.primitives import ArrayPrimitive
from gradcli.primitives import functions as f
from gradcli.primitives.backends import Backend, backend_of

__all__ = ["ancestors", "forward_sweep", "operations", "reverse_sweep"]

#: `Tensor`, which knows these functions and which they need not know.
Array = TypeVar("Array", bound=Recorded)

_in_time: Final = attrgetter("_order")
#: In place of the rule of an operand that is never differentiated.
_BLOCKED: Final = object()
# (backend, whether it records, whether it is fast) -> primitive -> its rules for as many operands as it had last.
_known_rules: Final[dict[Any, dict[Any, list[Any]]]] = {}


def operations(root: Array) -> list[Array]:
    """Every result of an operation that a derivative flows through on its way from a tensor, the last one first.

    Raises:
        RuntimeError: an operand was not there before its operation: someone has built a cycle.
    """
    if root._made_by is None:
        return []
    found = {root._order}
    result = [root]
    for node in result:
        for operand in node._made_by[1]:  # type: ignore[index]
            if operand is None or (place := operand._order) <= 0:
                continue
            if place not in found:
                found.add(place)
                result.append(operand)
            elif place >= node._order:
                raise RuntimeError("the graph has a cycle: an operation is among its own operands")
    result.sort(key=_in_time, reverse=True)
    return result


def ancestors(root: Array) -> list[Array]:
    """Every tensor that a derivative flows to or through on its way from a tensor, which is the first one."""
    found = {root: None}
    for node in operations(root):
        found.setdefault(node)
        assert node._made_by is not None
        found.update(dict.fromkeys(operand for operand in node._made_by[1] if operand is not None and operand._order))
    return list(found)


def reverse_sweep(
    root: Array, gradient: Any, targets: Set[Array] | None, kept: Set[Array], *, records: bool, fast: bool
) -> dict[Array, Any]:
    """What arrives at the targets: an array for each that is reached, or a tensor if the sweep ``records``.

    Args:
        root: the result of recorded operations.
        gradient: what multiplies the derivative: an array, or a tensor if the sweep records.
        targets: what is asked for, leaves or not; None for all leaves.
        kept: results of operations that are asked for, too.
        records: whether the sweep computes with tensors.
        fast: take the forms of rules that are right to 1e-15 absolute and save a transcendental function.
    """
    backend = backend_of(root._array)
    order = operations(root)
    kept = kept if targets is None else targets
    marks = _reached(root, order, backend) if records else None
    found = _pullback(root, order, gradient, kept, backend, marks, records=records, fast=fast)
    if not records and backend.has_nan(found.values()):
        marks = _reached(root, order, backend)
        found = _pullback(root, order, gradient, kept, backend, marks, records=False, fast=fast)
    return found if targets is None else {tensor: flow for tensor, flow in found.items() if tensor in targets}


def _rules(primitive: Any, count: int, backend: Backend, records: bool, fast: bool) -> list[Any]:
    """For each operand of a pointwise operation what a cotangent goes through; None if it stays as it is."""
    return [
        _BLOCKED if rule is None
        else None if rule.is_identity
        else rule.recorded if records
        else rule.on(backend)
        for rule in contributions(primitive, count, fast)
    ]  # fmt: skip


def _pullback(
    root: Array,
    order: Sequence[Array],
    gradient: Any,
    kept: Set[Array],
    backend: Backend,
    marks: Mapping[Array, Any] | None,
    *,
    records: bool,
    fast: bool,
) -> dict[Array, Any]:
    """One reverse sweep: what arrives at the leaves, and at those results of operations that are kept.

    A cotangent may have a smaller shape that broadcasts to its tensor's; it is spread where its whole array is needed.
    Those of leaves stand in a table of this sweep, so that threads may share a leaf.
    """
    known = _known_rules.setdefault((backend.name, records, fast), {})
    leaves: dict[Array, Any] = {} if order else {root: gradient}
    result: dict[Array, Any] = {}
    root._cotangent = gradient
    rules: Any
    is_plain = not (records or kept or marks)
    mark = None
    for node in order:
        flow = node._cotangent
        if flow is None:
            continue
        node._cotangent = None
        primitive: Any
        primitive, tensors, operands, options = record = node._made_by  # type: ignore[misc]
        output = array = node._array
        if not is_plain:
            mark = None if marks is None else marks[node]
            if mark is not None:
                flow = f.where(mark, flow, 0.0)
            if node in kept:
                result[node] = _settled(node, flow)
            if records:
                operands, output = still_recorded(record), node
        if options is None:
            rules = known.get(primitive)
            if rules is None or len(rules) != len(tensors):
                rules = known[primitive] = _rules(primitive, len(tensors), backend, records, fast)
            shape = None if len(tensors) == 1 else array.shape
        else:
            rules = primitive.rules(len(tensors))
            if flow.shape != array.shape:
                flow = f.expand(flow, array.shape)
        for operand, rule in zip(tensors, rules):  # noqa: B905  (as long as each other, and this loop is hot)
            if operand is None or rule is _BLOCKED or not (place := operand._order):
                continue
            if options is not None:
                sent = rule(flow, output, *operands, **options)
            else:
                sent = flow if rule is None else rule(flow, operands, output)
                if mark is not None:
                    sent = f.where(mark, sent, 0.0)
                if shape is not None and operand._array.shape != shape:
                    sent = f.sum_to(spread(sent, shape), operand._array.shape)
            if place < 0:  # a leaf
                before = leaves.get(operand)
                leaves[operand] = sent if before is None else before + sent
            else:
                before = operand._cotangent
                operand._cotangent = sent if before is None else before + sent
    for leaf, flow in leaves.items():
        result[leaf] = _settled(leaf, flow)
    return result


def _settled(node: Array, flow: Any) -> Any:
    """A cotangent that has arrived, in the shape and type of its tensor."""
    array = node._array
    if flow.shape != array.shape:
        flow = f.expand(flow, array.shape)
    if flow.dtype is not array.dtype and flow.dtype != array.dtype:
        flow = f.cast(flow, array.dtype)
    return flow


def _reached(root: Array, order: Sequence[Array], backend: Backend) -> dict[Array, Any]:
    """Which elements of each result a derivative reaches: None for all of them, else 0s and 1s in its shape.

    An element is reached by the operations that use it where they are reached and select it.
    """
    result: dict[Array, Any] = {root: None}
    for node in order:
        if node not in result:
            result[node] = None
            continue
        primitive, tensors, arrays, options = node._made_by  # type: ignore[misc]
        here, shape = result[node], node.shape
        for position, operand in enumerate(tensors):
            if operand is None or operand._made_by is None:
                continue
            there = here
            if isinstance(primitive, ArrayPrimitive):
                there = reached_by(primitive, position, here, node._array, arrays, options or {}, backend)
            else:
                rule = contributions(primitive, len(tensors))[position]
                if rule is None:
                    continue
                if rule.condition is not None:
                    selected = rule.condition.on(backend)(0.0, arrays, node._array)
                    there = selected if here is None else f.logical_and(here, selected)
                if there is not None and operand.shape != shape:
                    there = f.not_equal(f.sum_to(spread(there, shape), operand.shape), 0.0)
            if operand not in result:
                result[operand] = there
            elif there is None or result[operand] is None:
                result[operand] = None
            else:
                result[operand] = f.logical_or(result[operand], there)
    return result


def forward_sweep(root: Array, tangents: Mapping[Array, Any]) -> Any:
    """The tangent of a tensor from those of the tensors that move, each in its shape; None if nothing reaches it."""
    moving = dict(tangents)
    for node in reversed(operations(root)):
        if node in moving:
            continue
        primitive, tensors, _, options = record = node._made_by  # type: ignore[misc]
        flows = tuple([None if operand is None else moving.get(operand) for operand in tensors])
        if all(flow is None for flow in flows):
            continue
        operands = still_recorded(record)
        total = None
        if isinstance(primitive, ArrayPrimitive):
            total = primitive.jvp(flows, node, *operands, **(options or {}))
        else:
            for rule, flow in zip(contributions(primitive, len(flows)), flows, strict=True):
                if rule is not None and flow is not None:
                    term = rule.recorded(flow, operands, node)
                    total = term if total is None else total + term
        if total is not None:
            moving[node] = spread(total, node.shape)
    return moving.get(root)


def spread(flow: Any, shape: tuple[int, ...]) -> Any:
    """A flow in the whole of a shape to which it broadcasts."""
    return flow if flow.shape == shape else f.expand(flow, shape)


def still_recorded(record: Any) -> tuple[Any, ...]:
    """The operands of an operation, tensors where they are tensors, if these still have the arrays that it met.

    Raises:
        RuntimeError: the array of one has been replaced.
    """
    result: list[Any] = []
    for operand, array in zip(record[1], record[2], strict=True):
        if operand is not None and operand._array is not array:
            raise RuntimeError(
                f"the array of an operand of <{record[0].name}> was replaced after it was used, "
                f"and the derivative of a derivative needs it"
            )
        result.append(array if operand is None else operand)
    return tuple(result)
