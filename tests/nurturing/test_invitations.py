"""Invitations to meetings: each sent once, under the law and the contact policy, with a calendar entry."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta

import pytest
from icalendar import Calendar

from funnel.actions.meetings import Plan, answer_meeting, cancel_meeting, move_meeting, propose_meeting
from funnel.models import Meeting, MeetingMail, Rep, Standing
from leads.actions.consent import suppress
from leads.choices import SuppressionReason
from leads.models import Lead
from nurturing.actions.invitations import post_invitations
from nurturing.actions.notices import send_notices
from nurturing.models import MailSettings, Notice
from tests.nurturing.conftest import Script
from tests.nurturing.test_concurrency import together

EVENING = 11  # hours after the tests' noon in Paris


@pytest.fixture
def rep(make_user: Callable[..., object]) -> Rep:
    """A rep."""
    return Rep.objects.create(user=make_user("rep", first_name="Camille", last_name="Martin"))


@pytest.fixture
def lead(make_lead: Callable[..., Lead], stand: Callable[..., Standing], rep: Rep) -> Lead:
    """A professional whom the rep works."""
    lead = make_lead(first_name="Jeanne", last_name="Dupont", owner=rep.user)
    stand(lead, "sal", rep=rep)
    return lead


@pytest.fixture
def propose(site: MailSettings, lead: Lead, rep: Rep, now: datetime) -> Callable[..., Meeting]:
    """Proposes meetings of an hour, a week ahead."""

    def make(**fields: object) -> Meeting:
        start = now + timedelta(days=7)
        plan = Plan(start, start + timedelta(hours=1), place="12 rue de Lyon", link="https://visio.example/a")
        values = {"kind": "demo", "title": "Démonstration", "plan": plan, "now": now, "by": rep.user}
        return propose_meeting(lead=lead, **(values | fields))  # type: ignore[arg-type]

    return make


def test_an_invitation_arrives_with_its_calendar_entry(
    propose: Callable[..., Meeting], rep: Rep, server: Script, now: datetime
) -> None:
    meeting = propose()
    assert post_invitations(now=now) == 1
    assert send_notices(now=now, transport=server.transport()).sent == 1
    [mail] = server.mails()
    kinds = [part.get_content_type() for part in mail.walk()]
    assert kinds == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/calendar",
        "text/calendar",
    ]
    assert mail["Reply-To"] == rep.user.email
    inline, attached = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    assert (inline.get_param("method"), attached.get_filename()) == ("REQUEST", "invite.ics")
    [event] = Calendar.from_ical(attached.get_payload(decode=True)).walk("VEVENT")
    assert (str(event["uid"]), event["sequence"], event["dtstart"].dt) == (meeting.uid, 0, meeting.starts_at)
    assert str(event["attendee"]) == f"mailto:{meeting.lead.email}"
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "jeudi 19 mars 2026, 12:00–13:00 (heure normale d’Europe centrale)" in text
    assert "/m/" in text


def test_moved_and_called_off_reach_the_same_entry(
    propose: Callable[..., Meeting], rep: Rep, server: Script, now: datetime
) -> None:
    meeting = propose()
    post_invitations(now=now)
    later = meeting.starts_at + timedelta(days=1)
    for _ in range(2):
        move_meeting(
            meeting=meeting, by=rep.user, now=now, plan=Plan(later, later + timedelta(hours=1), "Paris")
        )
    post_invitations(now=now)
    cancel_meeting(meeting=meeting, by=rep.user, now=now)
    cancel_meeting(meeting=meeting, by=rep.user, now=now)
    post_invitations(now=now)
    send_notices(now=now, transport=server.transport())
    said = []
    for mail in server.mails():
        part = next(part for part in mail.walk() if part.get_content_type() == "text/calendar")
        [event] = Calendar.from_ical(part.get_payload(decode=True)).walk("VEVENT")
        said.append((part.get_param("method"), event["sequence"], str(event["uid"])))
    assert said == [("REQUEST", 0, meeting.uid), ("REQUEST", 1, meeting.uid), ("CANCEL", 2, meeting.uid)]


def test_what_was_never_told_is_not_called_off(
    propose: Callable[..., Meeting], rep: Rep, now: datetime
) -> None:
    meeting = propose()
    cancel_meeting(meeting=meeting, by=rep.user, now=now)
    assert post_invitations(now=now) == 0
    assert list(MeetingMail.objects.order_by("pk").values_list("refused", flat=True)) == [
        "superseded",
        "never_invited",
    ]


def test_a_proposal_waits_for_the_morning_and_a_confirmation_does_not(
    propose: Callable[..., Meeting], now: datetime
) -> None:
    night = now + timedelta(hours=EVENING)
    MailSettings.objects.update(quiet_from=time(20), quiet_until=time(8))
    propose()
    assert post_invitations(now=night) == 0
    assert post_invitations(now=night + timedelta(hours=12)) == 1
    propose(is_agreed=True, title="Autre")
    assert post_invitations(now=night) == 1


def test_somebody_who_objects_meanwhile_gets_nothing(
    propose: Callable[..., Meeting], lead: Lead, now: datetime
) -> None:
    propose()
    suppress(address=lead.email or "", reason=SuppressionReason.OBJECTION, now=now)
    assert post_invitations(now=now) == 0
    assert MeetingMail.objects.get().refused == "suppressed:objection"


def test_nothing_leaves_before_the_sender_is_set_up(propose: Callable[..., Meeting], now: datetime) -> None:
    propose()
    MailSettings.objects.update(sender_email="")
    assert post_invitations(now=now) == 0
    assert MeetingMail.objects.get().settled_at is None


def test_an_agreed_meeting_is_confirmed_as_accepted(
    propose: Callable[..., Meeting], server: Script, now: datetime
) -> None:
    meeting = propose(is_agreed=True)
    post_invitations(now=now)
    send_notices(now=now, transport=server.transport())
    assert "PARTSTAT=ACCEPTED" in Notice.objects.get().values["calendar"]["text"]
    answer_meeting(meeting=meeting, accepts=False, sequence=0, now=now)
    meeting.refresh_from_db()
    assert meeting.state == "declined"


@pytest.mark.django_db(transaction=True)
def test_f_two_workers_post_an_invitation_once(propose: Callable[..., Meeting], now: datetime) -> None:
    propose()
    together(2, lambda: post_invitations(now=now))
    assert Notice.objects.count() == 1
