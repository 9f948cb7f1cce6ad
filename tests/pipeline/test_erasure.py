"""Erased people leave nothing behind and are not brought back (B42, F71, I15; privacy bar 5.6)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection

from accounts.models import User
from funnel.models import Offer, Passage, Standing
from leads.actions.consent import record_consent
from leads.actions.erasure import erase
from leads.actions.events import record_event
from leads.actions.merge import CannotMerge, merge, unmerge
from leads.actions.people import Identity, WasErased, recognise, update_profile
from leads.choices import ConsentState, Origin, Purpose
from leads.erased import erased_among
from leads.models import Event, Lead, Merge, ProfileChange, Suppression, Visitor
from leads.normalise import normalise_email, normalise_phone
from nurturing.models import Message
from pipeline.invariants import CHECKS
from pipeline.run import run_until_idle

pytestmark = pytest.mark.django_db

EMAIL, PHONE, NAME = "zenobie.quatrefages@radium.fr", "+33612345678", "Quatrefages"
LATER = timedelta(minutes=5)


def hits(*words: str) -> list[str]:
    """Every table that still holds one of the words anywhere, as a dump would show it (I15)."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        for (table,) in cursor.fetchall():
            for word in words:
                cursor.execute(
                    f'SELECT count(*) FROM "{table}" AS one WHERE one::text ILIKE %s', [f"%{word}%"]
                )
                if cursor.fetchone()[0]:
                    found.append(f"{table}: {word}")
    return found


@pytest.fixture
def dpo(make_user: Callable[..., User]) -> User:
    return make_user("dpo")


@pytest.fixture
def person(now: datetime, make_message, site, db) -> Lead:
    """Somebody with a life in every table that can be reached without a browser."""
    identity = Identity(email=normalise_email(EMAIL), phone=normalise_phone(PHONE))
    told = {"first_name": "Zénobie", "last_name": NAME, "need": f"Appeler {NAME}", "city": "Sceaux"}
    lead = recognise(identity=identity, profile=told, origin=Origin.FORM, now=now).lead
    record_consent(
        lead=lead,
        purpose=Purpose.NURTURING,
        state=ConsentState.GRANTED,
        now=now,
        page_url=f"https://x/?e={EMAIL}",
    )
    Visitor.objects.create(
        id="7b0d9f6e-6c56-4a57-8b1d-111111111111", lead=lead, source_id=4, first_seen_at=now
    )
    record_event(
        lead_id=lead.pk, kind="form_submitted", occurred_at=now, now=now, event_id="form-1",
        properties={"answer": f"{NAME} {PHONE}"}, visitor_id=None,
    )  # fmt: skip
    run_until_idle(now=now)
    make_message(
        lead, address=EMAIL, subject=f"Bonjour {NAME}", state="sent", data_started_at=now, sent_at=now
    )
    return lead


def test_i15_nothing_of_an_erased_person_is_left_but_a_fingerprint(person, dpo, now) -> None:
    assert hits(EMAIL, PHONE, NAME)
    assert erase(lead=person, by=dpo, now=now) == 1
    assert hits(EMAIL, PHONE, NAME, "Zénobie", "Sceaux") == []
    assert set(Suppression.objects.values_list("reason", "channel")) == {
        ("erased", "email"),
        ("erased", "phone"),
    }
    person.refresh_from_db()
    assert person.erased_at == now
    # The events stay for the counts, the history of the profile does not.
    assert Event.objects.filter(lead=person, kind__code="form_submitted", properties={}).exists()
    assert not ProfileChange.objects.filter(lead=person).exists()
    assert Message.objects.get(lead=person).address == ""
    assert Passage.objects.filter(lead=person).exists()
    assert not Standing.objects.filter(lead=person).exists()
    assert erase(lead=person, by=dpo, now=now + LATER) == 0


def test_b42_an_erased_person_is_refused_politely(person, dpo, now) -> None:
    erase(lead=person, by=dpo, now=now)
    assert erased_among(emails=[EMAIL, "anne@bois.fr"], phones=[PHONE]) == {EMAIL, PHONE}
    for identity in (Identity(email=normalise_email(EMAIL)), Identity(phone=normalise_phone(PHONE))):
        for origin, trusted in ((Origin.FORM, False), (Origin.IMPORT, True)):
            with pytest.raises(WasErased):
                recognise(identity=identity, profile={}, origin=origin, now=now, trusted=trusted)
    assert Lead.objects.filter(erased_at=None).count() == 0
    came = recognise(
        identity=Identity(email=normalise_email(EMAIL)),
        profile={},
        origin=Origin.FORM,
        now=now,
        came_back=True,
    )
    assert came.created


def test_f71_what_was_read_before_the_erasure_writes_nothing_back(person, dpo, now) -> None:
    stale = Lead.objects.get(pk=person.pk)
    erase(lead=person, by=dpo, now=now)
    update_profile(
        lead=stale, changes={"last_name": NAME, "city": "Quimperlé"}, origin=Origin.SALES, now=now + LATER
    )
    record_event(
        lead_id=stale.pk, kind="quote_requested", occurred_at=now, now=now + LATER, properties={"who": NAME}
    )
    person.refresh_from_db()
    assert (person.last_name, person.city, person.erased_at) == ("", "", now)
    run_until_idle(now=now + LATER)
    assert hits(EMAIL, PHONE, NAME, "Quimperlé") == []
    for name, check in CHECKS.items():
        assert check(now + LATER) == [], name


def test_f71_erasing_a_survivor_erases_whom_it_was_merged_from_and_ends_the_way_back(
    person, make_lead, dpo, now
) -> None:
    other = make_lead(email="autre@quatrefages.example", last_name=NAME)
    done = merge(keep=other, away=person, now=now, by=dpo)
    # Whoever is named: the whole person goes.
    assert erase(lead=person, by=dpo, now=now + LATER) == 2
    assert hits(EMAIL, PHONE, NAME) == []
    assert not Merge.objects.exists()
    with pytest.raises(CannotMerge, match="erased"):
        unmerge(merge=done, now=now + LATER, by=dpo)
    with pytest.raises(CannotMerge, match="erased"):
        merge(keep=make_lead(), away=other, now=now + LATER, by=dpo)


def test_an_erased_lead_frees_the_place_it_held(make_rep, make_offer, make_sal, dpo, now) -> None:
    make_rep(places=3)
    offer, sal = make_offer(), make_sal()
    for lead in (offer.lead, sal.lead):
        erase(lead=lead, by=dpo, now=now)
    offer.refresh_from_db()
    assert offer.status == "withdrawn"
    assert not Offer.objects.open().exists()
    for name in ("I8 history", "I9 offers", "I9 places", "tallies"):
        assert CHECKS[name](now) == [], name


def test_an_erasure_that_dies_in_the_middle_leaves_everything(person, dpo, now, monkeypatch) -> None:
    before = hits(EMAIL, PHONE, NAME)
    monkeypatch.setattr("leads.failpoints._ACTIONS", {"erase.mid": "raise"})
    with pytest.raises(RuntimeError, match=r"erase\.mid"):
        erase(lead=person, by=dpo, now=now)
    monkeypatch.undo()
    assert hits(EMAIL, PHONE, NAME) == before
    assert not erased_among(emails=[EMAIL])
