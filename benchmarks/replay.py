"""Replay a draft on past decisions: 10,000 offers, each scored by two versions as of its own moment.

What was known at each offer is read set-wise and scored by the kernel, a day at a time. Nothing is written.
``seconds`` is the whole job, ``cpu_seconds`` this process and PostgreSQL's backend; a hundred answers are
compared with an explanation of that moment.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from benchmarks._base import Span, build
from benchmarks._rules import RULES, thirty_rules
from benchmarks.harness import own_database, peak_mb, report, say, size

REACH = {"seconds": "< 60", "differing": "== 0"}
COMPARED = 100
# Spread over the year and over all leads; four of ten are accepted, a tenth of these won.
OFFERS = """
INSERT INTO funnel_offer (lead_id, rep_id, cycle, status, offered_at, deadline, decided_at, decided_by_id,
    reason_id, note, why)
SELECT 1 + n * 104729 %% %(leads)s, %(rep)s, n, (ARRAY['accepted','disqualified'])[1 + (n %% 10 >= 4)::int],
    at, at + interval '2 days', at + interval '1 day', %(rep)s,
    CASE WHEN n %% 10 >= 4 THEN (SELECT id FROM funnel_reason WHERE code = 'out_of_target') END, '', '{}'
FROM (
    SELECT n, %(now)s::timestamptz - n * (interval '350 days' / %(offers)s) AS at
    FROM generate_series(1::bigint, %(offers)s) AS n
) AS made;
INSERT INTO funnel_passage (lead_id, verb, from_stage, from_situation, to_stage, to_situation, at, cycle,
    cause, actor_name, note, details, outcome, is_imported, grade)
SELECT lead_id, 'win', 'sal', '', 'customer', '', decided_at, cycle, '', '', '', '{}', 'won', false, ''
FROM funnel_offer WHERE status = 'accepted' AND cycle %% 10 = 0;
ANALYZE funnel_offer
"""


def main() -> None:
    """Build, measure, report."""
    leads, events, offers = size("LEADS", 100_000), size("EVENTS", 2_000_000), size("OFFERS", 10_000)
    now = datetime.now(UTC).replace(hour=11, minute=0, second=0, microsecond=0)
    with own_database("replay"):
        build(leads, events, now)
        _decide(leads, offers, now)
        figures = measure(now)
    report("replay", figures | {"leads": leads, "events": events, "offers": offers}, REACH)


def _decide(leads: int, offers: int, now: datetime) -> None:
    """Past offers with what sales decided."""
    from django.db import connection

    from accounts.models import User
    from funnel.models import Rep

    user = User.objects.create_user("rep@bench.example", role="rep")
    Rep.objects.create(user=user)
    with connection.cursor() as cursor:
        cursor.execute(OFFERS, {"leads": leads, "offers": min(offers, 32_000), "now": now, "rep": user.pk})


def measure(now: datetime) -> dict[str, float | int]:
    """The whole job, as a worker does it."""
    from dashboard.replaying import replayed
    from scoring.actions import make_draft

    draft = make_draft(document=thirty_rules(20), by=None, now=now)

    def job() -> int:
        found = replayed(draft, lambda done, total: say(f"  {done:,} of {total:,}"))
        say(f"{found['held_back']['total']:,} would be held back")
        return int(found["offers"])

    whole = Span("replay under two versions", job)
    say(f"{whole.result:,} offers count")
    return {
        "seconds": round(whole.seconds, 2),
        "cpu_seconds": round(whole.cpu, 2),
        "differing": differing(draft),
        "peak_mb": round(peak_mb(), 1),
        "rules": RULES,
    }


def differing(draft: Any) -> int:
    """Of a hundred moments, how many an explanation of that moment scores otherwise: it should be none."""
    from dashboard.replaying import read_history
    from leads.models import Lead
    from scoring.engine import explain as engine
    from scoring.past import program_of, score_past
    from scoring.profiles import lead_facts
    from scoring.programs import predicate_bits, site_zone
    from scoring.queries import parsed

    tree = parsed(draft)
    history = read_history(tree.fields(), lambda _done, _total: None)
    past = history.pasts[0]
    program = program_of(draft, history.library)
    found = {
        past.moments[places.start + place]: scores.outcome(place)
        for places, scores in score_past(program, past)
        for place in range(places.stop - places.start)
    }
    wrong = 0
    for moment, outcome in list(found.items())[:: max(1, len(found) // COMPARED)]:
        facts, signatures = lead_facts(Lead.objects.get(pk=moment.lead_id), tree.fields(), at=moment.at)
        day = moment.at.astimezone(site_zone()).date()
        frame = engine.Frame(signatures, site_zone(), day, predicate_bits())
        wrong += engine.explain(tree, facts, frame).outcome != outcome
    return wrong


if __name__ == "__main__":
    main()
