"""From a visit's marks to its channel: the shipped table, a marketer's rules, and the past decided anew."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads import sources
from leads.actions.channel_runs import Busy, begin_run, preview, undo_run, work_off
from leads.actions.sources import RuleDraft, move_rule, remove_rule, restore_shipped_rules, save_rule
from leads.actions.touches import note_touch
from leads.channel_rules import (
    FIELDS,
    MARKS,
    OPERATORS,
    SHIPPED,
    BadCondition,
    Condition,
    Rule,
    as_json,
    channel_for,
    marks_of,
    read_conditions,
)
from leads.channels import Channel
from leads.models import Campaign, ChannelRule, ChannelRun, Lead, ProfileChange, RunState, Touch

OWN = "https://www.acier-dupont.example/guide"


def shipped(**told: object) -> str:
    """What the shipped rules say."""
    return channel_for(marks_of(**({"page": OWN} | told)), SHIPPED).channel  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("told", "channel"),
    [
        ({"utm": {"medium": "cpc", "source": "google"}}, "paid_search"),
        ({"utm": {"medium": "E-Mail"}}, "emailing"),
        ({"utm": {"medium": "newsletter"}}, "newsletter"),
        ({"utm": {"medium": "paid-social", "source": "linkedin"}}, "online_ad"),
        ({"utm": {"source": "LinkedIn"}}, "social"),
        ({"utm": {"source": "something"}}, "other"),
        ({"page": f"{OWN}?gclid=1", "referrer": "https://www.google.fr/"}, "paid_search"),
        ({"page": f"{OWN}?fbclid=1", "referrer": "https://l.facebook.com/"}, "social"),
        ({"page": f"{OWN}?utm_medium=qr"}, "paper_form"),
        ({"referrer": "https://www.google.fr/search"}, "organic_search"),
        ({"referrer": "https://mail.google.com/"}, "emailing"),
        ({"referrer": "https://outlook.live.com/mail"}, "emailing"),
        ({"referrer": "https://chatgpt.com/"}, "organic_search"),
        ({"referrer": "https://t.co/x"}, "social"),
        ({"referrer": "https://www.youtube.com/"}, "video"),
        ({"referrer": "https://blog.partner.example/"}, "referral"),
        ({"referrer": "https://acier-dupont.example/"}, ""),
        ({"referrer": "https://notgoogle.example/"}, "referral"),
        ({}, "direct_traffic"),
        ({"page": ""}, ""),
        ({"page": "javascript:alert(1)", "referrer": "http://[broken"}, ""),
    ],
)
def test_the_shipped_table(told: dict[str, object], channel: str) -> None:
    assert shipped(**told) == channel


def test_the_first_rule_that_holds_decides_and_all_its_conditions_must() -> None:
    marks = marks_of(utm={"source": "lettre", "campaign": "Printemps-2026"}, page=f"{OWN}?gclid=1")
    both = Rule(
        (Condition("utm_source", "is", ("lettre",)), Condition("utm_campaign", "starts", ("printemps",))),
        "newsletter",
        campaign=7,
        id=1,
    )
    other = Rule((Condition("mark", "is"),), "paid_search", id=2)
    assert channel_for(marks, [both, other]).campaign == 7
    assert channel_for(marks, [other, both]).rule == 2
    half = Rule((*both.conditions, Condition("page", "contains", ("tarif",))), "newsletter", id=3)
    assert channel_for(marks, [half, other]).rule == 2
    assert channel_for(marks, [], {"printemps-2026": 9}).campaign == 9


addresses = st.one_of(
    st.just(""),
    st.text(max_size=60),
    st.builds(
        lambda host, path: f"https://{host}/{path}",
        st.sampled_from(["www.google.fr", "acier-dupont.example", "x.com", "mail.google.com"]),
        st.text(max_size=20),
    ),
)
utms = st.dictionaries(
    st.sampled_from(["source", "medium", "campaign", "evil"]), st.text(max_size=20), max_size=4
)


@given(utm=utms, referrer=addresses, page=addresses)
def test_whatever_browsers_report_gives_a_known_channel(
    utm: dict[str, str], referrer: str, page: str
) -> None:
    found = channel_for(marks_of(utm=utm, referrer=referrer, page=page), SHIPPED)
    assert found.channel in {"", *Channel.values}


conditions = st.lists(
    st.builds(
        Condition,
        st.sampled_from(FIELDS),
        st.sampled_from(OPERATORS),
        st.lists(st.sampled_from([*MARKS, "google", "cpc", "a.b"]), max_size=5, unique=True).map(tuple),
    ),
    min_size=1,
    max_size=4,
)


@given(conditions)
def test_conditions_survive_being_stored(told: list[Condition]) -> None:
    assert read_conditions(as_json(told)) == tuple(told)


@pytest.mark.parametrize(
    "raw",
    [
        None,
        [],
        [{}],
        [{"field": "score", "operator": "is"}],
        [{"field": "page", "operator": "regex", "values": []}],
        [{"field": "page", "operator": "is", "values": [5]}],
        [{"field": "page", "operator": "is", "values": [" "]}],
        [{"field": "page", "operator": "is", "values": ["x" * 121]}],
        [{"field": "page", "operator": "is", "values": ["x"] * 41}],
        [{"field": "page", "operator": "is", "values": []}] * 5,
    ],
)
def test_conditions_that_cannot_be(raw: object) -> None:
    with pytest.raises(BadCondition):
        read_conditions(raw)


# Kept and edited ------------------------------------------------------------------------------------------

pytestmark = pytest.mark.django_db


def lettre(channel: str = "newsletter", campaign: int | None = None) -> RuleDraft:
    """A rule of the site's own."""
    return RuleDraft((Condition("utm_source", "is", ("lettre",)),), channel, campaign)


def test_a_new_installation_has_the_shipped_rules() -> None:
    assert sources.live_rules() == tuple(
        Rule(rule.conditions, rule.channel, None, live.id)
        for rule, live in zip(SHIPPED, sources.live_rules(), strict=True)
    )


def test_own_rules_come_first_and_can_be_moved_left_out_and_removed() -> None:
    rule = save_rule(rule=None, draft=lettre())
    assert sources.channel_of(utm={"source": "lettre", "medium": "email"}, page=OWN) == "newsletter"
    for _ in range(10):
        move_rule(rule=rule, up=False)
    assert sources.channel_of(utm={"source": "lettre", "medium": "email"}, page=OWN) == "emailing"
    places = list(ChannelRule.objects.values_list("position", flat=True))
    assert places == list(range(1, len(places) + 1))
    save_rule(
        rule=rule,
        draft=RuleDraft((Condition("utm_source", "is", ("lettre",)),), "social", is_active=False),
    )
    assert sources.channel_of(utm={"source": "lettre"}, page=OWN) == "other"
    remove_rule(rule=rule)
    restore_shipped_rules()
    assert ChannelRule.objects.count() == len(SHIPPED)


# The past -------------------------------------------------------------------------------------------------


@pytest.fixture
def came(make_lead: Callable[..., Lead], now: datetime) -> list[Lead]:
    """Five who came by a letter, and one whom a rep met at a fair."""
    found = []
    for turn in range(5):
        lead = make_lead(channel="other", last_channel="other")
        note_touch(
            at=now - timedelta(days=turn), lead_id=lead.pk, utm={"source": "lettre"}, page=f"{OWN}/{turn}"
        )
        found.append(lead)
    met = make_lead(channel="trade_show")
    note_touch(at=now, lead_id=met.pk, channel="trade_show")
    return [*found, met]


def finished(now: datetime) -> ChannelRun:
    """Work everything off."""
    for _run in work_off(now=now):
        pass
    run = ChannelRun.objects.first()
    assert run is not None
    return run


def test_the_past_is_previewed_changed_and_taken_back(came: list[Lead], now: datetime) -> None:
    assert preview().changed == 0
    campaign = Campaign.objects.create(code="lettre", name="Lettre", channel="newsletter", created_at=now)
    save_rule(rule=None, draft=lettre(campaign=campaign.pk))
    told = preview()
    assert (told.touches, told.changed) == (5, 5)
    assert [(move.before, move.after, move.number) for move in told.moves] == [("other", "newsletter", 5)]
    assert told.moves[0].samples[0].utm == {"source": "lettre"}
    assert set(Touch.objects.values_list("channel", flat=True)) == {"other", "trade_show"}

    begin_run(by=None, now=now)
    with pytest.raises(Busy):
        begin_run(by=None, now=now)
    run = finished(now)
    assert (run.state, run.touches_changed, run.leads_changed) == (RunState.DONE, 5, 5)
    assert Touch.objects.filter(channel="newsletter", campaign=campaign).count() == 5
    assert set(Lead.objects.values_list("channel", "last_channel")) == {
        ("newsletter", "newsletter"),
        ("trade_show", ""),
    }
    change = ProfileChange.objects.filter(lead=came[0], field="channel").latest("id")
    assert (change.old, change.new) == ("other", "newsletter")
    assert preview().changed == 0

    assert undo_run(run=run, by=None, now=now) == 5
    assert undo_run(run=run, by=None, now=now) == 0
    assert set(Touch.objects.values_list("channel", "campaign")) == {("other", None), ("trade_show", None)}
    assert set(Lead.objects.values_list("channel", flat=True)) == {"other", "trade_show"}


def test_a_channel_that_somebody_corrected_by_hand_stays(came: list[Lead], now: datetime) -> None:
    Lead.objects.filter(pk=came[0].pk).update(channel="partner")
    save_rule(rule=None, draft=lettre())
    begin_run(by=None, now=now)
    assert finished(now).leads_changed == 4
    assert Lead.objects.get(pk=came[0].pk).channel == "partner"


def test_a_run_goes_on_where_it_was_cut_off(
    came: list[Lead], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leads.actions.channel_runs.CHUNK", 2)
    save_rule(rule=None, draft=lettre())
    begin_run(by=None, now=now)
    first = next(work_off(now=now))
    assert (first.state, first.touches_changed) == (RunState.WAITING, 2)
    # What is typed meanwhile is for the next run: this one keeps the rules it began with.
    restore_shipped_rules()
    assert finished(now).touches_changed == 5
