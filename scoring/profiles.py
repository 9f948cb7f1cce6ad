"""One lead's facts as the plain reader wants them, now or as they were known at a past instant."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from django.db.models import Aggregate, BinaryField, F, Func, JSONField, OuterRef, Q, Subquery, TextField
from django.db.models import Value as Constant
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, JSONObject

from leads import signatures
from leads.choices import ConsentState
from leads.models import (
    Company,
    ConsentEvent,
    Content,
    EventKind,
    Lead,
    ListMembership,
    ProfileChange,
)
from leads.predicates import Predicate, property_mask
from scoring.engine.explain import Adjustment, LeadFacts, Occurrence
from scoring.engine.fields import CONSENT, CUSTOM, PURPOSES, FieldType, Value, field_type
from scoring.engine.signatures import SignatureFacts
from scoring.models import ScoreAdjustment
from scoring.past_events import counted_now, counted_then

Attributes = dict[str, object]  # names of the models' fields, the company's with "company." before


def lead_facts(
    lead: Lead,
    names: Sequence[str],
    *,
    at: datetime | None = None,
    questions: Sequence[Predicate] | None = None,
    is_adjusted: bool = True,
) -> tuple[LeadFacts, dict[int, SignatureFacts]]:
    """What scoring may know of a lead: the ``names`` of its profile, its counted events, its adjustments.

    ``at``: as known then (received by then, not yet voided, profile changes undone); None is now. The
    signatures are made from the events themselves, so that an explanation also checks what was interned.
    ``questions``: the property predicates, where the caller has read them already; without ``is_adjusted``
    it knows that nobody ever added points by hand.
    """
    asked = signatures.predicates() if questions is None else questions
    occurrences, facts = _occurrences(lead, at, asked)
    attributes = _attributes(lead, at)
    if "lists" in names:
        attributes["lists"] = _lists(lead, at)
    if any(name.startswith(CONSENT) for name in names):
        attributes |= _consents(lead, at)
    profile = {name: value_of(name, attributes) for name in names}
    adjustments = _adjustments(lead, at) if is_adjusted else ()
    return LeadFacts(profile, occurrences, adjustments), facts


class _Packed(Aggregate):
    """The ids and the microseconds of many events as one value: far fewer values to take apart than rows."""

    template = (
        "string_agg(int8send(%(expressions)s) || "
        "int8send((date_part('epoch', occurred_at) * 1000000)::bigint), '')"
    )
    output_field = BinaryField()


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _row_of(model: type[EventKind | Content], key: str, *names: str) -> Subquery:
    """What a sort of events has of a row of this table, once for each sort and in the same query."""
    row = model._default_manager.filter(pk=OuterRef(key)).order_by()
    return Subquery(row.values(json=JSONObject(**{name: name for name in names})), output_field=JSONField())


_KIND = _row_of(EventKind, "kind_id", "code", "band", "is_intent", "is_activity")
_CONTENT = _row_of(Content, "content_id", "code", "type", "band", "phase", "topics")


def _occurrences(
    lead: Lead, at: datetime | None, questions: Sequence[Predicate]
) -> tuple[tuple[Occurrence, ...], dict[int, SignatureFacts]]:
    """The events, and what rules may ask of each sort of them; read in one row for each sort."""
    events = counted_now(lead) if at is None else counted_then(lead, at)
    paths = sorted({question.path for question in questions})
    sorts = events.order_by().values("kind_id", "content_id", "channel", asked=_asked(paths))
    packed_sorts = sorts.annotate(packed=_Packed("id"), kind=_KIND, content=_CONTENT).values_list(
        "kind", "content", "channel", "asked", "packed"
    )
    rows = list(enumerate(packed_sorts, start=1))
    found = tuple(
        Occurrence(event_id, _EPOCH + timedelta(microseconds=microseconds), number)
        for number, (*_like, packed) in rows
        for event_id, microseconds in np.frombuffer(packed, ">i8").reshape(-1, 2).tolist()
    )
    facts = {
        number: _signature(number, kind, content or {}, channel, _mask(asked, paths, questions))
        for number, (kind, content, channel, asked, _packed) in rows
    }
    return found, facts


def _asked(paths: Sequence[str]) -> Combinable:
    """The properties that rules ask about, as text: events that agree in them need no second look."""
    if not paths:
        return Constant("")
    values = [Func(F("properties"), Constant(path), function="jsonb_extract_path") for path in paths]
    return Cast(Func(*values, function="jsonb_build_array"), TextField())


def _mask(asked: str, paths: Sequence[str], questions: Sequence[Predicate]) -> int:
    """Which questions about properties hold; an absent one and a null are the same to each of them."""
    return property_mask(dict(zip(paths, json.loads(asked), strict=True)), questions) if paths else 0


def _signature(
    number: int, kind: Mapping[str, Any], content: Mapping[str, Any], channel: str, mask: int
) -> SignatureFacts:
    return SignatureFacts(
        id=number,
        kind=kind["code"],
        content=content.get("code", ""),
        content_type=content.get("type", ""),
        band=content.get("band", "") or kind["band"],
        phase=content.get("phase", ""),
        topics=frozenset(content.get("topics", ())),
        channel=channel,
        mask=mask,
        is_intent=kind["is_intent"],
        is_activity=kind["is_activity"],
    )


def _attributes(lead: Lead, at: datetime | None) -> Attributes:
    values = _columns(lead)
    company = lead.company
    if at is not None:
        values |= _before(at, ProfileChange.objects.filter(lead=lead))
        if "company" in (changed := _before(at, ProfileChange.objects.filter(lead=lead, field="company"))):
            company = Company.objects.filter(name=changed["company"]).first()
    values["company"] = company
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


def _consents(lead: Lead, at: datetime | None) -> Attributes:
    """The last word on each purpose, whatever the channel: given, withdrawn or unknown."""
    lines = ConsentEvent.objects.filter(lead=lead)
    if at is not None:
        lines = lines.filter(at__lte=at)
    last = lines.order_by("purpose", "-at", "-id").distinct("purpose").values_list("purpose", "state")
    said = {
        f"{CONSENT}{purpose}": "given" if state == ConsentState.GRANTED else "withdrawn"
        for purpose, state in last
    }
    unknown: Attributes = {f"{CONSENT}{purpose}": "unknown" for purpose in PURPOSES}
    return unknown | said


def _adjustments(lead: Lead, at: datetime | None) -> tuple[Adjustment, ...]:
    """What was added by hand and not taken back (by then)."""
    made = ScoreAdjustment.objects.filter(lead=lead).select_related("by")
    if at is None:
        made = made.filter(withdrawn_at=None)
    else:
        made = made.filter(Q(withdrawn_at=None) | Q(withdrawn_at__gt=at), at__lte=at)
    return tuple(
        Adjustment(
            id=one.pk,
            measure=one.measure,
            points=one.points * 1000,
            reason=one.reason,
            author=one.by.full_name if one.by else "",
            expires_on=one.expires_on,
        )
        for one in made
    )


def value_of(name: str, attributes: Mapping[str, object]) -> Value:
    """A field as rules see it, out of the models' values; what identifies somebody only as known or not."""
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
