"""The editor's page: each change is a POST that is kept, refused in words, or told to differ from theirs."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from leads.custom_fields import About
from leads.models import CustomField, EventKind, List
from scoring.actions.drafts import open_draft
from scoring.actions.publishing import publish
from scoring.drafts import get
from scoring.engine.parse import parse
from scoring.models import RuleSet
from tests.scoring.editor.conftest import Send

PRICING = "groups/comparing/rules/pricing"
PATH = ("groups", "comparing", "rules", "pricing")
FRANCE = "groups/company/rules/in_france"
# Session, user, the version, the live one, who else edits, the last edit.
RULES_QUERIES = 6


def now_of(draft: RuleSet) -> dict[str, Any]:
    """The draft's document as it is now."""
    document: dict[str, Any] = RuleSet.objects.get(pk=draft.pk).document
    parse(document)
    return document


def rule(draft: RuleSet, path: tuple[str, ...] = PATH) -> dict[str, Any]:
    """A rule of the draft as it is now."""
    found: dict[str, Any] = get(now_of(draft), path)
    return found


def test_the_rules_read_as_sentences_whose_parts_open(
    draft: RuleSet, signed_in: Callable[..., Client]
) -> None:
    text = signed_in().get(f"/scoring/drafts/{draft.pk}/").content.decode()
    assert ">+10</a>" in text
    assert ">pricing viewed</a>, " in text
    assert ">one a day, at most 3 times, within 90 days, halves every 30 days</a>" in text
    assert "at most 50 of 142" in text
    assert f'href="?open={PRICING.replace("/", "%2F")}%2Fcount"' in text


def test_the_page_costs_the_same_whatever_its_edits(
    draft: RuleSet,
    send: Send,
    signed_in: Callable[..., Client],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    client = signed_in("admin")
    for points in (11, 12, 13):
        send(f"{PRICING}/points", points=points)
        client.get(f"/scoring/drafts/{draft.pk}/")
        with django_assert_num_queries(RULES_QUERIES):
            assert client.get(f"/scoring/drafts/{draft.pk}/").status_code == 200


@pytest.mark.parametrize(
    ("typed", "kept"), [("12", 12), ("-2,5", -2.5), ("−7", -7), ("1 000", 1000), ("0.125", 0.125)], ids=str
)
def test_points_are_read_as_people_type_them(draft: RuleSet, send: Send, typed: str, kept: float) -> None:
    answer = send(f"{PRICING}/points", points=typed)
    assert answer.status_code == 302
    assert (
        answer["Location"]
        == f"/scoring/drafts/{draft.pk}/?focus=groups%2Fcomparing%2Frules%2Fpricing%2Fpoints"
    )
    assert rule(draft)["points"] == kept


@pytest.mark.parametrize(
    ("at", "typed", "words"),
    [
        (f"{PRICING}/points", {"points": "1001"}, "A number from -1000 to 1000, up to three decimals."),
        (f"{PRICING}/points", {"points": "many"}, "A number is expected here."),
        (f"{PRICING}/count", {"half_life": "0"}, "A whole number from 1 to 3650 is expected here."),
        (f"{PRICING}/count", {"within_days": "-3"}, "A whole number from 1 to 3650 is expected here."),
        (f"{PRICING}/count/event", {}, "Say which events are meant."),
        (
            f"{PRICING}/count/event",
            {"kind": "page_viewed", "path_0": "a", "op_0": "at_least", "value_0": "x"},
            "whole number",
        ),
        (
            "groups/company/rules/in_france/when/any/0",
            {"as": "field", "field": "seniority", "op": "in"},
            "Between 1 and",
        ),
    ],
    ids=["too_many", "no_number", "B59_half_life", "B59_window", "no_events", "property", "no_value"],
)
def test_b58_a_bad_rule_is_refused_in_words_with_what_was_typed(
    draft: RuleSet, send: Send, at: str, typed: dict[str, str], words: str
) -> None:
    before = now_of(draft)
    answer = send(at, **typed)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert words in text
    assert all(f'value="{value}"' in text for value in typed.values() if value not in ("in", "field"))
    assert now_of(draft) == before


def test_a_refusal_is_in_the_readers_language(
    draft: RuleSet, signed_in: Callable[..., Client], send: Send
) -> None:
    answer = send(f"{PRICING}/count", client=signed_in("admin", "fr"), half_life="0")
    assert "3650" in answer.content.decode()
    assert answer.status_code == 422


def test_how_often_a_rule_counts_is_changed_and_its_events_stay(draft: RuleSet, send: Send) -> None:
    send(f"{PRICING}/count", one_per="week", within_days="30", most="", half_life="14")
    assert rule(draft)["count"] == {
        "event": {"kind": ["pricing_viewed"]},
        "one_per": "week",
        "within_days": 30,
        "half_life": 14,
    }


def test_what_is_counted_may_ask_for_a_property(draft: RuleSet, send: Send) -> None:
    typed = {"path_0": "url", "op_0": "starts_with", "value_0": "/tarifs", "channel": "emailing"}
    send(f"{PRICING}/count/event", kind=["page_viewed", "pricing_viewed"], **typed)
    assert rule(draft)["count"]["event"] == {
        "kind": ["pricing_viewed", "page_viewed"],
        "channel": ["emailing"],
        "properties": [{"path": "url", "op": "starts_with", "value": "/tarifs"}],
    } or rule(draft)["count"]["event"]["kind"] == ["page_viewed", "pricing_viewed"]


def test_a_condition_is_joined_nested_negated_and_taken_away(draft: RuleSet, send: Send) -> None:
    asked = {"as": "field", "field": "seniority", "op": "in"}
    send(f"{PRICING}/when", join="all", value="director", **asked)
    assert rule(draft)["when"] == {"field": "seniority", "op": "is", "value": "director"}
    size = {"as": "field", "field": "company.headcount", "op": "in", "value": ["10_49", "50_249"]}
    send(f"{PRICING}/when", join="any", **size)
    send(f"{PRICING}/when/any/0", join="all", **{"as": "inactive"}, inactive_days="30", negated="on")
    one, other = rule(draft)["when"]["any"]
    assert one == {
        "all": [
            {"field": "seniority", "op": "is", "value": "director"},
            {"not": {"inactive_days": 30}},
        ]
    }
    assert other == {"field": "company.headcount", "op": "in", "value": ["10_49", "50_249"]}
    send(f"{PRICING}/when", word="all")
    assert list(rule(draft)["when"]) == ["all"]
    send(f"{PRICING}/when/all/1", "remove")
    assert rule(draft)["when"] == one
    send(f"{PRICING}/when/all/1/not", "remove")
    send(f"{PRICING}/when", "remove")
    assert "when" not in rule(draft)


def test_at_least_n_times_of_m_contents_within_d_days(draft: RuleSet, send: Send) -> None:
    typed = {"at_least": "3", "distinct_contents": "2", "within_days": "60", "one_per": "day"}
    send(
        "groups/reading/rules/several_contents/when", kind="content_downloaded", **{"as": "happened"}, **typed
    )
    assert rule(draft, ("groups", "reading", "rules", "several_contents"))["when"] == {
        "event": {"kind": ["content_downloaded"]},
        "at_least": 3,
        "distinct_contents": 2,
        "within_days": 60,
        "one_per": "day",
    }


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (
            {"as": "field", "field": "project_month", "op": "within_months", "value": "6"},
            {"op": "within_months", "value": 6},
        ),
        ({"as": "field", "field": "email", "op": "is_not_set"}, {"op": "is_not_set"}),
        ({"as": "field", "field": "is_reachable", "op": "no"}, {"op": "is", "value": False}),
        (
            {"as": "field", "field": "interests", "op": "has_any", "value": "energy, water"},
            {"op": "has_any", "value": ["energy", "water"]},
        ),
        ({"as": "field", "field": "stage", "op": "in", "value": "mql"}, {"op": "is", "value": "mql"}),
        (
            {"as": "field", "field": "consent.newsletter", "op": "in", "value": "given"},
            {"op": "is", "value": "given"},
        ),
        (
            {"as": "field", "field": "custom.machines", "op": "at_least", "value": "3"},
            {"op": "at_least", "value": 3},
        ),
        (
            {"as": "field", "field": "custom.segment", "op": "in", "value": "gold"},
            {"op": "is", "value": "gold"},
        ),
        ({"as": "field", "field": "custom.client", "op": "yes"}, {"op": "is", "value": True}),
    ],
    ids=lambda value: value.get("field", "") if isinstance(value, dict) else "",
)
def test_every_kind_of_fact_is_asked_for_by_its_type(
    draft: RuleSet, send: Send, now: datetime, typed: dict[str, Any], kept: dict[str, Any]
) -> None:
    own = {"about": About.LEAD, "created_at": now}
    CustomField.objects.create(code="machines", type="number", label_fr="Machines", **own)
    CustomField.objects.create(code="client", type="boolean", label_fr="Client", **own)
    CustomField.objects.create(
        code="segment",
        type="choice",
        label_fr="Segment",
        option_codes=["gold"],
        option_labels_fr=["Or"],
        **own,
    )
    assert send("groups/company/rules/turnover/when", **typed).status_code == 302
    found = rule(draft, ("groups", "company", "rules", "turnover"))["when"]
    assert found == {"field": typed["field"], **kept}


def test_lists_personas_and_completeness_are_asked_for(draft: RuleSet, send: Send, now: datetime) -> None:
    List.objects.create(code="fair", name="Fair", created_at=now)
    path = ("groups", "company", "rules", "turnover")
    at = "/".join(path)
    asked = (
        ({"as": "list", "list": "fair"}, {"list": "fair"}),
        (
            {"as": "persona", "persona": "decision_maker", "at_least": "70"},
            {"persona": "decision_maker", "at_least": 70},
        ),
        (
            {"as": "score", "score": "completeness", "at_least": "50", "below": "80"},
            {"score": "completeness", "at_least": 50, "below": 80},
        ),
    )
    for typed, kept in asked:
        assert send(f"{at}/when", **typed).status_code == 302
        assert rule(draft, path)["when"] == kept


def test_a_common_rule_is_added_at_a_click_and_removed_with_undo(
    draft: RuleSet, send: Send, signed_in: Callable[..., Client]
) -> None:
    before = now_of(draft)
    answer = send("groups/comparing", "add", starter="pricing")
    assert answer["Location"].endswith("focus=groups%2Fcomparing%2Frules%2Fpricing_2")
    send("groups/comparing/rules/pricing_2", "remove")
    assert now_of(draft) == before
    edit = draft.edits.order_by("-revision").first()
    assert edit is not None
    signed_in("admin").post(f"/scoring/drafts/{draft.pk}/undo/{edit.pk}/")
    assert rule(draft, ("groups", "comparing", "rules", "pricing_2"))["count"]["half_life"] == 14


def test_an_own_rule_is_named_by_its_sentence_in_both_languages(draft: RuleSet, send: Send) -> None:
    typed = {"as": "count", "points": "4,5", "kind": "chat", "most": "2"}
    answer = send("groups/comparing/rules", **typed)
    assert answer.status_code == 302
    made = get(now_of(draft), ("groups", "comparing"))["rules"][-1]
    assert made["points"] == 4.5
    assert made["count"] == {"event": {"kind": ["chat"]}, "most": 2}
    assert made["name"]["en"] == "Chat"


def test_rules_are_copied_moved_switched_off_and_handed_to_another_group(draft: RuleSet, send: Send) -> None:
    send(PRICING, "copy")
    send(PRICING, "down")
    codes = [one["code"] for one in get(now_of(draft), ("groups", "comparing"))["rules"]]
    assert codes[:3] == ["pricing_2", "pricing", "proofs"]
    send(PRICING, "off")
    assert rule(draft)["enabled"] is False
    send(PRICING, "on")
    assert "enabled" not in rule(draft)
    send(PRICING, "transfer:reading")
    assert get(now_of(draft), ("groups", "reading"))["rules"][-1]["code"] == "pricing"


def test_a_group_is_added_limited_capped_and_removed(draft: RuleSet, send: Send) -> None:
    send("groups", "add_group", name="Région", starter="director")
    send(
        "groups/fit_group",
        fr="Région",
        en="Region",
        cap="25",
        audience=["b2b"],
        sectors=["industry"],
        stages=["lead", "mql"],
    )
    head = get(now_of(draft), ("groups", "fit_group"))
    assert (head["cap"], head["audience"], head["sectors"], head["stages"]) == (
        25,
        ["b2b"],
        ["industry"],
        ["lead", "mql"],
    )
    send("groups/fit_group", fr="Région", cap="")
    assert set(get(now_of(draft), ("groups", "fit_group"))) == {"code", "name", "measures", "rules"}
    send("groups/fit_group/rules/director", "remove")
    assert all(group["code"] != "fit_group" for group in now_of(draft)["groups"])


def test_f38_the_second_sees_before_theirs_and_mine_and_chooses(
    draft: RuleSet, send: Send, signed_in: Callable[..., Client]
) -> None:
    other = signed_in("admin", first_name="Régis", last_name="Talafort")
    send(f"{PRICING}/points", revision=1, client=other, points="12")
    answer = send(f"{PRICING}/points", revision=1, points="15")
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "Régis Talafort changed the same" in text
    assert all(f"{points} · Pricing viewed" in text for points in ("+10", "+12", "+15"))
    assert '<input type="hidden" name="points" value="15">' in text
    assert rule(draft)["points"] == 12
    again = send(f"{PRICING}/points", "refresh", revision=2, points="15")
    assert 'value="15"' in again.content.decode()
    assert send(f"{PRICING}/points", revision=2, points="15").status_code == 302
    assert rule(draft)["points"] == 15


def test_what_was_removed_meanwhile_can_be_brought_back_with_mine(
    draft: RuleSet, send: Send, signed_in: Callable[..., Client]
) -> None:
    send(PRICING, "remove", revision=1, client=signed_in("admin", first_name="Régis"))
    answer = send(f"{PRICING}/points", revision=1, points="15")
    assert answer.status_code == 409
    assert "took this away while you were editing it" in answer.content.decode()
    assert '<input type="hidden" name="points" value="15">' in answer.content.decode()
    back = send(f"{PRICING}/points", revision=2, points="15", revive="1", gone_since="1")
    assert back.status_code == 302
    assert rule(draft)["points"] == 15


def test_what_others_change_elsewhere_is_no_conflict(
    draft: RuleSet, send: Send, signed_in: Callable[..., Client]
) -> None:
    send(f"{PRICING}/points", revision=1, client=signed_in("admin"), points="12")
    assert send("groups/comparing/rules/webinar/points", revision=1, points="20").status_code == 302
    assert rule(draft)["points"] == 12


def test_a_published_version_is_read_only(
    draft: RuleSet, send: Send, signed_in: Callable[..., Client], now: datetime
) -> None:
    publish(draft, by=None, now=now)
    assert send(f"{PRICING}/points", points="12").status_code == 302
    assert rule(draft)["points"] == 10
    text = signed_in("admin").get(f"/scoring/drafts/{draft.pk}/?open={PRICING}/points").content.decode()
    assert "a published version never changes" in text
    assert 'class="opened"' not in text


@pytest.mark.parametrize("role", ["rep", "manager", "dpo"])
def test_who_only_reads_rules_changes_none(
    role: str, draft: RuleSet, send: Send, signed_in: Callable[..., Client]
) -> None:
    client = signed_in(role)
    assert send(f"{PRICING}/points", client=client, points="12").status_code == 403
    assert 'href="?open=' not in client.get(f"/scoring/drafts/{draft.pk}/").content.decode()


def test_htmx_gets_the_part_and_the_opened_editor(draft: RuleSet, signed_in: Callable[..., Client]) -> None:
    asked = {"HX-Request": "true", "HX-Target": "draft-body"}
    text = (
        signed_in().get(f"/scoring/drafts/{draft.pk}/?open={PRICING}/count", headers=asked).content.decode()
    )
    assert "<html" not in text
    assert 'name="half_life" value="30"' in text
    assert "autofocus" in text


@pytest.mark.parametrize(
    "at", ["groups/none/rules/x/points", "x", "groups/comparing/rules/pricing/when/all/7", "%00", "a/" * 50]
)
def test_an_address_that_leads_nowhere_opens_nothing(
    at: str, draft: RuleSet, signed_in: Callable[..., Client], send: Send
) -> None:
    client = signed_in()
    assert client.get(f"/scoring/drafts/{draft.pk}/", {"open": at, "as": "field"}).status_code == 200
    assert send(at, points="1").status_code in (404, 409)
    assert send(at, "remove").status_code in (404, 409)


def test_kinds_that_may_not_be_scored_are_not_offered(
    draft: RuleSet, signed_in: Callable[..., Client]
) -> None:
    text = signed_in().get(f"/scoring/drafts/{draft.pk}/?open={PRICING}/count/event").content.decode()
    offered = EventKind.objects.exclude(
        code__in=["email_opened", "ready", "offered", "became_mql", "cooled_down"]
    )
    assert all(f'value="{code}"' in text for code in offered.values_list("code", flat=True))
    assert not any(f'value="{code}"' in text for code in ("email_opened", "ready", "offered"))


@pytest.mark.django_db(transaction=True)
def test_two_people_save_the_same_part_at_once(now: datetime, make_user: Callable[..., User]) -> None:
    """Real threads through the page: one is kept, the other sees both; nobody's text is lost."""
    draft, both = open_draft(by=None, now=now), Barrier(2)
    people = [make_user("marketer"), make_user("admin")]

    def save(user: User, points: str) -> tuple[int, str]:
        client = Client(headers={"accept-language": "en"})
        client.force_login(user)
        both.wait()
        try:
            typed = {"at": f"{PRICING}/points", "verb": "save", "revision": 1, "points": points}
            answer = client.post(f"/scoring/drafts/{draft.pk}/change/", typed)
            return answer.status_code, answer.content.decode()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(save, people, ["12", "15"]))
    assert sorted(status for status, _text in answers) == [302, 409]
    loser = next(place for place, (status, _text) in enumerate(answers) if status == 409)
    assert f'name="points" value="{["12", "15"][loser]}"' in answers[loser][1]
    assert rule(draft)["points"] == [15, 12][loser]
