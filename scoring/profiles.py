"""One lead's facts as the plain reader wants them, now or as they were known at a past instant."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime

from django.db.models import Q

from leads import signatures
from leads.models import Company, Event, Lead, ListMembership, ProfileChange, Verdict
from leads.predicates import Predicate
from scoring.engine.explain import LeadFacts, Occurrence
from scoring.engine.fields import CUSTOM, FieldType, Value, field_type
from scoring.engine.signatures import SignatureFacts

Attributes = dict[str, object]  # names of the models' fields, the company's with "company." before


def lead_facts(
    lead: Lead,
    names: Sequence[str],
    *,
    at: datetime | None = None,
    questions: Sequence[Predicate] | None = None,
) -> tuple[LeadFacts, dict[int, SignatureFacts]]:
    """What scoring may know of a lead: the ``names`` of its profile and its counted events.

    ``at``: as known then (received by then, not yet voided, profile changes undone); None is now. The
    signatures are made from the events themselves, so that an explanation also checks what was interned.
    ``questions``: the property predicates, where the caller has read them already.
    """
    asked = signatures.predicates() if questions is None else questions
    occurrences, facts = _occurrences(lead, at, asked)
    attributes = _attributes(lead, at)
    return LeadFacts({name: _value(name, attributes) for name in names}, occurrences), facts


def _occurrences(
    lead: Lead, at: datetime | None, questions: Sequence[Predicate]
) -> tuple[tuple[Occurrence, ...], dict[int, SignatureFacts]]:
    events = Event.objects.filter(lead=lead).exclude(verdict=Verdict.MACHINE)
    if at is None:
        events = events.filter(voided_at=None)
    else:
        events = events.filter(Q(voided_at=None) | Q(voided_at__gt=at), received_at__lte=at)
    numbers: dict[signatures.Shape, int] = {}
    facts: dict[int, SignatureFacts] = {}
    found = []
    for event in events.select_related("kind", "content"):
        shape = signatures.shape_of(
            event.kind_id, event.content_id, event.channel, event.properties, questions
        )
        number = numbers.setdefault(shape, len(numbers) + 1)
        facts[number] = _signature(number, event, shape[3])
        found.append(Occurrence(event.pk, event.occurred_at, number))
    return tuple(found), facts


def _signature(number: int, event: Event, mask: int) -> SignatureFacts:
    kind, content = event.kind, event.content
    return SignatureFacts(
        id=number,
        kind=kind.code,
        content=content.code if content else "",
        content_type=content.type if content else "",
        band=(content.band if content else "") or kind.band,
        topics=frozenset(content.topics if content else ()),
        channel=event.channel,
        mask=mask,
        is_intent=kind.is_intent,
        is_activity=kind.is_activity,
    )


def _attributes(lead: Lead, at: datetime | None) -> Attributes:
    values = _columns(lead)
    company = lead.company
    if at is not None:
        values |= _before(at, ProfileChange.objects.filter(lead=lead))
        if "company" in (changed := _before(at, ProfileChange.objects.filter(lead=lead, field="company"))):
            company = Company.objects.filter(name=changed["company"]).first()
    values["company"] = company
    values["lists"] = _lists(lead, at)
    values["is_reachable"] = bool(values["email"] or values["phone"])
    if company is not None:
        known = _columns(company) | (_before(at, company.profile_changes.all()) if at else {})
        values |= {f"company.{name}": value for name, value in known.items()}
    return values


def _columns(row: Lead | Company) -> Attributes:
    return {field.name: getattr(row, field.attname) for field in row._meta.concrete_fields}


def _before(at: datetime, changes: Iterable[ProfileChange]) -> Attributes:
    """The values that later changes replaced: each field's first change after ``at`` tells what was."""
    before: Attributes = {}
    for change in sorted(changes, key=lambda one: (one.at, one.pk)):
        if change.at > at:
            before.setdefault(change.field, change.old)
    return before


def _lists(lead: Lead, at: datetime | None) -> tuple[str, ...]:
    members = ListMembership.objects.filter(lead=lead)
    if at is None:
        members = members.filter(left_at=None)
    else:
        members = members.filter(Q(left_at=None) | Q(left_at__gt=at), joined_at__lte=at)
    return tuple(members.order_by("list__code").values_list("list__code", flat=True))


def _value(name: str, attributes: Mapping[str, object]) -> Value:
    if name.startswith(CUSTOM):
        custom = attributes["custom"]
        return _plain(custom.get(name.removeprefix(CUSTOM)) if isinstance(custom, dict) else None)
    value = attributes.get(name)
    read = _READERS.get(field_type(name) or FieldType.TEXT, _plain)
    return read(value)


def _plain(value: object) -> Value:
    if isinstance(value, list | tuple):
        return tuple(value)
    return value.isoformat() if isinstance(value, date) else value  # type: ignore[return-value]  # JSON scalars


_READERS: Mapping[FieldType, Callable[[object], Value]] = {
    FieldType.PRESENCE: lambda value: True if value else None,
}
