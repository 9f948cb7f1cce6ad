"""Creating API keys; ending sessions."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Max

from accounts.models import ApiKey, User
from accounts.scopes import PUBLISHABLE_SCOPES, SECRET_SCOPES, Scope

FIRST_KEY_SOURCE = 100


@transaction.atomic
def create_api_key(
    *,
    name: str,
    kind: ApiKey.Kind,
    site: str = "",
    origins: Sequence[str] = (),
    scopes: Sequence[Scope] | None = None,
    by: User | None = None,
) -> tuple[ApiKey, str]:
    """A new key and its value, which is shown once (a publishable value stays readable: it is public).

    Raises ValueError when a publishable key is given a scope that reads or decides.
    """
    default = PUBLISHABLE_SCOPES if kind == ApiKey.Kind.PUBLISHABLE else SECRET_SCOPES
    chosen = [Scope(scope) for scope in (default if scopes is None else scopes)]
    if kind == ApiKey.Kind.PUBLISHABLE and not set(chosen) <= set(PUBLISHABLE_SCOPES):
        raise ValueError("A publishable key may only submit forms and write events.")
    key = ApiKey(
        name=name,
        kind=kind,
        site=site,
        origins=list(origins),
        scopes=chosen,
        source_id=_next_source(),
        created_by=by,
    )
    value = ApiKey.objects.assign_key(key)
    key.public_value = value if kind == ApiKey.Kind.PUBLISHABLE else ""
    key.save()
    return key, value


def _next_source() -> int:
    """The number after the highest given so far; a revoked key keeps its own for ever."""
    last = ApiKey.objects.aggregate(last=Max("source_id"))["last"]
    return FIRST_KEY_SOURCE if last is None else last + 1


def end_sessions(*, user: User) -> int:
    """Sign this user out everywhere, now; how many sessions ended."""
    ended = [
        session.pk
        for session in Session.objects.iterator()
        if session.get_decoded().get(SESSION_KEY) == str(user.pk)
    ]
    Session.objects.filter(pk__in=ended).delete()
    return len(ended)
