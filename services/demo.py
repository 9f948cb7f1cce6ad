"""`python -m services.demo`: the whole application on this machine, until Ctrl-C.

Expects DATABASE_URL and REDIS_URL (`python -m services run`), a migrated database with the demo in it,
collected static files, and what to tell people in .data/demo.txt: `make demo` sees to all that. PORT,
MAIL_PORT and LISTEN (an address) change where it listens.
"""

from __future__ import annotations

import http.client
import os
import socket
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from services.together import Stopped, Together

PROJECT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
ANSWER_WITHIN = 60.0


@dataclass(frozen=True)
class Ports:
    """Where people find things."""

    host: str
    web: int
    mail: int
    smtp: int

    @classmethod
    def from_environment(cls) -> Ports:
        """The ports asked for; SystemExit with a sentence when one is taken."""
        host = os.environ.get("LISTEN") or "127.0.0.1"
        web, mail = (
            int(os.environ.get(name) or usual) for name, usual in (("PORT", 8000), ("MAIL_PORT", 8025))
        )
        for name, port, where in (("PORT", web, host), ("MAIL_PORT", mail, "127.0.0.1")):
            if not is_free(where, port):
                sys.exit(
                    f"Port {port} is taken by another program: choose one, as `make demo {name}={port + 1}`."
                )
        return cls(
            host=host, web=web, mail=mail, smtp=1025 if is_free("127.0.0.1", 1025) else any_free_port()
        )


def main() -> int:
    """Start all, say where it is, wait; the exit code."""
    ports = Ports.from_environment()
    own_sink = not os.environ.get("EMAIL_URL")
    if own_sink:
        os.environ["EMAIL_URL"] = f"smtp+plain://127.0.0.1:{ports.smtp}"
    os.environ.setdefault("SITE_URL", f"http://127.0.0.1:{ports.web}")
    with Together(PROJECT / ".data" / "log") as group:
        try:
            if own_sink:
                sink = {"SMTP_PORT": str(ports.smtp), "MAIL_PORT": str(ports.mail)}
                group.start("mailsink", [sys.executable, "-m", "services.mailsink"], sink)
            group.start("web", web(ports))
            ended = group.wait(lambda: answers(ports.web), within=ANSWER_WITHIN)
            if not ended:
                for name, command in others().items():
                    group.start(name, command)
                welcome(ports, own_sink=own_sink)
                ended = group.wait()
        except Stopped:
            print("\nStopping…", flush=True)
            return 0
        except TimeoutError:
            ended = "web"
    print(f"`{ended}` failed; the end of {group.log(ended).relative_to(PROJECT)}:", file=sys.stderr)
    print(group.log(ended).read_text(errors="replace")[-3000:], file=sys.stderr)
    return 1


def web(ports: Ports) -> list[str]:
    """The pages and the API."""
    return [
        *(str(BIN / "granian"), "config.wsgi:application", "--interface", "wsgi", "--http", "1", "--no-ws"),
        *("--host", ports.host, "--port", str(ports.web), "--workers", "2", "--blocking-threads", "4"),
        *("--respawn-failed-workers", "--workers-kill-timeout", "5"),
    ]


def others() -> dict[str, list[str]]:
    """What works behind the pages."""
    manage = [sys.executable, "manage.py"]
    return {
        "worker": [*manage, "supervise_worker", "--queues", "pipeline"],
        "mailworker": [*manage, "supervise_worker", "--queues", "mail"],
        "jobworker": [*manage, "supervise_worker", "--queues", "jobs"],
        "scheduler": [str(BIN / "celery"), "--app", "config", "beat", "--loglevel", "warning", "--pidfile="],
    }


def answers(port: int) -> bool:
    """Whether the sign-in page is there."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def welcome(ports: Ports, *, own_sink: bool) -> None:
    """Say where to go, as whom, and how to stop."""
    print(f"\n  Écluse is running:  http://127.0.0.1:{ports.web}/")
    if own_sink:
        print(f"  What it sends:      http://127.0.0.1:{ports.mail}/")
    print(flush=True)
    credentials = PROJECT / ".data" / "demo.txt"
    if credentials.exists():
        print(credentials.read_text(), end="")
    started = float(os.environ.get("DEMO_BEGUN") or 0)
    took = f" (ready after {time.time() - started:.0f} s)" if started else ""
    print(f"\n  Ctrl-C stops all of it{took}. Logs are in .data/log.\n", flush=True)


def is_free(host: str, port: int) -> bool:
    """Whether nothing listens there yet."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def any_free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    os.chdir(PROJECT)
    sys.exit(main())
