"""Recognising people and companies, and completing what is known about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction

from accounts.models import User
from leads.actions.events import record_event
from leads.channels import Acquisition
from leads.choices import Audience, Origin
from leads.models import Company, Lead, ProfileChange
from leads.normalise import EmailAddress, PhoneNumber, company_domain, searchable

# What a form, an import or a rep may tell about a lead; identity, owner and stage have their own actions.
PROFILE_FIELDS = frozenset(
    """
    first_name last_name language time_zone address postcode city region country company_role job_title
    department seniority need project_month pain_point budget_range interests social custom audience
    landing_page
    """.split()  # noqa: SIM905  # a list of words reads best as words
)
COMPANY_FIELDS = frozenset(
    """
    name siren sector headcount turnover country region postcode
    """.split()  # noqa: SIM905  # a list of words reads best as words
)
_SEARCHED = frozenset({"first_name", "last_name", "email", "phone", "reference"})


class NoIdentity(ValueError):
    """Neither email nor phone nor reference: nobody could be recognised by it."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What tells who it is; at least one must be usable."""

    email: EmailAddress | None = None
    phone: PhoneNumber | None = None
    reference: str | None = None

    @property
    def is_usable(self) -> bool:
        """Whether a lead can be found or made by it."""
        return bool(self.email or (self.phone and self.phone.is_valid) or self.reference)


@dataclass(frozen=True, slots=True)
class Arrival:
    """How the person came: kept from the first touch, the last one is updated each time."""

    channel: str = ""
    acquisition: str = Acquisition.INDIRECT
    landing_page: str = ""


@dataclass(frozen=True, slots=True)
class Recognised:
    """The lead, and whether it was made just now."""

    lead: Lead
    created: bool


@transaction.atomic
def recognise(
    *,
    identity: Identity,
    profile: Mapping[str, object],
    origin: Origin,
    now: datetime,
    arrival: Arrival | None = None,
    company: Mapping[str, object] | None = None,
    overwrite: bool = True,
    trusted: bool = True,
    by: User | None = None,
) -> Recognised:
    """Find the lead of this identity or make it, then complete its profile; its row is locked.

    An email is the strongest sign, then the outside reference, then the phone: a known phone with an
    unknown email is the same person only where that lead has no email yet and the caller is trusted (a
    switchboard has many people). With ``overwrite`` off only empty fields are filled.
    Raises NoIdentity when there is nothing to recognise anybody by.
    """
    if not identity.is_usable:
        raise NoIdentity("Give an email, a valid phone number or a reference.")
    arrival = arrival or Arrival()
    found = _find(identity, trusted=trusted)
    lead, created = (found, False) if found else _create(identity, arrival, now=now)
    changes = _identity_changes(lead, identity) | dict(profile)
    if arrival.channel and not created:
        Lead.objects.filter(pk=lead.pk).update(last_channel=arrival.channel)
    employer = resolve_company(
        identity.email, company or {}, now=now, origin=origin, by=by, overwrite=overwrite
    )
    if employer and (lead.company_id is None or (overwrite and lead.company_id != employer.pk)):
        changes["company"] = employer
    update_profile(lead=lead, changes=changes, origin=origin, now=now, by=by, overwrite=overwrite, wakes=True)
    return Recognised(lead, created)


def _find(identity: Identity, *, trusted: bool) -> Lead | None:
    """The lead that is this person, its row locked, following merges."""
    present = Lead.objects.filter(erased_at=None).select_for_update(of=("self",), no_key=True)
    lead = None
    if identity.email:
        lead = present.filter(email=identity.email.key).first()
    if lead is None and identity.reference:
        lead = present.filter(reference=identity.reference).first()
    if lead is None and identity.phone and identity.phone.e164:
        same_phone = present.filter(phone=identity.phone.e164, merged_into=None).order_by("id")
        if not identity.email:
            lead = same_phone.first()
        elif trusted:
            lead = same_phone.filter(email=None).first()
    while lead is not None and lead.merged_into_id:
        lead = present.get(pk=lead.merged_into_id)
    return lead


def _create(identity: Identity, arrival: Arrival, *, now: datetime) -> tuple[Lead, bool]:
    """A new lead; or the one that a concurrent request made a moment before."""
    email, phone = identity.email, identity.phone
    lead = Lead(
        reference=identity.reference or None,
        email=email.key if email else None,
        email_display=email.display if email else "",
        email_flags=list(email.flags) if email else [],
        phone=phone.e164 if phone else None,
        phone_raw=phone.raw[:60] if phone else "",
        phone_is_valid=phone.is_valid if phone else True,
        audience=_audience(email),
        channel=arrival.channel,
        last_channel=arrival.channel,
        acquisition=arrival.acquisition,
        landing_page=arrival.landing_page[:500],
        created_at=now,
        search_text=searchable(email.key if email else "", phone.e164 if phone else "", identity.reference)[
            :600
        ],
    )
    try:
        with transaction.atomic():
            lead.save(force_insert=True)
    except IntegrityError:
        found = _find(identity, trusted=True)
        if found is None:
            raise
        return found, False
    return lead, True


def _audience(email: EmailAddress | None) -> Audience:
    """Free mail means a consumer (privacy bar 5.1); a company's domain a professional; else unknown."""
    if email is None or "disposable" in email.flags:
        return Audience.UNKNOWN
    return Audience.B2C if email.is_free_mail else Audience.B2B


def _identity_changes(lead: Lead, identity: Identity) -> dict[str, object]:
    """Identity values that the lead did not have yet; known ones are never replaced this way."""
    changes: dict[str, object] = {}
    if identity.email and not lead.email:
        changes |= {
            "email": identity.email.key,
            "email_display": identity.email.display,
            "email_flags": list(identity.email.flags),
            "audience": _audience(identity.email),
        }
    if identity.phone and not lead.phone and identity.phone.raw != lead.phone_raw:
        changes |= {
            "phone": identity.phone.e164,
            "phone_raw": identity.phone.raw[:60],
            "phone_is_valid": identity.phone.is_valid,
        }
    if identity.reference and not lead.reference:
        changes["reference"] = identity.reference
    return changes


@transaction.atomic
def update_profile(
    *,
    lead: Lead,
    changes: Mapping[str, object],
    origin: Origin,
    now: datetime,
    by: User | None = None,
    overwrite: bool = True,
    wakes: bool = True,
) -> list[ProfileChange]:
    """Take over what differs, keep its history, record ``profile_changed`` and wake the lead.

    ``interests`` are added to the known ones, ``social`` and ``custom`` merged key by key; an empty value
    never replaces a known one. Returns the changes, which may be none.
    """
    rows = []
    for field, value in changes.items():
        old = getattr(lead, field)
        new = _combined(field, old, value)
        if new != old and not _is_empty(new) and (overwrite or _is_empty(old) or _may_grow(field)):
            setattr(lead, field, new)
            rows.append(_change(lead=lead, field=field, old=old, new=new, origin=origin, at=now, by=by))
    if not rows:
        return []
    fields = [row.field for row in rows]
    if _SEARCHED & set(fields):
        lead.search_text = searchable(
            lead.first_name, lead.last_name, lead.email, lead.phone, lead.reference
        )[:600]
        fields.append("search_text")
    lead.save(update_fields=fields)
    ProfileChange.objects.bulk_create(rows)
    record_event(
        lead_id=lead.pk,
        kind="profile_changed",
        occurred_at=now,
        now=now,
        properties={"fields": sorted(row.field for row in rows), "origin": origin.value},
        wakes=wakes,
    )
    return rows


def _may_grow(field: str) -> bool:
    """Fields that are added to rather than replaced."""
    return field in {"interests", "social", "custom"}


def _combined(field: str, old: object, value: object) -> object:
    """The value to keep: lists and tables of values grow, everything else is replaced."""
    if field == "interests" and isinstance(old, list) and isinstance(value, list):
        return old + [item for item in value if item not in old]
    if _may_grow(field) and isinstance(old, dict) and isinstance(value, dict):
        return old | value
    return value


def _is_empty(value: object) -> bool:
    """Whether a field says nothing yet ("unknown" audience and an unset role included)."""
    return value in (None, "", [], {}, Audience.UNKNOWN)


def _change(
    *, lead: Lead, field: str, old: object, new: object, origin: Origin, at: datetime, by: User | None
) -> ProfileChange:
    """The history row of one value."""
    return ProfileChange(
        lead=lead, field=field, old=_plain(old), new=_plain(new), origin=origin, at=at, by=by
    )


def _plain(value: object) -> object:
    """A value as JSON keeps it."""
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, Company):
        return value.name
    return value


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
    domain = str(details.get("domain") or (company_domain(email) if email else None) or "") or None
    name = str(details.get("name") or "")
    if not domain and not name:
        return None
    defaults = {"name": name or _name_of(domain or ""), "created_at": now}
    company = _find_company(domain, name)
    created = company is None
    if company is None:
        company, created = Company.objects.get_or_create(
            domain=domain, **({} if domain else {"name": name}), defaults=defaults
        )
    known = {field: value for field, value in details.items() if field in COMPANY_FIELDS and value}
    if not created and not overwrite:
        known = {field: value for field, value in known.items() if not getattr(company, field)}
    _update_company(company, known, now=now, origin=origin, by=by, is_new=created)
    return company


def _find_company(domain: str | None, name: str) -> Company | None:
    """By domain; by exact name only among companies whose domain nobody knows."""
    if domain:
        return Company.objects.filter(domain=domain).first()
    return Company.objects.filter(domain=None, name__iexact=name).order_by("id").first()


def _name_of(domain: str) -> str:
    """A first name for a company of which only the domain is known: "acier-dupont.fr" → "Acier Dupont"."""
    return domain.rsplit(".", 1)[0].replace("-", " ").title()


def _update_company(
    company: Company,
    details: Mapping[str, object],
    *,
    now: datetime,
    origin: Origin,
    by: User | None,
    is_new: bool,
) -> None:
    """Take over what differs, with its history."""
    changed = {field: value for field, value in details.items() if getattr(company, field) != value}
    if not changed and not is_new:
        return
    ProfileChange.objects.bulk_create(
        ProfileChange(
            company=company,
            field=field,
            old=_plain(getattr(company, field)),
            new=value,
            origin=origin,
            at=now,
            by=by,
        )
        for field, value in changed.items()
    )
    for field, value in changed.items():
        setattr(company, field, value)
    company.search_text = searchable(company.name, company.domain)[:260]
    company.save()
