"""Reading submissions: the list, one of them whole, and what is exported."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.keyset import Order
from capture.answers import show_answer
from capture.choices import SubmissionState
from capture.models import Form, Submission
from capture.queries.forms import TO_REVIEW
from capture.targets import Target, targets_of
from leads.models import ConsentWording

NEWEST = Order("newest", _("Newest"), "received_at")
PERIODS = [("1", _("Today and yesterday")), ("7", _("7 days")), ("30", _("30 days")), ("365", _("A year"))]
WAITS = "to_review"
STATES = [(WAITS, _("To review")), *SubmissionState.choices]


class SubmissionFilter(django_filters.FilterSet):
    """By form, state and period."""

    state = django_filters.ChoiceFilter(
        label=_("State"), choices=STATES, method="by_state", empty_label=_("State")
    )
    sent_with = django_filters.ModelChoiceFilter(
        label=_("Form"),
        field_name="form",
        queryset=Form.objects.order_by("name"),
        to_field_name="slug",
        empty_label=_("Form"),
    )
    days = django_filters.ChoiceFilter(
        label=_("Period"), choices=PERIODS, method="by_days", empty_label=_("Period")
    )

    class Meta:
        model = Submission
        fields: ClassVar[list[str]] = []

    def by_state(self, queryset: QuerySet[Submission], name: str, value: str) -> QuerySet[Submission]:
        """A state, or all that nobody looked at."""
        return queryset.filter(TO_REVIEW) if value == WAITS else queryset.filter(state=value)

    def by_days(self, queryset: QuerySet[Submission], name: str, value: str) -> QuerySet[Submission]:
        """Received within so many days."""
        return queryset.filter(received_at__gte=timezone.now() - timedelta(days=int(value)))


def submissions(form: Form | None = None) -> QuerySet[Submission]:
    """All submissions, or those of one form, with what a row shows."""
    rows = Submission.objects.select_related("form", "lead", "lead__company")
    return rows.filter(form=form) if form else rows


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer in words; ``problem`` is why it was refused."""

    label: str
    words: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Ticked:
    """One consent box of the submission."""

    words: str
    text_version: str
    purpose: str


@dataclass(frozen=True, slots=True)
class Whole:
    """A submission with everything that is kept of it."""

    submission: Submission
    answers: list[Answered]
    consents: list[Ticked]
    general_problems: list[str]

    @property
    def leaves_at(self) -> datetime | None:
        """When it is deleted: set-aside ones after 30 days."""
        kept = {SubmissionState.RECEIVED, SubmissionState.ACCEPTED}
        state = SubmissionState(self.submission.state)
        return None if state in kept else self.submission.received_at + timedelta(days=30)


def whole(submission: Submission) -> Whole:
    """The submission in words: labels as the form has them now, words as they were shown."""
    labels = dict(submission.form.fields.values_list("target", "label"))
    targets = targets_of(list(submission.answers))
    problems = _problems(submission)
    answers = [
        Answered(
            labels.get(code) or _label(code, targets),
            _words(targets.get(code), value),
            problems.pop(code, ""),
        )
        for code, value in submission.answers.items()
    ]
    return Whole(submission, answers, _ticked(submission), list(problems.values()))


def _label(code: str, targets: dict[str, Target]) -> str:
    return targets[code].label if code in targets else code


def _words(target: Target | None, value: object) -> str:
    if target:
        return show_answer(target, value)
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _problems(submission: Submission) -> dict[str, str]:
    """Field → why it was refused; what concerns no field stands under an empty name."""
    found: dict[str, str] = {}
    for error in submission.errors:
        name, detail = str(error.get("field", "")), str(error.get("detail") or error.get("code", ""))
        found[name] = f"{found[name]} {detail}" if name in found else detail
    return found


def _ticked(submission: Submission) -> list[Ticked]:
    ids = [consent.get("wording") for consent in submission.consents]
    wordings = ConsentWording.objects.in_bulk([pk for pk in ids if isinstance(pk, int)])
    return [
        Ticked(
            wording.text,
            wording.text_version,
            f"{wording.get_purpose_display()} · {wording.get_channel_display()}",
        )
        for pk in ids
        if (wording := wordings.get(pk or 0))
    ]


# A cell that begins with one of these would be computed by a spreadsheet (bar: inputs B40, ASVS 1.2.10).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\0")
BEFORE = ("received_at", "form", "version", "state", "reasons")
AFTER = ("page", "referrer")


def guarded(value: object) -> str:
    """A cell that no spreadsheet takes for a formula: an apostrophe before what begins like one."""
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def export_rows(rows: QuerySet[Submission]) -> Iterator[list[str]]:
    """Header and rows of the export, every cell guarded; the answers' columns are those that occur."""
    codes = sorted(
        {code for answers in rows.values_list("answers", flat=True).iterator() for code in answers}
    )
    yield [guarded(name) for name in (*BEFORE, *codes, *AFTER)]
    for row in rows.iterator(chunk_size=500):
        yield [guarded(cell) for cell in _cells(row, codes)]


def _cells(row: Submission, codes: list[str]) -> list[Any]:
    answers = [_cell(row.answers.get(code, "")) for code in codes]
    local = timezone.localtime(row.received_at).isoformat(timespec="seconds")
    head = [local, row.form.slug, row.form_version, row.state, " ".join(row.reasons)]
    return [*head, *answers, row.page, row.referrer]


def _cell(value: object) -> str:
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value)
