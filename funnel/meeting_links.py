"""Links by which somebody answers an invitation without signing in."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer

PATH = "m/"


def _signer() -> Signer:
    return Signer(key=settings.LINK_SIGNING_KEY, salt="funnel.meeting", sep="~")


def meeting_token(public_id: UUID) -> str:
    """An unguessable token (256 bits of HMAC) for one appointment, good until it is over."""
    return _signer().sign(public_id.hex)


def read_meeting_token(token: str) -> UUID | None:
    """The appointment of a genuine token, else None."""
    try:
        return UUID(_signer().unsign(token))
    except (BadSignature, ValueError):
        return None


def meeting_url(public_id: UUID) -> str:
    """The absolute address that goes into a message; built from SITE_URL, never from a request's host."""
    return f"{settings.SITE_URL}/{PATH}{meeting_token(public_id)}/"
