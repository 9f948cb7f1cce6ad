"""Message templates: written in Liquid, versioned, compiled when they are saved."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from leads.lead_links import about_nobody


@about_nobody
class Template(models.Model):
    """One version of a template in one language. It never changes: editing makes the next one."""

    code = models.SlugField(_("code"), max_length=60)
    language = models.CharField(_("language"), max_length=5)
    version = models.PositiveIntegerField(_("version"))
    subject = models.CharField(_("subject"), max_length=200)
    preheader = models.CharField(_("preview line"), max_length=200, blank=True)
    # "You receive this message because …", required by law and by courtesy.
    reason = models.CharField(_("why the person gets it"), max_length=300)
    html = models.TextField(_("HTML"))
    text = models.TextField(_("text"), blank=True)
    compiled_html = models.TextField()
    compiled_text = models.TextField()
    saved_at = models.DateTimeField(_("saved"))

    class Meta:
        verbose_name = _("template")
        verbose_name_plural = _("templates")
        ordering: ClassVar = ["code", "language", "-version"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_template_version", fields=["code", "language", "version"]),
        ]
        triggers: ClassVar = [pgtrigger.Protect(name="versions_stay", operation=pgtrigger.Update)]

    def __str__(self) -> str:
        return f"{self.code} ({self.language}, {self.version})"
