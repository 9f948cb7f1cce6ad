"""Two leads that are one person are in each track once and get each message once."""

from __future__ import annotations

from collections.abc import Iterable

from leads.actions.merge_tables import Merging
from nurturing.models import Enrolment, Message, State
from nurturing.tracks import Ending

# On their way, but nobody has begun to hand them over.
_WAITING = (State.PLANNED, State.HELD)


def join_tracks(merging: Merging) -> None:
    """Passages through tracks of both; where both are in one, the survivor goes on and the other one ends.

    Messages go along by themselves, those in flight too, and so count for the survivor's caps. Their keys
    are rewritten to the survivor's name, so that no occurrence is sent twice; what both were to get is
    cancelled once.
    """
    _end_twins(merging)
    merging.journal.move(Enrolment, "lead_id", old=merging.away, new=merging.kept)
    _rename_messages(merging)


def _end_twins(merging: Merging) -> None:
    journal = merging.journal
    ours = Enrolment.objects.filter(lead=merging.kept)
    open_ones = set(ours.filter(ended_at=None).values_list("track_id", flat=True))
    keys = set(ours.values_list("track_id", "entry_key"))
    for one in Enrolment.objects.filter(lead=merging.away):
        if one.ended_at is None and one.track_id in open_ones:
            values = {"ended_at": merging.now, "ending": Ending.MERGED.value}
            journal.change(Enrolment, one.pk, values)
            _cancel(merging, Message.objects.filter(enrolment=one, state__in=_WAITING))
        if (one.track_id, one.entry_key) in keys:
            journal.change(Enrolment, one.pk, {"entry_key": f"{one.entry_key[:40]}~{one.pk}"})


def _rename_messages(merging: Merging) -> None:
    theirs = list(Message.objects.filter(lead=merging.away, send_key__startswith=f"{merging.away}/"))
    wanted = {one.pk: _renamed(one.send_key, merging.kept) for one in theirs}
    taken = set(Message.objects.filter(send_key__in=wanted.values()).values_list("send_key", flat=True))
    for one in theirs:
        if wanted[one.pk] not in taken:
            merging.journal.change(Message, one.pk, {"send_key": wanted[one.pk]})
        elif one.state in _WAITING:
            _cancel(merging, [one])


def _renamed(key: str, lead_id: int) -> str:
    return f"{lead_id}/{key.split('/', 1)[1]}"


def _cancel(merging: Merging, messages: Iterable[Message]) -> None:
    for one in messages:
        values = {"state": State.CANCELLED.value, "reason": "merged"}
        merging.journal.change(Message, one.pk, values)
