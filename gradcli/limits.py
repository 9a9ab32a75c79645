"""The bounds on input and output: anything larger is refused or shortened.

A bound is named after what it counts.  The environment variable ``GRADCLI_`` followed by this name sets another bound:
``GRADCLI_ORDER=5000``.  The widths of tables and lines are in the files that draw them.
"""

from __future__ import annotations

import os
from typing import Final

from gradcli.errors import LimitError, UsageError

# Expressions and their derivatives

#: The order of a derivative.
ORDER: Final = 1_000
#: The order of derivatives at many points at once: one of 100 takes some seconds to compile.
MAPPED_ORDER: Final = 200
#: The order of a Taylor polynomial: sin takes a tenth of a second at this one, and tan(sin(x)) some.
TAYLOR_ORDER: Final = 500
#: The digits that are proved.
DIGITS: Final = 10_000
#: The terms of one of its exact coefficients; beyond these, nobody reads them, and they are floats.
SERIES_TERMS: Final = 200
#: The products of terms in all its exact coefficients, which take a second.
SERIES_WORK: Final = 50_000
#: The nodes of all graphs that lead to a derivative of higher order, which take a few seconds; or twenty times the
#: nodes of the function, if these are more.
DERIVATIVE_NODES: Final = 100_000
#: The same of a derivative that is printed: one of more nodes takes seconds, and nobody reads it.
FORMULA_NODES: Final = 20_000
#: The nodes of all second derivatives, which take half a minute.
HESSIAN_NODES: Final = 1_000_000
#: The calls of functions that a text defines, those inside their bodies too.
CALLS: Final = 100_000
#: The operations that a sum or a product over an index becomes when it is written out.
UNROLLED: Final = 100_000
#: The characters of an expression.
EXPRESSION_LENGTH: Final = 50_000_000

#: A larger formula is not simplified: collecting the terms at each level of a deep sum takes quadratic time.
SIMPLIFIED_NODES: Final = 3_000
#: The terms of a formula in its normal form, and its kernels; one with more is printed with its parts shared.
FORM_TERMS: Final = 1_000
#: The terms that are made on the way to it, which take a second.
FORM_WORK: Final = 300_000
#: The lines of a derivation.
STEPS: Final = 500
#: The operations of a formula whose derivative is derived line by line, as they are written.
DERIVED_OPERATIONS: Final = 500
#: The problems of a quiz, which take some seconds.
PROBLEMS: Final = 1_000
#: With more guards at edge points, a formula keeps all of them: to try one takes as long as to simplify the formula.
GUARDS_TRIED: Final = 20
#: The most numbers whose second derivatives are computed: they are a matrix of a million entries.
HESSIAN_ENTRIES: Final = 1_000
#: The most numbers that are checked by finite differences; of more, this many at equal distances.
CHECKED_ENTRIES: Final = 256
#: The most operations whose rules `check` compares with difference quotients, each by itself.
CHECKED_OPERATIONS: Final = 1_000
#: More operations are compiled only on request: each takes 30 microseconds or more.
COMPILED_OPERATIONS: Final = 100_000

# Files in the user's folders

#: The lines that the history of `gradcli repl` keeps.
HISTORY_LINES: Final = 1_000

#: The files of machine code that are kept; the least recently used ones are removed first.
CACHED_FILES: Final = 500
#: The bytes of all these files together.
CACHED_BYTES: Final = 64_000_000

# Tables

#: A row with more bytes must have a cell with an opening quotation mark and no closing one.
ROW_BYTES: Final = 16 << 20
#: The lines before the first row of a text that may be comments.
COMMENT_LINES: Final = 1_000
#: The rows of a grid: this many take a minute or more, and fill a disk as text.
GRID_ROWS: Final = 1_000_000_000
#: The axes of an array in a file; NumPy has no more.
ARRAY_AXES: Final = 32

# Data to learn from

#: The rows of a set that is drawn.
DRAWN_ROWS: Final = 10_000_000
#: The classes of a set that is drawn.
DRAWN_CLASSES: Final = 20
#: A target with at most this many different whole numbers is taken for a class.
GUESSED_CLASSES: Final = 20
#: The classes of a target if the user says that it is one.
CLASSES: Final = 1_000
#: The different texts of a column; each becomes an input.
CATEGORIES: Final = 100
#: The inputs of a net that a table's columns become.
INPUTS: Final = 100_000
#: The characters of an expression that data is made of.
DATA_EXPRESSION_LENGTH: Final = 2_000
#: The characters of the name of one of its variables.
VARIABLE_LENGTH: Final = 60
#: The variables of such an expression.
DATA_VARIABLES: Final = 100

# Nets, and model files, which are read as a stranger's

#: The characters of an activation or a loss that a user writes.
FORMULA_LENGTH: Final = 500
#: The features of a net: this many are read in a few hundredths of a second.
FEATURES: Final = 100
#: The characters of all features together.
FEATURES_LENGTH: Final = 5_000
#: The columns of a table whose nets may have features.
FEATURE_COLUMNS: Final = 1_000
#: The columns that a model file names.
MODEL_COLUMNS: Final = 100_000
#: The parameters of a net.
PARAMETERS: Final = 10_000_000
#: The units of a layer.
UNITS: Final = 100_000
#: The layers of a net.
LAYERS: Final = 3_000
#: The outputs of a compiled net, whose loss is code without loops.
COMPILED_OUTPUTS: Final = 256
#: The bytes of the description in a model file.
HEADER_BYTES: Final = 8_000_000
#: The bytes of a model file.
MODEL_BYTES: Final = 2_000_000_000
#: The updates of a run, whose losses are kept.
UPDATES: Final = 50_000_000

# Pictures and programs

#: The points at which a curve is computed.
CURVE_POINTS: Final = 20_000
#: The derivatives that are drawn with a curve.
CURVE_DERIVATIVES: Final = 8
#: The rows of the table of a curve, or of a function of two variables.
CURVE_ROWS: Final = 1_000_000
#: The zeros, poles and other points of one kind that are looked for on a curve.
CURVE_FEATURES: Final = 200

#: A picture of more vertices is too crowded to read, so only the part nearest to the result is drawn.
USEFUL_VERTICES: Final = 120
#: The vertices if a depth is given: for PNG, Graphviz needs up to 6 s for this many and a minute for twice as many.
DRAWN_VERTICES: Final = 300
#: The operations of an expression that a page computes while a slider moves.
PAGE_OPERATIONS: Final = 5_000
#: The parameters of a net that a page computes: its program and its stills are then below a megabyte.
PAGE_PARAMETERS: Final = 5_000
#: The bytes of the page of a run; thousands of columns with long names would make a larger one.
PAGE_BYTES: Final = 2_000_000
#: This many numbers make a program of 200,000 characters; a larger net keeps them in a file next to it.
LITERALS: Final = 10_000


def refusal(name: str, message: str) -> LimitError:
    """Return the error for a size above a bound; its hint says how to set another bound.

    >>> refusal("ORDER", "the order of a derivative is at most 1,000, not 2,000").hint
    'the environment variable GRADCLI_ORDER sets another bound'
    """
    return LimitError(message, hint=f"the environment variable GRADCLI_{name} sets another bound")


def _set_from_environment() -> None:
    for name in [name for name in globals() if name.isupper()]:
        text = os.environ.get(f"GRADCLI_{name}")
        if text is None:
            continue
        if not (text.isascii() and text.isdigit()):
            raise UsageError(f"GRADCLI_{name}={text} in the environment is not a whole number of at least 0")
        globals()[name] = int(text)


_set_from_environment()
