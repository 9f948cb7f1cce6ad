"""The pages of marketing in a real browser: light and dark, desktop and phone, with and without a mouse."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from leads.actions.events import record_event
from leads.actions.people import Identity, recognise
from leads.choices import Origin
from leads.models import Lead
from leads.normalise import normalise_email
from pipeline.run import run_until_idle

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "les-portes-de-l-ecluse"
AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def leads() -> list[Lead]:
    """A few people who did something, scored and placed by the pipeline."""
    now = timezone.now() - timedelta(hours=2)
    found = []
    for name, kinds in {
        "Nadia Vilmaret": ["content_downloaded", "contact_requested"],
        "Hugo Perrec": ["page_viewed", "content_downloaded", "webinar_attended"],
        "Élodie O’Neill": ["newsletter_subscribed"],
    }.items():
        first, last = name.split(maxsplit=1)
        address = f"contact-{len(found)}@fonderies-clairval.example"
        profile = {"first_name": first, "last_name": last, "job_title": "Directrice industrielle"}
        identity = Identity(email=normalise_email(address))
        lead = recognise(identity=identity, profile=profile, origin=Origin.FORM, now=now).lead
        for kind in kinds:
            record_event(lead_id=lead.pk, kind=kind, occurred_at=now, now=now)
        found.append(lead)
    run_until_idle(now=timezone.now())
    return found


@pytest.fixture
def marketer(make_user: Callable[..., User]) -> User:
    """A marketer who can sign in."""
    return make_user(
        email="camille@valbrume.example", first_name="Camille", last_name="Moreau", password=PASSWORD
    )


@pytest.fixture
def desk(page: Page, live_server: LiveServer, marketer: User) -> Page:
    """The marketer, signed in by the form, in front of a screen."""
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{live_server.url}/accounts/login/")
    page.fill("#id_login", marketer.email)
    page.fill("#id_password", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator(".sheet")).to_be_visible()
    return page


@pytest.fixture
def quiet(complaints: list[str]) -> Iterator[None]:
    """The browser has nothing to complain about: no violation of the policy, no error of a script."""
    yield
    assert complaints == []


def addresses(leads: list[Lead]) -> list[str]:
    """Every page a marketer opens, with something on it and with nothing."""
    return [
        "/",
        "/leads/",
        "/leads/?stage=customer",
        "/leads/?arrived=mql&days=30",
        f"/leads/{leads[0].public_id}/",
        f"/leads/{leads[0].public_id}/?edit=city",
        "/funnel/",
        "/messages/",
        "/scoring/",
    ]


def violations(page: Page) -> list[str]:
    """What axe finds, one line each."""
    found = Axe().run(page, options=AXE).response["violations"]
    return [f"{one['id']}: {node['target']}" for one in found for node in one["nodes"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.usefixtures("quiet")
def test_every_page_is_accessible(
    scheme: str, desk: Page, live_server: LiveServer, leads: list[Lead]
) -> None:
    desk.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # light or dark
    for address in addresses(leads):
        desk.goto(live_server.url + address)
        assert violations(desk) == [], address


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.usefixtures("quiet")
def test_the_way_in_is_accessible(scheme: str, page: Page, live_server: LiveServer) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # light or dark
    for address in ["/accounts/login/", "/accounts/password/reset/", "/accounts/password/reset/done/"]:
        page.goto(live_server.url + address)
        assert violations(page) == [], address


@pytest.mark.usefixtures("quiet")
def test_a_phone_never_scrolls_sideways(desk: Page, live_server: LiveServer, leads: list[Lead]) -> None:
    desk.set_viewport_size(PHONE)  # type: ignore[arg-type]
    for address in addresses(leads):
        desk.goto(live_server.url + address)
        assert desk.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], address
        assert violations(desk) == [], address
    desk.click(".bottom summary")
    expect(desk.locator(".bottom .menu__panel")).to_be_in_viewport()


@pytest.mark.usefixtures("quiet")
def test_the_theme_follows_the_system_until_it_is_chosen(desk: Page, live_server: LiveServer) -> None:
    def ground() -> str:
        return str(desk.evaluate("getComputedStyle(document.body).backgroundColor"))

    desk.emulate_media(color_scheme="light")
    light = ground()
    desk.emulate_media(color_scheme="dark")
    dark = ground()
    assert light != dark
    desk.click(".side .menu summary")
    desk.click(".side [data-theme-choice=light]")
    assert ground() == light
    desk.goto(f"{live_server.url}/leads/")
    assert ground() == light


@pytest.mark.usefixtures("quiet", "leads")
def test_the_list_narrows_while_one_types(desk: Page, live_server: LiveServer) -> None:
    desk.goto(f"{live_server.url}/leads/")
    desk.keyboard.press("/")
    desk.keyboard.type("perr")
    expect(desk.locator("tbody tr")).to_have_count(1)
    expect(desk).to_have_url(f"{live_server.url}/leads/?q=perr&sort=recent")
    desk.go_back()
    expect(desk.locator("tbody tr")).to_have_count(3)


@pytest.mark.usefixtures("quiet")
def test_the_keyboard_is_enough(desk: Page, live_server: LiveServer, leads: list[Lead]) -> None:
    desk.keyboard.press("g")
    desk.keyboard.press("l")
    expect(desk).to_have_url(f"{live_server.url}/leads/")
    desk.keyboard.press("j")
    desk.keyboard.press("Enter")
    expect(desk.locator(".who h2")).to_be_visible()
    desk.keyboard.press("Control+k")
    desk.keyboard.type("vilm")
    expect(desk.locator("#palette-leads [role=option]")).to_have_count(1)
    desk.keyboard.press("Enter")
    expect(desk).to_have_url(f"{live_server.url}/leads/{leads[0].public_id}/")
    desk.keyboard.press("?")
    expect(desk.locator("#help")).to_be_visible()
    desk.click("[data-shortcuts]")
    desk.keyboard.press("Escape")
    desk.keyboard.press("g")
    desk.keyboard.press("l")
    expect(desk).to_have_url(f"{live_server.url}/leads/{leads[0].public_id}/")


@pytest.mark.usefixtures("quiet")
def test_a_missing_field_is_filled_where_it_stands(
    desk: Page, live_server: LiveServer, leads: list[Lead]
) -> None:
    desk.goto(f"{live_server.url}/leads/{leads[0].public_id}/")
    desk.click("#profile a[href='?edit=city']")
    desk.fill("#profile-city", "Metz")
    desk.keyboard.press("Enter")
    expect(desk.locator("#profile")).to_contain_text("Metz")
    leads[0].refresh_from_db()
    assert leads[0].city == "Metz"
