"""A consent wording, as its editor shows it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from capture.lint import wording_findings
from capture.lint_words import sentence
from leads.choices import ContactChannel, Purpose
from leads.normalise import clean_text

PURPOSES = [(purpose.value, purpose.label) for purpose in Purpose if purpose != Purpose.TRANSACTIONAL]


class WordingEditor(forms.Form):
    """A new wording, or the next version of one: then only the words can change."""

    code = forms.SlugField(
        label=_("Code"), max_length=40, help_text=_("Lower-case letters, digits and hyphens: “newsletter”.")
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    purpose = forms.ChoiceField(label=_("What for"), choices=PURPOSES)
    channel = forms.ChoiceField(label=_("By which way"), choices=ContactChannel.choices)
    text = forms.CharField(
        label=_("Words"),
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("{controller} becomes the company's name. Say what for and how to take it back."),
    )

    def __init__(self, *args: Any, is_known: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ("code", "language", "purpose", "channel") if is_known else ():
            self.fields[name].widget = forms.HiddenInput()

    def clean_code(self) -> str:
        """Lower case, so that "Newsletter" is no other wording."""
        return str(self.cleaned_data["code"]).lower()

    def clean(self) -> dict[str, Any]:
        """Refuse words that would be no valid consent (privacy bar 5.3)."""
        cleaned = super().clean() or {}
        if "text" in cleaned and "purpose" in cleaned:
            cleaned["text"] = clean_text(cleaned["text"])
            wrong = wording_findings(cleaned["text"], cleaned["purpose"])
            if wrong:
                self.add_error("text", [ValidationError(sentence(code), code=code) for code in wrong])
        return cleaned
