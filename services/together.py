"""Several processes as one: started together, stopped together, nothing left over.

Each writes to a log of its own. When one ends by itself, or this process is told to stop, all are stopped:
politely, then not.
"""

from __future__ import annotations

import signal
import subprocess  # nosec: starts the commands that the caller gave
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from os import environ, killpg
from pathlib import Path
from types import FrameType
from typing import Self

from services.processes import die_with_parent

STOP_WITHIN = 20.0


class Stopped(Exception):
    """Someone asked for the end."""


class Together:
    """A group of processes; use as a context manager."""

    def __init__(self, logs: Path) -> None:
        self.logs = logs
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        self.logs.mkdir(parents=True, exist_ok=True)
        _listen(_stop)
        return self

    def __exit__(self, *_: object) -> None:
        _listen(signal.SIG_IGN)
        self._tell(signal.SIGTERM)
        deadline = time.monotonic() + STOP_WITHIN
        for process in self.running.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, deadline - time.monotonic()))
        self._tell(signal.SIGKILL)
        for process in self.running.values():
            process.wait()

    def start(self, name: str, command: Sequence[str], extra: Mapping[str, str] | None = None) -> None:
        """Start one more, in a process group of its own so that Ctrl-C reaches only us."""
        with self.log(name).open("wb") as log:
            self.running[name] = subprocess.Popen(  # nosec
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=environ | (extra or {}),
                process_group=0,
                preexec_fn=die_with_parent(signal.SIGTERM),
            )

    def wait(self, until: Callable[[], bool] = lambda: False, *, within: float | None = None) -> str:
        """Wait until the condition holds (then "") or a process ends by itself (then its name).

        Raises Stopped when told to stop, TimeoutError after ``within`` seconds.
        """
        begun = time.monotonic()
        while not until():
            for name, process in self.running.items():
                if process.poll() is not None:
                    return name
            if within and time.monotonic() - begun > within:
                raise TimeoutError
            time.sleep(0.2)
        return ""

    def log(self, name: str) -> Path:
        """Where that process writes."""
        return self.logs / f"{name}.log"

    def _tell(self, number: signal.Signals) -> None:
        for process in self.running.values():
            # The group may have members left when its leader has gone.
            with suppress(ProcessLookupError, PermissionError):
                killpg(process.pid, number)


def _listen(handler: Callable[[int, FrameType | None], None] | signal.Handlers) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, handler)


def _stop(_number: int, _frame: FrameType | None) -> None:
    _listen(signal.SIG_IGN)  # once is enough: Ctrl-C comes from the terminal and from make
    raise Stopped
