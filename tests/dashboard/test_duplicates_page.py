"""The queue of duplicates, two leads side by side, merging and parting in the browser's words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import combinations

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import DjangoAssertNumQueries

from leads.actions.agenda import wake
from leads.models import DuplicateCandidate, Lead, Merge
from pipeline.run import run_until_idle

QUEUE = "/duplicates/"
LATER = datetime(2026, 3, 12, 12, 0, tzinfo=UTC)
# The session, who it is, the pairs; of the pair that is open: both leads, who told what (twice), the pair.
QUEUE_QUERIES = 9


@pytest.fixture
def pair(stands: Callable[..., Lead], now: datetime) -> DuplicateCandidate:
    ours = stands("mql", first_name="Marie", last_name="Curie", email="marie.curie@radium.fr")
    theirs = stands(
        "lead", first_name="Marie", last_name="Curie", email="marie@gmail.com", phone="+33612345678"
    )
    return DuplicateCandidate.objects.create(
        low=ours, high=theirs, score=65, reasons=["same_name", "alike_address"], found_at=now
    )


def merge_url(keep: Lead, away: Lead) -> str:
    return reverse("dashboard:merge_leads", args=[keep.public_id, away.public_id])


def test_the_queue_shows_the_most_likely_pair_side_by_side(pair, signed_in) -> None:
    page = signed_in().get(QUEUE).content.decode()
    assert "65% alike" in page
    assert "same name" in page
    # Who stands further stays; each value says why it survives.
    assert page.index("marie.curie@radium.fr") < page.index("marie@gmail.com")
    assert 'name="side-phone" value="away" checked' in page
    assert "the only value" in page


def test_an_empty_queue_says_what_would_fill_it(signed_in) -> None:
    assert "No likely duplicates" in signed_in().get(QUEUE).content.decode()


@pytest.mark.parametrize("pairs", [1, 3])
def test_the_queue_costs_the_same_with_one_pair_and_with_three(
    pairs, stands, now, signed_in, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    leads = [stands("lead", first_name="Anne", last_name=f"Martin{number}") for number in range(3)]
    for low, high in list(combinations(leads, 2))[:pairs]:
        DuplicateCandidate.objects.create(low=low, high=high, score=70, found_at=now)
    browser = signed_in()
    with django_assert_num_queries(QUEUE_QUERIES):
        assert browser.get(QUEUE).content.decode().count("pairs__link") == pairs


def test_merging_from_the_queue_leads_to_the_next_pair(pair, signed_in, now) -> None:
    browser: Client = signed_in()
    sent = {"from": "queue", "side-email": "away", "side-phone": "away"}
    answer = browser.post(merge_url(pair.low, pair.high), sent)
    assert (answer.status_code, answer["location"]) == (302, QUEUE)
    kept = Lead.objects.get(pk=pair.low_id)
    assert (kept.email, kept.phone) == ("marie@gmail.com", "+33612345678")
    assert DuplicateCandidate.objects.get().state == "merged"
    assert "can be undone" in browser.get(QUEUE).content.decode()


def test_the_page_of_the_one_merged_away_leads_to_the_survivor(pair, signed_in) -> None:
    browser = signed_in()
    browser.post(merge_url(pair.low, pair.high))
    answer = browser.get(reverse("dashboard:lead", args=[pair.high.public_id]))
    assert answer["location"] == reverse("dashboard:lead", args=[pair.low.public_id])
    page = browser.get(answer["location"]).content.decode()
    assert "marie@gmail.com" in page
    assert reverse("dashboard:part", args=[Merge.objects.get().public_id]) in page


def test_a_merge_is_undone_after_reading_what_that_means(pair, signed_in, now) -> None:
    browser = signed_in()
    browser.post(merge_url(pair.low, pair.high))
    undo = reverse("dashboard:part", args=[Merge.objects.get().public_id])
    assert "exactly what they were" in browser.get(undo).content.decode()
    browser.post(
        reverse("dashboard:edit_profile", args=[pair.low.public_id]),
        {"field": "job_title", "job_title": "PDG"},
    )
    page = browser.get(undo).content.decode()
    assert "stays with Marie Curie" in page or "exactly what they were" in page
    answer = browser.post(undo)
    assert answer["location"] == reverse("dashboard:lead", args=[pair.high.public_id])
    assert browser.get(answer["location"]).status_code == 200
    assert "has been undone already" in browser.get(undo, follow=True).content.decode()


def test_two_people_are_never_proposed_again(pair, signed_in) -> None:
    answer = signed_in().post(reverse("dashboard:not_same", args=[pair.public_id]), follow=True)
    assert "No likely duplicates" in answer.content.decode()
    assert DuplicateCandidate.objects.get().state == "not_same"


def test_the_lead_page_names_its_likely_twins_to_those_who_may_merge(pair, signed_in) -> None:
    wake([pair.low_id])
    run_until_idle(now=pair.found_at)
    address = reverse("dashboard:lead", args=[pair.low.public_id])
    assert merge_url(pair.low, pair.high) in signed_in().get(address).content.decode()
    assert merge_url(pair.low, pair.high) not in signed_in("dpo").get(address).content.decode()


@pytest.mark.parametrize("choices", [{"side-name": "nobody"}, {"side-email": "<script>"}])
def test_impossible_choices_are_refused(pair, signed_in, choices) -> None:
    assert signed_in().post(merge_url(pair.low, pair.high), choices).status_code == 404
    assert not Merge.objects.exists()


def test_b33_what_people_typed_is_shown_as_text(stands, now, signed_in) -> None:
    low, high = (
        stands(first_name="<b>Marie</b>", last_name="Curie"),
        stands(first_name="Marie", last_name="Curie"),
    )
    DuplicateCandidate.objects.create(low=low, high=high, score=70, found_at=now)
    page = signed_in().get(QUEUE).content.decode()
    assert "<b>Marie</b>" not in page
    assert "&lt;b&gt;Marie" in page
