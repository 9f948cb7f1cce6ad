"""How far each lead's checklist is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from funnel.checklist import Progress, State, progress
from funnel.models import ChecklistAnswer, ChecklistItem, Standing


@dataclass(frozen=True, slots=True)
class Line:
    """One item with what is known about it."""

    item: ChecklistItem
    answer: ChecklistAnswer | None

    @property
    def state(self) -> State:
        return State(self.answer.state) if self.answer else State.UNKNOWN


@dataclass(frozen=True, slots=True)
class Checklist:
    """The lines in their order, and what keeps the lead from SQL."""

    lines: tuple[Line, ...]
    progress: Progress

    @property
    def missing(self) -> list[str]:
        """The labels of what is still to confirm."""
        gaps = {gap.code for gap in self.progress.gaps}
        return [line.item.label for line in self.lines if line.item.code in gaps]


def checklists(standings: Sequence[Standing]) -> dict[int, Checklist]:
    """The checklist of each of these leads in its present cycle, by lead id. Two queries however many."""
    items = list(ChecklistItem.objects.filter(is_active=True))
    cycles = {standing.lead_id: standing.cycle for standing in standings}
    answers = ChecklistAnswer.objects.filter(lead__in=cycles, item__in=items).select_related("by")
    known = {(one.lead_id, one.item_id): one for one in answers if one.cycle == cycles[one.lead_id]}
    return {
        lead: _checklist(items, {item.pk: known.get((lead, item.pk)) for item in items}) for lead in cycles
    }


def _checklist(items: Sequence[ChecklistItem], answers: dict[int, ChecklistAnswer | None]) -> Checklist:
    lines = tuple(Line(item, answers[item.pk]) for item in items)
    states = {line.item.code: line.state for line in lines}
    return Checklist(lines, progress([item.item for item in items], states))


def progress_of(standing: Standing) -> Progress:
    """Whether one lead may become an SQL, and what is missing."""
    return checklists([standing])[standing.lead_id].progress


def missing_labels(codes: Sequence[str]) -> list[str]:
    """The labels of these items, in their order."""
    return [item.label for item in ChecklistItem.objects.filter(code__in=codes)]
