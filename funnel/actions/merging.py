"""Two leads that are one person stand in one place: the further one, with one history of both."""

from __future__ import annotations

from collections.abc import Sequence

from accounts.models import User
from funnel.actions.passages import Step, enter, last_passage, pass_on
from funnel.choices import OfferStatus
from funnel.models import ChecklistAnswer, Offer, Opportunity, Passage, Rep, Standing, Task
from funnel.queries.capacity import used_places
from funnel.stages import Verb, is_further
from leads.actions.journal import Journal
from leads.actions.merge import CannotMerge
from leads.actions.merge_tables import Merging
from leads.models import Lead, ProfileChange

# What makes a passage the same one still: as long as these stand, nobody has moved the lead since.
_WHERE = ("stage", "situation", "since", "cycle")
_CYCLES = (ChecklistAnswer, Offer, Opportunity, Passage, Task)
# What of a standing comes along besides its position.
_ALONG = (
    *("ready_since", "rep_id", "wake_on", "gates_shut_until", "is_pinned", "priority"),
    *("up_on", "down_on", "ready_on", "unready_on"),
)


def join_standings(merging: Merging) -> None:
    """The further stage survives; open offers of the other one are withdrawn; its history becomes a branch.

    A machine's conclusion gives way to a person's, that to what sales works on (stages.is_further). Frees
    places, never takes one.
    """
    standings = {one.lead_id: one for one in _locked((merging.kept, merging.away))}
    theirs = standings.get(merging.away)
    if theirs is None:
        return
    ours = standings.get(merging.kept) or enter([(merging.kept, merging.now)])[0]
    adopts = is_further(theirs.position, ours.position)
    merging.journal.mark(Passage, "merged_from", merging.away, "lead_id", owner=merging.away)
    _withdraw(merging.journal, ours if adopts else theirs, merging)
    before = _make_room_for_cycles(merging, ours, theirs, adopts=adopts)
    if adopts:
        _adopt(merging, ours, theirs, theirs.cycle + before)
    merging.journal.change(Lead, merging.away, {"owner_id": None, "offered_to_id": None})
    merging.journal.set_aside(Standing, "lead_id", owner=merging.away)


def _locked(lead_ids: Sequence[int]) -> list[Standing]:
    rows = Standing.objects.select_for_update(of=("self",), no_key=True).select_related("lead")
    return list(rows.filter(lead__in=lead_ids).order_by("lead"))


def _withdraw(journal: Journal, loser: Standing, merging: Merging) -> None:
    """Nobody decides about a standing that does not survive."""
    for offer in Offer.objects.open().filter(lead=loser.lead_id):
        values = {"status": OfferStatus.WITHDRAWN.value, "decided_at": merging.now}
        journal.change(Offer, offer.pk, values)
        journal.change(Lead, loser.lead_id, {"offered_to_id": None})


def _make_room_for_cycles(merging: Merging, ours: Standing, theirs: Standing, *, adopts: bool) -> int:
    """Where sales worked both, the cycles of the one who came less far are counted first.

    Returns by how much the cycles of the surviving standing were raised.
    """
    winner, loser = (theirs, ours) if adopts else (ours, theirs)
    if not _was_worked(loser.lead_id):
        return 0
    journal = merging.journal
    for model in _CYCLES:
        own = model._default_manager.filter(lead=winner.lead_id)
        journal.shift(model, "cycle", list(own.values_list("pk", flat=True)), loser.cycle)
    if not adopts:
        journal.shift(Standing, "cycle", [winner.lead_id], loser.cycle)
    return loser.cycle


def _was_worked(lead_id: int) -> bool:
    """Whether sales ever took it: then its cycles have business and checklists of their own."""
    accepted = Offer.objects.filter(lead=lead_id, status=OfferStatus.ACCEPTED)
    return accepted.exists() or Opportunity.objects.filter(lead=lead_id).exists()


def _adopt(merging: Merging, ours: Standing, theirs: Standing, cycle: int) -> None:
    """The survivor stands where the other one stood, worked by the same rep; a passage says why."""
    journal = merging.journal
    by = User.objects.filter(pk=merging.by).first() if merging.by else None
    with journal.together(Standing, merging.kept, _WHERE):
        with journal.watch(Standing, merging.kept), journal.watch(Lead, merging.kept):
            ours.cycle, ours.rep_id = cycle, theirs.rep_id
            details: dict[str, object] = {"merged": merging.away}
            pass_on(
                [
                    Step(
                        ours,
                        Verb.MERGE,
                        theirs.position,
                        merging.now,
                        actor=by,
                        details=details,
                        offered_to=theirs.lead.offered_to_id,
                    )
                ]
            )
            Standing.objects.filter(pk=merging.kept).update(
                **{name: getattr(theirs, name) for name in _ALONG}
            )
            Lead.objects.filter(pk=merging.kept).update(
                owner=theirs.lead.owner_id,
                former_owner=theirs.lead.former_owner_id or ours.lead.former_owner_id,
            )
        made = last_passage(merging.kept)
        journal.added(Passage, [made.pk] if made else [])
        noted = ProfileChange.objects.filter(lead=merging.kept, field="stage", at=merging.now)
        journal.added(ProfileChange, list(noted.order_by("-pk").values_list("pk", flat=True)[:1]))


def require_places(merging: Merging) -> None:
    """Two leads that are parted again may need two places. Raises CannotMerge("no_place")."""
    both = (merging.kept, merging.away)
    at_work = Standing.objects.filter(lead__in=both).exclude(rep=None).values_list("rep", flat=True)
    offered = Offer.objects.open().filter(lead__in=both).values_list("rep", flat=True)
    reps = list(Rep.objects.select_for_update(no_key=True).filter(pk__in={*at_work, *offered}).order_by("pk"))
    used = used_places(rep.pk for rep in reps)
    if any(used[rep.pk].total > rep.places for rep in reps):
        raise CannotMerge("no_place")
