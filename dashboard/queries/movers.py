"""The leads that other rules would lift or lower most, and why: their reasons before and after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from dashboard.queries.previews import listed
from leads.models import Lead
from leads.signatures import predicates
from scoring.engine import explain as engine
from scoring.models import PreviewLead, RulePreview, RuleSet
from scoring.profiles import lead_facts
from scoring.programs import predicate_bits, site_zone
from scoring.queries import live_rule_set, parsed
from scoring.sentences import reasons

Way = PreviewLead.Way


@dataclass(frozen=True, slots=True)
class Mover:
    """A lead with its place in the list and its three reasons under each version."""

    row: PreviewLead
    before: Sequence[str]
    after: Sequence[str]


def biggest(trial: RulePreview, user: User) -> list[tuple[str, list[PreviewLead]]]:
    """Those that rise and those that fall most, as far as this user may see them; without reasons."""
    return [(str(way.label), list(listed(trial, way, user))) for way in (Way.UP, Way.DOWN)]


def with_reasons(
    rule_set: RuleSet, trial: RulePreview, user: User, *, now: datetime
) -> list[tuple[str, list[Mover]]]:
    """The same with the reasons of today under the live rules and under these."""
    return [(label, [_mover(row, rule_set, now) for row in rows]) for label, rows in biggest(trial, user)]


def _mover(row: PreviewLead, rule_set: RuleSet, now: datetime) -> Mover:
    live = live_rule_set()
    before = _reasons(row.lead, live, now) if live else []
    return Mover(row, before, _reasons(row.lead, rule_set, now))


def _reasons(lead: Lead, rule_set: RuleSet, now: datetime) -> list[str]:
    tree, questions = parsed(rule_set), predicates()
    facts, signatures = lead_facts(lead, tree.fields(), questions=questions)
    day = now.astimezone(site_zone()).date()
    frame = engine.Frame(signatures, site_zone(), day, predicate_bits(questions))
    return [reason.text for reason in reasons(engine.explain(tree, facts, frame))]
