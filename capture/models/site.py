"""Sites: what the tracker looks for on the pages of each publishable key."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import ApiKey
from leads.lead_links import about_nobody

DOWNLOADS = ("pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "odt", "ods", "odp", "zip", "epub")


def downloads() -> list[str]:
    """The extensions that a new site counts as downloads."""
    return list(DOWNLOADS)


def _texts(length: int) -> models.CharField[str, str]:
    return models.CharField(max_length=length)


@about_nobody
class Site(models.Model):
    """How the tracker behaves on the pages that carry one publishable key.

    Patterns are paths in which ``*`` stands for anything: ``/tarifs*``.
    """

    key = models.OneToOneField(ApiKey, models.CASCADE, related_name="tracked_site")
    name = models.CharField(_("name"), max_length=120)
    pricing_patterns = ArrayField(_texts(200), verbose_name=_("pricing pages"), default=list, blank=True)
    ignored_patterns = ArrayField(_texts(200), verbose_name=_("pages to ignore"), default=list, blank=True)
    download_extensions = ArrayField(
        _texts(10), verbose_name=_("files that count as downloads"), default=downloads, blank=True
    )
    session_minutes = models.PositiveSmallIntegerField(
        _("a new visit begins after (minutes)"),
        default=30,
        validators=[MinValueValidator(5), MaxValueValidator(240)],
    )
    # "name=value": the cookie by which the site's own banner says that tracking was accepted.
    consent_cookie = models.CharField(_("cookie of your consent banner"), max_length=120, blank=True)
    # A page of the site that only a hidden link leads to: who opens it is a machine.
    trap_path = models.CharField(_("trap page"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("created"))
    updated_at = models.DateTimeField(_("changed"))

    class Meta:
        verbose_name = _("site")
        verbose_name_plural = _("sites")
        ordering: ClassVar = ["name", "id"]

    def __str__(self) -> str:
        return self.name
