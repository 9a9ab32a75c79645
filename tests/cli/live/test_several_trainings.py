"""`gradcli train` with several runs: the same results however they are shared, and what is printed and saved."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradcli.cli.live import several_trainings
from gradcli.cli.live.run_files import Files
from gradcli.cli.live.several_trainings import with_spread
from gradcli.errors import UnavailableError
from gradcli.train.checkpoint import load
from tests.support.trainings import IRIS, NUMBERS, TINY, interrupt_after, trained

Run = Callable[..., Any]
pytestmark = pytest.mark.usefixtures("own_folder")
SMALL = (*TINY, "--epochs", "4")


def same(document: dict[str, Any]) -> dict[str, Any]:
    """What must not depend on who does the work."""
    return {name: value for name, value in document.items() if name not in ("seconds", "command", "model")}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A cluster in this process: the way to it is that to any other."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=False, dashboard_address=":0", silence_logs=60
    ) as found:
        yield found.scheduler_address


# Seeds


def test_each_run_is_that_of_its_seed_and_the_best_is_saved(inside: Run) -> None:
    document = trained(inside, "moons", *SMALL, "--seeds", "3", "--seed", "7", "-o", "best.safetensors")
    assert [one["seed"] for one in document["seeds"]] == [7, 8, 9]
    alone = []
    for one in document["seeds"]:
        seed = one.pop("seed")
        result = trained(inside, "moons", *SMALL, "--seed", str(seed), "-o", f"{seed}.safetensors")
        assert {**one, "dataset": "moons"} == {name: result[name] for name in (*one, "dataset")}
        alone.append(result["validation"]["loss"])
    assert document["seed"] == 7 + int(np.argmin(alone))
    assert document["mean"]["validation"]["loss"] == pytest.approx(np.mean(alone), rel=1e-15)
    assert document["spread"]["validation"]["loss"] == pytest.approx(np.std(alone, ddof=1), rel=1e-13)
    assert Path("best.safetensors").read_bytes() == Path(f"{document['seed']}.safetensors").read_bytes()


def test_processes_and_a_cluster_give_the_same_bytes(address: str, inside: Run) -> None:
    Path("iris.csv").write_text(IRIS)
    words = ["iris.csv", "--target", "species", "--hidden", "4", "--epochs", "4", "--seeds", "3"]
    found = []
    for name, crew in {"here": [], "two": ["--workers", "2"], "dask": ["--dask", address]}.items():
        found.append(same(trained(inside, *words, "-o", f"{name}.safetensors", "--history", f"{name}.csv", *crew)))
    assert found[0] == found[1] == found[2]
    for end in ("safetensors", "csv"):
        assert len({Path(f"{name}.{end}").read_bytes() for name in ("here", "two", "dask")}) == 1


def test_a_pipe_gets_a_row_for_each_run_then_mean_and_spread(inside: Run) -> None:
    found = inside("train", "moons", *SMALL, "--seeds", "2")
    lines = [line.split("\t") for line in found.out.splitlines()]
    assert lines[0] == ["seed", "loss", "accuracy", "validation_loss", "validation_accuracy"]
    assert [line[0] for line in lines[1:5]] == ["1337", "1338", "mean", "spread"]
    first, second, mean, spread = (np.array(line[1:], float) for line in lines[1:5])
    np.testing.assert_allclose(mean, (first + second) / 2, rtol=1e-14)
    np.testing.assert_allclose(spread, np.abs(first - second) / np.sqrt(2), rtol=1e-12)
    result = dict(line for line in lines[6:])
    assert (result["model"], result["best"] in ("1337", "1338")) == ("moons.safetensors", True)
    assert found.err.startswith(
        "moons: 40 rows; net 2-4-1 (relu, bce), 17 parameters; seeds 1337 to 1338; adam, 4 epochs"
    )
    assert found.err.endswith("repeat with: gradcli train moons " + " ".join(SMALL) + " --seeds 2\n")


def test_a_terminal_gets_a_table_and_sentences(inside: Run) -> None:
    found = inside("train", "moons", *SMALL, "--seeds", "2", terminal=True, environment={"TERM": "xterm"}, width=100)
    assert "0 of 2 runs" in found.err
    assert " mean " in found.out
    assert "validation loss " in found.out
    assert " ± " in found.out
    assert "the model is the net of seed 133" in found.out
    assert ", which has the smallest validation loss" in found.out


def test_runs_that_diverge_are_left_out_of_the_mean(inside: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ["moons", *TINY, "--epochs", "8", "--optimizer", "sgd", "--activation", "exp", "--seeds", "6", "--lr", "3"]
    found = inside("train", *words, "--json")
    document = json.loads(found.out)
    lost = [one for one in document["seeds"] if "diverged" in one]
    good = [one["validation"]["loss"] for one in document["seeds"] if "diverged" not in one]
    assert 0 < len(lost) < 6
    assert f"warning: {len(lost)} runs of 6 diverged; mean and spread are of the others" in found.err
    assert document["mean"]["validation"]["loss"] == pytest.approx(np.mean(good), rel=1e-15)
    assert document["seed"] not in [one["seed"] for one in lost]
    rows = inside("train", *words).out.splitlines()
    assert [row.split("\t")[1] for row in rows[1:7]].count("nan") == len(lost)


def test_if_every_run_diverges_nothing_is_saved(inside: Run) -> None:
    found = inside("train", "moons", *SMALL, "--seeds", "2", "--lr", "1e200")
    assert found.code == 7
    assert "error: every run diverged; seed 1337: the loss is no longer finite" in found.err
    assert not Path("moons.safetensors").exists()


# Folds


def test_each_row_is_held_out_once_and_classes_keep_their_shares(inside: Run) -> None:
    Path("iris.csv").write_text(IRIS)
    words = ["iris.csv", "--target", "species", "--hidden", "4", "--epochs", "3", "--folds", "5"]
    document = trained(inside, *words)
    assert [one["fold"] for one in document["folds"]] == [1, 2, 3, 4, 5]
    held = [one["held_out"] for one in document["folds"]]
    assert [one["rows"] for one in held] == [8, 7, 7, 7, 7]
    counts = [[sum(row) for row in one["confusion"]] for one in held]
    assert np.sum(counts, axis=0).tolist() == [12, 12, 12]
    assert {count for some in counts for count in some} == {2, 3}
    assert document["mean"]["held_out"]["accuracy"] == pytest.approx(np.mean([one["accuracy"] for one in held]))
    assert list(Path().glob("*.safetensors")) == []
    assert same(document) == same(trained(inside, *words, "--workers", "2"))
    assert same(document) != same(trained(inside, *words, "--seed", "1"))


def test_folds_of_a_number(inside: Run) -> None:
    Path("n.csv").write_text(NUMBERS)
    found = inside(
        "train", "n.csv", "--target", "y", "--hidden", "4", "--epochs", "3", "--folds", "3", "--split", "0.2"
    )
    lines = [line.split("\t") for line in found.out.splitlines()]
    assert lines[0][:4] == ["fold", "loss", "rmse", "r2"]
    assert lines[0][4:] == [f"{part}_{name}" for part in ("validation", "held_out") for name in ("loss", "rmse", "r2")]
    assert [line[0] for line in lines[1:6]] == ["1", "2", "3", "mean", "spread"]
    shown = inside("train", "n.csv", "--target", "y", "--epochs", "3", "--folds", "3", terminal=True, width=100).out
    assert "held-out loss " in shown
    assert "no model is saved, because each net has seen only some of the rows" in shown


# Races


def test_a_race_elsewhere_gives_the_files_and_lines_of_a_race_here(address: str, inside: Run) -> None:
    words = ["moons", *SMALL, "--race", "sgd,adam:0.05,sgd:1e200"]
    crews = {"here": [], "two": ["--workers", "2"], "dask": ["--dask", address]}
    files = {name: ["-o", f"{name}.safetensors", "--history", f"{name}.csv"] for name in crews}
    found = {name: inside("train", *words, *files[name], *crew) for name, crew in crews.items()}
    assert {one.code for one in found.values()} == {0}
    tables = [[row.split("\t")[:7] for row in one.out.splitlines()[:10]] for one in found.values()]
    assert tables[0] == tables[1] == tables[2]
    for end in ("safetensors", "csv"):
        assert len({Path(f"{name}.{end}").read_bytes() for name in crews}) == 1


# An early end


@pytest.mark.parametrize("crew", ["here", "two", "dask"])
def test_seeds_that_have_ended_are_reported_saved_and_not_trained_again(
    crew: str, address: str, inside: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("iris.csv").write_text(IRIS)
    words = ["train", "iris.csv", "--target", "species", "--hidden", "4", "--epochs", "4", "--seeds", "4", "--json"]
    words += ["-o", "a b.safetensors", "--history", "h.csv"]
    whole = json.loads(inside(*words).out)
    crew_words = {"here": [], "two": ["--workers", "2"], "dask": ["--dask", address]}[crew]
    files = {path.name: path.read_bytes() for path in Path().iterdir()}
    with monkeypatch.context() as patch:
        interrupt_after(2, patch)
        stopped = inside(*words, *crew_words)
    assert stopped.code == 130
    found = json.loads(stopped.out)
    assert (found["interrupted"], found["runs"], found["kept"]) == (True, 4, "a b.seeds")
    ended = [one["seed"] for one in found["seeds"]]
    assert len(ended) == 2
    assert found["seeds"] == [one for one in whole["seeds"] if one["seed"] in ended]
    losses = [one["validation"]["loss"] for one in found["seeds"]]
    assert found["mean"]["validation"]["loss"] == pytest.approx(np.mean(losses), rel=1e-15)
    assert found["seed"] == ended[int(np.argmin(losses))]
    assert load("a b.safetensors").settings.seed == found["seed"]
    assert sorted(path.name for path in Path("a b.seeds").iterdir()) == [f"seed-{seed}.safetensors" for seed in ended]
    *_, sentence, ending = stopped.err.splitlines()
    again = sentence.removeprefix("stopped after 2 of 4 runs; mean and spread are of these; continue with: ")
    assert ending == "interrupted"
    typed = shlex.split(again)
    own = [word for word in words if word != "--json"]
    assert typed == ["gradcli", *own, *crew_words, "--resume", "a b.seeds"]

    trained_now: list[int] = []
    monkeypatch.setattr(several_trainings, "run_shown", counting(trained_now))
    rest = inside(*words, "--resume", "a b.seeds")  # here, wherever the others were trained
    assert (rest.code, trained_now) == (0, [2])
    assert same(json.loads(rest.out)) == same(whole)
    assert json.loads(rest.out)["command"] == whole["command"]
    assert {name: Path(name).read_bytes() for name in files} == files


def counting(counts: list[int]) -> Callable[..., list[Any]]:
    """`run_shown`, which notes how many jobs it is given."""
    before = several_trainings.run_shown

    def run(session: Any, function: Any, jobs: Any, *more: Any) -> list[Any]:
        counts.append(len(jobs))
        return before(session, function, jobs, *more)

    return run


def test_folds_that_have_ended_are_reported_and_not_trained_again(inside: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ["train", "moons", *SMALL, "--folds", "5"]
    whole = inside(*words).out.splitlines()
    for ended, more in ((2, []), (1, ["--resume", "moons.folds"])):  # the second time, one more ends
        with monkeypatch.context() as patch:
            interrupt_after(ended, patch, lambda: SystemExit(143))
            stopped = inside(*words, *more)
        assert stopped.code == 143
        lines = stopped.out.splitlines()
        count = 2 if ended == 2 else 3
        assert lines[: count + 1] == whole[: count + 1]
        assert [line.split("\t")[0] for line in lines[count + 1 :]] == ["mean", "spread", "", "seconds"]
        sentence = f"stopped after {count} of 5 runs; mean and spread are of these; continue with: gradcli "
        assert stopped.err.endswith(f"{sentence}{' '.join(words)} --resume moons.folds\nended by SIGTERM\n")
    assert sorted(path.name for path in Path().rglob("*.*")) == [
        "fold-1.safetensors",
        "fold-2.safetensors",
        "fold-3.safetensors",
        "moons.folds",
    ]
    assert inside(*words, "--resume", "moons.folds").out.splitlines()[:8] == whole[:8]
    alone = inside("train", "--resume", "moons.folds")
    assert alone.code == 2
    assert "`moons.folds` is a folder of several runs" in alone.err


def test_a_terminal_gets_the_table_of_the_runs_that_have_ended(inside: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupt_after(1, monkeypatch)
    monkeypatch.setattr("gradcli.cli.live.run_files.find_spec", lambda name: None)  # figures take time
    words = ("train", "moons", *SMALL, "--seeds", "3", "--run", "all")
    found = inside(*words, terminal=True, environment={"TERM": "xterm"}, width=200)
    assert "the model is the net of seed 1337, which has the smallest validation loss" in found.out
    assert "1338" not in found.out
    assert "± " not in found.out  # one run has no spread
    assert "stopped after 1 of 3 runs; mean and spread are of these; continue with: " in found.err
    assert found.err.endswith("--seeds 3 --run all --resume all\ninterrupted\n")
    result = json.loads(Path("all/result.json").read_text())
    assert (result["interrupted"], result["kept"]) == (True, "all")
    assert {"model.safetensors", "seed-1337.safetensors"} <= {path.name for path in Path("all").iterdir()}


@pytest.mark.parametrize("words", [("--seeds", "3"), ("--folds", "3"), ("--race", "sgd,adam", "--workers", "2")])
@pytest.mark.parametrize("form", ["--plain", "--json"])
def test_before_a_run_has_ended_there_is_nothing_to_save(
    form: str, words: tuple[str, ...], inside: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupt_after(0, monkeypatch)
    found = inside("train", "moons", *SMALL, *words, form)
    assert found.code == 130
    count = 2 if "--race" in words else 3
    what = "no model is saved" if "--race" in words else "nothing is saved"
    assert found.err.endswith(f"stopped before the first of {count} runs ended: {what}\ninterrupted\n")
    assert len(found.out.splitlines()) == 1
    assert list(Path().iterdir()) == []


def test_runs_that_all_diverged_are_not_saved(address: str, inside: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ["moons", *SMALL, "--lr", "1e200"]
    for more in (["--seeds", "3"], ["--folds", "3"], ["--race", "sgd:1e200,sgd:1e100", "--dask", address]):
        with monkeypatch.context() as patch:
            interrupt_after(1, patch)
            found = inside("train", *(words[:-2] if "--race" in more else words), *more)
        assert found.code == 130
        assert re.search(r"stopped after 1 of \d runs, which all diverged: no", found.err), found.err
    assert list(Path().iterdir()) == []


def test_an_interrupted_race_elsewhere_is_one_of_those_that_have_ended(
    address: str, inside: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupt_after(2, monkeypatch)
    found = inside("train", "moons", *SMALL, "--race", "sgd,adam,momentum", "--dask", address, "--json")
    document = json.loads(found.out)
    assert (found.code, document["interrupted"], len(document["race"])) == (130, True, 2)
    assert document["winner"] in {one["name"] for one in document["race"]}
    assert load("moons.safetensors").settings.optimizer == document["winner"]
    assert "stopped after 2 of 3 runs; a race can't be continued\ninterrupted\n" in found.err


def test_what_stops_the_work_loses_no_run_that_has_ended(inside: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ("train", "moons", *SMALL, "--seeds", "3")
    interrupt_after(2, monkeypatch, lambda: UnavailableError("a worker process was ended by SIGKILL"))
    found = inside(*words, "--json")
    assert found.code == 5
    assert json.loads(found.out)["error"]["message"] == "a worker process was ended by SIGKILL"
    assert "stopped after 2 of 3 runs; " in found.err
    assert found.err.splitlines()[-2].endswith("--seeds 3 --resume moons.seeds")
    assert inside(*words, "--resume", "moons.seeds").code == 0


def test_a_closed_pipe_and_a_folder_that_cannot_be_made(inside: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ("train", "moons", *SMALL, "--seeds", "3")
    interrupt_after(1, monkeypatch, BrokenPipeError)
    found = inside(*words)
    assert found.code == 0
    assert found.err.endswith(
        "continue with: gradcli train moons " + " ".join((*SMALL, "--seeds", "3")) + " --resume moons.seeds\n"
    )
    assert load("moons.safetensors").settings.seed == 1337
    Path("b.seeds").touch()
    found = inside(*words, "-o", "b.safetensors")
    assert "; they can't be continued: can't make the folder `b.seeds`: " in found.err
    assert load("b.safetensors").settings.seed == 1337


def test_a_signal_after_the_last_run_changes_nothing(inside: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupt_after(2, monkeypatch)
    found = inside("train", "moons", *SMALL, "--seeds", "2")
    assert (found.code, "repeat with" in found.err, Path("moons.seeds").exists()) == (0, True, False)


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_ctrl_c_while_the_best_net_is_saved_loses_nothing(inside: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def write(files: Files, *content: Any) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        written(files, *content)

    written = Files.write
    monkeypatch.setattr(Files, "write", write)
    found = inside("train", "moons", *SMALL, "--seeds", "2")
    assert (found.code, found.err.splitlines()[-1].startswith("repeat with: ")) == (0, True)
    assert load("moons.safetensors").settings.seed == int(found.out.split("best\t")[1].split()[0])


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_ctrl_c_ends_several_runs(begun: Callable[..., Any]) -> None:
    child = begun("train", "moons", *TINY, "--epochs", "300", "--seeds", "3000")
    head = [child.stdout.readline() for _ in range(3)]
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=60)
    assert child.returncode == 130, err
    assert "Traceback" not in err
    found = re.search(r"stopped after (\d+) of 3000 runs; .* --resume moons\.seeds\ninterrupted\n", err)
    assert found is not None, err
    rows = [line.split("\t")[0] for line in [*head, *out.splitlines()]]
    ended = [str(seed) for seed in range(1337, 1337 + int(found[1]))]
    assert len(ended) >= 2
    assert rows == ["seed", *ended, "mean", "spread", "", "best", "model", "seconds"]
    assert sorted(path.name for path in Path("moons.seeds").iterdir()) == [f"seed-{one}.safetensors" for one in ended]
    assert load("moons.safetensors").settings.seed == int(out.split("best\t")[1].split()[0])


@pytest.mark.parametrize(
    ("words", "code", "message", "hint"),
    [
        (
            ["--seeds", "2", "--resume", "m"],
            5,
            "`m` doesn't exist, but with several runs `--resume` takes",
            "leave out",
        ),
        (["--folds", "2", "--resume", "."], 2, "`.` has none of these runs: for example, there is no fold-1.safe", ""),
        (["--seeds", "2", "--replay", "m"], 2, "`--replay` can't be combined with `--seeds`, which trains several", ""),
        (["--seeds", "2", "--race", "sgd,adam"], 2, "`--race` can't be combined with `--seeds`", ""),
        (["--seeds", "2", "--folds", "2"], 2, "`--folds` can't be combined with `--seeds`", ""),
        (["--seeds", "2", "--view", "loss"], 2, "`--view` can't be combined with `--seeds`", ""),
        (["--seeds", "2", "--checkpoint-every", "1"], 2, "`--checkpoint-every` can't be combined with `--seeds`", ""),
        (["--seeds", "1"], 2, "`--seeds` takes a whole number of at least 2, not `1`", ""),
        (["--folds", "2", "-o", "m"], 2, "`--output` can't be combined with `--folds`", "saves none"),
        (["--folds", "2", "--test", "0.1"], 2, "`--test` can't be combined with `--folds`", ""),
        (["--folds", "2", "--patience", "3"], 2, "`--patience` waits for a better validation loss", "--split 0.2"),
        (["--folds", "41"], 2, "40 rows are too few for 41 folds", ""),
        (["--workers", "2"], 2, "`--workers` shares out several runs, and there is one", "--seeds, --folds or --race"),
        (["--dask", "tcp://h:1"], 2, "`--dask` shares out several runs, and there is one", ""),
        (["--race", "sgd,adam", "--workers", "2", "--view", "loss"], 2, "show no picture for `--view`", ""),
        (["--seeds", "2", "--seed", "4294967295"], 2, "`--seed` is a whole number from 0 to 2^32 - 1", ""),
        (["--seeds", "2", "-o", "none/m"], 5, "can't write `none/m`", ""),
    ],
)
def test_what_does_not_fit_several_runs_is_one_sentence(
    words: list[str], code: int, message: str, hint: str, inside: Run
) -> None:
    found = inside("train", "moons", *SMALL, *words)
    assert found.code == code, found.err
    assert message in found.err
    assert hint in found.err
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize("words", [["--seeds", "2"], ["--folds", "2"], ["--race", "sgd,adam", "--workers", "2"]])
def test_rows_from_standard_input_are_refused(words: list[str], inside: Run) -> None:
    found = inside("train", "-", "--target", "y", *words, stdin=NUMBERS)
    assert (found.code, found.err.splitlines()[1]) == (2, "  save them to a file first")


def test_a_spread_of_one_run_is_left_out() -> None:
    assert (
        with_spread({"rmse": 2.0, "loss": 0.5}, {"rmse": None, "loss": 0.0}, ("loss", "rmse")) == "loss 0.5 ± 0, rmse 2"
    )
