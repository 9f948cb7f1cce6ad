"""Some people write twice under two addresses: likely duplicates for the queue; one pair is joined."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from accounts.models import User
from capture.actions.accept import take_in_due
from capture.models import Form
from demo.cast import Person
from demo.paperwork import again
from demo.story import DAYS
from leads.actions.duplicates import look_at_everybody
from leads.actions.merge import merge
from leads.models import Lead

WRITE_AGAIN_ON = DAYS - 12


def write_again(people: Sequence[Person], form: Form, *, seed: int, at: datetime) -> dict[int, Person]:
    """These people use the contact form under another address; the leads that this makes."""
    sent = [again(form, person, seed=seed, at=at) for person in people]
    while take_in_due(now=at, limit=200):
        pass
    for submission in sent:
        submission.refresh_from_db()
    made = zip(sent, people, strict=True)
    return {submission.lead_id: person for submission, person in made if submission.lead_id}


def tidy_up(first: Lead, second: int, *, by: User, now: datetime) -> None:
    """Look for likely duplicates among everybody, and join one pair."""
    for _looked_at in look_at_everybody(now=now):
        pass
    merge(keep=first, away=Lead.objects.get(pk=second), by=by, now=now)
