"""Every exported program is run by its own system and compared with gradcli's predictions."""

from __future__ import annotations

import dataclasses
import itertools
import re
from pathlib import Path

import numpy as np
import pytest

from gradcli import limits
from gradcli.errors import UsageError
from gradcli.export import EXPORTERS, source_of
from gradcli.primitives import functions as f
from gradcli.train.checkpoint import Checkpoint
from gradcli.train.model.features import featured
from gradcli.train.model.kinds import KINDS, LayerKind, LayerSpec, Number, whole
from gradcli.train.model.neuron_functions import activations
from gradcli.train.model.objectives import LINKS, OBJECTIVES
from tests.support.exported import (
    LANGUAGES,
    MODELS,
    REFUSED,
    RUNNERS,
    check,
    export,
    net,
    pictures,
    refused_or_done,
)
from tests.support.paths import ROOT


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", MODELS)
def test_an_exported_net_predicts_the_same(name: str, language: str, tmp_path: Path) -> None:
    checkpoint = MODELS[name]()
    rows = np.random.default_rng(1).normal(0.5, 2.0, (20, len(checkpoint.model.columns)))
    check(checkpoint, language, tmp_path, rows)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", activations())
def test_every_activation_is_exported_or_refused_by_name(name: str, language: str, tmp_path: Path) -> None:
    checkpoint = net(activation=name, hidden=(6,), standardise=False)
    rows = np.array([*itertools.product((-3.3, -0.9, -0.4, 0.3, 1.7), repeat=2)])
    with refused_or_done(language, {name}):
        check(checkpoint, language, tmp_path, rows, 1e-11)


#: An expression of x1 and x2 for each function of the registry that takes several operands, and for hard cases.
EXPRESSIONS = [
    "x1 + x2 - 3*x1/x2",
    "-x1^2 + (-x1)^3 - 2^-x2",
    "(x1 - x2) - (x1 - (x2 - 1)) / (x1 / (x2*3))",
    "abs(x1)^x2 + x1^2^2",
    "x1 % x2 + x2 % 0.7 + -x1 % 3",
    "hypot(x1, x2) + atan2(x1, x2) + atan2(-1, x1) + atan2(x1, 2)",
    "logaddexp(x1, x2) + xlogy(x1^2, abs(x2)) + logaddexp(0, 50*x1)",
    "max(x1, x2, 0) - min(x1, 0.1, x2)",
    "clip(x1, -0.5, x2)",
    "where(x1 < x2, x1, 3)*2 + (x1 <= 0.3) + (x1 == x2) + (x1 != 0.3) + (x1 > 0) + (x1 >= x2)",
    "where(x1 > 0 and not (x2 > 0) or x1 < -1, 1/3, x2)",
    "1/0 * x1",
    "x1 + (-8)^(1/3)",
    "pi*x1 + e + exp(800) - inf*x2",
    "sqrt(x1) + log(x2) + asin(x1) + acosh(x2)",
    "1/(x1 - x1) + exp(1000*x2)",
    "(x1 - x1)^-1 + 0^x2 + (x1*1e200)^3",
    "factorial(abs(x1))",
    "polygamma(1, abs(x1))",
    "round(x1) + floor(x2) + ceil(x1) + sign(x2) + step(x1)",
    "sinc(x1) + erf(x2) + erfc(x1) + cbrt(x2)",
    "sin(" * 90 + "x1" + ")" * 90,
    "x2" + "^x1" * 100,
    "+".join(f"{number}*x1" for number in range(60)),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text", EXPRESSIONS)
def test_every_expression_is_exported_or_refused_by_name(text: str, language: str, tmp_path: Path) -> None:
    checkpoint = net("circles", hidden=(), standardise=False, loss="mse", features=("x2", "x1"))
    checkpoint.model = dataclasses.replace(checkpoint.model, features=(text, "x1"))
    checkpoint.state.parameters[:] = (1.0, 0.0, 0.0)
    rows = np.array([*itertools.product((-3.3, -0.9, 0.3, 1.7), repeat=2), (0.3, 0.3)])
    path = tmp_path / f"net{EXPORTERS[language].suffix}"
    with refused_or_done(language, set(re.findall(r"\w+", text))):
        export(checkpoint, language, path)
        found = RUNNERS[language](path, rows).scores[:, 0]
        expected = featured(checkpoint.model.columns, (text,), rows)[:, 0]
        np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-11, equal_nan=True)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("standardise", [True, False])
def test_the_numbers_of_a_large_net_stand_beside_its_program(language: str, standardise: bool, tmp_path: Path) -> None:
    checkpoint = net(pictures(), hidden=(60, 110), conv=(8,), size=0.1, standardise=standardise)
    assert checkpoint.model.count > 10_000
    path = check(checkpoint, language, tmp_path, np.random.default_rng(1).normal(0.5, 2.0, (5, 60)))
    beside = path.with_name("net_parameters.npz")
    assert beside.exists() == EXPORTERS[language].reads_arrays
    if beside.exists():
        assert path.stat().st_size < 5000
        before = beside.read_bytes()
        export(checkpoint, language, path)
        assert beside.read_bytes() == before
        with pytest.raises(UsageError, match="go into a file next to the program"):
            source_of(checkpoint, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_export_is_the_same_every_time(language: str, tmp_path: Path) -> None:
    checkpoint = MODELS["features"]()
    contents = []
    for name in ("a", "b"):
        path = tmp_path / name
        export(checkpoint, language, path)
        contents.append(path.read_bytes())
    assert contents[0] == contents[1]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("count", [1, 3])
def test_any_number_of_rows_goes_through(count: int, language: str, tmp_path: Path) -> None:
    check(MODELS["a convolution"](), language, tmp_path, np.ones((count, 60)))


@pytest.mark.parametrize("language", ["numpy", "onnx", "pytorch", "jax"])
def test_no_row_gives_no_prediction(language: str, tmp_path: Path) -> None:
    path = tmp_path / f"net{EXPORTERS[language].suffix}"
    export(net(activation="erf"), language, path)
    assert RUNNERS[language](path, np.empty((0, 2))).predictions == []


def test_the_page_of_the_documentation_names_every_language_and_what_they_refuse() -> None:
    page = (ROOT / "docs" / "export.md").read_text(encoding="utf-8")
    assert all(f"| `{language}` |" in page for language in LANGUAGES)
    refused = page[page.index("which are refused") :]
    assert all(name in refused for names in REFUSED.values() for name in names)
    assert f"Up to {limits.LITERALS} parameters" in page


def with_layers(*layers: LayerSpec) -> Checkpoint:
    """A net with further layers behind its first hidden one, and random parameters."""
    checkpoint = net()
    model = checkpoint.model
    checkpoint.model = dataclasses.replace(model, layers=(*model.layers[:2], *layers, *model.layers[2:]))
    checkpoint.state.parameters = np.random.default_rng(2).normal(0.0, 0.7, checkpoint.model.count)
    return checkpoint


DOUBLE = LayerKind("double", apply=lambda layer, x: 2.0 * x, pointwise=True)
POWER = LayerKind("power", apply=lambda layer, x: f.abs(x) ** layer.size, pointwise=True, number=Number("to", whole))
SHARES = LayerKind("shares", apply=lambda layer, x: f.softmax(x, axis=1))
SCALED = LayerKind(
    "scaled",
    apply=lambda layer, x, weight, bias: x * weight[:, 0] + bias,
    weights=lambda shape, _: (shape[0], 1),
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_kind_of_layer_that_is_entered_at_run_time_is_exported_from_its_formula(
    language: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(KINDS, "double", DOUBLE)
    monkeypatch.setitem(KINDS, "power", POWER)
    checkpoint = with_layers(LayerSpec("double"), LayerSpec("power", 2), LayerSpec("double"), LayerSpec("power", 3))
    check(checkpoint, language, tmp_path, np.random.default_rng(1).normal(0.5, 2.0, (20, 2)))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", [SHARES, SCALED], ids=lambda kind: kind.title)
def test_a_kind_of_layer_that_a_language_lacks_is_refused_by_its_name(
    kind: LayerKind, language: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(KINDS, kind.title, kind)
    with pytest.raises(UsageError, match=rf"(?i)^the layer `{kind.title}` can't be exported to {language}$"):
        export(with_layers(LayerSpec(kind.title)), language, tmp_path / "net.py")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_probabilities_that_a_language_lacks_are_refused_by_name(
    language: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(LINKS, "halves", lambda scores: np.full((len(scores), 2), 0.5))
    monkeypatch.setitem(OBJECTIVES, "flat", dataclasses.replace(OBJECTIVES["bce"], link="halves"))
    with pytest.raises(UsageError, match=rf"(?i)^probabilities by `halves` can't be exported to {language}$"):
        export(net(loss="flat"), language, tmp_path / "net.py")
