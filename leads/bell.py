"""The doorbell: tells the workers, after the commit, that the agenda or the outbox has something.

PostgreSQL holds the work; Redis only rings. A thread of its own rings, so that a request never waits for
the broker, a thousand events ring once, and a hung Redis delays nobody. Whatever is not rung, the sweep
of the scheduler finds within seconds.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from celery import current_app
from django.db import transaction

log = structlog.get_logger(__name__)

TASKS = {
    "pipeline": "pipeline.tasks.drain",
    "forms": "capture.tasks.take_in",
    "mail": "nurturing.tasks.send_due",
    "jobs": "leads.tasks.deliver_webhooks",
}
QUEUES = {"forms": "pipeline"}  # where a bell has no queue of its own name
SHORTEST_GAP = 0.05  # seconds between two rings of one process: each costs a millisecond
PAUSE_AFTER_FAILURE = 5.0  # seconds; the sweep takes over meanwhile


class _Ringer(threading.Thread):
    """Rings for one process."""

    def __init__(self) -> None:
        super().__init__(name="doorbell", daemon=True)
        self._queues: set[tuple[str, float]] = set()
        self._changed = threading.Condition()

    def ask(self, queue: str, after: float) -> None:
        """Have ``queue`` rung soon, or so many seconds later."""
        with self._changed:
            self._queues.add((queue, after))
            self._changed.notify()

    def run(self) -> None:
        """Ring what was asked for, for the life of the process."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._queues))
                queues, self._queues = self._queues, set()
            time.sleep(SHORTEST_GAP if all(_nudge(*one) for one in sorted(queues)) else PAUSE_AFTER_FAILURE)


def _nudge(queue: str, after: float) -> bool:
    """Publish the one task that drains ``queue``; False when the broker does not take it."""
    try:
        current_app.send_task(
            TASKS[queue],
            queue=QUEUES.get(queue, queue),
            countdown=after or None,
            retry=False,
            expires=60 + after,
            ignore_result=True,
        )
    except Exception as error:  # noqa: BLE001  # whatever ails the broker, the caller has done its work
        log.warning("doorbell_failed", queue=queue, error=str(error))
        return False
    return True


_ringers: dict[int, _Ringer] = {}  # by process: a forked child starts its own
_starting = threading.Lock()
_hushes: list[None] = []


@contextmanager
def hushed() -> Iterator[None]:
    """No ringing meanwhile in this process: for who empties agenda and outbox itself, as a loading does."""
    _hushes.append(None)
    try:
        yield
    finally:
        _hushes.pop()


def ring(queue: str = "pipeline", *, after: float = 0) -> None:
    """Ring after the current transaction's commit (at once outside one), or so many seconds later. Never
    fails, never waits."""
    if not _hushes:
        transaction.on_commit(lambda: _ask(queue, after), robust=True)


def _ask(queue: str, after: float) -> None:
    """Hand over to this process's thread."""
    with _starting:
        ringer = _ringers.get(os.getpid())
        if ringer is None:
            ringer = _ringers[os.getpid()] = _Ringer()
            ringer.start()
    ringer.ask(queue, after)
