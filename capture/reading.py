"""From what was posted to values: every answer read, every error in the language in force."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from capture.answers import Answer, read_answer
from capture.questions import Question
from capture.targets import EMAIL, PHONE
from leads.normalise import EmailAddress, InvalidValue, PhoneNumber

Error = dict[str, str]
Raw = str | bool | int | float | list[str] | None


@dataclass(slots=True)
class Reading:
    """The values by target, and what could not be read: field, stable code, what to do in words."""

    values: dict[str, Answer] = field(default_factory=dict)
    errors: list[Error] = field(default_factory=list)

    @property
    def email(self) -> EmailAddress | None:
        """The address that was given."""
        value = self.values.get(EMAIL)
        return value if isinstance(value, EmailAddress) else None

    @property
    def phone(self) -> PhoneNumber | None:
        """The number that was given."""
        value = self.values.get(PHONE)
        return value if isinstance(value, PhoneNumber) else None

    @property
    def says_who(self) -> bool:
        """Whether somebody could be recognised by it."""
        return self.email is not None or (self.phone is not None and self.phone.is_valid)


def read_post(
    asked: Iterable[Question], everything: Iterable[Question], raw: Mapping[str, object], *, language: str
) -> Reading:
    """Read a post: ``asked`` questions as they ask, answers to others if they came all the same.

    A hidden question's value is its own, whatever was posted. Without an email or a phone that can be
    called nobody could be recognised: that is an error of the field that was asked for.
    """
    reading, shown = Reading(), {question.code for question in asked}
    for question in everything:
        if question.code not in shown and not question.is_hidden and not raw.get(question.code):
            continue
        _read_one(reading, question, raw, language)
    if not reading.errors and not reading.says_who:
        reading.errors.append(_nobody(everything))
    return reading


def _read_one(reading: Reading, question: Question, raw: Mapping[str, object], language: str) -> None:
    given = question.value if question.is_hidden else raw.get(question.code)
    try:
        value = read_answer(question.target, question, given, language=language)
    except InvalidValue as error:
        reading.errors.append({"field": question.code, "code": error.code, "detail": str(error)})
        return
    if value is not None:
        reading.values[question.code] = value


def _nobody(questions: Iterable[Question]) -> Error:
    codes = {question.code for question in questions}
    place = EMAIL if EMAIL in codes else PHONE if PHONE in codes else ""
    detail = _("Give an email address or a phone number, so that we can answer you.")
    return {"field": place, "code": "identity_missing", "detail": detail}
