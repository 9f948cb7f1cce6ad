"""Changing what stages are called and how long they usually take."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import astuple

from django.core.cache import cache
from django.db import transaction
from redis.exceptions import RedisError

from funnel import stage_names
from funnel.models import StageSetting
from funnel.stage_names import KEPT_AS, SHIPPED, StageWords
from funnel.stages import Stage


@transaction.atomic
def set_stage(*, stage: Stage, words: StageWords) -> StageSetting:
    """What the site says of one stage from now on."""
    setting, _made = StageSetting.objects.update_or_create(
        stage=stage,
        defaults={
            "label_fr": words.label_fr,
            "label_en": words.label_en,
            "norm_days": words.norm_days,
            "description": words.description,
        },
    )
    transaction.on_commit(tell_stages)
    return setting


def tell_stages() -> None:
    """Tell every process what stands in the table. Cheap; run it now and then for a cache that forgot."""
    kept = {stage: astuple(words) for stage, words in stored_words().items()}
    with suppress(RedisError):
        cache.set(KEPT_AS, kept, timeout=None)
    stage_names.forget()


def stored_words() -> Mapping[str, StageWords]:
    """What the table says, and of other stages what ships; one query."""
    said = {
        row.stage: StageWords(row.label_fr, row.label_en, row.norm_days, row.description)
        for row in StageSetting.objects.all()
    }
    return {stage: said.get(stage, SHIPPED[stage]) for stage in Stage}
