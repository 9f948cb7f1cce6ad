"""Rules replayed on past decisions: what was known at each offer, scored by two versions, and compared."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from funnel.models import Reason
from funnel.past_offers import Answer, Comparison, PastOffer, compare_answers
from funnel.queries.past_offers import past_offers
from scoring.models import RuleSet
from scoring.past import Library, Moment, Past, program_of, read_past
from scoring.queries import live_rule_set, parsed
from scoring.replaying import Replayed, replay

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class History:
    """Past offers in the order of time, with what was known at each."""

    offers: Sequence[PastOffer]
    pasts: Sequence[Past]
    library: Library

    def answers(self, rule_set: RuleSet) -> tuple[list[Answer], Replayed]:
        """What these rules would have said at each offer."""
        found = replay(program_of(rule_set, self.library), self.pasts)
        return [
            Answer(bool(ready), cell) for ready, cell in zip(found.ready, found.cells, strict=True)
        ], found


def read_history(names: Sequence[str], progress: Progress) -> History:
    """All past offers, and the ``names`` of each lead's profile as they were then."""
    offers = sorted(past_offers(), key=lambda one: (one.at, one.lead_id))
    library = Library()
    pasts: list[Past] = []
    for past in read_past([Moment(one.lead_id, one.at) for one in offers], names, library):
        pasts.append(past)
        progress(sum(len(one.moments) for one in pasts), len(offers))
    return History(offers, pasts, library)


def replayed(rule_set: RuleSet, progress: Progress) -> dict[str, Any]:
    """The comparison of these rules with the live ones, as it is kept."""
    live = live_rule_set()
    assert live is not None
    names = tuple(dict.fromkeys((*parsed(live).fields(), *parsed(rule_set).fields())))
    history = read_history(names, progress)
    by_live, _ = history.answers(live)
    by_draft, _ = history.answers(rule_set)
    return as_json(compare_answers(history.offers, by_live, by_draft))


def as_json(found: Comparison) -> dict[str, Any]:
    """Plain values; the reasons by their codes."""
    return asdict(found)


def reason_labels(codes: Iterable[str]) -> dict[str, str]:
    """The reasons in the reader's language."""
    return {one.code: one.label for one in Reason.objects.filter(code__in=list(codes))}
