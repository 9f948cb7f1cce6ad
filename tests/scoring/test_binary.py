"""PostgreSQL's binary COPY format, there and back."""

from __future__ import annotations

import numpy as np
import pytest
from django.db import connection

from scoring import binary
from scoring.engine.events import MINUTE_BITS, PLACE_BITS, pack
from scoring.engine.parse import parse
from scoring.engine.program import MOST_SIGNATURES, Program, TooManySignatures
from scoring.engine.signatures import SignatureFacts
from scoring.programs import site_zone
from tests.scoring.conftest import counting, document

pytestmark = pytest.mark.django_db


def test_the_values_of_one_row_come_back_as_they_were_sent():
    with connection.cursor() as cursor:
        row = binary.read_row(
            cursor, "SELECT int8send(5), NULL::bytea, ''::bytea, 'é'::text, repeat('x', 100000)"
        )
    assert [bytes(value) for value in row] == [(5).to_bytes(8, "big"), b"", b"", "é".encode(), b"x" * 100_000]


def test_rows_come_back_as_they_were_sent():
    columns = {"a": ">i8", "b": ">i2", "c": "S3"}
    values = {"a": np.array([-5, 2**62]), "b": np.array([-1, 7]), "c": np.array([b"abc", b"xyz"])}
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE sent (a bigint, b smallint, c text) ON COMMIT DROP")
        binary.copy_in(cursor, "sent", columns, values, 2)
        found = binary.copy_out(cursor, "SELECT a, b, c FROM sent ORDER BY a", columns)
    assert [tuple(row)[2::2] for row in found.tolist()] == [(-5, -1, b"abc"), (2**62, 7, b"xyz")]


def test_the_database_packs_events_as_python_does():
    last = (1 << PLACE_BITS) - 1, MOST_SIGNATURES - 1, (1 << MINUTE_BITS) - 1
    packed = pack(*(np.array([value, 0, 1]) for value in last))
    assert packed.tolist() == [2**64 - 1 - (1 << MINUTE_BITS), 0, (1 << 50) + (1 << 26) + 1]


def test_more_signatures_than_an_event_can_name_are_refused():
    beyond = SignatureFacts(id=MOST_SIGNATURES, kind="page_viewed")
    with pytest.raises(TooManySignatures):
        Program(parse(document(counting("page_viewed", 1))), [beyond], zone=site_zone())
