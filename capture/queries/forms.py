"""Reading forms: the list with its figures, and one form as the builder shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from capture.choices import FormState, SubmissionState
from capture.consents import controller_of, is_newest, newest_wordings, words_with
from capture.lint import Finding, findings
from capture.models import Form, FormConsent, FormField, FormViews, Submission
from capture.queries.lint_facts import facts_from
from capture.targets import GROUPS, Target, catalogue, free_answer
from leads.models import ConsentWording

DAYS = 30
# Taken in, or about to be: what a form brought.
BROUGHT = (SubmissionState.RECEIVED, SubmissionState.AWAITING, SubmissionState.ACCEPTED)
TO_REVIEW = Q(state__in=[SubmissionState.SPAM, SubmissionState.REJECTED], reviewed_at=None)


@dataclass(frozen=True, slots=True)
class Listed:
    """A form of the list: submissions of the last 30 days, spam and refused ones that nobody looked at, and
    how often it was shown in those days."""

    form: Form
    submissions: int
    to_review: int
    last_at: datetime | None
    views: int

    @property
    def conversion(self) -> float | None:
        """Which part of those who saw it sent it, 0 to 1; None while nobody was counted.

        Some send without having been counted (plain HTML, the API): never more than all.
        """
        return min(1.0, self.submissions / self.views) if self.views else None


def listed_forms(*, now: datetime, state: str = "", text: str = "") -> list[Listed]:
    """The forms, those in public first, each with its figures (two queries)."""
    last = Submission.objects.filter(form=OuterRef("pk"), state__in=BROUGHT).order_by("-received_at", "-id")
    forms = Form.objects.select_related("content", "campaign").annotate(
        last_at=Subquery(last.values("received_at")[:1]), shown=Coalesce(Subquery(_shown(now)), 0)
    )
    if state:
        forms = forms.filter(state=state)
    if text:
        forms = forms.filter(Q(name__icontains=text) | Q(slug__icontains=text) | Q(title__icontains=text))
    counts = _counts(now)
    order = {FormState.LIVE: 0, FormState.DRAFT: 1, FormState.CLOSED: 2}
    rows = [
        Listed(form, *counts.get(form.pk, (0, 0)), form.last_at, form.shown)
        for form in forms.order_by("name", "id")
    ]
    return sorted(rows, key=lambda row: order[FormState(row.form.state)])


def _shown(now: datetime) -> QuerySet[Any, Any]:
    """How often the outer form was shown in the last 30 days."""
    recent = FormViews.objects.filter(form=OuterRef("pk"), day__gt=(now - timedelta(days=DAYS)).date())
    return recent.values("form_id").annotate(all=Sum(F("hosted") + F("embedded"))).values("all")


def _counts(now: datetime) -> dict[int, tuple[int, int]]:
    """Form → (brought, to review), of the last 30 days; what is older was reviewed or purged."""
    recent = Submission.objects.filter(received_at__gte=now - timedelta(days=DAYS))
    counted = recent.values("form_id").annotate(
        brought=Count("id", filter=Q(state__in=BROUGHT)), waiting=Count("id", filter=TO_REVIEW)
    )
    return {row["form_id"]: (row["brought"], row["waiting"]) for row in counted}


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """A question as the builder lists it."""

    question: FormField
    target: Target | None
    problems: list[Finding]
    is_first: bool
    is_last: bool


@dataclass(frozen=True, slots=True)
class BoxRow:
    """A consent box with its exact words."""

    box: FormConsent
    words: str
    is_newest: bool


@dataclass(frozen=True, slots=True)
class Offered:
    """A group of what may be asked and is not asked yet."""

    label: str
    targets: list[Target]


@dataclass(frozen=True, slots=True)
class Built:
    """A form with everything that the builder draws."""

    form: Form
    questions: list[QuestionRow]
    boxes: list[BoxRow]
    findings: list[Finding]
    offered: list[Offered]
    wordings: list[ConsentWording]
    controller: str

    @property
    def is_publishable(self) -> bool:
        """Whether nothing keeps it from the public."""
        return not any(finding.is_blocking for finding in self.findings)


def built(form: Form) -> Built:
    """The form with what is wrong with it; what may be asked is named in the reader's language."""
    rows = list(form.fields.all())
    known = catalogue()
    asked = {row.target: known.get(row.target) or free_answer(row.target) for row in rows}
    targets = {code: target for code, target in asked.items() if target}
    boxes = list(form.consents.select_related("wording"))
    newest = list(newest_wordings())
    found = findings(facts_from(form, rows, targets, boxes, newest))
    controller = controller_of(form)
    return Built(
        form,
        _question_rows(rows, targets, found),
        [BoxRow(box, words_with(box.wording, controller), is_newest(box.wording, newest)) for box in boxes],
        found,
        _offered(known, set(asked)),
        [wording for wording in newest if wording.language == form.language],
        controller,
    )


def _question_rows(
    rows: list[FormField], targets: Mapping[str, Target], found: list[Finding]
) -> list[QuestionRow]:
    return [
        QuestionRow(
            row,
            targets.get(row.target),
            [finding for finding in found if finding.question_id == row.pk],
            place == 0,
            place == len(rows) - 1,
        )
        for place, row in enumerate(rows)
    ]


def _offered(known: Mapping[str, Target], asked: set[str]) -> list[Offered]:
    groups: dict[str, list[Target]] = {group: [] for group in GROUPS if group != "answer"}
    for target in known.values():
        if target.code not in asked:
            groups[target.group].append(target)
    return [Offered(str(GROUPS[group]), targets) for group, targets in groups.items() if targets]
