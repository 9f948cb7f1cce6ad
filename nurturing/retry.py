"""What to do when an SMTP server does not simply say yes: one ladder, one answer.

Reply codes: RFC 5321 §4.2; enhanced status codes X.Y.Z: RFC 3463 (5.1.x address, 5.2.1 mailbox disabled,
5.7.x policy). A lead is only ever blamed for its own address.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Phase(StrEnum):
    """How far the conversation had come when it failed."""

    CONNECT = "connect"
    TLS = "tls"
    AUTH = "auth"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"  # the DATA command: nothing of the message was handed over yet
    BODY = "body"  # after the message began: the server may have taken it


class Action(StrEnum):
    """What follows from a failure."""

    RETRY = "retry"
    HARD_BOUNCE = "hard_bounce"
    FAIL = "fail"
    PAUSE_DOMAIN = "pause_domain"
    OPEN_BREAKER = "open_breaker"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Failure:
    """One failure: the phase, the reply code (None when the line broke or timed out), the reply's text."""

    phase: Phase
    code: int | None
    text: str = ""

    @property
    def enhanced(self) -> str:
        """The enhanced status code of the reply, "5.1.1", or ""."""
        match = _ENHANCED.match(self.text.strip())
        return match.group(0) if match else ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do, and when to try again (only with RETRY, OPEN_BREAKER and PAUSE_DOMAIN)."""

    action: Action
    retry_in: timedelta | None = None


_ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_LADDER = tuple(timedelta(minutes=m) for m in (5, 15, 45, 120, 360, 720, 1440))
_BREAKER_LADDER = tuple(timedelta(minutes=m) for m in (1, 2, 5, 15, 30))
DOMAIN_PAUSE = timedelta(hours=1)
_NOBODYS_FAULT = {Phase.CONNECT, Phase.TLS, Phase.AUTH}
_AUTH_CODES = {454, 530, 534, 535, 538}  # RFC 4954 §6


def judge(failure: Failure, *, attempts: int) -> Verdict:
    """The verdict on ``failure`` of the ``attempts``-th attempt (from 1) to send one message."""
    if failure.phase in _NOBODYS_FAULT or failure.code in _AUTH_CODES:
        return Verdict(Action.OPEN_BREAKER, breaker_pause(1))
    if failure.code is None or failure.code < 400:
        return Verdict(Action.UNKNOWN) if failure.phase is Phase.BODY else _again(attempts)
    if failure.enhanced.startswith("5.7."):
        return Verdict(Action.PAUSE_DOMAIN, DOMAIN_PAUSE)
    # 421 is the server closing the line, whatever it was asked: after the message it is still an answer.
    if failure.code < 500:
        return _again(attempts)
    return Verdict(Action.HARD_BOUNCE if _is_hard_bounce(failure) else Action.FAIL)


def breaker_pause(failures: int) -> timedelta:
    """How long nothing is tried after the ``failures``-th failure in a row to reach or enter the server."""
    return _BREAKER_LADDER[min(max(failures, 1), len(_BREAKER_LADDER)) - 1]


def _again(attempts: int) -> Verdict:
    if attempts > len(_LADDER):
        return Verdict(Action.FAIL)
    return Verdict(Action.RETRY, _LADDER[max(attempts, 1) - 1])


def _is_hard_bounce(failure: Failure) -> bool:
    """Only an address that does not exist or was closed: a full box or a refused sender is not one."""
    about_address = failure.enhanced.startswith("5.1.") and failure.enhanced not in {"5.1.7", "5.1.8"}
    return failure.phase is Phase.RCPT and (about_address or failure.enhanced == "5.2.1")
