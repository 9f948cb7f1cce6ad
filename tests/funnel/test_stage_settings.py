"""What stages are called here and how long they last; reasons and their effects."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from funnel import actions, stage_names
from funnel.actions.stages import set_stage, stored_words, tell_stages
from funnel.choices import STAGES
from funnel.models import Reason
from funnel.queries.stages import stage_settings
from funnel.refusals import Incomplete
from funnel.stage_names import KEPT_AS, StageWords
from funnel.stage_norms import Stay, stay
from funnel.stages import Stage
from funnel.templatetags.funnel_stages import days_in_stage, refusal_words


@pytest.fixture
def names(db):
    """Names that are forgotten again afterwards."""
    cache.delete(KEPT_AS)
    stage_names.forget()
    yield
    cache.delete(KEPT_AS)
    stage_names.forget()


@given(st.integers(0, 5000), st.one_of(st.none(), st.integers(1, 1000)))
def test_a_stay_is_long_over_the_norm_and_too_long_over_twice_the_norm(days, norm):
    expected = Stay.USUAL
    if norm is not None:
        expected = Stay.TOO_LONG if days > 2 * norm else Stay.LONG if days > norm else Stay.USUAL
    assert stay(days, norm) is expected


def test_a_new_name_stands_everywhere_and_asks_no_database(
    names, django_capture_on_commit_callbacks, django_assert_num_queries
):
    with django_capture_on_commit_callbacks(execute=True):
        set_stage(stage=Stage.SAL, words=StageWords("À traiter", "In work", 7, "Accepté."))
    with django_assert_num_queries(0):
        with translation.override("fr"):
            assert str(STAGES[Stage.SAL]) == "À traiter"
            assert str(STAGES[Stage.SQL]) == "SQL"
        with translation.override("en"):
            assert str(STAGES[Stage.SAL]) == "In work"
        assert stage_settings()[Stage.SAL].norm_days == 7
    with translation.override(None):
        assert str(STAGES[Stage.SAL]) == "SAL"


def test_a_cache_that_forgot_is_told_again(names):
    set_stage(stage=Stage.MQL, words=StageWords(norm_days=3))
    tell_stages()
    cache.delete(KEPT_AS)
    stage_names.forget()
    assert stage_settings()[Stage.MQL].norm_days == 30
    tell_stages()
    assert stage_settings() == stored_words()


def test_days_in_a_stage_are_said_in_words_too(names):
    now = timezone.now()
    with translation.override("en"):
        usual, long, too_long = (days_in_stage("sal", now - timedelta(days=days)) for days in (14, 15, 29))
    assert "long" not in usual
    assert ", long" in long
    assert "days--long" in long
    assert ", too long" in too_long
    assert "days" in days_in_stage("customer", now - timedelta(days=900))


def test_a_refusal_is_told_without_the_facts_of_one_case(db):
    with translation.override("en"):
        assert refusal_words("no_place") == "No place is free"
        assert refusal_words("already_there") == "This lead is already there."


def test_stages_are_set_on_their_page(client, make_user, names, django_capture_on_commit_callbacks):
    client.force_login(make_user("admin"))
    page = client.get("/settings/stages/")
    assert page.status_code == 200
    data = {f"{stage}-{name}": "" for stage in Stage for name in ("label_fr", "label_en", "description")}
    data |= {f"{stage}-norm_days": "" for stage in Stage}
    assert client.post("/settings/stages/", data | {"sal-norm_days": "0"}).status_code == 422
    with django_capture_on_commit_callbacks(execute=True):
        sent = client.post("/settings/stages/", data | {"sal-label_fr": " En  cours ", "sal-norm_days": "9"})
    assert sent.status_code == 302
    assert stage_settings()[Stage.SAL] == StageWords("En cours", "", 9, "")
    assert stage_settings()[Stage.SQL].norm_days is None
    marketer = make_user("marketer")
    client.force_login(marketer)
    assert client.get("/settings/stages/").status_code == 200
    assert client.post("/settings/stages/", data).status_code == 403


GOOD = {
    "label_fr": "Trop cher",
    "label_en": "Too expensive",
    "verbs": ["return", "lose"],
    "teaches": "negative",
    "lands_on": "recycled",
    "track_code": "",
    "cooldown_days": "60",
}


def test_a_reason_of_the_site_can_be_given(client, make_user, make_rep, make_offer, now):
    client.force_login(make_user("manager"))
    assert client.get("/settings/reasons/").status_code == 200
    assert client.get("/settings/reasons/new/").status_code == 200
    assert client.post("/settings/reasons/new/", GOOD).status_code == 302
    made = Reason.objects.get(code="too_expensive")
    make_rep()
    offer = make_offer()
    actions.return_to_marketing(lead=offer.lead, by=offer.rep.user, now=now, reason=made.code)
    client.post(f"/settings/reasons/{made.pk}/arrange/", {"do": "retire"})
    assert client.get("/settings/reasons/").content.count(b"Trop cher") >= 1
    other = make_offer()
    with pytest.raises(Incomplete):
        actions.return_to_marketing(lead=other.lead, by=other.rep.user, now=now, reason=made.code)
    assert client.post(f"/settings/reasons/{made.pk}/", GOOD | {"label_fr": "Cher"}).status_code == 302
    assert Reason.objects.get(pk=made.pk).label_fr == "Cher"


@pytest.mark.parametrize(
    "wrong",
    [
        {"verbs": []},
        {"verbs": ["accept"]},
        {"label_fr": ""},
        {"cooldown_days": "0"},
        {"teaches": "nonsense"},
        {"verbs": ["disqualify"], "needs_month": "on"},
        {"verbs": ["disqualify"], "needs_fields": "on"},
        {"needs_month": "on", "lands_on": "disqualified"},
        {"track_code": "not a slug"},
    ],
)
def test_a_reason_that_contradicts_itself_is_refused_in_words(client, make_user, wrong):
    client.force_login(make_user("manager"))
    before = Reason.objects.count()
    sent = client.post("/settings/reasons/new/", GOOD | wrong)
    assert sent.status_code == 422
    assert b"errorlist" in sent.content
    assert Reason.objects.count() == before


def test_reasons_change_places_and_so_their_keys(client, make_user):
    client.force_login(make_user("admin"))
    first, second = Reason.objects.for_verb("return")[:2]
    client.post(f"/settings/reasons/{first.pk}/arrange/", {"do": "down"})
    assert list(Reason.objects.for_verb("return")[:2]) == [second, first]


def test_the_page_of_reasons_takes_few_queries(client, make_user, django_assert_max_num_queries):
    client.force_login(make_user("manager"))
    client.get("/settings/reasons/")
    with django_assert_max_num_queries(8):
        client.get("/settings/reasons/")
