"""JAX, PyTorch and autograd for `digits.py`, and a second process in which they compute.

So they compute while gradcli does, and a computation that does not end can be given up.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, NamedTuple

import numpy as np

from gradcli.primitives import REGISTRY

__all__ = ["PEERS", "FormulaQuestion", "FunctionQuestion", "NeverEnds", "SecondProcess", "answer", "second_process"]

Numbers = np.ndarray[Any, np.dtype[Any]]
#: How long a peer may compute one answer, while the machine has other work.
SECONDS = 40.0


class FunctionQuestion(NamedTuple):
    """The derivatives of order 0, 1 and 2 of a function toward one operand.

    Attributes:
        name: the name of the function in gradcli.
        static: its first operands, which are numbers.
        target: the place of the operand among the others.
        operands: the other operands, shape (operands, points).
    """

    name: str
    static: tuple[float, ...]
    target: int
    operands: Numbers


class FormulaQuestion(NamedTuple):
    """The value and the gradient of a formula at points.

    Attributes:
        programs: the name of a peer -> the formula as a program ``f`` of this peer.
        points: the points, shape (points, variables).
    """

    programs: dict[str, str]
    points: list[list[float]]


class NeverEnds(Exception):
    """The error for a computation that was given up."""


#: Names of peers that aren't those of gradcli.
RENAMED = {
    "asin": "arcsin", "acos": "arccos", "atan": "arctan", "asinh": "arcsinh", "acosh": "arccosh", "atanh": "arctanh",
    "atan2": "arctan2", "max": "maximum", "min": "minimum", "pow": "power", "lgamma": "gammaln", "sub": "subtract",
    "mul": "multiply", "div": "divide", "neg": "negative", "softsign": "soft_sign", "mod": "remainder",
}  # fmt: skip
#: Functions of a peer with these names compute something else, or have other operands.
OTHERS = ("gelu", "leaky_relu", "where", "clip")
#: Bessel functions whose order is part of their name.
WITH_ORDER = {
    "besselj": ("bessel_j", "j"), "bessely": ("bessel_y", "y"), "besseli": ("i",), "besselk": ("modified_bessel_k",),
}  # fmt: skip
#: Functions that are one of two results.
PARTS = {"sinint": ("sici", 0), "cosint": ("sici", 1), "fresnels": ("fresnel", 0), "fresnelc": ("fresnel", 1)}


def named(question: FunctionQuestion, *places: Any) -> Callable[..., Any] | None:
    """The function of a peer with the name of a function; static operands are its own, or part of the name."""
    primitive = REGISTRY[question.name]
    if primitive.name in OTHERS:
        return None
    static = [int(one) if one.is_integer() else one for one in question.static]
    for place in places:
        for stem in WITH_ORDER.get(primitive.name, ()):
            function = getattr(place, f"{stem}{static[0]}", None)
            if callable(function):
                return function
        if primitive.name in PARTS and hasattr(place, PARTS[primitive.name][0]):
            name, part = PARTS[primitive.name]
            both = getattr(place, name)
            return lambda x, both=both, part=part: both(x)[part]
        for name in (primitive.name, RENAMED.get(primitive.name), *primitive.spellings):
            function = getattr(place, name, None) if name else None
            if callable(function):
                if name == "zeta":  # the function of Hurwitz, with a second operand
                    return lambda x, function=function: function(x, x * 0 + 1)
                return (lambda *given, function=function: function(*static, *given)) if static else function
    return None


# Peers: the rows of a result are the derivatives that a peer has, which may be the value alone.


def functions_of_jax(question: FunctionQuestion) -> list[Any] | None:
    import jax
    import jax.numpy as jnp
    import jax.scipy.special

    jax.config.update("jax_enable_x64", True)
    function = named(question, jnp, jax.scipy.special, jax.nn)
    if function is None:
        return None
    first = jax.grad(function, question.target)
    orders = [function, jax.vmap(first), jax.vmap(jax.grad(first, question.target))]

    def all_orders(*columns: Any) -> list[Any]:
        return [one(*columns) for one in orders]

    columns = [jnp.array(column) for column in question.operands]
    try:
        return jax.jit(all_orders)(*columns)  # type: ignore[no-any-return]
    except (TypeError, NotImplementedError, ValueError):
        return [jax.jit(function)(*columns)]


def functions_of_pytorch(question: FunctionQuestion) -> list[Any] | None:
    import torch

    function = named(question, torch, torch.special, torch.nn.functional)
    if function is None:
        return None
    target = question.target
    columns = [torch.tensor(column, requires_grad=i == target) for i, column in enumerate(question.operands)]
    try:
        rows = [function(*columns)]
    except TypeError:  # a parameter must be a tensor
        static = [torch.tensor(one, dtype=torch.float64) for one in question.static]
        function = named(question._replace(static=()), torch.special)
        assert function is not None
        rows = [function(*static, *columns)]
    for _ in range(2):
        last = rows[-1]
        if not last.requires_grad:
            rows.append(torch.zeros(len(last)))
            continue
        try:
            rows.append(torch.autograd.grad(last.sum(), columns[target], create_graph=True)[0])
        except (RuntimeError, NotImplementedError):
            break
    return [row.detach() for row in rows]


def functions_of_autograd(question: FunctionQuestion) -> list[Any] | None:
    import autograd.numpy as anp
    import autograd.scipy.special
    from autograd import elementwise_grad

    function = named(question, anp, autograd.scipy.special)
    if function is None:
        return None
    first = elementwise_grad(function, question.target)
    rows = []
    for one in (function, first, elementwise_grad(first, question.target)):
        try:
            rows.append(one(*[column.copy() for column in question.operands]))
        except NotImplementedError:
            break
    return rows


def program(text: str) -> Any:
    """The function ``f`` of a program."""
    names: dict[str, Any] = {}
    exec(compile(text, "formula", "exec"), names)
    return names["f"]


def formulas_of_jax(question: FormulaQuestion) -> list[list[float]]:
    import jax

    jax.config.update("jax_enable_x64", True)
    gradient = jax.jit(jax.value_and_grad(program(question.programs["JAX"]), tuple(range(len(question.points[0])))))
    found = [gradient(*point) for point in question.points]
    return [[float(value), *map(float, slopes)] for value, slopes in found]


def formulas_of_pytorch(question: FormulaQuestion) -> list[list[float]]:
    import torch

    function, rows = program(question.programs["PyTorch"]), []
    for point in question.points:
        leaves = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in point]
        value = function(*leaves)
        slopes = torch.autograd.grad(value, leaves, allow_unused=True)
        rows.append([value.item(), *(0.0 if slope is None else slope.item() for slope in slopes)])
    return rows


class Peer(NamedTuple):
    """A library: its package, what answers a question on a function, and what answers one on a formula."""

    package: str
    functions: Callable[[FunctionQuestion], list[Any] | None]
    formulas: Callable[[FormulaQuestion], list[list[float]]] | None


PEERS = {
    "JAX": Peer("jax", functions_of_jax, formulas_of_jax),
    "PyTorch": Peer("torch", functions_of_pytorch, formulas_of_pytorch),
    "autograd": Peer("autograd", functions_of_autograd, None),
}


def answer(peer: str, question: FunctionQuestion | FormulaQuestion) -> Any:
    """What a peer finds; None if it has no such function, or fails."""
    try:
        if isinstance(question, FormulaQuestion):
            by_formula = PEERS[peer].formulas
            return by_formula(question) if by_formula else None
        rows = PEERS[peer].functions(question)
        return rows and [np.broadcast_to(np.asarray(row), question.operands.shape[1:]) for row in rows]
    except Exception:
        return None


def serve(connection: Connection) -> None:
    """Call functions until there are no more calls."""
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    while True:
        try:
            function, arguments = connection.recv()
        except EOFError:
            return
        connection.send(function(*arguments))


class SecondProcess:
    """A process that calls functions one after the other."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1)
        self._process: BaseProcess | None = None
        self._connection: Connection | None = None
        self._given_up: set[object] = set()

    def call(self, subject: object, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Return what a function of a module will return there.

        The exception is `NeverEnds` where it takes more than `SECONDS`, and then for every further call with the same
        subject.  There is no bound for the subject None.
        """
        return self._thread.submit(self._call, subject, function, arguments)

    def _call(self, subject: object, function: Callable[..., Any], arguments: Sequence[Any]) -> Any:
        if subject in self._given_up:
            raise NeverEnds
        if self._connection is None:
            context = get_context("spawn")
            self._connection, other = context.Pipe()
            self._process = context.Process(target=serve, args=(other,), daemon=True)
            self._process.start()
            other.close()
        self._connection.send((function, arguments))
        if self._connection.poll(None if subject is None else SECONDS):
            return self._connection.recv()
        self._given_up.add(subject)
        self._kill()
        raise NeverEnds

    def _kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.join()
        self._process = self._connection = None

    def close(self) -> None:
        """End the process."""
        self._thread.shutdown(cancel_futures=True)
        self._kill()


@contextmanager
def second_process() -> Iterator[SecondProcess]:
    """A second process, which ends with the block."""
    second = SecondProcess()
    try:
        yield second
    finally:
        second.close()
