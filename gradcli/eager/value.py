"""`Value`: a float that records the operations it goes through, and can push a derivative back through them.

One node is one operation, as the registry knows it.  A node keeps its operands and nothing else, no closure and no
reference to itself, so that a graph is freed when its root is.  One or two operands stand in the node itself and not in
a tuple beside it, because what the garbage collector has to visit is most of the cost of a large graph.

`Value.backward` is one loop over a topological order; every partial derivative comes from the rules of the registry.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from importlib import import_module
from typing import Any, Final

from gradcli.eager.recording import recording_of
from gradcli.execute.float_rules import FloatFunction, float_rule
from gradcli.graph import differentiate
from gradcli.primitives import REGISTRY, Operand, Primitive

__all__ = ["Scalar", "Value", "operation_order", "weighted_sum"]


class Value(Operand):
    """A number in a recorded computation; a drop-in for micrograd's ``Value``.

    Args:
        data: the number.
        _children: the operands of an operation that a caller computed by itself; it may set ``_backward``, a function
            of no arguments that adds to the gradients of the operands.
        _op: the name of that operation.

    Attributes:
        data: the number.
        grad: the derivative of the last root of `backward` toward this number; 0 before.  A float, or a `Value` after
            ``backward(create_graph=True)``.
        label: a name for drawings.

    >>> a, b = Value(2.0), Value(-3.0)
    >>> c = a * b + a.tanh() ** 2
    >>> c.backward()
    >>> a.grad, b
    (-2.863781312572887, Value(data=-3.0, grad=2.0))
    """

    __slots__ = ("_backward", "_first", "_label", "_second", "data", "grad", "primitive")
    __array_ufunc__ = None  # numpy.float64(2) * Value(3) is a Value
    operand_rank = 1

    data: float
    grad: Any
    primitive: Primitive | str | None
    # The operands: none (None, None), one (x, None), two (x, y), or more (None, (x, y, z, ...)).
    _first: Value | None
    _second: Any
    _label: str
    _backward: Callable[[], None]

    def __init__(self, data: Any, _children: Iterable[Value] = (), _op: str = "") -> None:
        self.data = float(data)
        self.grad = 0.0
        operands = tuple(_children)
        self.primitive = _op if _op or operands else None
        _set_operands(self, operands)

    @property
    def _prev(self) -> tuple[Value, ...]:
        """The operands, in their order."""
        first, second = self._first, self._second
        if first is None:
            return second or ()
        return (first,) if second is None else (first, second)

    @property
    def label(self) -> str:
        """The name that drawings show; empty by default."""
        try:
            return self._label
        except AttributeError:
            return ""

    @label.setter
    def label(self, text: str) -> None:
        self._label = text

    @property
    def _op(self) -> str:
        """The operation that made this value: an operator, the name of a function, or nothing for a leaf."""
        primitive = self.primitive
        if primitive is None or isinstance(primitive, str):
            return primitive or ""
        if primitive.infix is None:
            return primitive.name
        return "**" if primitive.infix.symbol == "^" else primitive.infix.symbol

    def apply(self, primitive: Primitive, operands: tuple[Any, ...]) -> Value:
        """Record the application of a primitive to values and numbers."""
        values = tuple([_lift(operand) for operand in operands])
        node = _new(Value)
        node.data = primitive.value(*[value.data for value in values])
        node.grad = 0.0
        node.primitive = primitive
        _set_operands(node, values)
        return node

    def backward(self, *, create_graph: bool = False) -> None:
        """Set ``grad`` of this value and of everything it was computed from.

        The gradients are set, not added to, so a second call gives the same result.

        Args:
            create_graph: make the gradients of the leaves `Value`s that were recorded in their turn, so that they can
                be part of further computations and be differentiated themselves.

        >>> x = Value(2.0)
        >>> (x**3).backward(create_graph=True)
        >>> (slope := x.grad).backward()
        >>> slope.data, x.grad
        (12.0, 12.0)
        """
        order = operation_order(self)
        for node in order:
            node.grad = _UNREACHED
        self.grad = 1.0
        rules: dict[Primitive, FloatFunction | None] = {}
        for node in reversed(order):
            arriving = node.grad
            if arriving is _UNREACHED:
                node.grad = 0.0
                continue
            primitive = node.primitive
            if primitive is None:
                continue
            if isinstance(primitive, str):
                _run_custom(node)
                continue
            try:
                formula = rules[primitive]
            except KeyError:
                formula = rules[primitive] = _plain_rule(primitive, node)
            first, second = node._first, node._second
            if formula is None or first is None:
                _push_selected(node, primitive, arriving)
                continue
            if second is None:
                if first.__class__ is not _Constant:
                    flow = arriving * formula(first.data, node.data)[0]
                    before = first.grad
                    first.grad = flow if before is _UNREACHED else before + flow
                continue
            toward_first, toward_second = formula(first.data, second.data, node.data)
            if first.__class__ is not _Constant:
                before = first.grad
                first.grad = arriving * toward_first if before is _UNREACHED else before + arriving * toward_first
            if second.__class__ is not _Constant:
                before = second.grad
                second.grad = arriving * toward_second if before is _UNREACHED else before + arriving * toward_second
        if self.data != self.data:
            for node in order:
                node.grad = math.nan
        if create_graph:
            recording = recording_of(order, [])
            gradients = differentiate.gradient(recording.root, recording.captured)
            for leaf, found in zip(recording.numbers, recording.evaluate(gradients, [], records=True), strict=True):
                leaf.grad = found if isinstance(found, Value) else Value(found)

    def __deepcopy__(self, memo: dict[int, Any]) -> Value:
        """A copy of the whole graph, made without recursion.  Plain numbers and hand-written functions are shared."""
        for node in operation_order(self):
            if id(node) in memo:
                continue
            twin = memo[id(node)] = _new(node.__class__)
            twin.data, twin.grad, twin.primitive = node.data, node.grad, node.primitive
            _set_operands(twin, tuple([memo.get(id(operand), operand) for operand in node._prev]))
            for name in ("_label", "_backward"):
                if hasattr(node, name):
                    setattr(twin, name, getattr(node, name))
            if hasattr(node, "__dict__"):  # of a subclass
                twin.__dict__.update(deepcopy(node.__dict__, memo))
        return memo[id(self)]  # type: ignore[no-any-return]

    def __repr__(self) -> str:
        return f"Value(data={self.data}, grad={self.grad})"

    def __bool__(self) -> bool:
        return self.data != 0.0

    def __float__(self) -> float:
        return self.data

    def _repr_svg_(self) -> str | None:
        """The graph as a picture, for notebooks; None where there is no Graphviz.

        The room that draws is looked up by its name, as a plug-in is: numbers are below pictures and import none.
        """
        picture: str | None = import_module("gradcli.draw").svg_of_value(self)
        return picture


class _Constant(Value):
    """A plain number that an operation met; it is never differentiated."""

    __slots__ = ()


#: MiniGrad's name for the same class.
Scalar = Value

#: The gradient of a node that nothing flows to, while `Value.backward` runs.
_UNREACHED: Final[Any] = None

_new: Final = object.__new__


def _lift(operand: Any) -> Value:
    if isinstance(operand, Value):
        return operand
    if isinstance(operand, str):
        raise TypeError("a Value can't be combined with text")
    if isinstance(operand, Operand):
        raise TypeError(f"a Value can't be combined with a {type(operand).__name__}, whose derivatives would be lost")
    return _Constant(operand)


def _set_operands(node: Value, operands: tuple[Value, ...]) -> None:
    if len(operands) > 2:
        node._first, node._second = None, operands
    else:
        node._first, node._second = (*operands, None, None)[:2]


def _plain_rule(primitive: Primitive, node: Value) -> FloatFunction | None:
    """The formula of a rule of one or two operands without edges and without selection, else None."""
    return None if node._first is None or primitive.variadic else float_rule(primitive, len(node._prev)).plain


def _push_selected(node: Value, primitive: Primitive, arriving: float) -> None:
    """Send a gradient to the selected operands of a node by the whole rule, with its edges."""
    operands = node._prev
    data = [operand.data for operand in operands]
    wanted = tuple([operand.__class__ is not _Constant for operand in operands])
    partials, _ = float_rule(primitive, len(data)).at(data, node.data, wanted)
    for operand, partial in zip(operands, partials, strict=True):
        if partial is not None and operand.__class__ is not _Constant:
            before = operand.grad
            operand.grad = arriving * partial if before is _UNREACHED else before + arriving * partial


def _run_custom(node: Value) -> None:
    """Call the backward function of an operation that a user computed by hand, if it has one."""
    for operand in node._prev:
        if operand.grad is _UNREACHED:
            operand.grad = 0.0
    function = getattr(node, "_backward", None)
    if function is not None:
        function()


def operation_order(root: Value) -> list[Value]:
    """Everything that a value was computed from, operands first, without plain numbers.

    The order is the postorder of the operands from left to right, the same in every run.
    """
    order: list[Value] = []
    seen = {root}
    stack = [root]
    while stack:
        node = stack[-1]
        first, second = node._first, node._second
        if first is None:
            operands = second or ()
        else:
            operands = (first,) if second is None else (first, second)
        for operand in operands:
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


def weighted_sum(weights: Sequence[Value], inputs: Sequence[Any], start: Value) -> Value:
    """``start + weights[0]*inputs[0] + weights[1]*inputs[1] + ...``: a node for each product and each sum.

    The nodes are those that the operators would record, in the order in which they would; recording them in one loop
    saves a method call for each.

    Raises:
        ValueError: the numbers of weights and inputs differ.

    >>> weighted_sum([Value(2.0), Value(3.0)], [Value(5.0), 7], Value(1.0)).data
    32.0
    """
    if len(weights) != len(inputs):
        raise ValueError(f"{len(weights)} weights can't be applied to {len(inputs)} inputs")
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


def _operator(primitive: Primitive) -> tuple[Callable[[Value, Any], Any], Callable[[Value, Any], Any]]:
    """The method of a binary operator and its reflection, without the detour through `Operand` and `Value.apply`."""
    kernel = primitive.value

    def method(self: Value, other: Any) -> Any:
        if other.__class__ is not Value:
            if not isinstance(other, Value) and not hasattr(other, "__float__"):
                return NotImplemented
            other = _lift(other)
        node = _new(Value)
        node.data = kernel(self.data, other.data)
        node.grad = 0.0
        node.primitive = primitive
        node._first = self
        node._second = other
        return node

    def reflected(self: Value, other: Any) -> Any:
        if not hasattr(other, "__float__"):
            return NotImplemented
        return method(_lift(other), self)

    return method, reflected


for _special, _name in {"add": "add", "sub": "sub", "mul": "mul", "truediv": "div", "pow": "pow", "mod": "mod"}.items():
    _method, _reflected = _operator(REGISTRY[_name])
    setattr(Value, f"__{_special}__", _method)
    setattr(Value, f"__r{_special}__", _reflected)
