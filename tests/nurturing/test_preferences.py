"""The preference centre: one line of the ledger a change; strangers learn nothing, looking does nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

from leads.choices import ConsentState, ContactChannel, Purpose, SuppressionReason
from leads.consent import may_contact
from leads.models import ConsentEvent, Event, Lead, Suppression
from leads.queries import contact_facts
from nurturing.actions.preferences import choose, end_pause, pause, stop_everything
from nurturing.models import MailSettings
from nurturing.policy import Purpose as MailPurpose
from nurturing.preferences import preferences_of
from nurturing.tokens import Subject, make_token, preferences_token, preferences_url, read_preferences_token

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 12, 11, tzinfo=UTC)
EMAIL, PHONE = ContactChannel.EMAIL, ContactChannel.PHONE


@pytest.fixture(autouse=True)
def _unhurried() -> None:
    """No limit of an earlier test counts."""
    cache.clear()


@pytest.fixture
def jeanne(make_lead: Callable[..., Lead]) -> Lead:
    """A consumer: what she did not agree to is off."""
    return make_lead(email="jeanne.martin@gmail.com", phone="+33612345678", audience="b2c", language="fr")


@pytest.fixture
def link(jeanne: Lead) -> str:
    return f"/p/{preferences_token(jeanne.public_id)}/"


def everything() -> list[int]:
    return [model.objects.count() for model in (ConsentEvent, Event, Suppression)]


def is_on(lead: Lead, *, at: datetime = NOW) -> dict[str, bool]:
    return {choice.code: choice.is_on for choice in preferences_of(lead, at=at).choices}


def allowed(lead: Lead, purpose: Purpose, *, at: datetime = NOW) -> bool:
    facts = contact_facts([lead.pk], at=at)[lead.pk]
    return may_contact(facts, channel=EMAIL, purpose=purpose).allowed


@pytest.mark.parametrize("method", ["get", "head", "options"])
@pytest.mark.parametrize("headers", [{}, {"Sec-Purpose": "prefetch"}, {"User-Agent": "Barracuda"}])
def test_b51_b52_looking_changes_nothing(
    client: Client, link: str, method: str, headers: dict[str, str]
) -> None:
    before = everything()
    assert getattr(client, method)(link, headers=headers).status_code == 200
    assert everything() == before


def test_b49_the_page_shows_a_masked_address_and_is_kept_nowhere(client: Client, link: str) -> None:
    answer = client.get(link)
    html = answer.content.decode()
    assert "j***@g…" in html
    assert "jeanne" not in html
    assert "612345678" not in html
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "noindex" in answer["X-Robots-Tag"]
    assert answer["Cache-Control"] == "no-store"
    assert not answer.cookies


def test_b49_wrong_old_and_forgotten_links_get_the_same_page(
    client: Client, make_lead: Callable[..., Lead], jeanne: Lead
) -> None:
    gone = make_lead()
    Lead.objects.filter(pk=gone.pk).update(erased_at=NOW, email=None)
    with time_machine.travel(NOW - timedelta(days=401), tick=False):
        old = preferences_token(jeanne.public_id)
    tokens = [
        "x",
        old,
        preferences_token(uuid4()),
        preferences_token(gone.public_id),
        preferences_token(jeanne.public_id)[:-1],
        make_token(Subject(jeanne.public_id, MailPurpose.NEWSLETTER)),
    ]
    with time_machine.travel(NOW, tick=False):
        answers = [client.get(f"/p/{token}/") for token in tokens]
        posts = [client.post(f"/p/{token}/", {"verb": "stop"}) for token in tokens]
    assert {answer.status_code for answer in answers + posts} == {404}
    assert len({answer.content for answer in answers + posts}) == 1
    assert not ConsentEvent.objects.exists()


def test_b49_trying_links_is_slowed_down_and_good_ones_are_not(client: Client, link: str) -> None:
    statuses = [client.get(f"/p/guess{number}/").status_code for number in range(80)]
    assert statuses[0] == 404
    assert statuses[-1] == 429
    assert client.get(link).status_code == 200


def test_tokens_are_of_this_page_only(jeanne: Lead) -> None:
    token = preferences_token(jeanne.public_id)
    assert read_preferences_token(token) == jeanne.public_id
    assert len(token.rpartition("~")[2]) >= 43
    assert preferences_url(jeanne.public_id).startswith("http")


def test_a_yes_is_one_line_with_its_words_and_counts_at_once(client: Client, link: str, jeanne: Lead) -> None:
    assert allowed(jeanne, Purpose.NEWSLETTER) is False
    for _twice in range(2):
        assert client.post(link, {"value": "newsletter.email.on"}).status_code == 200
    line = ConsentEvent.objects.get()
    assert (line.purpose, line.channel, line.state) == ("newsletter", "email", "granted")
    assert (line.text_version, line.actor) == ("preferences-v1", "preferences")
    assert allowed(jeanne, Purpose.NEWSLETTER, at=line.at)
    assert not allowed(jeanne, Purpose.NURTURING, at=line.at)


def test_each_purpose_and_channel_is_its_own(jeanne: Lead) -> None:
    for purpose, channel in ((Purpose.SALES, PHONE), (Purpose.TRACKING, EMAIL)):
        choose(lead=jeanne, purpose=purpose, channel=channel, is_on=True, now=NOW)
    assert is_on(jeanne) == {
        "newsletter.email": False,
        "nurturing.email": False,
        "sales.email": False,
        "sales.phone": True,
        "tracking.email": True,
    }
    choose(lead=jeanne, purpose=Purpose.TRACKING, channel=EMAIL, is_on=False, now=NOW)
    assert is_on(jeanne)["sales.phone"] is True
    assert is_on(jeanne)["tracking.email"] is False


def test_measuring_is_never_on_without_a_yes(make_lead: Callable[..., Lead]) -> None:
    professional = make_lead(audience="b2b")
    assert is_on(professional)["nurturing.email"] is True
    assert is_on(professional)["tracking.email"] is False


def test_stop_everything_leaves_nothing_on_and_says_it_once(client: Client, link: str, jeanne: Lead) -> None:
    for purpose in (Purpose.NEWSLETTER, Purpose.TRACKING):
        choose(lead=jeanne, purpose=purpose, channel=EMAIL, is_on=True, now=NOW)
    client.post(link, {"verb": "stop"})
    assert not any(is_on(jeanne).values())
    assert Suppression.objects.get().reason == SuppressionReason.UNSUBSCRIBED
    lines = ConsentEvent.objects.count()
    client.post(link, {"verb": "stop"})
    assert ConsentEvent.objects.count() == lines
    assert Event.objects.filter(kind__code="unsubscribed").count() == 1


def test_coming_back_for_one_thing_brings_nothing_else_back(make_lead: Callable[..., Lead]) -> None:
    professional = make_lead(audience="b2b")
    stop_everything(lead=professional, now=NOW)
    choose(
        lead=professional, purpose=Purpose.NEWSLETTER, channel=EMAIL, is_on=True, now=NOW + timedelta(days=1)
    )
    later = NOW + timedelta(days=2)
    assert allowed(professional, Purpose.NEWSLETTER, at=later)
    assert not allowed(professional, Purpose.NURTURING, at=later)
    assert not allowed(professional, Purpose.SALES, at=later)


def test_a_pause_ends_by_itself_and_forgets_no_choice(jeanne: Lead) -> None:
    choose(lead=jeanne, purpose=Purpose.NEWSLETTER, channel=EMAIL, is_on=True, now=NOW)
    until = pause(lead=jeanne, now=NOW)
    assert until == NOW + timedelta(days=90)
    assert not allowed(jeanne, Purpose.NEWSLETTER, at=NOW + timedelta(days=89))
    assert is_on(jeanne)["newsletter.email"] is True
    assert allowed(jeanne, Purpose.NEWSLETTER, at=NOW + timedelta(days=91))
    assert allowed(jeanne, Purpose.TRANSACTIONAL, at=NOW + timedelta(days=1))
    end_pause(lead=jeanne, now=NOW + timedelta(days=1))
    assert allowed(jeanne, Purpose.NEWSLETTER, at=NOW + timedelta(days=2))


def test_leaving_during_a_pause_is_for_good(jeanne: Lead) -> None:
    choose(lead=jeanne, purpose=Purpose.NEWSLETTER, channel=EMAIL, is_on=True, now=NOW)
    pause(lead=jeanne, now=NOW)
    stop_everything(lead=jeanne, now=NOW + timedelta(days=1))
    assert not allowed(jeanne, Purpose.NEWSLETTER, at=NOW + timedelta(days=400))


def test_the_language_is_kept_and_spoken(client: Client, link: str, jeanne: Lead) -> None:
    assert "Ce que vous recevez" in client.get(link).content.decode()
    assert "What you receive" in client.post(link, {"verb": "language", "value": "en"}).content.decode()
    jeanne.refresh_from_db()
    assert jeanne.language == "en"


def test_what_was_said_is_shown_with_its_words_and_date(client: Client, link: str, jeanne: Lead) -> None:
    MailSettings.objects.update(organisation="Ateliers du Rhône")
    ConsentEvent.objects.create(
        lead=jeanne,
        purpose="newsletter",
        channel="email",
        state=ConsentState.GRANTED,
        at=NOW,
        text_version="newsletter-fr-v1",
    )
    html = client.get(link).content.decode()
    assert "12 mars 2026" in html
    assert "la newsletter de Ateliers du Rhône" in html


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"value": "x"},
        {"value": "newsletter.email"},
        {"value": "transactional.email.off"},
        {"value": "newsletter.pigeon.on"},
        {"value": "newsletter.post.on"},
        {"verb": "language", "value": "xx"},
        {"verb": "nonsense", "value": "a.b.c.d"},
        {"value": "\x00"},
    ],
)
def test_nothing_else_can_be_said(client: Client, link: str, jeanne: Lead, sent: dict[str, str]) -> None:
    before = everything()
    assert client.post(link, sent).status_code == 200
    assert everything() == before


def test_a_merged_leads_link_speaks_for_the_survivor(
    client: Client, link: str, jeanne: Lead, make_lead: Callable[..., Lead]
) -> None:
    survivor = make_lead(audience="b2c")
    Lead.objects.filter(pk=jeanne.pk).update(merged_into=survivor)
    client.post(link, {"value": "newsletter.email.on"})
    assert ConsentEvent.objects.get().lead == survivor
