"""Strict JSON: what msgspec refuses, and what is added to it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.api.strict import MAX_DEPTH, NotStrict, check_charset, check_depth, strict_json

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


def depth(value: Any) -> int:
    """How many lists and objects stand inside each other."""
    if not isinstance(value, (dict, list)):
        return 0
    return 1 + max(
        (depth(item) for item in (value.values() if isinstance(value, dict) else value)), default=0
    )


@given(VALUES, st.booleans())
def test_whatever_json_writes_is_read_again(value: Any, ascii_only: bool) -> None:
    body = json.dumps(value, ensure_ascii=ascii_only).encode()
    if depth(value) > MAX_DEPTH:
        with pytest.raises(NotStrict, match="too_deep"):
            strict_json(body)
    else:
        assert strict_json(body) == value


@given(st.dictionaries(TEXT, VALUES, min_size=1, max_size=4), st.data(), st.booleans())
def test_a_name_twice_is_found_wherever_it_stands(
    table: dict[str, Any], data: st.DataObject, ascii_only: bool
) -> None:
    again = data.draw(st.sampled_from(sorted(table)))
    pairs = [*table.items(), (again, data.draw(SCALARS))]
    text = ",".join(
        f"{json.dumps(k, ensure_ascii=ascii_only)}:{json.dumps(v, ensure_ascii=ascii_only)}" for k, v in pairs
    )
    for body in (f"{{{text}}}", f'[{{"outer":{{{text}}}}}]'):
        with pytest.raises(NotStrict, match="duplicate_key"):
            strict_json(body.encode())


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "empty_body"),
        (b"  \n", "empty_body"),
        (b"{", "invalid_json"),
        (b'{"a":1}x', "invalid_json"),
        (b"{'a':1}", "invalid_json"),
        (b"[1,]", "invalid_json"),
    ],
)
def test_b01_truncated_and_empty(body: bytes, code: str) -> None:
    with pytest.raises(NotStrict, match=code):
        strict_json(body)


@pytest.mark.parametrize(
    "body", [b'"\xff"', b'\xef\xbb\xbf{"a":1}', '{"a":1}'.encode("utf-16"), b'"\xed\xa0\x80"']
)
def test_b03_not_utf8(body: bytes) -> None:
    with pytest.raises(NotStrict, match="invalid_json"):
        strict_json(body)


@pytest.mark.parametrize("charset", ["utf-16", "latin-1", "base64_codec", "undefined"])
def test_b03_another_charset_is_refused(charset: str) -> None:
    with pytest.raises(NotStrict, match="charset_unsupported"):
        check_charset(charset)


@pytest.mark.parametrize("charset", [None, "", "utf-8", "UTF8", '"utf-8"', "foo"])
def test_b03_an_unknown_charset_is_ignored(charset: str | None) -> None:
    check_charset(charset)


@pytest.mark.parametrize(
    "body", [rb'{"k":"a\u0000"}', rb'{"k\u0000":1}', rb'[["\u0000"]]', rb'{"k":"\\\u0000"}']
)
def test_b05_nul_in_values_and_names(body: bytes) -> None:
    with pytest.raises(NotStrict, match="null_character"):
        strict_json(body)


def test_b05_a_backslash_before_u0000_is_only_text() -> None:
    assert strict_json(rb'{"k":"\\u0000"}') == {"k": r"\u0000"}


@pytest.mark.parametrize("body", [rb'"\ud800"', rb'{"\udfff":1}', rb'"\ud800x"'])
def test_b05_lone_surrogates(body: bytes) -> None:
    with pytest.raises(NotStrict, match="invalid_json"):
        strict_json(body)


@pytest.mark.parametrize("levels", [11, 900, 20_000])
@pytest.mark.parametrize(("open_", "close"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_b07_nesting(levels: int, open_: bytes, close: bytes) -> None:
    with pytest.raises(NotStrict, match="too_deep"):
        strict_json(open_ * levels + b"1" + close * levels)


def test_b07_ten_levels_are_taken() -> None:
    assert depth(strict_json(b"[" * 10 + b"]" * 10)) == 10
    check_depth([[1]], room=2)


@pytest.mark.parametrize("body", [b"NaN", b"-Infinity", b"1e400", b'{"a":1e999999}', b"Infinity"])
def test_b10_numbers_that_are_none(body: bytes) -> None:
    with pytest.raises(NotStrict, match="invalid_json"):
        strict_json(body)


def test_b11_an_integer_of_5000_digits() -> None:
    with pytest.raises(NotStrict, match="invalid_json"):
        strict_json(b"1" * 5000)
