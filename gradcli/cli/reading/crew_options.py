"""The options that say what runs the jobs of a command: this process, several processes, or a cluster of Dask."""

from __future__ import annotations

from typing import Annotated, Any

from gradcli.errors import UsageError
from gradcli.jobs import Crew

__all__ = ["chosen_crew", "declared_crew", "refuse_crew"]


def declared_crew(typer: Any) -> dict[str, tuple[Any, Any]]:
    """Return the options as parameters of a command: the annotation and the default of each name.

    Args:
        typer: the module, or its stand-in in `gradcli.cli.reading.parameters`.
    """
    workers = typer.Option("--workers", metavar="N", min=1, help="the number of processes that share the work (1)")
    address = typer.Option(
        "--dask", metavar="ADDRESS", help="share the work among the workers of a Dask cluster, such as tcp://host:8786"
    )
    return {"workers": (Annotated[int | None, workers], None), "dask": (Annotated[str | None, address], None)}


def chosen_crew(workers: int | None, dask: str | None) -> Crew:
    """Return what runs the jobs.

    Raises:
        UsageError: both options are given.
    """
    if workers is not None and dask is not None:
        message = "`--workers` and `--dask` can't be given together"
        raise UsageError(message, kind="conflicting_options", hint="a cluster has its own workers")
    return Crew(workers or 1, dask)


def refuse_crew(workers: int | None, dask: str | None, why: str, hint: str) -> None:
    """Refuse the options where there is nothing to share.

    Args:
        workers, dask: the values of the options.
        why: what there is instead, as the end of a sentence.
        hint: what to do.
    """
    option = "--workers" if workers is not None else "--dask" if dask is not None else None
    if option is not None:
        raise UsageError(f"`{option}` {why}", kind="conflicting_options", hint=hint)
