"""How far each lead's checklist is: what people said, what may be assumed, what to ask next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Prefetch

from funnel.ask_next import Open, next_question
from funnel.assumed import Known, assume
from funnel.checklist import Progress, State, progress
from funnel.models import AnswerVersion, ChecklistAnswer, ChecklistItem, Standing
from funnel.queries.assumptions import assumed_facts, facts_with_evidence, intent_of
from leads.models import Event, Lead


@dataclass(frozen=True, slots=True)
class Line:
    """One item with what is known about it; ``assumed`` only while nobody has said anything."""

    item: ChecklistItem
    answer: ChecklistAnswer | None
    assumed: Known | None = None

    @property
    def state(self) -> State:
        """What a person said; else an assumption where there is ground for one."""
        if self.answer:
            return State(self.answer.state)
        return State.ASSUMED if self.assumed else State.UNKNOWN

    @property
    def value(self) -> str:
        """What is known, in the reader's language."""
        if self.answer:
            return self.item.shown(self.answer.value)
        return self.assumed.value if self.assumed else ""

    @property
    def evidence(self) -> str:
        """From where."""
        if self.answer:
            return self.answer.evidence
        return self.assumed.evidence if self.assumed else ""

    @property
    def person(self) -> Lead | None:
        """The person of the company whom the answer names."""
        named = getattr(self.answer, "named", None) if self.answer else None
        return named.person if named else None

    @property
    def earlier(self) -> list[AnswerVersion]:
        """What was said before, the newest first; the present answer left out."""
        return list(self.answer.versions.all())[1:] if self.answer else []


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

    @property
    def ask_next(self) -> Line | None:
        """The next best question; none when all is confirmed."""
        code = next_question([Open(one.item.code, one.item.is_required, one.state) for one in self.lines])
        return next((line for line in self.lines if line.item.code == code), None)


def checklists(standings: Sequence[Standing]) -> dict[int, Checklist]:
    """The checklist of each of these leads in its present cycle, by lead id. Two queries however many.

    Where the standings came with their leads, what the profile lets one assume is in it, without evidence.
    """
    facts = {one.lead_id: assumed_facts(one.lead) for one in standings if "lead" in one._state.fields_cache}
    return _checklists(standings, facts)


def checklist_in_full(
    standing: Standing, events: Sequence[Event], *, with_earlier: bool = False
) -> Checklist:
    """One lead's checklist with persons and evidence. Two queries; two more where something is assumed.

    ``events``: the lead's newest, with their kind. ``with_earlier``: with the earlier answers, one more.
    """
    facts = assumed_facts(standing.lead) | intent_of(events)
    found = _checklists([standing], {standing.lead_id: facts}, with_earlier=with_earlier)[standing.lead_id]
    if not any(line.assumed for line in found.lines):
        return found
    told = facts_with_evidence(standing.lead, events)
    return _checklist([Line(one.item, *_known(one.item, one.answer, told)) for one in found.lines])


def _checklists(
    standings: Sequence[Standing], facts: Mapping[int, Mapping[str, Known]], *, with_earlier: bool = False
) -> dict[int, Checklist]:
    items = list(ChecklistItem.objects.filter(is_active=True))
    cycles = {standing.lead_id: standing.cycle for standing in standings}
    answers = ChecklistAnswer.objects.filter(lead__in=cycles, item__in=items).select_related(
        "by", "named__person"
    )
    if with_earlier:
        versions = AnswerVersion.objects.select_related("by").order_by("-id")
        answers = answers.prefetch_related(Prefetch("versions", versions))
    known = {(one.lead_id, one.item_id): one for one in answers if one.cycle == cycles[one.lead_id]}
    return {
        lead: _checklist(
            [Line(item, *_known(item, known.get((lead, item.pk)), facts.get(lead, {}))) for item in items]
        )
        for lead in cycles
    }


def _known(
    item: ChecklistItem, answer: ChecklistAnswer | None, facts: Mapping[str, Known]
) -> tuple[ChecklistAnswer | None, Known | None]:
    """What a person said; where nobody did, what may be assumed."""
    return answer, None if answer else assume(item.sources, facts)


def _checklist(lines: Sequence[Line]) -> Checklist:
    states = {line.item.code: line.state for line in lines}
    return Checklist(tuple(lines), progress([line.item.item for line in lines], states))


def progress_of(standing: Standing) -> Progress:
    """Whether one lead may become an SQL, and what is missing."""
    return checklists([standing])[standing.lead_id].progress


def missing_labels(codes: Sequence[str]) -> list[str]:
    """The labels of these items, in their order."""
    return [item.label for item in ChecklistItem.objects.filter(code__in=codes)]
