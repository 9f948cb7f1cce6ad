"""What sending needs of a mail server, so that a test's or a demo's archive can stand in for it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from nurturing.retry import Failure


class SmtpFailure(Exception):
    """The server did not simply say yes; ``failure`` says how far it had come and what it answered."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure)
        self.failure = failure


class Session(Protocol):
    """One connection, for one batch; one envelope with one recipient per message."""

    def envelope(self, sender: str, recipient: str) -> None:
        """Announce a message. Raises SmtpFailure; nothing was handed over then."""

    def transmit(self, message: bytes) -> str:
        """Hand the message over and return the server's answer. Raises SmtpFailure."""

    def reset(self) -> None:
        """Take the envelope back."""

    @property
    def is_usable(self) -> bool:
        """Whether another message may be tried on this connection."""


class Transport(Protocol):
    """A way to a mail server."""

    def session(self) -> AbstractContextManager[Session]:
        """A connection, opened on entering. Raises SmtpFailure when it cannot be made."""
