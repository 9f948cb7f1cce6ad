"""Events: what happened. Never edited, deduplicated for ever, one partition a month.

The table itself, its partitions, indexes and trigger are made by hand in migration 0002: Django's schema
editor knows nothing of partitions.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from leads.choices import Band
from leads.kinds import BY_ID
from leads.lead_links import OnErase, OnMerge, about_nobody, lead_link
from leads.models.content import Content
from leads.models.lead import Lead
from leads.models.visitor import Visitor


class Source(models.IntegerChoices):
    """Who says that it happened; API keys have their own numbers from 100."""

    ECLUSE = 0, _("Écluse")
    IMPORT = 1, _("Import")
    DEMO = 2, _("Demonstration")
    PEOPLE = 3, _("People")
    FORMS = 4, _("Forms")


class Verdict(models.IntegerChoices):
    """Whether a person or a machine did it; machines never score."""

    UNKNOWN = 0, _("Unknown")
    HUMAN = 1, _("Human")
    MACHINE = 2, _("Machine")


# The signature of an event that no rule may count: a machine's, or a voided one.
NOT_COUNTED = 0


@about_nobody
class EventKind(models.Model):
    """A kind of event: the shipped ones (leads/kinds.py) and a site's own."""

    id = models.SmallIntegerField(primary_key=True)
    code = models.SlugField(max_length=40, unique=True)
    label_fr = models.CharField(max_length=80, blank=True)
    label_en = models.CharField(max_length=80, blank=True)
    band = models.CharField(max_length=4, choices=Band, blank=True)
    points = models.SmallIntegerField(default=0)
    is_intent = models.BooleanField(default=False)
    is_internal = models.BooleanField(default=False)
    is_activity = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("kind of event")
        verbose_name_plural = _("kinds of event")

    def __str__(self) -> str:
        return self.code

    @property
    def label(self) -> str:
        """The kind in the reader's language: the site's own word, else the shipped one, else the code."""
        own = self.label_en if (get_language() or "fr").startswith("en") else self.label_fr
        shipped = BY_ID.get(self.pk)
        return own or (str(shipped.label) if shipped else self.code.replace("_", " "))


@about_nobody
class PropertyPredicate(models.Model):
    """A question that a published rule asks of an event's properties; one bit of the signature."""

    bit = models.SmallIntegerField(primary_key=True)
    path = models.CharField(max_length=64)
    operator = models.CharField(max_length=16)
    value = models.JSONField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_predicate", fields=["path", "operator", "value"]),
            models.CheckConstraint(
                name="predicate_bit_fits", condition=models.Q(bit__gte=0) & models.Q(bit__lt=63)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.path} {self.operator} {self.value!r}"


@about_nobody
class Signature(models.Model):
    """All that scoring may ask of an event, interned as one small number."""

    id = models.AutoField(primary_key=True)
    kind = models.ForeignKey(EventKind, models.PROTECT)
    content = models.ForeignKey(Content, models.PROTECT, null=True)
    channel = models.CharField(max_length=16, blank=True)
    property_mask = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="one_signature",
                fields=["kind", "content", "channel", "property_mask"],
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind_id}/{self.content_id}/{self.channel}/{self.property_mask:b}"


@lead_link(merge=OnMerge.MOVE, erase=OnErase.ANONYMISE, blank={"properties": {}, "visitor": None})
class Event(models.Model):
    """A fact. Only lead, verdict and voiding may change later, each by its named action."""

    id = models.BigIntegerField(primary_key=True)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    lead = models.ForeignKey(Lead, models.DO_NOTHING, null=True, db_constraint=False, related_name="events")
    visitor = models.ForeignKey(
        Visitor, models.DO_NOTHING, null=True, db_constraint=False, related_name="events"
    )
    kind = models.ForeignKey(EventKind, models.DO_NOTHING, db_constraint=False, related_name="+")
    content = models.ForeignKey(Content, models.DO_NOTHING, null=True, db_constraint=False, related_name="+")
    # Signature.id, or NOT_COUNTED for what a machine did and what was voided.
    signature_id = models.IntegerField()
    source_id = models.SmallIntegerField()
    verdict = models.SmallIntegerField(choices=Verdict, default=Verdict.UNKNOWN)
    was_clamped = models.BooleanField(default=False)
    channel = models.CharField(max_length=16, blank=True)
    event_id = models.CharField(max_length=120)
    properties = models.JSONField(default=dict)
    voided_at = models.DateTimeField(null=True)
    void_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "leads_event"
        verbose_name = _("event")
        verbose_name_plural = _("events")

    def __str__(self) -> str:
        return f"{self.kind_id} at {self.occurred_at:%Y-%m-%d %H:%M}"


@lead_link(
    merge=OnMerge.NOTHING,
    erase=OnErase.KEEP,
    key="",
    why="a digest of (source, event id); says nothing of anybody",
)
class EventKey(models.Model):
    """The memory of every (source, event id) ever received; outlives the events themselves."""

    key = models.UUIDField(primary_key=True)
    digest = models.BigIntegerField()

    def __str__(self) -> str:
        return str(self.key)


@lead_link(
    merge=OnMerge.NOTHING,
    erase=OnErase.DELETE,
    key="",
    rows="leads.actions.erase_tables.conflicts_of",
)
class EventConflict(models.Model):
    """The same event id came again with other content: the first one won, this one is kept here."""

    source_id = models.SmallIntegerField()
    event_id = models.CharField(max_length=120)
    received_at = models.DateTimeField()
    payload = models.JSONField()

    class Meta:
        indexes: ClassVar = [models.Index(name="conflict_received", fields=["-received_at"])]

    def __str__(self) -> str:
        return f"{self.source_id}/{self.event_id}"
