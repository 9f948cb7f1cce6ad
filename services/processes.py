"""How the servers' processes are started: as whom, with what around them, and until when."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable
from typing import TypedDict

from services.places import Account

PR_SET_PDEATHSIG = 1


class Identity(TypedDict, total=False):
    """Arguments for subprocess that change who runs the command."""

    user: int
    group: int
    extra_groups: list[int]


def clean_environment() -> dict[str, str]:
    """The servers' environment: nothing of ours may change what they do."""
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


def as_account(account: Account) -> Identity:
    """Arguments for subprocess: as root, become the servers' account."""
    if os.geteuid() != 0:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


def end_with_parent(stop_signal: signal.Signals) -> None:
    """Let the kernel stop this very process should its parent be killed (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(stop_signal), 0, 0, 0)


def die_with_parent(stop_signal: signal.Signals) -> Callable[[], None] | None:
    """A hook for the child that lets the kernel stop it should this process be killed (Linux only)."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def ask() -> None:
        prctl(PR_SET_PDEATHSIG, int(stop_signal), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return ask
