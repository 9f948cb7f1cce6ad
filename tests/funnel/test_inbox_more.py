"""The inbox beyond the three verbs: the lead ahead, undo, snooze, duplicates, the value, an empty queue."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from funnel.models import Offer, Standing
from leads.actions.duplicates import look_for_duplicates
from leads.models import CandidateState, DuplicateCandidate, Lead

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def now():
    """Pages read the real clock."""
    return timezone.now()


@pytest.fixture
def rep(make_rep):
    return make_rep(places=9, offers_per_day=50)


@pytest.fixture
def browser(client, rep):
    client.force_login(rep.user)
    return client


def url(name, offer):
    return reverse(f"funnel:{name}", args=[offer.pk])


def test_the_lead_ahead_comes_without_keys_or_names_of_its_own(browser, make_offer):
    first, _second = make_offer(priority=9, last_name="Un"), make_offer(priority=5, last_name="Deux")
    ahead = browser.get(url("ahead", first), headers=HTMX).content.decode()
    assert "Deux" in ahead
    assert "data-key" not in ahead
    assert " id=" not in ahead
    browser.post(url("accept", first), headers=HTMX)
    assert browser.get(url("ahead", _second), headers=HTMX).status_code == 204


def test_a_decision_is_undone_from_its_toast(browser, make_offer):
    offer = make_offer()
    answer = browser.post(url("return", offer), {"reason": "no_budget"}, headers=HTMX).content.decode()
    assert f'hx-post="{url("undo_offer", offer)}"' in answer
    undone = browser.post(url("undo_offer", offer), {"stay": "1"}, headers=HTMX)
    assert (undone.status_code, "lead-changed" in undone["HX-Trigger"]) == (200, True)
    assert Standing.objects.get(lead=offer.lead_id).situation == "offered"
    fragment = browser.get(url("offer", offer) + "?queue=1", headers=HTMX).content.decode()
    assert f'id="offer-{offer.pk}"' in fragment
    assert 'id="queue" hx-swap-oob="true"' in fragment


def test_without_scripts_a_decision_can_be_undone_too(browser, make_offer):
    offer = make_offer()
    page = browser.post(url("accept", offer), follow=True).content.decode()
    assert f'action="{url("undo_offer", offer)}"' in page
    browser.post(url("undo_offer", offer), follow=True)
    assert Offer.objects.get(pk=offer.pk).status == "open"


def test_b44_nobody_elses_decision_is_undone(client, browser, make_rep, make_offer):
    offer = make_offer()
    browser.post(url("accept", offer), headers=HTMX)
    client.force_login(make_rep().user)
    assert client.post(url("undo_offer", offer), headers=HTMX).status_code == 404


@pytest.mark.parametrize("name", ["accept", "return"])
def test_the_value_of_the_lead_may_be_told_with_the_decision(browser, make_offer, name):
    offer = make_offer()
    browser.post(url(name, offer), {"reason": "no_budget", "value_rating": "4"}, headers=HTMX)
    assert Offer.objects.get(pk=offer.pk).value_rating == 4


def test_snoozing_goes_on_to_the_next_and_can_be_taken_back(browser, make_offer, now):
    offer, left = make_offer(priority=9), make_offer(priority=1)
    Offer.objects.update(deadline=now + timedelta(days=20))
    until = timezone.localtime(now + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    answer = browser.post(url("snooze", offer), {"until": until}, headers=HTMX)
    text = answer.content.decode()
    assert f'data-offer="{left.pk}"' in text
    assert "asleep" in text
    assert url("unsnooze", offer) in text
    browser.post(url("unsnooze", offer), {"stay": "1"}, headers=HTMX)
    assert Offer.objects.get(pk=offer.pk).snoozed_until is None


@pytest.mark.parametrize("typed", [{}, {"until": "2020-01-01T10:00"}, {"until": "soon"}, {"preset": "never"}])
def test_a_moment_that_cannot_be_is_asked_again(browser, make_offer, typed):
    offer = make_offer()
    answer = browser.post(url("snooze", offer), typed, headers=HTMX)
    assert (answer.status_code, answer["HX-Retarget"]) == (422, "#dialog")
    assert Offer.objects.get(pk=offer.pk).snoozed_until is None


@pytest.fixture
def pair(make_offer, make_lead, rep, now):
    """An offer, and another lead of the same rep with the same name and number."""
    person = {"first_name": "Claire", "last_name": "Fontaine", "phone": "+33600000001"}
    offer = make_offer(**person)
    twin = make_lead(**person, email="claire@other.example", owner=rep.user)
    look_for_duplicates([offer.lead_id, twin.pk], now=now)
    return offer, twin, DuplicateCandidate.objects.get()


def test_a_pair_is_shown_side_by_side(browser, pair):
    offer, _twin, candidate = pair
    assert str(candidate.public_id) in browser.get(url("offer", offer)).content.decode()
    assert "claire@other.example" in browser.get(url("duplicates", offer), headers=HTMX).content.decode()


def test_the_two_are_merged_from_the_inbox(browser, pair):
    offer, twin, candidate = pair
    typed = {"pair": str(candidate.public_id), "answer": "lead"}
    answer = browser.post(url("duplicates", offer), typed, headers=HTMX)
    assert answer.status_code == 200
    assert Lead.objects.get(pk=twin.pk).merged_into_id == offer.lead_id
    assert f'data-offer="{offer.pk}"' in answer.content.decode()


def test_two_people_are_never_asked_again(browser, pair):
    offer, _twin, candidate = pair
    browser.post(url("duplicates", offer), {"pair": str(candidate.public_id), "answer": "two"}, headers=HTMX)
    candidate.refresh_from_db()
    assert candidate.state == CandidateState.NOT_SAME
    assert str(candidate.public_id) not in browser.get(url("offer", offer)).content.decode()


def test_b44_of_somebody_elses_lead_only_the_signs_are_told(browser, pair):
    offer, twin, candidate = pair
    Lead.objects.filter(pk=twin.pk).update(owner=None)
    page = browser.get(url("duplicates", offer)).content.decode()
    assert "claire@other.example" not in page
    typed = {"pair": str(candidate.public_id)}
    for answer in ("lead", "other", "two"):
        assert browser.post(url("duplicates", offer), typed | {"answer": answer}).status_code == 404
    assert Lead.objects.get(pk=twin.pk).merged_into_id is None
    browser.post(url("duplicates", offer), typed | {"answer": "propose"}, headers=HTMX)
    assert offer.lead.notes.count() == 1


@pytest.mark.parametrize("typed", [{}, {"pair": "nonsense"}, {"pair": "x", "answer": "lead"}])
def test_a_pair_that_is_none_does_not_exist(browser, make_offer, typed):
    assert browser.post(url("duplicates", make_offer()), typed).status_code == 404


def test_b46_what_was_refused_stays_in_the_queue(browser, rep, make_offer):
    offer = make_offer()
    rep.places = 0
    rep.save()
    answer = browser.post(url("accept", offer), headers=HTMX)
    assert answer.status_code == 409
    assert 'hx-swap-oob="delete"' not in answer.content.decode()
