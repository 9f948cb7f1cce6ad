"""Telling people of a lead what concerns them: once, only who may see it, in the way each has chosen.

What is told is a kind with plain facts (scoring/tellings.py); its words are made when it is read. Told in
the transaction of what it tells of: what is rolled back was never told.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q

from accounts.models import User
from funnel.models import Rep
from funnel.service_levels import due
from leads.models import Lead
from scoring.actions.alerts import choice_of
from scoring.alerting import Choice, mail_due
from scoring.models import Notification
from scoring.tellings import ABOUT_NO_LEAD, PARTING, Channel, Telling, channel_of


@dataclass(frozen=True, slots=True)
class Tale:
    """One thing to tell one person (ids). The same facts of the same kind and lead are told once.

    ``facts`` are what the sentence names: ``until`` and ``since`` (moments), ``who`` (a colleague), ``what``;
    and what makes it another occurrence (``offer``, ``task``, ``note`` …).
    """

    user_id: int
    kind: Telling
    lead_id: int | None
    facts: Mapping[str, object] = field(default_factory=dict)


def tell(
    *, users: Iterable[User], kind: str, lead: Lead | None, now: datetime, **facts: object
) -> list[Notification]:
    """Tell each of these people this of the lead; returns what was told. Raises ValueError for no such kind.

    Left out is who may not see the lead, who wants to hear nothing of this kind, and who was told before.
    """
    known, number = Telling(kind), lead.pk if lead else None
    return tell_all([Tale(user.pk, known, number, facts) for user in users], now=now)


def tell_all(tales: Sequence[Tale], *, now: datetime, may_see: bool = False) -> list[Notification]:
    """Tell many things to many people: five queries or so, and one for each rep among them.

    ``may_see``: the caller has just given them these leads, so that nobody need ask.
    """
    if not tales:
        return []
    people = User.objects.filter(pk__in={tale.user_id for tale in tales}, is_active=True)
    known = people.select_related("notification_choice", "rep").prefetch_related("rep__absences")
    users = {user.pk: user for user in known}
    seen = {} if may_see else _seen(tales, users)
    wanted = [
        _notification(tale, users[tale.user_id], now)
        for tale in tales
        if tale.user_id in users and (may_see or tale.kind in PARTING or tale.lead_id in seen[tale.user_id])
    ]
    heard = _new([one for one in wanted if one is not None])
    return Notification.objects.bulk_create(heard, ignore_conflicts=True)


def _seen(tales: Sequence[Tale], users: Mapping[int, User]) -> dict[int, set[int | None]]:
    """Which of the leads told of each person may see; what is about no lead, everybody."""
    told: dict[int, set[int]] = defaultdict(set)
    for tale in tales:
        if tale.lead_id is not None and tale.kind not in PARTING:
            told[tale.user_id].add(tale.lead_id)
    return {
        number: {None, *_visible(user, told[number])} if number in told else {None}
        for number, user in users.items()
    }


def _visible(user: User, lead_ids: set[int]) -> Iterable[int]:
    return Lead.objects.filter(pk__in=lead_ids).visible_to(user).present().values_list("pk", flat=True)


def _notification(tale: Tale, user: User, now: datetime) -> Notification | None:
    choice = choice_of(user)
    channel = channel_of(tale.kind, choice)
    if channel is Channel.NONE:
        return None
    mailed = _mail_due(user, channel, choice, now)
    facts = {name: _plain(value) for name, value in tale.facts.items()}
    return Notification(
        user=user,
        lead_id=tale.lead_id,
        trigger=tale.kind.value,
        facts=facts,
        occurrence=_occurrence(facts),
        at=now,
        email=Notification.Email.DUE if mailed else Notification.Email.NONE,
        email_due_at=mailed,
    )


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def _occurrence(facts: Mapping[str, object]) -> str:
    """What is the same for the same facts, of fixed length."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()


def _mail_due(user: User, channel: Channel, choice: Choice, now: datetime) -> datetime | None:
    """When a mail may leave. Who has a desk and chose no quiet hours is left in peace outside its hours."""
    if channel is Channel.APP:
        return None
    moment = mail_due(replace(choice, mail=channel.value), now=now, zone=ZoneInfo(user.time_zone))
    rep: Rep | None = getattr(user, "rep", None)
    if moment is None or rep is None or channel is Channel.DIGEST or choice.quiet_until is not None:
        return moment
    return due(moment, timedelta(), rep.calendar)


def _new(notifications: Sequence[Notification]) -> list[Notification]:
    """Those not told before; of two at once the database keeps one."""
    users = {one.user_id for one in notifications}
    same = Q(lead__in={one.lead_id for one in notifications} - {None})
    if any(one.lead_id is None for one in notifications):
        same |= Q(lead=None, trigger__in=[kind.value for kind in ABOUT_NO_LEAD])
    rows = Notification.objects.filter(same, user__in=users).exclude(occurrence=None)
    known = set(rows.values_list("user", "lead", "trigger", "occurrence"))
    found = {(one.user_id, one.lead_id, one.trigger, one.occurrence): one for one in notifications}
    return [one for key, one in found.items() if key not in known]
