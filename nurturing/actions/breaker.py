"""When sending has to rest: our server does not let us in, or a receiver refuses our domain."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from nurturing.models import MailSettings, SendingDomain
from nurturing.retry import Action, Failure, breaker_pause, judge

NO_TIME = timedelta(0)


def _domain(settings: MailSettings) -> str:
    return settings.sender_email.rpartition("@")[2].lower()


@dataclass(frozen=True, slots=True)
class Pause:
    """Until when nothing leaves (None: it may), and how often getting in failed in a row."""

    until: datetime | None = None
    failures: int = 0


def current_pause(settings: MailSettings, *, now: datetime) -> Pause:
    """Whether sending has to rest now."""
    rows = SendingDomain.objects.filter(pk=_domain(settings))
    for paused_until, closed_until, failures in rows.values_list("paused_until", "closed_until", "failures"):
        until = max((each for each in (paused_until, closed_until) if each), default=now)
        return Pause(until if until > now else None, failures)
    return Pause()


@transaction.atomic
def stop(settings: MailSettings, failure: Failure, *, now: datetime) -> datetime:
    """Rest because of ``failure``; until when. Each failure in a row to get in rests longer."""
    SendingDomain.objects.get_or_create(pk=_domain(settings))
    domain = SendingDomain.objects.select_for_update().get(pk=_domain(settings))
    verdict = judge(failure, attempts=1)
    domain.why = f"{failure.phase}: {failure.code or ''} {failure.text}".strip()[:300]
    if verdict.action is Action.PAUSE_DOMAIN:
        until = domain.paused_until = now + (verdict.retry_in or NO_TIME)
    else:
        domain.failures += 1
        until = domain.closed_until = now + breaker_pause(domain.failures)
    domain.save()
    return until


def worked(settings: MailSettings) -> None:
    """Something left: forget the failures."""
    SendingDomain.objects.filter(pk=_domain(settings), failures__gt=0).update(
        failures=0, closed_until=None, why=""
    )
