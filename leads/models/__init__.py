"""The tables of who the leads are, what happened and what was consented."""

from leads.models.agenda import Due, Heartbeat, Wake
from leads.models.company import Company
from leads.models.consent import ConsentEvent, ConsentWording, Suppression
from leads.models.content import Content
from leads.models.custom_field import CustomField
from leads.models.event import (
    NOT_COUNTED,
    Event,
    EventConflict,
    EventKey,
    EventKind,
    PropertyPredicate,
    Signature,
    Source,
    Verdict,
)
from leads.models.gone import GoneLead
from leads.models.identity import (
    CandidateState,
    CompanyDomain,
    CompanyMerge,
    DuplicateCandidate,
    DuplicateSearch,
    LeadKeys,
    Merge,
)
from leads.models.lead import Lead, ProfileChange
from leads.models.lists import List, ListMembership
from leads.models.privacy import PrivacyAct, PrivacyRequest
from leads.models.requests import IdempotencyRecord, RejectedSubmission
from leads.models.source import Campaign
from leads.models.touch import ChannelRule, ChannelRun, RunState, SourceCost, Touch
from leads.models.verdict import EventVerdict
from leads.models.visitor import Visitor
from leads.models.webhook import Webhook, WebhookDelivery

__all__ = [
    "NOT_COUNTED",
    "Campaign",
    "CandidateState",
    "ChannelRule",
    "ChannelRun",
    "Company",
    "CompanyDomain",
    "CompanyMerge",
    "ConsentEvent",
    "ConsentWording",
    "Content",
    "CustomField",
    "Due",
    "DuplicateCandidate",
    "DuplicateSearch",
    "Event",
    "EventConflict",
    "EventKey",
    "EventKind",
    "EventVerdict",
    "GoneLead",
    "Heartbeat",
    "IdempotencyRecord",
    "Lead",
    "LeadKeys",
    "List",
    "ListMembership",
    "Merge",
    "PrivacyAct",
    "PrivacyRequest",
    "ProfileChange",
    "PropertyPredicate",
    "RejectedSubmission",
    "RunState",
    "Signature",
    "Source",
    "SourceCost",
    "Suppression",
    "Touch",
    "Verdict",
    "Visitor",
    "Wake",
    "Webhook",
    "WebhookDelivery",
]
