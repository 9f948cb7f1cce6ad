"""Recognising companies, and completing what is known about them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from leads.actions.agenda import wake
from leads.actions.profiles import Change, history_row
from leads.choices import Origin
from leads.company_names import CompanyKey, company_name_key, spelling
from leads.models import Company, Lead, ProfileChange
from leads.normalise import EmailAddress, company_domain, searchable

COMPANY_FIELDS = frozenset(
    """
    name siren sector headcount turnover country region postcode
    """.split()  # noqa: SIM905  # a list of words reads best as words
)


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
    Call inside a transaction.

    ``details`` may hold ``domain`` and COMPANY_FIELDS. Recognised by domain (a further one too), else by
    SIREN, else, among companies without a domain, by a name that is written alike (``company_name_key``).
    """
    key = company_key(email, details)
    company = _find_company(key)
    created = company is None
    if company is None:
        if not key.domain and not key.name:
            return None
        company, created = _made(key, now)
    changes = complete(company, details, is_new=created, overwrite=overwrite)
    if changes or created:
        ProfileChange.objects.bulk_create(
            history_row(company, change, origin=origin, at=now, by=by) for change in changes
        )
        company.save()
    return company


def _made(key: CompanyKey, now: datetime) -> tuple[Company, bool]:
    """The new company; one with this domain that somebody else has just made is theirs."""
    made = new_company(key.domain, key.name, at=now)
    if key.domain:
        return Company.objects.get_or_create(
            domain=key.domain, defaults={"name": made.name, "created_at": now}
        )
    made.save(force_insert=True)
    return made, True


def _find_company(key: CompanyKey) -> Company | None:
    """The company that ``CompanyRegister.find`` would find."""
    return (
        (_with_domain(key.domain) if key.domain else None)
        or (Company.objects.filter(siren=key.siren).order_by("id").first() if key.siren else None)
        or (_with_name(key) if key.name and not key.domain else None)
    )


def _with_domain(domain: str) -> Company | None:
    own = Company.objects.filter(domain=domain).first()
    return own or Company.objects.filter(domains__domain=domain).first()


def _with_name(key: CompanyKey) -> Company | None:
    """Only among companies whose domain nobody knows, and not one with another SIREN."""
    wanted = spelling(key.name)
    alike = Company.objects.filter(Q(name_key=wanted) | Q(name_key="", name=key.name), domain=None)
    if key.siren:
        alike = alike.filter(siren__in=("", key.siren))
    return alike.order_by("id").first()


def company_key(email: EmailAddress | None, details: Mapping[str, object]) -> CompanyKey:
    """By what a company is recognised, from an address and what was told of the company."""
    domain = str(details.get("domain") or (company_domain(email) if email else None) or "") or None
    return CompanyKey(domain, str(details.get("siren") or ""), str(details.get("name") or ""))


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
