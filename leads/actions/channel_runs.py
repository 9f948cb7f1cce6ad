"""Applying the channel rules of now to the touches there are: previewed, in chunks, to be undone.

Only what the marks of a visit tell is decided anew. A channel that a person or a form named has no marks,
and stays.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Count, Max, Q

from accounts.models import User
from leads.actions.events import record_events
from leads.actions.profiles import history_row, profile_event, take_over
from leads.channel_rules import Found, Marks, Rule, as_json, channel_for, read_conditions
from leads.choices import Origin
from leads.models import ChannelRun, Lead, ProfileChange, RunState, Touch
from leads.sources import campaign_codes, live_rules

CHUNK = 5_000
SAMPLES = 5


@dataclass(frozen=True)
class Move:
    """Touches that would go from one channel to another, with some of their marks."""

    before: str
    after: str
    number: int
    samples: list[Marks]


@dataclass(frozen=True)
class Preview:
    """What applying the rules would change."""

    touches: int
    changed: int
    moves: list[Move]


class Busy(Exception):
    """The rules are being applied already."""


# Touches that say where somebody came from; the others were named by a person.
TOLD = ~Q(utm={}, referrer="", page="", marks=[])


def preview() -> Preview:
    """From which channel to which, how many; exact, by the distinct marks there are."""
    rules, campaigns = live_rules(), campaign_codes()
    counts: Counter[tuple[str, str]] = Counter()
    samples: dict[tuple[str, str], list[Marks]] = defaultdict(list)
    total = 0
    rows = (
        Touch.objects.filter(TOLD)
        .values_list("utm", "referrer", "page", "marks", "channel", "campaign_id")
        .annotate(number=Count("pk"))
        .order_by()
    )
    for utm, referrer, page, clicks, channel, campaign, number in rows.iterator(chunk_size=CHUNK):
        total += number
        marks = Marks(utm, referrer, page, tuple(clicks))
        found = channel_for(marks, rules, campaigns)
        if _differs(found, channel, campaign):
            move = (channel, found.channel)
            counts[move] += number
            if len(samples[move]) < SAMPLES:
                samples[move].append(marks)
    moves = [Move(*move, number, samples[move]) for move, number in counts.most_common()]
    return Preview(total, sum(counts.values()), moves)


def _differs(found: Found, channel: str, campaign: int | None) -> bool:
    """Whether the rules say something else; a touch keeps its channel where they say nothing."""
    return bool(found.channel) and (found.channel, found.campaign or campaign) != (channel, campaign)


@transaction.atomic
def begin_run(*, by: User | None, now: datetime) -> ChannelRun:
    """Ask for the rules of now to be applied to the past. Raises Busy while that is being done."""
    if ChannelRun.objects.select_for_update().filter(state=RunState.WAITING).exists():
        raise Busy
    last = Touch.objects.filter(TOLD).aggregate(last=Max("pk"), total=Count("pk"))
    return ChannelRun.objects.create(
        rules=[
            {"conditions": as_json(rule.conditions), "channel": rule.channel, "campaign": rule.campaign}
            for rule in live_rules()
        ],
        total=last["total"],
        until_id=last["last"] or 0,
        by=by,
        created_at=now,
    )


def work_off(*, now: datetime) -> Iterator[ChannelRun]:
    """Go on with the run that waits, chunk by chunk, each in a transaction of its own (a kill loses none)."""
    while (run := _next_chunk(now=now)) is not None:
        yield run


@transaction.atomic
def _next_chunk(*, now: datetime) -> ChannelRun | None:
    run = ChannelRun.objects.select_for_update(skip_locked=True).filter(state=RunState.WAITING).first()
    if run is None:
        return None
    mine = Touch.objects.filter(TOLD, pk__gt=run.after_id, pk__lte=run.until_id)
    touches = list(mine.order_by("pk")[:CHUNK])
    changed = _apply(touches, run, _rules_of(run), campaign_codes())
    run.touches_changed += len(changed)
    run.leads_changed += _settle({touch.lead_id for touch in changed if touch.lead_id}, run.by, now=now)
    run.after_id = touches[-1].pk if touches else run.until_id
    if len(touches) < CHUNK:
        run.state, run.finished_at = RunState.DONE, now
    run.save()
    return run


def _rules_of(run: ChannelRun) -> list[Rule]:
    return [Rule(read_conditions(row["conditions"]), row["channel"], row["campaign"]) for row in run.rules]


def _apply(
    touches: Sequence[Touch], run: ChannelRun, rules: Sequence[Rule], campaigns: Mapping[str, int]
) -> list[Touch]:
    """Decide some touches anew; those that changed."""
    changed = []
    for touch in touches:
        marks = Marks(touch.utm, touch.referrer, touch.page, tuple(touch.marks))
        found = channel_for(marks, rules, campaigns)
        if _differs(found, touch.channel, touch.campaign_id):
            touch.was_channel, touch.was_campaign_id = touch.channel, touch.campaign_id
            touch.channel, touch.campaign_id = found.channel, found.campaign or touch.campaign_id
            touch.run = run
            changed.append(touch)
    _save(changed, "channel", "campaign_id", "was_channel", "was_campaign_id", "run_id")
    return changed


def _save(rows: Sequence[Touch] | Sequence[Lead], *fields: str) -> None:
    """Write these fields: there are few distinct combinations of them, so few statements."""
    alike: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for row in rows:
        alike[tuple(getattr(row, name) for name in fields)].append(row.pk)
    for values, ids in alike.items():
        type(rows[0])._default_manager.filter(pk__in=ids).update(**dict(zip(fields, values, strict=True)))


_ENDS = """
SELECT lead.id, coalesce(first.channel, ''), coalesce(first.was, ''), coalesce(last.channel, '')
FROM leads_lead AS lead
LEFT JOIN LATERAL (
    SELECT channel, was_channel AS was FROM leads_touch WHERE lead_id = lead.id ORDER BY at, id LIMIT 1
) AS first ON true
LEFT JOIN LATERAL (
    SELECT channel FROM leads_touch WHERE lead_id = lead.id ORDER BY at DESC, id DESC LIMIT 1
) AS last ON true
WHERE lead.id = ANY(%s) AND lead.merged_into_id IS NULL AND lead.erased_at IS NULL
"""


def _settle(lead_ids: set[int], by: User | None, *, now: datetime) -> int:
    """Leads whose channel was their first touch's get what that is now; their history keeps what it was."""
    if not lead_ids:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_ENDS, [sorted(lead_ids)])
        ends = {row[0]: row[1:] for row in cursor.fetchall()}
    leads, rows, events = [], [], []
    for lead in Lead.objects.select_for_update().filter(pk__in=ends).order_by("pk"):
        taken = take_over(lead, _channels(lead, *ends[lead.pk]), overwrite=True)
        if taken:
            leads.append(lead)
            rows += [history_row(lead, change, origin=Origin.DEDUCED, at=now, by=by) for change in taken]
            events.append(profile_event(lead.pk, taken, origin=Origin.DEDUCED, at=now, wakes=True))
    _save(leads, "channel", "last_channel")
    ProfileChange.objects.bulk_create(rows, batch_size=1000)
    if events:
        record_events(events, now=now)
    return sum(row.field == "channel" for row in rows)


def _channels(lead: Lead, first: str, was: str, last: str) -> dict[str, object]:
    """What a lead's touches say now, where its channel was what they said before."""
    changes: dict[str, object] = {}
    if first and lead.channel == was and first != was:
        changes["channel"] = first
    if last and lead.last_channel != last:
        changes["last_channel"] = last
    return changes


@transaction.atomic
def undo_run(*, run: ChannelRun, by: User | None, now: datetime) -> int:
    """Put touches, and the channels of leads, back as they were before a finished run; how many touches.

    What was changed again since by hand stays.
    """
    found = ChannelRun.objects.select_for_update().get(pk=run.pk)
    if found.state != RunState.DONE:
        return 0
    touches = list(Touch.objects.select_for_update().filter(run=found).order_by("pk"))
    for touch in touches:
        touch.channel, touch.was_channel = touch.was_channel, touch.channel
        touch.campaign_id, touch.was_campaign_id = touch.was_campaign_id, touch.campaign_id
        touch.run = None
    _save(touches, "channel", "campaign_id", "was_channel", "was_campaign_id", "run_id")
    _settle({touch.lead_id for touch in touches if touch.lead_id}, by, now=now)
    found.state = RunState.UNDONE
    found.save(update_fields=["state"])
    return len(touches)
