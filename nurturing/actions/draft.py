"""From steps that are due to message rows: content chosen, gate asked, slot found, reasons written down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from django.conf import settings

from funnel.stages import WAKE_AHEAD_DAYS
from nurturing.actions.enrol import Taken
from nurturing.definitions import Versions
from nurturing.gate import Answer, Gate
from nurturing.library import pieces, readers
from nurturing.models import Enrolment, Message, State
from nurturing.next_content import best_fitted
from nurturing.policy import Purpose
from nurturing.queries import sent_to
from nurturing.quiet import zone_of
from nurturing.timing import Sent, Slot, first_slot
from nurturing.tracks import Ending


def draft(taken: Sequence[Taken], gate: Gate, versions: Versions, *, now: datetime) -> list[Message]:
    """The messages of these steps, planned or held back; not yet saved. Queries: at most five."""
    speaking = [each for each in taken if versions.language_for(each.lead.language, each.do.step.template)]
    _choose(speaking, gate, versions)
    sent = sent_to({each.lead.pk for each in speaking}, now=now)
    return [_message(each, gate, versions, sent[each.lead.pk], now=now) for each in speaking]


def _choose(taken: Sequence[Taken], gate: Gate, versions: Versions) -> None:
    """Pick a piece of content for every step that wants one; no piece twice for one lead."""
    picking = [each for each in taken if each.do.step.picks_content]
    if not picking:
        return
    languages = {
        each.lead.pk: versions.language_for(each.lead.language, each.do.step.template) for each in picking
    }
    known = readers([each.lead for each in picking], gate.positions, languages)
    library = pieces()
    for each in picking:
        reader = known[each.lead.pk]
        each.choice = best_fitted(library, reader)
        if each.choice is not None:
            known[each.lead.pk] = replace(reader, seen=reader.seen | {each.choice.piece_id})


def _message(each: Taken, gate: Gate, versions: Versions, sent: Sent, *, now: datetime) -> Message:
    """The message of one step: planned for its slot, or held back with the reason."""
    answer = gate.ask(each.lead.pk, Purpose.NURTURING)
    slot = _slot(each, gate, sent, now)
    expires_at = each.do.due_at + each.do.step.time_to_live
    reason = _held_because(each, answer, slot, stale=max(now, slot.at) >= expires_at)
    if not reason:
        sent.add(slot.at, Purpose.NURTURING)
    language = versions.language_for(each.lead.language, each.do.step.template)
    return Message(
        send_key=send_key(each),
        lead_id=each.lead.pk,
        template_id=versions.ids[each.do.step.template, language],
        enrolment=each.enrolment,
        content_id=each.choice.piece_id if each.choice else None,
        purpose=Purpose.NURTURING,
        state=State.HELD if reason else State.PLANNED,
        reason=reason or slot.waits_for,
        planned_at=now,
        due_at=slot.at,
        expires_at=expires_at,
        acted_at=_acted_at(each.enrolment),
        basis=answer.basis,
        evidence_id=answer.evidence_id,
        why=_why(each, answer),
        extra=_promise(each.enrolment),
    )


def _slot(each: Taken, gate: Gate, sent: Sent, now: datetime) -> Slot:
    return first_slot(
        now,
        purpose=Purpose.NURTURING,
        acted_at=_acted_at(each.enrolment),
        zone=zone_of(each.lead.time_zone, settings.TIME_ZONE),
        quiet=gate.settings.quiet_hours,
        caps=gate.settings.caps,
        sent=sent,
    )


def _acted_at(enrolment: Enrolment) -> datetime | None:
    """When the person acted; a return is what sales did."""
    return enrolment.acted_at if enrolment.entry_key.startswith("event:") else None


def _held_because(each: Taken, answer: Answer, slot: Slot, *, stale: bool) -> str:
    """Why the message is held back, or "" when it may leave in its slot."""
    if not answer.allowed:
        return answer.reason
    if each.do.step.needs_content and each.choice is None:
        return Ending.NOTHING_LEFT.value
    return (slot.waits_for or "stale") if stale else ""


def send_key(each: Taken) -> str:
    """(lead, track and step, occurrence): what makes the message unique for ever."""
    step = f"{each.live.track.code}.{each.do.step.position}"
    return f"{each.lead.pk}/{step}/{each.enrolment.entry_key}#{each.do.round}"


def _why(each: Taken, answer: Answer) -> dict[str, object]:
    return {
        **dict(answer.seen),
        "track": each.live.track.code,
        "entry": each.enrolment.entry_key,
        "content": [list(pair) for pair in each.choice.because] if each.choice else [],
    }


def _promise(enrolment: Enrolment) -> dict[str, object]:
    """The month that sales agreed on with the lead, when there is one: its first day."""
    if enrolment.wake_on is None:
        return {}
    month = enrolment.wake_on + timedelta(days=WAKE_AHEAD_DAYS)
    return {"wake_month": month.isoformat()} if month.day == 1 else {}
