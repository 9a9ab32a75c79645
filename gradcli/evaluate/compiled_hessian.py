"""The matrix of second derivatives of a compiled function at a point, its structure, and its product with a vector.

The graphs of the second derivatives say which entries may differ from 0 (`gradcli.graph.hessians`).  Only these are
computed, by one loop for each form that they have (`gradcli.execute.bundles`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from typing import Any, Final

from gradcli.errors import UsageError, missing_extra
from gradcli.execute.bundle_kernel import VectorFunction
from gradcli.execute.bundles import Bundles, VectorProgram
from gradcli.execute.tape import Tape
from gradcli.graph import Node, differentiate, toposort
from gradcli.graph.hessians import hessian_product, second_partials
from gradcli.primitives import functions as f
from gradcli.primitives.backends import backend_named

__all__ = ["Hessian"]

np: Final = backend_named("numpy").xp
#: Sizes of all variables that are tried as bounds.
_SIZES: Final = (1e100, 1e60, 1e30, 1e15, 1e8, 1e4)
#: What is below it can't overflow in a sum.
_LARGEST: Final = {"float64": 1e300, "float32": 1e36}


class Hessian:
    """The second derivatives of a function.

    Args:
        root: the function.
        inputs: all its variables.
        targets: the variables with respect to which it is differentiated.
        dtype: the type of all numbers.
        executor: the executor, as for `gradcli.compile`.

    Raises:
        LimitError: the graph of the second derivatives is too large.
    """

    def __init__(self, root: Node, inputs: Sequence[Node], targets: Sequence[Node], dtype: str, executor: str) -> None:
        self._root = root
        self._inputs = list(inputs)
        self._targets = list(targets)
        self._dtype, self._executor = np.dtype(dtype), executor
        self._partials = differentiate.vjp(root, 1.0, self._targets)

    @cached_property
    def _entries(self) -> list[dict[int, Node]]:
        """The entries of each row, those below the diagonal taken from the other half."""
        upper = second_partials(self._partials, self._targets, is_upper=True)
        rows: list[dict[int, Node]] = [{} for _ in upper]
        for i, row in enumerate(upper):
            for j, entry in row.items():
                rows[i][j] = rows[j][i] = entry
        return rows

    @cached_property
    def structure(self) -> tuple[Any, Any]:
        """The rows and the columns of the entries, row by row."""
        counts = [len(row) for row in self._entries]
        columns = [sorted(row) for row in self._entries]
        return np.repeat(np.arange(len(counts)), counts), np.concatenate([*map(np.asarray, columns), []]).astype(int)

    @cached_property
    def _values(self) -> VectorFunction:
        found = [row[j] for row in self._entries for j in sorted(row)]
        return self._function(found, [self._inputs])

    @cached_property
    def _product(self) -> VectorFunction:
        graph = self._root.graph
        direction = {target: graph.fresh_variable(f"d_{target.name}") for target in self._targets}
        return self._function(hessian_product(self._partials, direction), [self._inputs, list(direction.values())])

    def _function(self, results: list[Node], vectors: list[list[Node]]) -> VectorFunction:
        largest, dtype = _largest(self._root, str(self._dtype)), str(self._dtype)
        terms: list[Node] = []
        if largest is None:
            terms = _terms(self._root)
            largest = _LARGEST[dtype] / len(terms)
        bundles = Bundles(Tape([*results, *terms], [one for vector in vectors for one in vector]))
        program = VectorProgram(bundles, tuple(map(len, vectors)), len(results), largest, dtype)
        return VectorFunction(program, self._has_value, self._executor)

    def _has_value(self, point: Sequence[float]) -> bool:
        return not math.isnan(self._tape.run(point)[self._tape.outputs[0]])

    @cached_property
    def _tape(self) -> Tape:
        return Tape([self._root], self._inputs)

    def values(self, point: Any, out: Any = None) -> Any:
        """Return the entries; see `Compiled.hessian_values`."""
        found = self._values.quick(point, out=out)
        if found is None:
            vector = self._vector("point", point, len(self._inputs))
            found = self._values(vector, out=self._checked(out, (*vector.shape[:-1], len(self.structure[0]))))
        return found

    def product(self, point: Any, direction: Any, out: Any = None) -> Any:
        """Return the product with a vector; see `Compiled.hvp`."""
        found = self._product.quick(point, direction, out=out)
        if found is None:
            first = self._vector("point", point, len(self._inputs))
            second = self._vector("direction", direction, len(self._targets))
            try:
                shape = np.broadcast_shapes(first.shape[:-1], second.shape[:-1])
            except ValueError:
                message = f"the shapes of `point` {first.shape} and `direction` {second.shape} don't fit together"
                raise UsageError(message, kind="shape") from None
            found = self._product(first, second, out=self._checked(out, (*shape, len(self._targets))))
        return found

    def dense(self, point: Any) -> Any:
        """Return the matrix, or for several points an array of matrices."""
        vector, count = self._vector("point", point, len(self._inputs)), len(self._targets)
        values, shape = self.values(vector), (*vector.shape[:-1], count, count)
        if values.shape[-1] == count * count:
            return values.reshape(shape)
        matrix = np.zeros(shape, self._dtype)
        rows, columns = self.structure
        matrix[(..., rows, columns)] = values
        # An entry that isn't finite may say that the function has no value; without an entry, nothing says so.
        is_doubtful = np.isnan(values[..., 0]) if len(rows) else np.ones(shape[:-2], bool)
        for place in np.argwhere(is_doubtful):
            if not self._has_value(vector[tuple(place)].tolist()):
                matrix[tuple(place)] = np.nan
        return matrix

    def sparse(self, point: Any) -> Any:
        """Return the matrix as a sparse array of SciPy.

        Raises:
            UsageError: there are several points.
            UnavailableError: SciPy is not installed.
        """
        try:
            from scipy.sparse import csr_array
        except ImportError:
            raise missing_extra("scipy", "science", "a sparse matrix") from None
        values, (_, columns), count = self.values(point), self.structure, len(self._targets)
        if values.ndim > 1:
            raise UsageError("a sparse matrix is computed at one point, an array with one axis", kind="shape")
        return csr_array((values, columns, self._starts), shape=(count, count))

    @cached_property
    def _starts(self) -> Any:
        """The position of the first entry of each row, and the number of entries."""
        return np.cumsum([0, *map(len, self._entries)])

    def _vector(self, name: str, given: Any, length: int) -> Any:
        array = np.asarray(given)
        if array.dtype.kind not in "fiub":
            raise UsageError(f"the value of `{name}` isn't an array of numbers")
        if array.ndim == 0 or array.shape[-1] != length:
            names = ", ".join(str(one.name) for one in (self._inputs if name == "point" else self._targets)[:10])
            more = ", ..." if length > 10 else ""
            expected = f"a number for each of {names}{more}"
            raise UsageError(f"`{name}` has the shape {array.shape}, not ({length},): {expected}", kind="shape")
        return array.astype(self._dtype, copy=False)

    def _checked(self, out: Any, shape: tuple[int, ...]) -> Any:
        if out is None:
            return None
        if not isinstance(out, np.ndarray):
            problem = f"is {type(out).__name__}, not an array of NumPy"
        elif out.dtype != self._dtype or out.shape != shape:
            problem = f"holds {out.dtype} in the shape {out.shape}; the results are {self._dtype} in the shape {shape}"
        elif not out.flags.writeable:
            problem = "is read-only"
        else:
            return out
        raise UsageError(f"the argument `out` {problem}", kind="bad_out")


def _largest(root: Node, dtype: str) -> float | None:
    """Return a size of variables up to which a polynomial certainly has a value; None for another function.

    >>> from gradcli import parse
    >>> _largest(parse("100*(x - y^2)^2").root, "float64"), _largest(parse("log(x)").root, "float64")
    (1e+60, None)
    """
    order = toposort([root])
    for bound in _SIZES:
        sizes: dict[Node, float] = {}
        for node in order:
            size = _size(node, sizes, bound)
            if size is None:
                return None
            sizes[node] = size
        if sizes[root] < _LARGEST[dtype]:
            return bound
    return None


def _size(node: Node, sizes: dict[Node, float], bound: float) -> float | None:
    """Return a bound of the size of a node; None if it is not an operation of a polynomial."""
    if node.is_variable:
        return bound
    if node.constant is not None:
        return abs(node.constant) if math.isfinite(node.constant) else None
    given, primitive = [sizes[one] for one in node.operands], node.primitive
    if primitive in (f.add, f.sub):
        return given[0] + given[1]
    if primitive is f.mul:
        return given[0] * given[1] if all(given) else 0.0
    if primitive is f.neg:
        return given[0]
    if primitive is f.square:
        return given[0] * given[0]
    exponent = node.operands[1].constant if primitive is f.pow else None
    if exponent is not None and exponent >= 0.0 and exponent.is_integer():
        try:
            return float(max(1.0, given[0]) ** exponent)
        except OverflowError:
            return math.inf
    return None


def _terms(root: Node) -> list[Node]:
    """Return the terms of a sum, or the function itself."""
    found = []
    while root.primitive in (f.add, f.sub):
        root, term = root.operands
        found.append(term)
    return [*found, root]
