"""The funnel report: how many leads, how many won, by channel and by month of the first contact.

Three queries over all leads: who came, who of them was ever won, who reached what. Imported history counts
like any other; a lead won twice counts once. With many leads that takes a second or more, so then the page
shows the report that ``dashboard.tasks.refresh_report`` made within the last quarter of an hour.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from django.core.cache import cache
from django.db.models import Count, QuerySet
from django.db.models.functions import TruncMonth
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from redis.exceptions import RedisError

from dashboard.filters import NO_CHANNEL
from dashboard.queries.home import leads_url
from funnel.models import Passage
from funnel.queries import stage_counts
from funnel.stages import Stage
from leads.channels import Channel
from leads.models import Lead

Key = tuple[str, dt.date]
COUNTED_LIVE = 50_000
KEPT_AS = "dashboard.funnel_report"
KEPT_FOR = 3600


@dataclass(frozen=True)
class Line:
    """One line of the report: leads, those won, the share, and the way to them."""

    label: str | Promise
    leads: int
    won: int
    url: str
    won_url: str

    @property
    def rate(self) -> float | None:
        """Won among leads; None for nobody."""
        return self.won / self.leads if self.leads else None


@dataclass(frozen=True)
class Cohort(Line):
    """The leads of one month."""

    month: dt.date


@dataclass(frozen=True)
class FunnelReport:
    """The whole report, as it was at ``as_of``."""

    as_of: dt.datetime
    leads: int
    won: int
    reached: list[tuple[str, int]]
    channels: list[Line]
    cohorts: list[Cohort]

    @property
    def rate(self) -> float | None:
        """Won among leads, 0 to 1."""
        return self.won / self.leads if self.leads else None


def report_to_show(*, now: dt.datetime) -> FunnelReport:
    """The report, counted now where that is quick; else the kept one; counted now too when none is kept."""
    if stage_counts().total <= COUNTED_LIVE:
        return funnel_report(now=now)
    return _kept() or refresh(now=now)


def refresh(*, now: dt.datetime) -> FunnelReport:
    """Count the report and keep it for those who look at it next."""
    report = funnel_report(now=now)
    with suppress(RedisError):
        cache.set(KEPT_AS, report, timeout=KEPT_FOR)
    return report


def _kept() -> FunnelReport | None:
    """The kept report; None also while Redis is away."""
    with suppress(RedisError):
        found = cache.get(KEPT_AS)
        return found if isinstance(found, FunnelReport) else None
    return None


def funnel_report(*, now: dt.datetime) -> FunnelReport:
    """The report over every lead that was neither merged nor erased."""
    came, won = _came(), _won()
    return FunnelReport(
        as_of=now,
        leads=sum(came.values()),
        won=sum(won.values()),
        reached=_reached(sum(came.values()), sum(won.values())),
        channels=_by_channel(came, won),
        cohorts=_by_month(came, won),
    )


def _came() -> Counter[Key]:
    """Leads by (channel, month of the first contact)."""
    return _grouped(Lead.objects.present())


def _won() -> Counter[Key]:
    """The same of those that were ever won."""
    customers = Passage.objects.filter(to_stage=Stage.CUSTOMER).lasting().values("lead_id")
    return _grouped(Lead.objects.present().filter(pk__in=customers))


def _grouped(leads: QuerySet[Lead]) -> Counter[Key]:
    rows = leads.values_list("channel", TruncMonth("created_at")).annotate(number=Count("pk")).order_by()
    return Counter({(channel, month.date()): number for channel, month, number in rows})


def _reached(leads: int, won: int) -> list[tuple[str, int]]:
    """Leads that ever reached each stage; the ends are known already."""
    middle = (Stage.MQL, Stage.SAL, Stage.SQL)
    rows = (
        Passage.objects.filter(to_stage__in=middle)
        .lasting()
        .values_list("to_stage")
        .annotate(number=Count("lead_id", distinct=True))
        .order_by()
    )
    found = dict(rows)
    return [(Stage.LEAD, leads), *((stage, found.get(stage, 0)) for stage in middle), (Stage.CUSTOMER, won)]


def _by_channel(came: Counter[Key], won: Counter[Key]) -> list[Line]:
    labels = dict(Channel.choices)
    leads, customers = _folded(came, 0), _folded(won, 0)
    return [
        Line(
            label=labels.get(str(code), _("Unknown channel")),
            leads=number,
            won=customers[code],
            url=leads_url(channel=str(code or NO_CHANNEL)),
            won_url=leads_url(channel=str(code or NO_CHANNEL), arrived=Stage.CUSTOMER),
        )
        for code, number in leads.most_common()
    ]


def _by_month(came: Counter[Key], won: Counter[Key]) -> list[Cohort]:
    leads, customers = _folded(came, 1), _folded(won, 1)
    months = sorted(month for month in leads if isinstance(month, dt.date))
    return [
        Cohort(
            label="",
            leads=leads[month],
            won=customers[month],
            url=leads_url(month=f"{month:%Y-%m}"),
            won_url=leads_url(month=f"{month:%Y-%m}", arrived=Stage.CUSTOMER),
            month=month,
        )
        for month in months
    ]


def _folded(counts: Mapping[Key, int], part: int) -> Counter[object]:
    """The counts by channel (part 0) or by month (part 1)."""
    found: Counter[object] = Counter()
    for key, number in counts.items():
        found[key[part]] += number
    return found
