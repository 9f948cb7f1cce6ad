"""Tracks and template versions as the plain values that the decisions take, kept as long as they are true."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings

from funnel.stages import Stage
from leads.models import EventKind
from nurturing import models
from nurturing.sql import DEFINITIONS, row_of
from nurturing.tracks import Entry, EventEntry, Step, Track


@dataclass(frozen=True, slots=True)
class LiveTrack:
    """A track in use, with its id."""

    id: int
    track: Track


@dataclass(frozen=True, slots=True)
class Versions:
    """The newest version of each template: its id by code and language."""

    ids: Mapping[tuple[str, str], int]

    def language_for(self, own: str, code: str) -> str:
        """The ``own`` language if the template speaks it, else the site's, else any; "" without one."""
        spoken = [language for known, language in self.ids if known == code]
        wished = [own[:2], settings.LANGUAGE_CODE[:2], *spoken]
        return next((language for language in wished if language in spoken), "")


@dataclass(frozen=True, slots=True)
class Definitions:
    """All that people set up and every planning reads.

    ``tracks``: those in use, the most important first; ``watched``: the ids of the kinds of event that let a
    lead in or are a goal, with their codes.
    """

    tracks: tuple[LiveTrack, ...]
    watched: Mapping[int, str]
    versions: Versions


_kept: dict[object, Definitions] = {}


def definitions() -> Definitions:
    """What is set up now; one query while nothing changes. Raises ValueError for a track without sense."""
    fingerprint = row_of(DEFINITIONS)
    known = _kept.get(fingerprint)
    if known is None:
        known = _read()
        _kept.clear()
        _kept[fingerprint] = known
    return known


def _read() -> Definitions:
    rows = models.Track.objects.filter(is_active=True).prefetch_related("steps").order_by("-priority", "code")
    tracks = tuple(LiveTrack(row.pk, plain_track(row)) for row in rows)
    return Definitions(tracks, _watched(tracks), _versions())


def _watched(tracks: Iterable[LiveTrack]) -> dict[int, str]:
    codes: set[str] = set()
    for live in tracks:
        codes |= {entry.kind for entry in live.track.entry.events} | live.track.goal
    return dict(EventKind.objects.filter(code__in=codes).values_list("pk", "code"))


def _versions() -> Versions:
    newest = models.Template.objects.order_by("code", "language", "-version").distinct("code", "language")
    return Versions({(code, tongue): pk for code, tongue, pk in newest.values_list("code", "language", "pk")})


def plain_track(row: models.Track) -> Track:
    """A track row with its steps as a plain value. Raises ValueError or TypeError when it makes no sense."""
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
