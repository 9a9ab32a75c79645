"""Expressions as functions in a programming language, with their derivatives.

The value and the derivatives are graphs, with the declared derivatives at edge points.  They are lowered to operations
of the language (`gradcli.printing.lowering`), and written with one assignment for each step that several results need.
LaTeX and Mathematica get the short formulas that `gradcli diff` prints.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from gradcli.errors import UsageError, choice
from gradcli.evaluate.derivative_formulas import formulas_of
from gradcli.evaluate.expression import Expression, parse
from gradcli.graph import Node, differentiate
from gradcli.graph.hessians import second_derivatives
from gradcli.printing.c_code import C
from gradcli.printing.code import WIDTH, CodePrinter, Results, identifier
from gradcli.printing.javascript_code import JAVASCRIPT
from gradcli.printing.jax_code import JAX
from gradcli.printing.julia_code import JULIA
from gradcli.printing.latex import LatexPrinter, to_latex
from gradcli.printing.mathematica_code import MATHEMATICA
from gradcli.printing.numpy_code import NUMPY
from gradcli.printing.python_code import PYTHON
from gradcli.printing.pytorch_code import PYTORCH
from gradcli.printing.rust_code import RUST
from gradcli.source import joined

__all__ = ["LANGUAGES", "RESULTS", "ExpressionLanguage", "Request", "export_expression", "program_of"]

#: A choice of results -> the name of the function, and what the program is said to compute.
RESULTS: Final = {
    "value": ("evaluate", "the value"),
    "value+gradient": ("value_and_gradient", "the value and the gradient"),
    "hessian": ("value_gradient_hessian", "the value, the gradient and the Hessian"),
    "jacobian": ("values_and_jacobian", "the values and the Jacobian"),
}
#: Results with more characters together get names before they are returned.
_RETURNED: Final = 60
_EDGES: Final = (
    "At kinks, poles and ends of domains the derivatives are those of gradcli (docs/edge_points.md); without a value "
    "they are nan."
)
_SHORT: Final = "The derivatives are the short formulas of `gradcli diff`."


@dataclass(frozen=True)
class Request:
    """The results that a program computes.

    Args:
        title: the first paragraph of its comment.
        name: the name of the function.
        variables: the nodes of the variables, in the order of the arguments.
        values: the values; several for a vector.
        derivatives: a key of `RESULTS`.
        expression: the expression, for the short formulas of its derivatives.
        more: further paragraphs of the comment.
    """

    title: str
    name: str
    variables: list[Node]
    values: list[Node]
    derivatives: str
    expression: Expression | None = None
    more: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Derived:
    """The derivatives that a program computes, as graphs.

    Args:
        gradient: the partial derivatives; None if they are not asked for.
        matrix: the rows of the Hessian or of the Jacobian; None if it is not asked for.
        conditions: the conditions under which they are the derivatives, as clauses.
    """

    gradient: list[Node] | None = None
    matrix: list[list[Node]] | None = None
    conditions: tuple[str, ...] = ()


def _graphs(request: Request) -> _Derived:
    """Return the derivatives as graphs for computing, with the declared values at edge points."""
    root, variables = request.values[0], request.variables
    if request.derivatives == "jacobian":
        return _Derived(matrix=[differentiate.gradient(one, variables) for one in request.values])
    gradient = None if request.derivatives == "value" else differentiate.gradient(root, variables)
    if request.derivatives != "hessian":
        return _Derived(gradient)
    rows = second_derivatives(root, variables)
    return _Derived(gradient, [[rows[min(i, j)][abs(i - j)] for j in range(len(rows))] for i in range(len(rows))])


def _formulas(request: Request) -> _Derived:
    """Return the derivatives as formulas, as `gradcli diff` prints them."""
    expression = request.expression
    if request.derivatives == "value" or expression is None:
        return _Derived()
    found = formulas_of(expression, expression.variables, hessian=request.derivatives == "hessian")
    rows = [list(row.values()) for row in found.rows]
    if found.is_vector or request.derivatives == "jacobian":
        return _Derived(matrix=rows, conditions=found.conditions)
    matrix = None if found.hessian is None else [list(row.values()) for row in found.hessian.values()]
    return _Derived(rows[0], matrix, found.conditions)


@dataclass(frozen=True)
class ExpressionLanguage:
    """A language that expressions can be written in.

    Args:
        about: a few words for the help.
        suffix: the end of the names of its files.
        write: the function that returns the program.
    """

    about: str
    suffix: str
    write: Callable[[Request], str]


def program_of(request: Request, language: CodePrinter) -> str:
    """Return a program in a programming language."""
    lowering, taken = language.lowering(), language.taken
    name = request.name if language.has_underscores else _in_camel_case(request.name)
    if name != identifier(name, taken):
        raise UsageError(f"`{name}` can't be the name of a function in {language.name}", kind="bad_name")
    lowering.reserved.add(name)
    names: dict[Node, str] = {}
    for node in request.variables:
        word = str(node.name)
        word = word if language.has_underscores else _in_camel_case(word)
        names[node] = identifier(word, {name, *taken, *names.values()})
    derived = _graphs(request) if language.computes else _formulas(request)
    groups = [request.values, derived.gradient or [], *(derived.matrix or [])]
    roots = [root for group in groups for root in group]
    lowered = lowering.lowered(roots, names)
    taken = {name, *taken, *names.values()}
    lines, texts = language.statements(lowered, taken)
    if not language.returns_one_by_one and sum(map(len, texts)) > _RETURNED:
        for i, (text, word) in enumerate(zip(texts, _result_names(request, list(names.values())), strict=True)):
            if not text.isidentifier():
                word = word if language.has_underscores else _in_camel_case(word)
                texts[i] = identifier(word, {*taken, *texts})
                lines.append(language.assignment(texts[i], text))
    rest = iter(texts)
    rows = [[next(rest) for _ in group] for group in groups]
    results = Results(
        rows[0], None if derived.gradient is None else rows[1], None if derived.matrix is None else rows[2:]
    )
    arguments = list(names.values())
    helpers = list(lowering.helpers.values())
    main = language.program(name, arguments, lines, results)
    sections = [*language.needed([*lowered, *[one.root for one in helpers]]), *language.helper_texts(helpers), main]
    body = language.gap.join(sections)
    edges = _EDGES if language.computes else " ".join(filter(None, (_SHORT, _holding(derived))))
    about = [
        *textwrap.wrap(_printable(request.title), WIDTH, break_long_words=False),
        "",
        *[f"    {line}" for line in language.usage(name, arguments, results)],
    ]
    renamed = [f"{new} is {node.name}" for node, new in names.items() if new != node.name]
    has_derivatives = derived.gradient is not None or derived.matrix is not None
    explained = (f"Here {joined(renamed, 'and')}." if renamed else "", edges if has_derivatives else "")
    for paragraph in (*request.more, *explained, language.notes):
        about += ["", *textwrap.wrap(_printable(paragraph), WIDTH)] if paragraph else []
    head = "\n".join([language.head(about), *language.imported(body)])
    return f"{head}{language.gap}{body}\n"


def _printable(text: str) -> str:
    """Return a paragraph without characters that could end a line of a comment."""
    return "".join([letter if letter.isprintable() else " " for letter in text])


def _result_names(request: Request, variables: Sequence[str]) -> list[str]:
    """Return a name for each result, in their order: ``value``, ``d_x``, ``d_x_y``."""
    count, partials = len(request.values), [f"d_{word}" for word in variables]
    if request.derivatives == "jacobian":
        names = [f"value{i}" for i in range(1, count + 1)]
        return [*names, *[f"d{i}_{word}" for i in range(1, count + 1) for word in variables]]
    names = ["value"] if count == 1 else [f"value{i}" for i in range(1, count + 1)]
    names += [] if request.derivatives == "value" else partials
    return [*names, *[f"{row}_{word}" for row in partials for word in variables if request.derivatives == "hessian"]]


def _in_camel_case(name: str) -> str:
    """Return a name without underscores: ``value_and_gradient`` becomes ``valueAndGradient``."""
    first, *others = name.split("_")
    return "".join([first, *[other[:1].upper() + other[1:] for other in others]])


def _latex(request: Request) -> str:
    r"""Return the formulas as an environment ``align*`` of LaTeX."""
    printer, derived = LatexPrinter(), _formulas(request)
    words = [printer.name_text(str(node.name)) for node in request.variables]
    name = printer.name_text("f" if request.name in {name for name, _ in RESULTS.values()} else request.name)
    several = len(request.values) > 1
    names = [f"{name}_{{{i}}}" for i in range(1, len(request.values) + 1)] if several else [name]
    arguments = f"({', '.join(words)})" if words else ""
    lines = [(f"{one}{arguments}", root) for one, root in zip(names, request.values, strict=True)]
    for word, root in zip(words, derived.gradient or [], strict=False):
        lines.append((rf"\frac{{\partial {name}}}{{\partial {word}}}", root))
    for i, row in enumerate(derived.matrix or []):
        for j, root in enumerate(row):
            if derived.gradient is None:
                lines.append((rf"\frac{{\partial {names[i]}}}{{\partial {words[j]}}}", root))
            elif i <= j:
                below = rf"\partial {words[i]}^{{2}}" if i == j else rf"\partial {words[i]} \, \partial {words[j]}"
                lines.append((rf"\frac{{\partial^{{2}} {name}}}{{{below}}}", root))
    rows = [f"  {left} &= {to_latex(root)}" for left, root in lines]
    comment = f"% {request.title}"
    conditions = [f"% {_holding(derived)}"] if derived.conditions else []
    return "\n".join([comment, *conditions, r"\begin{align*}", " \\\\\n".join(rows), r"\end{align*}"]) + "\n"


def _holding(derived: _Derived) -> str:
    """Return the conditions under which formulas hold, as a sentence; empty if there are none."""
    return f"They hold where {joined(list(derived.conditions), 'and')}." if derived.conditions else ""


def _entry(about: str, suffix: str, language: CodePrinter) -> ExpressionLanguage:
    return ExpressionLanguage(about, suffix, partial(program_of, language=language))


LANGUAGES: Final = {
    "c": _entry("C99, with libm alone", ".c", C),
    "python": _entry("Python, with its standard library alone", ".py", PYTHON),
    "numpy": _entry("functions of arrays, element by element", ".py", NUMPY),
    "jax": _entry("a pure function, for jax.jit and jax.vmap", ".py", JAX),
    "pytorch": _entry("a function of tensors", ".py", PYTORCH),
    "javascript": _entry("a module of ECMAScript", ".js", JAVASCRIPT),
    "julia": _entry("Julia, without packages", ".jl", JULIA),
    "rust": _entry("Rust, with its standard library alone", ".rs", RUST),
    "latex": ExpressionLanguage("the formulas for a paper", ".tex", _latex),
    "mathematica": _entry("formulas in the Wolfram Language", ".wl", MATHEMATICA),
}


def export_expression(
    expression: str | Expression, to: str, derivatives: str = "value+gradient", *, name: str | None = None
) -> str:
    """Return the program of a function that computes an expression and its derivatives.

    Args:
        expression: the text of an expression of numbers, or a parsed one; or a vector ``[f, g]`` of such.
        to: a key of `LANGUAGES`.
        derivatives: ``"value"``, ``"value+gradient"`` (of a vector: values and Jacobian), ``"hessian"`` (with value and
            gradient) or ``"jacobian"``.
        name: the name of the function; by default it says what is returned, such as ``value_and_gradient``.

    Returns:
        The text of the program.  Its arguments are the variables, in the order of their first appearance.

    Raises:
        ExpressionError: the text is not a valid expression, or it contains functions of arrays.
        UsageError: a choice is unknown, the language lacks a function, or the function can't have this name.

    >>> print(export_expression("x*y^2", "julia"))
    # x*y^2: the value and the gradient, exported by gradcli.
    #
    #     value, gradient = value_and_gradient(x, y)
    #
    # At kinks, poles and ends of domains the derivatives are those of gradcli (docs/edge_points.md);
    # without a value they are nan.
    <BLANKLINE>
    function value_and_gradient(x::Float64, y::Float64)
        t1 = y * y
        t2 = x * t1
        t3 = t2 != t2
        return (t2, (t3 ? NaN : t1, t3 ? NaN : x * (2.0 * y)))
    end
    <BLANKLINE>
    """
    choice(str(derivatives), RESULTS, "choice of derivatives")
    language = LANGUAGES[choice(str(to), LANGUAGES, "language")]
    parsed = parse(expression) if isinstance(expression, str) else expression
    variables = [parsed.graph.variable(one) for one in parsed.variables]
    root = parsed.root
    parts = parsed.components
    if parts is None:
        parsed.refuse_arrays("an exported function")
    elif derivatives == "hessian":
        raise UsageError(f"`{parsed}` has {len(parts)} values, but only a single value has a Hessian", kind="vector")
    elif derivatives == "value+gradient":
        derivatives = "jacobian"
    if not variables and derivatives != "value":
        raise UsageError(
            f"`{parsed}` has no variable to differentiate with respect to; its value alone can be exported",
            kind="missing_variable",
        )
    default, about = RESULTS[derivatives]
    if parts is not None:
        about = about.replace("the value", "the values", 1) if derivatives == "value" else about
    parts = [root] if parts is None else parts
    title = f"{parsed}: {about}, exported by gradcli."
    return language.write(Request(title, name or default, variables, parts, derivatives, parsed))
