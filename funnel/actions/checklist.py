"""Noting what is known about a lead: the answers to the checklist, each with its history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from accounts.models import User
from funnel.actions.grounds import checked_line
from funnel.actions.standing import held, manages_sales, require_worker
from funnel.checklist import State, answer_refusal
from funnel.choices import ItemKind
from funnel.models import AnswerVersion, ChecklistAnswer, ChecklistItem, NamedPerson, Offer, Standing
from funnel.refusals import Incomplete, NotYours, Refused
from funnel.stages import OFFERED, SAL, SQL
from leads.models import Lead

TEXT_LIMIT = 500


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known about the item of this code, and from where. ``person``: whom of the company it names."""

    item: str
    state: State = State.CONFIRMED
    value: str = ""
    evidence: str = ""
    person: Lead | None = None


@transaction.atomic
def confirm(
    *,
    lead: Lead,
    item: str,
    by: User,
    now: datetime,
    state: State = State.CONFIRMED,
    value: str = "",
    evidence: str = "",
    person: Lead | None = None,
) -> ChecklistAnswer:
    """Note what is known about one item of the checklist, for a lead that is offered or worked.

    Raises Refused (``not_with_sales``), NotYours, Incomplete.
    """
    return confirm_all(lead=lead, answers=[Answer(item, state, value, evidence, person)], by=by, now=now)[0]


@transaction.atomic
def confirm_all(*, lead: Lead, answers: Sequence[Answer], by: User, now: datetime) -> list[ChecklistAnswer]:
    """Note what is known about several items of the checklist, all or none. Raises as confirm does."""
    items = {item.code: item for item in ChecklistItem.objects.filter(is_active=True)}
    if not {answer.item for answer in answers} <= items.keys():
        raise Incomplete("item_unknown", field="item")
    checked = {one.item: _checked(one, items[one.item], lead) for one in answers}
    standing = _answered_by(lead, by)
    rows = ChecklistAnswer.objects.bulk_create(
        [_row(answer, items[answer.item], standing, by, now) for answer in checked.values()],
        update_conflicts=True,
        unique_fields=["lead", "cycle", "item"],
        update_fields=["state", "value", "evidence", "at", "by"],
    )
    _keep(rows)
    _name(rows, {items[code].pk: answer.person for code, answer in checked.items()})
    return rows


def _row(answer: Answer, item: ChecklistItem, standing: Standing, by: User, now: datetime) -> ChecklistAnswer:
    return ChecklistAnswer(
        lead_id=standing.lead_id,
        cycle=standing.cycle,
        item=item,
        state=answer.state,
        value=answer.value,
        evidence=answer.evidence,
        at=now,
        by=by,
    )


def _keep(rows: Sequence[ChecklistAnswer]) -> None:
    """Every answer that was ever given stays in its history."""
    AnswerVersion.objects.bulk_create(
        AnswerVersion(
            answer=row, state=row.state, value=row.value, evidence=row.evidence, at=row.at, by=row.by
        )
        for row in rows
    )


def _name(rows: Sequence[ChecklistAnswer], persons: Mapping[int, Lead | None]) -> None:
    """Whom the answers name now; who was named before is so no longer."""
    NamedPerson.objects.filter(answer__in=rows).delete()
    NamedPerson.objects.bulk_create(
        NamedPerson(answer=row, person=person) for row in rows if (person := persons[row.item_id])
    )


def _checked(answer: Answer, item: ChecklistItem, lead: Lead) -> Answer:
    """The answer in clean lines. Raises Incomplete when it contradicts itself or its item."""
    value, evidence = _line(answer.value, "value"), _line(answer.evidence, "evidence")
    if answer.person is not None:
        value = value or _role_of(answer.person)
    if code := answer_refusal(answer.state, value):
        raise Incomplete(code, field="value")
    if item.kind == ItemKind.CHOICE and value:
        value = _option(item, value)
    if answer.person is not None and not _is_colleague(answer.person, item, lead):
        raise Incomplete("person_elsewhere", field="person")
    return replace(answer, value=value, evidence=evidence)


def _line(text: str, name: str) -> str:
    return checked_line(text, name, limit=TEXT_LIMIT)


def _role_of(person: Lead) -> str:
    """What they are in the company, which may stay when they themselves are erased."""
    return str(person.get_company_role_display() or person.job_title or "–")


def _option(item: ChecklistItem, value: str) -> str:
    """The option as it is kept (in French), from either language."""
    if value in item.options_fr:
        return value
    if value in item.options_en:
        return str(item.options_fr[item.options_en.index(value)])
    raise Incomplete("option_unknown", field="value")


def _is_colleague(person: Lead, item: ChecklistItem, lead: Lead) -> bool:
    """Whether a person of the same company (or the lead themselves) may answer this item."""
    same = person.pk == lead.pk or (person.company_id is not None and person.company_id == lead.company_id)
    return item.kind == ItemKind.PERSON and same and person.merged_into_id is None


def _answered_by(lead: Lead, by: User) -> Standing:
    """The held standing of a lead that sales work, or that lies on this user's table for a decision.

    Raises NotYours, Refused.
    """
    standing = held(lead.pk)
    if standing.position == OFFERED:
        if not manages_sales(by) and not Offer.objects.open().filter(lead=lead, rep=by.pk).exists():
            raise NotYours
        return standing
    require_worker(standing, by)
    if standing.position not in (SAL, SQL):
        raise Refused("not_with_sales")
    return standing
