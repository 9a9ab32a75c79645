"""Errors of measurement carried through a formula, as columns of a Polars table.

The error of a result is the length of its gradient, each entry multiplied by the error of the variable.
"""

import numpy as np
import polars

import gradcli

table = polars.DataFrame({"length": [0.25, 0.5, 1.0], "period": [1.003, 1.419, 2.006]})
errors = {"length": 0.001, "period": 0.005}

gravity = gradcli.compile("4*pi^2*length/period^2")
value, gradient = gravity(**{name: table[name] for name in gravity.variables})
error = np.sqrt(sum((gradient[name] * errors[name]) ** 2 for name in errors))

with polars.Config(tbl_hide_dataframe_shape=True, tbl_hide_column_data_types=True):
    print(table.with_columns(polars.Series("g", value).round(3), polars.Series("error", error).round(3)))
