"""The questions of a form with all that showing and reading them needs, and which are asked of whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from capture.answers import options_of
from capture.choices import AnswerType
from capture.models import Form, FormField
from capture.profiling import choose
from capture.targets import COMPANY_CUSTOM, CUSTOM, EMAIL, Target, targets_of
from funnel.queries import information_missing
from leads.custom_fields import Option
from leads.models import Lead


@dataclass(frozen=True, slots=True)
class Question:
    """One question: where the answer goes, how it is asked, what may be chosen.

    ``options`` are the question's own lines; ``choices`` what is offered in the end.
    """

    id: int
    code: str
    target: Target
    type: AnswerType
    label: str
    help: str
    options: list[str]
    choices: tuple[Option, ...]
    value: str
    is_required: bool
    priority: int
    position: int

    @property
    def is_hidden(self) -> bool:
        """Whether nobody is asked: its value is the marketer's."""
        return self.type is AnswerType.HIDDEN


def all_questions(form: Form) -> list[Question]:
    """Every question of a form, in its order, worded in its language; those whose target is gone left out."""
    fields = list(form.fields.all())
    targets = targets_of([field.target for field in fields], form.language)
    return [
        _question(field, place, targets[field.target])
        for place, field in enumerate(sorted(fields, key=lambda field: (field.position, field.pk)))
        if field.target in targets
    ]


def _question(field: FormField, place: int, target: Target) -> Question:
    return Question(
        id=field.pk,
        code=field.target,
        target=target,
        type=AnswerType(field.type),
        label=field.label,
        help=field.help,
        options=field.options,
        choices=options_of(target, field),
        value=field.value,
        is_required=field.is_required,
        priority=0 if field.type == AnswerType.HIDDEN else field.priority,
        position=place,
    )


def questions_for(form: Form, lead: Lead | None) -> list[Question]:
    """What this form asks of somebody: of a stranger (None), or of a lead of whom something is known."""
    return chosen_for(form, all_questions(form), lead)


def chosen_for(form: Form, questions: list[Question], lead: Lead | None) -> list[Question]:
    """The same of questions that were read before.

    The email is asked again whoever sits there: it alone says who answers.
    """
    progressive = [question for question in questions if question.priority > 0]
    if lead is None or not progressive:
        return choose(questions, known=(), at_once=form.asked_at_once)
    known = {question.code for question in progressive if value_of(lead, question.code) not in _NOTHING}
    wanted = [f"lead.{name}" for name in information_missing(lead.pk)]
    return choose(questions, known=known - {EMAIL}, wanted=wanted, at_once=form.asked_at_once)


_NOTHING: tuple[object, ...] = (None, "", [], {}, "unknown")


def value_of(lead: Lead, code: str) -> object:
    """What is known of a lead or its company about a target; None for a free answer."""
    if code.startswith(CUSTOM):
        return lead.custom.get(code.removeprefix(CUSTOM))
    if code.startswith(COMPANY_CUSTOM):
        return lead.company.custom.get(code.removeprefix(COMPANY_CUSTOM)) if lead.company else None
    place, _dot, name = code.partition(".")
    if place == "lead":
        return getattr(lead, name, None)
    if place == "company" and lead.company:
        return getattr(lead.company, name, None)
    return None


def known_values(lead: Lead, questions: list[Question]) -> Mapping[str, object]:
    """What may be put into the fields for somebody who came by a link out of their own mailbox."""
    found = {question.code: value_of(lead, question.code) for question in questions}
    return {code: value for code, value in found.items() if value not in _NOTHING}
