"""Learning from what sales decided: from what was known then, shown when entitled, dropped when wrong."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import numpy as np
import pytest

from funnel.choices import OfferStatus
from funnel.models import Offer, Passage, Reason, Rep
from funnel.queries.past_outcomes import past_outcomes
from leads.actions.events import record_event
from leads.actions.verdicts import void_event
from leads.models import Event, Lead, ProfileChange
from pipeline.training import (
    check_drift,
    examples_of,
    teaching,
    tell_everybody,
    tell_touched,
    train_likelihood,
)
from scoring.likelihood.columns import Column
from scoring.likelihoods import account_of, kinds_to_count, likelihood_of
from scoring.models import LeadLikelihood, LeadScore, LikelihoodModel

CHANCES = {"referral": 0.75, "blog": 0.15, "newsletter": 0.4}
History = Callable[..., list[Lead]]


@pytest.fixture
def history(make_rep: Callable[..., Rep], now: datetime) -> History:
    """Offers of a year that ended 100 days ago, one lead each; the channel decides how likely SQL is."""

    def play(
        rows: int, *, chances: dict[str, float] = CHANCES, seed: int = 1, first_day: int = 400
    ) -> list[Lead]:
        luck, rep = random.Random(seed), make_rep()
        leads = Lead.objects.bulk_create(
            Lead(
                email=f"{seed}-{n}@essai.example",
                audience="b2b",
                channel=luck.choice(sorted(chances)),
                created_at=now - timedelta(days=first_day + 10),
            )
            for n in range(rows)
        )
        span = first_day - 100
        offered = {lead.pk: now - timedelta(days=first_day - span * n / rows) for n, lead in enumerate(leads)}
        yes = {lead.pk: luck.random() < chances[lead.channel] for lead in leads}
        _offer(leads, rep, offered, yes)
        return leads

    return play


def _offer(leads: Sequence[Lead], rep: Rep, offered: dict[int, datetime], yes: dict[int, bool]) -> None:
    reason = Reason.objects.get(code="no_need")
    Offer.objects.bulk_create(
        Offer(
            lead=lead,
            rep=rep,
            cycle=1,
            status=OfferStatus.ACCEPTED if yes[lead.pk] else OfferStatus.DISQUALIFIED,
            offered_at=offered[lead.pk],
            deadline=offered[lead.pk] + timedelta(days=2),
            decided_at=offered[lead.pk] + timedelta(days=1),
            reason=None if yes[lead.pk] else reason,
        )
        for lead in leads
    )
    Passage.objects.bulk_create(
        Passage(
            lead=lead,
            verb="qualify" if yes[lead.pk] else "disqualify",
            from_stage="sal" if yes[lead.pk] else "mql",
            to_stage="sql" if yes[lead.pk] else "disqualified",
            at=offered[lead.pk] + timedelta(days=20),
            cycle=1,
            reason=None if yes[lead.pk] else reason,
        )
        for lead in leads
    )


def test_below_forty_of_each_there_are_rules_only(history: History, now: datetime) -> None:
    history(60)
    model = train_likelihood(now=now)
    assert (model.status, model.why, model.recipe) == ("rules", "few_outcomes", None)
    assert model.card["counts"]["yes"] + model.card["counts"]["no"] == 60
    assert list(tell_everybody(now=now)) == []


def test_what_the_channel_says_is_learned_shown_and_explained(history: History, now: datetime) -> None:
    leads = history(500)
    model = train_likelihood(now=now)
    assert (model.status, model.why) == ("shown", "passed")
    assert model.card["exams"]["logistic_regression"]["auc"] > 0.7
    assert list(tell_everybody(now=now))[-1] == 500
    by_channel = {lead.channel: lead for lead in leads}
    said = {channel: likelihood_of(lead) for channel, lead in by_channel.items()}
    for channel, chance in CHANCES.items():
        assert said[channel] is not None
        assert abs(said[channel].share - chance) < 0.12
    account = account_of(by_channel["referral"], model, now=now)
    assert account.gains[0].name == "channel"
    assert account.gains[0].value == "referral"
    assert account_of(by_channel["blog"], model, now=now).losses[0].name == "channel"


def test_what_did_not_change_is_not_written(history: History, now: datetime) -> None:
    leads = history(200)
    train_likelihood(now=now)
    assert list(tell_everybody(now=now))[-1] == 200
    assert list(tell_everybody(now=now + timedelta(minutes=1)))[-1] == 0
    LeadScore.objects.bulk_create([_score(lead, now + timedelta(minutes=2)) for lead in leads[:3]])
    Lead.objects.filter(pk=leads[0].pk).update(channel="partner")
    assert tell_touched(now=now + timedelta(minutes=3)) == 1
    assert tell_touched(now=now + timedelta(minutes=4)) == 0


def _score(lead: Lead, at: datetime) -> LeadScore:
    words = {"grade": "D", "phase": "awareness", "temperature": "cold", "level": 4}
    gates = dict.fromkeys(("mql_gate", "mql_keep", "ready_gate", "ready_keep"), False)
    numbers = dict.fromkeys(("fit", "engagement", "priority", "completeness", "rules_version"), 0)
    return LeadScore(lead=lead, as_of=at.date(), updated_at=at, **words, **gates, **numbers)


def test_luck_stays_in_the_shadow(history: History, now: datetime) -> None:
    leads = history(400, chances={"referral": 0.4, "blog": 0.4})
    model = train_likelihood(now=now)
    assert model.status == "shadow"
    list(tell_everybody(now=now))
    assert LeadLikelihood.objects.count() == 400  # computed
    assert likelihood_of(leads[0]) is None  # and not shown


def test_a_new_training_retires_the_one_before(history: History, now: datetime) -> None:
    history(300)
    first = train_likelihood(now=now)
    second = train_likelihood(now=now + timedelta(days=7))
    first.refresh_from_db()
    assert (first.status, second.version) == ("retired", first.version + 1)
    assert LikelihoodModel.objects.exclude(status="retired").count() == 1
    list(tell_everybody(now=now))
    assert set(LeadLikelihood.objects.values_list("version", flat=True)) == {second.version}


def test_nothing_that_was_known_later_is_learned_from(history: History, now: datetime) -> None:
    """Events, profile changes and voidings after the offer move no feature of it, nor the rules' rank."""
    leads = history(12)
    outcomes, _labels, truth = teaching(past_outcomes(), now)
    first = outcomes[0].at
    for lead in leads:
        _happen(
            lead,
            "quote_requested",
            outcomes[0].at - timedelta(days=40),
            received=outcomes[0].at - timedelta(days=40),
        )
    kinds = kinds_to_count()
    before = examples_of(outcomes, truth, kinds)
    for lead in leads:
        _happen(lead, "demo_requested", now - timedelta(days=50), received=now - timedelta(days=50))
        _happen(lead, "quote_requested", first - timedelta(days=5), received=now - timedelta(days=1))
        ProfileChange.objects.create(
            lead=lead,
            field="channel",
            old=lead.channel,
            new="partner",
            origin="user",
            at=now - timedelta(days=3),
        )
        Lead.objects.filter(pk=lead.pk).update(channel="partner")
        void_event(event=Event.objects.filter(lead=lead).earliest("received_at"), reason="test", now=now)
    after = examples_of(outcomes, truth, kinds)
    assert (before.rules == after.rules).all()
    for one, other in zip(before.columns, after.columns, strict=True):
        assert one.name == other.name
        assert (one.words == other.words).all()
        assert np.array_equal(one.numbers, other.numbers, equal_nan=True)
    assert _named(after.columns, "event.quote_requested").numbers.sum() > 0
    assert _named(after.columns, "event.demo_requested").numbers.sum() == 0


def _named(columns: Sequence[Column], name: str) -> Column:
    return next(column for column in columns if column.name == name)


def _happen(lead: Lead, kind: str, at: datetime, *, received: datetime) -> None:
    record_event(lead_id=lead.pk, kind=kind, occurred_at=at, now=received, wakes=False)


def test_the_model_steps_back_by_itself_when_outcomes_contradict_it(history: History, now: datetime) -> None:
    history(500)
    model = train_likelihood(now=now)
    assert model.status == "shown"
    assert not check_drift(now=now)
    history(150, chances=dict.fromkeys(CHANCES, 0.02), seed=2, first_day=150)
    later = now + timedelta(days=60)
    LikelihoodModel.objects.filter(pk=model.pk).update(
        card=model.card | {"until": (now - timedelta(days=151)).isoformat()}
    )
    assert check_drift(now=later)
    model.refresh_from_db()
    assert (model.status, model.why) == ("shadow", "drifted")
    assert model.card["since_training"]["said"] > model.card["since_training"]["came"]


def test_imported_history_teaches_too(
    history: History, now: datetime, make_lead: Callable[..., Lead]
) -> None:
    history(10)
    won, lost = make_lead(channel="referral"), make_lead(channel="blog")
    came = now - timedelta(days=900)
    rows = [
        (won, "", "lead", came),
        (won, "sql", "customer", came + timedelta(days=200)),
        (lost, "", "lead", came),
    ]
    Passage.objects.bulk_create(
        Passage(lead=lead, verb="enter", from_stage=old, to_stage=new, at=at, cycle=1, is_imported=True)
        for lead, old, new, at in rows
    )
    outcomes, _labels, truth = teaching(past_outcomes(), now)
    found = {one.lead_id: int(yes) for one, yes in zip(outcomes, truth, strict=True)}
    assert (found[won.pk], found[lost.pk]) == (1, 0)
    assert [one.at for one in outcomes[:2]] == [came, came]


def test_a_lead_offered_to_three_reps_in_turn_counts_once(history: History, now: datetime) -> None:
    lead = history(1)[0]
    offer = Offer.objects.get(lead=lead)
    for days in (1, 2):
        Offer.objects.create(
            lead=lead,
            rep=offer.rep,
            cycle=1,
            status=OfferStatus.REFUSED,
            offered_at=offer.offered_at - timedelta(days=days),
            deadline=offer.deadline,
            decided_at=offer.offered_at,
        )
    assert [one.at for one in past_outcomes()] == [offer.offered_at - timedelta(days=2)]
