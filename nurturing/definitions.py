"""Tracks as the database holds them, as the plain values that the decisions take."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from funnel.stages import Stage
from nurturing import models
from nurturing.tracks import Entry, EventEntry, Step, Track


@dataclass(frozen=True, slots=True)
class LiveTrack:
    """A track in use, with its id."""

    id: int
    track: Track


def live_tracks() -> list[LiveTrack]:
    """The tracks in use, the most important first; two queries."""
    rows = models.Track.objects.filter(is_active=True).prefetch_related("steps").order_by("-priority", "code")
    return [LiveTrack(row.pk, plain_track(row)) for row in rows]


def plain_track(row: models.Track) -> Track:
    """A track row with its steps as a plain value. Raises ValueError when it makes no sense."""
    return Track(
        code=row.code,
        entry=Entry(
            events=tuple(_event_entry(entry) for entry in row.entry_events),
            on_return=row.on_return,
            stages=frozenset(Stage(code) for code in row.stages),
            again_after=None if row.again_after_days is None else timedelta(days=row.again_after_days),
        ),
        steps=tuple(_step(step) for step in sorted(row.steps.all(), key=lambda step: step.position)),
        priority=row.priority,
        goal=frozenset(row.goal_events),
        longest=None if row.longest_days is None else timedelta(days=row.longest_days),
    )


def _event_entry(entry: dict[str, object]) -> EventEntry:
    types = entry.get("content_types") or []
    if not isinstance(types, list):
        raise TypeError("content_types is a list")
    return EventEntry(
        kind=str(entry["kind"]),
        gated=bool(entry.get("gated")),
        content_types=frozenset(str(each) for each in types),
        new_lead=bool(entry.get("new_lead")),
    )


def _step(step: models.TrackStep) -> Step:
    return Step(
        position=step.position,
        delay=timedelta(minutes=step.delay_minutes),
        template=step.template_code,
        every=None if step.every_days is None else timedelta(days=step.every_days),
        picks_content=step.picks_content,
        needs_content=step.needs_content,
        time_to_live=timedelta(hours=step.time_to_live_hours),
    )
