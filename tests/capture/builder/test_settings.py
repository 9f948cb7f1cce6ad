"""The settings of a form: exact origins, https, addresses that stay, two editors."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from capture.actions.forms import settings_mark
from capture.editors.origins import exact_origin
from capture.editors.settings import SECTIONS
from capture.models import Form

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def post(client: Client, form: Form, section: str, **sent: object) -> int:
    """Send a section as its editor does; the status."""
    seen = settings_mark(form, SECTIONS[section])
    url = f"/capture/forms/{form.slug}/settings/{section}/"
    return client.post(url, {"seen": seen} | sent, headers=HTMX).status_code


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://acme.fr", "https://acme.fr"),
        (" HTTPS://WWW.Acme.FR/ ", "https://www.acme.fr"),
        ("https://acme.fr:443", "https://acme.fr"),
        ("https://acme.fr:8443", "https://acme.fr:8443"),
        ("http://localhost:3000", "http://localhost:3000"),
    ],
)
def test_b54_origins_are_what_browsers_say(text: str, origin: str) -> None:
    assert exact_origin(text) == origin


@pytest.mark.parametrize(
    "text",
    [
        "acme.fr",
        "https://*.acme.fr",
        "*",
        "null",
        "https://acme.fr/path",
        "https://acme.fr?x=1",
        "https://user@acme.fr",
        "https://good.fr@evil.fr",
        "http://acme.fr",
        "ftp://acme.fr",
        "javascript:alert(1)",
        "https://acme",
        "https://acme..fr",
        "https://acme.fr:99999",
        "https://acme.fr\nhttps://evil.fr",
        "https://[::1]",
    ],
)
def test_b54_anything_else_is_no_origin(text: str) -> None:
    with pytest.raises(ValidationError):
        exact_origin(text)


def test_sites_are_kept_each_once(client: Client, draft: Form) -> None:
    assert (
        post(client, draft, "sites", origins="https://acme.fr/\nhttps://ACME.fr\n\nhttps://b.example") == 200
    )
    draft.refresh_from_db()
    assert draft.origins == ["https://acme.fr", "https://b.example"]


@pytest.mark.parametrize(
    "url", ["http://acme.fr", "javascript:alert(1)", "ftp://a.example", "https://a@evil.example"]
)
def test_b47_people_are_sent_to_https_addresses_only(client: Client, draft: Form, url: str) -> None:
    status = post(client, draft, "closing", button="Envoyer", thanks="Merci", redirect_url=url)
    assert status == 422
    draft.refresh_from_db()
    assert draft.redirect_url == ""


def test_a_published_address_stays(client: Client, live: Form) -> None:
    general = {"name": "Contact", "language": "fr", "asked_at_once": "3"}
    assert post(client, live, "general", slug="autre", **general) == 422
    assert post(client, live, "general", slug=live.slug, **general) == 200


def test_a_draft_may_change_its_address_but_not_to_one_that_is_taken(
    client: Client, draft: Form, make_form: Callable[..., Form]
) -> None:
    other = make_form("newsletter")
    general = {"name": "Contact", "language": "fr", "asked_at_once": "3"}
    assert post(client, draft, "general", slug=other.slug, **general) == 422
    assert post(client, draft, "general", slug="new", **general) == 422
    assert post(client, draft, "general", slug="ecrivez-nous", **general) == 200
    assert Form.objects.filter(slug="ecrivez-nous").exists()


def test_two_editors_of_one_section_and_two_of_different_ones(client: Client, draft: Form) -> None:
    seen = settings_mark(draft, SECTIONS["information"])
    url = f"/capture/forms/{draft.slug}/settings/information/"
    theirs = {"seen": seen, "controller": "Le leur", "privacy_url": "https://leur.example"}
    mine = {"seen": seen, "controller": "Le mien", "privacy_url": "https://mien.example"}
    assert client.post(url, theirs, headers=HTMX).status_code == 200
    late = client.post(url, mine, headers=HTMX)
    assert late.status_code == 409
    assert "Le leur" in late.content.decode()
    assert 'value="Le mien"' in late.content.decode()
    # Another section was not touched by it.
    assert post(client, draft, "protection", double_opt_in="everybody") == 200
    draft.refresh_from_db()
    assert (draft.controller, draft.double_opt_in) == ("Le leur", "everybody")


def test_who_had_to_sign_in_again_finds_what_was_typed(draft: Form, client: Client) -> None:
    anonymous = Client()
    url = f"/capture/forms/{draft.slug}/settings/information/"
    seen = settings_mark(draft, SECTIONS["information"])
    sent = {"seen": seen, "controller": "Tapé avant", "privacy_url": "https://a.example"}
    assert anonymous.post(url, sent).status_code == 302
    anonymous.force_login(draft.created_by, backend="django.contrib.auth.backends.ModelBackend")  # type: ignore[arg-type]
    assert 'value="Tapé avant"' in anonymous.get(url).content.decode()


def test_a_live_form_keeps_its_notice(client: Client, live: Form) -> None:
    assert post(client, live, "information", controller="Ateliers", privacy_url="") == 409
    live.refresh_from_db()
    assert live.privacy_url


@pytest.mark.parametrize("section", ["nonsense", "state", "version"])
def test_b13_only_the_sections_there_are_can_be_written(client: Client, draft: Form, section: str) -> None:
    url = f"/capture/forms/{draft.slug}/settings/{section}/"
    assert client.post(url, {"state": "live", "version": "9"}).status_code == 404
    draft.refresh_from_db()
    assert (draft.state, draft.version) == ("draft", 1)
