"""The tables of scoring: rule sets, what each lead is worth now, how it changed, and passes over all."""

from scoring.models.adjustment import ScoreAdjustment
from scoring.models.alert import AlertRule, Notification, NotificationChoice
from scoring.models.company_score import CompanyScore
from scoring.models.draft import DraftEdit
from scoring.models.held import HeldRelease, HeldWake
from scoring.models.likelihood import LeadLikelihood, LikelihoodModel, ScoreHealth
from scoring.models.preview import PreviewLead, RulePreview
from scoring.models.rule_set import RuleSet
from scoring.models.run import ScoringRun
from scoring.models.score import LeadScore, ScoreChange
from scoring.models.voiding import VoidedEvent, Voiding

__all__ = [
    "AlertRule",
    "CompanyScore",
    "DraftEdit",
    "HeldRelease",
    "HeldWake",
    "LeadLikelihood",
    "LeadScore",
    "LikelihoodModel",
    "Notification",
    "NotificationChoice",
    "PreviewLead",
    "RulePreview",
    "RuleSet",
    "ScoreAdjustment",
    "ScoreChange",
    "ScoreHealth",
    "ScoringRun",
    "VoidedEvent",
    "Voiding",
]
