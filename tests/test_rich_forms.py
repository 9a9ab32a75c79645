"""What a notebook shows of the objects that the library returns: each has a rich form, escaped, and a short text."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

import gradcli
from gradcli import nn, optim, train
from gradcli.evaluate.check import check
from gradcli.evaluate.exercises import quiz
from gradcli.train.data.rows import Data
from gradcli.train.race import Race, entries_of
from tests.support.loops import for_each

NAME = '<script>alert("x")</script> $a$'


def trained(data: Data, **choices: Any) -> train.Run:
    run = train.start(data, **{"hidden": (4,), "epochs": 2, **choices})
    for _ in run.events():
        pass
    return run


def hostile() -> Data:
    """Two classes whose names, and those of the columns, look like HTML and LaTeX."""
    points = np.random.default_rng(1).normal(size=(40, 2))
    targets = (points[:, 0] > 0).astype(float)
    return Data(NAME, (NAME, f"{NAME}2"), points, f"{NAME}3", targets, (f"{NAME}4", f"{NAME}5"))


def made() -> dict[str, Any]:
    """One object of each type that the public functions return."""
    tensor = gradcli.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    (tensor * tensor).sum().backward()
    net = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
    optimizer = optim.Adam(net.parameters(), lr=0.1)
    run = trained(train.load_data("moons"))
    race = Race(entries_of("sgd,adam"), train.load_data("moons"), {"hidden": (4,), "epochs": 2})
    for _ in race.events():
        pass
    return {
        "Value": gradcli.Value(2.0) * 3,
        "Tensor": tensor,
        "recorded tensor": (tensor * 2).sum(),
        "Expression": gradcli.parse("x1^2*sin(x)"),
        "expression of arrays": gradcli.parse("A @ x"),
        "derivative": gradcli.parse("x^2").derivative("x"),
        "TaylorPolynomial": gradcli.parse("sin(x)").taylor("x"),
        "Judgement": gradcli.check_answer("sin(x^2)", "cos(x^2)"),
        "right Judgement": gradcli.check_answer("x^2", "2x"),
        "Report": check(gradcli.parse("x*abs(y)"), {"x": 1.0, "y": 0.0}),
        "GradcheckReport": gradcli.gradcheck(lambda x: x * x, [1.0]),
        "Compiled": gradcli.compile("x*y"),
        "function": gradcli.functions.sin,
        "function of arrays": gradcli.functions.sum,
        "Module": net,
        "MLP": nn.MLP(2, [16, 16, 1]),
        "Summary": net.summary((1, 2)),
        "Optimizer": optimizer,
        "Run": run,
        "Checkpoint": run.checkpoint(),
        "Model": run.model,
        "Data": run.data,
        "Settings": run.settings,
        "Measures": run.all_measures(),
        "Metrics": run.all_measures().training,
        "Prediction": train.predict(run.checkpoint(), run.data.inputs[:1])[0],
        "Race": race,
        "Exercise": quiz(1, 1)[0],
    }


OBJECTS = made()

#: What has no rich form, because its text is all there is to say.
TEXT_ALONE = {
    "loss": nn.BCEWithLogitsLoss(),
    "schedule": optim.StepLR(optim.SGD(nn.Linear(1, 1).parameters(), lr=0.1), 3),
    "state": OBJECTS["Run"].state,
    "functions": gradcli.functions,
    "drawing": gradcli.draw_dot(OBJECTS["Value"]),
}


def forms(value: Any) -> dict[str, str]:
    found = {
        name: getattr(value, name)() for name in ("_repr_html_", "_repr_latex_", "_repr_svg_") if hasattr(value, name)
    }
    return {name: text for name, text in found.items() if text is not None}


@for_each("name", OBJECTS)
def test_an_object_has_a_rich_form_that_is_sound(name: str) -> None:
    found = forms(OBJECTS[name])
    assert found
    for kind, text in found.items():
        if kind == "_repr_latex_":
            assert re.fullmatch(r"\$\\displaystyle .*\$", text)
        else:
            ElementTree.fromstring(f"<div>{text}</div>".replace("&#x2062;", "").replace("&#x2061;", ""))


@for_each("name", [*OBJECTS, *TEXT_ALONE])
def test_an_object_has_a_text_that_says_what_it_is(name: str) -> None:
    text = repr({**OBJECTS, **TEXT_ALONE}[name])
    assert " object at 0x" not in text
    assert len(text) < 700


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Tensor", ["tensor of shape 2 × 2, float64", "gradient", "[2., 4.]"]),
        ("recorded tensor", ["tensor of one number, float64, made by sum", "20."]),
        ("Judgement", ["2*x*cos(x^2)", "the inner derivative is missing (chain rule)", "sin(x^2)", "at"]),
        ("Report", ["value 0.0; verdict: a choice", "does not apply"]),
        ("GradcheckReport", ["agree in 1 entries"]),
        ("Compiled", ["value, d_x, d_y", "float64", "<math"]),
        ("function", ["sin(x)", "The sine"]),
        ("Module", ["0 (Linear)", "parameters", "13"]),
        ("MLP", ["layers.0.neurons.0 (Neuron)", "... and 9 modules", "337"]),
        ("Optimizer", ["Adam of 4 parameters", "betas"]),
        ("Run", ["<svg", "epoch 2 of 2", "accuracy", "validation"]),
        ("Model", ["net for class, loss bce", "relu", "17"]),
        ("Data", ["moons: 100 rows of 2 inputs, class is one of 2 classes", "x1", "..."]),
        ("Race", ["race of sgd, adam, 100 % done", "optimiser"]),
        ("Exercise", ["<mfrac>"]),
        ("TaylorPolynomial", ["<mi>O</mi>"]),
    ],
)
def test_a_rich_form_says_what_matters(name: str, expected: list[str]) -> None:
    shown = OBJECTS[name]._repr_html_()
    assert [text for text in expected if text not in shown] == []


def test_an_expression_of_arrays_is_shown_with_matrices() -> None:
    assert forms(gradcli.parse("[[1, x], [0, 1]]")) == {
        "_repr_latex_": r"$\displaystyle \begin{bmatrix} 1 & x \\ 0 & 1 \end{bmatrix}$"
    }


def test_a_picture_is_for_a_light_page_whatever_the_system_prefers() -> None:
    for svg in (OBJECTS["Value"]._repr_svg_(), OBJECTS["Run"]._repr_html_()):
        assert "prefers-color-scheme" not in svg
        assert "#ffffff" in svg


def test_names_that_look_like_markup_stay_text() -> None:
    run = trained(hostile())
    race = Race(entries_of("sgd,adam"), hostile(), {"hidden": (4,), "epochs": 1})
    predicted = train.predict(run.checkpoint(), run.data.inputs[:1])[0]
    for value in (run, run.checkpoint(), run.model, run.data, run.settings, run.all_measures(), race, predicted):
        shown = value._repr_html_()
        assert "<script" not in shown
        assert not re.search(r"<td[^>]*>[^<]*\$", shown)
    assert "&lt;script&gt;" in run.data._repr_html_()


def test_rows_and_columns_beyond_a_few_are_left_out() -> None:
    shown = train.load_data("digits")._repr_html_()
    assert shown.count("<tr>") == 7
    assert shown.count("<th ") == 10
    assert train.load_data("sine")._repr_html_().count("<th ") == 2


def test_a_very_long_formula_is_text() -> None:
    assert forms(gradcli.parse(" + ".join([f"x{i}" for i in range(2000)]))) == {}
