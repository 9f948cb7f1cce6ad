"""Moving the threshold of the ready gate: as a draft for people, or by itself within its limits."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import Role
from funnel.actions.telling import tell
from funnel.days import today
from funnel.lock import automatic
from funnel.models import CapacitySettings, ThresholdChange
from funnel.queries.forecast import Forecast, capacity_settings, forecast_now
from funnel.queries.room import room_ahead
from leads.models import Lead
from scoring.actions.drafts import change_draft, open_draft
from scoring.actions.publishing import OutOfDate, publish_as_seen
from scoring.engine.reading import RuleError
from scoring.models import RuleSet
from scoring.queries import live_rule_set
from scoring.tellings import Telling
from scoring.thresholds import threshold_of, with_threshold

log = structlog.get_logger(__name__)

TOLD = (Role.MARKETER, Role.MANAGER)


@transaction.atomic
def draft_threshold(*, threshold: int, by: User | None, now: datetime) -> RuleSet:
    """A draft of the live rules with another threshold, to be previewed and published like any other.

    Raises RuleSet.DoesNotExist when nothing is live, RuleError when the gate allows no such threshold.
    """
    draft = open_draft(by=by, now=now)
    return change_draft(
        draft=draft,
        revision=draft.revision,
        change=lambda document: with_threshold(document, threshold),
        summary=_("Threshold of the gate to ready for sales: %(number)s") % {"number": threshold},
        by=by,
        now=now,
    )


def follow_room(*, now: datetime) -> ThresholdChange | None:
    """Move the threshold to what sales can take, where that is switched on; what was changed, if anything.

    At most once a day (the database allows no second row). Publishing goes at its usual pace, so no flood of
    leads follows. Rules that somebody publishes meanwhile win: then nothing is changed.
    """
    chosen, live, day = capacity_settings(), live_rule_set(), today(now)
    if not chosen.is_automatic or live is None or ThresholdChange.objects.filter(day__gte=day).exists():
        return None
    try:
        found = forecast_now(live, now=now, most=Lead.objects.present().count() or 1)
        change = _change(found, chosen, now=now)
        return _carry_out(change, live, now=now) if change else None
    except RuleError:
        log.warning("threshold_not_possible", rules=live.version)
    except (OutOfDate, IntegrityError):
        log.info("threshold_overtaken", rules=live.version)
    return None


def _change(found: Forecast, chosen: CapacitySettings, *, now: datetime) -> ThresholdChange | None:
    """What is to be changed, not yet written."""
    expected, free = found.curve.expected, room_ahead(found.pace, now=now).free
    last = ThresholdChange.objects.order_by("-day").values_list("day", flat=True).first()
    aim = automatic(
        found.current,
        expected,
        free,
        chosen.limits_above(found.none),
        changed_on=last,
        today=today(now),
    )
    if aim == found.current:
        return None
    return ThresholdChange(
        at=now,
        day=today(now),
        before=found.threshold,
        after=aim if aim > found.none else 0,
        expected_before=expected[found.current],
        expected_after=expected[aim],
        free=free,
    )


@transaction.atomic
def _carry_out(change: ThresholdChange, live: RuleSet, *, now: datetime) -> ThresholdChange:
    """Publish it, write it down, tell marketers and managers."""
    with translation.override(settings.LANGUAGE_CODE):
        draft = draft_threshold(threshold=change.after, by=None, now=now)
    if draft.based_on_id != live.pk or threshold_of(draft.document) != change.after:
        raise OutOfDate(str(live))
    publish_as_seen(draft, revision=draft.revision, instead_of=live.version, by=None, now=now)
    change.rules_version = draft.version
    change.save(force_insert=True)
    log.info("threshold_changed", before=change.before, after=change.after, rules=draft.version)
    people = User.objects.filter(role__in=TOLD, is_active=True)
    tell(
        users=people,
        kind=Telling.THRESHOLD_CHANGED,
        lead=None,
        now=now,
        what=change.after,
        change=change.pk,
    )
    return change


def set_capacity(chosen: CapacitySettings) -> CapacitySettings:
    """Keep what the lock is set to: the only row there is."""
    chosen.pk = 1
    chosen.save()
    return chosen
