"""A message as bytes: two parts, quoted-printable, headers that cannot be broken out of.

Built from the standard library's plain message classes with bodies encoded in C: the policy-aware ones cost
three milliseconds a message, as much as everything else together.
"""

from __future__ import annotations

from binascii import b2a_qp
from collections.abc import Mapping
from email.header import Header
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.policy import compat32
from email.utils import formataddr

# 998: the longest line there is; a link must not be folded, and encoded words fold themselves.
_POLICY = compat32.clone(linesep="\r\n", mangle_from_=False, max_line_length=998)


def mailbox(name: str, address: str) -> str:
    """``name <address>`` with the name quoted or encoded as needed. Raises ValueError for a bad address."""
    if not address.isascii() or any(ord(letter) <= ord(" ") or letter in "<>" for letter in address):
        raise ValueError(f"not an address that a header can take: {address!r}")
    return formataddr((name, address))


def assemble(headers: Mapping[str, str], *, text: str, html: str) -> bytes:
    """The whole message. Raises ValueError when a header holds a line end."""
    mail = MIMEMultipart("alternative", policy=_POLICY)
    for name, value in headers.items():
        if "\n" in value or "\r" in value:
            raise ValueError(f"a line end in {name}")
        encoded = value if value.isascii() else Header(value, "utf-8", header_name=name).encode()
        mail[name] = encoded
    mail.attach(_part("plain", text))
    mail.attach(_part("html", html))
    return mail.as_bytes(policy=_POLICY)


def _part(subtype: str, content: str) -> MIMENonMultipart:
    part = MIMENonMultipart("text", subtype, policy=_POLICY, charset="utf-8")
    part["Content-Transfer-Encoding"] = "quoted-printable"
    lines = content.replace("\r\n", "\n").replace("\r", "\n").encode()
    part.set_payload(b2a_qp(lines, istext=True).decode("ascii"))
    return part
