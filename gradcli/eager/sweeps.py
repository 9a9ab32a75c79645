"""The sweeps over recorded tensors. Cotangents are passed back to the leaves, tangents forward to the result.

The reverse sweep runs on plain arrays, or on tensors that record it for derivatives of derivatives; the forward sweep
always records.  The rules come from the registry: for pointwise operations by `gradcli.execute.array_rules`, for
operations on arrays by their own ``vjp`` and ``jvp``.

A branch that isn't taken gets no derivative, even if its slope is infinite.  The product of an infinite slope and a
cotangent of 0 would be nan, so if the result of a sweep over arrays contains nan, the sweep is repeated with masks: a
mask says on which elements of an operation the result depends.  A recorded sweep uses masks from the beginning: even if
all first derivatives are finite, second derivatives may be infinite.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from operator import attrgetter
from typing import Any, Final, TypeVar

from gradcli.eager.hooks import on_the_way, with_hooks
from gradcli.eager.record import Recorded
from gradcli.eager.smoothing import smooth
from gradcli.eager.storage import check_unchanged
from gradcli.eager.undefined import warn_undefined
from gradcli.execute.array_rules import contributions, reached_by
from gradcli.primitives import ArrayPrimitive
from gradcli.primitives import functions as f
from gradcli.primitives.backends import Backend, backend_of
from gradcli.records import NamedTuple

__all__ = ["ancestors", "forward_sweep", "operations", "reverse_sweep", "warn_if_undefined"]

#: `Tensor`; its module imports this one.
Array = TypeVar("Array", bound=Recorded)

_in_time: Final = attrgetter("_order")
#: The rule of an operand that is never differentiated.
_BLOCKED: Final = object()
# (backend, records, fast) -> primitive -> its rules for the number of operands that it had last.
_known_rules: Final[dict[Any, dict[Any, list[Any]]]] = {}


def operations(root: Array) -> list[Array]:
    """Return the results of all recorded operations that a tensor depends on, the last one first.

    Raises:
        RuntimeError: an operand is younger than its operation: it was changed in place.
    """
    if root._made_by is None:
        return []
    found = {root._order}
    result = [root]
    for node in result:
        for operand in node._made_by[1]:  # type: ignore[index]
            if operand is None or (place := operand._order) <= 0:
                continue
            if place >= node._order:
                raise RuntimeError(
                    f"the graph has a cycle: an operand of <{node._made_by[0].name}> "  # type: ignore[index]
                    f"was changed in place after it was used"
                )
            if place not in found:
                found.add(place)
                result.append(operand)
    result.sort(key=_in_time, reverse=True)
    return result


def ancestors(root: Array) -> list[Array]:
    """Return a tensor, followed by all tensors that it depends on and that require a gradient."""
    found = {root: None}
    for node in operations(root):
        found.setdefault(node)
        operands: Any = node._made_by[1]  # type: ignore[index]
        found.update(dict.fromkeys(operand for operand in operands if operand is not None and operand._order))
    return list(found)


def reverse_sweep(
    root: Array, cotangent: Any, targets: Set[Array] | None, kept: Set[Array], *, fast: bool
) -> dict[Array, Any]:
    """Return the cotangents of the targets on which the root depends, as arrays or as tensors.

    Args:
        root: the result of recorded operations.
        cotangent: the cotangent of the root: an array, or a tensor if the sweep is to be recorded.
        targets: leaves or results of operations; None means all leaves, and the results in ``kept``.
        kept: results of operations whose gradient is wanted, too.
        fast: whether to use rules that call fewer transcendental functions; their absolute error may be 1e-15.
    """
    backend = backend_of(root._array)
    order = operations(root)
    check_unchanged(order)
    kept = kept if targets is None else targets
    records = isinstance(cotangent, Recorded)
    if hooked := with_hooks(root, order, targets):
        # A hook is called once, so there is one sweep, with masks, over what was recorded.
        masks = _reached(root, order, backend)
        found = _pullback(root, order, cotangent, kept, masks, hooked=hooked, fast=fast)
        return found if targets is None else {tensor: found[tensor] for tensor in targets if tensor in found}
    found = {} if records else _pullback(root, order, cotangent, kept, None, fast=fast)
    if records or backend.has_nan(found.values()):
        found = _careful_pullback(root, order, cotangent, kept, fast=fast)
        if targets is None:
            warn_if_undefined(root, found.values())
    return found if targets is None else {tensor: found[tensor] for tensor in targets if tensor in found}


def _careful_pullback(
    root: Array, order: list[Array], cotangent: Any, kept: Set[Array], *, fast: bool
) -> dict[Array, Any]:
    """Run a reverse sweep with masks, and return its cotangents.

    The cotangents of leaves come from a sweep through the function without kinks that cancel.  A kept result of an
    operation may be missing in that function, so its cotangent comes from a sweep through the function as recorded.
    """
    backend = backend_of(root._array)
    smoothed = smooth(root, order)
    found: dict[Array, Any] = {}
    if smoothed is root or any(tensor._made_by is not None for tensor in kept):
        found = _pullback(root, order, cotangent, kept, _reached(root, order, backend), fast=fast)
    if smoothed is not root:
        order = operations(smoothed)
        again = _pullback(smoothed, order, cotangent, frozenset(), _reached(smoothed, order, backend), fast=fast)
        found.update(again)
    return found


def warn_if_undefined(root: Recorded, derivatives: Iterable[Any]) -> None:
    """Warn if an array or tensor of derivatives has a nan, but the function that they belong to has none."""
    backend = backend_of(root._array)
    arrays = [one._array if isinstance(one, Recorded) else one for one in derivatives]
    if backend.has_nan(arrays) and not backend.has_nan([root._array]):
        warn_undefined(root._array, _steep(operations(root)))


def _steep(order: Iterable[Array]) -> Iterator[tuple[Any, Sequence[float], float]]:
    """Yield each pointwise operation, and its numbers at the first element without a finite slope, if there is one."""
    for node in order:
        primitive, tensors, operands, options = node._made_by  # type: ignore[misc]
        if options is not None or isinstance(primitive, ArrayPrimitive):
            continue
        backend = backend_of(node._array)
        xp = backend.xp
        shared = xp.broadcast_arrays(node._array, *[backend.asarray(one) for one in operands])
        bad = xp.zeros(node.shape, dtype=bool)
        for rule in contributions(primitive, len(tensors)):
            if rule is not None:
                bad = bad | ~xp.isfinite(rule.on(backend)(xp.ones(node.shape), operands, node._array))
        place = int(xp.argmax(bad.reshape(-1))) if bad.size else 0
        if bad.size:
            output, *numbers = [float(one.reshape(-1)[place]) for one in shared]
            yield primitive, numbers, output


def _rules(primitive: Any, count: int, backend: Backend, records: bool, fast: bool) -> list[Any]:
    """Return the vjp of a pointwise operation with respect to each operand; None where the cotangent is unchanged."""
    if primitive.is_locally_constant:
        return [_without_slope] * count
    return [
        _BLOCKED if rule is None
        else None if rule.is_identity
        else rule.recorded if records
        else rule.on(backend)
        for rule in contributions(primitive, count, fast)
    ]  # fmt: skip


def _without_slope(cotangent: Any, _operands: Any, _output: Any) -> Any:
    """The rule of functions such as floor, whose derivative is 0."""
    is_recorded = isinstance(cotangent, Recorded)
    array = cotangent._array if is_recorded else cotangent
    zeros = backend_of(array).xp.zeros(array.shape, dtype=array.dtype)
    return type(cotangent).of_array(zeros) if is_recorded else zeros


def _pullback(
    root: Array,
    order: list[Array],
    cotangent: Any,
    kept: Set[Array],
    masks: dict[Array, Any] | None,
    *,
    hooked: Set[Array] = frozenset(),
    fast: bool,
) -> dict[Array, Any]:
    """Run one reverse sweep, and return the cotangents of the leaves and of the results of operations in ``kept``.

    The cotangents of tensors in ``hooked`` pass through their hooks.
    A cotangent may have a smaller shape that broadcasts to the shape of its tensor.  It is expanded only if necessary.
    Cotangents of leaves are kept in a dictionary and not in the leaves, so that threads may share a leaf.
    """
    backend, records = backend_of(root._array), isinstance(cotangent, Recorded)
    known = _known_rules.setdefault((backend.name, records, fast), {})
    leaves: dict[Array, Any] = {} if order else {root: cotangent}
    result: dict[Array, Any] = {}
    # The cotangents of kept tensors that operations pass by, because they are differentiated together with them.
    passed: dict[Array, Any] = {}
    root._cotangent = cotangent
    rules: Any
    is_plain = not (records or kept or masks)
    mask = None
    for node in order:
        cotangent = node._cotangent
        if cotangent is None:
            continue
        node._cotangent = None
        primitive: Any
        primitive, tensors, operands, options = record = node._made_by  # type: ignore[misc]
        output = array = node._array
        joint = None
        if not is_plain:
            mask = None if masks is None else masks[node]
            if mask is not None:
                cotangent = f.where(mask, cotangent, 0.0)
            if node in hooked:
                cotangent = on_the_way(node, _whole(node, cotangent))
            if node in kept:
                result[node] = _whole(node, cotangent)
            if records:
                operands, output = still_recorded(record), node
            if records or masks:
                joint = None if tensors[0] in hooked else _joint(record, records)
        if joint is not None:
            inner = tensors[0]
            if inner in kept:
                (rule, *_) = _rules(primitive, len(tensors), backend, records, fast)
                term = f.sum_to(expanded(rule(cotangent, operands, output), array.shape), inner.shape)
                passed[inner] = term if inner not in passed else passed[inner] + term
            tensors, operands, options, rules, _ = joint
            cotangent, shape = expanded(cotangent, array.shape), array.shape
        elif options is None:
            rules = known.get(primitive)
            if rules is None or len(rules) != len(tensors):
                rules = known[primitive] = _rules(primitive, len(tensors), backend, records, fast)
            shape = None if len(tensors) == 1 else array.shape
        else:
            rules = primitive.rules(len(tensors))
            cotangent = expanded(cotangent, array.shape)
        for operand, rule in zip(tensors, rules):  # noqa: B905  (their lengths are equal, and this loop is hot)
            if operand is None or rule is _BLOCKED or not (place := operand._order):
                continue
            if options is not None:
                term = rule(cotangent, output, *operands, **options)
            else:
                term = cotangent if rule is None else rule(cotangent, operands, output)
                if mask is not None:
                    term = f.where(mask, term, 0.0)
                if shape is not None and operand._array.shape != shape:
                    term = f.sum_to(expanded(term, shape), operand._array.shape)
            if place < 0:  # a leaf
                before = leaves.get(operand)
                leaves[operand] = term if before is None else before + term
            else:
                before = operand._cotangent
                operand._cotangent = term if before is None else before + term
    for leaf, cotangent in leaves.items():
        whole = _whole(leaf, cotangent)
        result[leaf] = on_the_way(leaf, whole) if leaf in hooked else whole
    for tensor, cotangent in passed.items():
        result[tensor] = _whole(tensor, cotangent if tensor not in result else result[tensor] + cotangent)
    return result


class _Joint(NamedTuple):
    """The rules that differentiate two operations at once: an outer one, and the inner one that made its first operand.

    The inner operation has a kink, and the outer one removes it, as in |x|^2.

    Attributes:
        tensors, operands: the operands of the inner operation, as tensors and in the form that the rules take.
        options: the options of the inner operation; None if it is pointwise.
        rules: the vjp for each operand of the inner operation.
        jvp: the jvp of an inner operation on arrays.
    """

    tensors: tuple[Any, ...]
    operands: tuple[Any, ...]
    options: Any
    rules: list[Any]
    jvp: Any = None


def _joint(record: Any, records: bool) -> _Joint | None:
    """Return the rules that differentiate an operation and its operand at once, without the operand's kink.

    The result is None unless `gradcli.graph.kinks` knows this pair of operations.
    """
    primitive, tensors, arrays, options = record
    inner = tensors[0]
    if options is not None or inner is None or inner._made_by is None:
        return None
    from gradcli.graph.kinks import joined

    made_by, inner_tensors, inner_arrays, inner_options = inner._made_by
    operands = still_recorded(inner._made_by) if records else inner_arrays
    exponent = joined(primitive, _given(tensors, arrays), made_by)
    if exponent is None:
        return None
    power, value = made_by.smooth_power, inner if records else inner._array
    rest = exponent - power.exponent
    factor = exponent * value**rest if rest else exponent
    if inner_options is None:
        partials = [factor * partial for partial in power.partials(*operands, value)]
        rules = [lambda moved, operands, output, partial=partial: moved * partial for partial in partials]
        return _Joint(inner_tensors, operands, None, rules)

    def vjp(cotangent: Any, _output: Any, *operands: Any, **options: Any) -> Any:
        return power.partials(cotangent * factor, value, *operands, **options)

    def jvp(tangents: Any, _output: Any, *operands: Any, **options: Any) -> Any:
        return power.jvp(tangents, value, *operands, **options) * factor

    return _Joint(inner_tensors, operands, inner_options, [vjp], jvp)


def _given(tensors: Sequence[Any], arrays: Sequence[Any]) -> list[Any]:
    """Return the operands of an operation; each is a tensor, or else a plain number or array."""
    return [array if tensor is None else tensor for tensor, array in zip(tensors, arrays, strict=True)]


def _whole(node: Array, cotangent: Any) -> Any:
    """Return the final cotangent of a tensor, in its shape and type."""
    array = node._array
    cotangent = expanded(cotangent, array.shape)
    return cotangent if cotangent.dtype == array.dtype else f.cast(cotangent, array.dtype)


def _reached(root: Array, order: Sequence[Array], backend: Backend) -> dict[Array, Any]:
    """Return a mask for each result: 1 for the elements on which the root depends, else 0; None if all elements are 1.

    The root depends on an element if an operation selects this element, and the root depends on the output there.
    """
    result: dict[Array, Any] = {root: None}
    for node in order:
        if node not in result:
            result[node] = None
            continue
        primitive, tensors, arrays, options = node._made_by  # type: ignore[misc]
        mask, shape = result[node], node.shape
        for position, operand in enumerate(tensors):
            if operand is None or operand._made_by is None:
                continue
            found = mask
            if isinstance(primitive, ArrayPrimitive):
                found = reached_by(primitive, position, mask, node._array, arrays, options or {})
            else:
                rule = contributions(primitive, len(tensors))[position]
                if rule is None and not primitive.is_locally_constant:
                    continue
                if rule is None:
                    found = backend.xp.zeros(shape)
                elif rule.condition is not None:
                    selected = rule.condition.on(backend)(0.0, arrays, node._array)
                    found = selected if mask is None else f.logical_and(mask, selected)
                if found is not None and operand.shape != shape:
                    found = f.not_equal(f.sum_to(expanded(found, shape), operand.shape), 0.0)
            if operand not in result:
                result[operand] = found
            elif found is None or result[operand] is None:
                result[operand] = None
            else:
                result[operand] = f.logical_or(result[operand], found)
    return result


def forward_sweep(root: Array, tangents: Mapping[Array, Any]) -> Any:
    """Return the tangent of a tensor, given the tangents of other tensors; None if it depends on none of these.

    An element with a tangent of 0 contributes exactly 0, even where a slope is infinite or nan.
    """
    moving = {
        tensor: tangent
        for tensor, tangent in tangents.items()
        if tangent.requires_grad or bool((tangent._array != 0.0).any())
    }
    order = operations(root)
    check_unchanged(order)
    root = smooth(root, order)
    found = _pushforward(root, moving, {})
    if found is None or not backend_of(found._array).has_nan([found._array]):
        return found
    masks = {tensor: f.not_equal(one._array, 0.0) for tensor, one in moving.items() if not one.requires_grad}
    return _pushforward(root, moving, masks)


def _pushforward(root: Array, tangents: Mapping[Array, Any], masks: dict[Array, Any]) -> Any:
    """Run one forward sweep.

    Args:
        root: the result of recorded operations.
        tangents: a dictionary from tensors to their tangents.
        masks: for some tensors, 1 for the elements with a tangent, else 0; the masks of results are added.
    """
    known = dict(tangents)
    for node in reversed(operations(root)):
        if node in known:
            continue
        primitive, tensors, _, options = record = node._made_by  # type: ignore[misc]
        joint = _joint(record, True)
        if joint is not None:
            tensors = joint.tensors
        given = tuple([None if operand is None else known.get(operand) for operand in tensors])
        if all(tangent is None for tangent in given):
            continue
        operands = still_recorded(record) if joint is None else joint.operands
        total = None
        if joint is not None and joint.jvp is not None:
            total = joint.jvp(given, node, *operands, **joint.options)
        elif isinstance(primitive, ArrayPrimitive):
            total = primitive.jvp(given, node, *operands, **(options or {}))
        else:
            rules = (
                _rules(primitive, len(given), backend_of(node._array), True, False) if joint is None else joint.rules
            )
            moves = []
            for operand, rule, tangent in zip(tensors, rules, given, strict=True):
                if rule is not _BLOCKED and tangent is not None:
                    term = tangent if rule is None else rule(tangent, operands, node)
                    mask = masks.get(operand)
                    if mask is not None:
                        term = f.where(mask, term, 0.0)
                    moves.append(mask)
                    total = term if total is None else total + term
            if moves and all(mask is not None for mask in moves):
                masks[node] = expanded(functools.reduce(f.logical_or, moves), node.shape)
        if total is not None:
            known[node] = expanded(total, node.shape)
    return known.get(root)


def expanded(array: Any, shape: tuple[int, ...]) -> Any:
    """Return an array or tensor expanded to a shape that it broadcasts to."""
    return array if array.shape == shape else f.expand(array, shape)


def still_recorded(record: Any) -> tuple[Any, ...]:
    """Return the operands of an operation; each is a tensor, a plain number or an array.

    Raises:
        RuntimeError: the array of a tensor was replaced after the operation.
    """
    result: list[Any] = []
    for operand, array in zip(record[1], record[2], strict=True):
        if operand is not None and operand._order and operand._array is not array and _differ(operand._array, array):
            raise RuntimeError(
                f"the derivative of a derivative needs the array of an operand of <{record[0].name}>, "
                f"but this array was replaced after it was used"
            )
        is_constant = operand is None or not operand._order
        result.append(array if is_constant else operand)
    return tuple(result)


def _differ(array: Any, before: Any) -> bool:
    return array.shape != before.shape or bool((array != before).any())
