"""Where leads come from: the marketer's campaigns."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from leads.channels import Acquisition, Channel
from leads.lead_links import about_nobody


@about_nobody
class Campaign(models.Model):
    """One effort to win leads by one channel: a trade show, an ad, a webinar, a mailing."""

    code = models.SlugField(_("code"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=120)
    channel = models.CharField(_("channel"), max_length=16, choices=Channel)
    acquisition = models.CharField(
        _("acquisition"), max_length=8, choices=Acquisition, default=Acquisition.INDIRECT
    )
    starts_on = models.DateField(_("from"), null=True, blank=True)
    ends_on = models.DateField(_("until"), null=True, blank=True)
    is_active = models.BooleanField(_("in use"), default=True)
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name
