"""Telling people that a lead crossed a line: noted with the conclusion itself, mailed later, once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Max, Q

from accounts.models import User
from leads.models import Lead
from scoring.alerting import Choice, Crossing, Line, State, concerns, is_crossed, mail_due
from scoring.models import AlertRule, LeadScore, Notification, NotificationChoice
from scoring.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Watch:
    """What alerts want to know before the scores are brought up to date: the rules, and the scores so far."""

    rules: Sequence[AlertRule]
    before: Mapping[int, State]


def watch(lead_ids: Sequence[int]) -> Watch:
    """Take note of the scores before they change; one query where nobody asked for alerts, two otherwise."""
    rules = list(AlertRule.objects.filter(is_active=True))
    if not rules:
        return Watch(rules, {})
    rows = LeadScore.objects.filter(lead__in=lead_ids).values_list(
        "lead_id", "grade", "level", "temperature", "fit", "engagement"
    )
    return Watch(rules, {row[0]: State(*row[1:]) for row in rows})


def raise_alerts(
    watched: Watch, verdicts: Mapping[int, Verdict], moves: Mapping[int, frozenset[str]], *, now: datetime
) -> int:
    """Note an alert for each person whom a crossing concerns; returns how many.

    ``moves``: of mql, ready and woken, what the funnel just did with a lead. Nobody is told the same of one
    lead twice within the alert's hours, nor of a lead that they may not see.
    """
    crossed = _crossed(watched, verdicts, moves)
    if not crossed:
        return 0
    told = [
        (rule, lead_id, user)
        for user, seen in _who_sees(crossed)
        for rule, lead_id in crossed
        if lead_id in seen and concerns(rule.recipients, role=user.role, is_owner=seen[lead_id] == user.pk)
    ]
    return _note(_not_lately(told, now), verdicts, now)


def _crossed(
    watched: Watch, verdicts: Mapping[int, Verdict], moves: Mapping[int, frozenset[str]]
) -> list[tuple[AlertRule, int]]:
    lines = [(rule, line_of(rule)) for rule in watched.rules]
    return [
        (rule, lead_id)
        for lead_id, verdict in verdicts.items()
        for crossing in [
            Crossing(watched.before.get(lead_id), state_of(verdict), moves.get(lead_id, frozenset()))
        ]
        for rule, line in lines
        if is_crossed(line, crossing)
    ]


def state_of(verdict: Verdict) -> State:
    """A verdict as alerts see it."""
    return State(verdict.grade, verdict.level, verdict.temperature, verdict.fit, verdict.engagement)


def line_of(rule: AlertRule) -> Line:
    """What an alert waits for."""
    return Line(rule.trigger, frozenset(rule.bands), rule.measure, rule.points or 0)


def _who_sees(crossed: Iterable[tuple[AlertRule, int]]) -> Iterable[tuple[User, dict[int, int | None]]]:
    """The people who may be told, each with the leads of these that they see and who owns those."""
    leads = Lead.objects.filter(pk__in={lead_id for _rule, lead_id in crossed}).present()
    owners = dict(leads.values_list("pk", "owner_id"))
    wanted = {name for rule, _lead in crossed for name in rule.recipients}
    people = User.objects.filter(is_active=True).filter(
        Q(role__in=wanted) | Q(pk__in=set(owners.values()) - {None})
    )
    for user in people.select_related("notification_choice").order_by("pk"):
        seen = set(leads.visible_to(user).values_list("pk", flat=True))
        yield user, {lead_id: owner for lead_id, owner in owners.items() if lead_id in seen}


def _not_lately(
    told: Sequence[tuple[AlertRule, int, User]], now: datetime
) -> list[tuple[AlertRule, int, User]]:
    """Without what somebody muted, or heard of this lead by this alert within its hours."""
    newest = {
        (rule, lead, user): at
        for rule, lead, user, at in Notification.objects.filter(
            lead__in={lead_id for _rule, lead_id, _user in told}
        )
        .values("rule", "lead", "user")
        .annotate(newest=Max("at"))
        .values_list("rule", "lead", "user", "newest")
    }
    return [
        (rule, lead_id, user)
        for rule, lead_id, user in told
        if rule.trigger not in choice_of(user).muted
        and not _is_recent(newest.get((rule.pk, lead_id, user.pk)), rule, now)
    ]


def _is_recent(at: datetime | None, rule: AlertRule, now: datetime) -> bool:
    return at is not None and now - at < timedelta(hours=rule.throttle_hours)


def _note(told: Sequence[tuple[AlertRule, int, User]], verdicts: Mapping[int, Verdict], now: datetime) -> int:
    by_person: dict[tuple[int, int], list[AlertRule]] = defaultdict(list)
    users = {user.pk: user for _rule, _lead, user in told}
    for rule, lead_id, user in told:
        by_person[lead_id, user.pk].append(rule)
    made = Notification.objects.bulk_create(
        _notification(rule, lead_id, users[user_id], verdicts[lead_id], now)
        for (lead_id, user_id), rules in by_person.items()
        for rule in rules
    )
    return len(made)


def _notification(rule: AlertRule, lead_id: int, user: User, verdict: Verdict, now: datetime) -> Notification:
    due = mail_due(choice_of(user), now=now, zone=ZoneInfo(user.time_zone)) if rule.by_email else None
    return Notification(
        user=user,
        lead_id=lead_id,
        rule=rule,
        trigger=rule.trigger,
        grade=verdict.grade,
        level=verdict.level,
        at=now,
        email=Notification.Email.DUE if due else Notification.Email.NONE,
        email_due_at=due,
    )


def choice_of(user: User) -> Choice:
    """How this person wants to be told."""
    row: NotificationChoice | None = getattr(user, "notification_choice", None)
    if row is None:
        return Choice()
    quiet = row.quiet_from, row.quiet_until
    return Choice(row.mail, *quiet, row.digest_hour, frozenset(row.muted), row.channels)


def mark_read(*, user: User, now: datetime, ids: Iterable[int] | None = None) -> int:
    """Take these (or all) of somebody's notifications as read; returns how many were not."""
    mine = Notification.objects.filter(user=user, read_at=None)
    if ids is not None:
        mine = mine.filter(pk__in=list(ids))
    return mine.update(read_at=now)
