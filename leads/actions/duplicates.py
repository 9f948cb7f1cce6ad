"""Finding leads that are likely one person, and remembering what people decided about each pair.

Not in the way of anything that comes in: a task looks at who was new or changed since, and once a night at
everybody whose keys are out of date.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from accounts.models import User
from leads.duplicates import Likeness, Person, compare, digest, keys
from leads.models import CandidateState, DuplicateCandidate, DuplicateSearch, Lead, LeadKeys, ProfileChange

# Leads a step: small enough to be over in a moment.
BATCH = 500
MOST_AT_ONCE = 5000
# A switchboard's number or a frequent name brings no more than this many to compare with.
MOST_PER_KEY = 40

# Pairs that share a sign, and colleagues whose names and addresses look alike.
_PAIRS = """
WITH mine AS (
    SELECT lead_id, unnest(keys) AS key FROM leads_leadkeys WHERE lead_id = ANY(%(leads)s)
), met AS (
    SELECT mine.lead_id AS one, other.lead_id AS other
    FROM mine CROSS JOIN LATERAL (
        SELECT lead_id FROM leads_leadkeys
        WHERE keys @> ARRAY[mine.key] AND lead_id <> mine.lead_id LIMIT %(most)s
    ) AS other
    UNION
    SELECT lead.id, colleague.id
    FROM leads_lead AS lead CROSS JOIN LATERAL (
        SELECT id FROM leads_lead AS one
        WHERE one.company_id = lead.company_id AND one.id <> lead.id
          AND similarity(one.search_text, lead.search_text) > 0.55
        ORDER BY similarity(one.search_text, lead.search_text) DESC LIMIT 10
    ) AS colleague
    WHERE lead.id = ANY(%(leads)s) AND lead.company_id IS NOT NULL AND lead.search_text <> ''
)
SELECT DISTINCT least(one, other), greatest(one, other) FROM met
"""
_KEEP = """
INSERT INTO leads_duplicatecandidate (public_id, low_id, high_id, score, reasons, state, found_at)
SELECT gen_random_uuid(), pair.low, pair.high, pair.score, string_to_array(pair.reasons, ','), 'open', %(now)s
FROM unnest(%(low)s::bigint[], %(high)s::bigint[], %(score)s::smallint[], %(reasons)s::text[])
    AS pair(low, high, score, reasons)
ON CONFLICT (low_id, high_id) DO UPDATE SET score = EXCLUDED.score, reasons = EXCLUDED.reasons
WHERE leads_duplicatecandidate.state = 'open'
  AND (leads_duplicatecandidate.score, leads_duplicatecandidate.reasons)
      IS DISTINCT FROM (EXCLUDED.score, EXCLUDED.reasons)
RETURNING id
"""
_STALE = """
SELECT lead.id FROM leads_lead AS lead LEFT JOIN leads_leadkeys AS known ON known.lead_id = lead.id
WHERE lead.id > %s AND lead.merged_into_id IS NULL AND lead.erased_at IS NULL AND known.lead_id IS NULL
ORDER BY lead.id LIMIT %s
"""


def people(lead_ids: Iterable[int]) -> dict[int, Person]:
    """What is compared of these leads, as far as they are present."""
    rows = Lead.objects.present().filter(pk__in=list(lead_ids))
    return {
        pk: Person(first, last, email or "", phone or "", str(company or ""), postcode)
        for pk, first, last, email, phone, company, postcode in rows.values_list(
            "pk", "first_name", "last_name", "email", "phone", "company_id", "postcode"
        )
    }


@transaction.atomic
def note_keys(lead_ids: Sequence[int]) -> int:
    """Bring the keys of these leads up to date; how many were out of date."""
    known = people(lead_ids)
    stored = dict(LeadKeys.objects.filter(lead__in=lead_ids).values_list("lead_id", "digest"))
    stale = {pk: one for pk, one in known.items() if stored.get(pk) != digest(one)}
    LeadKeys.objects.bulk_create(
        [LeadKeys(lead_id=pk, digest=digest(one), keys=keys(one)) for pk, one in sorted(stale.items())],
        update_conflicts=True,
        unique_fields=["lead"],
        update_fields=["digest", "keys"],
    )
    LeadKeys.objects.filter(lead__in=set(stored) - set(known)).delete()
    return len(stale)


def pairs_of(lead_ids: Sequence[int]) -> list[tuple[int, int]]:
    """Pairs worth comparing: one of these leads and another one, the smaller id first."""
    with connection.cursor() as cursor:
        cursor.execute(_PAIRS, {"leads": list(lead_ids), "most": MOST_PER_KEY})
        return list(cursor.fetchall())


@transaction.atomic
def look_for_duplicates(lead_ids: Sequence[int], *, now: datetime) -> int:
    """Compare these leads with those alike and remember the likely pairs; how many are new or changed.

    A pair that somebody decided about stays decided, for ever. One that is no longer likely is forgotten
    while it is open.
    """
    note_keys(lead_ids)
    pairs = pairs_of(lead_ids)
    known = people({pk for pair in pairs for pk in pair})
    likely = {
        (low, high): likeness
        for low, high in pairs
        if low in known and high in known and (likeness := compare(known[low], known[high])).is_likely
    }
    _forget_the_unlikely(lead_ids, likely)
    return _keep(likely, now=now)


def _keep(likely: dict[tuple[int, int], Likeness], *, now: datetime) -> int:
    ordered = sorted(likely.items())
    columns: dict[str, Any] = {
        "low": [pair[0] for pair, _ in ordered],
        "high": [pair[1] for pair, _ in ordered],
        "score": [likeness.score for _, likeness in ordered],
        "reasons": [",".join(likeness.signs) for _, likeness in ordered],
    }
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, columns | {"now": now})
        return len(cursor.fetchall())


def _forget_the_unlikely(lead_ids: Sequence[int], likely: dict[tuple[int, int], Likeness]) -> None:
    mine = Q(low__in=lead_ids) | Q(high__in=lead_ids)
    rows = DuplicateCandidate.objects.filter(mine, state=CandidateState.OPEN)
    gone = [pk for pk, low, high in rows.values_list("pk", "low_id", "high_id") if (low, high) not in likely]
    DuplicateCandidate.objects.filter(pk__in=gone).delete()


def look_at_the_new(*, now: datetime) -> int:
    """Look at who came or changed since the last time, at most 5,000 of each; how many leads there were.

    Goes by row numbers, which are not handed out in the order in which transactions end: a new lead that it
    misses is found at night.
    """
    progress, _created = DuplicateSearch.objects.get_or_create(pk=1)
    leads = Lead.objects.filter(pk__gt=progress.last_lead_id).order_by("pk")
    new = list(leads.values_list("pk", flat=True)[:MOST_AT_ONCE])
    changes = ProfileChange.objects.filter(pk__gt=progress.last_change_id, lead__isnull=False)
    changes = changes.exclude(field="stage")
    changed = list(changes.order_by("pk").values_list("pk", "lead")[:MOST_AT_ONCE])
    fresh = {*new, *(lead for _pk, lead in changed)}
    _look_at(sorted(fresh), now=now)
    DuplicateSearch.objects.filter(pk=1).update(
        last_lead_id=new[-1] if new else progress.last_lead_id,
        last_change_id=changed[-1][0] if changed else progress.last_change_id,
        searched_at=now,
    )
    return len(fresh)


def look_at_everybody(*, now: datetime) -> Iterator[int]:
    """Look at all present leads that have no keys yet, batch by batch; yields how many were looked at."""
    last = done = 0
    while batch := _without_keys(last):
        _look_at(batch, now=now)
        last, done = batch[-1], done + len(batch)
        yield done


def _without_keys(after: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_STALE, [after, BATCH])
        return [row[0] for row in cursor.fetchall()]


def _look_at(lead_ids: Sequence[int], *, now: datetime) -> None:
    for start in range(0, len(lead_ids), BATCH):
        look_for_duplicates(lead_ids[start : start + BATCH], now=now)


@transaction.atomic
def not_the_same(*, candidate: DuplicateCandidate, by: User, now: datetime) -> DuplicateCandidate:
    """Remember for ever that these two are not one person. Doing it twice is not an error."""
    DuplicateCandidate.objects.filter(pk=candidate.pk, state=CandidateState.OPEN).update(
        state=CandidateState.NOT_SAME, decided_at=now, decided_by=by
    )
    candidate.refresh_from_db()
    return candidate


@transaction.atomic
def ask_again(*, candidate: DuplicateCandidate) -> DuplicateCandidate:
    """Take "not the same" back."""
    DuplicateCandidate.objects.filter(pk=candidate.pk, state=CandidateState.NOT_SAME).update(
        state=CandidateState.OPEN, decided_at=None, decided_by=None
    )
    candidate.refresh_from_db()
    return candidate
