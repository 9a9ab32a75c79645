"""Programs with PyTorch: a module whose parameters have the same names as in the model file."""

from __future__ import annotations

import textwrap

from gradcli.export.array_programs import OPERATORS
from gradcli.export.program_text import COMPARISONS, Language, Net, Written, function, literal, written
from gradcli.train.model.kinds import KERNEL, PADDING

__all__ = ["PYTORCH"]


def binary(name: str, call: str) -> str:
    """Return the definition of a function of tensors and numbers that calls a function of PyTorch for tensors only."""
    return f"""
def {name}(x, y):
    return {call}(torch.as_tensor(x, dtype=torch.float64), torch.as_tensor(y, dtype=torch.float64))
"""


#: The functions that have the same name in PyTorch and in the registry.
SAME = (
    "abs", "sqrt", "square", "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "floor", "ceil", "round", "sign",
    "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "sinc",
    "relu", "sigmoid", "selu", "erf", "erfc", "lgamma", "digamma",
)  # fmt: skip

TENSOR = """
def tensor(values):
    return torch.tensor(values, dtype=torch.float64)
""".lstrip("\n")

#: A link -> the lines that make probabilities of the scores ``s``; see `Language`.
LINKS = {
    "softmax": """
return torch.softmax(self(inputs), dim=1)
""",
    "logistic of one": """
return torch.cat([torch.sigmoid(-s), torch.sigmoid(s)], dim=1)
""",
    "logistic": """
parts = torch.sigmoid(s)
parts = torch.where(parts.sum(dim=1, keepdim=True) > 0.0, parts, torch.softmax(s, dim=1))
return parts / parts.sum(dim=1, keepdim=True)
""",
}

#: A kind of layer -> the module of PyTorch that holds its weights.
MODULES = {
    "linear": "nn.Linear({inputs}, {units}, dtype=torch.float64)",
    "conv2d": f"nn.Conv2d({{inputs}}, {{units}}, {KERNEL}, padding={PADDING}, dtype=torch.float64)",
}


def sections(net: Net, definitions: list[str]) -> list[str]:
    """Return the definitions of the module, of the function that loads it, and of the state."""
    about = '"""The net; its state has the names of the model file of gradcli."""'
    module = "class Net(nn.Module):\n" + textwrap.indent(
        "\n\n".join([about, initialisation(net), *definitions]), "    "
    )
    load = function("load()", "The trained net.", ["net = Net()", "net.load_state_dict(STATE)", "return net.eval()"])
    return [module, load, state(net)]


def label(scores: str, is_single: bool) -> str:
    """Return an expression for the labels of all rows."""
    index = f"({scores}[:, 0] > 0).long()" if is_single else f"{scores}.argmax(dim=1)"
    return f"[LABELS[number] for number in {index}.tolist()]"


def initialisation(net: Net) -> str:
    """Return the definition of ``__init__``, which makes the buffers and the layers with weights."""
    lines = ["super().__init__()"]
    if net.standardised:
        shape = () if isinstance(net.standard()[0], float) else (len(net.model.input_mean),)
        for name in ("input_mean", "input_scale"):
            lines.append(f'self.register_buffer("{name}", torch.ones({shape}, dtype=torch.float64))')
    lines.append("self.layers = nn.ModuleList([")
    for placed in net.model.weighted:
        module = written(MODULES, placed, "PyTorch")
        lines.append(f"    {module.format(inputs=placed.inputs[0], units=placed.outputs[0])},")
    return function("__init__(self)", None, [*lines, "])"])


def state(net: Net) -> str:
    """Return the definition of the state: its numbers, or code that reads them from the file next to the program."""
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


PYTORCH = Language(
    "PyTorch",
    OPERATORS,
    {
        **{name: f"({{x:5}} {symbol} {{y:5}}).double()" for name, symbol in COMPARISONS.items()},
        **{name: f"torch.{name}({{x}})" for name in SAME},
        **{
            name: f"torch.nn.functional.{name}({{x}})"
            for name in ("leaky_relu", "elu", "silu", "gelu", "mish", "softsign")
        },
        "hard_tanh": "torch.nn.functional.hardtanh({x})",
        "logical_not": "torch.logical_not({x}).double()",
    },
    {
        "linear": Written("self.layers[{number}](x)"),
        "conv2d": Written("self.layers[{number}](x)"),
        "max_pool2d": Written("nn.functional.max_pool2d(x, {size})"),
        "flatten": Written("x.flatten(1)"),
    },
    LINKS,
    {
        "math": "import math",
        "Path": "from pathlib import Path",
        "np": "import numpy as np",
        "torch": "import torch",
        "nn": "from torch import nn",
    },
    "With net = load(), `net(inputs)` gives the outputs, {likely}`net.predict(inputs)` {outcome} for each row. The "
    "inputs are a tensor of rows of numbers, in the units and the order of COLUMNS; `encode` turns a row of the table "
    "into such a row.",
    likely="`net.probabilities(inputs)` the probability of each class, ",
    outcome=("a number", "the class"),
    net=sections,
    begin="x = inputs.double()",
    standardise=lambda net: "x = (x - self.input_mean) / self.input_scale",
    label=label,
    stack=("torch.stack(", ", dim=1)"),
    arguments="self, inputs",
    scores="forward",
    call="self(inputs)",
    blocks={
        "max": binary("maximum", "torch.maximum"),
        "min": binary("minimum", "torch.minimum"),
        **{name: binary(name, f"torch.{name}") for name in ("hypot", "logaddexp", "atan2", "xlogy")},
        "logical_and": binary("logical_and", "1.0 * torch.logical_and"),
        "logical_or": binary("logical_or", "1.0 * torch.logical_or"),
        "where": """
def where(condition, x, y):
    condition, x, y = (torch.as_tensor(one, dtype=torch.float64) for one in (condition, x, y))
    return torch.where(condition.isnan(), condition, torch.where(condition != 0.0, x, y))
""",
    },
)
