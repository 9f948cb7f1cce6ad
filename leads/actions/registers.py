"""The leads and companies that a batch may concern, read at once and looked up in memory.

Each register finds what the statements of ``recognise`` and ``resolve_company`` would find, with what the
batch itself has made.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from django.db.models import Q

from leads.actions.profiles import Identity, identity_changes, without_email
from leads.company_names import CompanyKey, spelling
from leads.models import Company, CompanyDomain, Lead


class SomebodyWasQuicker(Exception):
    """Another transaction changed what this one had read: work it off afresh."""


class LeadRegister:
    """Leads by all that they are recognised by; merged and erased ones too, whose keys are taken."""

    def __init__(self, leads: Iterable[Lead]) -> None:
        self._by_id: dict[int, Lead] = {}
        self._by_email: dict[str, Lead] = {}
        self._by_reference: dict[str, Lead] = {}
        self._by_phone: dict[str, dict[int, Lead]] = defaultdict(dict)
        for lead in leads:
            self.enter(lead)

    def __iter__(self) -> Iterator[Lead]:
        """All leads of the register."""
        return iter(self._by_id.values())

    def enter(self, lead: Lead) -> None:
        """Find the lead by what it is known by now."""
        self._by_id[lead.pk] = lead
        if lead.email:
            self._by_email[lead.email] = lead
        if lead.reference:
            self._by_reference[lead.reference] = lead
        if lead.phone:
            self._by_phone[lead.phone][lead.pk] = lead

    def find(self, identity: Identity, *, trusted: bool) -> Lead | None:
        """Who this is; None for somebody new. Raises SomebodyWasQuicker, Lead.DoesNotExist."""
        lead = None
        if identity.email:
            lead = _present(self._by_email.get(identity.email.key))
        if lead is None and identity.reference:
            lead = _present(self._by_reference.get(identity.reference))
        if lead is None and identity.phone and identity.phone.e164 and (trusted or not identity.email):
            lead = self._with_phone(identity.phone.e164, without_email=identity.email is not None)
        while lead is not None and lead.merged_into_id:
            lead = self._survivor(lead.merged_into_id)
        return lead

    def _with_phone(self, number: str, *, without_email: bool) -> Lead | None:
        """The oldest lead with this number."""
        fitting = [
            lead
            for lead in self._by_phone.get(number, {}).values()
            if _present(lead) and not lead.merged_into_id and not (without_email and lead.email is not None)
        ]
        return min(fitting, key=lambda lead: lead.pk, default=None)

    def _survivor(self, lead_id: int) -> Lead:
        survivor = self._by_id.get(lead_id)
        if survivor is None:
            raise SomebodyWasQuicker
        if survivor.erased_at is not None:
            raise Lead.DoesNotExist
        return survivor

    def identity_changes(self, lead: Lead, identity: Identity) -> dict[str, object]:
        """What the lead learns of its identity; a value that another lead holds stays theirs."""
        changes = identity_changes(lead, identity)
        if identity.email and self._by_email.get(identity.email.key, lead) is not lead:
            changes = without_email(changes)
        if identity.reference and self._by_reference.get(identity.reference, lead) is not lead:
            changes.pop("reference", None)
        return changes


def _present(lead: Lead | None) -> Lead | None:
    return None if lead is None or lead.erased_at is not None else lead


def read_leads(identities: Sequence[Identity]) -> LeadRegister:
    """Everybody whom these identities may mean, following merges; locked in id order."""
    ids = _concerned(identities)
    if not ids:
        return LeadRegister(())
    leads = Lead.objects.filter(pk__in=ids).select_related("company").order_by("pk")
    return LeadRegister(leads.select_for_update(of=("self",), no_key=True))


def _concerned(identities: Sequence[Identity]) -> set[int]:
    known = Lead.objects.filter(
        Q(email__in={each.email.key for each in identities if each.email})
        | Q(reference__in={each.reference for each in identities if each.reference})
        | Q(phone__in={each.phone.e164 for each in identities if each.phone and each.phone.e164})
    )
    found: set[int] = set()
    rows = list(known.values_list("pk", "merged_into"))
    while rows:
        found |= {pk for pk, _into in rows}
        further = {into for _pk, into in rows if into is not None} - found
        rows = list(Lead.objects.filter(pk__in=further).values_list("pk", "merged_into")) if further else []
    return found


class CompanyRegister:
    """Companies by domain, SIREN and, without a domain, by how their name is written by others."""

    def __init__(self, companies: Iterable[Company], further: Mapping[str, int] | None = None) -> None:
        self._further = further or {}  # a further domain: the company's id
        self._by_id: dict[int, Company] = {}
        self._by_domain: dict[str, Company] = {}
        self._by_siren: dict[str, Company] = {}
        self._by_spelling: dict[str, list[Company]] = defaultdict(list)  # those without a domain
        # Of each company (some have no number yet): its turn, its SIREN and how it is spelled.
        self._turns: dict[int, int] = {}
        self._sirens: dict[int, str] = {}
        self._spelled: dict[int, str] = {}
        for company in companies:
            self.enter(company)

    def enter(self, company: Company, *, siren: str = "") -> None:
        """Find the company by what it is known by now, or will be: of two alike the older one."""
        known, siren = id(company), company.siren or siren
        turn = self._turns.setdefault(known, len(self._turns))
        self._by_id[company.pk] = company
        self._sirens[known] = siren
        if known in self._spelled:
            self._by_spelling[self._spelled.pop(known)].remove(company)
        if siren and turn <= self._turn(self._by_siren.get(siren, company)):
            self._by_siren[siren] = company
        if company.domain:
            self._by_domain[company.domain] = company
        else:
            self._spelled[known] = spelling(company.name)
            self._by_spelling[self._spelled[known]].append(company)

    def _turn(self, company: Company) -> int:
        return self._turns[id(company)]

    def find(self, key: CompanyKey) -> Company | None:
        """The company that is recognised by this key."""
        if key.domain:
            found = self._by_domain.get(key.domain) or self._by_id.get(self._further.get(key.domain, 0))
            return found or self._by_siren.get(key.siren)
        return self._by_siren.get(key.siren) or self._with_name(key)

    def _with_name(self, key: CompanyKey) -> Company | None:
        """The oldest; nobody with another SIREN."""
        alike = self._by_spelling.get(spelling(key.name), []) if key.name else []
        fitting = [one for one in alike if not key.siren or self._sirens[id(one)] in ("", key.siren)]
        return min(fitting, key=self._turn, default=None)

    def same(self, company: Company | None) -> Company | None:
        """The register's own object of a company, where it has one."""
        return self._by_id.get(company.pk, company) if company else None


def read_companies(keys: Collection[CompanyKey]) -> CompanyRegister:
    """The companies that these keys may mean."""
    domains = {key.domain for key in keys if key.domain}
    names = {key.name for key in keys if key.name and not key.domain}
    further = dict(CompanyDomain.objects.filter(domain__in=domains).values_list("domain", "company_id"))
    wanted = Q(domain__in=domains) | Q(pk__in=further.values())
    if sirens := {key.siren for key in keys if key.siren}:
        wanted |= Q(siren__in=sirens)
    if names:
        alike = Q(name_key__in=set(map(spelling, names))) | Q(name_key="", name__in=names)
        wanted |= Q(domain=None) & alike
    return CompanyRegister(Company.objects.filter(wanted).order_by("pk"), further)
