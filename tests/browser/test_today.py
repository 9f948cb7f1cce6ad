"""A day's work with the keyboard: done, planned, called, without loading a page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from funnel import actions
from funnel.models import Call, Offer, Rep, Task
from leads.choices import Audience
from leads.models import Lead
from tests.funnel.conftest import HOT, make_rep, verdict  # noqa: F401  # make_rep is a fixture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def rep(make_rep: Callable[..., Rep], make_lead: Callable[..., Lead]) -> Rep:  # noqa: F811
    """A rep with two leads in work, whose first contacts are late."""
    now, rep = timezone.now(), make_rep(places=9, offers_per_day=9)
    leads = [make_lead(last_name=name, audience=Audience.B2B, phone="+33612345678") for name in "AB"]
    actions.place({one.pk: verdict(one, HOT, priority=9 - n) for n, one in enumerate(leads)}, now=now)
    actions.fill_places(now=now)
    for offer in Offer.objects.open():
        actions.accept(offer=offer, by=rep.user, now=now)
    Task.objects.filter(lead=leads[0]).update(due_at=_ago(hours=2))
    Task.objects.filter(lead=leads[1]).update(due_at=_ago(hours=1))
    return rep


def _ago(**length: int) -> datetime:
    return timezone.now() - timedelta(**length)


def _open(page: Page, live_server: LiveServer, rep: Rep) -> None:
    client = Client()
    client.force_login(rep.user)
    session = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    page.context.add_cookies([session])
    page.goto(f"{live_server.url}/today/")


def test_a_day_with_the_keyboard(
    page: Page, live_server: LiveServer, rep: Rep, complaints: list[str]
) -> None:
    _open(page, live_server, rep)
    page.evaluate("window.unbroken = true")
    page.keyboard.press("d")  # on no row: nothing happens
    page.keyboard.press("j")
    page.keyboard.press("d")  # done, and the next step is asked for
    page.wait_for_selector("dialog[open] input[name=kind]")
    page.keyboard.press("2")
    page.click("dialog[open] .btn--primary")
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.locator(".day__icon--bad")).to_have_count(1)  # the list is read again

    page.keyboard.press("j")
    page.keyboard.press("c")
    page.wait_for_selector("dialog[open] input[name=outcome]")
    page.keyboard.press("3")
    page.check("dialog[open] input[name=then][value=email]", force=True)
    page.click("dialog[open] .btn--primary")
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.locator(".day__at--late")).to_have_count(0)

    assert Call.objects.get().outcome == "voicemail"
    assert sorted(Task.objects.filter(done_at=None).values_list("kind", flat=True)) == ["email", "email"]
    assert page.evaluate("window.unbroken")
    assert not complaints
