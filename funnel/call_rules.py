"""May we call this person now, to sell? One pure answer with its reason and the next moment it is allowed.

Sources:

- Code de la consommation, art. L.223-1 (loi n° 2025-594 du 30 juin 2025, in force since 11 August 2026): no
  call to a consumer for canvassing without their prior consent, free, specific, informed, unambiguous and
  revocable; the caller proves it. It does not hold for an ongoing contract and what relates to it.
- Art. D.223-9 (décret n° 2022-1313): Monday to Friday, 10:00 to 13:00 and 14:00 to 20:00, never on a public
  holiday; at most four calls or attempts in thirty days; who refuses is left alone for sixty days.
- RGPD art. 21 (2) and CPCE art. L.34-5 for professionals: information, and an opposition that holds at once.

Whoever is not known to be a professional is treated as a consumer. A call that the person makes is none of
these rules' business.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays

from funnel.work import CallBasis

MOST_ATTEMPTS = 4
ATTEMPTS_WINDOW = timedelta(days=30)
LEFT_ALONE = timedelta(days=60)
CONSUMER_HOURS = ((time(10), time(13)), (time(14), time(20)))
HOME = "Europe/Paris"
# A longer row of closed days than this does not exist.
_LOOK_AHEAD_DAYS = 120

# Overseas numbers and postcodes: their time zone and their subdivision for public holidays.
_OVERSEAS = {
    "971": ("America/Guadeloupe", "971"),
    "972": ("America/Martinique", "972"),
    "973": ("America/Cayenne", "973"),
    "974": ("Indian/Reunion", "974"),
    "976": ("Indian/Mayotte", "976"),
    "+590": ("America/Guadeloupe", "971"),
    "+596": ("America/Martinique", "972"),
    "+594": ("America/Cayenne", "973"),
    "+262269": ("Indian/Mayotte", "976"),
    "+262639": ("Indian/Mayotte", "976"),
    "+262": ("Indian/Reunion", "974"),
}
_ALSACE_MOSELLE = ("57", "67", "68")


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody is called: their time zone and, in France, the subdivision whose holidays they keep."""

    time_zone: str = HOME
    subdivision: str = ""


def place_of(*, time_zone: str, phone: str, postcode: str) -> Place:
    """The place by what is known: the person's own time zone first, the postcode, then the number."""
    postcode = postcode.strip()
    known = _OVERSEAS.get(postcode[:3])
    if known is None and not postcode:
        known = next((place for prefix, place in _OVERSEAS.items() if phone.startswith(prefix)), None)
    zone, subdivision = known or (HOME, "57" if postcode[:2] in _ALSACE_MOSELLE else "")
    return Place(time_zone if _exists(time_zone) else zone, subdivision)


def _exists(time_zone: str) -> bool:
    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return bool(time_zone)


@dataclass(frozen=True, slots=True)
class Callee:
    """What the answer depends on.

    ``consent``: the last word on sales calls, True for yes, False for no, None when never asked; ``evidence``
    its row in the ledger. ``refused_at``: the last time they refused during a call. ``attempts``: when we
    called or tried to, in any order; ``contract``: what proves an ongoing contract, else "".
    """

    is_professional: bool = False
    has_phone: bool = True
    phone_is_valid: bool = True
    is_suppressed: bool = False
    consent: bool | None = None
    evidence: str = ""
    contract: str = ""
    refused_at: datetime | None = None
    attempts: tuple[datetime, ...] = ()
    place: Place = Place()


@dataclass(frozen=True, slots=True)
class CallAnswer:
    """Yes or no with a stable ``reason``.

    ``until``: the end of the present hours; ``next_at``: when a refused call would be allowed, None when time
    alone does not help. ``used``: attempts of the last thirty days, which only consumers' calls are limited
    in. All moments in UTC.
    """

    allowed: bool
    reason: str
    basis: CallBasis | None = None
    evidence: str = ""
    until: datetime | None = None
    next_at: datetime | None = None
    used: int = 0
    limit: int | None = None

    @property
    def left(self) -> int | None:
        """How many attempts are left; None without a limit."""
        return None if self.limit is None else max(0, self.limit - self.used)


def may_call(callee: Callee, at: datetime) -> CallAnswer:
    """Whether ``at`` is a moment to call this person for canvassing, on what ground, else when it will be."""
    if not callee.has_phone:
        return CallAnswer(False, "no_phone")
    if not callee.phone_is_valid:
        return CallAnswer(False, "phone_invalid")
    used = len(_recent(callee.attempts, at))
    if callee.is_professional:
        return _to_professional(callee, used)
    return _to_consumer(callee, at, used)


def _to_professional(callee: Callee, used: int) -> CallAnswer:
    """Information and opposition: no hours, no count."""
    if callee.is_suppressed or callee.consent is False:
        return CallAnswer(False, "opposed", evidence=callee.evidence, used=used)
    if callee.consent:
        return CallAnswer(True, "consent", CallBasis.CONSENT, callee.evidence, used=used)
    return CallAnswer(True, "professional", CallBasis.PROFESSIONAL, used=used)


def _to_consumer(callee: Callee, at: datetime, used: int) -> CallAnswer:
    reason, basis, evidence = _consumer_ground(callee)
    if basis is None:
        return CallAnswer(False, reason, evidence=evidence, used=used, limit=MOST_ATTEMPTS)
    left_alone = _left_alone_until(callee, at)
    free_from = max(left_alone or at, _attempt_free_from(callee.attempts, at))
    if free_from > at:
        reason = "refused_lately" if left_alone else "too_many_attempts"
        opens = _next_opening(free_from, callee.place)
        return CallAnswer(False, reason, basis, evidence, next_at=opens, used=used, limit=MOST_ATTEMPTS)
    return _within_hours(
        callee, at, CallAnswer(True, reason, basis, evidence, used=used, limit=MOST_ATTEMPTS)
    )


def _consumer_ground(callee: Callee) -> tuple[str, CallBasis | None, str]:
    """Why a consumer may be called at all: their consent, or an ongoing contract they did not object for."""
    if callee.is_suppressed:
        return "opposed", None, ""
    if callee.consent:
        return "consent", CallBasis.CONSENT, callee.evidence
    if callee.contract:
        return "contract", CallBasis.CONTRACT, callee.contract
    return ("no_consent" if callee.consent is None else "opposed"), None, callee.evidence


def _left_alone_until(callee: Callee, at: datetime) -> datetime | None:
    """The end of the sixty days after a refusal; None when they are over."""
    if callee.refused_at is None or at >= callee.refused_at + LEFT_ALONE:
        return None
    return callee.refused_at + LEFT_ALONE


def _recent(attempts: tuple[datetime, ...], at: datetime) -> list[datetime]:
    """The attempts of the thirty days before, the newest first."""
    return sorted((one for one in attempts if at - ATTEMPTS_WINDOW < one <= at), reverse=True)


def _attempt_free_from(attempts: tuple[datetime, ...], at: datetime) -> datetime:
    """When one more attempt is allowed: once the fourth newest is thirty days old."""
    recent = _recent(attempts, at)
    return at if len(recent) < MOST_ATTEMPTS else recent[MOST_ATTEMPTS - 1] + ATTEMPTS_WINDOW


def _within_hours(callee: Callee, at: datetime, answer: CallAnswer) -> CallAnswer:
    """The answer as the hours of the day have it."""
    for opens, closes in _openings(at, callee.place):
        if opens <= at:
            return CallAnswer(
                True, answer.reason, answer.basis, answer.evidence, closes, None, answer.used, answer.limit
            )
        return CallAnswer(
            False, "outside_hours", answer.basis, answer.evidence, None, opens, answer.used, answer.limit
        )
    raise AssertionError("no opening within four months")


def _next_opening(moment: datetime, place: Place) -> datetime:
    """The first moment from ``moment`` on at which a consumer there may be called."""
    opens, _closes = next(_openings(moment, place))
    return max(opens, moment.astimezone(UTC))


def _openings(moment: datetime, place: Place) -> Iterator[tuple[datetime, datetime]]:
    """The spans in which consumers may be called that are not over at ``moment``, in order, in UTC."""
    zone = ZoneInfo(place.time_zone)
    first = moment.astimezone(zone).date()
    for offset in range(_LOOK_AHEAD_DAYS):
        day = first + timedelta(days=offset)
        if day.weekday() >= 5 or day in _holidays(day.year, place.subdivision):
            continue
        for start, end in CONSUMER_HOURS:
            opens = datetime.combine(day, start, zone).astimezone(UTC)
            closes = datetime.combine(day, end, zone).astimezone(UTC)
            if closes > moment:
                yield opens, closes


@lru_cache(maxsize=128)
def _holidays(year: int, subdivision: str) -> frozenset[date]:
    return frozenset(holidays.country_holidays("FR", subdiv=subdivision or None, years=year))
