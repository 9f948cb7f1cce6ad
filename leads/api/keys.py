"""Whose key is it? Look-up of API keys with their expiry, revocation, scopes and origins."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.conf import settings
from django.http import HttpRequest

from accounts.models import ApiKey
from accounts.scopes import Scope

# A process believes a key this long before it looks again: the longest that a revoked key still works.
REMEMBERED_SECONDS = 5.0
_MOST_REMEMBERED = 1000
_known: dict[bytes, tuple[float, KeyCaller]] = {}


@dataclass(frozen=True, slots=True)
class KeyCaller:
    """A program that calls with an API key."""

    prefix: str
    is_secret: bool
    scopes: frozenset[str]
    origins: frozenset[str]
    source_id: int
    expires_at: datetime | None

    @property
    def name(self) -> str:
        """What throttles and idempotency keys are counted under."""
        return f"key:{self.prefix}"

    def may(self, scope: Scope) -> bool:
        """Whether the key was given this right."""
        return scope.value in self.scopes

    def accepts_origin(self, origin: str | None) -> bool:
        """Whether a page of ``origin`` may use the key: exact match, or no page at all."""
        return origin is None or origin in self.origins or origin == own_origin()


def own_origin() -> str:
    """The origin of Écluse's own pages."""
    return str(settings.SITE_URL)


def remembered_key(value: str, *, now: datetime) -> KeyCaller | None:
    """The caller of a key that this process looked up a moment ago; None for any other."""
    until, caller = _known.get(sha256(value.encode()).digest(), (0.0, None))
    if caller is None or until < time.monotonic() or (caller.expires_at and caller.expires_at <= now):
        return None
    return caller


def find_key(value: str, *, now: datetime) -> KeyCaller | None:
    """The caller of a key that is known, neither revoked nor expired; else None."""
    digest = sha256(value.encode()).digest()
    until, caller = _known.get(digest, (0.0, None))
    if caller is None or until < time.monotonic():
        caller = _read(value)
        if caller is None:
            _known.pop(digest, None)
            return None
        if len(_known) >= _MOST_REMEMBERED:
            _known.clear()
        _known[digest] = (time.monotonic() + REMEMBERED_SECONDS, caller)
    return None if caller.expires_at and caller.expires_at <= now else caller


def _read(value: str) -> KeyCaller | None:
    """The key as the database has it now."""
    prefix = value.partition(".")[0]
    key = ApiKey.objects.filter(prefix=prefix, revoked=False).first() if len(prefix) == 8 else None
    if key is None or not ApiKey.objects.key_generator.verify(value, key.hashed_key):
        return None
    return KeyCaller(
        prefix=key.prefix,
        is_secret=key.kind == ApiKey.Kind.SECRET,
        scopes=frozenset(key.scopes),
        origins=frozenset(key.origins),
        source_id=key.source_id,
        expires_at=key.expiry_date,
    )


def forget() -> None:
    """Look every key up again (tests; a process does so by itself after a few seconds)."""
    _known.clear()


def header_key(request: HttpRequest) -> str | None:
    """The key of the Authorization or X-Ecluse-Key header."""
    return bearer_of(request.META.get("HTTP_AUTHORIZATION", "")) or (
        request.META.get("HTTP_X_ECLUSE_KEY") or None
    )


def bearer_of(header: str) -> str | None:
    """The key of an Authorization header of the form ``Bearer …``, else None."""
    scheme, _, value = header.partition(" ")
    return value.strip() if value and scheme.lower() == "bearer" else None
