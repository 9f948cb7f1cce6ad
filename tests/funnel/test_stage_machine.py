"""One lead in the hands of everybody at once: hypothesis chooses who does what, in which order.

The real actions on a real database. After each step: the position is a legal one, the history folds to where
the lead stands, an offer is open exactly while it is offered, nobody has more than their places. A refused
step changes nothing; an undo is the exact inverse.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts.models import User
from funnel import actions
from funnel.models import Offer, Opportunity, Passage, Reason, Rep, Standing
from funnel.queries import used_places
from funnel.refusals import Refused
from funnel.stages import OFFERED, POSITIONS, Position, Situation, Stage, Verb, refusal
from leads.models import Lead
from pipeline.invariants import i8_history_leads_to_where_the_lead_stands as breaches
from tests.funnel.conftest import COLD, HOT, WARM, confirm_all, verdict

START = datetime(2026, 3, 12, 11, 0, tzinfo=UTC)
SECONDS = st.sampled_from([0, 1, 11, 400, 90_000, 40 * 86_400])
WHO = st.sampled_from(["rep", "other", "manager", "marketer"])
CLOSE = date(2027, 12, 31)


def picture(lead: Lead) -> object:
    """All that a move of a lead may change, but for history and the clock of an offer."""
    standing = Standing.objects.filter(lead=lead).values().get()
    facts = Lead.objects.filter(pk=lead.pk).values("stage", "owner", "former_owner", "offered_to").get()
    offers = (
        Offer.objects.filter(lead=lead).order_by("id").values("id", "status", "rep", "decided_by", "reason")
    )
    return standing, facts, list(offers), list(Opportunity.objects.filter(lead=lead).order_by("id").values())


class Funnel(RuleBasedStateMachine):
    """Two reps with one place each, a manager, a marketer, the pipeline, and one lead."""

    @initialize()
    def begin(self) -> None:
        self.now = START
        self.people = {
            name: User.objects.create_user(f"{name}@machine.example", None, role=role)
            for name, role in (
                ("rep", "rep"),
                ("other", "rep"),
                ("manager", "manager"),
                ("marketer", "marketer"),
            )
        }
        for name in ("rep", "other"):
            Rep.objects.create(user=self.people[name], places=1, offers_per_day=1000)
        self.lead = Lead.objects.create(email="one@machine.example", created_at=self.now)
        actions.place({self.lead.pk: verdict(self.lead, HOT)}, now=self.now)

    @property
    def standing(self) -> Standing:
        return Standing.objects.select_related("lead", "rep__user").get(lead=self.lead)

    def attempt(self, act: Any) -> None:
        """Do it; a refusal leaves everything as it was."""
        before, passages = picture(self.lead), Passage.objects.count()
        try:
            with transaction.atomic():
                act()
        except Refused:
            assert (picture(self.lead), Passage.objects.count()) == (before, passages)

    @rule(seconds=SECONDS)
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(says=st.sampled_from([HOT, WARM, COLD]))
    def score(self, says: dict[str, bool]) -> None:
        actions.place({self.lead.pk: verdict(self.lead, says)}, now=self.now)

    @rule()
    def allocate(self) -> None:
        actions.expire_offers(now=self.now)
        actions.fill_places(now=self.now)

    @rule(who=WHO, to=st.sampled_from(Stage), reason=st.integers(0, 30))
    def move(self, who: str, to: Stage, reason: int) -> None:
        reasons = list(Reason.objects.order_by("position"))
        given = self.figures(to)
        chosen = reasons[reason % len(reasons)]
        month = date(self.now.year + 1, 12, 1)
        self.attempt(
            lambda: (
                actions.move(
                    lead=self.lead, to=to, by=self.people[who], now=self.now, reason=chosen, note="x", **given
                )
                if not chosen.needs_month
                else actions.return_to_marketing(
                    lead=self.lead, by=self.people[who], now=self.now, reason=chosen, wake_month=month
                )
            )
        )

    def figures(self, to: Stage) -> dict[str, Any]:
        if to is not Stage.SQL:
            return {}
        if self.standing.stage == "sal":
            confirm_all(self.standing, self.now)
        return {"product": "Audit", "expected_amount": Decimal(10), "expected_close": CLOSE}

    @rule(who=WHO)
    def undo(self, who: str) -> None:
        last = Passage.objects.filter(lead=self.lead).latest("pk")
        self.attempt(lambda: actions.undo(passage=last, by=self.people[who], now=self.now))

    @precondition(lambda self: self.standing.position == OFFERED)
    @rule(verb=st.sampled_from(["accept", "decline", "return", "disqualify"]))
    def decide_and_undo(self, verb: str) -> None:
        """Whatever was decided, undone at once nothing is left of it."""
        offer = Offer.objects.open().select_related("rep__user").get(lead=self.lead)
        by, before = offer.rep.user, picture(self.lead)
        match verb:
            case "accept":
                actions.accept(offer=offer, by=by, now=self.now)
            case "decline":
                actions.decline(offer=offer, by=by, now=self.now, reason="overloaded")
            case "return":
                actions.return_to_marketing(lead=self.lead, by=by, now=self.now, reason="no_budget")
            case _:
                actions.disqualify(lead=self.lead, by=by, now=self.now, reason="spam")
        actions.undo(passage=Passage.objects.filter(lead=self.lead).latest("pk"), by=by, now=self.now)
        assert picture(self.lead) == before

    @invariant()
    def stands_somewhere(self) -> None:
        standing = self.standing
        assert standing.position in POSITIONS
        assert Lead.objects.get(pk=self.lead.pk).stage == standing.stage

    @invariant()
    def history_folds_to_the_standing(self) -> None:
        assert breaches(self.now) == []
        here: Position | None = None
        for one in Passage.objects.filter(lead=self.lead).order_by("id"):
            target = Position(Stage(one.to_stage), Situation(one.to_situation))
            assert not refusal(Verb(one.verb), here, target)
            here = target
        assert here == self.standing.position

    @invariant()
    def an_offer_is_open_exactly_while_it_is_offered(self) -> None:
        is_offered = self.standing.position == OFFERED
        assert Offer.objects.open().filter(lead=self.lead).count() == is_offered

    @invariant()
    def nobody_has_more_than_their_places(self) -> None:
        reps = Rep.objects.in_bulk()
        used = used_places(reps)
        assert all(used[pk].total <= rep.places for pk, rep in reps.items())


@pytest.mark.django_db
def test_f49_whatever_people_do_the_funnel_holds():
    class InOneTransaction(Funnel):
        """Each example starts from an empty funnel."""

        def __init__(self) -> None:
            super().__init__()
            self.atomic = transaction.atomic()
            self.atomic.__enter__()

        def teardown(self) -> None:
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)

    run_state_machine_as_test(
        InOneTransaction,
        settings=settings(
            max_examples=8,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
