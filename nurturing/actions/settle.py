"""What follows when a mail server does not say yes: the ladder of ``nurturing.retry``, carried out."""

from __future__ import annotations

import structlog
from django.db import transaction

from leads.actions.consent import suppress
from leads.actions.events import record_event
from leads.channels import Channel
from leads.choices import SuppressionReason
from nurturing.actions import breaker
from nurturing.actions.batch import Batch
from nurturing.actions.outbox import Mail
from nurturing.models import Message
from nurturing.retry import Action, Failure, judge

log = structlog.get_logger(__name__)


def settle(batch: Batch, message: Mail, failure: Failure) -> None:
    """What follows from a failure of one message."""
    verdict = judge(failure, attempts=message.attempts)
    reason, detail = f"smtp:{failure.phase}:{failure.code or 'lost'}", failure.text
    match verdict.action:
        case Action.RETRY:
            due_at = batch.now + (verdict.retry_in or breaker.NO_TIME)
            batch.retry(message, due_at=due_at, reason=reason, detail=detail)
        case Action.PAUSE_DOMAIN | Action.OPEN_BREAKER:
            rest(batch, failure)
            batch.give_back([message])
        case Action.UNKNOWN:
            batch.lose(message, detail)
        case Action.HARD_BOUNCE:
            _bounce(batch, message, reason, detail)
        case Action.FAIL:
            batch.fail(message, reason, detail)


def rest(batch: Batch, failure: Failure) -> None:
    """Nobody's address is to blame: stop sending for a while."""
    until = batch.summary.waits_until = breaker.stop(batch.settings, failure, now=batch.now)
    log.warning("sending_stopped", phase=failure.phase.value, code=failure.code, until=until.isoformat())


@transaction.atomic
def _bounce(batch: Batch, message: Mail, reason: str, detail: str) -> None:
    """The address does not exist: never again, and the lead's history says so."""
    batch.fail(message, reason, detail)
    address = message.lead.email if isinstance(message, Message) else message.address
    if address:
        suppress(address=address, reason=SuppressionReason.HARD_BOUNCE, now=batch.now)
    if isinstance(message, Message):
        _note_bounce(batch, message, detail)


def _note_bounce(batch: Batch, message: Message, detail: str) -> None:
    record_event(
        lead_id=message.lead_id,
        kind="email_bounced",
        occurred_at=batch.now,
        now=batch.now,
        event_id=f"bounce:{message.pk}:{message.attempts}",
        channel=Channel.EMAILING,
        properties={"message": message.pk, "answer": detail[:200]},
    )
