"""The registry: a function that is declared while the program runs goes through every command and every executor."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gradcli
from gradcli import Tensor, Value, parse
from gradcli.errors import UsageError
from gradcli.primitives import functions as f
from gradcli.primitives.families import LATER
from gradcli.primitives.registry import REGISTRY, compose_for_expressions, define, define_array
from tests.support.declarations import forget
from tests.support.loops import for_each

Run = Callable[..., Any]


@pytest.fixture(params=[None, lambda xp, x: xp.exp(-(x * x))], ids=["without a kernel for arrays", "with one"])
def bump(request: pytest.FixtureRequest) -> Iterator[bool]:
    """A function of one number; whether it has a kernel for arrays."""
    define(
        "bump(x)",
        about="A bump.",
        group="declared by a test",
        value=lambda x: math.exp(-x * x),
        array=request.param,
        partials=lambda x, y: (-2.0 * x * y,),
        samples=(((-2.0, 2.0),),),
        example="bump(0)  # 1.0",
    )
    yield request.param is not None
    forget("bump")


@pytest.fixture
def energy() -> Iterator[None]:
    """A function of arrays with its rules, and one that is composed."""
    define_array(
        "energy(x)",
        about="The sum of the squares.",
        value=lambda backend, x: backend.sum(x * x, None, False),
        vjp=(lambda g, y, x: g * 2.0 * x,),
        jvp=lambda tangents, y, x: f.sum(2.0 * x * tangents[0]),
        example="energy([1, 2])  # 5.0",
    )

    @compose_for_expressions("half_energy([1, 2])  # 2.5")
    def half_energy(x: Any) -> Any:
        """Half the sum of the squares."""
        return 0.5 * f.energy(x)

    yield
    forget("energy")
    forget("half_energy")


SLOPE = -2.0 * 0.5 * math.exp(-0.25)

#: The words of a command, and what it says; the point is x = 0.5.
COMMANDS: list[tuple[tuple[str, ...], str]] = [
    (("eval", "bump(x)", "x=0.5"), repr(math.exp(-0.25))),
    (("grad", "bump(x)", "x=0.5"), f"d/dx\t{SLOPE!r}"),
    (("grad", "bump(x)", "x=0", "--order", "2"), "d2/dx^2\t-2.0"),
    (("grad", "bump(x)", "x=0.5", "--hessian"), "d2/dx^2\t"),
    (("grad", "bump(x)", "x=0.5", "--steps"), "-2*w1*w2"),
    (("grad", "sum(bump(x))", "x=[0, 1]"), "d/dx\t[-0.0, -0.735758882342884"),
    (("diff", "bump(x)"), "-2*x*bump(x)"),
    (("diff", "bump(x)", "--latex"), r"\operatorname{bump}"),
    (("draw", "bump(x)", "x=0.5"), "bump\t0.778800783071404"),
    (("check", "bump(x)", "x=0.5"), "agree\tyes"),
    (("map", "bump(x)", "table.csv"), f"0.5,{math.exp(-0.25)!r},{SLOPE!r}"),
    (("functions", "bump"), "d/dx\t-2*x*bump(x)"),
    (("functions",), "A bump."),
]


@pytest.mark.usefixtures("bump", "own_folder")
@for_each(("words", "said"), COMMANDS, ids=[" ".join(words) for words, _ in COMMANDS])
def test_a_function_of_numbers_goes_through(words: tuple[str, ...], said: str, inside: Run) -> None:
    Path("table.csv").write_text("x\n0.5\n", encoding="utf-8")
    done = inside(*words)
    notes = done.err.splitlines()
    if words[0] == "check" and find_spec("flint"):
        assert notes.pop(0).endswith(
            "are right: the digits are not proved: ball arithmetic doesn't have the function `bump`"
        )
    assert (done.code, notes) == (0, [])
    assert said in done.out


@pytest.mark.usefixtures("own_folder")
def test_a_function_of_numbers_is_an_activation_wherever_it_can_be_computed(bump: bool, inside: Run) -> None:
    results = {}
    for engine in ("value", "tensor", "jit"):
        words = (
            "--activation",
            "bump",
            "--hidden",
            "3",
            "--epochs",
            "2",
            "--engine",
            engine,
            "-o",
            f"{engine}.safetensors",
        )
        done = inside("train", "moons", *words, "--json")
        if engine == "jit" and not bump:
            assert done.code == 2
            assert "whose functions have a compiled form" in done.err
            continue
        assert done.code == 0, done.err
        results[engine] = json.loads(done.out.splitlines()[-1])["loss"]
    assert len(results) == (3 if bump else 2)
    assert all(loss == pytest.approx(results["value"], rel=1e-9) for loss in results.values())
    assert inside("predict", "tensor.safetensors", "x1=0.5", "x2=0.2").code == 0
    for language in ("python", "numpy", "jax", "pytorch", "onnx"):
        done = inside("export", "tensor.safetensors", "--to", language, "-o", f"net.{language}")
        if bump and language != "onnx":  # the array kernel is written out
            assert done == (0, "", f"wrote net.{language}\n")
            continue
        assert done.code == 2
        assert "the function `bump` can't be exported to" in done.err
    for language in ("c", "javascript", "rust"):
        done = inside("export", "bump(x)", "--to", language)
        assert done.code == (0 if bump else 2)
        assert ("exp(-(x * x))" if bump else "the function `bump` can't be exported to") in done.out + done.err


def test_a_function_of_numbers_runs_on_every_executor(bump: bool) -> None:
    expression = parse("bump(x)*x")
    points = np.linspace(-2.0, 2.0, 9)
    wanted = np.exp(-points * points) * (1.0 - 2.0 * points * points)
    assert [expression.gradient(x=x)["x"] for x in points] == pytest.approx(wanted, rel=1e-14)
    for executor in ("auto", "numpy"):
        _, slopes = gradcli.compile(expression, executor=executor)(x=points)
        assert slopes["x"] == pytest.approx(wanted, rel=1e-14)
    pytest.importorskip("llvmlite")
    if bump:
        assert gradcli.compile(expression, executor="llvm")(x=points) is not None
    else:
        with pytest.raises(UsageError, match="bump has no compiled form"):
            gradcli.compile(expression, executor="llvm")(x=points)


@pytest.mark.usefixtures("bump")
def test_a_function_of_numbers_is_recorded_by_values_tensors_and_graphs() -> None:
    value = Value(0.5)
    value.bump().backward()
    assert value.grad == pytest.approx(SLOPE, rel=1e-15)
    tensor = Tensor([0.5, -0.5], requires_grad=True)
    tensor.bump().sum().backward()
    assert tensor.grad is not None
    assert tensor.grad.tolist() == pytest.approx([SLOPE, -SLOPE], rel=1e-15)
    assert gradcli.derivative(lambda x: f.bump(x), order=2)(0.0) == -2.0
    assert f.bump(np.array([0.0, 1.0])).tolist() == pytest.approx([1.0, math.exp(-1.0)])


ARRAYS: list[tuple[tuple[str, ...], int, str]] = [
    (("eval", "energy([1, 2, 3])"), 0, "14.0"),
    (("eval", "half_energy(x)", "x=[1, 2]"), 0, "2.5"),
    (("grad", "energy(x)", "x=[1, 2]"), 0, "d/dx\t[2.0, 4.0]"),
    (("grad", "energy(x)", "x=[1, 2]", "--hessian"), 0, "[[2.0, 0.0], [0.0, 2.0]]"),
    (("check", "energy(x)", "x=[1, 2]"), 0, "agree\tyes"),
    (("draw", "energy(x)", "x=[1, 2]"), 0, "energy\t5.0"),
    (("functions", "energy"), 0, "The sum of the squares."),
    (("diff", "energy(x)"), 3, "no formula that is right for every shape, because of `energy`"),
    (("map", "energy(x)", "table.csv"), 3, "map takes numbers, but `energy` works on arrays"),
]


@pytest.mark.usefixtures("energy", "own_folder")
@pytest.mark.parametrize(("words", "code", "said"), ARRAYS, ids=[" ".join(words) for words, _, _ in ARRAYS])
def test_a_function_of_arrays_goes_through_or_is_refused(
    words: tuple[str, ...], code: int, said: str, inside: Run
) -> None:
    Path("table.csv").write_text("x\n0.5\n", encoding="utf-8")
    done = inside(*words)
    assert done.code == code
    assert said in (done.err if code else done.out)


@pytest.mark.usefixtures("energy")
def test_a_function_of_arrays_is_recorded_by_tensors() -> None:
    x = Tensor([1.0, 2.0], requires_grad=True)
    f.half_energy(x).backward()
    assert x.grad is not None
    assert x.grad.tolist() == [1.0, 2.0]


def test_a_name_or_an_operator_is_taken_once() -> None:
    fields: dict[str, Any] = {"about": "x.", "group": "x", "value": abs, "partials": lambda x, y: (1.0,)}
    with pytest.raises(ValueError, match="'tanh' is the name of two primitives"):
        define("tanh(x)", **fields)
    with pytest.raises(ValueError, match="'sum' is the name of two functions of arrays"):
        define_array("sum(x)", about="x.", value=abs, vjp=(), jvp=abs)


def test_the_worked_example_of_the_manual_is_a_declaration_that_works_in_its_file() -> None:
    import mpmath

    import gradcli.primitives.registry as registry
    from gradcli.primitives.families import special

    text = str(registry.__doc__)
    start = text.index("    define(")
    block = textwrap.dedent(text[start : text.index("\n    )\n", start) + len("\n    )\n")])
    try:
        exec(block.replace("log_beta", "beta_of_the_manual"), dict(vars(special)))
        declared = REGISTRY["beta_of_the_manual"]
        example, value = declared.example.split("  # ")
        assert str(parse(example)()) == value
        assert float(declared.oracle(mpmath, 2, 3)) == pytest.approx(float(value), rel=1e-15)
        assert parse("beta_of_the_manual(x, 3)").gradient(x=2)["x"] == pytest.approx(-13 / 12, rel=1e-15)
    finally:
        forget("beta_of_the_manual")
    parameters = registry.define.__annotations__.keys() - {"return"}
    assert all(f"\n    {name}" in text or f", {name}" in text for name in parameters)


def test_the_words_of_a_family_that_is_declared_later_are_those_that_it_declares() -> None:
    for file, words in LATER.items():
        module = f"gradcli.primitives.families.{file}"
        declared = [one for one in REGISTRY.public() if one.partials.__module__ == module]
        assert [word for one in declared for word in (one.name, *one.spellings)] == words.split(), file


def test_a_family_is_declared_when_one_of_its_words_is_met() -> None:
    program = """
import sys
from gradcli.primitives import REGISTRY, functions
from gradcli.primitives.families import LATER
late = {f"gradcli.primitives.families.{file}" for file in LATER}
from gradcli import Value, parse
assert parse("x1*x2 + sin(x1)")(x1=2, x2=3) and not late & {*sys.modules}
assert Value(0.5).erfinv().data == functions.erfinv(0.5) and "erfcx" in REGISTRY and "sine" not in REGISTRY
assert late & {*sys.modules} == {"gradcli.primitives.families.error_integrals"}
assert REGISTRY.find("dawson") is REGISTRY["dawsn"] and REGISTRY.get("none") is None
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_family_that_is_declared_later_takes_part_in_no_identity() -> None:
    early = {one.name for one in REGISTRY.declared()}
    late = [one for one in REGISTRY.values() if one.name not in early]
    assert late
    assert not [one.name for one in late if one.squared or one.doubled or one.quotient or one.infix]
