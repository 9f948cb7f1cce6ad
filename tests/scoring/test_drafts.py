"""Drafts: many people, many parts, nothing lost, nothing invalid."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from datetime import datetime
from threading import Barrier

import pytest
from django.db import connection, connections

from accounts.models import User
from scoring.actions.drafts import (
    DraftConflict,
    change_draft,
    discard_draft,
    open_draft,
    restore_draft,
    undo_edit,
)
from scoring.actions.publishing import NotADraft, publish, template
from scoring.drafts import Document, PartGone, get, put, put_head, remove
from scoring.engine.parse import parse
from scoring.engine.reading import RuleError
from scoring.models import RuleSet
from scoring.queries import live_rule_set

PRICING = ("groups", "comparing", "rules", "pricing")
WEBINAR = ("groups", "comparing", "rules", "webinar")


@pytest.fixture
def draft(db: None, now: datetime, marketer: User) -> RuleSet:
    return open_draft(by=marketer, now=now)


@pytest.fixture
def marketer(make_user: Callable[..., User]) -> User:
    return make_user("marketer")


@pytest.fixture
def edit(now: datetime, marketer: User) -> Callable[..., RuleSet]:
    """Changes a draft as somebody who saw a revision."""

    def change(draft: RuleSet, how: Callable[[Document], Document], revision: int | None = None) -> RuleSet:
        seen = draft.revision if revision is None else revision
        return change_draft(draft=draft, revision=seen, change=how, summary="Essai", by=marketer, now=now)

    return change


def points_of(path: tuple[str, ...], points: float) -> Callable[[Document], Document]:
    return lambda document: put(document, path, get(document, path) | {"points": points})


def test_a_draft_begins_as_a_copy_of_what_is_live(draft: RuleSet, marketer: User) -> None:
    live = live_rule_set()
    assert live is not None
    assert draft.document == live.document
    assert (draft.status, draft.revision, draft.based_on, draft.created_by) == ("draft", 1, live, marketer)


def test_an_edit_is_kept_with_both_sides(draft: RuleSet, edit: Callable[..., RuleSet]) -> None:
    changed = edit(draft, points_of(PRICING, 12.5))
    assert changed.revision == 2
    kept = changed.edits.get()
    assert (kept.revision, kept.summary) == (2, "Essai")
    assert [(part.path, part.old["points"], part.new["points"]) for part in kept.parts] == [
        (PRICING, 10, 12.5)
    ]


def test_a_change_that_changes_nothing_is_no_edit(draft: RuleSet, edit: Callable[..., RuleSet]) -> None:
    assert edit(draft, points_of(PRICING, 10)).revision == 1
    assert not draft.edits.exists()


@pytest.mark.parametrize("points", [1000.5, -1001, "viel", None, True], ids=str)
def test_b58_a_bad_rule_leaves_the_draft_as_it_was(
    draft: RuleSet, edit: Callable[..., RuleSet], points: object
) -> None:
    with pytest.raises(RuleError) as refused:
        edit(draft, points_of(PRICING, points))
    assert refused.value.path.endswith(".points")
    draft.refresh_from_db()
    assert draft.revision == 1
    assert get(draft.document, PRICING)["points"] == 10


def test_others_may_change_another_part_meanwhile(draft: RuleSet, edit: Callable[..., RuleSet]) -> None:
    edit(draft, points_of(PRICING, 12), revision=1)
    changed = edit(draft, points_of(WEBINAR, 20), revision=1)
    assert changed.revision == 3
    assert get(changed.document, PRICING)["points"] == 12
    assert get(changed.document, WEBINAR)["points"] == 20


def test_both_may_add_a_rule_to_one_group(draft: RuleSet, edit: Callable[..., RuleSet]) -> None:
    for code in ("one", "two"):
        rule = {"code": code, "name": code, "points": 1, "when": {"inactive_days": 9}}
        path = ("groups", "cooling", "rules", code)
        edit(draft, lambda document, path=path, rule=rule: put(document, path, rule), revision=1)
    draft.refresh_from_db()
    assert [rule["code"] for rule in get(draft.document, ("groups", "cooling"))["rules"]][-2:] == [
        "one",
        "two",
    ]


def test_f38_the_second_sees_theirs_and_mine(draft: RuleSet, edit: Callable[..., RuleSet]) -> None:
    edit(draft, points_of(PRICING, 12), revision=1)
    with pytest.raises(DraftConflict) as conflict:
        edit(draft, points_of(PRICING, 15), revision=1)
    assert conflict.value.paths == (PRICING,)
    assert get(conflict.value.theirs.document, PRICING)["points"] == 12
    assert get(conflict.value.mine, PRICING)["points"] == 15
    draft.refresh_from_db()
    assert draft.revision == 2


def test_the_same_change_twice_is_no_conflict(draft: RuleSet, edit: Callable[..., RuleSet]) -> None:
    edit(draft, points_of(PRICING, 12), revision=1)
    assert edit(draft, points_of(PRICING, 12), revision=1).revision == 2


def test_a_group_does_not_go_while_one_of_its_rules_is_changed(
    draft: RuleSet, edit: Callable[..., RuleSet]
) -> None:
    edit(draft, points_of(PRICING, 12), revision=1)
    with pytest.raises(DraftConflict):
        edit(draft, lambda document: remove(document, ("groups", "comparing")), revision=1)


def test_what_was_removed_meanwhile_is_gone(draft: RuleSet, edit: Callable[..., RuleSet]) -> None:
    edit(draft, lambda document: remove(document, PRICING), revision=1)
    with pytest.raises(PartGone):
        edit(draft, points_of(PRICING, 12), revision=1)


def test_undo_brings_a_rule_back_to_its_place(
    draft: RuleSet, edit: Callable[..., RuleSet], marketer: User, now: datetime
) -> None:
    before = deepcopy(draft.document)
    changed = edit(draft, lambda document: remove(document, PRICING))
    undone = undo_edit(edit=changed.edits.get(), summary="Zurück", by=marketer, now=now)
    assert undone.document == before
    again = undo_edit(edit=undone.edits.get(revision=3), summary="Doch", by=marketer, now=now)
    assert again.document == changed.document
    assert again.revision == 4


def test_undo_leaves_what_others_did_since(
    draft: RuleSet, edit: Callable[..., RuleSet], marketer: User, now: datetime
) -> None:
    first = edit(draft, points_of(PRICING, 12)).edits.get()
    edit(draft, points_of(WEBINAR, 20), revision=2)
    undone = undo_edit(edit=first, summary="Zurück", by=marketer, now=now)
    assert get(undone.document, PRICING)["points"] == 10
    assert get(undone.document, WEBINAR)["points"] == 20


def test_undo_does_not_run_over_a_later_edit(
    draft: RuleSet, edit: Callable[..., RuleSet], marketer: User, now: datetime
) -> None:
    first = edit(draft, points_of(PRICING, 12)).edits.get()
    edit(draft, points_of(PRICING, 14), revision=2)
    with pytest.raises(DraftConflict):
        undo_edit(edit=first, summary="Zurück", by=marketer, now=now)


def test_published_and_discarded_rules_are_not_edited(
    draft: RuleSet, edit: Callable[..., RuleSet], marketer: User, now: datetime
) -> None:
    discard_draft(draft=draft, by=marketer, now=now)
    with pytest.raises(NotADraft):
        edit(draft, points_of(PRICING, 12))
    restore_draft(draft=draft, by=marketer, now=now)
    assert edit(draft, points_of(PRICING, 12)).revision == 2
    publish(draft, by=marketer, now=now)
    with pytest.raises(NotADraft):
        edit(draft, points_of(PRICING, 13), revision=2)


def test_what_was_wrong_before_does_not_keep_anybody_from_working(
    draft: RuleSet, edit: Callable[..., RuleSet]
) -> None:
    document = put(draft.document, (*PRICING,), get(draft.document, PRICING) | {"when": {"list": "gone"}})
    RuleSet.objects.filter(pk=draft.pk).update(document=document)
    assert edit(draft, points_of(WEBINAR, 20)).revision == 2
    with pytest.raises(RuleError):
        edit(draft, points_of(PRICING, 2000))


def test_heads_of_groups_keep_their_rules(draft: RuleSet, edit: Callable[..., RuleSet]) -> None:
    rules = get(draft.document, ("groups", "comparing"))["rules"]
    head = {"code": "comparing", "name": "Compare", "measures": "engagement", "cap": 45}
    changed = edit(draft, lambda document: put_head(document, "comparing", head))
    assert get(changed.document, ("groups", "comparing")) == head | {"rules": rules}


@pytest.mark.django_db(transaction=True)
def test_two_at_once_one_is_told(now: datetime, make_user: Callable[..., User]) -> None:
    """Real threads, the same revision, the same part: one edit, one conflict; another part goes through."""
    draft, both = open_draft(by=None, now=now), Barrier(3)

    def change(path: tuple[str, ...], points: int) -> str:
        try:
            both.wait()
            change_draft(
                draft=draft, revision=1, change=points_of(path, points), summary="Essai", by=None, now=now
            )
            return "kept"
        except DraftConflict as conflict:
            return f"told {get(conflict.mine, path)['points']}"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(change, PRICING, 12)
        second = pool.submit(change, PRICING, 14)
        other = pool.submit(change, WEBINAR, 20)
    assert sorted([first.result(), second.result()]) in (["kept", "told 12"], ["kept", "told 14"])
    assert other.result() == "kept"
    draft.refresh_from_db()
    assert draft.revision == 3
    assert get(draft.document, WEBINAR)["points"] == 20
    parse(draft.document)
    assert connection.vendor == "postgresql"


def test_templates_can_be_taken_apart(db: None) -> None:
    assert get(template("agency"), ("gates", "mql"))["when"]
