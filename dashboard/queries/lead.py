"""Everything about one lead, for its page. Nine queries besides the score's own explanation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from dashboard import timeline
from dashboard.curve import Change, Curve, Movement, curve, movements
from dashboard.custom_values import custom_facts
from dashboard.ledger import Ledger, ledger
from dashboard.profile import Fact, company_facts, facts_of
from dashboard.queries.found_lead import Business, ConsentLine, Found, TouchLine
from funnel.models import Offer, Passage, Standing
from funnel.stages import Stage
from leads.actions.verdicts import key_of, reasons_of
from leads.models import (
    Event,
    Lead,
    ProfileChange,
    Verdict,
)
from nurturing.models import Message
from nurturing.queries import messages_of
from scoring.programs import NoLiveRules
from scoring.queries import Explanation, ShownLine, explain

EVENTS_SHOWN = 80
PASSAGES_SHOWN = 200
CHANGES_SHOWN = 300
MESSAGES_SHOWN = 40
MOVES_SHOWN = 5
LADDER = (Stage.LEAD, Stage.MQL, Stage.SAL, Stage.SQL, Stage.CUSTOMER)


@dataclass(frozen=True)
class Step:
    """One step of the stage stepper: done, now, next, or off (reached once, stands elsewhere now)."""

    code: str
    state: str


@dataclass(frozen=True)
class Cycle:
    """One round of a lead through the funnel."""

    number: int
    began: dt.datetime
    ended: dt.datetime | None
    furthest: str
    outcome: str


@dataclass(frozen=True)
class LeadPage:
    """What the page of one lead shows."""

    lead: Lead
    standing: Standing | None
    explanation: Explanation | None
    fit: Ledger
    engagement: Ledger
    steps: list[Step]
    facts: list[Fact]
    company: list[Fact]
    days: list[timeline.Day]
    has_older: bool
    messages: list[Message]
    consents: list[ConsentLine]
    cycles: list[Cycle]
    offer: Offer | None
    business: Business | None
    touches: list[TouchLine]
    curve: Curve | None
    moves: list[Movement]
    titles: dict[int, str]

    @property
    def adjustments(self) -> list[ShownLine]:
        """What was added by hand and counts today."""
        lines = self.explanation.lines if self.explanation else ()
        return [line for line in lines if line.kind == "adjustment"]


def lead_page(found: Found, *, now: dt.datetime, event_id: int | None = None) -> LeadPage:
    """The page of a lead as of ``now``; its history shows the event ``event_id`` too, however old."""
    lead = found.lead
    standing = getattr(lead, "standing", None)
    explanation = _explanation(lead, now)
    passages = list(
        Passage.objects.filter(lead=lead).select_related("reason").order_by("-id")[:PASSAGES_SHOWN]
    )
    changes = list(
        # Its passages tell of its stages.
        ProfileChange.objects.filter(lead=lead)
        .exclude(field="stage")
        .select_related("by")
        .order_by("-at", "-id")[:CHANGES_SHOWN]
    )
    events = list(newest_events(lead, event_id))
    tell_reasons(events)
    shown = {event.pk for event in events}
    messages = list(messages_of(lead.pk)[:MESSAGES_SHOWN])
    return LeadPage(
        lead=lead,
        standing=standing,
        explanation=explanation,
        fit=_account(explanation, "fit", shown),
        engagement=_account(explanation, "engagement", shown),
        steps=steps(standing, passages),
        facts=_facts(found, changes, explanation.missing if explanation else ()),
        company=company_facts(lead.company) if lead.company else [],
        days=timeline.timeline(_without_last(events, event_id), passages, messages, changes),
        has_older=len(events) > EVENTS_SHOWN,
        messages=messages,
        consents=found.consents,
        cycles=cycles(passages),
        offer=found.offer,
        business=found.business,
        touches=found.touches,
        curve=curve(found.course, until=now, thresholds=_thresholds(explanation)),
        moves=_moves(found.course),
        titles={event.pk: _title(event) for event in events},
    )


def _title(event: Event) -> str:
    return f"{event.kind.label} · {event.content.title}" if event.content else event.kind.label


def _account(explanation: Explanation | None, measure: str, shown: Collection[int]) -> Ledger:
    """The account of one measure; occurrences lead to the events that the page shows."""
    if explanation is None:
        return ledger(())
    return ledger(explanation.lines_of(measure), day=explanation.day, shown=shown)


def _thresholds(explanation: Explanation | None) -> Collection[int]:
    """From how many points of engagement 1, 2 and 3 are given."""
    return explanation.thresholds if explanation else ()


def _moves(course: Sequence[Change]) -> list[Movement]:
    """What moved the score last, newest first; of what time alone took, only new bands."""
    found = [one for one in movements(course) if one.is_new_band or _is_told(one)]
    return found[::-1][:MOVES_SHOWN]


def _is_told(movement: Movement) -> bool:
    return movement.size > 0 and movement.change.cause != "midnight"


def _without_last(events: list[Event], event_id: int | None) -> list[Event]:
    """One more was read than is shown, unless it is the one that was asked for."""
    return [event for index, event in enumerate(events) if index < EVENTS_SHOWN or event.pk == event_id]


def _facts(found: Found, changes: list[ProfileChange], missing: Collection[str]) -> list[Fact]:
    """The standard profile, then the site's own fields."""
    own = custom_facts(found.lead, found.own_fields, changes, missing)
    return [*facts_of(found.lead, changes, missing), *own]


def tell_reasons(events: Iterable[Event]) -> None:
    """Put beside each machine's event why it is held to be one; a query only where there is any."""
    machines = [event for event in events if event.verdict == Verdict.MACHINE]
    found = reasons_of(machines)
    for event in machines:
        vars(event)["reasons"] = found.get(key_of(event), [])


def _explanation(lead: Lead, now: dt.datetime) -> Explanation | None:
    """Why the lead has its score; None while no rules are live."""
    try:
        return explain(lead, now=now)
    except NoLiveRules:
        return None


def newest_events(lead: Lead, event_id: int | None = None) -> QuerySet[Event]:
    """The newest events, one more than is shown; and the one of this number."""
    mine = Event.objects.filter(lead=lead)
    newest = mine.order_by("-occurred_at", "-id")[: EVENTS_SHOWN + 1]
    if event_id is not None:
        numbers = newest.values("pk")
        newest = mine.filter(Q(pk__in=numbers) | Q(pk=event_id)).order_by("-occurred_at", "-id")
    return newest.select_related("kind", "content")


def steps(standing: Standing | None, passages: Sequence[Passage]) -> list[Step]:
    """The ladder of stages as far as this cycle went; a lead that stands aside has no step that is now."""
    if standing is None:
        return [Step(stage, "next") for stage in LADDER]
    if standing.stage in LADDER:
        here = LADDER.index(Stage(standing.stage))
        return [
            Step(stage, "done" if place < here else "now" if place == here else "next")
            for place, stage in enumerate(LADDER)
        ]
    furthest = _furthest(passage for passage in _lasting(passages) if passage.cycle == standing.cycle)
    return [Step(stage, "off" if place <= furthest else "next") for place, stage in enumerate(LADDER)]


def cycles(passages: Sequence[Passage]) -> list[Cycle]:
    """The rounds through the funnel, newest first; ``passages`` come newest first."""
    found = []
    passages = _lasting(passages)
    for number in sorted({passage.cycle for passage in passages}, reverse=True):
        round_ = [passage for passage in passages if passage.cycle == number]
        newer = [passage for passage in passages if passage.cycle > number]
        found.append(
            Cycle(
                number=number,
                began=round_[-1].at,
                ended=newer[-1].at if newer else None,
                furthest=LADDER[_furthest(round_)],
                outcome=next((passage.outcome for passage in round_ if passage.outcome), ""),
            )
        )
    return found


def _lasting(passages: Sequence[Passage]) -> list[Passage]:
    """Without what was undone, and without the undoing."""
    undone = {passage.undoes_id for passage in passages}
    return [one for one in passages if one.undoes_id is None and one.pk not in undone]


def _furthest(passages: Iterable[Passage]) -> int:
    reached = [LADDER.index(Stage(p.to_stage)) for p in passages if p.to_stage in LADDER]
    return max(reached, default=0)
