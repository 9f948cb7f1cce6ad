"""The monthly partitions of the events table."""

from __future__ import annotations

from datetime import date

from django.db import connection

MONTHS_AHEAD = 3


def month_after(month: date, months: int = 1) -> date:
    """The first day of the month ``months`` later."""
    number = month.year * 12 + month.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def make_partitions(today: date) -> list[str]:
    """Make the partitions of this month and the next three where they are missing; their names.

    Months are UTC months. Everything before the installation lies in ``leads_event_history``; the default
    partition exists to lose nothing, stays empty and raises an alarm when it does not.
    """
    made = []
    for ahead in range(MONTHS_AHEAD + 1):
        month = month_after(today.replace(day=1), ahead)
        name = f"leads_event_y{month:%Ym%m}"
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass(%s)", [name])
            if cursor.fetchone()[0] is None:
                cursor.execute(
                    f"CREATE TABLE {name} PARTITION OF leads_event FOR VALUES FROM (%s) TO (%s)",
                    [f"{month} 00:00+00", f"{month_after(month)} 00:00+00"],
                )
                made.append(name)
    return made


def count_strays() -> int:
    """Events in the default partition; anything but 0 means that the scheduler failed to make partitions."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM leads_event_default")
        return int(cursor.fetchone()[0])
