"""The LLVM code of an optimiser: it updates some parameters, given their gradient.

The code runs while the gradient of these parameters is still in the caches.  What is the same for all parameters is
computed once for an update, before the passes over the rows.
"""

from __future__ import annotations

import itertools
from typing import Any, Final

from gradcli.execute.llvm.avx512 import has_avx512
from gradcli.execute.llvm.emitter import Block, LLVMModule, Vector
from gradcli.execute.llvm.square_roots import roots
from gradcli.execute.llvm.tiles import Body
from gradcli.execute.llvm.vector_names import apply, run_tape
from gradcli.execute.tape import Tape
from gradcli.primitives import Primitive
from gradcli.primitives import functions as f

__all__ = ["UpdateCode"]

#: An instruction of a tape: the slot of its result, the primitive, and the slots of its operands.
Step = tuple[int, Primitive, "tuple[int, ...]"]

#: The variables of the tape of an update that come before the memory.
_PARAMETER, _GRADIENT, _RATE, _NUMBER, _FIRST_MEMORY = range(5)
#: How many vectors are updated together, so that the tests for their square roots cost less.
_TOGETHER: Final = 2


class UpdateCode:
    """The writer of an update.

    Args:
        module: the module in which the function is defined.
        update: the tape of the update of one parameter; see `Recipe`.
        penalty: the tape of a term of the loss and its derivative, if the gradient lacks them.
        padded: the length of the array of parameters, and of each array of memory.
        is_clipped: whether the gradient is multiplied by a factor.

    Attributes:
        shared: how many vectors `share` stores.
    """

    def __init__(
        self, module: LLVMModule, update: Tape, penalty: Tape | None, padded: int, *, is_clipped: bool
    ) -> None:
        self._module = module
        self._update = update
        self._penalty = penalty
        self._padded = padded
        self._is_clipped = is_clipped
        first = len(update.variables)
        self._constants: dict[int, float] = dict(enumerate(update.constants, first))
        known = {_RATE, _NUMBER, *self._constants}
        self._before: list[Step] = []
        self._varying: list[Step] = []
        for slot, (primitive, operands) in enumerate(update.instructions, first + len(update.constants)):
            if known.issuperset(operands):
                known.add(slot)
                self._before.append((slot, primitive, tuple(operands)))
            else:
                self._varying.append((slot, primitive, tuple(operands)))
        # A division takes as long as ten products, so a divisor that all parameters share is inverted once.
        self._inverted = sorted({operands[1] for _, one, operands in self._varying if one is f.div} & known)
        used = {slot for _, _, operands in self._varying for slot in operands} | set(update.outputs)
        self._used = sorted(used & known - set(self._constants))
        self.shared = is_clipped + len(self._used) + len(self._inverted)

    def share(self, block: Block, rate: Vector, number: Vector, factor: Any, target: str) -> None:
        """Store what is the same for all parameters.

        Args:
            rate, number: the learning rate, and the number of the update.
            factor: the factor for the gradient, if it is clipped.
            target: the name of the array for the numbers.
        """
        values: dict[int, Any] = {_RATE: rate, _NUMBER: number, **self._constants}
        for slot, primitive, operands in self._before:
            values[slot] = apply(primitive, [values[i] for i in operands])
        inverses = [1.0 / values[slot] for slot in self._inverted]
        stored = [*([factor] if self._is_clipped else []), *[values[slot] for slot in self._used], *inverses]
        for i, one in enumerate(stored):
            block.store(one, target, str(i * self._module.lanes))

    def write(self) -> None:
        """Define ``update``, which updates consecutive parameters.

        Unless the gradient is clipped, the function also adds the squares of the gradient to the third of the sums, and
        the terms of the penalty to the fourth.
        """
        body, lanes, kind = Body(self._module), self._module.lanes, self._module.vector
        shared = [body.load(body.address("%shared", i * lanes)) for i in range(self.shared)]
        factor = shared.pop(0) if self._is_clipped else None
        values: dict[int, Any] = {**self._constants, **dict(zip(self._used, shared, strict=False))}
        inverses = dict(zip(self._inverted, shared[len(self._used) :], strict=True))
        sums = [] if self._is_clipped else [body.load(body.address("%sums", i * lanes)) for i in (2, 3)]
        step = _TOGETHER * lanes
        whole = body.product(body.emit(f"udiv i64 %count, {step}"), step)
        for start, stop, size in ((0, whole, _TOGETHER), (whole, "%count", 1)):
            with body.loop(start, stop, size * lanes, [(kind, one) for one in sums]) as loop:
                places = [body.sum(loop.counter, i * lanes) for i in range(size)]
                sums = self._write_vectors(body, places, values, inverses, factor, loop.carried)
                loop.following.extend(sums)
            sums = loop.carried
        for i, one in enumerate(sums, 2):
            body.store(one, body.address("%sums", i * lanes))
        arrays = "ptr noalias %slope, ptr noalias %parameters, ptr noalias %memory, ptr noalias %shared"
        self._module.define(
            f"void @update({arrays}, ptr noalias %sums, i64 %count) noinline", [*body.lines, "ret void"],
            linkage="internal",
        )  # fmt: skip

    def _write_vectors(
        self,
        body: Body,
        places: list[Any],
        known: dict[int, Any],
        inverses: dict[int, str],
        factor: Any,
        sums: list[str],
    ) -> list[str]:
        """Write the update of some vectors of parameters, and return the sums with what is added to them."""
        module, memory = self._module, range(_FIRST_MEMORY, len(self._update.variables))
        every, addresses = [], []
        for place in places:
            moved = [body.address("%memory", body.sum(place, i * self._padded)) for i in range(len(memory))]
            addresses.append([body.address("%parameters", place), *moved])
            values = dict(known)
            values[_PARAMETER], *values_of_memory = map(body.load, addresses[-1])
            values |= zip(memory, values_of_memory, strict=True)
            values[_GRADIENT] = body.load(body.address("%slope", place))
            with body.block() as block:
                slope, parameter = (Vector(block, values[i], module.dtype) for i in (_GRADIENT, _PARAMETER))
                if factor is not None:
                    slope = slope * Vector(block, factor, module.dtype)
                if sums:
                    square, extra = (Vector(block, one, module.dtype) for one in sums)
                    if self._penalty is not None:
                        term, change = run_tape(self._penalty, [parameter])
                        slope, extra = slope + change, extra + term
                    sums = [(square + slope * slope).name, extra.name]
                values[_GRADIENT] = slope.name
            every.append(values)
        for is_root, group in itertools.groupby(self._varying, self._is_root):
            steps = list(group)
            if is_root:
                for step in steps:
                    self._write_roots(body, every, step)
                continue
            for values in every:
                with body.block() as block:
                    for slot, primitive, operands in steps:
                        found = [_vector(block, values[i]) for i in operands]
                        if primitive is f.div and operands[1] in inverses:
                            result = found[0] * _vector(block, inverses[operands[1]])
                        else:
                            result = apply(primitive, found)
                        values[slot] = result.name if isinstance(result, Vector) else result
        for values, targets in zip(every, addresses, strict=True):
            for output, target in zip(self._update.outputs, targets, strict=True):
                body.store(body.text(values[output]), target)
        return sums

    def _is_root(self, step: Step) -> bool:
        """Whether a step is a square root that is better computed without the instruction."""
        _, primitive, operands = step
        is_half = primitive is f.pow and self._constants.get(operands[1]) == 0.5
        return has_avx512(self._module) and (primitive is f.sqrt or is_half)

    def _write_roots(self, body: Body, every: list[dict[int, Any]], step: Step) -> None:
        """Write the square roots of a number of each vector of parameters."""
        slot, primitive, operands = step

        def plain(number: str) -> str:
            with body.block() as block:
                found = apply(primitive, [_vector(block, number), *[self._constants[i] for i in operands[1:]]])
            assert isinstance(found, Vector)
            return found.name

        # The root of -0.0 is -0.0, but its power is 0.0.
        numbers = [values[operands[0]] for values in every]
        zero = -0.0 if primitive is f.sqrt else 0.0
        for values, root in zip(every, roots(body, numbers, plain, zero), strict=True):
            values[slot] = root


def _vector(block: Block, value: Any) -> Any:
    """Return a number, or a vector by its name."""
    return Vector(block, value, block.module.dtype) if isinstance(value, str) else value
