"""What the demonstration's desks take from today on, and who will be away.

Settled when the year has been played, so that its story does not depend on it.
"""

from __future__ import annotations

from datetime import date, timedelta

from accounts.models import User
from demo.people import EASY_REP, STRICT_REP
from funnel.choices import RuleKind
from funnel.models import Absence, AllocationRule, Rep

# Regions by INSEE code: the south-east with its industry, and the rest of the country.
_RULES = {
    STRICT_REP: {RuleKind.REGION: ["84", "93", "76", "27"], RuleKind.LANGUAGE: ["fr", "en"]},
    EASY_REP: {RuleKind.REGION: ["32", "44", "52", "53", "11", "28", "24", "75"]},
}
_AWAY_IN, _AWAY_FOR = 9, 4


def settle_desks(*, today: date) -> None:
    """Territories and languages of the reps, one absence to come."""
    for employee, rules in _RULES.items():
        rep = Rep.objects.get(user__email=employee.email)
        AllocationRule.objects.bulk_create(
            AllocationRule(rep=rep, kind=kind, values=values) for kind, values in rules.items()
        )
    away = User.objects.get(email=EASY_REP.email)
    first = today + timedelta(days=_AWAY_IN)
    last = first + timedelta(days=_AWAY_FOR)
    Absence.objects.create(rep_id=away.pk, first_day=first, last_day=last, note="Congés")
