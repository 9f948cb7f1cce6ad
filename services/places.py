"""Where the services keep their files, and as which user they run."""

from __future__ import annotations

import contextlib
import hashlib
import os
import pwd
import shutil
import stat
import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

LONGEST_SOCKET_PATH = 103  # macOS; Linux takes 107


class Unavailable(Exception):
    """A service cannot be started here; the text says why and what to do."""


@dataclass(frozen=True)
class Account:
    """The operating system's account that the servers run as."""

    uid: int
    gid: int
    name: str


@dataclass(frozen=True)
class Places:
    """The directories of one service of one project."""

    project: Path
    service: str

    @property
    def home(self) -> Path:
        """Git-ignored directory of everything that is made here."""
        return self.project / ".data"

    @property
    def locks(self) -> Path:
        """Who uses the service, who keeps it, and what it says."""
        return self.home / "run"

    @property
    def users_lock(self) -> Path:
        """Held shared by every user of the service."""
        return self.locks / f"{self.service}.users"

    @property
    def keeper_lock(self) -> Path:
        """Held by the process that started the service; contains what it wrote about it."""
        return self.locks / f"{self.service}.keeper"

    @property
    def log(self) -> Path:
        """What the service and its keeper say."""
        return self.home / "log" / f"{self.service}.log"

    @cached_property
    def account(self) -> Account:
        """The invoking user; as root the owner of existing data, otherwise ``nobody``.

        PostgreSQL refuses to run as root.
        """
        if os.geteuid() != 0:
            return _account(os.geteuid())
        owner = self.data.stat().st_uid if self.data.exists() else 0
        return _account(owner) if owner else _nobody()

    @cached_property
    def data(self) -> Path:
        """The service's own data: in `.data/`, or in /var/lib when root's project is closed to others."""
        return self._unprivileged_root / self.service

    @property
    def engine(self) -> Path:
        """Where the binaries are copied when the installed ones cannot be read by the servers' user."""
        return self._unprivileged_root / "engine"

    @cached_property
    def sockets(self) -> Path:
        """A directory for the sockets, short enough for their paths."""
        tag = hashlib.sha256(os.fsencode(self.project)).hexdigest()[:10]
        for parent in (tempfile.gettempdir(), "/tmp"):  # nosec: owner and mode are checked
            path = Path(parent) / f"ecluse-{os.geteuid()}-{tag}-{self.service}"
            if len(os.fsencode(path)) + len("/.s.PGSQL.5432") <= LONGEST_SOCKET_PATH:
                return path
        raise Unavailable("No directory has a path short enough for a socket; set TMPDIR to a shorter one.")

    @cached_property
    def _unprivileged_root(self) -> Path:
        if os.geteuid() != 0 or reachable_by_others(self.project):
            return self.home
        tag = hashlib.sha256(os.fsencode(self.project)).hexdigest()[:10]
        return Path("/var/lib/ecluse") / tag

    def last_words(self) -> str:
        """The end of the service's log."""
        try:
            return self.log.read_text(errors="replace")[-2000:]
        except OSError:
            return "(no log)"

    def prepare(self) -> None:
        """Make the directories, each owned and closed as it must be."""
        self.home.mkdir(mode=0o755, exist_ok=True)
        for directory in (self.locks, self.log.parent):
            directory.mkdir(mode=0o700, exist_ok=True)
        if self._unprivileged_root != self.home:
            self._unprivileged_root.mkdir(mode=0o755, parents=True, exist_ok=True)
        own_directory(self.sockets, uid=self.account.uid, gid=self.account.gid, mode=0o700)

    def forget(self) -> None:
        """Delete the service's data; the service must not run."""
        shutil.rmtree(self.data, ignore_errors=True)
        shutil.rmtree(self.sockets, ignore_errors=True)
        self.log.unlink(missing_ok=True)


def own_directory(path: Path, *, uid: int, gid: int, mode: int) -> None:
    """Make the directory, or check that an existing one is ours and not a trap laid in a shared place.

    Raises Unavailable when it belongs to someone else.
    """
    with contextlib.suppress(FileExistsError):
        path.mkdir(mode=0o700)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {uid, os.geteuid()}:
        raise Unavailable(
            f"{path} exists and belongs to someone else: remove it, or set TMPDIR to another place."
        )
    if found.st_uid != uid:
        os.chown(path, uid, gid, follow_symlinks=False)
    path.chmod(mode)


def reachable_by_others(path: Path) -> bool:
    """Whether any user can enter this directory, all the way from the root."""
    resolved = path.resolve()
    return all(step.stat().st_mode & stat.S_IXOTH for step in (resolved, *resolved.parents))


def _account(uid: int) -> Account:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        raise Unavailable(
            f"User number {uid} has no name on this machine, and PostgreSQL needs one: run as a named user, "
            "or set DATABASE_URL and REDIS_URL."
        ) from None
    return Account(uid=uid, gid=entry.pw_gid, name=entry.pw_name)


def _nobody() -> Account:
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        raise Unavailable(
            "There is no user `nobody`: run as an ordinary user, or set DATABASE_URL."
        ) from None
    return Account(uid=entry.pw_uid, gid=entry.pw_gid, name="nobody")
