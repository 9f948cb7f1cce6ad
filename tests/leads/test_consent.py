"""May we contact them? (privacy bar 5.1 and 5.4)"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import InternalError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from leads.actions.consent import record_consent, release, suppress
from leads.choices import Audience, ConsentState, ContactChannel, Purpose, SuppressionReason
from leads.consent import Consent, ContactFacts, may_contact
from leads.models import ConsentEvent, Event, Lead
from leads.queries import contact_facts
from tests.conftest import NOON

MARKETING = [Purpose.NEWSLETTER, Purpose.NURTURING]


def facts(audience: Audience = Audience.B2B, **changes: object) -> ContactFacts:
    """A lead with an email."""
    return ContactFacts(**({"audience": audience, "email": "a@b.example", "phone": None} | changes))


def consent(state: ConsentState, purpose: Purpose = Purpose.NURTURING) -> dict[object, Consent]:
    """One line of the ledger."""
    return {(purpose, ContactChannel.EMAIL): Consent(state, NOON, 7)}


@pytest.mark.parametrize("audience", [Audience.B2C, Audience.UNKNOWN])
@pytest.mark.parametrize("purpose", MARKETING)
def test_consumers_are_not_mailed_without_their_opt_in(audience: Audience, purpose: Purpose) -> None:
    answer = may_contact(facts(audience), channel=ContactChannel.EMAIL, purpose=purpose)
    assert (answer.allowed, answer.reason) == (False, "no_opt_in")


def test_a_consumers_opt_in_counts_for_its_purpose_only() -> None:
    asked = facts(Audience.B2C, consents=consent(ConsentState.GRANTED, Purpose.NEWSLETTER))
    newsletter = may_contact(asked, channel=ContactChannel.EMAIL, purpose=Purpose.NEWSLETTER)
    assert (newsletter.allowed, newsletter.basis, newsletter.evidence_id) == (True, "consent", 7)
    assert not may_contact(asked, channel=ContactChannel.EMAIL, purpose=Purpose.NURTURING).allowed


def test_professionals_may_be_mailed_until_they_object() -> None:
    answer = may_contact(facts(), channel=ContactChannel.EMAIL, purpose=Purpose.NURTURING)
    assert (answer.allowed, answer.basis) == (True, "legitimate_interest")
    said_no = facts(consents=consent(ConsentState.WITHDRAWN))
    assert may_contact(said_no, channel=ContactChannel.EMAIL, purpose=Purpose.NURTURING).reason == (
        "consent_withdrawn"
    )


@given(
    audience=st.sampled_from(Audience),
    reasons=st.frozensets(st.sampled_from(SuppressionReason), min_size=1),
    purpose=st.sampled_from(MARKETING),
    state=st.sampled_from(ConsentState),
)
def test_a_suppressed_address_is_never_marketed_to_whatever_was_consented(
    audience: Audience, reasons: frozenset[SuppressionReason], purpose: Purpose, state: ConsentState
) -> None:
    lead = facts(audience, suppressions=reasons, consents=consent(state, purpose))
    topic_only = reasons == {SuppressionReason.TOPIC}
    answer = may_contact(lead, channel=ContactChannel.EMAIL, purpose=purpose)
    assert topic_only or not answer.allowed


@given(reasons=st.frozensets(st.sampled_from(SuppressionReason)))
def test_what_the_person_asked_for_is_sent_unless_the_address_is_dead_or_gone(
    reasons: frozenset[SuppressionReason],
) -> None:
    answer = may_contact(
        facts(suppressions=reasons), channel=ContactChannel.EMAIL, purpose=Purpose.TRANSACTIONAL
    )
    grave = {SuppressionReason.ERASED, SuppressionReason.HARD_BOUNCE, SuppressionReason.COMPLAINT}
    assert answer.allowed == (not reasons & grave)


def test_the_last_word_counts_and_is_recorded_as_an_event(
    make_lead: Callable[..., Lead], now: datetime
) -> None:
    lead = make_lead(audience=Audience.B2C, email="marie@sfr.fr")
    for hours, state in enumerate([ConsentState.GRANTED, ConsentState.WITHDRAWN]):
        record_consent(lead=lead, purpose=Purpose.NEWSLETTER, state=state, now=now + timedelta(hours=hours))
    known = contact_facts([lead.pk], at=now + timedelta(days=1))[lead.pk]
    answer = may_contact(known, channel=ContactChannel.EMAIL, purpose=Purpose.NEWSLETTER)
    assert answer.reason == "consent_withdrawn"
    kinds = Event.objects.filter(lead=lead).order_by("occurred_at").values_list("kind__code", flat=True)
    assert list(kinds) == ["consent_given", "consent_withdrawn"]


def test_a_suppression_knows_only_the_fingerprint_and_can_be_released(
    make_lead: Callable[..., Lead], now: datetime
) -> None:
    lead = make_lead(email="paul@acier.example")
    row = suppress(address="paul@acier.example", reason=SuppressionReason.UNSUBSCRIBED, now=now)
    suppress(address="paul@acier.example", reason=SuppressionReason.UNSUBSCRIBED, now=now)
    assert "paul" not in row.fingerprint
    assert contact_facts([lead.pk], at=now)[lead.pk].suppressions == {SuppressionReason.UNSUBSCRIBED}
    assert release(address="paul@acier.example", reasons=[SuppressionReason.UNSUBSCRIBED], now=now) == 1
    assert contact_facts([lead.pk], at=now)[lead.pk].suppressions == frozenset()


def test_the_ledger_cannot_be_rewritten(make_lead: Callable[..., Lead], now: datetime) -> None:
    lead = make_lead()
    row = record_consent(lead=lead, purpose=Purpose.NEWSLETTER, state=ConsentState.GRANTED, now=now)
    with pytest.raises(InternalError, match="append_only"), transaction.atomic():
        ConsentEvent.objects.filter(pk=row.pk).update(state=ConsentState.DENIED)
    with (
        pytest.raises(InternalError, match="append_only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("DELETE FROM leads_consentevent WHERE id = %s", [row.pk])


@pytest.mark.parametrize("leads", [1, 3])
def test_facts_of_many_leads_take_two_queries(
    make_lead: Callable[..., Lead],
    now: datetime,
    leads: int,
    django_assert_num_queries: Callable[..., object],
) -> None:
    ids = [make_lead().pk for _ in range(leads)]
    with django_assert_num_queries(2):
        contact_facts(ids, at=now)
