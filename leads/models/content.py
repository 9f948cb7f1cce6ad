"""Content: what leads read, download and watch."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from leads.choices import Band, ContentType, Phase
from leads.lead_links import about_nobody


@about_nobody
class Content(models.Model):
    """A piece of content, tagged by what it is for and whom it interests."""

    code = models.SlugField(_("code"), max_length=80, unique=True)
    title = models.CharField(_("title"), max_length=200)
    summary = models.TextField(_("summary"), max_length=1000, blank=True)
    type = models.CharField(_("type"), max_length=12, choices=ContentType)
    band = models.CharField(_("band"), max_length=4, choices=Band)
    phase = models.CharField(_("phase"), max_length=16, choices=Phase, blank=True)
    topics = ArrayField(models.CharField(max_length=60), verbose_name=_("topics"), default=list, blank=True)
    personas = ArrayField(
        models.CharField(max_length=60), verbose_name=_("personas"), default=list, blank=True
    )
    language = models.CharField(_("language"), max_length=5, default="fr")
    is_gated = models.BooleanField(_("behind a form"), default=False)
    # A piece is a page (url) or a file that Écluse keeps and hands out by signed links.
    url = models.URLField(_("address"), max_length=500, blank=True)
    file = models.FileField(_("file"), upload_to="content/%Y/%m", max_length=200, blank=True)
    file_name = models.CharField(_("file name"), max_length=120, blank=True)
    file_size = models.PositiveIntegerField(_("size in bytes"), default=0)
    is_active = models.BooleanField(_("in use"), default=True)
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("content")
        verbose_name_plural = _("contents")
        ordering: ClassVar = ["title"]

    def __str__(self) -> str:
        return self.title
