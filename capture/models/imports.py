"""Imports: the file, how it is read, what became of each of its rows, and how to take it back."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from capture.choices import ImportState, Notice, RowState
from leads.channels import Acquisition, Channel
from leads.lead_links import OnErase, OnMerge, about_nobody, lead_link
from leads.models import Campaign, Company, Lead, List


@about_nobody
class Import(models.Model):
    """One uploaded file on its way in.

    ``mapping`` holds a target for each column of ``header`` ("" ignores it). Which rows are done is
    ``next_line`` and ``next_offset``, written in the transaction that does them. Everything an import writes
    carries ``started_at``, so that it can be told from what came later.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    state = models.CharField(_("state"), max_length=12, choices=ImportState, default=ImportState.UPLOADED)
    # Ready to be read as text; removed when the import is done, its rejects are kept for thirty days.
    file = models.FileField(max_length=200, blank=True)
    rejects = models.FileField(max_length=200, blank=True)
    file_name = models.CharField(_("file"), max_length=160)
    file_size = models.BigIntegerField(_("size in bytes"))
    sha256 = models.CharField(max_length=64, db_index=True)
    is_workbook = models.BooleanField(default=False)

    encoding = models.CharField(max_length=16, default="utf-8")
    delimiter = models.CharField(max_length=1, default=";")
    has_header = models.BooleanField(default=True)
    header = ArrayField(models.CharField(max_length=120), default=list)
    samples = models.JSONField(default=list)
    shape = models.CharField(max_length=64, blank=True)
    mapping = models.JSONField(default=list)

    channel = models.CharField(_("channel"), max_length=16, choices=Channel, blank=True)
    campaign = models.ForeignKey(
        Campaign, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("campaign")
    )
    acquisition = models.CharField(
        _("acquisition"), max_length=8, choices=Acquisition, default=Acquisition.INDIRECT
    )
    # Article 14 of the RGPD: people whose data comes from elsewhere are told so within a month.
    notice = models.CharField(_("how they are informed"), max_length=10, choices=Notice, blank=True)
    notice_source = models.CharField(_("where the data comes from"), max_length=200, blank=True)
    overwrite = models.BooleanField(default=False)
    again = models.BooleanField(default=False)
    joins = models.ForeignKey(List, models.PROTECT, null=True, blank=True, related_name="+")
    track_code = models.SlugField(max_length=60, blank=True)
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES, default="fr")
    region = models.CharField(_("country of phone numbers"), max_length=2, default="FR")

    report = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    next_offset = models.BigIntegerField(default=0)
    next_line = models.PositiveIntegerField(default=1)
    woken_line = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)

    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(_("uploaded"))
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    reverted_at = models.DateTimeField(null=True)
    reverted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        indexes: ClassVar = [
            models.Index(name="import_newest", fields=["-created_at", "-id"]),
            models.Index(
                name="import_at_work",
                fields=["id"],
                condition=Q(state__in=["checking", "queued", "running", "waking", "reverting"]),
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def rows_done(self) -> int:
        """How many rows were taken or set aside so far."""
        return sum(int(count) for count in self.result.get("counts", {}).values())

    @property
    def rows_total(self) -> int:
        """How many rows the file has, as the check counted them."""
        return int(self.report.get("rows", 0))

    @property
    def share(self) -> float:
        """The part of the rows that is done, 0 to 1."""
        return min(1.0, self.rows_done / self.rows_total) if self.rows_total else 0.0


@lead_link(
    merge=OnMerge.MOVE,
    erase=OnErase.ANONYMISE,
    blank={"before": None, "reason": ""},
    leave="capture.importing.erasing.leave_files",
)
class ImportRow(models.Model):
    """What became of one row of a file. (file, row) is done once: see ``Import.sha256``.

    ``before`` holds the values that the row changed in a known lead: {field: [before, after]}.
    """

    # Both keys have an index of their own below. No constraint to check, a million times, against one and the
    # same import that the transaction holds locked: rows are only written by that import, and go before it.
    batch = models.ForeignKey(
        Import, models.CASCADE, related_name="rows", db_index=False, db_constraint=False
    )
    line = models.PositiveIntegerField()
    state = models.SmallIntegerField(choices=RowState)
    lead = models.ForeignKey(
        Lead, models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="import_rows"
    )
    before = models.JSONField(null=True)
    code = models.CharField(max_length=40, blank=True, db_default="")
    reason = models.CharField(max_length=300, blank=True, db_default="")

    class Meta:
        verbose_name = _("row of an import")
        verbose_name_plural = _("rows of an import")
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_fate_per_row", fields=["batch", "line"]),
        ]
        indexes: ClassVar = [
            models.Index(name="import_row_of_lead", fields=["lead"], condition=~Q(lead=None)),
        ]

    def __str__(self) -> str:
        return f"{self.batch_id}:{self.line}"


@lead_link(merge=OnMerge.NOTHING, erase=OnErase.KEEP, key="", company_key="company",
           why="Values of a company, not of a person.")  # fmt: skip
class ImportedCompany(models.Model):
    """A company that an import made, or what it changed in one: {field: [before, after]}."""

    batch = models.ForeignKey(Import, models.CASCADE, related_name="companies", db_index=False)
    company = models.ForeignKey(Company, models.CASCADE, related_name="+")
    is_new = models.BooleanField()
    before = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("company of an import")
        verbose_name_plural = _("companies of an import")
        indexes: ClassVar = [models.Index(name="company_of_import", fields=["batch", "id"])]

    def __str__(self) -> str:
        return f"{self.batch_id}: {self.company_id}"


@about_nobody
class ImportMapping(models.Model):
    """What the columns of files of one shape were last said to mean."""

    shape = models.CharField(max_length=64, primary_key=True)
    mapping = models.JSONField()
    used_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.shape[:12]
