"""Refusals become suggestions: traits that refused leads share, each tried by a replay before it is shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from django.utils.translation import override

from dashboard.replaying import History, Progress, read_history
from funnel.mining import Evidence, Pattern, convinces, evidence, patterns
from leads.models import EventKind
from scoring.editor.words import condition_words
from scoring.engine.parse import parse
from scoring.engine.program import Program
from scoring.engine.reading import RuleError
from scoring.models import RuleSet
from scoring.programs import predicate_bits, site_zone
from scoring.proposals import WAYS
from scoring.queries import parsed
from scoring.replaying import replay
from scoring.traits import ASKED, Trait, traits_of

TRIED = 12
SHOWN = 5


def suggested(rule_set: RuleSet, progress: Progress) -> dict[str, Any]:
    """What would have spared sales most refusals, and hardly a win; the best first."""
    names = tuple(dict.fromkeys((*parsed(rule_set).fields(), *ASKED)))
    history = read_history(names, lambda done, total: progress(done, 2 * total))
    found = _convincing(rule_set, history, progress)
    return {
        "offers": sum(one.counts for one in history.offers),
        "suggestions": [
            {"trait": asdict(pattern.trait), "way": way, "evidence": asdict(told)}
            for pattern, way, told in found
        ],
    }


def _convincing(
    rule_set: RuleSet, history: History, progress: Progress
) -> list[tuple[Pattern, str, Evidence]]:
    counted = [one for one in history.offers if one.counts]
    base = sum(not one.is_accepted for one in counted) / len(counted) if counted else 0.0
    won = sum(one.is_won for one in counted)
    before = _ready(rule_set.document, history)
    found = []
    candidates = patterns(history.offers, _traits(history), most=TRIED)
    for number, pattern in enumerate(candidates):
        progress(len(history.offers) * (len(candidates) + number), 2 * len(history.offers) * len(candidates))
        for way, make in WAYS.items():
            told = _tried(make(pattern.trait, name_of(pattern.trait)), rule_set, history, before)
            if told is not None and convinces(told, base=base, won=won):
                found.append((pattern, way, told))
                break
    return sorted(found, key=lambda one: (one[2].won, one[2].accepted - one[2].refused))[:SHOWN]


def _tried(
    change: Callable[[dict[str, Any]], dict[str, Any]],
    rule_set: RuleSet,
    history: History,
    before: Sequence[bool],
) -> Evidence | None:
    """What a change would have held back; None when no valid rules come out of it."""
    try:
        after = _ready(change(rule_set.document), history)
    except RuleError:
        return None
    return evidence(history.offers, before, after)


def _ready(document: dict[str, Any], history: History) -> list[bool]:
    library = history.library
    program = Program(
        parse(document),
        library.facts.values(),
        zone=site_zone(),
        bits=predicate_bits(library.questions),
        forgive=True,
    )
    ready: list[bool] = replay(program, history.pasts).ready.tolist()
    return ready


def _traits(history: History) -> list[frozenset[Trait]]:
    kinds = list(EventKind.objects.filter(is_internal=False).order_by("pk").values_list("code", flat=True))
    return [traits for past in history.pasts for traits in traits_of(past, history.library.facts, kinds)]


def name_of(trait: Trait) -> dict[str, str]:
    """The name of a rule about it, in both languages."""
    names = {}
    for language in ("fr", "en"):
        with override(language):
            words = condition_words(trait.condition(), {})
            names[language] = (words[:1].upper() + words[1:])[:200]
    return names
