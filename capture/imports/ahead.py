"""Reading ahead: the next slice is read by one thread while the database works on this one."""

from __future__ import annotations

import queue
import sys
import threading
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

from django.utils.translation import override

Item = TypeVar("Item")
_END = object()
# Seconds. A thread that computes keeps one that only asks the database waiting this long at each answer; the
# usual 5 ms, some thirty times a slice, would make one after the other of what should go side by side.
_SWITCH = 0.0003


class Ahead(Generic[Item]):
    """The items of ``source``, made by a thread that is one ahead. ``close`` ends it.

    What the source raises is raised here. ``language`` is that of the texts it makes.
    """

    def __init__(self, source: Iterable[Item], *, language: str) -> None:
        self._source, self._language = source, language
        self._queue: queue.Queue[object] = queue.Queue(maxsize=1)
        self._closed = threading.Event()
        self._error: BaseException | None = None
        self._switched = sys.getswitchinterval()
        sys.setswitchinterval(_SWITCH)
        self._thread = threading.Thread(target=self._work, name="reads-ahead", daemon=True)
        self._thread.start()

    def _work(self) -> None:
        try:
            with override(self._language):
                for item in self._source:
                    if not self._put(item):
                        return
        except BaseException as error:  # noqa: BLE001  # handed over to whoever waits
            self._error = error
        self._put(_END)

    def _put(self, item: object) -> bool:
        while not self._closed.is_set():
            try:
                self._queue.put(item, timeout=0.2)
            except queue.Full:
                continue
            return True
        return False

    def __iter__(self) -> Iterator[Item]:
        while (item := self._queue.get()) is not _END:
            yield item  # type: ignore[misc]  # only items and the end are put in
        if self._error is not None:
            raise self._error

    def close(self) -> None:
        """Stop reading; waits for the thread."""
        self._closed.set()
        while not self._queue.empty():
            self._queue.get_nowait()
        self._thread.join(timeout=30)
        sys.setswitchinterval(self._switched)
