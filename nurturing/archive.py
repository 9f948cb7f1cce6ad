"""A transport that keeps what it is given: for the demonstration's past, and for previews."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class ArchiveTransport:
    """Takes every message and keeps (recipient, bytes), the newest last; ``keep`` bounds how many."""

    keep: int = 1000
    messages: list[tuple[str, bytes]] = field(default_factory=list)

    @contextmanager
    def session(self) -> Iterator[ArchiveSession]:
        """A session that always says yes."""
        yield ArchiveSession(self)


@dataclass(slots=True)
class ArchiveSession:
    """See ``nurturing.transport.Session``."""

    archive: ArchiveTransport
    recipient: str = ""
    is_usable: bool = True

    def envelope(self, sender: str, recipient: str) -> None:
        """Remember for whom the next message is."""
        del sender
        self.recipient = recipient

    def transmit(self, message: bytes) -> str:
        """Keep the message."""
        self.archive.messages.append((self.recipient, message))
        del self.archive.messages[: -self.archive.keep]
        return "archived"

    def reset(self) -> None:
        """Forget the recipient."""
        self.recipient = ""
