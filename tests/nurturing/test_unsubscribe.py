"""The unsubscribe link: asks on GET, acts on POST, tells strangers nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

import pytest
import time_machine
from django.test import Client

from leads.choices import SuppressionReason
from leads.models import ConsentEvent, Event, Lead, Suppression
from nurturing.actions.send import send_due
from nurturing.archive import ArchiveTransport
from nurturing.models import Message, State
from nurturing.policy import Purpose
from nurturing.tokens import Subject, make_token, read_token, unsubscribe_url
from nurturing.views import mask

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 12, 11, tzinfo=UTC)


@pytest.fixture
def lead(make_lead: Callable[..., Lead]) -> Lead:
    return make_lead(email="jeanne.martin@exemple.fr")


@pytest.fixture
def link(lead: Lead) -> str:
    return "/u/" + make_token(Subject(lead.public_id, Purpose.NURTURING))


def everything() -> list[int]:
    return [model.objects.count() for model in (ConsentEvent, Event, Suppression)]


@pytest.mark.parametrize("method", ["get", "head", "options"])
@pytest.mark.parametrize("headers", [{}, {"Sec-Purpose": "prefetch"}, {"User-Agent": "Barracuda"}])
def test_b51_looking_changes_nothing(client: Client, link: str, method: str, headers: dict[str, str]) -> None:
    before = everything()
    assert getattr(client, method)(link, headers=headers).status_code == 200
    assert everything() == before


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        ("List-Unsubscribe=One-Click", "application/x-www-form-urlencoded"),
        ("", "application/x-www-form-urlencoded"),
        ("", "text/plain"),
        ("{broken", "application/json"),
        ("\x00\xff", "multipart/form-data; boundary=x"),
    ],
)
def test_b51_one_post_is_enough_whatever_its_body(
    lead: Lead, link: str, make_message: Callable[..., Message], data: str, content_type: str
) -> None:
    waiting = make_message(lead)
    client = Client(enforce_csrf_checks=True)
    client.cookies["sessionid"] = "somebody"
    response = client.post(link, data, content_type=content_type)
    assert response.status_code == 200
    assert Suppression.objects.get().reason == SuppressionReason.UNSUBSCRIBED
    assert [(row.purpose, row.state, row.actor) for row in ConsentEvent.objects.all()] == [
        ("nurturing", "withdrawn", "link")
    ]
    kinds = Event.objects.order_by("id").values_list("kind__code", flat=True)
    assert list(kinds) == ["consent_withdrawn", "unsubscribed"]
    waiting.refresh_from_db()
    assert (waiting.state, waiting.reason) == (State.CANCELLED, "unsubscribed")


def test_b51_as_often_as_one_likes(client: Client, link: str) -> None:
    answers = [client.post(link) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert len({answer.content for answer in answers}) == 1
    assert everything() == [1, 2, 1]


def test_b51_after_erasure_it_still_answers(client: Client, lead: Lead, link: str) -> None:
    Lead.objects.filter(pk=lead.pk).update(email=None, reference="gone", erased_at=NOW)
    assert client.get(link).status_code == 200
    assert client.post(link).status_code == 200
    assert everything() == [0, 0, 0]


def test_a_merged_leads_link_speaks_for_the_survivor(
    client: Client, lead: Lead, link: str, make_lead: Callable[..., Lead]
) -> None:
    survivor = make_lead()
    Lead.objects.filter(pk=lead.pk).update(merged_into=survivor)
    client.post(link)
    assert ConsentEvent.objects.get().lead == survivor


@pytest.mark.parametrize("method", ["get", "post"])
def test_b49_b51_a_wrong_token_is_a_plain_404_that_tells_nothing(
    client: Client, link: str, method: str
) -> None:
    wrong = [link + "x", link[:-1], link.replace("~", "~x"), "/u/x", "/u/~", "/u/" + "a" * 5000, "/u/%00"]
    other = "/u/" + make_token(Subject(Lead(email="x@y.fr").public_id, Purpose.NURTURING))
    answers = [getattr(client, method)(path) for path in wrong]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    # A genuine token of somebody who is gone is no sign either: the page only asks.
    assert getattr(client, method)(other).status_code == 200
    assert everything() == [0, 0, 0]


def test_b49_who_tries_many_links_is_slowed_down_and_a_good_link_is_not(client: Client, link: str) -> None:
    stranger = {"REMOTE_ADDR": f"203.0.113.{uuid4().int % 250}"}
    with time_machine.travel(datetime.fromtimestamp(uuid4().int % 10**9 + 10**9, tz=UTC), tick=False):
        answers = [client.get(f"/u/{number}", **stranger) for number in range(61)]
        assert [answer.status_code for answer in answers] == [404] * 60 + [429]
        assert int(answers[-1]["Retry-After"]) > 0
        assert client.get(link, **stranger).status_code == 200


def test_b49_the_page_shows_the_address_to_its_owner_only(client: Client, lead: Lead, link: str) -> None:
    response = client.get(link)
    page = response.content.decode()
    assert "j***@e…" in page
    assert "jeanne" not in page
    assert "exemple.fr" not in page
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["X-Robots-Tag"].startswith("noindex")
    assert response["Cache-Control"] == "no-store"
    assert "<script" not in page
    assert "//" not in page.replace("<!doctype", "").split("<body>")[1]


def test_b49_nothing_about_the_person_stands_in_the_link(lead: Lead, link: str) -> None:
    assert lead.email not in link
    assert str(lead.pk) not in link.removeprefix("/u/").partition(".")[0] or len(link) > 60
    assert len(link.rpartition("~")[2]) == 43  # 256 bits


@pytest.mark.parametrize(("address", "shown"), [("jeanne@exemple.fr", "j***@e…"), ("", ""), ("broken", "")])
def test_masked_addresses(address: str, shown: str) -> None:
    assert mask(address) == shown


def test_a_token_is_bound_to_its_purpose_and_to_its_use(lead: Lead) -> None:
    token = make_token(Subject(lead.public_id, Purpose.NEWSLETTER))
    assert read_token(token) == Subject(lead.public_id, Purpose.NEWSLETTER)
    assert read_token(token.replace("newsletter", "nurturing")) is None


def test_links_are_built_from_the_settings_not_from_a_request(lead: Lead) -> None:
    url = unsubscribe_url(Subject(lead.public_id, Purpose.NURTURING))
    assert url.startswith("http://127.0.0.1:8000/u/")


def test_who_left_gets_nothing_more(
    client: Client, make_message: Callable[..., Message], now: datetime
) -> None:
    first = make_message()
    archive = ArchiveTransport()
    send_due(now=now, transport=archive)
    with time_machine.travel(now, tick=False):
        client.post("/u/" + make_token(Subject(first.lead.public_id, Purpose.NURTURING)))
    make_message(first.lead)
    make_message(first.lead, purpose="newsletter")
    asked_for = make_message(first.lead, purpose="transactional")
    send_due(now=now, transport=archive)
    assert len(archive.messages) == 2
    asked_for.refresh_from_db()
    assert asked_for.state == State.SENT
    assert set(Message.objects.filter(state=State.HELD).values_list("reason", flat=True)) == {
        "suppressed:unsubscribed"
    }
