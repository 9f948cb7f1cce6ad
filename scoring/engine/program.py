"""A rule set compiled against the known signatures: what does not change from block to block."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from zoneinfo import ZoneInfo

import numpy as np

from scoring.engine import decay, zones
from scoring.engine.conditions import Happened, Inactive
from scoring.engine.profiles import Layout
from scoring.engine.rules import Occurrences, RuleSet
from scoring.engine.signatures import EventMatch, PropertyPredicate, SignatureFacts

SIGNATURE_BITS = 24
# The highest number is left for events of signatures beyond the table.
MOST_SIGNATURES = (1 << SIGNATURE_BITS) - 1


class TooManySignatures(Exception):
    """More signatures were interned than a packed event can name: sixteen million."""


class Program:
    """A rule set, ready to read blocks of leads (engine/kernel.py).

    Signatures that answer all questions about events alike form a *class*; class 0 answers none. The class
    ``unknown`` is that of signatures made after the compilation; with ``forgive`` those count for nothing.
    ``horizon``: events this many days old and older count for nothing; None when some question asks "ever".
    ``reads_stage``: the rules ask where a lead stands.
    Raises TooManySignatures.
    """

    def __init__(
        self,
        rules: RuleSet,
        signatures: Iterable[SignatureFacts],
        *,
        zone: ZoneInfo,
        bits: Mapping[PropertyPredicate, int] | None = None,
        forgive: bool = False,
    ) -> None:
        self.rules = rules
        self.zone = zone
        self.layout = Layout(rules)
        self.horizon = _horizon(rules)
        self.reads_stage = "stage" in rules.fields()
        self.fast_paths = ("", *(step.code for step in rules.ready.fast))
        self._index(list(signatures), bits or {}, forgive=forgive)
        table = zones.transitions(zone)
        # Since 1972 the clocks of all zones differ by whole minutes and change at whole minutes.
        self.changes = np.array([second // 60 for second, _ in table], np.int64)
        self.offsets = np.array([offset // 60 for _, offset in table], np.int64)

    def _index(
        self,
        signatures: list[SignatureFacts],
        bits: Mapping[PropertyPredicate, int],
        *,
        forgive: bool,
    ) -> None:
        matches = tuple(dict.fromkeys(self.rules.matches()))
        size = max((one.id for one in signatures), default=0) + 2
        if size > MOST_SIGNATURES:
            raise TooManySignatures(size)
        classes: dict[tuple[bool, ...], int] = {(False,) * len(matches): 0}
        contents: dict[str, int] = {"": 0}
        class_of = np.full(size, -1)
        self.content_of = np.zeros(size, np.int64)
        for one in signatures:
            answers = tuple(match.accepts(one, bits) for match in matches)
            class_of[one.id] = classes.setdefault(answers, len(classes))
            self.content_of[one.id] = contents.setdefault(one.content, len(contents))
        self.unknown = len(classes)
        # The last entry stands for every signature beyond the table.
        self.class_of = np.where(class_of < 0, 0 if forgive else self.unknown, class_of).astype(np.uint16)
        self.content_bits = (len(contents) - 1).bit_length()
        self.classes_of: dict[EventMatch, tuple[int, ...]] = {
            match: tuple(number for answers, number in classes.items() if answers[index])
            for index, match in enumerate(matches)
        }


def _horizon(rules: RuleSet) -> int | None:
    ages: list[int | None] = [0]
    counting = (rule for group in rules.active_groups for rule in group.active_rules)
    ages += [reach(rule.count, rule.points) for rule in counting if rule.count]
    ages += [leaf.within_days for leaf in rules.leaves() if isinstance(leaf, Happened)]
    ages += [None for leaf in rules.leaves() if isinstance(leaf, Inactive)]
    return None if None in ages else max(age for age in ages if age is not None)


def reach(count: Occurrences, points: int) -> int | None:
    """From which age in days on an occurrence adds nothing; None: it always does."""
    faded = None if count.half_life is None else len(decay.worth(points, count.half_life)) - 1
    return min((age for age in (count.within_days, faded) if age is not None), default=None)
