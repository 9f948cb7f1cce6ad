"""The process that keeps one server: starts it, restarts it after a crash, stops it after its last user.

Started by `services.sharing` as `python -m services.keeper PROJECT SERVICE`, in a session of its own, so
that Ctrl-C in a terminal does not reach it. It waits for an exclusive lock on the file that every user holds
shared: the kernel grants it when the last user has gone, however that one ended.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess  # nosec: starts one of the two servers
import sys
import threading
import time
from pathlib import Path
from typing import NoReturn

from services.engines import Engine, engine
from services.places import Unavailable
from services.processes import as_account, clean_environment, die_with_parent

START_WITHIN = 120.0  # seconds; recovery after a crash takes its time
RETRY_WITHIN = 8.0


class Keeper:
    """One server and what became of it."""

    def __init__(self, kept: Engine) -> None:
        self.kept = kept
        self.closing = threading.Event()
        self.server: subprocess.Popen[bytes]

    def start(self) -> None:
        """Start the server and wait until it answers.

        Tried again while a predecessor is still on its way out. Raises Unavailable when it does not come up.
        """
        self._end_orphan()
        begun = time.monotonic()
        while time.monotonic() < begun + RETRY_WITHIN and not self.closing.is_set():
            self.server = self._spawn()
            if self._comes_up(self.server, begun + START_WITHIN):
                return
            time.sleep(0.3)
        self.server.send_signal(self.kept.stop_signal)
        service = self.kept.places.service
        raise Unavailable(f"{service} does not start; its last words:\n{self.kept.places.last_words()}")

    def stop(self) -> None:
        """Ask the server to end."""
        if not self.closing.is_set():
            self.closing.set()
            if hasattr(self, "server"):
                self.server.send_signal(self.kept.stop_signal)

    def keep(self) -> None:
        """Hold the server up until the last user has gone."""
        threading.Thread(target=self._wait_for_last_user, daemon=True).start()
        while True:
            self.server.wait()
            if self.closing.is_set():
                return
            ended = (
                f"{self.kept.places.service} ended by itself ({self.server.returncode}); it is started again"
            )
            print(ended, file=sys.stderr, flush=True)
            self.start()

    def _comes_up(self, server: subprocess.Popen[bytes], deadline: float) -> bool:
        while server.poll() is None and time.monotonic() < deadline and not self.closing.is_set():
            if self.kept.answers():
                return True
            time.sleep(0.02)
        return False

    def _wait_for_last_user(self) -> None:
        users = os.open(self.kept.places.users_lock, os.O_RDWR)
        fcntl.flock(users, fcntl.LOCK_EX)  # kept to the end: newcomers wait until all is gone
        self.stop()

    def _spawn(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # nosec
            self.kept.command(),
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,
            stderr=sys.stderr,
            cwd="/",
            env=clean_environment(),
            preexec_fn=die_with_parent(self.kept.stop_signal),
            **as_account(self.kept.places.account),
        )

    def _end_orphan(self) -> None:
        pid = self.kept.orphan()
        if pid:
            os.kill(pid, self.kept.stop_signal)
            while self.kept.answers():
                time.sleep(0.02)


def take_keeper_lock(path: Path) -> bool:
    """Become the one keeper; the lock is held until this process ends. False when there is one already."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    for _ in range(20):  # a newcomer that looks whether there is a keeper holds it for a moment
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.02)
        else:
            os.ftruncate(handle, 0)
            os.write(handle, f"{os.getpid()}\n".encode())
            return True
    return False


def main(project: Path, service: str) -> NoReturn:
    """Keep that service of that project; the first line on standard output says how the start went."""
    kept = engine(project, service)
    keeper = Keeper(kept)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: keeper.stop())
    if not take_keeper_lock(kept.places.keeper_lock):
        sys.exit(0)
    try:
        kept.prepare()
        keeper.start()
        kept.finish_start()
        print(f"ready {kept.url}", flush=True)
        os.dup2(2, 1)  # the one who started us reads to the end of the first line's pipe
        keeper.keep()
    except Unavailable as error:
        print(error, flush=True)
        sys.exit(1)
    finally:
        shutil.rmtree(kept.places.sockets, ignore_errors=True)
    sys.exit(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
