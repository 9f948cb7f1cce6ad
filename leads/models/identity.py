"""Who may be the same person: what is compared, the pairs found, and the merges that were made."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from leads.lead_links import OnErase, OnMerge, about_nobody, lead_link
from leads.models.company import Company
from leads.models.lead import Lead


@lead_link(merge=OnMerge.KEEP_FIRST, erase=OnErase.DELETE)
class LeadKeys(models.Model):
    """The hashed signs by which a lead is compared with others (leads/duplicates.py), made after the fact.

    ``digest`` is that of the profile they were made from: another one means that they are out of date.
    """

    lead = models.OneToOneField(Lead, models.CASCADE, primary_key=True, related_name="keys")
    digest = models.BigIntegerField()
    keys = ArrayField(models.BigIntegerField(), default=list)

    class Meta:
        indexes: ClassVar = [GinIndex(name="lead_keys", fields=["keys"], fastupdate=False)]

    def __str__(self) -> str:
        return f"keys of {self.lead_id}"


@about_nobody
class DuplicateSearch(models.Model):
    """How far the search for duplicates has come: the one row of it."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    last_lead_id = models.BigIntegerField(default=0)
    last_change_id = models.BigIntegerField(default=0)
    searched_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="one_row_of_duplicate_search", condition=Q(id=1)),
        ]

    def __str__(self) -> str:
        return f"up to lead {self.last_lead_id}"


class CandidateState(models.TextChoices):
    """What became of a pair; "not the same" is remembered for ever."""

    OPEN = "open", _("To decide")
    MERGED = "merged", _("Merged")
    NOT_SAME = "not_same", _("Not the same")


@lead_link(
    merge=OnMerge.COMBINE,
    erase=OnErase.DELETE,
    key="low",
    combine="leads.actions.merge_tables.combine_candidates",
    rows="leads.actions.erase_tables.candidates_of",
)
class DuplicateCandidate(models.Model):
    """Two leads that are likely one person; ``low`` has the smaller id, so that a pair exists once."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    low = models.ForeignKey(Lead, models.CASCADE, related_name="+")
    high = models.ForeignKey(Lead, models.CASCADE, related_name="+")
    score = models.SmallIntegerField(_("likeness"))
    # Codes of the reasons; their words are in leads.duplicates.
    reasons = ArrayField(models.CharField(max_length=24), default=list)
    state = models.CharField(_("state"), max_length=8, choices=CandidateState, default=CandidateState.OPEN)
    found_at = models.DateTimeField(_("found"))
    decided_at = models.DateTimeField(_("decided"), null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("likely duplicate")
        verbose_name_plural = _("likely duplicates")
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_candidate_per_pair", fields=["low", "high"]),
            models.CheckConstraint(name="candidate_pair_in_order", condition=Q(low__lt=F("high"))),
            models.CheckConstraint(name="candidate_score", condition=Q(score__gte=0, score__lte=100)),
            models.CheckConstraint(
                name="candidate_decided",
                condition=Q(state="open", decided_at=None) | (~Q(state="open") & Q(decided_at__isnull=False)),
            ),
        ]
        indexes: ClassVar = [
            models.Index(name="candidate_queue", fields=["-score", "-id"], condition=Q(state="open")),
            models.Index(name="candidate_high", fields=["high"]),
        ]

    def __str__(self) -> str:
        return f"{self.low_id} ~ {self.high_id}: {self.score}"


@lead_link(
    merge=OnMerge.STAY,
    erase=OnErase.DELETE,
    key="kept",
    rows="leads.actions.erase_tables.merges_of",
)
class Merge(models.Model):
    """That two leads were found to be one, and everything needed to part them again.

    ``journal`` lists what was moved, set aside, changed and added, in order (leads/actions/journal.py);
    ``choices`` which side's value each field took.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kept = models.ForeignKey(Lead, models.CASCADE, related_name="merges")
    away = models.ForeignKey(Lead, models.CASCADE, related_name="+")
    at = models.DateTimeField(_("merged"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    choices = models.JSONField(default=dict)
    journal = models.JSONField(default=list)
    undone_at = models.DateTimeField(_("undone"), null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("merge")
        verbose_name_plural = _("merges")
        constraints: ClassVar = [
            models.UniqueConstraint(name="merged_away_once", fields=["away"], condition=Q(undone_at=None)),
            models.CheckConstraint(name="merge_of_two", condition=~Q(kept=F("away"))),
        ]

    def __str__(self) -> str:
        return f"{self.away_id} into {self.kept_id}"


@lead_link(merge=OnMerge.NOTHING, erase=OnErase.KEEP, key="", company_key="company", why="about a company")
class CompanyDomain(models.Model):
    """A further domain of a company: "acier-dupont.com" beside "acier-dupont.fr"."""

    company = models.ForeignKey(Company, models.CASCADE, related_name="domains")
    domain = models.CharField(_("domain"), max_length=253, unique=True)
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("domain of a company")
        verbose_name_plural = _("domains of companies")
        ordering: ClassVar = ["domain"]

    def __str__(self) -> str:
        return self.domain


@lead_link(merge=OnMerge.NOTHING, erase=OnErase.KEEP, key="", company_key="kept", why="about companies")
class CompanyMerge(models.Model):
    """That two companies were found to be one. The one merged away is in ``journal`` (as in Merge), whole."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kept = models.ForeignKey(Company, models.CASCADE, related_name="merges")
    # Its page leads to the survivor's.
    away_public_id = models.UUIDField(db_index=True)
    away_name = models.CharField(max_length=200)
    at = models.DateTimeField(_("merged"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    journal = models.JSONField(default=list)
    undone_at = models.DateTimeField(_("undone"), null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("merge of companies")
        verbose_name_plural = _("merges of companies")

    def __str__(self) -> str:
        return f"{self.away_name} into {self.kept_id}"
