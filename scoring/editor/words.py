"""Pieces of a document in words, valid or not: what is not understood is shown as written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.utils import formats
from django.utils.translation import get_language, ngettext, npgettext
from django.utils.translation import gettext_lazy as _

from leads.choices import Audience, Sector
from scoring.choices import Stage
from scoring.engine.conditions import MEASURES, READINGS
from scoring.engine.parse import parse
from scoring.engine.parse_conditions import Scope, Vocabulary, parse_condition
from scoring.engine.reading import Node, RuleError
from scoring.sentences import condition_sentence, rule_sentence

ANYTHING = Scope(measures=MEASURES, readings=READINGS)
_LIMITS = {"audience": Audience.choices, "sectors": Sector.choices, "stages": Stage.choices}
_ONE_PER = {"hour": _("one an hour"), "day": _("one a day"), "week": _("one a week")}
_GATE = {"when": {"score": "fit", "at_least": 1}}


def name_of(name: Any) -> str:
    """A name of the document (a text, or one in both languages) in the reader's language."""
    if isinstance(name, Mapping):
        return str(name.get("en" if (get_language() or "fr").startswith("en") else "fr", ""))
    return str(name)


def points_words(points: Any, *, signed: bool = True) -> str:
    """Points as people write them: +10, −2.5, in French −2,5."""
    if isinstance(points, bool) or not isinstance(points, int | float):
        return str(points)
    text = formats.number_format(f"{points:.3f}".rstrip("0").rstrip(".")).replace("-", "−")
    return f"+{text}" if signed and points > 0 else text


def persona_names(document: Mapping[str, Any]) -> dict[str, str]:
    """The names of the personas by code."""
    return {one["code"]: name_of(one["name"]) for one in document.get("personas", ())}


def condition_words(condition: Any, document: Mapping[str, Any]) -> str:
    """A condition as a sentence; as JSON while it is not valid."""
    personas = persona_names(document)
    try:
        parsed = parse_condition(Node(condition), ANYTHING, Vocabulary(personas=frozenset(personas)))
    except RuleError:
        return json.dumps(condition, ensure_ascii=False)
    return condition_sentence(parsed, personas)


def rule_words(rule: Mapping[str, Any], document: Mapping[str, Any]) -> str:
    """When a rule counts and how often, as a sentence; as JSON while it is not valid."""
    personas = persona_names(document)
    group = {"code": "#", "name": "#", "measures": "engagement", "rules": [{**rule, "points": 0}]}
    whole = {"name": "#", "groups": [group], "gates": {"mql": _GATE, "ready": _GATE}}
    if document.get("personas"):
        whole["personas"] = document["personas"]
    try:
        parsed = parse(whole).groups[0].rules[0]
    except RuleError:
        asked = {name: rule[name] for name in ("when", "count") if name in rule}
        return json.dumps(asked, ensure_ascii=False)
    return rule_sentence(parsed, personas)


def limits_words(group: Mapping[str, Any]) -> list[str]:
    """For whom a group is, limit by limit."""
    found = []
    for name, choices in _LIMITS.items():
        if name in group:
            labels = dict(choices)
            found.append(", ".join(str(labels.get(value, value)) for value in group[name]))
    return found


def match_words(match: Any) -> str:
    """Which events are meant; as JSON while that is not valid."""
    return condition_words({"event": match}, {})


def often_words(count: Mapping[str, Any]) -> str:
    """How a behaviour rule counts: at most so often, within so many days, worth half after a while."""
    said = []
    if one_per := count.get("one_per"):
        said.append(str(_ONE_PER.get(one_per, one_per)))
    if most := count.get("most"):
        said.append(ngettext("at most once", "at most %(most)s times", most) % {"most": most})
    if days := count.get("within_days"):
        said.append(npgettext("period", "today", "within %(days)d days", days) % {"days": days})
    if half := count.get("half_life"):
        said.append(ngettext("halves every day", "halves every %(days)s days", half) % {"days": half})
    return ", ".join(said)
