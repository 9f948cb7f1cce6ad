"""What became of those whom sales were offered, and of imported history: a likelihood learns from it."""

from __future__ import annotations

from django.db import connection

from scoring.likelihood.labels import Outcome

MOST = 50_000

# The first offer of each cycle; what was reached in that cycle; the last reason given in it after the offer.
_OFFERED = """
SELECT first.lead_id, first.at, reached.at, coalesce(said.teaches, ''), first.is_judged, FALSE
  FROM (
    SELECT offer.lead_id, offer.cycle, min(offer.offered_at) AS at,
           bool_or(offer.status IN ('accepted', 'returned', 'disqualified')) AS is_judged
      FROM funnel_offer AS offer
      JOIN leads_lead AS lead ON lead.id = offer.lead_id
       AND lead.merged_into_id IS NULL AND lead.erased_at IS NULL
     GROUP BY offer.lead_id, offer.cycle ORDER BY at DESC LIMIT %(most)s
  ) AS first
  LEFT JOIN LATERAL (
    SELECT min(at) AS at FROM funnel_passage AS passage
     WHERE passage.lead_id = first.lead_id AND passage.cycle = first.cycle AND passage.at >= first.at
       AND passage.to_stage IN ('sql', 'customer') AND NOT passage.is_imported AND passage.verb <> 'undo'
       AND NOT EXISTS (SELECT FROM funnel_passage AS undoing WHERE undoing.undoes_id = passage.id)
  ) AS reached ON TRUE
  LEFT JOIN LATERAL (
    SELECT reason.teaches FROM funnel_passage AS passage
      JOIN funnel_reason AS reason ON reason.id = passage.reason_id
     WHERE passage.lead_id = first.lead_id AND passage.cycle = first.cycle AND passage.at >= first.at
       AND passage.verb IN ('return', 'disqualify', 'lose', 'refer')
       AND NOT EXISTS (SELECT FROM funnel_passage AS undoing WHERE undoing.undoes_id = passage.id)
     ORDER BY passage.at DESC, passage.id DESC LIMIT 1
  ) AS said ON TRUE
"""
# Of imported history the first contact is known, and how far it got; not when it was offered.
_IMPORTED = """
SELECT passage.lead_id, min(passage.at),
       min(passage.at) FILTER (WHERE passage.to_stage IN ('sql', 'customer')),
       coalesce((array_agg(reason.teaches ORDER BY passage.id DESC)
                 FILTER (WHERE reason.teaches IS NOT NULL))[1], ''),
       TRUE, TRUE
  FROM funnel_passage AS passage
  JOIN leads_lead AS lead ON lead.id = passage.lead_id
   AND lead.merged_into_id IS NULL AND lead.erased_at IS NULL
  LEFT JOIN funnel_reason AS reason ON reason.id = passage.reason_id
 WHERE passage.is_imported
 GROUP BY passage.lead_id ORDER BY 2 DESC LIMIT %(most)s
"""


def past_outcomes() -> list[Outcome]:
    """The newest 50,000 of each sort, the oldest first; of leads that are still there.

    A lead counts once a cycle: offered to three reps in turn, it is one lead that sales judged once.
    """
    found: list[Outcome] = []
    with connection.cursor() as cursor:
        for query in (_OFFERED, _IMPORTED):
            cursor.execute(query, {"most": MOST})
            found += [Outcome(*row) for row in cursor.fetchall()]
    return sorted(found, key=lambda one: (one.at, one.lead_id))
