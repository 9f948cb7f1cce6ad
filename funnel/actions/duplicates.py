"""What a rep says of a likely duplicate of a lead on offer: one person, two, or for marketing to see."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from funnel.actions.notes import add_note
from funnel.models import Note
from funnel.queries.duplicates import may_see
from funnel.refusals import NotYours, Refused
from leads.actions.duplicates import not_the_same
from leads.actions.merge import CannotMerge, merge
from leads.models import CandidateState, DuplicateCandidate, Lead, Merge


@transaction.atomic
def merge_duplicate(*, candidate: DuplicateCandidate, keep: Lead, by: User, now: datetime) -> Merge:
    """``keep`` takes over the other one of the pair. Both have to be this user's to see.

    Raises Refused ``pair_decided`` (decided or erased meanwhile), NotYours.
    """
    pair = _held(candidate, by)
    away = next(lead for lead in pair if lead.pk != keep.pk)
    try:
        return merge(keep=keep, away=away, now=now, by=by)
    except CannotMerge as cannot:
        raise Refused("pair_decided") from cannot


@transaction.atomic
def two_people(*, candidate: DuplicateCandidate, by: User, now: datetime) -> DuplicateCandidate:
    """They are two people: the pair never comes back. Raises as merge_duplicate does."""
    _held(candidate, by)
    return not_the_same(candidate=candidate, by=by, now=now)


def _held(candidate: DuplicateCandidate, by: User) -> list[Lead]:
    """Both leads, locked in id order, while the pair waits for a decision."""
    rows = Lead.objects.select_for_update(no_key=True).filter(pk__in=(candidate.low_id, candidate.high_id))
    pair = list(rows.order_by("pk"))
    if not all(may_see(by, lead) for lead in pair):
        raise NotYours
    if not DuplicateCandidate.objects.filter(pk=candidate.pk, state=CandidateState.OPEN).exists():
        raise Refused("pair_decided")
    return pair


def propose_merge(*, lead: Lead, text: str, by: User, now: datetime) -> Note:
    """For a pair of which one belongs to somebody else: a note that says so to whoever may merge them.

    Raises NotYours, Incomplete.
    """
    return add_note(lead=lead, by=by, now=now, text=text)
