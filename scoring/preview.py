"""What publishing other rules would do to everybody's scores: read, compared and counted, never written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

import numpy as np
from django.db.models import Max, Min

from leads.models import Lead
from scoring.engine.parse import parse
from scoring.engine.profiles import Answers, Bools, Ints
from scoring.engine.program import Program
from scoring.engine.rules import GRADES
from scoring.engine.signatures import PropertyPredicate
from scoring.facts import Selection, read, read_profiles, read_stored, some_leads, whole_block
from scoring.models import RuleSet
from scoring.programs import compile_program, predicate_bits, site_zone
from scoring.score_words import GRADE, LEVEL, MQL_GATE, READY_GATE, Packed, pack
from scoring.sql import BLOCK_BITS, BLOCK_SIZE

NOT_SCORED = ""
RESEMBLES = 60  # percent of a persona's weight from which a lead is counted as one
CELLS = (NOT_SCORED, *(f"{grade}{level}" for grade in GRADES for level in range(1, 5)))


@dataclass(slots=True)
class Gate:
    """How many leads pass a gate by the stored scores and by the other rules; who comes and who goes."""

    before: int = 0
    after: int = 0
    entering: int = 0
    leaving: int = 0

    def count(self, before: Bools, after: Bools) -> None:
        """Add some leads."""
        self.before += int(before.sum())
        self.after += int(after.sum())
        self.entering += int((after & ~before).sum())
        self.leaving += int((before & ~after).sum())


@dataclass(slots=True)
class Preview:
    """What was found so far.

    ``leads`` of about ``expected`` have been read. ``moves`` counts them by cell of the matrix before and
    after (("C3", "B2"): 12); before is what is stored, NOT_SCORED where nothing is. ``unanswered`` are
    questions about event properties that no published rules have asked yet: they are answered when the rules
    are published, and count as "no" until then.
    """

    expected: int
    unanswered: tuple[PropertyPredicate, ...] = ()
    leads: int = 0
    moves: Counter[tuple[str, str]] = field(default_factory=Counter)
    mql: Gate = field(default_factory=Gate)
    ready: Gate = field(default_factory=Gate)

    @property
    def progress(self) -> float:
        """How much of it is done, 0 to 1."""
        return min(self.leads / self.expected, 1.0) if self.expected else 1.0

    @property
    def moving(self) -> int:
        """How many leads change their cell."""
        return sum(count for (before, after), count in self.moves.items() if before != after)

    def count(self, before: Packed, after: Packed) -> None:
        """Add some leads."""
        self.leads += len(after.verdict)
        pairs = cell_numbers(before) * len(CELLS) + cell_numbers(after)
        counts = np.bincount(pairs, minlength=len(CELLS) ** 2)
        for pair in np.flatnonzero(counts).tolist():
            cells = CELLS[pair // len(CELLS)], CELLS[pair % len(CELLS)]
            self.moves[cells] += int(counts[pair])
        for gate, part in ((self.mql, MQL_GATE), (self.ready, READY_GATE)):
            gate.count(part.of(before.verdict) > 0, part.of(after.verdict) > 0)


def cell_numbers(scores: Packed) -> Ints:
    """The cell of the matrix as an index into ``CELLS``; 0 where there is no score."""
    cell: Ints = GRADE.of(scores.verdict) * 4 + LEVEL.of(scores.verdict)
    return cell * scores.is_there


class Compared(NamedTuple):
    """Some leads with their stored scores and those that the other rules would give."""

    lead_ids: Ints
    before: Packed
    after: Packed


def compare(rule_set: RuleSet, *, now: datetime, every: int = 1) -> Iterator[Compared]:
    """Every lead, or every n-th one, under these rules as of today, a block at a time.

    Raises ``engine.reading.RuleError`` for a document that cannot be read.
    """
    program = compile_program(rule_set, forgive=True).program
    today = now.astimezone(site_zone()).date()
    for leads in _everybody(every):
        lead_ids, scores = read(program, leads, today)
        if len(lead_ids):
            yield Compared(lead_ids, read_stored(leads, lead_ids), pack(scores, rule_set.version))


def preview(rule_set: RuleSet, *, now: datetime, every: int = 1) -> Iterator[Preview]:
    """Read every lead, or every n-th one, under these rules as of today; the same counts, growing.

    A sample of a base of a million takes about a second, all of it as long as a nightly pass. Events of a
    sort that is seen for the first time meanwhile are left out. Raises ``engine.reading.RuleError`` for a
    document that cannot be read.
    """
    found = Preview(Lead.objects.present().count() // every, unanswered(rule_set))
    for block in compare(rule_set, now=now, every=every):
        found.count(block.before, block.after)
        yield found


def personas_of(program: Program, lead_ids: Sequence[int], today: date) -> dict[str, list[int]]:
    """These leads by the persona that they resemble most, from 60 % on; under "" those that resemble none.

    At most 2**14 leads at once.
    """
    leads = some_leads(lead_ids)
    places, profiles = read_profiles(program.layout, leads, today)
    answers = Answers(program.rules, program.layout, profiles, today)
    shares = [answers.similarity(persona)[places] for persona in program.rules.personas]
    table = np.array([np.full(len(places), RESEMBLES - 1), *shares])
    best, codes = table.argmax(axis=0), ("", *(persona.code for persona in program.rules.personas))
    ids = leads.ids[places]
    return {code: ids[best == number].tolist() for number, code in enumerate(codes)}


def unanswered(rule_set: RuleSet) -> tuple[PropertyPredicate, ...]:
    """The questions about event properties that no published rules have asked yet."""
    known = predicate_bits()
    return tuple(one for one in parse(rule_set.document).predicates() if one not in known)


def _everybody(every: int) -> Iterator[Selection]:
    """All leads in blocks, or every n-th id, as many at once."""
    bounds = Lead.objects.aggregate(first=Min("pk"), last=Max("pk"))
    if bounds["first"] is None:
        return
    first, last = bounds["first"], bounds["last"]
    if every == 1:
        yield from (whole_block(number) for number in range(first >> BLOCK_BITS, (last >> BLOCK_BITS) + 1))
    else:
        step = every * BLOCK_SIZE
        for start in range(first, last + 1, step):
            yield some_leads(range(start, min(start + step, last + 1), every))
