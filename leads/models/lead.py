"""Leads and the append-only history of what was known about them."""

from __future__ import annotations

import uuid
from typing import ClassVar, Self

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import Role
from leads.channels import Acquisition, Channel
from leads.choices import Audience, BudgetRange, DecisionRole, Origin, Seniority
from leads.lead_links import OnErase, OnMerge, lead_link
from leads.models.company import Company
from leads.models.gone import KEEP_GONE


class LeadQuerySet(models.QuerySet["Lead"]):
    """Filters that know who may see what."""

    def visible_to(self, user: User) -> Self:
        """All leads for marketing and managers; for a rep only their own and those offered to them.

        An offer is known upstairs: ``offered_rep`` is the name under which the funnel keeps it here.
        """
        if not user.is_active:
            return self.none()
        if user.role == Role.REP:
            return self.filter(Q(owner=user) | Q(offered_to=user))
        return self

    def present(self) -> Self:
        """Leads that were neither merged away nor erased."""
        return self.filter(merged_into=None, erased_at=None)


# Emptied when a person is erased; what is left counts them and tells nobody who they were.
_BLANK: dict[str, object] = {
    **dict.fromkeys(("reference", "email", "phone", "project_month", "company", "offered_to"), None),
    **dict.fromkeys(
        (
            *("first_name", "last_name", "email_display", "phone_raw", "address", "postcode", "city"),
            *("job_title", "department", "need", "pain_point", "landing_page", "search_text"),
        ),
        "",
    ),
    "email_flags": [],
    "interests": [],
    "social": {},
    "custom": {},
}


@lead_link(merge=OnMerge.NOTHING, erase=OnErase.ANONYMISE, key="pk", company_key="company", blank=_BLANK)
class Lead(models.Model):
    """A contact who gave an email and/or a phone; the unit that is scored.

    One known only by a trusted outside ``reference`` is not reachable: scored and counted, never mailed,
    never offered.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    reference = models.CharField(_("outside reference"), max_length=120, unique=True, null=True, blank=True)

    first_name = models.CharField(_("first name"), max_length=100, blank=True)
    last_name = models.CharField(_("last name"), max_length=100, blank=True)
    # The identity key: lower case, IDNA domain. What the person typed stays in email_display.
    email = models.CharField(_("email"), max_length=254, unique=True, null=True, blank=True)
    email_display = models.CharField(max_length=254, blank=True)
    email_flags = ArrayField(models.CharField(max_length=16), default=list, blank=True)
    phone = models.CharField(_("phone"), max_length=20, null=True, blank=True)
    phone_raw = models.CharField(max_length=60, blank=True)
    phone_is_valid = models.BooleanField(default=True)
    language = models.CharField(_("language"), max_length=5, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    address = models.CharField(_("address"), max_length=200, blank=True)
    postcode = models.CharField(_("postcode"), max_length=12, blank=True)
    city = models.CharField(_("city"), max_length=100, blank=True)
    region = models.CharField(_("region"), max_length=80, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)

    company = models.ForeignKey(Company, models.SET_NULL, null=True, blank=True, related_name="people")
    company_role = models.CharField(
        _("role in the decision"), max_length=16, choices=DecisionRole, blank=True
    )
    job_title = models.CharField(_("function"), max_length=120, blank=True)
    department = models.CharField(_("department"), max_length=80, blank=True)
    seniority = models.CharField(_("seniority"), max_length=12, choices=Seniority, blank=True)

    need = models.TextField(_("need"), max_length=2000, blank=True)
    project_month = models.DateField(_("project horizon"), null=True, blank=True)
    pain_point = models.TextField(_("challenge"), max_length=2000, blank=True)
    budget_range = models.CharField(_("budget"), max_length=12, choices=BudgetRange, blank=True)
    interests = ArrayField(
        models.CharField(max_length=60), verbose_name=_("interests"), default=list, blank=True
    )
    social = models.JSONField(_("social profiles"), default=dict, blank=True)
    custom = models.JSONField(_("custom fields"), default=dict, blank=True)

    audience = models.CharField(_("audience"), max_length=8, choices=Audience, default=Audience.UNKNOWN)
    acquisition = models.CharField(
        _("acquisition"), max_length=8, choices=Acquisition, default=Acquisition.INDIRECT
    )
    channel = models.CharField(_("channel"), max_length=16, choices=Channel, blank=True)
    last_channel = models.CharField(_("last channel"), max_length=16, choices=Channel, blank=True)
    landing_page = models.CharField(_("landing page"), max_length=500, blank=True)

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="owned_leads"
    )
    former_owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="formerly_owned_leads"
    )
    # Where it stands, for rules to ask: written by the funnel with each passage (leads/actions/stages.py).
    stage = models.CharField(_("stage"), max_length=12, default="lead", db_default="lead", editable=False)
    # Who has it on the table for a decision: written by the funnel with the offer, read by visible_to.
    offered_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="offered_leads"
    )

    search_text = models.CharField(max_length=600, blank=True, editable=False)
    created_at = models.DateTimeField(_("first contact"))
    last_activity_at = models.DateTimeField(_("last activity"), null=True, blank=True)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="merged_from")
    erased_at = models.DateTimeField(null=True, blank=True)

    objects = LeadQuerySet.as_manager()

    class Meta:
        verbose_name = _("lead")
        verbose_name_plural = _("leads")
        indexes: ClassVar = [
            models.Index(name="lead_phone", fields=["phone"], condition=~Q(phone=None)),
            models.Index(name="lead_created", fields=["-created_at", "-id"]),
            models.Index(name="lead_owner", fields=["owner"], condition=~Q(owner=None)),
            models.Index(name="lead_offered_to", fields=["offered_to"], condition=~Q(offered_to=None)),
            GinIndex(name="lead_search", fields=["search_text"], opclasses=["gin_trgm_ops"]),
        ]
        triggers: ClassVar = [
            # Whoever read the lead before it was erased writes nothing back: the tombstone wins.
            pgtrigger.Trigger(
                name="erased_stays_erased",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__erased_at__isnull=False),
                func="RETURN OLD;",
            ),
            *KEEP_GONE,
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="lead_is_known_by_something",
                condition=~Q(email=None) | ~Q(phone=None) | ~Q(reference=None) | ~Q(erased_at=None),
            ),
        ]

    def __str__(self) -> str:
        return self.display_name

    @property
    def full_name(self) -> str:
        """First and last name; empty when neither is known."""
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def display_name(self) -> str:
        """What people recognise them by: name, else email, phone or outside reference."""
        return self.full_name or self.email_display or self.email or self.phone or self.reference or "–"

    @property
    def is_reachable(self) -> bool:
        """Whether there is an email or a phone to reach them by."""
        return bool(self.email or self.phone)


@lead_link(merge=OnMerge.MOVE, erase=OnErase.DELETE, company_key="company")
class ProfileChange(models.Model):
    """One value of a lead's or company's profile, as it became known. Append-only."""

    lead = models.ForeignKey(Lead, models.CASCADE, null=True, related_name="profile_changes")
    company = models.ForeignKey(Company, models.CASCADE, null=True, related_name="profile_changes")
    field = models.CharField(max_length=64)
    old = models.JSONField(null=True)
    new = models.JSONField(null=True)
    origin = models.CharField(max_length=12, choices=Origin)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("profile change")
        verbose_name_plural = _("profile changes")
        indexes: ClassVar = [
            models.Index(name="profile_change_lead", fields=["lead", "-at"], condition=~Q(lead=None)),
            models.Index(
                name="profile_change_company", fields=["company", "-at"], condition=~Q(company=None)
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.field}: {self.old!r} → {self.new!r}"
