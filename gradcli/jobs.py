"""Jobs: the same function for many files or many choices, here, in several processes or on a cluster of Dask.

A job is a call of a function of a module with plain arguments: texts, numbers, and tuples and dictionaries of these.
So it can travel to another process or machine, and a cluster can repeat it.  A job has to give the same result and the
same files wherever and however often it runs.  A long job calls `tell`, so that a user can be shown how far it is.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from contextvars import ContextVar
from functools import partial
from typing import TYPE_CHECKING, Any

from gradcli.errors import GradcliError, UnavailableError, missing_extra
from gradcli.records import NamedTuple

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

__all__ = ["HERE", "Crew", "Job", "cores", "run_jobs", "tell"]

#: How often a cluster repeats a job that fails because a file can't be read or written at the moment.
_RETRIES = 2
#: The seconds that a scheduler has to answer.
_PATIENCE = 10
#: The seconds that a process has to remove its unfinished files when it is told to end.
_TIDYING = 15
#: The seconds between two messages of a process about the share of its job that is done.
_PAUSE = 0.1
#: The function that is called with the share of the running job that is done; None if nobody wants to know it.
_LISTENER: ContextVar[Callable[[float], None] | None] = ContextVar("listener", default=None)


class Job(NamedTuple):
    """A call of a function with plain arguments.

    Attributes:
        name: what the job is about, such as the name of a table, for messages.
        arguments: the arguments of the function.
    """

    name: str
    arguments: tuple[Any, ...]


class Crew(NamedTuple):
    """The processes or the cluster that run jobs.

    Attributes:
        workers: the number of processes; 1 is this process itself.
        dask: the address of the scheduler of a Dask cluster, whose workers run the jobs instead; None for no cluster.
    """

    workers: int = 1
    dask: str | None = None

    def threads(self, wanted: int | None) -> int | None:
        """Return the number of threads for each job, so that all jobs together use each core once.

        None lets a job use every core.  A cluster counts one core for each job that a worker runs at a time.

        >>> Crew(dask="tcp://127.0.0.1:8786").threads(None), Crew(2).threads(3), HERE.threads(None)
        (1, 3, None)
        """
        if wanted is not None or self == HERE:
            return wanted
        return 1 if self.dask is not None else max(1, cores() // self.workers)


#: This process alone.
HERE = Crew()


def cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_jobs(
    function: Callable[..., Any],
    jobs: Sequence[Job],
    crew: Crew = HERE,
    done: Callable[[int, Any], None] = lambda number, result: None,
    say: Callable[[str], None] = lambda sentence: None,
    told: Callable[[int, float], None] = lambda number, share: None,
) -> list[Any]:
    """Run jobs, and return their results in the order of the jobs.

    If a job fails, no other job is begun, and those in other processes are ended.  The same holds for an exception that
    a signal raises here.

    Args:
        function: a function of a module, which each job calls.
        jobs: the jobs.
        crew: what runs them.
        done: a function that is called with the number and the result of each job, in the order in which they end.
        say: a function that is called with a sentence if the jobs have to wait.
        told: a function that is called with the number of a job and the share of it that is done, whenever the job
            calls `tell`; not if a cluster runs it.

    Raises:
        GradcliError: a job failed; its ``place`` is the name of the job.
        UnavailableError: a process or the cluster is lost, or `distributed` is not installed.

    >>> run_jobs(divmod, [Job("first", (7, 2)), Job("second", (9, 5))])
    [(3, 1), (1, 4)]
    """
    results: dict[int, Any] = {}
    outcomes: _Outcomes
    if crew.dask is not None:
        outcomes = _on_cluster(function, jobs, crew.dask, say)
    elif min(crew.workers, len(jobs)) > 1:
        outcomes = _in_processes(function, jobs, min(crew.workers, len(jobs)), told)
    else:
        outcomes = _here(function, jobs, told)
    with closing(outcomes):
        for number, (error, result) in outcomes:
            if isinstance(error, GradcliError):
                error.place = jobs[number].name
            if error is not None:
                raise error
            results[number] = result
            done(number, result)
    return [results[number] for number in range(len(jobs))]


def tell(share: float) -> None:
    """Say which share of the running job is done, from 0 to 1; a job calls this as often as it likes.

    >>> shares = []
    >>> run_jobs(tell, [Job("half", (0.5,))], told=lambda number, share: shares.append((number, share)))
    [None]
    >>> shares
    [(0, 0.5)]
    """
    listener = _LISTENER.get()
    if listener is not None:
        listener(share)


#: The error of a job, or None; and its result.
_Outcome = tuple[Exception | None, Any]
#: The numbers of jobs, each with its outcome, in the order in which the jobs end.
_Outcomes = Generator[tuple[int, _Outcome], None, None]


def _outcome(function: Callable[..., Any], arguments: tuple[Any, ...]) -> _Outcome:
    try:
        return None, function(*arguments)
    except Exception as error:
        return error, None


def _here(function: Callable[..., Any], jobs: Sequence[Job], told: Callable[[int, float], None]) -> _Outcomes:
    """Run jobs in this process, one after the other."""
    for number, job in enumerate(jobs):
        before = _LISTENER.set(partial(told, number))
        try:
            outcome = _outcome(function, job.arguments)
        finally:
            _LISTENER.reset(before)
        yield number, outcome


# Processes


class _Worker:
    """A process that runs one job after the other.

    `concurrent.futures` is not used: when a process of its pool is told to end, it goes on with the next job.
    """

    def __init__(self, context: Any) -> None:
        self.connection: Connection
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs,), daemon=True)
        self.process.start()
        theirs.close()
        self.number = -1

    def begin(self, number: int, function: Callable[..., Any], job: Job) -> None:
        """Give the process a job."""
        self.number = number
        with suppress(BrokenPipeError):  # it has ended; `message` will say so
            self.connection.send((function, job.arguments))

    def message(self) -> float | _Outcome:
        """Return the next message: which share of the job is done, or how the job ended."""
        try:
            message = self.connection.recv()
        except (EOFError, OSError):
            self.process.join(_TIDYING)
            code = self.process.exitcode or 0
            how = f"by {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"
            hint = "is the memory full? fewer workers need less" if code == -getattr(signal, "SIGKILL", 0) else None
            return UnavailableError(f"a worker process was ended {how}", kind="lost_worker", hint=hint), None
        if isinstance(message, float):
            return message
        error, trace, result = message
        if error is not None and trace:
            error.__cause__ = RuntimeError(trace)
        return error, result

    def stop(self, *, at_once: bool) -> None:
        """Let the process end: when it has nothing to do or, if ``at_once``, after removing its unfinished files."""
        self.connection.close()
        if at_once:
            self.process.terminate()

    def wait(self) -> None:
        """Wait until the process has ended, or kill it if it takes too long."""
        self.process.join(_TIDYING)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()


def _serve(connection: Connection) -> None:
    """Run the jobs that arrive, until there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches every process, and the first one handles it
    last = time.monotonic()

    def pass_on(share: float) -> None:
        # If the first process is gone, this fails, and with it the job, which nobody wants any longer.
        nonlocal last
        if (now := time.monotonic()) - last >= _PAUSE:
            last = now
            connection.send(float(share))

    _LISTENER.set(pass_on)
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            function, arguments = connection.recv()
            error, result = _outcome(function, arguments)
            trace = ""
            if error is not None and not isinstance(error, (GradcliError, OSError)):
                import traceback

                trace = "".join(traceback.format_exception(error))
                error = RuntimeError(f"{type(error).__name__}: {error}")
            connection.send((error, trace, result))


def _in_processes(
    function: Callable[..., Any], jobs: Sequence[Job], count: int, told: Callable[[int, float], None]
) -> _Outcomes:
    """Run jobs in several processes."""
    import multiprocessing
    from multiprocessing.connection import wait

    context = multiprocessing.get_context("spawn")  # a process that is forked while threads run may hang
    waiting = deque(enumerate(jobs))
    workers: list[_Worker] = []
    is_complete = False
    try:
        with _no_interrupts_for_children():
            for _ in range(count):
                workers.append(_Worker(context))
        for worker in workers:
            worker.begin(waiting[0][0], function, waiting.popleft()[1])
        busy = {worker.connection: worker for worker in workers}
        while busy:
            for connection in wait([*busy]):
                worker = busy[connection]  # type: ignore[index]
                message = worker.message()
                if isinstance(message, float):
                    told(worker.number, message)
                    continue
                yield worker.number, message
                if waiting:
                    worker.begin(waiting[0][0], function, waiting.popleft()[1])
                else:
                    del busy[worker.connection]
        is_complete = True
    finally:
        for worker in workers:  # all at once, because each may take a moment
            worker.stop(at_once=not is_complete)
        for worker in workers:
            worker.wait()


@contextmanager
def _no_interrupts_for_children() -> Iterator[None]:
    """Let processes start without ever receiving Ctrl-C, not even while they import modules.

    A Ctrl-C during the block takes effect at its end.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


# A cluster


def _on_cluster(
    function: Callable[..., Any], jobs: Sequence[Job], address: str, say: Callable[[str], None]
) -> _Outcomes:
    """Run jobs on a cluster."""
    try:
        import distributed
    except ImportError:
        raise missing_extra("distributed", "dask", "a cluster of Dask") from None
    import logging

    dask: Any = distributed
    logger = logging.getLogger("distributed")  # what it says about lost workers is said by errors, or isn't needed
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        client = dask.Client(address, timeout=_PATIENCE, set_as_default=False)
    except Exception as error:
        logger.setLevel(level)
        hint = "the address is like tcp://127.0.0.1:8786; `dask scheduler` prints it"
        message = f"no Dask scheduler answers at `{address}`"
        raise UnavailableError(message, kind="no_cluster", hint=hint) from error
    futures: dict[Any, int] = {}
    try:
        run = os.urandom(6).hex()
        version = _version()
        for number, job in enumerate(jobs):
            key = f"gradcli-{function.__name__}-{run}-{number}"
            future = client.submit(_on_worker, version, function, job.arguments, key=key, pure=False, retries=_RETRIES)
            futures[future] = number
        if not client.scheduler_info()["workers"]:
            say(f"the Dask cluster at `{address}` has no workers yet, so the work waits for them")
        for future in dask.as_completed([*futures], loop=client.loop):
            yield futures[future], _outcome_of(future, address)
            future.release()
    finally:
        with suppress(Exception):  # the cluster may be gone
            client.cancel([*futures])
        with suppress(Exception):
            client.close()
        logger.setLevel(level)


def _version() -> str:
    return str(sys.modules["gradcli"].__version__)


def _on_worker(version: str, function: Callable[..., Any], arguments: tuple[Any, ...]) -> _Outcome:
    """Run a job on a worker of a cluster.

    An error that would come again is the result, so that the cluster doesn't repeat the job.
    """
    if version != _version():
        message = f"a worker of the cluster has gradcli {_version()}, but this is gradcli {version}"
        return UnavailableError(message, kind="other_version", hint="install the same version on every machine"), None
    error, result = _outcome(function, arguments)
    if error is None or (isinstance(error, GradcliError) and not isinstance(error, UnavailableError)):
        return error, result
    raise error


def _outcome_of(future: Any, address: str) -> _Outcome:
    """Return how a job ended on a cluster."""
    from distributed import KilledWorker

    try:
        if future.status == "finished":
            outcome: _Outcome = future.result()
            return outcome
        error = future.exception() if future.status == "error" else None
    except Exception as problem:
        error = problem
    if isinstance(error, (GradcliError, OSError)):
        return error, None
    if isinstance(error, KilledWorker):
        message = "every worker of the cluster that began the job was lost"
        return UnavailableError(message, kind="lost_worker", hint="is their memory full?"), None
    causes: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in causes:
        causes.append(cause)
        cause = cause.__cause__ or cause.__context__
    if any(isinstance(one, ImportError) for one in causes):
        missing = next(one for one in causes if isinstance(one, ImportError))
        message = f"a worker of the cluster can't import `{missing.name}`"
        hint = "install gradcli, with the same extras, on every machine of the cluster"
        return UnavailableError(message, kind="missing_extra", hint=hint), None
    if error is None:
        return UnavailableError(f"the Dask cluster at `{address}` is lost", kind="no_cluster"), None
    return RuntimeError(f"{type(error).__name__}: {error}"), None
