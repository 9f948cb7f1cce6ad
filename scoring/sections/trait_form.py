"""A trait of a persona as a form: a fact, what it is compared with, and its weight."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from scoring.editor.forms import FactForm, Number, number


class TraitForm(FactForm):
    """The fact of a trait, as the editor of conditions asks for it, and how much it weighs (1 to 100)."""

    weight = Number(label=_("Weight"), required=True, initial="1")

    def __init__(self, *args: Any, **options: Any) -> None:
        options["auto_id"] = "t-%s"
        super().__init__(*args, **options)
        # A trait that is missing is said by its comparison ("is none of"), not by a contrary.
        del self.fields["negated"]

    def json(self) -> Any:
        """``{"field", "op", "value", "weight"}``."""
        return {**self.bare_json(), "weight": number(self.cleaned_data["weight"])}


class PersonaForm(forms.Form):
    """What a persona is called, and its story, in both languages; one language holds for both."""

    fr = forms.CharField(label=_("Name in French"), max_length=200, required=False)
    en = forms.CharField(label=_("Name in English"), max_length=200, required=False)
    story_fr = forms.CharField(
        label=_("Story in French"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    story_en = forms.CharField(
        label=_("Story in English"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def clean(self) -> dict[str, Any]:
        """A name in one language at least."""
        given = super().clean() or {}
        if not given.get("fr") and not given.get("en"):
            self.add_error("fr", _("Give it a name."))
        return given

    @property
    def name(self) -> dict[str, str]:
        """The name, in both languages."""
        return self._both("fr", "en")

    @property
    def story(self) -> dict[str, str]:
        """The story, in both languages; empty for none."""
        return self._both("story_fr", "story_en")

    def _both(self, french: str, english: str) -> dict[str, str]:
        given = self.cleaned_data
        return {"fr": given[french] or given[english], "en": given[english] or given[french]}
