"""What people type on the checklist of a lead, and on the settings of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from funnel.checklist import State
from funnel.choices import STATES, ItemKind
from funnel.models import ChecklistItem
from funnel.queries.assumptions import source_choices
from funnel.queries.checklist import Line
from leads.models import Lead


class AnswerForm(forms.Form):
    """What is known about one item: its field follows the item's kind.

    Where nobody has said anything yet, what is assumed stands in the field, with its evidence.
    """

    item = forms.SlugField(widget=forms.HiddenInput)
    person = forms.ModelChoiceField(
        Lead.objects.none(),
        label=_("Person of the company"),
        required=False,
        empty_label=_("Somebody else"),
        to_field_name="public_id",
    )
    value = forms.CharField(label=_("What is known"), required=False, max_length=500)
    next_actions = forms.CharField(
        label=_("Next actions"),
        help_text=_("One a line: each becomes a task."),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    state = forms.ChoiceField(
        label=_("State"), choices=list(STATES.items()), initial=State.CONFIRMED, widget=forms.RadioSelect
    )
    evidence = forms.CharField(
        label=_("Evidence"),
        help_text=_("Where you know it from: a call, a form, a document."),
        required=False,
        max_length=500,
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, line: Line, lead: Lead) -> None:
        code = line.item.code
        super().__init__(data, initial=_initial(line), auto_id=f"{code}-%s", label_suffix="")
        self.line = line
        if line.item.kind != ItemKind.ACTIONS:
            del self.fields["next_actions"]
        if line.item.kind == ItemKind.CHOICE:
            options = [("", "—"), *((option, option) for option in line.item.options)]
            self.fields["value"] = forms.ChoiceField(
                label=_("What is known"), choices=options, required=False
            )
        if line.item.kind == ItemKind.PERSON:
            self._ask_for_person(lead)
        else:
            del self.fields["person"]

    def _ask_for_person(self, lead: Lead) -> None:
        field = self.fields["person"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = people_of(lead)
        self.fields["value"].label = _("Role, or name and role of somebody else")

    @property
    def actions(self) -> list[str]:
        """The next actions, one a line."""
        return [
            line.strip() for line in self.cleaned_data.get("next_actions", "").splitlines() if line.strip()
        ]


def people_of(lead: Lead) -> Any:
    """The lead and the people of the same company, as far as they are leads themselves."""
    people = Lead.objects.present().order_by("last_name", "first_name", "pk")
    return people.filter(company=lead.company_id) if lead.company_id else people.filter(pk=lead.pk)


def _initial(line: Line) -> dict[str, object]:
    person = line.person
    return {
        "item": line.item.code,
        "state": line.answer.state if line.answer else State.CONFIRMED,
        "value": line.value,
        "evidence": line.evidence,
        "person": person.public_id if person else None,
    }


class ItemForm(forms.ModelForm[ChecklistItem]):
    """One item of the checklist. Its kind is chosen once: answers depend on it."""

    options_fr = forms.CharField(
        label=_("Options in French"),
        help_text=_("One a line; for choices only."),
        widget=forms.Textarea(attrs={"rows": 4}),
        required=False,
    )
    options_en = forms.CharField(
        label=_("Options in English"),
        help_text=_("In the same order, or empty."),
        widget=forms.Textarea(attrs={"rows": 4}),
        required=False,
    )
    sources = forms.MultipleChoiceField(
        label=_("Assumed from"),
        help_text=_("What the profile says stands on the card as assumed until somebody confirms it."),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    class Meta:
        model = ChecklistItem
        fields = (
            *("label_fr", "label_en", "help_fr", "help_en", "kind", "options_fr", "options_en"),
            *("sources", "is_required"),
        )

    def __init__(self, data: Any = None, *, instance: ChecklistItem | None = None) -> None:
        initial = {
            "options_fr": "\n".join(instance.options_fr) if instance else "",
            "options_en": "\n".join(instance.options_en) if instance else "",
        }
        super().__init__(data, instance=instance, initial=initial, label_suffix="")
        sources = self.fields["sources"]
        assert isinstance(sources, forms.MultipleChoiceField)
        sources.choices = source_choices()
        self.fields["help_fr"].label = _("Question in French")
        self.fields["help_en"].label = _("Question in English")
        if instance:
            del self.fields["kind"]
            if instance.kind != ItemKind.CHOICE:
                del self.fields["options_fr"], self.fields["options_en"]

    def clean_options_fr(self) -> list[str]:
        """One option a line."""
        return _lines(self.cleaned_data["options_fr"])

    def clean_options_en(self) -> list[str]:
        """One option a line."""
        return _lines(self.cleaned_data["options_en"])

    def clean(self) -> dict[str, Any]:
        """A choice needs two options or more; English ones, where there are any, as many."""
        given = super().clean() or self.cleaned_data
        kind = self.instance.kind if self.instance.pk else given.get("kind")
        french, english = given.get("options_fr", []), given.get("options_en", [])
        if kind == ItemKind.CHOICE and len(french) < 2:
            self.add_error("options_fr", _("Give two options or more."))
        if english and len(english) != len(french):
            self.add_error("options_en", _("Give as many options in English as in French."))
        return given


def _lines(text: str) -> list[str]:
    return [line for line in (" ".join(raw.split())[:80] for raw in text.splitlines()) if line]
