"""Rules, lines and reasons as sentences, in the language that is active."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext, npgettext
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from leads.channels import Channel
from leads.choices import (
    Audience,
    Band,
    BudgetRange,
    ContentType,
    DecisionRole,
    Headcount,
    Phase,
    Sector,
    Seniority,
    Turnover,
)
from leads.kinds import BY_CODE
from scoring.choices import Consent, Stage, Temperature
from scoring.engine import explain as engine
from scoring.engine import rules
from scoring.engine.conditions import (
    All,
    AnyOf,
    Attribute,
    Condition,
    Happened,
    Inactive,
    Leaf,
    Measure,
    Not,
    Reads,
    Resembles,
)
from scoring.engine.fields import CUSTOM
from scoring.engine.signatures import EventMatch

MOST_REASONS = 3
NOBODY: Mapping[str, str] = MappingProxyType({})
FIELD_NAMES = {
    "first_name": lazy("First name"),
    "last_name": lazy("Last name"),
    "email": lazy("Email"),
    "phone": lazy("Phone"),
    "phone_is_valid": lazy("Valid phone"),
    "is_reachable": lazy("Reachable"),
    "address": lazy("Address"),
    "city": lazy("City"),
    "postcode": lazy("Postcode"),
    "language": lazy("Language"),
    "country": lazy("Country"),
    "region": lazy("Region"),
    "department": lazy("Department"),
    "seniority": lazy("Seniority"),
    "job_title": lazy("Function"),
    "company_role": lazy("Role in the decision"),
    "budget_range": lazy("Budget"),
    "audience": lazy("Audience"),
    "acquisition": lazy("Acquisition"),
    "channel": lazy("Channel"),
    "last_channel": lazy("Last channel"),
    "landing_page": lazy("Landing page"),
    "need": lazy("Need"),
    "pain_point": lazy("Challenge"),
    "project_month": lazy("Project horizon"),
    "interests": lazy("Interests"),
    "social": lazy("Social profiles"),
    "email_flags": lazy("Kind of address"),
    "lists": lazy("Lists"),
    "stage": lazy("Stage"),
    "consent.newsletter": lazy("Consent to the newsletter"),
    "consent.nurturing": lazy("Consent to nurturing"),
    "consent.sales": lazy("Consent to sales contact"),
    "consent.tracking": lazy("Consent to tracking"),
    "company": lazy("Company"),
    "company.name": lazy("Company name"),
    "company.domain": lazy("Company domain"),
    "company.siren": lazy("SIREN"),
    "company.sector": lazy("Sector"),
    "company.headcount": lazy("Headcount"),
    "company.turnover": lazy("Turnover"),
    "company.country": lazy("Country of the company"),
    "company.region": lazy("Region of the company"),
}
_MEASURES = {"fit": lazy("fit"), "engagement": lazy("engagement"), "completeness": lazy("completeness")}
_READINGS = {
    "grade": lazy("grade"),
    "level": lazy("level"),
    "phase": lazy("buying phase"),
    "temperature": lazy("temperature"),
}
_ADJUSTMENTS = {
    "cap": lazy("Cap of “%(group)s”"),
    "clamp": lazy("Kept between 0 and 100"),
    "rounding": lazy("Rounded down"),
}
_LABELS: Mapping[str, object] = {
    str(value): label
    for choices in (
        Audience, Band, BudgetRange, ContentType, DecisionRole, Headcount, Phase, Sector, Seniority,
        Turnover, Channel, Temperature, Stage, Consent,
    )
    for value, label in choices.choices
}  # fmt: skip
_TESTS = {
    "is": lazy("%(field)s: %(value)s"),
    "in": lazy("%(field)s: %(value)s"),
    "has": lazy("%(field)s: %(value)s"),
    "has_any": lazy("%(field)s: %(value)s"),
    "is_not": lazy("%(field)s: anything but %(value)s"),
    "not_in": lazy("%(field)s: anything but %(value)s"),
    "has_none": lazy("%(field)s: none of %(value)s"),
    "is_set": lazy("%(field)s known"),
    "is_not_set": lazy("%(field)s unknown"),
    "at_least": lazy("%(field)s: %(value)s or more"),
    "at_most": lazy("%(field)s: %(value)s or less"),
    "within_months": lazy("%(field)s within %(value)s months"),
}
_ONE_PER = {"hour": lazy("one an hour"), "day": lazy("one a day"), "week": lazy("one a week")}


@dataclass(frozen=True, slots=True)
class Reason:
    """One of the main reasons of a score: a sentence, and its share in whole points."""

    measure: str
    text: str
    points: int

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class RuleSentence:
    """A rule in words. ``points`` are thousandths; 0 for a gate."""

    group: str
    name: str
    sentence: str
    points: int


def line_text(line: engine.Line, language: str) -> str:
    """What a line of an explanation says."""
    name = line.name.in_(language) if line.name else ""
    if line.adjustment is not None:
        return line.adjustment.reason
    if line.kind in _ADJUSTMENTS:
        return str(_ADJUSTMENTS[line.kind]) % {"group": name}
    return name


def line_note(line: engine.Line) -> str:
    """Who adjusted the score by hand, and until when it counts; "" for any other line."""
    if line.adjustment is None:
        return ""
    author, until = line.adjustment.author, line.adjustment.expires_on
    by_hand = _("by hand, %(author)s") % {"author": author} if author else _("by hand")
    if until is None:
        return by_hand
    return _("%(what)s, until %(day)s") % {"what": by_hand, "day": date_format(until, "j F Y")}


def reasons(details: engine.Explanation) -> tuple[Reason, ...]:
    """At most three sentences: the rules that weigh most."""
    language = get_language() or "fr"
    lines: dict[tuple[str, str], list[engine.Line]] = defaultdict(list)
    for line in details.lines:
        if line.rule:
            lines[line.measure, line.rule].append(line)
    found = [_reason(group, language) for group in lines.values()]
    found.sort(key=lambda reason: -abs(reason.points))
    return tuple(found[:MOST_REASONS])


def _reason(lines: list[engine.Line], language: str) -> Reason:
    name = line_text(lines[0], language)
    points = sum(line.points for line in lines) // 1000
    ages = [line.age for line in lines if line.age is not None]
    if not ages:
        text = _("%(name)s (%(points)+d)") % {"name": name, "points": points}
    else:
        when = _when(min(ages))
        times = ngettext("once", "%(count)d times", len(ages)) % {"count": len(ages)}
        text = _("%(name)s, %(times)s, %(when)s (%(points)+d)") % {
            "name": name, "times": times, "when": when, "points": points,
        }  # fmt: skip
    return Reason(lines[0].measure, text, points)


def _when(age: int) -> str:
    if age == 0:
        return _("today")
    return ngettext("yesterday", "%(count)d days ago", age) % {"count": age}


def sentences(tree: rules.RuleSet) -> list[RuleSentence]:
    """Every rule, then the two gates, in words."""
    language = get_language() or "fr"
    personas = {persona.code: persona.name.in_(language) for persona in tree.personas}
    said = [
        RuleSentence(
            group.name.in_(language), rule.name.in_(language), rule_sentence(rule, personas), rule.points
        )
        for group in tree.groups
        for rule in group.rules
    ]
    for title, gate in ((_("Gate to MQL"), tree.mql), (_("Gate to ready for sales"), tree.ready)):
        said += [RuleSentence(title, name, words, 0) for name, words in _gate(gate, personas)]
    return said


def _gate(gate: rules.Gate, personas: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    yield _("Opens"), condition_sentence(gate.when, personas)
    for step in gate.fast:
        yield _("Opens at once"), condition_sentence(step.when, personas)
    if gate.keep != gate.when:
        yield _("Stays open"), condition_sentence(gate.keep, personas)


def rule_sentence(rule: rules.Rule, personas: Mapping[str, str] = NOBODY) -> str:
    """When a rule counts, and how often."""
    parts = []
    if rule.count is not None:
        parts.append(_("for each: %(what)s") % {"what": _occurrences(rule.count)})
    if rule.when is not None:
        parts.append(condition_sentence(rule.when, personas))
    return _(", if ").join(parts)


def _occurrences(count: rules.Occurrences) -> str:
    parts = [_events(count.match)]
    if count.one_per:
        parts.append(str(_ONE_PER[count.one_per]))
    if count.within_days:
        parts.append(_within(count.within_days))
    if count.most:
        parts.append(_("at most %(most)d") % {"most": count.most})
    if count.half_life:
        parts.append(_("half as much every %(days)d days") % {"days": count.half_life})
    return ", ".join(parts)


def condition_sentence(condition: Condition, personas: Mapping[str, str] = NOBODY) -> str:
    """A condition in words; ``personas``: their names by code."""
    match condition:
        case All(parts):
            return _(" and ").join(_part(part, personas) for part in parts)
        case AnyOf(parts):
            return _(" or ").join(_part(part, personas) for part in parts)
        case Not(part):
            return _("not (%(what)s)") % {"what": condition_sentence(part, personas)}
        case _:
            return _leaf(condition, personas)


def _part(condition: Condition, personas: Mapping[str, str]) -> str:
    text = condition_sentence(condition, personas)
    return f"({text})" if isinstance(condition, All | AnyOf) and len(condition.parts) > 1 else text


def _leaf(leaf: Leaf, personas: Mapping[str, str]) -> str:
    match leaf:
        case Attribute(name, operator, value):
            text = str(_TESTS[operator]) % {"field": field_name(name), "value": _words(value)}
        case Resembles(persona, at_least):
            text = _("resembles %(persona)s at %(share)d %% at least") % {
                "persona": personas.get(persona, persona),
                "share": at_least,
            }
        case Happened():
            text = _happened(leaf)
        case Inactive(days, match_):
            text = _("%(events)s: nothing for %(days)d days") % {"events": _events(match_), "days": days}
        case Measure(name, at_least, below):
            text = _measure(name, at_least, below)
        case Reads(name, values):
            text = f"{_READINGS[name]} {_words(tuple(values))}"
    return text


def _measure(name: str, at_least: int | None, below: int | None) -> str:
    if below is None:
        return _("%(measure)s at least %(points)d") % {"measure": _MEASURES[name], "points": at_least}
    if at_least is None:
        return _("%(measure)s below %(points)d") % {"measure": _MEASURES[name], "points": below}
    return _("%(measure)s from %(least)d to below %(below)d") % {
        "measure": _MEASURES[name], "least": at_least, "below": below,
    }  # fmt: skip


def _happened(leaf: Happened) -> str:
    parts = [_events(leaf.match)]
    if leaf.at_least > 1:
        parts.append(_("at least %(times)d times") % {"times": leaf.at_least})
    if leaf.distinct_contents:
        parts.append(_("of at least %(contents)d contents") % {"contents": leaf.distinct_contents})
    if leaf.one_per:
        parts.append(str(_ONE_PER[leaf.one_per]))
    if leaf.within_days:
        parts.append(_within(leaf.within_days))
    return ", ".join(parts)


def _within(days: int) -> str:
    return npgettext("period", "today", "within %(days)d days", days) % {"days": days}


def _events(match: EventMatch) -> str:
    """Which events are meant, in words."""
    kinds = _(" or ").join(_kind(code) for code in match.kinds)
    if not kinds:
        kinds = _("act of intent") if match.intent else _("activity")
    filters = (
        *(match.content_types, match.contents, match.bands),
        *(match.phases, match.topics, match.channels),
    )
    details = [_words(values) for values in filters if values]
    details += [f"{one.path} {one.operator} {_words(one.value)}" for one in match.properties]
    return f"{kinds} ({', '.join(details)})" if details else kinds


def _kind(code: str) -> str:
    """A kind of event as it reads within a sentence."""
    label = str(BY_CODE[code].label) if code in BY_CODE else code
    return label[:1].lower() + label[1:]


def field_name(name: str) -> str:
    """A field of the profile as people call it."""
    return str(FIELD_NAMES.get(name, name.removeprefix(CUSTOM)))


def _words(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(_words(one) for one in value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(_LABELS.get(str(value), value))
