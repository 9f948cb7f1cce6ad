"""Driving the real web server: granian as in production, eight clients, processor time by process."""

from __future__ import annotations

import http.client
import multiprocessing
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import psycopg2

CLIENTS = 8
HOST = "bench.example"
_TICK = os.sysconf("SC_CLK_TCK")
GRANIAN = ("--interface", "wsgi", "--http", "1", "--no-ws", "--workers", "2", "--blocking-threads", "4")


def production(url: str) -> dict[str, str]:
    """The environment of a production server on the database ``url``, behind one proxy."""
    return os.environ | {
        "DATABASE_URL": url,
        "ECLUSE_ENV": "production",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "SITE_URL": f"https://{HOST}",
        "ALLOWED_HOSTS": HOST,
        "TRUSTED_PROXIES": "1",
        "EMAIL_URL": "smtp://127.0.0.1:25",
        "DEFAULT_FROM_EMAIL": f"bench@{HOST}",
        **{
            name: "".join(f"{name[at % len(name)]}{at:03}" for at in range(20))
            for name in ("SECRET_KEY", "LINK_SIGNING_KEY", "FINGERPRINT_KEY")
        },
    }


@dataclass(frozen=True, slots=True)
class Server:
    """A running web server."""

    port: int
    pid: int

    def cpu_seconds(self) -> float:
        """What it and its workers have used so far."""
        return sum(process_cpu(pid) for pid in (self.pid, *_children(self.pid)))


@contextmanager
def serving(application: str, environment: dict[str, str], *, path: str) -> Iterator[Server]:
    """The server on a free port, as the Dockerfile starts it, until the block ends; its log is kept aside."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    granian = str(Path(sys.executable).with_name("granian"))
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [granian, *GRANIAN, "--host", "127.0.0.1", "--port", str(port), f"{application}:application"],
            env=environment, stdout=log, stderr=log,
        )  # fmt: skip
        try:
            _await(port, path, process)
            yield Server(port, process.pid)
        finally:
            process.terminate()
            process.wait(30)


def _await(port: int, path: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until the server answers anything. Raises RuntimeError when it does not start."""
    for _attempt in range(600):
        if process.poll() is not None:
            raise RuntimeError("the web server did not start")
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", path, headers={"Host": HOST, "X-Forwarded-Proto": "https"})
            connection.getresponse().read()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the web server does not answer")


def process_cpu(pid: int) -> float:
    """Seconds of processor time that a process has used, 0 when it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICK


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


def backends_cpu(url: str) -> dict[int, float]:
    """Processor time so far of each server process of this database (they must be on this machine)."""
    connection = psycopg2.connect(url)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        pids = [row[0] for row in cursor.fetchall()]
    connection.close()
    return {pid: process_cpu(pid) for pid in pids}


def used_since(before: dict[int, float], after: dict[int, float]) -> float:
    """Seconds used between two readings."""
    return sum(seconds - before.get(pid, 0.0) for pid, seconds in after.items())


@dataclass(frozen=True, slots=True)
class Load:
    """What the clients measured: wall seconds from the first request to the last answer, latencies in ms."""

    seconds: float
    latencies: list[float]

    @property
    def p99_ms(self) -> float:
        """The 99th percentile."""
        return statistics.quantiles(self.latencies, n=100)[98]


def added_up(loads: Sequence[Load]) -> Load:
    """Several rounds as one."""
    return Load(sum(load.seconds for load in loads), [ms for load in loads for ms in load.latencies])


def post_all(
    port: int, path: str, headers: dict[str, str], shares: Sequence[Sequence[bytes]], *, expect: int
) -> Load:
    """Post each client's share of bodies from a process of its own, one after the other, all at once."""
    context = multiprocessing.get_context("fork")
    barrier = context.Barrier(len(shares) + 1)
    results: Any = context.Queue()
    sent = {"Host": HOST, "X-Forwarded-Proto": "https", "Content-Type": "application/json"} | headers
    target = Target(port, path, sent, expect)
    clients = [context.Process(target=_client, args=(target, share, barrier, results)) for share in shares]
    for client in clients:
        client.start()
    barrier.wait()
    told = [results.get() for _ in clients]
    for client in clients:
        client.join()
    if errors := [one for one in told if isinstance(one, str)]:
        raise RuntimeError(errors[0])
    start = min(one[0] for one in told)
    return Load(max(one[1] for one in told) - start, [ms for one in told for ms in one[2]])


@dataclass(frozen=True, slots=True)
class Target:
    """Where the clients post, and the status that they must get."""

    port: int
    path: str
    headers: dict[str, str]
    expect: int


def _client(target: Target, bodies: Sequence[bytes], barrier: Barrier, results: Any) -> None:
    """One client with one kept-alive connection."""
    connection = http.client.HTTPConnection("127.0.0.1", target.port, timeout=30)
    latencies = []
    barrier.wait()
    start = time.perf_counter()
    for body in bodies:
        begun = time.perf_counter()
        try:
            connection.request("POST", target.path, body, target.headers)
            response = connection.getresponse()
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            # The server closed an idle connection; a real client asks again.
            connection.close()
            connection.request("POST", target.path, body, target.headers)
            response = connection.getresponse()
        answer = response.read()
        latencies.append((time.perf_counter() - begun) * 1000)
        if response.status != target.expect:
            results.put(f"{response.status}: {answer[:500]!r}")
            return
    results.put((start, time.perf_counter(), latencies))


def run_sql(url: str, *statements: str) -> None:
    """Run each statement in a transaction of its own."""
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    connection.close()
