"""`gradcli.jobs`: the same results here, in processes and on a cluster, and what happens when something goes wrong."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import gradcli
import tests.support.job_functions as functions
from gradcli import jobs
from gradcli.errors import NotFiniteError, UnavailableError, UsageError
from gradcli.jobs import HERE, Crew, Job, cores, run_jobs, tell

TWO = Crew(2)
needs_posix = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")


def numbered(count: int, *before: Any) -> list[Job]:
    return [Job(f"job {number}", (*before, number)) for number in range(count)]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    pytest.importorskip("distributed")
    with functions.cluster_of_two() as found:
        yield found


@pytest.fixture
def dask(cluster: Any) -> Crew:
    return Crew(dask=cluster.scheduler_address)


def test_results_come_in_the_order_of_the_jobs_and_each_is_told_when_it_is_there() -> None:
    told: list[tuple[int, Any]] = []
    found = run_jobs(functions.square, numbered(5), TWO, lambda number, result: told.append((number, result)))
    assert [square for square, _ in found] == [0, 1, 4, 9, 16]
    assert sorted(told) == list(enumerate(found))
    processes = {process for _, process in found}
    assert os.getpid() not in processes
    assert len(processes) <= 2


def test_one_worker_is_this_process() -> None:
    assert run_jobs(functions.square, numbered(2)) == [(0, os.getpid()), (1, os.getpid())]
    assert run_jobs(functions.square, []) == run_jobs(functions.square, [], TWO) == []


@pytest.mark.parametrize("crew", [HERE, TWO], ids=["here", "two"])
def test_a_job_tells_which_share_of_it_is_done(crew: Crew) -> None:
    told: list[tuple[int, float]] = []
    jobs = numbered(3, 0.25)
    assert run_jobs(functions.tell_often, jobs, crew, told=lambda *one: told.append(one)) == [0, 1, 2]
    assert {*told} == {(0, 0.25), (1, 0.25), (2, 0.25)}
    tell(0.5)  # nobody listens outside a job
    assert len({*told}) == 3


def test_each_core_is_used_once() -> None:
    assert HERE.threads(None) is None
    assert HERE.threads(3) == Crew(2).threads(3) == 3
    assert Crew(1000).threads(None) == Crew(dask="tcp://127.0.0.1:1").threads(None) == 1
    assert Crew(2).threads(None) == max(1, cores() // 2)


@pytest.mark.parametrize("crew", [HERE, TWO])
def test_the_first_error_ends_the_rest_and_names_its_job(crew: Crew, tmp_path: Path) -> None:
    with pytest.raises(NotFiniteError) as caught:
        run_jobs(functions.fail, numbered(50, str(tmp_path)), crew)
    assert (caught.value.message, caught.value.hint, caught.value.place) == (
        "row 1: value is inf",
        "look at it",
        "job 1",
    )
    assert len([*tmp_path.iterdir()]) < 25


def test_an_error_comes_back_whole() -> None:
    with pytest.raises(UsageError) as caught:
        run_jobs(functions.refuse, numbered(2), TWO)
    error = caught.value
    assert (error.message, error.hint, error.arguments) == ("`learning_rate` is 0", "give another", ("learning_rate",))


def test_an_error_of_the_program_keeps_its_traceback() -> None:
    with pytest.raises(RuntimeError, match=r"^ZeroDivisionError: ") as caught:
        run_jobs(functions.break_down, numbered(2), TWO)
    assert "in break_down" in str(caught.value.__cause__)


@needs_posix
def test_a_process_that_is_killed_is_an_error_with_the_name_of_its_job() -> None:
    with pytest.raises(UnavailableError, match="a worker process was ended by SIGKILL") as caught:
        run_jobs(functions.die, numbered(4), TWO)
    assert (caught.value.place, caught.value.kind) == ("job 1", "lost_worker")
    assert "memory" in (caught.value.hint or "")


@needs_posix
def test_an_interruption_ends_all_processes_and_leaves_no_file(tmp_path: Path) -> None:
    def interrupt() -> None:
        while len([*tmp_path.iterdir()]) < 2:
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        run_jobs(functions.wait_with_a_file, numbered(5, str(tmp_path)), TWO)
    thread.join()
    assert [*tmp_path.iterdir()] == []


# On a cluster


def test_a_cluster_gives_the_results_in_the_order_of_the_jobs(dask: Crew) -> None:
    told: list[int] = []
    found = run_jobs(functions.square, numbered(5), dask, lambda number, result: told.append(number))
    assert [square for square, _ in found] == [0, 1, 4, 9, 16]
    assert sorted(told) == [0, 1, 2, 3, 4]
    assert os.getpid() not in {process for _, process in found}


def test_on_a_cluster_nobody_listens(dask: Crew) -> None:
    told: list[float] = []
    jobs = numbered(2, 0.25)
    assert run_jobs(functions.tell_often, jobs, dask, told=lambda number, share: told.append(share)) == [0, 1]
    assert told == []


def test_a_cluster_repeats_what_fails_for_a_moment(dask: Crew, tmp_path: Path) -> None:
    assert run_jobs(functions.fail_once, numbered(3, str(tmp_path)), dask) == [0, 1, 2]
    assert (tmp_path / "tried").exists()


@needs_posix
def test_a_cluster_repeats_the_job_of_a_worker_that_is_killed(dask: Crew, tmp_path: Path) -> None:
    assert run_jobs(functions.die_once, numbered(3, str(tmp_path)), dask) == [0, 1, 2]
    assert (tmp_path / "died").exists()


def test_a_cluster_ends_at_the_first_error(dask: Crew, tmp_path: Path) -> None:
    with pytest.raises(NotFiniteError, match="row 1: value is inf") as caught:
        run_jobs(functions.fail, numbered(100, str(tmp_path)), dask)
    assert caught.value.place == "job 1"
    assert len([*tmp_path.iterdir()]) < 50


def test_a_worker_without_a_package_is_named(dask: Crew) -> None:
    with pytest.raises(UnavailableError) as caught:
        run_jobs(functions.import_what_is_missing, numbered(1), dask)
    assert caught.value.message == "a worker of the cluster can't import `no_such_module`"
    assert "on every machine" in (caught.value.hint or "")


def test_a_worker_with_another_version_is_refused(dask: Crew, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gradcli, "__version__", "0.0.0")
    with pytest.raises(UnavailableError, match=r"a worker of the cluster has gradcli \S+, but this is gradcli 0\.0\.0"):
        run_jobs(functions.square, numbered(1), dask)


def test_an_error_of_the_program_on_a_cluster_says_what_it_was(dask: Crew) -> None:
    with pytest.raises(RuntimeError, match=r"^ZeroDivisionError: "):
        run_jobs(functions.break_down, numbered(1), dask)


def test_jobs_wait_for_the_first_worker_of_a_cluster_and_say_so() -> None:
    distributed = pytest.importorskip("distributed")
    said: list[str] = []
    with distributed.LocalCluster(n_workers=0, processes=False, dashboard_address=":0", silence_logs=60) as empty:

        def say(sentence: str) -> None:
            said.append(sentence)
            empty.scale(1)

        address = empty.scheduler_address
        assert run_jobs(divmod, [Job("only", (7, 2))], Crew(dask=address), say=say) == [(3, 1)]
    assert said == [f"the Dask cluster at `{address}` has no workers yet, so the work waits for them"]


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nowhere:at-all", ""])
def test_an_address_at_which_nobody_answers_is_one_sentence(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr(jobs, "_PATIENCE", 0.2)
    with pytest.raises(UnavailableError) as caught:
        run_jobs(functions.square, numbered(1), Crew(dask=address))
    assert caught.value.message == f"no Dask scheduler answers at `{address}`"


def test_without_distributed_the_fix_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with pytest.raises(UnavailableError) as caught:
        run_jobs(functions.square, numbered(1), Crew(dask="tcp://127.0.0.1:8786"))
    assert caught.value.message == "a cluster of Dask needs the package `distributed`, which is not installed"
    assert caught.value.hint == 'pip install "gradcli[dask]"'
