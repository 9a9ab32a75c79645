"""Programs as text: formulas as code, the sections of a program, and numbers as literals.

A name from a user or a file reaches a program only through `repr`, or as the name of a variable after a check in
`ProgramWriter.features`.  Characters beyond ASCII occur only inside string literals, where escapes may replace them.
"""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from gradcli.graph import Graph, Node, toposort
from gradcli.primitives import REGISTRY
from gradcli.printing.code import unused
from gradcli.printing.lowering import not_exported
from gradcli.printing.python_code import PythonPrinter, function
from gradcli.records import NamedTuple
from gradcli.tables.cells import GAPS
from gradcli.train.model.features import feature_named, places_of
from gradcli.train.model.formulas import Formula

if TYPE_CHECKING:
    from gradcli.array_types import Floats
    from gradcli.train.model.kinds import LayerSpec, Placed
    from gradcli.train.model.model import Model

__all__ = ["Language", "Net", "Written", "literal", "number", "parameters", "program", "written"]

WIDTH = 110
#: The names of the functions of a program.
_NAMES = ("inputs", "features", "encode", "number", "key", "scores", "probabilities", "predict")
# A longer list is broken into lines: there is a name before it, and there may be brackets after it.
WIDEST_LIST = 76


class Written(NamedTuple):
    """The code of one kind of layer in a language.

    Attributes:
        call: the expression for the output of the layer, whose input is ``x``: a template, in which ``{number}`` counts
            the layers with weights and ``{size}`` is the layer's own number, such as the width of a window.
        definition: a definition that the program needs for the call.
    """

    call: str
    definition: str = ""


@dataclass(frozen=True)
class Language:
    """A language of programs: how it writes functions, layers, probabilities and predictions.

    If the printer lacks a function, the program contains the function's kernel as code; if that is not possible, an
    error names the function.  A layer that is in no table is an error, too.

    Args:
        code: the printer of formulas in the language.
        layers: a dictionary from each kind of layer that isn't pointwise to how it is written.
        links: a dictionary from the link of a loss, such as ``softmax``, to the lines that make probabilities of the
            scores ``s``.  If a single score needs other lines, their key is the name of the link followed by "of one".
        imports: a dictionary from the name of a module in the program to the line that imports it.
        usage: a paragraph of the docstring, a template with ``{likely}`` and ``{outcome}``.
        likely: the words about probabilities, for ``{likely}``.
        outcome: the words about a predicted number and about a predicted class, for ``{outcome}``.
        net: ``net(net, definitions)`` returns the last sections: the definitions, and the arrays of the net.
        begin: the first statement of the function of the scores, which computes ``x`` from ``inputs``.
        label: ``label(scores, is_single)`` returns an expression for the labels.
        standardise: ``standardise(net)`` returns the statement that shifts and scales ``x``.
        shape: ``shape(channels, height, width)`` returns the expression that turns ``x`` into pictures.
        number: the end of an expression that takes the first score of each row.
        each: ``each(function, axes)`` returns the expression that applies a function to every number of ``x``; ``axes``
            is the number of axes of a row of ``x``.
        column: a template for a column of the inputs, with ``{}`` for its place.
        stack: the texts before and after the list of features; they turn the list into the inputs of the net.
        arguments: the arguments of the functions of the net.
        scores: the name of the function of the scores.
        call: the expression that calls the function of the scores.
        helpers: a dictionary from the name of a function that is used in ``links`` to its definition.
        more: another paragraph of the docstring.
        takes_rows: whether its functions take many rows at once.
        adjective: a word before the name of the language in the docstring, followed by a blank.
    """

    code: PythonPrinter
    layers: dict[str, Written]
    links: dict[str, str]
    usage: str
    likely: str
    outcome: tuple[str, str]
    net: Callable[[Net, list[str]], list[str]]
    begin: str
    label: Callable[[str, bool], str]
    standardise: Callable[[Net], str] = lambda net: "x = (x - INPUT_MEAN) / INPUT_SCALE"
    shape: Callable[[int, int, int], str] = lambda *image: f"x.reshape(-1, {', '.join(map(str, image))})"
    number: str = "[:, 0]"
    each: Callable[[str, int], str] = lambda function, _: f"{function}(x)"
    column: str = "inputs[:, {}]"
    stack: tuple[str, str] = ("", "")
    arguments: str = "inputs"
    scores: str = "scores"
    call: str = "scores(inputs)"
    helpers: dict[str, str] = field(default_factory=dict)
    more: str = ""
    takes_rows: bool = True
    adjective: str = ""


def number(value: float, constants: str = "math") -> str:
    """Return a float as a literal of Python with exactly this value.

    >>> number(0.1), number(-math.inf)
    ('0.1', '-math.inf')
    """
    if math.isfinite(value):
        return repr(float(value))
    sign = "-" if value < 0 else ""
    return f"{sign}{constants}.{'inf' if math.isinf(value) else 'nan'}"


@dataclass(frozen=True)
class Net:
    """A trained net and its arrays.

    Args:
        model: the description of the net.
        arrays: its weights and biases by their names in a model file.
        beside: the name of the file next to the program that holds the arrays; None if the arrays are literals in the
            program.
    """

    model: Model
    arrays: dict[str, Floats]
    beside: str | None = None

    @property
    def standardised(self) -> bool:
        """Whether the inputs are shifted or scaled."""
        return any(self.model.input_mean) or any(scale != 1.0 for scale in self.model.input_scale)

    def standard(self) -> tuple[Any, Any]:
        """Return the mean and the scale of the inputs: lists, or two numbers if these are the same for all inputs."""
        mean, scale = self.model.input_mean, self.model.input_scale
        if len(mean) > 1 and len({*mean}) == len({*scale}) == 1:
            return mean[0], scale[0]
        return list(mean), list(scale)

    def formula(self, placed: Placed) -> Node:
        """Return the function that a pointwise layer applies to each number ``x``, as a graph."""
        graph = Graph()
        return graph.lift(placed(graph.variable("x")))


T = TypeVar("T")


def written(layers: Mapping[str, T], placed: Placed, language: str) -> T:
    """Return the entry for a layer in the table of a language.

    Raises:
        UsageError: the language lacks this kind of layer.
    """
    kind = placed.spec.kind
    if kind not in layers:
        raise not_exported(f"the layer `{kind}`", language)
    return layers[kind]


class ProgramWriter:
    """The writer of one program, section by section."""

    def __init__(self, net: Net, language: Language) -> None:
        self.net = net
        self.language = language
        #: A pointwise layer -> the name of its function; None if the layer changes nothing.
        self.called: dict[LayerSpec, str | None] = {}
        self.lowering = language.code.lowering()
        self.lowering.reserved |= {*_NAMES, *language.layers}
        self.formulas: list[Node] = []

    @property
    def taken(self) -> set[str]:
        """The names that already have a meaning, so that variables of the program can't have them."""
        return {*self.language.code.taken, *self.lowering.reserved, *REGISTRY}

    def formula(self, root: Node, variables: dict[str, str], taken: set[str]) -> tuple[list[str], str]:
        """Return the statements that compute a formula, and the expression for its result.

        Definitions that these need are added to the program.

        Raises:
            UsageError: the language lacks a function.
        """
        names = {node: variables[str(node.name)] for node in toposort([root]) if node.is_variable}
        found = self.lowering.lowered([root], names)
        self.formulas += found
        lines, [result] = self.language.code.statements(found, taken)
        return lines, result

    def helpers(self) -> list[str]:
        """Return the definitions that the formulas need."""
        helpers, code = list(self.lowering.helpers.values()), self.language.code
        return [*code.needed([*self.formulas, *[one.root for one in helpers]]), *code.helper_texts(helpers)]

    def functions(self) -> list[str]:
        """Return the definitions of the functions that the pointwise layers apply; `scores` calls them."""
        sections = []
        for placed in self.net.model.plan:
            kind, spec = placed.spec.kind, placed.spec
            if not placed.kind.pointwise or spec in self.called:
                continue
            root = self.net.formula(placed)
            if root.primitive is None and root.constant is None:
                self.called[spec] = None
                continue
            name = kind
            while name in {*self.language.code.taken, *self.lowering.reserved}:
                name += "_"
            self.lowering.reserved.add(name)
            self.called[spec] = name
            lines, result = self.formula(root, {"x": "x"}, {"x"})
            sections.append(function(f"{name}(x)", f"The {kind} function.", [*lines, f"return {result}"]))
        return sections

    def definitions(self) -> list[str]:
        """Return the definitions for the kinds of layers in the net, in the order of the language's table."""
        kinds = {placed.spec.kind for placed in self.net.model.plan}
        return [one.definition.strip("\n") for kind, one in self.language.layers.items() if kind in kinds]

    def scores(self) -> str:
        """Return the definition of the function that computes the scores.

        Raises:
            UsageError: the language lacks a kind of layer.
        """
        net, model, language = self.net, self.net.model, self.language
        lines = [language.begin]
        if model.features:
            lines.append("x = features(x)")
        if net.standardised:
            lines.append(language.standardise(net))
        if model.image is not None:
            lines.append(f"x = {language.shape(*model.image)}")
        number = 0
        for placed in model.plan:
            if placed.kind.pointwise:
                called = self.called[placed.spec]
                lines += [] if called is None else [f"x = {language.each(called, len(placed.inputs))}"]
            else:
                call = written(language.layers, placed, language.code.name).call
                lines.append(f"x = {call.format(number=number, size=placed.size)}")
            number += placed.weights is not None
        about = f"The {model.outputs} outputs of the net for the {len(model.columns)} inputs of one row."
        if language.takes_rows:
            about = f"The outputs of the net: (rows, {len(model.columns)}) -> (rows, {model.outputs})."
        elif model.outputs == 1:
            about = "The output of the net for the inputs of one row, a list of one number."
        lines[-1] = lines[-1].replace("x = ", "return ", 1)
        return function(f"{language.scores}({language.arguments})", about, lines)

    def outcomes(self) -> list[str]:
        """Return the definitions of the functions for probabilities and predictions.

        Raises:
            UsageError: the language can't write the probabilities.
        """
        model, language = self.net.model, self.language
        which, is_single = "each" if language.takes_rows else "one", model.outputs == 1
        predict = f"predict({language.arguments})"
        if model.labels is None:
            shape = ", shape (rows,)" if language.takes_rows else ""
            about = f"The number that the net predicts for {which} row{shape}."
            scale, mean = model.target_scale, model.target_mean
            to_units = (f" * {number(scale)}" if scale != 1.0 else "") + (f" + {number(mean)}" if mean else "")
            return [function(predict, about, [f"return {language.call}{language.number}{to_units}"])]
        sections, link = [], model.loss_function.link
        if link is not None:
            name = f"{link} of one" if is_single and f"{link} of one" in language.links else link
            if name not in language.links:
                raise not_exported(f"probabilities by `{link}`", language.code.name)
            lines = language.links[name].strip("\n").split("\n")
            sections = [text.strip("\n") for key, text in language.helpers.items() if key in " ".join(lines)]
            shape = f": (rows, {len(model.columns)}) -> (rows, {len(model.labels)})" if language.takes_rows else ""
            about = f"The probability of each of LABELS{shape}."
            lines = [f"s = {language.call}", *lines] if re.search(r"\bs\b", lines[0] + lines[-1]) else lines
            sections.append(function(f"probabilities({language.arguments})", about, lines))
        lines = language.label(language.call, is_single).split("\n")
        return [*sections, function(predict, f"The label of {which} row.", [*lines[:-1], f"return {lines[-1]}"])]

    def features(self) -> str:
        """Return the definition of ``features(inputs)``; empty if the inputs of the net are the columns themselves."""
        model, column, stack = self.net.model, self.language.column, self.language.stack
        if not model.features:
            return ""
        found = [feature_named(text, model.columns) for text in model.features]
        used = {name for one in found if isinstance(one, Formula) for name in one.used}
        taken = {*self.taken}
        variables: dict[str, str] = {}
        lines, results = [], []
        for name, place in places_of(model.columns).items():
            if name in used:
                is_sound = name.isascii() and name.isidentifier() and name not in taken
                variables[name] = name if is_sound else unused("column", place + 1, taken)
                taken.add(variables[name])
                lines.append(f"{variables[name]} = {column.format(place)}")
        for one in found:
            if isinstance(one, Formula):
                more, result = self.formula(root_of(one), variables, taken)
                lines += more
            else:
                result = column.format(one)
            results.append(f"    {result},")
        lines += [f"return {stack[0]}[", *results, f"]{stack[1]}"]
        return function(
            "features(inputs)", "The features, which are the inputs of the net in place of the columns.", lines
        )

    def names(self) -> str:
        """Return the statements that define TARGET, LABELS and COLUMNS."""
        model = self.net.model
        labels = [] if model.labels is None else [f"LABELS = {texts(model.labels)}"]
        return "\n".join([f"TARGET = {model.target!r}", *labels, f"COLUMNS = {texts(model.columns)}"])

    def encode(self) -> str:
        """Return the definition of ``encode(row)`` and of the table that it needs."""
        encoding = self.net.model.encoding
        about = "The inputs for one row of the table, which is a dictionary: column -> number or text."
        if encoding is None or all(one.categories is None and one.fill is None for one in encoding.inputs):
            encode = function("encode(row)", about, ["return [number(row[name]) for name in COLUMNS]"])
            return f"{NUMBER.strip()}\n\n\n{encode}"
        rows = [
            f"    ({one.name!r}, {None if one.categories is None else list(one.categories)!r}, {one.fill!r}),"
            for one in encoding.inputs
        ]
        table = [
            "# Column, categories (None for a column of numbers), the value that replaces a missing value (None for no "
            "value).",
            "ENCODING = [",
            *rows,
            "]",
            f"MISSING = {sorted(GAPS)!r}",
        ]
        return (
            "\n".join(table)
            + f"\n\n\n{NUMBER.strip()}\n\n\n{KEY.strip()}\n\n\n"
            + function("encode(row)", about, ENCODE.strip("\n").split("\n"))
        )


NUMBER = '''
def number(value):
    """The number in a cell of a table: what `gradcli predict` refuses there, as a gap or infinity, is refused here."""
    text = str(value).strip()
    try:
        if text.isascii() and "_" not in text and math.isfinite(float(text)):
            return float(text if isinstance(value, (str, bytes)) else value)
    except ValueError:
        pass
    raise ValueError(f"{value!r} is not a finite number")
'''

# The rule of `gradcli.tables.cells.value_key`, for a program that imports nothing of gradcli.
KEY = '''
def key(value):
    """A key for the value of a category: equal for two spellings of one number or truth value."""
    text = str(value).strip()
    if text.lower() in ("true", "false"):
        return text.lower()
    try:
        size = abs(float(text)) if text.isascii() and "_" not in text else math.nan
    except ValueError:
        return text
    if size < 2**53:
        return str(float(text) + 0.0)
    # A double doesn't have room for all digits of a larger number.
    mantissa, _, power = text.lstrip("+-").lower().partition("e")
    whole, _, fraction = mantissa.partition(".")
    if not (whole + fraction).isdigit() or len(power) > 9:
        return text
    digits = (whole + fraction).lstrip("0")
    kept = digits.rstrip("0")
    power = int(power or 0) - len(fraction) + len(digits) - len(kept)
    return f"{'-' * text.startswith('-')}{kept}e{power}"
'''

ENCODE = """
inputs = []
for name, categories, instead in ENCODING:
    value = row.get(name)
    if str(value).strip().lower() in MISSING:
        if instead is None:
            raise ValueError(f"the value of {name!r} is missing")
        value = instead
    if categories is None:
        inputs.append(number(value))
    elif key(value) in map(key, categories):
        inputs += [float(key(value) == key(category)) for category in categories]
    else:
        raise ValueError(f"{name!r} has no category {value!r}")
return inputs
"""


def root_of(formula: Formula) -> Node:
    """Return the last node of the graph of a formula."""
    return formula.tape.nodes[formula.tape.outputs[0]]


def texts(words: Sequence[str]) -> str:
    """Return a list of texts as a literal of one or several lines."""
    return literal_lines([repr(word) for word in words], "")


def literal_lines(items: Sequence[str], indent: str) -> str:
    """Return a list of literals, which is broken into lines if it is long."""
    line = f"[{', '.join(items)}]"
    if len(line) + len(indent) <= WIDEST_LIST:
        return line
    lines = [f"{items[0]},"]
    for item in items[1:]:
        if len(indent) + 4 + len(lines[-1]) + len(item) + 2 > WIDTH:
            lines.append(f"{item},")
        else:
            lines[-1] += f" {item},"
    return "\n".join(["[", *(f"{indent}    {line}" for line in lines), f"{indent}]"])


def literal(values: Any, indent: str = "") -> str:
    """Return nested lists of floats as a literal with one row on each line.

    >>> print(literal([[0.5, 1.0], [2.0, 3.0]]))
    [
        [0.5, 1.0],
        [2.0, 3.0],
    ]
    """
    if isinstance(values, float):
        return number(values)
    if not values or not isinstance(values[0], list):
        return literal_lines([number(value) for value in values], indent)
    inner = [f"{indent}    {literal(value, indent + '    ')}," for value in values]
    return "\n".join(["[", *inner, f"{indent}]"])


def parameters(net: Net, array: str = "") -> str:
    """Return the statements that define the arrays of the net or read them from the file next to the program.

    Args:
        array: the function that turns a list into an array; empty for a language that has only lists.
    """
    lines, standard = [], zip(("mean", "scale"), net.standard() if net.standardised else (), strict=False)
    if net.beside is not None:
        lines = [f"ARRAYS = np.load(Path(__file__).with_name({net.beside!r}))"]
        lines += [f'INPUT_{name.upper()} = {array}(ARRAYS["input_{name}"])' for name, _ in standard]
        names = [placed.name for placed in net.model.weighted]
        pairs = [f'    ({array}(ARRAYS["{name}.weight"]), {array}(ARRAYS["{name}.bias"])),' for name in names]
    else:
        for name, value in standard:
            text = literal(value)
            lines.append(f"INPUT_{name.upper()} = {f'{array}({text})' if array and text[0] == '[' else text}")
        pairs = []
        for placed in net.model.weighted:
            pair = [net.arrays[f"{placed.name}.{part}"] for part in ("weight", "bias")]
            texts = [literal(one.tolist(), " " * 8) for one in pair]
            pairs += ["    (", *(f"        {f'{array}({text})' if array else text}," for text in texts), "    ),"]
    return "\n".join([*lines, "# Weights and biases, layer by layer.", "PARAMETERS = [", *pairs, "]"])


def program(net: Net, language: Language) -> str:
    """Return the net as a program.

    Raises:
        UsageError: the language lacks a function, a kind of layer or a link.
    """
    model, writer = net.model, ProgramWriter(net, language)
    functions, features = writer.functions(), writer.features()
    likely = "" if model.loss_function.link is None or model.labels is None else language.likely
    usage = language.usage.format(likely=likely, outcome=language.outcome[model.labels is not None])
    title = f"The net {model.outline} as a program of {language.adjective}{language.code.name}, exported by gradcli."
    scores, outcomes = writer.scores(), writer.outcomes()
    sections = [
        writer.names(),
        writer.encode(),
        features,
        *writer.definitions(),
        *writer.helpers(),
        *functions,
        *language.net(net, [scores, *outcomes]),
    ]
    body = "\n\n\n".join(section for section in sections if section)
    paragraphs = (title, usage, language.more)
    document = "\n\n".join(textwrap.fill(paragraph, WIDTH) for paragraph in paragraphs if paragraph)
    return f'"""{document}\n"""\n\n' + "\n".join(language.code.imported(body)) + f"\n\n\n{body}\n"
