"""Planning: who enters which track, what is planned, held back or put on the agenda, in how many queries."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from funnel.models import Passage, Reason, Standing
from leads.actions.events import record_event
from leads.models import Content, Due, Lead, Source
from nurturing.actions.plan import plan
from nurturing.actions.settings import set_up
from nurturing.definitions import definitions
from nurturing.models import Enrolment, MailSettings, Message, State, Track

pytestmark = pytest.mark.django_db
MakeLead = Callable[..., Lead]
Stand = Callable[..., Standing]
Download = Callable[..., None]


@pytest.fixture(autouse=True)
def _site(site: MailSettings) -> None:
    """Every test here plays on a site that may write."""


@pytest.fixture
def reader(make_lead: MakeLead, stand: Stand) -> Lead:
    """A lead that may be written to."""
    lead = make_lead(first_name="Camille")
    stand(lead)
    return lead


@pytest.fixture
def piece(make_content: Callable[..., Content]) -> Content:
    """Something to read next."""
    return make_content(topics=["maintenance"])


def only() -> Message:
    return Message.objects.get()


def test_a_white_paper_downloaded_is_followed_by_one_fitted_piece(
    reader: Lead, piece: Content, download: Download, now: datetime
) -> None:
    download(reader)
    (message,) = plan([reader.pk], now=now)
    assert (message.lead, message.content, message.state) == (reader, piece, State.PLANNED)
    assert (message.due_at, message.template.code, message.template.language) == (now, "next_content", "fr")
    assert (message.basis, message.purpose) == ("legitimate_interest", "nurturing")
    assert message.why["stage"] == "lead"
    assert message.why["content"] == [["same_band", "tofu"]]
    enrolment = Enrolment.objects.get()
    assert (enrolment.ending, enrolment.ended_at) == ("completed", now)


def test_planning_twice_plans_nothing_twice(
    reader: Lead, piece: Content, download: Download, now: datetime
) -> None:
    download(reader)
    assert len(plan([reader.pk], now=now)) == 1
    assert plan([reader.pk], now=now + timedelta(minutes=1)) == []
    assert Message.objects.count() == 1


def test_the_piece_that_fits_best_is_chosen_and_none_is_sent_twice(
    reader: Lead, paper: Content, make_content: Callable[..., Content], download: Download, now: datetime
) -> None:
    make_content(title="Ailleurs", language="en")
    make_content(title="Sans adresse", url="")
    make_content(title="Retiré", is_active=False)
    plain = make_content(title="Généraliste")
    fitted = make_content(title="Sur mesure", topics=["maintenance"])
    Content.objects.filter(pk=paper.pk).update(topics=["maintenance"])
    set_up(most_a_day=9, most_a_week=9)
    chosen = []
    for day in range(3):
        at = now + timedelta(days=day)
        download(reader, at=at, received=at)
        chosen += [message.content for message in plan([reader.pk], now=at)]
    assert chosen == [fitted, plain, None]
    last = Message.objects.latest("planned_at")
    assert (last.state, last.reason) == (State.HELD, "nothing_left")


def test_f35_imported_and_old_events_set_nothing_off(
    reader: Lead, piece: Content, download: Download, now: datetime
) -> None:
    download(reader, at=now - timedelta(days=400))
    download(reader, at=now - timedelta(hours=49))
    assert plan([reader.pk], now=now) == []
    assert not Enrolment.objects.exists()


def test_f70_what_an_import_brings_sets_nothing_off_but_may_reach_a_goal(
    reader: Lead, piece: Content, paper: Content, make_lead: MakeLead, stand: Stand, now: datetime
) -> None:
    download = {"kind": "content_downloaded", "occurred_at": now, "now": now, "content_id": paper.pk}
    record_event(lead_id=reader.pk, source=Source.IMPORT, **download)
    assert plan([reader.pk], now=now) == []
    other = make_lead()
    stand(other)
    record_event(lead_id=other.pk, **download)
    record_event(lead_id=other.pk, kind="quote_requested", occurred_at=now, now=now, source=Source.IMPORT)
    assert plan([other.pk], now=now) == []
    assert Enrolment.objects.get().ending == "goal_reached"


def test_what_a_machine_did_and_what_is_voided_set_nothing_off(
    reader: Lead, piece: Content, download: Download, now: datetime
) -> None:
    download(reader)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE leads_event SET verdict = 2")
    assert plan([reader.pk], now=now) == []
    with connection.cursor() as cursor:
        cursor.execute("UPDATE leads_event SET verdict = 0, voided_at = %s", [now])
    assert plan([reader.pk], now=now) == []


def test_three_papers_at_once_are_answered_once(
    reader: Lead, piece: Content, make_content: Callable[..., Content], download: Download, now: datetime
) -> None:
    newest = make_content(type="ebook", is_gated=True, url="")
    for minutes, content in ((3, None), (2, None), (1, newest)):
        download(reader, at=now - timedelta(minutes=minutes), piece=content)
    assert len(plan([reader.pk], now=now)) == 1
    assert Enrolment.objects.get().consulted == newest
    assert plan([reader.pk], now=now + timedelta(hours=1)) == []


def test_the_discreet_preset_holds_everything_but_the_newsletter_back(
    reader: Lead, piece: Content, stand: Stand, download: Download, now: datetime
) -> None:
    set_up(preset="discret")
    stand(reader, "mql", "marketing")
    download(reader)
    plan([reader.pk], now=now)
    assert (only().state, only().reason) == (State.HELD, "policy:discret_newsletter_only")


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"audience": "b2c"}, "no_opt_in"),
        ({"audience": "unknown"}, "no_opt_in"),
        ({"email": "contact@atelier.example", "email_flags": ["role"], "audience": "unknown"}, ""),
    ],
)
def test_without_opt_in_no_mail_to_a_consumer(
    make_lead: MakeLead,
    stand: Stand,
    piece: Content,
    download: Download,
    now: datetime,
    fields: dict,
    reason: str,
) -> None:
    lead = make_lead(**fields)
    stand(lead)
    download(lead)
    plan([lead.pk], now=now)
    assert only().reason == reason


def test_a_lead_that_cannot_be_reached_gets_no_message(
    make_lead: MakeLead, stand: Stand, piece: Content, download: Download, now: datetime
) -> None:
    lead = make_lead(email=None, reference="olist-1")
    stand(lead)
    download(lead)
    assert plan([lead.pk], now=now) == []
    assert set(Enrolment.objects.values_list("ending", flat=True)) == {"unreachable"}


def test_f59_a_second_message_the_same_day_waits(
    reader: Lead, piece: Content, make_content: Callable[..., Content], download: Download, now: datetime
) -> None:
    make_content()
    download(reader)
    plan([reader.pk], now=now)
    later = now + timedelta(hours=2)
    download(reader, at=later, received=later)
    (second,) = plan([reader.pk], now=later)
    assert (second.state, second.reason, second.due_at) == (State.PLANNED, "cap", now + timedelta(hours=24))


def test_f63_at_night_only_what_answers_an_act_leaves(
    reader: Lead, piece: Content, download: Download, now: datetime
) -> None:
    set_up(quiet_from="21:00", quiet_until="08:00")
    night = datetime(2026, 3, 12, 22, 0, tzinfo=UTC)
    download(reader, at=night, received=night)
    (message,) = plan([reader.pk], now=night + timedelta(minutes=1))
    assert (message.due_at, message.reason) == (night + timedelta(minutes=1), "")
    slow = night + timedelta(minutes=30)
    Enrolment.objects.all().delete()
    Message.objects.all().delete()
    (message,) = plan([reader.pk], now=slow)
    assert (message.due_at, message.reason) == (datetime(2026, 3, 13, 7, 0, tzinfo=UTC), "quiet_hours")


def test_a_request_for_sales_ends_the_track_before_its_message(
    reader: Lead, piece: Content, download: Download, now: datetime
) -> None:
    download(reader, at=now - timedelta(minutes=2))
    record_event(lead_id=reader.pk, kind="quote_requested", occurred_at=now, now=now)
    assert plan([reader.pk], now=now) == []
    assert Enrolment.objects.get().ending == "goal_reached"


def test_welcome_comes_half_an_hour_after_the_first_form(
    make_lead: MakeLead, stand: Stand, now: datetime
) -> None:
    lead = make_lead(created_at=now, language="en")
    stand(lead)
    record_event(lead_id=lead.pk, kind="form_submitted", occurred_at=now, now=now)
    assert plan([lead.pk], now=now) == []
    due = Due.objects.get(lead_id=lead.pk, purpose="nurturing")
    assert due.due_at == now + timedelta(minutes=30)
    (message,) = plan([lead.pk], now=due.due_at)
    assert (message.template.code, message.template.language) == ("welcome", "en")
    record_event(lead_id=lead.pk, kind="newsletter_subscribed", occurred_at=due.due_at, now=due.due_at)
    assert plan([lead.pk], now=due.due_at + timedelta(days=1)) == []


def test_a_form_of_somebody_known_for_long_is_no_welcome(
    make_lead: MakeLead, stand: Stand, now: datetime
) -> None:
    lead = make_lead(created_at=now - timedelta(days=90))
    stand(lead)
    record_event(lead_id=lead.pk, kind="form_submitted", occurred_at=now, now=now)
    plan([lead.pk], now=now)
    assert not Enrolment.objects.exists()


@pytest.fixture
def returned(reader: Lead, stand: Stand, make_user: Callable[..., User], now: datetime) -> Lead:
    """Sales gave the lead back: its project is for next January."""
    stand(reader, "recycled", wake_on=date(2026, 12, 2))
    passage(reader, now)
    return reader


def passage(lead: Lead, at: datetime, reason: str = "project_far", **fields: object) -> Passage:
    row = Reason.objects.get(code=reason)
    values = {
        "verb": "return",
        "from_stage": "sal",
        "to_stage": "recycled",
        "at": at,
        "cycle": 1,
        "reason": row,
    }
    return Passage.objects.create(lead=lead, **(values | fields))


def test_a_return_starts_the_incubation_soon_and_then_at_long_intervals(
    returned: Lead, make_content: Callable[..., Content], now: datetime
) -> None:
    for _ in range(9):
        make_content()
    sent: list[tuple[str, int]] = []
    moment = now
    while True:
        sent += [(message.template.code, (moment - now).days) for message in plan([returned.pk], now=moment)]
        due = Due.objects.filter(lead_id=returned.pk, purpose="nurturing", due_at__gt=moment).first()
        if due is None:
            break
        moment = due.due_at
    assert sent == [
        ("incubation_start", 0),
        *(("incubation_piece", day) for day in (30, 75, 120, 165, 210, 255)),
    ]
    assert Enrolment.objects.get().ending == "completed"


def test_the_incubation_mail_names_the_month_that_was_agreed_on(returned: Lead, now: datetime) -> None:
    plan([returned.pk], now=now)
    (message,) = plan([returned.pk], now=now + timedelta(minutes=1))
    assert message.extra == {"wake_month": "2027-01-01"}


def test_waking_up_ends_the_incubation(returned: Lead, stand: Stand, now: datetime) -> None:
    plan([returned.pk], now=now)
    stand(returned, "lead", wake_on=None)
    assert plan([returned.pk], now=now + timedelta(days=200)) == []
    assert Enrolment.objects.get().ending == "stage_left"


def test_imported_returns_and_reasons_without_a_track_start_nothing(
    reader: Lead, stand: Stand, now: datetime
) -> None:
    stand(reader, "recycled", wake_on=date(2026, 12, 2))
    passage(reader, now, is_imported=True)
    passage(reader, now, reason="unreachable")
    passage(reader, now - timedelta(days=3))
    assert plan([reader.pk], now=now) == []
    assert not Enrolment.objects.exists()


def test_f08_after_a_standstill_one_step_is_taken_and_a_stale_one_is_given_up(
    returned: Lead, make_content: Callable[..., Content], now: datetime
) -> None:
    make_content()
    plan([returned.pk], now=now)
    much_later = now + timedelta(days=100)
    (message,) = plan([returned.pk], now=much_later)
    assert (message.state, message.reason) == (State.HELD, "stale")
    assert Due.objects.get(lead_id=returned.pk, purpose="nurturing").due_at == much_later + timedelta(days=30)


def test_f58_a_message_that_exists_already_stays_as_it_is(
    reader: Lead, piece: Content, download: Download, now: datetime
) -> None:
    download(reader)
    (message,) = plan([reader.pk], now=now)
    Enrolment.objects.all().update(ended_at=None, ending="", position=0, rounds=0)
    Message.objects.update(state=State.CANCELLED)
    assert plan([reader.pk], now=now + timedelta(minutes=1)) == []
    assert only() == message
    assert only().state == State.CANCELLED


def test_the_more_important_track_goes_first(
    make_lead: MakeLead, stand: Stand, piece: Content, download: Download, now: datetime
) -> None:
    Track.objects.get(code="welcome").steps.update(delay_minutes=0)
    lead = make_lead(created_at=now)
    stand(lead)
    record_event(lead_id=lead.pk, kind="newsletter_subscribed", occurred_at=now, now=now)
    download(lead)
    messages = plan([lead.pk], now=now)
    assert [(message.template.code, message.reason) for message in messages] == [
        ("next_content", ""),
        ("welcome", "cap"),
    ]


def test_a_track_that_is_switched_off_lets_nobody_in(
    reader: Lead, piece: Content, download: Download, now: datetime
) -> None:
    Track.objects.update(is_active=False)
    download(reader)
    assert plan([reader.pk], now=now) == []


@pytest.mark.parametrize("count", [1, 3, 12])
def test_the_number_of_queries_does_not_depend_on_the_number_of_leads(
    make_lead: MakeLead,
    stand: Stand,
    make_content: Callable[..., Content],
    download: Download,
    now: datetime,
    count: int,
) -> None:
    for _ in range(3):
        make_content()
    leads = [make_lead() for _ in range(count)]
    for lead in leads:
        stand(lead)
        download(lead)
    definitions()
    with CaptureQueriesContext(connection) as queries:
        assert len(plan([lead.pk for lead in leads], now=now)) == count
    assert len(queries) == 16
    with CaptureQueriesContext(connection) as queries:
        assert plan([lead.pk for lead in leads], now=now) == []
    assert len(queries) == 9


def test_leads_to_whom_nothing_happened_cost_almost_nothing(
    make_lead: MakeLead, stand: Stand, now: datetime
) -> None:
    leads = [make_lead() for _ in range(3)]
    for lead in leads:
        stand(lead)
        record_event(lead_id=lead.pk, kind="page_viewed", occurred_at=now, now=now)
    definitions()
    with CaptureQueriesContext(connection) as queries:
        assert plan([lead.pk for lead in leads], now=now) == []
    assert len(queries) == 4
