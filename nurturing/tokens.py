"""The unsubscribe link: signed, says whose messages of which kind it ends, never expires."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer

from nurturing.policy import Purpose

# Known here, so that a mail worker need not load every page to write one link.
PATH = "u/"


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom and what a link is about."""

    lead_public_id: UUID
    purpose: Purpose


def _signer() -> Signer:
    return Signer(key=settings.LINK_SIGNING_KEY, salt="nurturing.unsubscribe", sep="~")


def make_token(subject: Subject) -> str:
    """An unguessable token (256 bits of HMAC) for the subject."""
    return _signer().sign(f"{subject.lead_public_id.hex}.{subject.purpose}")


def read_token(token: str) -> Subject | None:
    """The subject of a genuine token, else None."""
    try:
        public_id, _, purpose = _signer().unsign(token).partition(".")
        return Subject(UUID(public_id), Purpose(purpose))
    except (BadSignature, ValueError):
        return None


def unsubscribe_url(subject: Subject) -> str:
    """The absolute address that goes into a message; built from SITE_URL, never from a request's host."""
    return f"{settings.SITE_URL}/{PATH}{make_token(subject)}"
