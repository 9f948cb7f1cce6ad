"""Connecting a site: its publishable key, and how the tracker behaves there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from accounts.actions import create_api_key
from accounts.models import ApiKey, User
from capture.models import Site


@transaction.atomic
def connect_site(*, name: str, origins: Sequence[str], by: User, now: datetime) -> Site:
    """A new site with a publishable key of its own, usable on the pages of ``origins`` only."""
    key, _value = create_api_key(
        name=name[:50], kind=ApiKey.Kind.PUBLISHABLE, site=name[:120], origins=origins, by=by
    )
    return Site.objects.create(key=key, name=name[:120], created_at=now, updated_at=now)


def site_of(key: ApiKey, *, now: datetime) -> Site:
    """The site of a publishable key; one with the usual settings, not saved, where nobody set any."""
    found = Site.objects.filter(key=key).first()
    return found or Site(key=key, name=key.site or key.name, created_at=now, updated_at=now)


@transaction.atomic
def change_site(*, site: Site, changes: Mapping[str, object], origins: Sequence[str], now: datetime) -> None:
    """Keep a site's settings and the origins on which its key works."""
    for field, value in changes.items():
        setattr(site, field, value)
    site.updated_at = now
    site.save()
    ApiKey.objects.filter(pk=site.key_id).update(origins=list(origins), site=site.name)
