"""Calls, tasks and notes: what they write down, what they refuse, what follows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from funnel import actions
from funnel.actions.work import (
    Logged,
    NextStep,
    add_note,
    add_task,
    complete_task,
    delete_note,
    edit_note,
    log_call,
    postpone_task,
)
from funnel.actions.working import find_out
from funnel.models import Call, Note, Standing, Task
from funnel.queries.work import planned, tasks_of
from funnel.refusals import Incomplete, NotYours, Refused
from funnel.work import CallOutcome, Direction, TaskKind
from leads.actions.erasure import erase
from leads.actions.merge import merge
from leads.choices import Audience, ConsentState, ContactChannel, Purpose
from leads.held import held_about
from leads.models import ConsentEvent, Event, Lead
from scoring.models import Notification

pytestmark = pytest.mark.django_db

# A Tuesday, ten past two in Paris: an hour in which consumers may be called.
NOW = datetime(2026, 9, 15, 12, 10, tzinfo=UTC)
TOMORROW = NOW + timedelta(days=1)


@pytest.fixture
def now():
    return NOW


@pytest.fixture
def rep(make_rep):
    return make_rep(places=20, offers_per_day=50)


@pytest.fixture
def sal(rep, make_sal):
    return make_sal(audience=Audience.B2B, phone="+33612345678", last_name="Fontaine")


def step(kind=TaskKind.CALL, due_at=TOMORROW, **values):
    return NextStep(kind, due_at, **values)


def call(standing, outcome=CallOutcome.REACHED, *, now=NOW, by=None, key=None, task=None, **values):
    values = {"next_step": step()} | values
    logged = Logged(outcome=outcome, **values)
    return log_call(lead=standing.lead, by=by or standing.rep.user, now=now, call=logged, key=key, task=task)


def next_steps(standing):
    return [one.what for one in planned([standing.lead_id], now=NOW).get(standing.lead_id, [])]


# Next action --------------------------------------------------------------------------------------------


def test_accepting_plans_the_first_contact(sal):
    task = Task.objects.get(lead=sal.lead)
    assert task.is_first_contact
    assert task.due_at > NOW
    assert list(tasks_of(sal.rep.user)) == [task]


def test_a_call_of_ours_is_the_first_contact_and_brings_the_next_action(sal):
    call(sal)
    first = Task.objects.get(lead=sal.lead, is_first_contact=True)
    assert first.done_at == NOW
    assert next_steps(sal) == ["call"]


def test_a_call_without_a_next_action_is_refused_and_changes_nothing(sal):
    with pytest.raises(Incomplete) as refused:
        call(sal, next_step=None)
    assert (refused.value.code, refused.value.field) == ("next_action_required", "then")
    assert not Call.objects.exists()
    assert Task.objects.get(lead=sal.lead).done_at is None


def test_what_is_planned_already_is_a_next_action(sal):
    add_task(lead=sal.lead, by=sal.rep.user, now=NOW, kind="email", due_at=TOMORROW, title="Envoyer le devis")
    call(sal, next_step=None)
    assert next_steps(sal) == ["email"]


def test_a_lead_that_leaves_needs_no_next_action(sal):
    call(sal, next_step=None, leaves=True)
    assert next_steps(sal) == []


def test_call_back_asks_when(sal):
    add_task(lead=sal.lead, by=sal.rep.user, now=NOW, kind="email", due_at=TOMORROW)
    with pytest.raises(Incomplete, match="call_back_when"):
        call(sal, CallOutcome.CALL_BACK, next_step=None)


def test_an_offered_lead_may_be_called_without_a_next_action(rep, make_offer):
    offer = make_offer(audience=Audience.B2B, phone="+33612345678")
    standing = Standing.objects.select_related("lead").get(lead=offer.lead_id)
    call(standing, by=rep.user, next_step=None)
    assert Call.objects.count() == 1


def test_completing_the_last_one_asks_for_the_next(sal):
    task = Task.objects.get(lead=sal.lead)
    assert complete_task(task=task, by=sal.rep.user, now=NOW)
    assert complete_task(task=task, by=sal.rep.user, now=NOW)
    assert Task.objects.get(pk=task.pk).done_at == NOW
    call(sal)
    other = add_task(lead=sal.lead, by=sal.rep.user, now=NOW, kind="other", due_at=TOMORROW)
    assert not complete_task(task=other, by=sal.rep.user, now=NOW)


def test_tasks_of_a_lead_that_left_sales_wait_for_nobody(sal, make_user):
    rep = sal.rep.user
    actions.return_to_marketing(lead=sal.lead, by=rep, now=NOW, reason="no_budget")
    assert not tasks_of(rep).exists()
    with pytest.raises(Refused, match="not_with_sales"):
        complete_task(task=Task.objects.get(lead=sal.lead), by=make_user("manager"), now=NOW)


def test_an_undone_acceptance_takes_its_task_along_and_another_brings_it_back(rep, make_offer):
    offer = make_offer()
    actions.accept(offer=offer, by=rep.user, now=NOW)
    Standing.objects.filter(lead=offer.lead_id).update(stage="mql", situation="offered", rep=None)
    assert not tasks_of(rep.user).exists()
    Standing.objects.filter(lead=offer.lead_id).update(stage="sal", situation="", rep=rep)
    assert tasks_of(rep.user).count() == 1


# Calls and what follows ---------------------------------------------------------------------------------


def test_a_call_is_an_event_once(sal):
    key = uuid4()
    first = call(sal, key=key, minutes=7)
    assert call(sal, key=key, minutes=7) == first
    event = Event.objects.get(lead=sal.lead, kind__code="outbound_call")
    assert event.properties["outcome"] == "reached"
    assert event.occurred_at == NOW - timedelta(minutes=7)
    assert Task.objects.filter(lead=sal.lead, is_first_contact=False).count() == 1


def test_a_call_of_theirs_is_theirs(sal):
    call(sal, direction=Direction.IN)
    assert Event.objects.filter(lead=sal.lead, kind__code="inbound_call").exists()
    assert Call.objects.get().basis == "inbound"
    assert Task.objects.get(lead=sal.lead, is_first_contact=True).done_at is None


def test_a_wrong_number_is_remembered(sal):
    with pytest.raises(Incomplete, match="call_wrong_number"):
        call(sal, CallOutcome.WRONG_NUMBER)
    call(sal, CallOutcome.WRONG_NUMBER, next_step=step(TaskKind.RESEARCH))
    assert not Lead.objects.get(pk=sal.lead_id).phone_is_valid
    with pytest.raises(Refused, match="call_phone_invalid"):
        call(sal, next_step=step(TaskKind.RESEARCH))


def test_who_refuses_is_not_called_again(sal):
    with pytest.raises(Incomplete, match="call_after_refusal"):
        call(sal, CallOutcome.REFUSED)
    call(sal, CallOutcome.REFUSED, next_step=step(TaskKind.EMAIL))
    said = ConsentEvent.objects.get(lead=sal.lead, channel=ContactChannel.PHONE)
    assert (said.purpose, said.state) == (Purpose.SALES, ConsentState.WITHDRAWN)
    with pytest.raises(Refused, match="call_opposed"):
        call(sal)


@pytest.mark.parametrize("audience", [Audience.B2C, Audience.UNKNOWN])
def test_consumers_are_called_with_their_consent_alone(rep, make_sal, audience):
    sal = make_sal(audience=audience, phone="+33612345678")
    with pytest.raises(Refused, match="call_no_consent"):
        call(sal)
    consent(sal, ConsentState.GRANTED)
    assert call(sal).basis == "consent"
    consent(sal, ConsentState.WITHDRAWN)
    with pytest.raises(Refused, match="call_opposed"):
        call(sal)


def consent(standing, state, at=NOW):
    ConsentEvent.objects.create(
        lead=standing.lead, purpose=Purpose.SALES, channel=ContactChannel.PHONE, state=state, at=at
    )


def test_an_ongoing_contract_allows_it_and_is_written_down(rep, make_sal):
    sal = make_sal(audience=Audience.B2C, phone="+33612345678")
    made = call(sal, contract="Contrat 2026-114")
    assert (made.basis, made.evidence) == ("contract", "Contrat 2026-114")


def test_the_hours_and_attempts_of_consumers(rep, make_sal):
    sal = make_sal(audience=Audience.B2C, phone="+33612345678")
    consent(sal, ConsentState.GRANTED)
    with pytest.raises(Refused, match="call_outside_hours"):
        call(sal, now=NOW.replace(hour=11, minute=30), next_step=step(due_at=TOMORROW))
    for number in range(4):
        call(sal, CallOutcome.NO_ANSWER, now=NOW + timedelta(minutes=number))
    with pytest.raises(Refused, match="call_too_many_attempts"):
        call(sal, now=NOW + timedelta(hours=1))


def test_no_call_is_planned_for_a_forbidden_hour(rep, make_sal):
    sal = make_sal(audience=Audience.B2C, phone="+33612345678")
    consent(sal, ConsentState.GRANTED)
    with pytest.raises(Incomplete, match="call_then_outside_hours"):
        call(sal, CallOutcome.CALL_BACK, next_step=step(due_at=TOMORROW.replace(hour=20)))


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"minutes": 481}, "call_too_long"),
        ({"minutes": -1}, "call_too_long"),
        ({"at": NOW + timedelta(minutes=1)}, "call_time_impossible"),
        ({"at": NOW - timedelta(days=8)}, "call_time_impossible"),
        ({"note": "x" * 5000}, "note_too_long"),
        ({"next_step": step(due_at=NOW - timedelta(minutes=1))}, "due_past"),
        ({"next_step": step(due_at=NOW + timedelta(days=800))}, "due_too_far"),
        ({"next_step": step(TaskKind.EMAIL, title="x" * 300)}, "value_too_long"),
    ],
)
def test_impossible_calls(sal, values, code):
    with pytest.raises(Incomplete, match=code):
        call(sal, **values)
    assert not Call.objects.exists()


def test_b44_nobody_works_on_somebody_elses_lead(sal, make_rep):
    other = make_rep().user
    with pytest.raises(NotYours):
        call(sal, by=other)
    with pytest.raises(NotYours):
        add_task(lead=sal.lead, by=other, now=NOW, kind="call", due_at=TOMORROW)
    with pytest.raises(NotYours):
        complete_task(task=Task.objects.get(lead=sal.lead), by=other, now=NOW)
    with pytest.raises(NotYours):
        add_note(lead=sal.lead, by=other, now=NOW, text="x")


# Tasks --------------------------------------------------------------------------------------------------


def test_a_task_for_a_colleague_is_theirs(sal, make_user):
    manager = make_user("manager")
    task = add_task(lead=sal.lead, by=sal.rep.user, now=NOW, kind="other", due_at=TOMORROW, assignee=manager)
    assert list(tasks_of(manager)) == [task]
    assert task not in tasks_of(sal.rep.user)


def test_nobody_is_given_a_task_about_a_lead_they_may_not_see(sal, make_rep):
    with pytest.raises(Incomplete, match="assignee_blind"):
        add_task(
            lead=sal.lead,
            by=sal.rep.user,
            now=NOW,
            kind="other",
            due_at=TOMORROW,
            assignee=make_rep().user,
        )


def test_putting_off_remembers_and_reminds_again(sal):
    task = Task.objects.get(lead=sal.lead)
    Task.objects.filter(pk=task.pk).update(reminded_at=NOW)
    before = task.due_at
    task = postpone_task(task=task, by=sal.rep.user, now=NOW, due_at=TOMORROW)
    assert (task.due_at, task.reminded_at) == (TOMORROW, None)
    assert task.postponements == [
        {"at": NOW.isoformat(), "by": sal.rep.pk, "from": before.isoformat(), "to": TOMORROW.isoformat()}
    ]
    complete_task(task=task, by=sal.rep.user, now=NOW)
    with pytest.raises(Refused, match="task_done"):
        postpone_task(task=task, by=sal.rep.user, now=NOW, due_at=TOMORROW)


def test_a_task_goes_along_when_the_lead_changes_hands(sal, make_rep):
    other = make_rep()
    Standing.objects.filter(lead=sal.lead).update(rep=other)
    assert not tasks_of(sal.rep.user).exists()
    assert tasks_of(other.user).count() == 1


# Notes --------------------------------------------------------------------------------------------------


def test_a_note_tells_whom_it_mentions_if_they_may_see_the_lead(sal, make_user, make_rep):
    marie = make_user("manager", first_name="Marie", last_name="Dupont")
    blind = make_rep()
    text = f"Voir avec @marie dupont et @{blind.user.full_name}"
    note = add_note(lead=sal.lead, by=sal.rep.user, now=NOW, text=text)
    assert note.mentioned == [marie.pk]
    told = Notification.objects.filter(trigger="mention")
    assert [one.user_id for one in told] == [marie.pk]


def test_a_note_is_corrected_by_its_author_for_a_quarter_of_an_hour(sal, make_user):
    note = add_note(lead=sal.lead, by=sal.rep.user, now=NOW, text="Budget 40")
    edited = edit_note(note=note, by=sal.rep.user, now=NOW + timedelta(minutes=15), text="Budget 40 k€")
    assert (edited.text, edited.edited_at) == ("Budget 40 k€", NOW + timedelta(minutes=15))
    with pytest.raises(Refused, match="note_final"):
        edit_note(note=note, by=sal.rep.user, now=NOW + timedelta(minutes=16), text="x")
    with pytest.raises(NotYours):
        edit_note(note=note, by=make_user("manager"), now=NOW, text="x")


def test_a_deleted_note_leaves_a_trace(sal, make_user):
    note = add_note(lead=sal.lead, by=sal.rep.user, now=NOW, text="Confidentiel")
    with pytest.raises(NotYours):
        delete_note(note=note, by=make_user("manager"), now=NOW)
    delete_note(note=note, by=make_user("admin"), now=NOW)
    left = Note.objects.get()
    assert (left.text, left.deleted_by.role) == ("", "admin")
    with pytest.raises(Refused, match="note_deleted"):
        edit_note(note=note, by=sal.rep.user, now=NOW, text="x")


@pytest.mark.parametrize("text", ["", "  \n\u200b ", "x" * 4001])
def test_empty_and_endless_notes_are_refused(sal, text):
    with pytest.raises(Incomplete):
        add_note(lead=sal.lead, by=sal.rep.user, now=NOW, text=text)


# What is kept, moved and forgotten ----------------------------------------------------------------------


def worked_on(sal):
    call(sal, note="Parle de sa santé", next_step=step(TaskKind.EMAIL, title="Écrire à Mme Fontaine"))
    add_note(lead=sal.lead, by=sal.rep.user, now=NOW, text="Confidentiel")


def test_erasing_blanks_what_was_said_and_ends_what_was_planned(sal, make_user):
    worked_on(sal)
    erase(lead=sal.lead, by=make_user("dpo"), now=NOW)
    assert list(Call.objects.values_list("note", "evidence")) == [("", "")]
    assert list(Note.objects.values_list("text", flat=True)) == [""]
    assert set(Task.objects.values_list("title", flat=True)) == {""}
    assert not tasks_of(sal.rep.user).exists()


def test_a_persons_copy_names_calls_tasks_and_notes(sal):
    worked_on(sal)
    held = {one.table: list(one.values()) for one in held_about([sal.lead])}
    assert held["funnel.call"][0]["note"] == "Parle de sa santé"
    assert held["funnel.note"][0]["text"] == "Confidentiel"
    assert {row["title"] for row in held["funnel.task"]} == {"", "Écrire à Mme Fontaine"}


def test_merging_moves_what_was_done(sal, make_lead, make_user):
    worked_on(sal)
    keep = make_lead()
    merge(keep=keep, away=sal.lead, by=make_user("admin"), now=NOW)
    assert {one.lead_id for model in (Call, Task, Note) for one in model.objects.all()} == {keep.pk}


def test_of_two_leads_in_work_the_survivors_task_counts(sal, make_sal, make_user):
    other = make_sal()
    merge(keep=sal.lead, away=other.lead, by=make_user("admin"), now=NOW)
    standing = Standing.objects.get(lead=sal.lead)
    assert standing.cycle == 2
    assert [one.cycle for one in tasks_of(sal.rep.user)] == [2]
    assert sorted(Task.objects.values_list("cycle", flat=True)) == [1, 2]


def test_what_was_found_out_is_taken_over(sal, make_rep):
    assert find_out(lead=sal.lead, by=sal.rep.user, now=NOW, fields={"job_title": "DAF"}) == ["job_title"]
    assert Lead.objects.get(pk=sal.lead_id).job_title == "DAF"
    with pytest.raises(NotYours):
        find_out(lead=sal.lead, by=make_rep().user, now=NOW, fields={"job_title": "x"})
    with pytest.raises(Incomplete, match="field_unknown"):
        find_out(lead=sal.lead, by=sal.rep.user, now=NOW, fields={"owner": "x"})
