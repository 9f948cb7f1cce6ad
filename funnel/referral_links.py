"""Links by which a partner says what became of a lead, without signing in."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer

PATH = "r/"


def _signer() -> Signer:
    return Signer(key=settings.LINK_SIGNING_KEY, salt="funnel.referral", sep="~")


def referral_token(public_id: UUID) -> str:
    """An unguessable token (256 bits of HMAC) for one referral."""
    return _signer().sign(public_id.hex)


def read_referral_token(token: str) -> UUID | None:
    """The referral of a genuine token, else None."""
    try:
        return UUID(_signer().unsign(token))
    except (BadSignature, ValueError):
        return None


def referral_url(public_id: UUID) -> str:
    """The absolute address that goes into a message; built from SITE_URL, never from a request's host."""
    return f"{settings.SITE_URL}/{PATH}{referral_token(public_id)}/"
