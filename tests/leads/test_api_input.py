"""Bad input over HTTP gets the answer that the catalogue describes, in the one shape of a problem."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest

from leads.models import Event, Lead, RejectedSubmission
from tests.api_fixtures import Call, codes, problem

pytestmark = pytest.mark.django_db
PATHS = ["/api/v1/leads/", "/api/v1/events/"]


def event(**fields: Any) -> dict[str, Any]:
    """An event as a server sends it."""
    return {
        "event_id": str(uuid4()),
        "kind": "page_viewed",
        "occurred_at": "2026-11-02T10:00:00+01:00",
    } | fields


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("body", "code"),
    [
        (" ", "empty_body"),
        ("{", "invalid_json"),
        ("null", "not_an_object"),
        ("1", "not_an_object"),
        ('"x"', "not_an_object"),
        ("[1]", "not_an_object"),
    ],
)
def test_b01_bodies_that_are_no_object(call: Call, secret: str, path: str, body: str, code: str) -> None:
    problem(call("POST", path, body, key=secret), 400, code)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "content_type",
    [
        "application/xml",
        "text/plain",
        "",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded",
    ],
)
def test_b02_other_content_types(call: Call, secret: str, path: str, content_type: str) -> None:
    problem(call("POST", path, "a=1", key=secret, content_type=content_type), 415, "unsupported_media_type")


@pytest.mark.parametrize("path", PATHS)
def test_b02_a_beacon_of_a_page_is_text_plain(call: Call, publishable: str, path: str) -> None:
    body = {"key": publishable} | (
        {"email": "a@atelier.example"} if "leads" in path else event(visitor=str(uuid4()), consent=True)
    )
    assert call("POST", path, body, content_type="text/plain;charset=UTF-8").status_code == 202


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("charset", ["utf-16", "base64_codec", "undefined"])
def test_b03_charsets(call: Call, secret: str, path: str, charset: str) -> None:
    answer = call("POST", path, "{}", key=secret, content_type=f"application/json; charset={charset}")
    assert answer.status_code == 400
    assert call("POST", path, b'\xef\xbb\xbf{"a":1}', key=secret).status_code == 400
    assert call("POST", path, '{"a":1}'.encode("utf-16"), key=secret).status_code == 400


def test_b03_an_unknown_charset_is_read_as_utf8(call: Call, secret: str) -> None:
    answer = call(
        "POST",
        PATHS[0],
        {"email": "é@atelier.example"},
        key=secret,
        content_type="application/json; charset=foo",
    )
    assert answer.status_code == 201


@pytest.mark.parametrize("query", ["reference=a%00b", "channel=%00", "cursor=%00"])
def test_b04_nul_in_the_query(call: Call, secret: str, query: str) -> None:
    assert call("GET", f"/api/v1/leads/?{query}", key=secret).status_code == 400


def test_b05_nul_in_json(call: Call, secret: str) -> None:
    problem(
        call("POST", PATHS[0], rb'{"email":"a@b.example","custom":{"k":"a\u0000"}}', key=secret),
        400,
        "null_character",
    )
    problem(call("POST", PATHS[1], rb'{"properties":{"k\u0000":1}}', key=secret), 400, "null_character")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("levels", [11, 900, 20_000])
def test_b07_nesting(call: Call, secret: str, path: str, levels: int) -> None:
    value = "[" * levels + "]" * levels
    field = "custom" if "leads" in path else "properties"
    body = json.dumps(event(email="a@b.example") if "events" in path else {"email": "a@b.example"})
    answer = call("POST", path, f'{body[:-1]}, "{field}": {{"deep": {value}}}}}', key=secret)
    assert answer.status_code == 400
    assert Event.objects.count() == 0
    assert Lead.objects.count() == 0


@pytest.mark.parametrize(
    ("path", "size"), [(PATHS[0], 65_537), (PATHS[1], 32_769), (PATHS[0], 3_000_000), (PATHS[1], 3_000_000)]
)
def test_b08_bodies_that_are_too_large(call: Call, secret: str, path: str, size: int) -> None:
    body = json.dumps({"email": "x" * size})
    problem(call("POST", path, body, key=secret), 413, "body_too_large")


def test_b08_a_batch_may_have_a_megabyte(call: Call, secret: str) -> None:
    events = [
        event(email="nobody@atelier.example", properties={"a": "x" * 1000, "b": "y" * 700})
        for _ in range(500)
    ]
    assert len(json.dumps({"events": events})) < 1_048_576
    assert call("POST", PATHS[1], {"events": events}, key=secret).status_code == 202


def test_b09_many_form_fields(call: Call, secret: str) -> None:
    body = "&".join(f"f{n}=1" for n in range(2000))
    answer = call("POST", PATHS[0], body, key=secret, content_type="application/x-www-form-urlencoded")
    problem(answer, 415, "unsupported_media_type")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", "1e999999"])
@pytest.mark.parametrize("path", PATHS)
def test_b10_numbers_that_are_none(call: Call, secret: str, path: str, number: str) -> None:
    problem(
        call("POST", path, f'{{"custom": {{"a": {number}}}, "properties": {{"a": {number}}}}}', key=secret),
        400,
        "invalid_json",
    )


@pytest.mark.parametrize(
    "field", ["score", "owner", "stage", "is_staff", "id", "consent_at", "public_id", "erased_at"]
)
def test_b13_unknown_fields_of_a_lead(call: Call, secret: str, publishable: str, field: str) -> None:
    for key in (secret, publishable):
        body = problem(call("POST", PATHS[0], {"email": "a@b.example", field: 1}, key=key), 400, "invalid")
        assert codes(body) == {(field, "unknown_field")}
    assert not Lead.objects.exists()


def test_b13_nested_unknown_fields_are_named_by_their_path(call: Call, secret: str) -> None:
    body = problem(
        call("POST", PATHS[0], {"email": "a@b.example", "company": {"nam": "x"}}, key=secret), 400, "invalid"
    )
    assert codes(body) == {("company.nam", "unknown_field")}


@pytest.mark.parametrize(
    "properties",
    [
        [],
        "x",
        5,
        {f"k{n}": 1 for n in range(51)},
        {"k" * 65: 1},
        {"": 1},
        {"k": "x" * 1025},
        {"k": ["é" * 600]},
    ],
)
def test_b14_properties(call: Call, secret: str, make_lead: Any, properties: Any) -> None:
    lead = make_lead()
    problem(
        call("POST", PATHS[1], event(lead=str(lead.public_id), properties=properties), key=secret),
        400,
        "invalid",
    )
    custom = {"email": "a@b.example", "custom": properties}
    problem(call("POST", PATHS[0], custom, key=secret), 400, "invalid")


@pytest.mark.parametrize("value", [5, "5", "x", None, [], "0190163d-8694-739b-b2eb", True])
def test_b15_a_uuid_is_text(call: Call, secret: str, value: Any) -> None:
    problem(call("POST", PATHS[1], event(lead=value), key=secret), 400, "invalid")
    if value is not None:
        problem(
            call("POST", PATHS[0], {"email": "a@b.example", "visitor": value}, key=secret), 400, "invalid"
        )


@pytest.mark.parametrize(
    "moment",
    [
        "0000-01-01T00:00:00Z", "10000-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "2026-06-30T23:59:60Z",
        1_690_000_000, "2026-02-30T10:00:00Z", "1989-12-31T23:59:59Z", "2026-11-02", "", None,
    ],
)  # fmt: skip
def test_b16_dates(call: Call, secret: str, make_lead: Any, moment: Any) -> None:
    lead = make_lead()
    problem(
        call("POST", PATHS[1], event(lead=str(lead.public_id), occurred_at=moment), key=secret),
        400,
        "invalid",
    )
    posted = {"email": "a@b.example", "event": {"kind": "quote_requested", "occurred_at": moment}}
    problem(call("POST", PATHS[0], posted, key=secret), 400, "invalid")


@pytest.mark.parametrize("moment", ["2026-03-29T02:30:00", "2026-10-25T02:30:00", "2026-11-02T10:00:00"])
def test_b17_times_need_an_offset(call: Call, secret: str, make_lead: Any, moment: str) -> None:
    lead = make_lead()
    answer = call("POST", PATHS[1], event(lead=str(lead.public_id), occurred_at=moment), key=secret)
    assert codes(problem(answer, 400, "invalid")) == {("occurred_at", "offset_missing")}


@pytest.mark.parametrize(
    "path", ["leads/abc/", "leads/-1/", "leads/%00/", f"leads/{'9' * 5000}/", "leads/?cursor=zz", "x"]
)
def test_b18_places_that_do_not_exist(call: Call, secret: str, path: str) -> None:
    problem(call("GET", f"/api/v1/{path}", key=secret), 404, "not_found")


def test_b18_at_most_200_a_page(call: Call, secret: str, make_lead: Any) -> None:
    for _ in range(3):
        make_lead()
    assert len(call("GET", "/api/v1/leads/?limit=2", key=secret).json()["results"]) == 2
    assert len(call("GET", "/api/v1/leads/?limit=9999999999", key=secret).json()["results"]) == 3
    problem(call("GET", f"/api/v1/leads/?limit={'9' * 5000}", key=secret), 400, "invalid")


@pytest.mark.parametrize(
    "query",
    ["ordering=password", "ordering=custom__x", "email__startswith=a", "owner__password=x", "search=a"],
)
def test_b20_filters_and_orderings_are_listed(call: Call, secret: str, query: str) -> None:
    problem(call("GET", f"/api/v1/leads/?{query}", key=secret), 400, "invalid")


def test_b21_odd_filter_values_find_nothing(call: Call, secret: str) -> None:
    assert call("GET", "/api/v1/leads/?reference=99999999999999999999", key=secret).json()["results"] == []
    assert call("GET", "/api/v1/leads/?reference=%ff%fe", key=secret).json()["results"] == []


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "gzip, identity"])
@pytest.mark.parametrize("path", PATHS)
def test_b22_packed_bodies(call: Call, secret: str, path: str, encoding: str) -> None:
    problem(
        call("POST", path, b"\x1f\x8b", key=secret, Content_Encoding=encoding),
        415,
        "content_encoding_unsupported",
    )


@pytest.mark.parametrize("path", PATHS)
def test_b23_a_body_without_a_length(call: Call, secret: str, path: str) -> None:
    problem(call("POST", path, key=secret, Transfer_Encoding="chunked"), 411, "length_required")


@pytest.mark.parametrize("method", ["TRACE", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", PATHS)
def test_b24_other_methods(call: Call, secret: str, method: str, path: str) -> None:
    body = problem(call(method, path, key=secret), 405, "method_not_allowed")
    assert body["errors"] == []
    overridden = call("POST", path, {}, key=secret, X_HTTP_Method_Override="DELETE")
    assert overridden.status_code == 400


def test_b25_accept_and_host(call: Call, secret: str) -> None:
    problem(call("GET", "/api/v1/leads/", key=secret, Accept="text/weird"), 406, "not_acceptable")
    for host in ("evil.example", "a b"):
        problem(call("GET", "/api/v1/leads/", key=secret, Host=host), 400, "bad_request")


def test_b25_links_do_not_follow_the_host(call: Call, secret: str, make_lead: Any, settings: Any) -> None:
    make_lead(), make_lead()
    page = call("GET", "/api/v1/leads/?limit=1", key=secret, Host="localhost").json()
    assert page["next"].startswith(f"{settings.SITE_URL}/api/v1/leads/?cursor=")


def test_b28_line_breaks_never_get_in(call: Call, secret: str) -> None:
    answer = call(
        "POST", PATHS[0], {"email": "a@b-c.example", "first_name": "Zoé\r\nBcc: x@y.z\u2028"}, key=secret
    )
    assert answer.json()["lead"]["first_name"] == "Zoé Bcc: x@y.z"


@pytest.mark.parametrize(
    "email",
    [
        "x",
        "a@localhost",
        "a@[127.0.0.1]",
        "a@b",
        "a..b@c-d.fr",
        '"a b"@c-d.fr',
        f"{'a' * 250}@c-d.fr",
        "mailto:a@c-d.fr",
        "Nom <a@c-d.fr>",
        "a@c-d.fr\r\nBcc: b@c-d.fr",
        "",
        5,
        None,
    ],
)
def test_b31_emails_that_cannot_be(call: Call, secret: str, email: Any) -> None:
    body = problem(call("POST", PATHS[0], {"email": email}, key=secret), 400, "invalid")
    assert any(field == "email" for field, _code in codes(body))


def test_b31_the_identity_of_an_email(call: Call, secret: str) -> None:
    first = call("POST", PATHS[0], {"email": "Élodie+Devis@Exémple.fr"}, key=secret)
    again = call("POST", PATHS[0], {"email": " élodie+devis@xn--exmple-cva.fr \n"}, key=secret)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["lead"]["email"] == "élodie+devis@xn--exmple-cva.fr"


@pytest.mark.parametrize(
    ("phone", "e164"),
    [
        ("06 12 34 56 78", "+33612345678"),
        ("+33 (0)6 12 34 56 78", "+33612345678"),
        ("0033612345678", "+33612345678"),
        ("+262 692 12 34 56", "+262692123456"),
        ("０６１２３４５６７８", "+33612345678"),
    ],
)
def test_b32_phones(call: Call, secret: str, phone: str, e164: str) -> None:
    assert call("POST", PATHS[0], {"phone": phone}, key=secret).json()["lead"]["phone"] == e164


@pytest.mark.parametrize("phone", ["123", "abc", "0899 12 34 56"])
def test_b32_an_impossible_phone_is_kept_and_flagged(call: Call, secret: str, phone: str) -> None:
    lead = call("POST", PATHS[0], {"email": "a@b-c.example", "phone": phone}, key=secret).json()["lead"]
    assert (lead["phone"], lead["phone_is_valid"]) == (None, False)
    assert Lead.objects.get().phone_raw == phone
    body = problem(call("POST", PATHS[0], {"phone": phone}, key=secret), 400, "invalid")
    assert codes(body) == {("", "identity_missing")}


@pytest.mark.parametrize(
    "name",
    [
        "null",
        "None",
        "<script>alert(1)</script>",
        "Robert'); DROP TABLE leads_lead;--",
        "X",
        "O'Neill-Élodie",
        "{{7*7}}",
    ],
)
def test_b34_names_are_only_names(call: Call, secret: str, name: str) -> None:
    answer = call("POST", PATHS[0], {"email": "a@b-c.example", "last_name": name}, key=secret)
    assert answer.json()["lead"]["last_name"] == name
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_b34_a_name_of_10_kb(call: Call, secret: str) -> None:
    body = problem(
        call("POST", PATHS[0], {"email": "a@b-c.example", "first_name": "x" * 10_240}, key=secret),
        400,
        "invalid",
    )
    assert codes(body) == {("first_name", "max_length")}


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "ftp://a.example", "https://"]
)
def test_b35_addresses_are_http(call: Call, secret: str, url: str) -> None:
    for fields in ({"page": url}, {"social": {"linkedin": url}}):
        problem(call("POST", PATHS[0], {"email": "a@b-c.example"} | fields, key=secret), 400, "invalid")


def test_b61_a_filled_honeypot_looks_fine_and_is_put_aside(call: Call, publishable: str) -> None:
    answer = call("POST", PATHS[0], {"key": publishable, "email": "a@b-c.example", "website": "http://spam"})
    assert (answer.status_code, answer.json()) == (202, {"status": "accepted"})
    assert not Lead.objects.exists()
    assert RejectedSubmission.objects.get().errors == [{"code": "honeypot"}]


def test_refused_public_posts_are_kept(call: Call, publishable: str) -> None:
    for body in ('{"email": "jean(at)acier.example", "first_name": "Jean"}', '{"broken'):
        assert call("POST", PATHS[0], body, key=publishable).status_code == 400
    kept = RejectedSubmission.objects.order_by("id")
    assert [row.body for row in kept] == [
        '{"email": "jean(at)acier.example", "first_name": "Jean"}',
        '{"broken',
    ]
    assert kept[0].errors[0]["code"] == "email_invalid"


def test_what_a_server_sends_wrong_is_not_kept(call: Call, secret: str) -> None:
    call("POST", PATHS[0], {"email": "x"}, key=secret)
    assert not RejectedSubmission.objects.exists()


@pytest.mark.parametrize(
    ("language", "said"), [("fr", "Ce champ est obligatoire."), ("en", "This field is required.")]
)
def test_problems_speak_french_and_english(call: Call, secret: str, language: str, said: str) -> None:
    answer = call(
        "POST",
        PATHS[0],
        {"email": "a@b-c.example", "consents": [{"purpose": "newsletter"}]},
        key=secret,
        Accept_Language=language,
    )
    [error] = problem(answer, 400, "invalid")["errors"]
    assert error == {"field": "consents.0.state", "code": "required", "detail": said}
