"""What may be done in the funnel. Verbs, keyword-only; ``now`` comes from the caller."""

from funnel.actions.decisions import accept, decline, disqualify, research, return_to_marketing
from funnel.actions.imports import ImportedOutcome, record_outcome, record_outcomes
from funnel.actions.marketing import promote, reopen
from funnel.actions.offers import expire_offers, fill_places
from funnel.actions.placement import place
from funnel.actions.sales import confirm, lose, qualify, refer, win
from funnel.actions.snoozing import snooze, unsnooze
from funnel.actions.tallies import fold_counts

__all__ = [
    "ImportedOutcome",
    "accept",
    "confirm",
    "decline",
    "disqualify",
    "expire_offers",
    "fill_places",
    "fold_counts",
    "lose",
    "place",
    "promote",
    "qualify",
    "record_outcome",
    "record_outcomes",
    "refer",
    "reopen",
    "research",
    "return_to_marketing",
    "snooze",
    "unsnooze",
    "win",
]
