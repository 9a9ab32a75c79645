"""The bounds on input and output: above such a number something is refused or shortened.

A bound is called after the thing that it counts.  The widths of tables and lines are in the files that draw them.
"""

from __future__ import annotations

from typing import Final

# Expressions and their derivatives at a point

#: A larger formula is not simplified: collecting the terms at each level of a deep sum takes quadratic time.
SIMPLIFIED_NODES: Final = 3_000
#: The most numbers whose second derivatives are computed: they are a matrix of a million entries.
HESSIAN_ENTRIES: Final = 1_000
#: The most numbers that are checked by finite differences; of more, this many at equal distances.
CHECKED_ENTRIES: Final = 256
#: The most operations whose rules `check` compares with difference quotients, each by itself.
CHECKED_OPERATIONS: Final = 1_000
#: More operations are compiled only on request: each takes 30 microseconds or more.
COMPILED_OPERATIONS: Final = 100_000

# Files in the user's cache folder

#: The files of machine code that are kept; the least recently used ones are removed first.
CACHED_FILES: Final = 500
#: The bytes of all these files together.
CACHED_BYTES: Final = 64_000_000

# Tables

#: A row with more bytes must have a cell with an opening quotation mark and no closing one.
ROW_BYTES: Final = 16 << 20
#: The rows of a grid, which are counted in 64 bits.
GRID_ROWS: Final = 1 << 62
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
#: With more multiplications in a row, compiling a net takes longer than a second, and `auto` trains on arrays.
COMPILED_PRODUCTS: Final = 4_000
#: The bytes of the description in a model file.
HEADER_BYTES: Final = 8_000_000
#: The bytes of a model file.
MODEL_BYTES: Final = 2_000_000_000
#: The updates of a run, whose losses are kept.
UPDATES: Final = 50_000_000

# Pictures and programs

#: A picture of more vertices is too crowded to read, so only the part nearest to the result is drawn.
USEFUL_VERTICES: Final = 120
#: The vertices if a depth is given: Graphviz needs up to 6 s for this many and a minute for twice as many.
DRAWN_VERTICES: Final = 300
#: This many numbers make a program of 200,000 characters; a larger net keeps them in a file next to it.
LITERALS: Final = 10_000
