"""Counting how often forms are shown: no cookie, no address, only a number a day."""

from __future__ import annotations

from datetime import date

from django.db import connection

_COUNT = """
INSERT INTO capture_formviews (form_id, day, hosted, embedded) VALUES (%s, %s, %s, %s)
ON CONFLICT (form_id, day) DO UPDATE SET
    hosted = capture_formviews.hosted + excluded.hosted,
    embedded = capture_formviews.embedded + excluded.embedded
"""


def count_views(*, form_id: int, day: date, hosted: int = 0, embedded: int = 0) -> None:
    """Add showings of a form to those of the day; however many count at once, none is lost."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [form_id, day, hosted, embedded])
