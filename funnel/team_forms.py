"""What a manager says when handing leads over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from funnel.actions.grounds import NOTE_LIMIT
from funnel.models import Rep, Standing


class ReassignForm(forms.Form):
    """Which leads, to whom (nobody named: to whoever suits best), and beyond the caps only for a reason."""

    leads = forms.TypedMultipleChoiceField(label=_("Leads"), coerce=int, choices=[])
    to = forms.ModelChoiceField(
        label=_("To"), queryset=Rep.objects.none(), required=False, empty_label=_("Whoever suits best")
    )
    beyond_caps = forms.BooleanField(label=_("Beyond the places, for the reason below"), required=False)
    note = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=NOTE_LIMIT,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, rep: Rep, standings: Sequence[Standing], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["leads"].choices = [(one.lead_id, one.lead_id) for one in standings]  # type: ignore[attr-defined]
        others = Rep.objects.whole().filter(is_active=True, user__is_active=True).exclude(pk=rep.pk)
        self.fields["to"].queryset = others.order_by("user__last_name")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Who goes beyond the caps says why."""
        given = super().clean() or {}
        if given.get("beyond_caps") and not given.get("note"):
            self.add_error("note", _("Say why the places are exceeded."))
        return given
