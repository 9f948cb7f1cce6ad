"""What a model learns from: what was known of a lead at an instant, as columns. Pure.

The facts come from ``scoring.past``, the same for a past offer and for today; nothing here can tell the two
apart. No name, address, age, language or custom field: nothing that identifies or stands for a person's
origin. Decisions of colleagues are left out too: the model foretells them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from scoring.engine.events import MINUTE_BITS, PLACE_BITS, Packed
from scoring.engine.fields import Profile, months_until
from scoring.engine.profiles import Ints
from scoring.engine.program import SIGNATURE_BITS
from scoring.engine.signatures import NEVER_SCORED, SignatureFacts
from scoring.likelihood.columns import Column, Kind
from scoring.likelihood.encoding import Floats

WORDS = (
    *("audience", "acquisition", "channel", "last_channel", "department", "seniority", "company_role"),
    *("budget_range", "landing_page", "company.sector", "company.headcount", "company.turnover"),
    "company.country",
)
KNOWN = ("phone", "need", "pain_point", "company", "company.siren")
NAMES = (*WORDS, *KNOWN, "project_month", "interests")
WINDOW = 90  # days in which kinds of events are counted
_MINUTES_A_DAY = 1440


@dataclass(frozen=True, slots=True)
class Known:
    """What was known at some moments, in their order: day, minute since 1970, profile, packed events."""

    days: Sequence[date]
    minutes: Ints
    profiles: Sequence[Profile]
    events: Packed


def columns(known: Known, facts: Mapping[int, SignatureFacts], kinds: Sequence[str]) -> list[Column]:
    """One column each for facts of the profile, for ``kinds`` of events, and for how active they were."""
    return [
        *(_words(name, [profile.get(name) for profile in known.profiles]) for name in WORDS),
        *(
            _words(f"known.{name}", [_is_known(profile.get(name)) for profile in known.profiles])
            for name in KNOWN
        ),
        _numbers("project_months", _months(known)),
        _numbers("interests", np.array([_length(p.get("interests")) for p in known.profiles], dtype=float)),
        *_behaviour(known, facts, kinds),
    ]


def _words(name: str, values: Sequence[object]) -> Column:
    words = np.array(["" if value in (None, "", ()) else str(value)[:60] for value in values], dtype=np.str_)
    return Column(name, Kind.WORD, np.full(len(values), np.nan), words, words != "")


def _numbers(name: str, values: Floats) -> Column:
    return Column(name, Kind.NUMBER, values, np.full(len(values), "", dtype="<U1"), ~np.isnan(values))


def _is_known(value: object) -> str:
    return "yes" if value not in (None, "", ()) else "no"


def _length(value: object) -> int:
    return len(value) if isinstance(value, tuple) else 0


def _months(known: Known) -> Floats:
    months = [
        months_until(profile.get("project_month"), day)
        for profile, day in zip(known.profiles, known.days, strict=True)
    ]
    return np.array([np.nan if one is None else one for one in months], dtype=np.float64)


def _behaviour(known: Known, facts: Mapping[int, SignatureFacts], kinds: Sequence[str]) -> list[Column]:
    """Counts within windows, how long ago the newest was, how many different contents."""
    happened = Happened.unpack(known, facts)
    within = happened.age < WINDOW
    columns = [
        _numbers(
            f"event.{kind}",
            happened.count(within & happened.is_any(facts, lambda one, k=kind: one.kind == k)),
        )
        for kind in kinds
    ]
    act = happened.is_any(facts, lambda one: one.is_activity)
    intent = happened.is_any(facts, lambda one: one.is_intent)
    return [
        *columns,
        *(
            _numbers(f"active.{days}", happened.count(act & (happened.age < days)))
            for days in (7, 30, WINDOW)
        ),
        _numbers("intent.90", happened.count(intent & within)),
        _numbers("active.since", happened.newest(act)),
        _numbers("known.since", happened.oldest()),
        _numbers("contents", happened.contents(facts)),
    ]


@dataclass(frozen=True, slots=True)
class Happened:
    """Events by place: their signature and their age in days at their place's moment."""

    size: int
    place: Ints
    signature: Ints
    age: Floats

    @classmethod
    def unpack(cls, known: Known, facts: Mapping[int, SignatureFacts]) -> Happened:
        """Take the packed events apart; those of kinds that never count are left out."""
        raw = known.events.view(np.int64) if known.events.dtype == np.uint64 else known.events
        place = (known.events >> np.uint64(64 - PLACE_BITS)).astype(np.int64)
        signature = (raw >> MINUTE_BITS) & ((1 << SIGNATURE_BITS) - 1)
        minute = raw & ((1 << MINUTE_BITS) - 1)
        age = np.maximum((known.minutes[place] - minute) / _MINUTES_A_DAY, 0.0)
        counted = {number for number, fact in facts.items() if fact.kind not in NEVER_SCORED}
        keep = np.isin(signature, np.array(sorted(counted), dtype=np.int64))
        return cls(len(known.days), place[keep], signature[keep], age[keep])

    def is_any(
        self, facts: Mapping[int, SignatureFacts], asked: object
    ) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Which events are of a signature for which ``asked`` holds."""
        assert callable(asked)
        wanted = [number for number, fact in facts.items() if asked(fact)]
        return np.isin(self.signature, np.array(wanted, dtype=np.int64))

    def count(self, which: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Floats:
        """How many of these events each place has."""
        return np.bincount(self.place[which], minlength=self.size).astype(np.float64)

    def newest(self, which: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Floats:
        """The age in days of each place's newest of these events; NaN for none."""
        found = np.full(self.size, np.inf)
        np.minimum.at(found, self.place[which], self.age[which])
        return np.where(np.isinf(found), np.nan, found)

    def oldest(self) -> Floats:
        """The age in days of each place's first event; NaN for none."""
        found = np.full(self.size, -1.0)
        np.maximum.at(found, self.place, self.age)
        return np.where(found < 0, np.nan, found)

    def contents(self, facts: Mapping[int, SignatureFacts]) -> Floats:
        """How many different contents each place consulted."""
        number = {
            name: at for at, name in enumerate(sorted({f.content for f in facts.values() if f.content}))
        }
        content = np.full(max(facts, default=0) + 1, -1, dtype=np.int64)
        for signature, fact in facts.items():
            content[signature] = number.get(fact.content, -1)
        of = content[self.signature]
        pairs = np.unique(np.column_stack([self.place[of >= 0], of[of >= 0]]), axis=0)
        return np.bincount(pairs[:, 0], minlength=self.size).astype(np.float64)


def joined(parts: Sequence[Sequence[Column]]) -> list[Column]:
    """The same columns of several parts, one below the other."""
    return [
        Column(
            same[0].name,
            same[0].kind,
            np.concatenate([one.numbers for one in same]),
            np.concatenate([one.words for one in same]),
            np.concatenate([one.filled for one in same]),
        )
        for same in zip(*parts, strict=True)
    ]


def learnable(all_columns: Sequence[Column]) -> list[Column]:
    """Those that tell any two rows apart."""
    return [
        column
        for column in all_columns
        if len(np.unique(column.words)) > 1
        or len(np.unique(column.numbers[~np.isnan(column.numbers)])) > 1
        or (np.isnan(column.numbers).any() and not np.isnan(column.numbers).all())
    ]
