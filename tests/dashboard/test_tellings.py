"""What people were told, in the list, in mails and by choice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse

from funnel.actions.telling import tell
from scoring.actions.alert_mail import send_due
from scoring.models import Notification, NotificationChoice


@pytest.fixture
def client_of(client):
    """A browser signed in as this person."""

    def sign_in(user):
        client.force_login(user)
        return client

    return sign_in


def test_a_lead_that_somebody_else_has_now_is_told_without_its_name(client_of, make_lead, make_user, now):
    former = make_user("rep")
    lead = make_lead(first_name="Ysolde", last_name="Quintrec")
    tell(users=[former], kind="handed_over", lead=lead, now=now, who="Camille")
    page = client_of(former).get("/notifications/").content.decode()
    assert "Camille" in page
    assert "Quintrec" not in page
    send_due(now=now + timedelta(days=2))
    assert not mail.outbox  # only in Écluse, as usual
    answer = client_of(former).post(
        reverse("dashboard:open_notification", args=[Notification.objects.get().pk])
    )
    assert answer.url == "/inbox/"


def test_what_is_told_leads_to_where_one_can_act(client_of, make_lead, make_user, now) -> None:
    owner = make_user("rep")
    lead = make_lead(owner=owner)
    tell(users=[owner], kind="mention", lead=lead, now=now, who="Camille")
    one = Notification.objects.get()
    there = reverse("dashboard:open_notification", args=[one.pk])
    assert client_of(owner).get(there).url == reverse("dashboard:lead", args=[lead.public_id])
    one.refresh_from_db()
    assert one.read_at is None  # looking (from a mail) writes nothing
    client_of(owner).post(there)
    one.refresh_from_db()
    assert one.read_at is not None


def test_a_digest_is_one_mail_as_text_and_html(make_lead, make_user, now) -> None:
    user = make_user("manager", language="en")
    NotificationChoice.objects.create(user=user, mail="digest", digest_hour=18)
    for number in range(2):
        tell(
            users=[user],
            kind="mention",
            lead=make_lead(first_name=f"Anna{number}"),
            now=now,
            who="<b>Camille",
        )
    assert send_due(now=now) == 0
    assert send_due(now=now + timedelta(days=1)) == 1
    (message,) = mail.outbox
    html = message.alternatives[0][0]
    assert "Anna0" in message.body
    assert "Anna1" in html
    assert "<b>Camille" not in html
    assert "2 messages" in message.subject


def test_choices_by_kind_are_kept_and_the_usual_is_not(client_of, make_user) -> None:
    user = make_user("rep")
    typed = {"mail": "at_once", "digest_hour": "8", "mention": "digest", "offer_new": ""}
    assert client_of(user).post("/notifications/choices/", typed).status_code == 302
    assert NotificationChoice.objects.get(user=user).channels == {"mention": "digest"}
    page = client_of(user).get("/notifications/choices/").content.decode()
    assert 'value="digest" selected' in page


def test_who_does_not_sell_is_not_asked_about_offers(client_of, make_user) -> None:
    page = client_of(make_user("marketer")).get("/notifications/choices/").content.decode()
    assert 'name="mention"' in page
    assert 'name="offer_new"' not in page
