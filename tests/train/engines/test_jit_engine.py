"""The compiled engine: the losses of the others, however many updates are done at once."""

from __future__ import annotations

import importlib.util
import math
from typing import Any

import numpy as np
import pytest

from gradcli import limits
from gradcli.errors import Diverged, UnavailableError, UsageError
from gradcli.execute import kernel as kernels
from gradcli.optim import OPTIMIZERS, SCHEDULES
from gradcli.train import trainer
from gradcli.train.checkpoint import load, save
from gradcli.train.data.datasets import DATASETS, make
from gradcli.train.data.rows import Data
from gradcli.train.engines.engine_choice import chosen_engine, engine_for
from gradcli.train.engines.jit_engine import JitEngine, is_worthwhile
from gradcli.train.engines.net_stages import Features
from gradcli.train.model.design import describe
from gradcli.train.model.model import Model
from gradcli.train.race import Race, entries_of
from gradcli.train.run import Run, resume, start
from gradcli.train.trainer import Epoch, Step
from tests.support.loops import for_each

pytest.importorskip("llvmlite")


def trained(run: Run) -> Run:
    for _ in run.events():
        pass
    return run


def losses(run: Run) -> list[float]:
    return [record.loss for record in run.state.history]


STEPPING = [name for name, method in OPTIMIZERS.items() if method.step is not None]

#: The choices of a run beside the small defaults.
RUNS: dict[str, dict[str, Any]] = {
    **{f"the data set {name}": {"dataset": name} for name in DATASETS},
    **{f"the optimiser {name}": {"optimizer": name} for name in STEPPING},
    **{f"the schedule {name}": {"schedule": name, "warmup": 3} for name in SCHEDULES},
    **{
        f"the activation {text}": {"activation": text}
        for text in ("relu", "tanh", "sigmoid", "gelu", "elu", "selu", "softplus", "mish", "silu", "sin", "abs")
    },
    **{f"two classes, {loss}": {"loss": loss} for loss in ("hinge", "mse", "bce", "cross_entropy", "log(1+(p-y)^2)")},
    **{
        f"three classes, {loss}": {"dataset": "blobs", "loss": loss}
        for loss in ("mse", "bce", "cross_entropy", "abs(p-y)^1.5")
    },
    # Margins of balanced classes cancel to 0 or to what rounding leaves, by which Adam would divide.
    "three classes, hinge": {"dataset": "blobs", "loss": "hinge", "optimizer": "momentum"},
    **{
        f"a number, {loss}": {"dataset": "bumps", "loss": loss}
        for loss in ("mse", "mae", "huber", "cosh(p-y)-1", "where(abs(p-y)<1,(p-y)^2,abs(p-y))")
    },
    "an activation that is an expression": {"activation": "x*tanh(exp(x/2))"},
    "all rows at once": {"batch": 0, "epochs": 20},
    "a batch of one row": {"batch": 1, "epochs": 2},
    "a batch that fills vectors": {"batch": 16},
    "short gradients": {"clip": 0.05},
    "penalties": {"l1": 0.003, "l2": 0.02},
    "no penalties": {"l1": 0.0, "l2": 0.0},
    "dropout": {"dropout": 0.3, "hidden": (6, 5)},
    "dropout, all rows at once": {"dropout": 0.3, "batch": 0},
    "features": {"features": ("x1^2", "x2^2", "x1*x2"), "hidden": ()},
    "a linear net": {"hidden": ()},
    "a deep net": {"hidden": (3,) * 12, "activation": "tanh"},
    "a net in several functions": {"hidden": (14, 14)},
    "Nesterov's momentum and dampening": {"optimizer": "sgd", "options": {"momentum": 0.9, "nesterov": True}},
    "dampening and decay": {"optimizer": "sgd", "options": {"momentum": 0.9, "dampening": 0.5, "weight_decay": 0.01}},
    "rmsprop with momentum": {"optimizer": "rmsprop", "options": {"momentum": 0.5, "weight_decay": 0.1}},
    "no validation": {"split": 0.0},
    "waiting for a better epoch": {"patience": 2, "learning_rate": 0.2},
    "rows kept for the test": {"test": 0.2},
}


def begun_choices(name: str) -> dict[str, Any]:
    return {"hidden": (5, 4), "epochs": 6, "batch": 12} | RUNS[name]


def begun(name: str, engine: str) -> Run:
    given = {"dataset": "moons"} | begun_choices(name)
    return start(make(given.pop("dataset"), samples=60), engine=engine, **given)


def rows_of(run: Run) -> tuple[Any, Any]:
    return run.model.scaled(run.training.inputs), run.model.scaled_targets(run.training.targets)


@for_each("name", RUNS)
def test_a_compiled_run_is_that_of_the_other_engines(name: str) -> None:
    one, other = (trained(begun(name, engine)) for engine in ("jit", "tensor"))
    assert len(losses(one)) == len(losses(other)) > 5
    assert np.allclose(losses(one), losses(other), rtol=1e-9, atol=1e-12)
    pairs = zip(one.state.history, other.state.history, strict=True)
    assert all(a.measure == pytest.approx(b.measure, rel=1e-9) and a.learning_rate == b.learning_rate for a, b in pairs)
    assert np.allclose(one.state.parameters, other.state.parameters, rtol=1e-7, atol=1e-10)
    assert one.state.memory.keys() == other.state.memory.keys()
    for key, memory in one.state.memory.items():
        assert np.allclose(memory, other.state.memory[key], rtol=1e-7, atol=1e-10)
    assert len(one.state.validation) == len(other.state.validation)
    assert np.allclose(np.array(one.state.validation), np.array(other.state.validation), rtol=1e-8)
    assert (one.state.best is None) == (other.state.best is None)
    assert one.report()["engine"] == "jit"


@pytest.mark.parametrize("name", ["the optimiser adam", "dropout", "short gradients", "penalties", "a deep net"])
def test_in_float32_losses_are_those_of_float64_to_four_digits_and_the_state_is_kept_exactly(name: str) -> None:
    one, other = (
        trained(start(make("moons", samples=60), engine="jit", precision=precision, **begun_choices(name)))
        for precision in ("float32", "float64")
    )
    assert np.allclose(losses(one), losses(other), rtol=1e-4)
    assert losses(one) != losses(other)
    for array in (one.state.parameters, *one.state.memory.values()):
        assert array.dtype == np.float64
        assert np.array_equal(array, array.astype(np.float32))
    assert np.allclose(one.engine.loss_and_gradient(other.state.parameters, *rows_of(other)).gradient,
                       other.engine.loss_and_gradient(other.state.parameters, *rows_of(other)).gradient,
                       rtol=1e-3, atol=1e-5)  # fmt: skip


def test_a_run_in_float32_goes_on_to_the_bit_and_is_for_the_compiled_engine(tmp_path: Any) -> None:
    given = {"precision": "float32", "hidden": (5,), "epochs": 9, "batch": 12}
    whole = trained(start(make("moons", samples=60), **given))
    assert (whole.engine.name, whole.settings.precision) == ("jit", "float32")
    run = start(make("moons", samples=60), **given)
    for event in run.events({7}):
        if len(event.state.history) == 7:
            break
    save(tmp_path / "m", run.checkpoint())
    rest = trained(resume(load(tmp_path / "m"), make("moons", samples=60)))
    assert rest.settings.precision == "float32"
    assert np.array_equal(rest.state.parameters, whole.state.parameters)
    assert rest.state.history == whole.state.history
    with pytest.raises(UsageError, match="the engine `tensor` computes in float64 only"):
        start(make("moons", samples=60), engine="tensor", precision="float32")


@pytest.mark.parametrize("name", ["the optimiser momentum", "dropout", "all rows at once", "a batch of one row"])
def test_how_many_updates_are_done_at_once_changes_no_bit(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = trained(begun(name, "jit"))
    monkeypatch.setattr(trainer, "SECONDS", 0.0)
    monkeypatch.setattr(trainer, "FIRST_NUMBERS", 0)
    single = begun(name, "jit")
    steps = sum(isinstance(event, Step) for event in single.events())
    assert steps == len(single.state.history) == len(whole.state.history)
    assert single.state.history == whole.state.history
    assert single.state.validation == whole.state.validation
    assert np.array_equal(single.state.parameters, whole.state.parameters)


def test_the_events_of_many_updates_tell_each_epoch_and_the_last_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trainer, "SECONDS", 10.0)
    run = begun("the optimiser adam", "jit")
    events = list(run.events())
    assert [event.epoch for event in events if isinstance(event, Epoch)] == list(range(6))
    assert sum(isinstance(event, Step) for event in events) < 6
    steps = [event.update for event in events if isinstance(event, Step)]
    assert steps == sorted(steps)
    assert steps[-1] == run.updates - 1


def test_there_is_a_step_at_every_stop_with_the_state_as_it_is_then() -> None:
    stops = {1, 2, 7, 13}
    seen: dict[int, Any] = {}
    run = begun("the optimiser adam", "jit")
    for event in run.events(stops):
        if isinstance(event, Step):
            seen[event.update + 1] = len(event.state.history), event.state.parameters
    assert stops <= seen.keys()
    assert all(length == count for count, (length, _) in seen.items())
    again = begun("the optimiser adam", "jit")
    for event in again.events({7}):
        if isinstance(event, Step) and event.update == 6:
            break
    assert np.array_equal(again.state.parameters, seen[7][1])


DIVERGING: dict[str, dict[str, Any]] = {
    "in the middle of an epoch": {"activation": "exp", "learning_rate": 30.0, "batch": 12},
    "all rows at once": {"activation": "cosh", "learning_rate": 1e6, "batch": 0},
    "at once": {"activation": "log"},
    "with rows to validate with": {"activation": "exp", "learning_rate": 30.0, "optimizer": "momentum"},
}


@pytest.mark.parametrize("name", DIVERGING)
def test_a_run_that_diverges_says_what_the_others_say_and_keeps_what_they_keep(name: str) -> None:
    found = []
    for engine in ("jit", "tensor"):
        given = {"hidden": (4,), "epochs": 30, "optimizer": "sgd", "schedule": "constant"} | DIVERGING[name]
        run = start(make("moons", samples=40), engine=engine, **given)
        with pytest.raises(Diverged) as caught:
            trained(run)
        found.append((caught.value.message, caught.value.hint, len(losses(run)), [e[0] for e in run.state.validation]))
        assert np.isfinite(run.state.parameters).all()
        assert run.has_finite_loss == (name != "at once")
    assert found[0] == found[1]


def test_a_branch_that_is_not_taken_contributes_nothing_though_its_slope_is_infinite() -> None:
    one, other = (
        trained(
            start(make("moons", samples=40), engine=engine, activation="where(x>0,sqrt(x),0)", hidden=(4,), epochs=3)
        )
        for engine in ("jit", "tensor")
    )
    assert np.allclose(losses(one), losses(other), rtol=1e-9)
    assert all(map(math.isfinite, losses(one)))


def test_a_race_of_compiled_nets_ends_as_that_of_the_others() -> None:
    found = []
    for engine in ("jit", "tensor"):
        choices = {"engine": engine, "hidden": (4,), "epochs": 5, "batch": 8}
        race = Race(entries_of("sgd,momentum,adam:0.01"), make("moons", samples=40), choices)
        for _ in race.events():
            pass
        found.append([(one.name, one.course) for one in race.standings()])
    for (name, course), (other, other_course) in zip(*found, strict=True):
        assert name == other
        assert np.allclose(course, other_course, rtol=1e-9)


def test_a_saved_run_of_auto_goes_on_with_the_engine_that_began_it(tmp_path: Any) -> None:
    run = start(make("moons", samples=40), samples=40, epochs=2000, hidden=(3,))
    assert (run.engine.name, run.settings.engine, run.choices.get("engine")) == ("jit", "jit", None)
    for event in run.events({50}):
        if len(event.state.history) >= 50:
            break
    save(tmp_path / "m", run.checkpoint())
    again = resume(load(tmp_path / "m"), make("moons", samples=40))
    assert again.engine.name == "jit"


def test_auto_compiles_what_is_long_and_has_a_compiled_form() -> None:
    small, large = make("moons", samples=40), make("moons", samples=2000)
    assert start(small, epochs=2).engine.name == "tensor"
    assert start(small, epochs=5000).engine.name == "jit"
    assert start(small, epochs=5000, hidden=(200, 200)).engine.name == "jit"
    assert start(small, epochs=5000, activation="polygamma(20,x)").engine.name == "tensor"
    assert start(large, epochs=20, batch=0).engine.name == "tensor"
    pytest.importorskip("scipy")
    assert start(small, epochs=5000, optimizer="lbfgs").engine.name == "tensor"


def test_the_layers_of_a_net_are_read_once_for_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    read, through = [], Model.through

    def counted(model: Model, *rest: Any) -> Any:
        read.append(isinstance(rest[0], Features))
        return through(model, *rest)

    monkeypatch.setattr(Model, "through", counted)
    run = start(make("moons", samples=40), epochs=5000)
    assert run.engine.name == "jit"
    assert run.engine.runner_for("adam", run.settings.hyperparameters, None) is not None
    assert sum(read) == 1
    assert JitEngine.obstacle(run.model) is JitEngine.obstacle(run.model) is None


def test_without_llvmlite_auto_takes_arrays_and_jit_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(kernels, "find_spec", lambda name: None if name == "llvmlite" else found(name))
    data = make("moons", samples=40)
    assert start(data, epochs=5000).engine.name == "tensor"
    with pytest.raises(UnavailableError) as caught:
        start(data, engine="jit")
    assert "llvmlite" in str(caught.value.message)
    assert "jit" in str(caught.value.hint)
    assert engine_for(describe(data), "jit", trains=False).predict(np.zeros(337), np.zeros((2, 2))).shape == (2, 1)


def test_a_net_with_many_outputs_or_a_function_without_compiled_form_is_refused() -> None:
    classes = limits.COMPILED_OUTPUTS
    for count, refused in ((classes, False), (classes + 1, True)):
        labels = tuple(map(str, range(count)))
        data = Data("d", ("x",), np.zeros((count, 1)), "y", np.arange(float(count)), labels)
        found = JitEngine.obstacle(describe(data, hidden=(2,)))
        assert (found is not None and f"at most {classes} outputs" in found) == refused
    found = JitEngine.obstacle(describe(make("moons"), activation="polygamma(20,x)"))
    assert found is not None
    assert "polygamma has no compiled form" in found
    with pytest.raises(UsageError, match="polygamma"):
        start(make("moons", samples=40), engine="jit", activation="polygamma(20,x)")


def test_the_rule_of_auto_grows_with_updates() -> None:
    def worthwhile(epochs: int, hidden: tuple[int, ...]) -> bool:
        run = start(make("moons", samples=100), epochs=epochs, hidden=hidden, engine="tensor")
        return is_worthwhile(run.model, run.updates, 20)

    assert [worthwhile(epochs, (16, 16)) for epochs in (1, 10, 10_000)] == [False, False, True]
    assert [worthwhile(epochs, (500, 500)) for epochs in (1, 10_000)] == [False, True]
    # More parameters, or more rows in a batch, make it pay earlier.
    assert [worthwhile(20, hidden) for hidden in ((16, 16), (500, 500))] == [False, True]
    run = start(make("moons", samples=100), engine="tensor", epochs=10_000)
    assert [is_worthwhile(run.model, 80, batch) for batch in (20, 20_000)] == [False, True]
    assert chosen_engine(run.model, "adam", run.updates, 20) == "jit"


def test_a_run_that_goes_on_in_the_same_process_is_not_compiled_again() -> None:
    run = begun("the optimiser adam", "jit")
    options = run.settings.hyperparameters
    first = run.engine.runner_for("adam", options, None)
    assert run.engine.runner_for("adam", dict(options), None) is first
    assert run.engine.runner_for("adam", options, 0.5) is not first
