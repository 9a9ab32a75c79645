"""The LLVM code of both passes of a net of stages over the rows of a batch.

The rows are in the lanes of vectors, so a weight is one number for a whole vector, functions of single numbers need no
shuffles, and the loss of a row is straight-line code.  Only the gradient of a dense layer adds up over rows; for it the
features are turned, so that the inputs of a row follow each other (`transposed`).
"""

from __future__ import annotations

from typing import Final

from gradcli.execute.llvm.emitter import LLVMModule, Vector
from gradcli.execute.llvm.link_code import Finish, LinkCode, middle_row
from gradcli.execute.llvm.net_layout import PIECE, Layout, row_length
from gradcli.execute.llvm.tiles import Body, tile_size, transposed
from gradcli.execute.llvm.vector_names import run_tape
from gradcli.execute.program import Program
from gradcli.execute.staged import Link, Stage, StagedNet, Window
from gradcli.execute.tape import Tape
from gradcli.records import NamedTuple

__all__ = ["SUMS", "NetCode"]

#: A function of more operations is written once, in a loop of its own, and not for each number of a tile.
_LONG: Final = 12
_ARRAYS: Final = "ptr noalias %x, ptr noalias %weights, ptr noalias %y, ptr noalias %slopes, ptr noalias %columns"

#: The array of sums has these vectors for each share: losses, measures, squares of the gradient, and penalties.
SUMS: Final = 4
_SWEPT: Final = (
    "ptr %rows, i64 %vectors, ptr %table, ptr %parameters, ptr %sums, ptr %kept, ptr %slope, i64 %share.first,"
    " i64 %share.end, ptr %threads"
)
_UPDATED: Final = "ptr noalias %weights, ptr noalias %memory, ptr noalias %shared, ptr noalias %sums"


class _Rows(NamedTuple):
    """A stretch of vectors of rows.

    Attributes:
        start, size: the first one in the buffers, and how many there are.
        place: the first one in the batch.
    """

    start: str
    size: str
    place: int | str


class NetCode:
    """The writer of the functions of a net.

    Args:
        module: the module in which the functions are defined.
        net: the net.

    Attributes:
        layout: where the functions find their numbers.
    """

    def __init__(self, module: LLVMModule, net: StagedNet) -> None:
        self.layout = Layout(module, net)
        self._module = module
        self._net = net
        self._lanes = module.lanes
        #: The text of a function -> its name; and the name of a function -> that of the one with the same text.
        self._written: dict[str, str] = {}
        self._names: dict[str, str] = {}

    def write(self, *, updates: bool = False) -> None:
        """Define ``gradient.sweep`` and ``evaluate.sweep``, and the functions that they call.

        Args:
            updates: whether ``gradient.sweep`` calls ``update`` for all weights.
        """
        stages = self._net.stages
        is_random = any(stage.factors for stage in stages)
        self._write_turn()
        for number, stage in enumerate(stages):
            self._write_forward("forward", number, stage, stage.value)
            if is_random:
                self._write_forward("evaluate", number, stage, stage.unmoved)
            if self.layout.has("rows", number):
                self._write_rows(number)
        self._write_scores("scores", self._net.scores, derivatives=True)
        self._write_scores("evaluate.scores", self._net.evaluation, derivatives=False)
        for number in reversed(range(len(stages))):
            self._write_backward(number, stages[number].source, updates=updates)
        self._write_sweep("gradient", "forward", derivatives=True, updates=updates)
        self._write_sweep("evaluate", "evaluate" if is_random else "forward", derivatives=False, updates=False)

    def _define(self, name: str, parameters: str, body: Body) -> None:
        """Define a function, unless there is one with the same body: layers of equal shapes share their code."""
        text = "\n".join([parameters, *body.lines])
        self._names[name] = self._written.setdefault(text, name)
        if self._names[name] == name:
            self._module.define(f"void @{name}({parameters}) noinline", [*body.lines, "ret void"], linkage="internal")

    # Turns between features and rows.

    def _write_turn(self) -> None:
        """Define ``turn``, which takes the rows of a batch from the table, and makes features of them."""
        body, lanes, layout = Body(self._module), self._lanes, self.layout
        wide = layout.wide(self._net.inputs)
        with body.loop(0, "%vectors") as loop:
            sources = body.table_rows(body.address("%batch", body.product(loop.counter, layout.block)))
            first = body.product(loop.counter, wide)
            features, rows = body.address("%features", first), body.address("%rows", first)
            with body.loop(0, layout.width, lanes) as inner:
                numbers = [body.load(body.address(source, inner.counter)) for source in sources]
                if layout.has("rows", -1):
                    target = body.address(rows, inner.counter)
                    for r, one in enumerate(numbers):
                        body.store(one, body.address(target, r * layout.width))
                target = body.address(features, body.product(inner.counter, lanes))
                for j, column in enumerate(transposed(body, numbers)):
                    body.store(column, body.address(target, j * lanes))
        arrays = "ptr noalias %batch, ptr noalias %table, ptr noalias %features, ptr noalias %rows"
        self._define("turn", f"{arrays}, i64 %vectors", body)

    def _write_rows(self, number: int) -> None:
        """Define ``rows.N``, which makes rows of the features of a stage."""
        body, lanes, features = Body(self._module), self._lanes, self.layout.features(number)
        wide, length = self.layout.wide(features), row_length(features, lanes)
        whole = features // lanes * lanes

        def turn(source: str, target: str, first: int | str, count: int) -> None:
            start = body.address(source, body.product(first, lanes))
            numbers = [body.load(body.address(start, j * lanes)) for j in range(count)]
            end = body.address(target, first)
            for r, row in enumerate(transposed(body, [*numbers, *body.zeros(lanes - count)])):
                body.store(row, body.address(end, r * length))

        with body.loop(0, "%vectors") as loop:
            first = body.product(loop.counter, wide)
            source, target = body.address("%features", first), body.address("%rows", first)
            with body.loop(0, whole, lanes) as inner:
                turn(source, target, inner.counter, lanes)
            if whole < features:
                turn(source, target, whole, features - whole)
        self._define(f"rows.{number}", "ptr noalias %features, ptr noalias %rows, i64 %vectors", body)

    # Forward.

    def _write_forward(self, name: str, number: int, stage: Stage, value: Tape | None) -> None:
        """Define the computation of the features of a stage, and of the slopes of its function."""
        body, source = Body(self._module), stage.source
        apart = value is not None and len(value.instructions) > _LONG
        finish = self._finish(body, stage, None if apart else value)
        if isinstance(source, Link):
            LinkCode(self.layout, source, f"link.{number}", is_first=not number).forward(body, finish)
        elif isinstance(source, Window):
            self._write_windows(body, number, source, finish)
        else:
            self._write_each(body, "%x", stage.features, finish)
        if apart:
            self._write_each(body, "%y", stage.features, self._finish(body, stage, value))
        self._define(f"{name}.{number}", f"{_ARRAYS}, i64 %vectors", body)

    def _finish(self, body: Body, stage: Stage, value: Tape | None) -> Finish:
        """Return the function that applies the function of a stage to one vector of features, and stores it."""
        lanes, wide = self._lanes, self.layout.wide(stage.features)

        def finish(before: str, vector: int | str, feature: int | str) -> None:
            place = body.sum(body.product(vector, wide), body.product(feature, lanes))
            if value is None:
                body.store(before, body.address("%y", place))
                return
            operands = [before]
            for start in stage.factors if len(value.variables) > 1 else ():
                # The columns begin after the vector of integers.
                column = body.sum(feature, self.layout.factor(start) - 1)
                moved = body.sum(body.product(vector, self.layout.block), body.product(column, lanes))
                operands.append(body.load(body.address("%columns", moved)))
            y, slope = self._computed(body, value, operands)
            body.store(y, body.address("%y", place))
            body.store(slope, body.address("%slopes", place))

        return finish

    def _computed(self, body: Body, tape: Tape, operands: list[str]) -> list[str]:
        """Return the outputs of a tape, computed by straight-line code."""
        with body.block() as block:
            dtype = self._module.dtype
            found = run_tape(tape, [Vector(block, one, dtype) for one in operands])
            return [block.operand(one, dtype) for one in found]

    def _write_each(self, body: Body, array: str, features: int, finish: Finish) -> None:
        """Write a loop over single features."""
        with body.loop(0, "%vectors") as loop:
            start = body.address(array, body.product(loop.counter, self.layout.wide(features)))
            with body.loop(0, features) as inner:
                one = body.load(body.address(start, body.product(inner.counter, self._lanes)))
                finish(one, loop.counter, inner.counter)

    def _write_windows(self, body: Body, number: int, window: Window, finish: Finish) -> None:
        """Write a loop over windows."""
        wide = self.layout.wide(self.layout.features(number - 1))
        with body.loop(0, "%vectors") as loop:
            start = body.address("%x", body.product(loop.counter, wide))
            with body.loop(0, window.features) as output:
                members = [body.load(one) for one in self._members(body, number, window, start, output.counter)]
                (found,) = self._computed(body, window.value, members)
                finish(found, loop.counter, output.counter)

    def _members(self, body: Body, number: int, window: Window, start: str, output: str) -> list[str]:
        """Return the addresses of the members of a window."""
        size = len(window.members[0])
        table = body.table(f"members.{number}", [feature for members in window.members for feature in members])
        first = body.product(output, size)
        features = [body.integer(table, body.sum(first, i)) for i in range(size)]
        return [body.address(start, body.product(feature, self._lanes)) for feature in features]

    def _write_scores(self, name: str, program: Program, *, derivatives: bool) -> None:
        """Define the loop over the losses of rows, which adds them up, and begins the way back."""
        body, lanes, layout = Body(self._module), self._lanes, self.layout
        count = self._net.stages[-1].features
        wide = layout.wide(count)
        weight = [1] if derivatives and self._net.is_weighted else []
        with body.loop(0, "%vectors") as loop:
            y = body.address("%y", body.product(loop.counter, wide))
            slopes = body.address("%slopes", body.product(loop.counter, wide))
            columns = body.address("%columns", body.product(loop.counter, layout.block))
            places = [body.address(y, i * lanes) for i in range(count)]
            # The columns begin after the vector of integers.
            places += [body.address(columns, i * lanes) for i in (0, *weight, layout.share // lanes - 1)]
            found = self._computed(body, program.tape, [body.load(place) for place in places])
            for i, text in enumerate(found[:2]):
                total = body.address("%sums", i * lanes)
                body.store(body.emit(f"fadd {self._module.vector} {body.load(total)}, {text}"), total)
            for i, text in enumerate(found[2:]):
                self._arrive(body, len(self._net.stages) - 1, text, body.address(slopes, i * lanes))
        arrays = "ptr noalias %y, ptr noalias %slopes, ptr noalias %columns, ptr noalias %sums"
        self._define(name, f"{arrays}, i64 %vectors", body)

    # Back.

    def _arrive(self, body: Body, number: int, cotangent: str, place: str) -> None:
        """Multiply the cotangent of a feature of a stage by the slope of its function, and store it in its place."""
        if self._net.stages[number].value is not None:
            cotangent = body.emit(f"fmul {self._module.vector} {cotangent}, {body.load(place)}")
        body.store(cotangent, place)

    def _write_backward(self, number: int, source: Link | Window | None, *, updates: bool) -> None:
        """Define the gradient of the weights of a stage, and the cotangents of the features before it."""
        arrays = "ptr noalias %cotangents, ptr noalias %x"
        if isinstance(source, Link):
            link, body = LinkCode(self.layout, source, f"link.{number}", is_first=not number), Body(self._module)
            link.slope(body, updates=updates)
            more = f", {_UPDATED}, i1 %keeps, i1 %last" if updates else ""
            given = "ptr noalias %cotangents, ptr %batch, ptr %table" if link.is_from_table else arrays
            self._define(
                f"slope.{number}",
                f"{given}, ptr noalias %slope, i64 %vectors, i64 %start, i64 %stop, i1 %adds{more}",
                body,
            )
        if not number or source is None:
            return
        body, wide = Body(self._module), self.layout.wide(self.layout.features(number - 1))

        def finish(cotangent: str, vector: int | str, feature: int | str) -> None:
            place = body.sum(body.product(vector, wide), body.product(feature, self._lanes))
            self._arrive(body, number - 1, cotangent, body.address("%slopes", place))

        if isinstance(source, Link):
            link.back(body, finish)
        else:
            self._write_windows_back(body, number, source)
        parameters = f"{arrays}, ptr noalias %weights, ptr noalias %slopes, i64 %vectors"
        self._define(f"back.{number}", parameters, body)

    def _write_windows_back(self, body: Body, number: int, window: Window) -> None:
        """Write the cotangents of the members of windows, and zeros for the features that are in no window."""
        lanes, features = self._lanes, self.layout.features(number - 1)
        wide, before = self.layout.wide(window.features), self.layout.wide(features)
        outside = sorted(set(range(features)) - {feature for members in window.members for feature in members})
        with body.loop(0, "%vectors") as loop:
            start = body.product(loop.counter, before)
            x, slopes = body.address("%x", start), body.address("%slopes", start)
            cotangents = body.address("%cotangents", body.product(loop.counter, wide))
            with body.loop(0, window.features) as output:
                members = [body.load(one) for one in self._members(body, number, window, x, output.counter)]
                targets = self._members(body, number, window, slopes, output.counter)
                arriving = body.load(body.address(cotangents, body.product(output.counter, lanes)))
                for slope, target in zip(self._computed(body, window.slopes, members), targets, strict=True):
                    product = body.emit(f"fmul {self._module.vector} {arriving}, {slope}")
                    self._arrive(body, number - 1, product, target)
            if outside:
                table = body.table(f"outside.{number}", outside)
                with body.loop(0, len(outside)) as one:
                    feature = body.product(body.integer(table, one.counter), lanes)
                    body.store("zeroinitializer", body.address(slopes, feature))

    # The passes.

    def _write_sweep(self, name: str, forward: str, *, derivatives: bool, updates: bool) -> None:
        """Define the pass over all rows of a batch, piece by piece.

        The work on a piece has two shares, which two threads may do at the same time: two stretches of its rows, and
        then two stretches of each matrix of weights.  A thread that does both does one after the other, and has the
        same sums.  A pass without derivatives adds to the sums that are there if ``%adds`` isn't 0.
        """
        body, lanes = Body(self._module), self._lanes
        numbers, cleared = SUMS * lanes, "%share.first"
        if not derivatives:
            adds = body.emit("icmp ne i64 %adds, 0")
            cleared = body.emit(f"select i1 {adds}, i64 %share.end, i64 %share.first")
        with body.loop(cleared, "%share.end") as share:
            for i in range(SUMS):
                place = body.sum(body.product(share.counter, numbers), i * lanes)
                body.store("zeroinitializer", body.address("%sums", place))
        with body.loop(0, "%vectors", PIECE) as piece:
            count = body.least(body.emit(f"sub i64 %vectors, {piece.counter}"), PIECE)
            together = tile_size(self._module).vectors
            # Each share has whole tiles, but for the end of the last one.
            half = body.emit(f"udiv i64 {body.sum(count, 2 * together - 1)}, {2 * together}")
            middle = body.least(body.product(half, together), count)
            with body.loop("%share.first", "%share.end") as share:
                is_second = body.emit(f"icmp ne i64 {share.counter}, 0")
                start = body.emit(f"select i1 {is_second}, i64 {middle}, i64 0")
                stop = body.emit(f"select i1 {is_second}, i64 {count}, i64 {middle}")
                rows = _Rows(start, body.emit(f"sub i64 {stop}, {start}"), body.sum(piece.counter, start))
                sums = body.address("%sums", body.product(share.counter, numbers))
                self._call_rows(body, rows, sums, forward, derivatives=derivatives)
            if derivatives:
                body.lines.append("call void @meet(ptr %threads)")
                with body.loop("%share.first", "%share.end") as share:
                    is_second = body.emit(f"icmp ne i64 {share.counter}, 0")
                    sums = body.address("%sums", body.product(share.counter, numbers))
                    self._call_slopes(body, count, piece.counter, is_second, sums, updates=updates)
            # Shares of pieces of different sizes may have the same places in the buffers.
            body.lines.append("call void @meet(ptr %threads)")
        more = ", ptr %memory, ptr %shared" if updates else "" if derivatives else ", i64 %adds"
        self._define(f"{name}.sweep", _SWEPT + more, body)

    def _buffer(self, body: Body, kind: str, number: int, vector: int | str = 0) -> str:
        """Return the address of a vector of rows in a buffer; a null pointer if there is no such buffer."""
        layout = self.layout
        if not layout.has(kind, number):
            return "null"
        moved = body.product(vector, layout.wide(layout.features(number)))
        return body.address("%kept", body.sum(layout.buffer(kind, number), moved))

    def _call(self, body: Body, function: str, *operands: str) -> None:
        """Write a call; an operand without a type is a pointer."""
        typed = ", ".join(one if " " in one else f"ptr {one}" for one in operands)
        body.lines.append(f"call void @{self._names[function]}({typed})")

    def _call_rows(self, body: Body, rows: _Rows, sums: str, forward: str, *, derivatives: bool) -> None:
        """Write the calls for rows, each of which needs only its own numbers."""
        stages, count = self._net.stages, f"i64 {rows.size}"
        last = len(stages) - 1

        def buffer(kind: str, number: int) -> str:
            return self._buffer(body, kind, number, rows.start)

        batch = body.address("%rows", body.product(rows.place, self.layout.block))
        columns = body.address(batch, self._lanes)
        self._call(body, "turn", batch, "%table", buffer("features", -1), buffer("rows", -1), count)
        for number, stage in enumerate(stages):
            x, y, slopes = buffer("features", number - 1), buffer("features", number), buffer("slopes", number)
            weights = self._weights(body, "%parameters", stage.source)
            self._call(body, f"{forward}.{number}", x, weights, y, slopes, columns, count)
            if derivatives and self.layout.has("rows", number):
                self._call(body, f"rows.{number}", y, buffer("rows", number), count)
        scores = "scores" if derivatives else "evaluate.scores"
        self._call(body, scores, buffer("features", last), buffer("slopes", last), columns, sums, count)
        for number in range(last if derivatives else 0, 0, -1):
            source = stages[number].source
            if source is not None:
                x, weights = buffer("features", number - 1), self._weights(body, "%parameters", source)
                targets = buffer("slopes", number - 1)
                self._call(body, f"back.{number}", buffer("slopes", number), x, weights, targets, count)

    def _call_slopes(self, body: Body, count: str, piece: str, is_second: str, sums: str, *, updates: bool) -> None:
        """Write the calls for the gradient of weights, which is a sum over rows."""
        layout = self.layout
        adds = f"i1 {body.emit(f'icmp ne i64 {piece}, 0')}"
        keeps = f"i1 {body.emit(f'icmp ugt i64 %vectors, {PIECE}')}"
        last = f"i1 {body.emit(f'icmp ule i64 %vectors, {body.sum(piece, PIECE)}')}"
        for number in reversed(range(len(self._net.stages))):
            source = self._net.stages[number].source
            if not isinstance(source, Link):
                continue
            inputs = [self._buffer(body, "rows" if source.is_dense else "features", number - 1)]
            if source.is_dense and not layout.has("rows", number - 1):
                inputs = [body.address("%rows", body.product(piece, layout.block)), "%table"]
            middle = middle_row(source, self._module)
            start = body.emit(f"select i1 {is_second}, i64 {middle}, i64 0")
            stop = body.emit(f"select i1 {is_second}, i64 {source.outputs}, i64 {middle}")
            more = []
            if updates:
                weights, memory = (self._weights(body, array, source) for array in ("%parameters", "%memory"))
                more = [weights, memory, "%shared", sums, keeps, last]
            self._call(
                body, f"slope.{number}", self._buffer(body, "slopes", number), *inputs,
                self._weights(body, "%slope", source), f"i64 {count}", f"i64 {start}", f"i64 {stop}", adds, *more,
            )  # fmt: skip

    def _weights(self, body: Body, array: str, source: Link | Window | None) -> str:
        """Return where the weights of a stage begin in an array; a null pointer if it has none."""
        return body.address(array, self.layout.weights(source)) if isinstance(source, Link) else "null"
