"""Quick entry: each card once, with its event, its consents and its touch."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from accounts.roles import Role
from capture.actions.quick_entry import Card, IdUsedBefore, make_occasion, take_card
from capture.choices import QuickMode
from capture.models import QuickEntry
from leads.actions.consent import suppress
from leads.channels import Channel
from leads.choices import ContactChannel, Purpose, SuppressionReason
from leads.kinds import BY_ID
from leads.models import Campaign, ConsentEvent, ConsentWording, Event, Lead, Touch
from leads.normalise import normalise_email

PAGE = "/capture/quick/"


@pytest.fixture
def rep(make_user: Callable[..., User]) -> User:
    return make_user(Role.REP)


@pytest.fixture
def stand(now: datetime) -> Campaign:
    return make_occasion(name="Salon Industrie 2026", channel=Channel.TRADE_SHOW, now=now)


@pytest.fixture
def wording(now: datetime) -> ConsentWording:
    return ConsentWording.objects.create(
        code="lettre",
        language="fr",
        purpose=Purpose.NEWSLETTER,
        channel=ContactChannel.EMAIL,
        text="Je souhaite recevoir la lettre de {controller}.",
        created_at=now,
    )


def _answers(occasion: Campaign | None, **more: object) -> dict[str, object]:
    """What a browser posts."""
    typed: dict[str, object] = {
        "id": str(uuid4()),
        "mode": "stand",
        "occasion": occasion.pk if occasion else "",
        "first_name": "Maëlle",
        "last_name": "Estrebeau",
        "company": "Laiteries de Fontargard",
        "email": "Maelle@fontargard.example",
        "phone": "01 99 00 12 34",
    }
    return typed | more


def _send(client: Client, answers: dict[str, object]) -> dict[str, object]:
    answer = client.post(PAGE, answers, headers={"Accept": "application/json"})
    return {"status": answer.status_code, **answer.json()}


def _kinds(lead: Lead) -> set[str]:
    found = Event.objects.filter(lead=lead).values_list("kind_id", flat=True)
    return {BY_ID[kind].code for kind in found}


def test_a_card_makes_a_lead_with_its_meeting_its_wishes_and_its_source(
    client: Client, rep: User, stand: Campaign
) -> None:
    client.force_login(rep)
    told = _send(
        client,
        _answers(stand, sector="food", role="influencer", horizon="3", wants=["quote"], note="Ligne 4"),
    )
    assert told == {
        "status": 200,
        "line": "Maëlle Estrebeau\xa0: nouveau lead",
        "name": "Maëlle Estrebeau",
        "again": False,
    }
    lead = Lead.objects.get()
    assert (lead.channel, lead.acquisition, lead.owner) == ("trade_show", "direct", None)
    assert (lead.company_role, lead.company.sector if lead.company else "") == ("influencer", "food")
    assert lead.project_month is not None
    assert {"trade_show_meeting", "quote_requested"} <= _kinds(lead)
    meeting = Event.objects.get(lead=lead, kind_id=14)
    assert meeting.properties["note"] == "Ligne 4"
    assert meeting.properties["occasion"] == stand.code
    assert Touch.objects.get(lead=lead).campaign == stand
    assert not ConsentEvent.objects.exists()


def test_f29_the_same_card_again_is_taken_once(client: Client, rep: User, stand: Campaign) -> None:
    client.force_login(rep)
    answers = _answers(stand)
    first, again = _send(client, answers), _send(client, answers)
    assert (first["again"], again["again"]) == (False, True)
    assert again["line"] == "Maëlle Estrebeau\xa0: déjà enregistré"
    assert QuickEntry.objects.count() == Lead.objects.count() == 1
    assert Event.objects.filter(kind_id=14).count() == 1


@pytest.mark.django_db(transaction=True)
def test_f29_the_same_card_sent_at_once_from_many_places_is_taken_once(
    rep: User, stand: Campaign, now: datetime
) -> None:
    card = Card(uuid4(), QuickMode.STAND, now, stand, normalise_email("a@acier.example"))
    start, seen = threading.Barrier(6), []

    def send() -> None:
        try:
            start.wait(timeout=10)
            seen.append(take_card(card, by=rep, now=now).again)
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(seen) == [False, True, True, True, True, True]
    assert Event.objects.filter(kind_id=14).count() == 1


def test_another_card_under_the_same_id_is_a_conflict(client: Client, rep: User, stand: Campaign) -> None:
    client.force_login(rep)
    answers = _answers(stand)
    _send(client, answers)
    told = _send(client, answers | {"email": "somebody@else.example"})
    assert told["status"] == 409
    assert "numéro" in str(told["problem"])
    assert Lead.objects.count() == 1


def test_another_person_s_card_is_not_given_away(
    rep: User, make_user: Callable[..., User], stand: Campaign, now: datetime
) -> None:
    card = Card(uuid4(), QuickMode.STAND, now, stand, normalise_email("a@acier.example"))
    take_card(card, by=rep, now=now)
    with pytest.raises(IdUsedBefore):
        take_card(card, by=make_user(Role.REP), now=now)


def test_a_known_lead_keeps_its_owner(
    client: Client, rep: User, make_user: Callable[..., User], stand: Campaign, make_lead: Callable[..., Lead]
) -> None:
    owner = make_user(Role.REP)
    make_lead(email="maelle@fontargard.example", owner=owner)
    client.force_login(rep)
    assert _send(client, _answers(stand))["line"] == "Maëlle Estrebeau\xa0: déjà connu, complété"
    assert Lead.objects.get().owner == owner


def test_a_consent_has_its_proof_and_no_box_is_ticked_beforehand(
    client: Client, rep: User, stand: Campaign, wording: ConsentWording
) -> None:
    client.force_login(rep)
    page = client.get(PAGE).content.decode()
    assert "{controller}" not in page
    box = page[page.index('name="consents"') - 30 : page.index("Je souhaite recevoir la lettre de ")]
    assert "checked" not in box
    answers = _answers(stand, consents=[wording.pk])
    _send(client, answers)
    said = ConsentEvent.objects.get()
    assert (said.text_version, said.actor, said.page_url) == ("lettre-fr-v1", f"user:{rep.pk}", PAGE)
    assert said.form_version == f"quick-entry:{answers['id']}"


def test_a_card_that_waited_happened_when_it_was_typed(client: Client, rep: User, stand: Campaign) -> None:
    client.force_login(rep)
    typed = timezone.now() - timedelta(hours=5)
    _send(client, _answers(stand, met_at=typed.isoformat()))
    assert Event.objects.get(kind_id=14).occurred_at == typed
    assert QuickEntry.objects.get().met_at == typed


@pytest.mark.parametrize("clock", ["2031-01-01T10:00:00Z", "1999-01-01T10:00:00Z", "soon", "2026-01-01"])
def test_a_clock_that_cannot_be_right_is_not_believed(
    client: Client, rep: User, stand: Campaign, clock: str
) -> None:
    client.force_login(rep)
    _send(client, _answers(stand, met_at=clock))
    assert timezone.now() - QuickEntry.objects.get().met_at < timedelta(minutes=1)


def test_a_paper_form_is_dated_back(client: Client, rep: User, stand: Campaign) -> None:
    client.force_login(rep)
    day = timezone.localdate() - timedelta(days=12)
    answer = client.post(PAGE, _answers(stand, mode="paper", met_on=day.isoformat()))
    assert answer["Location"] == f"{PAGE}?mode=paper&occasion={stand.pk}&on={day.isoformat()}"
    lead = Lead.objects.get()
    assert (lead.channel, lead.acquisition) == ("paper_form", "indirect")
    assert timezone.localdate(Event.objects.get(lead=lead, event_id__startswith="quick:").occurred_at) == day
    following = client.get(answer["Location"]).content.decode()
    assert f'value="{day.isoformat()}"' in following
    assert "<b data-quick-count>1</b>" in following


def test_a_call_makes_a_lead_without_an_occasion(client: Client, rep: User) -> None:
    client.force_login(rep)
    _send(client, _answers(None, mode="call", email="", reason="quote", note="Rappeler jeudi"))
    lead = Lead.objects.get()
    assert lead.channel == "inbound_call"
    call = Event.objects.get(lead=lead, kind_id=17)
    assert (call.properties["reason"], call.properties["note"]) == ("quote", "Rappeler jeudi")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"email": "", "phone": ""}, "Il faut un e-mail ou un numéro"),
        ({"email": "", "phone": "12"}, "Il faut un e-mail ou un numéro"),
        ({"email": "maelle@"}, "Vérifiez l’e-mail"),
        ({"occasion": ""}, "Choisissez où"),
        ({"mode": "paper"}, "Quel jour"),
        ({"mode": "paper", "met_on": "2099-01-01"}, "encore à venir"),
        ({"id": "1"}, "UUID"),
    ],
    ids=["nobody", "no-number", "email", "nowhere", "no-day", "future", "id"],
)
def test_b31_b32_what_cannot_be_taken_says_what_to_do_and_keeps_what_was_typed(
    client: Client, rep: User, stand: Campaign, change: dict[str, object], problem: str
) -> None:
    client.force_login(rep)
    answers = _answers(stand, note="Ligne 4") | change
    told = _send(client, answers)
    assert told["status"] == 422
    assert problem in str(told["problem"])
    page = client.post(PAGE, answers)
    assert page.status_code == 422
    assert "Ligne 4" in page.content.decode()
    assert not Lead.objects.exists()


@pytest.mark.parametrize(
    "name", ["<img src=x onerror=alert(1)>", "Robert'); DROP TABLE leads;", "a\r\nBcc: x"]
)
def test_b28_b35_names_are_only_ever_text(client: Client, rep: User, stand: Campaign, name: str) -> None:
    client.force_login(rep)
    _send(client, _answers(stand, first_name=name, last_name=""))
    page = client.get(PAGE).content.decode()
    assert "<img src=x" not in page
    assert "\n" not in Lead.objects.get().first_name


def test_b42_somebody_who_was_erased_is_refused_politely(
    client: Client, rep: User, stand: Campaign, now: datetime
) -> None:
    suppress(address="maelle@fontargard.example", reason=SuppressionReason.ERASED, now=now)
    client.force_login(rep)
    told = _send(client, _answers(stand))
    assert told["status"] == 409
    assert "effacement" in str(told["problem"])
    assert not Lead.objects.exists()


def test_the_last_card_is_corrected_without_a_second_meeting(
    client: Client, rep: User, stand: Campaign, wording: ConsentWording
) -> None:
    client.force_login(rep)
    first = _answers(stand, wants=["quote"], consents=[wording.pk])
    _send(client, first)
    page = client.get(PAGE, {"correct": str(first["id"])}).content.decode()
    assert 'value="Maelle@fontargard.example"' in page
    corrected = first | {
        "id": str(uuid4()),
        "corrects": first["id"],
        "last_name": "Estrebelle",
        "wants": ["quote", "demo"],
    }
    _send(client, corrected)
    lead = Lead.objects.get()
    assert lead.last_name == "Estrebelle"
    assert Event.objects.filter(kind_id=14).count() == 1
    assert Event.objects.filter(kind_id=21).count() == 1
    assert Event.objects.filter(kind_id=22).count() == 1
    assert ConsentEvent.objects.count() == 1
    assert client.get(PAGE).content.decode().count("Estrebelle") >= 1


def test_b44_nobody_opens_another_one_s_card(
    client: Client, rep: User, make_user: Callable[..., User], stand: Campaign, now: datetime
) -> None:
    entry = take_card(
        Card(uuid4(), QuickMode.STAND, now, stand, normalise_email("a@acier.example")), by=rep, now=now
    ).entry
    client.force_login(make_user(Role.REP))
    for typed in (str(entry.pk), "x", str(UUID(int=0))):
        page = client.get(PAGE, {"correct": typed}).content.decode()
        assert "a@acier.example" not in page


def test_what_is_kept_on_the_device_names_nobody(client: Client, rep: User, stand: Campaign) -> None:
    client.force_login(rep)
    _send(client, _answers(stand))
    assert "Estrebeau" in client.get(PAGE).content.decode()
    assert "Estrebeau" not in client.get(f"{PAGE}?offline").content.decode()


def test_an_occasion_is_made_on_the_spot_and_only_once(client: Client, rep: User) -> None:
    client.force_login(rep)
    for _ in range(2):
        answer = client.post(f"{PAGE}occasion/", {"name": "Boutique de Lyon", "channel": "point_of_sale"})
    made = Campaign.objects.get()
    assert answer["Location"] == f"{PAGE}?occasion={made.pk}"
    assert (made.code, made.channel, made.acquisition) == ("boutique-de-lyon", "point_of_sale", "direct")
    assert client.post(f"{PAGE}occasion/", {"name": "", "channel": "event"}).status_code == 302
    assert Campaign.objects.count() == 1


@pytest.mark.parametrize("entries", [1, 3])
def test_the_page_takes_as_many_queries_for_many_cards(
    client: Client,
    rep: User,
    stand: Campaign,
    now: datetime,
    entries: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(entries):
        take_card(
            Card(uuid4(), QuickMode.STAND, now, stand, normalise_email(f"a{number}@acier.example")),
            by=rep,
            now=now,
        )
    client.force_login(rep)
    with django_assert_num_queries(8):
        assert client.get(PAGE).status_code == 200


def test_the_horizon_of_december_is_next_year(rep: User, stand: Campaign, now: datetime) -> None:
    met = now.replace(month=12, day=31)
    card = Card(uuid4(), QuickMode.STAND, met, stand, normalise_email("a@acier.example"), horizon="3")
    take_card(card, by=rep, now=met)
    assert Lead.objects.get().project_month == date(met.year + 1, 3, 1)
