"""Places where a test may make the process die, fail, wait or stop (bar: faults, failpoints)."""

from __future__ import annotations

import os
import signal
import time


class FailpointRaised(RuntimeError):
    """What ``raise`` raises."""


def _parse(spec: str) -> dict[str, str]:
    """``"email.after_data=kill9,ingest.before_commit=sleep:30"`` as a table."""
    return dict(part.strip().split("=", 1) for part in spec.split(",") if "=" in part)


_ACTIONS = _parse(os.environ.get("FAILPOINTS", ""))


def failpoint(name: str) -> None:
    """Do what ``FAILPOINTS`` asks for at ``name``; nothing at all without it.

    kill9: the process dies at once; raise: FailpointRaised; sleep:30: seconds; pause: until SIGCONT.
    """
    if not _ACTIONS:
        return
    action, _, argument = _ACTIONS.get(name, "").partition(":")
    if action == "kill9":
        os.kill(os.getpid(), signal.SIGKILL)
    elif action == "raise":
        raise FailpointRaised(name)
    elif action == "sleep":
        time.sleep(float(argument))
    elif action == "pause":
        os.kill(os.getpid(), signal.SIGSTOP)
