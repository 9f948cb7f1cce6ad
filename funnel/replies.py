"""What one mail in a connected mailbox says: who wrote, whether a machine did, which invitations it answers.

Plain bytes in, plain values out. Anybody may have written it: sizes and numbers are bounded, nothing but the
headers and small calendar parts is decoded, and no attachment is ever opened.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.utils import parseaddr
from itertools import islice

from funnel.invitations import LARGEST_REPLY, MOST_PARTS, Reply, read_reply

# A larger mail is read by its headers alone.
LARGEST_MAIL = 1024 * 1024
_MACHINES = ("mailer-daemon@", "postmaster@", "no-reply@", "noreply@")


@dataclass(frozen=True, slots=True)
class Mail:
    """``key`` is the same whenever the same mail is read again; ``sender`` in lower case."""

    key: str
    sender: str
    is_automatic: bool
    replies: tuple[Reply, ...]


def read_mail(content: bytes) -> Mail | None:
    """What a mail says; None for what is no mail, or nobody's."""
    try:
        return _read(message_from_bytes(content), content)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None


def _read(mail: Message, content: bytes) -> Mail | None:
    sender = parseaddr(_header(mail, "From"))[1].strip().lower()
    if not sender or len(sender) > 254 or "@" not in sender:
        return None
    named = _header(mail, "Message-ID").strip() or content.hex()
    key = hashlib.sha256(f"{sender} {named}".encode("utf-8", "replace")).hexdigest()[:40]
    return Mail(key, sender, _is_automatic(mail, sender), tuple(_replies(mail)))


def _header(mail: Message, name: str) -> str:
    return str(mail.get(name, ""))[:1000]


def _is_automatic(mail: Message, sender: str) -> bool:
    """Whether no person wrote it (RFC 3834, and what came before it)."""
    submitted = _header(mail, "Auto-Submitted").lower()
    return (
        (bool(submitted) and not submitted.startswith("no"))
        or _header(mail, "Precedence").lower() in {"bulk", "list", "junk", "auto_reply"}
        or bool(_header(mail, "X-Autoreply") or _header(mail, "X-Autorespond"))
        or mail.get_content_type() == "multipart/report"
        or sender.startswith(_MACHINES)
    )


def _replies(mail: Message) -> list[Reply]:
    """The answers to invitations among the first parts; the same answer once."""
    found: dict[str, Reply] = {}
    for part in islice(mail.walk(), MOST_PARTS):
        if part.get_content_type() not in {"text/calendar", "application/ics"} or part.is_multipart():
            continue
        raw = part.get_payload()
        if not isinstance(raw, str) or len(raw) > 2 * LARGEST_REPLY:
            continue
        body = part.get_payload(decode=True)
        reply = read_reply(body) if isinstance(body, bytes) else None
        if reply:
            found[reply.uid] = reply
    return list(found.values())
