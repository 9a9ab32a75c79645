"""Programs of plain Python, which need nothing but the module `math`: a row is a list of floats."""

from __future__ import annotations

from gradcli.export.program_text import Dialect, Net, Source, Written, function, join_sections, literal, returned

__all__ = ["write_python"]


def guarded(name: str, call: str, overflow: str | None, domain: str | None) -> str:
    """A function of `math` that gives the values of IEEE 754 where Python raises."""
    lines = ["try:", f"    return {call}"]
    lines += [] if overflow is None else ["except OverflowError:", f"    return {overflow}"]
    lines += [] if domain is None else ["except ValueError:", f"    return {domain}"]
    return function(f"{name}(x)", None, lines)


PYTHON = Dialect(
    "Python",
    {"add": "+", "sub": "-", "mul": "*", "neg": "-"},
    {
        "abs": "abs({x})",
        "hypot": "math.hypot({x}, {y})",
        "tanh": "math.tanh({x})",
        "asinh": "math.asinh({x})",
        "atan": "math.atan({x})",
        "atan2": "math.atan2({y}, {x})",
        "erf": "math.erf({x})",
        "erfc": "math.erfc({x})",
        "max": "max({x}, {y})",
        "min": "min({x}, {y})",
        "relu": "max({x}, 0.0)",
        "less": "float({x:5} < {y:5})",
        "less_equal": "float({x:5} <= {y:5})",
        "greater": "float({x:5} > {y:5})",
        "greater_equal": "float({x:5} >= {y:5})",
        "equal": "float({x:5} == {y:5})",
        "not_equal": "float({x:5} != {y:5})",
        "logical_and": "float({x:5} != 0.0 and {y:5} != 0.0)",
        "logical_or": "float({x:5} != 0.0 or {y:5} != 0.0)",
        "logical_not": "float({x:5} == 0.0)",
    },
    {
        "exp": guarded("exp", "math.exp(x)", "math.inf", None),
        "expm1": guarded("expm1", "math.expm1(x)", "math.inf", None),
        "sqrt": guarded("sqrt", "math.sqrt(x)", None, "math.nan"),
        "log": guarded("log", "math.log(x)", None, "-math.inf if x == 0.0 else math.nan"),
        "log2": guarded("log2", "math.log2(x)", None, "-math.inf if x == 0.0 else math.nan"),
        "log10": guarded("log10", "math.log10(x)", None, "-math.inf if x == 0.0 else math.nan"),
        "log1p": guarded("log1p", "math.log1p(x)", None, "-math.inf if x == -1.0 else math.nan"),
        "sin": guarded("sin", "math.sin(x)", None, "math.nan"),
        "cos": guarded("cos", "math.cos(x)", None, "math.nan"),
        "tan": guarded("tan", "math.tan(x)", None, "math.nan"),
        "asin": guarded("asin", "math.asin(x)", None, "math.nan"),
        "acos": guarded("acos", "math.acos(x)", None, "math.nan"),
        "sinh": guarded("sinh", "math.sinh(x)", "math.copysign(math.inf, x)", None),
        "cosh": guarded("cosh", "math.cosh(x)", "math.inf", None),
        "acosh": guarded("acosh", "math.acosh(x)", None, "math.nan"),
        "atanh": guarded("atanh", "math.atanh(x)", None, "math.copysign(math.inf, x) if abs(x) == 1.0 else math.nan"),
        "gamma": guarded("gamma", "math.gamma(x)", "math.inf", "math.copysign(math.inf, x) if x == 0.0 else math.nan"),
        "lgamma": guarded("lgamma", "math.lgamma(x)", "math.inf", "math.inf"),
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
        "floor": """
def floor(x):
    return float(math.floor(x)) if math.isfinite(x) else x
""",
        "ceil": """
def ceil(x):
    return float(math.ceil(x)) if math.isfinite(x) else x
""",
        "round": """
def round_to_even(x):
    return float(round(x)) if math.isfinite(x) else x
""",
        "sign": """
def sign(x):
    return 1.0 if x > 0.0 else -1.0 if x < 0.0 else x
""",
    },
)

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

#: The entries of `LINKS`.
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


def write_python(net: Net) -> str:
    """The net as a program of plain Python.

    Raises:
        UsageError: a function that it lacks.
    """
    model = net.model
    source = Source(net, PYTHON)
    functions = source.functions()
    features = source.features("inputs[{}]", ("", ""))
    sections = [
        source.names(),
        source.encode(),
        features,
        *source.definitions(LAYERS),
        *source.blocks.values(),
        *functions,
        scores(source),
        *outcomes(net),
        parameters(net),
    ]
    certain = model.loss_function.link is not None
    likely = "`probabilities(inputs)` the probability of each class, " if certain else ""
    what = "the number" if model.labels is None else "the class"
    return join_sections(
        [
            f"The net {model.outline} as a program of plain Python, exported by gradcli.",
            f"`scores(inputs)` gives the outputs of the net for one row, {likely}`predict(inputs)` {what}. The inputs "
            "are a list of numbers, in the units and the order of COLUMNS, or a row of the table: a dictionary.",
        ],
        {"math": "import math"},
        sections,
    )


def applied(function: str, axes: int) -> str:
    """A function of every number of a row, or of a picture."""
    if axes == 1:
        return f"[{function}(s) for s in x]"
    return f"[[[{function}(s) for s in row] for row in channel] for channel in x]"


def scores(source: Source) -> str:
    """The definition of ``scores``."""
    net, model = source.net, source.net.model
    lines = ["x = encode(inputs) if isinstance(inputs, dict) else inputs"]
    if model.features:
        lines.append("x = features(x)")
    if net.standardised:
        single = isinstance(net.standard()[0], float)
        each = "s in x" if single else "s, mean, scale in zip(x, INPUT_MEAN, INPUT_SCALE)"
        mean, scale = ("INPUT_MEAN", "INPUT_SCALE") if single else ("mean", "scale")
        lines.append(f"x = [(s - {mean}) / {scale} for {each}]")
    if model.image is not None:
        channels, height, width = model.image
        lines.append(
            f"x = [[x[(c * {height} + i) * {width} : (c * {height} + i + 1) * {width}] for i in range({height})] "
            f"for c in range({channels})]"
        )
    lines += source.through(LAYERS, applied)
    about = f"The {model.outputs} outputs of the net for the {len(model.columns)} inputs of one row."
    if model.outputs == 1:
        about = "The output of the net for the inputs of one row, a list of one number."
    return function("scores(inputs)", about, returned(lines))


def outcomes(net: Net) -> list[str]:
    """The definitions of what follows from the scores."""
    model = net.model
    if model.labels is None:
        about = "The number that the net predicts for one row."
        return [function("predict(inputs)", about, [f"return scores(inputs)[0]{net.rescaling}"])]
    sections = []
    lines = net.probabilities(LINKS, PYTHON.name)
    if lines is not None:
        sections += [SIGMOID.strip("\n")] if any("sigmoid_of_score" in line for line in lines) else []
        sections.append(
            function("probabilities(inputs)", "The probability of each of LABELS.", ["s = scores(inputs)", *lines])
        )
    if model.outputs == 1:
        lines = ["return LABELS[1] if scores(inputs)[0] > 0.0 else LABELS[0]"]
    else:
        lines = ["s = scores(inputs)", "return LABELS[s.index(max(s))]"]
    return [*sections, function("predict(inputs)", "The label of one row.", lines)]


def parameters(net: Net) -> str:
    """The arrays as literals."""
    lines = []
    if net.standardised:
        mean, scale = net.standard()
        lines += [f"INPUT_MEAN = {literal(mean)}", f"INPUT_SCALE = {literal(scale)}"]
    lines += ["# Weights and biases, layer by layer.", "PARAMETERS = ["]
    for pair in net.pairs:
        lines += ["    (", *(f"        {literal(one.tolist(), ' ' * 8)}," for one in pair), "    ),"]
    return "\n".join([*lines, "]"])
