"""The stubs ``.pyi`` of the public interface, written from the declarations.

    python -m tests.support.stubs

Many names of gradcli are made of tables when they are first used: the methods of tensors, PyTorch's functions,
activations, losses, optimisers.  A type checker doesn't see them, so it reads these files.  Other sources declare
``Any`` where they take and return numbers, arrays and tensors; their stubs say more (`tests.support.stub_signatures`).
mypy checks the sources themselves, without the stubs (``exclude`` in pyproject.toml).
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from tests.support.paths import PACKAGE
from tests.support.stub_reader import Reader
from tests.support.stub_signatures import (
    METHOD_BRANCHES,
    PARAMETERS,
    default_of,
    overloaded,
    parameters_of,
    text_of,
    type_of,
    with_numpys_names,
    written,
)

HEAD: Final = """\
# Written by `python -m tests.support.stubs` from the declarations.
# mypy: disable-error-code="override, misc, overload-overlap, overload-cannot-match, assignment, no-redef"
"""
#: The imports that a stub may need besides those of its source.
IMPORTS: Final = [
    "import builtins",
    "from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence",
    "from typing import Any, ClassVar, Final, Generic, Literal, NamedTuple, TypeAlias, TypeVar, overload",
    "from typing_extensions import Self",
]
#: The types that stubs share.
TYPES: Final = PACKAGE / "stub_types.pyi"
#: A word in annotations -> the file that it comes from.
HOMES: Final = {
    "Axis": "gradcli.primitives.families.reductions",
    "Expression": "gradcli.evaluate.expression",
    "Module": "gradcli.nn.modules",
    "Parameter": "gradcli.nn.layers",
    "SparseTensor": "gradcli.eager.sparse",
    "Tensor": "gradcli.eager.tensor",
    "Value": "gradcli.eager.value",
    **dict.fromkeys(["Histogram", "MinMax", "ValuesAndIndices"], "gradcli.eager.pytorch_names"),
    **dict.fromkeys(
        re.findall(r"^(?:class )?(\w+)[(:]", TYPES.read_text(encoding="utf-8"), re.MULTILINE), "gradcli.stub_types"
    ),
    "X": "gradcli.stub_types",
}
#: Files that are read as they are -> what `Reader` needs to know about them.
READ: Final[dict[str, dict[str, Any]]] = {
    "eager/transforms": {"result": "Any", "other": "Any"},
    "evaluate/compiled": {"result": "Any", "other": "Any"},
    "evaluate/expression": {"result": "Any", "other": "Any"},
    "optim/classes": {"result": "Any"},
    "optim/clipping": {},
    "optim/quasi_newton": {"result": "Any"},
    "torch/data": {"result": "Any", "other": "Any"},
    "torch/vectors": {},
}
#: Files of `gradcli.nn` without a stub, and those whose functions are formulas.
NN_AS_THEY_ARE: Final = frozenset({"__init__", "summary", "module_hooks", "initializers", "loss_formulas"})
NN_FORMULAS: Final = frozenset({
    "dropping", "embeddings", "functional", "losses", "normalizing", "pair_losses", "pointwise", "pools", "resizing",
    "sequence_losses", "windows",
})  # fmt: skip


def stub(*parts: str | list[str]) -> str:
    """Return the text of a stub, with the imports that it uses."""
    lines = [line for part in (IMPORTS, *parts) for line in ([part] if isinstance(part, str) else part)]
    is_import = [line.startswith(("import ", "from ")) and "\n" not in line for line in lines]
    body = "\n".join([line for line, one in zip(lines, is_import, strict=True) if not one])
    used = set(re.findall(r"\w+", body))
    imports: dict[str, dict[str, None]] = {}
    for line in [line for line, one in zip(lines, is_import, strict=True) if one]:
        home, _, words = line.partition("import ")
        for word in words.strip("()").split(", "):
            name = word.rpartition(" as ")[2]
            if name in used or word.endswith(f"{name} as {name}"):
                imports.setdefault(home, {})[word] = None
    # Each name on a line of its own, so that two changes of a list are easily merged.
    head = [f"{home}import {word}" for home, words in imports.items() for word in words]
    return HEAD + "\n".join([*head, body]) + "\n"


def exports(names: Sequence[str]) -> str:
    """Return the list of the names that a file hands out."""
    return "\n".join(["__all__ = [", *(f"    {name!r}," for name in names), "]"])


def imported(text: str, others: str = "") -> list[str]:
    """Return the imports of the words in `HOMES` that a stub uses, if it neither defines nor imports them."""
    wanted: dict[str, list[str]] = {}
    for word, home in HOMES.items():
        known = re.search(rf"^class {word}\b|^from .* import .*\b{word}\b", f"{others}\n{text}", re.MULTILINE)
        if re.search(rf"\b{word}\b", text) and not known:
            wanted.setdefault(home, []).append(word)
    return [f"from {home} import {', '.join(words)}" for home, words in wanted.items()]


def with_builtins(text: str) -> str:
    """Return lines of a stub in which ``float``, ``int`` and ``bool`` are methods, or other names, and not types."""
    return re.sub(r"(?<![\w.])(float|int|bool)\b(?!\()", r"builtins.\1", text)


# Functions of mathematics


def operators_stub() -> str:
    """The methods of all operands."""
    reader = Reader("gradcli.primitives.operators", "Any", "Any")
    [source] = [one for one in reader.tree.body if isinstance(one, ast.ClassDef)]
    functions = [one for one in reader.tree.body if isinstance(one, ast.FunctionDef) and not one.name.startswith("_")]
    return stub(
        "from gradcli.primitives.registry import Primitive",
        [
            f"{name}: Final[Mapping[str, str]]"
            for name in ("BINARY_OPERATORS", "COMPARISON_OPERATORS", "UNARY_OPERATORS")
        ],
        [line for one in functions for line in reader.function(one)],
        reader.class_(source).__next__(),
        "    operand_rank: int",
        [f"    {line}" for line in reader.members(source) if line.startswith("def ")],
        [f"    {line}" for line in _operand_methods()],
    )


def _operand_methods() -> Iterator[str]:
    from gradcli.primitives import REGISTRY
    from gradcli.primitives.operators import BINARY_OPERATORS, COMPARISON_OPERATORS, UNARY_OPERATORS, method_names

    yield from (f"def __{special}__(self) -> Self: ..." for special in UNARY_OPERATORS)
    names = [*BINARY_OPERATORS, *(f"r{special}" for special in BINARY_OPERATORS), *COMPARISON_OPERATORS]
    yield from (f"def __{special}__(self, other: Operand | float, /) -> Self: ..." for special in names)
    for primitive in REGISTRY.public():
        others = _other_operands(primitive, "Operand | float")
        head = ", ".join(["self", *others, *([] if primitive.variadic or not others else ["/"])])
        yield from (f"def {word}({head}) -> Self: ..." for word in method_names(primitive))


def _other_operands(primitive: Any, kind: str) -> list[str]:
    """Return the operands of a method, which is called on the first operand that is not static."""
    static = len(primitive.static)
    if primitive.variadic:
        return [f"*others: {kind}"]
    return [
        f"{name}: {'float' if place < static else kind}"
        for place, name in enumerate(primitive.operands)
        if place != static
    ]


def primitives_stub() -> str:
    """The functions of mathematics as attributes of `gradcli.functions`."""
    from gradcli.primitives import REGISTRY, functions

    lines = []
    for primitive in REGISTRY.public():
        if primitive.name not in REGISTRY.arrays:
            words = dict.fromkeys([primitive.name, *filter(str.isidentifier, primitive.spellings)])
            kind = "FunctionN" if primitive.variadic else f"Function{primitive.arity}"
            lines += [f"    {word}: {kind}" for word in words if hasattr(functions, word)]
    for name, function in REGISTRY.arrays.items():
        if getattr(function, "internal", False):
            continue
        parameters = _array_parameters(function)
        on_arrays = [one.replace(": Numbers", ": Arrays") for one in parameters]
        form = "list[{}]" if name == "split" else "{}"
        signatures = [
            f"({', '.join(['self', *those])}) -> {form.format(kind)}"
            for those, kind in ((on_arrays, "Array"), (parameters, "Tensor"))
        ]
        if name in REGISTRY:  # max and min of numbers
            signatures = ["(self, *numbers: float) -> float", "(self, *numbers: Value | float) -> Value", *signatures]
        lines += [f"    {line}" for line in overloaded(name, signatures)]
    body = ["class Functions:", *lines, "functions: Final[Functions]"]
    reader = Reader("gradcli.primitives")
    imports = [line for line in reader.imports() if ".families import" not in line and "functools" not in line]
    return stub(
        imported("\n".join(body)), [line.replace(", functions", "") for line in imports],
        exports(reader.module.__all__), body
    )  # fmt: skip


def _array_parameters(function: Any) -> list[str]:
    """Return the parameters of a function of arrays."""
    if inspect.isfunction(function):
        return parameters_of(function)
    operands = [f"{name}: Numbers" for name in function.operands]
    kinds = {bool: "bool", float: "float", int: "int", str: "TypeLike"}
    options = [
        f"{name}: {PARAMETERS.get(name) or kinds.get(type(content), 'Key')} = {default_of(content)}"
        for name, content in function.options.items()
    ]
    return [*(["*arrays: Numbers | Sequence[Numbers]"] if function.variadic else operands), *options]


# Tensors


def tensor_stub() -> str:
    """`Tensor`, with all its methods."""
    from gradcli.eager import tensor
    from gradcli.primitives import REGISTRY
    from gradcli.primitives.operators import method_names

    reader = Reader("gradcli.eager.tensor")
    [source] = [one for one in reader.tree.body if isinstance(one, ast.ClassDef)]
    own = {part.name for part in source.body if isinstance(part, ast.FunctionDef)}
    lines: dict[str, list[str]] = {}
    for name, function in vars(tensor.Tensor).items():
        if name not in own and callable(function) and (not name.startswith("_") or name.endswith("__")):
            lines[name] = _method_lines(name, function)
    for primitive in REGISTRY.public():
        for word in method_names(primitive):
            if word not in lines and word not in own:
                others = ", ".join(["self", *_other_operands(primitive, "Numbers")])
                lines[word] = [f"def {word}({others}) -> Tensor: ..."]
    recorded = {"array": "Array", "shape": "tuple[builtins.int, ...]", "ndim": "builtins.int", "dtype": "DType"}
    functions = [one for one in reader.tree.body if isinstance(one, ast.FunctionDef) and not one.name.startswith("_")]
    body = [
        "class Tensor(Recorded):",
        *(f"    @property\n    def {name}(self) -> {kind}: ..." for name, kind in recorded.items()),
        *(f"    {with_builtins(line)}" for line in reader.members(source)),
        *(f"    {with_builtins(line)}" for name in sorted(lines) for line in lines[name]),
        *(line for one in functions for line in reader.function(one)),
        "np: Any",
        "def one_or_several(numbers: tuple[Any, ...]) -> Any: ...",
    ]
    return stub(reader.imports(), imported("\n".join(body), "\n".join(reader.imports())), exports(tensor.__all__), body)


def _method_lines(name: str, function: Callable[..., Any]) -> list[str]:
    """Return the lines of a method that `Tensor` gets from a table."""
    from gradcli.eager import creation, tensor_updates
    from gradcli.eager.pytorch_names import METHODS
    from gradcli.primitives import REGISTRY
    from gradcli.primitives.operators import BINARY_OPERATORS, COMPARISON_OPERATORS, UNARY_OPERATORS

    twins = {f"{one}_": one for one in tensor_updates._IN_PLACE} | tensor_updates._OPERATORS
    twin = twins.get(name)
    special = name.strip("_") if name.startswith("__") else ""
    if twin is not None:
        if twin in METHODS:
            signatures = with_numpys_names(METHODS[twin], parameters_of(METHODS[twin], first="self"))
        else:
            signatures = [["self", *_other_operands(REGISTRY[twin], "Numbers")]]
        return overloaded(name, [f"({', '.join(one)}) -> Self" for one in signatures])
    if special in {*BINARY_OPERATORS, *COMPARISON_OPERATORS, "eq", "ne"} or special[1:] in BINARY_OPERATORS:
        return [f"def {name}(self, other: Numbers) -> Tensor: ..."]
    if special in UNARY_OPERATORS:
        return [f"def {name}(self) -> Tensor: ..."]
    if name in creation._MAKERS:
        return [f"def {name}({', '.join(['self', *_maker_parameters(creation._MAKERS[name])])}) -> Tensor: ..."]
    if name in REGISTRY.arrays and name not in METHODS:
        return [f"def {name}({', '.join(['self', *_array_parameters(REGISTRY.arrays[name])[1:]])}) -> Tensor: ..."]
    if name in REGISTRY and name not in METHODS:
        return [f"def {name}({', '.join(['self', *_other_operands(REGISTRY[name], 'Numbers')])}) -> Tensor: ..."]
    return written(name, METHODS.get(name, function), first="self", branches=METHOD_BRANCHES)


def creation_stub() -> str:
    """The functions that make tensors."""
    from gradcli.eager import creation

    lines = []
    for name in creation.__all__:
        function = getattr(creation, name)
        result = text_of(inspect.signature(function).return_annotation)
        lines.append(f"def {name}({', '.join(_maker_parameters(function))}) -> {result}: ...")
    reader = Reader("gradcli.eager.creation")
    others = [one for one in reader.tree.body if isinstance(one, ast.FunctionDef) and one.name == "generator"]
    lines += [line for one in others for line in reader.function(one)]
    imports = ["from numpy.random import Generator", *imported("\n".join(lines))]
    return stub(imports, exports(creation.__all__), lines)


def _maker_parameters(function: Callable[..., Any]) -> list[str]:
    """Return the parameters of a function that makes tensors, with its options one by one."""
    from gradcli.eager import creation

    given = inspect.signature(function).parameters
    shown = [one for one in parameters_of(function) if not one.startswith("**")]
    if not any(one.kind is one.VAR_KEYWORD for one in given.values()):
        return shown
    kinds = {"dtype": "TypeLike | None", "requires_grad": "bool", "seed": "int | None"}
    draws = function.__name__.startswith("rand") or function.__name__ == "normal"
    names = [*sorted(creation._OPTIONS), *(["generator", "seed"] if draws else [])]
    more = [f"{name}: {kinds.get(name, 'object')} = ..." for name in names if name not in given]
    return [*shown, *([] if any(one.startswith("*") for one in shown) else ["*"]), *more]


def pytorch_names_stub() -> str:
    """The pairs of values and indices, and the tables."""
    tables = [f"{name}: Final[dict[str, Callable[..., Any]]]" for name in ("FUNCTIONS", "METHODS")]
    reader = Reader("gradcli.eager.pytorch_names", "Any", "Any")
    classes = [one for one in reader.tree.body if isinstance(one, ast.ClassDef)]
    pair = [line.replace(": Any", ": Tensor") for one in classes for line in reader.class_(one)]
    functions = [line for line in reader.body() if line.startswith("def ")]
    return stub(
        imported("Tensor"), ['Function = TypeVar("Function", bound=Callable[..., Any])'], tables, pair, functions
    )


# Nets and optimisers


def _table_classes(reader: Reader) -> Iterator[str]:
    """Yield the classes that are made of tables: activations, losses and optimisers."""
    module: Any = reader.module
    for title, one in getattr(module, "ACTIVATIONS", {}).items():
        parameters = ", ".join(["self", *parameters_of(one, other="float")])
        yield f"class {title}(Activation):\n    def __init__({parameters}) -> None: ..."
    table = {"losses": "LOSSES", "pair_losses": "PAIR_LOSSES"}.get(reader.name.rpartition(".")[2], "")
    for one in getattr(module, table, {}).values():
        known = {
            option.name: f"{option.name}: {type_of(option.name, text_of(option.annotation), other='Tensor | None')} = "
            f"{default_of(option.default)}"
            for option in list(inspect.signature(one.function).parameters.values())[one.operands :]
        } | {"reduction": 'reduction: str = "mean"'}
        known |= {name: f"{name}: bool | None = ..." for name in ("size_average", "reduce") if name in one.order}
        options = [text for name, text in known.items() if name not in one.order]
        parameters = ["self", *(known[name] for name in one.order), *(["*", *options] if options else [])]
        operands = [f"{name}: Numbers" for name in list(inspect.signature(one.function).parameters)[: one.operands]]
        yield (
            f"class {one.__name__}(Loss):\n    def __init__({', '.join(parameters)}) -> None: ...\n"
            f"    def forward(self, {', '.join(operands)}) -> Tensor: ..."
        )
    for title in getattr(module, "LAZY", {}):
        yield f"class {title}(Module):\n    def __init__(self, *values: Any, **options: Any) -> None: ..."
    kinds = {bool: "bool", str: "str", type(None): "float | None", tuple: "tuple[float, ...]"}
    for title, one in getattr(module, "CLASSES", {}).items():
        options = [
            f"{option.name}: {'str | None' if option.form else kinds.get(type(option.default), 'float')} = "
            f"{default_of(option.default)}"
            if option.default is None
            else f"{option.name}: {kinds.get(type(option.default), 'float')} = {default_of(option.default)}"
            for option in one.method.options
        ]
        unused = [f"{name}: bool | None = ..." for name in sorted(one.method.flags)]
        parameters = ", ".join(["self", "parameters: Parameters", *options, *(["*", *unused] if unused else [])])
        yield f"class {title}(Optimizer):\n    def __init__({parameters}) -> None: ..."


def read_stub(name: str, **how: Any) -> str:
    """The stub of a file that is read."""
    reader = Reader(name, **how)
    body = [*reader.body(), *_table_classes(reader)]
    imports = reader.imports()
    names = list(getattr(reader.module, "__all__", ()))
    defined = set(re.findall(r"^(?:class |def )?(\w+)", "\n".join(body), re.MULTILINE))
    known = "\n".join(imports)
    # A function under another name, such as `relu` of `functional`.
    body += [f"def {one}(input: X) -> X: ..." for one in names
             if one not in defined and one.islower() and not re.search(rf"\b{one}\b", known)]  # fmt: skip
    text = "\n".join(body)
    if name == "gradcli.evaluate.compiled":
        text = text.replace("class Compiled:", 'Result = TypeVar("Result")\nclass Compiled(Generic[Result]):')
    if name == "gradcli.optim.classes":
        text = 'Loss = TypeVar("Loss")\n' + text
    if name == "gradcli.optim.quasi_newton":  # the step is that of the base
        text = re.sub(r"\n    def step.*", "", text)
    if name == "gradcli.nn.micrograd":
        text = text.replace("(Module):", "(Module):\n    def parameters(self) -> list[Value]: ...")
    own = exports(names) if names else ""
    return stub(imports, imported(text, known), own, text)


def package_stub(name: str) -> str:
    """The stub of a package whose names are in several files: `gradcli.nn` or `gradcli.optim`."""
    package: Any = import_module(name)
    lines = []
    for word in package.__all__:
        home = name if inspect.ismodule(getattr(package, word)) else _home(name, word, getattr(package, word))
        lines.append(f"from {home} import {word} as {word}")
    return stub(lines, exports(list(package.__all__)))


def _home(package: str, word: str, found: Any) -> str:
    """Return the file of a name; a class that is made of a table is in the file of the table."""
    for path in sorted(PACKAGE.joinpath(*package.split(".")[1:]).glob("*.py")):
        if path.stem != "__init__":
            module = import_module(f"{package}.{path.stem}")
            exported = [getattr(module, one) for one in getattr(module, "__all__", ()) if hasattr(module, one)]
            tables = [one for one in exported if isinstance(one, dict)]
            if word in getattr(module, "__all__", ()) or any(
                found is one for table in tables for one in table.values()
            ):
                return module.__name__
    raise LookupError(f"{package}.{word}")


def torch_stub() -> str:
    """PyTorch's functions, types, and packages of functions."""
    torch: Any = import_module("gradcli.torch")
    reader = Reader("gradcli.torch")
    lines: list[str] = []
    rooms: dict[str, list[str]] = {}
    for name, function in torch._FUNCTIONS.items():
        room, _, word = name.rpartition(".")
        text = _torch_lines(torch, name, word, function)
        if room:
            text = [line if line == "@overload" else f"@staticmethod\n    {line}" for line in text]
            rooms.setdefault(room, []).extend(f"    {line}" for line in text)
        else:
            lines += text
    own = [line for one in reader.tree.body if isinstance(one, ast.FunctionDef) and not one.name.startswith("_")
           for line in reader.function(one)]  # fmt: skip
    own += [line for one in reader.tree.body if isinstance(one, ast.ClassDef) for line in reader.class_(one)]
    [polygamma] = [line for line in own if line.startswith("def polygamma")]
    rooms["special"].append(f"    @staticmethod\n    {polygamma}")
    text = "\n".join([*lines, *own, *(f"class {room}:\n" + "\n".join(body) for room, body in rooms.items())])
    text = with_builtins(text)  # the names of Python's are types of tensors here
    values = [f"{name}: DType" for name in torch._TYPES]
    defined = set(re.findall(r"^(?:def |class )?(\w+)", "\n".join([text, *values]), re.MULTILINE))
    others = [line for name in sorted(torch.__all__) if name not in defined for line in _torch_name(torch, name)]
    others += [f"{name}: builtins.float" for name in ("inf", "nan", "pi", "e")]
    return stub(imported(text, "\n".join(others)), "from contextlib import ContextDecorator", others, values, text)


def _torch_name(torch: Any, name: str) -> list[str]:
    """Return the line of a name that PyTorch's namespace has from elsewhere."""
    found = getattr(torch, name)
    if inspect.ismodule(found):
        return [f"from gradcli.torch import {name} as {name}"]
    home = getattr(found, "__module__", "")
    if callable(found) and home != "builtins":
        return [f"from {home} import {found.__name__} as {name}"]
    return [] if isinstance(found, float) else [f"{name}: {'type[tuple[Any, ...]]' if found is tuple else 'Any'}"]


def _torch_lines(torch: Any, name: str, word: str, function: Callable[..., Any]) -> list[str]:
    from gradcli.primitives import REGISTRY

    of_registry = torch._ALSO.get(name, name)
    if of_registry in torch._OF_THE_REGISTRY:
        others = _other_operands(REGISTRY.find(of_registry), "Numbers")
        first = "input: Numbers" if of_registry == "xlogy" else "input: Tensor"
        text = [f"def {word}({', '.join([first, *others])}) -> Tensor: ..."]
    else:
        text = written(word, inspect.unwrap(function, stop=lambda one: one in torch.FUNCTIONS.values()), first=None)
    return [line if line == "@overload" else _with_out(line) for line in text]


def _with_out(line: str) -> str:
    """Return a function that also takes ``out``."""
    head, _, result = line.rpartition(") -> ")
    if result.startswith(("bool", "int", "tuple[int", "Any")):
        return line
    kind = "Tensor" if result.startswith("Tensor:") else "tuple[Tensor, ...]"
    star = "" if re.search(r"[(,] ?\*", head) else ", *"
    return f"{head}{star}, out: {kind} | None = ...) -> {result}"


def stubs() -> dict[Path, str]:
    """Return the text of each stub by its path."""
    found = {
        "eager/creation": creation_stub(),
        "eager/pytorch_names": pytorch_names_stub(),
        "eager/tensor": tensor_stub(),
        "nn/__init__": package_stub("gradcli.nn"),
        "optim/__init__": package_stub("gradcli.optim"),
        "primitives/__init__": primitives_stub(),
        "primitives/operators": operators_stub(),
        "torch/__init__": torch_stub(),
    }
    for name, how in READ.items():
        found[name] = read_stub(f"gradcli.{name.replace('/', '.')}", **how)
    for path in sorted((PACKAGE / "nn").glob("*.py")):
        if path.stem not in NN_AS_THEY_ARE:
            found[f"nn/{path.stem}"] = read_stub(f"gradcli.nn.{path.stem}", is_formula=path.stem in NN_FORMULAS)
    return {PACKAGE / f"{name}.pyi": text for name, text in found.items()}


if __name__ == "__main__":
    for place, content in stubs().items():
        place.write_text(content, encoding="utf-8")
