"""Interning: each distinct (kind, content, channel, property answers) gets one small number.

Scoring asks its questions once for each signature instead of once for each event.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.db import connection, transaction

from leads.incoming import NewEvent
from leads.models.event import NOT_COUNTED, PropertyPredicate, Signature, Verdict
from leads.predicates import Predicate, property_mask

Shape = tuple[int, int | None, str, int]  # kind id, content id, channel, property mask

_MACHINE = int(Verdict.MACHINE)

_known: dict[Shape, int] = {}
_questions: list[list[Predicate]] = []  # as last read: one entry, or none yet


def predicates() -> list[Predicate]:
    """The questions that published rule sets ask, as the database has them now.

    Reading them inside the transaction that stores events keeps the table from being locked meanwhile: who
    adds questions takes it in ACCESS EXCLUSIVE mode, so no event slips through with the old answers.
    """
    rows = PropertyPredicate.objects.order_by("bit").values_list("bit", "path", "operator", "value")
    _questions[:] = [[Predicate(*row) for row in rows]]
    return _questions[0]


def remembered_predicates() -> list[Predicate]:
    """The questions as this process last read them. Bits are only ever added and never reused, so their
    number tells whether they are still the present ones: the statement that stores an event checks it."""
    return _questions[0] if _questions else predicates()


def present_predicates(number: int) -> list[Predicate]:
    """The questions, given their present ``number``; read again only when that has changed."""
    questions = remembered_predicates()
    return questions if len(questions) == number else predicates()


def shape_of(
    kind_id: int,
    content_id: int | None,
    channel: str,
    properties: Mapping[str, object],
    questions: Sequence[Predicate],
) -> Shape:
    """What scoring may ask of such an event."""
    return (
        kind_id,
        content_id,
        channel,
        property_mask(properties, questions) if questions else 0,
    )


def numbers_of(events: Sequence[NewEvent], questions: Sequence[Predicate]) -> list[int]:
    """The signature of each event; a machine's is never counted."""
    shapes = [
        shape_of(event.kind_id, event.content_id, event.channel, event.properties, questions)
        for event in events
    ]
    numbers = intern(shapes)
    return [
        NOT_COUNTED if event.verdict == _MACHINE else numbers[shape]
        for event, shape in zip(events, shapes, strict=True)
    ]


def known_number(shape: Shape) -> int:
    """The signature of a shape as far as this process knows it, else 0."""
    return _known.get(shape, 0)


def intern(shapes: Iterable[Shape]) -> dict[Shape, int]:
    """The number of each shape, made where it is new. Call inside a transaction.

    What a transaction made is remembered by this process only once it is committed.
    """
    wanted = set(shapes)
    found = {shape: _known[shape] for shape in wanted if shape in _known}
    missing = wanted - found.keys()
    if missing:
        made = _look_up_or_make(missing)
        transaction.on_commit(lambda: _known.update(made))
        found |= made
    return found


def _look_up_or_make(shapes: set[Shape]) -> dict[Shape, int]:
    """Insert what is not there yet (a concurrent insert is waited for), then read all of them."""
    ordered = sorted(shapes, key=repr)
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO leads_signature (kind_id, content_id, channel, property_mask) "
            "VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
            ordered,
        )
    kinds = {shape[0] for shape in shapes}
    rows = Signature.objects.filter(kind_id__in=kinds).values_list(
        "kind_id", "content_id", "channel", "property_mask", "id"
    )
    return {row[:4]: row[4] for row in rows if row[:4] in shapes}


def forget() -> None:
    """Empty this process's memory (after the tables were emptied under it, as tests do)."""
    _known.clear()
    _questions.clear()
