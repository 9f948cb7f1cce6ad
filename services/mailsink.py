"""A mail server that delivers nothing: it keeps what is sent to it and shows it on a page.

`python -m services.mailsink` listens for SMTP on 127.0.0.1:1025 (SMTP_PORT) and shows the mails on
http://127.0.0.1:8025 (MAIL_PORT). Mails are files in .data/mail, the newest 5,000 of them.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

HOST = "127.0.0.1"
KEEP = 5000
HEADERS_WITHIN = 64 * 1024
RECIPIENT_HEADER = "X-Envelope-To"
SENDER_HEADER = "X-Envelope-From"


@dataclass(frozen=True)
class Summary:
    """One line of the list."""

    id: str
    received_at: datetime
    sender: str
    recipients: list[str]
    subject: str
    size: int


class Mailbox:
    """The mails in a folder, newest last; what is in the folder survives a restart."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.folder.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._summaries = {path.stem: _summary(path) for path in sorted(folder.glob("*.eml"))}

    def add(self, *, sender: str, recipients: list[str], content: bytes) -> str:
        """Keep a mail; its id. It is on the disk when this returns."""
        identifier = f"{time.time_ns()}-{secrets.token_hex(3)}"
        envelope = f"{SENDER_HEADER}: {sender}\r\n{RECIPIENT_HEADER}: {', '.join(recipients)}\r\n"
        unfinished, path = self.folder / f"{identifier}.part", self._path(identifier)
        unfinished.write_bytes(envelope.encode("utf-8", "replace") + content)
        unfinished.rename(path)
        with self._lock:
            self._summaries[identifier] = _summary(path)
            surplus = list(self._summaries)[:-KEEP]
            for old in surplus:
                self._forget(old)
        return identifier

    def newest(self, *, to: str = "", skip: int = 0, limit: int = 100) -> list[Summary]:
        """Newest first; ``to`` keeps those that went to an address containing it."""
        with self._lock:
            everything = list(reversed(self._summaries.values()))
        wanted = [each for each in everything if to.lower() in " ".join(each.recipients).lower()]
        return wanted[skip : skip + limit]

    def count(self) -> int:
        """How many are kept."""
        return len(self._summaries)

    def source(self, identifier: str) -> bytes | None:
        """The mail as it came, under its two envelope lines; None when there is no such mail."""
        return self._path(identifier).read_bytes() if identifier in self._summaries else None

    def read(self, identifier: str) -> tuple[Summary, EmailMessage] | None:
        """The mail, taken apart; None when there is no such mail."""
        source = self.source(identifier)
        if source is None:
            return None
        message = message_from_bytes(source, policy=policy.default)
        return self._summaries[identifier], message

    def empty(self) -> None:
        """Delete all mails."""
        with self._lock:
            for identifier in list(self._summaries):
                self._forget(identifier)

    def _forget(self, identifier: str) -> None:
        del self._summaries[identifier]
        self._path(identifier).unlink(missing_ok=True)

    def _path(self, identifier: str) -> Path:
        return self.folder / f"{identifier}.eml"


class Receiver:
    """What the SMTP server does with a mail."""

    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox = mailbox

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep it, then say so."""
        content = envelope.content
        content = content if isinstance(content, bytes) else (content or "").encode()
        recipients = [str(each) for each in envelope.rcpt_tos]
        identifier = await asyncio.to_thread(
            self.mailbox.add, sender=str(envelope.mail_from or ""), recipients=recipients, content=content
        )
        return f"250 2.0.0 kept as {identifier}"


def body(message: EmailMessage, kind: str) -> str:
    """The mail's ``plain`` or ``html`` part, decoded; empty when it has none."""
    part = message.get_body(preferencelist=(kind,))
    if part is None:
        return ""
    try:
        return str(part.get_content()).replace("\r\n", "\n")
    except (LookupError, ValueError):  # a character set that nobody knows
        return part.get_payload(decode=True).decode("utf-8", "replace")  # type: ignore[union-attr]


def _summary(path: Path) -> Summary:
    with path.open("rb") as file:
        message = message_from_bytes(file.read(HEADERS_WITHIN), policy=policy.default)
    return Summary(
        id=path.stem,
        received_at=datetime.fromtimestamp(int(path.stem.partition("-")[0]) / 1e9, UTC),
        sender=_text(message, "From") or _text(message, SENDER_HEADER),
        recipients=[each.strip() for each in _text(message, RECIPIENT_HEADER).split(",")],
        subject=_text(message, "Subject"),
        size=path.stat().st_size,
    )


def _text(message: EmailMessage, name: str) -> str:
    try:
        return str(message.get(name, ""))
    except Exception:  # noqa: BLE001 - the parser raises all sorts of things on hostile headers
        return "(unreadable)"


def main() -> None:
    """Serve until told to stop."""
    from services.mailpages import serve_pages  # noqa: PLC0415 - pages read this module

    smtp_port = int(os.environ.get("SMTP_PORT") or 1025)
    page_port = int(os.environ.get("MAIL_PORT") or 8025)
    mailbox = Mailbox(Path(__file__).resolve().parent.parent / ".data" / "mail")
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    controller = Controller(Receiver(mailbox), hostname=HOST, port=smtp_port, ident="Mail sink")
    controller.start()
    pages = serve_pages(mailbox, HOST, page_port)
    print(f"Mail sink: smtp://{HOST}:{smtp_port}, http://{HOST}:{page_port}", flush=True)
    stopping.wait()
    pages.shutdown()
    pages.server_close()
    controller.stop()


if __name__ == "__main__":
    main()
