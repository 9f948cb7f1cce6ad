"""Machines: set aside with reasons, thanked like everybody, taken in after all when a person says so."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import altcha
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from capture.actions.housekeeping import forget_submissions
from capture.actions.review import CannotReplay, replay
from capture.models import Form, Submission
from capture.proof import is_solved, make_challenge
from capture.spam import Proof, Signals, Token, count_links, judge
from capture.tokens import make_form_token, read_form_token
from leads.models import Event, Lead, Source
from nurturing.models import Notice
from tests.capture.public.conftest import ANSWERS, Visitor, hidden_fields


def reasons_of(form: Form, visitor: Visitor, **fill: Any) -> tuple[list[str], str]:
    """What the newest submission was set aside for, and where its sender was led."""
    where = visitor.fill(form, **fill)["Location"]
    newest = Submission.objects.latest("id")
    return (newest.reasons if newest.state == "spam" else []), where.split("/thanks/")[0]


def test_b61_each_trap_sets_aside_and_says_the_same_thanks(
    make_form: Callable[..., Form], visitor: Visitor
) -> None:
    form = make_form()
    page = visitor.open(form)
    thanks = reasons_of(form, visitor, answers=ANSWERS)[1]
    links = {"answer.message": "https://a.example " * 100}
    traps: list[tuple[str, dict[str, Any]]] = [
        ("honeypot", {"answers": ANSWERS, "website": "https://spam.example"}),
        ("too_fast", {"answers": ANSWERS, "after": timedelta(seconds=2)}),
        ("token_invalid", {"answers": ANSWERS, "_token": "made~up"}),
        ("token_missing", {"answers": ANSWERS, "_token": ""}),
        ("many_links", {"answers": ANSWERS | links}),
        ("link_as_name", {"answers": ANSWERS | {"lead.first_name": "www.casino.example"}}),
    ]
    for reason, fill in traps:
        assert reasons_of(form, visitor, **fill) == ([reason], thanks), reason
    visitor.fill(form, ANSWERS, page=page)
    assert reasons_of(form, visitor, answers=ANSWERS | {"lead.first_name": "B"}, page=page)[0] == [
        "token_reused"
    ]
    spam = Submission.objects.filter(state="spam")
    assert spam.count() == 7
    visitor.work()
    assert Lead.objects.count() == 1
    assert not Notice.objects.exists()
    assert all(each.answers["lead.email"] == ANSWERS["lead.email"] for each in spam)


def test_b61_the_same_message_from_many_is_an_advertisers(
    form: Form, visitor: Visitor, settings: Any
) -> None:
    settings.API_LIMITS = settings.API_LIMITS | {"form_message": (5, 3600)}
    message = {"answer.message": f"Le meilleur crédit, dossier {uuid4()}"}
    for number in range(8):
        visitor.fill(form, ANSWERS | message | {"lead.email": f"bot{number}@acier.example"})
    states = list(Submission.objects.order_by("id").values_list("state", flat=True))
    assert states == ["received"] * 5 + ["spam"] * 3
    assert Submission.objects.latest("id").reasons == ["repeated"]


def test_b61_a_machine_cannot_tell_by_the_confirmation_either(
    make_form: Callable[..., Form], visitor: Visitor
) -> None:
    form = make_form(double_opt_in="everybody")
    page = visitor.get(visitor.fill(form, ANSWERS)["Location"]).content
    trapped = visitor.get(visitor.fill(form, ANSWERS, website="x")["Location"]).content
    assert page == trapped


def test_b61_proof_of_work_is_done_once_in_time_for_its_own_showing(
    make_form: Callable[..., Form], visitor: Visitor, now: datetime
) -> None:
    form = make_form(uses_proof_of_work=True)
    page = visitor.open(form)
    token = hidden_fields(page)["_token"]
    challenge = visitor.get(f"/f/{form.slug}/challenge/?token={token}").json()
    payload = solve(challenge)
    visitor.fill(form, ANSWERS, page=page, _proof=payload)
    assert Submission.objects.latest("id").state == "received"
    visitor.fill(form, ANSWERS, _proof=payload)  # another showing, the old solution
    assert Submission.objects.latest("id").reasons == ["proof_missing"]
    nonce = read_form_token(token, form.pk).nonce  # type: ignore[union-attr]
    assert is_solved(payload, nonce, now=now)
    assert not is_solved(payload, nonce, now=now + timedelta(minutes=11))
    for wrong in ("", "e30=", "W10=", "MQ==", "not base64", payload[:-8]):
        assert not is_solved(wrong, nonce, now=now)
    assert visitor.get(f"/f/{form.slug}/challenge/?token=made~up").status_code == 404


def test_a_solution_cannot_be_spliced_to_last_longer(now: datetime) -> None:
    nonce = read_form_token(make_form_token(1, now=now), 1).nonce  # type: ignore[union-attr]
    challenge = make_challenge(nonce, now=now)
    forged = challenge | {"salt": f"{challenge['salt']}expires=9999999999&"}
    assert not is_solved(solve(challenge, salt=str(forged["salt"])), nonce, now=now)


def solve(challenge: dict[str, Any], *, salt: str = "") -> str:
    """What a browser does with a challenge."""
    found = altcha.solve_challenge_v1(
        challenge["challenge"], challenge["salt"], challenge["algorithm"], challenge["maxnumber"]
    )
    kept = {name: challenge[name] for name in ("algorithm", "challenge", "salt", "signature")}
    solution = kept | {"number": found.number} | ({"salt": salt} if salt else {})
    return base64.b64encode(json.dumps(solution).encode()).decode()


def test_not_spam_takes_it_in_as_of_when_it_came(
    form: Form, visitor: Visitor, make_user: Callable[..., Any]
) -> None:
    visitor.fill(form, ANSWERS, website="x")
    submission, marketer = Submission.objects.get(), make_user("marketer")
    later = visitor.now + timedelta(days=3)
    replay(submission=submission, by=marketer, now=later)
    submission.refresh_from_db()
    lead, event = Lead.objects.get(), Event.objects.get(source_id=Source.FORMS)
    assert (submission.state, submission.reviewed_by, submission.lead) == ("accepted", marketer, lead)
    assert event.occurred_at == submission.received_at == lead.created_at
    with pytest.raises(CannotReplay):
        replay(submission=submission, by=marketer, now=later)
    assert Event.objects.filter(source_id=Source.FORMS).count() == 1


def test_not_spam_asks_a_consumer_to_confirm_first(
    make_form: Callable[..., Form], visitor: Visitor, make_user: Callable[..., Any]
) -> None:
    visitor.fill(
        make_form(double_opt_in="consumers"), ANSWERS | {"lead.email": "jeanne@orange.fr"}, website="x"
    )
    replay(submission=Submission.objects.get(), by=make_user("marketer"), now=visitor.now)
    assert Submission.objects.get().state == "awaiting"
    assert Notice.objects.get().address == "jeanne@orange.fr"
    assert not Lead.objects.exists()


def test_what_names_nobody_cannot_be_taken_in(
    form: Form, visitor: Visitor, make_user: Callable[..., Any]
) -> None:
    visitor.fill(form, {"lead.email": "jeanne@"})
    with pytest.raises(CannotReplay) as refusal:
        replay(submission=Submission.objects.get(), by=make_user("marketer"), now=visitor.now)
    assert refusal.value.errors[0]["field"] == "lead.email"


def test_what_was_set_aside_goes_after_thirty_days_and_the_unconfirmed_after_seven(
    make_form: Callable[..., Form], visitor: Visitor, now: datetime
) -> None:
    asks = make_form(double_opt_in="everybody")
    visitor.fill(asks, ANSWERS)
    visitor.fill(make_form(), ANSWERS, website="x")
    visitor.fill(make_form(), {"lead.email": "x"})
    visitor.fill(make_form(), ANSWERS | {"lead.email": "paul@acier.example"})
    visitor.work()

    def left(days: int) -> list[str]:
        forget_submissions(now=now + timedelta(days=days))
        return sorted(Submission.objects.values_list("state", flat=True))

    assert left(6) == ["accepted", "awaiting", "rejected", "spam"]
    assert left(8) == ["accepted", "rejected", "spam"]
    assert left(31) == ["accepted"]
    assert not Notice.objects.exists()


SIGNALS = st.builds(
    Signals,
    honeypot=st.booleans(),
    seconds=st.none() | st.floats(0, 10_000),
    token=st.sampled_from(Token),
    proof=st.sampled_from(Proof),
    foreign_origin=st.booleans(),
    links=st.integers(0, 200),
    link_as_name=st.booleans(),
    disposable=st.booleans(),
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(SIGNALS)
def test_more_signs_never_make_a_post_less_of_a_machines(signals: Signals) -> None:
    if judge(signals):
        for worse in ({"honeypot": True}, {"links": signals.links + 10}, {"disposable": True}):
            assert judge(replace(signals, **worse))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(SIGNALS)
def test_a_reason_is_given_only_for_what_was_seen(signals: Signals) -> None:
    reasons = judge(signals)
    assert ("honeypot" in reasons) <= signals.honeypot
    assert ("disposable" in reasons) <= signals.disposable
    assert len(set(reasons)) == len(reasons)


@pytest.mark.parametrize(
    ("signals", "is_spam"),
    [
        (Signals(disposable=True), False),
        (Signals(links=2), False),
        (Signals(links=4), False),
        (Signals(links=4, disposable=True), True),
        (Signals(seconds=3.0), False),
        (Signals(seconds=2.9), True),
        (Signals(token=Token.UNNEEDED), False),
    ],
    ids=[
        "disposable",
        "two_links",
        "four_links",
        "four_and_disposable",
        "three_seconds",
        "faster",
        "plain_html",
    ],
)
def test_little_signs_need_company(signals: Signals, is_spam: bool) -> None:
    assert bool(judge(signals)) is is_spam


def test_links_are_counted_however_they_are_written() -> None:
    texts = ["voir https://a.example et HTTP://b.example", "www.c.example [url=x] <a href>", "a.example"]
    assert count_links(texts) == 5
