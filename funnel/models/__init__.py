"""The tables of where each lead stands, how it came there, and who works it."""

from funnel.models.absence import Absence
from funnel.models.ageing import AgeingRule
from funnel.models.allocation import AllocationDecision, AllocationRule
from funnel.models.bulk import BulkLine, BulkRun
from funnel.models.capacity import CapacitySettings, ThresholdChange
from funnel.models.checklist import AnswerVersion, ChecklistAnswer, ChecklistItem, NamedPerson
from funnel.models.conversion_goal import ConversionGoal
from funnel.models.mailbox import MailboxConnection
from funnel.models.meeting import Meeting, MeetingKind, MeetingMail
from funnel.models.offer import Offer
from funnel.models.opportunity import Opportunity, OpportunityChange
from funnel.models.outside_reference import OutsideReference
from funnel.models.partner import Notice, Partner, Referral
from funnel.models.passage import Passage
from funnel.models.policy import SalesPolicy
from funnel.models.product import Product
from funnel.models.reason import Reason
from funnel.models.rep import Rep
from funnel.models.service_level import AnswerPromise, ServiceLevel
from funnel.models.social import Network, SocialMessage
from funnel.models.stage_setting import StageSetting
from funnel.models.standing import StageTally, Standing
from funnel.models.work import Call, Note, Task

__all__ = [
    "Absence",
    "AgeingRule",
    "AllocationDecision",
    "AllocationRule",
    "AnswerPromise",
    "AnswerVersion",
    "BulkLine",
    "BulkRun",
    "Call",
    "CapacitySettings",
    "ChecklistAnswer",
    "ChecklistItem",
    "ConversionGoal",
    "MailboxConnection",
    "Meeting",
    "MeetingKind",
    "MeetingMail",
    "NamedPerson",
    "Network",
    "Note",
    "Notice",
    "Offer",
    "Opportunity",
    "OpportunityChange",
    "OutsideReference",
    "Partner",
    "Passage",
    "Product",
    "Reason",
    "Referral",
    "Rep",
    "SalesPolicy",
    "ServiceLevel",
    "SocialMessage",
    "StageSetting",
    "StageTally",
    "Standing",
    "Task",
    "ThresholdChange",
]
