"""The small marks that pages repeat: icons, badges, temperatures, stages, scores, dates (see /styleguide/).

Each tag returns safe HTML made by ``format_html``; nothing here reads the database or the clock, except
``ago``, whose "now" is the moment the page is drawn. Colours and sizes come from static/css only.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache

from django import template
from django.http import QueryDict
from django.templatetags.static import static
from django.utils import formats, timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.timesince import timesince
from django.utils.translation import gettext, ngettext, pgettext
from django.utils.translation import gettext_lazy as _

from funnel.choices import SITUATIONS, STAGES
from funnel.models import Standing
from funnel.stages import Situation
from leads.choices import Phase
from nurturing.models import Message
from nurturing.words import reason_in_words
from scoring.models import LeadScore

register = template.Library()

LEVELS = ("lead", "mql", "sal", "sql", "customer")
ASIDE = {"recycled": "recycle", "disqualified": "ban"}
TEMPERATURES = {
    "cold": ("snowflake", _("Cold")),
    "warm": ("temperature", _("Warm")),
    "hot": ("flame", _("Hot")),
}
MESSAGE_TONES = {"sent": "good", "held": "warn", "failed": "bad", "unknown": "bad"}
NOTHING = format_html('<span class="muted">{}</span>', "—")


@lru_cache(maxsize=1)
def sprite_url() -> str:
    """Where the icons are served from; asked once, since the name is fixed while the process lives."""
    return static("vendor/icons.svg")


@register.simple_tag
def icon(name: str, size: str = "", label: str = "") -> SafeString:
    """A Tabler icon of the sprite (assets/icons.txt). Without a label it is decoration for screen readers."""
    css = f"icon icon--{size}" if size else "icon"
    if label:
        return format_html(
            '<svg class="{}" role="img" aria-label="{}"><use href="{}#{}"/></svg>',
            css,
            label,
            sprite_url(),
            name,
        )
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>', css, sprite_url(), name
    )


@register.simple_tag
def band(grade: str | None, level: int | str | None, size: str = "") -> SafeString:
    """The A1–D4 badge: the letter is the fit, the digit the engagement; the deeper the water, the better."""
    if not grade or not level:
        return NOTHING
    css = f"band band--{size}" if size else "band"
    return format_html(
        '<span class="{}" data-depth="{}" title="{}">{}{}</span>',
        css,
        depth(grade, level),
        gettext("Fit %(grade)s, engagement %(level)s") % {"grade": grade, "level": level},
        grade,
        level,
    )


@register.simple_tag
def badge(score: LeadScore | None, size: str = "") -> SafeString:
    """A lead's badge wherever leads are listed: its band, and its temperature as a mark with a tooltip."""
    if not score:
        return NOTHING
    mark = SafeString("")
    if score.temperature in TEMPERATURES:
        name, label = TEMPERATURES[score.temperature]
        mark = format_html(
            '<span class="temp" data-temp="{}" title="{}">{}</span>',
            score.temperature,
            label,
            icon(name, label=str(label)),
        )
    return format_html('<span class="badge">{}{}</span>', band(score.grade, score.level, size), mark)


@register.filter("depth_of")
def depth(grade: str, level: int | str) -> int:
    """0 (A1, the deepest) to 6 (D4): the steps away from the best corner of the matrix."""
    return "ABCD".find(grade) % 4 + int(level) - 1


@register.simple_tag
def temperature(code: str | None) -> SafeString:
    """Cold, warm or hot, with its icon."""
    if code not in TEMPERATURES:
        return NOTHING
    name, label = TEMPERATURES[code]
    return format_html('<span class="temp" data-temp="{}">{}{}</span>', code, icon(name), label)


@register.filter
def stage_label(code: str | None) -> str:
    """The stage's name in the reader's language; the code itself when it is not one of ours."""
    return str(STAGES.get((code or "").lower(), code or "—"))


@register.simple_tag
def stage(code: str | None) -> SafeString:
    """A stage as the levels of a lock, filled up to where the lead stands, and its name."""
    if not code:
        return NOTHING
    return format_html('<span class="stage">{}{}</span>', level_mark(code.lower()), stage_label(code))


@register.filter
def phase_label(code: str) -> str:
    """The buying phase in the reader's language."""
    return str(dict(Phase.choices).get(code, code))


@register.simple_tag
def standing(where: Standing | None) -> SafeString:
    """Where a lead stands, and what an MQL is waiting for."""
    if not where:
        return NOTHING
    if where.situation not in (Situation.READY, Situation.OFFERED):
        return stage(where.stage)
    tone = "accent" if where.situation == Situation.OFFERED else "good"
    return format_html(
        '<span class="stage">{}<span class="tag tag--{}">{}</span></span>',
        level_mark(where.stage),
        tone,
        SITUATIONS[where.situation],
    )


@register.simple_tag
def score(thousandths: int | None) -> SafeString:
    """A score of 0 to 100 with its bar; kept in thousandths, shown in whole points (rounded down)."""
    if not isinstance(thousandths, int):
        return NOTHING
    whole = thousandths // 1000
    return format_html('<span class="score">{}<span>{}</span></span>', meter(whole), whole)


@register.simple_tag
def level_mark(code: str) -> SafeString:
    """Only the little staircase of a stage (decoration: its name stands beside it)."""
    if code in ASIDE:
        return format_html(
            '<svg class="icon level--off" aria-hidden="true"><use href="{}#{}"/></svg>',
            sprite_url(),
            ASIDE[code],
        )
    reached = LEVELS.index(code) if code in LEVELS else -1
    bars = format_html_join(
        "",
        '<rect class="{}" x="{}" y="{}" width="2.6" height="{}" rx="0.8"/>',
        (("on" if i <= reached else "", i * 3.6, 11 - 2.2 * i, 3 + 2.2 * i) for i in range(5)),
    )
    return format_html('<svg class="level" viewBox="0 0 17 14" aria-hidden="true">{}</svg>', bars)


@register.simple_tag
def meter(value: float | None, maximum: float = 100, label: str = "") -> SafeString:
    """A thin bar whose width is an SVG attribute. ``label`` names it where no figure stands near."""
    width = 0.0 if not value or not maximum else max(0.0, min(100.0, 100 * float(value) / float(maximum)))
    named = format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    return format_html(
        '<svg class="meter" viewBox="0 0 100 5" preserveAspectRatio="none" {}>'
        '<rect class="meter__track" width="100" height="5"/>'
        '<rect class="meter__fill" width="{}" height="5"/></svg>',
        named,
        f"{width:.1f}",
    )


@register.filter
def points(thousandths: int | None) -> str:
    """Exact points, kept in thousandths, as people read them: 12, 7.5, −3 (signed by ``signed_points``)."""
    if thousandths is None:
        return "—"
    places = 0 if thousandths % 1000 == 0 else 1
    return formats.number_format(round(thousandths / 1000, places), places).replace("-", "−")


@register.filter
def signed_points(thousandths: int | None) -> str:
    """Like ``points``, with its sign: +10, −3."""
    return f"+{points(thousandths)}" if thousandths and thousandths > 0 else points(thousandths)


@register.filter
def signed_whole(value: int) -> str:
    """Whole points with their sign: +10, −3, 0."""
    return f"{value:+d}".replace("-", "−") if value else "0"


@register.filter
def sign(value: int) -> str:
    """Where a difference points: "up", "down", or "" for none."""
    return "up" if value > 0 else "down" if value < 0 else ""


@register.filter
def at(values: Mapping[object, object], key: object) -> object:
    """The value of a key that a template holds in a variable; None where there is none."""
    return values.get(key)


@register.filter
def count(value: int | None) -> str:
    """A whole number with the language's thousands separator; "—" for None, never NaN."""
    return "—" if value is None else formats.number_format(value, 0, use_l10n=True, force_grouping=True)


@register.filter
def signed_count(value: int) -> str:
    """A difference of counts: +12, −3, 0."""
    sign = "+" if value > 0 else "−" if value < 0 else ""
    return sign + count(abs(value))


@register.filter
def euros(amount: Decimal | None) -> str:
    """An amount in euros as the language writes it, without empty cents; "—" for None."""
    if amount is None:
        return "—"
    places = 0 if amount == amount.to_integral_value() else 2
    number = formats.number_format(amount, places, use_l10n=True, force_grouping=True)
    return pgettext("amount of money", "€%s") % number


@register.filter
def percent(ratio: float | None, places: int = 1) -> str:
    """0.105 → "10,5 %" in French, "10.5%" in English; "—" for None."""
    if ratio is None:
        return "—"
    return pgettext("percentage", "%s%%") % formats.number_format(round(100 * ratio, places), places)


@register.filter
def permille(value: int | None) -> str:
    """Thousandths as whole percent; what rounds to none or to all is said as such: "< 1 %", "> 99 %"."""
    if value is None:
        return "—"
    if value < 5:
        return "< " + percent(0.01, 0)
    return "> " + percent(0.99, 0) if value >= 995 else percent(value / 1000, 0)


@register.simple_tag
def ago(moment: dt.datetime | dt.date | None) -> SafeString:
    """A relative date, with the exact one on hover; static/js/ago.js keeps it true while the page is open."""
    if moment is None:
        return NOTHING
    if not isinstance(moment, dt.datetime):
        return format_html('<time datetime="{}">{}</time>', moment.isoformat(), formats.date_format(moment))
    local = timezone.localtime(moment)
    return format_html(
        '<time datetime="{}" title="{}" data-ago>{}</time>',
        local.isoformat(timespec="seconds"),
        formats.date_format(local, "DATETIME_FORMAT"),
        relative(moment, timezone.now()),
    )


def relative(moment: dt.datetime, now: dt.datetime) -> str:
    """ "3 days ago", "in 2 hours", "now": one unit is enough for a glance."""
    if abs((now - moment).total_seconds()) < 60:
        return gettext("just now")
    if moment > now:
        return gettext("in %s") % timesince(now, moment, depth=1)
    return gettext("%s ago") % timesince(moment, now, depth=1)


@register.simple_tag
def message_state(message: Message) -> SafeString:
    """Where a message is on its way, as a tag."""
    return format_html(
        '<span class="tag tag--{}">{}</span>',
        MESSAGE_TONES.get(message.state, "line"),
        message.get_state_display(),
    )


@register.filter
def message_title(message: Message) -> str:
    """The subject; before it is written, what the message would be about."""
    return message.subject or (message.content.title if message.content else message.template.code)


@register.filter
def message_reason(message: Message) -> str:
    """Why a message did not leave, in words; "—" for one that did."""
    return capfirst(reason_in_words(message.reason, message.detail)) or "—"


@register.filter
def initials(name: object) -> str:
    """At most two capitals of a name, for an avatar."""
    words = [word for word in str(name or "").replace("-", " ").split() if word[0].isalnum()]
    chosen = words if len(words) < 2 else [words[0], words[-1]]
    return "".join(word[0].upper() for word in chosen) or "·"


@register.simple_tag
def person(user: object, nobody: str = "") -> SafeString:
    """Somebody of the team: initials and name; ``nobody`` (or a dash) when there is none."""
    if user is None:
        return format_html('<span class="muted">{}</span>', nobody or "—")
    name = getattr(user, "full_name", None) or str(user)
    return format_html(
        '<span class="row"><span class="avatar" aria-hidden="true">{}</span>'
        '<span class="cut">{}</span></span>',
        initials(name),
        name,
    )


@register.simple_tag(takes_context=True)
def query_with(context: Mapping[str, object], **changes: object) -> str:
    """The current address's parameters with ``changes``; None or "" removes one; a cursor never survives."""
    request = context.get("request")
    params: QueryDict = request.GET.copy() if request is not None else QueryDict(mutable=True)  # type: ignore[attr-defined]
    for name in ("after", "before"):
        params.pop(name, None)
    for name, value in changes.items():
        params.pop(name, None)
        if value not in (None, ""):
            params[name] = str(value)
    return f"?{params.urlencode()}"


@register.simple_tag(takes_context=True)
def query_without(context: Mapping[str, object], name: str) -> str:
    """The current address's parameters without one of them."""
    return query_with(context, **{name: None})


@register.filter
def leads_count(value: int) -> str:
    """ "1 lead", "1,204 leads"."""
    return ngettext("%(count)s lead", "%(count)s leads", value) % {"count": count(value)}
