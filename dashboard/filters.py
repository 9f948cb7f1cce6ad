"""The filters of the list of leads: one FilterSet for the page and for the API.

A value that is not understood filters nothing and is named in ``errors``; nothing typed into an address
can make the page fail. Search is by trigram index: each word must occur in the lead's own search text, or
the whole phrase in the company's.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, ClassVar

import django_filters
from django import forms
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.utils import formats, timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import Role
from dashboard.custom_filters import CustomFilter, custom_filters
from funnel.choices import STAGES, VERBS
from funnel.models import Passage, Reason
from funnel.stages import Situation
from leads.channels import Channel
from leads.custom_fields import About
from leads.models import Campaign, Company, CustomField, Lead, Touch
from leads.normalise import searchable

SEARCH_MIN, SEARCH_MAX = 2, 100
COMPANIES_LOOKED_AT = 200
NO_CHANNEL = "none"
WAITING = [(Situation.READY.value, _("Ready for sales")), (Situation.OFFERED.value, _("SAL to decide"))]
BANDS = [(letter, f"{letter}1–{letter}4") for letter in "ABCD"] + [
    (f"{letter}{digit}", f"{letter}{digit}") for letter in "ABCD" for digit in "1234"
]
TEMPERATURES = [("hot", _("Hot")), ("warm", _("Warm")), ("cold", _("Cold"))]


@dataclass(frozen=True)
class Told:
    """A filter in words: its name in the address, its label, the value there, what that means."""

    name: str
    label: str
    value: str
    words: str


class Days(django_filters.NumberFilter):
    """A whole number, such as one of days, 1 to 3660."""

    field_class = forms.IntegerField  # type: ignore[assignment]  # a DecimalField would take 1e999


class LeadFilter(django_filters.FilterSet):
    """What the list of leads can be narrowed to."""

    q = django_filters.CharFilter(
        label=_("Search"), method="search", max_length=SEARCH_MAX, min_length=SEARCH_MIN
    )
    stage = django_filters.ChoiceFilter(
        label=_("Stage"), method="by_stage", choices=[*STAGES.items(), *WAITING], empty_label=_("Stage")
    )
    band = django_filters.ChoiceFilter(
        label=_("Badge"), method="by_band", choices=BANDS, empty_label=_("Badge")
    )
    temperature = django_filters.ChoiceFilter(
        label=_("Temperature"),
        field_name="score__temperature",
        choices=TEMPERATURES,
        empty_label=_("Temperature"),
    )
    channel = django_filters.ChoiceFilter(
        label=_("Channel"),
        method="by_channel",
        choices=[*Channel.choices, (NO_CHANNEL, _("Unknown channel"))],
        empty_label=_("Channel"),
    )
    owner = django_filters.ChoiceFilter(label=_("Owner"), choices=[], empty_label=_("Owner"))
    reachable = django_filters.ChoiceFilter(
        label=_("Reachable"),
        method="by_reachable",
        choices=[("yes", _("Reachable")), ("no", _("Not reachable"))],
        empty_label=_("Reachable or not"),
    )
    # The way from a figure of the dashboard or the report to the leads behind it.
    created = Days(label=_("New for (days)"), method="by_created", min_value=1, max_value=3660)
    month = django_filters.DateFilter(
        label=_("Month of the first contact"), method="by_month", input_formats=["%Y-%m"]
    )
    since = django_filters.DateFilter(
        label=_("First contact from (month)"), method="by_since", input_formats=["%Y-%m"]
    )
    until = django_filters.DateFilter(
        label=_("First contact up to (month)"), method="by_until", input_formats=["%Y-%m"]
    )
    campaign = Days(label=_("Campaign"), method="by_campaign", min_value=1, max_value=2**31 - 1)
    arrived = django_filters.ChoiceFilter(label=_("Arrived in"), method="keep", choices=list(STAGES.items()))
    decided = django_filters.ChoiceFilter(label=_("Decision"), method="keep", choices=list(VERBS.items()))
    reason = django_filters.CharFilter(label=_("Reason"), method="keep", max_length=40)
    days = Days(label=_("Within (days)"), method="keep", min_value=1, max_value=3660)

    class Meta:
        model = Lead
        fields: ClassVar[list[str]] = []

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        # Read once; the form asks for them when it checks and again when it is drawn.
        self.filters["owner"].extra["choices"] = owners()
        self.custom_fields = list(CustomField.objects.of(About.LEAD))
        for name, custom in custom_filters(self.custom_fields).items():
            custom.parent, custom.model = self, Lead
            self.filters[name] = custom

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Each understood filter, then the passages they speak of together."""
        rows = super().filter_queryset(queryset)
        passages = self._passages(self.form.cleaned_data)
        return rows if passages is None else rows.filter(Exists(passages))

    def told(self) -> list[Told]:
        """The understood filters that have no control of their own on the page, in words, to be taken off."""
        values = {name: self.form.cleaned_data.get(name) for name in ("arrived", "decided", "reason")}
        values |= {name: self.form.cleaned_data.get(name) for name in ("created", "month", "days")}
        values |= {name: self.form.cleaned_data.get(name) for name in ("since", "until", "campaign")}
        return [
            Told(
                name,
                str(self.form.fields[name].label),
                str((self.data or {}).get(name)),
                self._in_words(name, value),
            )
            for name, value in values.items()
            if value
        ]

    def told_custom(self) -> list[Told]:
        """The understood filters by custom fields, in words."""
        asked = [(name, one) for name, one in self.filters.items() if isinstance(one, CustomFilter)]
        values = [(name, one, self.form.cleaned_data.get(name)) for name, one in asked]
        return [
            Told(name, str(one.label), str((self.data or {}).get(name)), one.in_words(value))
            for name, one, value in values
            if value is not None and value != ""
        ]

    def _in_words(self, name: str, value: Any) -> str:
        if name == "reason":
            return str(Reason.objects.filter(code=value).first() or value)
        if name == "campaign":
            return str(Campaign.objects.filter(pk=value).first() or value)
        if name in {"month", "since", "until"}:
            return formats.date_format(value, "F Y")
        labels = dict(self.filters[name].extra.get("choices", []))
        return str(labels.get(value, value))

    def _passages(self, wanted: dict[str, Any]) -> QuerySet[Passage] | None:
        """The passages a lead must have one of: where to, which decision, for which reason, how recent.

        "How recent" is about work done here: with ``days``, imported history is left out.
        """
        chosen = {
            "to_stage": wanted.get("arrived"),
            "verb": wanted.get("decided"),
            "reason__code": wanted.get("reason"),
        }
        conditions = {name: value for name, value in chosen.items() if value}
        if not conditions:
            return None
        if days := wanted.get("days"):
            conditions |= {"at__gte": start_of_day(timezone.now(), days), "is_imported": False}
        found = Passage.objects.filter(lead=OuterRef("pk"), **conditions).lasting()
        return found.exclude(from_stage=F("to_stage")) if wanted.get("arrived") else found

    def keep(self, queryset: QuerySet[Lead], name: str, value: object) -> QuerySet[Lead]:
        """Part of the condition on passages, which is applied at once in ``filter_queryset``."""
        return queryset

    def search(self, queryset: QuerySet[Lead], name: str, value: str) -> QuerySet[Lead]:
        """Leads whose words contain each word typed, or whose company contains the phrase."""
        return queryset.filter(matching(value))

    def by_stage(self, queryset: QuerySet[Lead], name: str, value: str) -> QuerySet[Lead]:
        """A stage, or one of the two situations in which an MQL waits for sales."""
        if value in dict(WAITING):
            return queryset.filter(standing__situation=value)
        return queryset.filter(standing__stage=value)

    def by_band(self, queryset: QuerySet[Lead], name: str, value: str) -> QuerySet[Lead]:
        """A row of the matrix (A) or one cell (A1)."""
        rows = queryset.filter(score__grade=value[0])
        return rows.filter(score__level=int(value[1])) if len(value) == 2 else rows

    def by_channel(self, queryset: QuerySet[Lead], name: str, value: str) -> QuerySet[Lead]:
        """The channel of the first contact, or none known."""
        return queryset.filter(channel="" if value == NO_CHANNEL else value)

    def by_reachable(self, queryset: QuerySet[Lead], name: str, value: str) -> QuerySet[Lead]:
        """With an email or a phone, or known by a reference only."""
        unreachable = Q(email=None, phone=None)
        return queryset.exclude(unreachable) if value == "yes" else queryset.filter(unreachable)

    def by_created(self, queryset: QuerySet[Lead], name: str, value: int) -> QuerySet[Lead]:
        """First contact within so many days."""
        return queryset.filter(created_at__gte=start_of_day(timezone.now(), value))

    def by_month(self, queryset: QuerySet[Lead], name: str, value: dt.date) -> QuerySet[Lead]:
        """First contact within a calendar month of the site's time zone."""
        first = value.replace(day=1)
        following = (first + dt.timedelta(days=32)).replace(day=1)
        return queryset.filter(created_at__gte=_midnight(first), created_at__lt=_midnight(following))

    def by_since(self, queryset: QuerySet[Lead], name: str, value: dt.date) -> QuerySet[Lead]:
        """First contact in this calendar month or later."""
        return queryset.filter(created_at__gte=_midnight(value.replace(day=1)))

    def by_until(self, queryset: QuerySet[Lead], name: str, value: dt.date) -> QuerySet[Lead]:
        """First contact in this calendar month or earlier."""
        following = (value.replace(day=1) + dt.timedelta(days=32)).replace(day=1)
        return queryset.filter(created_at__lt=_midnight(following))

    def by_campaign(self, queryset: QuerySet[Lead], name: str, value: int) -> QuerySet[Lead]:
        """The campaign of the first touch."""
        first = Touch.objects.filter(lead=OuterRef("pk")).order_by("at", "pk")
        own = Touch.objects.filter(campaign_id=value).exclude(lead=None).values("lead_id")
        rows = queryset.filter(pk__in=own).annotate(first_campaign=Subquery(first.values("campaign_id")[:1]))
        return rows.filter(first_campaign=value)


def _midnight(day: dt.date) -> dt.datetime:
    """The start of a day in the site's time zone."""
    return dt.datetime.combine(day, dt.time(), tzinfo=timezone.get_default_timezone())


def owners() -> list[tuple[str, str]]:
    """Those who may own leads, by name."""
    people = User.objects.filter(role__in=[Role.REP, Role.MANAGER], is_active=True)
    names = people.only("first_name", "last_name", "email").order_by("last_name", "first_name", "pk")
    return [(str(person.pk), person.full_name) for person in names]


def start_of_day(now: dt.datetime, days: int) -> dt.datetime:
    """Midnight, in the site's time zone, ``days`` days before today's."""
    return _midnight(timezone.localdate(now, timezone.get_default_timezone()) - dt.timedelta(days=days))


def matching(text: str) -> Q:
    """The condition of a search; both sides of the OR have an index of their own."""
    words = searchable(text).split()
    if not words:
        return Q(pk=None)
    own = Q()
    for word in words:
        own &= _word(word)
    companies = Company.objects.filter(search_text__contains=" ".join(words)).values_list("pk", flat=True)
    return own | Q(company_id__in=list(companies[:COMPANIES_LOOKED_AT]))


def _word(word: str) -> Q:
    """Anywhere from three letters on; two letters have no trigram but at the start of a word."""
    if len(word) > 2:
        return Q(search_text__contains=word)
    return Q(search_text__startswith=word) | Q(search_text__contains=f" {word}")
