"""How many leads a rule counts for today: of the base or a sample of it, before anything is published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from leads.models import Lead
from scoring.drafts import Document, Path, get
from scoring.models import RuleSet
from scoring.preview import preview

SAMPLE = 20_000  # leads that are read at most, about
_ANYTHING = {"score": "completeness", "at_least": 0}
_NEVER = {"not": {"grade": ["A", "B", "C", "D"]}}
_LIMITS = {"audience": "audience", "sectors": "company.sector", "stages": "stage"}


@dataclass(frozen=True, slots=True)
class Firing:
    """``leads`` of the ``read`` ones; ``whole`` is how many there are, more than ``read`` for a sample.

    ``waits``: the rule asks for event properties that are only looked at once it is published.
    """

    leads: int
    read: int
    whole: int
    waits: bool

    @property
    def is_sample(self) -> bool:
        """Whether only some leads were read."""
        return self.read < self.whole

    @property
    def share(self) -> float:
        """Of those that were read, 0 to 1."""
        return self.leads / self.read if self.read else 0.0

    @property
    def estimate(self) -> int:
        """How many of all leads that would be."""
        return round(self.share * self.whole) if self.is_sample else self.leads


def how_often(document: Document, path: Path, *, now: datetime) -> Firing:
    """How many leads the rule at ``path`` counts for, as of today, switched on or not.

    Raises LookupError when it is gone, RuleError when it cannot be asked.
    """
    whole = Lead.objects.present().count()
    every = max(1, whole // SAMPLE)
    rule_set = RuleSet(version=1, document=_asking(document, path))
    leads = read = 0
    waits = False
    for found in preview(rule_set, now=now, every=every):
        leads, read, waits = found.mql.after, found.leads, bool(found.unanswered)
    return Firing(leads, read, max(whole, read), waits)


def _asking(document: Document, path: Path) -> Document:
    """A document whose MQL gate is the rule: whoever passes it is whom the rule counts for."""
    group, rule = get(document, path[:2]), get(document, path)
    nobody = {"code": "none", "name": "none", "measures": "fit"}
    return {
        "name": "probe",
        "personas": document.get("personas", []),
        "groups": [{**nobody, "rules": [{"code": "rule", "name": "rule", "points": 0, "when": _ANYTHING}]}],
        "gates": {"mql": {"when": _question(group, rule)}, "ready": {"when": _NEVER}},
    }


def _question(group: Mapping[str, Any], rule: Mapping[str, Any]) -> dict[str, Any]:
    parts: list[Any] = [
        {"field": field, "op": "in", "value": list(group[name])}
        for name, field in _LIMITS.items()
        if name in group
    ]
    if "count" in rule:
        within = {name: rule["count"][name] for name in ("within_days",) if name in rule["count"]}
        parts.append({"event": rule["count"]["event"], **within})
    when = rule.get("when")
    if when is not None:
        parts += when.get("all", [when])
    return parts[0] if len(parts) == 1 else {"all": parts}
