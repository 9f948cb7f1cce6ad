"""Users of the services: they join, use and leave; the first starts a server, the last lets it stop."""

from __future__ import annotations

import atexit
import fcntl
import os
import signal
import subprocess  # nosec: starts this package's own keeper
import sys
import time
from collections.abc import MutableMapping
from dataclasses import dataclass
from pathlib import Path

from services.engines import SERVICES, Engine, engine
from services.places import Unavailable

CODE = Path(__file__).resolve().parent.parent
ANSWER_WITHIN = 60.0


@dataclass
class Membership:
    """One process's use of one service, for as long as the lock file stays open in it."""

    used: Engine
    handle: int
    process: int
    keeper: subprocess.Popen[bytes] | None

    def leave(self) -> None:
        """Stop using the service; when nobody else does, wait until it has stopped.

        Does nothing in a forked child, which shares the lock with its parent.
        """
        if self.process != os.getpid() or self.handle < 0:
            return
        try:
            fcntl.flock(self.handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            # Others use it, or the keeper is stopping it already: the shared lock tells when that is over.
            fcntl.flock(self.handle, fcntl.LOCK_SH)
        else:
            stop_keeper(self.used)
        os.close(self.handle)
        self.handle = -1
        if self.keeper:
            self.keeper.returncode = self.keeper.poll() or 0  # it may outlive us; nobody waits for it


def join_missing(project: Path = CODE, environ: MutableMapping[str, str] = os.environ) -> list[Membership]:
    """Start or join each service whose URL is not set, set the URL, and stay until the process ends.

    Raises Unavailable with a text for people when a service cannot be had.
    """
    memberships = []
    for service, kind in SERVICES.items():
        if not environ.get(kind.variable):
            membership = join(project, service)
            atexit.register(membership.leave)
            environ[kind.variable] = membership.used.url
            memberships.append(membership)
    return memberships


def join(project: Path, service: str) -> Membership:
    """Use that service of that project; start it if it does not run."""
    used = engine(project, service)
    try:
        used.places.prepare()
        handle = os.open(used.places.users_lock, os.O_RDWR | os.O_CREAT, 0o600)
    except PermissionError as error:
        raise Unavailable(
            f"{error.filename} is another user's: run as that one, remove .data, or set {used.variable}."
        ) from None
    fcntl.flock(handle, fcntl.LOCK_SH)  # waits while the last server is still stopping
    try:
        keeper = _ensure_running(used)
    except BaseException:
        os.close(handle)
        raise
    return Membership(used=used, handle=handle, process=os.getpid(), keeper=keeper)


def is_kept(used: Engine) -> bool:
    """Whether a keeper holds the service up."""
    try:
        handle = os.open(used.places.keeper_lock, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def stop_keeper(used: Engine) -> None:
    """Let the keeper stop its server, even under its users, and wait for both."""
    while is_kept(used):
        try:
            pid = int(used.places.keeper_lock.read_text() or 0)
            if pid:
                os.kill(pid, signal.SIGTERM)
        except (ProcessLookupError, ValueError):
            pass
        time.sleep(0.02)


def _ensure_running(used: Engine) -> subprocess.Popen[bytes] | None:
    """Have a keeper and an answering server; the keeper, if it was started here.

    One newcomer at a time looks and starts.
    """
    keeper = None
    starter = os.open(used.places.locks / f"{used.places.service}.starter", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(starter, fcntl.LOCK_EX)
        deadline = time.monotonic() + ANSWER_WITHIN
        while not (is_kept(used) and used.answers()):
            if not is_kept(used):
                used.places.prepare()  # once more: a keeper that ended took its sockets' folder along
                keeper = _start_keeper(used)
            elif time.monotonic() > deadline:
                raise Unavailable(
                    f"{used.places.service} does not answer; its last words:\n{used.places.last_words()}"
                )
            else:
                time.sleep(0.05)
    finally:
        os.close(starter)
    return keeper


def _start_keeper(used: Engine) -> subprocess.Popen[bytes]:
    """Start the keeper and wait for its first line, which says how it went."""
    reading, writing = os.pipe()
    with used.places.log.open("w") as log, os.fdopen(writing, "w") as pipe:
        keeper = subprocess.Popen(  # nosec
            [sys.executable, "-m", "services.keeper", str(used.places.project), used.places.service],
            cwd=CODE,
            stdin=subprocess.DEVNULL,
            stdout=pipe,
            stderr=log,
            start_new_session=True,
        )
    with os.fdopen(reading) as pipe:
        said = pipe.read()
    if said and not said.startswith("ready "):
        keeper.wait()
        raise Unavailable(said.strip())
    return keeper
