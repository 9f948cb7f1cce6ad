"""One issue of a newsletter to a list: the same message rows, the same checks as everything else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from leads.bell import ring
from leads.models import Content, Lead, List
from nurturing.definitions import Versions, definitions
from nurturing.gate import Gate, open_gate
from nurturing.models import Message, State
from nurturing.policy import Purpose
from nurturing.queries import sent_to
from nurturing.quiet import zone_of
from nurturing.timing import Sent, first_slot

BLOCK = 1000
TIME_TO_LIVE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Issue:
    """One issue: its name among its list's issues ("2026-03"), what it says, in which template."""

    list_code: str
    occurrence: str
    title: str
    contents: tuple[Content, ...]
    template: str = "newsletter"

    @property
    def extra(self) -> dict[str, object]:
        """What the template merges besides the lead."""
        return {"title": self.title, "contents": [piece.pk for piece in self.contents]}


def plan_issue(issue: Issue, *, now: datetime) -> dict[str, int]:
    """Plan the issue for every member of its list; how many messages are new, by state.

    Planning the same occurrence again adds only members who joined since. Raises List.DoesNotExist, and
    ValueError when the template does not exist.
    """
    newsletter = List.objects.get(code=issue.list_code)
    versions = definitions().versions
    if all(code != issue.template for code, _language in versions.ids):
        raise ValueError(f"there is no template {issue.template!r}")
    counts: Counter[str] = Counter()
    last = 0
    while block := _members(newsletter, after=last):
        last = block[-1].pk
        counts += _plan_block(block, issue, versions, now=now)
    ring("mail")
    return dict(counts)


def _members(newsletter: List, *, after: int) -> list[Lead]:
    """The next members by id, without those who left, were merged away or erased."""
    return list(
        Lead.objects.present()
        .filter(memberships__list=newsletter, memberships__left_at=None, pk__gt=after)
        .order_by("pk")[:BLOCK]
    )


@transaction.atomic
def _plan_block(block: Sequence[Lead], issue: Issue, versions: Versions, *, now: datetime) -> Counter[str]:
    ids = [lead.pk for lead in block]
    gate, sent = open_gate(ids, at=now), sent_to(ids, now=now)
    messages = [_message(lead, issue, versions, gate, sent[lead.pk], now=now) for lead in block]
    known = Message.objects.filter(send_key__in=[message.send_key for message in messages])
    before = set(known.values_list("send_key", flat=True))
    new = [message for message in messages if message.send_key not in before]
    Message.objects.bulk_create(new, ignore_conflicts=True)
    return Counter(str(message.state) for message in new)


def _message(
    lead: Lead, issue: Issue, versions: Versions, gate: Gate, sent: Sent, *, now: datetime
) -> Message:
    """The issue for one member: in its slot, or held back with the reason."""
    answer = gate.ask(lead.pk, Purpose.NEWSLETTER)
    slot = first_slot(
        now,
        purpose=Purpose.NEWSLETTER,
        acted_at=None,
        zone=zone_of(lead.time_zone, settings.TIME_ZONE),
        quiet=gate.settings.quiet_hours,
        caps=gate.settings.caps,
        sent=sent,
    )
    expires_at = now + TIME_TO_LIVE
    reason = answer.reason if not answer.allowed else slot.waits_for if slot.at >= expires_at else ""
    return Message(
        send_key=f"{lead.pk}/newsletter.{issue.list_code}/{issue.occurrence}",
        lead=lead,
        template_id=versions.ids[issue.template, versions.language_for(lead.language, issue.template)],
        purpose=Purpose.NEWSLETTER,
        state=State.HELD if reason else State.PLANNED,
        reason=reason or slot.waits_for,
        planned_at=now,
        due_at=slot.at,
        expires_at=expires_at,
        basis=answer.basis,
        evidence_id=answer.evidence_id,
        why={**dict(answer.seen), "list": issue.list_code, "issue": issue.occurrence},
        extra=issue.extra,
    )
