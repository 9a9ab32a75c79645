"""The LLVM code of sums of products: forward, and both derivatives.

A `Link` is linear in its inputs and in its weights.  So the cotangents of the inputs, and the gradient of the weights,
are sums over the same pairs of places, in which the cotangents of the outputs take the place of what is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Final

from gradcli.execute.llvm.emitter import LLVMModule
from gradcli.execute.llvm.net_layout import Layout, row_length
from gradcli.execute.llvm.tiles import Body, Strides, add_dots, add_lines, add_products, parts, tile_size, transposed
from gradcli.execute.staged import Link, Pair, grouped
from gradcli.records import NamedTuple

__all__ = ["Finish", "LinkCode", "middle_row"]

#: The most products of a dense layer that are added up at once.
_DEPTH: Final = 128
#: About how many numbers of the gradient are computed before the weights are updated: they stay in the first cache.
_BLOCK: Final = 4096
#: What is done with a sum: ``finish(sum, vector of rows, feature)``.
Finish = Callable[[str, "int | str", "int | str"], None]


class _Sums(NamedTuple):
    """Sums of products of weights and of numbers of rows.

    Attributes:
        channels, places: the channels of the sums, and the places in each.
        second: the array of the numbers of rows, which are the second factors.
        depth: the number of products of a pair of places.
        strides: the distances between the factors.
        tables: the pairs of each place; see `LinkCode._tables`.
        begin: returns the vectors with which the sums of some rows begin.
        kept, wide: the array for sums that aren't complete, and the distance between its vectors of rows.
    """

    channels: int
    places: int
    second: str
    depth: int
    strides: Strides
    tables: tuple[str, str, str] | None
    begin: Callable[[str, int], list[str]]
    kept: str
    wide: int


class LinkCode:
    """The writer of the functions of a `Link`.

    Args:
        layout: where the numbers are.
        link: the sums of products.
        name: the beginning of the names of its tables.
        is_first: whether the inputs of the link are those of the net.
    """

    def __init__(self, layout: Layout, link: Link, name: str, *, is_first: bool) -> None:
        self.link = link
        #: Whether the gradient reads the inputs in their table.
        self.is_from_table = is_first and link.is_dense and not layout.has("rows", -1)
        self.block = layout.block
        self.lanes = layout.lanes
        self.name = name
        #: The distances from one row of weights to the next, and from one vector of rows to the next.
        self.length = row_length(link.weights, self.lanes)
        #: The distance from the first weight to the first bias.
        self.biases = link.outputs * self.length
        self.outputs = layout.wide(link.features)
        self.inputs = layout.wide(link.inputs * link.sites)

    def forward(self, body: Body, finish: Finish) -> None:
        """Write the sums; the arrays are ``%x`` and ``%weights``, and ``%y`` for sums that aren't complete yet."""
        link, length = self.link, self.length
        strides = Strides(length, link.taps, self.inputs, link.sites * self.lanes)
        tables = self._tables(body, "forward", grouped(link.pairs, link.places, "place"), "tap", "site")

        def biases(row: str, rows: int) -> list[str]:
            first = body.address("%weights", body.sum(row, self.biases))
            return [body.splat(body.address(first, m)) for m in range(rows)]

        sums = _Sums(link.outputs, link.places, "%x", link.inputs, strides, tables, biases, "%y", self.outputs)
        self._write_sums(body, sums, finish)

    def back(self, body: Body, finish: Finish) -> None:
        """Write the cotangents of the inputs.

        The arrays are ``%cotangents``, of the outputs, and ``%weights``.  The inputs of a dense layer, ``%x``, aren't
        needed any more, so their array has the sums that aren't complete yet.
        """
        link = self.link
        strides = Strides(link.taps, self.length, self.outputs, link.places * self.lanes)
        tables = self._tables(body, "back", grouped(link.pairs, link.sites, "site"), "tap", "place")
        sums = _Sums(
            link.inputs, link.sites, "%cotangents", link.outputs, strides, tables, lambda _, rows: body.zeros(rows),
            "%x", self.inputs,
        )  # fmt: skip
        self._write_sums(body, sums, finish)

    def _write_sums(self, body: Body, sums: _Sums, finish: Finish) -> None:
        """Write sums of products; if they are long, in parts, whose weights stay in the caches for all rows."""
        depth = part_size(sums.depth) if sums.tables is None else sums.depth
        if depth == sums.depth:
            self._write_part(body, sums, 0, depth, finish)
            return
        with body.loop(0, sums.depth, depth) as loop:
            self._write_part(body, sums, loop.counter, depth, finish)

    def _write_part(self, body: Body, sums: _Sums, start: int | str, depth: int, finish: Finish) -> None:
        """Write a part of each sum: the products from ``start`` on."""
        strides = sums.strides
        if start != 0:
            is_later = body.emit(f"icmp ne i64 {start}, 0")
            is_last = body.emit(f"icmp eq i64 {start}, {sums.depth - depth}")
            is_kept = body.emit(f"xor i1 {is_last}, true")

        def kept(vector: int | str, feature: int | str) -> str:
            moved = body.sum(body.product(vector, sums.wide), body.product(feature, self.lanes))
            return body.address(sums.kept, moved)

        def write(vector: str, together: int) -> None:
            moved = body.sum(body.product(vector, strides.vector), body.product(start, strides.line))
            second = body.address(sums.second, moved)
            with body.loop(0, sums.places) as place:
                for row, rows in self._stretches(body, sums.channels):
                    channels = [body.product(body.sum(row, m), sums.places) for m in range(rows)]
                    ends = [
                        (body.sum(vector, n), body.sum(channel, place.counter))
                        for channel in channels
                        for n in range(together)
                    ]
                    found = [one for one in sums.begin(row, rows) for _ in range(together)]
                    if start != 0:
                        places = [kept(*end) for end in ends]
                        found = body.replaced(is_later, found, partial(_loaded, body, places))
                    moved = body.sum(body.product(row, strides.row), body.product(start, strides.column))
                    first = body.address("%weights", moved)
                    # Down a column of weights, every number is in a line of memory of its own.  The last one that the
                    # next tile needs may be in the line after it.
                    ahead = 2 * rows - 1 if strides.row == 1 and depth < sums.depth else 0
                    found = self._summed(
                        body, sums.tables, place.counter, first, second, found, rows, strides, depth, ahead
                    )
                    if start == 0:
                        for one, end in zip(found, ends, strict=True):
                            finish(one, *end)
                        continue
                    with body.when(is_kept):
                        for one, target in zip(found, places, strict=True):
                            body.store(one, target)
                    with body.when(is_last):
                        for one, end in zip(found, ends, strict=True):
                            finish(one, *end)

        over_vectors(body, write)

    def slope(self, body: Body, *, updates: bool) -> None:
        """Write the gradient of the weights and biases from row ``%start`` up to row ``%stop``.

        The arrays are ``%cotangents`` and ``%slope``, and ``%x``: the inputs, row by row for a dense layer.  The first
        layer may find its inputs in ``%table``, where the integers in ``%batch`` say.  The gradient is added to what is
        in ``%slope`` if ``%adds`` is true.

        Args:
            updates: whether weights are updated as soon as their gradient is complete, if ``%last`` is true. Then the
                arrays are also those of the function ``update``, and the gradient is complete only if ``%keeps`` is
                true: otherwise one block of it takes the place of the block before.
        """
        if self.link.is_dense:
            self._dense_slope(body, updates=updates)
        else:
            self._shared_slope(body)
            if updates:
                place = body.product("%start", self.length)
                count = body.product(body.emit("sub i64 %stop, %start"), self.length)
                self._update(body, body.address("%slope", place), place, count)
        self._bias_slope(body, updates=updates)

    def _update(self, body: Body, slope: str, place: int | str, count: int | str) -> None:
        """Write the update of consecutive parameters."""
        with body.when("%last"):
            moved = [f"ptr {body.address(array, place)}" for array in ("%weights", "%memory")]
            body.lines.append(
                f"call void @update(ptr {slope}, {', '.join(moved)}, ptr %shared, ptr %sums, i64 {count})"
            )

    def _dense_slope(self, body: Body, *, updates: bool) -> None:
        """Write a product of matrices: the cotangents of all rows, and the rows of inputs."""
        lanes, length, tile = self.lanes, self.length, tile_size(body.module)
        for start, stop, rows in parts(self.link.outputs, tile.rows):
            step = rows * max(1, _BLOCK // (rows * length))
            begin, last = body.greatest("%start", start), body.least("%stop", stop)
            with body.loop(begin, last, step) as block:
                end = body.least(body.sum(block.counter, step), last)
                # The row of weights for which the array begins.
                origin = "0"
                if updates:
                    origin = body.emit(f"sub i64 {block.counter}, {begin}")
                    origin = body.emit(f"select i1 %keeps, i64 0, i64 {origin}")
                slope = body.address("%slope", body.product(body.emit(f"sub i64 0, {origin}"), length))
                for column, size in self._stretches(body, -(-self.link.weights // lanes), tile.vectors):
                    with body.loop(block.counter, end, rows) as row:
                        first = body.sum(body.product(row.counter, length), body.product(column, lanes))
                        target = body.address(slope, first)
                        places = [
                            [body.address(target, m * length + n * lanes) for n in range(size)] for m in range(rows)
                        ]
                        self._write_slope_tile(body, places, row.counter, column)
                if updates:
                    place = body.product(block.counter, length)
                    count = body.product(body.emit(f"sub i64 {end}, {block.counter}"), length)
                    self._update(body, body.address(slope, place), place, count)

    def _write_slope_tile(self, body: Body, places: Sequence[Sequence[str]], row: str, column: str) -> None:
        """Write a tile of the gradient of a dense layer.

        Args:
            places: for each row of the tile, the addresses of its vectors.
            row, column: the first row and the first vector of the tile.
        """
        lanes, flat = self.lanes, [place for row in places for place in row]
        strides = Strides(lanes, 1, lanes, self.length)
        sums = body.replaced("%adds", body.zeros(len(flat)), partial(_loaded, body, flat))
        with body.loop(0, "%vectors", carried=[(body.module.vector, one) for one in sums]) as loop:
            moved = body.sum(body.product(loop.counter, self.outputs), body.product(row, lanes))
            a, first = body.address("%cotangents", moved), body.product(column, lanes)
            if self.is_from_table:
                starts = body.address("%batch", body.product(loop.counter, self.block))
                lines = [body.address(one, first) for one in body.table_rows(starts)]
                loop.following.extend(add_lines(body, loop.carried, len(places), a, lines, strides))
            else:
                b = body.address("%x", body.sum(body.product(loop.counter, self.inputs), first))
                loop.following.extend(add_products(body, loop.carried, len(places), a, b, strides, lanes))
        for place, one in zip(flat, loop.carried, strict=True):
            body.store(one, place)

    def _shared_slope(self, body: Body) -> None:
        """Write sums over rows and places of products of vectors, whose numbers are added up at the end."""
        link, length = self.link, self.length
        for row, rows in self._chosen_rows(body):
            target = body.address("%slope", body.product(row, length))
            for channel, size in self._stretches(body, link.inputs, tile_size(body.module).vectors):
                with body.loop(0, link.taps) as tap:
                    sums = self._over_rows_and_places(body, row, rows, channel, size, tap.counter)
                    weight = body.address(target, body.sum(body.product(channel, link.taps), tap.counter))
                    for m in range(rows):
                        for c in range(size):
                            place = body.address(weight, m * length + c * link.taps)
                            body.add_up(sums[m * size + c], place, "%adds")

    def _over_rows_and_places(self, body: Body, row: str, rows: int, channel: str, size: int, tap: str) -> list[str]:
        """Return, for some channels of outputs and of inputs, the sums for one tap of their weights."""
        link, lanes, kind = self.link, self.lanes, body.module.vector
        tables = self._tables(body, "slope", grouped(link.pairs, link.taps, "tap"), "place", "site")
        assert tables is not None
        starts, places, sites = tables
        begin, end = body.integer(starts, tap), body.integer(starts, body.sum(tap, 1))
        with body.loop(0, "%vectors", carried=[(kind, one) for one in body.zeros(rows * size)]) as loop:
            with body.loop(begin, end, carried=[(kind, one) for one in loop.carried]) as inner:
                first = self._channels(body, loop.counter, row, rows, body.integer(places, inner.counter))
                feature = body.sum(body.product(channel, link.sites), body.integer(sites, inner.counter))
                moved = body.sum(body.product(loop.counter, self.inputs), body.product(feature, lanes))
                x = body.address("%x", moved)
                second = [body.address(x, c * link.sites * lanes) for c in range(size)]
                inner.following.extend(add_dots(body, inner.carried, first, second))
            loop.following.extend(inner.carried)
        return loop.carried

    def _bias_slope(self, body: Body, *, updates: bool) -> None:
        """Write the gradient of the biases of whole vectors: the sums of the cotangents over rows and places."""
        lanes, outputs = self.lanes, self.link.outputs
        begin, end = (body.emit(f"and i64 {body.sum(bound, lanes - 1)}, {-lanes}") for bound in ("%start", "%stop"))
        whole = outputs // lanes * lanes
        for start, stop, size in ((0, whole, lanes), (whole, outputs, outputs - whole)):
            if start == stop:
                continue
            with body.loop(body.greatest(begin, start), body.least(end, stop), lanes) as loop:
                place = body.address("%slope", body.sum(loop.counter, self.biases))
                sums = [*self._bias_sums(body, loop.counter, size), *body.zeros(lanes - size)]
                total, *others = transposed(body, sums)
                for other in others:
                    total = body.emit(f"fadd {body.module.vector} {total}, {other}")
                before = body.replaced("%adds", body.zeros(1), partial(_loaded, body, [place]))
                body.store(body.emit(f"fadd {body.module.vector} {total}, {before[0]}"), place)
        if updates:
            first = body.sum(begin, self.biases)
            self._update(body, body.address("%slope", first), first, body.emit(f"sub i64 {end}, {begin}"))

    def _bias_sums(self, body: Body, row: str, rows: int) -> list[str]:
        """Return the sums of the cotangents of some channels over rows and places."""
        kind = body.module.vector
        with body.loop(0, "%vectors", carried=[(kind, one) for one in body.zeros(rows)]) as loop:
            with body.loop(0, self.link.places, carried=[(kind, one) for one in loop.carried]) as inner:
                found = map(body.load, self._channels(body, loop.counter, row, rows, inner.counter))
                inner.following.extend(
                    body.emit(f"fadd {kind} {total}, {one}") for total, one in zip(inner.carried, found, strict=True)
                )
            loop.following.extend(inner.carried)
        return loop.carried

    def _channels(self, body: Body, vector: str, row: str, rows: int, place: str) -> list[str]:
        """Return the addresses of the cotangents of some channels of outputs at one place."""
        step = self.link.places * self.lanes
        moved = body.sum(body.product(vector, self.outputs), body.product(row, step))
        first = body.address("%cotangents", body.sum(moved, body.product(place, self.lanes)))
        return [body.address(first, m * step) for m in range(rows)]

    def _chosen_rows(self, body: Body) -> Iterator[tuple[str, int]]:
        """Write loops over the tiles from row ``%start`` up to row ``%stop``, as `_stretches` does for all tiles."""
        for start, stop, size in parts(self.link.outputs, tile_size(body.module).rows):
            with body.loop(body.greatest("%start", start), body.least("%stop", stop), size) as loop:
                yield loop.counter, size

    def _stretches(self, body: Body, count: int, most: int | None = None) -> Iterator[tuple[str, int]]:
        """Write loops over tiles; for each loop, yield its counter and the size of its tiles while it is open."""
        for start, stop, size in parts(count, most or tile_size(body.module).rows):
            with body.loop(start, stop, size) as loop:
                yield loop.counter, size

    def _tables(
        self, body: Body, what: str, order: Sequence[Sequence[Pair]], first: str, second: str
    ) -> tuple[str, str, str] | None:
        """Return constant tables of the pairs in an order: where each group begins, and two of their fields.

        A dense layer has one pair, whose fields are 0, and needs no tables.
        """
        if self.link.is_dense:
            return None
        starts = [0]
        for pairs in order:
            starts.append(starts[-1] + len(pairs))
        flat = [pair for pairs in order for pair in pairs]
        name = f"{self.name}.{what}"
        return (
            body.table(f"{name}.starts", starts),
            body.table(f"{name}.{first}", [getattr(pair, first) for pair in flat]),
            body.table(f"{name}.{second}", [getattr(pair, second) for pair in flat]),
        )

    def _summed(
        self,
        body: Body,
        tables: tuple[str, str, str] | None,
        group: str,
        a: str,
        b: str,
        sums: list[str],
        rows: int,
        strides: Strides,
        depth: int,
        ahead: int,
    ) -> list[str]:
        """Add up the products of all pairs of a group.

        Args:
            a, b: the address of each factor for a pair whose fields are 0; its own fields are added, which count single
                weights for the first factor, and vectors for the second.
            depth: the number of products for each pair.
            ahead: see `add_products`.
        """
        if tables is None:
            return add_products(body, sums, rows, a, b, strides, depth, ahead=ahead)
        starts, first, second = tables
        begin, end = body.integer(starts, group), body.integer(starts, body.sum(group, 1))
        with body.loop(begin, end, carried=[(body.module.vector, one) for one in sums]) as loop:
            left = body.address(a, body.integer(first, loop.counter))
            right = body.address(b, body.product(body.integer(second, loop.counter), self.lanes))
            loop.following.extend(add_products(body, loop.carried, rows, left, right, strides, depth))
        return loop.carried


def middle_row(link: Link, module: LLVMModule) -> int:
    """Return the row of weights with which the second half of the tiles begins."""
    _, stop, size = parts(link.outputs, tile_size(module).rows)[0]
    return -(-stop // size // 2) * size


def part_size(depth: int) -> int:
    """Return how many products of sums are added up at once: all of them, if there is no suitable divisor.

    >>> part_size(128), part_size(512), part_size(300), part_size(257)
    (128, 128, 100, 257)
    """
    least = -(-depth // _DEPTH)
    return next((depth // count for count in range(least, 2 * least) if depth % count == 0), depth)


def over_vectors(body: Body, write: Callable[[str, int], None]) -> None:
    """Write loops over the vectors of rows: first as many together as a tile has, then the rest one by one.

    Args:
        write: ``write(first, count)`` writes the code for some vectors of rows.
    """
    together = tile_size(body.module).vectors
    whole = body.product(body.emit(f"udiv i64 %vectors, {together}"), together)
    for start, stop, size in ((0, whole, together), (whole, "%vectors", 1)):
        with body.loop(start, stop, size) as loop:
            write(loop.counter, size)


def _loaded(body: Body, places: Sequence[str]) -> list[str]:
    """Return the vectors at some addresses."""
    return list(map(body.load, places))
