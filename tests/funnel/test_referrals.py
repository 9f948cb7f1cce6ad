"""Leads passed on to partners: only with consent, only what is needed, and what became of them."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from funnel import actions
from funnel.actions.partner_mail import tell_partners
from funnel.actions.referrals import note_outcome, record_transfer_consent
from funnel.actions.undoing import undo
from funnel.handing_over import HANDED_OVER, fits, handed_over
from funnel.models import Passage, Referral, Standing
from funnel.queries.partners import partners_for, partners_with_counts
from funnel.referral_links import referral_token
from funnel.refusals import Incomplete, Refused
from leads.actions.consent import record_consent
from leads.choices import ConsentState, Purpose

pytestmark = pytest.mark.django_db
SIX_MINUTES = timedelta(minutes=6)


@pytest.fixture
def sal(make_rep, make_sal):
    make_rep()
    return make_sal(first_name="Claire", last_name="Fontaine", need="Un audit", phone="+33612345678")


@pytest.fixture
def referral(sal, make_partner, now):
    record_transfer_consent(lead=sal.lead, way="phone", by=sal.rep.user, now=now)
    actions.refer(lead=sal.lead, by=sal.rep.user, now=now, partner=make_partner(language="fr"))
    return Referral.objects.get()


def test_without_consent_nobody_is_passed_on(sal, make_partner, now):
    with pytest.raises(Refused) as refused:
        actions.refer(lead=sal.lead, by=sal.rep.user, now=now, partner=make_partner())
    assert refused.value.code == "transfer_no_consent"
    assert (Referral.objects.count(), Standing.objects.get(lead=sal.lead).stage) == (0, "sal")


def test_consent_that_was_withdrawn_counts_no_more(sal, make_partner, now):
    record_transfer_consent(lead=sal.lead, way="email", by=sal.rep.user, now=now)
    record_consent(
        lead=sal.lead, purpose=Purpose.TRANSFER, state=ConsentState.WITHDRAWN, now=now + timedelta(minutes=1)
    )
    with pytest.raises(Refused) as refused:
        actions.refer(lead=sal.lead, by=sal.rep.user, now=now + timedelta(minutes=2), partner=make_partner())
    assert refused.value.code == "transfer_no_consent"


def test_a_partner_is_found_by_name_and_must_be_in_use(sal, make_partner, now):
    make_partner(name="Ancien Cabinet", is_active=False)
    with pytest.raises(Incomplete) as refused:
        actions.refer(lead=sal.lead, by=sal.rep.user, now=now, partner="Ancien Cabinet")
    assert refused.value.code == "partner_unknown"


def test_the_partner_hears_once_the_decision_cannot_be_undone(referral, now):
    assert tell_partners(now=now + timedelta(minutes=4)) == 0
    assert tell_partners(now=now + SIX_MINUTES) == 1
    assert tell_partners(now=now + SIX_MINUTES) == 0
    (message,) = mail.outbox
    assert message.to == [referral.partner.email]
    assert "Claire Fontaine" in message.body
    assert "Un audit" in message.body
    assert "/r/" in message.body
    assert Referral.objects.get().notice == "sent"


def test_what_was_undone_is_told_to_nobody(sal, referral, now):
    passage = Passage.objects.filter(lead=sal.lead).latest("pk")
    undo(passage=passage, by=sal.rep.user, now=now + timedelta(seconds=5))
    assert tell_partners(now=now + SIX_MINUTES) == 0
    assert not mail.outbox
    assert Referral.objects.get().notice == "cancelled"
    assert partners_with_counts().get().referred == 0


def test_a_double_press_passes_on_once(sal, referral, now):
    actions.refer(lead=sal.lead, by=sal.rep.user, now=now, partner=referral.partner)
    assert Referral.objects.count() == 1


def test_only_what_is_needed_leaves(referral):
    assert set(referral.sent) <= set(HANDED_OVER)
    assert referral.sent["need"] == "Un audit"


@given(st.dictionaries(st.sampled_from([*HANDED_OVER, "score", "note", "history"]), st.text(max_size=5)))
def test_nothing_but_the_listed_fields_is_ever_handed_over(known):
    told = handed_over(known)
    assert set(told) <= set(HANDED_OVER)
    assert all(told.values())


@given(st.text("0123456789", max_size=5), st.lists(st.text("0123456789", min_size=1, max_size=5), max_size=3))
def test_who_names_no_sector_and_no_place_takes_all(postcode, territories):
    assert fits([], [], sector="energy", postcode=postcode)
    assert fits([], territories, sector="", postcode=postcode) == (
        not territories or any(postcode.startswith(one) for one in territories)
    )


def test_partners_who_suit_come_first(sal, make_partner):
    make_partner(name="A", sectors=["health"])
    make_partner(name="B")
    assert [(name, [one.name for one in found]) for name, found in partners_for(sal.lead)] == [
        ("suits", ["B"]),
        ("others", ["A"]),
    ]


def test_the_partner_says_what_became_of_it_without_signing_in(referral):
    there = reverse("funnel:partner_outcome", args=[referral_token(referral.public_id)])
    guest = Client(enforce_csrf_checks=True)
    assert guest.get(there).status_code == 200
    assert Referral.objects.get().outcome == ""
    assert guest.post(there, {"outcome": "won", "amount": "1 200,50"}).status_code == 200
    row = Referral.objects.get()
    assert (row.outcome, row.amount, row.outcome_by) == ("won", Decimal("1200.50"), None)
    assert guest.post(there, {"outcome": "perhaps"}).status_code == 422


def test_a_forged_link_shows_nothing(referral, client):
    there = reverse("funnel:partner_outcome", args=[f"{referral.public_id.hex}~forged"])
    answer = client.get(there)
    assert answer.status_code == 404
    assert "Claire" not in answer.content.decode()


def test_outcomes_are_counted_for_each_partner(referral, now):
    note_outcome(referral=referral, outcome="won", amount=Decimal(900), by=referral.by, now=now)
    found = partners_with_counts().get()
    assert (found.referred, found.won, found.lost, found.value) == (1, 1, 0, 900)
    note_outcome(referral=referral, outcome="lost", by=referral.by, now=now)
    found = partners_with_counts().get()
    assert (found.won, found.lost, found.value) == (0, 1, None)


def test_b44_a_rep_sees_their_own_referrals_alone(referral, client, make_rep):
    there = reverse("funnel:referral_outcome", args=[referral.public_id])
    client.force_login(make_rep().user)
    assert client.get(there).status_code == 404
    assert "Fontaine" not in client.get("/referrals/").content.decode()
    client.force_login(referral.by)
    assert client.get(there).status_code == 200
    assert "Fontaine" in client.get("/referrals/").content.decode()


def test_the_page_asks_for_consent_first(sal, client, make_partner):
    make_partner(name="Cabinet Duval")
    client.force_login(sal.rep.user)
    there = reverse("funnel:refer", args=[sal.lead.public_id])
    assert "Cabinet Duval" not in client.get(there).content.decode()
    assert (
        client.post(reverse("funnel:transfer_consent", args=[sal.lead.public_id]), {"way": "x"}).status_code
        == 302
    )
    client.post(reverse("funnel:transfer_consent", args=[sal.lead.public_id]), {"way": "phone"})
    page = client.get(there).content.decode()
    assert "Cabinet Duval" in page
    assert "Fontaine" in page
