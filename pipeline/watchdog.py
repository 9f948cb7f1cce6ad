"""Keeps one Celery worker alive: starts it, watches that it really consumes, restarts it when it does not.

A worker that lost its broker may sit there for ever, alive and deaf (measured with Celery 5.7 and
redis-py 8). So every few seconds a canary task goes to a queue that only this worker reads; when a canary
was taken by the broker but nobody has run one for a minute, the worker is killed and started anew.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from datetime import timedelta
from types import FrameType

import structlog
from celery import current_app
from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from leads.models import Heartbeat

log = structlog.get_logger(__name__)

CANARY_EVERY = float(os.environ.get("WATCHDOG_CANARY_EVERY", "10"))  # seconds
DEAF_AFTER = float(os.environ.get("WATCHDOG_DEAF_AFTER", "60"))  # seconds
STARTUP_PATIENCE = 60.0  # seconds until the first answer of a new worker
SHUTDOWN_PATIENCE = 15.0  # seconds
LONGEST_PAUSE = 30.0  # seconds between two starts of a worker that keeps dying
_PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """In the child: be killed when the watchdog dies, so that nothing is left behind (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class Watchdog:
    """One worker and the eye on it."""

    def __init__(self, *, name: str, queues: str, concurrency: int) -> None:
        self.node = f"{name}.{os.getpid()}@{socket.gethostname()}"
        self.canary_queue = f"canary.{self.node}"
        self.command = [
            *(sys.executable, "-m", "celery", "-A", "config", "worker", "--loglevel", "WARNING"),
            *("--queues", f"{queues},{self.canary_queue}", "--hostname", self.node),
            *("--concurrency", str(concurrency)),
            *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        ]
        self.worker: subprocess.Popen[bytes] | None = None
        self.first_unanswered: float | None = None
        self.patience = STARTUP_PATIENCE
        self.stopping = False

    def run(self) -> None:
        """Until SIGTERM or SIGINT; leaves no worker behind."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        pause = 1.0
        while not self.stopping:
            started = time.monotonic()
            self._start()
            self._watch()
            self._end_worker()
            pause = 1.0 if time.monotonic() - started > DEAF_AFTER else min(pause * 2, LONGEST_PAUSE)
            if not self.stopping:
                log.warning("worker_restarts", node=self.node, pause=pause)
                time.sleep(pause)
        Heartbeat.objects.filter(name=self.node).delete()

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping = True

    def _start(self) -> None:
        self.first_unanswered = None
        self.patience = max(STARTUP_PATIENCE, DEAF_AFTER)
        self.worker = subprocess.Popen(  # our own command
            self.command,
            start_new_session=True,
            preexec_fn=die_with_parent,  # noqa: PLW1509
        )

    def _watch(self) -> None:
        """Return when the worker died, turned deaf or is to stop."""
        assert self.worker is not None
        next_canary = time.monotonic() + CANARY_EVERY
        while not self.stopping and self.worker.poll() is None:
            time.sleep(0.2)
            if time.monotonic() >= next_canary:
                next_canary += CANARY_EVERY
                if self._is_deaf():
                    log.error("worker_deaf", node=self.node)
                    return

    def _is_deaf(self) -> bool:
        """Whether canaries have been waiting for too long; sends the next one."""
        sent = time.monotonic()
        if not self._send_canary():
            self.first_unanswered = None  # the broker is away: no fault of the worker
            return False
        if self._has_answered():
            self.first_unanswered, self.patience = None, DEAF_AFTER
        elif self.first_unanswered is None:
            self.first_unanswered = sent
        return self.first_unanswered is not None and sent - self.first_unanswered > self.patience

    def _send_canary(self) -> bool:
        try:
            current_app.send_task(
                "pipeline.tasks.heartbeat",
                args=[self.node],
                queue=self.canary_queue,
                retry=False,
                expires=DEAF_AFTER,
                ignore_result=True,
            )
        except Exception as error:  # noqa: BLE001  # whatever ails the broker: canaries go on later
            log.warning("canary_failed", node=self.node, error=str(error))
            return False
        return True

    def _has_answered(self) -> bool:
        """Whether a canary was run within the last two rounds; an absent database proves nothing."""
        close_old_connections()
        try:
            fresh = timezone.now() - timedelta(seconds=2 * CANARY_EVERY)
            return Heartbeat.objects.filter(name=self.node, at__gt=fresh).exists()
        except DatabaseError as error:
            log.warning("heartbeat_unreadable", node=self.node, error=str(error))
            return True

    def _end_worker(self) -> None:
        """Ask it to finish, then make it."""
        if self.worker is None:
            return
        if self.worker.poll() is None:
            self.worker.terminate()
            try:
                self.worker.wait(SHUTDOWN_PATIENCE if self.stopping else 2.0)
            except subprocess.TimeoutExpired:
                log.warning("worker_killed", node=self.node)
        try:
            os.killpg(self.worker.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        finally:
            self.worker.wait()
