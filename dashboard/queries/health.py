"""Counting score health: a night's work over everybody, kept in a table and shown with its date."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta

import numpy as np
from django.db import connection
from django.db.models import QuerySet

from funnel.past_offers import Judgement
from funnel.queries.past_offers import past_offers
from leads.models import Lead
from scoring.engine.reading import RuleError
from scoring.health import Counts, Month, RuleCount
from scoring.models import LeadScore, RuleSet, ScoreHealth
from scoring.past import Library, Moment, program_of, read_past, rules_in_past
from scoring.programs import site_zone
from scoring.queries import parsed

MONTHS = 12
SAMPLE = 8_192
MOST_OFFERS = 10_000
# Bands are read out of the history of scores, one look at each lead a month: past this many leads only the
# nights counted from now on are known.
REWOUND = 200_000

_BANDS_AT = """
SELECT band, count(*) FROM (
    SELECT DISTINCT ON (lead_id) grade || level AS band FROM scoring_scorechange
     WHERE at < %s ORDER BY lead_id, at DESC, id DESC
) AS past GROUP BY band
"""
_DECIDED = """
SELECT to_char(at AT TIME ZONE %s, 'YYYY-MM'), grade || level,
       count(*) FILTER (WHERE verb = 'accept'), count(*)
  FROM funnel_passage
 WHERE verb IN ('accept', 'return', 'disqualify') AND from_situation = 'offered' AND at >= %s
   AND grade <> '' AND NOT is_imported
 GROUP BY 1, 2
"""


def count_health(*, now: datetime) -> ScoreHealth | None:
    """Count and keep today's health; None while no rules are live."""
    rule_set = RuleSet.objects.filter(status=RuleSet.Status.LIVE).first()
    if rule_set is None:
        return None
    today = now.astimezone(site_zone()).date()
    health, _made = ScoreHealth.objects.update_or_create(
        day=today,
        defaults={
            "made_at": now,
            "rules_version": rule_set.version,
            "leads": LeadScore.objects.count(),
            "counts": _counts(rule_set, today, now).as_json(),
        },
    )
    return health


def newest_health() -> ScoreHealth | None:
    """The last night's count."""
    return ScoreHealth.objects.first()


def _counts(rule_set: RuleSet, today: date, now: datetime) -> Counts:
    offers = [one for one in past_offers()[-MOST_OFFERS:] if one.counts]
    refused = np.array([one.judgement is Judgement.REFUSED for one in offers], dtype=bool)
    sample = _sample()
    try:
        now_fires = _fires(rule_set, [Moment(lead, now) for lead in sample])
        then_fires = _fires(rule_set, [Moment(one.lead_id, one.at) for one in offers])
    except RuleError:  # a stored version that today's reader refuses: bands are counted all the same
        now_fires, then_fires = {}, {}
    rules = [
        RuleCount(
            group,
            code,
            fires=int(now_fires[group, code].sum()),
            offers=int(then_fires[group, code].sum()) if offers else 0,
            refused=int(then_fires[group, code][refused].sum()) if offers else 0,
        )
        for group, code in now_fires
    ]
    return Counts(len(sample), len(offers), int(refused.sum()), _months(today), rules)


def _sample() -> list[int]:
    """At most 8,192 leads, evenly over all ids."""
    leads: QuerySet[Lead] = Lead.objects.present().filter(score__isnull=False)
    every = max(1, LeadScore.objects.count() // SAMPLE)
    if every > 1:
        leads = leads.extra(where=["leads_lead.id %% %s = 0"], params=[every])  # nosec B610: of constants
    return list(leads.order_by("pk").values_list("pk", flat=True)[:SAMPLE])


def _fires(
    rule_set: RuleSet, moments: Sequence[Moment]
) -> dict[tuple[str, str], np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    """For which moments each rule counted, in the order given. Raises ``engine.reading.RuleError``."""
    library = Library()
    order = sorted(range(len(moments)), key=lambda place: (moments[place].at, moments[place].lead_id))
    found: dict[tuple[str, str], np.ndarray[tuple[int], np.dtype[np.bool_]]] = {}
    start = 0
    for past in list(read_past(moments, tuple(parsed(rule_set).fields()), library)):
        program = program_of(rule_set, library)
        for places, rules in rules_in_past(program, past):
            where = order[start + places.start : start + places.stop]
            for key, counted in rules.items():
                found.setdefault(key, np.zeros(len(moments), dtype=bool))[where] = counted
        start += len(past.moments)
    return found


def _months(today: date) -> list[Month]:
    """The last twelve months, the running one as of today."""
    starts = _month_starts(today)
    decided = _decided(starts[0])
    rewinds = LeadScore.objects.count() <= REWOUND
    ends = [*starts[1:], today + timedelta(days=1)]
    return [
        Month(f"{start:%Y-%m}", _bands(end, today, rewinds=rewinds), decided[f"{start:%Y-%m}"])
        for start, end in zip(starts, ends, strict=True)
    ]


def _month_starts(today: date) -> list[date]:
    first = today.replace(day=1)
    starts = [first]
    while len(starts) < MONTHS:
        starts.append((starts[-1] - timedelta(days=1)).replace(day=1))
    return starts[::-1]


def _bands(end: date, today: date, *, rewinds: bool) -> dict[str, int]:
    """Leads by band at the end of a day: as counted then, else out of the history of scores."""
    if end > today:
        with connection.cursor() as cursor:
            cursor.execute("SELECT grade || level, count(*) FROM scoring_leadscore GROUP BY 1")
            return dict(cursor.fetchall())
    kept = ScoreHealth.objects.filter(day__lt=end, day__gte=end - timedelta(days=7)).first()
    if kept is not None:
        return dict(kept.counts["months"][-1]["leads"])
    if not rewinds:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_BANDS_AT, [datetime.combine(end, datetime.min.time(), tzinfo=site_zone())])
        return dict(cursor.fetchall())


def _decided(since: date) -> defaultdict[str, dict[str, tuple[int, int]]]:
    found: defaultdict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    zone = site_zone()
    with connection.cursor() as cursor:
        cursor.execute(_DECIDED, [str(zone), datetime.combine(since, datetime.min.time(), tzinfo=zone)])
        for month, band, accepted, all_of_them in cursor.fetchall():
            found[month][band] = (accepted, all_of_them)
    return found
