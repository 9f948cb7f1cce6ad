"""A project folder of its own for each test, and nothing left of its services afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from services.engines import SERVICES, engine
from services.sharing import CODE, stop_keeper


def wait_until(condition: Callable[[], bool], *, within: float = 15.0) -> None:
    """Return as soon as the condition holds; fail when it does not come true in time (seconds)."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def processes_of(project: Path) -> list[str]:
    """Command lines of living processes that name the project's folder or its sockets."""
    names = [os.fsencode(project), *(os.fsencode(engine(project, name).places.sockets) for name in SERVICES)]
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = entry.read_bytes()
        except OSError:
            continue
        if any(name in line for name in names):
            found.append(line.replace(b"\0", b" ").decode(errors="replace"))
    return found


def process_id(project: Path, service: str) -> int:
    """The server's process number, asked from the server itself."""
    found = engine(project, service).orphan()
    assert found
    return found


def clean_up(project: Path) -> None:
    """Stop what runs and delete what was made, also outside the project."""
    for name in SERVICES:
        kept = engine(project, name)
        stop_keeper(kept)
        kept.places.forget()
        if not kept.places.data.is_relative_to(project):
            shutil.rmtree(kept.places.data.parent, ignore_errors=True)
    shutil.rmtree(project, ignore_errors=True)


@pytest.fixture
def project() -> Iterator[Path]:
    """An empty folder that every user can enter."""
    path = Path(tempfile.mkdtemp(prefix="ecluse-project-", dir="/tmp"))
    path.chmod(0o755)
    yield path
    clean_up(path)


@pytest.fixture
def checkout(project: Path) -> Path:
    """A project folder with the code of the services in it, to be used by its command line."""
    shutil.copytree(CODE / "services", project / "services", ignore=shutil.ignore_patterns("__pycache__"))
    return project


@pytest.fixture
def without_services() -> dict[str, str]:
    """The environment without the URLs, so that everything is embedded."""
    return {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}


@pytest.fixture
def command(checkout: Path, without_services: dict[str, str]) -> Callable[..., subprocess.Popen[str]]:
    """Start `python -m services …` in the checkout."""

    def start(*arguments: str, **environment: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "services", *arguments],
            cwd=checkout,
            env=without_services | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start
