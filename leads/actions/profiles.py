"""What becomes of what is told about a person: worked out on lead objects, nothing is read or written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import uuid4

from accounts.models import User
from leads.actions.events import new_event
from leads.channels import Acquisition
from leads.choices import Audience, Origin
from leads.incoming import NewEvent
from leads.kinds import BY_CODE
from leads.models import Company, Lead, ProfileChange, Source
from leads.normalise import EmailAddress, PhoneNumber, searchable

# What a form, an import or a rep may tell about a lead; identity, owner and stage have their own actions.
PROFILE_FIELDS = frozenset(
    """
    first_name last_name language time_zone address postcode city region country company_role job_title
    department seniority need project_month pain_point budget_range interests social custom audience
    landing_page
    """.split()  # noqa: SIM905  # a list of words reads best as words
)
_SEARCHED = frozenset({"first_name", "last_name", "email", "phone", "reference"})
_GROWING = frozenset({"interests", "social", "custom"})


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

    @property
    def addresses(self) -> list[str]:
        """The email and the phone in their normal forms, as far as they are known."""
        phone = self.phone.e164 if self.phone else None
        return [address for address in (self.email.key if self.email else None, phone) if address]

    def require_usable(self) -> None:
        """Raises NoIdentity when there is nothing to recognise anybody by."""
        if not self.is_usable:
            raise NoIdentity("Give an email, a valid phone number or a reference.")


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


class Change(NamedTuple):
    """One field that got another value."""

    field: str
    old: object
    new: object


def new_lead(identity: Identity, arrival: Arrival, *, at: datetime) -> Lead:
    """A lead of whom nothing is known but who it is and how it came; not saved."""
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
        created_at=at,
    )
    lead.search_text = _search_text(lead)
    return lead


def _audience(email: EmailAddress | None) -> Audience:
    """Free mail means a consumer (privacy bar 5.1); a company's domain a professional; else unknown."""
    if email is None or "disposable" in email.flags:
        return Audience.UNKNOWN
    return Audience.B2C if email.is_free_mail else Audience.B2B


def _search_text(lead: Lead) -> str:
    return searchable(lead.first_name, lead.last_name, lead.email, lead.phone, lead.reference)[:600]


def identity_changes(lead: Lead, identity: Identity) -> dict[str, object]:
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


def without_email(changes: Mapping[str, object]) -> dict[str, object]:
    """Those identity changes that do not come from an email."""
    taken = {"email", "email_display", "email_flags", "audience"}
    return {field: value for field, value in changes.items() if field not in taken}


def take_over(lead: Lead, changes: Mapping[str, object], *, overwrite: bool) -> list[Change]:
    """Give the lead what differs, and say what that was.

    ``interests`` are added to the known ones, ``social`` and ``custom`` merged key by key; an empty value
    never replaces a known one. Without ``overwrite`` only what is empty is filled.
    """
    taken = []
    for field, value in changes.items():
        old = getattr(lead, field)
        new = _combined(field, old, value, overwrite=overwrite)
        if new != old and not _is_empty(new) and (overwrite or _is_empty(old) or field in _GROWING):
            setattr(lead, field, new)
            taken.append(Change(field, old, new))
    if _SEARCHED & {change.field for change in taken}:
        lead.search_text = _search_text(lead)
    return taken


def columns_of(changes: list[Change]) -> set[str]:
    """The fields to save after these changes: what is searched by follows from some of them."""
    fields = {change.field for change in changes}
    return fields | {"search_text"} if _SEARCHED & fields else fields


def _combined(field: str, old: object, value: object, *, overwrite: bool) -> object:
    """The value to keep: lists and tables of values grow, everything else is replaced.

    In a table what is known already stays, unless it may be overwritten.
    """
    if field == "interests" and isinstance(old, list) and isinstance(value, list):
        return old + [item for item in value if item not in old]
    if field in _GROWING and isinstance(old, dict) and isinstance(value, dict):
        return old | value if overwrite else value | old
    return value


def _is_empty(value: object) -> bool:
    """Whether a field says nothing yet ("unknown" audience and an unset role included)."""
    return value in (None, "", [], {}, Audience.UNKNOWN)


def history_row(
    of: Lead | Company, change: Change, *, origin: Origin, at: datetime, by: User | None
) -> ProfileChange:
    """The change as its owner's history keeps it; not saved."""
    return ProfileChange(
        lead=of if isinstance(of, Lead) else None,
        company=of if isinstance(of, Company) else None,
        field=change.field,
        old=_plain(change.old),
        new=_plain(change.new),
        origin=origin,
        at=at,
        by=by,
    )


def _plain(value: object) -> object:
    """A value as JSON keeps it."""
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, Company):
        return value.name
    return value


def profile_event(
    lead_id: int, changes: list[Change], *, origin: Origin, at: datetime, wakes: bool = True
) -> NewEvent:
    """The event that says which fields were changed by whom."""
    return new_event(
        lead_id=lead_id,
        kind_id=BY_CODE["profile_changed"].id,
        occurred_at=at,
        source_id=Source.ECLUSE,
        event_id=str(uuid4()),
        properties={"fields": sorted(change.field for change in changes), "origin": origin.value},
        wakes=wakes,
    )
