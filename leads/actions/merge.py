"""Two leads are one person: merging them, parting them again, and bringing home what came too late.

Every table says in the registry (leads/lead_links.py) what merging does to it. One transaction, leads locked
in id order as everywhere: whoever scores, mails, accepts or imports one of the two at the same moment comes
before or after, never in between (F47).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import connection, transaction
from django.utils.module_loading import import_string

from accounts.models import User
from leads.actions import agenda
from leads.actions.erasure import erase_strays
from leads.actions.events import record_event
from leads.actions.journal import Journal, Left, past_append_only, read_row, undo
from leads.actions.merge_profile import merge_profiles, told
from leads.actions.merge_tables import Merging, unite_suppressions
from leads.failpoints import failpoint
from leads.lead_links import OnMerge, column_of, lead_links
from leads.merging import Choice, choose
from leads.models import NOT_COUNTED, Event, Lead, Merge, Source

# Their rows follow; one lead's single row stands aside where the survivor has its own.
_FOLLOWING = (OnMerge.MOVE, OnMerge.KEEP_FIRST)


class CannotMerge(Exception):
    """Two leads cannot be merged or parted; ``code`` says why.

    ``same``, ``merged``, ``erased``; when parting ``undone``, ``later_merge``, ``no_place``.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Parted:
    """What came of undoing a merge: what had to be left with the survivor because it changed since."""

    kept: Lead
    away: Lead
    left: tuple[Left, ...]
    events_since: int


def preview(*, keep: Lead, away: Lead, choices: Mapping[str, str] | None = None) -> list[Choice]:
    """What would become of each field of the profile, and why. Reads only. Raises ValueError for choices
    that do not exist."""
    return choose(read_row(Lead, keep.pk), read_row(Lead, away.pk), told(keep.pk), told(away.pk), choices)


@transaction.atomic
def merge(
    *, keep: Lead, away: Lead, now: datetime, by: User | None, choices: Mapping[str, str] | None = None
) -> Merge:
    """``away`` becomes part of ``keep``: profile, events, consents, mail, history; reversible by ``unmerge``.

    ``choices`` says for groups of fields (leads.merging.GROUPS) whose value survives, "kept" or "away"; the
    rest is decided by who told it and when. What either refused stays refused. Raises CannotMerge.
    """
    keep, away = _both(keep.pk, away.pk)
    row = Merge.objects.create(kept=keep, away=away, at=now, by=by, choices=dict(choices or {}))
    merging = Merging(keep.pk, away.pk, Journal(), now, by.pk if by else None)
    with past_append_only():
        decided = preview(keep=keep, away=away, choices=choices)
        unite_suppressions(merging.journal, [(keep.email, away.email), (keep.phone, away.phone)], now)
        _join_tables(merging)
        merge_profiles(merging, decided)
    row.journal = merging.journal.entries
    row.save(update_fields=["journal"])
    # Whoever writes to the one merged away at this moment commits after us: look there once more.
    agenda.wake([away.pk])
    properties: dict[str, object] = {"away": str(away.public_id), "merge": str(row.public_id)}
    record_event(
        lead_id=keep.pk, kind="merged", occurred_at=now, now=now, source=Source.PEOPLE,
        event_id=_event_id(row), properties=properties,
    )  # fmt: skip
    return row


def _both(kept: int, away: int) -> tuple[Lead, Lead]:
    """Both leads, locked in id order; neither merged away nor erased."""
    if kept == away:
        raise CannotMerge("same")
    rows = Lead.objects.select_for_update(no_key=True).filter(pk__in=(kept, away)).order_by("pk")
    found = {lead.pk: lead for lead in rows}
    for lead in found.values():
        if lead.erased_at is not None:
            raise CannotMerge("erased")
        if lead.merged_into_id is not None:
            raise CannotMerge("merged")
    return found[kept], found[away]


def _join_tables(merging: Merging) -> None:
    """Have every table do what it declared."""
    links = lead_links()
    for place, (model, link) in enumerate(links):
        if link.combine:
            import_string(link.combine)(merging)
        elif link.merge in _FOLLOWING:
            key = column_of(model, link.key)
            merging.journal.move(model, key, old=merging.away, new=merging.kept)
            merging.journal.set_aside(model, key, owner=merging.away)
        if place == len(links) // 2:
            failpoint("merge.mid")


def _event_id(row: Merge) -> str:
    return f"merge:{row.public_id}"


@transaction.atomic
def unmerge(*, merge: Merge, now: datetime, by: User | None) -> Parted:
    """Part the two again: both are what they were; what happened since the merge stays with the survivor.

    Raises CannotMerge: ``undone`` already, ``erased`` since, or ``later_merge``: the survivor itself was
    merged into somebody; undo that first.
    """
    keep, away = _parted_ones(merge)
    row = Merge.objects.select_for_update().get(pk=merge.pk)
    if row.undone_at is not None:
        raise CannotMerge("undone")
    with past_append_only():
        left = undo(row.journal)
        _settle_parted(Merging(keep.pk, away.pk, Journal(), now, by.pk if by else None))
    row.undone_at, row.undone_by = now, by
    row.save(update_fields=["undone_at", "undone_by"])
    Event.objects.filter(lead=keep, source_id=Source.PEOPLE, event_id=_event_id(row)).update(
        voided_at=now, void_reason="unmerged", signature_id=NOT_COUNTED
    )
    agenda.wake([keep.pk, away.pk])
    keep.refresh_from_db()
    away.refresh_from_db()
    since = Event.objects.filter(lead=keep, received_at__gt=row.at, source_id__gte=Source.IMPORT).count()
    return Parted(keep, away, tuple(left), since)


def _parted_ones(merge: Merge) -> tuple[Lead, Lead]:
    rows = Lead.objects.select_for_update(no_key=True).filter(pk__in=(merge.kept_id, merge.away_id))
    found = {lead.pk: lead for lead in rows.order_by("pk")}
    if len(found) < 2 or any(lead.erased_at for lead in found.values()):
        raise CannotMerge("erased")
    if found[merge.kept_id].merged_into_id is not None:
        raise CannotMerge("later_merge")
    return found[merge.kept_id], found[merge.away_id]


def _settle_parted(merging: Merging) -> None:
    """Let tables put right what can no longer be as it was, such as a place that somebody else has now."""
    for _model, link in lead_links():
        if link.part:
            import_string(link.part)(merging)


def unmerge_preview(*, merge: Merge, now: datetime, by: User | None) -> Parted:
    """What ``unmerge`` would leave where it is: done, looked at, and taken back. Raises CannotMerge."""
    with transaction.atomic():
        parted = unmerge(merge=merge, now=now, by=by)
        transaction.set_rollback(True)
    return replace(parted)


# The survivor of each lead that is no longer there; NULL for an erased one.
_GONE = """
SELECT id, CASE WHEN erased_at IS NULL THEN merged_into_id END FROM leads_lead
WHERE id = ANY(%s) AND (merged_into_id IS NOT NULL OR erased_at IS NOT NULL)
"""


def bring_home(lead_ids: Sequence[int], *, now: datetime) -> list[int]:
    """Those of the (locked) leads that are present. What arrived for a merged one since, its survivor gets;
    what arrived for an erased one is erased.

    Somebody who looked a lead up just before that writes to it just after; the wake that comes with every
    such row leads here.
    """
    with connection.cursor() as cursor:
        cursor.execute(_GONE, [list(lead_ids)])
        gone = dict(cursor.fetchall())
    if not gone:
        return list(lead_ids)
    erase_strays([one for one, survivor in gone.items() if survivor is None], now=now)
    merged = {one: survivor for one, survivor in gone.items() if survivor is not None}
    with past_append_only():
        for away, survivor in merged.items():
            _move_strays(away, survivor, now=now)
    agenda.wake(merged.values())
    return [lead_id for lead_id in lead_ids if lead_id not in gone]


def _move_strays(away: int, survivor: int, *, now: datetime) -> None:
    journal = Journal()
    addresses = dict(Lead.objects.filter(pk__in=(away, survivor)).values_list("pk", "email"))
    unite_suppressions(journal, [(addresses[survivor], addresses[away])], now)
    for model, link in lead_links():
        if link.merge is OnMerge.MOVE or link.strays:
            journal.move(model, column_of(model, link.key), old=away, new=survivor)


def merges_of(lead_ids: Iterable[int]) -> list[Merge]:
    """The merges into these leads that stand, newest first."""
    rows = Merge.objects.filter(kept__in=list(lead_ids), undone_at=None)
    return list(rows.select_related("away", "by").order_by("-at", "-pk"))
