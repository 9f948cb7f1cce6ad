"""Who works at Valbrume: the users one may sign in as. Their password exists in demo mode only."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from accounts.models import User
from accounts.roles import Role
from demo.company import DOMAIN
from funnel.models import Rep

PASSWORD = "ecluse-demo-valbrume"  # nosec B105: given out to whoever runs the demonstration, and only there


@dataclass(frozen=True, slots=True)
class Employee:
    """A demo user; ``places`` and ``offers_per_day`` are a rep's."""

    code: str
    first_name: str
    last_name: str
    role: Role
    places: int = 0
    offers_per_day: int = 0
    is_last_resort: bool = False

    @property
    def email(self) -> str:
        """What they sign in with."""
        return f"{self.code}@{DOMAIN}"


STRICT_REP = Employee("ines", "Inès", "Corvimond", Role.REP, 26, 12)
EASY_REP = Employee("yann", "Yann", "Kermalac", Role.REP, 18, 5)
MANAGER = Employee("beatrice", "Béatrice", "Orsaville", Role.MANAGER, 8, 3, is_last_resort=True)
MARKETER = Employee("claire", "Claire", "Vaubagny", Role.MARKETER)
ADMINISTRATOR = Employee("regis", "Régis", "Talafort", Role.ADMIN)
EMPLOYEES = (MARKETER, STRICT_REP, EASY_REP, MANAGER, ADMINISTRATOR)
REPS = (STRICT_REP, EASY_REP, MANAGER)


def hire() -> dict[str, User]:
    """Make the users and the reps' desks; the users by code."""
    users = {employee.code: _user(employee) for employee in EMPLOYEES}
    for employee in REPS:
        Rep.objects.create(
            user=users[employee.code],
            places=employee.places,
            offers_per_day=employee.offers_per_day,
            is_last_resort=employee.is_last_resort,
        )
    return users


def _user(employee: Employee) -> User:
    return User.objects.create_user(
        employee.email,
        PASSWORD if settings.DEMO else None,
        first_name=employee.first_name,
        last_name=employee.last_name,
        role=employee.role,
    )
