"""Lists: named sets of leads."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from leads.lead_links import OnErase, OnMerge, about_nobody, lead_link
from leads.models.lead import Lead


@about_nobody
class List(models.Model):
    """A named set of leads, such as the subscribers of a newsletter."""

    code = models.SlugField(_("code"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=120)
    is_newsletter = models.BooleanField(_("newsletter"), default=False)
    created_at = models.DateTimeField(_("created"))
    members = models.ManyToManyField(Lead, through="ListMembership", related_name="lists")

    class Meta:
        verbose_name = _("list")
        verbose_name_plural = _("lists")

    def __str__(self) -> str:
        return self.name


@lead_link(
    merge=OnMerge.COMBINE,
    erase=OnErase.DELETE,
    combine="leads.actions.merge_tables.combine_memberships",
)
class ListMembership(models.Model):
    """A lead in a list; leaving keeps the row with its date."""

    list = models.ForeignKey(List, models.CASCADE, related_name="memberships")
    lead = models.ForeignKey(Lead, models.CASCADE, related_name="memberships")
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_membership_per_list", fields=["list", "lead"]),
        ]

    def __str__(self) -> str:
        return f"{self.lead_id} in {self.list_id}"
