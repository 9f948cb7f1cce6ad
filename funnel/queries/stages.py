"""What the site says of its stages."""

from __future__ import annotations

from collections.abc import Mapping

from funnel.stage_names import StageWords, stage_words


def stage_settings() -> Mapping[str, StageWords]:
    """Names, usual days and description of each stage, by its code; asks no database."""
    return stage_words()
