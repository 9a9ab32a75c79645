"""Programs with NumPy and with JAX, which have functions of arrays with the same names.

The functions of a JAX program are pure and take the parameters as their first argument, so that `jax.jit` and
`jax.grad` work on them.
"""

from __future__ import annotations

from gradcli.export.program_text import COMPARISONS, Language, Written, parameters

__all__ = ["JAX", "NUMPY", "OPERATORS"]

OPERATORS = {"add": "+", "sub": "-", "mul": "*", "div": "/", "neg": "-", "pow": "**", "mod": "%"}

#: The functions of one number that have the same name in NumPy and in the registry.
SAME = (
    "abs", "sqrt", "square", "cbrt", "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sin", "cos", "tan",
    "sinc", "sinh", "cosh", "tanh", "floor", "ceil", "round", "sign",
)  # fmt: skip

#: The functions that both languages write in the same way; ``xp`` is replaced by the name of the module.
SHARED = {
    **{name: f"xp.{name}({{x}})" for name in SAME},
    **{name: f"xp.arc{name[1:]}({{x}})" for name in ("asin", "acos", "atan", "asinh", "acosh", "atanh")},
    **{name: f"({{x:5}} {symbol} {{y:5}}).astype(float)" for name, symbol in COMPARISONS.items()},
    "hypot": "xp.hypot({x}, {y})",
    "logaddexp": "xp.logaddexp({x}, {y})",
    "atan2": "xp.arctan2({y}, {x})",
    "max": "xp.maximum({x}, {y})",
    "min": "xp.minimum({x}, {y})",
    "relu": "xp.maximum({x}, 0.0)",
    "logical_and": "xp.logical_and({x}, {y}).astype(float)",
    "logical_or": "xp.logical_or({x}, {y}).astype(float)",
    "logical_not": "xp.logical_not({x}).astype(float)",
}

WHERE = """
def where(condition, x, y):
    return xp.where(condition != condition, xp.nan, xp.where(condition != 0.0, x, y))
"""

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

#: A link -> the lines that make probabilities of the scores ``s``; see `Language`.
LINKS = {
    "softmax": """
powers = xp.exp(s - s.max(axis=1, keepdims=True))
return powers / powers.sum(axis=1, keepdims=True)
""",
    "logistic of one": """
return xp.concatenate([1.0 / (1.0 + xp.exp(s)), 1.0 / (1.0 + xp.exp(-s))], axis=1)
""",
    # Where all sigmoids are 0, the softmax shows which score is the largest.
    "logistic": """
powers = xp.exp(s - s.max(axis=1, keepdims=True))
parts = 1.0 / (1.0 + xp.exp(-s))
parts = xp.where(parts.sum(axis=1, keepdims=True) > 0.0, parts, powers)
return parts / parts.sum(axis=1, keepdims=True)
""",
}


def array_language(
    name: str,
    module: str,
    convolution: str,
    functions: dict[str, str],
    blocks: dict[str, str],
    imports: list[str],
    first: str = "",
    setting: str = "",
    more: str = "",
) -> Language:
    """Return a language whose module of arrays has NumPy's names.

    Args:
        name: the name of the language.
        module: the name of its module of arrays.
        convolution: its definition of a convolution.
        functions, blocks, setting, more: arguments of `Language`; functions and blocks are added to the shared ones.
        imports: the lines that import modules.
        first: the first argument of all functions of the net, with a comma; empty if the parameters are global.
    """

    def alike(texts: dict[str, str]) -> dict[str, str]:
        return {name: text.replace("xp.", f"{module}.") for name, text in texts.items()}

    def label(scores: str, is_single: bool) -> str:
        index = f"({scores}[:, 0] > 0).astype(int)" if is_single else f"{scores}.argmax(axis=1)"
        return f"[LABELS[number] for number in {index}.tolist()]"

    arrays = "*parameters[{number}]" if first else "*PARAMETERS[{number}]"
    return Language(
        name,
        OPERATORS,
        alike(SHARED) | functions,
        {
            "linear": Written(f"linear(x, {arrays})", LINEAR),
            "max_pool2d": Written("max_pool2d(x, {size})", MAX_POOL),
            "conv2d": Written(f"conv2d(x, {arrays})", convolution),
            "flatten": Written("x.reshape(len(x), -1)"),
        },
        alike(LINKS),
        {line.split()[-1]: line for line in imports},
        f"`scores({first}inputs)` gives the outputs of the net, {{likely}}`predict({first}inputs)` {{outcome}}. The "
        "inputs are rows of numbers, in the units and the order of COLUMNS; `encode` turns a row of the table into "
        "such a row.",
        likely=f"`probabilities({first}inputs)` the probability of each class, ",
        outcome=("gives a number for each row", "the class of each row"),
        net=lambda net, definitions: [*definitions, parameters(net, f"{module}.array")],
        begin=f"x = {module}.asarray(inputs, dtype=float)",
        label=label,
        stack=(f"{module}.stack(", ", axis=1)"),
        arguments=f"{first}inputs",
        call=f"scores({first}inputs)",
        blocks=alike({"where": WHERE}) | blocks,
        constants=module,
        setting=setting,
        more=more,
    )


NUMPY = array_language(
    "NumPy",
    "np",
    NUMPY_CONVOLUTION,
    {},
    {
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
    ["from pathlib import Path", "import math", "import numpy as np"],
)

JAX = array_language(
    "JAX",
    "jnp",
    JAX_CONVOLUTION,
    {
        **{name: f"jax.nn.{name}({{x}})" for name in ("relu", "sigmoid", "softplus", "silu", "elu")},
        **{name: f"jax.scipy.special.{name}({{x}})" for name in ("erf", "erfc", "gamma", "digamma")},
        "gelu": "jax.nn.gelu({x}, approximate=False)",
        "lgamma": "jax.scipy.special.gammaln({x})",
        "xlogy": "jax.scipy.special.xlogy({x}, {y})",
    },
    {},
    ["from pathlib import Path", "import math", "import jax", "import jax.numpy as jnp", "import numpy as np"],
    "parameters, ",
    'jax.config.update("jax_enable_x64", True)  # the net was trained in double precision',
    "The functions that take parameters are pure: jax.jit(scores)(PARAMETERS, inputs) compiles the net.",
)
