"""A form on its own page and in a page of another site: no complaint of either policy, no cookie, a lead."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from capture.actions.accept import take_in_due
from capture.models import Form, Submission
from leads.models import ConsentEvent, Lead
from tests.capture.public.conftest import add_box, make_form, site  # noqa: F401  # fixtures

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
EMAIL = "jeanne@acier-dupont.example"


@pytest.fixture
def now() -> datetime:
    """Pages read the real clock."""
    return timezone.now()


class Site:
    """Somebody's site, with a policy as strict as can be: one page that embeds a form."""

    def __init__(self) -> None:
        self.page = self.policy = ""
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200 if self.path.startswith("/page") else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Security-Policy", outer.policy)
                self.end_headers()
                self.wfile.write(outer.page.encode() if self.path.startswith("/page") else b"")

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def origin(self) -> str:
        """Another origin than the test server's: the same machine by its other name."""
        return f"http://localhost:{self.server.server_port}"

    def embed(self, home: str, form: Form) -> None:
        self.policy = (
            f"default-src 'none'; script-src {home}; frame-src {home}; style-src 'none'; img-src data:"
        )
        self.page = (
            '<!doctype html><html lang="fr"><head><title>Acier</title><link rel="icon" href="data:,"></head>'
            "<body><h1>Acier Dupont</h1>"
            f'<script src="{home}/embed.js" data-form="{form.slug}" async></script>'
            "</body></html>"
        )


@pytest.fixture
def other_site() -> Iterator[Site]:
    """A site on another origin."""
    made = Site()
    yield made
    made.server.shutdown()
    made.server.server_close()


def fill(scope: Any, page: Page) -> None:
    """Fill in and send, as slowly as a person."""
    scope.locator('[name="lead.email"]').fill(EMAIL)
    scope.locator('[name="lead.first_name"]').fill("Jeanne")
    scope.locator('[name="consent"]').check()
    page.wait_for_timeout(3100)
    scope.locator(".form__send").click()


def test_the_hosted_page_from_error_to_thanks(
    page: Page,
    live_server: LiveServer,
    make_form: Callable[..., Form],  # noqa: F811
    now: datetime,
    complaints: list[str],
) -> None:
    form = make_form(thanks="Merci, à très vite.")
    add_box(form, "newsletter", now)
    page.goto(f"{live_server.url}/f/{form.slug}/")
    assert Axe().run(page).violations_count == 0
    page.wait_for_timeout(3100)
    page.locator(".form__send").click()
    expect(page.locator("#errors")).to_be_focused()
    assert Axe().run(page).violations_count == 0
    page.locator("#errors a").first.click()
    expect(page.locator('[name="lead.email"]')).to_be_focused()
    fill(page, page)
    expect(page.get_by_text("Merci, à très vite.")).to_be_visible()
    assert Axe().run(page).violations_count == 0
    assert page.context.cookies() == []
    take_in_due(now=timezone.now())
    assert Lead.objects.get().email == EMAIL
    assert ConsentEvent.objects.get().purpose == "newsletter"
    assert [said for said in complaints if "422" not in said] == []


def test_a_form_in_another_sites_page(
    page: Page,
    live_server: LiveServer,
    other_site: Site,
    make_form: Callable[..., Form],  # noqa: F811
    now: datetime,
    complaints: list[str],
) -> None:
    form = make_form(origins=[other_site.origin])
    add_box(form, "newsletter", now)
    other_site.embed(live_server.url, form)
    page.goto(f"{other_site.origin}/page?utm_source=lettre&utm_medium=email")
    frame = page.frame_locator("iframe")
    expect(frame.locator("h1")).to_have_text("Recevoir le guide")
    page.wait_for_function("document.querySelector('iframe').height !== '480'")
    inside = page.frames[1].evaluate("document.documentElement.scrollHeight - window.innerHeight")
    assert inside <= 1, "the frame is as high as what it holds"
    fill(frame, page)
    expect(frame.get_by_role("heading", name="Merci")).to_be_visible()
    assert page.context.cookies() == []
    submission = Submission.objects.get()
    assert (submission.state, submission.page) == ("received", f"{other_site.origin}/page")
    assert submission.utm == {"source": "lettre", "medium": "email"}
    assert complaints == []


def test_b53_a_site_that_the_form_does_not_name_cannot_frame_it(
    page: Page,
    live_server: LiveServer,
    other_site: Site,
    make_form: Callable[..., Form],  # noqa: F811
    complaints: list[str],
) -> None:
    form = make_form(origins=["https://www.acier.example"])
    other_site.embed(live_server.url, form)
    page.goto(f"{other_site.origin}/page")
    page.wait_for_timeout(1500)
    assert any("frame-ancestors" in said for said in complaints)
    assert page.frame_locator("iframe").locator("form").count() == 0


def test_b61_the_browser_does_the_proof_of_work(
    page: Page,
    live_server: LiveServer,
    make_form: Callable[..., Form],  # noqa: F811
    now: datetime,
) -> None:
    form = make_form(uses_proof_of_work=True)
    add_box(form, "newsletter", now)
    page.goto(f"{live_server.url}/f/{form.slug}/")
    fill(page, page)
    expect(page.get_by_role("heading", name="Merci")).to_be_visible(timeout=60_000)
    assert Submission.objects.get().state == "received"
