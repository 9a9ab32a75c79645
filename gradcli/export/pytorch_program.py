"""Programs of PyTorch: a module whose state has the names of the model file."""

from __future__ import annotations

import textwrap

from gradcli.export.array_programs import OPERATORS
from gradcli.export.program_text import (
    Dialect,
    Net,
    Source,
    Written,
    function,
    join_sections,
    literal,
    returned,
    written,
)
from gradcli.train.model.kinds import KERNEL, PADDING

__all__ = ["write_pytorch"]


def binary(name: str, call: str) -> str:
    """A function of PyTorch that takes tensors only, for numbers too."""
    return f"""
def {name}(x, y):
    return {call}(torch.as_tensor(x, dtype=torch.float64), torch.as_tensor(y, dtype=torch.float64))
"""


#: The functions that PyTorch calls as the registry does.
SAME = (
    "abs", "sqrt", "square", "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "floor", "ceil", "round", "sign",
    "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "sinc",
    "relu", "sigmoid", "selu", "erf", "erfc", "lgamma", "digamma",
)  # fmt: skip

TENSOR = """
def tensor(values):
    return torch.tensor(values, dtype=torch.float64)
""".lstrip("\n")

PYTORCH = Dialect(
    "PyTorch",
    OPERATORS,
    {
        **{name: f"torch.{name}({{x}})" for name in SAME},
        "leaky_relu": "torch.nn.functional.leaky_relu({x})",
        "elu": "torch.nn.functional.elu({x})",
        "silu": "torch.nn.functional.silu({x})",
        "gelu": "torch.nn.functional.gelu({x})",
        "mish": "torch.nn.functional.mish({x})",
        "softsign": "torch.nn.functional.softsign({x})",
        "hard_tanh": "torch.nn.functional.hardtanh({x})",
        "less": "({x:5} < {y:5}).double()",
        "less_equal": "({x:5} <= {y:5}).double()",
        "greater": "({x:5} > {y:5}).double()",
        "greater_equal": "({x:5} >= {y:5}).double()",
        "equal": "({x:5} == {y:5}).double()",
        "not_equal": "({x:5} != {y:5}).double()",
        "logical_not": "torch.logical_not({x}).double()",
    },
    {
        "max": binary("maximum", "torch.maximum"),
        "min": binary("minimum", "torch.minimum"),
        "hypot": binary("hypot", "torch.hypot"),
        "logaddexp": binary("logaddexp", "torch.logaddexp"),
        "atan2": binary("atan2", "torch.atan2"),
        "xlogy": binary("xlogy", "torch.xlogy"),
        "logical_and": binary("logical_and", "1.0 * torch.logical_and"),
        "logical_or": binary("logical_or", "1.0 * torch.logical_or"),
        "where": """
def where(condition, x, y):
    condition, x, y = (torch.as_tensor(one, dtype=torch.float64) for one in (condition, x, y))
    return torch.where(condition.isnan(), condition, torch.where(condition != 0.0, x, y))
""",
    },
    "math",
)

#: The entries of `LINKS`.
LINKS = {
    "softmax": """
return torch.softmax(self(inputs), dim=1)
""",
    "logistic of one": """
s = self(inputs)
return torch.cat([torch.sigmoid(-s), torch.sigmoid(s)], dim=1)
""",
    "logistic": """
s = self(inputs)
parts = torch.sigmoid(s)
parts = torch.where(parts.sum(dim=1, keepdim=True) > 0.0, parts, torch.softmax(s, dim=1))
return parts / parts.sum(dim=1, keepdim=True)
""",
}

#: A definition is the module that holds the weights.
LAYERS = {
    "linear": Written("self.layers[{number}](x)", "nn.Linear({inputs}, {units}, dtype=torch.float64)"),
    "conv2d": Written(
        "self.layers[{number}](x)",
        f"nn.Conv2d({{inputs}}, {{units}}, {KERNEL}, padding={PADDING}, dtype=torch.float64)",
    ),
    "max_pool2d": Written("nn.functional.max_pool2d(x, {size})"),
    "flatten": Written("x.flatten(1)"),
}


def write_pytorch(net: Net) -> str:
    """The net as a program of PyTorch.

    Raises:
        UsageError: a function that it lacks.
    """
    model = net.model
    source = Source(net, PYTORCH)
    functions = source.functions()
    features = source.features("inputs[:, {}]", ("torch.stack(", ", dim=1)"))
    methods = [initialisation(net), forward(source), *outcomes(net)]
    about = '"""The net; its state has the names of the model file of gradcli."""'
    module = "class Net(nn.Module):\n" + textwrap.indent("\n\n".join([about, *methods]), "    ")
    load = function("load()", "The trained net.", ["net = Net()", "net.load_state_dict(STATE)", "return net.eval()"])
    sections = [
        source.names(),
        source.encode(),
        features,
        *source.blocks.values(),
        *functions,
        module,
        load,
        state(net),
    ]
    certain = model.loss_function.link is not None
    likely = "`net.probabilities(inputs)` the probability of each class, " if certain else ""
    what = "a number" if model.labels is None else "the class"
    return join_sections(
        [
            f"The net {model.outline} as a program of PyTorch, exported by gradcli.",
            f"With net = load(), `net(inputs)` gives the outputs, {likely}`net.predict(inputs)` {what} for each row. "
            "The inputs are a tensor of rows of numbers, in the units and the order of COLUMNS; `encode` makes such a "
            "row of a row of the table.",
        ],
        {
            "math": "import math",
            "Path": "from pathlib import Path",
            "np": "import numpy as np",
            "torch": "import torch",
            "nn": "from torch import nn",
        },
        sections,
    )


def initialisation(net: Net) -> str:
    """The definition of ``__init__``."""
    lines = ["super().__init__()"]
    if net.standardised:
        shape = () if isinstance(net.standard()[0], float) else (len(net.model.input_mean),)
        for name in ("input_mean", "input_scale"):
            lines.append(f'self.register_buffer("{name}", torch.ones({shape}, dtype=torch.float64))')
    lines.append("self.layers = nn.ModuleList([")
    for placed in net.model.weighted:
        module = written(LAYERS, placed, PYTORCH.name).definition
        lines.append(f"    {module.format(inputs=placed.inputs[0], units=placed.outputs[0])},")
    return function("__init__(self)", None, [*lines, "])"])


def forward(source: Source) -> str:
    """The definition of ``forward``."""
    net, model = source.net, source.net.model
    lines = ["x = inputs.double()"]
    if model.features:
        lines.append("x = features(x)")
    if net.standardised:
        lines.append("x = (x - self.input_mean) / self.input_scale")
    if model.image is not None:
        lines.append(f"x = x.reshape({', '.join(map(str, (-1, *model.image)))})")
    lines += source.through(LAYERS, lambda function, _: f"{function}(x)")
    about = f"The outputs of the net: (rows, {len(model.columns)}) -> (rows, {model.outputs})."
    return function("forward(self, inputs)", about, returned(lines))


def outcomes(net: Net) -> list[str]:
    """The definitions of what follows from the outputs."""
    model = net.model
    if model.labels is None:
        about = "The number that the net predicts for each row, shape (rows,)."
        return [function("predict(self, inputs)", about, [f"return self(inputs)[:, 0]{net.rescaling}"])]
    sections = []
    lines = net.probabilities(LINKS, PYTORCH.name)
    if lines is not None:
        about = f"The probability of each of LABELS: (rows, {len(model.columns)}) -> (rows, {len(model.labels)})."
        sections.append(function("probabilities(self, inputs)", about, lines))
    index = "(self(inputs)[:, 0] > 0).long()" if model.outputs == 1 else "self(inputs).argmax(dim=1)"
    lines = [f"return [LABELS[number] for number in {index}.tolist()]"]
    return [*sections, function("predict(self, inputs)", "The label of each row.", lines)]


def state(net: Net) -> str:
    """The state: literals, or read from the file beside the program."""
    if net.beside is not None:
        return (
            f"ARRAYS = np.load(Path(__file__).with_name({net.beside!r}))\n"
            "STATE = {name: torch.from_numpy(ARRAYS[name]) for name in ARRAYS.files}"
        )
    arrays = {name: array.tolist() for name, array in net.arrays.items()}
    if net.standardised:
        mean, scale = net.standard()
        arrays = {"input_mean": mean, "input_scale": scale} | arrays
    lines = [f'    "{name}": tensor({literal(one, " " * 4)}),' for name, one in arrays.items()]
    return "\n".join([TENSOR, "", "STATE = {", *lines, "}"])
