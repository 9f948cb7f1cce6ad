"""The two gates of a draft."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.actions.publishing import template
from scoring.engine.parse import parse
from scoring.sections.gate_edits import closed_at_once, kept_longer, moved_path, with_path, without_path

NAME = {"fr": "Demande", "en": "Request"}


def fast(draft) -> list[str]:
    return [one["code"] for one in draft.document["gates"]["ready"].get("fast", [])]


def test_the_gates_are_said_in_sentences_with_who_passes(draft, client_of):
    html = client_of("rep").get(f"/scoring/drafts/{draft.pk}/gates/").content.decode()
    for words in ("Gate to MQL", "fit at least 20", "Opens at once for", "0 leads pass today"):
        assert words in html
    assert "Add a fast path" not in html


def test_fast_paths_come_go_and_change_places(draft, post):
    assert fast(draft) == ["contact_request", "quote_request", "demo_request"]
    assert post("gates/ready/add/", kind="shop_visit").status_code == 302
    assert post("gates/ready/add/", kind="shop_visit").status_code == 302
    assert post("gates/ready/up/", code="quote_request").status_code == 302
    assert post("gates/ready/remove/", code="demo_request").status_code == 302
    assert post("gates/ready/rename/", code="shop_visit", fr="En magasin", en="").status_code == 302
    assert fast(draft) == ["quote_request", "contact_request", "shop_visit", "shop_visit_2"]
    added = draft.document["gates"]["ready"]["fast"][2]
    assert added["name"] == {"fr": "En magasin", "en": "En magasin"}
    assert added["when"] == {"event": {"kind": ["shop_visit"]}, "within_days": 30}
    assert draft.edits.count() == 5


@pytest.mark.parametrize(
    ("path", "typed", "status"),
    [
        ("gates/ready/remove/", {"code": "nobody"}, 409),
        ("gates/ready/add/", {"kind": "ready"}, 404),
        ("gates/door/add/", {"kind": "shop_visit"}, 404),
        ("gates/ready/paint/", {}, 404),
        ("gates/ready/rename/", {"code": "quote_request"}, 422),
    ],
    ids=["gone", "a cycle", "no gate", "no verb", "no name"],
)
def test_what_is_not_right_changes_nothing(draft, post, path, typed, status):
    before = draft.document
    assert post(path, **typed).status_code == status
    assert draft.document == before


def test_staying_longer_is_switched_on_and_off(draft, post):
    post("gates/mql/close/")
    assert "keep" not in draft.document["gates"]["mql"]
    post("gates/mql/keep/")
    gate = draft.document["gates"]["mql"]
    assert gate["keep"] == gate["when"]


def test_b58_a_gate_that_asks_for_less_than_the_one_below_is_refused_in_words(draft, post):
    answer = post("change/", at="gates/mql/when/all/0", verb="save", score="fit", at_least="99",
                  next=f"/scoring/drafts/{draft.pk}/gates/")  # fmt: skip
    assert answer.status_code in (302, 422)
    answer = post("change/", at="gates/mql/keep/all/0", verb="save", score="fit", at_least="100",
                  next=f"/scoring/drafts/{draft.pk}/gates/")  # fmt: skip
    assert answer.status_code == 422
    assert "The thresholds are reversed" in answer.content.decode()


def test_the_page_asks_as_much_with_more_paths(draft, client_of, post, django_assert_num_queries):
    client = client_of(email="other@ecluse.example")
    client.get(f"/scoring/drafts/{draft.pk}/gates/")
    for kind in ("shop_visit", "trial_started"):
        post("gates/ready/add/", kind=kind)
        with django_assert_num_queries(QUERIES):
            client.get(f"/scoring/drafts/{draft.pk}/gates/")


QUERIES = 7


@st.composite
def changes(draw: st.DrawFn) -> list[tuple[object, ...]]:
    """Changes of fast paths, one after the other."""
    gate = st.sampled_from(["mql", "ready"])
    kind = st.sampled_from(["shop_visit", "quote_requested"])
    one = st.one_of(
        st.tuples(st.just(with_path), gate, kind, st.just(NAME)),
        st.tuples(st.just(without_path), gate, kind),
        st.tuples(st.just(moved_path), gate, kind, st.sampled_from([-1, 1])),
        st.tuples(st.just(kept_longer), gate),
        st.tuples(st.just(closed_at_once), gate),
    )
    return draw(st.lists(one, max_size=8))


@given(found=changes())
def test_whatever_is_changed_stays_valid_or_says_what_is_gone(found):
    made = template("b2b_services")
    for change, *given_ in found:
        before = made
        try:
            made = change(made, *given_)
        except LookupError:
            made = before
        parse(made)
