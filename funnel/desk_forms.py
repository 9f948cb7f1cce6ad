"""The forms of a desk: its caps, its hours, what it takes, its absences; and the policy of offers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.utils import formats
from django.utils.dates import WEEKDAYS
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from funnel.choices import RuleKind
from funnel.deadlines import parse_hours
from funnel.models import AllocationRule, Rep, SalesPolicy
from funnel.models.allocation import MOST_VALUES
from funnel.territory import DEPARTMENTS, REGIONS
from leads.choices import Headcount, Sector

# Where French reps work; what another desk says already is kept.
ZONES = (
    *("Europe/Paris", "America/Guadeloupe", "America/Martinique", "America/Cayenne", "Indian/Reunion"),
    *("Indian/Mayotte", "America/Miquelon", "Pacific/Noumea", "Pacific/Tahiti", "Pacific/Wallis"),
    *(
        "Europe/Brussels",
        "Europe/Zurich",
        "Europe/Luxembourg",
        "Africa/Casablanca",
        "America/Montreal",
        "UTC",
    ),
)
LANGUAGES = (
    *(("fr", _("French")), ("en", _("English")), ("de", _("German")), ("es", _("Spanish"))),
    *(("it", _("Italian")), ("nl", _("Dutch")), ("pt", _("Portuguese"))),
)
MOST_PLACES = 1_000


class CapsForm(forms.ModelForm[Rep]):
    """Three caps, each its own whole number, the weight, and where the rep works."""

    places = forms.IntegerField(
        label=_("Places"),
        min_value=0,
        max_value=MOST_PLACES,
        help_text=_("SAL, SQL and open offers together."),
    )
    sal_cap = forms.IntegerField(
        label=_("SAL at the same time"),
        min_value=0,
        max_value=MOST_PLACES,
        required=False,
        help_text=_("SAL and open offers. Empty: as many as there are places."),
    )
    offers_per_day = forms.IntegerField(label=_("Offers a day"), min_value=0, max_value=MOST_PLACES)
    weight = forms.IntegerField(
        label=_("Weight"),
        min_value=1,
        max_value=100,
        help_text=_("With 2, twice as many leads as a colleague with 1."),
    )
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=())

    class Meta:
        model = Rep
        fields: ClassVar = [
            *("places", "sal_cap", "offers_per_day", "weight", "is_last_resort", "time_zone", "region")
        ]

    def __init__(self, data: Any = None, *, instance: Rep) -> None:
        super().__init__(data, instance=instance, label_suffix="", prefix="caps")
        zones = dict.fromkeys([*ZONES, instance.time_zone])
        self.fields["time_zone"].choices = [(zone, zone.replace("_", " ")) for zone in zones]  # type: ignore[attr-defined]


class HoursForm(forms.Form):
    """Two openings a day at most, typed as times; a day without any is free."""

    def __init__(self, data: Any = None, *, rep: Rep) -> None:
        hours = parse_hours(rep.hours)
        initial = {
            f"{day}_{place}": f"{minutes // 60 % 24:02}:{minutes % 60:02}"
            for day, spans in hours.items()
            for place, minutes in enumerate(m for span in spans[:2] for m in (span.start, span.end))
        }
        super().__init__(data, initial=initial, label_suffix="", prefix="hours")
        for day in range(7):
            for place, label in enumerate((_("from"), _("to"), _("and from"), _("to"))):
                self.fields[f"{day}_{place}"] = _clock(f"{capfirst(WEEKDAYS[day])}, {label}")

    @property
    def days(self) -> list[tuple[str, list[forms.BoundField]]]:
        """Each weekday with its four times."""
        return [
            (capfirst(str(WEEKDAYS[day])), [self[f"{day}_{place}"] for place in range(4)]) for day in range(7)
        ]

    def clean(self) -> dict[str, Any]:
        """Refuse openings that end before they begin, overlap, or leave the week without any."""
        given = super().clean() or {}
        document = {str(day): self._spans(given, day) for day in range(7)}
        try:
            parse_hours(document)
        except ValueError:
            self.add_error(None, _("A week needs at least one opening, each ending after it begins."))
        self.document = document
        return given

    def _spans(self, given: Mapping[str, Any], day: int) -> list[list[str]]:
        times = [given.get(f"{day}_{place}") for place in range(4)]
        spans = []
        for start, end in (times[:2], times[2:]):
            if (start is None) != (end is None):
                self.add_error(f"{day}_0", _("An opening needs a beginning and an end."))
            elif start is not None and end is not None:
                spans.append([f"{start:%H:%M}", "24:00" if f"{end:%H:%M}" == "00:00" else f"{end:%H:%M}"])
        return spans


def _clock(label: str) -> forms.TimeField:
    widget = forms.TimeInput(attrs={"type": "time", "aria-label": label}, format="%H:%M")
    return forms.TimeField(label=label, required=False, widget=widget, input_formats=["%H:%M"])


_CHOICES: Mapping[str, Iterable[tuple[str, Any]]] = {
    RuleKind.REGION: list(REGIONS.items()),
    RuleKind.DEPARTMENT: [(number, f"{number} {name}") for number, name in DEPARTMENTS.items()],
    RuleKind.SECTOR: Sector.choices,
    RuleKind.LANGUAGE: LANGUAGES,
    RuleKind.SIZE: Headcount.choices,
}
_TYPED = {
    RuleKind.COUNTRY: _("Codes of two letters: FR, BE, CH …"),
    RuleKind.POSTCODE: _("Whole postcodes or their beginnings: 69, 38100 …"),
    RuleKind.PRODUCT: _("As leads name what interests them, one a line."),
}


class RulesForm(forms.Form):
    """What the desk takes, kind by kind; nothing chosen: everything."""

    def __init__(self, data: Any = None, *, rep: Rep) -> None:
        rules = {rule.kind: rule for rule in rep.rules.all()}
        super().__init__(data, initial=_initial(rules), label_suffix="", prefix="rules")
        self.rep = rep
        for kind in RuleKind:
            self.fields[kind.value] = _rule_field(kind)
            self.fields[f"{kind.value}_unknown"] = forms.BooleanField(
                label=_("Also leads of which this is not known"), required=False
            )

    @property
    def kinds(self) -> list[tuple[RuleKind, forms.BoundField, forms.BoundField, int]]:
        """Each kind with its values, the question of the unknown, and how many values are chosen."""
        return [
            (kind, self[kind.value], self[f"{kind.value}_unknown"], len(_listed(self[kind.value].value())))
            for kind in RuleKind
        ]

    def clean(self) -> dict[str, Any]:
        """Typed lists as lists, each value as the matching compares it."""
        given = super().clean() or {}
        for kind in _TYPED:
            values = _split(kind, str(given.get(kind.value, "")))
            if wrong := [value for value in values if not _PATTERNS[kind].fullmatch(value)]:
                self.add_error(kind.value, _("This cannot be read: %s") % ", ".join(wrong[:5]))
            if len(values) > MOST_VALUES:
                self.add_error(kind.value, _("At most %s values.") % formats.localize(MOST_VALUES))
            given[kind.value] = values
        return given

    def rules(self) -> list[AllocationRule]:
        """The rules as given, not saved."""
        given = self.cleaned_data
        return [
            AllocationRule(
                rep=self.rep,
                kind=kind.value,
                values=given[kind.value],
                takes_unknown=given[f"{kind.value}_unknown"],
            )
            for kind in RuleKind
            if given.get(kind.value)
        ]


_PATTERNS = {
    RuleKind.COUNTRY: re.compile(r"[A-Z]{2}"),
    RuleKind.POSTCODE: re.compile(r"[0-9A-Z]{1,10}"),
    RuleKind.PRODUCT: re.compile(r".{1,60}"),
}


def _rule_field(kind: RuleKind) -> forms.Field:
    if kind in _CHOICES:
        choices = list(_CHOICES[kind])
        return forms.MultipleChoiceField(
            label=kind.label, choices=choices, required=False, widget=forms.CheckboxSelectMultiple
        )
    area = forms.Textarea(attrs={"rows": 2})
    return forms.CharField(
        label=kind.label, required=False, max_length=6_000, widget=area, help_text=_TYPED[kind]
    )


def _initial(rules: Mapping[str, AllocationRule]) -> dict[str, Any]:
    found: dict[str, Any] = {f"{kind.value}_unknown": True for kind in RuleKind}
    for kind, rule in rules.items():
        typed = RuleKind(kind) in _TYPED
        joined = "\n" if kind == RuleKind.PRODUCT else ", "
        found[kind] = joined.join(rule.values) if typed else rule.values
        found[f"{kind}_unknown"] = rule.takes_unknown
    return found


def _split(kind: RuleKind, text: str) -> list[str]:
    if kind is RuleKind.PRODUCT:
        parts = [" ".join(line.split()) for line in text.splitlines()]
    else:
        parts = [part.upper() for part in re.split(r"[\s,;]+", text)]
    return list(dict.fromkeys(part for part in parts if part))


def _listed(value: Any) -> list[str]:
    if isinstance(value, str):
        return [part for part in re.split(r"[\n,;]+", value) if part.strip()]
    return list(value or [])


class AbsenceForm(forms.Form):
    """When somebody is away, and who takes over meanwhile."""

    first_day = forms.DateField(label=_("First day"), widget=forms.DateInput(attrs={"type": "date"}))
    last_day = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Empty: until further notice."),
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=200)
    hands_over = forms.BooleanField(label=_("Hand over the leads being worked as well"), required=False)
    deputy = forms.ModelChoiceField(
        label=_("To whom"), queryset=Rep.objects.none(), required=False, empty_label=_("Whoever suits best")
    )

    def __init__(self, data: Any = None, *, rep: Rep, today: date) -> None:
        super().__init__(data, label_suffix="", prefix="leave", initial={"first_day": today})
        self.fields["deputy"].queryset = colleagues_of(rep)  # type: ignore[attr-defined]


class ClosingForm(forms.Form):
    """Who gets the leads of a desk that closes, and whether its user may still sign in."""

    to = forms.ModelChoiceField(
        label=_("Leads being worked go to"),
        queryset=Rep.objects.none(),
        required=False,
        empty_label=_("Whoever suits best"),
    )
    ends_access = forms.BooleanField(label=_("They can no longer sign in, from now on"), required=False)

    def __init__(self, data: Any = None, *, rep: Rep, may_end_access: bool) -> None:
        super().__init__(data, label_suffix="", prefix="closing")
        self.fields["to"].queryset = colleagues_of(rep)  # type: ignore[attr-defined]
        if not may_end_access:
            del self.fields["ends_access"]


def colleagues_of(rep: Rep) -> Any:
    """The other desks that are open."""
    others = Rep.objects.filter(is_active=True, user__is_active=True).exclude(pk=rep.pk)
    return others.select_related("user").order_by("user__first_name", "pk")


class PolicyForm(forms.ModelForm[SalesPolicy]):
    """How long sales have for what."""

    class Meta:
        model = SalesPolicy
        fields: ClassVar = [
            *("decide_hours", "research_hours", "first_contact_hours", "reminder_hours"),
            *("take_back_minutes", "reps_before_manager"),
        ]

    def __init__(self, data: Any = None, *, instance: SalesPolicy) -> None:
        super().__init__(data, instance=instance, label_suffix="")
