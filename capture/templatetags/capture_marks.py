"""Small marks of the builder and of submissions; nothing here reads the database."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from capture.choices import SubmissionState
from capture.consents import words_with
from capture.lint import Finding
from capture.lint_words import said
from capture.models import Submission
from capture.reasons import in_words
from leads.models import ConsentWording

register = template.Library()

_TYPE_ICONS = {
    "line": "cursor-text",
    "text": "align-left",
    "email": "at",
    "phone": "phone",
    "number": "hash",
    "money": "currency-euro",
    "date": "calendar",
    "month": "calendar-month",
    "choice": "circle-dot",
    "multiple": "checkbox",
    "boolean": "toggle-left",
    "country": "world",
    "hidden": "eye-off",
}
_TONES = {
    SubmissionState.ACCEPTED: "good",
    SubmissionState.AWAITING: "accent",
    SubmissionState.SPAM: "warn",
    SubmissionState.REJECTED: "bad",
}


@register.filter
def type_icon(kind: str) -> str:
    """The icon of a way to ask."""
    return _TYPE_ICONS.get(kind, "cursor-text")


@register.filter
def state_tone(state: str) -> str:
    """The tone of a submission's tag."""
    return _TONES.get(SubmissionState(state), "line")


@register.filter
def who_sent(submission: Submission) -> str:
    """Who sent it: the lead, else the name and address that were typed."""
    if submission.lead:
        return submission.lead.display_name
    typed = submission.answers
    name = " ".join(str(typed.get(f"lead.{part}", "")) for part in ("first_name", "last_name")).strip()
    address = typed.get("lead.email") or typed.get("lead.phone") or ""
    return (name or str(address) or gettext("Nobody named"))[:120]


@register.filter
def what_sent(submission: Submission) -> str:
    """A line of what was said besides: company, need, address."""
    names = ("company.name", "lead.need", "lead.email", "lead.phone")
    said_too = [str(submission.answers[name]) for name in names if submission.answers.get(name)]
    return " · ".join(said_too)[:160]


@register.filter
def why_aside(submission: Submission) -> str:
    """Why it was set aside, in words."""
    return "; ".join(in_words(code) for code in submission.reasons)


@register.filter
def worded(wording: ConsentWording, controller: str) -> str:
    """A wording with the name of who asks."""
    return words_with(wording, controller)


@register.filter
def sentence_of(finding: Finding) -> str:
    """A finding of the lint in words."""
    return said(finding).text


@register.simple_tag
def autofocus(focus: str, name: str, number: int | str = "") -> SafeString:
    """The attribute that gives an element the focus, when it is the one to have it after a change."""
    return SafeString(" autofocus" if focus and focus == f"{name}{number}" else "")  # nosec B703: constants
