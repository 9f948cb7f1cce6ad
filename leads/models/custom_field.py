"""Custom fields: what a site wants to know besides the standard profile, without a change of schema."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from leads.custom_fields import About, Definition, FieldType, Option
from leads.lead_links import about_nobody


class CustomFieldQuerySet(models.QuerySet["CustomField"]):
    """Filters of the definitions."""

    def of(self, about: About) -> models.QuerySet[CustomField]:
        """The definitions in use about leads or companies, in the order they are shown."""
        return self.filter(about=about, is_active=True).order_by("position", "id")


@about_nobody
class CustomField(models.Model):
    """A typed definition; values live in ``Lead.custom`` and ``Company.custom`` under its ``code``.

    A field is never deleted, only put out of use: values, rules and forms may still name it.
    """

    about = models.CharField(_("about"), max_length=8, choices=About, default=About.LEAD)
    code = models.SlugField(_("code"), max_length=40)
    type = models.CharField(_("type"), max_length=10, choices=FieldType)
    label_fr = models.CharField(_("label in French"), max_length=80)
    label_en = models.CharField(_("label in English"), max_length=80, blank=True)
    help_fr = models.CharField(_("help in French"), max_length=200, blank=True)
    help_en = models.CharField(_("help in English"), max_length=200, blank=True)
    # What may be chosen: stable codes beside the labels people read.
    option_codes = ArrayField(models.SlugField(max_length=40), default=list, blank=True)
    option_labels_fr = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    option_labels_en = ArrayField(models.CharField(max_length=80, blank=True), default=list, blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="EUR", blank=True)
    is_active = models.BooleanField(_("in use"), default=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    created_at = models.DateTimeField(_("created"))

    objects = CustomFieldQuerySet.as_manager()

    class Meta:
        verbose_name = _("custom field")
        verbose_name_plural = _("custom fields")
        ordering: ClassVar = ["about", "position", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_custom_field_per_code", fields=["about", "code"]),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The label in the reader's language."""
        return (self.label_en if _reads_english() else self.label_fr) or self.label_fr

    @property
    def help(self) -> str:
        """The help in the reader's language."""
        return (self.help_en if _reads_english() else self.help_fr) or self.help_fr

    @property
    def definition(self) -> Definition:
        """The plain value that reading and showing values rest on."""
        english = _reads_english()
        labels_en = self.option_labels_en + [""] * (len(self.option_codes) - len(self.option_labels_en))
        options = tuple(
            Option(code, (label_en if english else label_fr) or label_fr)
            for code, label_fr, label_en in zip(
                self.option_codes, self.option_labels_fr, labels_en, strict=False
            )
        )
        return Definition(self.code, FieldType(self.type), self.label, options, self.currency)


def _reads_english() -> bool:
    return (get_language() or "fr").startswith("en")
