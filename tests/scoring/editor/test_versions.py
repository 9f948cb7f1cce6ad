"""Versions as a whole: begun, renamed, thrown away, compared, exported, imported, said in words."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.translation import override
from pytest_django import DjangoAssertNumQueries

from leads.actions.events import record_event
from leads.models import Lead
from scoring import rule_words
from scoring.actions.drafts import change_draft, open_draft
from scoring.actions.publishing import publish, template
from scoring.drafts import get, put
from scoring.engine.reading import RuleError
from scoring.firing import how_often
from scoring.models import RuleSet
from scoring.queries import live_rule_set

PRICING = ("groups", "comparing", "rules", "pricing")
# Session, user, the live version, drafts, versions.
OVERVIEW_QUERIES = 5


def with_points(draft: RuleSet, points: float, now: datetime) -> RuleSet:
    """The draft with other points for one rule."""

    def change(document: dict) -> dict:
        return put(document, PRICING, get(document, PRICING) | {"points": points})

    return change_draft(
        draft=draft, revision=draft.revision, change=change, summary="Points", by=None, now=now
    )


@pytest.mark.parametrize("drafts", [1, 3])
def test_the_first_page_costs_the_same_whatever_it_lists(
    drafts: int,
    signed_in: Callable[..., Client],
    now: datetime,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    client = signed_in()
    for _ in range(drafts):
        open_draft(by=None, now=now)
    client.get("/scoring/")
    with django_assert_num_queries(OVERVIEW_QUERIES):
        answer = client.get("/scoring/")
    assert len(answer.context["drafts"]) == drafts


def test_a_draft_is_begun_renamed_thrown_away_and_taken_up(signed_in: Callable[..., Client]) -> None:
    client = signed_in()
    address = client.post("/scoring/drafts/new/")["Location"]
    client.post(f"{address}name/", {"fr": "Été 2026", "en": "Summer 2026", "revision": 1})
    draft = RuleSet.objects.get(status="draft")
    assert (draft.name, draft.document["name"]) == ("Été 2026", {"fr": "Été 2026", "en": "Summer 2026"})
    client.post(f"{address}discard/")
    assert "This draft was thrown away." in client.get(address).content.decode()
    assert "Summer" not in client.get("/scoring/").content.decode()
    client.post(f"{address}restore/")
    draft.refresh_from_db()
    assert draft.discarded_at is None


def test_a_name_is_needed(signed_in: Callable[..., Client], draft: RuleSet) -> None:
    answer = signed_in().post(f"/scoring/drafts/{draft.pk}/name/", {"fr": "", "en": "Kept", "revision": 1})
    assert answer.status_code == 422
    assert 'value="Kept"' in answer.content.decode()


def test_two_versions_are_compared_in_sentences(
    signed_in: Callable[..., Client], draft: RuleSet, now: datetime
) -> None:
    live = live_rule_set()
    assert live is not None
    with_points(draft, 12.5, now)
    text = signed_in().get(f"/scoring/compare/?old={live.pk}&new={draft.pk}").content.decode()
    assert "1 part differs" in text
    assert "Compares › Pricing viewed" in text
    assert re.search(r"<del>\+10 · Pricing viewed · for each: pricing viewed", text)
    assert re.search(r"<ins>\+12.5 · Pricing viewed", text)
    assert (
        "Both say the same."
        in signed_in("admin").get(f"/scoring/compare/?old={live.pk}&new={live.pk}").content.decode()
    )


def test_the_history_tells_who_changed_what(
    signed_in: Callable[..., Client], draft: RuleSet, now: datetime
) -> None:
    with_points(draft, 12, now)
    text = signed_in().get(f"/scoring/drafts/{draft.pk}/history/").content.decode()
    assert "+10 · Pricing viewed" in text
    assert "+12 · Pricing viewed" in text


def test_undoing_what_was_changed_again_is_refused_in_words(
    signed_in: Callable[..., Client], draft: RuleSet, now: datetime
) -> None:
    first = with_points(draft, 12, now).edits.get()
    with_points(RuleSet.objects.get(pk=draft.pk), 14, now)
    answer = signed_in().post(f"/scoring/drafts/{draft.pk}/undo/{first.pk}/")
    assert answer.status_code == 409
    assert "undo the later edit first" in answer.content.decode()


def test_what_is_exported_can_be_imported(
    signed_in: Callable[..., Client], draft: RuleSet, now: datetime
) -> None:
    with_points(draft, 12, now)
    client = signed_in()
    exported = client.get(f"/scoring/drafts/{draft.pk}/export.json")
    assert exported["Content-Disposition"] == 'attachment; filename="ecluse-rules-v2.json"'
    file = SimpleUploadedFile("rules.json", exported.content, "application/json")
    shown = client.post("/scoring/import/", {"file": file})
    assert shown.status_code == 200
    assert "1 part differs from version 1" in shown.content.decode()
    assert RuleSet.objects.count() == 2
    made = client.post("/scoring/import/", {"text": exported.content.decode(), "confirmed": "1"})
    assert made.status_code == 302
    imported = RuleSet.objects.order_by("-version").first()
    assert imported is not None
    assert (imported.status, imported.document) == ("draft", json.loads(exported.content))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "The body is empty"),
        ("{", "not valid JSON"),
        ("[]", "A rule set is a JSON object"),
        ('{"name": "x"}', "$.groups"),
        ('{"name": "x", "name": "y"}', "occurs twice"),
        ("[" * 5000 + "]" * 5000, "nested too deeply"),
        ('{"name": "\\u0000"}', "NUL"),
    ],
    ids=["empty", "broken", "list", "half", "twice", "deep", "nul"],
)
def test_b58_a_bad_file_is_refused_with_its_path_and_makes_no_draft(
    text: str, words: str, signed_in: Callable[..., Client]
) -> None:
    answer = signed_in().post("/scoring/import/", {"text": text})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert RuleSet.objects.count() == 1


def test_f41_a_file_of_ten_megabytes_is_refused(signed_in: Callable[..., Client]) -> None:
    file = SimpleUploadedFile("rules.json", b" " * 10 * 1024 * 1024, "application/json")
    answer = signed_in().post("/scoring/import/", {"file": file})
    assert answer.status_code == 422
    assert "512 KB" in answer.content.decode()


def test_an_archived_version_shows_its_rules_and_offers_the_way_back(
    signed_in: Callable[..., Client], draft: RuleSet, now: datetime
) -> None:
    live = live_rule_set()
    assert live is not None
    publish(draft, by=None, now=now)
    text = signed_in().get(f"/scoring/drafts/{live.pk}/").content.decode()
    assert "Archived" in text
    assert f"/scoring/drafts/{live.pk}/publish/" in text


def test_how_often_a_rule_counts_is_counted(
    draft: RuleSet, make_lead: Callable[..., Lead], now: datetime, signed_in: Callable[..., Client]
) -> None:
    for days in (1, 20, 200):
        lead = make_lead()
        at = {"occurred_at": now.replace(day=1), "now": now}
        if days < 100:
            record_event(lead_id=lead.pk, kind="pricing_viewed", wakes=False, **at)
    found = how_often(draft.document, PRICING, now=now)
    assert (found.leads, found.read, found.estimate, found.is_sample) == (2, 3, 2, False)
    asked = f"/scoring/drafts/{draft.pk}/fires/?at=groups/comparing/rules/pricing"
    assert "leads" in signed_in().get(asked, headers={"HX-Request": "true"}).content.decode()
    assert signed_in("admin").get(f"{asked}_none").status_code == 404


def test_how_often_heeds_the_limits_of_the_group(
    draft: RuleSet, make_lead: Callable[..., Lead], now: datetime
) -> None:
    lead = make_lead(audience="b2c")
    record_event(lead_id=lead.pk, kind="pricing_viewed", wakes=False, occurred_at=now, now=now)
    group = get(draft.document, ("groups", "comparing"))
    limited = put(draft.document, ("groups", "comparing"), group | {"audience": ["b2b"]})
    assert how_often(draft.document, PRICING, now=now).leads == 1
    assert how_often(limited, PRICING, now=now).leads == 0


def test_every_refusal_of_the_engine_has_its_words() -> None:
    source = "".join(
        path.read_text() for path in (Path(settings.BASE_DIR) / "scoring" / "engine").glob("*.py")
    )
    said = set(re.findall(r'(?:fail|RuleError)\(\s*(?:f?"[^"]*"\s*,\s*)?"([A-Z][^"]+)"', source))
    said |= set(re.findall(r'RuleError\(\s*f"[^"]*",\s*"([^"]+)"', source))
    assert len(said) >= 25
    with override("en"):
        assert said - {str(message) for message in rule_words.MESSAGES} == set()


def test_words_name_fields_and_codes_as_people_do() -> None:
    with override("en"):
        error = RuleError("$", "One of these is expected: %(allowed)s.", allowed="b2b, fit, hour")
        assert rule_words.say(error) == "One of these is expected: B2B, fit, hour."
        error = RuleError("$", "There is no field %(name)s.", name="company.sector")
        assert rule_words.say(error) == "There is no field “Sector”."


def test_templates_say_nothing_of_themselves(signed_in: Callable[..., Client]) -> None:
    document = template("agency")
    text = signed_in().post("/scoring/import/", {"text": json.dumps(document)}).content.decode()
    assert "The rules are valid" in text
