"""Stages and refusals in words: how long a lead has stood somewhere, why it was left alone."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import ngettext, pgettext

from funnel.queries.stages import stage_settings
from funnel.refusals import MESSAGES
from funnel.stage_norms import Stay, stay

register = template.Library()

_TONES = {Stay.USUAL: "", Stay.LONG: " days--long", Stay.TOO_LONG: " days--too-long"}


@register.filter
def refusal_words(code: str) -> str:
    """What a refusal says, without the facts of the single case."""
    text = str(MESSAGES.get(code, code))
    return text.split("%(", maxsplit=1)[0].rstrip(" \u00a0:") if "%(" in text else text


@register.simple_tag
def days_in_stage(stage: str, since: datetime) -> SafeString:
    """The days a lead has stood in a stage; in colour and in words where that is longer than usual."""
    days, norm = (timezone.now() - since).days, stage_settings()[stage].norm_days
    found = stay(days, norm)
    text = ngettext("%(days)s day", "%(days)s days", days) % {"days": days}
    return format_html(
        '<span class="days{}" title="{}">{}{}</span>', _TONES[found], _usual(norm), text, _words(found)
    )


def _usual(norm: int | None) -> str:
    if norm is None:
        return ""
    return ngettext("Usually up to %(days)s day", "Usually up to %(days)s days", norm) % {"days": norm}


def _words(found: Stay) -> str:
    return {
        Stay.USUAL: "",
        Stay.LONG: ", " + pgettext("time in a stage", "long"),
        Stay.TOO_LONG: ", " + pgettext("time in a stage", "too long"),
    }[found]
