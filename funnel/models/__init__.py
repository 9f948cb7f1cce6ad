"""The tables of where each lead stands, how it came there, and who works it."""

from funnel.models.checklist import ChecklistAnswer, ChecklistItem
from funnel.models.offer import Offer
from funnel.models.opportunity import Opportunity
from funnel.models.passage import Passage
from funnel.models.reason import Reason
from funnel.models.rep import Rep
from funnel.models.standing import StageTally, Standing

__all__ = [
    "ChecklistAnswer",
    "ChecklistItem",
    "Offer",
    "Opportunity",
    "Passage",
    "Reason",
    "Rep",
    "StageTally",
    "Standing",
]
