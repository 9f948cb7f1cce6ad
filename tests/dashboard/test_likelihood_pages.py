"""The model's card, a lead's likelihood, score health: what is shown, to whom, and at which cost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import numpy as np
import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from dashboard import plots
from dashboard.queries.health import count_health
from leads.models import Lead
from scoring.health import Counts, Month, RuleCount, Verdict, inflation, judge, read_counts
from scoring.likelihood.encoding import Encoder
from scoring.likelihood.features import NAMES
from scoring.likelihood.recipe import Recipe
from scoring.likelihoods import columns_at
from scoring.models import LeadLikelihood, LikelihoodModel, ScoreHealth
from scoring.past import Moment
from tests.conftest import NOON

EXAM = {
    "rows": 200,
    "yes": 60,
    "auc": 0.74,
    "rules_auc": 0.66,
    "brier": 0.17,
    "skill": 0.12,
    "ece": 0.031,
    "average_precision": 0.5,
}
CARD = {
    "counts": {"yes": 300, "no": 700},
    "kinds": [],
    "labels": {"excluded": 12, "censored": 34},
    "exams": {"logistic_regression": EXAM, "gradient_boosting": EXAM | {"auc": 0.7}},
    "tested": {
        "curve": [[0, 0], [0.3, 0.7], [1, 1]],
        "rules_curve": [[0, 0], [0.5, 0.6], [1, 1]],
        "calibration": [{"rows": 100, "said": 0.2, "came": 0.25}, {"rows": 100, "said": 0.4, "came": 0.35}],
        "lift": [2.5, 1.8, 1.2, 1.0, 0.9, 0.8, 0.7, 0.5, 0.4, 0.2],
    },
    "features": [{"name": "channel", "weight": 0.6}, {"name": "event.quote_requested", "weight": 0.2}],
    "scores": [0.1] * 11,
    "shift": 0.31,
}


def _recipe(leads: list[Lead], now: datetime) -> dict[str, object]:
    """A regression on the channel alone: referral lifts, blog lowers."""
    _moments, columns = columns_at([Moment(lead.pk, now) for lead in leads], [])
    channel = [one for one in columns if one.name == "channel"]
    truth = np.array([lead.channel == "referral" for lead in leads]).astype(np.int64)
    encoder, features = Encoder.fit(channel, np.arange(len(leads)), truth)
    weights = (1.0, *([0.0] * (features.shape[1] - 1)))
    return Recipe(encoder, weights, 0.0, 1.0, 0.0).as_json()


@pytest.fixture
def model(make_lead: Callable[..., Lead]) -> LikelihoodModel:
    """A model that is entitled to be shown."""
    leads = [make_lead(channel=channel) for channel in ("referral", "blog") * 10]
    return LikelihoodModel.objects.create(
        version=3,
        status="shown",
        why="passed",
        learner="logistic_regression",
        trained_at=NOON,
        card=CARD,
        recipe=_recipe(leads, NOON),
    )


def test_the_card_says_on_which_rung_and_why(
    model: LikelihoodModel, signed_in: Callable[..., Client]
) -> None:
    page = signed_in(language="en").get("/scoring/likelihood/").content.decode()
    for text in ("It is shown", "74%", "66%", "3.1%", "0.31", "articles 21 and 22"):
        assert text in page
    assert "Quote requested, times in 90 days" in page
    assert "tag--bad" in page  # the leads are others than those learned from
    LikelihoodModel.objects.update(status="shadow", why="drifted")
    assert "stepped back by itself" in signed_in(language="en").get("/scoring/likelihood/").content.decode()


def test_before_the_first_training_and_with_too_few_outcomes(signed_in: Callable[..., Client]) -> None:
    client = signed_in(language="en")
    assert "Nothing learned yet" in client.get("/scoring/likelihood/").content.decode()
    LikelihoodModel.objects.create(
        version=1, status="rules", why="few_outcomes", trained_at=NOON, card={"counts": {"yes": 12, "no": 3}}
    )
    page = client.get("/scoring/likelihood/").content.decode()
    assert "40 that did not" in page
    assert ">12<" in page


def test_a_likelihood_is_shown_with_its_reasons_only_while_entitled(
    model: LikelihoodModel, signed_in: Callable[..., Client]
) -> None:
    lead = Lead.objects.filter(channel="referral").first()
    client, page = signed_in(language="en"), f"/leads/{lead.public_id}/"
    LeadLikelihood.objects.create(lead=lead, permille=423, version=3, as_of=NOON.date())
    assert "42%" in client.get(page).content.decode()
    why = client.get(f"{page}likelihood/").content.decode()
    assert "Channel: Referral" in why
    LeadLikelihood.objects.update(version=2)  # said by a former model
    assert client.get(f"{page}likelihood/").status_code == 404
    LeadLikelihood.objects.update(version=3)
    LikelihoodModel.objects.update(status="shadow")
    assert "42%" not in client.get(page).content.decode()
    assert client.get(f"{page}likelihood/").status_code == 404


def test_names_and_addresses_are_never_asked_for() -> None:
    forbidden = {"first_name", "last_name", "email", "address", "postcode", "city"}
    forbidden |= {"language", "country", "region"}
    assert not forbidden & set(NAMES)
    assert not [name for name in NAMES if name.startswith(("custom.", "consent."))]


@pytest.mark.parametrize("leads", [1, 3])
def test_health_is_read_from_its_table(
    leads: int,
    make_lead: Callable[..., Lead],
    signed_in: Callable[..., Client],
    django_assert_num_queries: DjangoAssertNumQueries,
    now: datetime,
) -> None:
    client = signed_in(language="en")
    assert "Not counted yet" in client.get("/scoring/health/").content.decode()
    for _ in range(leads):
        make_lead()
    assert count_health(now=now) is not None
    client.get("/scoring/health/")
    with django_assert_num_queries(4):
        page = client.get("/scoring/health/").content.decode()
    assert "By grade" in page


def test_counted_twice_a_day_it_is_kept_once(make_lead: Callable[..., Lead], now: datetime) -> None:
    make_lead()
    count_health(now=now)
    count_health(now=now + timedelta(hours=1))
    kept = ScoreHealth.objects.get()
    assert kept.made_at == now + timedelta(hours=1)
    counts = read_counts(kept.counts)
    assert counts == read_counts(counts.as_json())
    assert len(counts.months) == 12


def _month(name: str, best: int, others: int, accepted: int, decided: int) -> Month:
    return Month(name, {"A1": best, "D4": others}, {"A1": (accepted, decided)})


def test_more_good_leads_that_sales_do_not_find_better_are_inflation() -> None:
    before = _month("2026-01", 10, 90, 20, 40)
    between = [_month(f"2026-0{n}", 10, 90, 0, 0) for n in (2, 3)]
    worse = inflation([before, *between, _month("2026-04", 20, 80, 18, 40)])
    assert worse is not None
    assert (worse.then, worse.now, worse.since) == (0.1, 0.2, "2026-01")
    assert inflation([before, *between, _month("2026-04", 20, 80, 39, 40)]) is None  # and they are better
    assert inflation([before, *between, _month("2026-04", 12, 88, 18, 40)]) is None  # hardly more
    assert inflation([before, *between]) is None  # no three months before


@pytest.mark.parametrize(
    ("count", "verdict"),
    [
        (RuleCount("g", "r", fires=0), Verdict.NEVER),
        (RuleCount("g", "r", fires=960), Verdict.NEARLY_ALL),
        (RuleCount("g", "r", fires=100, offers=40, refused=28), Verdict.REFUSED),
        (RuleCount("g", "r", fires=100, offers=40, refused=18), Verdict.FINE),
        (RuleCount("g", "r", fires=100, offers=10, refused=10), Verdict.FINE),
    ],
    ids=["never", "nearly_all", "refused", "not_beyond_doubt", "few_offers"],
)
def test_what_is_wrong_with_a_rule(count: RuleCount, verdict: Verdict) -> None:
    counts = Counts(sampled=1000, offers=300, refused=105)
    assert judge(count, counts).verdict is verdict


def test_plots_stay_in_their_box() -> None:
    plot = plots.calibration([(10, 0.1, 0.3), (30, 0.5, 0.2)])
    assert all(0 <= dot.x <= 100 and 0 <= dot.y <= 100 for dot in plot.dots)
    pieces = plots.stacks([[1, 1, 2, 0], [0, 0, 0, 0]], (4, 3, 1, 0))
    assert [piece.height for piece in pieces] == [25, 25, 50, 0, 0, 0, 0, 0]
    assert plots.lifts([2.0, 1.0])[0].bar.height == 100
