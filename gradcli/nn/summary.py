"""What a net is made of, as a table: the modules, what shape they give, and how many parameters they have."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from gradcli.eager.value import Value
from gradcli.nn.modules import Module

__all__ = ["Row", "Summary", "summarised"]


class Row(NamedTuple):
    """One module.

    Attributes:
        name: the path to it; empty for the net itself.
        kind: the name of its class.
        output_shape: of its last output; None if it was not called or gave several arrays.
        parameters: how many numbers it has itself, without its parts, that no row above has counted.
    """

    name: str
    kind: str
    output_shape: tuple[int, ...] | None
    parameters: int


class Summary(NamedTuple):
    """The table; its ``str`` is for a reader.

    Attributes:
        rows: the modules that have parameters of their own or no parts.
        total: how many numbers are parameters.
        trainable: how many of them receive a gradient.
        output_shape: of the net, if it was called.
    """

    rows: tuple[Row, ...]
    total: int
    trainable: int
    output_shape: tuple[int, ...] | None

    def __str__(self) -> str:
        cells = [("module", "output shape", "parameters")]
        for row in self.rows:
            name = f"{row.name} ({row.kind})" if row.name else row.kind
            cells.append((name, "-" if row.output_shape is None else str(row.output_shape), f"{row.parameters:,}"))
        cells.append(("total", "-" if self.output_shape is None else str(self.output_shape), f"{self.total:,}"))
        first, second, third = [max(map(len, column)) for column in zip(*cells, strict=True)]
        lines = [f"{a:{first}}  {b:{second}}  {c:>{third}}" for a, b, c in cells]
        rule = "-" * len(lines[0])
        frozen = [] if self.trainable == self.total else [f"{self.trainable:,} of them are trained"]
        return "\n".join([lines[0], rule, *lines[1:-1], rule, lines[-1], *frozen])


def summarised(module: Module, input_shape: int | Sequence[int] | None) -> Summary:
    """The summary of a net, as `Module.summary` describes it."""
    shapes: dict[int, tuple[int, ...] | None] = {}
    if input_shape is not None:
        _trace(module, (input_shape,) if isinstance(input_shape, int) else tuple(input_shape), shapes)
    counted: set[int] = set()
    rows = []
    total = trainable = 0
    for name, part in module.named_modules():
        own = [parameter for _, parameter in part._parts()[0] if id(parameter) not in counted]
        counted.update(map(id, own))
        numbers = [math.prod(getattr(parameter, "shape", ())) for parameter in own]
        total += sum(numbers)
        trainable += sum(
            n for n, parameter in zip(numbers, own, strict=True) if getattr(parameter, "requires_grad", True)
        )
        if own or not part.children():
            rows.append(Row(name, type(part).__name__, shapes.get(id(part)), sum(numbers)))
    return Summary(tuple(rows), total, trainable, shapes.get(id(module)))


def _trace(net: Module, input_shape: tuple[int, ...], shapes: dict[int, tuple[int, ...] | None]) -> None:
    """Send zeros through the net and note the shape of what each module gives."""
    modules = net.modules()
    modes = [vars(module).get("training") for module in modules]
    for module in modules:
        vars(module)["forward"] = _noting(module, module.forward, shapes)
    net.eval()
    try:
        if any(isinstance(parameter, Value) for parameter in net.parameters()):
            net([0.0] * math.prod(input_shape))
        else:
            from gradcli.eager.creation import zeros
            from gradcli.eager.tensor import no_grad

            with no_grad():
                net(zeros(input_shape))
    finally:
        for module, mode in zip(modules, modes, strict=True):
            del vars(module)["forward"]
            if mode is None:
                del vars(module)["training"]
            else:
                module.training = mode


def _noting(
    module: Module, forward: Callable[..., Any], shapes: dict[int, tuple[int, ...] | None]
) -> Callable[..., Any]:
    def noted(*inputs: Any, **options: Any) -> Any:
        output = forward(*inputs, **options)
        if isinstance(output, list) and all(isinstance(one, Value) for one in output):
            shapes[id(module)] = (len(output),)
        else:
            shapes[id(module)] = () if isinstance(output, Value) else getattr(output, "shape", None)
        return output

    return noted
