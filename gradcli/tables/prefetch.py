"""A generator that runs ahead of its consumer in a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterable
from contextlib import suppress
from queue import Empty, Queue
from typing import Any, TypeVar

__all__ = ["ahead"]

Item = TypeVar("Item")

# How many seconds to wait for a thread that may be stuck, for example in reading from a server that is gone.  One that
# works on a batch needs its time: the program must not end below it.
PATIENCE = 10.0


def ahead(
    items: Iterable[Item], depth: int = 1, stop: Callable[[], None] = lambda: None
) -> Generator[Item, None, None]:
    """The same items, made by a thread while the consumer works on earlier ones.

    An exception of the items is raised where the item would have come.  When the consumer stops, so does the thread.

    Args:
        items: what to run through; if it is a generator it is closed at the end, in the thread.
        depth: how many items may wait.
        stop: called when the consumer has stopped, before the thread is waited for.

    >>> list(ahead(range(3)))
    [0, 1, 2]
    """
    queue: Queue[tuple[Any, BaseException | None]] = Queue(depth)
    stopped = threading.Event()

    def work() -> None:
        error: BaseException | None = None
        try:
            for item in items:
                queue.put((item, None))
                if stopped.is_set():
                    break
        except BaseException as raised:  # it is raised again in the consumer's thread
            error = raised
        if isinstance(items, Generator):
            items.close()
        queue.put((None, error or StopIteration()))

    thread = threading.Thread(target=work, daemon=True)
    try:
        thread.start()  # where Ctrl-C may come as well
        while True:
            item, error = queue.get()
            if isinstance(error, StopIteration):
                return
            if error is not None:
                raise error
            yield item
    finally:
        stopped.set()
        stop()
        waited = 0.0
        while thread.is_alive() and waited < PATIENCE:
            try:
                queue.get_nowait()
            except Empty:
                with suppress(KeyboardInterrupt):  # a second one, of an impatient person
                    thread.join(0.01)
                waited += 0.01
