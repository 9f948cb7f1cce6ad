"""The personas of a draft, and who resembles them."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.actions.publishing import template
from scoring.engine.explain import Frame, explain
from scoring.engine.likeness import likeness
from scoring.engine.parse import parse
from scoring.engine.reading import RuleError
from scoring.queries import parsed
from scoring.resembling import sample_of
from scoring.sections.persona_edits import code_for, counted, described, uses, with_trait, without_trait
from tests.scoring.strategies import as_facts, attributes, documents, profiles

TODAY = date(2026, 3, 29)
NAME = {"fr": "Une acheteuse pressée", "en": "A buyer in a hurry"}
STORY = {"fr": "", "en": ""}
TRAIT = {"field": "seniority", "op": "in", "value": "director"}
DIRECTOR = {"field": "seniority", "op": "in", "value": ["director"], "weight": 3}


def personas(draft) -> dict[str, dict]:
    return {one["code"]: one for one in draft.document["personas"]}


def test_a_persona_is_described_told_apart_and_counted(draft, post):
    answer = post("personas/save/", fr=NAME["fr"], story_fr="Veut une date.")
    code = "une_acheteuse_pressee"
    assert answer["Location"].endswith(f"/personas/?persona={code}")
    assert personas(draft)[code]["story"] == {"fr": "Veut une date.", "en": "Veut une date."}
    trait = {"field": "budget_range", "op": "in", "value": ["5k_20k", "20k_50k"], "weight": "4"}
    assert post("personas/trait/", persona=code, trait="new", **trait).status_code == 302
    assert post("personas/trait/", persona=code, trait="0", **trait | {"weight": "7"}).status_code == 302
    assert [one["weight"] for one in personas(draft)[code]["criteria"]] == [7, 4]
    assert post("personas/remove-trait/", persona=code, trait="1").status_code == 302
    assert post("personas/count/", persona=code).status_code == 302
    rule = draft.document["groups"][-1]["rules"][0]
    assert (draft.document["groups"][-1]["measures"], rule["when"]) == (
        "fit",
        {"persona": code, "at_least": 60},
    )
    assert post("personas/remove/", persona=code).status_code == 422
    assert code in personas(draft)


@pytest.mark.parametrize(
    ("path", "typed", "status", "says"),
    [
        ("save/", {"fr": " "}, 422, "Give it a name."),
        ("trait/", TRAIT | {"trait": "0", "weight": "101"}, 422, "A whole number from 1 to 100"),
        ("trait/", TRAIT | {"trait": "9", "weight": "1"}, 409, "not there any more"),
        ("remove-trait/", {"trait": "9"}, 409, "not there any more"),
        ("remove/", {}, 422, "still ask for this persona"),
    ],
    ids=["no name", "too heavy", "no such trait", "nothing to remove", "still asked for"],
)  # fmt: skip
def test_b57_what_is_not_right_is_said_in_words_and_changes_nothing(draft, post, path, typed, status, says):
    before = draft.document
    given_ = typed if path == "save/" else {"persona": "decision_maker"} | typed
    answer = post(f"personas/{path}", **given_)
    assert answer.status_code == status
    assert says in answer.content.decode()
    assert draft.document == before


def test_who_resembles_most_is_shown_trait_by_trait(draft, client_of, make_lead, now):
    make_lead(first_name="Ines", last_name="Fournil", seniority="executive", company_role="buyer")
    make_lead(first_name="Paul", last_name="Autre", seniority="student")
    tree = parsed(draft)
    sample = sample_of(tree.personas[0], now=now)
    assert (sample.leads, sample.near, sample.held[:2]) == (2, 1, (1, 1))
    assert [one.reading.percent for one in sample.nearest] == [60]
    html = client_of("rep").get(f"/scoring/drafts/{draft.pk}/personas/").content.decode()
    assert "Ines Fournil" in html
    assert "1 of the 2 newest leads" in html
    assert "Paul Autre" not in html
    assert "Describe a persona" not in html


def test_the_forms_open_by_address(draft, client_of):
    client = client_of()
    base = f"/scoring/drafts/{draft.pk}/personas/"
    assert "A new persona" in client.get(f"{base}?persona=new").content.decode()
    assert 'name="story_fr"' in client.get(f"{base}?persona=decision_maker&edit=1").content.decode()
    opened = client.get(f"{base}?persona=decision_maker&trait=0").content.decode()
    assert 'value="executive" id="t-value_0" checked' in opened.replace("class=", "")
    other = client.get(f"{base}?persona=decision_maker&trait=0&field=project_month&op=within_months&weight=5")
    assert 'value="5"' in other.content.decode()
    assert client.get(f"{base}?persona=nobody&trait=77").status_code == 200


def test_the_page_asks_as_much_for_three_leads_as_for_one(
    draft, client_of, make_lead, django_assert_num_queries
):
    client = client_of()
    make_lead(seniority="director")
    client.get(f"/scoring/drafts/{draft.pk}/personas/")
    for _ in range(2):
        with django_assert_num_queries(QUERIES):
            client.get(f"/scoring/drafts/{draft.pk}/personas/")
        make_lead(seniority="director")
        make_lead(seniority="director")


QUERIES = 9


@given(written=documents(), profile=profiles())
def test_likeness_is_what_the_explanation_says(written, profile):
    try:
        tree = parse(written)
    except RuleError:
        return
    facts = as_facts(profile, ())
    said = explain(tree, facts, Frame({}, ZoneInfo("UTC"), TODAY, {})).personas
    found = tuple(likeness(persona, facts.profile, TODAY) for persona in tree.personas)
    assert found == said


@given(trait=attributes(), weight=st.integers(1, 100), place=st.integers(-3, 6))
def test_traits_come_and_go_without_harm(trait, weight, place):
    made = described(template("b2b_services"), "", NAME, STORY)
    code = "une_acheteuse_pressee"
    longer = with_trait(made, code, None, {**trait, "weight": weight})
    parse(longer)
    assert without_trait(longer, code, 1) == made
    try:
        parse(with_trait(longer, code, place, DIRECTOR))
    except LookupError:
        assert not 0 <= place < 2
    counts = counted(longer, code)
    parse(counts)
    assert [least for _rule, least in uses(counts, code)] == [60]
    assert list(uses(longer, code)) == []


@given(name=st.text(max_size=80), taken=st.sets(st.sampled_from(["persona", "a", "a_2"])))
def test_every_name_gives_a_code_of_its_own(name, taken):
    code = code_for(name, taken)
    assert code not in taken
    assert 0 < len(code) <= 60
