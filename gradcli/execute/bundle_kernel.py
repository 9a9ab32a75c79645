"""Functions of vectors, whose code is bundles: on NumPy, and the choice between NumPy and machine code.

A derivative is nan where the function has no value.  To compute the value would often take longer than to compute its
derivatives: a sum of a thousand terms is a thousand steps, each of which waits for the one before.  So a condition that
can be checked for all terms at once says that the function has a value: the variables are so small that a polynomial of
them can't overflow, or the terms are so small that their sum can't.  Where it doesn't hold, the value is computed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from gradcli import limits
from gradcli.errors import UsageError
from gradcli.execute.bundles import Bundle, VectorProgram
from gradcli.execute.kernel import require_compiler, why_not_compiled
from gradcli.primitives.backends import backend_named

__all__ = ["VectorFunction"]

np: Final = backend_named("numpy").xp


class VectorFunction:
    """A function of vectors that runs on machine code or on NumPy.

    Args:
        program: the program.
        has_value: a function of the first vector, as a list of floats, that says whether the function which is
            differentiated has a value there.
        executor: ``"llvm"``, ``"numpy"``, or ``"auto"`` for machine code if possible.

    Raises:
        UnavailableError: ``"llvm"`` is asked for, and llvmlite is not installed.
        UsageError: ``"llvm"`` is asked for, and the program has no compiled form.

    >>> from gradcli.execute.bundles import Bundles
    >>> from gradcli.execute.tape import Tape
    >>> from gradcli.graph import Graph
    >>> graph = Graph()
    >>> x, y = graph.variable("x"), graph.variable("y")
    >>> program = VectorProgram(Bundles(Tape([x * y, x + y, x], [x, y])), (2,), 3, 1e100)
    >>> VectorFunction(program, lambda numbers: True, "numpy")([[2.0, 3.0], [4.0, 5.0]])
    array([[ 6.,  5.,  2.],
           [20.,  9.,  4.]])
    """

    def __init__(
        self, program: VectorProgram, has_value: Callable[[Sequence[float]], bool], executor: str = "auto"
    ) -> None:
        self._program = program
        self._has_value = has_value
        self._dtype = np.dtype(program.dtype)
        backend = backend_named("numpy")
        self._kernels = [
            [(backend.kernel(one), slots) for one, slots in part.instructions] for part in program.bundles.parts
        ]
        #: The machine code, whose results are nan where the condition doesn't hold; None if there is none.
        self._compiled = self._machine_code(executor)
        self._call = self._compiled and self._compiled.call

    def _machine_code(self, executor: str) -> Any:
        if executor == "llvm":
            require_compiler("compiling an expression")
        is_too_long = executor == "auto" and self._program.bundles.operations > limits.COMPILED_OPERATIONS
        if executor == "numpy" or is_too_long or not self._program.results or why_not_compiled() is not None:
            return None
        from gradcli.execute.llvm import NoCompiledForm
        from gradcli.execute.llvm.bundle_code import BundleCode

        try:
            return BundleCode(self._program)
        except NoCompiledForm as reason:
            if executor == "llvm":
                raise UsageError(f"the expression can't be compiled: {reason}") from None
            return None

    def quick(self, *vectors: Any, out: Any = None) -> Any:
        """Return the results, in less time than a call takes; None if it can't.

        It can't without machine code, for arguments that aren't contiguous arrays of one axis in the right type, and
        where the condition doesn't hold.
        """
        if self._call is None:
            return None
        try:
            given = np.empty(self._program.results, self._dtype) if out is None else out
            return given if self._call(*vectors, given) else None
        except (TypeError, ValueError, BufferError):
            return None

    def __call__(self, *vectors: Any, out: Any = None) -> Any:
        """Return the results.

        Args:
            vectors: arrays whose last axis has the elements of a vector; their other axes broadcast.
            out: the array that the results are written into.
        """
        arrays = [np.asarray(one, self._dtype) for one in vectors]
        shape = np.broadcast_shapes(*[one.shape[:-1] for one in arrays])
        if out is None:
            out = np.empty((*shape, self._program.results), self._dtype)
        is_left = np.ones(shape, bool)
        if self._compiled is not None:
            given = [one.copy() if np.may_share_memory(one, out) else one for one in arrays]
            self._compiled.ufunc(*given, out)
            is_left, arrays = np.isnan(out[..., 0]), given
        if is_left.any():
            arrays = [np.broadcast_to(one, (*shape, one.shape[-1])) for one in arrays]
            for place in map(tuple, np.argwhere(is_left)):
                out[place] = self._at_one([one[place] for one in arrays])
        return out

    def _at_one(self, vectors: Sequence[Any]) -> Any:
        program, bundles = self._program, self._program.bundles
        memory = np.ones(bundles.size, self._dtype)
        numbers = np.concatenate([*vectors, np.array(bundles.constants, self._dtype)])
        memory[: len(numbers)] = numbers
        with np.errstate(all="ignore"):
            for part, kernels in zip(bundles.parts, self._kernels, strict=True):
                memory[part.start : part.start + part.leaves.shape[1]] = self._results(memory, part, kernels)
        found = memory[bundles.outputs]
        checked = found[program.results :] if len(found) > program.results else memory[: bundles.variables]
        if not (np.abs(checked) <= program.largest).all() and not self._has_value(vectors[0].tolist()):
            return np.full(program.results, np.nan, self._dtype)
        return found[: program.results]

    @staticmethod
    def _results(memory: Any, part: Bundle, kernels: Sequence[tuple[Any, tuple[int, ...]]]) -> Any:
        slots = [*memory[part.leaves], *part.constants]
        for kernel, places in kernels:
            slots.append(kernel(*[slots[place] for place in places]))
        return slots[-1]
