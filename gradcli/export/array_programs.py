"""Programs with NumPy and with JAX, which have functions of arrays with the same names.

The functions of a JAX program are pure and take the parameters as their first argument, so that `jax.jit` and
`jax.grad` work on them.
"""

from __future__ import annotations

from gradcli.export.program_text import Language, Written, parameters
from gradcli.printing import jax_code, numpy_code
from gradcli.printing.numpy_code import alike
from gradcli.printing.python_code import PythonPrinter

__all__ = ["JAX", "NUMPY"]

LINEAR = '''
def linear(x, weight, bias):
    """A fully connected layer: (rows, inputs) -> (rows, units)."""
    return x @ weight.T + bias
'''
MAX_POOL = '''
def max_pool2d(x, size):
    """The largest number of each window of size x size pixels; an incomplete window at the edge is dropped."""
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


def array_language(code: PythonPrinter, module: str, convolution: str, first: str = "", more: str = "") -> Language:
    """Return a language whose module of arrays has NumPy's names.

    Args:
        code: the printer of its formulas.
        module: the name of its module of arrays.
        convolution: its definition of a convolution.
        first: the first argument of all functions of the net, with a comma; empty if the parameters are global.
        more: an argument of `Language`.
    """

    def label(scores: str, is_single: bool) -> str:
        index = f"({scores}[:, 0] > 0).astype(int)" if is_single else f"{scores}.argmax(axis=1)"
        return f"[LABELS[number] for number in {index}.tolist()]"

    arrays = "*parameters[{number}]" if first else "*PARAMETERS[{number}]"
    return Language(
        code,
        {
            "linear": Written(f"linear(x, {arrays})", LINEAR),
            "max_pool2d": Written("max_pool2d(x, {size})", MAX_POOL),
            "conv2d": Written(f"conv2d(x, {arrays})", convolution),
            "flatten": Written("x.reshape(len(x), -1)"),
        },
        alike(LINKS, module),
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
        more=more,
    )


NUMPY = array_language(numpy_code.NUMPY, "np", NUMPY_CONVOLUTION)
JAX = array_language(
    jax_code.JAX,
    "jnp",
    JAX_CONVOLUTION,
    "parameters, ",
    "The functions that take parameters are pure: jax.jit(scores)(PARAMETERS, inputs) compiles the net.",
)
