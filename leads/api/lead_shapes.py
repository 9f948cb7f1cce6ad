"""What a lead looks like on the wire: what forms and servers may send, what readers get."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from leads.api.custom_values import CustomValues
from leads.api.fields import (
    Choice,
    EmailField,
    Line,
    Moment,
    Month,
    PhoneField,
    Properties,
    StrictBoolean,
    StrictSerializer,
    Text,
    UuidField,
    WebAddress,
)
from leads.channels import Acquisition, Channel
from leads.choices import (
    CONSENTED,
    Audience,
    BudgetRange,
    ConsentState,
    ContactChannel,
    DecisionRole,
    Headcount,
    Sector,
    Seniority,
    Turnover,
)
from leads.company_names import checked_siren
from leads.custom_fields import About
from leads.models import Company, Event, Lead
from leads.normalise import InvalidValue

_DOMAIN = re.compile(r"(?!-)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+", re.ASCII)


def _choice(vocabulary: Any, **options: Any) -> Choice:
    """An optional code."""
    return Choice(**({"choices": vocabulary.choices, "required": False} | options))


class CompanyIn(StrictSerializer):
    """Where the person works; recognised by domain."""

    name = Line(max_length=200)
    domain = Line(max_length=253)
    siren = Line(max_length=20)
    sector = _choice(Sector)
    headcount = _choice(Headcount)
    turnover = _choice(Turnover)
    country = Line(max_length=2, min_length=2, allow_blank=False)
    region = Line(max_length=80)
    postcode = Line(max_length=12)

    def validate_domain(self, value: str) -> str:
        """A bare domain name in lower case."""
        domain = value.lower().removeprefix("www.")
        if domain and not _DOMAIN.fullmatch(domain):
            raise ValidationError(_("Give the bare domain, such as acier-dupont.fr."), code="invalid")
        return domain

    def validate_siren(self, value: str) -> str:
        """Nine digits with a right check digit, however they are spaced."""
        try:
            return checked_siren(value) if value else ""
        except InvalidValue as error:
            raise ValidationError(
                _("A SIREN has nine digits, the last of which is a check digit."), code="invalid"
            ) from error


class ConsentIn(StrictSerializer):
    """What the person ticked, and under which wording."""

    purpose = Choice(choices=CONSENTED)
    channel = _choice(ContactChannel, default=ContactChannel.EMAIL)
    state = Choice(choices=ConsentState.choices)
    text_version = Line(max_length=64)
    form_version = Line(max_length=64)


class UtmIn(StrictSerializer):
    """The campaign parameters of the landing page."""

    source = Line(max_length=200)  # type: ignore[assignment]
    medium = Line(max_length=200)
    campaign = Line(max_length=200)
    term = Line(max_length=200)
    content = Line(max_length=200)


class LeadEventIn(StrictSerializer):
    """What the post stands for."""

    kind = Line(max_length=40, required=True, allow_blank=False)
    event_id = Line(max_length=120, allow_blank=False)
    content = Line(max_length=80)
    properties = Properties()


class ServerLeadEventIn(LeadEventIn):
    """A server may also say when it happened."""

    occurred_at = Moment(required=False)


class _Person(StrictSerializer):
    """What forms and servers both may tell about a person."""

    email = EmailField()
    phone = PhoneField()
    first_name = Line(max_length=100)
    last_name = Line(max_length=100)
    language = Line(max_length=5)
    time_zone = Line(max_length=64)
    address = Line(max_length=200)
    postcode = Line(max_length=12)
    city = Line(max_length=100)
    region = Line(max_length=80)
    country = Line(max_length=2, min_length=2, allow_blank=False)
    company = CompanyIn(required=False)
    company_role = _choice(DecisionRole)
    job_title = Line(max_length=120)
    department = Line(max_length=80)
    seniority = _choice(Seniority)
    need = Text(max_length=2000)
    project_month = Month(required=False)
    pain_point = Text(max_length=2000)
    budget_range = _choice(BudgetRange)
    interests = serializers.ListField(
        child=Line(max_length=60, allow_blank=False), required=False, max_length=50
    )
    social = serializers.DictField(child=WebAddress(max_length=300), required=False)
    custom = CustomValues(About.LEAD)
    audience = _choice(Audience)
    consents = serializers.ListField(child=ConsentIn(), required=False, max_length=10)
    visitor = UuidField(required=False)
    page = WebAddress(max_length=500)
    referrer = WebAddress(max_length=500)
    utm = UtmIn(required=False)

    def validate_social(self, value: dict[str, str]) -> dict[str, str]:
        """A handful of profiles."""
        if len(value) > 20 or any(len(name) > 30 for name in value):
            raise ValidationError(_("At most 20 profiles."), code="too_many")
        return value

    def validate_country(self, value: str) -> str:
        """ISO 3166 codes are upper case."""
        return value.upper()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Somebody must be recognisable."""
        phone = attrs.get("phone")
        if not (attrs.get("email") or attrs.get("reference") or (phone and phone.is_valid)):
            raise ValidationError(
                _("Give an email, a phone number that can be called or a reference."), code="identity_missing"
            )
        return attrs


class FormLead(_Person):
    """What a page's form posts with a publishable key."""

    key = serializers.CharField(
        required=False, write_only=True, help_text="The publishable key, for sendBeacon."
    )
    website = serializers.CharField(
        required=False, allow_blank=True, help_text="Honeypot: keep it hidden and empty."
    )
    event = LeadEventIn(required=False)

    def validate_consents(self, value: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """A form asks; withdrawing is done by the link in every message."""
        if any(consent["state"] == ConsentState.WITHDRAWN for consent in value):
            raise ValidationError(_("A form may only say granted or denied."), code="invalid_choice")
        return value


class ServerLead(_Person):
    """What a server sends with a secret key, or somebody signed in."""

    reference = Line(max_length=120, allow_blank=False)
    channel = _choice(Channel)
    acquisition = _choice(Acquisition)
    overwrite = StrictBoolean(default=True, help_text="false: fill empty fields only.")
    event = ServerLeadEventIn(required=False)


class CompanyOut(serializers.ModelSerializer[Company]):
    """A lead's company."""

    class Meta:
        model = Company
        fields: ClassVar = [
            "public_id",
            "name",
            "domain",
            "siren",
            "sector",
            "headcount",
            "turnover",
            "country",
            "region",
            "postcode",
        ]


class LeadOut(serializers.ModelSerializer[Lead]):
    """A lead as readers get it."""

    company = CompanyOut(allow_null=True)
    owner = serializers.SerializerMethodField()
    project_month = Month(allow_null=True)
    is_reachable = serializers.BooleanField(read_only=True)

    class Meta:
        model = Lead
        fields: ClassVar = [
            "public_id",
            "reference",
            "first_name",
            "last_name",
            "email",
            "phone",
            "phone_is_valid",
            "is_reachable",
            "language",
            "time_zone",
            "address",
            "postcode",
            "city",
            "region",
            "country",
            "company",
            "company_role",
            "job_title",
            "department",
            "seniority",
            "need",
            "project_month",
            "pain_point",
            "budget_range",
            "interests",
            "social",
            "custom",
            "audience",
            "acquisition",
            "channel",
            "last_channel",
            "landing_page",
            "owner",
            "created_at",
            "last_activity_at",
        ]
        read_only_fields = fields

    @extend_schema_field(serializers.EmailField(allow_null=True))
    def get_owner(self, lead: Lead) -> str | None:
        """The email of the rep who works the lead."""
        return lead.owner.email if lead.owner else None


class EventOut(serializers.ModelSerializer[Event]):
    """One event of a lead."""

    kind = serializers.SlugRelatedField[Any](slug_field="code", read_only=True)
    content = serializers.SlugRelatedField[Any](slug_field="code", read_only=True, allow_null=True)

    class Meta:
        model = Event
        fields: ClassVar = [
            "event_id",
            "kind",
            "occurred_at",
            "received_at",
            "content",
            "channel",
            "verdict",
            "was_clamped",
            "voided_at",
            "properties",
        ]
        read_only_fields = fields
