"""Sending what is due: claim, check again, one connection, one message after the other.

Nothing may be sent twice and nothing may be lost, so each message is checkpointed before DATA and recorded
after the answer; where the answer was lost, the message is *unknown* and only a person may send it again.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from django.conf import settings as site
from django.db import connection, transaction

from leads.actions.consent import suppress
from leads.actions.events import record_event
from leads.channels import Channel
from leads.choices import SuppressionReason
from leads.failpoints import failpoint
from leads.models import Content
from nurturing.actions import breaker
from nurturing.actions.outbox import (
    Claim,
    Snapshot,
    checkpoint,
    claim_due,
    close,
    mark_sent,
    put_back,
    recover_lapsed,
)
from nurturing.gate import Answer, Gate, open_gate
from nurturing.letters import Letter, compose, content_ids
from nurturing.liquid_templates import CannotRender
from nurturing.models import MailSettings, Message, State
from nurturing.policy import Purpose
from nurturing.queries import sent_to
from nurturing.quiet import zone_of
from nurturing.retry import Action, Failure, judge
from nurturing.timing import Slot, first_slot
from nurturing.transport import Session, SmtpFailure, Transport

log = structlog.get_logger(__name__)
BATCH = 50


@dataclass(slots=True)
class Summary:
    """What one batch came to. ``claimed`` below the limit means that nothing more is due."""

    claimed: int = 0
    sent: int = 0
    held: int = 0
    deferred: int = 0
    failed: int = 0
    unknown: int = 0
    waits_until: datetime | None = None


@dataclass(slots=True)
class Batch:
    """One claim being worked off."""

    claim: Claim
    settings: MailSettings
    now: datetime
    summary: Summary = field(default_factory=Summary)


def send_due(*, now: datetime, transport: Transport, limit: int = BATCH) -> Summary:
    """Send up to ``limit`` due messages over one connection. Call outside any transaction.

    Sends nothing while the sender is not set up, while the sending domain is paused, or while our own
    server was just found unreachable.
    """
    recovered = recover_lapsed()
    if recovered:
        log.warning("messages_recovered", **recovered)
    settings = MailSettings.load()
    if not settings.is_complete:
        return Summary()
    pause = breaker.current_pause(settings, now=now)
    if pause.until is not None:
        return Summary(waits_until=pause.until)
    claim = claim_due(limit=limit, now=now)
    batch = Batch(claim, settings, now)
    batch.summary.claimed = len(claim.messages)
    deliver_claimed(batch, transport)
    if pause.failures and batch.summary.sent and batch.summary.waits_until is None:
        breaker.worked(settings)
    return batch.summary


def deliver_claimed(batch: Batch, transport: Transport) -> None:
    """Check, compose and send the messages of a claim."""
    ready = _prepare(batch)
    if not ready:
        return
    tried = 0
    try:
        with transport.session() as session:
            for message, letter in ready:
                tried += 1
                _deliver(batch, session, message, letter)
                if not session.is_usable or batch.summary.waits_until is not None:
                    break
    except SmtpFailure as failure:
        _rest(batch, failure.failure)
    _give_back(batch, [message for message, _ in ready[tried:]])


def _give_back(batch: Batch, untried: Sequence[Message]) -> None:
    """Return what was claimed and not tried: at once, or when sending may go on."""
    for message in untried:
        due_at = batch.summary.waits_until or message.due_at
        batch.summary.deferred += put_back(
            batch.claim, message, due_at=due_at, reason=message.reason, detail=message.detail, tried=False
        )


def _prepare(batch: Batch) -> list[tuple[Message, Letter]]:
    """The messages that may leave, composed; the others are held back or deferred."""
    messages = batch.claim.messages
    if not messages:
        return []
    gate = open_gate([message.lead_id for message in messages], at=batch.now, settings=batch.settings)
    allowed = [message for message in messages if _passes(batch, gate, message) is not None]
    pieces = Content.objects.in_bulk(content_ids(allowed))
    ready = []
    for message in allowed:
        try:
            letter = compose(message, settings=batch.settings, pieces=pieces, now=batch.now)
        except CannotRender as problem:
            _hold(batch, message, problem.code, problem.about)
        except (ValueError, TypeError, LookupError) as problem:
            log.exception("message_cannot_be_composed", message=message.pk)
            _hold(batch, message, "broken", str(problem))
        else:
            ready.append((message, letter))
    return ready


def _passes(batch: Batch, gate: Gate, message: Message) -> Answer | None:
    """The gate's yes for a message that is still wanted; otherwise it is held back."""
    answer = gate.ask(message.lead_id, Purpose(message.purpose))
    if not answer.allowed:
        _hold(batch, message, answer.reason)
        return None
    if batch.now >= message.expires_at:
        _hold(batch, message, "stale")
        return None
    return answer


def _hold(batch: Batch, message: Message, reason: str, detail: str = "") -> None:
    batch.summary.held += close(batch.claim, message, state=State.HELD, reason=reason, detail=detail)


def _deliver(batch: Batch, session: Session, message: Message, letter: Letter) -> None:
    """One message: envelope, last check and checkpoint, DATA, record."""
    try:
        session.envelope(letter.sender, letter.recipient)
        if not _check_in(batch, message, letter):
            session.reset()
            return
        failpoint("email.before_data")
        answer = session.transmit(letter.content)
    except SmtpFailure as problem:
        _settle(batch, message, problem.failure)
        return
    failpoint("email.after_data")
    _record(batch, message, letter, answer)


@transaction.atomic
def _check_in(batch: Batch, message: Message, letter: Letter) -> bool:
    """Ask everything once more, right before DATA, and commit that it begins.

    The lock makes two messages to one lead wait for each other, so that the caps hold under concurrency.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCKS, message.lead_id % 2**31])
    answer = _passes(batch, open_gate([message.lead_id], at=batch.now), message)
    if answer is None:
        return False
    if answer.address != letter.recipient:
        batch.summary.deferred += put_back(
            batch.claim, message, due_at=batch.now, reason="address_changed", tried=False
        )
        return False
    slot = _slot(batch, message)
    if slot.at > batch.now:
        _defer(batch, message, slot)
        return False
    snapshot = Snapshot(
        message_id=letter.message_id,
        address=letter.recipient,
        subject=letter.subject,
        basis=answer.basis,
        evidence_id=answer.evidence_id,
        seen=json.dumps(dict(answer.seen)),
    )
    return checkpoint(batch.claim, message, snapshot, now=batch.now)


_LOCKS = 0x6D61696C  # "mail": the class of our advisory locks


def _slot(batch: Batch, message: Message) -> Slot:
    sent = sent_to([message.lead_id], now=batch.now, only_left=True, but=message.pk)
    return first_slot(
        batch.now,
        purpose=Purpose(message.purpose),
        acted_at=message.acted_at,
        zone=zone_of(message.lead.time_zone, site.TIME_ZONE),
        quiet=batch.settings.quiet_hours,
        caps=batch.settings.caps,
        sent=sent[message.lead_id],
    )


def _defer(batch: Batch, message: Message, slot: Slot) -> None:
    if slot.at >= message.expires_at:
        _hold(batch, message, slot.waits_for)
    else:
        batch.summary.deferred += put_back(
            batch.claim, message, due_at=slot.at, reason=slot.waits_for, tried=False
        )


@transaction.atomic
def _record(batch: Batch, message: Message, letter: Letter, answer: str) -> None:
    """The server took it: the row and the event say so."""
    failpoint("email.before_record")
    if not mark_sent(batch.claim, message, now=batch.now, detail=answer):
        return
    batch.summary.sent += 1
    record_event(
        lead_id=message.lead_id,
        kind="email_sent",
        occurred_at=batch.now,
        now=batch.now,
        event_id=f"message:{message.pk}:{letter.message_id}",
        content_id=message.content_id,
        channel=Channel.NEWSLETTER if message.purpose == Purpose.NEWSLETTER else Channel.EMAILING,
        properties={"message": message.pk, "purpose": message.purpose, "template": message.template.code},
        wakes=False,
    )


def _settle(batch: Batch, message: Message, failure: Failure) -> None:
    """What follows from a failure of one message."""
    verdict = judge(failure, attempts=message.attempts)
    reason, detail = f"smtp:{failure.phase}:{failure.code or 'lost'}", failure.text
    match verdict.action:
        case Action.RETRY:
            due_at = batch.now + (verdict.retry_in or breaker.NO_TIME)
            batch.summary.deferred += put_back(
                batch.claim, message, due_at=due_at, reason=reason, detail=detail
            )
        case Action.PAUSE_DOMAIN | Action.OPEN_BREAKER:
            _rest(batch, failure)
            _give_back(batch, [message])
        case Action.UNKNOWN:
            batch.summary.unknown += close(
                batch.claim, message, state=State.UNKNOWN, reason="answer_lost", detail=detail
            )
        case Action.HARD_BOUNCE:
            _bounce(batch, message, reason, detail)
        case Action.FAIL:
            batch.summary.failed += close(
                batch.claim, message, state=State.FAILED, reason=reason, detail=detail
            )


@transaction.atomic
def _bounce(batch: Batch, message: Message, reason: str, detail: str) -> None:
    """The address does not exist: never again, and the lead's history says so."""
    batch.summary.failed += close(batch.claim, message, state=State.FAILED, reason=reason, detail=detail)
    if message.lead.email:
        suppress(address=message.lead.email, reason=SuppressionReason.HARD_BOUNCE, now=batch.now)
    record_event(
        lead_id=message.lead_id,
        kind="email_bounced",
        occurred_at=batch.now,
        now=batch.now,
        event_id=f"bounce:{message.pk}:{message.attempts}",
        channel=Channel.EMAILING,
        properties={"message": message.pk, "answer": detail[:200]},
    )


def _rest(batch: Batch, failure: Failure) -> None:
    """Nobody's address is to blame: stop sending for a while."""
    batch.summary.waits_until = breaker.stop(batch.settings, failure, now=batch.now)
    log.warning(
        "sending_stopped", phase=failure.phase.value, code=failure.code, until=batch.summary.waits_until
    )
