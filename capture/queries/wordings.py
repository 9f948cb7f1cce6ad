"""Reading consent wordings: every version, and which forms show it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from capture.models import FormConsent
from leads.models import ConsentWording


@dataclass(frozen=True, slots=True)
class Shown:
    """One version of a wording, the newest first; ``forms`` are the (name, address) of those that show it."""

    wording: ConsentWording
    forms: list[tuple[str, str]]
    older: list[ConsentWording]


def shown_wordings() -> list[Shown]:
    """Each wording's newest version in each language with its older ones (two queries)."""
    versions: dict[tuple[str, str], list[ConsentWording]] = defaultdict(list)
    for wording in ConsentWording.objects.order_by("code", "-language", "-version"):
        versions[wording.code, wording.language].append(wording)
    used: dict[int, list[tuple[str, str]]] = defaultdict(list)
    boxes = FormConsent.objects.order_by("form__name").values_list("wording_id", "form__name", "form__slug")
    for wording_id, name, slug in boxes:
        used[wording_id].append((name, slug))
    return [
        Shown(newest, sorted({form for one in (newest, *older) for form in used[one.pk]}), older)
        for newest, *older in versions.values()
    ]
