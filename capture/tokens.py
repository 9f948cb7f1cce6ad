"""Signed texts that go out to strangers' browsers and mailboxes: each has one purpose, a subject, an end.

256 bits of HMAC under the key for links; no data of a person is inside, only random public ids. What was
tampered with, of another purpose or too old reads as None, and nothing tells which (bar: inputs B49).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid4

from django.conf import settings
from django.core.signing import BadSignature, Signer

# How long a form may stay open in a browser before it is shown anew (with what was typed).
FORM_LIFE = timedelta(hours=24)
THANKS_LIFE = timedelta(hours=24)
DOWNLOAD_LIFE = timedelta(days=14)
CONFIRM_LIFE = timedelta(days=7)
PERSON_LIFE = timedelta(days=90)


class Purpose(StrEnum):
    """What a signed link is good for."""

    CONFIRM = "confirm"
    DOWNLOAD = "download"
    THANKS = "thanks"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class FormToken:
    """One showing of a form: which, when, and which questions were asked (none: all of them).

    ``nonce`` makes it good for one submission, ever.
    """

    form_id: int
    issued_at: datetime
    nonce: UUID
    asked: frozenset[int] = frozenset()

    def is_expired(self, now: datetime) -> bool:
        """Whether the form was opened too long ago (or in the future)."""
        return not timedelta(0) <= now - self.issued_at <= FORM_LIFE


@dataclass(frozen=True, slots=True)
class Link:
    """What a genuine link says."""

    subject: UUID
    detail: str


def _signer(purpose: str) -> Signer:
    return Signer(key=settings.LINK_SIGNING_KEY, salt=f"capture.{purpose}", sep="~")


def make_form_token(form_id: int, *, now: datetime, asked: frozenset[int] = frozenset()) -> str:
    """A token for one showing of a form at ``now``."""
    numbers = "-".join(str(number) for number in sorted(asked))
    return _signer("form").sign(f"{form_id}.{_stamp(now):x}.{uuid4().hex}.{numbers}")


def read_form_token(value: str, form_id: int) -> FormToken | None:
    """The token if it is genuine and this form's, else None; whether it has expired is asked of it."""
    try:
        number, stamp, nonce, asked = _signer("form").unsign(value[:2000]).split(".")
        token = FormToken(
            int(number),
            datetime.fromtimestamp(int(stamp, 16) / 1000, UTC),
            UUID(nonce),
            frozenset(int(each) for each in asked.split("-") if each),
        )
    except (BadSignature, ValueError, OverflowError):
        return None
    return token if token.form_id == form_id else None


def make_link(purpose: Purpose, subject: UUID, *, until: datetime, detail: str = "") -> str:
    """A link's token: for ``purpose``, about ``subject``, good until then."""
    return _signer(purpose).sign(f"{subject.hex}.{detail}.{_stamp(until) // 1000:x}")


def read_link(purpose: Purpose, value: str, *, now: datetime) -> Link | None:
    """What a genuine token of this purpose says while it is good, else None."""
    try:
        subject, detail, stamp = _signer(purpose).unsign(value[:500]).split(".")
        if int(stamp, 16) < now.timestamp():
            return None
        return Link(UUID(subject), detail)
    except (BadSignature, ValueError, OverflowError):
        return None


def _stamp(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
