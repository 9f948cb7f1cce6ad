"""What a form asked, and in which words, each time it changed in public: the proof behind each consent."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from capture.models.form import Form
from leads.lead_links import about_nobody


@about_nobody
class FormVersion(models.Model):
    """A form as the public saw it: questions, boxes with their exact words, notice. Append-only.

    The ledger's ``form_version`` ("contact-v3") names it (privacy bar 5.3: a consent without proof is none).
    """

    form = models.ForeignKey(Form, models.CASCADE, related_name="versions")
    version = models.PositiveIntegerField(_("version"))
    definition = models.JSONField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("version of a form")
        verbose_name_plural = _("versions of forms")
        ordering: ClassVar = ["-version"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_definition_per_version", fields=["form", "version"]),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.form_id} v{self.version}"
