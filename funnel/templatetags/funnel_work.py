"""Daily work in templates: the panel of a lead, calls and tasks in words, notes as safe text."""

from __future__ import annotations

import re
from collections.abc import Mapping

import phonenumbers
from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.pages import may
from funnel.call_rules import CallAnswer
from funnel.choices import CALL_OUTCOMES, TASK_KINDS
from funnel.models import MeetingKind, Standing
from funnel.next_action import WORKED, Planned
from funnel.queries.today import Row
from funnel.queries.work_panel import Entry, WorkPanel
from funnel.queries.work_panel import work_panel as panel_of
from funnel.stages import Situation
from funnel.templatetags.funnel_words import day_time
from funnel.today import Item, What
from funnel.work import CallBasis, CallOutcome, TaskKind
from leads.models import Lead

register = template.Library()

_TASK_ICONS = {
    TaskKind.CALL: "phone",
    TaskKind.EMAIL: "mail",
    TaskKind.RESEARCH: "search",
    TaskKind.MEETING: "users",
    TaskKind.OTHER: "checkbox",
}
_DAY_ICONS = {
    What.MISSING: "alert-triangle",
    What.REPLY: "mail-opened",
    What.MEETING: "calendar-event",
    What.OFFER: "inbox",
}
_DAY_TITLES = {
    What.MISSING: gettext_lazy("No next action"),
    What.REPLY: gettext_lazy("Replied"),
    What.OFFER: gettext_lazy("SAL to decide"),
}
_CALL_ICONS = {
    CallOutcome.REACHED: "phone-check",
    CallOutcome.CALL_BACK: "phone-incoming",
    CallOutcome.VOICEMAIL: "phone",
    CallOutcome.NO_ANSWER: "phone",
    CallOutcome.WRONG_NUMBER: "phone-off",
    CallOutcome.REFUSED: "phone-off",
}


@register.simple_tag(takes_context=True)
def work_panel(context: Mapping[str, object], lead: Lead) -> WorkPanel:
    """What is planned, said and written about a lead, as the reader may use it. One query."""
    request: object = context["request"]
    user = request.user  # type: ignore[attr-defined]  # pages are for people who are signed in
    standing = context.get("standing")
    assert isinstance(standing, Standing)
    with_sales = standing.stage in WORKED or standing.situation == Situation.OFFERED
    mine = user.pk in (standing.rep_id, lead.offered_to_id) or may(user, "funnel.manage_sales")
    works = with_sales and mine and may(user, "funnel.decide_offers")
    return panel_of(lead, reader=user, may_work=works, stage=standing.stage, now=timezone.now())


@register.simple_tag
def may_edit_note(panel: WorkPanel, entry: Entry) -> bool:
    """Whether the reader may still correct this note."""
    return panel.may_edit(entry)


@register.simple_tag
def may_delete_note(panel: WorkPanel, entry: Entry) -> bool:
    """Whether the reader may take this note away."""
    return panel.may_delete(entry)


@register.filter
def task_title(one: Entry | Item) -> str:
    """What is to be done: as written, else the kind."""
    if one.is_first_contact:
        return _("First contact")
    return (one.title if isinstance(one, Item) else one.text) or kind_label(one)


@register.filter
def planned_title(one: Planned) -> str:
    """What is planned: as written, else the kind."""
    if one.is_first_contact:
        return _("First contact")
    return one.title or str(TASK_KINDS[TaskKind(one.what)])


@register.filter
def phone_words(phone: str) -> str:
    """A number as people write it: "+33 6 12 34 56 78"."""
    try:
        number = phonenumbers.parse(phone)
    except phonenumbers.NumberParseException:
        return phone
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


@register.filter
def kind_label(one: Entry | Item) -> str:
    """The kind of task or meeting in words."""
    labels: Mapping[str, object] = dict(MeetingKind.choices) if one.what == "meeting" else TASK_KINDS
    return str(labels.get(one.kind, one.kind))


@register.filter
def work_icon(one: Entry) -> str:
    """The icon of a task, meeting, call or note."""
    if one.what == "call":
        return "phone-incoming" if one.is_inbound else _CALL_ICONS[CallOutcome(one.kind)]
    if one.what == "task":
        return _TASK_ICONS[TaskKind(one.kind)]
    return "calendar-event" if one.what == "meeting" else "message-circle"


@register.filter
def day_icon(item: Item) -> str:
    """The icon of one thing of the day."""
    if item.what is What.TASK:
        return _TASK_ICONS[TaskKind(item.kind)]
    return _DAY_ICONS[item.what]


@register.filter
def day_title(item: Item) -> str:
    """What one thing of the day is."""
    if item.what in (What.TASK, What.MEETING):
        return task_title(item)
    return str(_DAY_TITLES[item.what])


@register.simple_tag
def lead_page(row: Row) -> str:
    """Where a lead of the day is worked on: on its page, or in the inbox while it is offered."""
    if row.lead.standing.stage in WORKED:
        return reverse("funnel:my_lead", args=[row.lead.public_id])
    return reverse("funnel:inbox")


@register.filter
def outcome_label(one: Entry) -> str:
    """How a call ended."""
    return str(CALL_OUTCOMES[CallOutcome(one.kind)])


@register.filter
def call_words(answer: CallAnswer) -> str:
    """Whether a call is allowed now, until when or from when, and how many attempts are used."""
    said = _allowed(answer) if answer.allowed else str(_REFUSED[answer.reason])
    if answer.next_at:
        said %= {"when": day_time(answer.next_at)}
    if answer.limit is None or answer.basis is None:
        return said
    used = _("%(used)s of %(limit)s attempts in 30 days used.") % {"used": answer.used, "limit": answer.limit}
    return f"{said} {used}"


def _allowed(answer: CallAnswer) -> str:
    if answer.basis is CallBasis.PROFESSIONAL:
        return _("May be called: a professional, about their work.")
    if answer.until is None:
        return _("May be called: consent on record.")
    clock = timezone.localtime(answer.until).strftime("%H:%M")
    ground = _("consent on record") if answer.basis is CallBasis.CONSENT else _("ongoing contract")
    return _("May be called until %(time)s: %(ground)s.") % {"time": clock, "ground": ground}


_REFUSED = {
    "no_phone": gettext_lazy("No phone number is known."),
    "phone_invalid": gettext_lazy("The phone number is known to be wrong."),
    "opposed": gettext_lazy("Must not be called: this person does not want it."),
    "no_consent": gettext_lazy("Must not be called: a consumer without consent on record."),
    "refused_lately": gettext_lazy("Refused a call lately: not before %(when)s."),
    "too_many_attempts": gettext_lazy("No attempt is left: not before %(when)s."),
    "outside_hours": gettext_lazy("Outside the hours for consumers: not before %(when)s."),
}

_LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")


@register.filter
def note_text(text: str) -> SafeString:
    """A note as HTML: everything escaped, web addresses as links, line ends kept by the style."""
    parts, at = [], 0
    for link in _LINK.finditer(text):
        parts += [format_html("{}", text[at : link.start()]), _linked(link[0])]
        at = link.end()
    parts.append(format_html("{}", text[at:]))
    return format_html_join("", "{}", ((part,) for part in parts))


def _linked(address: str) -> SafeString:
    return format_html('<a href="{0}" rel="nofollow noopener noreferrer" target="_blank">{0}</a>', address)
