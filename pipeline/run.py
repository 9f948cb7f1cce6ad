"""What happens when something happened to a lead. Read this file first.

Facts are recorded (events, people's decisions); conclusions are drawn from them here, again and again:

    claim      take the leads that something happened to, or whose hour has come, off the agenda
    bring home what came for a lead that was merged away belongs to its survivor        (leads)
    rescore    what is each worth now, and why                                     (scoring)
    place      where does it stand now: MQL, ready for sales, cooled, woken        (funnel)
    tell       who wants to hear that a line was crossed                           (scoring)
    offer      give ready leads to reps with free places, take back what expired   (funnel)
    promise    who asked for something is owed a first answer by an hour           (funnel)
    nurture    plan the message that fits, if it may be said                       (nurturing)

All of it is one transaction: what crashes rolls back, stays on the agenda and is taken again. Running
twice changes nothing, because every step looks at the facts and not at what the last run did.

A lead that somebody has just decided on is scored, but goes nowhere and is told nothing as long as the
decision can be undone in the page; it is on the agenda for the moment after.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from funnel.actions.answers import follow_up, promise_answers
from funnel.actions.offers import expire_offers, fill_places
from funnel.actions.placement import place
from funnel.queries.held import held_back
from leads.actions import agenda
from leads.actions.activity import note_activity
from leads.actions.merge import bring_home
from leads.bell import ring
from leads.failpoints import failpoint
from nurturing.actions.plan import plan
from pipeline.alerts import moves_of
from scoring.actions import rescore
from scoring.actions.alerts import raise_alerts, watch
from scoring.actions.company_scores import refresh_companies_of

# Leads per batch: large enough for set-wise work, small enough for locks of a few tens of milliseconds.
BATCH = 500


@dataclass(frozen=True, slots=True)
class Summary:
    """What one run did; ``leads`` is 0 when the agenda was empty."""

    leads: int = 0
    moved: int = 0
    offered: int = 0
    expired: int = 0
    planned: int = 0


@transaction.atomic
def run_once(*, now: datetime, limit: int = BATCH) -> Summary:
    """Conclude for up to ``limit`` leads off the agenda. Raises what a step raises; nothing is lost then."""
    claimed = agenda.claim(limit=limit, now=now)
    failpoint("event.after_claim")
    if not claimed:
        return Summary()

    lead_ids = bring_home(claimed, now=now)
    note_activity(lead_ids)
    watched = watch(lead_ids)
    verdicts = rescore(lead_ids, now=now)
    held = held_back(lead_ids, now=now)
    moves = place({lead: verdict for lead, verdict in verdicts.items() if lead not in held}, now=now)
    refresh_companies_of([lead for lead, verdict in verdicts.items() if verdict.changed], now=now)
    raise_alerts(watched, verdicts, moves_of(moves), now=now)
    expired = expire_offers(now=now)
    offers = fill_places(now=now)
    bands = {lead: f"{verdict.grade}{verdict.level}" for lead, verdict in verdicts.items()}
    if promise_answers(list(verdicts), bands, now=now):
        follow_up(now=now)
    messages = plan([lead for lead in lead_ids if lead not in held], now=now)

    ring("mail")
    return Summary(len(claimed), len(moves), len(offers), len(expired), len(messages))


def run_until_idle(*, now: datetime, limit: int = BATCH) -> Summary:
    """Run batch after batch until nothing is left to look at (for commands, the demo and tests)."""
    total = Summary()
    while (done := run_once(now=now, limit=limit)).leads:
        total = Summary(
            total.leads + done.leads,
            total.moved + done.moved,
            total.offered + done.offered,
            total.expired + done.expired,
            total.planned + done.planned,
        )
    return total
