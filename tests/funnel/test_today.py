"""Today: what is in it, in which order, for whom; its page and its price."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from funnel.actions.work import Logged, NextStep, add_task, answer_reply, complete_task, log_call
from funnel.models import Standing, Task
from funnel.queries.today import today
from funnel.today import Item, Section, What, horizon, in_sections
from funnel.work import CallOutcome, TaskKind
from leads.actions.events import record_event
from leads.choices import Audience
from tests.funnel.test_inbox import HTMX, statements

PARIS = ZoneInfo("Europe/Paris")
WEDNESDAY = datetime(2026, 9, 16, 9, 0, tzinfo=PARIS)


# The order ----------------------------------------------------------------------------------------------


def item(what=What.TASK, **shift):
    return Item(what, 1, 1, "call", WEDNESDAY + timedelta(**shift))


@pytest.mark.parametrize(
    ("one", "section"),
    [
        (item(minutes=-1), Section.LATE),
        (item(hours=14, minutes=59), Section.TODAY),
        (item(hours=15), Section.SOON),
        (item(What.MISSING), Section.FIRST),
        (item(What.REPLY, days=-3), Section.FIRST),
        (item(What.MEETING, minutes=-20), Section.TODAY),
        (item(What.OFFER, hours=-1), Section.LATE),
    ],
)
def test_where_each_thing_stands(one, section):
    assert list(in_sections([one], WEDNESDAY, PARIS)) == [section]


@given(st.lists(st.tuples(st.sampled_from(list(What)), st.integers(-20_000, 20_000))))
def test_nothing_is_lost_and_each_section_is_in_order(things):
    items = [
        Item(what, number, number, "call", WEDNESDAY + timedelta(minutes=shift))
        for number, (what, shift) in enumerate(things)
    ]
    sections = in_sections(items, WEDNESDAY, PARIS)
    assert sorted(one.number for rows in sections.values() for one in rows) == list(range(len(things)))
    assert list(sections) == [section for section in Section if section in sections]
    for rows in sections.values():
        assert [one.at for one in rows] == sorted(one.at for one in rows)


def test_the_horizon_is_the_end_of_the_seventh_day():
    assert horizon(WEDNESDAY, PARIS) == datetime(2026, 9, 24, tzinfo=PARIS)


# What is in it ------------------------------------------------------------------------------------------


@pytest.fixture
def now():
    """Pages read the real clock."""
    return timezone.now()


@pytest.fixture
def rep(make_rep):
    return make_rep(places=20, offers_per_day=50)


@pytest.fixture
def browser(client, rep):
    client.force_login(rep.user)
    return client


@pytest.fixture
def sal(rep, make_sal):
    return make_sal(first_name="Claire", last_name="Fontaine", audience=Audience.B2B, phone="+33612345678")


def found(user, now):
    sections = today(user, now=now, zone=PARIS).sections
    return [(str(section), str(row.item.what)) for section, rows in sections.items() for row in rows]


def done_with_first_contact(standing, now):
    complete_task(
        task=Task.objects.get(lead=standing.lead, is_first_contact=True), by=standing.rep.user, now=now
    )


@pytest.mark.django_db
def test_a_lead_without_a_next_action_comes_first(sal, now):
    Task.objects.update(due_at=now - timedelta(hours=1))
    assert found(sal.rep.user, now) == [("late", "task")]
    done_with_first_contact(sal, now)
    assert found(sal.rep.user, now) == [("first", "missing")]


@pytest.mark.django_db
def test_a_reply_waits_until_somebody_does_something(sal, now):
    record_event(lead_id=sal.lead_id, kind="email_replied", occurred_at=now, now=now)
    assert ("first", "reply") in found(sal.rep.user, now)
    answer_reply(lead=sal.lead, by=sal.rep.user, now=now + timedelta(minutes=1))
    assert ("first", "reply") not in found(sal.rep.user, now)


@pytest.mark.django_db
def test_an_offer_to_decide_is_due_by_its_deadline(rep, make_offer, now):
    make_offer()
    assert [what for _section, what in found(rep.user, now)] == ["offer"]


@pytest.mark.django_db
def test_b44_nothing_of_somebody_else(sal, make_rep, now):
    done_with_first_contact(sal, now)
    record_event(lead_id=sal.lead_id, kind="email_replied", occurred_at=now, now=now)
    assert found(make_rep().user, now) == []


@pytest.mark.django_db
def test_what_is_due_after_a_week_is_not_shown(sal, now):
    done_with_first_contact(sal, now)
    add_task(lead=sal.lead, by=sal.rep.user, now=now, kind="other", due_at=now + timedelta(days=9))
    assert found(sal.rep.user, now) == []


# The pages ----------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_an_empty_day_says_where_to_go(browser):
    assert "/inbox/" in browser.get("/today/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("leads", [1, 3])
def test_today_costs_five_queries(browser, make_sal, make_offer, now, leads):
    for _ in range(leads):
        make_sal()
        make_offer()
    with CaptureQueriesContext(connection) as queries:
        page = browser.get("/today/")
    assert page.status_code == 200
    assert len(statements(queries)) == 5


@pytest.mark.django_db
def test_one_press_completes_and_asks_for_the_next(browser, sal):
    task = Task.objects.get(lead=sal.lead)
    answer = browser.post(f"/tasks/{task.pk}/done/", headers=HTMX)
    assert (answer["HX-Retarget"], answer["HX-Trigger"]) == ("#dialog", '{"lead-changed": {}}')
    assert f"/my-leads/{sal.lead.public_id}/task/" in answer.content.decode()
    again = browser.post(f"/tasks/{task.pk}/done/")
    assert again["Location"] == f"/my-leads/{sal.lead.public_id}/task/"


@pytest.mark.django_db
def test_a_call_is_logged_in_the_dialog(browser, sal, now):
    there = f"/my-leads/{sal.lead.public_id}/call/"
    dialog = browser.get(there, headers=HTMX).content.decode()
    assert 'href="tel:+33612345678"' in dialog
    typed = {"key": str(uuid4()), "direction": "out", "outcome": "reached", "note": "Très <b>intéressée</b>"}
    asked = browser.post(there, typed, headers=HTMX)
    assert (asked.status_code, asked["HX-Retarget"]) == (422, "#dialog")
    assert "Très &lt;b&gt;intéressée&lt;/b&gt;" in asked.content.decode()
    due = timezone.localtime(now + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    answer = browser.post(there, typed | {"then": "email", "due_at": due, "back": "/today/"}, headers=HTMX)
    assert answer.status_code == 200
    assert Task.objects.get(lead=sal.lead, done_at=None).kind == "email"


@pytest.mark.django_db
def test_without_javascript_the_reader_comes_back_where_they_were(browser, sal, now):
    there = f"/my-leads/{sal.lead.public_id}/task/"
    due = timezone.localtime(now + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    typed = {"key": str(uuid4()), "kind": "other", "due_at": due, "title": "Rappeler"}
    assert browser.post(there, typed | {"back": "/today/"})["Location"] == "/today/"
    other = typed | {"key": str(uuid4()), "back": "https://evil.example/"}
    assert browser.post(there, other)["Location"] == f"/my-leads/{sal.lead.public_id}/"
    protocol = typed | {"key": str(uuid4()), "back": "//evil.example/"}
    assert browser.post(there, protocol)["Location"] == f"/my-leads/{sal.lead.public_id}/"


@pytest.mark.django_db
@pytest.mark.parametrize("verb", ["return", "disqualify", "win"])
def test_a_call_after_which_the_lead_leaves_goes_on_to_the_reason(browser, sal, verb):
    there = f"/my-leads/{sal.lead.public_id}/call/"
    typed = {"key": str(uuid4()), "direction": "out", "outcome": "reached", "then": verb}
    assert f"/{verb}/" in browser.post(there, typed)["Location"]


@pytest.mark.django_db
def test_putting_off_by_one_press(browser, sal):
    task = Task.objects.get(lead=sal.lead)
    assert browser.post(f"/tasks/{task.pk}/later/", {"delay": "week"}).status_code == 302
    later = Task.objects.get(pk=task.pk)
    assert later.due_at > task.due_at
    assert len(later.postponements) == 1
    assert browser.post(f"/tasks/{task.pk}/later/", {"due_at": "2020-01-01T10:00"}).status_code == 422


@pytest.mark.django_db
def test_notes_show_as_text_with_links_that_lead_nowhere_bad(browser, sal):
    there = f"/my-leads/{sal.lead.public_id}/note/"
    text = "<script>x</script> voir https://exemple.fr/a?b=1&c=2. javascript:alert(1)"
    assert browser.post(there, {"key": str(uuid4()), "text": text, "back": "/today/"}).status_code == 302
    panel = browser.get(f"/my-leads/{sal.lead.public_id}/work/").content.decode()
    assert "&lt;script&gt;" in panel
    assert 'href="https://exemple.fr/a?b=1&amp;c=2" rel="nofollow noopener noreferrer"' in panel
    assert 'href="javascript' not in panel


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["call", "task", "note", "work", "answered"])
def test_b44_another_reps_lead_cannot_be_worked_on(client, sal, make_rep, name):
    client.force_login(make_rep().user)
    address = f"/my-leads/{sal.lead.public_id}/{name}/"
    assert client.get(address).status_code in (404, 405)
    assert client.post(address, {"text": "x", "outcome": "reached"}).status_code in (404, 405)


@pytest.mark.django_db
def test_b44_another_reps_task_does_not_exist(client, sal, make_rep):
    client.force_login(make_rep().user)
    task = Task.objects.get(lead=sal.lead)
    assert client.post(f"/tasks/{task.pk}/done/").status_code == 404
    assert client.post(f"/tasks/{task.pk}/later/", {"delay": "week"}).status_code == 404
    assert Task.objects.get(pk=task.pk).done_at is None


@pytest.mark.django_db
def test_who_has_the_offer_works_on_it_too(browser, make_offer):
    offer = make_offer(audience=Audience.B2B, phone="+33612345678")
    there = f"/my-leads/{offer.lead.public_id}/call/"
    assert browser.get(there, headers=HTMX).status_code == 200
    typed = {"key": str(uuid4()), "direction": "out", "outcome": "voicemail"}
    assert browser.post(there, typed, headers=HTMX).status_code == 200
    leaving = typed | {"key": str(uuid4()), "then": "return"}
    assert browser.post(there, leaving)["Location"] == f"/inbox/{offer.pk}/return/"


@pytest.mark.django_db
def test_a_forbidden_call_says_why(browser, make_sal):
    sal = make_sal(audience=Audience.B2C, phone="+33612345678")
    there = f"/my-leads/{sal.lead.public_id}/call/"
    page = browser.get(there, headers={"Accept-Language": "en"}).content.decode()
    assert "a consumer without consent on record" in page
    assert "tel:" not in page
    typed = {"key": str(uuid4()), "direction": "out", "outcome": "reached", "then": "leaves"}
    assert browser.post(there, typed).status_code == 422


@pytest.mark.django_db
def test_a_logged_call_and_its_panel_on_the_lead(browser, sal, now):
    log_call(
        lead=sal.lead,
        by=sal.rep.user,
        now=now,
        call=Logged(
            CallOutcome.REACHED,
            minutes=4,
            note="Rappel jeudi",
            next_step=NextStep(TaskKind.CALL, now + timedelta(days=1)),
        ),
    )
    page = browser.get(f"/my-leads/{sal.lead.public_id}/").content.decode()
    assert "Rappel jeudi" in page
    assert Standing.objects.get(lead=sal.lead).stage == "sal"


# My leads -----------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_my_leads_shows_what_is_missing_and_late_first(browser, make_sal, now):
    planned, late, missing = (make_sal(last_name=name) for name in ("Prévu", "Retard", "Rien"))
    Task.objects.filter(lead=planned.lead).update(due_at=now + timedelta(days=1))
    Task.objects.filter(lead=late.lead).update(due_at=now - timedelta(days=1))
    done_with_first_contact(missing, now)
    page = browser.get("/my-leads/").content.decode()
    assert page.index("Rien") < page.index("Retard") < page.index("Prévu")
    only_late = browser.get("/my-leads/?show=late").content.decode()
    assert "Retard" in only_late
    assert "Prévu" not in only_late
    assert "Rien" in browser.get("/my-leads/?show=nothing").content.decode()
    assert browser.get("/my-leads/?show=sql").status_code == 200
    assert browser.get("/my-leads/?show=nonsense").status_code == 200


@pytest.mark.django_db
def test_a_marketer_reads_and_writes_notes_but_plans_nothing(client, sal, make_user):
    client.force_login(make_user("marketer"))
    page = client.get(f"/leads/{sal.lead.public_id}/").content.decode()
    assert f'hx-get="/my-leads/{sal.lead.public_id}/work/"' in page
    there = f"/my-leads/{sal.lead.public_id}/note/"
    assert client.post(there, {"key": str(uuid4()), "text": "Salon de mars"}).status_code == 302
    panel = client.get(f"/my-leads/{sal.lead.public_id}/work/").content.decode()
    assert panel.lstrip().startswith("<!doctype html>")
    assert "Salon de mars" in panel
    assert f"/my-leads/{sal.lead.public_id}/call/" not in panel
