"""What a site calls its stages and how long they last, in the memory of each process.

Names stand on every page, so no page asks the database for them. Whoever changes them, and the sweep once a
minute, tells them to the cache (``funnel.actions.stages``); a process asks that every few seconds and goes on
with what it knew while the cache is away.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from django.core.cache import cache
from django.utils.functional import Promise, lazy
from django.utils.translation import get_language
from redis.exceptions import RedisError

from funnel.stages import Stage

KEPT_AS = "funnel.stages"
REMEMBERED_FOR = 5.0  # seconds


@dataclass(frozen=True, slots=True)
class StageWords:
    """What a site says of one stage; empty where it says nothing."""

    label_fr: str = ""
    label_en: str = ""
    norm_days: int | None = None
    description: str = ""

    def name(self, language: str) -> str:
        """What it is called in a language; empty for the shipped name."""
        return self.label_en if language.startswith("en") else self.label_fr


# How long each stage usually takes where a site has not said so itself.
SHIPPED: Mapping[str, StageWords] = {
    Stage.LEAD: StageWords(),
    Stage.MQL: StageWords(norm_days=30),
    Stage.SAL: StageWords(norm_days=14),
    Stage.SQL: StageWords(norm_days=45),
    Stage.CUSTOMER: StageWords(),
    Stage.RECYCLED: StageWords(),
    Stage.DISQUALIFIED: StageWords(),
}

_known: Mapping[str, StageWords] = SHIPPED
_asked_at = float("-inf")


def stage_words() -> Mapping[str, StageWords]:
    """What the site says of each stage, as far as this process knows; never asks the database."""
    global _known, _asked_at  # noqa: PLW0603  # one memory a process
    if time.monotonic() - _asked_at > REMEMBERED_FOR:
        _asked_at = time.monotonic()
        with suppress(RedisError):
            kept = cache.get(KEPT_AS)
            _known = {stage: StageWords(*kept[stage]) for stage in Stage} if kept else SHIPPED
    return _known


def forget() -> None:
    """Ask the cache anew at the next word."""
    global _asked_at  # noqa: PLW0603
    _asked_at = float("-inf")


def _name(stage: Stage, shipped: str | Promise) -> str:
    """The site's name in the reader's language, else the shipped one; with translations switched off, as in
    migrations, always that."""
    language = get_language()
    return (stage_words()[stage].name(language) if language else "") or str(shipped)


stage_name = lazy(_name, str)
