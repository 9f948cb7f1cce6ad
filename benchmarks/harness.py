"""What every benchmark shares: a database of its own, sizes from the command line, the line of JSON."""

from __future__ import annotations

import json
import operator
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2

_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "<=": operator.le,
    "<": operator.lt,
    ">=": operator.ge,
    ">": operator.gt,
    "==": operator.eq,
}


def say(text: str) -> None:
    """Progress, on stderr."""
    print(text, file=sys.stderr, flush=True)


def size(name: str, default: int) -> int:
    """A size such as LEADS, from an argument ``LEADS=1000`` or the environment; ``_`` may group digits."""
    given = dict(argument.split("=", 1) for argument in sys.argv[1:] if "=" in argument)
    return int(given.get(name) or os.environ.get(name) or default)


@contextmanager
def own_database(name: str) -> Iterator[str]:
    """A fresh, migrated database beside that of DATABASE_URL, dropped at the end; its URL.

    Django is set up on it, so nothing of Django may be used before. Raises KeyError without DATABASE_URL.
    """
    server = os.environ["DATABASE_URL"]
    database = f"ecluse_bench_{name}"
    _administer(server, f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)', f'CREATE DATABASE "{database}"')
    parts = urlsplit(server)
    os.environ["DATABASE_URL"] = url = urlunsplit(parts._replace(path=f"/{database}"))
    try:
        _set_up()
        yield url
    finally:
        from django.db import connections

        connections.close_all()
        _administer(server, f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
        os.environ["DATABASE_URL"] = server


def _administer(url: str, *statements: str) -> None:
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    connection.close()


def _set_up() -> None:
    import django
    from django.core.management import call_command

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    call_command("migrate", verbosity=0)


@contextmanager
def timed(what: str) -> Iterator[list[float]]:
    """Says how long a step took; its seconds are in the list afterwards."""
    seconds: list[float] = []
    start = time.perf_counter()
    yield seconds
    seconds.append(time.perf_counter() - start)
    say(f"{what}: {seconds[0]:.2f} s")


def cpu_seconds(*pids: int) -> float:
    """CPU seconds that these processes have used so far; 0 where /proc does not tell (another machine)."""
    total = 0.0
    for pid in pids:
        stat = Path(f"/proc/{pid}/stat")
        if stat.exists():
            fields = stat.read_text().rpartition(")")[2].split()
            total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return total


def peak_mb() -> float:
    """The most memory that this process ever held, in MB."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def report(name: str, figures: Mapping[str, float | int | bool], reach: Mapping[str, str]) -> None:
    """Print the last line. ``reach`` holds conditions such as ``{"ratio": "<= 2"}``."""
    ok = all(_holds(figures[key], condition) for key, condition in reach.items())
    print(json.dumps({"name": name, "figures": dict(figures), "reach": dict(reach), "ok": ok}), flush=True)


def _holds(value: float, condition: str) -> bool:
    sign, limit = condition.split()
    wanted = {"true": 1.0, "false": 0.0}.get(limit)
    return _COMPARE[sign](value, float(limit) if wanted is None else wanted)
