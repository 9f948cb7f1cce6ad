"""Frequency caps in a sliding window."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurturing.caps import DAY, WEEK, Cap, next_free

NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)
CAPS = (Cap(1, DAY), Cap(3, WEEK))
past = st.lists(st.integers(0, 20 * 24 * 60).map(lambda m: NOW - timedelta(minutes=m)), max_size=12)
caps = st.lists(
    st.builds(Cap, st.integers(1, 4), st.integers(1, 10).map(lambda d: timedelta(days=d))),
    min_size=1,
    max_size=3,
)


def keeps(at: datetime, sent: list[datetime], cap: Cap) -> bool:
    return sum(at - cap.window < instant <= at for instant in sent) < cap.most


@given(past, caps)
def test_f59_one_more_then_keeps_every_cap_and_not_earlier(sent: list[datetime], caps: list[Cap]) -> None:
    free = next_free(NOW, sent, caps)
    assert free >= NOW
    assert all(keeps(free, sent, cap) for cap in caps)
    if free > NOW:
        assert not all(keeps(free - timedelta(seconds=1), sent, cap) for cap in caps)


@given(st.integers(1, 20))
def test_sending_as_soon_as_free_never_exceeds_a_cap(count: int) -> None:
    sent: list[datetime] = []
    for _ in range(count):
        sent.append(next_free(NOW, sent, CAPS))
    for cap in CAPS:
        assert all(sum(at - cap.window < other <= at for other in sent) <= cap.most for at in sent)


def test_a_message_already_planned_for_later_counts() -> None:
    assert next_free(NOW, [NOW + timedelta(hours=2)], [Cap(1, DAY)]) == NOW + timedelta(hours=26)


def test_b59_a_cap_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Cap(0, DAY)
