"""The form of a webhook."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from leads.kinds import FIRST_CUSTOM_KIND_ID, SHIPPED, Kind
from leads.models import EventKind, Webhook
from leads.webhooks.manage import Refused, save_webhook

Choices = list[tuple[str, str | Promise]]
_PEOPLE = {"profile_changed", "list_joined", "list_left", "merged", "consent_given", "consent_withdrawn"}


def _groups() -> list[tuple[str | Promise, Choices]]:
    """The shipped kinds and the site's own, as people look for them."""
    own: Choices = [
        (kind.code, kind.label) for kind in EventKind.objects.filter(pk__gte=FIRST_CUSTOM_KIND_ID)
    ]
    groups = [
        (
            _("Funnel"),
            list(_these(lambda kind: kind.is_internal and kind.id >= 60 and kind.code != "merged")),
        ),
        (_("Asks for sales"), list(_these(lambda kind: kind.is_intent))),
        (_("Profile, lists and consents"), list(_these(lambda kind: kind.code in _PEOPLE))),
        (
            _("Email"),
            list(_these(lambda kind: kind.code.startswith("email_") or kind.code == "unsubscribed")),
        ),
    ]
    named = {code for _label, choices in groups for code, _name in choices}
    rest = list(_these(lambda kind: kind.code not in named))
    return [*groups, (_("Behaviour"), rest), *([(_("Of this site"), own)] if own else [])]


def _these(wanted: Any) -> Iterator[tuple[str, str | Promise]]:
    kinds: tuple[Kind, ...] = SHIPPED
    return ((kind.code, kind.label) for kind in kinds if wanted(kind))


class WebhookForm(forms.Form):
    """Name, address, and which events to tell of."""

    name = forms.CharField(label=_("Name"), max_length=80)
    url = forms.CharField(
        label=_("Address"),
        max_length=500,
        help_text=_("It receives one POST in JSON for each event, signed (Standard Webhooks)."),
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
    )
    kinds = forms.MultipleChoiceField(label=_("Events"), widget=forms.CheckboxSelectMultiple, required=False)

    def __init__(self, data: Any = None, *, webhook: Webhook | None = None) -> None:
        initial = {"name": webhook.name, "url": webhook.url, "kinds": webhook.kinds} if webhook else None
        super().__init__(data, initial=initial, label_suffix="")
        self.webhook = webhook
        self.fields["kinds"].choices = _groups()  # type: ignore[attr-defined]  # of a choice field

    def kind_groups(self) -> list[tuple[str | Promise, list[tuple[str, str | Promise, bool]]]]:
        """The groups of kinds as they are drawn: code, label, whether it is chosen."""
        chosen = set(self["kinds"].value() or ())
        return [
            (group, [(code, label, code in chosen) for code, label in kinds])
            for group, kinds in self.fields["kinds"].choices  # type: ignore[attr-defined]
        ]

    def save(self, *, now: datetime, by: User) -> Webhook | None:
        """The webhook made or changed; None when it cannot be, with the error beside its field."""
        try:
            return save_webhook(webhook=self.webhook, now=now, by=by, **self.cleaned_data)
        except Refused as refused:
            self.add_error(refused.field, str(refused))
            return None
