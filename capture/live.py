"""Forms as visitors of sites need them, kept by the process for some seconds: they are posted often.

What a marketer changes is seen by all processes within those seconds, by the own one at once.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from capture.choices import FormState
from capture.consents import controller_of, words_with
from capture.models import Form
from capture.questions import Question, all_questions

REMEMBERED_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Box:
    """One consent box with the exact words shown; ``text_version`` is what the ledger keeps of them."""

    id: int
    words: str
    text_version: str
    purpose: str
    channel: str


@dataclass(frozen=True, slots=True)
class LiveForm:
    """A form with its questions and boxes, read at once."""

    form: Form
    questions: list[Question]
    boxes: list[Box]
    controller: str

    @property
    def version_name(self) -> str:
        """What the consent ledger keeps of the form: "guide-v3"."""
        return f"{self.form.slug}-v{self.form.version}"

    def asked(self, ids: frozenset[int]) -> list[Question]:
        """The questions of a showing by their ids; all of them when it names none."""
        return [each for each in self.questions if each.id in ids] if ids else self.questions


_kept: dict[str, tuple[float, LiveForm]] = {}


def find_form(slug: str) -> LiveForm | None:
    """The form at this address, whatever its state; None when there is none."""
    until, kept = _kept.get(slug, (0.0, None))
    if kept is not None and time.monotonic() < until:
        return kept
    form = Form.objects.select_related("content", "campaign", "joins").filter(slug=slug).first()
    return _read_and_keep(form) if form else None


def live_form(form: Form) -> LiveForm:
    """The same of a row at hand; what is kept serves while the row is no newer."""
    until, kept = _kept.get(form.slug, (0.0, None))
    if kept is not None and time.monotonic() < until and kept.form.updated_at == form.updated_at:
        return kept
    return _read_and_keep(form)


def _read_and_keep(form: Form) -> LiveForm:
    found = read_form(form)
    if form.state == FormState.LIVE:
        _kept[form.slug] = (time.monotonic() + REMEMBERED_SECONDS, found)
    return found


def read_form(form: Form) -> LiveForm:
    """Read a form with its questions and boxes, past what is kept."""
    controller = controller_of(form)
    boxes = [
        Box(
            each.wording_id,
            words_with(each.wording, controller),
            each.wording.text_version,
            each.wording.purpose,
            each.wording.channel,
        )
        for each in form.consents.select_related("wording").order_by("position", "id")
    ]
    return LiveForm(form, all_questions(form), boxes, controller)


def forget(**_: Any) -> None:
    """Read every form anew (receiver of saves and deletions of what forms are made of; tests)."""
    _kept.clear()
