"""Which rules are live: drafts, templates, publishing."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from django.db import connection, transaction
from django.db.models import Max

from accounts.models import User
from leads.failpoints import failpoint
from leads.models import Content, EventKind, List
from scoring.actions.predicates import ask
from scoring.engine.parse import parse
from scoring.engine.parse_conditions import Vocabulary
from scoring.models import RuleSet, ScoringRun
from scoring.programs import site_zone
from scoring.sql import RULES_LOCK

TEMPLATES = Path(__file__).resolve().parent.parent / "templates_shipped"
TEMPLATE_CODES = ("b2b_services", "b2b_software", "b2c_long_cycle", "agency")


class NotADraft(Exception):
    """This version was published before, or thrown away: published rules never change."""


class NotArchived(Exception):
    """One goes back to a version that was live before; this one was not, or still is."""


def vocabulary() -> Vocabulary:
    """The codes that exist on this site, against which a document is checked."""
    return Vocabulary(
        kinds=frozenset(EventKind.objects.values_list("code", flat=True)),
        contents=frozenset(Content.objects.values_list("code", flat=True)),
        lists=frozenset(List.objects.values_list("code", flat=True)),
    )


@transaction.atomic
def make_draft(
    *, document: dict[str, object], by: User | None, now: datetime, based_on: RuleSet | None = None
) -> RuleSet:
    """Keep a document as the next version. Raises ``engine.reading.RuleError`` naming what is wrong."""
    return add_version(parse(document, vocabulary()).name.fr, document, by=by, now=now, based_on=based_on)


@transaction.atomic
def add_version(
    name: str,
    document: dict[str, object],
    *,
    by: User | None,
    now: datetime,
    based_on: RuleSet | None = None,
) -> RuleSet:
    """Keep a document that was checked before as a draft with the next number."""
    _exclude_others()
    latest = RuleSet.objects.aggregate(latest=Max("version"))["latest"] or 0
    return RuleSet.objects.create(
        version=latest + 1, name=name, document=document, created_at=now, created_by=by, based_on=based_on
    )


class OutOfDate(Exception):
    """What was confirmed is no longer what would be published: the draft, or the live version, changed."""


@transaction.atomic
def publish_as_seen(
    rule_set: RuleSet, *, revision: int, instead_of: int | None, by: User | None, now: datetime
) -> RuleSet:
    """Publish the revision that somebody saw, in place of the live version that they saw.

    Raises OutOfDate when either changed meanwhile, and what ``publish`` raises.
    """
    _exclude_others()
    present = RuleSet.objects.get(pk=rule_set.pk)
    live = RuleSet.objects.filter(status=RuleSet.Status.LIVE).first()
    if present.revision != revision or (live.version if live else None) != instead_of:
        raise OutOfDate(str(present))
    return publish(present, by=by, now=now)


@transaction.atomic
def roll_back(to: RuleSet, *, instead_of: int | None, by: User | None, now: datetime) -> RuleSet:
    """Publish an archived version again, as the next version: what was published stays as it was.

    Raises NotArchived, OutOfDate when other rules are live than ``instead_of``, and what ``publish`` raises.
    """
    if to.status != RuleSet.Status.ARCHIVED:
        raise NotArchived(str(to))
    again = add_version(to.name, to.document, by=by, now=now, based_on=to)
    return publish_as_seen(again, revision=again.revision, instead_of=instead_of, by=by, now=now)


@transaction.atomic
def publish(rule_set: RuleSet, *, by: User | None, now: datetime) -> RuleSet:
    """Make a draft the live rules, at once for every lead that is scored from now on.

    Waits for the batches that are being scored and holds back the next ones until the commit, so that no
    lead ends with an older version's score. A pass over all leads is left to be run (``rescore_all``).
    Raises NotADraft, or RuleError when the document no longer fits the site (a deleted list …).
    """
    _exclude_others()
    draft = RuleSet.objects.select_for_update().get(pk=rule_set.pk)
    if draft.status != RuleSet.Status.DRAFT or draft.discarded_at is not None:
        raise NotADraft(str(draft))
    rules = parse(draft.document, vocabulary())
    ask(rules.predicates())
    RuleSet.objects.filter(status=RuleSet.Status.LIVE).update(status=RuleSet.Status.ARCHIVED, archived_at=now)
    draft.status, draft.published_at, draft.published_by = RuleSet.Status.LIVE, now, by
    draft.save()
    _ask_for_a_pass(draft.version, now)
    failpoint("rule.after_publish")
    return draft


def load_template(code: str, *, by: User | None, now: datetime) -> RuleSet:
    """Publish a shipped template as the next version. Raises KeyError for an unknown code."""
    return publish(make_draft(document=template(code), by=by, now=now), by=by, now=now)


def template(code: str) -> dict[str, object]:
    """The document of a shipped template. Raises KeyError for an unknown code."""
    if code not in TEMPLATE_CODES:
        raise KeyError(code)
    document: dict[str, object] = json.loads((TEMPLATES / f"{code}.json").read_text(encoding="utf-8"))
    return document


def _exclude_others() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [RULES_LOCK])


def _ask_for_a_pass(version: int, now: datetime) -> None:
    """Leave an unfinished pass behind: the scheduler's next look takes it up."""
    ScoringRun.objects.filter(finished_at=None).update(finished_at=now)
    ScoringRun.objects.create(day=now.astimezone(site_zone()).date(), rules_version=version, started_at=now)
