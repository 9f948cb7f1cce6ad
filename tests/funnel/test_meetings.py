"""Meetings: proposed, moved, called off, answered by link, held or missed; each told once to scoring."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from funnel.actions.meetings import (
    Plan,
    answer_meeting,
    cancel_meeting,
    close_meeting,
    move_meeting,
    propose_meeting,
)
from funnel.deadlines import Calendar
from funnel.meeting_links import meeting_token
from funnel.meetings import (
    Act,
    Doubt,
    MeetingState,
    Slot,
    after,
    doubts_about,
    meeting_refusal,
    time_refusal,
)
from funnel.models import Meeting, MeetingMail, Rep, Standing
from funnel.refusals import Incomplete, NotYours, Refused
from leads.models import Event

HOUR = timedelta(hours=1)
NINE = datetime(2026, 3, 17, 9, tzinfo=UTC)  # a Tuesday, ten o'clock in Paris


@pytest.fixture
def now() -> datetime:
    """Pages read the real clock."""
    return timezone.now()


@pytest.fixture
def sal(make_rep: Callable[..., Rep], make_sal: Callable[..., Standing]) -> Standing:
    """A lead that a rep works."""
    make_rep()
    return make_sal(first_name="Jeanne", last_name="Dupont")


@pytest.fixture
def propose(sal: Standing, now: datetime) -> Callable[..., Meeting]:
    """Proposes a meeting in a week."""

    def make(**fields: object) -> Meeting:
        assert sal.rep
        start = now + timedelta(days=7)
        values = {"kind": "meeting", "title": "Visite", "plan": Plan(start, start + HOUR)}
        values |= {"by": sal.rep.user, "now": now, "lead": sal.lead}
        return propose_meeting(**(values | fields))  # type: ignore[arg-type]

    return make


def booked(meeting: Meeting, kind: str = "meeting_booked") -> int:
    return Event.objects.filter(lead=meeting.lead_id, kind__code=kind).count()


# The decisions ---------------------------------------------------------------------------------------------
spans = st.tuples(st.integers(0, 5000), st.integers(1, 600)).map(
    lambda span: Slot(NINE + timedelta(minutes=span[0]), NINE + timedelta(minutes=sum(span)))
)


@given(spans, spans)
def test_an_overlap_is_mutual_and_shares_a_moment(one: Slot, other: Slot) -> None:
    assert one.overlaps(other) == other.overlaps(one)
    shared = min(one.ends_at, other.ends_at) - max(one.starts_at, other.starts_at)
    assert one.overlaps(other) == (shared > timedelta())


@given(st.sampled_from(list(Act)), st.sampled_from(list(MeetingState)), st.integers(-300, 300))
def test_doing_it_twice_is_never_refused(act: Act, state: MeetingState, minutes: int) -> None:
    now = NINE + timedelta(minutes=minutes)
    span = {"starts_at": NINE, "ends_at": NINE + HOUR}
    if not meeting_refusal(act, state, now=now, **span):
        assert not meeting_refusal(act, after(act), now=now, **span)


@pytest.mark.parametrize(
    ("start", "doubts"),
    [
        (datetime(2026, 3, 17, 9, tzinfo=UTC), []),
        (datetime(2026, 3, 17, 11, tzinfo=UTC), [Doubt.OUT_OF_HOURS]),  # noon to one: lunch
        (datetime(2026, 3, 17, 4, tzinfo=UTC), [Doubt.OUT_OF_HOURS]),
        (datetime(2026, 3, 21, 9, tzinfo=UTC), [Doubt.OUT_OF_HOURS]),  # Saturday
        (datetime(2026, 5, 1, 9, tzinfo=UTC), [Doubt.HOLIDAY]),
        (datetime(2026, 3, 18, 9, tzinfo=UTC), [Doubt.AWAY]),
        (datetime(2026, 3, 17, 13, 30, tzinfo=UTC), [Doubt.OVERLAP]),
    ],
)
def test_what_speaks_against_a_time(start: datetime, doubts: list[Doubt]) -> None:
    calendar = Calendar(absences=((date(2026, 3, 18), date(2026, 3, 18)),))
    taken = [Slot(datetime(2026, 3, 17, 14, tzinfo=UTC), datetime(2026, 3, 17, 15, tzinfo=UTC))]
    assert doubts_about(Slot(start, start + HOUR), taken=taken, calendar=calendar) == doubts


@pytest.mark.parametrize(
    ("start", "length", "code"),
    [
        (HOUR, HOUR, ""),
        (HOUR, timedelta(), "meeting_length"),
        (HOUR, timedelta(hours=25), "meeting_length"),
        (timedelta(days=800), HOUR, "meeting_far_off"),
        (timedelta(days=-31), HOUR, "meeting_far_off"),
    ],
)
def test_times_that_cannot_be(start: timedelta, length: timedelta, code: str) -> None:
    assert time_refusal(NINE + start, NINE + start + length, now=NINE) == code


# What is written down --------------------------------------------------------------------------------------
def test_a_proposal_books_nothing_until_it_is_accepted(
    propose: Callable[..., Meeting], now: datetime
) -> None:
    meeting = propose()
    assert (meeting.state, booked(meeting)) == ("proposed", 0)
    for accepts in (True, True, False, True):
        answer_meeting(meeting=meeting, accepts=accepts, sequence=0, now=now)
    meeting.refresh_from_db()
    assert (meeting.state, booked(meeting)) == ("accepted", 1)


def test_an_agreed_meeting_is_booked_at_once_and_sent_twice_is_one(
    propose: Callable[..., Meeting], now: datetime
) -> None:
    key = Meeting._meta.get_field("public_id").default()
    first, second = (propose(is_agreed=True, key=key) for _ in range(2))
    assert (first.pk, first.state, booked(first)) == (second.pk, "accepted", 1)
    assert MeetingMail.objects.count() == 1


def test_an_answer_to_an_older_version_is_refused(
    propose: Callable[..., Meeting], sal: Standing, now: datetime
) -> None:
    meeting = propose()
    assert sal.rep
    later = meeting.starts_at + timedelta(days=1)
    move_meeting(meeting=meeting, by=sal.rep.user, now=now, plan=Plan(later, later + HOUR))
    with pytest.raises(Refused, match="meeting_moved"):
        answer_meeting(meeting=meeting, accepts=True, sequence=0, now=now)
    answer_meeting(meeting=meeting, accepts=True, sequence=1, now=now)


def test_held_and_missed(propose: Callable[..., Meeting], sal: Standing, now: datetime) -> None:
    meeting = propose()
    assert sal.rep
    by, then = sal.rep.user, meeting.ends_at
    with pytest.raises(Refused, match="meeting_not_yet"):
        close_meeting(meeting=meeting, by=by, now=now, was_held=True)
    for was_held in (False, False, True):
        close_meeting(meeting=meeting, by=by, now=then, was_held=was_held)
    meeting.refresh_from_db()
    assert (meeting.state, booked(meeting, "meeting_missed"), booked(meeting, "meeting_held")) == (
        "held",
        1,
        1,
    )
    with pytest.raises(Refused, match="meeting_closed"):
        cancel_meeting(meeting=meeting, by=by, now=then)


def test_b44_somebody_elses_meeting(
    propose: Callable[..., Meeting], make_rep: Callable[..., Rep], now: datetime
) -> None:
    meeting, other = propose(), make_rep().user
    for act in (
        lambda: cancel_meeting(meeting=meeting, by=other, now=now),
        lambda: close_meeting(meeting=meeting, by=other, now=now, was_held=True),
        lambda: propose(by=other),
    ):
        with pytest.raises(NotYours):
            act()


def test_a_consumer_is_invited_only_to_what_they_agreed_to(
    make_rep: Callable[..., Rep], make_sal: Callable[..., Standing], now: datetime
) -> None:
    user = make_rep().user
    lead = make_sal(audience="b2c").lead
    start = now + timedelta(days=2)
    values = {"lead": lead, "by": user, "now": now, "kind": "call", "title": "x"}
    with pytest.raises(Refused, match="meeting_no_consent"):
        propose_meeting(**values, plan=Plan(start, start + HOUR))  # type: ignore[arg-type]
    assert not Meeting.objects.exists()
    propose_meeting(**values, plan=Plan(start, start + HOUR), is_agreed=True)  # type: ignore[arg-type]
    assert MeetingMail.objects.get().purpose == "transactional"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "x" * 121}, "title"),
        ({"plan": Plan(NINE, NINE + HOUR, link="javascript:alert(1)")}, "starts_at"),
    ],
)
def test_what_must_be_corrected(
    propose: Callable[..., Meeting], fields: dict[str, object], field: str
) -> None:
    with pytest.raises(Incomplete) as error:
        propose(**fields)
    assert error.value.field == field


# The page behind the link ----------------------------------------------------------------------------------
def test_looking_changes_nothing_and_answering_does(propose: Callable[..., Meeting], client: Client) -> None:
    meeting = propose()
    url = f"/m/{meeting_token(meeting.public_id)}/"
    for method in (client.get, client.head):
        response = method(url)
        assert (response.status_code, response.headers["Referrer-Policy"]) == (200, "no-referrer")
        assert not response.cookies
    meeting.refresh_from_db()
    assert meeting.state == "proposed"
    assert client.post(url, {"verb": "accept", "sequence": "0"}).status_code == 200
    meeting.refresh_from_db()
    assert meeting.state == "accepted"
    assert client.post(url, {"verb": "x", "sequence": "0"}).status_code == 400
    assert client.post(url, {"verb": "accept", "sequence": "-1"}).status_code == 400


def test_a_wrong_link_and_one_of_yesterday(propose: Callable[..., Meeting], client: Client) -> None:
    meeting = propose()
    token = meeting_token(meeting.public_id)
    assert client.get(f"/m/{token[:-1]}x/").status_code == 404
    Meeting.objects.update(
        starts_at=timezone.now() - timedelta(days=1), ends_at=timezone.now() - timedelta(hours=23)
    )
    answer = client.post(f"/m/{token}/", {"verb": "accept", "sequence": "0"})
    assert answer.status_code == 409
    meeting.refresh_from_db()
    assert meeting.state == "proposed"


# The dialogs -----------------------------------------------------------------------------------------------
def form_of(now: datetime, **fields: object) -> dict[str, object]:
    """A form as a browser sends it, two weeks ahead on a Tuesday morning in Paris."""
    day = now.date() + timedelta(days=14)
    while day.weekday() != 1:
        day += timedelta(days=1)
    usual = {
        "key": Meeting._meta.get_field("public_id").default(),
        "kind": "demo",
        "title": "Démonstration",
        "starts_at": f"{day}T10:00",
        "minutes": "30",
        "invites": "on",
    }
    return usual | fields


def test_a_rep_proposes_and_is_warned(sal: Standing, client: Client, now: datetime) -> None:
    assert sal.rep
    client.force_login(sal.rep.user)
    url = f"/my-leads/{sal.lead.public_id}/meetings/"
    assert client.get(url).status_code == 200
    typed = form_of(now)
    assert client.post(url, typed).status_code == 302
    meeting = Meeting.objects.get()
    assert (meeting.kind, meeting.ends_at - meeting.starts_at) == ("demo", timedelta(minutes=30))
    again = form_of(now, title="Autre")
    warned = client.post(url, again)
    assert warned.status_code == 422
    sure = warned.context["form"]["sure"].value()
    assert client.post(url, again | {"sure": sure}).status_code == 302
    assert Meeting.objects.count() == 2
    page = client.get(f"/my-leads/{sal.lead.public_id}/")
    assert "Démonstration" in page.content.decode()


def test_a_rep_changes_and_calls_off(propose: Callable[..., Meeting], client: Client, now: datetime) -> None:
    meeting = propose()
    client.force_login(meeting.rep.user)
    typed = form_of(now, title="Autre titre")
    assert client.post(f"/meetings/{meeting.public_id}/move/", typed).status_code == 302
    meeting.refresh_from_db()
    assert (meeting.title, meeting.sequence) == ("Autre titre", 1)
    assert client.post(f"/meetings/{meeting.public_id}/close/", {"was_held": "yes"}).status_code == 302
    assert client.post(f"/meetings/{meeting.public_id}/cancel/").status_code == 302
    meeting.refresh_from_db()
    assert meeting.state == "cancelled"


def test_b44_b45_pages_of_others(
    propose: Callable[..., Meeting],
    client: Client,
    make_rep: Callable[..., Rep],
    make_user: Callable[..., User],
) -> None:
    meeting = propose()
    addresses = [f"/meetings/{meeting.public_id}/cancel/", f"/my-leads/{meeting.lead.public_id}/meetings/"]
    for user, status in ((make_rep().user, 404), (make_user("marketer"), 403)):
        client.force_login(user)
        assert [client.post(address).status_code for address in addresses] == [status, status]
