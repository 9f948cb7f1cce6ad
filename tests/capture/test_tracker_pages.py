"""The tracker's pages: connecting a site, its settings, what the script is told."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import ApiKey, User
from capture.actions.sites import connect_site
from capture.models import Site
from leads.api import keys, recent
from tests.api_fixtures import SITE, Call, problem

pytestmark = pytest.mark.django_db
SCRIPT = Path(__file__).parents[2] / "static" / "js" / "ecluse.js"
TYPED = {
    "name": "Shop",
    "origins": "https://www.Shop.example/page\nshop.example",
    "pricing_patterns": "/tarifs*  /offres/*",
    "ignored_patterns": "",
    "download_extensions": ".PDF zip",
    "session_minutes": "20",
    "consent_cookie": "",
    "trap_path": "/rien",
}


@pytest.fixture
def desk(client: Client, make_user: Callable[..., User]) -> Client:
    """A marketer, signed in."""
    client.force_login(make_user("marketer"), backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def shop(make_user: Callable[..., User]) -> Site:
    """A connected site."""
    return connect_site(name="Shop", origins=[SITE], by=make_user(), now=timezone.now())


def test_the_script_is_small() -> None:
    assert len(gzip.compress(SCRIPT.read_bytes())) < 5_000


def test_a_marketer_connects_a_site(desk: Client) -> None:
    answer = desk.post("/capture/tracker/new/", {"name": "Shop", "origins": "shop.example"})
    key = ApiKey.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/capture/tracker/{key.source_id}/")
    assert (key.kind, key.origins) == ("publishable", ["https://shop.example"])
    html = desk.get(answer["Location"]).content.decode()
    assert f"data-key=&quot;{key.public_value}&quot;" in html
    assert "Shop" in desk.get("/capture/tracker/").content.decode()


@pytest.mark.parametrize(
    "origins", ["", "shop", "javascript:alert(1)", "ftp://shop.example", "https://[broken"]
)
def test_what_is_no_site_is_refused_with_what_was_typed(desk: Client, origins: str) -> None:
    answer = desk.post("/capture/tracker/new/", {"name": "Shop", "origins": origins})
    assert answer.status_code == 422
    assert not ApiKey.objects.exists()


def test_settings_are_kept_and_told_to_the_script(desk: Client, shop: Site, call: Call) -> None:
    assert desk.post(f"/capture/tracker/{shop.key.source_id}/", TYPED).status_code == 302
    key = ApiKey.objects.get()
    assert key.origins == ["https://www.shop.example", "https://shop.example"]
    keys.forget()  # as a process does by itself after five seconds
    answer = call("GET", f"/api/v1/tracker/{key.public_value}/config", Origin="https://shop.example")
    assert answer.json() == {
        "pricing": ["/tarifs*", "/offres/*"],
        "ignored": [],
        "downloads": ["pdf", "zip"],
        "minutes": 20,
        "trap": "/rien",
    }
    assert answer["Access-Control-Allow-Origin"] == "https://shop.example"
    assert answer["Cache-Control"] == "public, max-age=300"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("pricing_patterns", "https://shop.example/tarifs"),
        ("session_minutes", "0"),
        ("session_minutes", "soon"),
        ("consent_cookie", "yes"),
        ("consent_cookie", 'a="><script>'),
        ("trap_path", "*"),
        ("download_extensions", "p/df"),
        ("origins", "no site"),
    ],
)
def test_settings_that_cannot_be(desk: Client, shop: Site, field: str, value: str) -> None:
    answer = desk.post(f"/capture/tracker/{shop.key.source_id}/", TYPED | {field: value})
    assert answer.status_code == 422
    assert Site.objects.get().session_minutes == 30


def test_b54_b65_the_settings_of_another_sites_key(call: Call, shop: Site, secret: str) -> None:
    path = f"/api/v1/tracker/{shop.key.public_value}/config"
    problem(call("GET", path, Origin="https://evil.example"), 403, "origin_not_allowed")
    problem(call("GET", f"/api/v1/tracker/{secret}/config"), 401, "key_invalid")
    problem(call("GET", "/api/v1/tracker/nothing/config"), 401, "key_invalid")
    ApiKey.objects.filter(kind="publishable").update(revoked=True)
    keys.forget()
    problem(call("GET", path), 401, "key_invalid")


def test_the_last_events_are_asked_for_again_as_a_fragment(desk: Client, shop: Site) -> None:
    recent.note(shop.key.prefix, [recent.Seen(timezone.now(), "page_viewed", "accepted", page=f"{SITE}/x")])
    answer = desk.get(
        f"/capture/tracker/{shop.key.source_id}/", headers={"HX-Request": "true", "HX-Target": "arrivals"}
    )
    html = answer.content.decode()
    assert f"{SITE}/x" in html
    assert "<html" not in html


def test_who_may_only_look_changes_nothing(
    client: Client, shop: Site, make_user: Callable[..., User]
) -> None:
    client.force_login(make_user("dpo"), backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(f"/capture/tracker/{shop.key.source_id}/").status_code == 200
    assert client.post(f"/capture/tracker/{shop.key.source_id}/", TYPED).status_code == 404
    assert Site.objects.get().session_minutes == 30
