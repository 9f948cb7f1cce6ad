"""A form as its template draws it: each question with its field, what was typed, and what is wrong."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import override

from capture.choices import AnswerType
from capture.live import Box, live_form
from capture.models import Form
from capture.questions import Question
from capture.reading import Error
from capture.request_facts import HONEYPOT

# Up to so many choices are laid out side by side; more are a list to open.
MOST_PILLS = 5
_INPUTS = {
    AnswerType.EMAIL: "email",
    AnswerType.PHONE: "tel",
    AnswerType.DATE: "date",
    AnswerType.MONTH: "month",
}
_INPUT_MODES = {AnswerType.NUMBER: "decimal", AnswerType.MONEY: "decimal"}
# What browsers may fill in by themselves (WCAG 2.2, 1.3.5).
_AUTOCOMPLETE = {
    "lead.email": "email",
    "lead.phone": "tel",
    "lead.first_name": "given-name",
    "lead.last_name": "family-name",
    "lead.job_title": "organization-title",
    "lead.address": "street-address",
    "lead.postcode": "postal-code",
    "lead.city": "address-level2",
    "lead.country": "country",
    "company.name": "organization",
}
_HALF_WIDTH = {"lead.first_name", "lead.last_name", "lead.postcode", "lead.city"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to choose, with an id for its label."""

    id: str
    code: str
    label: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One question as it stands on the page. ``kind``: input, text, select, pills, checks."""

    question: Question
    id: str
    kind: str
    input: str
    value: str
    choices: list[Choice]
    error: str
    input_mode: str
    autocomplete: str
    is_half: bool
    max_length: int

    @property
    def described_by(self) -> str:
        """The ids of what explains the field: its help, its error."""
        parts = [f"{self.id}-help"] * bool(self.question.help) + [f"{self.id}-error"] * bool(self.error)
        return " ".join(parts)


@dataclass(frozen=True, slots=True)
class DrawnBox:
    """A consent box: ticked only when the person ticked it and the form came back with errors."""

    box: Box
    id: str
    is_ticked: bool


@dataclass(frozen=True, slots=True)
class DrawnForm:
    """All that ``capture/public/_form.html`` needs."""

    form: Form
    controller: str
    rows: list[Row]
    boxes: list[DrawnBox]
    errors: list[tuple[str, str, str]]  # id of the field ("" for the whole form), its label, what to do
    action: str = ""
    token: str = ""
    hidden: list[tuple[str, str]] = field(default_factory=list)
    challenge: str = ""
    honeypot: str = HONEYPOT
    notice: str = ""

    @property
    def button(self) -> str:
        """What the button says."""
        return self.form.button or _("Send")


@dataclass(frozen=True, slots=True)
class Typed:
    """What came back: raw values by target, boxes ticked, errors."""

    values: Mapping[str, object] = field(default_factory=dict)
    ticked: Collection[int] = ()
    errors: Sequence[Error] = ()
    notice: str = ""


def draw(
    form: Form,
    questions: Sequence[Question],
    typed: Typed | None = None,
    *,
    action: str = "",
    token: str = "",
    hidden: Sequence[tuple[str, str]] = (),
    challenge: str = "",
) -> DrawnForm:
    """Draw a form with these questions, in its own language."""
    typed, live = typed or Typed(), live_form(form)
    with override(form.language):
        rows = [_row(question, typed) for question in questions if not question.is_hidden]
        boxes = [DrawnBox(box, f"box-{box.id}", box.id in typed.ticked) for box in live.boxes]
        return DrawnForm(
            form=form,
            controller=live.controller,
            rows=rows,
            boxes=boxes,
            errors=_summary(rows, typed.errors),
            action=action,
            token=token,
            hidden=[(name, value) for name, value in hidden if value],
            challenge=challenge,
            notice=typed.notice,
        )


def _row(question: Question, typed: Typed) -> Row:
    values = _texts(typed.values.get(question.code))
    error = next((one["detail"] for one in typed.errors if one["field"] == question.code), "")
    number = f"q{question.id}"
    return Row(
        question=question,
        id=number,
        kind=_kind(question),
        input=_INPUTS.get(question.type, "text"),
        value=values[0] if values else "",
        choices=_choices(question, number, values),
        error=error,
        input_mode=_INPUT_MODES.get(question.type, ""),
        autocomplete=_AUTOCOMPLETE.get(question.code, "off" if question.choices else "on"),
        is_half=question.code in _HALF_WIDTH,
        max_length=question.target.max_length,
    )


def _texts(value: object) -> list[str]:
    if value in (None, ""):
        return []
    return [str(item) for item in value] if isinstance(value, (list, tuple)) else [_text(value)]


def _text(value: object) -> str:
    """A known value as its field takes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _kind(question: Question) -> str:
    if question.type is AnswerType.TEXT:
        return "text"
    if question.type is AnswerType.MULTIPLE:
        return "checks"
    if question.type is AnswerType.BOOLEAN:
        return "pills"
    if question.type in {AnswerType.CHOICE, AnswerType.COUNTRY}:
        return "pills" if 0 < len(question.choices) <= MOST_PILLS else "select"
    return "input"


def _choices(question: Question, number: str, chosen: Sequence[str]) -> list[Choice]:
    offered = [(option.code, option.label) for option in question.choices]
    if question.type is AnswerType.BOOLEAN:
        offered = [("true", _("Yes")), ("false", _("No"))]
    return [
        Choice(f"{number}-{place}", code, label, code in chosen)
        for place, (code, label) in enumerate(offered)
    ]


def _summary(rows: Sequence[Row], errors: Sequence[Error]) -> list[tuple[str, str, str]]:
    """Every error with where it is: the summary above the form leads to each field."""
    places = {row.question.code: row for row in rows}
    found = []
    for error in errors:
        row = places.get(error["field"])
        found.append(
            (_target(row), row.question.label, error["detail"]) if row else ("", "", error["detail"])
        )
    return found


def _target(row: Row) -> str:
    """The id to jump to: the field, or the first of its choices."""
    return row.choices[0].id if row.kind in {"pills", "checks"} and row.choices else row.id
