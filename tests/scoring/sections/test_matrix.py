"""Matrix, phases, temperatures, completeness and priority of a draft."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.actions import rescore
from scoring.crowd import crowd, examples, spread, through
from scoring.engine.rules import GRADES, Matrix, PriorityWeights
from scoring.models import LeadScore
from scoring.queries import live_rule_set, parsed
from scoring.ranking import Standing, base_priority, ranked, stored_bonus

THRESHOLDS = {
    "fit_a": 70, "fit_b": 45, "fit_c": 20, "engagement_1": 60, "engagement_2": 35, "engagement_3": 15,
}  # fmt: skip
WEIGHTS = {"fit": 1, "engagement": 1, "warm": 20, "hot": 50, "fast_path": 100}


@pytest.fixture
def scored(make_lead, happen, now):
    """Three leads: nobody, a reader, one who asked for a quote."""
    leads = [make_lead(), make_lead(seniority="director"), make_lead(seniority="executive", need="Froid")]
    for days in range(6):
        happen(leads[1], "page_viewed", days=days)
    happen(leads[2], "quote_requested", days=1)
    rescore([lead.pk for lead in leads], now=now)
    return leads


def test_leads_are_counted_by_the_cell_that_other_thresholds_would_give(scored):
    matrix = Matrix((12, 6, 3), (40, 5, 1))
    expected = Counter()
    for score in LeadScore.objects.all():
        fit, engagement = score.fit // 1000, score.engagement // 1000
        grade = next((g for g, t in zip(GRADES, matrix.fit, strict=False) if fit >= t), "D")
        level = next((n for n, t in enumerate(matrix.engagement, 1) if engagement >= t), 4)
        expected[grade, level] += 1
    found = crowd(matrix)
    assert found.after == expected
    assert found.before.total() == found.after.total() == found.leads == 3
    assert sum(cell.change for _grade, cells in found.rows for cell in cells) == 0
    assert found.moving > 0
    assert crowd(parsed(live_rule_set()).matrix).moving == 0


def test_thresholds_are_saved_and_undone_as_one_edit(draft, post):
    assert post("matrix/save/matrix/", **THRESHOLDS | {"fit_a": 80}).status_code == 302
    assert draft.document["matrix"] == {"fit": [80, 45, 20], "engagement": [60, 35, 15]}
    assert draft.edits.get().summary == "Matrix: thresholds changed"


@pytest.mark.parametrize(
    "typed",
    [{"fit_b": 70}, {"fit_b": 71}, {"engagement_3": 0}, {"fit_a": 101}, {"fit_c": "x"}],
    ids=["equal", "reversed", "zero", "too high", "no number"],
)
def test_b57_thresholds_that_are_not_right_are_refused_and_kept_in_the_form(draft, post, typed):
    before = draft.document
    answer = post("matrix/save/matrix/", **THRESHOLDS | typed)
    assert answer.status_code == 422
    assert f'value="{next(iter(typed.values()))}"' in answer.content.decode()
    assert (draft.document, draft.revision) == (before, 1)


def test_the_picture_follows_what_is_typed(draft, client_of, scored):
    typed = "&".join(f"{name}={value}" for name, value in (THRESHOLDS | {"engagement_3": 1}).items())
    html = client_of().get(f"/scoring/drafts/{draft.pk}/matrix/picture/?{typed}").content.decode()
    assert 'id="picture"' in html
    assert "would change cell" in html
    unsaid = client_of().get(f"/scoring/drafts/{draft.pk}/matrix/picture/?fit_a=1").content.decode()
    assert "every lead stays where it is" in unsaid


def test_two_people_change_the_matrix_and_the_second_loses_nothing(draft, post):
    post("matrix/save/matrix/", **THRESHOLDS | {"fit_a": 80})
    answer = post("matrix/save/matrix/", revision=1, **THRESHOLDS | {"fit_a": 90})
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "Somebody changed this meanwhile" in html
    assert 'value="90"' in html
    assert draft.document["matrix"]["fit"] == [80, 45, 20]
    assert post("matrix/save/matrix/", **THRESHOLDS | {"fit_a": 90}).status_code == 302
    assert draft.document["matrix"]["fit"] == [90, 45, 20]


def test_who_changed_something_else_meanwhile_does_not_stand_in_the_way(draft, post):
    post("matrix/save/matrix/", **THRESHOLDS | {"fit_a": 80})
    assert post("matrix/save/intent/", revision=1, intent_days=30).status_code == 302
    assert (draft.document["matrix"]["fit"][0], draft.document["intent_days"]) == (80, 30)


def test_completeness_and_priority_are_saved(draft, post):
    assert post("matrix/save/completeness/", useful=["need", "email"]).status_code == 302
    assert draft.document["completeness"] == ["email", "need"]  # the order they had
    assert post("matrix/save/completeness/", useful=[]).status_code == 422
    assert post("matrix/save/priority/", **WEIGHTS | {"hot": 77}).status_code == 302
    assert draft.document["priority"]["hot"] == 77
    assert post("matrix/save/priority/", **WEIGHTS | {"hot": 1001}).status_code == 422
    assert post("matrix/save/nothing/").status_code == 404


def test_rows_are_moved_removed_and_added(draft, post):
    def phases() -> list[str]:
        return [row["phase"] for row in draft.document["phases"]]

    assert phases() == ["conversion", "decision", "consideration", "interest"]
    post("steps/phases/down/", place=0)
    assert phases() == ["decision", "conversion", "consideration", "interest"]
    post("steps/phases/up/", place=3)
    post("steps/phases/remove/", place=0)
    assert phases() == ["conversion", "interest", "consideration"]
    post("steps/phases/add/", code="decision")
    assert phases() == ["conversion", "interest", "consideration", "decision"]
    assert post("steps/phases/add/", code="awareness").status_code == 409
    assert post("steps/phases/remove/", place=9).status_code == 409
    assert post("steps/moods/remove/", place=0).status_code == 404
    assert post("steps/phases/turn/", place=0).status_code == 404
    assert phases() == ["conversion", "interest", "consideration", "decision"]


def test_a_condition_of_a_temperature_is_edited_in_place(draft, client_of, post):
    address = "temperatures/0/when/all/0"
    client = client_of()
    html = client.get(f"/scoring/drafts/{draft.pk}/matrix/?open={address}").content.decode()
    assert 'class="opened"' in html
    answer = post("change/", at=address, verb="save", score="engagement", at_least="45")
    assert answer.status_code == 302
    assert draft.document["temperatures"][0]["when"]["all"][0] == {"score": "engagement", "at_least": 45}


def test_a_published_version_is_shown_and_cannot_be_changed(client_of):
    live = live_rule_set()
    client = client_of()
    html = client.get(f"/scoring/drafts/{live.pk}/matrix/").content.decode()
    assert "Add a line" not in html
    answer = client.post(f"/scoring/drafts/{live.pk}/matrix/save/intent/", {"intent_days": 3, "revision": 1})
    assert answer.status_code == 302
    live.refresh_from_db()
    assert "intent_days" not in live.document


def test_the_page_asks_as_much_for_three_leads_as_for_one(
    draft, client_of, make_lead, happen, now, django_assert_num_queries
):
    client = client_of()
    client.get(f"/scoring/drafts/{draft.pk}/matrix/")
    for _ in range(2):
        leads = [make_lead() for _ in range(2)]
        for lead in leads:
            happen(lead, "quote_requested", days=1)
        rescore([lead.pk for lead in leads], now=now)
        with django_assert_num_queries(QUERIES):
            client.get(f"/scoring/drafts/{draft.pk}/matrix/")


QUERIES = 12


def test_the_examples_are_ranked_as_they_are_stored(scored, now):
    weights = parsed(live_rule_set()).priority
    found = examples(weights)
    assert [one.lead for one in found] == [scored[2]]
    assert found[0].is_fast
    assert ranked(found, weights)[0].priority == LeadScore.objects.get(lead=scored[2]).priority
    assert spread().temperatures.total() == 3
    passed = through()
    assert (passed.leads, passed.ready, passed.mql) == (3, 1, 1)


STANDINGS = st.builds(
    Standing, lead=st.none(), fit=st.integers(0, 100_000), engagement=st.integers(0, 100_000),
    grade=st.just("A"), level=st.just(1), temperature=st.sampled_from(["cold", "warm", "hot"]),
    stored=st.just(0), is_fast=st.booleans(),
)  # fmt: skip
MANY_WEIGHTS = st.builds(PriorityWeights, *[st.integers(0, 1000)] * 5)


@given(found=st.lists(STANDINGS, max_size=6), weights=MANY_WEIGHTS)
def test_the_highest_priority_goes_first(found, weights):
    order = ranked(found, weights)
    assert [one.place for one in order] == list(range(1, len(found) + 1))
    assert sorted((one.priority for one in order), reverse=True) == [one.priority for one in order]
    assert sorted(one.before for one in order) == list(range(1, len(found) + 1))


@given(one=STANDINGS, weights=MANY_WEIGHTS)
def test_the_bonus_of_a_fast_path_is_told_from_the_rest(one, weights):
    rest = base_priority(one.fit, one.engagement, one.temperature, weights)
    assert stored_bonus(rest + 100, one.fit, one.engagement, one.temperature, weights) == 100
