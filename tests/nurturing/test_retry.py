"""The ladder of SMTP failures: what each answer leads to."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurturing.retry import Action, Failure, Phase, breaker_pause, judge

F54 = [
    (Phase.CONNECT, None, "connection refused", Action.OPEN_BREAKER),
    (Phase.CONNECT, 421, "4.7.0 try later", Action.OPEN_BREAKER),
    (Phase.CONNECT, 554, "5.7.1 no service here", Action.OPEN_BREAKER),
    (Phase.TLS, None, "certificate verify failed", Action.OPEN_BREAKER),
    (Phase.AUTH, 535, "5.7.8 bad credentials", Action.OPEN_BREAKER),
    (Phase.MAIL, 530, "5.7.0 authentication required", Action.OPEN_BREAKER),
    (Phase.MAIL, 421, "4.3.2 shutting down", Action.RETRY),
    (Phase.RCPT, 450, "4.2.1 mailbox busy", Action.RETRY),
    (Phase.RCPT, 451, "4.3.0 local error", Action.RETRY),
    (Phase.RCPT, 452, "4.2.2 mailbox full", Action.RETRY),
    (Phase.RCPT, 550, "5.1.1 no such user", Action.HARD_BOUNCE),
    (Phase.RCPT, 550, "5.1.10 null MX", Action.HARD_BOUNCE),
    (Phase.RCPT, 550, "5.2.1 mailbox disabled", Action.HARD_BOUNCE),
    (Phase.RCPT, 550, "no enhanced code", Action.FAIL),
    (Phase.RCPT, 552, "5.2.2 mailbox full", Action.FAIL),
    (Phase.RCPT, 550, "5.1.8 bad sender domain", Action.FAIL),
    (Phase.MAIL, 550, "5.1.1 sender unknown", Action.FAIL),
    (Phase.RCPT, 550, "5.7.1 blocked by policy", Action.PAUSE_DOMAIN),
    (Phase.BODY, 550, "5.7.515 not authenticated", Action.PAUSE_DOMAIN),
    (Phase.RCPT, 554, "5.7.606 banned IP", Action.PAUSE_DOMAIN),
    (Phase.BODY, 554, "5.6.0 content rejected", Action.FAIL),
    (Phase.DATA, 451, "4.3.0 try again", Action.RETRY),
    (Phase.BODY, 452, "4.3.1 no room", Action.RETRY),
    (Phase.RCPT, None, "line broke", Action.RETRY),
    (Phase.DATA, None, "line broke before anything was handed over", Action.RETRY),
    (Phase.BODY, None, "line broke after the final dot", Action.UNKNOWN),
]


@pytest.mark.parametrize(("phase", "code", "text", "expected"), F54)
def test_f54_each_answer_has_one_consequence(
    phase: Phase, code: int | None, text: str, expected: Action
) -> None:
    assert judge(Failure(phase, code, text), attempts=1).action is expected


@given(st.integers(1, 50))
def test_f54_retries_back_off_from_five_minutes_to_a_day_and_then_fail(attempts: int) -> None:
    verdict = judge(Failure(Phase.RCPT, 450, "4.2.1 busy"), attempts=attempts)
    if attempts > 7:
        assert verdict.action is Action.FAIL
    else:
        assert verdict.retry_in is not None
        assert timedelta(minutes=5) <= verdict.retry_in <= timedelta(hours=24)


failures = st.builds(
    Failure,
    st.sampled_from(Phase),
    st.one_of(st.none(), st.integers(200, 599)),
    st.one_of(st.text(max_size=20), st.from_regex(r"[245]\.[0-9]{1,2}\.[0-9]{1,2} \w+", fullmatch=True)),
)


@given(failures, st.integers(1, 10))
def test_f54_only_a_refused_recipient_is_ever_a_bounce(failure: Failure, attempts: int) -> None:
    action = judge(failure, attempts=attempts).action
    if action is Action.HARD_BOUNCE:
        assert failure.phase is Phase.RCPT
        assert failure.enhanced.startswith(("5.1.", "5.2.1"))


@given(failures, st.integers(1, 10))
def test_f55_a_lost_answer_is_unknown_and_is_never_tried_again(failure: Failure, attempts: int) -> None:
    lost = failure.phase is Phase.BODY and (failure.code is None or failure.code < 400)
    assert (judge(failure, attempts=attempts).action is Action.UNKNOWN) == lost


@given(failures, st.integers(1, 10))
def test_whatever_is_tried_again_says_when(failure: Failure, attempts: int) -> None:
    verdict = judge(failure, attempts=attempts)
    again = {Action.RETRY, Action.OPEN_BREAKER, Action.PAUSE_DOMAIN}
    assert (verdict.retry_in is not None) == (verdict.action in again)


@given(st.integers(0, 100))
def test_the_breaker_waits_longer_each_time_up_to_half_an_hour(failures: int) -> None:
    assert (
        timedelta(minutes=1)
        <= breaker_pause(failures)
        <= breaker_pause(failures + 1)
        <= timedelta(minutes=30)
    )
