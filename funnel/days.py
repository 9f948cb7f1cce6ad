"""Whole calendar days in the site's time zone."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.conf import settings


def today(now: datetime) -> date:
    """The site's calendar day at that instant."""
    return now.astimezone(ZoneInfo(settings.TIME_ZONE)).date()


def start_of_day(day: date) -> datetime:
    """The first instant of a day."""
    return datetime.combine(day, time(), tzinfo=ZoneInfo(settings.TIME_ZONE))
