"""What was changed in a draft: who, when, and each part before and after."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from leads.lead_links import about_nobody
from scoring.drafts import Change
from scoring.models.rule_set import RuleSet


@about_nobody
class DraftEdit(models.Model):
    """One change of a draft; ``revision`` is the draft's number after it.

    Append-only: undoing is an edit too.
    """

    draft = models.ForeignKey(RuleSet, models.PROTECT, related_name="edits")
    revision = models.PositiveIntegerField(_("revision"))
    summary = models.CharField(_("summary"), max_length=300)
    changes = models.JSONField(_("changes"))  # scoring.drafts.Change.as_json
    undoes = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="undone_by")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("edit of a draft")
        verbose_name_plural = _("edits of drafts")
        ordering: ClassVar = ["-revision"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_edit_a_revision", fields=["draft", "revision"])
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.draft_id} r{self.revision}: {self.summary}"

    @property
    def parts(self) -> list[Change]:
        """What was changed, part by part."""
        return [Change.from_json(kept) for kept in self.changes]
