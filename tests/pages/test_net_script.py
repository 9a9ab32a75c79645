"""`gradcli.pages.net_script`: a net as JavaScript, in a browser, against the net itself and its recorded gradient."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from gradcli.eager.tensor import Tensor
from gradcli.errors import LimitError, UsageError
from gradcli.pages.net_script import net_script
from gradcli.train.model.objectives import OBJECTIVES
from gradcli.train.run import Run, load_data, start

NETS = [
    {"dataset": "moons", "samples": 40, "hidden": (3, 4)},
    {"dataset": "moons", "samples": 40, "hidden": (), "loss": "hinge"},
    {"dataset": "moons", "samples": 40, "hidden": (3,), "loss": "cross_entropy", "activation": "gelu"},
    {"dataset": "circles", "samples": 40, "hidden": (2,), "features": ("x1^2", "x2", "sin(x1*x2)")},
    {"dataset": "spiral", "samples": 60, "hidden": (3,), "loss": "hinge", "activation": "sin", "classes": 3},
    {"dataset": "spiral", "samples": 60, "hidden": (3,), "loss": "bce", "activation": "x*tanh(x)", "classes": 3},
    {"dataset": "data", "expression": "x*y+z", "samples": 40, "hidden": (3,), "loss": "huber", "dropout": 0.2},
    {"dataset": "data", "expression": "x*y", "samples": 40, "hidden": (3,), "loss": "abs(p-y)^1.5"},
]


def begun(dataset: str, **given: Any) -> Run:
    source = {name: given[name] for name in ("samples", "expression", "classes") if name in given}
    return start(load_data(dataset, seed=1, **source), dataset=dataset, engine="tensor", epochs=3, **given)


@pytest.mark.parametrize("given", NETS, ids=lambda given: f"{given['dataset']}-{given.get('loss', '')}")
def test_a_net_predicts_and_has_its_gradient(blank_page: Any, given: dict[str, Any]) -> None:
    run = begun(**given)
    model, parameters = run.model, run.state.parameters
    script = net_script(model)
    rows, targets = run.data.inputs[:5].tolist(), run.data.targets[:5].tolist()
    found = blank_page.evaluate(
        f"""() => {{
        const net = {script.code};
        const p = Float64Array.from({json.dumps(parameters.tolist())});
        const targets = {json.dumps(targets)};
        return {json.dumps(rows)}.map((x, i) => {{
            const a = new Float64Array({sum(script.units)});
            net.forward(x, p, a);
            const s = a.subarray({sum(script.units[:-1])});
            const sizes = [{script.predictions}, {script.units[-1]}, {len(model.columns)}];
            const [y, d, g] = sizes.map((n) => new Float64Array(n));
            net.outcome(s, y);
            const loss = net.loss(s, targets[i], d);
            net.backward(x, p, d, g);
            const e = new Float64Array({script.units[-1]});
            net.pull(s, Float64Array.from(y, (_, k) => k + 1), e);
            return {{ a: [...a], y: [...y], loss, g: [...g], e: [...e] }};
        }});
    }}"""
    )
    for row, target, one in zip(rows, targets, found, strict=True):
        scores = run.outputs(np.array([row]))
        assert one["a"][-len(scores[0]) :] == pytest.approx(scores[0].tolist(), rel=1e-12, abs=1e-14)
        likely = model.loss_function.probabilities
        expected = model.numbers(scores) if model.labels is None else (scores if likely is None else likely(scores))[0]
        assert one["y"] == pytest.approx(expected.tolist(), rel=1e-12, abs=1e-14)
        recorded = Tensor(scores, requires_grad=True)
        loss = model.loss_function.rows(recorded, model.scaled_targets(np.array([target])), model.classes).sum()
        assert one["loss"] == pytest.approx(float(loss.data), rel=1e-12, abs=1e-14)
        step = 1e-6
        for place, slope in enumerate(one["g"]):
            ends = []
            for by in (step, -step):
                moved = np.array([row])
                moved[0, place] += by
                scaled = model.scaled_targets(np.array([target]))
                ends.append(float(model.loss_function.rows(run.outputs(moved), scaled, model.classes)[0, 0]))
            assert slope == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=1e-5, abs=1e-7)
        for place, slope in enumerate(one["e"]):
            ends = []
            for by in (step, -step):
                moved = scores.copy()
                moved[0, place] += by
                values = (
                    model.numbers(moved) if model.labels is None else (moved if likely is None else likely(moved))[0]
                )
                ends.append(float((values * np.arange(1, len(values) + 1)).sum()))
            assert slope == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=1e-5, abs=1e-7)


def test_what_a_page_cannot_compute_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="the layer `conv2d`"):
        net_script(start(load_data("digits", seed=1), dataset="digits", conv=(2,)).model)
    monkeypatch.setattr("gradcli.limits.PAGE_PARAMETERS", 5)
    with pytest.raises(LimitError, match="at most 5 parameters, and this one has 13"):
        net_script(begun("moons", hidden=(3,), samples=40).model)


def test_every_loss_has_a_net_here() -> None:
    assert {*OBJECTIVES} - {one.get("loss", "bce") for one in NETS} == {"mse", "mae"}
