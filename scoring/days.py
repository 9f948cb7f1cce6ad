"""Days as scoring counts them: in the time zone of the site."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from scoring.programs import site_zone


def end_of(day: date) -> datetime:
    """The last instant of a local day."""
    midnight = datetime.combine(day + timedelta(days=1), time(), tzinfo=site_zone())
    return midnight.astimezone(UTC) - timedelta(microseconds=1)


def past_instant(day: date | None, *, now: datetime) -> datetime | None:
    """The end of a day that is over; None for today, for a day to come, and for no day."""
    today = now.astimezone(site_zone()).date()
    return end_of(day) if day is not None and day < today else None
