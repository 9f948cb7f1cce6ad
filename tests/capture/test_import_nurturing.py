"""What an import sets off in nurturing, by nurturing's own code: nothing, or the track it names; and the
first message tells people where their data comes from."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile

from capture.actions import imports as actions
from capture.actions.imports import Options
from funnel.models import Standing
from leads.models import Lead, ListMembership, Wake
from nurturing.actions.plan import plan
from nurturing.actions.send import send_due
from nurturing.actions.settings import set_up
from nurturing.archive import ArchiveTransport
from nurturing.first_notice import Origin, notice_words
from nurturing.models import Enrolment, Message

pytestmark = pytest.mark.django_db
TEXT = "Prénom;Email\nÉlodie;elodie@acier-dupont.fr\n"
SOURCE = "visiteurs de notre stand au salon <Global Industrie>"


@pytest.fixture(autouse=True)
def _site(db: None, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    set_up(
        sender_name="Claire Dubois", sender_email="claire@exemple.fr", organisation="Exemple SAS",
        postal_address="12 rue de l’Exemple, 69003 Lyon", siren="123 456 789", quiet_from=None,
        quiet_until=None,
    )  # fmt: skip


def take_in(now: datetime, **options: Any) -> Lead:
    """Import the one person, and let the funnel see them."""
    batch = actions.receive(upload=ContentFile(TEXT.encode()), name="salon.csv", by=None, now=now)
    chosen = {"channel": "trade_show", "notice": "first_mail", "notice_source": SOURCE} | options
    actions.set_options(batch=batch, options=Options(**chosen))
    actions.ask_check(batch=batch, then_run=True)
    while actions.work(now=now, until=time.monotonic() + 60):
        Wake.objects.all().delete()
    lead = Lead.objects.get()
    Standing.objects.get_or_create(lead=lead, defaults={"stage": "lead", "since": now})
    return lead


def mails(now: datetime) -> list[str]:
    """The plain text of all that leaves now."""
    archive = ArchiveTransport()
    send_due(now=now, transport=archive)
    letters = [message_from_bytes(raw, policy=policy.default) for _to, raw in archive.messages]
    return [" ".join(letter.get_body(("plain",)).get_content().split()) for letter in letters]  # type: ignore[attr-defined, union-attr]


def test_f70_an_import_sets_nothing_off(now: datetime) -> None:
    lead = take_in(now)
    assert plan([lead.pk], now=now) == []
    assert not Enrolment.objects.exists()


def test_people_enter_the_track_that_the_import_names(now: datetime) -> None:
    lead = take_in(now, track_code="welcome")
    plan([lead.pk], now=now)
    assert Enrolment.objects.get().track.code == "welcome"
    (message,) = plan([lead.pk], now=now + timedelta(minutes=31))
    assert (message.template.code, message.why["track"]) == ("welcome", "welcome")


def test_the_first_message_tells_where_the_data_comes_from_and_no_later_one_does(now: datetime) -> None:
    lead = take_in(now, track_code="welcome")
    plan([lead.pk], now=now)
    later = now + timedelta(minutes=31)
    plan([lead.pk], now=later)
    (text,) = mails(later)
    assert " ".join(notice_words(Origin(SOURCE, now), language="fr").split()) in text
    assert SOURCE in text
    assert ListMembership.objects.get(lead=lead).left_at == later
    again = Message.objects.get()
    again.pk, again.send_key, again.state, again.message_id = None, "again", "planned", None
    again.due_at, again.expires_at, again.lease = later, later + timedelta(days=3), None
    again.data_started_at = again.sent_at = None
    again.save()
    (text,) = mails(later + timedelta(days=2))
    assert SOURCE not in text


def test_who_was_informed_otherwise_is_not_told_again(now: datetime) -> None:
    lead = take_in(now, track_code="welcome", notice="informed")
    plan([lead.pk], now=now)
    plan([lead.pk], now=now + timedelta(minutes=31))
    (text,) = mails(now + timedelta(minutes=31))
    assert SOURCE not in text
