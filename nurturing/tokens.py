"""Links of messages, signed: one ends messages of a kind and never expires, one opens a person's choices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer, TimestampSigner

from nurturing.policy import Purpose

# Known here, so that a mail worker need not load every page to write one link.
PATH = "u/"
PREFERENCES_PATH = "p/"
# A link that opens somebody's choices is good for as long as messages are likely to be kept.
PREFERENCES_LIFE = timedelta(days=400)


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


def _preferences_signer() -> TimestampSigner:
    return TimestampSigner(key=settings.LINK_SIGNING_KEY, salt="nurturing.preferences", sep="~")


def preferences_token(lead_public_id: UUID) -> str:
    """An unguessable token (256 bits of HMAC) that opens the choices of a lead for ``PREFERENCES_LIFE``."""
    return _preferences_signer().sign(lead_public_id.hex)


def read_preferences_token(token: str) -> UUID | None:
    """Whose choices a genuine token of the last 400 days opens, else None."""
    try:
        return UUID(_preferences_signer().unsign(token, max_age=PREFERENCES_LIFE))
    except (BadSignature, ValueError):
        return None


def preferences_url(lead_public_id: UUID) -> str:
    """The absolute address that goes into a message; built from SITE_URL, never from a request's host."""
    return f"{settings.SITE_URL}/{PREFERENCES_PATH}{preferences_token(lead_public_id)}/"
