"""May it still leave? Asked of a whole batch when it is claimed, and of each message right before DATA."""

from __future__ import annotations

import json

from django.conf import settings as site
from django.db import connection, transaction

from nurturing.actions.batch import Batch
from nurturing.actions.outbox import Snapshot, checkpoint
from nurturing.gate import Answer, Gate, open_gate
from nurturing.letters import Letter
from nurturing.models import Message
from nurturing.policy import Purpose
from nurturing.queries import sent_to
from nurturing.quiet import zone_of
from nurturing.timing import Sent, Slot, first_slot

_LOCKS = 0x6D61696C  # "mail": the class of our advisory locks


def still_wanted(batch: Batch) -> list[Message]:
    """The messages of the claim that may leave now; the others are held back or put off."""
    messages = batch.claim.messages
    ids = [message.lead_id for message in messages]
    gate = open_gate(ids, at=batch.now, settings=batch.settings)
    sent = sent_to(ids, now=batch.now, only_left=True)
    return [message for message in messages if _may_leave(batch, message, gate, sent[message.lead_id])]


@transaction.atomic
def check_in(batch: Batch, message: Message, letter: Letter) -> bool:
    """Ask everything once more, right before DATA, and commit that it begins; False when it may not.

    The lock makes two messages to one lead wait for each other, so that the caps hold under concurrency.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCKS, message.lead_id % 2**31])
    gate = open_gate([message.lead_id], at=batch.now)
    sent = sent_to([message.lead_id], now=batch.now, only_left=True, but=message.pk)
    answer = _may_leave(batch, message, gate, sent[message.lead_id])
    if answer is None:
        return False
    if answer.address != letter.recipient:
        batch.retry(message, due_at=batch.now, reason="address_changed", tried=False)
        return False
    return checkpoint(batch.claim, message, _snapshot(letter, answer), now=batch.now)


def _may_leave(batch: Batch, message: Message, gate: Gate, sent: Sent) -> Answer | None:
    """The gate's yes for a message that is not stale and whose time it is."""
    answer = gate.ask(message.lead_id, Purpose(message.purpose))
    slot = _slot(message, gate, sent, batch)
    if not answer.allowed:
        batch.hold(message, answer.reason)
    elif batch.now >= message.expires_at:
        batch.hold(message, "stale")
    elif slot.at > batch.now:
        batch.wait(message, slot)
    else:
        return answer
    return None


def _slot(message: Message, gate: Gate, sent: Sent, batch: Batch) -> Slot:
    return first_slot(
        batch.now,
        purpose=Purpose(message.purpose),
        acted_at=message.acted_at,
        zone=zone_of(message.lead.time_zone, site.TIME_ZONE),
        quiet=gate.settings.quiet_hours,
        caps=gate.settings.caps,
        sent=sent,
    )


def _snapshot(letter: Letter, answer: Answer) -> Snapshot:
    return Snapshot(
        message_id=letter.message_id,
        address=letter.recipient,
        subject=letter.subject,
        basis=answer.basis,
        evidence_id=answer.evidence_id,
        seen=json.dumps(dict(answer.seen)),
    )
