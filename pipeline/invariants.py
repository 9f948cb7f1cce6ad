"""What must always be true, read off the database. Run after fault tests, nightly in production.

The numbers are those of the bar (faults, invariants). Each check is one query that finds offenders; an
empty answer is a pass.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from funnel.models import Passage
from funnel.stages import Position, Situation, Stage, Verb, refusal
from leads.actions.merge_tables import refusals_of
from leads.lead_links import OnMerge, column_of, lead_links
from leads.models import Lead, Merge
from scoring.models import LeadScore
from scoring.queries import explain

SAMPLE = 200  # leads whose score is computed anew


@dataclass(frozen=True, slots=True)
class Breach:
    """One invariant that does not hold, with some of the offenders."""

    invariant: str
    what: str
    offenders: Sequence[object]


def _offenders(statement: str, *parameters: datetime) -> list[object]:
    """The first column of up to ten rows."""
    with connection.cursor() as cursor:
        # The statements are this module's own.
        cursor.execute(f"SELECT * FROM ({statement}) AS offending LIMIT 10", parameters)  # nosec B608
        return [row[0] for row in cursor.fetchall()]


def i3_every_event_is_remembered_once(_now: datetime) -> list[object]:
    """No (source, event id) twice."""
    return _offenders(
        "SELECT source_id || '/' || event_id FROM leads_event "
        "GROUP BY source_id, event_id HAVING count(*) > 1"
    )


def i4_scores_are_what_the_rules_say(now: datetime) -> list[object]:
    """For a sample of leads that nothing waits for: the stored score equals the explained one."""
    busy = _offenders("SELECT 1 FROM leads_wake")
    if busy:
        return []
    scores = LeadScore.objects.select_related("lead").order_by("-updated_at")[:SAMPLE]
    return [score.lead_id for score in scores if not _is_right(score, now)]


def _is_right(score: LeadScore, now: datetime) -> bool:
    """Whether the two readers still agree for this lead."""
    told = explain(score.lead, now=now)
    return (told.fit, told.engagement) == (score.fit, score.engagement)


def i5_each_message_left_once(_now: datetime) -> list[object]:
    """No two sent messages with one Message-ID or one send key (the database says so too)."""
    return _offenders(
        "SELECT message_id FROM nurturing_message WHERE state = 'sent' "
        "GROUP BY message_id HAVING count(*) > 1"
    )


def i6_no_lease_is_forgotten(now: datetime) -> list[object]:
    """No message claimed or sending long past its lease."""
    return _offenders(
        "SELECT id FROM nurturing_message WHERE state IN ('claimed', 'sending') AND lease_until < %s",
        now - timedelta(seconds=60),
    )


def i8_history_leads_to_where_the_lead_stands(_now: datetime) -> list[object]:
    """Passages follow each other without a gap, each is in the table, and the last one is the standing."""
    gaps = _offenders(
        """
        SELECT lead_id FROM (
            SELECT lead_id, from_stage, from_situation,
                   lag(to_stage) OVER w AS before, lag(to_situation) OVER w AS before_situation
            FROM funnel_passage WINDOW w AS (PARTITION BY lead_id, merged_from ORDER BY id)
        ) AS step
        WHERE (before IS NULL) <> (from_stage = '')
           OR before IS NOT NULL
              AND (before, before_situation) IS DISTINCT FROM (from_stage, from_situation)
        """
    )
    adrift = _offenders(
        """
        SELECT standing.lead_id FROM funnel_standing AS standing
        LEFT JOIN LATERAL (
            SELECT to_stage, to_situation FROM funnel_passage
            WHERE lead_id = standing.lead_id AND merged_from IS NULL ORDER BY id DESC LIMIT 1
        ) AS last ON true
        WHERE (last.to_stage, last.to_situation) IS DISTINCT FROM (standing.stage, standing.situation)
        """
    )
    return gaps + adrift + _illegal_passages()


def _illegal_passages() -> list[object]:
    """Kinds of passage that happened and that the transition table does not know."""
    kinds = Passage.objects.filter(is_imported=False).values_list(
        "verb", "from_stage", "from_situation", "to_stage", "to_situation"
    )
    return [
        f"{verb}: {from_stage} → {to_stage}"
        for verb, from_stage, from_situation, to_stage, to_situation in kinds.distinct()
        if refusal(
            Verb(verb),
            Position(Stage(from_stage), Situation(from_situation)) if from_stage else None,
            Position(Stage(to_stage), Situation(to_situation)),
        )
    ]


def i9_an_offer_is_open_exactly_while_offered(_now: datetime) -> list[object]:
    """An MQL is *offered* if and only if one open offer says so."""
    return _offenders(
        """
        SELECT coalesce(standing.lead_id, offer.lead_id)
        FROM (SELECT * FROM funnel_standing WHERE situation = 'offered') AS standing
        FULL JOIN (SELECT * FROM funnel_offer WHERE status = 'open') AS offer USING (lead_id)
        WHERE standing.lead_id IS NULL OR offer.lead_id IS NULL
        """
    )


def i9_nobody_has_more_than_their_places(_now: datetime) -> list[object]:
    """Per rep: SAL + SQL + open offers within the cap on places, unless history was imported."""
    return _offenders(
        """
        SELECT rep.user_id FROM funnel_rep AS rep
        WHERE rep.places < (
            SELECT count(*) FROM funnel_standing AS standing
            WHERE standing.rep_id = rep.user_id AND standing.stage IN ('sal', 'sql')
        ) + (
            SELECT count(*) FROM funnel_offer AS offer
            WHERE offer.rep_id = rep.user_id AND offer.status = 'open'
        )
        """
    )


def i12_nothing_waits_forgotten(now: datetime) -> list[object]:
    """No wake older than a minute, nothing due long ago."""
    return _offenders(
        "SELECT lead_id FROM leads_wake WHERE created_at < clock_timestamp() - interval '60 seconds'"
    ) + _offenders("SELECT lead_id FROM leads_due WHERE due_at < %s", now - timedelta(minutes=5))


def i12_every_import_adds_up(_now: datetime) -> list[object]:
    """Each row of an import stands in one count; of a finished one, each row that the check had counted."""
    return _offenders(
        """
        SELECT account.public_id FROM (
            SELECT batch.public_id, batch.state, (batch.report ->> 'rows')::int AS checked,
                   (SELECT coalesce(sum(value::int), 0) FROM jsonb_each_text(batch.result -> 'counts'))
                       AS counted,
                   (SELECT count(*) FROM capture_importrow WHERE batch_id = batch.id) AS kept
            FROM capture_import AS batch
            WHERE batch.state IN ('running', 'waking', 'done', 'reverting', 'reverted')
        ) AS account
        WHERE counted <> kept OR state IN ('waking', 'done') AND counted <> checked
        """
    )


def i13_nothing_hangs_off_a_merged_lead(_now: datetime) -> list[object]:
    """No table names a lead that was merged away, but for what is on the agenda and about to follow."""
    return [
        f"{model._meta.label}: {offender}"
        for model, link in lead_links()
        if link.key and link.merge in _FOLLOWING
        for offender in _offenders(_hanging(model._meta.db_table, column_of(model, link.key)))
    ]


_FOLLOWING = (OnMerge.MOVE, OnMerge.KEEP_FIRST, OnMerge.COMBINE)


def _hanging(table: str, key: str) -> str:
    """Merged leads that rows of a table still name. A pair keeps naming the two it was about once merged."""
    return f"""
        SELECT lead.id FROM leads_lead AS lead
        WHERE lead.merged_into_id IS NOT NULL AND EXISTS (
            SELECT FROM {table} AS one WHERE one.{key} = lead.id
            AND coalesce(to_jsonb(one) ->> 'state', '') <> 'merged'
        ) AND NOT EXISTS (SELECT FROM leads_wake AS wake WHERE wake.lead_id = lead.id)
    """  # nosec B608: of names of tables


def i13_merges_lead_to_somebody(_now: datetime) -> list[object]:
    """No chain and no circle of merges: who was merged away points to a lead that is its own."""
    return list(Lead.objects.filter(merged_into__merged_into__isnull=False).values_list("pk", flat=True)[:10])


def i13_a_survivor_keeps_every_refusal(now: datetime) -> list[object]:
    """What any of the merged addresses refused, the survivor's address refuses too (newest merges)."""
    merges = Merge.objects.filter(undone_at=None, kept__erased_at=None).select_related("kept", "away")
    pairs = [(one.kept, one.away) for one in merges.order_by("-pk")[:SAMPLE]]
    refused = refusals_of([lead for pair in pairs for lead in pair], at=now)
    return [kept.pk for kept, away in pairs if not refused[away.pk] <= refused[kept.pk]]


def i18_no_event_comes_from_the_future(_now: datetime) -> list[object]:
    """Nothing occurred more than five minutes after it was received, without being flagged."""
    return _offenders(
        "SELECT id FROM leads_event "
        "WHERE occurred_at > received_at + interval '5 minutes' AND NOT was_clamped"
    )


def i18_every_event_lies_in_a_month(_now: datetime) -> list[object]:
    """The default partition is empty."""
    return _offenders("SELECT id FROM leads_event_default")


def every_lead_stands_somewhere(now: datetime) -> list[object]:
    """Each present lead that is old enough to have been looked at has a standing and a score."""
    waiting = Lead.objects.present().filter(created_at__lt=now - timedelta(minutes=1), standing=None)
    return list(waiting.values_list("pk", flat=True)[:10])


def leads_know_where_they_stand(_now: datetime) -> list[object]:
    """What a lead tells rules of its stage equals its standing."""
    return _offenders(
        "SELECT lead.id FROM leads_lead AS lead "
        "JOIN funnel_standing AS standing ON standing.lead_id = lead.id "
        "WHERE lead.stage <> standing.stage AND lead.erased_at IS NULL"
    )


def tallies_are_true(_now: datetime) -> list[object]:
    """The running counts of the stages equal the count of the rows."""
    return _offenders(
        """
        SELECT stage || '/' || situation FROM (
            SELECT stage, situation, sum(delta) AS told FROM funnel_stagetally GROUP BY stage, situation
        ) AS tally
        FULL JOIN (
            SELECT stage, situation, count(*) AS counted FROM funnel_standing GROUP BY stage, situation
        ) AS rows USING (stage, situation)
        WHERE coalesce(told, 0) <> coalesce(counted, 0)
        """
    )


CHECKS: dict[str, Callable[[datetime], list[object]]] = {
    "I3 events once": i3_every_event_is_remembered_once,
    "I4 scores": i4_scores_are_what_the_rules_say,
    "I5 messages once": i5_each_message_left_once,
    "I6 leases": i6_no_lease_is_forgotten,
    "I8 history": i8_history_leads_to_where_the_lead_stands,
    "I9 offers": i9_an_offer_is_open_exactly_while_offered,
    "I9 places": i9_nobody_has_more_than_their_places,
    "I12 agenda": i12_nothing_waits_forgotten,
    "I12 imports": i12_every_import_adds_up,
    "I13 keys": i13_nothing_hangs_off_a_merged_lead,
    "I13 merges": i13_merges_lead_to_somebody,
    "I13 refusals": i13_a_survivor_keeps_every_refusal,
    "I18 times": i18_no_event_comes_from_the_future,
    "I18 partitions": i18_every_event_lies_in_a_month,
    "everybody stands somewhere": every_lead_stands_somewhere,
    "stages": leads_know_where_they_stand,
    "tallies": tallies_are_true,
}


def breaches(*, now: datetime) -> list[Breach]:
    """Every invariant that does not hold, all read from one snapshot."""
    is_outermost = not connection.in_atomic_block
    with transaction.atomic():
        if is_outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        return _run_checks(now)


def _run_checks(now: datetime) -> list[Breach]:
    found = [(name, check, check(now)) for name, check in CHECKS.items()]
    return [
        Breach(name, (check.__doc__ or "").strip(), offenders)
        for name, check, offenders in found
        if offenders
    ]
