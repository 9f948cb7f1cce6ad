"""Reading what the tracker's pages show."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Func
from django.utils import timezone

from accounts.models import ApiKey
from capture.models import Site
from leads.api.recent import Seen, last
from leads.models import EventVerdict, Verdict
from leads.traffic_words import REASONS

SHOWN_DAYS = 30


@dataclass(frozen=True)
class Connected:
    """A site with its key and what was last heard of it."""

    key: ApiKey
    name: str
    last: Seen | None


def living_keys() -> list[ApiKey]:
    """The publishable keys that work now."""
    rows = ApiKey.objects.filter(kind=ApiKey.Kind.PUBLISHABLE, revoked=False)
    return list(rows.exclude(expiry_date__lte=timezone.now()).order_by("name", "source_id"))


def connected_sites() -> list[Connected]:
    """Every site, by name."""
    names = dict(Site.objects.values_list("key_id", "name"))
    keys = living_keys()
    return [
        Connected(key, names.get(key.pk) or key.site or key.name, next(iter(last(key.prefix)), None))
        for key in keys
    ]


def snippet(site: Site) -> str:
    """What is pasted into the site's pages."""
    cookie = f' data-consent-cookie="{site.consent_cookie}"' if site.consent_cookie else ""
    source, key = f"{settings.SITE_URL}/ecluse.js", site.key.public_value
    return f'<script src="{source}" data-key="{key}"{cookie} async></script>'


STUB = (
    "<script>window.ecluse = window.ecluse || function () "
    "{ (ecluse.q = ecluse.q || []).push(arguments); };</script>"
)


@dataclass(frozen=True)
class ReasonCount:
    """How many verdicts have this reason."""

    words: str
    number: int


def machine_reasons(*, now: datetime) -> list[ReasonCount]:
    """Why events of the last 30 days are held to be machines', the most frequent first."""
    since = now - timedelta(days=SHOWN_DAYS)
    rows = EventVerdict.objects.filter(at__gte=since, verdict=Verdict.MACHINE)
    told = Counter(rows.values_list(Func(F("reasons"), function="unnest"), flat=True))
    return [ReasonCount(str(REASONS.get(code, code)), number) for code, number in told.most_common()]
