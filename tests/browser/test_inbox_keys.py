"""The inbox under the fingers: j and k, numbered reasons, disqualify, somebody quicker, no scripts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from funnel import actions
from funnel.models import Offer, Rep, Standing
from leads.models import Lead
from tests.funnel.conftest import HOT, make_rep, verdict  # noqa: F401  # make_rep is a fixture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def now() -> datetime:
    """Pages read the real clock."""
    return timezone.now()


@pytest.fixture
def offers(make_rep: Callable[..., Rep], make_lead: Callable[..., Lead], now: datetime) -> list[Offer]:  # noqa: F811
    """Four offers of one rep, the best first."""
    make_rep(places=9, offers_per_day=9)
    leads = [make_lead(first_name="Lead", last_name=f"Numéro{n}") for n in range(4)]
    actions.place({one.pk: verdict(one, HOT, priority=100 - n) for n, one in enumerate(leads)}, now=now)
    return actions.fill_places(now=now)


@pytest.fixture
def manager(make_rep: Callable[..., Rep]) -> Rep:  # noqa: F811
    """A manager with a desk."""
    return make_rep(role="manager")


def _open(page: Page, live_server: LiveServer, rep: Rep) -> None:
    client = Client()
    client.force_login(rep.user)
    session = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    page.context.add_cookies([session])
    page.goto(f"{live_server.url}/inbox/")


def _stage(offer: Offer) -> str:
    return Standing.objects.get(lead=offer.lead_id).stage


def test_a_queue_is_worked_off_with_single_keys(
    page: Page, live_server: LiveServer, offers: list[Offer], complaints: list[str]
) -> None:
    first, second, third, fourth = offers
    _open(page, live_server, first.rep)
    name = page.locator("#lead-name")
    expect(name).to_have_text("Lead Numéro0")

    page.keyboard.press("j")
    expect(name).to_have_text("Lead Numéro1")
    expect(page.locator("#queue [aria-current=true]")).to_have_attribute("data-offer", str(second.pk))

    page.keyboard.press("x")
    page.wait_for_selector("dialog[open]")
    page.keyboard.press("1")
    expect(name).to_have_text("Lead Numéro0")
    expect(page.locator("#queue [data-offer]")).to_have_count(3)
    assert _stage(second) == "disqualified"

    page.keyboard.press("r")
    page.wait_for_selector("dialog[open]")
    page.keyboard.press("1")  # asks for the month
    page.wait_for_selector("dialog [name=month]")
    month = (timezone.localdate() + timedelta(days=150)).replace(day=1)
    page.fill("dialog [name=month]", f"{month:%Y-%m}")
    page.keyboard.press("Enter")
    expect(name).to_have_text("Lead Numéro2")
    assert Standing.objects.get(lead=first.lead_id).wake_on == month - timedelta(days=30)

    page.keyboard.press("a")
    expect(name).to_have_text("Lead Numéro3")
    assert _stage(third) == "sal"

    page.keyboard.press("r")
    page.wait_for_selector("dialog[open]")
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    assert _stage(fourth) == "mql"
    assert complaints == []


def test_f44_who_is_too_late_reads_who_was_quicker_and_goes_on(
    page: Page, live_server: LiveServer, offers: list[Offer], manager: Rep, now: datetime
) -> None:
    _open(page, live_server, offers[0].rep)
    actions.accept(offer=offers[0], by=manager.user, now=now)
    page.keyboard.press("a")
    expect(page.locator("#toasts")).to_contain_text(f"Déjà accepté par {manager.user.full_name}")
    expect(page.locator("#lead-name")).to_have_text("Lead Numéro1")


def test_everything_works_without_scripts(
    chromium: Browser, live_server: LiveServer, offers: list[Offer]
) -> None:
    context = chromium.new_context(java_script_enabled=False, locale="fr-FR")
    page = context.new_page()
    _open(page, live_server, offers[0].rep)
    page.click("#queue a:nth-child(2)")
    page.click("text=Retourner")
    page.click("text=Projet trop lointain")
    page.fill("[name=month]", f"{timezone.localdate() + timedelta(days=200):%Y-%m}")
    page.click("text=Confirmer")
    page.click("form button:has-text('Accepter')")
    assert [_stage(one) for one in offers] == ["sal", "recycled", "mql", "mql"]
    context.close()
