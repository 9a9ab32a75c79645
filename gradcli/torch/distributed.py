"""``torch.distributed``: several processes that train one net, which aren't here; programs may ask whether they are."""

from __future__ import annotations

from typing import Any, NoReturn

from gradcli.errors import UsageError

__all__ = ["DistributedDataParallel", "destroy_process_group", "init_process_group", "is_available", "is_initialized"]


def is_available() -> bool:
    """Return whether several processes can train one net: never."""
    return False


def is_initialized() -> bool:
    """Return whether there is a group of processes: never."""
    return False


def _refuse() -> NoReturn:
    raise UsageError("one process trains a net here; start the program without torchrun, and use the module itself")


def init_process_group(*_: Any, **__: Any) -> NoReturn:
    """Refuse to begin a group of processes.

    Raises:
        UsageError: always.
    """
    _refuse()


def destroy_process_group(*_: Any, **__: Any) -> NoReturn:
    """Refuse to end a group of processes, of which there is none.

    Raises:
        UsageError: always.
    """
    _refuse()


class DistributedDataParallel:
    """A module whose gradients are the means of several processes; here it is refused.

    Raises:
        UsageError: always.
    """

    def __init__(self, *_: Any, **__: Any) -> None:
        _refuse()
