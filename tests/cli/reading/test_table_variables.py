"""`gradcli.cli.reading.table_variables`: a variable is a column or a number."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

Run = Callable[..., Any]
pytestmark = pytest.mark.usefixtures("own_folder")


def test_a_variable_is_bound_to_a_column_or_to_a_number(inside: Run) -> None:
    Path("p.csv").write_text('unit price,name\n3,a\n6.50,"b,c"\n007,d\n')
    for words in (("--x", "unit price", "--r", "2"), ("x=unit price", "r=1+1"), ("--at", "x=unit price,r=4/2")):
        found = inside("map", "x*r", "p.csv", *words, "--select", "name")
        assert found.out == 'name,value,d_x\na,6.0,2.0\n"b,c",13.0,2.0\nd,14.0,2.0\n'


def test_a_text_that_is_a_columns_name_is_the_column(inside: Run) -> None:
    Path("t.csv").write_text("x,2\n5,7\n")
    assert inside("map", "r", "t.csv", "--r", "2", "--select", "value").out == "value\n7.0\n"
    assert inside("map", "r", "t.csv", "--r", "2.0", "--select", "value").out == "value\n2.0\n"


def test_a_constant_hides_a_column_unless_it_is_given(inside: Run) -> None:
    Path("t.csv").write_text("e,x\n5,7\n")
    found = inside("map", "e*x", "t.csv", "--select", "value")
    assert float(found.out.split()[1]) == 7 * np.e
    assert found.err == "note: `e` is the constant here; to use the column of this name, add --e e\n"
    assert inside("map", "e*x", "t.csv", "--e", "e", "--select", "value").out == "value\n35.0\n"
    assert inside("map", "exp(x)", "t.csv").err == ""
