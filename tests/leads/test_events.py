"""Recording events: each once for ever, never edited, in the order and at the time they are believed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, connections, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from leads import signatures
from leads.actions.events import new_event, record_event, record_events
from leads.incoming import NewEvent, Outcome, clamp, event_key
from leads.models import (
    NOT_COUNTED,
    Event,
    EventConflict,
    EventKey,
    Lead,
    PropertyPredicate,
    Signature,
    Source,
    Verdict,
    Wake,
)

STORED, DUPLICATE, CONFLICT = Outcome.STORED, Outcome.DUPLICATE, Outcome.CONFLICT


def event(event_id: str | None = None, **fields: Any) -> NewEvent:
    """An event, by default of nobody."""
    values: dict[str, Any] = {
        "kind_id": 1,
        "occurred_at": datetime(2026, 3, 12, 10, tzinfo=UTC),
        "source_id": 100,
        "event_id": event_id or str(uuid4()),
        "properties": {},
    }
    return new_event(**(values | fields))


def together(number: int, work: Callable[[int], object]) -> list[object]:
    """Run ``work`` in that many threads, let loose at one instant; what each returned or raised."""
    barrier, results = threading.Barrier(number), [None] * number

    def run(turn: int) -> None:
        barrier.wait()
        try:
            results[turn] = work(turn)  # type: ignore[call-overload]
        except Exception as error:  # noqa: BLE001
            results[turn] = error  # type: ignore[call-overload]
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(turn,)) for turn in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return list(results)


@pytest.mark.django_db
@pytest.mark.parametrize("size", [1, 2])
def test_an_event_is_stored_with_all_it_says(
    make_lead: Callable[..., Lead], now: datetime, size: int
) -> None:
    lead, visitor = make_lead(), uuid4()
    odd = {
        "text": 'tab\t, "quotes", back\\slash,\nline é \U0001f600',
        "n": 1.5,
        "none": None,
        "list": [1, {"a": True}],
    }
    told = [
        event(lead_id=lead.pk, visitor_id=visitor, channel="social", properties=odd, event_id=f"id\\{n}\t'")
        for n in range(size)
    ]
    assert record_events(told, now=now) == [STORED] * size
    for n, row in enumerate(Event.objects.order_by("id")):
        assert (row.lead_id, row.visitor_id, row.channel, row.properties) == (lead.pk, visitor, "social", odd)
        assert (row.event_id, row.kind_id, row.source_id, row.received_at) == (f"id\\{n}\t'", 1, 100, now)
        assert row.occurred_at == datetime(2026, 3, 12, 10, tzinfo=UTC)
    assert set(Wake.objects.values_list("lead_id", flat=True)) == {lead.pk}


@pytest.mark.django_db
def test_the_same_event_again_changes_nothing(now: datetime) -> None:
    one, two = event("a", properties={"x": 1, "y": 2}), event("a", properties={"y": 2, "x": 1})
    assert record_events([one], now=now) == [STORED]
    assert record_events([two], now=now + timedelta(hours=1)) == [DUPLICATE]
    assert record_events([two, event("b"), one], now=now) == [DUPLICATE, STORED, DUPLICATE]
    assert Event.objects.count() == EventKey.objects.count() == 2


@pytest.mark.django_db
def test_another_source_may_use_the_same_id(now: datetime) -> None:
    assert record_events([event("a"), event("a", source_id=101)], now=now) == [STORED, STORED]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "others",
    [
        {"properties": {"x": 2}},
        {"kind_id": 2},
        {"channel": "social"},
        {"occurred_at": datetime(2026, 3, 12, 11, tzinfo=UTC)},
    ],
)
def test_f31_a_reused_id_is_put_aside(now: datetime, others: dict[str, Any]) -> None:
    assert record_events([event("a")], now=now) == [STORED]
    assert record_events([event("a", **others)], now=now) == [CONFLICT]
    assert record_events([event("a", **others), event("b")], now=now) == [CONFLICT, STORED]
    assert EventConflict.objects.count() == 2
    assert Event.objects.get(event_id="a").properties == {}


@pytest.mark.django_db
def test_f31_within_one_batch_the_first_wins(now: datetime) -> None:
    batch = [
        event("a", properties={"n": 1}),
        event("a", properties={"n": 2}),
        event("a", properties={"n": 1}),
    ]
    assert record_events(batch, now=now) == [STORED, CONFLICT, DUPLICATE]
    assert Event.objects.get().properties == {"n": 1}


def reference(batches: Sequence[Sequence[tuple[str, int]]]) -> list[list[Outcome]]:
    """What should become of each (id, content): one dictionary, one event after the other."""
    known: dict[str, int] = {}
    return [
        [
            STORED
            if known.setdefault(name, content) is content and fresh
            else DUPLICATE
            if known[name] == content
            else CONFLICT
            for name, content, fresh in _fresh(batch, known)
        ]
        for batch in batches
    ]


def _fresh(batch: Sequence[tuple[str, int]], known: dict[str, int]) -> Iterator[tuple[str, int, bool]]:
    for name, content in batch:
        yield name, content, name not in known


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 1)), min_size=1, max_size=5), max_size=4
    )
)
@pytest.mark.django_db
def test_batches_and_single_events_agree_with_the_plain_account(batches: list[list[tuple[str, int]]]) -> None:
    now = datetime(2026, 3, 12, 11, tzinfo=UTC)
    source = 20_000 + uuid4().int % 10_000
    told = [
        [event(name, source_id=source, properties={"n": content}) for name, content in batch]
        for batch in batches
    ]
    with rolled_back():
        assert [record_events(batch, now=now) for batch in told] == reference(batches)


@contextmanager
def rolled_back() -> Iterator[None]:
    """A savepoint that leaves nothing behind, neither in the database nor in the process."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    signatures.forget()


def test_f48_the_future_is_clamped_the_past_is_believed(now: datetime) -> None:
    assert clamp(now + timedelta(days=365), now) == (now, True)
    assert clamp(now + timedelta(minutes=5), now) == (now + timedelta(minutes=5), False)
    assert clamp(now - timedelta(days=365), now) == (now - timedelta(days=365), False)


@pytest.mark.django_db
@pytest.mark.parametrize("size", [1, 3])
def test_f48_a_clamped_event_is_flagged_and_still_deduplicated(now: datetime, size: int) -> None:
    ahead = [event(f"e{n}", occurred_at=now + timedelta(days=365)) for n in range(size)]
    assert record_events(ahead, now=now) == [STORED] * size
    assert record_events(ahead, now=now + timedelta(days=1)) == [DUPLICATE] * size
    assert set(Event.objects.values_list("occurred_at", "was_clamped")) == {(now, True)}


@pytest.mark.django_db
def test_f35_an_event_400_days_old_is_stored(make_lead: Callable[..., Lead], now: datetime) -> None:
    old = now - timedelta(days=400)
    record_event(
        lead_id=make_lead().pk, kind="content_downloaded", occurred_at=old, now=now, source=Source.IMPORT
    )
    assert Event.objects.get().occurred_at == old


@pytest.mark.django_db
def test_a_machines_event_never_counts(make_lead: Callable[..., Lead], now: datetime) -> None:
    lead = make_lead()
    for batch in (
        [event(lead_id=lead.pk, verdict=Verdict.MACHINE)],
        [event(lead_id=lead.pk, verdict=Verdict.MACHINE), event()],
    ):
        record_events(batch, now=now)
    assert set(Event.objects.filter(lead=lead).values_list("signature_id", flat=True)) == {NOT_COUNTED}


@pytest.mark.django_db
@pytest.mark.parametrize("size", [1, 2])
def test_a_question_published_elsewhere_is_answered_at_once(
    make_lead: Callable[..., Lead], now: datetime, size: int
) -> None:
    lead = make_lead()
    told = {"seconds": 90}
    record_events([event(lead_id=lead.pk, properties=told)] * 1, now=now)
    PropertyPredicate.objects.create(bit=0, path="seconds", operator="at_least", value=60)
    record_events([event(f"later{n}", lead_id=lead.pk, properties=told) for n in range(size)], now=now)
    numbers = Event.objects.filter(event_id__startswith="later").values_list("signature_id", flat=True)
    assert set(Signature.objects.filter(pk__in=set(numbers)).values_list("property_mask", flat=True)) == {1}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        "properties = '{\"x\": 1}'",
        "kind_id = 2",
        "occurred_at = occurred_at - interval '1 hour'",
        "event_id = 'b'",
        "source_id = 5",
        "received_at = now()",
        "visitor_id = gen_random_uuid()",
        "channel = 'social'",
    ],
)
def test_events_are_append_only(now: datetime, change: str) -> None:
    record_events([event("a")], now=now)
    with (
        pytest.raises(IntegrityError, match="only lead, verdict and voiding"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE leads_event SET {change}")


@pytest.mark.django_db
def test_events_cannot_be_deleted_by_accident(now: datetime) -> None:
    record_events([event("a")], now=now)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Event.objects.all().delete()


@pytest.mark.django_db
def test_the_three_things_that_may_change(make_lead: Callable[..., Lead], now: datetime) -> None:
    record_events([event("a")], now=now)
    lead = make_lead()
    Event.objects.update(lead=lead, verdict=Verdict.HUMAN, voided_at=now, void_reason="test", signature_id=0)
    assert Event.objects.get().lead_id == lead.pk


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("size", [1, 5])
def test_f29_twenty_threads_with_the_same_events(
    make_lead: Callable[..., Lead], now: datetime, size: int
) -> None:
    lead = make_lead()
    told = [event(f"e{n}", lead_id=lead.pk) for n in range(size)]
    outcomes = together(20, lambda turn: record_events(told if turn % 2 else told[::-1], now=now))
    assert sorted(map(str, outcomes)) == sorted([str([STORED] * size), *[str([DUPLICATE] * size)] * 19])
    assert Event.objects.count() == EventKey.objects.count() == size


@pytest.mark.django_db(transaction=True)
def test_f29_threads_with_overlapping_batches_lose_and_double_nothing(now: datetime) -> None:
    names = [f"e{n}" for n in range(30)]
    batches = [[event(name) for name in names[turn : turn + 12]] for turn in range(12)]
    outcomes = together(12, lambda turn: record_events(batches[turn], now=now))
    assert all(isinstance(outcome, list) for outcome in outcomes), outcomes
    stored = sum(outcome.count(STORED) for outcome in outcomes if isinstance(outcome, list))
    assert stored == Event.objects.count() == len({e.event_id for batch in batches for e in batch})


@pytest.mark.django_db(transaction=True)
def test_what_fails_after_recording_leaves_nothing(now: datetime) -> None:
    for batch in ([event("a")], [event("a"), event("b")]):
        with suppress(RuntimeError), transaction.atomic():
            record_events(batch, now=now)
            raise RuntimeError
    assert record_events([event("a")], now=now) == [STORED]


@given(st.integers(0, 32_000), st.text(min_size=1, max_size=120))
def test_keys_are_uuids_and_tell_sources_apart(source: int, name: str) -> None:
    key = event_key(source, name)
    assert UUID(bytes=key).bytes == key
    assert event_key(source + 1, name) != key
