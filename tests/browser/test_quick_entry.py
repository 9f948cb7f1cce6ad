"""Quick entry on a phone whose network drops: cards are kept, the page opens again, nothing is sent twice."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from accounts.roles import Role
from capture.actions.quick_entry import make_occasion
from capture.models import QuickEntry
from leads.channels import Channel
from leads.models import Campaign, Lead

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NEXT = "Enregistrer, fiche suivante"


@pytest.fixture
def stand(now: datetime) -> Campaign:
    return make_occasion(name="Salon Industrie", channel=Channel.TRADE_SHOW, now=now)


@pytest.fixture
def phone(
    chromium: Browser, live_server: LiveServer, make_user: Callable[..., User], stand: Campaign
) -> Iterator[Page]:
    """A phone in French on which a rep is signed in, the page open and its worker ready."""
    client = Client()
    client.force_login(make_user(Role.REP))
    context = chromium.new_context(
        locale="fr-FR", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    cookie = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": cookie, "value": client.cookies[cookie].value, "url": live_server.url}])
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.goto(f"{live_server.url}/capture/quick/?occasion={stand.pk}")
    assert (
        page.evaluate(
            "Promise.race([navigator.serviceWorker.ready.then(() => 'ready'),"
            " new Promise((late) => setTimeout(late, 15000, 'no worker'))])"
        )
        == "ready"
    )
    yield page
    context.close()


def _type(page: Page, name: str) -> None:
    page.get_by_label("Prénom").fill(name)
    page.get_by_label("E-mail", exact=True).fill(f"{name.lower()}@acier.example")
    page.get_by_label("Note").fill("Ligne 4")
    page.get_by_label("Devis", exact=True).check()
    page.get_by_role("button", name=NEXT).click()
    expect(page.get_by_label("Prénom")).to_have_value("")


def test_cards_typed_without_a_network_are_sent_later_and_once(phone: Page, stand: Campaign) -> None:
    status = phone.locator("[data-quick-status]")
    phone.context.set_offline(True)
    for name in ("Adèle", "Bruno", "Chloé"):
        _type(phone, name.replace("è", "e").replace("é", "e"))
    expect(status).to_have_text(re.compile("3 fiches en attente"))
    assert Lead.objects.count() == 0

    phone.reload()  # the worker answers for the server
    expect(status).to_have_text(re.compile("3 fiches en attente"))
    expect(phone.get_by_label("Occasion")).to_have_value(str(stand.pk))
    _type(phone, "Denis")
    expect(status).to_have_text(re.compile("4 fiches en attente"))

    phone.context.set_offline(False)
    expect(status).to_have_text("", timeout=20_000)
    assert Lead.objects.count() == QuickEntry.objects.count() == 4
    expect(phone.locator("[data-quick-sent] li")).to_have_count(4)

    phone.reload()
    expect(phone.locator("[data-quick-sent] li")).to_have_count(4)
    assert QuickEntry.objects.count() == 4


def test_an_answer_that_got_lost_makes_no_second_lead(phone: Page) -> None:
    taken = phone.context
    taken.route("**/capture/quick/", lambda route: (route.fetch(), route.abort())[1])
    with phone.expect_event("requestfailed"):
        _type(phone, "Emma")
    expect(phone.locator("[data-quick-status]")).to_have_text("1 fiche en attente")
    assert QuickEntry.objects.count() == 1
    taken.unroute("**/capture/quick/")
    phone.evaluate("dispatchEvent(new Event('online'))")
    expect(phone.locator("[data-quick-sent]")).to_contain_text("déjà enregistré")
    assert QuickEntry.objects.count() == Lead.objects.count() == 1


def test_a_card_that_cannot_be_taken_stays_and_is_corrected(phone: Page) -> None:
    phone.get_by_label("Prénom").fill("Farid")
    phone.get_by_label("E-mail", exact=True).fill("farid@")
    phone.get_by_role("button", name=NEXT).click()
    waiting = phone.locator("[data-quick-waiting]")
    expect(waiting).to_contain_text("Vérifiez l’e-mail")
    waiting.get_by_role("button", name="Corriger").click()
    expect(phone.get_by_label("Prénom")).to_have_value("Farid")
    phone.get_by_label("E-mail", exact=True).fill("farid@acier.example")
    phone.get_by_role("button", name=NEXT).click()
    expect(phone.locator("[data-quick-sent]")).to_contain_text("Farid")
    assert Lead.objects.get().email == "farid@acier.example"
    expect(waiting.locator("li")).to_have_count(0)


def test_somebody_without_address_is_refused_before_the_card_is_put_away(phone: Page) -> None:
    phone.get_by_label("Prénom").fill("Gaëlle")
    phone.get_by_role("button", name=NEXT).click()
    expect(phone.get_by_label("Prénom")).to_have_value("Gaëlle")
    assert phone.evaluate("document.querySelector('[name=email]').validationMessage").startswith("Il faut")
