"""What each source cost and brought: the report of /capture/sources/.

Leads are counted in the month of their first contact, under the channel (and campaign) of their first touch,
with everything they have reached since. One statement over all leads gives counts by month, channel and
campaign; with many leads that takes seconds, so then the page shows the counts that
``capture.tasks.refresh_sources`` made within the last quarter of an hour. Costs are always those of now.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal

from django.core.cache import cache
from django.db import connection
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from redis.exceptions import RedisError

from funnel.queries import stage_counts
from leads.channels import Channel
from leads.models import Campaign, SourceCost

COUNTED_LIVE = 50_000
KEPT_AS = "capture.sources"
KEPT_FOR = 3600
NO_CHANNEL = "none"


@dataclass(frozen=True)
class Count:
    """The leads of one month, channel and campaign, and what they have reached since."""

    month: dt.date
    channel: str
    campaign: int | None
    leads: int
    mql: int
    sql: int
    customers: int
    revenue: Decimal


# Passages say what was ever reached; a lead that was won skipped nothing that matters here.
_COUNTS = """
WITH reached AS (
    SELECT lead_id,
        bool_or(to_stage IN ('mql', 'sal', 'sql', 'customer')) AS mql,
        bool_or(to_stage IN ('sql', 'customer')) AS sql,
        bool_or(to_stage = 'customer') AS customer
    FROM funnel_passage WHERE to_stage IN ('mql', 'sal', 'sql', 'customer') GROUP BY lead_id
), won AS (
    SELECT lead_id, sum(amount) AS amount FROM funnel_opportunity
    WHERE outcome = 'won' AND amount IS NOT NULL GROUP BY lead_id
), campaign AS (
    SELECT DISTINCT ON (lead_id) lead_id, campaign_id FROM leads_touch
    WHERE lead_id IS NOT NULL ORDER BY lead_id, at, id
)
SELECT date_trunc('month', lead.created_at AT TIME ZONE %s)::date, lead.channel, campaign.campaign_id,
    count(*), count(*) FILTER (WHERE reached.mql), count(*) FILTER (WHERE reached.sql),
    count(*) FILTER (WHERE reached.customer), coalesce(sum(won.amount), 0)
FROM leads_lead AS lead
LEFT JOIN reached ON reached.lead_id = lead.id
LEFT JOIN won ON won.lead_id = lead.id
LEFT JOIN campaign ON campaign.lead_id = lead.id
WHERE lead.merged_into_id IS NULL AND lead.erased_at IS NULL
GROUP BY 1, 2, 3
"""


def counts_to_show(*, time_zone: str) -> list[Count]:
    """Counted now where that is quick; else the kept ones; counted now too when none are kept."""
    if stage_counts().total <= COUNTED_LIVE:
        return count_sources(time_zone=time_zone)
    return _kept() or refresh(time_zone=time_zone)


def refresh(*, time_zone: str) -> list[Count]:
    """Count and keep it for those who look next."""
    counts = count_sources(time_zone=time_zone)
    with suppress(RedisError):
        cache.set(KEPT_AS, counts, timeout=KEPT_FOR)
    return counts


def _kept() -> list[Count] | None:
    with suppress(RedisError):
        found = cache.get(KEPT_AS)
        return found if isinstance(found, list) else None
    return None


def count_sources(*, time_zone: str) -> list[Count]:
    """All leads by month, channel and campaign; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, [time_zone])
        return [Count(*row) for row in cursor.fetchall()]


@dataclass
class Line:
    """One line of the report. Amounts in euros; None where nothing can be divided."""

    label: str | Promise
    channel: str
    first: dt.date
    last: dt.date
    campaign: int | None = None
    leads: int = 0
    mql: int = 0
    sql: int = 0
    customers: int = 0
    revenue: Decimal = Decimal()
    cost: Decimal = Decimal()
    campaigns: list[Line] = field(default_factory=list)

    def add(self, count: Count) -> None:
        """Count some leads in."""
        self.leads += count.leads
        self.mql += count.mql
        self.sql += count.sql
        self.customers += count.customers
        self.revenue += count.revenue

    def _per(self, number: int) -> Decimal | None:
        return self.cost / number if self.cost and number else None

    @property
    def per_lead(self) -> Decimal | None:
        """Cost of one lead."""
        return self._per(self.leads)

    @property
    def per_mql(self) -> Decimal | None:
        """Cost of one lead that became MQL."""
        return self._per(self.mql)

    @property
    def per_sql(self) -> Decimal | None:
        """Cost of one lead that became SQL."""
        return self._per(self.sql)

    @property
    def per_customer(self) -> Decimal | None:
        """Cost of one customer."""
        return self._per(self.customers)

    @property
    def result(self) -> Decimal | None:
        """(revenue − cost) / cost: 1.5 means that each euro brought itself back and 1.50 more."""
        return (self.revenue - self.cost) / self.cost if self.cost else None

    def url(self, arrived: str = "") -> str:
        """The leads behind a figure."""
        asked = {"channel": self.channel or NO_CHANNEL} if self.channel != ALL else {}
        asked |= {"since": f"{self.first:%Y-%m}", "until": f"{self.last:%Y-%m}"}
        if self.campaign is not None:
            asked["campaign"] = str(self.campaign)
        if arrived:
            asked["arrived"] = arrived
        return f"{reverse('dashboard:leads')}?{urlencode(asked)}"

    @property
    def leads_url(self) -> str:
        """The leads of this line."""
        return self.url()

    @property
    def mql_url(self) -> str:
        """Those who became MQL."""
        return self.url("mql")

    @property
    def sql_url(self) -> str:
        """Those who became SQL."""
        return self.url("sql")

    @property
    def customers_url(self) -> str:
        """Those who became customers."""
        return self.url("customer")


ALL = "*"


@dataclass(frozen=True)
class SourceReport:
    """The report of a span of months."""

    lines: list[Line]
    total: Line
    months: list[tuple[dt.date, Decimal, int]]


def report(counts: Iterable[Count], *, first: dt.date, last: dt.date) -> SourceReport:
    """The lines of the months ``first`` to ``last`` (both the first day of a month, both included)."""
    book = _Book(first, last)
    monthly: dict[dt.date, list[Decimal | int]] = defaultdict(lambda: [Decimal(), 0])
    for count in counts:
        if first <= count.month <= last:
            book.count(count)
            monthly[count.month][1] += count.leads
    for month, channel, campaign, amount in _costs(first, last):
        book.pay(channel, campaign, amount)
        monthly[month][0] += amount
    lines = sorted(book.lines.values(), key=lambda line: (-line.leads, str(line.label)))
    months = [(month, Decimal(monthly[month][0]), int(monthly[month][1])) for month in _months(first, last)]
    return SourceReport(lines, book.total, months)


def _costs(first: dt.date, last: dt.date) -> Sequence[tuple[dt.date, str, int | None, Decimal]]:
    rows = SourceCost.objects.filter(month__gte=first, month__lte=last)
    return list(rows.values_list("month", "channel", "campaign_id", "amount"))


class _Book:
    """The lines as they fill up."""

    def __init__(self, first: dt.date, last: dt.date) -> None:
        self._span = (first, last)
        self._names = dict(Campaign.objects.values_list("pk", "name"))
        self._labels = dict(Channel.choices)
        self.lines: dict[str, Line] = {}
        self._campaigns: dict[tuple[str, int], Line] = {}
        self.total = Line(_("All sources"), ALL, *self._span)

    def line(self, channel: str) -> Line:
        """The line of a channel."""
        if channel not in self.lines:
            label = self._labels.get(channel, _("Unknown channel"))
            self.lines[channel] = Line(label, channel, *self._span)
        return self.lines[channel]

    def campaign(self, channel: str, campaign: int) -> Line:
        """The line of one of its campaigns, below it."""
        if (channel, campaign) not in self._campaigns:
            made = Line(self._names.get(campaign, "—"), channel, *self._span, campaign=campaign)
            self._campaigns[channel, campaign] = made
            self.line(channel).campaigns.append(made)
        return self._campaigns[channel, campaign]

    def count(self, count: Count) -> None:
        """Some leads came."""
        self.total.add(count)
        self.line(count.channel).add(count)
        if count.campaign is not None:
            self.campaign(count.channel, count.campaign).add(count)

    def pay(self, channel: str, campaign: int | None, amount: Decimal) -> None:
        """A month's cost."""
        self.total.cost += amount
        self.line(channel).cost += amount
        if campaign is not None:
            self.campaign(channel, campaign).cost += amount


def _months(first: dt.date, last: dt.date) -> list[dt.date]:
    """The first days of the months from first to last."""
    found = [first]
    while found[-1] < last:
        found.append(following(found[-1]))
    return found


def following(month: dt.date) -> dt.date:
    """The first day of the next month."""
    return (month.replace(day=1) + dt.timedelta(days=32)).replace(day=1)


def months_before(month: dt.date, number: int) -> dt.date:
    """The first day of the month that many months earlier."""
    place = month.year * 12 + month.month - 1 - number
    return dt.date(place // 12, place % 12 + 1, 1)
