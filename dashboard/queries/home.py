"""The figures of the marketer's dashboard, each with the address of the leads behind it.

Eight queries, all answered from an index or a running count: stage counts are the sum of the funnel's
tallies, the rest looks at the last thirty days.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncDate
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from dashboard.filters import NO_CHANNEL, start_of_day
from funnel.choices import STAGES, VERBS
from funnel.models import Passage, Reason
from funnel.queries import StageCounts, loads, stage_counts
from funnel.stages import Band, Situation, Stage, Verb
from leads.channels import Channel
from leads.models import Lead
from nurturing.models import Message, State
from nurturing.words import reason_in_words

DAYS = 30
CHANNELS_SHOWN = 8
# Beyond this the exact number helps nobody, and counting it would cost.
HOT_COUNTED = 1_000
FLIGHT = (Stage.LEAD, Stage.MQL, Stage.SAL, Stage.SQL, Stage.CUSTOMER)
SPANS = {Band.TOFU: 1, Band.MOFU: 1, Band.BOFU: 2}
REJECTIONS = (Verb.RETURN, Verb.DISQUALIFY)
DECISIONS = (Verb.ACCEPT, *REJECTIONS)
ARRIVALS = (
    (_("New MQLs"), Stage.MQL, "arrow-up-right"),
    (_("New SALs"), Stage.SAL, "circle-check"),
    (_("New SQLs"), Stage.SQL, "checklist"),
    (_("New customers"), Stage.CUSTOMER, "trophy"),
)
CHANGES = (
    (_("Newly ready for sales"), Verb.READY, "lock-open"),
    (_("Returns to marketing"), Verb.RETURN, "arrow-back-up"),
    (_("Disqualifications"), Verb.DISQUALIFY, "ban"),
    (_("Leads that cooled down"), Verb.COOL, "snowflake"),
)
WORKED = (Stage.LEAD, Stage.MQL, Stage.SAL, Stage.SQL, Stage.RECYCLED)


@dataclass(frozen=True)
class StageFigure:
    """A stage of the funnel: how many stand there now, and how many of its arrivals went on."""

    code: str
    label: str | Promise
    value: int
    arrived: int
    rate: float | None
    url: str


@dataclass(frozen=True)
class BandFigure:
    """Top, middle or bottom of the funnel: how many leads, and over how many of the stages it stretches."""

    label: str
    value: int
    span: int


@dataclass(frozen=True)
class Bar:
    """One line of a ranking."""

    label: str | Promise
    value: int
    url: str
    note: str = ""
    is_rest: bool = False


@dataclass(frozen=True)
class Since:
    """One line of "since yesterday"."""

    label: str | Promise
    value: int
    url: str
    icon: str


@dataclass(frozen=True)
class Capacity:
    """Places of the sales team."""

    places: int
    free: int
    waiting: int


@dataclass(frozen=True)
class Home:
    """Everything the dashboard shows."""

    total: int
    bands: list[BandFigure]
    stages: list[StageFigure]
    recycled: int
    disqualified: int
    arrivals: list[tuple[dt.date, int]]
    channels: list[Bar]
    hot: list[Lead]
    hot_count: int
    to_decide: int
    accepted: int
    rejected: int
    reasons: list[Bar]
    sent: int
    held: int
    held_reasons: list[Bar]
    since_yesterday: list[Since]
    capacity: Capacity

    @property
    def new_total(self) -> int:
        """Leads that came within the days shown."""
        return sum(number for _day, number in self.arrivals)

    @property
    def acceptance(self) -> float | None:
        """Accepted among decided."""
        decided = self.accepted + self.rejected
        return self.accepted / decided if decided else None


@dataclass(frozen=True)
class Moves:
    """So many passages of one kind."""

    from_stage: str
    to_stage: str
    verb: str
    reason: int | None
    is_recent: bool
    number: int


def home(now: dt.datetime) -> Home:
    """The dashboard as of ``now``; days are those of the site's time zone."""
    since = start_of_day(now, DAYS)
    counts = stage_counts()
    moves = passages(since, start_of_day(now, 1))
    new = new_leads(since)
    messages = message_counts(since)
    decided = Counter({key: number for key, number in _by_decision(moves).items() if key[0] in DECISIONS})
    return Home(
        total=counts.total,
        bands=[BandFigure(band.upper(), counts.band(band), SPANS[band]) for band in Band],
        stages=_flight(counts, moves),
        recycled=counts.stages[Stage.RECYCLED],
        disqualified=counts.stages[Stage.DISQUALIFIED],
        arrivals=_by_day(new, now),
        channels=_by_channel(new),
        hot=hottest(),
        hot_count=hot()[:HOT_COUNTED].count(),
        to_decide=counts.situations[Situation.OFFERED],
        accepted=sum(number for (verb, _reason), number in decided.items() if verb == Verb.ACCEPT),
        rejected=sum(number for (verb, _reason), number in decided.items() if verb in REJECTIONS),
        reasons=_by_reason(decided),
        sent=_of_state(messages, State.SENT),
        held=_of_state(messages, State.HELD),
        held_reasons=_held_by_reason(messages),
        since_yesterday=_since_yesterday(moves, new, now),
        capacity=capacity(counts, now),
    )


def passages(since: dt.datetime, recent: dt.datetime) -> list[Moves]:
    """The passages since then, counted by kind and by whether they are recent; imported history left out."""
    rows = (
        Passage.objects.filter(to_stage__in=list(Stage), at__gte=since, is_imported=False)
        .lasting()
        .values("from_stage", "to_stage", "verb", "reason", is_recent=Q(at__gte=recent))
        .annotate(number=Count("pk"))
        .order_by()
    )
    return [Moves(**row) for row in rows]


def new_leads(since: dt.datetime) -> list[tuple[dt.date, str, int]]:
    """(day, channel, number) of the leads that came since then."""
    rows = (
        Lead.objects.filter(created_at__gte=since)
        .values_list(TruncDate("created_at"), "channel")
        .annotate(number=Count("pk"))
        .order_by()
    )
    return list(rows)


def message_counts(since: dt.datetime) -> Counter[tuple[str, str]]:
    """Messages planned since then by (state, reason), of those sent or held back."""
    rows = (
        Message.objects.filter(state__in=[State.SENT, State.HELD], planned_at__gte=since)
        .values_list("state", "reason")
        .annotate(number=Count("pk"))
        .order_by()
    )
    return Counter({(state, reason): number for state, reason, number in rows})


def hot() -> QuerySet[Lead]:
    """Leads that are hot and that somebody could still win."""
    return Lead.objects.present().filter(score__hot_priority__isnull=False, standing__stage__in=WORKED)


def hottest(limit: int = 6) -> list[Lead]:
    """The most promising hot leads."""
    rows = hot().select_related("company", "owner", "standing", "score")
    return list(rows.order_by("-score__hot_priority", "pk")[:limit])


def capacity(counts: StageCounts, now: dt.datetime) -> Capacity:
    """Places of the active reps, those free now, and who waits for one."""
    teams = loads(now=now)
    return Capacity(
        places=sum(load.rep.places for load in teams),
        free=sum(load.free for load in teams),
        waiting=counts.situations[Situation.READY],
    )


def _flight(counts: StageCounts, moves: Iterable[Moves]) -> list[StageFigure]:
    # Of those who passed through a stage in these days, how many went on. Whoever arrives may stay for now,
    # and whoever leaves may have come before: the larger of both is the whole, so it is never above 100 %.
    arrived: Counter[str] = Counter()
    left: Counter[str] = Counter()
    went_on: Counter[tuple[str, str]] = Counter()
    for move in moves:
        if move.from_stage != move.to_stage:
            arrived[move.to_stage] += move.number
            left[move.from_stage] += move.number
            went_on[move.from_stage, move.to_stage] += move.number
    return [
        StageFigure(
            code=stage,
            label=STAGES[stage],
            value=counts.stages[stage],
            arrived=arrived[stage],
            rate=_share(went_on[stage, following], max(arrived[stage], left[stage])) if following else None,
            url=leads_url(stage=stage),
        )
        for stage, following in zip(FLIGHT, [*FLIGHT[1:], None], strict=True)
    ]


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _of_state(messages: Mapping[tuple[str, str], int], state: State) -> int:
    return sum(number for (code, _reason), number in messages.items() if code == state)


def _by_decision(moves: Iterable[Moves]) -> Counter[tuple[str, int | None]]:
    found: Counter[tuple[str, int | None]] = Counter()
    for move in moves:
        found[move.verb, move.reason] += move.number
    return found


def _by_reason(decided: Counter[tuple[str, int | None]]) -> list[Bar]:
    """Rejections by reason, most frequent first."""
    reasons = Reason.objects.in_bulk([reason for _verb, reason in decided if reason is not None])
    return [
        Bar(
            reasons[reason].label,
            number,
            leads_url(decided=verb, reason=reasons[reason].code, days=DAYS),
            str(VERBS[Verb(verb)]),
        )
        for (verb, reason), number in decided.most_common()
        if verb in REJECTIONS and reason in reasons
    ]


def _by_channel(new: Iterable[tuple[dt.date, str, int]]) -> list[Bar]:
    found: Counter[str] = Counter()
    for _day, channel, number in new:
        found[channel] += number
    labels = dict(Channel.choices)
    bars = [
        Bar(
            labels.get(code, _("Unknown channel")),
            number,
            leads_url(channel=code or NO_CHANNEL, created=DAYS),
        )
        for code, number in found.most_common()
    ]
    rest = sum(bar.value for bar in bars[CHANNELS_SHOWN:])
    others = [Bar(_("Other channels"), rest, leads_url(created=DAYS), is_rest=True)] if rest else []
    return [*bars[:CHANNELS_SHOWN], *others]


def _by_day(new: Iterable[tuple[dt.date, str, int]], now: dt.datetime) -> list[tuple[dt.date, int]]:
    found: Counter[dt.date] = Counter()
    for day, _channel, number in new:
        found[day] += number
    today = timezone.localdate(now)
    days = [today - dt.timedelta(days=back) for back in range(DAYS, -1, -1)]
    return [(day, found[day]) for day in days]


def _held_by_reason(messages: Counter[tuple[str, str]]) -> list[Bar]:
    return [
        Bar(capfirst(reason_in_words(reason)), number, messages_url(state=State.HELD, reason=reason))
        for (state, reason), number in messages.most_common()
        if state == State.HELD
    ]


def _since_yesterday(
    moves: Iterable[Moves], new: Iterable[tuple[dt.date, str, int]], now: dt.datetime
) -> list[Since]:
    """What happened yesterday and today."""
    recent = [move for move in moves if move.is_recent]
    yesterday = timezone.localdate(now) - dt.timedelta(days=1)
    lines = [
        Since(
            _("New leads"),
            sum(number for day, _c, number in new if day >= yesterday),
            leads_url(created=1),
            "user-plus",
        )
    ]
    for label, stage, icon in ARRIVALS:
        number = sum(m.number for m in recent if m.to_stage == stage and m.from_stage != stage)
        lines.append(Since(label, number, leads_url(arrived=stage, days=1), icon))
    for label, verb, icon in CHANGES:
        number = sum(m.number for m in recent if m.verb == verb)
        lines.append(Since(label, number, leads_url(decided=verb, days=1), icon))
    return lines


def leads_url(**filters: str | int) -> str:
    """The list of leads, narrowed: the way from a figure to its leads."""
    return f"{reverse('dashboard:leads')}?{urlencode(filters)}"


def messages_url(**filters: str | int) -> str:
    """The message log, narrowed."""
    return f"{reverse('dashboard:messages')}?{urlencode(filters)}"
