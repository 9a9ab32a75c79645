"""The names of HIPS autograd for what gradcli has, so that autograd's own tests run on it.

``autograd.numpy`` is NumPy itself here, because NumPy hands its functions over to gradcli's operands; only what makes
arrays of lists does not.  Derivatives are those of `gradcli.vjp`, `gradcli.jvp` and `gradcli.jacobian`.  autograd
differentiates functions of lists, tuples and dictionaries, too; here they are taken apart before and put together
after.
"""

from __future__ import annotations

import builtins
import importlib
import itertools
import sys
import types
from collections.abc import Callable, Sequence
from typing import Any

import numpy
import scipy.special

import gradcli
from gradcli import functions as f
from gradcli.primitives.numpy_calls import array_of

__all__ = ["ComplexError", "install"]

Function = Callable[..., Any]
#: The step of difference quotients, and the difference to a derivative that is allowed, absolute or relative.
STEP, CLOSE = 1e-6, 1e-6


class ComplexError(Exception):
    """A number isn't real."""


# Lists, tuples and dictionaries


def parts_of(tree: Any) -> tuple[list[Any], Function]:
    """The numbers and arrays in a structure, and the function that makes such a structure of others."""
    if isinstance(tree, dict):
        names = sorted(tree)
        found, build = parts_of([tree[name] for name in names])
        return found, lambda parts: dict(zip(names, build(parts), strict=True))
    if not isinstance(tree, (list, tuple)):
        return [tree], lambda parts: parts[0]
    several = [parts_of(one) for one in tree]

    def build(parts: Sequence[Any]) -> Any:
        iterator = iter(parts)
        return type(tree)([one(list(itertools.islice(iterator, len(had)))) for had, one in several])

    return [part for had, _ in several for part in had], build


def mapped(function: Function, *trees: Any) -> Any:
    """The structure of the first tree, with the results of a function of the parts at each place."""
    several = [parts_of(tree) for tree in trees]
    return several[0][1]([function(*parts) for parts in zip(*[had for had, _ in several], strict=True)])


def is_structure(tree: Any) -> bool:
    """Whether this is no single number or array."""
    return isinstance(tree, (dict, list, tuple))


class Flat:
    """A function of numbers and arrays that returns one array, made of a function of structures.

    Attributes:
        outputs: the parts that the function returned, and how they are put together.
    """

    def __init__(self, function: Function, build: Function) -> None:
        self.function, self.build = function, build
        self.outputs: tuple[list[Any], Function] = ([], list)
        self.is_single = True

    def __call__(self, *parts: Any) -> Any:
        """The parts of the result, one after the other; a single number or array as it is."""
        result = self.function(self.build(parts))
        self.is_single = not is_structure(result)
        self.outputs = parts_of(result)
        if self.is_single:
            return result
        return f.cat([f.reshape(array_of(part), (-1,)) for part in self.outputs[0]], axis=0)

    def structured(self, flat: Any) -> Any:
        """A result in the structure of what the function returned."""
        if self.is_single:
            return flat
        parts, start = [], 0
        for part in self.outputs[0]:
            shape = numpy.shape(part)
            size = int(numpy.prod(shape))
            parts.append(f.reshape(flat[start : start + size], shape))
            start += size
        return self.outputs[1](parts)

    def flat(self, tree: Any) -> Any:
        """A structure such as the function returns, as one array."""
        return tree if self.is_single else f.cat([f.reshape(array_of(one), (-1,)) for one in parts_of(tree)[0]], axis=0)


def make_vjp(function: Function, x: Any) -> tuple[Function, Any]:
    """The pullback of a function of one argument, and its value."""
    parts, build = parts_of(x)
    flat = Flat(function, build)
    value, pull = gradcli.vjp(flat, *parts)
    return lambda cotangent: build(pull(flat.flat(cotangent))), flat.structured(value)


def make_jvp(function: Function, x: Any) -> Function:
    """The function of a tangent that gives the value and its derivative along the tangent."""
    parts, build = parts_of(x)
    flat = Flat(function, build)

    def jvp(tangent: Any) -> tuple[Any, Any]:
        value, moved = gradcli.jvp(flat, parts, parts_of(tangent)[0])
        return flat.structured(value), flat.structured(moved)

    return jvp


# autograd's functions of functions


def unary_to_nary(operator: Function) -> Function:
    """An operator on functions of one argument as one on functions of several, by the argument's place or places."""

    def nary(function: Function, argnum: Any = 0, *options: Any, **named: Any) -> Function:
        def applied(*arguments: Any, **keywords: Any) -> Any:
            places = argnum if isinstance(argnum, (list, tuple)) else (argnum,)

            def unary(x: Any) -> Any:
                given = list(arguments)
                for place, one in zip(places, x if isinstance(argnum, (list, tuple)) else (x,), strict=True):
                    given[place] = one
                return function(*given, **keywords)

            x = tuple([arguments[i] for i in argnum]) if isinstance(argnum, (list, tuple)) else arguments[argnum]
            return operator(unary, x, *options, **named)

        return applied

    return nary


def ones(value: Any) -> Any:
    """The cotangent of a result of one element."""
    return numpy.ones(numpy.shape(value)) if numpy.shape(value) else 1.0


@unary_to_nary
def value_and_grad(function: Function, x: Any) -> tuple[Any, Any]:
    """The value and the gradient."""
    pull, value = make_vjp(function, x)
    if numpy.size(value) != 1:
        raise TypeError("a gradient is one of a number")
    return value, pull(ones(value))


@unary_to_nary
def grad(function: Function, x: Any) -> Any:
    """The gradient."""
    return value_and_grad(function)(x)[1]


@unary_to_nary
def elementwise_grad(function: Function, x: Any) -> Any:
    """The gradient of the sum."""
    pull, value = make_vjp(function, x)
    return pull(ones(value))


@unary_to_nary
def deriv(function: Function, x: Any) -> Any:
    """The derivative along ones."""
    return make_jvp(function, x)(ones(x))[1]


@unary_to_nary
def grad_and_aux(function: Function, x: Any) -> tuple[Any, Any]:
    """The gradient of the first result, and the second one."""
    return grad(lambda x: function(x)[0])(x), function(x)[1]


@unary_to_nary
def jacobian(function: Function, x: Any) -> Any:
    """The derivatives of all elements of the result by all elements of the argument."""
    return gradcli.jacobian(function)(x)


def hessian(function: Function, argnum: int = 0) -> Function:
    """The second derivatives."""
    return jacobian(jacobian(function, argnum), argnum)  # type: ignore[no-any-return]


@unary_to_nary
def make_hvp(function: Function, x: Any) -> Any:
    """The function of a vector that gives the product of the Hessian with it, and the gradient."""
    return lambda v: gradcli.hvp(function, (x,), (v,))[1], grad(function)(x)


def hessian_tensor_product(function: Function, argnum: int = 0) -> Function:
    """The derivative of the product of the gradient with a tensor."""
    gradient = grad(function, argnum)

    def product(*arguments: Any) -> Any:
        *rest, vector = arguments
        return numpy.tensordot(gradient(*rest), vector, numpy.ndim(vector))

    return grad(product, argnum)  # type: ignore[no-any-return]


def tensor_jacobian_product(function: Function, argnum: int = 0) -> Function:
    """The product of a tensor with the Jacobian."""

    def product(*arguments: Any) -> Any:
        *rest, vector = arguments
        return numpy.tensordot(vector, function(*rest), numpy.ndim(vector))

    return jacobian(product, argnum)  # type: ignore[no-any-return]


def make_ggnvp(function: Function, g: Function = lambda x: numpy.sum(x**2) / 2.0, f_argnum: int = 0) -> Function:
    """Products with the generalised Gauss-Newton matrix."""

    @unary_to_nary
    def make(function: Function, x: Any) -> Function:
        pull, value = make_vjp(function, x)
        push = make_jvp(function, x)
        hessian_of_g = make_vjp(grad(g), value)[0]
        return lambda v: pull(hessian_of_g(push(v)[1]))

    return make(function, f_argnum)  # type: ignore[no-any-return]


# Checks by difference quotients


def is_complex(tree: Any) -> bool:
    """Whether a number in a structure isn't real."""
    return any(numpy.iscomplexobj(part) for part in parts_of(tree)[0])


def scalar_close(a: Any, b: Any) -> bool:
    """Whether two numbers are close."""
    return bool(abs(a - b) < CLOSE or abs(a - b) / abs(a + b) < CLOSE)


def inner(x: Any, y: Any) -> float:
    """The inner product of two structures."""
    return float(sum(numpy.sum(numpy.multiply(a, b)) for a, b in zip(parts_of(x)[0], parts_of(y)[0], strict=True)))


def random_like(tree: Any) -> Any:
    """Random numbers in a structure."""
    return mapped(lambda part: numpy.random.randn(*numpy.shape(part)) if numpy.shape(part) else numpy.random.randn(),
                  tree)  # fmt: skip


def moved(x: Any, direction: Any, step: float) -> Any:
    """A structure, moved along a direction."""
    return mapped(lambda a, b: numpy.asarray(a) + step * b if numpy.shape(a) else a + step * b, x, direction)


def numerical_jvp(function: Function, x: Any, direction: Any) -> Any:
    """A difference quotient."""
    after, before = function(moved(x, direction, STEP / 2)), function(moved(x, direction, -STEP / 2))
    return mapped(lambda a, b: (a - b) / STEP, after, before)


def check_equivalent(x: Any, y: Any) -> None:
    """Check that two structures have the same shapes and numbers."""
    ours, theirs = [[numpy.shape(part) for part in parts_of(one)[0]] for one in (x, y)]
    assert ours == theirs, f"shapes {ours} and {theirs}"
    direction = random_like(x)
    assert scalar_close(inner(x, direction), inner(y, direction)), f"{x} and {y}"


def check_grads(function: Function, argnum: Any = 0, modes: Any = None, order: int = 2) -> Function:
    """Check both modes of an order, and that their derivatives are right, too.

    Raises:
        ComplexError: an argument or the result isn't real.
    """

    @unary_to_nary
    def check(function: Function, x: Any) -> None:
        if is_complex(x):
            raise ComplexError
        value = function(x)
        if is_complex(value):
            raise ComplexError
        wanted = ["fwd", "rev"] if modes is None else modes
        if "fwd" in wanted:
            tangent = random_like(x)
            check_equivalent(make_jvp(function, x)(tangent)[1], numerical_jvp(function, x, tangent))
            if order > 1:
                check_grads(lambda x, v: make_jvp(function, x)(v)[1], (0, 1), wanted, order - 1)(x, random_like(x))
        if "rev" in wanted:
            cotangent, tangent = random_like(value), random_like(x)
            back = make_vjp(function, x)[0](cotangent)
            check_equivalent(mapped(numpy.zeros_like, back), mapped(numpy.zeros_like, x))
            assert scalar_close(inner(cotangent, numerical_jvp(function, x, tangent)), inner(tangent, back)), "(VJP)"
            if order > 1:
                check_grads(lambda x, v: make_vjp(function, x)[0](v), (0, 1), wanted, order - 1)(x, random_like(value))

    return check(function, argnum)  # type: ignore[no-any-return]


def combo_check(function: Function, argnum: Any = 0, modes: Any = None, order: int = 2) -> Function:
    """Check all combinations of arguments and options whose numbers are real."""

    def check(*arguments: Any, **options: Any) -> None:
        choices = [[(name, one) for one in several] for name, several in options.items()]
        for given in itertools.product(*arguments):
            for chosen in itertools.product(*choices):
                if not any(is_complex(one) for one in given if not isinstance(one, str)):
                    check_grads(function, argnum, modes, order)(*given, **dict(chosen))

    return check


# Modules


def array(object: Any, *arguments: Any, **options: Any) -> Any:  # noqa: A002
    """An array of numbers that are recorded or not."""
    made = array_of(object)
    return numpy.array(object, *arguments, **options) if isinstance(made, numpy.ndarray) else made


def append(arr: Any, values: Any, axis: int | None = None) -> Any:
    """Arrays one after the other, also of lists of recorded numbers."""
    return numpy.append(array(arr), array(values), axis)


def make_diagonal(D: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:  # noqa: N803
    """Matrices with these diagonals, autograd's own function."""
    assert (offset, axis1, axis2) == (0, -1, -2)
    return numpy.expand_dims(D, -1) * numpy.eye(numpy.shape(D)[-1])


def logsumexp(a: Any, axis: Any = None, b: Any = None, keepdims: bool = False) -> Any:
    """SciPy's function, which doesn't hand itself over."""
    return f.logsumexp(a if b is None else a + numpy.log(b), axis=axis, keepdims=keepdims)


def install() -> None:
    """Put modules with autograd's names, as far as its tests import them, among those that Python has loaded."""

    def module(name: str, like: Any = None, **content: Any) -> Any:
        made = types.ModuleType(name)
        if like is not None:
            made.__getattr__ = lambda name: getattr(like, name)  # type: ignore[method-assign]
        vars(made).update(content)
        sys.modules[name] = made
        parent, _, last = name.rpartition(".")
        if parent:
            setattr(sys.modules[parent], last, made)
        return made

    module("autograd", grad=grad, value_and_grad=value_and_grad, elementwise_grad=elementwise_grad, deriv=deriv,
           grad_and_aux=grad_and_aux, jacobian=jacobian, hessian=hessian, make_hvp=make_hvp,
           make_vjp=unary_to_nary(make_vjp),
           hessian_tensor_product=hessian_tensor_product, tensor_jacobian_product=tensor_jacobian_product,
           make_jvp=unary_to_nary(make_jvp), make_ggnvp=make_ggnvp, checkpoint=lambda function: function,
           isinstance=builtins.isinstance, tuple=tuple, list=list, dict=dict, holomorphic_grad=None)  # fmt: skip
    module("autograd.numpy", numpy, array=array, append=append, make_diagonal=make_diagonal)
    module("autograd.numpy.random", numpy.random)
    module("autograd.scipy", scipy)
    module("autograd.scipy.special", scipy.special, logsumexp=logsumexp, polygamma=f.polygamma)
    module("autograd.test_util", check_grads=check_grads, combo_check=combo_check, check_equivalent=check_equivalent,
           scalar_close=scalar_close)  # fmt: skip
    module("autograd.tracer", isbox=lambda thing: hasattr(thing, "operand_rank"), primitive=None)
    module("autograd.core", make_vjp=make_vjp, primitive_vjps={}, vspace=None)
    module("autograd.wrap_util", unary_to_nary=unary_to_nary)
    module("autograd.extend", primitive=None, defvjp=None)
    module("autograd.builtins", isinstance=builtins.isinstance)
    module("autograd.misc", const_graph=None, flatten=None)
    for name in ("stats", "linalg", "signal", "integrate"):
        module(f"autograd.scipy.{name}", importlib.import_module(f"scipy.{name}"))
    module("autograd.scipy.stats.multivariate_normal", scipy.stats.multivariate_normal)
