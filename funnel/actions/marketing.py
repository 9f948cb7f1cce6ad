"""What marketing does with a lead by hand: make it an MQL, reopen it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from funnel.actions.grounds import checked_note, settle
from funnel.actions.passages import Owner, pass_on
from funnel.actions.standing import held, record_decision, require_mover, step
from funnel.models import Reason, Standing
from funnel.refusals import Refused
from funnel.stages import DAILY, LEAD, MARKETING, Verb, refusal
from leads.models import Lead


@transaction.atomic
def promote(*, lead: Lead, by: User, now: datetime, note: str = "") -> Standing:
    """Lead → MQL by a marketer. It stays one until the gate has confirmed it and it cools again.

    Raises Refused (``not_a_lead``), NotYours, Incomplete.
    """
    require_mover(by)
    text = checked_note(note)
    standing = held(lead.pk)
    standing.is_pinned = True
    pass_on([step(standing, Verb.PROMOTE, MARKETING, now=now, by=by, note=text)])
    record_decision(standing, "became_mql", now=now, by_hand=True)
    return standing


@transaction.atomic
def reopen(*, lead: Lead, by: User, now: datetime, reason: str | Reason, note: str = "") -> Standing:
    """Disqualified or customer → lead, new cycle. Raises Refused (``not_closed``), NotYours, Incomplete."""
    require_mover(by)
    grounds = settle(Verb.REOPEN, reason, now=now, note=note)
    standing = held(lead.pk)
    if code := refusal(Verb.REOPEN, standing.position, LEAD):
        raise Refused(code)
    for name in ("wake_on", "gates_shut_until", *DAILY):
        setattr(standing, name, None)
    pass_on([step(standing, Verb.REOPEN, LEAD, now=now, by=by, grounds=grounds, owner=Owner.NOBODY)])
    record_decision(standing, "reopened", now=now, reason=grounds.reason.code)
    return standing
