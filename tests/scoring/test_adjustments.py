"""Points added by hand count in both readers, are explained, end, and can be taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from leads.models import Event, Wake
from scoring.actions import rescore, rescore_all
from scoring.actions.adjustments import BadAdjustment, adjust_score, withdraw_adjustment
from scoring.models import LeadScore, ScoreAdjustment, ScoreChange
from scoring.queries import explain
from tests.scoring.conftest import counting, document
from tests.scoring.test_rescore import explained, stored

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(make_lead, happen, publish_document, now):
    """A lead with three points of engagement."""
    lead = make_lead()
    publish_document(document(counting("page_viewed", 3)), at=now - timedelta(days=60))
    happen(lead, "page_viewed", days=1)
    return lead


@pytest.fixture
def by(make_user):
    return make_user("marketer", first_name="Inès", last_name="Roy")


def shown(lead):
    score = LeadScore.objects.get(lead=lead)
    return score.shown_fit, score.shown_engagement


def read_in_both_ways(lead, now):
    """The points that a batch stores; a pass over everybody and an explanation must find the same."""
    rescore([lead.pk], now=now)
    found = stored(lead)
    assert found == explained(lead, now=now)
    LeadScore.objects.all().delete()
    list(rescore_all(now=now))
    assert stored(lead) == found
    return shown(lead)


def test_points_are_added_to_the_measure_before_it_is_kept_within_bounds(lead, by, now):
    adjust_score(lead=lead, measure="fit", points=30, reason="Vu au salon", by=by, now=now)
    adjust_score(lead=lead, measure="engagement", points=-2, reason="Robot", by=by, now=now)
    assert read_in_both_ways(lead, now) == (30, 1)
    adjust_score(lead=lead, measure="engagement", points=-100, reason="Robot", by=by, now=now)
    adjust_score(lead=lead, measure="fit", points=100, reason="Ancien client", by=by, now=now)
    assert read_in_both_ways(lead, now) == (100, 0)


def test_an_adjustment_is_a_line_with_its_author_its_reason_and_its_end(lead, by, now):
    end = now.date() + timedelta(days=9)
    made = adjust_score(
        lead=lead, measure="engagement", points=40, reason="Vu au salon", by=by, now=now, expires_on=end
    )
    told = explain(lead, now=now)
    (line,) = [line for line in told.details.lines if line.kind == "adjustment"]
    assert (line.measure, line.points) == ("engagement", 40_000)
    known = line.adjustment
    assert (known.id, known.reason, known.author, known.expires_on) == (
        made.pk,
        "Vu au salon",
        "Inès Roy",
        end,
    )
    assert sum(line.points for line in told.engagement_lines) == 43_000


def test_it_counts_on_its_last_day_and_no_longer_on_the_next(lead, by, now):
    last = now.date() + timedelta(days=2)
    adjust_score(lead=lead, measure="fit", points=30, reason="Salon", by=by, now=now, expires_on=last)
    assert read_in_both_ways(lead, now + timedelta(days=2))[0] == 30
    assert read_in_both_ways(lead, now + timedelta(days=3))[0] == 0


def test_what_was_withdrawn_no_longer_counts_and_stays_in_the_past(lead, by, now):
    made = adjust_score(lead=lead, measure="fit", points=30, reason="Salon", by=by, now=now)
    later = now + timedelta(hours=2)
    assert withdraw_adjustment(adjustment=made, by=by, now=later).withdrawn_by == by
    assert read_in_both_ways(lead, later)[0] == 0
    assert explain(lead, at=now - timedelta(minutes=1)).shown_fit == 0
    assert explain(lead, at=now + timedelta(hours=1)).shown_fit == 30
    assert explain(lead, at=later).shown_fit == 0


def test_withdrawing_twice_changes_nothing(lead, by, make_user, now):
    made = adjust_score(lead=lead, measure="fit", points=30, reason="Salon", by=by, now=now)
    withdraw_adjustment(adjustment=made, by=by, now=now)
    again = withdraw_adjustment(adjustment=made, by=make_user("dpo"), now=now + timedelta(days=1))
    assert (again.withdrawn_at, again.withdrawn_by) == (now, by)
    assert Event.objects.filter(kind__code="score_adjusted").count() == 2


def test_it_is_an_event_wakes_the_lead_and_is_remembered_as_a_change(lead, by, now):
    rescore([lead.pk], now=now)
    Wake.objects.all().delete()
    adjust_score(lead=lead, measure="fit", points=30, reason="Salon", by=by, now=now)
    event = Event.objects.get(kind__code="score_adjusted")
    assert event.properties == {"measure": "fit", "points": 30}
    assert list(Wake.objects.values_list("lead_id", flat=True)) == [lead.pk]
    rescore([lead.pk], now=now)
    change = ScoreChange.objects.filter(lead=lead).latest("id")
    assert (change.fit, change.cause, change.event_id) == (30_000, "event", event.pk)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"points": 0}, "points"),
        ({"points": 101}, "points"),
        ({"points": -101}, "points"),
        ({"points": True}, "points"),
        ({"points": 1.5}, "points"),
        ({"measure": "likelihood"}, "measure"),
        ({"reason": "  "}, "reason"),
        ({"reason": "x" * 501}, "reason"),
        ({"expires_on": "yesterday"}, "expires_on"),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(map(str, value.items()))[:40],
)
def test_b59_an_adjustment_that_makes_no_sense_is_refused(lead, by, now, wrong, code):
    if "expires_on" in wrong:
        wrong = {"expires_on": now.date() - timedelta(days=1)}
    given = {"measure": "fit", "points": 5, "reason": "Salon"} | wrong
    with pytest.raises(BadAdjustment) as refused:
        adjust_score(lead=lead, by=by, now=now, **given)
    assert refused.value.code == code
    assert not ScoreAdjustment.objects.exists()


def test_the_database_refuses_impossible_points_too(lead, now):
    for points in (0, 101):
        with pytest.raises(IntegrityError), transaction.atomic():
            ScoreAdjustment.objects.create(lead=lead, measure="fit", points=points, reason="x", at=now)
