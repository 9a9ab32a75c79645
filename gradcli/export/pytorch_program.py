"""Programs with PyTorch: a module whose parameters have the same names as in the model file."""

from __future__ import annotations

import textwrap

from gradcli.export.program_text import Language, Net, Written, literal, written
from gradcli.printing import pytorch_code
from gradcli.printing.python_code import function
from gradcli.train.model.kinds import KERNEL, PADDING

__all__ = ["PYTORCH"]


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
    pytorch_code.PYTORCH,
    {
        "linear": Written("self.layers[{number}](x)"),
        "conv2d": Written("self.layers[{number}](x)"),
        "max_pool2d": Written("nn.functional.max_pool2d(x, {size})"),
        "flatten": Written("x.flatten(1)"),
    },
    LINKS,
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
)
