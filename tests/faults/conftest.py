"""Real processes on the test's own database: web servers, workers, clocks that can be killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis

from tests.processes import database_url, redis_url

ROOT = Path(__file__).resolve().parents[2]


def wait_for(holds: Callable[[], bool], *, within: float, what: str) -> None:
    """Wait until ``holds()``; fail the test with ``what`` when it does not within that many seconds."""
    end = time.monotonic() + within
    while not holds():
        if time.monotonic() > end:
            pytest.fail(f"{what} did not happen within {within:.0f} s")
        time.sleep(0.05)


@pytest.fixture
def broker() -> Iterator[redis.Redis]:
    """The Redis of this test's processes, empty before and after."""
    client = redis.Redis.from_url(redis_url())
    client.flushdb()
    yield client
    client.flushdb()
    client.close()


Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def start(transactional_db: None, broker: redis.Redis) -> Iterator[Start]:
    """Starts a command on the test database: ``start("manage.py", "supervise_worker", FAILPOINTS=…)``."""
    running: list[subprocess.Popen[bytes]] = []

    def run(*command: str, **environment: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env={**os.environ, "DATABASE_URL": database_url(), "REDIS_URL": redis_url(), **environment},
            start_new_session=True,
        )
        running.append(process)
        return process

    yield run
    for process in running:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def celery(queue: str = "pipeline", *, concurrency: int = 2) -> tuple[str, ...]:
    """The command of a bare worker."""
    return (
        *("-m", "celery", "-A", "config", "worker", "--queues", queue, "--concurrency", str(concurrency)),
        *("--loglevel", "ERROR", "--without-gossip", "--without-mingle", "--without-heartbeat"),
    )


BEAT = ("-m", "celery", "-A", "config", "beat", "--loglevel", "ERROR", "--pidfile=", "-s")
