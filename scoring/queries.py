"""Reading scores: the live rules, and why a lead has the score it has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, Q, QuerySet
from django.db.models.functions import JSONObject
from django.utils.text import capfirst
from django.utils.translation import get_language

from leads.models import Lead, PropertyPredicate
from leads.predicates import Predicate
from scoring.engine import explain as engine
from scoring.engine import rules
from scoring.engine.outcome import Outcome
from scoring.engine.parse import parse
from scoring.models import RuleSet, ScoreAdjustment, ScoreChange
from scoring.profiles import lead_facts
from scoring.programs import NoLiveRules, predicate_bits, site_zone
from scoring.sentences import (
    Reason,
    RuleSentence,
    condition_sentence,
    line_note,
    line_text,
    reasons,
    sentences,
)


@dataclass(frozen=True, slots=True)
class ShownLine:
    """One addend of a score in the reader's language; points in thousandths.

    ``kind``: event, attribute, cap, adjustment (by hand), clamp or rounding. ``decay`` is what age took away
    from ``full``. ``age``: whole days; None for what is no event. ``note``: who adjusted, and until when.
    """

    measure: str
    kind: str
    text: str
    points: int
    full: int
    decay: int
    rule: str
    group: str
    event_id: int | None
    age: int | None
    group_name: str = ""
    note: str = ""
    adjustment_id: int | None = None


@dataclass(frozen=True, slots=True)
class ShownTrait:
    """One trait of a persona in words: its weight, and whether the lead has it."""

    text: str
    weight: int
    has: bool


@dataclass(frozen=True, slots=True)
class ShownPersona:
    """How near a lead is to a persona, in whole percent, trait by trait."""

    name: str
    percent: int
    traits: tuple[ShownTrait, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a lead has its score: the lines of each measure add up to what is shown.

    ``fit`` and ``engagement`` are thousandths; ``shown_fit`` and ``shown_engagement`` whole points.
    ``missing`` names the useful fields that are not known; ``reasons`` are at most three sentences.
    """

    day: date
    rules_version: int
    rules_name: str
    outcome: Outcome
    lines: tuple[ShownLine, ...]
    reasons: tuple[Reason, ...]
    missing: tuple[str, ...]
    details: engine.Explanation
    thresholds: tuple[int, ...] = ()

    @property
    def fit(self) -> int:
        """Thousandths, 0..100 000."""
        return self.outcome.fit

    @property
    def engagement(self) -> int:
        """Thousandths, 0..100 000."""
        return self.outcome.engagement

    @property
    def shown_fit(self) -> int:
        """Whole points, 0..100."""
        return self.outcome.fit // 1000

    @property
    def shown_engagement(self) -> int:
        """Whole points, 0..100."""
        return self.outcome.engagement // 1000

    @property
    def grade(self) -> str:
        """A to D."""
        return self.outcome.grade

    @property
    def level(self) -> int:
        """1 (best) to 4."""
        return self.outcome.level

    @property
    def phase(self) -> str:
        """Code of the buying phase."""
        return self.outcome.phase

    @property
    def temperature(self) -> str:
        """cold, warm or hot."""
        return self.outcome.temperature

    @property
    def completeness(self) -> int:
        """Whole percent of what the site declares useful."""
        return self.outcome.completeness

    @property
    def personas(self) -> tuple[ShownPersona, ...]:
        """Every persona of the rules, the nearest first."""
        language = get_language() or "fr"
        nearest = sorted(self.details.personas, key=lambda one: -one.percent)
        return tuple(
            ShownPersona(
                one.name.in_(language),
                one.percent,
                tuple(
                    ShownTrait(capfirst(condition_sentence(trait.test)), trait.weight, has)
                    for trait, has in one.traits
                ),
            )
            for one in nearest
        )

    def lines_of(self, measure: str) -> tuple[ShownLine, ...]:
        """The lines of "fit" or of "engagement"."""
        return tuple(line for line in self.lines if line.measure == measure)

    @property
    def fit_lines(self) -> tuple[ShownLine, ...]:
        """The lines of the fit."""
        return self.lines_of("fit")

    @property
    def engagement_lines(self) -> tuple[ShownLine, ...]:
        """The lines of the engagement."""
        return self.lines_of("engagement")


def live_rule_set() -> RuleSet | None:
    """The published rules by which leads are scored now."""
    return _live_now().first()


# The questions of the day come along with the rules: one query for both.
_QUESTIONS = ArraySubquery(
    PropertyPredicate.objects.order_by("bit").values(
        json=JSONObject(bit="bit", path="path", operator="operator", value="value")
    )
)


def _with_questions(rule_sets: QuerySet[RuleSet], lead: Lead) -> tuple[RuleSet, list[Predicate]]:
    """The first of these rule sets, the questions that events are asked, and (as ``is_adjusted``) whether
    anybody ever added points to the lead by hand. Raises NoLiveRules."""
    adjusted = Exists(ScoreAdjustment.objects.filter(lead=lead))
    found = rule_sets.defer("document").annotate(questions=_QUESTIONS, is_adjusted=adjusted).first()
    if found is None:
        raise NoLiveRules
    return found, [Predicate(**row) for row in vars(found)["questions"]]


def rule_set_at(at: datetime) -> RuleSet | None:
    """The rules that were live at an instant."""
    return _live_at(at).first()


def _live_at(at: datetime) -> QuerySet[RuleSet]:
    published = RuleSet.objects.filter(Q(archived_at=None) | Q(archived_at__gt=at), published_at__lte=at)
    return published.order_by("-published_at", "-version")


def _scored_by(lead: Lead, at: datetime) -> QuerySet[RuleSet]:
    """The rules by which the lead was scored then, where none were published yet: an imported past."""
    changes = ScoreChange.objects.filter(lead=lead, at__lte=at).order_by("-at", "-id")
    return RuleSet.objects.filter(version=changes.values("rules_version")[:1])


def _live_now() -> QuerySet[RuleSet]:
    return RuleSet.objects.filter(status=RuleSet.Status.LIVE)


def live_matrix() -> rules.Matrix:
    """From how many points A to C and 1 to 3 are given now; the usual ones while nothing is published."""
    live = live_rule_set()
    return parsed(live).matrix if live else rules.Matrix()


def explain(lead: Lead, *, now: datetime | None = None, at: datetime | None = None) -> Explanation:
    """Why a lead has its score: ``now``, by all that is recorded; or ``at`` a past instant, by what was
    known and live then (exactly, while the events of that time are retained).

    Raises ``scoring.programs.NoLiveRules`` when no rules are (or were) live, ValueError without an instant.
    """
    moment = at or now
    if moment is None:
        raise ValueError("say at which instant")
    return _explain(case_of(lead, moment=moment, at=at))


@dataclass(frozen=True, slots=True)
class Case:
    """What a reading of one lead needs: the rules, what is known of the lead, and the frame of the day."""

    rule_set: RuleSet
    tree: rules.RuleSet
    facts: engine.LeadFacts
    frame: engine.Frame


def case_of(lead: Lead, *, moment: datetime, at: datetime | None = None) -> Case:
    """The lead under the live rules on the day of ``moment``, by all that is recorded; or as of ``at``, by
    the rules and by what was known then.

    Raises ``scoring.programs.NoLiveRules``.
    """
    if at is None:
        rule_set, questions = _with_questions(_live_now(), lead)
    else:
        versions = _live_at(at) if _live_at(at).exists() else _scored_by(lead, at)
        rule_set, questions = _with_questions(versions, lead)
    tree = parsed(rule_set)
    adjusted = bool(vars(rule_set)["is_adjusted"])
    facts, signatures = lead_facts(lead, tree.fields(), at=at, questions=questions, is_adjusted=adjusted)
    today = moment.astimezone(site_zone()).date()
    frame = engine.Frame(signatures, site_zone(), today, predicate_bits(questions))
    return Case(rule_set, tree, facts, frame)


def _explain(case: Case) -> Explanation:
    details = engine.explain(case.tree, case.facts, case.frame)
    language = get_language() or "fr"
    return Explanation(
        day=case.frame.today,
        rules_version=case.rule_set.version,
        rules_name=case.tree.name.in_(language),
        outcome=details.outcome,
        lines=_lines(details.lines, case.tree, language),
        reasons=reasons(details),
        missing=details.missing,
        details=details,
        thresholds=case.tree.matrix.engagement,
    )


def _lines(lines: Sequence[engine.Line], tree: rules.RuleSet, language: str) -> tuple[ShownLine, ...]:
    names = {group.code: group.name.in_(language) for group in tree.groups}
    return tuple(
        ShownLine(
            measure=line.measure,
            kind=line.kind,
            text=line_text(line, language),
            points=line.points,
            full=line.full,
            decay=line.decay,
            rule=line.rule,
            group=line.group,
            event_id=line.event_id,
            age=line.age,
            group_name=names.get(line.group, ""),
            note=line_note(line),
            adjustment_id=line.adjustment.id if line.adjustment else None,
        )
        for line in lines
    )


def parsed(rule_set: RuleSet) -> rules.RuleSet:
    """The rule tree of a version; published ones are parsed once per process."""
    if rule_set.status == RuleSet.Status.DRAFT:
        return parse(rule_set.document)
    return _parsed(rule_set.pk, rule_set.version)


@lru_cache(maxsize=8)
def _parsed(pk: int, _version: int) -> rules.RuleSet:
    return parse(RuleSet.objects.values_list("document", flat=True).get(pk=pk))


def rule_sentences(rule_set: RuleSet) -> list[RuleSentence]:
    """The rules and gates of a version as sentences in the reader's language."""
    return sentences(parsed(rule_set))
