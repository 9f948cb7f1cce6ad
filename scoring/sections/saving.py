"""Saving one part of a draft from a form: what was refused comes back beside what was typed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.pages import PageRequest
from scoring.actions.drafts import DraftConflict, change_draft
from scoring.actions.publishing import NotADraft
from scoring.drafts import Document
from scoring.engine.reading import RuleError
from scoring.models import RuleSet
from scoring.rule_words import say

BAD, CONFLICT = 422, 409


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a change was not made, in words; ``revision`` is the one that the next attempt may replace."""

    text: str
    status: int
    revision: int
    draft: RuleSet


def save(
    request: PageRequest, draft: RuleSet, change: Callable[[Document], Document], summary: str
) -> Refused | None:
    """Change the draft as of the ``revision`` that the form carries; None when it was done."""
    seen = _number(request.POST.get("revision"), draft.revision)
    try:
        change_draft(
            draft=draft, revision=seen, change=change, summary=summary, by=request.user, now=timezone.now()
        )
    except DraftConflict as conflict:
        text = _("Somebody changed this meanwhile. What you typed is below; save it to replace theirs.")
        return Refused(text, CONFLICT, conflict.theirs.revision, conflict.theirs)
    except RuleError as error:
        return Refused(say(error), BAD, seen, draft)
    except (LookupError, NotADraft):
        text = _("This is not there any more: somebody removed it meanwhile.")
        return Refused(text, CONFLICT, draft.revision, draft)
    return None


def _number(given: Any, otherwise: int) -> int:
    return int(given) if given and given.isascii() and given.isdigit() and len(given) < 10 else otherwise
