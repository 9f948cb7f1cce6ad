"""One section of a form's settings, as its editor shows it."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from accounts.models import User
from accounts.roles import Role
from capture.actions.forms import RESERVED
from capture.editors.addresses import HttpsField
from capture.editors.lines import Lines
from capture.editors.origins import exact_origin
from capture.lint import is_https
from capture.models import Form
from leads.models import Campaign, Content, EventKind, List
from leads.normalise import clean_line, clean_text
from nurturing.models import Track

MOST_ORIGINS = 20

# Section → its fields. The first two stand among the questions, the others on the page of settings.
SECTIONS: dict[str, tuple[str, ...]] = {
    "opening": ("title", "intro"),
    "closing": ("button", "thanks", "redirect_url"),
    "general": ("name", "slug", "language", "asked_at_once"),
    "information": ("controller", "privacy_url"),
    "consequences": ("kind", "content", "joins", "track_code", "notify"),
    "origin": ("channel", "acquisition", "campaign"),
    "protection": ("double_opt_in", "uses_proof_of_work"),
    "sites": ("origins",),
}
ON_QUESTIONS = ("opening", "closing")
ON_SETTINGS = tuple(section for section in SECTIONS if section not in ON_QUESTIONS)


class SettingsEditor(forms.ModelForm[Form]):
    """A section of a form's settings: the fields of ``SECTIONS[section]``."""

    origins = Lines(
        label=lazy("Sites that may embed it"),
        most=MOST_ORIGINS,
        longest=255,
        help_text=lazy("One address a line, such as https://www.example.com: no path, no star."),
    )
    kind = forms.ChoiceField(label=lazy("What a submission counts as"))
    track_code = forms.ChoiceField(label=lazy("Track to enter"), required=False)

    class Meta:
        model = Form
        fields: ClassVar = [
            "name", "slug", "language", "title", "intro", "button", "thanks", "redirect_url", "kind",
            "content", "joins", "track_code", "notify", "channel", "acquisition", "campaign", "double_opt_in",
            "uses_proof_of_work", "asked_at_once", "origins", "controller", "privacy_url",
        ]  # fmt: skip
        field_classes: ClassVar = {"redirect_url": HttpsField, "privacy_url": HttpsField}
        widgets: ClassVar = {
            "intro": forms.Textarea(attrs={"rows": 3}),
            "thanks": forms.Textarea(attrs={"rows": 3}),
            "notify": forms.CheckboxSelectMultiple,
            "redirect_url": forms.URLInput(attrs={"placeholder": "https://"}),
            "privacy_url": forms.URLInput(attrs={"placeholder": "https://"}),
        }
        help_texts: ClassVar = {
            "slug": lazy("The last part of its address. It cannot change once it was published."),
            "redirect_url": lazy("Empty: the thank-you text is shown."),
            "thanks": lazy("Shown after sending. Bots see it too."),
            "double_opt_in": lazy(
                "They get a message with a button; until they press it, nothing else is done."
            ),
            "uses_proof_of_work": lazy(
                "The visitor's browser computes for a second. For forms that bots have found."
            ),
            "asked_at_once": lazy("Of the questions with a rank, so many are asked at each visit."),
            "controller": lazy("The full name of the company that decides what is done with the data."),
            "privacy_url": lazy(
                "The page that says what is done with the data, for how long, and people's rights."
            ),
            "joins": lazy("Only of those who ticked the box of the list's purpose."),
        }

    def __init__(self, *args: Any, section: str, **options: Any) -> None:
        super().__init__(*args, **({"auto_id": f"{section}-%s"} | options))
        for name in set(self.fields) - set(SECTIONS[section]):
            del self.fields[name]
        for name, fill in _CHOICES.items():
            if name in self.fields:
                fill(self)
        self.order_fields(SECTIONS[section])

    def clean(self) -> dict[str, Any]:
        """Text in its normal form."""
        cleaned = super().clean() or {}
        for name, value in cleaned.items():
            if isinstance(value, str):
                cleaned[name] = clean_text(value) if name in {"intro", "thanks"} else clean_line(value)
        return cleaned

    def clean_slug(self) -> str:
        """An address that is free; a published form keeps its own, which is printed somewhere."""
        slug: str = self.cleaned_data["slug"]
        if slug in RESERVED:
            raise ValidationError(_("This address is taken."))
        if self.instance.published_at and slug != self.initial["slug"]:
            raise ValidationError(_("It was published under this address: links and QR codes lead there."))
        return slug

    def clean_redirect_url(self) -> str:
        """An https address, or none."""
        return _https(self.cleaned_data["redirect_url"])

    def clean_privacy_url(self) -> str:
        """An https address, or none."""
        return _https(self.cleaned_data["privacy_url"])

    def clean_origins(self) -> list[str]:
        """Exact origins: scheme, host and port, nothing else (bar: inputs B54)."""
        return list(dict.fromkeys(exact_origin(line) for line in self.cleaned_data["origins"]))


def _https(url: str) -> str:
    if url and not is_https(url):
        raise ValidationError(_("Give an address that starts with https://."))
    return url


def _fill_kinds(editor: SettingsEditor) -> None:
    kinds = EventKind.objects.filter(is_internal=False).order_by("id")
    editor.fields["kind"].choices = [(kind.code, kind.label) for kind in kinds]  # type: ignore[attr-defined]


def _fill_tracks(editor: SettingsEditor) -> None:
    tracks = Track.objects.filter(is_active=True)
    choices = [("", _("No track")), *((track.code, track.label) for track in tracks)]
    if (now := editor.instance.track_code) and now not in dict(choices):
        choices.append((now, _("%(track)s (out of use)") % {"track": now}))
    editor.fields["track_code"].choices = choices  # type: ignore[attr-defined]


def _fill_contents(editor: SettingsEditor) -> None:
    usable = Content.objects.filter(Q(is_active=True) | Q(forms=editor.instance.pk)).distinct()
    editor.fields["content"].queryset = usable.order_by("title")  # type: ignore[attr-defined]
    editor.fields["content"].empty_label = _("No content")  # type: ignore[attr-defined]


def _fill_lists(editor: SettingsEditor) -> None:
    editor.fields["joins"].queryset = List.objects.order_by("name")  # type: ignore[attr-defined]
    editor.fields["joins"].empty_label = _("No list")  # type: ignore[attr-defined]


def _fill_campaigns(editor: SettingsEditor) -> None:
    usable = Campaign.objects.filter(Q(is_active=True) | Q(forms=editor.instance.pk)).distinct()
    editor.fields["campaign"].queryset = usable.order_by("name")  # type: ignore[attr-defined]
    editor.fields["campaign"].empty_label = _("No campaign")  # type: ignore[attr-defined]


def _fill_people(editor: SettingsEditor) -> None:
    roles = [Role.MARKETER, Role.REP, Role.MANAGER, Role.ADMIN]
    people = User.objects.filter(is_active=True, role__in=roles).order_by("last_name", "first_name")
    editor.fields["notify"].queryset = people  # type: ignore[attr-defined]
    editor.fields["notify"].label_from_instance = lambda person: person.full_name  # type: ignore[attr-defined]
    editor.fields["notify"].required = False


_CHOICES = {
    "kind": _fill_kinds,
    "track_code": _fill_tracks,
    "content": _fill_contents,
    "joins": _fill_lists,
    "campaign": _fill_campaigns,
    "notify": _fill_people,
}
