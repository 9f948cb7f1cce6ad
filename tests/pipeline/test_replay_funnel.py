"""Replaying a funnel's history: the pure reader, the writing, and the real files against other code."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from funnel.models import Offer, Passage, Standing
from funnel.queries.counts import stage_counts
from funnel.stages import Stage
from leads.channels import Channel
from leads.models import Event, Lead, Source, Wake
from nurturing.models import Message
from pipeline.history import CHANNELS, read
from pipeline.replay import replay
from pipeline.run import run_until_idle

TODAY = date(2026, 3, 12)
LEAD = {"mql_id": "a1", "first_contact_date": "2018-02-01", "landing_page_id": "lp9", "origin": "social"}
DEAL = {"mql_id": "a1", "sdr_id": "s1", "sr_id": "r1", "won_date": "2018-02-26 19:58:54"}


def _lead(**changes: str) -> dict[str, str]:
    return LEAD | changes


def _deal(**changes: str) -> dict[str, str]:
    return DEAL | changes


# Reading ------------------------------------------------------------------------------------------------


def test_a_row_becomes_a_contact_and_a_deal() -> None:
    history = read([_lead()], [_deal(business_segment="pet")], today=TODAY)
    assert history.problems == []
    contact, deal = history.contacts["a1"], history.deals["a1"]
    assert (contact.on, contact.channel, contact.landing_page) == (date(2018, 2, 1), Channel.SOCIAL, "lp9")
    assert (deal.at, deal.sdr, deal.rep) == (datetime(2018, 2, 26, 19, 58, 54), "s1", "r1")  # noqa: DTZ001
    assert deal.about == {"business_segment": "pet"}


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (_lead(mql_id=" "), "mql_id is empty"),
        (_lead(mql_id="x" * 121), "longer than 120"),
        (_lead(first_contact_date=""), "is not a date"),
        (_lead(first_contact_date="2018-02-30"), "is not a date"),
        (_lead(first_contact_date="01/02/2018"), "is not a date"),
        (_lead(first_contact_date="2026-03-13"), "in the future"),
        (_lead(first_contact_date="1902-01-01"), "before 1990"),
    ],
)
def test_a_bad_lead_is_reported_with_its_line_and_the_others_are_taken(row: dict[str, str], why: str) -> None:
    history = read([row, _lead(mql_id="b2")], [], today=TODAY)
    assert list(history.contacts) == ["b2"]
    [problem] = history.problems
    assert (problem.file, problem.line) == ("leads", 2)
    assert why in problem.text


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (_deal(mql_id=""), "mql_id is empty"),
        (_deal(mql_id="zz"), "zz is not among the leads"),
        (_deal(won_date="soon"), "is not a time"),
        (_deal(won_date="2031-01-01 00:00:00"), "in the future"),
    ],
)
def test_a_bad_deal_is_reported_and_the_lead_stays(row: dict[str, str], why: str) -> None:
    history = read([_lead()], [row], today=TODAY)
    assert (list(history.contacts), history.deals) == (["a1"], {})
    assert why in history.problems[0].text


def test_the_first_of_two_rows_with_one_reference_is_taken() -> None:
    history = read([_lead(), _lead(origin="email")], [_deal(), _deal(sr_id="r2")], today=TODAY)
    assert history.contacts["a1"].channel == Channel.SOCIAL
    assert history.deals["a1"].rep == "r1"
    assert [problem.line for problem in history.problems] == [3, 3]


def test_an_unknown_origin_is_other_and_said_so() -> None:
    history = read([_lead(origin="pigeon")], [], today=TODAY)
    assert history.contacts["a1"].channel == Channel.OTHER
    assert "pigeon" in history.problems[0].text


def test_a_win_before_the_first_contact_is_taken_and_said_so() -> None:
    history = read([_lead()], [_deal(won_date="2018-01-20 10:00:00")], today=TODAY)
    assert "a1" in history.deals
    assert "before its first contact" in history.problems[0].text


@given(st.lists(st.dictionaries(st.sampled_from([*LEAD, *DEAL]), st.none() | st.text()), max_size=8))
def test_no_content_of_a_file_stops_the_reading(rows: list[dict[str, str | None]]) -> None:
    history = read(rows, rows, today=TODAY)
    reported = {(problem.file, problem.line) for problem in history.problems}
    assert len(history.contacts) + len(reported) >= len(rows)
    assert set(history.deals) <= set(history.contacts)


def test_every_origin_of_the_table_is_a_channel_or_unknown() -> None:
    assert {channel for channel in CHANNELS.values() if channel} <= set(Channel)


# Writing ------------------------------------------------------------------------------------------------


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    """Three leads, one of them won, one bad row."""
    leads = [_lead(), _lead(mql_id="b2", origin=""), _lead(mql_id="c3", first_contact_date="2018-03-05")]
    paths = {"leads": tmp_path / "leads.csv", "deals": tmp_path / "deals.csv"}
    _write(paths["leads"], [*leads, _lead(mql_id="d4", first_contact_date="?")])
    _write(paths["deals"], [_deal()])
    return {name: str(path) for name, path in paths.items()}


def _write(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def _replay_json(files: dict[str, str]) -> dict[str, object]:
    out = io.StringIO()
    call_command("replay_funnel", **files, json=True, stdout=out, stderr=io.StringIO())
    return json.loads(out.getvalue())  # type: ignore[no-any-return]


@pytest.mark.django_db
def test_leads_stand_where_history_left_them(files: dict[str, str]) -> None:
    _replay_json(files)
    won = Lead.objects.select_related("standing", "owner").get(reference="a1")
    assert (won.channel, won.landing_page, won.is_reachable) == ("social", "lp9", False)
    assert won.created_at == datetime(2018, 2, 1, 11, tzinfo=UTC)
    assert won.standing.stage == Stage.CUSTOMER
    assert won.owner is not None
    assert not won.owner.has_usable_password()
    assert Lead.objects.get(reference="b2").standing.stage == Stage.MQL
    assert not Lead.objects.filter(reference="d4").exists()


@pytest.mark.django_db
def test_the_passages_between_are_made_at_the_won_date_and_marked_imported(files: dict[str, str]) -> None:
    _replay_json(files)
    passages = list(Passage.objects.filter(lead__reference="a1").select_related("actor").order_by("id"))
    assert [passage.to_stage for passage in passages] == ["lead", "mql", "mql", "sal", "sql", "customer"]
    assert all(passage.is_imported for passage in passages)
    won_at = datetime(2018, 2, 26, 18, 58, 54, tzinfo=UTC)
    assert {passage.at for passage in passages[2:]} == {won_at}
    actors = {passage.verb: passage.actor.last_name for passage in passages if passage.actor}
    assert actors == {"accept": "s1", "qualify": "s1", "win": "r1"}


@pytest.mark.django_db
def test_replaying_twice_changes_nothing(files: dict[str, str]) -> None:
    first = _replay_json(files)
    counts = _counts()
    Wake.objects.all().delete()
    assert _replay_json(files) == first
    assert _counts() == counts
    assert not Wake.objects.exists()


def _counts() -> list[int]:
    return [model.objects.count() for model in (Lead, Event, Passage, Standing, User)]


@pytest.mark.django_db
def test_the_pipeline_scores_them_but_offers_and_writes_to_nobody(
    files: dict[str, str], now: datetime
) -> None:
    _replay_json(files)
    done = run_until_idle(now=now)
    assert done.leads == 3
    assert Event.objects.filter(source_id=Source.IMPORT, kind__code="form_submitted").count() == 3
    assert (Offer.objects.count(), Message.objects.count()) == (0, 0)
    assert stage_counts().stages[Stage.CUSTOMER] == 1


@pytest.mark.django_db
def test_the_report_lists_the_bad_rows(files: dict[str, str]) -> None:
    out, err = io.StringIO(), io.StringIO()
    call_command("replay_funnel", **files, stdout=out, stderr=err)
    assert "3 leads made, 0 known before, 2 people, 3 histories recorded." in out.getvalue()
    assert "33.3 %" in out.getvalue()
    assert "leads, line 5: first_contact_date '?' is not a date" in err.getvalue()


@pytest.mark.django_db
@pytest.mark.parametrize("content", ["", "mql_id;won_date\n", "\x89PNG\r\n"])
def test_a_file_of_another_kind_is_refused(files: dict[str, str], content: str) -> None:
    Path(files["leads"]).write_text(content, encoding="latin-1")
    with pytest.raises(CommandError):
        _replay_json(files)
    assert not Lead.objects.exists()


# The real files -----------------------------------------------------------------------------------------

# The same table as pipeline.history.CHANNELS, written once more from the domain's words.
LEVERS = {
    "organic_search": "organic_search", "paid_search": "paid_search", "social": "social", "email": "emailing",
    "referral": "referral", "direct_traffic": "direct_traffic", "display": "online_ad",
    "other_publicities": "online_ad", "other": "other", "unknown": "", "": "",
}  # fmt: skip


def _figures(leads: Counter[str], won: Counter[str]) -> dict[str, dict[str, object]]:
    return {
        key: {"leads": count, "won": won[key], "conversion": round(won[key] / count * 100, 1)}
        for key, count in leads.items()
    }


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


@pytest.mark.django_db
def test_8000_real_leads_give_the_figures_of_their_files(olist: Path) -> None:
    leads, deals = (
        olist / f"olist_{name}_dataset.csv" for name in ("marketing_qualified_leads", "closed_deals")
    )
    found = _replay_json({"leads": str(leads), "deals": str(deals)})

    bought = {row["mql_id"] for row in _rows(deals)}
    rows = list(_rows(leads))
    by_channel = Counter(LEVERS[row["origin"]] for row in rows)
    by_month = Counter(row["first_contact_date"][:7] for row in rows)
    won = [row for row in rows if row["mql_id"] in bought]
    assert found["by_channel"] == _figures(by_channel, Counter(LEVERS[row["origin"]] for row in won))
    assert found["by_month"] == _figures(by_month, Counter(row["first_contact_date"][:7] for row in won))
    assert (found["leads"], found["won"], found["conversion"]) == (8000, 842, 10.5)
    assert (len(rows), len(won)) == (8000, 842)

    stages = stage_counts().stages
    assert (stages[Stage.CUSTOMER], stages[Stage.MQL]) == (842, 7158)
    people = {row["sdr_id"] for row in _rows(deals)} | {row["sr_id"] for row in _rows(deals)}
    assert User.objects.count() == len(people) == 41
    assert set(Passage.objects.values_list("is_imported", flat=True)) == {True}


@pytest.mark.django_db
def test_replay_counts_what_it_wrote(now: datetime) -> None:
    done = replay(read([_lead()], [_deal()], today=TODAY), now=now)
    assert (done.made, done.known, done.people, done.recorded) == (1, 0, 2, 1)
