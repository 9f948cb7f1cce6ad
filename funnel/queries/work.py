"""What is planned for leads, and what was said to them: tasks, meetings, calls, notes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db import connection
from django.db.models import F, Q, QuerySet

from accounts.models import User
from funnel.call_rules import Callee, place_of
from funnel.mentions import Colleague
from funnel.models import Call, Note, Task
from funnel.next_action import WORKED, Planned
from funnel.stages import Situation
from funnel.work import CallBasis, CallOutcome, Direction
from leads.choices import Audience, ConsentState, ContactChannel, Purpose, SuppressionReason
from leads.models import Lead
from leads.queries import contact_facts

# The tasks of the present cycle, and the meetings still to take place, of leads that sales work or have on
# the table; the first contact counts once the lead is accepted.
_PLANNED = """
SELECT task.lead_id, task.kind, task.due_at, task.title, task.id, task.is_first_contact
  FROM funnel_task AS task JOIN funnel_standing AS standing USING (lead_id)
 WHERE task.lead_id = ANY(%(leads)s) AND task.done_at IS NULL AND task.cycle = standing.cycle
   AND (standing.stage = ANY(%(worked)s) OR standing.situation = %(offered)s AND NOT task.is_first_contact)
 UNION ALL
SELECT lead_id, 'meeting', starts_at, title, id, FALSE
  FROM funnel_meeting WHERE lead_id = ANY(%(leads)s) AND state IN ('proposed', 'accepted')
   AND ends_at > %(now)s
 ORDER BY 3, 5
"""


def planned(lead_ids: Sequence[int], *, now: datetime) -> dict[int, list[Planned]]:
    """What is to happen for each of these leads, the first due first; leads without anything are left out."""
    found: dict[int, list[Planned]] = defaultdict(list)
    if not lead_ids:
        return found
    with connection.cursor() as cursor:
        cursor.execute(
            _PLANNED,
            {
                "leads": list(lead_ids),
                "worked": [stage.value for stage in WORKED],
                "offered": Situation.OFFERED.value,
                "now": now,
            },
        )
        for row in cursor.fetchall():
            found[row[0]].append(Planned(*row))
    return found


def live_tasks() -> QuerySet[Task]:
    """Open tasks that still count: of the cycle in which sales work the lead, or have it on the table."""
    worked = Q(lead__standing__stage__in=WORKED)
    offered = Q(lead__standing__situation=Situation.OFFERED, is_first_contact=False)
    return Task.objects.filter(worked | offered, done_at=None, cycle=F("lead__standing__cycle"))


def tasks_of(user: User) -> QuerySet[Task]:
    """The open tasks of one person: theirs by name, and those of the leads they have."""
    mine = Q(lead__standing__rep=user.pk) | Q(lead__offered_to=user.pk)
    return live_tasks().filter(Q(assignee=user.pk) | Q(mine, assignee=None))


def calls_of(lead: Lead, *, limit: int = 20) -> list[Call]:
    """The newest calls of a lead."""
    return list(Call.objects.filter(lead=lead).select_related("by").order_by("-at", "-id")[:limit])


def notes_of(lead: Lead, *, limit: int = 50) -> list[Note]:
    """The newest notes of a lead; of deleted ones the trace."""
    return list(
        Note.objects.filter(lead=lead).select_related("by", "deleted_by").order_by("-at", "-id")[:limit]
    )


def colleagues_who_see(lead: Lead) -> list[User]:
    """The active people who may see this lead, by name."""
    people = User.objects.filter(is_active=True).order_by("first_name", "last_name", "pk")
    having = {lead.owner_id, lead.offered_to_id}
    return [one for one in people if one.role != "rep" or one.pk in having]


def as_colleagues(users: Sequence[User]) -> list[Colleague]:
    """The plain values a note is searched with."""
    return [Colleague(one.pk, one.full_name, one.email.partition("@")[0]) for one in users]


def callee_of(
    lead: Lead, *, now: datetime, contract: str = "", calls: Sequence[Call] | None = None
) -> Callee:
    """All that the law asks of a call to this lead. Three queries, or two with its newest ``calls``."""
    facts = contact_facts([lead.pk], at=now)[lead.pk]
    said = facts.consents.get((Purpose.SALES, ContactChannel.PHONE))
    ours = [one for one in calls or calls_of(lead) if one.direction == Direction.OUT]
    refused = [one.at for one in ours if one.outcome == CallOutcome.REFUSED]
    return Callee(
        is_professional=facts.audience == Audience.B2B,
        has_phone=bool(lead.phone),
        phone_is_valid=lead.phone_is_valid,
        is_suppressed=SuppressionReason.OBJECTION in facts.suppressions,
        consent=said.state == ConsentState.GRANTED if said else None,
        evidence=f"consent:{said.evidence_id}" if said else "",
        contract=contract,
        refused_at=max(refused, default=None),
        attempts=tuple(one.at for one in ours),
        place=place_of(time_zone=lead.time_zone, phone=lead.phone or "", postcode=lead.postcode),
    )


def last_contract(calls: Sequence[Call]) -> str:
    """The contract that the newest call to a customer named; "" when none did."""
    return next((one.evidence for one in calls if one.basis == CallBasis.CONTRACT), "")
