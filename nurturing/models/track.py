"""Tracks, their steps, and which lead has come how far in which."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from leads.lead_links import OnErase, OnMerge, about_nobody, lead_link
from leads.models import Lead
from nurturing.tracks import Ending


@about_nobody
class Track(models.Model):
    """A sequence of messages that a lead enters by an event or a return, and leaves at its goal or end."""

    code = models.SlugField(_("code"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=120)
    priority = models.SmallIntegerField(_("priority"), default=0)
    is_active = models.BooleanField(_("in use"), default=True)
    # [{"kind": …, "gated": bool, "content_types": […], "new_lead": bool}]
    entry_events = models.JSONField(_("enters on"), default=list, blank=True)
    on_return = models.BooleanField(_("enters when sales returns it"), default=False)
    stages = models.JSONField(_("stages"), default=list)
    again_after_days = models.PositiveSmallIntegerField(
        _("may enter again after (days)"), null=True, blank=True
    )
    goal_events = models.JSONField(_("goal"), default=list, blank=True)
    longest_days = models.PositiveSmallIntegerField(_("ends after (days)"), null=True, blank=True)

    class Meta:
        verbose_name = _("track")
        verbose_name_plural = _("tracks")
        ordering: ClassVar = ["-priority", "code"]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The name, translated when it is a shipped one."""
        return gettext(self.name)


@about_nobody
class TrackStep(models.Model):
    """One message of a track, after a delay, perhaps repeated."""

    track = models.ForeignKey(Track, models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField(_("position"), validators=[MinValueValidator(1)])
    delay_minutes = models.PositiveIntegerField(_("delay (minutes)"), default=0)
    every_days = models.PositiveSmallIntegerField(_("every (days)"), null=True, blank=True)
    template_code = models.SlugField(_("template"), max_length=60)
    picks_content = models.BooleanField(_("with a fitted piece of content"), default=False)
    needs_content = models.BooleanField(_("not without content"), default=False)
    time_to_live_hours = models.PositiveSmallIntegerField(_("given up after (hours)"), default=72)

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        ordering: ClassVar = ["track", "position"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_step_per_position", fields=["track", "position"]),
            models.CheckConstraint(name="steps_start_at_one", condition=Q(position__gte=1)),
            models.CheckConstraint(
                name="steps_repeat_daily_at_most", condition=Q(every_days=None) | Q(every_days__gte=1)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.track_id}.{self.position}"


@lead_link(
    merge=OnMerge.COMBINE,
    erase=OnErase.DELETE,
    combine="nurturing.actions.merging.join_tracks",
)
class Enrolment(models.Model):
    """One passage of a lead through a track."""

    ENDINGS: ClassVar = [(ending.value, ending.value) for ending in Ending]

    track = models.ForeignKey(Track, models.PROTECT, related_name="enrolments")
    lead = models.ForeignKey(Lead, models.CASCADE, related_name="enrolments")
    # What let it in, "event:123" or "passage:45": the same fact never lets a lead in twice.
    entry_key = models.CharField(max_length=60)
    acted_at = models.DateTimeField(null=True)
    consulted = models.ForeignKey("leads.Content", models.SET_NULL, null=True, related_name="+")
    entered_at = models.DateTimeField()
    wake_on = models.DateField(null=True)
    position = models.PositiveSmallIntegerField(default=0)
    rounds = models.PositiveSmallIntegerField(default=0)
    last_step_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ending = models.CharField(max_length=20, choices=ENDINGS, blank=True)

    class Meta:
        verbose_name = _("passage through a track")
        verbose_name_plural = _("passages through tracks")
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_enrolment_per_fact", fields=["track", "lead", "entry_key"]),
            models.UniqueConstraint(
                name="one_open_enrolment", fields=["lead", "track"], condition=Q(ended_at=None)
            ),
        ]
        indexes: ClassVar = [models.Index(name="enrolment_of_lead", fields=["lead", "track", "-entered_at"])]

    def __str__(self) -> str:
        return f"{self.lead_id} in {self.track_id}"
