"""The board of sales: what stands where, who sees what, and moving by hand with all refusals."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from funnel import actions
from funnel.board import Column, Pace, column_of, pace_of
from funnel.models import Passage, StageSetting, Standing
from funnel.queries.board import Narrowed, board
from funnel.stages import POSITIONS, Stage


@given(days=st.integers(0, 1000), norm=st.none() | st.integers(1, 400))
def test_a_stay_is_long_only_beyond_twice_the_norm(days: int, norm: int | None) -> None:
    assert (pace_of(days, norm) is Pace.LONG) == (norm is not None and days > 2 * norm)
    assert (pace_of(days, norm) is Pace.OK) == (norm is None or days <= norm)


def test_every_position_has_at_most_one_column() -> None:
    assert {column_of(position) for position in POSITIONS} == {None, *Column}


def piles(user, now, **narrowed) -> dict[str, list[int]]:
    """Column → the leads on it, as this user sees them."""
    shown = board(user, Narrowed(**narrowed), now=now)
    return {pile.column.value: [card.lead.pk for card in pile.cards] for pile in shown.piles}


def test_a_rep_sees_own_leads_only_and_a_manager_all(make_rep, make_sal, make_user, now) -> None:
    one, other = make_rep(), make_rep()
    sals = [make_sal() for _number in range(2)]
    assert {sal.rep_id for sal in sals} == {one.pk, other.pk}
    mine = next(sal for sal in sals if sal.rep_id == one.pk)
    assert piles(one.user, now) == {"offered": [], "sal": [mine.lead_id], "sql": [], "won": []}
    everything = piles(make_user("manager"), now)
    assert sorted(everything["sal"]) == sorted(sal.lead_id for sal in sals)
    assert "ready" in everything


def test_a_board_narrows_by_rep_and_band_and_counts_all(make_rep, make_sal, make_user, now) -> None:
    rep, boss = make_rep(), make_user("manager")
    sal = make_sal()
    assert piles(boss, now, rep=rep.pk)["sal"] == [sal.lead_id]
    assert piles(boss, now, rep=rep.pk + 1)["sal"] == []
    assert piles(boss, now, band="D4")["sal"] == []
    (pile,) = [pile for pile in board(boss, Narrowed(), now=now).piles if pile.column == "sal"]
    assert (pile.total, pile.more) == (1, 0)


def test_days_in_a_stage_are_told_against_the_norm(make_rep, make_sal, now) -> None:
    rep = make_rep()
    make_sal()
    StageSetting.objects.update_or_create(stage="sal", defaults={"norm_days": 2})
    for days, pace in ((1, Pace.OK), (3, Pace.OVER), (5, Pace.LONG)):
        (pile,) = [
            one for one in board(rep.user, Narrowed(), now=now + timedelta(days=days)).piles if one.total
        ]
        assert (pile.cards[0].days, pile.cards[0].pace) == (days, pace)


@pytest.mark.parametrize("leads", [1, 3])
def test_the_board_asks_the_same_however_much_hangs_on_it(
    leads, client, make_rep, make_sal, make_user, django_assert_max_num_queries
) -> None:
    make_rep(places=20, offers_per_day=20)
    for _number in range(leads):
        make_sal()
    client.force_login(make_user("manager"))
    with django_assert_max_num_queries(12):
        assert client.get("/board/").status_code == 200


def moved(client, lead, stage: str, **typed):
    """A POST to the board, as htmx sends it."""
    there = reverse("funnel:move", args=[lead.public_id, stage])
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/board/?band=A"}
    return client.post(there, typed, headers=headers)


def test_an_offer_is_accepted_on_the_board_and_can_be_undone(client, make_rep, make_offer, now) -> None:
    rep = make_rep()
    offer = make_offer()
    client.force_login(rep.user)
    answer = moved(client, offer.lead, "sal")
    assert answer.status_code == 200
    assert Standing.objects.get(lead=offer.lead).stage == Stage.SAL
    assert reverse("funnel:undo", args=[Passage.objects.latest("pk").pk]) in answer.content.decode()


def test_a_refused_move_leaves_the_lead_and_says_why(client, make_rep, make_sal, now) -> None:
    rep = make_rep()
    sal = make_sal()
    client.force_login(rep.user)
    typed = {"product": "Audit", "expected_amount": "1000", "expected_close": "2030-01-01"}
    answer = moved(client, sal.lead, "sql", **typed)
    assert answer.status_code == 409
    assert 'id="board"' in answer.content.decode()
    assert Standing.objects.get(lead=sal.lead).stage == Stage.SAL


def test_a_move_that_needs_a_reason_asks_for_it(client, make_rep, make_sal) -> None:
    rep = make_rep()
    sal = make_sal()
    client.force_login(rep.user)
    assert b"data-digits" in client.get(reverse("funnel:move", args=[sal.lead.public_id, "recycled"])).content
    assert moved(client, sal.lead, "recycled").status_code == 422
    assert moved(client, sal.lead, "recycled", reason="unreachable").status_code == 200
    assert Standing.objects.get(lead=sal.lead).stage == Stage.RECYCLED


def test_closed_ways_stand_in_the_menu_with_their_reason(client, make_rep, make_sal) -> None:
    rep = make_rep()
    sal = make_sal()
    client.force_login(rep.user)
    page = client.get(reverse("funnel:moves", args=[sal.lead.public_id])).content.decode()
    assert 'disabled data-stage="lead"' in page
    assert 'disabled data-stage="customer"' not in page


def test_dropped_on_its_own_column_nothing_happens(client, make_rep, make_sal) -> None:
    rep = make_rep()
    sal = make_sal()
    client.force_login(rep.user)
    there = reverse("funnel:moves", args=[sal.lead.public_id])
    assert client.get(there, {"to": "sal"}).status_code == 204
    assert client.get(there, {"to": "recycled"}).url.endswith("/recycled/")


def test_b44_another_reps_lead_is_not_on_the_board(client, make_rep, make_sal) -> None:
    make_rep()
    sal = make_sal()
    client.force_login(make_rep().user)
    assert client.get(reverse("funnel:moves", args=[sal.lead.public_id])).status_code == 404
    assert moved(client, sal.lead, "recycled", reason="unreachable").status_code == 404
    assert Standing.objects.get(lead=sal.lead).stage == Stage.SAL


def test_b46_who_was_slower_reads_why(client, make_rep, make_offer, now) -> None:
    rep, boss = make_rep(), make_rep("manager", is_last_resort=True)
    offer = make_offer()
    actions.accept(offer=offer, by=rep.user, now=now)
    client.force_login(boss.user)
    assert moved(client, offer.lead, "sal").status_code == 409
