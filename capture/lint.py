"""What is wrong with a form before the public sees it: one pure answer, each finding with its place.

Blocking findings keep a form from being published; the others are advice. The legal ones follow the
privacy bar 5.3 and 5.6: no consent without proof, none bundled with sending, information by article 13.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

MANY_REQUIRED = 6
IDENTITY = frozenset({"lead.email", "lead.phone"})
# Words by which people consent or accept, in French and English, without accents and case.
_CONSENTING = re.compile(
    r"\b(j'?\s?accepte|accepte[rz]?|accept|consen[st]\w*|i agree|agree to|autorise\w*|opt.?in|cgu|cgv|"
    r"(?:veux|souhaite|voudrais|aimerais) (?:bien )?recevoir|(?:want|wish|like) to receive|"
    r"m'abonne\w*|abonnez|subscribe me|sign me up)\b"
)
_ASKING = frozenset({"boolean", "choice", "multiple"})
_CHOOSING = frozenset({"choice", "multiple"})


@dataclass(frozen=True, slots=True)
class Question:
    """A question as the lint sees it. ``is_known`` is false when its custom field is out of use."""

    id: int
    target: str
    type: str
    label: str
    is_required: bool = False
    priority: int = 0
    value: str = ""
    option_count: int = 0
    is_known: bool = True


@dataclass(frozen=True, slots=True)
class Box:
    """A consent box."""

    id: int
    purpose: str
    channel: str
    language: str
    text: str
    is_newest: bool = True


@dataclass(frozen=True, slots=True)
class Form:
    """Everything about a form that can be wrong."""

    language: str
    questions: tuple[Question, ...] = ()
    boxes: tuple[Box, ...] = ()
    privacy_url: str = ""
    controller: str = ""
    redirect_url: str = ""
    origins: tuple[str, ...] = ()
    double_opt_in: str = "consumers"
    content_is_usable: bool = True
    channel: str = "content"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong. ``place`` is the part of the builder where it is mended."""

    code: str
    place: str
    is_blocking: bool
    about: str = ""
    question_id: int | None = None


def findings(form: Form) -> list[Finding]:
    """What is wrong with the form, the blocking findings first."""
    found = [*_identity(form), *_questions(form), *_boxes(form), *_settings(form)]
    return sorted(found, key=lambda finding: not finding.is_blocking)


def blocking(form: Form) -> list[Finding]:
    """What keeps the form from being published."""
    return [finding for finding in findings(form) if finding.is_blocking]


def _identity(form: Form) -> Iterator[Finding]:
    """Nobody can be recognised, answered or asked again without an address."""
    identifying = [question for question in form.questions if question.target in IDENTITY]
    if not identifying:
        yield Finding("no_identity", "questions", True)
    elif not any(question.is_required for question in identifying):
        yield Finding("identity_optional", "questions", False, question_id=identifying[0].id)
    if identifying and all(question.priority for question in identifying):
        yield Finding("identity_progressive", "questions", True, question_id=identifying[0].id)


def _questions(form: Form) -> Iterator[Finding]:
    for question in form.questions:
        yield from _question(question)
    required = sum(question.is_required and not question.priority for question in form.questions)
    if required > MANY_REQUIRED:
        yield Finding("many_required", "questions", False, about=str(required))


def _question(question: Question) -> Iterator[Finding]:
    if not question.is_known:
        yield Finding("target_gone", "questions", True, question.label, question.id)
    if question.type in _CHOOSING and not question.option_count:
        yield Finding("no_options", "questions", True, question.label, question.id)
    if question.type == "hidden" and not question.value:
        yield Finding("hidden_empty", "questions", True, question.label, question.id)
    if question.type in _ASKING and question.target.startswith("answer.") and asks_consent(question.label):
        code = "consent_bundled" if question.is_required else "consent_as_question"
        yield Finding(code, "questions", True, question.label, question.id)


def asks_consent(text: str) -> bool:
    """Whether a label asks for an agreement, which belongs into a consent box with a kept wording."""
    return bool(_CONSENTING.search(_plain(text)))


def _boxes(form: Form) -> Iterator[Finding]:
    asked = Counter((box.purpose, box.channel) for box in form.boxes)
    if any(count > 1 for count in asked.values()):
        yield Finding("consent_twice", "consents", True)
    for box in form.boxes:
        if box.language != form.language:
            yield Finding("consent_language", "consents", True, box.text)
        if not box.is_newest:
            yield Finding("consent_outdated", "consents", False, box.text)
        if mixes_purposes(box.text, box.purpose):
            yield Finding("consent_mixed", "consents", True, box.text)
    if form.boxes and form.double_opt_in == "nobody":
        yield Finding("no_double_opt_in", "settings", False)


def _settings(form: Form) -> Iterator[Finding]:
    if not form.privacy_url:
        yield Finding("no_privacy_page", "settings", True)
    elif not is_https(form.privacy_url):
        yield Finding("privacy_not_https", "settings", True)
    if not form.controller:
        yield Finding("no_controller", "settings", True)
    if form.redirect_url and not is_https(form.redirect_url):
        yield Finding("redirect_not_https", "settings", True)
    if not form.content_is_usable:
        yield Finding("content_unusable", "settings", True)
    if not form.origins:
        yield Finding("no_origin", "settings", False)
    if not form.channel:
        yield Finding("no_channel", "settings", False)


def is_https(url: str) -> bool:
    """Whether an address is one that a browser opens encrypted."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc


# What each purpose is recognised by, without accents.
_PURPOSE_WORDS: dict[str, re.Pattern[str]] = {
    "newsletter": re.compile(r"newsletter|lettre d'information|infolettre"),
    "nurturing": re.compile(r"conseils|etudes de cas|contenus|offres|case studies|advice|offers"),
    "sales": re.compile(r"telephon|appel(?:e|er|s)?\b|\bphone|\bcall"),
    "tracking": re.compile(r"mesur|ouvert|suivi de (?:ma|mes|votre)|cookies|track|opens|measur"),
}
_ANYTHING = re.compile("")
_WITHDRAWING = re.compile(
    r"desinscri|desabonn|retirer|revenir sur|a tout moment|refuser|unsubscribe|withdraw|opt.?out|"
    r"at any time|change (?:my|your) mind"
)


def mixes_purposes(text: str, purpose: str) -> bool:
    """Whether a wording asks for another purpose besides its own."""
    plain = _plain(text)
    return any(words.search(plain) for other, words in _PURPOSE_WORDS.items() if other != purpose)


def wording_findings(text: str, purpose: str) -> list[str]:
    """Codes of what a consent wording lacks: who asks, what for, how to take it back (CNIL, 5.3)."""
    plain = _plain(text)
    checks: Iterable[tuple[str, bool]] = (
        ("wording_no_controller", "{controller}" not in text),
        ("wording_no_purpose", not _PURPOSE_WORDS.get(purpose, _ANYTHING).search(plain)),
        ("wording_mixed", mixes_purposes(text, purpose)),
        ("wording_no_withdrawal", not _WITHDRAWING.search(plain)),
    )
    return [code for code, is_wrong in checks if is_wrong]


def _plain(text: str) -> str:
    """Lower case, without accents, with straight apostrophes."""
    folded = unicodedata.normalize("NFKD", text.casefold()).replace("\u2019", "'")
    return "".join(c for c in folded if not unicodedata.combining(c))
