"""A net as stages for the compiler, found by applying its layers to symbols.

`Features` stands for the numbers of a row.  Each layer of the net (`LayerKind.apply`) is called with it once: functions
that only move numbers move the positions of features; a function of single numbers becomes a graph; sums of products
become a `Link`, and a reduction over windows a `Window`.  No kind of layer is named here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gradcli.execute.llvm import NoCompiledForm
from gradcli.execute.program import Program
from gradcli.execute.staged import Link, Pair, Stage, StagedNet, Window
from gradcli.execute.tape import Tape
from gradcli.graph import Graph, Node
from gradcli.graph.differentiate import vjp
from gradcli.nn.loss_formulas import TracedScores
from gradcli.primitives import Operand, Primitive
from gradcli.primitives import functions as f
from gradcli.primitives.backends import backend_named

if TYPE_CHECKING:
    from gradcli.primitives.registry import ArrayPrimitive
    from gradcli.train.model.model import Model

__all__ = ["staged_net"]


def staged_net(model: Model, *, weighted: bool = False) -> StagedNet:
    """Return a net as stages; the stages are found once for a model.

    Args:
        weighted: whether the rows of a batch have weights.

    Raises:
        NoCompiledForm: a layer does something that has no form here.
    """
    stages, factors = model.once(_stages)
    return StagedNet(
        math.prod(model.plan[0].inputs),
        stages,
        model.count,
        factors,
        _score_program(model, weighted=weighted, derivatives=True),
        weighted,
        _score_program(model, weighted=False, derivatives=False),
    )


def _stages(model: Model) -> tuple[tuple[Stage, ...], int]:
    """Return the stages of a net, and how many factors of random layers a row has."""
    import numpy as np

    shape = model.plan[0].inputs
    trace = _Trace(math.prod(shape))
    weights = [
        (_Weights(placed.weights, placed.start), _Weights(placed.weights[:1], placed.start))
        for placed in model.weighted
        if placed.weights is not None
    ]
    starts, position = [], 0
    for placed in model.random:
        starts.append(position)
        position += math.prod(placed.outputs)
    factors = [_Factors(start, (1, *placed.outputs)) for start, placed in zip(starts, model.random, strict=True)]
    inputs = Features(trace, np.arange(math.prod(shape)).reshape(1, *shape))
    *_, last = model.through(inputs, weights, factors)
    trace.end(last)
    return tuple(trace.stages), position


def _score_program(model: Model, *, weighted: bool, derivatives: bool) -> Program:
    """Return the loss and the measure of a row, and the derivatives of the mean loss, as functions of its scores."""
    graph = Graph()
    scores = [graph.fresh_variable(f"score {number}") for number in range(math.prod(model.plan[-1].outputs))]
    target, share = graph.fresh_variable("target"), graph.fresh_variable("share")
    loss = graph.lift(model.loss_function.row(scores, target, model.classes, TracedScores))
    weight = [graph.fresh_variable("weight")] if weighted else []
    if weighted:
        loss = loss * weight[0]
    counts = f.greater(share, 0.0)
    roots = [f.where(counts, loss, 0.0), f.where(counts, _measure_of(model, scores, target), 0.0)]
    if derivatives:
        roots += vjp(loss, share, scores, fast=True, strong=False)
    columns = [*scores, target, *weight, share]
    return Program(Tape(map(graph.lift, roots), columns), len(columns))


def _measure_of(model: Model, scores: Sequence[Node], target: Node) -> Any:
    """Return, for one row, whether the predicted class is right; for a number, the square of the error."""
    if model.labels is None:
        return f.square(scores[0] - target)
    if len(scores) == 1:
        return f.equal(f.greater(scores[0], 0.0), target)
    best: Any = scores[0]
    chosen: Any = 0.0
    for number, score in enumerate(scores[1:], 1):
        larger = f.greater(score, best)
        best, chosen = f.where(larger, score, best), f.where(larger, float(number), chosen)
    return f.equal(chosen, target)


class _Trace:
    """The stages that have been found, and the function of single numbers that is being built for the last one."""

    def __init__(self, inputs: int) -> None:
        self.stages: list[Stage] = []
        self.features = inputs
        self.opened = 0
        self.open(None)

    def open(self, source: Link | Window | None) -> None:
        """Begin a stage."""
        self.opened += 1
        self.source = source
        if source is not None:
            self.features = source.features
        self.graph = Graph()
        self.number = self.graph.variable("number")
        self.factors: dict[int, Node] = {}

    def end(self, last: Features) -> None:
        """Add the stage that is being built to the list; ``last`` has its numbers."""
        # The features of the inputs are no stage of their own, unless a function is applied to them.
        if self.source is None and last.node is self.number:
            return
        if not last.is_whole:
            raise _no_form("a change of the order of numbers")
        value = unmoved = None
        if last.node is not self.number:
            value = _with_slope(last.node, self.number, list(self.factors.values()))
            unmoved = value
            if self.factors:
                kept = Tape([last.node], [self.number, *self.factors.values()])
                graph = Graph()
                number = graph.variable("number")
                plain = graph.lift(kept.replay([number, *[1.0] * len(self.factors)])[kept.outputs[0]])
                unmoved = _with_slope(plain, number, [])
        self.stages.append(Stage(self.source, self.features, value, tuple(self.factors), unmoved))


def _with_slope(node: Node, number: Node, factors: Sequence[Node]) -> Tape:
    """Return the tape of a function of one number and of its derivative."""
    (slope,) = vjp(node, 1.0, [number], fast=True, strong=False)
    return Tape([node, slope], [number, *factors])


def _no_form(what: str) -> NoCompiledForm:
    return NoCompiledForm(f"{what} has no compiled form")


class _Weights(Operand):
    """The weights or biases of a layer: a shape, and the position of the first parameter of the layer."""

    __slots__ = ("shape", "start")
    operand_rank = 4

    def __init__(self, shape: tuple[int, ...], start: int) -> None:
        self.shape = shape
        self.start = start

    def apply(self, primitive: Primitive, operands: tuple[Any, ...]) -> Any:  # noqa: ARG002
        """Refuse a function of weights."""
        raise _no_form(f"`{primitive.name}` of weights")

    def apply_array(self, primitive: ArrayPrimitive, operands: Any, options: Any) -> Any:  # noqa: ARG002
        """Return the biases in another shape."""
        if primitive is not f.reshape or len(self.shape) != 1:
            raise _no_form(f"`{primitive.name}` of weights")
        return self


class _Factors(Operand):
    """The factors of a random layer, one for each number of its outputs."""

    __slots__ = ("shape", "start")
    operand_rank = 4

    def __init__(self, start: int, shape: tuple[int, ...]) -> None:
        self.shape = shape
        self.start = start

    def apply(self, primitive: Primitive, operands: tuple[Any, ...]) -> Any:  # noqa: ARG002
        """Refuse a function of factors alone."""
        raise _no_form(f"`{primitive.name}` of random factors")


class Features(Operand):
    """Some numbers of a row: features of the last stage, with a function applied to each.

    Args:
        trace: the stages so far.
        places: the positions of the features, shape (1, ...).
        node: the function of the number of a feature, in the graph of the trace; by default the number itself.
        biased: whether the sums of products have their bias.
    """

    __slots__ = ("biased", "node", "places", "stage", "trace")
    operand_rank = 5

    def __init__(self, trace: _Trace, places: Any, node: Node | None = None, *, biased: bool = True) -> None:
        self.trace = trace
        self.places = places
        self.node: Node = trace.number if node is None else node
        self.biased = biased
        self.stage = trace.opened

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the numbers of one row, after an axis of length 1 for the rows."""
        shape: tuple[int, ...] = self.places.shape
        return shape

    @property
    def is_whole(self) -> bool:
        """Whether these are all features of the stage, in their order."""
        import numpy as np

        return self.biased and bool(np.array_equal(self.places.ravel(), np.arange(self.places.size)))

    def reshape(self, *shape: Any) -> Features:
        """Return the same numbers in another shape."""
        found: Features = f.reshape(self, shape)
        return found

    def apply(self, primitive: Primitive, operands: tuple[Any, ...]) -> Features:
        """Apply a function of single numbers."""
        trace = self.trace
        if any(isinstance(one, Features) and one.stage != trace.opened for one in operands):
            raise _no_form(f"`{primitive.name}` of the numbers of an earlier layer")
        if not self.biased:
            return self._biased(primitive, operands)
        nodes: list[Any] = []
        for one in operands:
            if isinstance(one, Features):
                if one.places is not self.places and not (one.places == self.places).all():
                    raise _no_form(f"`{primitive.name}` of different numbers")
                nodes.append(one.node)
            elif isinstance(one, _Factors):
                if not self.is_whole or one.shape != self.shape:
                    raise _no_form("a random factor of some of the numbers")
                nodes.append(trace.factors.setdefault(one.start, trace.graph.fresh_variable(f"factor {one.start}")))
            elif isinstance(one, (int, float)):
                nodes.append(float(one))
            else:
                raise _no_form(f"`{primitive.name}` of numbers and weights")
        return Features(trace, self.places, trace.graph.lift(primitive(*nodes)))

    def _biased(self, primitive: Primitive, operands: tuple[Any, ...]) -> Features:
        """Add the bias to sums of products."""
        bias = operands[1]
        source = self.trace.source
        fits = isinstance(bias, _Weights) and isinstance(source, Link) and bias.start == source.start
        if primitive is not f.add or operands[0] is not self or not fits:
            raise _no_form(f"`{primitive.name}` of sums without a bias")
        return Features(self.trace, self.places, self.node)

    def apply_array(self, primitive: ArrayPrimitive, operands: tuple[Any, ...], options: dict[str, Any]) -> Features:
        """Apply a function of arrays.

        Raises:
            NoCompiledForm: it is none of those that have a form.
        """
        if self.stage != self.trace.opened:
            raise _no_form(f"`{primitive.name}` of the numbers of an earlier layer")
        if primitive.prepare is not None:
            options = primitive.prepare(*operands, **options)
        if primitive.reach == "elements" and len(operands) == 1 and self.biased:
            return self._moved(primitive, options)
        if primitive.name in ("affine", "convolution"):
            weight, is_own = operands[1], operands[0] is self
            if is_own and isinstance(weight, _Weights):
                if not self.is_whole:
                    raise _no_form("a change of the order of numbers")
                return self._linked(primitive, weight, options)
        if primitive.reach == "chosen" and len(operands) == 1:
            return self._reduced(primitive, options)
        raise _no_form(f"`{primitive.name}`")

    def _moved(self, primitive: ArrayPrimitive, options: dict[str, Any]) -> Features:
        """Move the positions as the function moves numbers; -1 is a number that isn't a feature."""
        moved = primitive.value(backend_named("numpy"), self.places + 1, **options) - 1
        return Features(self.trace, moved, self.node)

    def _linked(self, primitive: ArrayPrimitive, weight: _Weights, options: dict[str, Any]) -> Features:
        """Begin a stage of sums of products."""
        import numpy as np

        outputs, trace = weight.shape[0], self.trace
        if primitive.name == "affine":
            link = Link(outputs, 1, weight.shape[1], 1, 1, (Pair(0, 0, 0),), weight.start)
            shape: tuple[int, ...] = (1, outputs)
        else:
            if options.pop("groups") != 1:
                raise _no_form("a convolution in groups")
            _, channels, *sides = self.shape
            sites = np.arange(1, math.prod(sides) + 1).reshape(1, 1, *sides)
            windows = f.patches(sites, kernel=weight.shape[2:], **options)
            places, taps = math.prod(windows.shape[1:3]), math.prod(weight.shape[2:])
            pairs = [
                Pair(place, tap, int(site) - 1)
                for place, row in enumerate(windows.reshape(places, taps))
                for tap, site in enumerate(row)
                if site
            ]
            link = Link(outputs, places, channels, math.prod(sides), taps, tuple(pairs), weight.start)
            shape = (1, outputs, *windows.shape[1:3])
        trace.end(self)
        trace.open(link)
        return Features(trace, np.arange(link.features).reshape(shape), biased=primitive.name == "affine")

    def _reduced(self, primitive: ArrayPrimitive, options: dict[str, Any]) -> Features:
        """Begin a stage of windows."""
        import numpy as np

        axes, trace = options["axis"], self.trace
        axes = (axes,) if isinstance(axes, int) else axes
        if axes is None or options["keepdims"] or 0 in axes or not self.biased:
            raise _no_form(f"`{primitive.name}` of all numbers")
        kept = [axis for axis in range(self.places.ndim) if axis not in axes]
        sizes = [self.places.shape[axis] for axis in kept]
        groups = self.places.transpose(*kept, *axes).reshape(math.prod(sizes), -1)
        if groups.min() < 0 or len(np.unique(groups)) != groups.size:
            raise _no_form("a pool whose windows overlap or reach beyond the picture")
        graph = Graph()
        members = [graph.fresh_variable(f"member {number}") for number in range(groups.shape[1])]
        value = graph.lift(getattr(f, primitive.name)(*members))
        slopes = vjp(value, 1.0, members, fast=True, strong=False)
        # The results are numbered in the order of their first members: channel by channel.
        order = np.argsort(groups.min(axis=1))
        places = np.empty_like(order)
        places[order] = np.arange(len(order))
        trace.end(Features(trace, np.arange(trace.features), self.node))
        trace.open(Window(tuple(map(tuple, groups[order].tolist())), Tape([value], members), Tape(slopes, members)))
        return Features(trace, places.reshape(sizes))
