"""Signed texts: genuine or nothing, for one purpose, until their end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from capture.files import safe_name, safe_type
from capture.tokens import Purpose, make_form_token, make_link, read_form_token, read_link

NOW = datetime(2026, 3, 12, 11, 0, tzinfo=UTC)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=400))
def test_b49_no_invented_text_is_a_token(text: str) -> None:
    assert read_form_token(text, 1) is None
    for purpose in Purpose:
        assert read_link(purpose, text, now=NOW) is None


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.frozensets(st.integers(1, 2**40), max_size=30), st.integers(1, 2**31))
def test_a_form_token_says_what_was_put_in(asked: frozenset[int], form_id: int) -> None:
    token = make_form_token(form_id, now=NOW, asked=asked)
    found = read_form_token(token, form_id)
    assert found is not None
    assert (found.asked, found.form_id, found.issued_at) == (asked, form_id, NOW)
    assert read_form_token(token, form_id + 1) is None
    assert read_form_token(token[:-1] + ("a" if token[-1] != "a" else "b"), form_id) is None


def test_a_form_token_is_good_for_a_day() -> None:
    token = read_form_token(make_form_token(1, now=NOW), 1)
    assert token is not None
    assert not token.is_expired(NOW + timedelta(hours=24))
    assert token.is_expired(NOW + timedelta(hours=24, seconds=1))
    assert token.is_expired(NOW - timedelta(seconds=1))


@pytest.mark.parametrize("purpose", list(Purpose))
def test_b49_a_link_serves_one_purpose_until_its_end(purpose: Purpose) -> None:
    subject = uuid4()
    token = make_link(purpose, subject, until=NOW + timedelta(days=1), detail="7")
    assert str(subject) not in token
    for other in Purpose:
        link = read_link(other, token, now=NOW)
        assert (link and link.subject) == (subject if other is purpose else None)
    assert read_link(purpose, token, now=NOW + timedelta(days=2)) is None


def test_two_showings_are_never_the_same() -> None:
    nonces: set[UUID] = set()
    for _ in range(100):
        token = read_form_token(make_form_token(1, now=NOW), 1)
        assert token is not None
        nonces.add(token.nonce)
    assert len(nonces) == 100


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=300))
def test_b27_a_files_name_never_breaks_a_header(name: str) -> None:
    safe = safe_name(name)
    assert safe.isprintable()
    assert not set(safe) & set('\r\n"/\\<>:|?*')
    assert 0 < len(safe) <= 120


@pytest.mark.parametrize(
    ("name", "type_"),
    [
        ("Guide.PDF", "application/pdf"),
        ("page.html", "application/octet-stream"),
        ("dessin.svg", "application/octet-stream"),
        ("sans", "application/octet-stream"),
    ],
)
def test_what_a_browser_would_run_is_only_bytes(name: str, type_: str) -> None:
    assert safe_type(name) == type_
