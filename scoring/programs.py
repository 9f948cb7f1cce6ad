"""The live rule set, compiled: once per process (and thread) and version, looked up for every batch."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from leads import signatures
from leads.models import NOT_COUNTED, Signature
from leads.predicates import Predicate
from scoring.engine.parse import parse
from scoring.engine.program import Program
from scoring.engine.signatures import PropertyPredicate, SignatureFacts
from scoring.models import RuleSet
from scoring.sql import lock_live_rules

# One for each thread: a program that another thread renews is not taken away from under a batch.
_kept = threading.local()


class NoLiveRules(LookupError):
    """No rule set is published: nothing can be scored."""


@dataclass(frozen=True, slots=True)
class LiveProgram:
    """A compiled rule set with its version."""

    version: int
    program: Program
    key: tuple[int, ...]


def site_zone() -> ZoneInfo:
    """The time zone in which days are counted."""
    return ZoneInfo(settings.TIME_ZONE)


def live_program() -> LiveProgram:
    """The live rules, ready to read; nobody publishes others before this transaction ends.

    Raises NoLiveRules.
    """
    with connection.cursor() as cursor:
        cursor.execute(lock_live_rules())
        row = cursor.fetchone()
    if row is None:
        raise NoLiveRules
    key = tuple(int(value or 0) for value in row)
    kept: LiveProgram | None = getattr(_kept, "live", None)
    if kept is None or kept.key != key:
        kept = _kept.live = compile_program(RuleSet.objects.get(pk=row[0]), key=key)
    return kept


def compile_again(live: LiveProgram, *, forgive: bool) -> LiveProgram:
    """The same rules against the signatures that exist by now; ``forgive`` counts unknown ones as nothing."""
    fresh = _kept.live = compile_program(
        RuleSet.objects.get(version=live.version), key=live.key, forgive=forgive
    )
    return fresh


def compile_program(rule_set: RuleSet, *, key: tuple[int, ...] = (), forgive: bool = False) -> LiveProgram:
    """Compile one version against the interned signatures."""
    known = signature_facts()
    program = Program(
        parse(rule_set.document), known.values(), zone=site_zone(), bits=predicate_bits(), forgive=forgive
    )
    return LiveProgram(rule_set.version, program, key)


def predicate_bits(questions: Sequence[Predicate] | None = None) -> dict[PropertyPredicate, int]:
    """The bit of each property predicate that is answered at ingest; of ``questions``, if read already."""
    return {
        PropertyPredicate(one.path, one.operator, _hashable(one.value)): one.bit
        for one in (signatures.predicates() if questions is None else questions)
    }


def _hashable(value: object) -> str | int | float | bool | tuple[str | int | float | bool, ...] | None:
    if isinstance(value, list):
        return tuple(value)
    return value if isinstance(value, str | int | float | bool) else None


def signature_facts() -> dict[int, SignatureFacts]:
    """All that rules may ask of each interned signature, by its id."""
    rows = Signature.objects.exclude(pk=NOT_COUNTED).values_list(
        "id", "channel", "property_mask", "kind__code", "kind__band", "kind__is_intent", "kind__is_activity",
        "content__code", "content__type", "content__band", "content__topics", "content__phase",
    )  # fmt: skip
    return {
        row[0]: SignatureFacts(
            id=row[0],
            channel=row[1],
            mask=row[2],
            kind=row[3],
            band=row[9] or row[4],
            is_intent=row[5],
            is_activity=row[6],
            content=row[7] or "",
            content_type=row[8] or "",
            topics=frozenset(row[10] or ()),
            phase=row[11] or "",
        )
        for row in rows
    }
