"""Who a lead on offer may be besides: likely duplicates as the rep may see them."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from accounts.roles import Role
from funnel.models import Standing
from funnel.stages import is_further
from leads.duplicate_words import in_words
from leads.models import CandidateState, DuplicateCandidate, Lead

MOST = 5


@dataclass(frozen=True, slots=True)
class Likely:
    """A lead that is likely the same person. ``is_visible``: whether this user may see it, and so merge."""

    candidate: DuplicateCandidate
    lead: Lead
    other: Lead
    is_visible: bool

    @property
    def signs(self) -> list[str]:
        """What speaks for one person, in words."""
        return in_words(self.candidate.reasons)

    @property
    def keeps_other(self) -> bool:
        """Whether the other one is the better one to keep: who stands further, else who came first."""
        ours, theirs = _standing(self.lead), _standing(self.other)
        if ours and theirs and ours.position != theirs.position:
            return is_further(theirs.position, ours.position)
        return (self.other.created_at, self.other.pk) < (self.lead.created_at, self.lead.pk)


def likely_duplicates(lead: Lead, user: User) -> tuple[Likely, ...]:
    """The pairs of this lead that nobody decided on, most likely first. One query."""
    found = _open_pairs().filter(Q(low=lead.pk) | Q(high=lead.pk)).order_by("-score", "pk")[:MOST]
    return tuple(_likely(candidate, lead, user) for candidate in found)


def has_double(lead: str) -> Exists:
    """Whether there is such a pair, for the lead that this field of the outer query names."""
    sides = Q(low=OuterRef(lead)) | Q(high=OuterRef(lead))
    return Exists(DuplicateCandidate.objects.filter(sides, state=CandidateState.OPEN))


def _open_pairs() -> QuerySet[DuplicateCandidate]:
    sides = [f"{side}__{part}" for side in ("low", "high") for part in ("company", "standing", "owner")]
    return DuplicateCandidate.objects.filter(state=CandidateState.OPEN).select_related(*sides)


def _likely(candidate: DuplicateCandidate, lead: Lead, user: User) -> Likely:
    low_is_ours = candidate.low_id == lead.pk
    ours, other = (candidate.low, candidate.high) if low_is_ours else (candidate.high, candidate.low)
    return Likely(candidate, ours, other, may_see(user, other))


def may_see(user: User, lead: Lead) -> bool:
    """LeadQuerySet.visible_to for a lead that is at hand."""
    return user.role != Role.REP or user.pk in (lead.owner_id, lead.offered_to_id)


def _standing(lead: Lead) -> Standing | None:
    return getattr(lead, "standing", None)
