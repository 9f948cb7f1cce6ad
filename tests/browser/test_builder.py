"""The builder in a real browser: once through with the keyboard only, dragged, on a phone, for everybody."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from accounts.roles import Role
from capture.actions.forms import begin_form, publish
from capture.choices import FormState
from capture.models import Form, Submission
from capture.starters import BY_CODE
from leads.models import Content, Lead
from nurturing.tokens import preferences_token

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def claire(make_user: Callable[..., User]) -> User:
    return make_user(Role.MARKETER, first_name="Claire", last_name="Moreau")


@pytest.fixture
def desk(page: Page, live_server: LiveServer, claire: User) -> Page:
    """Claire, signed in, in front of a screen."""
    client = Client()
    client.force_login(claire, backend="django.contrib.auth.backends.ModelBackend")
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    page.context.add_cookies([cookie])  # type: ignore[list-item]  # as Playwright takes them
    page.set_viewport_size({"width": 1440, "height": 900})
    return page


@pytest.fixture
def form(claire: User) -> Form:
    """A white paper's form that only waits to be published."""
    made = begin_form(starter=BY_CODE["white_paper"], language="fr", by=claire, now=timezone.now())
    Form.objects.filter(pk=made.pk).update(controller="Ateliers SAS", privacy_url="https://a.example/rgpd")
    return Form.objects.get(pk=made.pk)


@pytest.fixture
def quiet(complaints: list[str]) -> Iterator[None]:
    """The browser has nothing to complain about."""
    yield
    assert complaints == []


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def focused(page: Page) -> str:
    """The id of the element that has the focus."""
    return str(page.evaluate("document.activeElement.id"))


@pytest.mark.usefixtures("quiet")
def test_once_through_the_builder_with_the_keyboard_only(
    desk: Page, live_server: LiveServer, form: Form
) -> None:
    first, second = form.fields.all()[:2]
    desk.goto(f"{live_server.url}/capture/forms/{form.slug}/")
    # Open the second question, reword it; the preview follows while the focus goes on.
    desk.locator(f"#open-{second.pk}").focus()
    press(desk, "Enter")
    expect(desk.locator(f"#q{second.pk}-label")).to_be_focused()
    press(desk, "Control+a")
    desk.keyboard.type("Votre prénom")
    press(desk, "Tab")
    expect(desk.frame_locator("[data-preview]").get_by_text("Votre prénom")).to_be_visible()
    assert focused(desk) == f"q{second.pk}-help"
    # Done by Enter: back on the row.
    press(desk, "Enter")
    expect(desk.locator(f"#open-{second.pk}")).to_be_focused()
    # Down twice: the button keeps the focus, the place is said.
    desk.locator(f"#down-{first.pk}").focus()
    press(desk, "Enter")
    expect(desk.locator("#said")).to_contain_text("2 sur 8")
    assert focused(desk) == f"down-{first.pk}"
    press(desk, "Enter")
    expect(desk.locator("#said")).to_contain_text("3 sur 8")
    # Remove the next button's question and put it back.
    press(desk, "Tab", "Enter")
    expect(desk.locator("#put-back")).to_be_focused()
    press(desk, "Enter")
    expect(desk.locator("[id^=open-]:has-text('E-mail')")).to_be_focused()
    # Add a question: its label is ready to be written.
    desk.locator(".adder summary").focus()
    press(desk, "Enter", "Tab", "Enter")
    expect(desk.locator("[id^=q][id$=-label]")).to_be_focused()
    desk.locator("#form-state button:has-text('Publier')").focus()
    press(desk, "Enter")
    expect(desk.locator("#copy-address")).to_have_value(re.compile(f"/f/{form.slug}/$"))
    form.refresh_from_db()
    assert form.state == FormState.LIVE
    assert form.fields.count() == 9


@pytest.mark.usefixtures("quiet")
def test_a_question_is_dragged_to_its_place(desk: Page, live_server: LiveServer, form: Form) -> None:
    ids = list(form.fields.values_list("pk", flat=True))
    desk.goto(f"{live_server.url}/capture/forms/{form.slug}/")
    desk.locator(f"#question-{ids[0]}").hover()
    desk.locator(f"#question-{ids[0]} [draggable]").drag_to(
        desk.locator(f"#question-{ids[2]}"), target_position={"x": 100, "y": 45}
    )
    expect(desk.locator("#said")).not_to_be_empty()
    assert list(form.fields.values_list("pk", flat=True))[:3] == [ids[1], ids[2], ids[0]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [None, PHONE], ids=["desk", "phone"])
@pytest.mark.usefixtures("quiet")
def test_every_page_of_forms_is_for_everybody(
    desk: Page,
    live_server: LiveServer,
    form: Form,
    claire: User,
    make_lead: Callable[..., Lead],
    scheme: str,
    size: dict[str, int] | None,
) -> None:
    now = timezone.now()
    publish(form=form, by=claire, now=now)
    aside = {"state": "spam", "reasons": ["honeypot"], "answers": {"lead.email": "a@b.fr"}}
    sent = Submission.objects.create(form=form, form_version=1, received_at=now, **aside)
    Content.objects.create(
        code="guide", title="Le guide", type="guide", band="tofu", url="https://a.example", created_at=now
    )
    token = preferences_token(make_lead(audience="b2c", phone="+33612345678").public_id)
    here = f"/capture/forms/{form.slug}/"
    desk.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # light or dark
    if size:
        desk.set_viewport_size(size)  # type: ignore[arg-type]
    problems = {}
    for address in (
        "/capture/forms/", "/capture/forms/new/", here, f"{here}?open={form.fields.all()[3].pk}",
        f"{here}consents/",
        f"{here}settings/", f"{here}share/", f"{here}submissions/", f"/capture/submissions/{sent.public_id}/",
        "/capture/consents/", "/capture/consents/new/", "/capture/content/", "/capture/content/guide/",
        f"/p/{token}/",
    ):  # fmt: skip
        desk.goto(live_server.url + address)
        found = Axe().run(desk, options={"runOnly": AXE["runOnly"], "iframes": False})
        broken = {violation["id"]: len(violation["nodes"]) for violation in found.response["violations"]}
        wide = desk.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if broken or wide > 0:
            problems[address] = (broken, wide)
    assert problems == {}
