"""Writing down notices and sending those that are due, by the same states and the same ladder as messages.

A notice answers what somebody asked for, so neither policy nor caps nor quiet hours hold it back; only
what blocks even a transactional mail does (privacy bar 5.4): an address that does not exist, a complaint,
an erasure.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import DateTimeField, Func

from leads.bell import ring
from leads.choices import Audience, ContactChannel, Purpose
from leads.consent import ContactFacts, may_contact
from leads.failpoints import failpoint
from leads.fingerprint import fingerprint
from leads.models import Lead
from leads.queries import suppressions_of
from nurturing.actions import breaker
from nurturing.actions.batch import Batch, Summary
from nurturing.actions.outbox import (
    LEASE_SECONDS,
    Claim,
    claim_rows,
    mark_sent,
    recover_lapsed,
    rows_of,
    template_version,
)
from nurturing.actions.settle import rest, settle
from nurturing.definitions import definitions
from nurturing.letters import Letter
from nurturing.liquid_templates import CannotRender
from nurturing.models import MailSettings, Notice, NoticeKind, State
from nurturing.notices import compose_notice
from nurturing.transport import Session, SmtpFailure, Transport

log = structlog.get_logger(__name__)
BATCH = 50
KEPT_NOTICES = timedelta(days=30)


@transaction.atomic
def post_notice(
    *,
    send_key: str,
    kind: NoticeKind,
    address: str,
    language: str,
    values: Mapping[str, Mapping[str, str]],
    expires_at: datetime,
    now: datetime,
    lead: Lead | None = None,
) -> bool:
    """Have a notice sent soon after this transaction; False when there is one with this key already.

    ``address`` in its normal form; ``values`` by group, as the template of ``kind`` merges them
    (``{"link": {"url": …}}``). Nothing typed by a stranger belongs into a notice to an address that may be
    somebody else's. Raises LookupError when the template is missing.
    """
    versions = definitions().versions
    spoken = versions.language_for(language, kind.value)
    if not spoken:
        raise LookupError(f"there is no template {kind.value!r}")
    _notice, created = Notice.objects.get_or_create(
        send_key=send_key,
        defaults={
            "kind": kind,
            "template_id": versions.ids[kind.value, spoken],
            "lead": lead,
            "address": address,
            "values": {name: dict(group) for name, group in values.items()},
            "planned_at": now,
            "due_at": now,
            "expires_at": expires_at,
        },
    )
    ring("mail")
    return created


def send_notices(*, now: datetime, transport: Transport, limit: int = BATCH) -> Summary:
    """Send up to ``limit`` due notices over one connection. Call outside any transaction.

    Like ``send.send_due``: nothing leaves while the sender is not set up or sending has to rest, and a
    notice whose answer was lost is *unknown*, never sent again by itself.
    """
    if recovered := recover_lapsed(Notice):
        log.warning("notices_recovered", **recovered)
    settings = MailSettings.load()
    if not settings.is_complete:
        return Summary()
    pause = breaker.current_pause(settings, now=now)
    if pause.until is not None:
        return Summary(waits_until=pause.until)
    lease, ids = claim_rows(Notice, limit=limit, now=now)
    batch = Batch(Claim(lease, []), settings, now, Summary(claimed=len(ids)))
    if ids:
        _deliver_all(batch, transport, _load(ids))
    if pause.failures and batch.summary.sent and batch.summary.waits_until is None:
        breaker.worked(settings)
    return batch.summary


def _load(ids: list[int]) -> list[Notice]:
    notices = list(Notice.objects.filter(pk__in=ids).order_by("due_at", "pk"))
    for notice in notices:
        notice.template = template_version(notice.template_id)
    return notices


def _deliver_all(batch: Batch, transport: Transport, notices: list[Notice]) -> None:
    """One connection, one notice after the other; what was not tried goes back."""
    ready = [(notice, letter) for notice in notices if (letter := _letter(batch, notice))]
    if not ready:
        return
    tried = 0
    try:
        with transport.session() as session:
            for notice, letter in ready:
                tried += 1
                _deliver(batch, session, notice, letter)
                if not session.is_usable or batch.summary.waits_until is not None:
                    break
    except SmtpFailure as failure:
        rest(batch, failure.failure)
    batch.give_back([notice for notice, _ in ready[tried:]])


def _letter(batch: Batch, notice: Notice) -> Letter | None:
    """The letter; None when the notice is too late, may not leave, or cannot be made."""
    if batch.now >= notice.expires_at:
        batch.hold(notice, "stale")
        return None
    try:
        return compose_notice(notice, settings=batch.settings, now=batch.now)
    except CannotRender as problem:
        batch.hold(notice, problem.code, problem.about)
    except (ValueError, TypeError, LookupError) as problem:
        log.exception("notice_cannot_be_composed", notice=notice.pk)
        batch.hold(notice, "broken", str(problem))
    return None


def _deliver(batch: Batch, session: Session, notice: Notice, letter: Letter) -> None:
    """Envelope, last check and checkpoint, DATA, record."""
    try:
        session.envelope(letter.sender, letter.recipient)
        if not _check_in(batch, notice, letter):
            session.reset()
            return
        failpoint("email.before_data")
        answer = session.transmit(letter.content)
    except SmtpFailure as problem:
        settle(batch, notice, problem.failure)
        return
    failpoint("email.after_data")
    batch.summary.sent += mark_sent(batch.claim, notice, now=batch.now, detail=answer)


def _check_in(batch: Batch, notice: Notice, letter: Letter) -> bool:
    """Ask about the address right before DATA, and commit that it begins; False when it may not."""
    refusal = refusal_of(notice.address, at=batch.now)
    if refusal:
        batch.hold(notice, refusal)
        return False
    return _checkpoint(batch.claim.lease, notice, letter, now=batch.now)


def _checkpoint(lease: UUID, notice: Notice, letter: Letter, *, now: datetime) -> bool:
    ours = rows_of(notice).filter(lease=lease, state=State.CLAIMED)
    return bool(
        ours.update(
            state=State.SENDING,
            data_started_at=now,
            message_id=letter.message_id,
            subject=letter.subject[:250],
            # By the database's clock, as everywhere with leases.
            lease_until=Func(function="clock_timestamp", output_field=DateTimeField())
            + timedelta(seconds=LEASE_SECONDS),
        )
    )


def refusal_of(address: str, *, at: datetime) -> str:
    """Why not even a transactional mail may go to this address; "" when it may."""
    facts = ContactFacts(
        audience=Audience.UNKNOWN,
        email=address,
        phone=None,
        suppressions=frozenset(suppressions_of([address], at)[fingerprint(address)]),
    )
    answer = may_contact(facts, channel=ContactChannel.EMAIL, purpose=Purpose.TRANSACTIONAL)
    return "" if answer.allowed else answer.reason


def forget_notices(*, now: datetime) -> int:
    """Delete notices of more than 30 days ago; their addresses are nobody's we know, or a lead's anyway."""
    return Notice.objects.filter(planned_at__lt=now - KEPT_NOTICES).delete()[0]
