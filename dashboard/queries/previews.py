"""A preview as people read it: three sentences, figures with their margins, the matrix, weeks, who moves."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from accounts.models import User
from dashboard.flows import Pairs, Sankey, pairs, sankey
from dashboard.previewing import Way, questions_unanswered, sample_step, tallies, weeks
from dashboard.templatetags.ui import count
from funnel.days import today
from funnel.queries.capacity import loads
from leads.channels import Channel
from leads.models import Lead
from scoring.engine.rules import GRADES
from scoring.models import PreviewLead, RulePreview, RuleSet
from scoring.queries import live_rule_set, parsed
from scoring.statistics import Estimate, scaled

DEPTH = {f"{grade}{level}": "ABCD".index(grade) + level - 1 for grade in GRADES for level in range(1, 5)}
WAYS = (Way.MQL_IN, Way.MQL_OUT, Way.READY_IN, Way.READY_OUT)
KEPT_FOR = 900
_SHORT: Mapping[str, Promise] = {
    Way.MQL_IN: gettext_lazy("MQL +"),
    Way.MQL_OUT: gettext_lazy("MQL −"),
    Way.READY_IN: gettext_lazy("Ready +"),
    Way.READY_OUT: gettext_lazy("Ready −"),
}
_MOST_FLOWS = 40


@dataclass(frozen=True, slots=True)
class Figure:
    """How many leads go one way, with the interval of a sample; ``listed`` when the list can be opened."""

    way: str
    label: str | Promise
    number: Estimate

    @property
    def short(self) -> str | Promise:
        """The same as the head of a narrow column."""
        return _SHORT[self.way]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the matrix: leads before and after, of those that were read."""

    code: str
    depth: int
    before: int
    after: int

    @property
    def difference(self) -> int:
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Split:
    """Who moves, for one channel or persona."""

    label: str | Promise
    numbers: list[int]


@dataclass(frozen=True, slots=True)
class Shown:
    """Everything that the page says. ``is_whole``: everybody was read."""

    is_whole: bool
    read: int
    everybody: int
    figures: list[Figure]
    sentences: list[str]
    rows: list[tuple[str, list[Cell]]]
    flows: Sankey
    flow_rows: list[tuple[str, str, int]]
    moving: Estimate
    withdrawn: Estimate
    channels: list[Split]
    personas: list[Split]
    unanswered: list[str]
    mql_weeks: Pairs
    ready_weeks: Pairs
    weeks: list[dict[str, Any]]
    weeks_read: int
    decided: float


def trial_of(rule_set: RuleSet, kind: RulePreview.Kind) -> RulePreview | None:
    """The trial of this revision, if somebody asked for it."""
    return RulePreview.objects.filter(rule_set=rule_set, revision=rule_set.revision, kind=kind).first()


def is_stale(trial: RulePreview, rule_set: RuleSet, live: RuleSet | None) -> bool:
    """Whether the rules, or those they were compared with, changed since."""
    return trial.revision != rule_set.revision or live is None or trial.live_version != live.version


def sample(rule_set: RuleSet, *, now: dt.datetime) -> dict[str, Any]:
    """The counts of a sample, made now; kept for a quarter of an hour where Redis is there."""
    live = live_rule_set()
    key = f"preview:{rule_set.pk}:{rule_set.revision}:{live.version if live else 0}:{today(now)}"
    with suppress(RedisError):
        kept = cache.get(key)
        if isinstance(kept, dict):
            return kept
    grown = list(tallies(rule_set, now=now, every=sample_step(Lead.objects.present().count())))
    counts: dict[str, Any] = grown[-1].as_json() if grown else {"read": 0, "everybody": 0}
    counts |= {"weeks": weeks(rule_set, now=now), "unanswered": questions_unanswered(rule_set)}
    with suppress(RedisError):
        cache.set(key, counts, timeout=KEPT_FOR)
    return counts


def shown(rule_set: RuleSet, found: Mapping[str, Any], *, now: dt.datetime) -> Shown:
    """What was counted, put together for the page."""
    read, everybody = found["read"], found["everybody"]
    moves = [(before, after, number) for before, after, number in found.get("moves", [])]
    moved = [flow for flow in moves if flow[0] != flow[1]]
    counted = found.get("ways", {})
    figures = [Figure(way, way.label, scaled(counted.get(way, 0), read, everybody)) for way in WAYS]
    by_week = found.get("weeks", {"rows": [], "read": 0, "decided": 0})
    rows = [row | {"until": dt.date.fromisoformat(row["until"])} for row in by_week["rows"]]
    factor = everybody / by_week["read"] if by_week["read"] else 1.0
    withdrawn = scaled(found.get("withdrawn", 0), read, everybody)
    return Shown(
        is_whole=read >= everybody,
        read=read,
        everybody=everybody,
        figures=figures,
        sentences=_sentences(figures, withdrawn, rows, factor, now),
        rows=_matrix(moves),
        flows=sankey(_largest([flow for flow in moved if flow[0]]), depth=DEPTH),
        flow_rows=sorted(moved, key=lambda flow: -flow[2]),
        moving=scaled(sum(flow[2] for flow in moved), read, everybody),
        withdrawn=withdrawn,
        channels=_channels(found.get("channels", {})),
        personas=_personas(rule_set, found.get("personas", {})),
        unanswered=found.get("unanswered", []),
        mql_weeks=_pairs(rows, "mql", factor, None),
        ready_weeks=_pairs(rows, "ready", factor, by_week["decided"]),
        weeks=[_scaled_week(row, factor) for row in rows],
        weeks_read=by_week["read"],
        decided=by_week["decided"],
    )


def _largest(flows: list[tuple[str, str, int]]) -> list[tuple[str, str, int]]:
    return sorted(flows, key=lambda flow: -flow[2])[:_MOST_FLOWS]


def _matrix(moves: list[tuple[str, str, int]]) -> list[tuple[str, list[Cell]]]:
    before: Counter[str] = Counter()
    after: Counter[str] = Counter()
    for old, new, number in moves:
        before[old] += number
        after[new] += number
    return [
        (
            grade,
            [
                Cell(code, DEPTH[code], before[code], after[code])
                for code in (f"{grade}{level}" for level in range(1, 5))
            ],
        )
        for grade in GRADES
    ]


def _pairs(rows: list[dict[str, Any]], name: str, factor: float, line: float | None) -> Pairs:
    told = [(f"{row['until']:%d/%m}", *(round(number * factor) for number in row[name])) for row in rows]
    return pairs([(label, before, after) for label, before, after in told], line)


def _scaled_week(row: dict[str, Any], factor: float) -> dict[str, Any]:
    return {
        "until": row["until"],
        "mql": [round(number * factor) for number in row["mql"]],
        "ready": [round(number * factor) for number in row["ready"]],
    }


def _sentences(
    figures: list[Figure], withdrawn: Estimate, rows: list[dict[str, Any]], factor: float, now: dt.datetime
) -> list[str]:
    """What this will do, in three."""
    told = {figure.way: _about(figure.number) for figure in figures}
    said = [
        _("Would become MQL: %(into)s. Would cool down: %(out)s.")
        % {"into": _leads(told[Way.MQL_IN], figures[0].number), "out": told[Way.MQL_OUT]}
    ]
    if withdrawn.value:
        said.append(
            _(
                "Would become ready for sales: %(into)s. No longer ready: %(out)s. Offers that would be "
                "taken off a rep’s table: %(offers)s."
            )
            % {
                "into": _leads(told[Way.READY_IN], figures[2].number),
                "out": told[Way.READY_OUT],
                "offers": _about(withdrawn),
            }
        )
    else:
        said.append(
            _(
                "Would become ready for sales: %(into)s. No longer ready: %(out)s. "
                "No offer would be withdrawn."
            )
            % {"into": _leads(told[Way.READY_IN], figures[2].number), "out": told[Way.READY_OUT]}
        )
    said.append(_against_capacity(rows, factor, now))
    return said


def _leads(words: str, number: Estimate) -> str:
    one = _("%(number)s lead") if number.high == 1 else _("%(number)s leads")
    return one % {"number": words}


def _about(number: Estimate) -> str:
    if number.is_exact:
        return count(number.value)
    return _("about %(number)s (%(low)s to %(high)s)") % {
        "number": count(number.value),
        "low": count(number.low),
        "high": count(number.high),
    }


def _against_capacity(rows: list[dict[str, Any]], factor: float, now: dt.datetime) -> str:
    team = loads(now=now)
    ready = [round(sum(row["ready"][side] for row in rows) * factor / max(1, len(rows))) for side in (0, 1)]
    return _(
        "Over the last twelve weeks, about %(draft)s leads a week would have become ready, instead of "
        "%(live)s; sales has %(places)s places, %(free)s of them free."
    ) % {
        "draft": count(ready[1]),
        "live": count(ready[0]),
        "places": count(sum(one.rep.places for one in team)),
        "free": count(sum(one.free for one in team)),
    }


def _channels(found: Mapping[str, Mapping[str, int]]) -> list[Split]:
    labels = dict(Channel.choices)
    return _splits(found, {code: labels.get(code, _("Unknown channel")) for code in found})


def _personas(rule_set: RuleSet, found: Mapping[str, Mapping[str, int]]) -> list[Split]:
    names = {one.code: one.name.in_(get_language() or "fr") for one in parsed(rule_set).personas}
    return _splits(found, {code: names.get(code, _("No persona")) for code in found})


def _splits(found: Mapping[str, Mapping[str, int]], labels: Mapping[str, str | Promise]) -> list[Split]:
    lines = [Split(labels[code], [counts.get(way, 0) for way in WAYS]) for code, counts in found.items()]
    return sorted(lines, key=lambda line: (-sum(line.numbers), str(line.label)))


def listed(preview: RulePreview, way: str, user: User) -> QuerySet[PreviewLead]:
    """Who goes one way, as far as this user may see them; the most promising first."""
    visible = Lead.objects.visible_to(user).present()
    return (
        PreviewLead.objects.filter(preview=preview, way=way, lead__in=visible)
        .select_related("lead__company")
        .order_by("-rank", "-pk")
    )


def csv_rows(rows: QuerySet[PreviewLead]) -> Iterator[list[str]]:
    """The list for a spreadsheet, with its headings."""
    yield [
        _("Name"), _("Company"), _("Email"), _("Badge before"), _("Badge after"),
        _("Fit before"), _("Fit after"), _("Engagement before"), _("Engagement after"),
    ]  # fmt: skip
    for row in rows.iterator(chunk_size=1000):
        company = row.lead.company
        yield [
            row.lead.display_name,
            company.name if company else "",
            row.lead.email or "",
            row.cell_before,
            row.cell_after,
            *(
                "" if value is None else str(value // 1000)
                for value in (row.fit_before, row.fit_after, row.engagement_before, row.engagement_after)
            ),
        ]
