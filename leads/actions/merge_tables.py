"""How the rows of two leads become one's where moving them is not enough: consents, lists, candidates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from leads.actions.journal import Journal
from leads.choices import ConsentState, SuppressionReason
from leads.fingerprint import fingerprint
from leads.models import CandidateState, ConsentEvent, DuplicateCandidate, Lead, ListMembership, Suppression


@dataclass(frozen=True, slots=True)
class Merging:
    """What every function that combines gets: the two (locked) leads, a journal to write with, when, who."""

    kept: int
    away: int
    journal: Journal
    now: datetime
    by: int | None


# What a person said or did goes for all their addresses; that a mailbox does not exist goes for that one.
_SAID_BY_THE_PERSON = (
    SuppressionReason.UNSUBSCRIBED,
    SuppressionReason.TOPIC,
    SuppressionReason.COMPLAINT,
    SuppressionReason.OBJECTION,
    SuppressionReason.PAUSED,
)


def combine_memberships(merging: Merging) -> None:
    """Lists of both; who left a list as one of them has left it as both."""
    journal = merging.journal
    theirs = {row.list_id: row for row in ListMembership.objects.filter(lead=merging.away)}
    for row in ListMembership.objects.filter(lead=merging.kept, list__in=theirs):
        other = theirs[row.list_id]
        joined, left = min(row.joined_at, other.joined_at), _later(row.left_at, other.left_at)
        journal.change(ListMembership, row.pk, {"joined_at": joined, "left_at": left})
    journal.move(ListMembership, "lead_id", old=merging.away, new=merging.kept)
    journal.set_aside(ListMembership, "lead_id", owner=merging.away)


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((moment for moment in (one, other) if moment), default=None)


def combine_consents(merging: Merging) -> None:
    """One ledger. Where the last words differ, the refusal stands: a line of the merge itself says so."""
    ours, theirs = _last_words(merging.kept), _last_words(merging.away)
    merging.journal.move(ConsentEvent, "lead_id", old=merging.away, new=merging.kept)
    added = [
        ConsentEvent.objects.create(
            lead_id=merging.kept,
            purpose=purpose,
            channel=channel,
            state=refusal.state,
            at=max(merging.now, refusal.at),
            text_version=refusal.text_version,
            actor="merge",
        ).pk
        for (purpose, channel) in sorted(ours.keys() & theirs.keys())
        if (refusal := _overruled(ours[purpose, channel], theirs[purpose, channel]))
    ]
    merging.journal.added(ConsentEvent, added)


def _last_words(lead_id: int) -> dict[tuple[str, str], ConsentEvent]:
    rows = ConsentEvent.objects.filter(lead=lead_id).order_by("purpose", "channel", "-at", "-id")
    return {(row.purpose, row.channel): row for row in rows.distinct("purpose", "channel")}


def _overruled(one: ConsentEvent, other: ConsentEvent) -> ConsentEvent | None:
    """The refusal that a later consent of the other lead would hide."""
    last, earlier = (one, other) if (one.at, one.pk) > (other.at, other.pk) else (other, one)
    hidden = last.state == ConsentState.GRANTED != earlier.state
    return earlier if hidden else None


def unite_suppressions(
    journal: Journal, groups: Iterable[tuple[str | None, str | None]], now: datetime
) -> None:
    """What was said about one address goes for the other one too. ``groups``: (address, other address)."""
    for one, other in groups:
        if one and other and one != other:
            _copy_suppressions(journal, one, other, now)
            _copy_suppressions(journal, other, one, now)


def _copy_suppressions(journal: Journal, source: str, target: str, now: datetime) -> None:
    in_force = Q(until=None) | Q(until__gt=now)
    rows = Suppression.objects.filter(
        in_force, fingerprint=fingerprint(source), released_at=None, reason__in=_SAID_BY_THE_PERSON
    )
    for row in rows:
        wanted = {"fingerprint": fingerprint(target), "reason": row.reason, "topic": row.topic}
        there = Suppression.objects.filter(**wanted).first()
        if there is None:
            made = Suppression.objects.create(channel=row.channel, at=row.at, until=row.until, **wanted)
            journal.added(Suppression, [made.pk])
        elif there.released_at is not None:
            journal.change(Suppression, there.pk, {"released_at": None, "until": row.until})


def refusals_of(leads: Sequence[Lead], *, at: datetime) -> dict[int, frozenset[tuple[str, str]]]:
    """What each lead's person refused for their email: (reason, topic) pairs in force."""
    marks = {lead.pk: fingerprint(lead.email) for lead in leads if lead.email}
    rows = Suppression.objects.filter(
        Q(until=None) | Q(until__gt=at),
        fingerprint__in=marks.values(),
        released_at=None,
        reason__in=_SAID_BY_THE_PERSON,
    )
    found = defaultdict(set)
    for mark, reason, topic in rows.values_list("fingerprint", "reason", "topic"):
        found[mark].add((reason, topic))
    return {lead.pk: frozenset(found[marks[lead.pk]]) if lead.pk in marks else frozenset() for lead in leads}


def combine_candidates(merging: Merging) -> None:
    """The pair itself is decided; the other pairs of the one merged away are now pairs of the survivor.

    "Not the same" stays said: between the survivor and whoever it was said of.
    """
    journal, kept, away = merging.journal, merging.kept, merging.away
    mine = Q(low=away) | Q(high=away)
    for row in DuplicateCandidate.objects.filter(mine).exclude(state=CandidateState.MERGED):
        other = row.high_id if row.low_id == away else row.low_id
        if other == kept:
            values = {"state": "merged", "decided_at": merging.now, "decided_by_id": merging.by}
            journal.change(DuplicateCandidate, row.pk, values)
        else:
            _repoint(journal, row, kept, other)


def _repoint(journal: Journal, row: DuplicateCandidate, kept: int, other: int) -> None:
    low, high = sorted((kept, other))
    there = DuplicateCandidate.objects.filter(low=low, high=high).first()
    if there is None:
        journal.change(DuplicateCandidate, row.pk, {"low_id": low, "high_id": high})
        return
    if row.state == CandidateState.NOT_SAME and there.state == CandidateState.OPEN:
        values = {"state": "not_same", "decided_at": row.decided_at, "decided_by_id": row.decided_by_id}
        journal.change(DuplicateCandidate, there.pk, values)
    journal.set_aside(DuplicateCandidate, "id", owner=row.pk)
