"""The stub of a source file, from its syntax: its declarations, without what is inside functions."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from tests.support.stub_signatures import ATTRIBUTES, READ_BRANCHES, optional, overloaded, result_of, type_of

#: The operand of a formula that runs on what it is given.
_FIRST = frozenset({"input", "x", "x1", "query"})


class Reader:
    """The stub of a source file.

    Args:
        name: the name of the module.
        result: the result of a function that is declared as Any.
        other: the type of a parameter that is declared as Any, if its name says nothing.
        is_formula: whether functions return what their first operand is: a tensor, an array or a number.
    """

    def __init__(self, name: str, result: str = "Tensor", other: str = "Numbers", is_formula: bool = False) -> None:
        self.name, self.result, self.other, self.is_formula = name, result, other, is_formula
        self.module = import_module(name)
        self.tree = ast.parse(Path(str(self.module.__file__)).read_text(encoding="utf-8"))

    def imports(self) -> list[str]:
        """The imports, those for type checkers included."""
        blocks = [self.tree.body, *(one.body for one in self.tree.body if isinstance(one, ast.If))]
        return [
            ast.unparse(one)
            for block in blocks
            for one in block
            if isinstance(one, (ast.Import, ast.ImportFrom)) and getattr(one, "module", "") != "__future__"
        ]

    def body(self) -> Iterator[str]:
        """The public declarations."""
        for one in self.tree.body:
            if isinstance(one, ast.FunctionDef) and not one.name.startswith("_"):
                yield from self.function(one)
            elif isinstance(one, ast.ClassDef):
                yield from self.class_(one)
            elif isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name):
                kind, name = ast.unparse(one.annotation), one.target.id
                if kind == "TypeAlias" and one.value is not None:
                    yield f"{name}: TypeAlias = {ast.unparse(one.value).strip(chr(39))}"
                elif not name.startswith("_"):
                    yield f"{name}: {'Any' if kind == 'Final' else kind}"
            elif isinstance(one, ast.Assign) and ast.unparse(one.value).startswith(("TypeVar(", "Callable[")):
                yield ast.unparse(one)

    def class_(self, one: ast.ClassDef) -> Iterator[str]:
        """A class."""
        bases = ", ".join(ast.unparse(base) for base in one.bases)
        yield f"class {one.name}({bases}):" if bases else f"class {one.name}:"
        yield from (f"    {line}" for line in self.members(one) or ["..."])

    def members(self, one: ast.ClassDef) -> list[str]:
        """The attributes and methods of a class."""
        lines: list[str] = []
        for part in one.body:
            if isinstance(part, ast.FunctionDef):
                if not part.name.startswith("_") or part.name.endswith("__"):
                    lines += self.function(part, one.name)
            elif isinstance(part, ast.AnnAssign) and not ast.unparse(part.target).startswith("_"):
                lines.append(f"{ast.unparse(part.target)}: {ast.unparse(part.annotation)}")
            elif isinstance(part, ast.Assign) and isinstance(part.value, ast.Name):
                lines.append(ast.unparse(part))
        known = {line.partition(":")[0] for line in lines}
        return lines + [f"{name}: {kind}" for name, kind in attributes_of(one) if name not in known]

    def function(self, one: ast.FunctionDef, owner: str = "") -> Iterator[str]:
        """A function, or a method of a class."""
        branches = READ_BRANCHES.get(".".join(filter(None, [self.name.rpartition(".")[2], owner, one.name])))
        if branches is not None:
            yield from overloaded(one.name, branches)
            return
        if (owner, one.name) == ("Module", "__call__"):
            yield "__call__: Forward"
            return
        if (owner, one.name) == ("Module", "forward"):
            yield "forward: Callable[..., Any]"
            return
        decorators = [ast.unparse(decorator) for decorator in one.decorator_list]
        kept = ("property", "staticmethod", "classmethod", "overload")
        decorators = [text.replace("functools.cached_", "") for text in decorators]
        yield from (f"@{text}" for text in decorators if text in kept or text.endswith(".setter"))
        if "placed" in decorators:
            self._add(one, "device: object = ..., dtype: TypeLike | None = ...", keyword=True)
        if "with_inplace" in decorators:
            self._add(one, "inplace: bool = False", keyword=False)
        declared = "" if one.returns is None else ast.unparse(one.returns)
        result = result_of(one.name, declared, owner, "None" if one.name == "__init__" else self.result)
        if self._typed(one, owner, is_static="staticmethod" in decorators) and declared == "Any":
            result = "X"
        yield f"def {one.name}({ast.unparse(one.args)}) -> {result}: ..."

    @staticmethod
    def _add(one: ast.FunctionDef, parameters: str, *, keyword: bool) -> None:
        """Add the parameters that a decorator adds, once."""
        more = ast.parse(f"def added({'*, ' if keyword else ''}{parameters}): ...").body[0]
        assert isinstance(more, ast.FunctionDef)
        if {arg.arg for arg in more.args.kwonlyargs + more.args.args} & {
            arg.arg for arg in one.args.kwonlyargs + one.args.args
        }:
            return
        one.args.kwonlyargs += more.args.kwonlyargs
        one.args.kw_defaults += more.args.kw_defaults
        one.args.args += more.args.args
        one.args.defaults += more.args.defaults

    def _typed(self, one: ast.FunctionDef, owner: str, *, is_static: bool) -> bool:
        """Give the parameters of a function their types; return whether the result is what the first operand is."""
        arguments = one.args
        places = [*arguments.posonlyargs, *arguments.args]
        follows = False
        for place, argument in enumerate([*places, *arguments.kwonlyargs]):
            if owner and place == 0 and not is_static:
                continue
            declared = "" if argument.annotation is None else ast.unparse(argument.annotation)
            kind = type_of(argument.arg, declared, other=self.other)
            if self.is_formula and not owner and place == 0 and declared == "Any" and argument.arg in _FIRST:
                kind, follows = "X", True
            argument.annotation = ast.Name(kind)
        with_defaults = places[len(places) - len(arguments.defaults) :]
        for defaults, those in ((arguments.defaults, with_defaults), (arguments.kw_defaults, arguments.kwonlyargs)):
            for i, (default, argument) in enumerate(zip(list(defaults), those, strict=True)):
                if default is not None and not isinstance(default, ast.Constant):
                    defaults[i] = ast.Constant(...)
                elif default is not None and default.value is None and isinstance(argument.annotation, ast.Name):
                    argument.annotation = ast.Name(optional(argument.annotation.id))
        for argument in filter(None, (arguments.vararg, arguments.kwarg)):
            declared = "" if argument.annotation is None else ast.unparse(argument.annotation)
            is_open = argument is arguments.kwarg or owner == "Identity"
            kind = "Any" if is_open else type_of(argument.arg, declared, several=True, other=self.other)
            argument.annotation = ast.Name(kind)
        return follows


def attributes_of(one: ast.ClassDef) -> Iterator[tuple[str, str]]:
    """Yield the public attributes that the methods of a class assign to, with their types."""
    found: dict[str, str] = {}
    for method in one.body:
        if not isinstance(method, ast.FunctionDef):
            continue
        arguments = [*method.args.args, *method.args.kwonlyargs]
        given = {one.arg: ast.unparse(one.annotation) if one.annotation else "Any" for one in arguments}
        for target, value, kind in _assignments(method):
            if not isinstance(target, ast.Attribute) or ast.unparse(target.value) != "self":
                continue
            if kind is None and isinstance(value, ast.Name):
                kind = given.get(value.id)
            if not target.attr.startswith("_"):
                found.setdefault(target.attr, ATTRIBUTES.get(target.attr) or kind or "Any")
    properties = {part.name for part in one.body if isinstance(part, ast.FunctionDef)}
    yield from ((name, kind) for name, kind in found.items() if name not in properties)


def _assignments(method: ast.FunctionDef) -> Iterator[tuple[ast.expr, ast.expr | None, str | None]]:
    """Yield the targets that are assigned to, with their values and declared types."""
    for node in ast.walk(method):
        if isinstance(node, ast.AnnAssign):
            yield node.target, node.value, ast.unparse(node.annotation)
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                if not isinstance(target, ast.Tuple):
                    yield target, node.value, None
                    continue
                values = node.value.elts if isinstance(node.value, ast.Tuple) else [None] * len(target.elts)
                yield from ((one, value, None) for one, value in zip(target.elts, values, strict=True))
