"""Monthly partitions of the events."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from leads.actions.events import record_event
from leads.models import Event, Lead
from leads.partitions import count_strays, make_partitions, month_after


@given(st.dates(max_value=date(9000, 1, 1)), st.integers(0, 36))
def test_months_follow_each_other(day: date, months: int) -> None:
    later = month_after(day.replace(day=1), months)
    assert later.day == 1
    assert (later.year - day.year) * 12 + later.month - day.month == months


def test_partitions_reach_three_months_ahead_and_are_made_once(db: None) -> None:
    made = make_partitions(date(2031, 11, 30))
    names = ["leads_event_y2031m11", "leads_event_y2031m12", "leads_event_y2032m01", "leads_event_y2032m02"]
    assert made == names
    assert make_partitions(date(2031, 11, 30)) == []


def test_f35_an_event_of_long_ago_lies_in_the_history(make_lead: Callable[..., Lead], now: datetime) -> None:
    lead = make_lead()
    long_ago = datetime(2017, 6, 14, tzinfo=UTC)
    record_event(lead_id=lead.pk, kind="page_viewed", occurred_at=long_ago, now=now)
    with connection.cursor() as cursor:
        cursor.execute("SELECT occurred_at FROM leads_event_history WHERE lead_id = %s", [lead.pk])
        assert [row[0] for row in cursor.fetchall()] == [long_ago]
    assert count_strays() == 0


def test_an_event_beside_every_partition_is_kept_and_counted(make_lead: Callable[..., Lead]) -> None:
    far = datetime(2090, 1, 1, tzinfo=UTC)
    record_event(lead_id=make_lead().pk, kind="page_viewed", occurred_at=far, now=far)
    assert count_strays() == 1


@pytest.mark.parametrize(
    "change",
    [
        "occurred_at = now()",
        "properties = '{\"a\": 1}'",
        "kind_id = 2",
        "event_id = 'other'",
        "received_at = now()",
    ],
)
def test_events_are_append_only(make_lead: Callable[..., Lead], now: datetime, change: str) -> None:
    record_event(lead_id=make_lead().pk, kind="page_viewed", occurred_at=now, now=now)
    with (
        pytest.raises(IntegrityError, match="only lead, verdict and voiding"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE leads_event SET {change}")


def test_events_are_not_deleted_either(make_lead: Callable[..., Lead], now: datetime) -> None:
    record_event(lead_id=make_lead().pk, kind="page_viewed", occurred_at=now, now=now)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Event.objects.all().delete()


def test_an_event_may_be_voided(make_lead: Callable[..., Lead], now: datetime) -> None:
    record_event(lead_id=make_lead().pk, kind="page_viewed", occurred_at=now, now=now)
    assert Event.objects.update(voided_at=now, void_reason="test", signature_id=0) == 1
