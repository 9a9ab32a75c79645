"""`Value`: a float that records the operations applied to it, so that derivatives can be computed.

Each operation gives one node.  A node refers to its operands and to nothing else, neither to a closure nor to itself,
so that a graph is freed together with its root.  One or two operands are attributes of the node, not a tuple, because
most of the cost of a large graph is the number of objects that Python's garbage collector has to visit.

`Value.backward` is one loop over a topological order; all partial derivatives come from the rules of the registry.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from importlib import import_module
from typing import Any, Final

from gradcli.eager.record import ARGUMENTS, derivative_lost, number_as_array
from gradcli.eager.recording import recording_of, smooth_gradients
from gradcli.errors import CallError, UsageError
from gradcli.execute.float_rules import FloatFunction, float_rule
from gradcli.graph import differentiate
from gradcli.primitives import REGISTRY, Operand, Primitive
from gradcli.primitives.operators import install_binary

__all__ = ["Scalar", "Value", "operation_order", "weighted_sum"]


class Value(Operand):
    """A number in a recorded computation, which can replace micrograd's ``Value``.

    Args:
        data: the number.
        _children: the operands, if the caller has computed an operation without the registry.  The caller may then set
            ``_backward``, a function without arguments that adds to the gradients of the operands.
        _op: the name of that operation.
        label: a name for drawings.

    Attributes:
        data: the number.
        grad: after ``root.backward()``, the derivative of ``root`` with respect to this number; 0 before.  It is a
            float, or a `Value` after ``root.backward(create_graph=True)``.
        label: a name for drawings.

    MiniGrad's names for the parts of a node are properties.  A value may have attributes of the user's own.  What is
    computed from a value of a subclass is of the subclass, too.

    >>> a, b = Value(2.0), Value(-3.0)
    >>> c = a * b + a.tanh() ** 2
    >>> c.backward()
    >>> a.grad, b
    (-2.863781312572887, Value(data=-3.0, grad=2.0))
    >>> square = Value(3.0) ** 2
    >>> square.seen = True
    >>> square.parents, square.parent_op
    ([Value(data=3.0, grad=0.0), Value(data=2.0, grad=0.0)], '^2')
    """

    # The dict, which holds the label and attributes of the user's own, is made when the first of them is set.
    __slots__ = ("__dict__", "_first", "_second", "data", "grad", "primitive")
    operand_rank = 1

    data: float
    grad: Any
    primitive: Primitive | str | None
    # No operands are stored as (None, None), one as (x, None), two as (x, y), more as (None, (x, y, z, ...)).
    _first: Value | None
    _second: Any
    label: str = ""
    # A function of the user's own, or the derivatives with respect to the operands.
    _own_backward: Callable[[], None] | dict[Value, float] | None = None

    def __init__(self, data: Any, _children: Iterable[Value] = (), _op: str = "", label: str = "") -> None:
        self.data = float(data)
        self.grad = 0.0
        operands = tuple(_children)
        self.primitive = _op if _op or operands else None
        if label:
            self.label = label
        _set_operands(self, operands)

    def __init_subclass__(cls, is_constant: bool = False, **options: Any) -> None:
        super().__init_subclass__(**options)
        if not is_constant:
            install_binary(cls, functools.partial(_operator, kind=cls))

    @property
    def _prev(self) -> tuple[Value, ...]:
        """The operands in order."""
        first, second = self._first, self._second
        if first is None:
            return second or ()
        return (first,) if second is None else (first, second)

    @property
    def _backward(self) -> Callable[[], None]:
        """The function that adds this value's share of the gradient to the gradients of its operands, as in micrograd.

        A function of one's own in its place is called by `backward` instead of the rule of the operation.

        >>> x = Value(3.0)
        >>> square = x * x
        >>> square.grad = 1.0
        >>> square._backward()
        >>> x.grad
        6.0
        """
        found = self._own_backward
        return functools.partial(_add_to_operands, self) if found is None or isinstance(found, dict) else found

    @_backward.setter
    def _backward(self, function: Callable[[], None]) -> None:
        self._own_backward = function
        if self.primitive is not None and not isinstance(self.primitive, str):
            self.primitive = self._op

    @property
    def _op(self) -> str:
        """The operation that made this value: an operator or the name of a function; empty for a leaf."""
        primitive = self.primitive
        if primitive is None or isinstance(primitive, str):
            return primitive or ""
        if primitive.infix is None:
            return primitive.name
        return "**" if primitive.infix.symbol == "^" else primitive.infix.symbol

    # MiniGrad's names

    @property
    def value(self) -> float:
        """The number; ``data`` under MiniGrad's name."""
        return self.data

    @value.setter
    def value(self, number: Any) -> None:
        self.data = float(number)

    @property
    def parents(self) -> list[Value]:
        """The operands in order; plain numbers are values, too."""
        return list(self._prev)

    @property
    def parent_op(self) -> str | None:
        """The operation that made this value, such as ``"+"``, ``"^3"`` or ``"relu"``; None for a leaf."""
        if self._op == "**" and self._second.__class__ is _Constant:
            return f"^{self._second.data:.16g}"
        return self._op or None

    @property
    def grad_wrt(self) -> dict[Value, float]:
        """The derivative of this value with respect to each of its operands.

        An operand that occurs twice, as in ``a + a``, has the sum of both derivatives.  An operation of the user's own
        has an empty dict, which the caller may fill in place of setting ``_backward``.

        >>> a, b = Value(2.0), Value(3.0)
        >>> (a * b).grad_wrt[a], (a + a).grad_wrt[a]
        (3.0, 2.0)
        """
        primitive, operands = self.primitive, self._prev
        if primitive is None or isinstance(primitive, str):
            known = self._own_backward
            if primitive is not None and known is None:
                known = self._own_backward = {}
            return known if isinstance(known, dict) else {}
        partials, _ = float_rule(primitive, len(operands)).at(
            [operand.data for operand in operands], self.data, (True,) * len(operands)
        )
        found = dict.fromkeys(operands, 0.0)
        for operand, partial in zip(operands, partials, strict=True):
            found[operand] += partial or 0.0
        return found

    #: The same under the names of the other minigrad.
    parent_nodes, previous_op = parents, parent_op

    def apply(self, primitive: Primitive, operands: tuple[Any, ...]) -> Value:
        """Apply a primitive to values and numbers, and record it."""
        values = tuple([_lift(operand) for operand in operands])
        kind = self.__class__
        if kind is Value and len(values) > 1:  # the others may be of a subclass
            kind = next((one.__class__ for one in values if one.__class__ not in _OWN), Value)
        node = _new(kind)
        node.data = primitive.value(*[value.data for value in values])
        node.grad = 0.0
        node.primitive = primitive
        _set_operands(node, values)
        return node

    def conjugate(self) -> Value:
        """Return this value: it is real. NumPy's ``var`` of values asks for it, as it does of floats."""
        return self

    def apply_array(self, *_: Any) -> Any:
        """Refuse a function of arrays; in a function that is being differentiated, tensors take the place of values."""
        raise number_as_array()

    def __array_function__(self, function: Any, types: Any, arguments: Any, options: Any) -> Any:
        """Apply a function of NumPy to values.

        NumPy puts values into arrays of objects, unless tensors can take their place (see `gradcli.eager.transforms`).
        """
        try:
            return super().__array_function__(function, types, arguments, options)
        except CallError as error:
            if ARGUMENTS or error.kind != "number_as_array":
                raise
        return function._implementation(*arguments, **options)

    def detach(self) -> Value:
        """Return a value with the same number that is a constant for derivatives."""
        return Value(self.data)

    def backward(self, *, create_graph: bool = False) -> None:
        """Set ``grad`` of this value and of all values from which it was computed.

        The gradients are set, not added to, so a second call gives the same result.
        If a gradient is nan, though this value is a number, a ``RuntimeWarning`` names the operation.

        Args:
            create_graph: whether to record the computation of the leaves' gradients, which then are `Value`s that can
                be differentiated themselves.

        >>> x = Value(2.0)
        >>> (x**3).backward(create_graph=True)
        >>> (slope := x.grad).backward()
        >>> slope.data, x.grad
        (12.0, 12.0)
        """
        # Each call has a number of its own as the gradient of what no cotangent has reached: a set of the nodes that
        # have been seen would take a tenth of the time.
        unreached = float("nan")
        order = _marked_order(self, unreached)
        self.grad = 1.0
        rules: dict[Primitive, FloatFunction | None] = {}
        for node in reversed(order):
            cotangent = node.grad
            if cotangent is unreached:
                node.grad = 0.0
                continue
            primitive = node.primitive
            if primitive is None:
                continue
            if isinstance(primitive, str):
                _run_custom(node, unreached)
                continue
            try:
                formula = rules[primitive]
            except KeyError:
                formula = rules[primitive] = _plain_rule(primitive, node)
            first, second = node._first, node._second
            if formula is None or first is None:
                _add_to_selected(node, primitive, cotangent, unreached)
                continue
            if second is None:
                if first.__class__ is not _Constant:
                    term = cotangent * formula(first.data, node.data)[0]
                    before = first.grad
                    first.grad = term if before is unreached else before + term
                continue
            partial, other = formula(first.data, second.data, node.data)
            if first.__class__ is not _Constant:
                before = first.grad
                first.grad = cotangent * partial if before is unreached else before + cotangent * partial
            if second.__class__ is not _Constant:
                before = second.grad
                second.grad = cotangent * other if before is unreached else before + cotangent * other
        if self.data != self.data:
            for node in order:
                node.grad = math.nan
        elif (total := sum([node.grad for node in order])) != total:  # nan, or the sum of both infinities
            _mend(order)
        if create_graph:
            recording = recording_of(order, [])
            gradients = differentiate.gradient(recording.root, list(recording.captured))
            found = recording.evaluate(gradients, [], records=True)
            for leaf, slope in zip(recording.captured.values(), found, strict=True):
                leaf.grad = slope if isinstance(slope, Value) else Value(slope)

    def __deepcopy__(self, memo: dict[int, Any]) -> Value:
        """Copy the whole graph, without recursion.  Plain numbers and the functions ``_backward`` are shared.

        A value in a function that is being differentiated isn't copied, because the copy would have no derivative.
        """
        if ARGUMENTS and _is_traced(self):
            return self
        for node in operation_order(self):
            if id(node) in memo:
                continue
            twin = memo[id(node)] = _new(node.__class__)
            twin.data, twin.grad, twin.primitive = node.data, node.grad, node.primitive
            for operand in node._prev:
                memo.setdefault(id(operand), operand)  # a plain number
            _set_operands(twin, tuple([memo[id(operand)] for operand in node._prev]))
            if attributes := vars(node):
                vars(twin).update(deepcopy(attributes, memo))
        return memo[id(self)]  # type: ignore[no-any-return]

    def __reduce_ex__(self, protocol: Any) -> Any:
        if ARGUMENTS and _is_traced(self):
            raise derivative_lost("a copy", "use the value itself, or call detach() for a constant")
        return super().__reduce_ex__(protocol)

    def __eq__(self, other: object) -> bool:
        """Whether both are the same object. While a function is being differentiated: whether their numbers are equal.

        So ``==`` may decide a branch, as the other comparisons do.
        """
        if not ARGUMENTS:
            return self is other
        number = other.data if isinstance(other, Value) else other
        return self.data == number if isinstance(number, (int, float)) else NotImplemented

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return f"Value(data={self.data}, grad={self.grad})"

    def __bool__(self) -> bool:
        return self.data != 0.0

    def __float__(self) -> float:
        if ARGUMENTS and _is_traced(self):
            raise derivative_lost(
                "float()",
                "instead of the functions of math use those of gradcli.functions or NumPy, for example "
                "gradcli.functions.sin or numpy.sin, or call detach() for a constant",
            )
        return self.data

    def __int__(self) -> int:
        if ARGUMENTS and _is_traced(self):
            raise derivative_lost("int()", "use gradcli.functions.floor or ceil, or call detach() for a constant")
        return int(self.data)

    def _repr_svg_(self) -> str | None:
        """Return a drawing of the graph for notebooks.

        The package `gradcli.draw` is looked up by its name, like a plug-in, because it imports this one.
        """
        picture: str | None = import_module("gradcli.draw").svg_of_value(self)
        return picture


class _Constant(Value, is_constant=True):
    """A plain number among the operands of an operation; it gets no gradient."""

    __slots__ = ()


_OWN: Final = frozenset({Value, _Constant})


#: MiniGrad's name for the same class.
Scalar = Value

_new: Final = object.__new__


def _lift(operand: Any) -> Value:
    if isinstance(operand, Value):
        return operand
    if not isinstance(operand, (float, int)):
        if isinstance(operand, str):
            raise CallError("a Value can't be combined with text")
        if isinstance(operand, (Operand, list, tuple)) or getattr(operand, "shape", None):
            raise number_as_array(operand)
    return _Constant(operand)


def _is_number(operand: Any) -> bool:
    """Whether an operand can become a Value. An array can't: its class handles the operator itself."""
    return hasattr(operand, "__float__") and not getattr(operand, "shape", ())


def _is_traced(value: Value) -> bool:
    """Whether a value was computed from an argument with respect to which a function is being differentiated."""
    return not ARGUMENTS.isdisjoint(operation_order(value))


def _set_operands(node: Value, operands: tuple[Value, ...]) -> None:
    if len(operands) > 2:
        node._first, node._second = None, operands
    else:
        node._first, node._second = (*operands, None, None)[:2]


def _plain_rule(primitive: Primitive, node: Value) -> FloatFunction | None:
    """Return the formula of a rule of one or two operands, if the rule has no edges and selects no operands.

    Return None otherwise.
    """
    return None if node._first is None or primitive.variadic else float_rule(primitive, len(node._prev)).plain


def _add_to_selected(node: Value, primitive: Primitive, cotangent: float, unreached: float | None = None) -> None:
    """Add cotangent * partial to the gradient of each selected operand of a node.

    This is right at edges, too.
    """
    operands = node._prev
    data = [operand.data for operand in operands]
    wanted = tuple([operand.__class__ is not _Constant for operand in operands])
    partials, _ = float_rule(primitive, len(data)).at(data, node.data, wanted)
    for operand, partial in zip(operands, partials, strict=True):
        if partial is not None and operand.__class__ is not _Constant:
            before = operand.grad
            operand.grad = cotangent * partial if before is unreached else before + cotangent * partial


def _mend(order: Sequence[Value]) -> None:
    """Replace gradients that are nan after a sweep by derivatives of the whole graph; warn if these are nan, too."""
    from gradcli.eager.undefined import warn_undefined

    try:
        for node, slope in smooth_gradients(order).items():
            node.grad = slope
    except TypeError:  # an operation of the user's own
        pass
    if any(node.grad != node.grad for node in order if node.primitive is None):
        operations = ((node.primitive, [one.data for one in node._prev], node.data) for node in reversed(order))
        warn_undefined(order[-1].data, operations)


def _add_to_operands(node: Value) -> None:
    """Add the gradient of a node times its partials to the gradients of its operands, and to those of no others."""
    known = node._own_backward
    if isinstance(known, dict):
        for operand, partial in known.items():
            operand.grad += node.grad * partial
    elif node.primitive is not None and not isinstance(node.primitive, str):
        _add_to_selected(node, node.primitive, node.grad)


def _run_custom(node: Value, unreached: float) -> None:
    """Call the function ``_backward`` of an operation that was computed without the registry, if it has one."""
    for operand in node._prev:
        if operand.grad is unreached:
            operand.grad = 0.0
    node._backward()


def operation_order(root: Value) -> list[Value]:
    """Return a value and all values from which it was computed, operands first; plain numbers are left out.

    The order is the postorder of the operands from left to right, the same in every run.
    """
    order: list[Value] = []
    seen = {root}
    stack = [root]
    while stack:
        for operand in stack[-1]._prev:
            if operand not in seen:
                seen.add(operand)
                if operand.primitive is not None:
                    stack.append(operand)
                    break
                if operand.__class__ is not _Constant:
                    order.append(operand)
        else:
            order.append(stack.pop())
    return order


def _marked_order(root: Value, mark: float) -> list[Value]:
    """Return the same as `operation_order`, and set the gradients of all these values to one object, the mark.

    A value whose gradient is the mark has been seen.  Each backward pass takes this way, so the property ``_prev`` is
    written out.
    """
    order: list[Value] = []
    root.grad = mark
    stack = [root]
    while stack:
        node = stack[-1]
        first, second = node._first, node._second
        if first is None:
            operands = second or ()
        else:
            operands = (first,) if second is None else (first, second)
        for operand in operands:
            if operand.grad is not mark:
                if operand.primitive is not None:
                    operand.grad = mark
                    stack.append(operand)
                    break
                if operand.__class__ is not _Constant:
                    operand.grad = mark
                    order.append(operand)
        else:
            order.append(stack.pop())
    return order


def weighted_sum(weights: Sequence[Value], inputs: Sequence[Any], start: Value) -> Value:
    """Return ``start + weights[0]*inputs[0] + weights[1]*inputs[1] + ...``.

    The recorded nodes and their order are the same as with the operators; one loop saves a method call for each node.

    Raises:
        UsageError: there are more weights than inputs, or fewer.

    >>> weighted_sum([Value(2.0), Value(3.0)], [Value(5.0), 7], Value(1.0)).data
    32.0
    """
    if len(weights) != len(inputs):
        raise UsageError(f"{len(weights)} weights can't be applied to {len(inputs)} inputs")
    product_primitive, sum_primitive = REGISTRY["mul"], REGISTRY["add"]
    times, plus = product_primitive.value, sum_primitive.value
    total = start
    for weight, operand in zip(weights, inputs, strict=True):
        if not isinstance(operand, Value):
            operand = _lift(operand)
        product = _new(Value)
        product.data = times(weight.data, operand.data)
        product.grad = 0.0
        product.primitive = product_primitive
        product._first = weight
        product._second = operand
        node = _new(Value)
        node.data = plus(total.data, product.data)
        node.grad = 0.0
        node.primitive = sum_primitive
        node._first = total
        node._second = product
        total = node
    return total


def _operator(
    primitive: Primitive, kind: type[Value] = Value
) -> tuple[Callable[[Value, Any], Any], Callable[[Value, Any], Any]]:
    """Return the methods of a binary operator, such as ``__add__`` and ``__radd__``, for a class.

    The methods of `Operand` do the same by a call of `Value.apply`; these methods are faster.
    """
    kernel = primitive.value

    def method(self: Value, other: Any) -> Any:
        if other.__class__ is not kind:
            if not isinstance(other, (float, int, Value)) and not _is_number(other):
                return NotImplemented
            other = _lift(other)
        node = _new(kind)
        node.data = kernel(self.data, other.data)
        node.grad = 0.0
        node.primitive = primitive
        node._first = self
        node._second = other
        return node

    def reflected(self: Value, other: Any) -> Any:
        if not isinstance(other, (float, int)) and not _is_number(other):
            return NotImplemented
        return method(_lift(other), self)

    return method, reflected


install_binary(Value, _operator)
