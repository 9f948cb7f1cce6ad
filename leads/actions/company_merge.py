"""Two companies are one: their people, domains and history joined; reversible."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from leads.actions.agenda import wake
from leads.actions.companies import COMPANY_FIELDS
from leads.actions.journal import Journal, Left, past_append_only, undo
from leads.actions.merge import CannotMerge
from leads.company_names import company_name_key
from leads.lead_links import column_of, lead_links
from leads.models import Company, CompanyDomain, CompanyMerge, Lead
from leads.normalise import searchable


@transaction.atomic
def merge_companies(*, keep: Company, away: Company, now: datetime, by: User | None) -> CompanyMerge:
    """``away`` becomes part of ``keep``, which fills what it does not know yet and answers to both domains.

    Raises CannotMerge("same" or "merged").
    """
    keep, away = _both(keep.pk, away.pk)
    journal = Journal()
    people = list(Lead.objects.filter(company=away).values_list("pk", flat=True))
    with past_append_only():
        for model, link in lead_links():
            if link.company_key:
                column = column_of(model, link.company_key)
                journal.move(model, column, old=away.pk, new=keep.pk)
                # What a unique key forbids there.
                journal.set_aside(model, column, owner=away.pk)
        journal.set_aside(Company, "id", owner=away.pk)
        _take_over(journal, keep, away, now)
    wake(people)
    return CompanyMerge.objects.create(
        kept=keep, away_public_id=away.public_id, away_name=away.name, at=now, by=by, journal=journal.entries
    )


def _both(kept: int, away: int) -> tuple[Company, Company]:
    if kept == away:
        raise CannotMerge("same")
    rows = Company.objects.select_for_update().filter(pk__in=(kept, away)).order_by("pk")
    found = {row.pk: row for row in rows}
    if len(found) < 2:
        raise CannotMerge("merged")
    return found[kept], found[away]


def _take_over(journal: Journal, keep: Company, away: Company, now: datetime) -> None:
    """What the survivor did not know, and the other one's domain."""
    values: dict[str, object] = {
        name: getattr(away, name)
        for name in sorted(COMPANY_FIELDS)
        if getattr(away, name) and not getattr(keep, name)
    }
    values["custom"] = away.custom | keep.custom
    if away.domain and not keep.domain:
        values["domain"] = away.domain
    elif away.domain:
        made = CompanyDomain.objects.create(company=keep, domain=away.domain, created_at=now)
        journal.added(CompanyDomain, [made.pk])
    domain = str(values.get("domain") or keep.domain or "")
    values |= {"search_text": searchable(keep.name, domain)[:260], "name_key": company_name_key(keep.name)}
    journal.change(Company, keep.pk, values)


@transaction.atomic
def unmerge_companies(*, merge: CompanyMerge, now: datetime, by: User | None) -> list[Left]:
    """Both companies again; what changed since stays. Raises CannotMerge("undone")."""
    row = CompanyMerge.objects.select_for_update().get(pk=merge.pk)
    if row.undone_at is not None:
        raise CannotMerge("undone")
    Company.objects.select_for_update().get(pk=row.kept_id)
    with past_append_only():
        left = undo(row.journal)
    row.undone_at, row.undone_by = now, by
    row.save(update_fields=["undone_at", "undone_by"])
    both = Q(company=row.kept_id) | Q(company__public_id=row.away_public_id)
    wake(Lead.objects.present().filter(both).values_list("pk", flat=True))
    return left
