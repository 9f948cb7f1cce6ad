"""The tracker in a real browser: a site on an origin of its own, with and without its visitor's consent."""

from __future__ import annotations

import gzip
import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from capture.actions.sites import change_site, connect_site
from capture.models import Site
from leads.api.recent import last
from leads.models import ConsentEvent, Event, Lead, Touch, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SCRIPT = Path(__file__).parents[2] / "static" / "js" / "ecluse.js"
# Without the flag that every browser driven by a program raises: these visits are to count as people's.
DISGUISE = "Object.defineProperty(Navigator.prototype, 'webdriver', {get: () => undefined});"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"

PAGE = """<!doctype html><title>{title}</title>{head}
<a id="pdf" href="/files/guide.PDF?token=secret">Guide</a> <a id="next" href="/tarifs">Tarifs</a>
<form data-ecluse-form {mode} data-ecluse-event="contact_requested" action="/sent" method="post">
  <input name="prenom" value="Jean"><input name="nom" value="Dupont"><input name="email" type="email">
  <input name="telephone"><input name="societe" value="Acier Dupont"><textarea name="message"></textarea>
  <input type="password" name="password" value="hunter2"><input name="card_number" value="4111111111111111">
  <input type="hidden" name="csrf" value="hidden-token"><input name="cc" autocomplete="cc-number" value="42">
  <input type="checkbox" id="news" data-ecluse-consent="newsletter" data-ecluse-version="nl-2026">
  <button>Envoyer</button>
</form>"""


class SiteServer(ThreadingHTTPServer):
    """A site that knows nothing of Écluse but the snippet; remembers what its own form posted."""

    head = ""
    mode = ""
    posted: list[str]

    @property
    def origin(self) -> str:
        """Its origin."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: SiteServer

    def do_GET(self) -> None:
        self._answer(PAGE.format(title=self.path, head=self.server.head, mode=self.server.mode))

    def do_POST(self) -> None:
        self.server.posted.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self._answer("<!doctype html><title>Merci</title>Merci")

    def _answer(self, html: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(html.encode())

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def shop() -> Iterator[SiteServer]:
    """The visitor's site."""
    server = SiteServer(("127.0.0.1", 0), _Handler)
    server.posted = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def connected(shop: SiteServer, live_server: LiveServer, make_user: Callable[..., Any]) -> Site:
    """The site, connected and with the snippet in its pages."""
    site = connect_site(name="Shop", origins=[shop.origin], by=make_user(), now=timezone.now())
    changes = {"pricing_patterns": ["/tarifs*"], "ignored_patterns": ["/compte/*"], "trap_path": "/rien"}
    change_site(site=site, changes=changes, origins=[shop.origin], now=timezone.now())
    shop.head = (
        "<script>window.ecluse=window.ecluse||function(){(ecluse.q=ecluse.q||[]).push(arguments)}</script>"
        f'<script src="{live_server.url}/ecluse.js" data-key="{site.key.public_value}" async></script>'
    )
    return site


class Visit:
    """A browser at the site, and every request it sent to Écluse."""

    def __init__(self, context: BrowserContext, shop: SiteServer, ecluse: str) -> None:
        self.page: Page = context.new_page()
        self.page.set_default_timeout(60_000)
        self.shop, self.errors = shop, list[str]()
        self.sent: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        context.on("request", lambda one: self.sent.append(one.url) if one.url.startswith(ecluse) else None)

    def open(self, path: str = "/", **options: Any) -> None:
        """Open a page and wait for the script."""
        self.page.goto(self.shop.origin + path, **options)
        self.page.wait_for_function("window.ecluse && window.ecluse.on", timeout=60_000)

    def consent(self, given: bool = True) -> None:
        """The banner's answer."""
        self.page.evaluate(f"ecluse('consent', {str(given).lower()}, {{version: 'banner-7'}})")

    def stored(self) -> dict[str, Any]:
        """All that the browser keeps for the site."""
        kept = self.page.evaluate(
            "({local: {...localStorage}, session: {...sessionStorage}, cookie: document.cookie})"
        )
        assert isinstance(kept, dict)
        return kept


@pytest.fixture
def visit(chromium: Browser, shop: SiteServer, live_server: LiveServer) -> Iterator[Visit]:
    """Somebody at the site."""
    context = chromium.new_context(locale="fr-FR", user_agent=FIREFOX)
    context.add_init_script(DISGUISE)
    yield Visit(context, shop, live_server.url)
    context.close()


def eventually(check: Callable[[], Any], seconds: float = 30) -> Any:
    """Wait until ``check`` gives something."""
    end = time.monotonic() + seconds
    while not (found := check()):
        assert time.monotonic() < end, "it never came"
        time.sleep(0.05)
    return found


def kinds() -> list[str]:
    """The kinds of what was stored, in order."""
    return list(Event.objects.order_by("occurred_at", "id").values_list("kind__code", flat=True))


def test_it_is_less_than_five_kilobytes() -> None:
    assert len(gzip.compress(SCRIPT.read_bytes())) < 5_000


@pytest.mark.usefixtures("connected")
def test_before_consent_nothing_is_kept_or_sent(visit: Visit) -> None:
    visit.open("/?utm_source=lettre&utm_medium=email")
    visit.page.evaluate("ecluse('event', 'video_watched', {percent: 50})")
    visit.page.click("#next")
    visit.page.fill("[name=email]", "jean@acier-dupont.example")
    visit.page.click("button")
    visit.page.wait_for_url("**/sent")
    visit.page.wait_for_timeout(2500)
    assert [url for url in visit.sent if not url.endswith("/ecluse.js")] == []
    assert visit.stored() == {"local": {}, "session": {}, "cookie": ""}
    assert visit.errors == []
    assert not Lead.objects.exists()


@pytest.mark.usefixtures("connected")
def test_embedded_forms_learn_who_visits_only_with_consent(visit: Visit) -> None:
    visit.open()
    assert visit.page.evaluate("ecluse.visitor()") == ""
    visit.consent()
    known = visit.page.evaluate("ecluse.visitor()")
    assert known == json.loads(visit.stored()["local"]["ecluse"])["id"]
    visit.consent(given=False)
    assert visit.page.evaluate("ecluse.visitor()") == ""


@pytest.mark.usefixtures("connected")
def test_with_consent_what_the_visitor_does_arrives_once(visit: Visit) -> None:
    visit.open("/?utm_source=lettre&utm_medium=email&gclid=abc", referer="https://www.google.fr/search?q=x")
    visit.page.evaluate("ecluse('event', 'video_watched', {percent: 50, content: 'film'})")
    visit.consent()
    eventually(lambda: len(kinds()) == 2)
    visit.page.evaluate("document.querySelector('#pdf').addEventListener('click', (e) => e.preventDefault())")
    visit.page.click("#pdf")
    visit.page.evaluate("history.pushState({}, '', '/tarifs/pro')")
    visit.page.evaluate("history.pushState({}, '', '/compte/moi')")
    eventually(lambda: len(kinds()) == 4)
    assert sorted(kinds()) == ["content_downloaded", "page_viewed", "pricing_viewed", "video_watched"]
    first = Event.objects.get(kind__code="page_viewed")
    assert first.channel == "emailing"
    assert first.properties["url"] == f"{visit.shop.origin}/"
    assert first.properties["clicks"] == "gclid"
    got = Event.objects.get(kind__code="content_downloaded").properties["url"]
    assert got == f"{visit.shop.origin}/files/guide.PDF"  # without what its query held
    assert Event.objects.get(kind__code="pricing_viewed").channel == ""  # within the site
    assert [touch.channel for touch in Touch.objects.all()] == ["emailing"]
    ids = Event.objects.values_list("event_id", flat=True)
    assert all(one[14] == "7" for one in ids)  # UUIDv7
    assert Visitor.objects.count() == 1
    assert visit.errors == []


@pytest.mark.usefixtures("connected")
def test_time_on_a_page_is_told_once_when_it_is_left(visit: Visit) -> None:
    visit.open()
    visit.consent()
    visit.page.wait_for_timeout(5600)
    visit.page.evaluate("history.pushState({}, '', '/b')")
    eventually(lambda: "time_on_site" in kinds())
    assert Event.objects.get(kind__code="time_on_site").properties["seconds"] in {5, 6, 7}


@pytest.mark.usefixtures("connected")
def test_a_new_visit_after_half_an_hour_is_a_return(visit: Visit) -> None:
    visit.open()
    visit.consent()
    eventually(kinds)
    visit.open("/b")
    visit.page.evaluate(
        "() => { const kept = JSON.parse(localStorage.ecluse); kept.seen -= 31 * 6e4; "
        "localStorage.ecluse = JSON.stringify(kept); }"
    )
    visit.consent()
    eventually(lambda: "return_visit" in kinds())
    assert Visitor.objects.count() == 1


@pytest.mark.usefixtures("connected")
def test_an_id_is_never_older_than_thirteen_months(visit: Visit) -> None:
    visit.open()
    visit.consent()
    old = eventually(lambda: visit.page.evaluate("JSON.parse(localStorage.ecluse).id"))
    visit.open("/b")
    visit.page.evaluate(
        "() => { const kept = JSON.parse(localStorage.ecluse); kept.at -= 396 * 864e5; "
        "localStorage.ecluse = JSON.stringify(kept); }"
    )
    visit.consent()
    new = eventually(lambda: visit.page.evaluate("JSON.parse(localStorage.ecluse).id"))
    assert new != old


@pytest.mark.usefixtures("connected")
def test_b67_a_withdrawal_stops_deletes_and_is_told(visit: Visit) -> None:
    visit.open()
    visit.consent()
    eventually(kinds)
    visit.consent(False)
    visitor = eventually(lambda: Visitor.objects.exclude(withdrawn_at=None).first())
    visit.page.evaluate("ecluse('event', 'video_watched')")
    visit.page.evaluate("history.pushState({}, '', '/b')")
    visit.page.wait_for_timeout(2500)
    assert kinds() == ["page_viewed"]
    assert visit.stored() == {"local": {}, "session": {}, "cookie": ""}
    visit.consent()
    eventually(lambda: len(kinds()) == 2)
    assert Visitor.objects.exclude(pk=visitor.pk).count() == 1


@pytest.mark.parametrize(("signal", "value"), [("globalPrivacyControl", "true"), ("doNotTrack", "'1'")])
@pytest.mark.usefixtures("connected")
def test_b67_gpc_and_dnt_are_honoured_whatever_the_banner_says(visit: Visit, signal: str, value: str) -> None:
    visit.page.add_init_script(
        f"Object.defineProperty(Navigator.prototype, '{signal}', {{get: () => {value}}});"
    )
    visit.open()
    visit.consent()
    visit.page.evaluate("ecluse('event', 'video_watched')")
    visit.page.wait_for_timeout(2500)
    assert [url for url in visit.sent if not url.endswith("/ecluse.js")] == []
    assert visit.stored() == {"local": {}, "session": {}, "cookie": ""}


@pytest.mark.usefixtures("connected")
def test_the_banners_cookie_is_read(visit: Visit) -> None:
    visit.shop.head = visit.shop.head.replace(" async", ' data-consent-cookie="consent=yes" async')
    visit.open()
    visit.page.wait_for_timeout(700)
    assert not kinds()
    visit.page.evaluate("document.cookie = 'consent=yes'")
    visit.page.click("body")
    eventually(kinds)
    visit.page.evaluate("document.cookie = 'consent=no'")
    visit.page.click("body")
    eventually(lambda: visit.stored()["local"] == {})


@pytest.mark.usefixtures("connected")
def test_a_form_of_the_site_becomes_a_lead_and_goes_on_as_before(visit: Visit) -> None:
    visit.open("/?utm_source=linkedin&utm_medium=social")
    visit.consent()
    eventually(kinds)
    visit.page.fill("[name=email]", "Jean@acier-dupont.example")
    visit.page.fill("[name=message]", "Un devis, svp")
    visit.page.check("#news")
    visit.page.click("button")
    visit.page.wait_for_url("**/sent")
    assert "hunter2" in visit.shop.posted[0]  # the site's own form is untouched
    lead = eventually(Lead.objects.first)
    eventually(lambda: "contact_requested" in kinds())
    assert (lead.first_name, lead.last_name, lead.need) == ("Jean", "Dupont", "Un devis, svp")
    assert lead.company.name == "Acier Dupont"
    assert lead.channel == "social"
    told = json.dumps(
        list(Event.objects.values("properties")) + list(Lead.objects.values("custom", "social"))
    )
    for secret in ("hunter2", "4111", "hidden-token", '"42"'):
        assert secret not in told
    said = {(row.purpose, row.state, row.text_version) for row in ConsentEvent.objects.filter(lead=lead)}
    assert said == {("newsletter", "granted", "nl-2026"), ("tracking", "granted", "banner-7")}
    assert Event.objects.filter(lead=lead, kind__code="page_viewed").count() == 1


@pytest.mark.usefixtures("connected")
def test_a_form_may_be_taken_without_any_visitor(visit: Visit) -> None:
    visit.open("/?utm_source=linkedin&utm_medium=social")
    visit.page.evaluate("document.querySelector('form').setAttribute('data-ecluse-form', 'always')")
    visit.page.fill("[name=email]", "jean@acier-dupont.example")
    visit.page.click("button")
    visit.page.wait_for_url("**/sent")
    lead = eventually(Lead.objects.first)
    assert lead.channel == "social"  # from the page's own address
    assert not Visitor.objects.exists()
    assert visit.stored() == {"local": {}, "session": {}, "cookie": ""}


@pytest.mark.usefixtures("connected")
def test_an_ad_blocker_harms_nothing(visit: Visit) -> None:
    visit.page.route("**/api/v1/**", lambda route: route.abort("blockedbyclient"))
    visit.open()
    visit.consent()
    visit.page.evaluate("ecluse('event', 'video_watched'); ecluse('nothing'); ecluse(); ecluse('event')")
    visit.page.fill("[name=email]", "jean@acier-dupont.example")
    visit.page.click("button")
    visit.page.wait_for_url("**/sent")
    assert visit.errors == []
    tries = len([url for url in visit.sent if url.endswith("/events/")])
    assert tries <= 3


@pytest.mark.usefixtures("connected")
def test_what_could_not_be_sent_comes_later_and_once(visit: Visit) -> None:
    refused = {"left": 1}

    def answer(route: Any) -> None:
        if refused["left"]:
            refused["left"] -= 1
            route.fulfill(status=503, body="")
        else:
            route.continue_()

    visit.page.route("**/api/v1/events/", answer)
    visit.open()
    visit.consent()
    for _ in range(40):  # in the browser's time, so that the route above is asked
        visit.page.wait_for_timeout(500)
        if kinds():
            break
    assert refused["left"] == 0
    assert kinds() == ["page_viewed"]


def test_a_browser_driven_by_a_program_is_a_machine(
    chromium: Browser, shop: SiteServer, live_server: LiveServer, connected: Site
) -> None:
    context = chromium.new_context(user_agent=FIREFOX)
    visit = Visit(context, shop, live_server.url)
    visit.open()
    visit.consent()
    event = eventually(Event.objects.first)
    assert event.verdict == 2
    context.close()


def test_the_trap_page_is_told(visit: Visit, connected: Site) -> None:
    visit.open("/rien")
    visit.consent()
    assert eventually(Event.objects.first).properties["trap"] is True


@pytest.mark.usefixtures("connected")
def test_the_script_is_kept_by_browsers_and_asked_for_again(live_server: LiveServer, client: Any) -> None:
    answer = client.get("/ecluse.js", headers={"Accept-Encoding": "gzip"})
    assert answer["Cache-Control"].startswith("public, max-age=")
    assert answer["Content-Encoding"] == "gzip"
    assert gzip.decompress(answer.content) == SCRIPT.read_bytes()
    again = client.get("/ecluse.js", headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert "Set-Cookie" not in answer


def test_somebody_can_see_that_the_snippet_is_there(visit: Visit, connected: Site) -> None:
    visit.open("/?ecluse-test=1")
    seen = eventually(lambda: last(connected.key.prefix))
    assert (seen[0].status, seen[0].page) == ("test", f"{visit.shop.origin}/")
    assert timezone.now() - seen[0].at < timedelta(minutes=1)
    assert visit.stored() == {"local": {}, "session": {}, "cookie": ""}
