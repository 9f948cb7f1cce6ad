"""Questions about event properties: answered at ingest from the moment a rule set that asks them is live."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from django.db import connection, transaction
from psycopg2.extras import execute_values

from leads import signatures
from leads.models import NOT_COUNTED, Event, PropertyPredicate
from scoring.engine import signatures as engine
from scoring.programs import predicate_bits

MOST_PREDICATES = 63  # one bit of a bigint each
_CHUNK = 5_000


class TooManyPredicates(Exception):
    """Rule sets, archived ones included, ask more than 63 different questions about properties."""


@transaction.atomic
def ask(predicates: Sequence[engine.PropertyPredicate]) -> int:
    """Have these answered from now on, and for every event of the past; how many were new.

    New questions hold back ingest until the commit, while the past is answered: about 20 seconds a million
    events. Raises TooManyPredicates.
    """
    if not set(predicates) - predicate_bits().keys():
        return 0
    with connection.cursor() as cursor:
        # Batches that read the old questions are waited for, the next ones read the new.
        cursor.execute("LOCK TABLE leads_propertypredicate IN ACCESS EXCLUSIVE MODE")
    bits = predicate_bits()
    new = [one for one in dict.fromkeys(predicates) if one not in bits]
    first = max(bits.values(), default=-1) + 1
    if first + len(new) > MOST_PREDICATES:
        raise TooManyPredicates(len(bits) + len(new))
    PropertyPredicate.objects.bulk_create(
        PropertyPredicate(bit=bit, path=one.path, operator=one.operator, value=one.value)
        for bit, one in enumerate(new, start=first)
    )
    _answer_for_the_past()
    return len(new)


def _answer_for_the_past() -> None:
    questions = signatures.predicates()
    rows = (
        Event.objects.exclude(signature_id=NOT_COUNTED)
        .values_list("occurred_at", "id", "signature_id", "kind_id", "content_id", "channel", "properties")
        .iterator(chunk_size=_CHUNK)
    )
    while chunk := list(islice(rows, _CHUNK)):
        shapes = [signatures.shape_of(*row[3:6], row[6], questions) for row in chunk]
        numbers = signatures.intern(shapes)
        _update(
            [
                (*row[:2], numbers[shape])
                for row, shape in zip(chunk, shapes, strict=True)
                if numbers[shape] != row[2]
            ]
        )


def _update(changed: Sequence[tuple[object, ...]]) -> None:
    if changed:
        with connection.cursor() as cursor:
            execute_values(
                cursor,
                "UPDATE leads_event AS event SET signature_id = new.signature_id "
                "FROM (VALUES %s) AS new(occurred_at, id, signature_id) "
                "WHERE event.occurred_at = new.occurred_at AND event.id = new.id",
                changed,
                page_size=len(changed),
            )
