"""What desks' rules ask of leads: where they are, what they do, what they speak, what interests them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from funnel.matching import Accepts, Takes, Traits, place_of
from funnel.models import Rep
from leads.models import Company, Lead

_COMPANY = ("sector", "headcount", "country", "region", "postcode")


def traits_of(leads: Sequence[Lead]) -> dict[int, Traits]:
    """The traits of each lead, by id; what is not noted of the person is the company's. One query."""
    numbers = {lead.company_id for lead in leads if lead.company_id}
    companies = Company.objects.only(*_COMPANY).in_bulk(list(numbers)) if numbers else {}
    return {lead.pk: _traits(lead, companies.get(lead.company_id or 0)) for lead in leads}


def _traits(lead: Lead, company: Company | None) -> Traits:
    where = lead if _is_placed(lead) or company is None else company
    country, region, department, postcode = place_of(
        postcode=where.postcode, region=where.region, country=where.country
    )
    return Traits(
        country=country,
        region=region,
        department=department,
        postcode=postcode,
        sector=company.sector if company else "",
        language=lead.language[:2].lower(),
        size=company.headcount if company else "",
        products=frozenset(_plain(lead.interests)),
    )


def _is_placed(lead: Lead) -> bool:
    """A country alone is less than what a company's postcode tells."""
    return bool(lead.postcode or lead.region)


def _plain(values: Iterable[str]) -> list[str]:
    return [value.strip().casefold() for value in values if value.strip()]


def takes_of(rep: Rep) -> Takes:
    """The rules of one desk that came ``whole()``."""
    return Takes(
        {
            rule.kind: Accepts(frozenset(_comparable(rule.kind, rule.values)), rule.takes_unknown)
            for rule in rep.rules.all()
        }
    )


def _comparable(kind: str, values: Iterable[str]) -> Iterable[str]:
    return _plain(values) if kind == "product" else values
