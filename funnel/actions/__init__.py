"""What may be done in the funnel. Verbs, keyword-only; ``now`` comes from the caller."""

from funnel.actions.checklist import confirm
from funnel.actions.decisions import accept, decline, disqualify, research, return_to_marketing
from funnel.actions.imports import ImportedOutcome, record_outcome, record_outcomes
from funnel.actions.marketing import cool, promote, put_back, reopen, wake_up
from funnel.actions.moving import move
from funnel.actions.offers import expire_offers, fill_places
from funnel.actions.placement import place
from funnel.actions.sales import lose, qualify, refer, win
from funnel.actions.snoozing import snooze, unsnooze
from funnel.actions.tallies import fold_counts
from funnel.actions.undoing import undo

__all__ = [
    "ImportedOutcome",
    "accept",
    "confirm",
    "cool",
    "decline",
    "disqualify",
    "expire_offers",
    "fill_places",
    "fold_counts",
    "lose",
    "move",
    "place",
    "promote",
    "put_back",
    "qualify",
    "record_outcome",
    "record_outcomes",
    "refer",
    "reopen",
    "research",
    "return_to_marketing",
    "snooze",
    "undo",
    "unsnooze",
    "wake_up",
    "win",
]
