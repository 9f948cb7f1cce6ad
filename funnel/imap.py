"""Reading a mailbox by IMAP over TLS, from the address that was checked and nowhere else.

Nothing is changed in it: the inbox is only examined, messages are peeked at, none is marked as read.
"""

from __future__ import annotations

import imaplib
import re
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from funnel.replies import LARGEST_MAIL
from leads.webhooks.outgoing import is_public

ANSWER_WITHIN = 15.0  # seconds
MOST_MAILS = 50
PORT = 993
_SIZE = re.compile(rb"RFC822\.SIZE (\d{1,12})")


class MailboxError(Exception):
    """The mailbox cannot be read; the text says why, without any secret."""


class _Checked(imaplib.IMAP4_SSL):
    """Connects to the address that was checked, and has the server prove the name."""

    def __init__(self, host: str, port: int, address: str) -> None:
        self._address = address
        super().__init__(host, port, ssl_context=ssl.create_default_context(), timeout=ANSWER_WITHIN)

    def _create_socket(self, timeout: float | None) -> ssl.SSLSocket:
        plain = socket.create_connection((self._address, self.port), timeout)
        context: ssl.SSLContext = self.ssl_context
        return context.wrap_socket(plain, server_hostname=self.host)


def connect(host: str, port: int) -> imaplib.IMAP4:
    """A connection to a mail server of the open internet (or one of WEBHOOK_PRIVATE_HOSTS).

    Raises MailboxError, OSError, imaplib.IMAP4.error.
    """
    allowed = settings.WEBHOOK_PRIVATE_HOSTS
    is_ours = host in allowed or f"{host}:{port}" in allowed
    if port != PORT and not is_ours:
        raise MailboxError(_("Only port 993 (IMAP over TLS) may be called."))
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise MailboxError(_("No server is known by this name.")) from None
    addresses = [str(entry[4][0]) for entry in found]
    if not is_ours and not all(is_public(address) for address in addresses):
        raise MailboxError(_("This address belongs to a private network."))
    return _Checked(host, port, addresses[0])


Connect = Callable[[str, int], imaplib.IMAP4]


@contextmanager
def opened(host: str, port: int, username: str, password: str, *, connect: Connect) -> Iterator[Inbox]:
    """The inbox of an account, examined only. Raises MailboxError."""
    client = None
    try:
        client = connect(host, port)
        client.login(username, password)
        status, _answer = client.select("INBOX", readonly=True)
        if status != "OK":
            raise MailboxError(_("The inbox cannot be opened."))
        yield Inbox(client, _number(client, "UIDVALIDITY"), _number(client, "UIDNEXT"))
    except (imaplib.IMAP4.error, OSError, ValueError) as error:
        raise MailboxError(_said(error)) from error
    finally:
        if client is not None:
            with suppress(imaplib.IMAP4.error, OSError):
                client.logout()


def _number(client: imaplib.IMAP4, name: str) -> int:
    """What the server said on opening; asked once, it is forgotten."""
    _code, data = client.response(name)
    value = data[-1] if data else None
    return int(value) if isinstance(value, bytes) and value.isdigit() else 0


def _said(error: Exception) -> str:
    """What went wrong, in few words."""
    if isinstance(error, ssl.SSLError):
        return _("The server’s certificate is not valid for this name.")
    if isinstance(error, OSError):
        return _("The server does not answer.")
    return (
        _("The server refuses the user name or the password.")
        if "auth" in str(error).lower()
        else (_("The server answered something unexpected."))
    )


@dataclass(frozen=True, slots=True)
class Inbox:
    """An open inbox."""

    client: imaplib.IMAP4

    uid_validity: int  # as long as it stays the same, a number names the same mail
    next_uid: int  # the number that the next mail will get; 0 when the server does not say

    def uids_after(self, uid: int) -> list[int]:
        """The numbers of the mails that came after ``uid``, in order, at most 50."""
        _status, data = self.client.uid("SEARCH", f"UID {uid + 1}:*")
        numbers = [int(one) for one in (data[0] or b"").split() if one.isdigit()] if data else []
        # "n:*" always names the newest mail, even when it is older than n.
        return sorted(number for number in numbers if number > uid)[:MOST_MAILS]

    def newest_uid(self) -> int:
        """The number of the newest mail."""
        if self.next_uid:
            return self.next_uid - 1
        _status, data = self.client.uid("SEARCH", "ALL")
        return max((int(one) for one in (data[0] or b"").split() if one.isdigit()), default=0) if data else 0

    def fetch(self, uid: int) -> bytes:
        """A mail; of a large one its headers; nothing when it is gone."""
        _status, sizes = self.client.uid("FETCH", str(uid), "(RFC822.SIZE)")
        found = _SIZE.search(b" ".join(part for part in sizes if isinstance(part, bytes)))
        if found is None:
            return b""
        what = "(BODY.PEEK[])" if int(found[1]) <= LARGEST_MAIL else "(BODY.PEEK[HEADER])"
        _status, parts = self.client.uid("FETCH", str(uid), what)
        return next((bytes(part[1]) for part in parts if isinstance(part, tuple)), b"")[:LARGEST_MAIL]
