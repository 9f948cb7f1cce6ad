"""A rep's morning with the keyboard alone: sign in, research, accept, checklist, SQL, won."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from funnel.models import ChecklistAnswer, Opportunity, Passage, Rep, Standing
from leads.actions.events import record_event
from leads.actions.people import Identity, recognise
from leads.choices import Origin
from leads.models import Lead, ProfileChange
from leads.normalise import normalise_email
from pipeline.run import run_until_idle

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "les-portes-de-l-ecluse"
AXE = {"resultTypes": ["violations"]}


@pytest.fixture
def rep(make_user: Callable[..., User]) -> User:
    """A rep who can sign in."""
    user = make_user(
        "rep", email="ines@valbrume.example", first_name="Inès", last_name="Corvimond", password=PASSWORD
    )
    Rep.objects.create(user=user)
    return user


@pytest.fixture
def lead(rep: User) -> Lead:
    """Somebody who asks for contact, on the rep's table."""
    now = timezone.now() - timedelta(minutes=20)
    found = recognise(
        identity=Identity(email=normalise_email("nadia.vilmaret@fonderies-clairval.example")),
        profile={"first_name": "Nadia", "last_name": "Vilmaret", "job_title": "Directrice industrielle"},
        origin=Origin.FORM,
        now=now,
    ).lead
    record_event(lead_id=found.pk, kind="contact_requested", occurred_at=now, now=now)
    run_until_idle(now=timezone.now())
    assert Standing.objects.get(lead=found).situation == "offered"
    return found


def _press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def _tab_to(page: Page, selector: str, *, at_most: int = 150) -> None:
    """Press Tab until the focus is on ``selector``: what cannot be reached by Tab fails."""
    for _ in range(at_most):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    pytest.fail(f"{selector} cannot be reached with the Tab key")


def _sign_in(page: Page, live_server: LiveServer, user: User) -> None:
    page.goto(f"{live_server.url}/accounts/login/")
    page.keyboard.type(user.email)  # the field has the focus
    _tab_to(page, "#id_password")
    page.keyboard.type(PASSWORD)
    _press(page, "Enter")
    page.wait_for_url(lambda url: "login" not in url)


def _check_accessibility(page: Page) -> None:
    found = Axe().run(page, options=AXE)
    assert found.violations_count == 0, found.generate_report()


def test_a_lead_is_worked_from_the_inbox_to_the_customer_with_the_keyboard_alone(
    live_server: LiveServer, page: Page, rep: User, lead: Lead, complaints: list[str]
) -> None:
    _sign_in(page, live_server, rep)
    _check_accessibility(page)

    _press(page, "g", "i")
    page.wait_for_url("**/inbox/")
    expect(page.locator("#lead-name")).to_have_text("Nadia Vilmaret")
    _check_accessibility(page)

    _press(page, "e")
    page.wait_for_selector("dialog[open]")
    _check_accessibility(page)
    _tab_to(page, "[name=need]")
    page.keyboard.type("Surveiller les ventilateurs")
    _tab_to(page, "dialog form .btn--primary")
    _press(page, "Enter")
    page.wait_for_selector("dialog[open]", state="detached")
    change = ProfileChange.objects.get(lead=lead, field="need")
    assert (change.new, change.origin, change.by) == ("Surveiller les ventilateurs", "sales", rep)

    _press(page, "a")
    page.wait_for_selector("#decision:not([data-offer])")
    assert Standing.objects.get(lead=lead).stage == "sal"
    _check_accessibility(page)

    _press(page, "g", "m")
    page.wait_for_url("**/my-leads/")
    _check_accessibility(page)
    _tab_to(page, "tr[data-row] a")
    _press(page, "Enter")
    page.wait_for_url(f"**/my-leads/{lead.public_id}/")
    _check_accessibility(page)

    _tab_to(page, "a.checklist__card")
    _press(page, "Enter")
    for item in ("budget", "decision_process", "authority"):
        form = f"dialog details[open] form:has([name=item][value={item}])"
        page.wait_for_selector(form)
        _tab_to(page, f"{form} [name=value]")
        page.keyboard.type("Confirmé au téléphone")
        _press(page, "Enter")
        expect(page.locator(f"dialog details[data-state=confirmed]:has([value={item}])")).to_have_count(1)
    _check_accessibility(page)
    _press(page, "Escape")
    required = ChecklistAnswer.objects.filter(lead=lead, item__is_required=True)
    assert list(required.values_list("state", flat=True)) == ["confirmed"] * 3

    _press(page, "s")
    page.wait_for_selector("dialog[open] [name=product]")
    _tab_to(page, "dialog [name=product]")
    page.keyboard.type("Maintenance prédictive")
    _tab_to(page, "dialog [name=expected_amount]")
    page.keyboard.type("38 000,00")
    _tab_to(page, "dialog [name=expected_close]")
    page.keyboard.type(f"1212{timezone.localdate().year + 1}")  # whichever of day and month comes first
    _press(page, "Enter")
    page.wait_for_selector("dialog[open]", state="detached")
    expect(page.locator("[aria-invalid=true]")).to_have_count(0)
    assert Standing.objects.get(lead=lead).stage == "sql"
    _check_accessibility(page)

    _tab_to(page, "a.verb--primary")
    _press(page, "Enter")
    page.wait_for_selector("dialog[open]")
    _tab_to(page, "dialog [name=amount]")
    page.keyboard.press("Control+a")
    page.keyboard.type("36 500,00")
    _press(page, "Enter")
    page.wait_for_selector("dialog[open]", state="detached")

    assert Standing.objects.get(lead=lead).stage == "customer"
    assert Opportunity.objects.get(lead=lead).amount == 36500
    verbs = list(Passage.objects.filter(lead=lead).order_by("id").values_list("verb", flat=True))
    assert verbs[-4:] == ["offer", "accept", "qualify", "win"]
    assert complaints == []
