"""Laws of the parts of a document: what is put can be got, what differs can be applied."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.actions.publishing import TEMPLATE_CODES, template
from scoring.drafts import (
    ABSENT,
    Change,
    Document,
    PartGone,
    apply,
    collide,
    diff,
    free_code,
    get,
    move,
    parts,
    put,
    remove,
    reverse,
    transfer,
)
from tests.scoring.strategies import documents


def same(one: Any, other: Any) -> bool:
    """Equal as JSON."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


@st.composite
def edited(draw: st.DrawFn, document: Document) -> Document:
    """A document after some random changes of its parts."""
    for _ in range(draw(st.integers(0, 4))):
        paths = [path for path in parts(document) if path[-1] != "#order" and path != ("name",)]
        path = draw(st.sampled_from(paths))
        coded = path[0] in ("groups", "personas")
        match draw(st.sampled_from(["remove", "move", "change", "copy"])):
            case "remove" if coded:
                document = remove(document, path)
            case "move" if coded:
                document = move(document, path, draw(st.integers(-3, 3)))
            case "copy" if len(path) == 4:
                copied = get(document, path) | {"code": free_code(document, "copy")}
                document = put(document, (*path[:-1], copied["code"]), copied, at=draw(st.integers(0, 2)))
            case "change" if len(path) == 4:
                document = put(document, path, get(document, path) | {"points": draw(st.integers(-9, 9))})
            case _:
                document = put(document, ("intent_days",), draw(st.integers(1, 9)))
        if not document["groups"]:
            break
    return document


@given(st.data())
def test_what_differs_applied_gives_the_other(data: st.DataObject) -> None:
    old = data.draw(documents())
    new = data.draw(edited(old))
    changes = diff(old, new)
    assert same(apply(old, changes), new)
    assert same(apply(new, reverse(changes)), old)
    assert bool(changes) == (not same(old, new))


@given(st.data())
def test_changes_survive_being_kept(data: st.DataObject) -> None:
    old = data.draw(documents())
    changes = diff(old, data.draw(edited(old)))
    kept = json.loads(json.dumps([change.as_json() for change in changes]))
    assert [Change.from_json(one) for one in kept] == changes


@given(documents())
def test_nothing_differs_from_itself(document: Document) -> None:
    assert diff(document, json.loads(json.dumps(document))) == []


@given(documents(), st.data())
def test_what_is_put_is_got_and_nothing_else_changes(document: Document, data: st.DataObject) -> None:
    before = json.dumps(document)
    path = data.draw(
        st.sampled_from([path for path in parts(document) if len(path) == 4 and path[-1] != "#order"])
    )
    value = get(document, path) | {"points": 999}
    changed = put(document, path, value)
    assert get(changed, path) == value
    assert put(changed, path, value) == changed
    assert [change.path for change in diff(document, changed)] in ([path], [])
    assert json.dumps(document) == before


@given(documents(), st.data())
def test_what_is_removed_is_gone(document: Document, data: st.DataObject) -> None:
    path = data.draw(
        st.sampled_from([path for path in parts(document) if len(path) == 4 and path[-1] != "#order"])
    )
    left = remove(document, path)
    with pytest.raises(PartGone):
        get(left, path)
    with pytest.raises(PartGone):
        remove(left, path)


@given(st.data())
def test_two_who_change_different_rules_never_collide(data: st.DataObject) -> None:
    document = template(data.draw(st.sampled_from(TEMPLATE_CODES)))
    rules = [
        path for path in parts(document) if len(path) == 4 and path[0] == "groups" and path[-1] != "#order"
    ]
    mine, theirs = data.draw(st.lists(st.sampled_from(rules), min_size=2, max_size=2, unique=True))
    one = put(document, mine, get(document, mine) | {"points": 1.25})
    other = put(document, theirs, get(document, theirs) | {"points": 1.5})
    assert collide(diff(document, one), diff(document, other)) == []
    both = apply(one, diff(document, other))
    assert get(both, mine)["points"] == 1.25
    assert get(both, theirs)["points"] == 1.5


def test_a_new_order_is_told_as_moved_and_an_addition_is_not() -> None:
    document = template("b2b_services")
    moved = diff(document, move(document, ("groups", "intent"), -1))
    assert [(change.path, change.kind, change.is_reordering) for change in moved] == [
        (("groups", "#order"), "moved", True)
    ]
    added = diff(document, put(document, ("groups", "intent", "rules", "new"), {"code": "new", "points": 1}))
    assert [(change.kind, change.is_reordering) for change in added] == [("moved", False), ("added", False)]


def test_true_is_not_one() -> None:
    document = {"groups": [], "gates": {"mql": {"value": 1}}}
    other = {"groups": [], "gates": {"mql": {"value": True}}}
    assert [change.path for change in diff(document, other)] == [("gates", "mql")]


def test_a_rule_moves_to_another_group() -> None:
    document = template("b2b_services")
    moved = transfer(document, ("groups", "comparing", "rules", "webinar"), "reading")
    assert get(moved, ("groups", "reading"))["rules"][-1]["code"] == "webinar"
    changes = diff(document, moved)
    assert {
        (change.path[1], change.kind)
        for change in changes
        if len(change.path) == 4 and change.path[-1] == "webinar"
    } == {
        ("comparing", "removed"),
        ("reading", "added"),
    }


def test_a_list_that_is_not_there_is_made_and_goes_again() -> None:
    document = {"groups": [], "gates": {}}
    persona = {"code": "p", "name": "P"}
    made = put(document, ("personas", "p"), persona)
    assert made["personas"] == [persona]
    changes = diff(document, made)
    assert apply(made, reverse(changes)) == document
    assert Change(("x",), ABSENT, 1).kind == "added"


@pytest.mark.parametrize(
    "path", [("groups", "none"), ("groups", "intent", "rules", "none"), ("nothing",)], ids=str
)
def test_what_is_not_there_is_said_to_be_gone(path: tuple[str, ...]) -> None:
    with pytest.raises(PartGone):
        get(template("b2b_services"), path)
