"""How many leads would have come through the gates week by week, under any rules: for a sample of leads.

Events as they are known now, profiles as they are today: what a week's flow would look like, not what was
known then (``past.py`` does that, for single moments).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

import numpy as np

from leads.models import Lead
from scoring import sql
from scoring.engine import kernel
from scoring.engine.events import MINUTE_BITS, Packed
from scoring.engine.profiles import Bools, Ints, Profiles
from scoring.engine.program import Program
from scoring.facts import Selection, read_events, read_profiles, some_leads
from scoring.programs import site_zone

_MINUTE = np.uint64((1 << MINUTE_BITS) - 1)


@dataclass(frozen=True, slots=True)
class Week:
    """The leads of the sample that came through each gate in the seven days that end with ``until``."""

    until: date
    mql: int
    ready: int


def weeks_of(program: Program, lead_ids: Sequence[int], *, today: date, weeks: int) -> list[Week]:
    """The last ``weeks`` weeks, the oldest first. At most 16,384 leads at once; more are cut off.

    A gate counts as passed in a week when it is open at the end of it and was not a week before; who came
    that week was outside before.
    """
    before: tuple[Bools, Bools] | None = None
    found = []
    for end, there, scores in scores_by_week(program, lead_ids, today=today, weeks=weeks):
        now = scores.mql_gate & there, scores.ready_gate & there
        if before is not None:
            mql, ready = (int((after & ~former).sum()) for after, former in zip(now, before, strict=True))
            found.append(Week(end, mql, ready))
        before = now
    return found


def scores_by_week(
    program: Program, lead_ids: Sequence[int], *, today: date, weeks: int
) -> Iterator[tuple[date, Bools, kernel.Scores]]:
    """The scores at the end of each of ``weeks`` weeks and of the day before the first, the oldest first.

    With each the leads, by place, that were there by then. At most 16,384 leads; more are cut off.
    """
    leads = some_leads(lead_ids[: sql.BLOCK_SIZE])
    ends = [today - timedelta(days=7 * back) for back in range(weeks, -1, -1)]
    _, profiles = read_profiles(program.layout, leads, today)
    known = _Known(leads.ids, profiles, _events(program, leads, ends[0], today), _first_days(leads.ids))
    for end in ends:
        yield end, known.since <= end.toordinal(), _scores(program, known, end)


def _events(program: Program, leads: Selection, first: date, today: date) -> Packed:
    """All that may count on one of the days."""
    since, _ = sql.span(program.horizon, first, program.zone)
    _, until = sql.span(program.horizon, today, program.zone)
    return read_events(leads, (since, until))


class _Known(NamedTuple):
    """What is read once for all weeks: ids, profiles, events, and the days of the first contacts."""

    ids: Ints
    profiles: Profiles
    events: Packed
    since: Ints


def _scores(program: Program, known: _Known, end: date) -> kernel.Scores:
    """Everybody's scores at the end of a day."""
    midnight = datetime.combine(end + timedelta(days=1), datetime.min.time(), tzinfo=program.zone)
    minute = int(midnight.timestamp()) // 60
    events = known.events[(known.events & _MINUTE) < np.uint64(minute)]
    return kernel.read(program, kernel.Block(len(known.ids), known.profiles, events), end)


def _first_days(ids: Ints) -> Ints:
    """The day of each lead's first contact as an ordinal; never for one that is not there."""
    days = np.full(len(ids), date.max.toordinal())
    rows = Lead.objects.present().filter(pk__in=ids.tolist()).values_list("pk", "created_at")
    for lead_id, created_at in rows:
        days[np.searchsorted(ids, lead_id)] = created_at.astimezone(site_zone()).date().toordinal()
    return days
