"""What ended as an internal error has an answer, or an error of its own with its exit code."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

import gradcli
from tests.support.command_line import run_inside

#: Words -> what standard output holds.  The derivatives are 0 by definition: the result doesn't depend on y.
ANSWERED = {
    ("grad", "r=y; 0", "y=1", "--steps"): "d/dy\t0.0",
    ("grad", "r=y; s=z; x^2", "y=1", "z=3", "x=2", "--steps"): "d/dx\t4.0",
    ("grad", "r=y; 0*y", "y=1", "--steps", "--json"): '"adjoint"',
    ("draw", "r=y; 0", "y=1"): "0",
    ("draw", "argmin(x)", "x=0"): "argmin\t0.0",
    ("draw", "argmax(x)", "x=[3,1]"): "argmax",
    ("draw", "argmax(x) + x", "x=2"): "2.0",
    ("eval", "sum(x^inf)", "x=[1,2]"): "inf",
    ("eval", "sum(x^nan)", "x=[1,2]"): "nan",
}


@pytest.mark.parametrize("words", ANSWERED, ids=" ".join)
def test_crash_faults_of_expressions(words: tuple[str, ...]) -> None:
    code, out, _ = run_inside(*words)
    assert code == 0
    assert ANSWERED[words] in out


@pytest.mark.parametrize("exponent", ["1/0", "-1/0", "0/0", "1e300", "-1e300", "4503599627370497", "inf", "-inf"])
@pytest.mark.parametrize("executor", ["numpy", "auto"])
def test_crash_faults_of_compiled_powers(exponent: str, executor: str) -> None:
    """The compiled derivative is the one of floats, which mpmath's limits confirm in tests/primitives."""
    function = gradcli.compile(f"x^({exponent})", executor=executor)
    points = [-2.0, -1.0, 0.0, 1.0, 2.0]
    _, gradient = function(np.array(points))
    expected = [gradcli.parse(f"x^({exponent})").gradient(x=point)["x"] for point in points]
    np.testing.assert_array_equal(gradient["x"], expected)


def test_a_tensor_of_integers_is_a_float_on_request() -> None:
    assert type(float(gradcli.tensor([3]))) is float


def npy(head: str) -> bytes:
    """A file of NumPy that consists of its head."""
    text = head.encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text


HEADS = {
    "no axis": npy("{'descr':'<f8','fortran_order':False,'shape':()}") + bytes(8),
    "empty and wide": npy("{'descr':'<f8','fortran_order':False,'shape':(0,1000000000000)}"),
    "70 axes": npy("{'descr':'<f8','fortran_order':False,'shape':(" + "1," * 70 + ")}") + bytes(8),
    "brackets": npy("[[[["),
    "nested": npy("[" * 60_000),
    "negative": npy("{'descr':'<f8','fortran_order':False,'shape':(-1,3)}"),
    "huge": npy("{'descr':'<f8','fortran_order':False,'shape':(999999999999,99999)}"),
    "objects": npy("{'descr':'|O','fortran_order':False,'shape':(2,2)}") + bytes(32),
    "no shape": npy("{'descr':'<f8'}"),
    "odd type": npy("{'descr':'<q9','fortran_order':False,'shape':(2,2)}") + bytes(32),
    "text": b"\x93NUMPY\x01\x00\xff\xff",
}


@pytest.mark.parametrize("name", HEADS)
@pytest.mark.parametrize("command", ["train", "map", "eval"])
def test_crash_faults_of_numpy_files(name: str, command: str, own_folder: Path) -> None:
    Path("s.npy").write_bytes(HEADS[name])
    words = {
        "train": ("train", "s.npy", "--target", "-1", "--epochs", "1", "--plain"),
        "map": ("map", "x", "s.npy"),
        "eval": ("eval", "sum(x)", "x=@s.npy"),
    }[command]
    code, _, err = run_inside(*words)
    assert code in ((0, 5) if command == "eval" else (2, 5))
    assert "internal error" not in err
    assert "s.npy" in err or not code
