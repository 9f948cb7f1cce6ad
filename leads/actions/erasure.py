"""Erasing a person (article 17 of the RGPD; privacy bar 5.6): what every table declared, in one transaction.

What is left counts them and tells nobody who they were; keyed fingerprints of their addresses are kept, so
that no import and no form brings them back. A tombstone wins: a trigger keeps an erased row as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import structlog
from django.db import connection, models, transaction
from django.utils.module_loading import import_string

from accounts.models import User
from leads.actions.consent import suppress
from leads.actions.journal import past_append_only
from leads.choices import ContactChannel, SuppressionReason
from leads.failpoints import failpoint
from leads.lead_links import REGISTRY, LeadLink, OnErase, lead_links
from leads.models import Lead

log = structlog.get_logger(__name__)


@transaction.atomic
def erase(*, lead: Lead, by: User | None, now: datetime) -> int:
    """Erase a person: the lead and whoever was merged into it; how many leads that were.

    Doing it twice is harmless. The log says who did it when, by numbers only.
    """
    leads = _everything_of(lead)
    for one in leads:
        _remember_to_refuse(one, now=now)
    _walk(leads, now=now)
    ids = [one.pk for one in leads]
    Lead.objects.filter(pk__in=ids).update(erased_at=now, **REGISTRY[Lead].blank)
    log.info("erased", leads=ids, by=by.pk if by else None)
    return len(ids)


def _everything_of(lead: Lead) -> list[Lead]:
    """The survivor of this lead and all that was merged into it, locked in id order."""
    survivor = Lead.objects.values_list("merged_into_id", flat=True).get(pk=lead.pk) or lead.pk
    mine = models.Q(pk=survivor) | models.Q(merged_into=survivor)
    return list(Lead.objects.select_for_update(no_key=True).filter(mine, erased_at=None).order_by("pk"))


def _remember_to_refuse(lead: Lead, *, now: datetime) -> None:
    addresses = ((lead.email, ContactChannel.EMAIL), (lead.phone, ContactChannel.PHONE))
    for address, channel in addresses:
        if address:
            suppress(address=address, channel=channel, reason=SuppressionReason.ERASED, now=now)


def _walk(leads: Sequence[Lead], *, now: datetime) -> None:
    """Have every table do what it declared, but for the leads, by whose values others are found."""
    links = [(model, link) for model, link in lead_links() if model is not Lead]
    with past_append_only():
        _may_blank_events("on")
        for _model, link in links:
            if link.leave:
                import_string(link.leave)([lead.pk for lead in leads], now=now)
        for place, (model, link) in enumerate(links):
            _erase_rows(model, link, leads)
            if place == len(links) // 2:
                failpoint("erase.mid")
        _may_blank_events("off")


def _may_blank_events(setting: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('ecluse.may_blank_events', %s, true)", [setting])


def _erase_rows(model: type[models.Model], link: LeadLink, leads: Sequence[Lead]) -> None:
    if link.erase is OnErase.KEEP:
        return
    if link.rows:
        rows: models.QuerySet[models.Model] = import_string(link.rows)(leads)
    else:
        rows = model._default_manager.filter(**{f"{link.key}__in": [lead.pk for lead in leads]})
    if link.erase is OnErase.DELETE:
        rows.delete()
    else:
        rows.update(**link.blank)


def erase_strays(lead_ids: Sequence[int], *, now: datetime) -> list[int]:
    """Erase what somebody wrote to erased leads a moment too late; those of the leads that were erased."""
    leads = list(Lead.objects.filter(pk__in=lead_ids).exclude(erased_at=None))
    if leads:
        _walk(leads, now=now)
    return [lead.pk for lead in leads]
