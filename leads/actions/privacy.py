"""Answering what people ask about their own data: each verb is noted with who did it and when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from leads.actions.erasure import erase
from leads.fingerprint import fingerprint
from leads.models import Lead, PrivacyAct, PrivacyRequest
from leads.normalise import InvalidValue, normalise_email, normalise_phone
from leads.privacy import ActKind, ErasureGround, RequestKind, RequestState


class CannotDo(Exception):
    """The request does not allow it (any more): answered already, extended already, or nobody was found."""


def normal_address(typed: str) -> str:
    """An email or a phone number in its normal form. Raises InvalidValue for what is neither."""
    if "@" in typed:
        return normalise_email(typed).key
    number = normalise_phone(typed).normal
    if number is None:
        raise InvalidValue("address_invalid", typed)
    return number


def people_at(address: str) -> QuerySet[Lead]:
    """Who has this email or phone (in its normal form), or had it before being merged into another."""
    column = "email" if "@" in address else "phone"
    mine = Lead.objects.filter(**{column: address}, erased_at=None)
    kept = mine.filter(merged_into=None).values("pk")
    into = mine.exclude(merged_into=None).values("merged_into")
    return Lead.objects.filter(pk__in=kept.union(into), erased_at=None).order_by("pk")


@transaction.atomic
def receive(
    *, kind: RequestKind, address: str, received_on: dt.date, note: str, by: User, now: dt.datetime
) -> PrivacyRequest:
    """Put a request into the register, with the person when exactly one has the address.

    Raises InvalidValue for an address that is neither an email nor a phone.
    """
    normal = normal_address(address)
    found = list(people_at(normal)[:2])
    request = PrivacyRequest.objects.create(
        kind=kind,
        lead=found[0] if len(found) == 1 else None,
        address=normal,
        fingerprint=fingerprint(normal),
        received_on=received_on,
        note=note,
        created_at=now,
    )
    _note(request, ActKind.RECEIVED, by=by, now=now)
    return request


@transaction.atomic
def identify(*, request: PrivacyRequest, lead: Lead, by: User, now: dt.datetime) -> None:
    """Say which of those with the address it is. Raises CannotDo for somebody without it."""
    locked = _locked(request, lambda row: row.is_open and row.lead_id is None)
    if not people_at(locked.address).filter(pk=lead.pk).exists():
        raise CannotDo
    locked.lead = lead
    locked.save()
    _note(locked, ActKind.IDENTIFIED, by=by, now=now)


@transaction.atomic
def note_export(*, request: PrivacyRequest, by: User, now: dt.datetime) -> None:
    """Remember who took the person's data out. Raises CannotDo when nobody was found."""
    _note(_locked(request, lambda row: row.lead_id is not None), ActKind.EXPORTED, by=by, now=now)


@transaction.atomic
def erase_for(*, request: PrivacyRequest, ground: ErasureGround, by: User, now: dt.datetime) -> int:
    """Erase the person and close the request; how many leads that were. Raises CannotDo."""
    lead = _locked(request, lambda row: row.is_open and row.lead_id is not None).lead
    assert lead is not None
    number = erase(lead=lead, by=by, now=now)
    # Read again: its own words went with the person.
    row = PrivacyRequest.objects.get(pk=request.pk)
    row.state, row.closed_at, row.ground = RequestState.DONE, now, ground
    row.save()
    _note(row, ActKind.ERASED, by=by, now=now)
    return number


@transaction.atomic
def extend(*, request: PrivacyRequest, by: User, now: dt.datetime) -> None:
    """Take two months more, once; the person must be told why within the first. Raises CannotDo."""
    row = _locked(request, lambda row: row.is_open and not row.is_extended)
    row.is_extended = True
    row.save()
    _note(row, ActKind.EXTENDED, by=by, now=now)


@transaction.atomic
def answer(*, request: PrivacyRequest, refused: bool, text: str, by: User, now: dt.datetime) -> None:
    """Close the request with what the person was told. Raises CannotDo for one that is closed."""
    row = _locked(request, lambda row: row.is_open)
    row.state = RequestState.REFUSED if refused else RequestState.DONE
    row.closed_at, row.answer = now, text
    if row.lead_id is None:
        row.address = ""  # Nobody we know: keep no more of them than the fingerprint.
    row.save()
    _note(row, ActKind.REFUSED if refused else ActKind.ANSWERED, by=by, now=now)


def _locked(request: PrivacyRequest, allows: Callable[[PrivacyRequest], bool]) -> PrivacyRequest:
    """The request as it stands, held until the end. Raises CannotDo where it does not allow the verb."""
    row = PrivacyRequest.objects.select_for_update(of=("self",)).select_related("lead").get(pk=request.pk)
    if not allows(row):
        raise CannotDo
    return row


def _note(request: PrivacyRequest, kind: ActKind, *, by: User, now: dt.datetime) -> None:
    PrivacyAct.objects.create(request=request, kind=kind, at=now, by=by)
