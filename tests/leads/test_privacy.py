"""Requests about personal data: the deadline, what is held, the verbs and who did them (privacy bar 5.6)."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import InternalError, transaction
from hypothesis import given
from hypothesis import strategies as st

from leads.actions.merge import merge
from leads.actions.people import Identity, recognise
from leads.actions.privacy import CannotDo, answer, erase_for, extend, identify, people_at, receive
from leads.choices import Origin
from leads.held import NOT_TOLD, held_about, whole_person
from leads.lead_links import OnErase, lead_links
from leads.models import Lead, PrivacyAct, PrivacyRequest
from leads.normalise import InvalidValue, normalise_email
from leads.privacy import ErasureGround, RequestKind, due_on

EMAIL, PHONE = "zenobie@radium.fr", "+33612345678"
DAY = dt.date(2026, 1, 31)


@pytest.mark.parametrize(
    ("received", "due", "extended"),
    [
        ("2026-01-31", "2026-02-28", "2026-04-30"),
        ("2024-01-31", "2024-02-29", "2024-04-30"),
        ("2026-11-22", "2026-12-22", "2027-02-22"),
        ("2026-12-31", "2027-01-31", "2027-03-31"),
    ],
)
def test_the_answer_is_due_the_same_day_a_month_later(received: str, due: str, extended: str) -> None:
    day = dt.date.fromisoformat(received)
    assert (due_on(day).isoformat(), due_on(day, extended=True).isoformat()) == (due, extended)


@given(st.dates(max_value=dt.date(9000, 1, 1)))
def test_a_month_is_never_longer_than_a_month_and_extending_gives_time(day: dt.date) -> None:
    assert 28 <= (due_on(day) - day).days <= 31
    assert 59 <= (due_on(day, extended=True) - due_on(day)).days <= 62
    assert due_on(day).day <= day.day


def test_only_tables_that_tell_the_person_nothing_are_left_out() -> None:
    """A new table with data of a lead is told without anybody thinking of it."""
    labels = {model._meta.label_lower for model, _link in lead_links()}
    assert NOT_TOLD.keys() <= labels
    silent = {
        model._meta.label_lower
        for model, link in lead_links()
        if not (link.key or link.rows) and link.erase is not OnErase.KEEP
    }
    assert silent == set()


@pytest.fixture
def dpo(make_user):
    return make_user("dpo")


@pytest.fixture
def person(now, db) -> Lead:
    identity = Identity(email=normalise_email(EMAIL))
    told = {"first_name": "Zénobie", "city": "Sceaux"}
    return recognise(identity=identity, profile=told, origin=Origin.FORM, now=now).lead


@pytest.fixture
def ask(dpo, now):
    def make(kind: RequestKind = RequestKind.ACCESS, address: str = EMAIL) -> PrivacyRequest:
        return receive(kind=kind, address=address, received_on=DAY, note="Par lettre", by=dpo, now=now)

    return make


def acts(row: PrivacyRequest) -> list[str]:
    return list(PrivacyAct.objects.filter(request=row).values_list("kind", flat=True))


def test_whoever_has_the_address_is_found_however_it_is_written(person, ask) -> None:
    row = ask(address=" Zenobie@RADIUM.fr ")
    assert (row.lead, row.address, row.due_on) == (person, EMAIL, dt.date(2026, 2, 28))
    assert acts(row) == ["received"]


def test_neither_an_email_nor_a_phone_is_refused(ask) -> None:
    with pytest.raises(InvalidValue):
        ask(address="Zénobie")
    assert not PrivacyRequest.objects.exists()


def test_of_several_with_one_phone_the_dpo_chooses(make_lead, ask, dpo, now) -> None:
    one, other = make_lead(phone=PHONE), make_lead(phone=PHONE)
    stranger = make_lead()
    row = ask(address="06 12 34 56 78")
    assert row.lead is None
    with pytest.raises(CannotDo):
        identify(request=row, lead=stranger, by=dpo, now=now)
    identify(request=row, lead=other, by=dpo, now=now)
    row.refresh_from_db()
    assert row.lead == other != one
    assert acts(row) == ["received", "identified"]
    with pytest.raises(CannotDo):
        identify(request=row, lead=one, by=dpo, now=now)


def test_somebody_merged_away_leads_to_the_survivor_and_is_told_with_them(
    person, make_lead, dpo, now
) -> None:
    kept = make_lead(email="autre@radium.fr")
    merge(keep=kept, away=person, now=now, by=dpo)
    assert list(people_at("autre@radium.fr")) == [kept]
    assert {lead.pk for lead in whole_person(kept)} == {kept.pk, person.pk}


def test_all_that_is_held_is_told_by_table(person, ask, dpo) -> None:
    ask()
    held = {one.table: list(one.values()) for one in held_about(whole_person(person))}
    assert held["leads.lead"][0]["city"] == "Sceaux"
    assert held["leads.profilechange"][0]["origin"] == "form"
    assert held["leads.privacyact"][0]["by"] == "dpo"
    assert "search_text" not in held["leads.lead"][0]


def test_erasing_closes_the_request_and_takes_its_words(person, ask, dpo, now) -> None:
    earlier, row = ask(), ask(RequestKind.ERASURE)
    assert erase_for(request=row, ground=ErasureGround.WITHDRAWN, by=dpo, now=now) == 1
    person.refresh_from_db()
    earlier.refresh_from_db()
    row.refresh_from_db()
    assert person.erased_at == now
    assert (row.state, row.ground, row.closed_at) == ("done", "withdrawn", now)
    assert {row.address, row.note, earlier.address, earlier.note} == {""}
    assert acts(row) == ["received", "erased"]
    assert PrivacyRequest.objects.filter(fingerprint=row.fingerprint).count() == 2
    with pytest.raises(CannotDo):
        erase_for(request=row, ground=ErasureGround.WITHDRAWN, by=dpo, now=now)


def test_a_request_made_before_the_person_came_loses_its_words_too(ask, dpo, now) -> None:
    before = ask()
    assert before.lead is None
    recognise(identity=Identity(email=normalise_email(EMAIL)), profile={}, origin=Origin.FORM, now=now)
    erase_for(request=ask(RequestKind.ERASURE), ground=ErasureGround.OBJECTED, by=dpo, now=now)
    before.refresh_from_db()
    assert (before.address, before.note) == ("", "")


def test_time_is_extended_once(person, ask, dpo, now) -> None:
    row = ask()
    extend(request=row, by=dpo, now=now)
    row.refresh_from_db()
    assert row.due_on == dt.date(2026, 4, 30)
    with pytest.raises(CannotDo):
        extend(request=row, by=dpo, now=now)


def test_nobody_found_is_answered_and_the_address_forgotten(ask, dpo, now) -> None:
    row = ask()
    answer(request=row, refused=False, text="Nous ne détenons rien.", by=dpo, now=now)
    row.refresh_from_db()
    assert (row.state, row.address, row.answer) == ("done", "", "Nous ne détenons rien.")
    with pytest.raises(CannotDo):
        answer(request=row, refused=True, text="Non", by=dpo, now=now)


def test_what_was_done_cannot_be_rewritten(person, ask) -> None:
    row = ask()
    with pytest.raises(InternalError), transaction.atomic():
        PrivacyAct.objects.filter(request=row).delete()
    assert acts(row) == ["received"]
