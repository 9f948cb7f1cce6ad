"""What people type about meetings, networks and mailboxes. The actions decide; forms only read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import uuid4

from django import forms
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from funnel.actions.meetings import Plan
from funnel.meetings import Doubt, Slot
from funnel.models import Meeting, MeetingKind, Network
from funnel.models.social import SOCIAL_DIRECTIONS
from funnel.work import Direction
from funnel.work_forms import MomentField, next_morning

DOUBTS: dict[Doubt, str | Promise] = {
    Doubt.OVERLAP: _("Another meeting is planned at this time."),
    Doubt.AWAY: _("The rep is away on this day."),
    Doubt.HOLIDAY: _("This day is a public holiday."),
    Doubt.OUT_OF_HOURS: _("This lies outside the working hours."),
}
MINUTES = [(15, "15 min"), (30, "30 min"), (45, "45 min"), (60, "1 h"), (90, "1 h 30"), (120, "2 h")]


class MeetingForm(forms.Form):
    """When, where, about what. ``sure``: the time of which the writer has seen what speaks against it."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    sure = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)
    kind = forms.ChoiceField(label=_("Kind"), choices=MeetingKind.choices, widget=forms.RadioSelect)
    title = forms.CharField(label=_("Title"), max_length=120)
    starts_at = MomentField(label=_("Begins"))
    minutes = forms.TypedChoiceField(label=_("Lasts"), choices=MINUTES, coerce=int)
    place = forms.CharField(label=_("Where"), required=False, max_length=200)
    link = forms.URLField(label=_("Video link"), required=False, max_length=500, assume_scheme="https")
    is_agreed = forms.BooleanField(
        label=_("The person has already agreed to this time"),
        required=False,
        help_text=_("Then the invitation confirms it."),
    )
    invites = forms.BooleanField(label=_("Send an invitation by email"), required=False)

    def __init__(
        self,
        data: Mapping[str, object] | None = None,
        *,
        now: datetime,
        meeting: Meeting | None = None,
        has_email: bool = True,
    ) -> None:
        super().__init__(_single(data), initial=_initial(meeting, now, has_email))
        if meeting:
            for name in ("kind", "is_agreed", "invites"):
                del self.fields[name]
            self._keep_length(meeting)
        elif not has_email:
            self.fields["invites"].help_text = _("This lead has no email.")
            self.fields["invites"].disabled = True

    def _keep_length(self, meeting: Meeting) -> None:
        """A length that is not offered usually stays one that can be chosen."""
        length = int((meeting.ends_at - meeting.starts_at).total_seconds() // 60)
        field = self.fields["minutes"]
        assert isinstance(field, forms.TypedChoiceField)
        if length not in dict(MINUTES):
            field.choices = [(length, f"{length} min"), *MINUTES]

    @property
    def plan(self) -> Plan:
        """When and where, as typed."""
        typed = self.cleaned_data
        ends_at = typed["starts_at"] + timedelta(minutes=typed["minutes"])
        return Plan(typed["starts_at"], ends_at, typed["place"], typed["link"])

    @property
    def slot(self) -> Slot:
        """The time that is wanted."""
        return Slot(self.plan.starts_at, self.plan.ends_at)

    def is_sure_of(self, doubts: Sequence[Doubt]) -> bool:
        """Whether nothing speaks against the time, or the writer knows what does. Says it on the form."""
        seen = f"{self.slot.starts_at.isoformat()} {self.slot.ends_at.isoformat()}"
        if not doubts or self.cleaned_data["sure"] == seen:
            return True
        words = " ".join(str(DOUBTS[doubt]) for doubt in doubts)
        self.add_error(None, f"{words} {_('Save again to keep this time.')}")
        self.data = {**self.data, "sure": seen}
        return False


def _single(data: Mapping[str, object] | None) -> dict[str, object] | None:
    """One value of each name, in a table of its own that may be changed."""
    return None if data is None else {name: data[name] for name in data}


def _initial(meeting: Meeting | None, now: datetime, has_email: bool) -> dict[str, object]:
    if meeting is None:
        start = next_morning(now)
        usual = {"key": uuid4(), "kind": MeetingKind.MEETING, "minutes": 30, "invites": has_email}
        return usual | {"starts_at": timezone.localtime(start)}
    length = int((meeting.ends_at - meeting.starts_at).total_seconds() // 60)
    return {
        "key": meeting.public_id,
        "title": meeting.title,
        "starts_at": timezone.localtime(meeting.starts_at),
        "minutes": length,
        "place": meeting.place,
        "link": meeting.link,
    }


class SocialForm(forms.Form):
    """A message on a network."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    direction = forms.ChoiceField(
        label=_("Message"), choices=list(SOCIAL_DIRECTIONS.items()), widget=forms.RadioSelect
    )
    network = forms.ChoiceField(label=_("Network"), choices=Network.choices, widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("Note"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, data: Mapping[str, object] | None = None) -> None:
        initial = {"key": uuid4(), "direction": Direction.OUT, "network": Network.LINKEDIN}
        super().__init__(data, initial=initial)


class ProfileForm(forms.Form):
    """Where somebody is found on a network."""

    url = forms.URLField(label=_("Address of the profile"), max_length=300, assume_scheme="https")


class MailboxForm(forms.Form):
    """How a mailbox is reached."""

    address = forms.EmailField(label=_("Email address"), max_length=254)
    host = forms.RegexField(
        r"^[A-Za-z0-9.-]{1,253}$",
        label=_("IMAP server"),
        help_text=_("Such as imap.example.com."),
        error_messages={"invalid": _("Give the name of a server.")},
    )
    port = forms.IntegerField(label=_("Port"), initial=993, min_value=1, max_value=65535)
    username = forms.CharField(label=_("User name"), max_length=254)
    password = forms.CharField(
        label=_("Password"),
        max_length=500,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("An app password, where your provider has them. It is stored encrypted."),
    )
