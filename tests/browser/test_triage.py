"""Twenty leads worked off with the keyboard alone, in one page: reasons, snooze, undo, somebody quicker."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from funnel import actions
from funnel.models import Offer, Reason, Rep, Standing
from leads.models import Lead
from tests.browser.test_inbox_keys import _open
from tests.browser.test_pages import violations
from tests.funnel.conftest import HOT, make_rep, verdict  # noqa: F401  # make_rep is a fixture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# A key that is struck twice is held for one: the next verb waits until this is over.
ONCE = 320
# Milliseconds for one step on a busy machine.
PATIENCE = 20_000


@pytest.fixture
def now() -> datetime:
    """Pages read the real clock."""
    return timezone.now()


@pytest.fixture
def offers(make_rep: Callable[..., Rep], make_lead: Callable[..., Lead], now: datetime) -> list[Offer]:  # noqa: F811
    """Twenty offers of one rep, the best first, with days to decide; spam asks for a note here."""
    Reason.objects.filter(code="spam").update(needs_note=True)
    make_rep(places=30, offers_per_day=30)
    leads = [make_lead(first_name="Lead", last_name=f"{n:02}") for n in range(20)]
    actions.place({one.pk: verdict(one, HOT, priority=100 - n) for n, one in enumerate(leads)}, now=now)
    actions.fill_places(now=now)
    Offer.objects.update(deadline=now + timedelta(days=10))
    return list(Offer.objects.select_related("rep__user", "lead").order_by("lead__last_name"))


@pytest.fixture
def manager(make_rep: Callable[..., Rep]) -> Rep:  # noqa: F811
    """A manager with a desk."""
    return make_rep(role="manager")


class Hands:
    """Somebody at the keyboard."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def opens(self, live_server: LiveServer, offer: Offer) -> None:
        """The inbox, with this offer the best of the queue."""
        _open(self.page, live_server, offer.rep)
        expect(self.page.locator("#lead-name")).to_have_text("Lead 00", timeout=PATIENCE)

    def sees(self, number: int) -> None:
        """The lead that is open after a decision, its name focused."""
        expect(self.page.locator("#lead-name")).to_have_text(f"Lead {number:02}", timeout=PATIENCE)
        expect(self.page.locator("#lead-name")).to_be_focused(timeout=PATIENCE)

    def press(self, *keys: str) -> None:
        """Keys one after the other; before a second one its dialog has to be there."""
        self.page.wait_for_timeout(ONCE)
        for place, key in enumerate(keys):
            if place:
                self.page.wait_for_selector("dialog[open]")
            self.page.keyboard.press(key)


def _digit(offer: Offer, page: Page, code: str) -> str:
    """The number of a reason in the dialog that is open."""
    page.wait_for_selector("dialog[open] [data-digits]")
    codes = page.eval_on_selector_all("dialog [data-digits] button", "all => all.map(one => one.value)")
    return str(codes.index(code) + 1)


def test_twenty_leads_without_the_mouse_and_without_loading_a_page(
    page: Page, live_server: LiveServer, offers: list[Offer], manager: Rep, complaints: list[str]
) -> None:
    hands = Hands(page)
    hands.opens(live_server, offers[0])
    page.evaluate("window.unbroken = true")

    hands.press("a")  # accepted, taken back, accepted
    hands.sees(1)
    hands.press("u")
    hands.sees(0)
    expect(page.locator("#queue > [data-offer]")).to_have_count(20, timeout=PATIENCE)
    assert Standing.objects.get(lead=offers[0].lead_id).situation == "offered"
    hands.press("a")
    hands.sees(1)

    actions.accept(offer=offers[1], by=manager.user, now=timezone.now())  # somebody was quicker
    hands.press("a")
    hands.sees(2)
    expect(page.locator("#toasts")).to_contain_text(manager.user.full_name, timeout=PATIENCE)

    hands.press("s", "1")  # put aside
    hands.sees(3)
    expect(page.locator("#queue .asleep [data-offer]")).to_have_count(1, timeout=PATIENCE)

    hands.press("r")  # a reason with a month
    hands.press(_digit(offers[3], page, "project_far"))
    page.wait_for_selector("dialog [name=month]")
    month = (timezone.localdate() + timedelta(days=150)).replace(day=1)
    page.fill("dialog [name=month]", f"{month:%Y-%m}")
    page.keyboard.press("Enter")
    hands.sees(4)

    hands.press("x")  # a reason with a note
    hands.press(_digit(offers[4], page, "spam"))
    page.wait_for_selector("dialog [name=note]")
    page.locator("dialog [name=note]").focus()
    page.keyboard.type("Étudiante en master")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    hands.sees(5)

    for number in range(5, 19):
        if number % 2:
            hands.press("a")
        else:
            hands.press("r")
            hands.press(_digit(offers[number], page, "no_budget"))
        hands.sees(number + 1)
    hands.press("x")
    hands.press(_digit(offers[19], page, "no_need"))
    expect(page.locator("#decision .empty")).to_be_visible(timeout=PATIENCE)
    assert page.evaluate("window.unbroken") is True
    stages = [Standing.objects.get(lead=one.lead_id).stage for one in offers]
    assert stages[:5] == ["sal", "sal", "mql", "recycled", "disqualified"]
    assert stages[5:] == ["sal", "recycled"] * 7 + ["disqualified"]
    assert Standing.objects.get(lead=offers[3].lead_id).wake_on == month - timedelta(days=30)
    assert Offer.objects.get(pk=offers[4].pk).note == "Étudiante en master"
    assert [one for one in complaints if "409" not in one] == []


def test_a_key_held_down_decides_once(page: Page, live_server: LiveServer, offers: list[Offer]) -> None:
    hands = Hands(page)
    hands.opens(live_server, offers[0])
    page.keyboard.down("a")
    for _ in range(5):
        page.keyboard.down("a")
    page.keyboard.up("a")
    hands.sees(1)
    page.wait_for_timeout(ONCE)
    assert Standing.objects.filter(stage="sal").count() == 1


def test_b46_what_was_refused_comes_back_to_the_queue(
    page: Page, live_server: LiveServer, offers: list[Offer]
) -> None:
    Rep.objects.update(places=0)
    hands = Hands(page)
    hands.opens(live_server, offers[0])
    hands.press("a")
    expect(page.locator("#toasts .toast")).to_have_count(1, timeout=PATIENCE)
    hands.sees(0)
    expect(page.locator(f"#queue #offer-{offers[0].pk}")).to_be_visible(timeout=PATIENCE)


@pytest.mark.parametrize("width", [1440, 390])
def test_the_inbox_and_its_dialogs_are_accessible(
    page: Page, live_server: LiveServer, offers: list[Offer], width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    hands = Hands(page)
    hands.opens(live_server, offers[0])
    assert violations(page) == []
    for key in ("s", "m", "r"):
        hands.press(key)
        page.wait_for_selector("dialog[open]")
        assert violations(page) == []
        page.keyboard.press("Escape")
