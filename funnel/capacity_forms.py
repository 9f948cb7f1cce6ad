"""What the lock is set to, as people type it."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _

from funnel.models import CapacitySettings


class CapacityForm(forms.ModelForm[CapacitySettings]):
    """Money first, then the automatic threshold and its limits."""

    class Meta:
        model = CapacitySettings
        fields: ClassVar = [
            *("rep_hour_cost", "hours_per_lead", "message_cost", "messages_a_week", "source"),
            *("is_automatic", "lowest", "highest", "step", "margin"),
        ]

    def clean(self) -> dict[str, Any]:
        """The bounds must leave something between them."""
        typed: dict[str, Any] = super().clean() or {}
        lowest, highest = typed.get("lowest"), typed.get("highest")
        if lowest is not None and highest is not None and lowest > highest:
            self.add_error("highest", _("This lies below the other bound."))
        return typed
