"""The layout of a directed graph without cycles in layers, as K. Sugiyama, S. Tagawa and M. Toda (1981) proposed it.

Everything is measured in two directions: *along* the flow from operands to results, and *across* it.  Four steps:

1. Each vertex gets a layer.  At first this is the last possible layer before its users.  Then vertices are moved to
   earlier layers where this makes the lines shorter (the aim of E. Gansner, E. Koutsofios, S. North and K.-P. Vo, "A
   technique for drawing directed graphs", 1993).
2. A line that passes layers gets a *bend* in each of them.  All lines from one vertex share their bends and are a
   *cable*, so a variable with a hundred uses is one line that forks.
3. The order within a layer: sweeps with the median of the neighbours, and transpositions (the same paper).  Crossings
   are counted with a tree (W. Barth, M. Jünger and P. Mutzel, "Simple and efficient bilayer cross counting", 2002).
4. The places across: U. Brandes and B. Köpf, "Fast and simple horizontal coordinate assignment" (2001), with blocks
   placed by longest paths, which avoids the errors of the paper that its authors corrected in 2020.

A line runs straight along the flow through a layer and bends only between two layers, where no vertex is.  So no line
passes through a vertex.  It ends at a *port* of its own; ports are so far apart that their labels don't touch.

Nothing here is random or recursive, and the work is bounded; equal graphs have equal layouts.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from gradcli.records import NamedTuple

__all__ = ["Box", "Layout", "Line", "layered"]

#: The least distances, in points: across the flow between two vertices and between two lines; along it, for the curves.
_APART: Final = 20.0
_LINES_APART: Final = 12.0
_CURVE: Final = 40.0
_LONGEST_CURVE: Final = 110.0
#: Beyond this many bends, the longest lines run outside the drawing instead.  20,000 take about a second.
_MOST_BENDS: Final = 20_000
#: The visits of lines while the order in the layers is improved.  The best order of 300 vertices is found with fewer.
_VISITS: Final = 120_000
#: An order that has not become better in this many sweeps is kept.
_PATIENCE: Final = 4
#: The rounds in which lines are made shorter: first with means, then with medians.
_MEANS: Final = 12
_SHORTENINGS: Final = 24


class Box(NamedTuple):
    """The size of a vertex, and how its lines may end.

    Attributes:
        length, breadth: the size along the flow, and across it.
        port: the least distance between two lines that end at this vertex.
        margin: the least distance between a line and a corner.
    """

    length: float
    breadth: float
    port: float = 0.0
    margin: float = 0.0


class Line(NamedTuple):
    """A line between two vertices, each given by its position; ``label`` is the length of its label along the flow."""

    tail: int
    head: int
    label: float = 0.0


class Layout(NamedTuple):
    """The places of vertices and lines.

    Attributes:
        centres: the place of each vertex, as (along, across).
        routes: the points of each line.  Between two points with the same place across, the line is straight; otherwise
            it is a curve in the form of an S.
        length, breadth: the size of the whole.
    """

    centres: list[tuple[float, float]]
    routes: list[list[tuple[float, float]]]
    length: float
    breadth: float


class _Net(NamedTuple):
    """The vertices and bends in layers.

    Attributes:
        layers: the members of each layer, in order.  Members are vertices and bends; the numbers of bends follow those
            of vertices.
        before, after: for each member, its neighbours in the layers next to its own.
        bends: for each vertex its bends, in the layers after its own.
        outside: the vertices whose lines run outside the drawing.
    """

    layers: list[list[int]]
    before: list[list[int]]
    after: list[list[int]]
    bends: dict[int, list[int]]
    outside: list[int]


def layered(boxes: Sequence[Box], lines: Sequence[Line]) -> Layout:
    """Return the layout of a graph.

    Args:
        boxes: the vertices, operands before their operations.
        lines: the lines, from an earlier vertex to a later one.

    >>> layout = layered([Box(10, 10), Box(10, 10), Box(10, 10)], [Line(0, 1), Line(1, 2), Line(0, 2)])
    >>> [round(along) for along, across in layout.centres]
    [5, 55, 105]
    >>> layout.centres[0][1] == layout.centres[2][1]
    True
    """
    rank = _ranks(len(boxes), lines)
    net = _with_bends(rank, lines)
    _order(net)
    breadths = [box.breadth for box in boxes] + [0.0] * (len(net.before) - len(boxes))
    across = _across(net, breadths, len(boxes))
    _shorten(net, across, breadths, len(boxes))
    top = min(across[member] - breadths[member] / 2 for member in range(len(across)))
    across = [place - top for place in across]
    bottom = max(across[member] + breadths[member] / 2 for member in range(len(across)))
    return _routed(boxes, lines, rank, net, across, bottom)


# 1. Layers


def _ranks(count: int, lines: Sequence[Line]) -> list[int]:
    """Return the layer of each vertex, from 0."""
    users: list[list[int]] = [[] for _ in range(count)]
    operands: list[list[int]] = [[] for _ in range(count)]
    for line in lines:
        users[line.tail].append(line.head)
        operands[line.head].append(line.tail)
    rank = [0] * count
    for vertex in reversed(range(count)):
        rank[vertex] = min((rank[user] for user in users[vertex]), default=1) - 1
    for vertex in range(count):
        if len(operands[vertex]) < 2 or not users[vertex]:
            continue
        # One layer earlier makes the line from here longer, and those that end only here shorter.
        last = {
            one: max((rank[user] for user in users[one] if user != vertex), default=rank[one])
            for one in operands[vertex]
        }
        while sum(place < rank[vertex] for place in last.values()) > 1 and rank[vertex] - 1 > max(
            map(rank.__getitem__, last)
        ):
            rank[vertex] -= 1
    first = min(rank, default=0)
    return [place - first for place in rank]


# 2. Bends


def _with_bends(rank: Sequence[int], lines: Sequence[Line]) -> _Net:
    count = len(rank)
    furthest = list(rank)
    for line in lines:
        furthest[line.tail] = max(furthest[line.tail], rank[line.head])
    layers: list[list[int]] = [[] for _ in range(max(rank, default=0) + 1)]
    bends: dict[int, list[int]] = {}
    spans = [(furthest[vertex] - rank[vertex] - 1, vertex) for vertex in range(count)]
    free, members = _MOST_BENDS, count
    outside = []
    for span, vertex in sorted(spans):
        free -= max(0, span)
        if free < 0:
            outside.append(vertex)
    hidden = set(outside)
    for vertex in range(count):
        layers[rank[vertex]].append(vertex)
        if vertex not in hidden:
            bends[vertex] = list(range(members, members + max(0, spans[vertex][0])))
            members += len(bends[vertex])
            for i, bend in enumerate(bends[vertex]):
                layers[rank[vertex] + 1 + i].append(bend)
    before: list[list[int]] = [[] for _ in range(members)]
    after: list[list[int]] = [[] for _ in range(members)]
    pairs = [pair for vertex, chain in bends.items() for pair in pairwise([vertex, *chain])]
    for line in lines:
        span = rank[line.head] - rank[line.tail]
        if span == 1:
            pairs.append((line.tail, line.head))
        elif line.tail in bends:
            pairs.append((bends[line.tail][span - 2], line.head))
    for first, second in dict.fromkeys(pairs):
        after[first].append(second)
        before[second].append(first)
    return _Net(layers, before, after, bends, outside)


# 3. The order within the layers


def _order(net: _Net) -> None:
    """Sort each layer so that few lines cross."""
    place = [0] * len(net.before)
    for layer in net.layers:
        _enter(layer, place)
    best, least = [list(layer) for layer in net.layers], _all_crossings(net, place)
    visits, idle, sweep = _VISITS, 0, 0
    lines = sum(map(len, net.before)) + len(net.before)
    while least and idle < _PATIENCE and visits > 0:
        _sweep(net, place, backward=sweep % 2 == 0, late=sweep % 4 > 1)
        visits -= 2 * lines
        while visits > 0 and _transpose(net, place):
            visits -= 3 * lines
        found = _all_crossings(net, place)
        idle += 1
        if found < least:
            best, least, idle = [list(layer) for layer in net.layers], found, 0
        sweep += 1
    net.layers[:] = best


def _enter(layer: Sequence[int], place: list[int]) -> None:
    for i, member in enumerate(layer):
        place[member] = i


def _sweep(net: _Net, place: list[int], *, backward: bool, late: bool) -> None:
    """Sort each layer by the medians of neighbours in the layer sorted before; ``late`` reverses the order of ties."""
    order = range(len(net.layers) - 2, -1, -1) if backward else range(1, len(net.layers))
    near = net.after if backward else net.before
    for i in order:
        layer = net.layers[i]
        key = {member: _middle([place[one] for one in near[member]]) for member in layer}
        fixed = [member if key[member] < 0 else None for member in layer]
        moving = [member for member in layer if key[member] >= 0]
        if late:
            moving.reverse()
        moving.sort(key=key.__getitem__)
        following = iter(moving)
        layer[:] = [next(following) if member is None else member for member in fixed]
        _enter(layer, place)


def _middle(places: list[int]) -> float:
    """Return the median of the places of neighbours, weighted as in the paper; -1 if there are none."""
    if not places:
        return -1.0
    places.sort()
    count = len(places)
    half = count // 2
    if count % 2:
        return places[half]
    if count == 2:
        return (places[0] + places[1]) / 2
    left, right = places[half - 1] - places[0], places[-1] - places[half]
    return (places[half - 1] * right + places[half] * left) / (left + right) if left + right else places[half]


def _transpose(net: _Net, place: list[int]) -> bool:
    """Exchange neighbours in a layer where this makes fewer lines cross, and return whether any were exchanged."""
    improved = False
    for layer in net.layers:
        for i in range(len(layer) - 1):
            first, second = layer[i], layer[i + 1]
            gain = 0
            for near in (net.before, net.after):
                if near[first] and near[second]:
                    a, b = sorted(place[one] for one in near[first]), sorted(place[one] for one in near[second])
                    gain += _crossings_of(a, b) - _crossings_of(b, a)
            if gain > 0:
                layer[i], layer[i + 1] = second, first
                place[first], place[second] = i + 1, i
                improved = True
    return improved


def _crossings_of(first: Sequence[int], second: Sequence[int]) -> int:
    """Return how often the lines of two members cross, if the first member is placed before the second."""
    if len(first) == len(second) == 1:
        return int(first[0] > second[0])
    return sum(len(first) - _after(first, one) for one in second)


def _after(places: Sequence[int], place: int) -> int:
    """Return how many of the sorted places are not beyond ``place``."""
    return bisect_left(places, place + 1)


def _all_crossings(net: _Net, place: Sequence[int]) -> int:
    """Count the crossings in the whole drawing."""
    total = 0
    for layer, following in pairwise(net.layers):
        ends = [one for member in layer for one in sorted(place[other] for other in net.after[member])]
        if len(ends) < 2 or all(a <= b for a, b in pairwise(ends)):
            continue
        size = 1
        while size < len(following):
            size *= 2
        tree = [0] * (2 * size)
        for end in ends:
            node = end + size
            tree[node] += 1
            while node > 1:
                if node % 2 == 0:
                    total += tree[node + 1]
                node //= 2
                tree[node] += 1
    return total


# 4. The places across


def _across(net: _Net, breadths: Sequence[float], vertices: int) -> list[float]:
    """Return the place of each member across the flow: of four layouts, the mean of the middle two places."""
    marked = _marked(net, vertices)
    layouts = []
    for backward in (False, True):
        for upward in (False, True):
            root = _aligned(net, marked, backward=backward, upward=upward)
            layouts.append(_compacted(net, root, breadths, vertices, upward=upward))
    members = range(len(breadths))
    spans = [(min(places, default=0.0), max(places, default=0.0)) for places in layouts]
    low, high = min(spans, key=lambda span: span[1] - span[0])
    shifts = [high - span[1] if i % 2 else low - span[0] for i, span in enumerate(spans)]
    result = []
    for member in members:
        places = sorted(layout[member] + shift for layout, shift in zip(layouts, shifts, strict=True))
        result.append((places[1] + places[2]) / 2)
    return result


def _marked(net: _Net, vertices: int) -> set[tuple[int, int]]:
    """Return the lines that cross a line between two bends; such a line stays straight, and the others bend."""
    marked: set[tuple[int, int]] = set()
    place = [0] * len(net.before)
    for layer in net.layers:
        _enter(layer, place)
    for layer, following in pairwise(net.layers):
        low, start = -1, 0
        for i, member in enumerate(following):
            inner = next((one for one in net.before[member] if one >= vertices and member >= vertices), None)
            if inner is None and i < len(following) - 1:
                continue
            high = len(layer) if inner is None else place[inner]
            for other in following[start : i + 1]:
                marked.update(
                    (one, other)
                    for one in net.before[other]
                    if not low <= place[one] <= high and not (one >= vertices and other >= vertices)
                )
            low, start = high, i + 1
    return marked


def _aligned(net: _Net, marked: set[tuple[int, int]], *, backward: bool, upward: bool) -> list[int]:
    """Join members to blocks with the same place, each to a median neighbour; return the first member of each block."""
    root = list(range(len(net.before)))
    taken = [False] * len(root)
    place = [0] * len(root)
    for layer in net.layers:
        _enter(layer, place)
    near = net.after if backward else net.before
    sign = -1 if upward else 1
    for layer in reversed(net.layers) if backward else net.layers:
        last = -1 if not upward else len(root)
        for member in reversed(layer) if upward else layer:
            neighbours = sorted(near[member], key=place.__getitem__)
            middle = (len(neighbours) - 1) / 2
            medians = sorted({int(middle), int(middle + 0.5)}) if neighbours else []
            for position in reversed(medians) if upward else medians:
                other = neighbours[position]
                line = (member, other) if backward else (other, member)
                if not taken[other] and line not in marked and (place[other] - last) * sign > 0:
                    root[member], taken[other] = root[other], True
                    last = place[other]
                    break
    return root


def _compacted(
    net: _Net, root: Sequence[int], breadths: Sequence[float], vertices: int, *, upward: bool
) -> list[float]:
    """Return the place of each member after blocks are placed side by side.

    First each block is as close to the block before it as possible, then as close to the next block.  With ``upward``,
    the placing begins at the other end.
    """
    sign = -1.0 if upward else 1.0
    distance: dict[tuple[int, int], float] = {}
    for layer in net.layers:
        for first, second in pairwise(reversed(layer) if upward else layer):
            pair = root[first], root[second]
            distance[pair] = max(distance.get(pair, 0.0), _distance(first, second, breadths, vertices))
    following: dict[int, list[tuple[int, float]]] = {one: [] for one in root}
    waiting = dict.fromkeys(following, 0)
    for (first, second), apart in distance.items():
        following[first].append((second, apart))
        waiting[second] += 1
    place = dict.fromkeys(following, 0.0)
    ready = [block for block, count in waiting.items() if not count]
    for block in ready:
        for other, apart in following[block]:
            place[other] = max(place[other], place[block] + apart)
            waiting[other] -= 1
            if not waiting[other]:
                ready.append(other)
    for block in reversed(ready):
        if following[block]:
            place[block] = max(place[block], min(place[other] - apart for other, apart in following[block]))
    return [sign * place[one] for one in root]


def _shorten(net: _Net, across: list[float], breadths: Sequence[float], vertices: int) -> None:
    """Move vertices and straight parts of cables to shorten their lines, as far as their neighbours allow.

    First each is moved to the mean of its neighbours, which brings groups of vertices together.  Then each is moved to
    the median of its neighbours, which shortens and straightens lines.
    """
    runs = [[vertex] for vertex in range(vertices)]
    for chain in net.bends.values():
        for one, bend in enumerate(chain):
            if one and across[bend] == across[chain[one - 1]]:
                runs[-1].append(bend)
            else:
                runs.append([bend])
    ahead: list[tuple[int, float] | None] = [None] * len(across)
    behind: list[tuple[int, float] | None] = [None] * len(across)
    for layer in net.layers:
        for first, second in pairwise(layer):
            apart = _distance(first, second, breadths, vertices)
            ahead[second], behind[first] = (first, apart), (second, apart)
    pulls = []
    for run in runs:
        near = [(one, member) for member in (run[0], run[-1]) for one in (*net.before[member], *net.after[member])]
        inner = set(run)
        pulls.append([(one, _pull(one, member, vertices)) for one, member in near if one not in inner])
    for turn in range(_SHORTENINGS):
        moved = False
        order = sorted(range(len(runs)), key=lambda i: across[runs[i][0]], reverse=turn % 2 == 1)
        for i in order:
            if not pulls[i]:
                continue
            run, now = runs[i], across[runs[i][0]]
            low = max(
                (across[found[0]] + found[1] for found in map(ahead.__getitem__, run) if found), default=-math.inf
            )
            high = min(
                (across[found[0]] - found[1] for found in map(behind.__getitem__, run) if found), default=math.inf
            )
            middle = _mean if turn < _MEANS else _median
            place = min(max(middle(now, [(across[one], pull) for one, pull in pulls[i]]), low), high)
            if abs(place - now) > 0.01:
                moved = True
                for member in run:
                    across[member] = place
        if not moved and turn >= _MEANS:
            break


def _pull(one: int, other: int, vertices: int) -> int:
    """Return the weight of a line when lines are straightened; a line between bends has more weight than others."""
    return (1, 2, 8)[(one >= vertices) + (other >= vertices)]


def _mean(_now: float, pulls: list[tuple[float, int]]) -> float:
    """Return the weighted mean of places."""
    return sum(place * pull for place, pull in pulls) / sum(pull for _, pull in pulls)


def _median(now: float, pulls: list[tuple[float, int]]) -> float:
    """Return the weighted median of places; if each place of an interval is one, the place in it nearest to ``now``."""
    pulls.sort()
    half, total = sum(pull for _, pull in pulls) / 2, 0
    for i, (place, pull) in enumerate(pulls):
        total += pull
        if total == half:
            return min(max(now, place), pulls[i + 1][0])
        if total > half:
            return place
    return now


def _distance(first: int, second: int, breadths: Sequence[float], vertices: int) -> float:
    """Return the least distance of the centres of two neighbours in a layer."""
    bends = (first >= vertices) + (second >= vertices)
    apart = (_APART, (_APART + _LINES_APART) / 2, _LINES_APART)[bends]
    return (breadths[first] + breadths[second]) / 2 + apart


# The lines


def _routed(
    boxes: Sequence[Box], lines: Sequence[Line], rank: Sequence[int], net: _Net, across: Sequence[float], bottom: float
) -> Layout:
    tracks = {vertex: bottom + _LINES_APART * (i + 1) for i, vertex in enumerate(net.outside)}
    cables = {vertex: [across[one] for one in (vertex, *chain)] for vertex, chain in net.bends.items()}

    def source(line: Line) -> float:
        """Return the place across from which a line runs to its head."""
        span = rank[line.head] - rank[line.tail]
        return (
            cables[line.tail][span - 1]
            if line.tail in cables
            else across[line.tail]
            if span == 1
            else tracks[line.tail]
        )

    sources = [source(line) for line in lines]
    ports = _all_ports(boxes, lines, sources, across)
    lengths = [max((boxes[one].length for one in layer if one < len(boxes)), default=0.0) for layer in net.layers]
    labels, steepest = [0.0] * len(lengths), [0.0] * len(lengths)
    for line, begin, end in zip(lines, sources, ports, strict=True):
        layer = rank[line.head]
        labels[layer] = max(labels[layer], line.label)
        steepest[layer] = max(steepest[layer], abs(begin - end))
    for vertex, cable in cables.items():
        for layer, (begin, end) in enumerate(pairwise(cable), rank[vertex] + 1):
            steepest[layer] = max(steepest[layer], abs(begin - end))
    starts, along = [], 0.0
    for layer, length in enumerate(lengths):
        if layer:
            along += min(_LONGEST_CURVE, _CURVE + 0.25 * max(0.0, steepest[layer] - _CURVE)) + labels[layer]
        starts.append(along)
        along += length
    centres = [(starts[rank[i]] + lengths[rank[i]] / 2, across[i]) for i in range(len(boxes))]
    turns = {vertex: _turns(cable, rank[vertex]) for vertex, cable in cables.items()}
    routes = []
    for line, end in zip(lines, ports, strict=True):
        first, last = rank[line.tail], rank[line.head]
        begin = across[line.tail]
        points = [(centres[line.tail][0] + boxes[line.tail].length / 2, begin)]
        bends = turns.get(line.tail, [(first + 1, tracks.get(line.tail, begin))])
        for layer, place in [*(bend for bend in bends if bend[0] < last), (last, end)]:
            if place != begin:
                points += [(starts[layer - 1] + lengths[layer - 1], begin), (starts[layer] - labels[layer], place)]
                begin = place
        routes.append([*points, (centres[line.head][0] - boxes[line.head].length / 2, end)])
    return Layout(centres, routes, along, bottom + _LINES_APART * len(tracks))


def _turns(cable: Sequence[float], rank: int) -> list[tuple[int, float]]:
    """Return the layer and the new place of each bend at which the lines from a vertex change their place."""
    return [(rank + i, place) for i, place in enumerate(cable) if i and place != cable[i - 1]]


def _all_ports(
    boxes: Sequence[Box], lines: Sequence[Line], sources: Sequence[float], across: Sequence[float]
) -> list[float]:
    """Return the place across at which each line ends; lines to one vertex end in the order of their last bends."""
    entries: list[list[int]] = [[] for _ in boxes]
    for i in sorted(range(len(lines)), key=sources.__getitem__):
        entries[lines[i].head].append(i)
    ports = [0.0] * len(lines)
    for vertex, ends in enumerate(entries):
        places = _ports(boxes[vertex], across[vertex], [sources[end] for end in ends])
        for end, place in zip(ends, places, strict=True):
            ports[end] = place
    return ports


def _ports(box: Box, centre: float, sources: Sequence[float]) -> list[float]:
    """Return the places across at which lines end: as near to their sources as the box and the other lines allow."""
    half = max(0.0, box.breadth / 2 - box.margin)
    apart = min(box.port, 2 * half / (len(sources) - 1)) if len(sources) > 1 else 0.0
    places = [min(max(source, centre - half), centre + half) for source in sources]
    for i in range(1, len(places)):
        places[i] = max(places[i], places[i - 1] + apart)
    limit = centre + half
    for i in reversed(range(len(places))):
        places[i] = min(places[i], limit)
        limit = places[i] - apart
    return places
