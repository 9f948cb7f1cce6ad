"""From anywhere to a stage by hand: the verb is found, the refusals are those of its action."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from funnel import actions
from funnel.actions.moving import needs_reason, possible_targets
from funnel.models import Offer, Passage, Reason, Standing
from funnel.refusals import Incomplete, NotYours, Refused
from funnel.stages import Stage, Verb
from tests.funnel.conftest import HOT, confirm_all, verdict

pytestmark = pytest.mark.django_db


def verbs(lead_id):
    return list(Passage.objects.filter(lead=lead_id).order_by("id").values_list("verb", flat=True))


def test_one_lead_through_every_stage_by_hand(make_rep, make_ready, make_user, now):
    rep = make_rep()
    standing = make_ready()
    [offer] = actions.fill_places(now=now)
    by, lead = rep.user, standing.lead
    actions.move(lead=lead, to=Stage.SAL, by=by, now=now)
    confirm_all(Standing.objects.get(lead=lead), now)
    close = now.date() + timedelta(days=30)
    figures = {"product": "Audit", "expected_amount": Decimal(100), "expected_close": close}
    actions.move(lead=lead, to=Stage.SQL, by=by, now=now, **figures)
    actions.move(lead=lead, to=Stage.CUSTOMER, by=by, now=now)
    marketer = make_user("marketer")
    actions.move(lead=lead, to=Stage.LEAD, by=marketer, now=now, reason="new_project")
    actions.move(lead=lead, to=Stage.MQL, by=marketer, now=now, reason="met")
    actions.move(lead=lead, to=Stage.DISQUALIFIED, by=marketer, now=now, reason="spam")
    assert verbs(lead.pk)[3:] == ["accept", "qualify", "win", "reopen", "promote", "disqualify"]
    assert Offer.objects.get(pk=offer.pk).status == "accepted"


def test_the_reason_says_whether_it_is_lost_or_returned(make_rep, make_sql, now):
    make_rep()
    for reason, verb in (("lost_to_competitor", "lose"), ("unreachable", "return")):
        standing = make_sql()
        by = standing.rep.user
        actions.move(lead=standing.lead, to=Stage.RECYCLED, by=by, now=now, reason=reason)
        assert verbs(standing.lead_id)[-1] == verb


def test_f49_no_jump_and_no_way_back_without_a_reason(make_rep, make_sql, make_ready, make_user, now):
    make_rep()
    standing = make_sql()
    by, before = standing.rep.user, verbs(standing.lead_id)
    for to, code in ((Stage.MQL, "not_a_lead"), (Stage.SAL, "not_offered"), (Stage.LEAD, "not_closed")):
        with pytest.raises(Refused) as refused:
            actions.move(lead=standing.lead, to=to, by=by, now=now)
        assert refused.value.code == code
    with pytest.raises(Incomplete) as incomplete:
        actions.move(lead=standing.lead, to=Stage.RECYCLED, by=by, now=now)
    assert incomplete.value.code == "reason_required"
    assert verbs(standing.lead_id) == before
    ready, marketer = make_ready(), make_user("marketer")
    with pytest.raises(Refused) as refused:
        actions.move(lead=ready.lead, to=Stage.SQL, by=marketer, now=now)
    assert refused.value.code == "not_accepted"


@pytest.mark.parametrize("to", [Stage.LEAD, Stage.MQL, Stage.DISQUALIFIED])
def test_every_move_of_marketing_needs_a_reason(to, make_ready, make_user, now):
    standing = make_ready()
    with pytest.raises(Incomplete) as incomplete:
        actions.move(lead=standing.lead, to=to, by=make_user("marketer"), now=now)
    assert incomplete.value.code == "reason_required"
    with pytest.raises(Incomplete) as incomplete:
        actions.move(lead=standing.lead, to=to, by=make_user("marketer"), now=now, reason="nonsense")
    assert incomplete.value.code == "reason_unknown"


def test_marketers_do_not_touch_what_sales_work(make_rep, make_sal, make_user, now):
    make_rep()
    standing, marketer = make_sal(), make_user("marketer")
    for to, reason in ((Stage.RECYCLED, "no_budget"), (Stage.DISQUALIFIED, "spam"), (Stage.CUSTOMER, "")):
        with pytest.raises(NotYours):
            actions.move(lead=standing.lead, to=to, by=marketer, now=now, reason=reason)


def test_cooled_by_hand_it_stays_down_until_the_day_the_reason_says(make_ready, make_user, now):
    standing = make_ready()
    lead = standing.lead
    actions.move(lead=lead, to=Stage.LEAD, by=make_user("marketer"), now=now, reason="not_ripe")
    for days, stage in ((1, "lead"), (29, "lead"), (30, "mql")):
        actions.place({lead.pk: verdict(lead, HOT)}, now=now + timedelta(days=days))
        assert Standing.objects.get(lead=lead).stage == stage


def test_put_back_to_marketing_an_offer_is_withdrawn(make_rep, make_offer, make_user, now):
    make_rep()
    offer = make_offer()
    actions.move(lead=offer.lead, to=Stage.MQL, by=make_user("marketer"), now=now, reason="not_ripe")
    offer.refresh_from_db()
    standing = Standing.objects.get(lead=offer.lead_id)
    assert (offer.status, standing.situation) == ("withdrawn", "marketing")
    actions.place({offer.lead_id: verdict(offer.lead, HOT)}, now=now + timedelta(days=1))
    assert Standing.objects.get(lead=offer.lead_id).situation == "marketing"


def test_a_rep_who_drags_an_offer_back_passes_it_on(make_rep, make_offer, now):
    make_rep()
    offer = make_offer()
    actions.move(lead=offer.lead, to=Stage.MQL, by=offer.rep.user, now=now, reason="overloaded")
    assert verbs(offer.lead_id)[-1] == "decline"


def test_woken_by_hand_before_its_date(make_rep, make_sal, make_user, now):
    make_rep()
    standing = make_sal()
    actions.move(lead=standing.lead, to=Stage.RECYCLED, by=standing.rep.user, now=now, reason="no_budget")
    woken = actions.move(
        lead=standing.lead, to=Stage.LEAD, by=make_user("marketer"), now=now, reason="came_back"
    )
    assert (woken.stage, woken.cycle, woken.wake_on, woken.gates_shut_until) == ("lead", 2, None, None)


def test_possible_targets_are_what_move_allows(
    make_rep, make_offer, make_user, now, django_assert_num_queries
):
    make_rep()
    offer = make_offer()
    standing = Standing.objects.select_related("lead").get(lead=offer.lead_id)
    rep, marketer, other = offer.rep.user, make_user("marketer"), make_rep().user
    with django_assert_num_queries(0):
        mine, theirs = dict(possible_targets(standing, rep)), dict(possible_targets(standing, marketer))
        nobodys = dict(possible_targets(standing, other))
    assert {to for to, code in mine.items() if not code} == {
        Stage.SAL,
        Stage.RECYCLED,
        Stage.DISQUALIFIED,
    }
    assert {to for to, code in theirs.items() if not code} == {Stage.LEAD}
    assert (mine[Stage.SQL], mine[Stage.LEAD], theirs[Stage.SAL]) == (
        "not_accepted",
        "not_yours",
        "not_yours",
    )
    assert "" not in nobodys.values()


def test_every_shipped_reason_is_for_verbs_that_ask_for_one(db):
    used = {Verb(verb) for reason in Reason.objects.all() for verb in reason.verbs}
    assert used == {verb for verb in Verb if verb not in (Verb.UNDO, Verb.REASSIGN) and needs_reason(verb)}


def test_b46_a_rep_cannot_reopen_a_deal_that_was_won(make_rep, make_sql, make_user, now):
    make_rep()
    standing = make_sql()
    by, lead = standing.rep.user, standing.lead
    actions.win(lead=lead, by=by, now=now)
    before = verbs(lead.pk)
    for decide in (
        lambda: actions.reopen(lead=lead, by=by, now=now, reason="mistake"),
        lambda: actions.move(lead=lead, to=Stage.LEAD, by=by, now=now, reason="mistake"),
    ):
        with pytest.raises(NotYours):
            decide()
    for to, code in ((Stage.SAL, "not_offered"), (Stage.SQL, "not_accepted")):
        with pytest.raises(Refused) as refused:
            actions.move(lead=lead, to=to, by=by, now=now)
        assert refused.value.code == code
    assert verbs(lead.pk) == before


def test_b46_an_acceptance_replayed_after_the_lead_went_on_changes_nothing(make_rep, make_offer, now):
    make_rep()
    offer = make_offer()
    by = offer.rep.user
    actions.accept(offer=offer, by=by, now=now)
    actions.return_to_marketing(lead=offer.lead, by=by, now=now, reason="no_budget")
    before = verbs(offer.lead_id)
    actions.accept(offer=offer, by=by, now=now + timedelta(minutes=1))
    assert verbs(offer.lead_id) == before
    assert Standing.objects.get(lead=offer.lead_id).stage == "recycled"
