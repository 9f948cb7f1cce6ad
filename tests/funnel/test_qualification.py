"""The checklist: assumptions, answers with their history, persons, the next question, templates."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from funnel import actions
from funnel.actions.checklist_settings import add_item, move_item, put_item_to_use, take_template
from funnel.ask_next import Open, next_question
from funnel.assumed import Known, assume
from funnel.checklist import Item, State
from funnel.checklist_templates import DEFAULT, TEMPLATES, preview
from funnel.models import AnswerVersion, ChecklistAnswer, ChecklistItem
from funnel.queries.assumptions import PROFILE_SOURCES
from funnel.queries.checklist import checklist_in_full, checklists, progress_of
from funnel.queries.checklist_preview import preview_of
from funnel.refusals import Incomplete, Refused
from leads.actions.erasure import erase
from leads.queries import timeline
from tests.funnel.conftest import confirm_all
from tests.funnel.test_inbox import HTMX

opens = st.lists(
    st.builds(Open, st.sampled_from("abcdef"), st.booleans(), st.sampled_from(State)),
    unique_by=lambda one: one.code,
)


@given(opens)
def test_what_keeps_from_sql_is_asked_first_and_nothing_that_is_confirmed(items):
    asked = next_question(items)
    waiting = [one for one in items if one.state is not State.CONFIRMED]
    assert bool(asked) == bool(waiting)
    if asked:
        chosen = next(one for one in waiting if one.code == asked)
        assert chosen.required or not any(one.required for one in waiting)
        same = [one for one in waiting if one.required == chosen.required]
        assert chosen.state is State.UNKNOWN or all(one.state is State.ASSUMED for one in same)


@given(
    st.lists(st.sampled_from("abc"), unique=True),
    st.dictionaries(st.sampled_from("abcd"), st.builds(Known, st.text(max_size=3))),
)
def test_the_first_source_that_says_something_is_assumed(sources, facts):
    found = assume(sources, facts)
    telling = [name for name in sources if name in facts and facts[name].value.strip()]
    assert found == (facts[telling[0]] if telling else None)


items = st.lists(st.builds(Item, st.sampled_from("abcd"), st.booleans()), unique_by=lambda one: one.code)
answers = st.lists(st.dictionaries(st.sampled_from("abcd"), st.sampled_from(State)), max_size=4)


@given(items, items, answers)
def test_a_preview_says_what_comes_stays_and_goes(now, then, given_answers):
    found = preview(now, then, given_answers)
    assert {*found.come, *found.stay} == {one.code for one in then}
    assert {*found.go, *found.stay} == {one.code for one in now}
    assert 0 <= found.hold_then <= found.leads == len(given_answers)


def test_templates_assume_from_fields_that_there_are():
    known = {*PROFILE_SOURCES, "intent"}
    assert all(set(item.sources) <= known for one in TEMPLATES.values() for item in one.items)


pytestmark = pytest.mark.django_db


@pytest.fixture
def sal(make_rep, make_sal, make_company):
    make_rep(places=20, offers_per_day=50)
    return make_sal(company=make_company(), budget_range="5k_20k", need="Un audit")


def full(standing):
    return checklist_in_full(standing, list(timeline(standing.lead, limit=40)), with_earlier=True)


def line(standing, code):
    return next(one for one in full(standing).lines if one.item.code == code)


def test_the_profile_is_assumed_and_confirms_nothing(sal):
    assert (line(sal, "budget").state, line(sal, "timing").state) == (State.ASSUMED, State.UNKNOWN)
    assert progress_of(sal).confirmed == 0
    assert not ChecklistAnswer.objects.exists()


def test_what_a_person_said_is_never_overwritten_by_an_assumption(sal, now):
    actions.confirm(lead=sal.lead, item="budget", by=sal.rep.user, now=now, state=State.UNKNOWN)
    assert (line(sal, "budget").state, line(sal, "budget").assumed) == (State.UNKNOWN, None)


def test_each_answer_stays_in_its_history(sal, now):
    for minute, value in enumerate(["20 k€", "30 k€"]):
        at = now + timedelta(minutes=minute)
        actions.confirm(lead=sal.lead, item="budget", by=sal.rep.user, now=at, value=value, evidence="appel")
    assert list(AnswerVersion.objects.order_by("pk").values_list("value", flat=True)) == ["20 k€", "30 k€"]
    assert [old.value for old in line(sal, "budget").earlier] == ["20 k€"]


def test_the_decision_maker_is_a_person_of_the_company(sal, make_lead, now):
    chief = make_lead(company=sal.lead.company, first_name="Marc", company_role="decision_maker")
    actions.confirm(lead=sal.lead, item="authority", by=sal.rep.user, now=now, person=chief)
    found = line(sal, "authority")
    assert found.person == chief
    with translation.override("en"):
        assert found.answer.value in ("Decision-maker", "Décideur")


def test_a_stranger_is_no_decision_maker(sal, make_lead, now):
    for item, person in (("authority", make_lead()), ("budget", sal.lead)):
        with pytest.raises(Incomplete) as refused:
            actions.confirm(lead=sal.lead, item=item, by=sal.rep.user, now=now, value="x", person=person)
        assert refused.value.code == "person_elsewhere"


def test_an_erased_decision_maker_leaves_the_role_alone(sal, make_lead, make_user, now):
    chief = make_lead(company=sal.lead.company, first_name="Marc", last_name="Duval", job_title="DAF")
    actions.confirm(lead=sal.lead, item="authority", by=sal.rep.user, now=now, person=chief)
    erase(lead=chief, by=make_user("dpo"), now=now)
    found = line(sal, "authority")
    assert (found.person, found.value) == (None, "DAF")


def test_who_has_it_on_the_table_may_note_answers_too(make_rep, make_offer, now):
    make_rep()
    offer = make_offer()
    actions.confirm(lead=offer.lead, item="budget", by=offer.rep.user, now=now, value="20 k€")
    assert ChecklistAnswer.objects.get().value == "20 k€"


def test_nobody_notes_answers_of_a_lead_that_is_not_with_sales(make_ready, make_user, now):
    standing = make_ready()
    with pytest.raises(Refused) as refused:
        actions.confirm(lead=standing.lead, item="budget", by=make_user("manager"), now=now, value="x")
    assert refused.value.code == "not_with_sales"


def test_options_are_kept_in_one_language_and_read_in_both(sal, now):
    ChecklistItem.objects.filter(code="timing").update(
        kind="choice", options_fr=["Bientôt", "Plus tard"], options_en=["Soon", "Later"]
    )
    actions.confirm(lead=sal.lead, item="timing", by=sal.rep.user, now=now, value="Soon")
    assert ChecklistAnswer.objects.get().value == "Bientôt"
    with translation.override("en"):
        assert line(sal, "timing").value == "Soon"
    with pytest.raises(Incomplete):
        actions.confirm(lead=sal.lead, item="timing", by=sal.rep.user, now=now, value="Never")


def test_another_template_keeps_every_answer(sal, now):
    confirm_all(sal, now)
    before = preview_of(TEMPLATES["bant"])
    assert (before.leads, before.hold_now, before.hold_then) == (1, 1, 0)
    take_template(template=TEMPLATES["bant"])
    assert [one.item.code for one in full(sal).lines] == ["budget", "authority", "need", "timing"]
    assert [gap.code for gap in progress_of(sal).gaps] == ["need", "timing"]
    take_template(template=TEMPLATES[DEFAULT])
    assert progress_of(sal).holds


def test_items_are_added_moved_and_retired(sal, now):
    item = add_item(item=ChecklistItem(label_fr="Référence", label_en="Reference", is_required=True))
    assert (item.code, progress_of(sal).required) == ("reference", 4)
    move_item(item=item, up=True)
    assert [one.code for one in ChecklistItem.objects.all()][-2:] == ["reference", "timing"]
    put_item_to_use(item=item, in_use=False)
    assert progress_of(sal).required == 3


def test_a_lead_worked_again_starts_with_an_empty_checklist_and_keeps_the_old_one(sal, make_user, now):
    confirm_all(sal, now)
    actions.win(lead=sal.lead, by=sal.rep.user, now=now)
    actions.reopen(lead=sal.lead, by=make_user("marketer"), now=now, reason="new_project")
    sal.refresh_from_db()
    assert checklists([sal])[sal.lead_id].progress.confirmed == 0
    assert set(ChecklistAnswer.objects.values_list("cycle", flat=True)) == {1}


def test_the_dialog_opens_the_next_question_and_goes_on(client, sal):
    client.force_login(sal.rep.user)
    there = reverse("funnel:checklist", args=[sal.lead.public_id])
    html = client.get(there, headers=HTMX).content.decode()
    assert "<dialog" in html
    assert html.count(" open>") == 1
    typed = {"item": "decision_process", "state": "confirmed", "value": "Comité en mars"}
    answer = client.post(there, typed, headers=HTMX)
    assert answer.status_code == 200
    assert "lead-changed" in answer.headers["HX-Trigger"]


@pytest.mark.parametrize("role", ["manager", "admin"])
def test_the_settings_show_items_and_templates(client, make_user, role):
    client.force_login(make_user(role))
    assert "MEDDIC" in client.get("/settings/checklist/").content.decode()
    assert client.get("/settings/checklist/templates/meddic/").status_code == 200
    assert client.post("/settings/checklist/templates/meddic/").status_code == 302
    assert ChecklistItem.objects.filter(is_active=True).count() == 6


def test_a_choice_needs_options(client, make_user):
    client.force_login(make_user("manager"))
    typed = {"label_fr": "Taille", "label_en": "Size", "kind": "choice", "options_fr": "Petit"}
    assert client.post("/settings/checklist/new/", typed).status_code == 422
    assert client.post("/settings/checklist/new/", typed | {"options_fr": "Petit\nGrand"}).status_code == 302
    assert ChecklistItem.objects.get(code="size").options_fr == ["Petit", "Grand"]
