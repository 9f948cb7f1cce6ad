"""Recognising companies, and completing what is known about them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from accounts.models import User
from leads.actions.agenda import wake
from leads.actions.profiles import Change, history_row
from leads.choices import Origin
from leads.company_names import company_name_key
from leads.models import Company, Lead, ProfileChange
from leads.normalise import EmailAddress, company_domain, searchable

COMPANY_FIELDS = frozenset(
    """
    name siren sector headcount turnover country region postcode
    """.split()  # noqa: SIM905  # a list of words reads best as words
)


@transaction.atomic
def resolve_company(
    email: EmailAddress | None,
    details: Mapping[str, object],
    *,
    now: datetime,
    origin: Origin,
    by: User | None = None,
    overwrite: bool = True,
) -> Company | None:
    """The company of a professional address or of a given name, made where it is new; None if unknown.

    ``details`` may hold ``domain`` and COMPANY_FIELDS. Recognised by domain, else by the exact name among
    companies without a domain.
    """
    domain, name = company_key(email, details)
    if not domain and not name:
        return None
    company = _find_company(domain, name)
    created = company is None
    if company is None:
        made = new_company(domain, name, at=now)
        company, created = Company.objects.get_or_create(
            domain=domain,
            **({} if domain else {"name": name}),
            defaults={"name": made.name, "created_at": now},
        )
    changes = complete(company, details, is_new=created, overwrite=overwrite)
    if changes or created:
        ProfileChange.objects.bulk_create(
            history_row(company, change, origin=origin, at=now, by=by) for change in changes
        )
        company.save()
    return company


def _find_company(domain: str | None, name: str) -> Company | None:
    """By domain, also a further one; by exact name only among companies whose domain nobody knows."""
    if domain:
        own = Company.objects.filter(domain=domain).first()
        return own or Company.objects.filter(domains__domain=domain).first()
    return Company.objects.filter(domain=None, name__iexact=name).order_by("id").first()


def company_key(email: EmailAddress | None, details: Mapping[str, object]) -> tuple[str | None, str]:
    """The domain (None: unknown) and the name ("": not given) by which a company is recognised."""
    domain = str(details.get("domain") or (company_domain(email) if email else None) or "") or None
    return domain, str(details.get("name") or "")


def new_company(domain: str | None, name: str, *, at: datetime) -> Company:
    """A company of which nothing else is known; not saved."""
    company = Company(domain=domain, name=name or _name_of(domain or ""), created_at=at)
    _follow_name(company)
    return company


def _name_of(domain: str) -> str:
    """A first name for a company of which only the domain is known: "acier-dupont.fr" → "Acier Dupont"."""
    return domain.rsplit(".", 1)[0].replace("-", " ").title()


def complete(
    company: Company, details: Mapping[str, object], *, is_new: bool, overwrite: bool
) -> list[Change]:
    """Give the company what differs, and say what that was; not saved. Without ``overwrite`` only what is
    empty is filled, unless the company is new."""
    changes = []
    for field, value in details.items():
        old = getattr(company, field) if field in COMPANY_FIELDS else value
        if value and value != old and (is_new or overwrite or not old):
            changes.append(Change(field, old, value))
            setattr(company, field, value)
    if changes or is_new:
        _follow_name(company)
    return changes


def _follow_name(company: Company) -> None:
    """What a company is searched and found alike by."""
    company.search_text = searchable(company.name, company.domain)[:260]
    company.name_key = company_name_key(company.name)


@transaction.atomic
def update_company(
    *, company: Company, changes: Mapping[str, object], origin: Origin, now: datetime, by: User | None
) -> list[ProfileChange]:
    """Take over what differs, keep its history, and have its people looked at: rules may ask for it.

    ``changes`` may hold COMPANY_FIELDS; an empty value never replaces a known one.
    """
    company = Company.objects.select_for_update(no_key=True).get(pk=company.pk)
    taken = complete(company, changes, is_new=False, overwrite=True)
    if not taken:
        return []
    company.save()
    rows = [history_row(company, change, origin=origin, at=now, by=by) for change in taken]
    ProfileChange.objects.bulk_create(rows)
    wake(Lead.objects.present().filter(company=company).values_list("pk", flat=True))
    return rows
