"""Sending what is due: claim, check again, one connection, one message after the other.

Nothing may be sent twice and nothing may be lost, so each message is checkpointed before DATA and recorded
after the answer; where the answer was lost, the message is *unknown* and only a person may send it again.
"""

from __future__ import annotations

from datetime import datetime

import structlog
from django.db import transaction

from leads.actions.events import record_event
from leads.channels import Channel
from leads.failpoints import failpoint
from leads.models import Content
from nurturing.actions import breaker
from nurturing.actions.batch import Batch, Summary
from nurturing.actions.checks import check_in, still_wanted
from nurturing.actions.outbox import claim_due, mark_sent, recover_lapsed
from nurturing.actions.settle import rest, settle
from nurturing.first_notice import mark_told, origins_to_tell
from nurturing.letters import Letter, compose, content_ids
from nurturing.liquid_templates import CannotRender
from nurturing.models import MailSettings, Message
from nurturing.policy import Purpose
from nurturing.transport import Session, SmtpFailure, Transport

log = structlog.get_logger(__name__)
BATCH = 50


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
    batch = Batch(claim, settings, now, Summary(claimed=len(claim.messages)))
    if claim.messages:
        deliver_claimed(batch, transport)
    if pause.failures and batch.summary.sent and batch.summary.waits_until is None:
        breaker.worked(settings)
    return batch.summary


def deliver_claimed(batch: Batch, transport: Transport) -> None:
    """Check, compose and send the messages of a claim."""
    ready = _compose(batch, still_wanted(batch))
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
        rest(batch, failure.failure)
    batch.give_back([message for message, _ in ready[tried:]])


def _compose(batch: Batch, messages: list[Message]) -> list[tuple[Message, Letter]]:
    """The letters of those messages that can be made; the others are held back."""
    pieces = Content.objects.in_bulk(content_ids(messages))
    origins = origins_to_tell({message.lead_id for message in messages})
    ready = []
    for message in messages:
        try:
            origin = origins.get(message.lead_id)
            letter = compose(message, settings=batch.settings, pieces=pieces, now=batch.now, origin=origin)
        except CannotRender as problem:
            batch.hold(message, problem.code, problem.about)
        except (ValueError, TypeError, LookupError) as problem:
            log.exception("message_cannot_be_composed", message=message.pk)
            batch.hold(message, "broken", str(problem))
        else:
            ready.append((message, letter))
    return ready


def _deliver(batch: Batch, session: Session, message: Message, letter: Letter) -> None:
    """One message: envelope, last check and checkpoint, DATA, record."""
    try:
        session.envelope(letter.sender, letter.recipient)
        if not check_in(batch, message, letter):
            session.reset()
            return
        failpoint("email.before_data")
        answer = session.transmit(letter.content)
    except SmtpFailure as problem:
        settle(batch, message, problem.failure)
        return
    failpoint("email.after_data")
    _record(batch, message, letter, answer)


@transaction.atomic
def _record(batch: Batch, message: Message, letter: Letter, answer: str) -> None:
    """The server took it: the row and the event say so."""
    failpoint("email.before_record")
    if not mark_sent(batch.claim, message, now=batch.now, detail=answer):
        return
    batch.summary.sent += 1
    if letter.tells_origin:
        mark_told(message.lead_id, now=batch.now)
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
