"""The running demonstration: who plays, what has happened so far, which day it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from accounts.models import User
from demo.cast import Person
from demo.desk import Desk
from demo.paperwork import Mail
from demo.story import DAYS, Story
from leads.models import Lead
from nurturing.archive import ArchiveTransport

MORNING, REPS_BEGIN, NOON, EVENING = time(8, 50), time(9, 20), time(12, 0), time(18, 40)


@dataclass(slots=True)
class Play:
    """The running demonstration."""

    seed: int
    today: date
    cast: Sequence[Person]
    story: Story
    contents: dict[str, int]
    marketer: User
    campaigns: dict[str, int]
    scanned: Sequence[Person]  # whose badges are imported instead of coming by themselves
    twins: int  # how many write a second time under another address
    desks: list[Desk] = field(default_factory=list)
    mail: Mail | None = None
    leads: dict[int, Lead] = field(default_factory=dict)
    numbers: dict[int, int] = field(default_factory=dict)
    people: dict[int, Person] = field(default_factory=dict)
    archive: ArchiveTransport = field(default_factory=lambda: ArchiveTransport(keep=0))
    events: int = 0  # so far those of visitors; all there are in the end
    decisions: int = 0
    mails: int = 0
    issues: int = 0
    next_day: int = 0  # the first whose visitors have not come in yet

    def date_of(self, day: int) -> date:
        """The calendar date of a day of the story."""
        return self.today - timedelta(days=DAYS - day)

    def know(self, made: Mapping[int, Person]) -> None:
        """Who is behind leads that did not come by themselves."""
        self.people |= made
        self.numbers |= {lead_id: person.number for lead_id, person in made.items()}

    def moment(self, day: int, minute: int) -> datetime:
        """The instant of a minute (on the clock) of a day."""
        return at(self.date_of(day), time(minute // 60, minute % 60))


def at(day: date, clock: time) -> datetime:
    """A local time as an instant."""
    return datetime.combine(day, clock, tzinfo=ZoneInfo(settings.TIME_ZONE))
