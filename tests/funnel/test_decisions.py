"""What reps and marketers decide, and what they are refused."""

from datetime import date, timedelta

import pytest
from django.utils import translation

from funnel import actions
from funnel.models import Offer, Partner, Passage, Reason, Rep, Standing
from funnel.refusals import MESSAGES, Incomplete, NotYours, Refused
from funnel.stages import TRANSITIONS
from leads.models import Due, Event, Lead, ProfileChange, Wake

pytestmark = pytest.mark.django_db


def history(lead_id):
    return list(Passage.objects.filter(lead=lead_id).order_by("id").values_list("verb", flat=True))


def last(lead_id):
    return Passage.objects.filter(lead=lead_id).latest("id")


@pytest.fixture
def offer(make_rep, make_offer):
    make_rep(places=3)
    return make_offer()


@pytest.fixture
def rep(offer):
    return offer.rep.user


def test_accepting_makes_a_sal_with_an_owner(offer, rep, now):
    accepted = actions.accept(offer=offer, by=rep, now=now, value_rating=4)
    lead = Lead.objects.select_related("standing").get(pk=offer.lead_id)
    assert (lead.owner, lead.offered_to) == (rep, None)
    assert (lead.standing.stage, lead.standing.rep_id) == ("sal", rep.pk)
    assert (accepted.status, accepted.decided_by, accepted.value_rating) == ("accepted", rep, 4)
    passage = last(lead.pk)
    assert (passage.verb, passage.actor, passage.actor_name) == ("accept", rep, rep.full_name)


def test_a_decision_is_an_event_and_the_lead_is_looked_at_when_the_page_no_longer_undoes_it(offer, rep, now):
    actions.accept(offer=offer, by=rep, now=now)
    assert Event.objects.filter(lead=offer.lead_id, kind__code="accepted").count() == 1
    assert not Wake.objects.filter(lead_id=offer.lead_id).exists()
    due = Due.objects.get(lead_id=offer.lead_id, purpose="funnel.decided")
    assert due.due_at == now + timedelta(seconds=10)


def test_b46_a_double_press_does_nothing_twice(offer, rep, now):
    actions.accept(offer=offer, by=rep, now=now)
    again = actions.accept(offer=offer, by=rep, now=now + timedelta(seconds=1))
    assert again.decided_at == now
    assert history(offer.lead_id).count("accept") == 1


def test_the_loser_reads_who_accepted(offer, rep, make_rep, now):
    manager = make_rep(role="manager").user
    actions.accept(offer=offer, by=rep, now=now)
    with pytest.raises(Refused) as refused:
        actions.accept(offer=offer, by=manager, now=now)
    assert (refused.value.code, refused.value.values) == ("already_accepted", {"who": rep.full_name})


def test_a_manager_may_take_a_lead_over(offer, rep, make_rep, now):
    manager = make_rep(role="manager").user
    actions.accept(offer=offer, by=manager, now=now)
    assert Lead.objects.get(pk=offer.lead_id).owner == manager


def test_b44_an_offer_of_somebody_else_does_not_exist(offer, make_rep, now):
    with pytest.raises(NotYours):
        actions.accept(offer=offer, by=make_rep().user, now=now)
    assert Offer.objects.get(pk=offer.pk).status == "open"


def test_b44_a_marketer_cannot_accept(offer, make_user, now):
    with pytest.raises(NotYours):
        actions.accept(offer=offer, by=make_user("marketer"), now=now)


def test_b46_an_expired_offer_cannot_be_accepted(offer, rep, make_rep, now):
    late = offer.deadline
    actions.expire_offers(now=late)
    with pytest.raises(Refused) as refused:
        actions.accept(offer=offer, by=rep, now=late)
    assert refused.value.code == "offer_expired"


def test_who_was_too_late_reads_who_has_the_lead_now(offer, rep, make_rep, now):
    other = make_rep()
    late = offer.deadline
    actions.expire_offers(now=late)
    actions.accept(offer=actions.fill_places(now=late)[0], by=other.user, now=late)
    with pytest.raises(Refused) as refused:
        actions.accept(offer=offer, by=rep, now=late)
    assert (refused.value.code, refused.value.values["who"]) == ("already_accepted", other.user.full_name)


def test_b46_nobody_accepts_over_their_places(offer, rep, now):
    Rep.objects.filter(pk=rep.pk).update(places=0)
    with pytest.raises(Refused) as refused:
        actions.accept(offer=offer, by=rep, now=now)
    assert refused.value.code == "no_place"
    assert Offer.objects.get(pk=offer.pk).status == "open"


def test_project_too_far_wakes_thirty_days_before_the_month(offer, rep, now):
    actions.return_to_marketing(
        lead=offer.lead, by=rep, now=now, reason="project_far", wake_month=date(2027, 3, 1)
    )
    standing = Standing.objects.get(lead=offer.lead_id)
    assert (standing.stage, standing.wake_on) == ("recycled", date(2027, 1, 30))
    assert standing.gates_shut_until == standing.wake_on
    due = Due.objects.get(lead_id=offer.lead_id, purpose="funnel.wake").due_at
    assert due.isoformat() == "2027-01-29T23:00:00+00:00"
    assert last(offer.lead_id).details == {"month": "2027-03"}
    assert Offer.objects.get(pk=offer.pk).status == "returned"


@pytest.mark.parametrize(
    ("month", "code"),
    [
        (None, "month_required"),
        (date(2025, 3, 1), "month_too_near"),
        (date(2026, 4, 1), "month_too_near"),
        (date(2032, 3, 1), "month_too_far"),
    ],
)
def test_b59_a_month_that_cannot_be_meant_is_refused(offer, rep, now, month, code):
    with pytest.raises(Incomplete) as refused:
        actions.return_to_marketing(lead=offer.lead, by=rep, now=now, reason="project_far", wake_month=month)
    assert (refused.value.code, refused.value.field) == (code, "month")
    assert Offer.objects.get(pk=offer.pk).status == "open"


def test_a_return_without_month_waits_for_the_cool_down(offer, rep, now):
    actions.return_to_marketing(lead=offer.lead, by=rep, now=now, reason="no_budget")
    assert Standing.objects.get(lead=offer.lead_id).wake_on == now.date() + timedelta(days=90)


def test_missing_information_says_which(offer, rep, now):
    def give_back(fields):
        actions.return_to_marketing(
            lead=offer.lead, by=rep, now=now, reason="information_missing", missing_fields=fields
        )

    for fields, code in (((), "fields_required"), (("score",), "field_unknown")):
        with pytest.raises(Incomplete) as refused:
            give_back(fields)
        assert refused.value.code == code
    give_back(("phone", "budget_range"))
    assert last(offer.lead_id).details == {"missing_fields": ["budget_range", "phone"]}


@pytest.mark.parametrize("reason", ["", "nonsense", "out_of_target", "overloaded", "new_project"])
def test_f49_a_return_needs_a_reason_that_is_one(offer, rep, now, reason):
    with pytest.raises(Incomplete) as refused:
        actions.return_to_marketing(lead=offer.lead, by=rep, now=now, reason=reason)
    assert refused.value.code == ("reason_unknown" if reason else "reason_required")


def test_a_retired_reason_cannot_be_given(offer, rep, now):
    Reason.objects.filter(code="no_budget").update(is_active=False)
    with pytest.raises(Incomplete):
        actions.return_to_marketing(lead=offer.lead, by=rep, now=now, reason="no_budget")


def test_returning_a_sal_empties_the_owner_and_remembers_who(make_rep, make_sal, now):
    make_rep()
    standing = make_sal()
    rep = standing.rep.user
    actions.return_to_marketing(
        lead=standing.lead, by=rep, now=now, reason="unreachable", note=" pas\x00 là "
    )
    lead = Lead.objects.select_related("standing").get(pk=standing.lead_id)
    assert (lead.owner, lead.former_owner, lead.standing.rep) == (None, rep, None)
    assert last(lead.pk).note == "pas  là"


def test_b46_returning_twice_is_done_once(offer, rep, now):
    for _ in range(2):
        actions.return_to_marketing(lead=offer.lead, by=rep, now=now, reason="no_budget")
    assert history(offer.lead_id).count("return") == 1


def test_disqualifying_and_reopening(offer, rep, make_user, now):
    actions.disqualify(lead=offer.lead, by=rep, now=now, reason="spam")
    assert Offer.objects.get(pk=offer.pk).status == "disqualified"
    actions.reopen(lead=offer.lead, by=make_user("marketer"), now=now, reason="mistake")
    standing = Standing.objects.get(lead=offer.lead_id)
    assert (standing.stage, standing.cycle) == ("lead", 2)
    assert history(offer.lead_id)[-2:] == ["disqualify", "reopen"]


def test_marketing_disqualifies_what_sales_do_not_work(make_lead, make_user, now):
    lead = make_lead()
    actions.place({}, now=now)
    Standing.objects.create(lead=lead, stage="lead", since=now)
    actions.disqualify(lead=lead, by=make_user("marketer"), now=now, reason="duplicate")
    assert Standing.objects.get(lead=lead).stage == "disqualified"


def test_marketing_does_not_decide_for_sales(make_rep, make_sal, make_user, now):
    make_rep()
    standing = make_sal()
    with pytest.raises(NotYours):
        actions.disqualify(lead=standing.lead, by=make_user("marketer"), now=now, reason="spam")


def test_b44_another_rep_can_neither_return_nor_disqualify(offer, make_rep, now):
    stranger = make_rep().user
    for act in (actions.return_to_marketing, actions.disqualify):
        reason = "no_budget" if act is actions.return_to_marketing else "spam"
        with pytest.raises(NotYours):
            act(lead=offer.lead, by=stranger, now=now, reason=reason)
    assert Standing.objects.get(lead=offer.lead_id).situation == "offered"


def test_who_lost_the_lead_reads_why_he_cannot_return_it(offer, rep, make_rep, now):
    other = make_rep()
    actions.expire_offers(now=offer.deadline)
    actions.fill_places(now=offer.deadline)
    assert other.offers.filter(status="open").exists()
    with pytest.raises(Refused) as refused:
        actions.return_to_marketing(lead=offer.lead, by=rep, now=offer.deadline, reason="no_budget")
    assert refused.value.code == "offer_expired"


def test_a_marketer_makes_an_mql_by_hand(make_lead, make_user, now):
    lead = make_lead()
    Standing.objects.create(lead=lead, stage="lead", since=now)
    marketer = make_user("marketer")
    actions.promote(lead=lead, by=marketer, now=now, reason="met", note="Au salon")
    standing = Standing.objects.get(lead=lead)
    assert (standing.stage, standing.situation, standing.is_pinned) == ("mql", "marketing", True)
    with pytest.raises(Refused) as refused:
        actions.promote(lead=lead, by=marketer, now=now, reason="met")
    assert refused.value.code == "not_a_lead"


def test_b46_a_won_deal_is_not_accepted_again(make_rep, make_sql, make_user, now):
    make_rep()
    standing = make_sql()
    rep = standing.rep.user
    Partner.objects.create(name="x", created_at=now)
    actions.win(lead=standing.lead, by=rep, now=now)
    decided = {"lead": standing.lead, "by": rep, "now": now}
    figures = {"product": "x", "expected_amount": None, "expected_close": None}
    for act, more, code in (
        (actions.qualify, figures, "not_accepted"),
        (actions.lose, {"reason": "no_need"}, "not_qualified"),
        (actions.refer, {"partner": "x"}, "not_with_sales"),
    ):
        with pytest.raises(Refused) as refused:
            act(**decided, **more)
        assert refused.value.code == code


def test_research_fills_in_and_extends_the_deadline_once(offer, rep, now):
    first = offer.deadline
    actions.research(offer=offer, by=rep, now=now, fields={"phone": "06 12 34 56 78", "need": ""})
    offer.refresh_from_db()
    extended = offer.deadline
    assert extended > first
    assert Due.objects.get(lead_id=offer.lead_id, purpose="funnel.deadline").due_at == extended
    actions.research(offer=offer, by=rep, now=now, fields={"job_title": "Directrice des achats"})
    offer.refresh_from_db()
    assert offer.deadline == extended
    lead = Lead.objects.get(pk=offer.lead_id)
    assert (lead.phone, lead.job_title) == ("+33612345678", "Directrice des achats")
    told = ProfileChange.objects.filter(lead=lead).exclude(field="stage")
    assert set(told.values_list("origin", "by")) == {("sales", rep.pk)}


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"owner": "1"}, "field_unknown"),
        ({"stage": "sql"}, "field_unknown"),
        ({"phone": "12"}, "phone_impossible"),
        ({"seniority": "king"}, "value_impossible"),
        ({"project_month": "soon"}, "value_impossible"),
        ({"job_title": "x" * 500}, "value_impossible"),
    ],
)
def test_b13_research_takes_only_what_it_asks_for(offer, rep, now, fields, code):
    with pytest.raises(Incomplete) as refused:
        actions.research(offer=offer, by=rep, now=now, fields=fields)
    assert refused.value.code == code


def test_research_goes_on_after_accepting(offer, rep, now):
    actions.accept(offer=offer, by=rep, now=now)
    actions.research(offer=offer, by=rep, now=now, fields={"department": "Achats"})
    assert Lead.objects.get(pk=offer.lead_id).department == "Achats"


def test_b46_a_lead_that_is_not_offered_cannot_be_accepted_by_any_offer(offer, rep, now):
    actions.return_to_marketing(lead=offer.lead, by=rep, now=now, reason="no_budget")
    with pytest.raises(Refused) as refused:
        actions.accept(offer=offer, by=rep, now=now)
    assert (refused.value.code, refused.value.values["who"]) == ("already_decided", rep.full_name)


@pytest.mark.parametrize("rating", [0, 6, -1])
def test_b59_a_rating_out_of_range_is_refused(offer, rep, now, rating):
    with pytest.raises(Incomplete) as refused:
        actions.accept(offer=offer, by=rep, now=now, value_rating=rating)
    assert refused.value.code == "rating_impossible"


def test_a_note_has_a_limit(offer, rep, now):
    with pytest.raises(Incomplete) as refused:
        actions.disqualify(lead=offer.lead, by=rep, now=now, reason="spam", note="x" * 2001)
    assert refused.value.code == "note_too_long"


def test_b46_nobody_takes_a_lead_over_without_a_place_of_their_own(offer, make_rep, now):
    manager = make_rep(role="manager", places=0)
    with pytest.raises(Refused) as refused:
        actions.accept(offer=offer, by=manager.user, now=now)
    assert (refused.value.code, refused.value.values) == ("no_place", {"used": 0, "places": 0})
    assert Offer.objects.get(pk=offer.pk).status == "open"


def test_b46_a_manager_without_a_desk_cannot_take_a_lead(offer, make_user, now):
    with pytest.raises(Refused) as refused:
        actions.accept(offer=offer, by=make_user("manager"), now=now)
    assert refused.value.code == "not_a_rep"


def test_every_refusal_says_what_is_the_matter_in_words():
    codes = {row.refusal for row in TRANSITIONS.values()} | {"no_such_passage", "value_required"}
    assert codes <= set(MESSAGES)
    with translation.override("en"):
        said = str(Refused("already_accepted", who="Camille"))
    assert said == "already_accepted: Already accepted by Camille."
