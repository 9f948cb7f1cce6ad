"""Which rows tell something of a person where no key says so."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from leads.fingerprint import fingerprint
from leads.models import (
    DuplicateCandidate,
    EventConflict,
    IdempotencyRecord,
    Lead,
    Merge,
    PrivacyRequest,
    RejectedSubmission,
)


def conflicts_of(leads: Sequence[Lead]) -> QuerySet[EventConflict]:
    """Events that came twice with other content."""
    return EventConflict.objects.filter(payload__lead__in=[lead.pk for lead in leads])


def answers_about(leads: Sequence[Lead]) -> QuerySet[IdempotencyRecord]:
    """Answers of the API that are kept for a day to be replayed."""
    told = IdempotencyRecord.objects.annotate(told=Cast("body", TextField()))
    return told.filter(_any_of("told__contains", leads))


def rejections_of(leads: Sequence[Lead]) -> QuerySet[RejectedSubmission]:
    """Public posts that were refused and name one of the person's addresses."""
    return RejectedSubmission.objects.filter(_any_of("body__icontains", leads))


def _any_of(lookup: str, leads: Sequence[Lead]) -> Q:
    """Any of the leads' ids and addresses in a text; matches nothing without any."""
    words = {
        word
        for lead in leads
        for word in (str(lead.public_id), lead.email, lead.email_display, lead.phone, lead.phone_raw)
        if word
    }
    return reduce(or_, (Q(**{lookup: word}) for word in words), Q(pk__in=[]))


def candidates_of(leads: Sequence[Lead]) -> QuerySet[DuplicateCandidate]:
    """Pairs that one of the leads is half of."""
    return DuplicateCandidate.objects.filter(Q(low__in=leads) | Q(high__in=leads))


def merges_of(leads: Sequence[Lead]) -> QuerySet[Merge]:
    """Merges keep old values to be taken apart again."""
    return Merge.objects.filter(Q(kept__in=leads) | Q(away__in=leads))


def requests_of(leads: Sequence[Lead]) -> QuerySet[PrivacyRequest]:
    """What the person asked about their data, also where they were not found then."""
    marks = [fingerprint(address) for lead in leads for address in (lead.email, lead.phone) if address]
    return PrivacyRequest.objects.filter(Q(lead__in=leads) | Q(lead=None, fingerprint__in=marks))
