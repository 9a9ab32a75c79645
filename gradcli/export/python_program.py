"""Programs in plain Python that import only the module `math`; a row is a list of floats."""

from __future__ import annotations

from gradcli.export.program_text import COMPARISONS, Language, Net, Written, function, parameters

__all__ = ["PYTHON"]


def guarded(name: str, overflow: str | None, domain: str | None) -> str:
    """A function of `math` that returns the values of IEEE 754 where Python would raise an error."""
    lines = ["try:", f"    return math.{name}(x)"]
    lines += [] if overflow is None else ["except OverflowError:", f"    return {overflow}"]
    lines += [] if domain is None else ["except ValueError:", f"    return {domain}"]
    return function(f"{name}(x)", None, lines)


#: A function of `math` -> its value where Python raises OverflowError, and where Python raises ValueError.
VALUES: dict[str, tuple[str | None, str | None]] = {
    **dict.fromkeys(("exp", "expm1", "cosh"), ("math.inf", None)),
    **dict.fromkeys(("sqrt", "sin", "cos", "tan", "asin", "acos", "acosh"), (None, "math.nan")),
    **dict.fromkeys(("log", "log2", "log10"), (None, "-math.inf if x == 0.0 else math.nan")),
    "log1p": (None, "-math.inf if x == -1.0 else math.nan"),
    "sinh": ("math.copysign(math.inf, x)", None),
    "atanh": (None, "math.copysign(math.inf, x) if abs(x) == 1.0 else math.nan"),
    "gamma": ("math.inf", "math.copysign(math.inf, x) if x == 0.0 else math.nan"),
    "lgamma": ("math.inf", "math.inf"),
}
#: A function of the registry -> its name in the program, and the function of Python that rounds.
ROUNDING = {"floor": ("floor", "math.floor"), "ceil": ("ceil", "math.ceil"), "round": ("round_to_even", "round")}

BLOCKS = {
    **{name: guarded(name, *values) for name, values in VALUES.items()},
    **{
        name: function(f"{called}(x)", None, [f"return float({rounds}(x)) if math.isfinite(x) else x"])
        for name, (called, rounds) in ROUNDING.items()
    },
    "div": """
def divide(x, y):
    try:
        return x / y
    except ZeroDivisionError:
        return math.nan if x == 0.0 or x != x else math.copysign(math.inf, x) * math.copysign(1.0, y)
""",
    "mod": """
def mod(x, y):
    return x % y if y != 0.0 else math.nan
""",
    "pow": """
def power(x, y):
    odd = y % 2.0 == 1.0
    try:
        return math.pow(x, y)
    except OverflowError:
        return -math.inf if x < 0.0 and odd else math.inf
    except ValueError:
        return math.nan if x != 0.0 else math.copysign(math.inf, x) if odd else math.inf
""",
    "where": """
def where(condition, x, y):
    return condition if condition != condition else x if condition != 0.0 else y
""",
    "sign": """
def sign(x):
    return 1.0 if x > 0.0 else -1.0 if x < 0.0 else x
""",
}

LINEAR = '''
def linear(x, weights, biases):
    """A fully connected layer: each unit adds its bias to the weighted sum of what comes in."""
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
    """The largest number of each window of size x size pixels; what is left over at the edge is dropped."""
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
    "Python",
    {"add": "+", "sub": "-", "mul": "*", "neg": "-"},
    {
        **{name: f"float({{x:5}} {symbol} {{y:5}})" for name, symbol in COMPARISONS.items()},
        "abs": "abs({x})",
        "hypot": "math.hypot({x}, {y})",
        **{name: f"math.{name}({{x}})" for name in ("tanh", "asinh", "atan", "erf", "erfc")},
        "atan2": "math.atan2({y}, {x})",
        "max": "max({x}, {y})",
        "min": "min({x}, {y})",
        "relu": "max({x}, 0.0)",
        "logical_and": "float({x:5} != 0.0 and {y:5} != 0.0)",
        "logical_or": "float({x:5} != 0.0 or {y:5} != 0.0)",
        "logical_not": "float({x:5} == 0.0)",
    },
    LAYERS,
    LINKS,
    {"math": "import math"},
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
    blocks=BLOCKS,
    helpers={"sigmoid_of_score": SIGMOID},
    takes_rows=False,
    adjective="plain ",
)
