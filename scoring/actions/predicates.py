"""Questions about event properties: answered at ingest from the moment a rule set that asks them is live."""

from __future__ import annotations

import json
from collections.abc import Sequence

from django.db import connection, transaction
from psycopg2 import sql
from psycopg2.extras import execute_values

from leads import signatures
from leads.models import NOT_COUNTED, PropertyPredicate
from scoring.engine import signatures as engine
from scoring.programs import predicate_bits

MOST_PREDICATES = 63  # one bit of a bigint each


class TooManyPredicates(Exception):
    """Rule sets, archived ones included, ask more than 63 different questions about properties."""


@transaction.atomic
def ask(predicates: Sequence[engine.PropertyPredicate]) -> int:
    """Have these answered from now on, and for every event of the past; how many were new.

    New questions hold back ingest until the commit, while the past is answered. Raises TooManyPredicates.
    """
    if not set(predicates) - predicate_bits().keys():
        return 0
    with connection.cursor() as cursor:
        # Batches that read the old questions are waited for, the next ones read the new.
        cursor.execute("LOCK TABLE leads_propertypredicate IN ACCESS EXCLUSIVE MODE")
        cursor.execute("SET LOCAL statement_timeout = 0")
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
    """Give each event the signature it would get today: two statements over all events.

    Only the properties that are asked about matter, and there are few distinct combinations of them.
    """
    questions = signatures.predicates()
    paths = sorted({question.path for question in questions})
    asked = sql.SQL("jsonb_build_array({})::text").format(
        sql.SQL(", ").join(sql.SQL("event.properties->{}").format(sql.Literal(path)) for path in paths)
    )
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(
                "SELECT DISTINCT event.signature_id, one.kind_id, one.content_id, one.channel, {} "
                "FROM leads_event AS event JOIN leads_signature AS one ON one.id = event.signature_id "
                "WHERE event.signature_id <> {}"
            ).format(asked, sql.Literal(NOT_COUNTED))
        )
        rows = cursor.fetchall()
        shapes = [
            signatures.shape_of(kind_id, content_id, channel, _properties(paths, values), questions)
            for _, kind_id, content_id, channel, values in rows
        ]
        numbers = signatures.intern(shapes)
        moved = [
            (row[0], row[4], numbers[shape])
            for row, shape in zip(rows, shapes, strict=True)
            if numbers[shape] != row[0]
        ]
        if not moved:
            return
        cursor.execute("CREATE TEMPORARY TABLE moved (old int, asked text, new int) ON COMMIT DROP")
        execute_values(cursor, "INSERT INTO moved VALUES %s", moved, page_size=1000)
        cursor.execute("ANALYZE moved")
        cursor.execute(
            sql.SQL(
                "UPDATE leads_event AS event SET signature_id = moved.new FROM moved "
                "WHERE event.signature_id = moved.old AND {} = moved.asked"
            ).format(asked)
        )
        cursor.execute("DROP TABLE moved")


def _properties(paths: Sequence[str], values: str) -> dict[str, object]:
    """The properties that are asked about; an absent one and a null are the same to every question."""
    return {path: value for path, value in zip(paths, json.loads(values), strict=True) if value is not None}
