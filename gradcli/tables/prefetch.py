"""A generator that makes its items in a second thread, ahead of its consumer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterable
from contextlib import suppress
from queue import Empty, Queue
from typing import Any, TypeVar

__all__ = ["ahead"]

Item = TypeVar("Item")

# The most seconds to wait for the thread at the end.  It may be stuck, for example while it reads from a server that is
# gone.  But if it works on a block, it has to finish before the program ends.
PATIENCE = 10.0


def ahead(items: Iterable[Item], stop: Callable[[], None] = lambda: None) -> Generator[Item, None, None]:
    """Yield the given items. A thread makes them while the consumer works on earlier items.

    An exception in the thread is raised in the consumer, in place of the next item.  When the consumer stops, the
    thread stops as well.

    Args:
        items: the items; a generator is closed at the end, in the thread.
        stop: a function that is called after the consumer has stopped, before `ahead` waits for the thread.

    >>> list(ahead(range(3)))
    [0, 1, 2]
    """
    queue: Queue[tuple[Any, BaseException | None]] = Queue(1)
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
        thread.start()  # inside `try`, because Ctrl-C may come here as well
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
