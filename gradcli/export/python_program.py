"""Programs in plain Python that import only the module `math`; a row is a list of floats."""

from __future__ import annotations

from gradcli.export.program_text import Language, Net, Written, parameters
from gradcli.printing import python_code

__all__ = ["PYTHON"]


LINEAR = '''
def linear(x, weights, biases):
    """A fully connected layer: each unit adds its bias to the weighted sum of its inputs."""
    return [sum(w * s for w, s in zip(row, x)) + bias for row, bias in zip(weights, biases)]
'''
CONVOLUTION = '''
def conv2d(x, weights, biases):
    """A convolution of a picture x[channel][row][column], with zeros around it so that it keeps its size."""
    height, width = len(x[0]), len(x[0][0])
    around = len(weights[0][0]) // 2
    result = []
    for kernels, bias in zip(weights, biases):
        picture = [[bias] * width for _ in range(height)]
        for channel, kernel in zip(x, kernels):
            for i, line in enumerate(kernel):
                for j, weight in enumerate(line):
                    for row in range(max(0, around - i), min(height, height + around - i)):
                        for column in range(max(0, around - j), min(width, width + around - j)):
                            picture[row][column] += weight * channel[row + i - around][column + j - around]
        result.append(picture)
    return result
'''
MAX_POOL = '''
def max_pool2d(x, size):
    """The largest number of each window of size x size pixels; an incomplete window at the edge is dropped."""
    result = []
    for channel in x:
        bands = [channel[i : i + size] for i in range(0, len(channel) - size + 1, size)]
        places = range(0, len(channel[0]) - size + 1, size)
        result.append([[max(max(line[j : j + size]) for line in band) for j in places] for band in bands])
    return result
'''
LAYERS = {
    "linear": Written("linear(x, *PARAMETERS[{number}])", LINEAR),
    "conv2d": Written("conv2d(x, *PARAMETERS[{number}])", CONVOLUTION),
    "max_pool2d": Written("max_pool2d(x, {size})", MAX_POOL),
    "flatten": Written("[s for channel in x for row in channel for s in row]"),
}

#: A link -> the lines that make probabilities of the scores ``s``; see `Language`.
LINKS = {
    "softmax": """
largest = max(s)
powers = [math.exp(one - largest) for one in s]
total = sum(powers)
return [one / total for one in powers]
""",
    "logistic of one": """
return [sigmoid_of_score(-s[0]), sigmoid_of_score(s[0])]
""",
    "logistic": """
largest = max(s)
parts = [sigmoid_of_score(one) for one in s]
if sum(parts) == 0.0:
    parts = [math.exp(one - largest) for one in s]
total = sum(parts)
return [one / total for one in parts]
""",
}
SIGMOID = '''
def sigmoid_of_score(s):
    """1/(1 + exp(-s)), without overflow."""
    return 1.0 / (1.0 + math.exp(-s)) if s > 0.0 else math.exp(s) / (1.0 + math.exp(s))
'''


def applied(function: str, axes: int) -> str:
    """Return the expression that applies a function to every number of a row, or of a picture."""
    if axes == 1:
        return f"[{function}(s) for s in x]"
    return f"[[[{function}(s) for s in row] for row in channel] for channel in x]"


def standardised(net: Net) -> str:
    """Return the statement that shifts and scales ``x``."""
    single = isinstance(net.standard()[0], float)
    each = "s in x" if single else "s, mean, scale in zip(x, INPUT_MEAN, INPUT_SCALE)"
    mean, scale = ("INPUT_MEAN", "INPUT_SCALE") if single else ("mean", "scale")
    return f"x = [(s - {mean}) / {scale} for {each}]"


def shaped(channels: int, height: int, width: int) -> str:
    """Return the expression that turns a row of pixels into the picture ``x[channel][row][column]``."""
    row = f"x[(c * {height} + i) * {width} : (c * {height} + i + 1) * {width}]"
    return f"[[{row} for i in range({height})] for c in range({channels})]"


def label(scores: str, is_single: bool) -> str:
    """Return the lines that compute the label of one row; the last one is an expression."""
    if is_single:
        return f"LABELS[1] if {scores}[0] > 0.0 else LABELS[0]"
    return f"s = {scores}\nLABELS[s.index(max(s))]"


PYTHON = Language(
    python_code.PYTHON,
    LAYERS,
    LINKS,
    "`scores(inputs)` gives the outputs of the net for one row, {likely}`predict(inputs)` {outcome}. The inputs are a "
    "list of numbers, in the units and the order of COLUMNS, or a row of the table: a dictionary.",
    likely="`probabilities(inputs)` the probability of each class, ",
    outcome=("the number", "the class"),
    net=lambda net, definitions: [*definitions, parameters(net)],
    begin="x = encode(inputs) if isinstance(inputs, dict) else inputs",
    standardise=standardised,
    shape=shaped,
    number="[0]",
    label=label,
    each=applied,
    column="inputs[{}]",
    helpers={"sigmoid_of_score": SIGMOID},
    takes_rows=False,
    adjective="plain ",
)
