"""The questions of a form: asked, reworded, put in order, taken away and put back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from accounts.models import User
from capture.actions.changes import ChangedMeanwhile, locked, note_change
from capture.marks import state_mark
from capture.models import Form, FormField
from capture.targets import ANSWER, Target

MOST_QUESTIONS = 50
# What an editor may change of a question; also what "changed meanwhile" compares.
EDITED = ("target", "type", "label", "help", "options", "value", "is_required", "priority")


class AlreadyAsked(Exception):
    """The form asks for this already."""


class TooManyQuestions(Exception):
    """A form with more questions than anybody would answer."""


@transaction.atomic
def add_question(*, form: Form, target: Target, by: User, now: datetime, **values: object) -> FormField:
    """Ask for ``target`` at the end of the form, in its usual way unless ``values`` say otherwise.

    A free answer whose code is taken gets the next free one. Raises AlreadyAsked, TooManyQuestions,
    CannotBePublic.
    """
    form = locked(form)
    asked = list(form.fields.values_list("target", flat=True))
    if len(asked) >= MOST_QUESTIONS:
        raise TooManyQuestions
    code = _free_code(target.code, asked) if target.code.startswith(ANSWER) else target.code
    if code in asked:
        raise AlreadyAsked
    defaults: dict[str, object] = {"type": target.type, "label": target.label[:160]}
    question = FormField.objects.create(form=form, target=code, position=len(asked), **(defaults | values))
    note_change(form, by=by, now=now)
    return question


def _free_code(code: str, asked: Sequence[str]) -> str:
    """``answer.question`` or, when that is taken, ``answer.question_2`` and so on."""
    taken, number, free = set(asked), 1, code
    while free in taken:
        number += 1
        free = f"{code}_{number}"
    return free


@transaction.atomic
def change_question(
    *, question: FormField, values: Mapping[str, object], seen: str, by: User, now: datetime
) -> FormField:
    """Change what ``values`` name, if the question is still as it was when ``seen`` (its state's mark).

    Raises ChangedMeanwhile, AlreadyAsked (another question has the code now) and CannotBePublic.
    """
    form = locked(question.form)
    present = form.fields.filter(pk=question.pk).first()
    if present is None or mark_of(present) != seen:
        raise ChangedMeanwhile
    if form.fields.exclude(pk=present.pk).filter(target=values.get("target", present.target)).exists():
        raise AlreadyAsked
    changed = [name for name, value in values.items() if getattr(present, name) != value]
    if not changed:
        return present
    for name in changed:
        setattr(present, name, values[name])
    present.save(update_fields=changed)
    note_change(form, by=by, now=now)
    return present


def mark_of(question: FormField) -> str:
    """A short mark of a question's present state."""
    return state_mark([getattr(question, name) for name in EDITED])


@transaction.atomic
def move_question(*, question: FormField, step: int, by: User, now: datetime) -> int:
    """Move a question ``step`` places down (or up, below zero); its place now, from 1."""
    form = locked(question.form)
    order = list(form.fields.values_list("pk", flat=True))
    place = order.index(question.pk)
    order.insert(max(0, min(len(order) - 1, place + step)), order.pop(place))
    if order[place] != question.pk:
        _renumber(form, order)
        note_change(form, by=by, now=now)
    return order.index(question.pk) + 1


@transaction.atomic
def order_questions(*, form: Form, order: Sequence[int], by: User, now: datetime) -> None:
    """Put the questions in ``order`` (their ids); those that somebody added meanwhile keep the end."""
    form = locked(form)
    present = list(form.fields.values_list("pk", flat=True))
    wanted = [pk for pk in dict.fromkeys(order) if pk in present]
    wanted += [pk for pk in present if pk not in wanted]
    if wanted != present:
        _renumber(form, wanted)
        note_change(form, by=by, now=now)


@transaction.atomic
def remove_question(*, question: FormField, by: User, now: datetime) -> dict[str, object]:
    """Take a question away; what is returned puts it back. Raises CannotBePublic."""
    form = locked(question.form)
    kept = {name: getattr(question, name) for name in (*EDITED, "position")}
    form.fields.filter(pk=question.pk).delete()
    _renumber(form, list(form.fields.values_list("pk", flat=True)))
    note_change(form, by=by, now=now)
    return kept


@transaction.atomic
def put_back_question(*, form: Form, kept: Mapping[str, object], by: User, now: datetime) -> FormField:
    """Ask again what was removed, at its old place. Raises AlreadyAsked when somebody asked it meanwhile."""
    form = locked(form)
    order = list(form.fields.values_list("pk", flat=True))
    if form.fields.filter(target=kept["target"]).exists():
        raise AlreadyAsked
    question = FormField.objects.create(form=form, **{name: kept[name] for name in EDITED})
    order.insert(int(str(kept["position"])), question.pk)
    _renumber(form, order)
    note_change(form, by=by, now=now)
    return question


def _renumber(form: Form, order: Sequence[int]) -> None:
    rows = [FormField(pk=pk, position=place) for place, pk in enumerate(order)]
    form.fields.bulk_update(rows, ["position"])
