"""The events of a block as integers, and what rules want to know of them.

An event is packed by the database as place | signature | minute: which lead of the block, what it was, and
when (whole minutes of UTC since 1970, until 2097). One stable sort by class puts the events of a class side
by side; within it they lie as they were read, in runs in which places and times ascend. Most questions only
want to know how long ago the newest one was, and are answered without sorting anything further.
"""

from __future__ import annotations

from datetime import date

import numpy as np
from numpy.typing import NDArray

from scoring.engine import decay
from scoring.engine.conditions import OnePer
from scoring.engine.profiles import Bools, Ints
from scoring.engine.program import SIGNATURE_BITS, Program, reach
from scoring.engine.rules import Occurrences
from scoring.engine.signatures import EventMatch

Packed = NDArray[np.uint64]
MINUTE_BITS = 26
PLACE_BITS = 64 - SIGNATURE_BITS - MINUTE_BITS
_HOUR_BITS = 21  # hours on the wall since 1970
_NEVER = -(1 << 20)
_FEW_CHANGES = 8
_EPOCH_DAY = date(1970, 1, 1).toordinal()


class UnknownSignature(LookupError):
    """An event carries a signature that the program was not compiled with: compile it again."""


def pack(place: Ints, signature: Ints, minute: Ints) -> Packed:
    """Events as the database packs them."""
    packed: Ints = (place << SIGNATURE_BITS | signature) << MINUTE_BITS | minute
    return packed.view(np.uint64)


class Events:
    """The events of a block of ``size`` places, as of a day of the program's zone.

    Every answer is an array with one entry per place. Raises UnknownSignature when an event's signature was
    not there at compilation.
    """

    def __init__(self, program: Program, packed: Packed, size: int, today: date) -> None:
        self.program = program
        self.size = size
        self.today = today.toordinal() - _EPOCH_DAY
        self._sort(packed)
        self._newest_by_class: dict[int, Ints] = {}
        self._newest: dict[EventMatch, Ints] = {}

    def _sort(self, packed: Packed) -> None:
        """Everything by class; class 0 answers no question and is left out."""
        signature = _signature(packed)
        classes = self.program.class_of.take(signature, mode="clip")
        counts = np.bincount(classes, minlength=self.program.unknown + 1)
        if counts[self.program.unknown]:
            raise UnknownSignature
        order = np.argsort(classes, kind="stable")[counts[0] :]
        self.bounds = np.cumsum(counts) - counts[0]
        self.packed = packed[order]
        self.place = (self.packed >> np.uint64(64 - PLACE_BITS)).view(np.int64)
        self.hour = self._hours((self.packed & np.uint64((1 << MINUTE_BITS) - 1)).view(np.int64))

    def _hours(self, minute: Ints) -> Ints:
        """The hour on the wall, counted from 1970, in the program's zone."""
        hour: Ints = (minute + self._offsets(minute)) // 60
        tomorrow = (self.today + 1) * 24
        if hour.size and hour.max() >= tomorrow:
            # A clock ahead of ours may date an event tomorrow: for a score, that is today.
            hour = np.where(hour >= tomorrow, self.today * 24 + hour % 24, hour)
        return hour

    def _offsets(self, minute: Ints) -> Ints:
        """The UTC offset at each minute. A block's events meet few changes of it: one comparison each."""
        if not minute.size:
            return minute
        changes, offsets = self.program.changes, self.program.offsets
        first, last = np.searchsorted(changes, (minute.min(), minute.max()), side="right") - 1
        if last - first > _FEW_CHANGES:
            return offsets[np.searchsorted(changes, minute, side="right") - 1]
        passed = np.zeros(len(minute), np.int8)
        for change in changes[first + 1 : last + 1]:
            passed += minute >= change
        return offsets[first : last + 1].take(passed)

    # -- questions

    def happened(self, match: EventMatch, within_days: int | None = None) -> Bools:
        """Whether there is such an event, at most so many calendar days old (1: today)."""
        return self._newest_day(match) >= self._first_day(within_days)

    def times(self, match: EventMatch, within_days: int | None, one_per: OnePer) -> Ints:
        """How many there are, counting at most one per hour, day or week if asked."""
        place, hour = self._select(match, within_days)
        if one_per:
            place, _ = _newest_of_each(place, hour, one_per)
        return np.bincount(place, minlength=self.size)

    def contents(self, match: EventMatch, within_days: int | None) -> Ints:
        """Of how many different contents they are."""
        chosen = self._chosen(match, within_days)
        content = self.program.content_of[_signature(self.packed[chosen])]
        bits = self.program.content_bits
        pairs = (self.place[chosen] << bits | content)[content > 0]
        pairs.sort(kind="stable")
        return np.bincount(pairs[_last_of_equal(pairs)] >> bits, minlength=self.size)

    def points(self, count: Occurrences, points: int) -> Ints:
        """What a behaviour rule gives, in thousandths."""
        if count.half_life is None:
            return points * self._capped(count)
        worth = np.array(decay.worth(points, count.half_life), np.int64)
        within = reach(count, points)
        if count.most == 1:
            age = self.today - self._newest_day(count.match)
            return worth.take(age, mode="clip") * self.happened(count.match, within)
        place, hour = _newest_of_each(*self._select(count.match, within), count.one_per)
        if count.most is not None:
            place, hour = _last_of_each(place, hour, count.most, self.size)
        # Weights are summed as doubles: exact, the sums stay far below 2**53.
        weights = worth.take(self.today - hour // 24, mode="clip")
        return np.bincount(place, weights=weights, minlength=self.size).astype(np.int64)

    def _capped(self, count: Occurrences) -> Ints:
        if count.most == 1:
            return self.happened(count.match, count.within_days).astype(np.int64)
        times = self.times(count.match, count.within_days, count.one_per)
        return times if count.most is None else np.minimum(times, count.most)

    # -- finding them

    def _first_day(self, within_days: int | None) -> int:
        return _NEVER + 1 if within_days is None else self.today - within_days + 1

    def _newest_day(self, match: EventMatch) -> Ints:
        """The day of the newest event, counted from 1970; _NEVER without any."""
        found = self._newest.get(match)
        if found is None:
            found = self._newest[match] = np.full(self.size, _NEVER)
            for number in self.program.classes_of[match]:
                np.maximum(found, self._newest_of_class(number), out=found)
        return found

    def _newest_of_class(self, number: int) -> Ints:
        found = self._newest_by_class.get(number)
        if found is None:
            events = self._of_class(number)
            hours = np.full(self.size, _NEVER * 24)
            np.maximum.at(hours, self.place[events], self.hour[events])
            found = self._newest_by_class[number] = hours // 24
        return found

    def _of_class(self, number: int) -> slice:
        return slice(self.bounds[number - 1], self.bounds[number])

    def _chosen(self, match: EventMatch, within_days: int | None) -> Ints:
        """Where the matching events lie."""
        first_hour = self._first_day(within_days) * 24
        found = [np.zeros(0, np.int64)]
        for number in self.program.classes_of[match]:
            events = self._of_class(number)
            found.append(np.flatnonzero(self.hour[events] >= first_hour) + events.start)
        return np.concatenate(found)

    def _select(self, match: EventMatch, within_days: int | None) -> tuple[Ints, Ints]:
        chosen = self._chosen(match, within_days)
        return self.place[chosen], self.hour[chosen]


def _signature(packed: Packed) -> Ints:
    return (packed >> np.uint64(MINUTE_BITS) & np.uint64((1 << SIGNATURE_BITS) - 1)).view(np.int64)


def _newest_of_each(place: Ints, hour: Ints, span: OnePer) -> tuple[Ints, Ints]:
    """Sorted by place and hour; with a span, only the newest event of each."""
    keys = place << _HOUR_BITS | hour
    # Stable means merging here: what was read from one index is a few ascending runs.
    keys.sort(kind="stable")
    if span:
        keys = keys[_last_of_equal(_spans(keys, span))]
    return keys >> _HOUR_BITS, keys & ((1 << _HOUR_BITS) - 1)


def _last_of_equal(ascending: Ints) -> Bools:
    """Which values differ from the one after."""
    last = np.ones(len(ascending), np.bool_)
    np.not_equal(ascending[1:], ascending[:-1], out=last[:-1])
    return last


def _spans(keys: Ints, span: OnePer) -> Ints:
    """The same number for events of one place in one hour, day or ISO week."""
    if span == "hour":
        return keys
    place, day = keys >> _HOUR_BITS, (keys & ((1 << _HOUR_BITS) - 1)) // 24
    # ISO weeks begin on Monday; the first day of 1970 was a Thursday.
    return place << _HOUR_BITS | (day if span == "day" else (day + 3) // 7)


def _last_of_each(place: Ints, hour: Ints, most: int, size: int) -> tuple[Ints, Ints]:
    """The ``most`` last of each place. Equal ages are worth the same: which one does not matter."""
    ends = np.cumsum(np.bincount(place, minlength=size))
    last = ends[place] - np.arange(len(place)) <= most
    return place[last], hour[last]
