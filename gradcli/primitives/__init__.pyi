# Written by `python -m tests.support.stubs` from the declarations.
# mypy: disable-error-code="override, misc, overload-overlap, overload-cannot-match, assignment, no-redef"
from collections.abc import Sequence
from typing import Final
from typing import overload
from gradcli.primitives.families.reductions import Axis
from gradcli.eager.tensor import Tensor
from gradcli.eager.value import Value
from gradcli.stub_types import Array
from gradcli.stub_types import Arrays
from gradcli.stub_types import Numbers
from gradcli.stub_types import Axes
from gradcli.stub_types import Lengths
from gradcli.stub_types import Key
from gradcli.stub_types import TypeLike
from gradcli.stub_types import Function1
from gradcli.stub_types import Function2
from gradcli.stub_types import Function3
from gradcli.primitives.declared import Edge
from gradcli.primitives.declared import locally_constant
from gradcli.primitives.operators import Operand
from gradcli.primitives.registry import REGISTRY
from gradcli.primitives.registry import ArrayFunction
from gradcli.primitives.registry import ArrayPrimitive
from gradcli.primitives.registry import Primitive
__all__ = [
    'REGISTRY',
    'ArrayFunction',
    'ArrayPrimitive',
    'Edge',
    'Operand',
    'Primitive',
    'functions',
    'locally_constant',
]
class Functions:
    add: Function2
    sub: Function2
    mul: Function2
    div: Function2
    neg: Function1
    pow: Function2
    mod: Function2
    square: Function1
    sqrt: Function1
    cbrt: Function1
    hypot: Function2
    relu: Function1
    leaky_relu: Function1
    elu: Function1
    selu: Function1
    sigmoid: Function1
    softplus: Function1
    softsign: Function1
    silu: Function1
    gelu: Function1
    gelu_tanh: Function1
    mish: Function1
    hard_tanh: Function1
    less: Function2
    less_equal: Function2
    greater: Function2
    greater_equal: Function2
    equal: Function2
    not_equal: Function2
    logical_and: Function2
    logical_or: Function2
    logical_not: Function1
    where: Function3
    exp: Function1
    exp2: Function1
    expm1: Function1
    log: Function1
    log2: Function1
    log10: Function1
    log1p: Function1
    logaddexp: Function2
    xlogy: Function2
    abs: Function1
    clip: Function3
    sinh: Function1
    cosh: Function1
    tanh: Function1
    sech: Function1
    csch: Function1
    coth: Function1
    asinh: Function1
    acosh: Function1
    atanh: Function1
    floor: Function1
    ceil: Function1
    round: Function1
    sign: Function1
    step: Function1
    erf: Function1
    erfc: Function1
    gamma: Function1
    lgamma: Function1
    digamma: Function1
    polygamma: Function2
    factorial: Function1
    sin: Function1
    cos: Function1
    tan: Function1
    sec: Function1
    csc: Function1
    cot: Function1
    asin: Function1
    acos: Function1
    atan: Function1
    atan2: Function2
    sinc: Function1
    erfcx: Function1
    erfi: Function1
    dawsn: Function1
    erfinv: Function1
    erfcinv: Function1
    lognormcdf: Function1
    beta: Function2
    lbeta: Function2
    gammainc: Function2
    gammaincc: Function2
    betainc: Function3
    lambertw: Function1
    lambertwm1: Function1
    expint: Function2
    expi: Function1
    sinint: Function1
    cosint: Function1
    fresnels: Function1
    fresnelc: Function1
    besselj: Function2
    bessely: Function2
    besseli: Function2
    besselk: Function2
    airyai: Function1
    airyaiprime: Function1
    airybi: Function1
    airybiprime: Function1
    zeta: Function1
    zeta_derivative: Function2
    ellipk: Function1
    ellipe: Function1
    @overload
    def reshape(self, x: Arrays, shape: Lengths = ...) -> Array: ...
    @overload
    def reshape(self, x: Numbers, shape: Lengths = ...) -> Tensor: ...
    @overload
    def transpose(self, x: Arrays, axes: Axes | None = None) -> Array: ...
    @overload
    def transpose(self, x: Numbers, axes: Axes | None = None) -> Tensor: ...
    @overload
    def expand(self, x: Arrays, shape: Lengths = ...) -> Array: ...
    @overload
    def expand(self, x: Numbers, shape: Lengths = ...) -> Tensor: ...
    @overload
    def pad(self, x: Arrays, widths: int = 0, value: float = 0.0) -> Array: ...
    @overload
    def pad(self, x: Numbers, widths: int = 0, value: float = 0.0) -> Tensor: ...
    @overload
    def index(self, x: Arrays, key: Key = ...) -> Array: ...
    @overload
    def index(self, x: Numbers, key: Key = ...) -> Tensor: ...
    @overload
    def cat(self, *arrays: Arrays | Sequence[Numbers], axis: Axes | None = 0) -> Array: ...
    @overload
    def cat(self, *arrays: Numbers | Sequence[Numbers], axis: Axes | None = 0) -> Tensor: ...
    @overload
    def stack(self, *arrays: Arrays | Sequence[Numbers], axis: Axes | None = 0) -> Array: ...
    @overload
    def stack(self, *arrays: Numbers | Sequence[Numbers], axis: Axes | None = 0) -> Tensor: ...
    @overload
    def split(self, x: Arrays, sections: int | Sequence[int], axis: int = 0) -> list[Array]: ...
    @overload
    def split(self, x: Numbers, sections: int | Sequence[int], axis: int = 0) -> list[Tensor]: ...
    @overload
    def squeeze(self, x: Arrays, axis: int | Sequence[int] | None = None) -> Array: ...
    @overload
    def squeeze(self, x: Numbers, axis: int | Sequence[int] | None = None) -> Tensor: ...
    @overload
    def unsqueeze(self, x: Arrays, axis: int) -> Array: ...
    @overload
    def unsqueeze(self, x: Numbers, axis: int) -> Tensor: ...
    @overload
    def flatten(self, x: Arrays, start: int = 0, end: int = -1) -> Array: ...
    @overload
    def flatten(self, x: Numbers, start: int = 0, end: int = -1) -> Tensor: ...
    @overload
    def masked_fill(self, x: Arrays, mask: Arrays, value: Arrays) -> Array: ...
    @overload
    def masked_fill(self, x: Numbers, mask: Numbers, value: Numbers) -> Tensor: ...
    @overload
    def eye_like(self, x: Arrays, size: int) -> Array: ...
    @overload
    def eye_like(self, x: Numbers, size: int) -> Tensor: ...
    @overload
    def cast(self, x: Arrays, dtype: TypeLike | None = 'float64') -> Array: ...
    @overload
    def cast(self, x: Numbers, dtype: TypeLike | None = 'float64') -> Tensor: ...
    @overload
    def sum(self, x: Arrays, axis: Axes | None = None, keepdims: bool = False) -> Array: ...
    @overload
    def sum(self, x: Numbers, axis: Axes | None = None, keepdims: bool = False) -> Tensor: ...
    @overload
    def mean(self, x: Arrays, axis: Axes | None = None, keepdims: bool = False) -> Array: ...
    @overload
    def mean(self, x: Numbers, axis: Axes | None = None, keepdims: bool = False) -> Tensor: ...
    @overload
    def var(self, x: Arrays, axis: Axes | None = None, keepdims: bool = False, correction: int = 1) -> Array: ...
    @overload
    def var(self, x: Numbers, axis: Axes | None = None, keepdims: bool = False, correction: int = 1) -> Tensor: ...
    @overload
    def std(self, x: Arrays, axis: Axes | None = None, keepdims: bool = False, correction: int = 1) -> Array: ...
    @overload
    def std(self, x: Numbers, axis: Axes | None = None, keepdims: bool = False, correction: int = 1) -> Tensor: ...
    @overload
    def euclidean_norm(self, x: Arrays, axis: Axes | None = None, keepdims: bool = False) -> Array: ...
    @overload
    def euclidean_norm(self, x: Numbers, axis: Axes | None = None, keepdims: bool = False) -> Tensor: ...
    @overload
    def power_norm(self, x: Arrays, axis: Axes | None = None, keepdims: bool = False, order: float = ...) -> Array: ...
    @overload
    def power_norm(self, x: Numbers, axis: Axes | None = None, keepdims: bool = False, order: float = ...) -> Tensor: ...
    @overload
    def norm(self, x: Arrays, ord: float = 2, axis: Axis | None = None, keepdims: bool = False) -> Array: ...
    @overload
    def norm(self, x: Numbers, ord: float = 2, axis: Axis | None = None, keepdims: bool = False) -> Tensor: ...
    @overload
    def prod(self, x: Arrays, axis: Axes | None = None, keepdims: bool = False) -> Array: ...
    @overload
    def prod(self, x: Numbers, axis: Axes | None = None, keepdims: bool = False) -> Tensor: ...
    @overload
    def max(self, *numbers: float) -> float: ...
    @overload
    def max(self, *numbers: Value | float) -> Value: ...
    @overload
    def max(self, x: Arrays, axis: Axes | None = None, keepdims: bool = False) -> Array: ...
    @overload
    def max(self, x: Numbers, axis: Axes | None = None, keepdims: bool = False) -> Tensor: ...
    @overload
    def min(self, *numbers: float) -> float: ...
    @overload
    def min(self, *numbers: Value | float) -> Value: ...
    @overload
    def min(self, x: Arrays, axis: Axes | None = None, keepdims: bool = False) -> Array: ...
    @overload
    def min(self, x: Numbers, axis: Axes | None = None, keepdims: bool = False) -> Tensor: ...
    @overload
    def argmax(self, x: Arrays, axis: Axes | None = None, keepdims: bool = False) -> Array: ...
    @overload
    def argmax(self, x: Numbers, axis: Axes | None = None, keepdims: bool = False) -> Tensor: ...
    @overload
    def argmin(self, x: Arrays, axis: Axes | None = None, keepdims: bool = False) -> Array: ...
    @overload
    def argmin(self, x: Numbers, axis: Axes | None = None, keepdims: bool = False) -> Tensor: ...
    @overload
    def logsumexp(self, x: Arrays, axis: Axes | None = None, keepdims: bool = False) -> Array: ...
    @overload
    def logsumexp(self, x: Numbers, axis: Axes | None = None, keepdims: bool = False) -> Tensor: ...
    @overload
    def softmax(self, x: Arrays, axis: Axes | None = -1) -> Array: ...
    @overload
    def softmax(self, x: Numbers, axis: Axes | None = -1) -> Tensor: ...
    @overload
    def log_softmax(self, x: Arrays, axis: Axes | None = -1) -> Array: ...
    @overload
    def log_softmax(self, x: Numbers, axis: Axes | None = -1) -> Tensor: ...
    @overload
    def cumsum(self, x: Arrays, axis: Axes | None = -1, reverse: bool = False) -> Array: ...
    @overload
    def cumsum(self, x: Numbers, axis: Axes | None = -1, reverse: bool = False) -> Tensor: ...
    @overload
    def matmul(self, a: Arrays, b: Arrays) -> Array: ...
    @overload
    def matmul(self, a: Numbers, b: Numbers) -> Tensor: ...
    @overload
    def dot(self, a: Arrays, b: Arrays) -> Array: ...
    @overload
    def dot(self, a: Numbers, b: Numbers) -> Tensor: ...
    @overload
    def affine(self, x: Arrays, weight: Arrays, bias: Arrays) -> Array: ...
    @overload
    def affine(self, x: Numbers, weight: Numbers, bias: Numbers) -> Tensor: ...
    @overload
    def linear(self, x: Arrays, weight: Arrays, bias: Arrays | None = None) -> Array: ...
    @overload
    def linear(self, x: Numbers, weight: Numbers, bias: Numbers | None = None) -> Tensor: ...
    @overload
    def patches(self, x: Arrays, kernel: Lengths | str | None = 1, stride: Lengths | str | None = 1, padding: Lengths | str | None = 0, dilation: Lengths | str | None = 1) -> Array: ...
    @overload
    def patches(self, x: Numbers, kernel: Lengths | str | None = 1, stride: Lengths | str | None = 1, padding: Lengths | str | None = 0, dilation: Lengths | str | None = 1) -> Tensor: ...
    @overload
    def convolution(self, x: Arrays, weight: Arrays, stride: Lengths | str | None = 1, padding: Lengths | str | None = 0, groups: int = 1, dilation: Lengths | str | None = 1) -> Array: ...
    @overload
    def convolution(self, x: Numbers, weight: Numbers, stride: Lengths | str | None = 1, padding: Lengths | str | None = 0, groups: int = 1, dilation: Lengths | str | None = 1) -> Tensor: ...
    @overload
    def conv2d(self, x: Arrays, weight: Arrays, bias: Arrays | None = None, stride: Lengths | str | None = 1, padding: Lengths | str | None = 0, groups: int = 1, dilation: Lengths | str | None = 1) -> Array: ...
    @overload
    def conv2d(self, x: Numbers, weight: Numbers, bias: Numbers | None = None, stride: Lengths | str | None = 1, padding: Lengths | str | None = 0, groups: int = 1, dilation: Lengths | str | None = 1) -> Tensor: ...
    @overload
    def conv_transpose(self, x: Arrays, weight: Arrays, bias: Arrays | None = None, stride: Lengths | str | None = 1, padding: Lengths | str | None = 0, output_padding: Lengths | str | None = 0, groups: int = 1, dilation: Lengths | str | None = 1) -> Array: ...
    @overload
    def conv_transpose(self, x: Numbers, weight: Numbers, bias: Numbers | None = None, stride: Lengths | str | None = 1, padding: Lengths | str | None = 0, output_padding: Lengths | str | None = 0, groups: int = 1, dilation: Lengths | str | None = 1) -> Tensor: ...
    @overload
    def max_pool2d(self, x: Arrays, kernel: Lengths | str | None, stride: Lengths | str | None = None, padding: Lengths | str | None = 0, dilation: Lengths | str | None = 1) -> Array: ...
    @overload
    def max_pool2d(self, x: Numbers, kernel: Lengths | str | None, stride: Lengths | str | None = None, padding: Lengths | str | None = 0, dilation: Lengths | str | None = 1) -> Tensor: ...
    @overload
    def embedding(self, indices: Arrays, weight: Arrays) -> Array: ...
    @overload
    def embedding(self, indices: Numbers, weight: Numbers) -> Tensor: ...
functions: Final[Functions]
