"""The tracks and templates that every installation has: added when missing, never changed afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_noop

from nurturing.actions.templates import save_template
from nurturing.compile import Source
from nurturing.models import MailSettings, NoticeKind, Template, Track, TrackStep

FOLDER = Path(settings.BASE_DIR) / "templates" / "emails"
TEMPLATES = (
    "next_content",
    "welcome",
    "incubation_start",
    "incubation_piece",
    "newsletter",
    *NoticeKind.values,
)
LANGUAGES = ("fr", "en")
_PARTS = ("subject", "preheader", "reason")


@dataclass(frozen=True, slots=True)
class ShippedStep:
    """See nurturing.models.TrackStep."""

    position: int
    template_code: str
    delay_minutes: int = 0
    every_days: int | None = None
    picks_content: bool = False
    needs_content: bool = False


@dataclass(frozen=True, slots=True)
class ShippedTrack:
    """See nurturing.models.Track."""

    code: str
    name: str
    priority: int
    steps: tuple[ShippedStep, ...]
    entry_events: tuple[dict[str, object], ...] = ()
    on_return: bool = False
    stages: tuple[str, ...] = ("lead", "mql", "recycled")
    again_after_days: int | None = None
    goal_events: tuple[str, ...] = ()
    longest_days: int | None = None


ASKED_FOR_SALES = ("contact_requested", "quote_requested", "demo_requested", "meeting_booked", "inbound_call")
READING = ("white_paper", "ebook", "guide", "case_study", "infographic")

TRACKS = (
    ShippedTrack(
        "next_content",
        gettext_noop("Next content"),
        priority=30,
        entry_events=({"kind": "content_downloaded", "gated": True, "content_types": list(READING)},),
        again_after_days=0,
        goal_events=ASKED_FOR_SALES,
        longest_days=7,
        steps=(ShippedStep(1, "next_content", picks_content=True, needs_content=True),),
    ),
    # Half an hour later: a download in the same visit is answered first, and by a better message.
    ShippedTrack(
        "welcome",
        gettext_noop("Welcome"),
        priority=10,
        entry_events=({"kind": "newsletter_subscribed"}, {"kind": "form_submitted", "new_lead": True}),
        stages=("lead", "mql"),
        goal_events=ASKED_FOR_SALES,
        longest_days=7,
        steps=(ShippedStep(1, "welcome", delay_minutes=30, picks_content=True),),
    ),
    ShippedTrack(
        "incubation",
        gettext_noop("Incubation"),
        priority=20,
        on_return=True,
        stages=("recycled",),
        again_after_days=0,
        goal_events=ASKED_FOR_SALES,
        longest_days=1095,
        steps=(
            # A minute, so that a rep who pressed the wrong key can still take it back.
            ShippedStep(1, "incubation_start", delay_minutes=1),
            ShippedStep(
                2,
                "incubation_piece",
                delay_minutes=30 * 1440,
                every_days=45,
                picks_content=True,
                needs_content=True,
            ),
        ),
    ),
)


def add_shipped(**_: object) -> None:
    """Insert what is missing (receiver of post_migrate, which also follows a flush)."""
    MailSettings.objects.get_or_create(pk=1)
    _add_templates()
    present = set(Track.objects.values_list("code", flat=True))
    for track in TRACKS:
        if track.code not in present:
            _add_track(track)


def _add_templates() -> None:
    present = set(Template.objects.values_list("code", "language"))
    for code in TEMPLATES:
        for language in LANGUAGES:
            if (code, language) not in present:
                save_template(code=code, language=language, source=read(code, language), now=timezone.now())


def read(code: str, language: str) -> Source:
    """A shipped template: head lines ``name: value``, then ``=== html`` and ``=== text``."""
    whole = (FOLDER / f"{code}.{language}.liquid").read_text(encoding="utf-8")
    head, html, text = (part.strip() for part in whole.replace("=== text", "=== html").split("=== html"))
    parts = dict(line.split(": ", 1) for line in head.splitlines())
    return Source(html=html, text=text, **{name: parts[name] for name in _PARTS})


def _add_track(shipped: ShippedTrack) -> None:
    track = Track.objects.create(
        code=shipped.code,
        name=shipped.name,
        priority=shipped.priority,
        entry_events=list(shipped.entry_events),
        on_return=shipped.on_return,
        stages=list(shipped.stages),
        again_after_days=shipped.again_after_days,
        goal_events=list(shipped.goal_events),
        longest_days=shipped.longest_days,
    )
    TrackStep.objects.bulk_create(
        TrackStep(
            track=track,
            position=step.position,
            delay_minutes=step.delay_minutes,
            every_days=step.every_days,
            template_code=step.template_code,
            picks_content=step.picks_content,
            needs_content=step.needs_content,
        )
        for step in shipped.steps
    )
