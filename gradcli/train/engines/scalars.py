"""Arrays whose elements are computed one by one: layers of neurons on nodes, on `Value`s and on floats.

`Scalars` holds the numbers of one row.  A function of the registry applies to it element by element, so a formula that
is written for arrays runs on it unchanged.  On nodes the formula builds a graph of numbers; on `Value`s it records such
a graph. `Columns` computes the same numbers as `Value`s do, in the same order, for many rows at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import repeat
from typing import TYPE_CHECKING, Any

from gradcli.errors import UsageError
from gradcli.primitives import Operand, Primitive

if TYPE_CHECKING:
    from gradcli.primitives.registry import ArrayPrimitive
    from gradcli.train.model.model import Model

__all__ = ["Columns", "Scalars", "weights_of"]


class Scalars(Operand):
    """An array of numbers that are computed one by one.

    Args:
        elements: nodes, `Value`s or floats, row after row.
        shape: (1, ...) for the numbers of one row, or the shape of weights.

    >>> from gradcli.primitives import functions as f
    >>> weight, bias = Scalars([1.0, 2.0, 3.0, 4.0], (2, 2)), Scalars([0.0, 0.5], (2,))
    >>> f.linear(Scalars([10.0, 20.0]), weight, bias).elements
    [50.0, 110.5]
    """

    __slots__ = ("elements", "shape")
    operand_rank = 4  # above nodes, values and tensors

    def __init__(self, elements: Sequence[Any], shape: tuple[int, ...] | None = None) -> None:
        self.elements = list(elements)
        self.shape = (1, len(self.elements)) if shape is None else shape

    def apply(self, primitive: Primitive, operands: tuple[Any, ...]) -> Scalars:
        """Apply a function of numbers to each element.

        Raises:
            TypeError: an operand is an array.
            ValueError: two operands have different numbers of elements.
        """
        if any(hasattr(one, "dtype") for one in operands):
            raise TypeError(f"{primitive.name} was given an array together with numbers that are computed one by one")
        each = [one.elements if isinstance(one, Scalars) else repeat(one, len(self.elements)) for one in operands]
        if any(isinstance(one, list) and len(one) != len(self.elements) for one in each):
            raise ValueError(f"{primitive.name} was given arrays of different sizes")
        return type(self)([self.computed(primitive, numbers) for numbers in zip(*each, strict=False)], self.shape)

    def computed(self, primitive: Primitive, numbers: Sequence[Any]) -> Any:
        """Return the value of a function of numbers; a subclass may compute it for many rows."""
        return primitive(*numbers)

    @property
    def weighted_sum(self) -> Callable[[Sequence[Any], Sequence[Any], Any], Any]:
        """The function that gives ``start + weights[0]*inputs[0] + ...`` for weights, inputs and start."""
        return sum_of_products

    def apply_array(self, primitive: ArrayPrimitive, operands: tuple[Any, ...], options: dict[str, Any]) -> Scalars:
        """Apply a function of arrays.

        Raises:
            UsageError: the function has no form for numbers that are computed one by one.
            ValueError: the shapes don't fit.
        """
        if primitive.name not in FORMS:
            raise UsageError(f"`{primitive.name}` can't be computed number by number", kind="unsupported_function")
        if primitive.prepare is not None:
            options = primitive.prepare(*operands, **options)
        return FORMS[primitive.name](*operands, **options)


class Columns(Scalars):
    """An array of numbers for many rows: each element is an array of floats, one for each row.

    Each number has the same bits as the number that a `Value` would hold, because both are computed by the float
    kernels.
    """

    __slots__ = ()

    def computed(self, primitive: Primitive, numbers: Sequence[Any]) -> Any:
        import numpy as np

        columns = [one.tolist() if hasattr(one, "tolist") else repeat(one) for one in numbers]
        return np.fromiter(map(primitive.value, *columns), np.float64)


def sum_of_products(weights: Sequence[Any], inputs: Sequence[Any], start: Any) -> Any:
    total = start
    for weight, operand in zip(weights, inputs, strict=True):
        total = total + weight * operand
    return total


def affine(x: Scalars, weight: Scalars, bias: Scalars) -> Scalars:
    """The neurons of a layer: each adds the products of its weights and the inputs to its bias, from the left."""
    units, inputs = weight.shape
    if x.shape[:-1] != (1,):
        raise ValueError(f"numbers of shape {x.shape} aren't one row")
    total = x.weighted_sum
    rows = [weight.elements[start : start + inputs] for start in range(0, units * inputs, inputs)]
    return type(x)([total(row, x.elements, start) for row, start in zip(rows, bias.elements, strict=True)], (1, units))


def reshape(x: Scalars, shape: tuple[int, ...]) -> Scalars:
    """The same numbers in another shape."""
    return type(x)(x.elements, shape)


#: Function of arrays -> the same on `Scalars`.
FORMS: dict[str, Callable[..., Scalars]] = {"affine": affine, "reshape": reshape}


def weights_of(model: Model, parameters: Sequence[Any]) -> list[tuple[Scalars, Scalars]]:
    """The weights and biases of each layer that has parameters.

    Args:
        parameters: nodes, `Value`s or floats, in the order of the flat vector.
    """
    import numpy as np

    return [
        (
            Scalars([parameters[place] for place in weights.ravel()], weights.shape),
            Scalars([parameters[place] for place in biases], biases.shape),
        )
        for weights, biases in model.pairs(np.arange(len(parameters)))
    ]
