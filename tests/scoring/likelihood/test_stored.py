"""Models come back from the database as they went in, and nothing but models does."""

from __future__ import annotations

import json
from collections import OrderedDict
from dataclasses import asdict

import numpy as np
import pytest
import skops.io

from scoring.likelihood.columns import Column, read_column
from scoring.likelihood.entitlement import Rung
from scoring.likelihood.learners import boosting, logistic
from scoring.likelihood.recipe import Recipe, read_encoder, read_recipe
from scoring.likelihood.stored import NotTrusted, dump, load
from scoring.likelihood.training import Examples, train


@pytest.fixture(scope="module")
def examples() -> Examples:
    """Outcomes that two columns foretell, and rules that rank by luck."""
    luck = np.random.default_rng(2)
    words, numbers = luck.choice(["a", "b", "", "d"], 600), luck.normal(size=600)
    chance = 1 / (1 + np.exp(-(1.5 * (words == "a") - 1 + numbers)))
    columns = {"word": [str(w) or None for w in words], "n": [f"{n:.3f}" for n in numbers]}
    read = [read_column(name, cells) for name, cells in columns.items()]
    known = [column for column in read if isinstance(column, Column)]
    assert len(known) == 2
    return Examples(known, (luck.random(600) < chance).astype(np.int64), luck.random(600))


def test_a_recipe_says_the_same_after_the_database(examples: Examples) -> None:
    rows = np.arange(600)
    learned = logistic(examples.columns, rows, examples.truth)
    recipe = Recipe(
        learned.encoder,
        tuple(learned.estimator.coef_[0].tolist()),
        float(learned.estimator.intercept_[0]),
        learned.slope,
        learned.offset,
    )
    again = read_recipe(json.loads(json.dumps(recipe.as_json())))
    assert again.chances(examples.columns) == pytest.approx(learned.chances(examples.columns, rows))
    pushes = np.sum(list(again.pushes(examples.columns).values()), axis=0)
    odds = np.log(again.chances(examples.columns) / (1 - again.chances(examples.columns)))
    assert odds - pushes == pytest.approx(
        np.full(600, (odds - pushes)[0])
    )  # they add up to all but the average


def test_trees_say_the_same_after_the_database(examples: Examples) -> None:
    learned = boosting(examples.columns, np.arange(600), examples.truth)
    features = np.random.default_rng(0).normal(size=(5, learned.estimator.n_features_in_))
    again = load(dump(learned.estimator))
    assert (again.decision_function(features) == learned.estimator.decision_function(features)).all()
    assert read_encoder(json.loads(json.dumps(asdict(learned.encoder)))) == learned.encoder


def test_strange_bytes_are_refused() -> None:
    with pytest.raises(NotTrusted):
        load(skops.io.dumps(OrderedDict(code=print)))


def test_the_exam_is_on_the_newest_fifth_alone(examples: Examples) -> None:
    """Outcomes of the newest fifth turned about: the exam fails, whatever the rest says."""
    trained = train(examples)
    assert trained.rung is Rung.SHOWN
    assert trained.card["exams"]["logistic_regression"]["rows"] == 120
    turned = examples.truth.copy()
    turned[480:] = 1 - turned[480:]
    failed = train(Examples(examples.columns, turned, examples.rules))
    assert failed.rung is Rung.SHADOW
    assert failed.card["exams"]["logistic_regression"]["auc"] < 0.4
