"""What publishing rules would do to everybody, put together: scores, the funnel's moves, channels, personas.

Scores come from scoring, the moves that follow from them from the funnel; nothing is written. The same tally
is made of a sample, at once, and of everybody, in a job.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from funnel.choices import OfferStatus
from funnel.days import today
from funnel.models import Offer
from funnel.queries.foreseen import Foreseen, foresee
from funnel.stages import Signals
from leads.models import Lead
from scoring.models import PreviewLead, RuleSet
from scoring.preview import CELLS, Compared, cell_numbers, compare, personas_of, unanswered
from scoring.preview_weeks import weeks_of
from scoring.programs import compile_program
from scoring.queries import live_rule_set
from scoring.score_words import ENGAGEMENT, FIT, VERDICT

Way = PreviewLead.Way
SAMPLE_AT_LEAST, SAMPLE_SHARE = 500, 100
LONGEST_LIST = 10_000
MOVERS = 10
WEEKS = 12
MOST_IN_WEEKS = 2_000
_GATES = {part.column: part for part in VERDICT if part.is_flag}
_GATE_BITS = sum(part.mask for part in _GATES.values())


@dataclass(frozen=True, slots=True)
class Move:
    """A lead with its scores before (None: none yet) and after: fit, engagement (thousandths), cell."""

    lead_id: int
    before: tuple[int, int, str] | None
    after: tuple[int, int, str]

    @property
    def rise(self) -> int:
        """How much fit and engagement grow together, in thousandths."""
        return sum(self.after[:2]) - sum(self.before[:2]) if self.before else 0


@dataclass(slots=True)
class Tally:
    """The growing counts. ``lists`` holds who moves, by way; at most LONGEST_LIST each."""

    everybody: int
    read: int = 0
    moves: Counter[tuple[str, str]] = field(default_factory=Counter)
    ways: Counter[str] = field(default_factory=Counter)
    withdrawn: int = 0
    by_channel: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    by_persona: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    lists: defaultdict[str, list[Move]] = field(default_factory=lambda: defaultdict(list))

    def count(self, block: Compared, program: Any, *, now: datetime) -> None:
        """Add some leads."""
        self.read += len(block.lead_ids)
        pairs = cell_numbers(block.before) * len(CELLS) + cell_numbers(block.after)
        for pair, number in enumerate(np.bincount(pairs, minlength=len(CELLS) ** 2).tolist()):
            if number:
                self.moves[CELLS[pair // len(CELLS)], CELLS[pair % len(CELLS)]] += number
        moving = list(foresee(_changed_gates(block), now=now))
        self._count_ways(block, moving, program, now)
        self._keep_movers(block)

    def _count_ways(self, block: Compared, moving: Sequence[Foreseen], program: Any, now: datetime) -> None:
        ways = {one.lead_id: ways_of(one) for one in moving}
        self.withdrawn += sum(one.loses_its_offer for one in moving)
        channel_of = dict(Lead.objects.filter(pk__in=ways).values_list("pk", "channel"))
        found = personas_of(program, list(ways), today(now)) if ways else {}
        persona_of = {lead_id: code for code, ids in found.items() for lead_id in ids}
        for lead_id, names in ways.items():
            self.ways.update(names)
            self.by_channel[channel_of.get(lead_id, "")].update(names)
            self.by_persona[persona_of.get(lead_id, "")].update(names)
        for move in _moves(block, ways):
            for name in ways[move.lead_id]:
                if len(self.lists[name]) < LONGEST_LIST:
                    self.lists[name].append(move)

    def _keep_movers(self, block: Compared) -> None:
        """The ten that rise and the ten that fall most, so far."""
        rise = (
            FIT.of(block.after.verdict)
            + ENGAGEMENT.of(block.after.verdict)
            - FIT.of(block.before.verdict)
            - ENGAGEMENT.of(block.before.verdict)
        ) * block.before.is_there
        order = np.argsort(rise, kind="stable")
        for way, places in ((Way.DOWN, order[:MOVERS]), (Way.UP, order[::-1][:MOVERS])):
            ids = block.lead_ids[places[rise[places] != 0]].tolist()
            kept = [*self.lists[way], *_moves(block, ids)]
            sign = 1 if way == Way.UP else -1
            kept = [move for move in kept if move.rise * sign > 0]
            self.lists[way] = sorted(kept, key=lambda move: (-sign * move.rise, move.lead_id))[:MOVERS]

    def leads(self, preview: Any) -> Iterator[PreviewLead]:
        """The rows of the lists."""
        for way, moves in self.lists.items():
            for move in moves:
                before = move.before or (None, None, "")
                yield PreviewLead(
                    preview=preview,
                    lead_id=move.lead_id,
                    way=way,
                    rank=abs(move.rise) if way in (Way.UP, Way.DOWN) else sum(move.after[:2]),
                    fit_before=before[0],
                    engagement_before=before[1],
                    cell_before=before[2],
                    fit_after=move.after[0],
                    engagement_after=move.after[1],
                    cell_after=move.after[2],
                )

    def as_json(self) -> dict[str, Any]:
        """Counts only, as they are kept."""
        return {
            "everybody": self.everybody,
            "read": self.read,
            "moves": [[before, after, number] for (before, after), number in sorted(self.moves.items())],
            "ways": {str(way): number for way, number in self.ways.items()},
            "withdrawn": self.withdrawn,
            "channels": {code: dict(counts) for code, counts in self.by_channel.items()},
            "personas": {code: dict(counts) for code, counts in self.by_persona.items()},
        }


def ways_of(one: Foreseen) -> list[str]:
    """The lists that a move belongs to."""
    told = (
        (Way.MQL_IN, one.becomes_mql),
        (Way.MQL_OUT, one.cools),
        (Way.READY_IN, one.becomes_ready),
        (Way.READY_OUT, one.is_no_longer_ready),
    )
    return [str(way) for way, holds in told if holds]


def _changed_gates(block: Compared) -> dict[int, Signals]:
    """The gates by the other rules of those for whom one of them differs."""
    changed = np.flatnonzero((block.before.verdict ^ block.after.verdict) & _GATE_BITS)
    words = block.after.verdict[changed]
    flags = zip(*(_GATES[name].of(words).astype(bool).tolist() for name in _GATES), strict=True)
    ids = block.lead_ids[changed].tolist()
    return {
        lead_id: Signals(**dict(zip(_GATES, one, strict=True)))
        for lead_id, one in zip(ids, flags, strict=True)
    }


def _moves(block: Compared, lead_ids: Any) -> Iterator[Move]:
    for place in np.searchsorted(block.lead_ids, sorted(lead_ids)).tolist():
        before, after = (
            (
                int(FIT.of(scores.verdict[place])),
                int(ENGAGEMENT.of(scores.verdict[place])),
                CELLS[int(cell_numbers(scores)[place])],
            )
            for scores in (block.before, block.after)
        )
        yield Move(int(block.lead_ids[place]), before if before[2] else None, after)


def sample_step(everybody: int) -> int:
    """Every how many leads a sample reads: 1 %, but at least 500 leads."""
    return max(1, min(SAMPLE_SHARE, everybody // SAMPLE_AT_LEAST))


def tallies(rule_set: RuleSet, *, now: datetime, every: int = 1) -> Iterator[Tally]:
    """The same tally, growing; of everybody or of every n-th lead. Nothing for a base without leads."""
    program = compile_program(rule_set, forgive=True).program
    tally = Tally(everybody=Lead.objects.present().count())
    for block in compare(rule_set, now=now, every=every):
        tally.count(block, program, now=now)
        yield tally


def weeks(rule_set: RuleSet, *, now: datetime) -> dict[str, Any]:
    """MQLs and leads ready for sales of the last twelve weeks, under the live rules and under these: of a
    sample, and with what sales decided a week in that time."""
    live, day = live_rule_set(), today(now)
    ids = list(Lead.objects.present().order_by("pk").values_list("pk", flat=True)[:: _step_of_weeks()])
    found = {
        name: weeks_of(compile_program(one, forgive=True).program, ids, today=day, weeks=WEEKS)
        for name, one in (("live", live), ("draft", rule_set))
        if one is not None
    }
    return {
        "read": len(ids),
        "decided": _decisions_a_week(now),
        "rows": [
            {
                "until": draft.until.isoformat(),
                "mql": [before.mql, draft.mql],
                "ready": [before.ready, draft.ready],
            }
            for before, draft in zip(found.get("live", []), found["draft"], strict=True)
        ],
    }


def _step_of_weeks() -> int:
    return max(1, Lead.objects.present().count() // MOST_IN_WEEKS)


def _decisions_a_week(now: datetime) -> float:
    """Offers that people decided, a week, over those twelve weeks."""
    people = (OfferStatus.ACCEPTED, OfferStatus.RETURNED, OfferStatus.DISQUALIFIED, OfferStatus.REFUSED)
    decided = Offer.objects.filter(status__in=people, decided_at__gt=now - timedelta(weeks=WEEKS))
    return decided.count() / WEEKS


def questions_unanswered(rule_set: RuleSet) -> list[str]:
    """What these rules ask of event properties that nobody asked before: no until they are published."""
    return [f"{one.path} {one.operator} {one.value}" for one in unanswered(rule_set)]
