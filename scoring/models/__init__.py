"""The tables of scoring: rule sets, what each lead is worth now, how it changed, and passes over all."""

from scoring.models.rule_set import RuleSet
from scoring.models.run import ScoringRun
from scoring.models.score import LeadScore, ScoreChange

__all__ = ["LeadScore", "RuleSet", "ScoreChange", "ScoringRun"]
