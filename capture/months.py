"""Months as people write them. Pure."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache

from babel.dates import get_month_names

from leads.normalise import searchable

_NUMBERS = re.compile(
    r"(?:(?P<year>\d{4})[-/.](?P<month>\d{1,2})(?:[-/.]\d{1,2})?|(?:\d{1,2}[-/.])?(?P<month_first>\d{1,2})[-/.](?P<year_last>\d{4}))"
)
_WORDS = re.compile(r"(?P<name>[^\W\d]+)\.?\s+(?P<year>\d{4})")


def read_month(text: str) -> dt.date | None:
    """The first day of "2026-03", "03/2026", "mars 2026" or "March 2026"; None for anything else."""
    bare = text.strip()
    if found := _NUMBERS.fullmatch(bare):
        year = int(found["year"] or found["year_last"])
        return _first(year, int(found["month"] or found["month_first"]))
    if found := _WORDS.fullmatch(bare):
        return _first(int(found["year"]), _names().get(searchable(found["name"]), 0))
    return None


def _first(year: int, month: int) -> dt.date | None:
    return dt.date(year, month, 1) if 1990 <= year <= 2100 and 1 <= month <= 12 else None


@lru_cache(maxsize=1)
def _names() -> dict[str, int]:
    """The names of the months in both languages, whole and abbreviated, without accents."""
    return {
        searchable(name.rstrip(".")): number
        for language in ("fr", "en")
        for width in ("wide", "abbreviated")
        for number, name in get_month_names(width, locale=language).items()
    }
