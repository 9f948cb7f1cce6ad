"""From what a person does to the mail they get, through the real pipeline."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from email import message_from_bytes, policy

import pytest

from funnel.models import Standing
from leads.actions.consent import record_consent
from leads.actions.events import record_event
from leads.choices import ConsentState, Purpose
from leads.models import Content, Lead
from nurturing.actions.send import send_due
from nurturing.actions.settings import set_up
from nurturing.archive import ArchiveTransport
from nurturing.models import MailSettings, Message, State
from pipeline.run import run_until_idle

pytestmark = pytest.mark.django_db


@pytest.fixture
def archive(site: MailSettings) -> ArchiveTransport:
    """Where the mail of this story goes."""
    return ArchiveTransport()


def subjects(archive: ArchiveTransport) -> list[str]:
    return [str(message_from_bytes(raw, policy=policy.default)["Subject"]) for _, raw in archive.messages]


def live(archive: ArchiveTransport, now: datetime) -> None:
    """What the workers do until nothing is left to do."""
    run_until_idle(now=now)
    send_due(now=now, transport=archive)
    run_until_idle(now=now)


def test_one_white_paper_one_mail_and_the_welcome_the_next_day(
    archive: ArchiveTransport,
    make_lead: Callable[..., Lead],
    make_content: Callable[..., Content],
    download: Callable[..., None],
    now: datetime,
) -> None:
    make_content(title="La suite")
    lead = make_lead(first_name="Camille", created_at=now)
    record_event(lead_id=lead.pk, kind="form_submitted", occurred_at=now, now=now)
    download(lead)
    for minutes in (0, 1, 30, 60, 24 * 60):
        live(archive, now + timedelta(minutes=minutes))
    assert subjects(archive) == ["Après Le guide des arrêts de ligne", "Bienvenue, Camille"]
    assert list(Message.objects.order_by("sent_at").values_list("sent_at", flat=True)) == [
        now,
        now + timedelta(hours=24),
    ]


def test_an_evidence_is_kept_with_what_was_sent_on_its_ground(
    archive: ArchiveTransport,
    make_lead: Callable[..., Lead],
    make_content: Callable[..., Content],
    download: Callable[..., None],
    now: datetime,
) -> None:
    make_content()
    lead = make_lead(email="camille@gmail.com", audience="b2c")
    consent = record_consent(lead=lead, purpose=Purpose.NURTURING, state=ConsentState.GRANTED, now=now)
    download(lead)
    live(archive, now)
    message = Message.objects.get()
    assert (message.state, message.basis, message.evidence_id) == (State.SENT, "consent", consent.pk)


def test_sales_taking_over_stops_what_is_planned(
    archive: ArchiveTransport,
    make_lead: Callable[..., Lead],
    make_content: Callable[..., Content],
    download: Callable[..., None],
    now: datetime,
) -> None:
    set_up(quiet_from="10:00", quiet_until="14:00")
    make_content()
    lead = make_lead()
    download(lead, at=now - timedelta(hours=1))
    live(archive, now)
    assert Message.objects.get().reason == "quiet_hours"
    Standing.objects.filter(lead=lead).update(stage="mql", situation="offered")
    send_due(now=now + timedelta(hours=5), transport=archive)
    assert archive.messages == []
    assert Message.objects.get().reason == "policy:offered_newsletter_only"


@pytest.mark.parametrize("code", ["next_content", "welcome"])
def test_b36_a_canary_in_every_field_reaches_no_header_and_no_markup(
    archive: ArchiveTransport,
    make_lead: Callable[..., Lead],
    make_content: Callable[..., Content],
    download: Callable[..., None],
    now: datetime,
    code: str,
) -> None:
    canary = "<img src=x onerror=alert(1)>\r\nBcc: evil@evil.example\u202e{{7*7}}"
    make_content(title=canary[:150], summary=canary, topics=["energy"])
    lead = make_lead(first_name=canary[:90], job_title=canary[:90], interests=["energy"], created_at=now)
    if code == "next_content":
        download(lead)
    else:
        record_event(lead_id=lead.pk, kind="newsletter_subscribed", occurred_at=now, now=now)
    live(archive, now)
    live(archive, now + timedelta(minutes=30))
    ((_, raw),) = archive.messages
    mail = message_from_bytes(raw, policy=policy.default)
    assert mail["Bcc"] is None
    assert "\u202e" not in str(mail["Subject"])
    html = mail.get_body(("html",))
    assert html is not None
    assert "<img" not in html.get_content()
    assert "&lt;img src=x onerror=alert(1)&gt;" in html.get_content()
