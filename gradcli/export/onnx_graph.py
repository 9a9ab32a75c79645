"""The net as an ONNX model, in double precision throughout.

For some operators (Conv, Erf, Atan, Softplus ...) onnxruntime has no kernel in double precision.  They are composed of
other operators, so that the model predicts the same as the net.  Names from a file or a user are in the metadata as
JSON, and the labels are in a tensor of strings.
"""

from __future__ import annotations

import functools
import itertools
import json
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from gradcli.errors import missing_extra
from gradcli.export.compositions import lowered
from gradcli.export.program_text import Net, root_of, written
from gradcli.graph import Node, toposort
from gradcli.printing.lowering import not_exported
from gradcli.tables.cells import GAPS
from gradcli.train.model.features import feature_named, places_of
from gradcli.train.model.kinds import KERNEL, PADDING

if TYPE_CHECKING:
    from gradcli.train.model.kinds import Placed

__all__ = ["write_onnx"]

# The oldest versions that have every operator used here.  In them, the axes of most reductions are attributes.
OPSET, FORMAT = 17, 8
# The error function differs from 1 by less than exp(-6^2) = 2e-16 beyond 6, so it is 1 to the last digit there.
ERF_END, ERF_POINTS = 6.0, 48


# The rule by which a row of a table becomes the inputs; the metadata has it for the programs that run the model.
RULE = (
    "Each of encoding.inputs is a column, in the order of the inputs. Strip the blanks around a cell. A cell that is "
    "one of `missing` in lower case has no value: `fill` takes its place, and without a `fill` the row is refused. "
    "Without `categories` the cell is one input, a finite number. With `categories` it is one input for each of them: "
    "1 for the category that has the same value, otherwise 0; a value that none has is refused. Cells and categories "
    "are compared as values: `true` and `false` in any case, numbers below 2^53 as doubles (1, 1.0 and 1e0 are the "
    "same, and so are 0 and -0), larger numbers by all their digits, and all other texts as they are."
)


class Builder:
    """The nodes and constants of a graph. Each method that adds a node or a constant returns the name of its result."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: dict[tuple[Any, ...], str] = {}
        self.tensors: list[Any] = []

    def __call__(self, operator: str, *inputs: str, **attributes: Any) -> str:
        """Add an operation, and return the name of its result."""
        from onnx import helper

        output = f"{operator.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [output], **attributes))
        return output

    def named(self, name: str, output: str) -> str:
        """Rename a result so that it becomes an output of the graph."""
        from onnx import helper

        self.nodes.append(helper.make_node("Identity", [output], [name]))
        return name

    def tensor(self, array: Any, name: str | None = None) -> str:
        """Add an array, and return its name.

        Without a name given, an equal array that was added before is used again.
        """
        import numpy as np
        from onnx import numpy_helper

        array = np.ascontiguousarray(array).reshape(np.shape(array))
        key = (array.dtype.str, array.shape, array.tobytes()) if name is None else (name,)
        if key not in self.constants:
            self.constants[key] = name or f"constant_{len(self.constants)}"
            self.tensors.append(numpy_helper.from_array(array, self.constants[key]))
        return self.constants[key]

    def number(self, value: float) -> str:
        """Add a number unless the graph has it already, and return its name."""
        return self.tensor(float(value))

    def whole(self, *values: int) -> str:
        """Add a list of whole numbers, such as a shape; return its name."""
        import numpy as np

        return self.tensor(np.array(values, dtype=np.int64))

    def formula(self, root: Node, variables: dict[str, str]) -> str:
        """Add the operations of a formula, and return the name of its result.

        Raises:
            UsageError: ONNX lacks a function.
        """
        root = lowered(root, OPERATORS, "ONNX")
        names: dict[Node, str] = {}
        for node in toposort([root]):
            if node.constant is not None:
                names[node] = self.number(node.constant)
            elif node.primitive is None:
                names[node] = variables[str(node.name)]
            else:
                operands = [names[operand] for operand in node.operands]
                operation = OPERATORS[node.primitive.name]
                names[node] = self(operation, *operands) if isinstance(operation, str) else operation(self, *operands)
        return names[root]


def compare(operator: str) -> Callable[..., str]:
    """Return the function that adds a comparison, whose result is 0 or 1."""
    return lambda build, x, y: truth(build, build(operator, x, y))


def truth(build: Builder, condition: str) -> str:
    """Turn a truth value into 0 or 1."""
    from onnx import TensorProto

    return build("Cast", condition, to=TensorProto.DOUBLE)


def is_true(build: Builder, x: str) -> str:
    """Add the comparison whether a number differs from 0, and return the name of its result."""
    return build("Not", build("Equal", x, build.number(0.0)))


def where(build: Builder, condition: str, x: str, y: str) -> str:
    chosen = build("Where", is_true(build, condition), x, y)
    return build("Where", build("IsNaN", condition), condition, chosen)


def floored_remainder(build: Builder, x: str, y: str) -> str:
    rest = build("Mod", x, y, fmod=1)
    other = build("Less", build("Mul", rest, y), build.number(0.0))
    return build("Where", other, build("Add", rest, y), rest)


def erf(build: Builder, x: str) -> str:
    """Add the error function: the integral of 2/sqrt(pi) exp(-t^2) from 0 to x, by Gauss-Legendre quadrature."""
    import numpy as np

    points, weights = np.polynomial.legendre.leggauss(ERF_POINTS)
    held = build("Max", build("Min", x, build.number(ERF_END)), build.number(-ERF_END))
    products = build("Mul", build("Unsqueeze", held, build.whole(-1)), build.tensor(0.5 * (points + 1.0)))
    powers = build("Exp", build("Neg", build("Mul", products, products)))
    mean = build(
        "Squeeze", build("MatMul", powers, build.tensor(weights[:, None] / math.sqrt(math.pi))), build.whole(-1)
    )
    return build("Mul", held, mean)


def atan(build: Builder, x: str) -> str:
    """Add the arctangent: an estimate in single precision, then one step of Newton's method in double precision."""
    from onnx import TensorProto

    held = build("Max", build("Min", x, build.number(1e18)), build.number(-1e18))
    guess = build("Cast", build("Atan", build("Cast", held, to=TensorProto.FLOAT)), to=TensorProto.DOUBLE)
    sine, cosine = build("Sin", guess), build("Cos", guess)
    above = build("Sub", build("Mul", held, cosine), sine)
    return build("Add", guess, build("Div", above, build("Add", cosine, build("Mul", held, sine))))


#: The functions whose operators in ONNX have the same name.
SAME = (
    "add", "sub", "mul", "div", "neg", "pow", "abs", "sign", "floor", "ceil", "round", "max", "min", "sqrt", "exp",
    "log", "sin", "cos", "tanh", "relu", "sigmoid",
)  # fmt: skip

#: A function of the registry -> its operator, or a function that adds several.  All others are composed of these.
OPERATORS: dict[str, str | Callable[..., str]] = {
    **{name: name.capitalize() for name in SAME},
    "mod": floored_remainder,
    "erf": erf,
    "atan": atan,
    "less": compare("Less"),
    "less_equal": compare("LessOrEqual"),
    "greater": compare("Greater"),
    "greater_equal": compare("GreaterOrEqual"),
    "equal": compare("Equal"),
    "not_equal": lambda build, x, y: truth(build, build("Not", build("Equal", x, y))),
    "logical_and": lambda build, x, y: truth(build, build("And", is_true(build, x), is_true(build, y))),
    "logical_or": lambda build, x, y: truth(build, build("Or", is_true(build, x), is_true(build, y))),
    "logical_not": lambda build, x: truth(build, build("Equal", x, build.number(0.0))),
    "where": where,
}


def conv2d(build: Builder, placed: Placed, x: str, weight: str, bias: str) -> str:
    """Add a convolution: the product of the weights and a matrix of the nine shifted pictures, stacked."""
    channels, height, width = placed.inputs
    padded = build("Pad", x, build.whole(0, 0, PADDING, PADDING, 0, 0, PADDING, PADDING))
    shifted = [
        build("Slice", padded, build.whole(i, j), build.whole(i + height, j + width), build.whole(2, 3))
        for i, j in itertools.product(range(KERNEL), repeat=2)
    ]
    columns = build("Reshape", build("Concat", *shifted, axis=1), build.whole(0, KERNEL**2 * channels, height * width))
    rows = build("Reshape", build("Transpose", weight, perm=[0, 2, 3, 1]), build.whole(0, KERNEL**2 * channels))
    sums = build("Add", build("MatMul", rows, columns), build("Unsqueeze", bias, build.whole(1)))
    return build("Reshape", sums, build.whole(0, -1, height, width))


#: A kind of layer that isn't pointwise -> the function that adds it: ``(build, placed, x, *arrays)``.
LAYERS: dict[str, Callable[..., str]] = {
    "linear": lambda build, _, x, weight, bias: build("Gemm", x, weight, bias, transB=1),
    "conv2d": conv2d,
    "max_pool2d": lambda build, one, x: build("MaxPool", x, kernel_shape=[one.size] * 2, strides=[one.size] * 2),
    "flatten": lambda build, _, x: build("Flatten", x),
}


def write_onnx(net: Net) -> bytes:
    """Return the net as the bytes of an ONNX file.

    The input is ``inputs`` (rows, columns).  A net that predicts a number has the output ``prediction`` (rows,).  A
    classifier has ``label`` (rows,) and, if its loss defines probabilities, ``probabilities`` (rows, classes).  All
    nets have ``scores`` (rows, outputs).

    Raises:
        UnavailableError: the package onnx is missing.
        UsageError: ONNX lacks a function.
    """
    try:
        from onnx import TensorProto, checker, helper
    except ImportError:
        raise missing_extra("onnx", "onnx", "ONNX") from None
    model, build = net.model, Builder()
    scores = build.named("scores", forward(net, build, "inputs"))
    outputs: list[tuple[Any, ...]] = [("scores", TensorProto.DOUBLE, ["rows", model.outputs])]
    if model.labels is None:
        numbers = build("Squeeze", scores, build.whole(1))
        if model.target_scale != 1.0 or model.target_mean:
            numbers = build("Mul", numbers, build.number(model.target_scale))
            numbers = build("Add", numbers, build.number(model.target_mean))
        build.named("prediction", numbers)
        outputs.insert(0, ("prediction", TensorProto.DOUBLE, ["rows"]))
    else:
        if model.loss_function.link is not None:
            build.named("probabilities", probabilities(net, build, scores))
            outputs.insert(0, ("probabilities", TensorProto.DOUBLE, ["rows", len(model.labels)]))
        build.named("label", build("Gather", names(build, model.labels), chosen(net, build, scores)))
        outputs.insert(0, ("label", TensorProto.STRING, ["rows"]))
    graph = helper.make_graph(
        build.nodes,
        "net",
        [helper.make_tensor_value_info("inputs", TensorProto.DOUBLE, ["rows", len(model.columns)])],
        [helper.make_tensor_value_info(*output) for output in outputs],
        build.tensors,
    )
    result = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="gradcli")
    result.ir_version = FORMAT
    metadata: dict[str, Any] = {"columns": model.columns, "target": model.target, "labels": model.labels}
    if model.encoding is not None:
        metadata |= {"encoding": model.encoding.to_json(), "missing": sorted(GAPS), "rule": RULE}
    helper.set_model_props(result, {name: json.dumps(value) for name, value in metadata.items() if value is not None})
    checker.check_model(result, full_check=True)
    content: bytes = result.SerializeToString(deterministic=True)
    return content


def names(build: Builder, labels: Sequence[str]) -> str:
    """Add the labels as a tensor. A character that UTF-8 can't encode is written as an escape."""
    from onnx import TensorProto, helper

    texts: Any = [label.encode("utf-8", "backslashreplace") for label in labels]
    build.tensors.append(helper.make_tensor("labels", TensorProto.STRING, [len(texts)], texts))
    return "labels"


def forward(net: Net, build: Builder, x: str) -> str:
    """Add the operations from the inputs to the scores."""
    import numpy as np

    model = net.model
    if model.features:
        x = features(net, build, x)
    if net.standardised:
        mean, scale = (build.tensor(np.array(one)) for one in net.standard())
        x = build("Div", build("Sub", x, mean), scale)
    if model.image is not None:
        x = build("Reshape", x, build.whole(-1, *model.image))
    for placed in model.plan:
        if placed.kind.pointwise:
            x = build.formula(net.formula(placed), {"x": x})
        else:
            names = [] if placed.weights is None else [f"{placed.name}.weight", f"{placed.name}.bias"]
            arrays = [build.tensor(net.arrays[name], name) for name in names]
            x = written(LAYERS, placed, "ONNX")(build, placed, x, *arrays)
    return x


def features(net: Net, build: Builder, inputs: str) -> str:
    """Add the features of the net, side by side."""
    columns = net.model.columns

    @functools.cache
    def column(place: int) -> str:
        return build("Gather", inputs, build.whole(place), axis=1)

    places = places_of(columns)
    found = []
    for text in net.model.features:
        one = feature_named(text, columns)
        if isinstance(one, int):
            found.append(column(one))
        else:
            found.append(build.formula(root_of(one), {name: column(places[name]) for name in one.used}))
    return build("Concat", *found, axis=1)


def chosen(net: Net, build: Builder, scores: str) -> str:
    """Add the index of the predicted class of each row, counted from 0."""
    from onnx import TensorProto

    if net.model.outputs > 1:
        return build("ArgMax", scores, axis=1, keepdims=0)
    positive = build("Greater", build("Squeeze", scores, build.whole(1)), build.number(0.0))
    return build("Cast", positive, to=TensorProto.INT64)


def probabilities(net: Net, build: Builder, scores: str) -> str:
    """Add the probabilities of the classes.

    Raises:
        UsageError: ONNX lacks the function that computes them.
    """
    link = net.model.loss_function.link
    if link == "softmax":
        return build("Softmax", scores, axis=1)
    if link != "logistic":
        raise not_exported(f"probabilities by `{link}`", "ONNX")
    if net.model.outputs == 1:
        return build("Concat", build("Sigmoid", build("Neg", scores)), build("Sigmoid", scores), axis=1)
    parts = build("Sigmoid", scores)
    some = build("Greater", build("ReduceSum", parts, build.whole(1)), build.number(0.0))
    parts = build("Where", some, parts, build("Softmax", scores, axis=1))
    return build("Div", parts, build("ReduceSum", parts, build.whole(1)))
