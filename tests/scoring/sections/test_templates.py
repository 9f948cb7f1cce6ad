"""The gallery of templates, and the start without rules."""

from __future__ import annotations

import pytest
from django.conf import settings

from scoring.actions.publishing import TEMPLATE_CODES, template
from scoring.gallery import shown_template
from scoring.management.commands.describe_templates import described
from scoring.models import RuleSet
from scoring.sections.start_form import StartForm


def _texts(part: object) -> list[dict]:
    """Everything of a document that is said in two languages."""
    if isinstance(part, list):
        return [text for one in part for text in _texts(one)]
    if not isinstance(part, dict):
        return []
    if set(part) == {"fr", "en"}:
        return [part]
    return [text for one in part.values() for text in _texts(one)]


@pytest.mark.parametrize("code", TEMPLATE_CODES)
def test_every_line_of_a_template_has_a_reason(code):
    tree = shown_template(code).tree
    assert tree.note
    parts = [*tree.groups, *(rule for group in tree.groups for rule in group.rules)]
    parts += [*tree.phases, *tree.temperatures, tree.mql, tree.ready]
    assert [part for part in parts if part.note is None] == []
    assert all(persona.story for persona in tree.personas)
    assert all(step.name for step in tree.ready.fast)


@pytest.mark.parametrize("code", TEMPLATE_CODES)
def test_templates_are_written_as_french_is(code):
    for text in _texts(template(code)):
        assert "'" not in text["fr"], text
        assert text["fr"] != text["en"] or len(text["fr"].split()) < 4, text
        for sign in ";!?":
            assert f" {sign}" not in text["fr"], text  # a narrow no-break space, or none


@pytest.mark.parametrize("code", TEMPLATE_CODES)
def test_the_page_of_a_template_says_every_rule_and_its_reason(code, client_of):
    html = client_of("rep").get(f"/scoring/templates/{code}/").content.decode()
    for group in shown_template(code).tree.groups:
        for rule in group.rules:
            assert rule.name.en.split("’")[0] in html
            assert rule.note.en.split("’")[0].split('"')[0].split("“")[0] in html
    assert "Start a draft" not in html


def test_a_draft_starts_from_a_template(client_of):
    assert client_of().post("/scoring/templates/agency/").status_code == 302
    draft = RuleSet.objects.get(status="draft")
    assert draft.document == template("agency")
    assert draft.created_by.role == "marketer"


def test_what_a_site_lacks_is_named_and_left_out_when_asked(client_of):
    client = client_of()
    html = client.get("/scoring/templates/b2b_software/").content.decode()
    for code in ("competitors", "teammate_invited", "integration_connected"):
        assert f"<code>{code}</code>" in html
    assert client.post("/scoring/templates/b2b_software/").status_code == 422
    assert not RuleSet.objects.filter(status="draft").exists()
    assert client.post("/scoring/templates/b2b_software/", {"leave_out": "1"}).status_code == 302
    draft = RuleSet.objects.get(status="draft")
    codes = {rule["code"] for group in draft.document["groups"] for rule in group["rules"]}
    given = {rule["code"] for group in template("b2b_software")["groups"] for rule in group["rules"]}
    assert given - codes == {"competitor", "teammates", "connected"}


def test_who_may_not_edit_rules_cannot_start_a_draft(client_of):
    assert client_of("rep").post("/scoring/templates/agency/").status_code == 403
    assert not RuleSet.objects.filter(status="draft").exists()


def _initial() -> dict[str, object]:
    form = StartForm()
    return {name: form[name].initial for name in form.fields if form[name].initial}


def test_a_grid_becomes_a_draft(client_of):
    client = client_of()
    assert client.get("/scoring/start/").status_code == 200
    answer = client.post(
        "/scoring/start/", _initial() | {"cell_ebook_interest": "77", "name": "Par la lecture"}
    )
    draft = RuleSet.objects.get(status="draft")
    assert answer["Location"] == f"/scoring/drafts/{draft.pk}/"
    assert draft.name == "Par la lecture"
    rule = next(
        rule for group in draft.document["groups"] for rule in group["rules"] if rule.get("points") == 77
    )
    assert rule["name"] == {"fr": "E-book", "en": "E-book"}
    assert rule["count"]["event"]["phase"] == ["interest"]
    fast = {one["code"] for one in draft.document["gates"]["ready"]["fast"]}
    assert "asked_quote_requested" in fast


@pytest.mark.parametrize(
    "typed",
    [
        {"mql_at": "45", "ready_at": "40"},
        {"cell_ebook_interest": "101"},
        {"cell_ebook_interest": "-1"},
        {"name": ""},
        {name: "" for name in _initial() if name.startswith(("cell_", "ask_"))},
    ],
    ids=["reversed", "too much", "below zero", "no name", "nothing scored"],
)
def test_a_grid_that_is_not_right_is_said_so_and_kept(client_of, typed):
    answer = client_of().post("/scoring/start/", _initial() | {"half_life": "120"} | typed)
    assert answer.status_code == 422
    assert 'value="120" selected' in answer.content.decode()
    assert not RuleSet.objects.filter(status="draft").exists()


def test_the_documentation_says_what_the_templates_say():
    page = (settings.BASE_DIR / "docs" / "templates.md").read_text(encoding="utf-8")
    assert page == described(), "run: manage.py describe_templates > docs/templates.md"
