"""The parameters and results of functions as stubs say them (`tests.support.stubs`).

Where a declaration says ``Any``, the names of a function's parameters say what it takes (`PARAMETERS`), and its result
is a tensor unless `RESULTS` or `BRANCHES` has another.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, Final


def _each(names: str, kind: str) -> dict[str, str]:
    return dict.fromkeys(names.split(), kind)


#: The name of a parameter that is declared as Any -> what it takes.
PARAMETERS: Final = {
    **_each("input tensor tensor1 tensor2 batch1 batch2 mat mat1 mat2 vec vec1 vec2 A sorted_sequence", "Tensor"),
    **_each("dim axis dims axes source_axes destination", "Axes | None"),
    **_each("shape size sizes output_size normalized_shape", "Lengths"),
    **_each("kernel kernel_size stride padding dilation output_padding", "Lengths | str | None"),
    **_each("split_size_or_sections split_sizes indices_or_sections sections shifts", "Lengths"),
    **_each("memory_format layout device generator", "object"),
    "closure": "Callable[[], Any]",
    "d": "TypeLike",
    "dtype": "TypeLike | None",
    "key": "Key",
    "module": "Module",
    "ord": "float | str | None",
    "parameters": "Parameters",
    "range": "tuple[float, float] | None",
    "repeats": "Tensor | int",
    "state": "Tensor | None",
    "tensors": "Sequence[Tensor]",
}
#: The same for parameters ``*...``; others are tensors.
SEVERAL: Final = {
    **_each("axes counts lengths shape size shapes", "Lengths"),
    "modules": "Module | Mapping[str, Module]",
    "tensors": "Tensor | Sequence[Tensor]",
    "wanted": "object",
}
#: The name of a function or an attribute -> its result, where it is declared as Any and isn't one tensor.
RESULTS: Final = {
    **_each("mode kthvalue topk sort cummax cummin", "ValuesAndIndices"),
    **_each("split unsafe_split split_with_sizes tensor_split vsplit hsplit dsplit chunk", "tuple[Tensor, ...]"),
    **_each("unsafe_chunk unbind meshgrid broadcast_tensors grad", "tuple[Tensor, ...]"),
    **_each("std_mean var_mean", "tuple[Tensor, Tensor]"),
    **_each("numpy __array__ array", "Array"),
    **_each("dtype get_default_dtype", "DType"),
    **_each("tolist __reduce_ex__", "Any"),  # numbers in lists of any depth
    "Compiled.columns": "Array",
    "Compiled.hessian_structure": "tuple[Array, Array]",
    "Compiled.hessian_values": "Array",
    "Compiled.hvp": "Array",
    "Compiled.with_derivatives": "Compiled[Any]",
    "Compiled.run": "list[Array]",
    "Compiled.ufunc": "Callable[..., Array]",
    "ModuleDict.__getattr__": "Module",
    "ModuleDict.__getitem__": "Module",
    "ModuleList.__getitem__": "Module",
    "Neuron.forward": "Value",
    "Sequential.__getitem__": "Self | Module",
    "Container.__iter__": "Iterator[Module]",
    "buffers": "list[Tensor]",
    "get_parameter": "Parameter",
    "named_buffers": "list[tuple[str, Tensor]]",
    "named_parameters": "list[tuple[str, Parameter]]",
    "parameters": "list[Parameter]",
    "type": "str | Tensor",
}
_PAIR: Final = "ValuesAndIndices"
_EXTREMES: Final = [
    "({0}) -> Tensor",
    f"({{0}}, dim: int, keepdim: bool = ...) -> {_PAIR}",
    f"({{0}}, *, axis: int, keepdims: bool = ...) -> {_PAIR}",
]
#: Functions whose result depends on their arguments: signatures with the tensor in place of {0}.
BRANCHES: Final[dict[str, list[str]]] = {
    "max": [*_EXTREMES, "({0}, other: Tensor) -> Tensor"],
    "min": [*_EXTREMES, "({0}, other: Tensor) -> Tensor"],
    "median": _EXTREMES,
    "nanmedian": _EXTREMES,
    "nonzero": [
        "({0}) -> Tensor",
        "({0}, *, as_tuple: Literal[False]) -> Tensor",
        "({0}, *, as_tuple: Literal[True]) -> tuple[Tensor, ...]",
    ],
    "size": ["({0}, dim: None = ...) -> tuple[int, ...]", "({0}, dim: int) -> int"],
    "unique": [
        "({0}, sorted: bool = ..., return_inverse: Literal[False] = ..., return_counts: Literal[False] = ..., "
        "dim: int | None = ...) -> Tensor",
        "({0}, sorted: bool = ..., return_inverse: bool = ..., return_counts: bool = ..., "
        "dim: int | None = ...) -> tuple[Tensor, ...]",
    ],
    "where": [
        "(condition: Tensor) -> tuple[Tensor, ...]",
        "(condition: Numbers, input: Numbers, other: Numbers) -> Tensor",
    ],
}
METHOD_BRANCHES: Final = {**BRANCHES, "where": ["({0}, condition: Tensor, other: Numbers) -> Tensor"]}
_COMPILED: Final = {
    '*, derivatives: Literal["value"]': "Array",
    '*, derivatives: Literal["gradient"]': "dict[str, Array]",
    '*, derivatives: Literal["value+gradient"] = ...': "tuple[Array, dict[str, Array]]",
    '*, derivatives: Literal["hessian"]': "tuple[Array, dict[str, Array], dict[str, dict[str, Array]]]",
    '*, derivatives: Literal["jvp"]': "tuple[Array, Array]",
    "derivatives: str = ..., *": "Any",  # only known when it runs
}
#: What a function of several arguments takes -> what it returns.
_FORMS: Final = {"float": "float", "Value | float": "Value", "Arrays": "Array", "Numbers": "Tensor"}
_OF_A_FUNCTION: Final = "function: Callable[..., Any]"
#: The same for functions and methods of files that are read, by the name of the file, the class and the function.
READ_BRANCHES: Final = {
    "classes.WholeBatch.step": ["(self, closure: Callable[[], Loss]) -> Loss"],
    "classes.Optimizer.step": ["(self, closure: None = ...) -> None", "(self, closure: Callable[[], Loss]) -> Loss"],
    "compiled.Compiled.__call__": [
        "(self, /, *arrays: object, out: Array | Sequence[Array] | None = ..., **named: object) -> Result"
    ],
    "compiled.compile": [
        f"(function: str | Expression | Callable[..., Any], wrt: str | Sequence[str] | None = ..., {what}, "
        "dtype: TypeLike = ..., executor: str = ..., threads: int | None = ..., order: int = ..., "
        f"variables: Sequence[str] | None = ...) -> Compiled[{result}]"
        for what, result in _COMPILED.items()
    ],
    "expression.Expression.__call__": [
        "(self, /, *values: float, **at: float) -> float",
        "(self, /, *values: Value | float, **at: Value | float) -> Value",
        "(self, /, *values: Arrays, **at: Arrays) -> Array",
        "(self, /, *values: Numbers, **at: Numbers) -> Tensor",
    ],
    "expression.Expression.gradient": [
        "(self, /, *values: float, **at: float) -> dict[str, float]",
        "(self, /, *values: Arrays, **at: Arrays) -> dict[str, Array]",
    ],
    "micrograd.MLP.forward": ["(self, x: Sequence[Value | float]) -> Any"],  # a value, or a list of several
    "micrograd.Layer.forward": ["(self, x: Sequence[Value | float]) -> Any"],
    "transforms.derivative": [
        f"({_OF_A_FUNCTION}, order: int = ...) -> Derivative",
        f"({_OF_A_FUNCTION}, order: Sequence[int]) -> Callable[..., float]",
    ],
    "transforms.grad": [
        f"({_OF_A_FUNCTION}, argnums: None = ...) -> Gradient",
        f"({_OF_A_FUNCTION}, argnums: int) -> PartialDerivative",
        f"({_OF_A_FUNCTION}, argnums: Sequence[int]) -> Gradients",
        f"({_OF_A_FUNCTION}, argnums: int | Sequence[int] | None = ..., *, has_aux: bool) -> Callable[..., Any]",
    ],
    "transforms.hvp": [
        f"({_OF_A_FUNCTION}, primals: Sequence[{kind}], tangents: Sequence[{kind}]) "
        f"-> tuple[{result}, {result} | tuple[{result}, ...]]"
        for kind, result in _FORMS.items()
    ],
    "transforms.jacobian": [
        f"({_OF_A_FUNCTION}, argnums: None = ...) -> Gradient",
        f"({_OF_A_FUNCTION}, argnums: int) -> PartialDerivative",
        f"({_OF_A_FUNCTION}, argnums: Sequence[int]) -> Gradients",
    ],
    "transforms.jvp": [
        f"({_OF_A_FUNCTION}, primals: Sequence[{kind}], tangents: Sequence[{kind}]) -> tuple[{result}, {result}]"
        for kind, result in _FORMS.items()
    ],
    "transforms.value_and_grad": [
        f"({_OF_A_FUNCTION}, argnums: None = ...) -> ValueAndGradient",
        f"({_OF_A_FUNCTION}, argnums: int) -> ValueAndPartialDerivative",
        f"({_OF_A_FUNCTION}, argnums: Sequence[int]) -> ValueAndGradients",
        f"({_OF_A_FUNCTION}, argnums: int | Sequence[int] | None = ..., *, has_aux: bool) -> Callable[..., Any]",
    ],
    "transforms.vjp": [
        f"({_OF_A_FUNCTION}, *primals: {kind}) -> tuple[{result}, Callable[[{kind}], tuple[{result}, ...]]]"
        for kind, result in _FORMS.items()
    ],
}
#: The attributes of layers, by name.
ATTRIBUTES: Final = {"weight": "Parameter", "bias": "Parameter | None", "training": "bool"}
#: NumPy's names of options, which functions with PyTorch's names take, too.
FOR_NUMPY: Final = {"dim": "axis", "keepdim": "keepdims"}


def type_of(name: str, annotation: str, *, several: bool = False, other: str = "Numbers") -> str:
    """Return the type of a parameter, by its annotation or else by its name.

    Args:
        name: the name.
        annotation: what is declared, or an empty text.
        several: whether it stands for any number of arguments.
        other: the type if the name says nothing.
    """
    if annotation not in ("Any", "", "Any | None") or other == "Any":
        return annotation or "Any"
    if several:
        return SEVERAL.get(name, "Tensor")
    return PARAMETERS.get(name, other) + (" | None" if annotation == "Any | None" else "")


def result_of(name: str, annotation: str, owner: str = "", other: str = "Tensor") -> str:
    """Return the type of a result, by the tables or else by its annotation.

    Args:
        name: the name of the function.
        annotation: what is declared, or an empty text.
        owner: its class.
        other: the type if it is declared as Any.
    """
    if f"{owner}.{name}" in RESULTS:
        return RESULTS[f"{owner}.{name}"]
    if "Any" not in annotation and annotation:
        return annotation
    if name in RESULTS:
        return RESULTS[name]
    return other if annotation in ("Any", "") else annotation.replace("Any", other)


def default_of(content: object) -> str:
    """Return the default of a parameter as a stub shows it."""
    is_short = content is None or isinstance(content, (bool, int, str)) or content in (0.0, 1.0)
    return repr(content) if is_short else "..."


def text_of(annotation: Any) -> str:
    """Return an annotation as it is written; empty if there is none."""
    return "" if annotation is inspect.Parameter.empty else annotation if isinstance(annotation, str) else "Any"


def optional(kind: str) -> str:
    """Return a type that allows None."""
    return kind if "None" in kind or kind in ("Any", "object") else f"{kind} | None"


def parameters_of(function: Callable[..., Any], *, first: str | None = None, other: str = "Numbers") -> list[str]:
    """Return the parameters of a function as they are written in a stub.

    Args:
        function: the function.
        first: what is written for its first parameter; None for its own.
        other: the type of a parameter that the tables don't know.
    """
    given = list(inspect.signature(function).parameters.values())[first is not None :]
    written = [] if first is None else [first]
    starred = False
    for one in given:
        annotation = text_of(one.annotation)
        if one.kind is one.VAR_POSITIONAL:
            starred = True
            written.append(f"*{one.name}: {type_of(one.name, annotation, several=True)}")
        elif one.kind is one.VAR_KEYWORD:
            written.append(f"**{one.name}: Any")
        else:
            if one.kind is one.KEYWORD_ONLY and not starred:
                starred = True
                written.append("*")
            kind = type_of(one.name, annotation, other=other)
            kind = optional(kind) if one.default is None else kind
            written.append(
                f"{one.name}: {kind}" + ("" if one.default is one.empty else f" = {default_of(one.default)}")
            )
    return written


def with_numpys_names(function: Callable[..., Any], parameters: list[str]) -> list[list[str]]:
    """Return the signatures of a function: its own, and one with ``axis`` and ``keepdims`` if it takes these, too."""
    if not hasattr(function, "__wrapped__"):  # see `gradcli.eager.pytorch_names`
        return [parameters]
    place = next(i for i, one in enumerate(parameters) if one.startswith("dim:"))
    words = [one.replace("keepdim:", "keepdims:") for one in parameters[place + 1 :] if one != "*"]
    star = [] if "*" in parameters[:place] or any(one.startswith("*") for one in parameters[:place]) else ["*"]
    return [parameters, [*parameters[:place], *star, parameters[place].replace("dim:", "axis:"), *words]]


def written(
    name: str, function: Callable[..., Any], *, first: str | None, branches: Mapping[str, list[str]] = BRANCHES
) -> list[str]:
    """Return the lines of a function of tensors in a stub."""
    if name in branches:
        return overloaded(name, [line.format(first or "input: Tensor") for line in branches[name]])
    found = result_of(name, text_of(inspect.signature(function).return_annotation))
    signatures = with_numpys_names(function, parameters_of(function, first=first))
    return overloaded(name, [f"({', '.join(one)}) -> {found}" for one in signatures])


def overloaded(name: str, signatures: list[str]) -> list[str]:
    """Return the lines of a function with one signature or several."""
    if len(signatures) == 1:
        return [f"def {name}{signatures[0]}: ..."]
    return [one for line in signatures for one in ("@overload", f"def {name}{line}: ...")]
