"""What the board may be narrowed to."""

from __future__ import annotations

from collections.abc import Sequence

import rules
from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from funnel.queries.board import Narrowed
from funnel.queries.capacity import Load
from leads.channels import Channel

_BANDS = [letter + number for letter in "ABCD" for number in ("", "1", "2", "3", "4")]


class BoardFilter(forms.Form):
    """Rep (for who manages sales), band, channel; what makes no sense narrows nothing."""

    rep = forms.IntegerField(required=False, label=_("Rep"), widget=forms.Select())
    band = forms.ChoiceField(
        required=False, label=_("Band"), choices=[("", _("Every band")), *((one, one) for one in _BANDS)]
    )
    channel = forms.ChoiceField(
        required=False, label=_("Channel"), choices=[("", _("Every channel")), *Channel.choices]
    )

    def __init__(self, query: QueryDict, *, user: User) -> None:
        super().__init__(query)
        self.is_valid()
        self.manages = bool(rules.has_perm("funnel.manage_sales", user))
        if not self.manages:
            del self.fields["rep"]

    @property
    def narrowed(self) -> Narrowed:
        """As a plain value."""
        typed = self.cleaned_data
        return Narrowed(
            rep=typed.get("rep") if self.manages else None,
            band=typed.get("band", ""),
            channel=typed.get("channel", ""),
            recycled=self.manages and self.data.get("recycled") == "1",
        )

    def offer_reps(self, loads: Sequence[Load]) -> None:
        """Offer these reps to choose from."""
        if self.manages:
            names = [(one.rep.pk, one.rep.user.full_name) for one in loads]
            self.fields["rep"].widget.choices = [("", _("Every rep")), *names]
