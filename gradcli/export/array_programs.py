"""Programs of NumPy and JAX: the same functions of arrays, with NumPy's names in both.

JAX's functions are pure and take the parameters as their first argument, so that `jax.jit` and `jax.grad` apply.
"""

from __future__ import annotations

from dataclasses import dataclass

from gradcli.export.program_text import Dialect, Net, Source, Written, function, join_sections, literal, returned

__all__ = ["write_jax", "write_numpy"]

OPERATORS = {"add": "+", "sub": "-", "mul": "*", "div": "/", "neg": "-", "pow": "**", "mod": "%"}

#: What both languages write alike; ``xp`` stands for the name of the module.
SHARED = {
    "abs": "xp.abs({x})",
    "sqrt": "xp.sqrt({x})",
    "square": "xp.square({x})",
    "cbrt": "xp.cbrt({x})",
    "hypot": "xp.hypot({x}, {y})",
    "exp": "xp.exp({x})",
    "exp2": "xp.exp2({x})",
    "expm1": "xp.expm1({x})",
    "log": "xp.log({x})",
    "log2": "xp.log2({x})",
    "log10": "xp.log10({x})",
    "log1p": "xp.log1p({x})",
    "logaddexp": "xp.logaddexp({x}, {y})",
    "sin": "xp.sin({x})",
    "cos": "xp.cos({x})",
    "tan": "xp.tan({x})",
    "asin": "xp.arcsin({x})",
    "acos": "xp.arccos({x})",
    "atan": "xp.arctan({x})",
    "atan2": "xp.arctan2({y}, {x})",
    "sinc": "xp.sinc({x})",
    "sinh": "xp.sinh({x})",
    "cosh": "xp.cosh({x})",
    "tanh": "xp.tanh({x})",
    "asinh": "xp.arcsinh({x})",
    "acosh": "xp.arccosh({x})",
    "atanh": "xp.arctanh({x})",
    "floor": "xp.floor({x})",
    "ceil": "xp.ceil({x})",
    "round": "xp.round({x})",
    "sign": "xp.sign({x})",
    "max": "xp.maximum({x}, {y})",
    "min": "xp.minimum({x}, {y})",
    "relu": "xp.maximum({x}, 0.0)",
    "less": "({x:5} < {y:5}).astype(float)",
    "less_equal": "({x:5} <= {y:5}).astype(float)",
    "greater": "({x:5} > {y:5}).astype(float)",
    "greater_equal": "({x:5} >= {y:5}).astype(float)",
    "equal": "({x:5} == {y:5}).astype(float)",
    "not_equal": "({x:5} != {y:5}).astype(float)",
    "logical_and": "xp.logical_and({x}, {y}).astype(float)",
    "logical_or": "xp.logical_or({x}, {y}).astype(float)",
    "logical_not": "xp.logical_not({x}).astype(float)",
}

WHERE = """
def where(condition, x, y):
    return xp.where(condition != condition, xp.nan, xp.where(condition != 0.0, x, y))
"""


def alike(texts: dict[str, str], module: str) -> dict[str, str]:
    """Texts with the name of the module in the place of ``xp``."""
    return {name: text.replace("xp.", f"{module}.") for name, text in texts.items()}


NUMPY = Dialect(
    "NumPy",
    OPERATORS,
    alike(SHARED, "np"),
    alike({"where": WHERE}, "np")
    | {
        "erf": "erf = np.vectorize(math.erf, otypes=[float])",
        "erfc": "erfc = np.vectorize(math.erfc, otypes=[float])",
        "gamma": """
def gamma(x):
    def value(x):
        try:
            return math.gamma(x)
        except OverflowError:
            return math.inf
        except ValueError:
            return math.copysign(math.inf, x) if x == 0.0 else math.nan

    return np.vectorize(value, otypes=[float])(x)
""",
        "lgamma": """
def lgamma(x):
    def value(x):
        try:
            return math.lgamma(x)
        except (OverflowError, ValueError):
            return math.inf

    return np.vectorize(value, otypes=[float])(x)
""",
    },
    "np",
)

JAX = Dialect(
    "JAX",
    OPERATORS,
    alike(SHARED, "jnp")
    | {
        "relu": "jax.nn.relu({x})",
        "sigmoid": "jax.nn.sigmoid({x})",
        "softplus": "jax.nn.softplus({x})",
        "silu": "jax.nn.silu({x})",
        "gelu": "jax.nn.gelu({x}, approximate=False)",
        "elu": "jax.nn.elu({x})",
        "erf": "jax.scipy.special.erf({x})",
        "erfc": "jax.scipy.special.erfc({x})",
        "gamma": "jax.scipy.special.gamma({x})",
        "lgamma": "jax.scipy.special.gammaln({x})",
        "digamma": "jax.scipy.special.digamma({x})",
        "xlogy": "jax.scipy.special.xlogy({x}, {y})",
    },
    alike({"where": WHERE}, "jnp"),
    "jnp",
)

LINEAR = '''
def linear(x, weight, bias):
    """A fully connected layer: (rows, inputs) -> (rows, units)."""
    return x @ weight.T + bias
'''
MAX_POOL = '''
def max_pool2d(x, size):
    """The largest number of each window of size x size pixels; what is left over at the edge is dropped."""
    rows, channels, height, width = x.shape
    height, width = height // size, width // size
    windows = x[:, :, : height * size, : width * size].reshape(rows, channels, height, size, width, size)
    return windows.max(axis=(3, 5))
'''
NUMPY_CONVOLUTION = '''
def conv2d(x, weight, bias):
    """A convolution of pictures (rows, channels, height, width); zeros around them keep their size."""
    around = weight.shape[2] // 2
    x = np.pad(x, ((0, 0), (0, 0), (around, around), (around, around)))
    patches = np.lib.stride_tricks.sliding_window_view(x, weight.shape[2:], axis=(2, 3))
    return np.einsum("nchwij,ocij->nohw", patches, weight, optimize=True) + bias[:, None, None]
'''
JAX_CONVOLUTION = '''
def conv2d(x, weight, bias):
    """A convolution of pictures (rows, channels, height, width); zeros around them keep their size."""
    return jax.lax.conv_general_dilated(x, weight, (1, 1), "SAME", precision="highest") + bias[:, None, None]
'''

#: The entries of `LINKS`.
LINKS = {
    "softmax": """
powers = xp.exp(s - s.max(axis=1, keepdims=True))
return powers / powers.sum(axis=1, keepdims=True)
""",
    "logistic of one": """
return xp.concatenate([1.0 / (1.0 + xp.exp(s)), 1.0 / (1.0 + xp.exp(-s))], axis=1)
""",
    # Where all sigmoids are 0, the softmax says which is the largest.
    "logistic": """
powers = xp.exp(s - s.max(axis=1, keepdims=True))
parts = 1.0 / (1.0 + xp.exp(-s))
parts = xp.where(parts.sum(axis=1, keepdims=True) > 0.0, parts, powers)
return parts / parts.sum(axis=1, keepdims=True)
""",
}


def layers_with(convolution: str, arrays: str) -> dict[str, Written]:
    """How a language writes the kinds of layers.

    Args:
        convolution: its definition of one.
        arrays: weights and biases of a layer, as a template.
    """
    return {
        "linear": Written(f"linear(x, *{arrays})", LINEAR),
        "max_pool2d": Written("max_pool2d(x, {size})", MAX_POOL),
        "conv2d": Written(f"conv2d(x, *{arrays})", convolution),
        "flatten": Written("x.reshape(len(x), -1)"),
    }


@dataclass(frozen=True)
class Library:
    """What tells NumPy and JAX apart.

    Args:
        dialect: how it writes functions.
        module: the name of its module of arrays.
        layers: how it writes the kinds of layers.
        imports: as for `join_sections`.
        first: the first argument of all functions of the net, with a comma.
        usage: a paragraph of the docstring.
        setting: a statement that goes first.
    """

    dialect: Dialect
    module: str
    layers: dict[str, Written]
    imports: dict[str, str]
    first: str
    usage: str = ""
    setting: str = ""


def write_numpy(net: Net) -> str:
    """The net as a program of NumPy.

    Raises:
        UsageError: a function that it lacks.
    """
    return write(
        net,
        Library(
            NUMPY,
            "np",
            layers_with(NUMPY_CONVOLUTION, "PARAMETERS[{number}]"),
            {"Path": "from pathlib import Path", "math": "import math", "np": "import numpy as np"},
            "",
        ),
    )


def write_jax(net: Net) -> str:
    """The net as a program of JAX.

    Raises:
        UsageError: a function that it lacks.
    """
    return write(
        net,
        Library(
            JAX,
            "jnp",
            layers_with(JAX_CONVOLUTION, "parameters[{number}]"),
            {
                "Path": "from pathlib import Path",
                "math": "import math",
                "jax": "import jax",
                "jnp": "import jax.numpy as jnp",
                "np": "import numpy as np",
            },
            "parameters, ",
            "The functions that take parameters are pure: jax.jit(scores)(PARAMETERS, inputs) compiles the net.",
            'jax.config.update("jax_enable_x64", True)  # the net was trained in double precision',
        ),
    )


def write(net: Net, library: Library) -> str:
    """The net as a program."""
    model, module, first = net.model, library.module, library.first
    source = Source(net, library.dialect)
    functions = source.functions()
    features = source.features("inputs[:, {}]", (f"{module}.stack(", ", axis=1)"))
    sections = [
        library.setting,
        source.names(),
        source.encode(),
        features,
        *source.definitions(library.layers),
        *source.blocks.values(),
        *functions,
        scores(source, library),
        *outcomes(net, library),
        parameters(net, library),
    ]
    if model.labels is None:
        outcome = f"`predict({first}inputs)` gives a number for each row"
    else:
        certain = model.loss_function.link is not None
        likely = f"`probabilities({first}inputs)` the probability of each class, " if certain else ""
        outcome = f"{likely}`predict({first}inputs)` the class of each row"
    return join_sections(
        [
            f"The net {model.outline} as a program of {library.dialect.name}, exported by gradcli.",
            f"`scores({first}inputs)` gives the outputs of the net, {outcome}. The inputs are rows of numbers, in "
            "the units and the order of COLUMNS; `encode` makes one such row of a row of the table.",
            library.usage,
        ],
        library.imports,
        sections,
    )


def scores(source: Source, library: Library) -> str:
    """The definition of ``scores``."""
    net, model = source.net, source.net.model
    lines = [f"x = {library.module}.asarray(inputs, dtype=float)"]
    if model.features:
        lines.append("x = features(x)")
    if net.standardised:
        lines.append("x = (x - INPUT_MEAN) / INPUT_SCALE")
    if model.image is not None:
        lines.append(f"x = x.reshape({', '.join(map(str, (-1, *model.image)))})")
    lines += source.through(library.layers, lambda function, _: f"{function}(x)")
    about = f"The outputs of the net: (rows, {len(model.columns)}) -> (rows, {model.outputs})."
    return function(f"scores({library.first}inputs)", about, returned(lines))


def outcomes(net: Net, library: Library) -> list[str]:
    """The definitions of what follows from the scores."""
    model, first = net.model, library.first
    call = f"scores({first}inputs)"
    if model.labels is None:
        about = "The number that the net predicts for each row, shape (rows,)."
        return [function(f"predict({first}inputs)", about, [f"return {call}[:, 0]{net.rescaling}"])]
    sections = []
    lines = net.probabilities(LINKS, library.dialect.name)
    if lines is not None:
        lines = [line.replace("xp.", f"{library.module}.") for line in lines]
        about = f"The probability of each of LABELS: (rows, {len(model.columns)}) -> (rows, {len(model.labels)})."
        sections.append(function(f"probabilities({first}inputs)", about, [f"s = {call}", *lines]))
    index = f"({call}[:, 0] > 0).astype(int)" if model.outputs == 1 else f"{call}.argmax(axis=1)"
    about = "The label of each row."
    lines = [f"return [LABELS[number] for number in {index}.tolist()]"]
    return [*sections, function(f"predict({first}inputs)", about, lines)]


def parameters(net: Net, library: Library) -> str:
    """The arrays: literals, or read from the file beside the program."""
    array = f"{library.module}.array"
    if net.beside is not None:
        lines = [f"ARRAYS = np.load(Path(__file__).with_name({net.beside!r}))"]
        if net.standardised:
            lines += [f'INPUT_{name.upper()} = {array}(ARRAYS["input_{name}"])' for name in ("mean", "scale")]
        names = [placed.name for placed in net.model.weighted]
        pairs = [f'({array}(ARRAYS["{name}.weight"]), {array}(ARRAYS["{name}.bias"])),' for name in names]
    else:
        lines = []
        if net.standardised:
            lines += [
                f"INPUT_{name} = " + (repr(value) if isinstance(value, float) else f"{array}({literal(value)})")
                for name, value in zip(("MEAN", "SCALE"), net.standard(), strict=True)
            ]
        pairs = []
        for weight, bias in net.pairs:
            texts = [f"{array}({literal(one.tolist(), ' ' * 8)})" for one in (weight, bias)]
            pairs += ["(", *(f"    {text}," for text in texts), "),"]
    return "\n".join(
        [*lines, "# Weights and biases, layer by layer.", "PARAMETERS = [", *(f"    {line}" for line in pairs), "]"]
    )
