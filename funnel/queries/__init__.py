"""Reads: who stands where, who waits, who can take how many."""

from funnel.queries.capacity import Load, loads, used_places
from funnel.queries.checklist import Checklist, checklists, progress_of
from funnel.queries.counts import StageCounts, stage_counts
from funnel.queries.missing import information_missing
from funnel.queries.standings import passages_of, standing_of
from funnel.queries.waiting import WhyNobody, waiting_room, why_nobody

__all__ = [
    "Checklist",
    "Load",
    "StageCounts",
    "WhyNobody",
    "checklists",
    "information_missing",
    "loads",
    "passages_of",
    "progress_of",
    "stage_counts",
    "standing_of",
    "used_places",
    "waiting_room",
    "why_nobody",
]
