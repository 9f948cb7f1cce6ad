"""Who may call: keys, scopes, origins, sessions, addresses and limits."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpRequest
from django.test import Client
from django.utils import timezone

from accounts.actions import create_api_key
from accounts.models import ApiKey, User
from leads.api import keys, limits
from leads.api.addresses import client_address, truncated
from leads.api.limits import Limit, seconds_to_wait
from leads.models import Event, Lead
from tests.api_fixtures import SITE, Call, problem
from tests.leads.test_events import together

pytestmark = pytest.mark.django_db
LEADS, EVENTS = "/api/v1/leads/", "/api/v1/events/"
PERSON = {"email": "jean@acier-dupont.example"}
# A lead that nobody is.
NOBODY = "0e8f6c2a-7a3b-4f55-9c1d-2f6f3f0d9a11"


def page_event() -> dict[str, Any]:
    """An event as a page's tracker sends it."""
    return {
        "event_id": str(uuid4()),
        "kind": "page_viewed",
        "occurred_at": timezone.now().isoformat(),
        "visitor": str(uuid4()),
        "consent": True,
    }


def test_b65_no_key_a_wrong_one_one_in_the_address(call: Call, secret: str) -> None:
    for path in (LEADS, EVENTS):
        problem(call("POST", path, PERSON), 401, "not_authenticated")
        problem(call("POST", path, PERSON, key="abcdefgh.wrong"), 401, "key_invalid")
        problem(call("POST", path, PERSON, key=secret[:-1] + "x"), 401, "key_invalid")
        problem(call("POST", f"{path}?key={secret}", PERSON), 401, "not_authenticated")
        problem(call("POST", path, PERSON, Authorization=f"Basic {secret}"), 401, "not_authenticated")
    assert call("POST", LEADS, PERSON).headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("path", [LEADS, EVENTS])
def test_b65_a_secret_key_never_comes_in_a_body(call: Call, secret: str, path: str) -> None:
    problem(call("POST", path, page_event() | {"key": secret}), 401, "key_invalid")


def test_b65_revoked_and_expired_keys(call: Call, secret: str) -> None:
    key = ApiKey.objects.get()
    key.expiry_date = timezone.now() - timedelta(seconds=1)
    key.save()
    problem(call("GET", LEADS, key=secret), 401, "key_invalid")
    key.expiry_date, key.revoked = None, True
    key.save()
    problem(call("GET", LEADS, key=secret), 401, "key_invalid")


def test_b65_a_revoked_key_is_forgotten_within_seconds(
    call: Call, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert call("GET", LEADS, key=secret).status_code == 200
    ApiKey.objects.update(revoked=True)
    later = time.monotonic() + keys.REMEMBERED_SECONDS + 0.1
    monkeypatch.setattr(keys.time, "monotonic", lambda: later)
    problem(call("GET", LEADS, key=secret), 401, "key_invalid")


@pytest.mark.parametrize(
    "path",
    [LEADS, f"{LEADS}{NOBODY}/", f"{LEADS}{NOBODY}/events/", f"{LEADS}{NOBODY}/score/", "/api/v1/offers/"],
)
def test_b45_a_publishable_key_reads_nothing(call: Call, publishable: str, path: str) -> None:
    problem(call("GET", path, key=publishable), 403, "scope_missing")


def test_b45_scopes(call: Call, db: None) -> None:
    _key, reader = create_api_key(name="r", kind=ApiKey.Kind.SECRET, scopes=["leads:read"])  # type: ignore[list-item]
    assert call("GET", LEADS, key=reader).status_code == 200
    problem(call("POST", LEADS, PERSON, key=reader), 403, "scope_missing")
    problem(call("POST", EVENTS, page_event(), key=reader), 403, "scope_missing")
    problem(call("POST", f"{LEADS}{uuid4()}/accept/", {}, key=reader), 403, "scope_missing")


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "https://evil.example",
        f"{SITE}.evil.example",
        SITE.replace("https", "http"),
        f"{SITE}:8443",
        SITE.upper(),
    ],
)
@pytest.mark.parametrize("path", [LEADS, EVENTS])
def test_b54_other_origins(call: Call, publishable: str, origin: str, path: str) -> None:
    body = PERSON if path == LEADS else page_event()
    answer = call("POST", path, body, key=publishable, Origin=origin)
    problem(answer, 403, "origin_not_allowed")
    assert "Access-Control-Allow-Origin" not in answer.headers
    preflight = call("OPTIONS", path, Origin=origin, Access_Control_Request_Method="POST")
    assert "Access-Control-Allow-Origin" not in preflight.headers
    assert not Lead.objects.exists()


@pytest.mark.parametrize("path", [LEADS, EVENTS])
def test_b54_the_keys_own_origin(call: Call, publishable: str, path: str) -> None:
    body = PERSON if path == LEADS else page_event()
    for answer in (
        call("POST", path, body, key=publishable, Origin=SITE),
        call("OPTIONS", path, Origin=SITE, Access_Control_Request_Method="POST"),
    ):
        assert answer.headers["Access-Control-Allow-Origin"] == SITE
        assert "Access-Control-Allow-Credentials" not in answer.headers
        assert "origin" in answer.headers["Vary"].lower()
    assert answer.headers["Access-Control-Allow-Methods"] == "POST"


def test_b54_the_preflight_follows_revocation_and_says_nothing_of_other_paths(
    call: Call, publishable: str
) -> None:
    ApiKey.objects.update(revoked=True)
    for path in (LEADS, f"{LEADS}{uuid4()}/", "/api/v1/schema/"):
        answer = call("OPTIONS", path, Origin=SITE, Access_Control_Request_Method="POST")
        assert "Access-Control-Allow-Origin" not in answer.headers


def test_b54_a_secret_key_gets_no_cors_answer(call: Call, secret: str) -> None:
    answer = call("POST", LEADS, PERSON, key=secret, Origin=SITE)
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_b55_answers_are_never_cached(call: Call, secret: str) -> None:
    for answer in (call("GET", LEADS, key=secret), call("GET", LEADS), call("POST", EVENTS, {}, key=secret)):
        assert answer.headers["Cache-Control"] == "no-store"


def signed_in(user: User, *, checks: bool = False) -> Client:
    """A browser of somebody signed in."""
    client = Client(enforce_csrf_checks=checks)
    client.force_login(user)
    return client


def test_b52_a_session_needs_the_csrf_token(call: Call, make_user: Callable[..., User]) -> None:
    client = signed_in(make_user("marketer"), checks=True)
    problem(call("POST", LEADS, PERSON, client=client), 403, "csrf_failed")
    token = client.get("/accounts/login/") and client.cookies.get("csrftoken")
    client.cookies["csrftoken"] = value = token.value if token else "a" * 32
    assert call("POST", LEADS, PERSON, client=client, X_CSRFToken=value).status_code == 201


def test_b52_a_session_takes_no_text_and_no_cross_site_request(
    call: Call, make_user: Callable[..., User]
) -> None:
    client = signed_in(make_user("marketer"))
    answer = call("POST", LEADS, PERSON, client=client, content_type="text/plain")
    problem(answer, 415, "unsupported_media_type")
    problem(call("POST", LEADS, PERSON, client=client, Sec_Fetch_Site="cross-site"), 403, "cross_site")
    assert not Lead.objects.exists()


def test_b52_reading_changes_nothing(call: Call, secret: str, make_lead: Callable[..., Lead]) -> None:
    lead = make_lead()
    for path in (LEADS, f"{LEADS}{lead.public_id}/", f"{LEADS}{lead.public_id}/events/"):
        assert call("GET", path, key=secret).status_code == 200
    assert Event.objects.count() == 0


def test_b44_a_rep_sees_only_their_own_leads(
    call: Call, make_user: Callable[..., User], make_lead: Callable[..., Lead]
) -> None:
    rep, other = make_user("rep"), make_user("rep")
    mine, offered, theirs, nobodys = (
        make_lead(owner=rep),
        make_lead(offered_to=rep),
        make_lead(owner=other),
        make_lead(),
    )
    client = signed_in(rep)
    listed = {row["public_id"] for row in call("GET", LEADS, client=client).json()["results"]}
    assert listed == {str(mine.public_id), str(offered.public_id)}
    for lead in (theirs, nobodys):
        for place in ("", "events/", "score/"):
            problem(call("GET", f"{LEADS}{lead.public_id}/{place}", client=client), 404, "not_found")
        for verb, body in {"accept": {}, "return": {"reason": "no_budget"}, "won": {}}.items():
            problem(call("POST", f"{LEADS}{lead.public_id}/{verb}/", body, client=client), 404, "not_found")
    assert call("GET", f"{LEADS}?reference={theirs.reference}", client=client).json()["results"] == []


def test_b44_a_rep_cannot_fish_by_creating(
    call: Call, make_user: Callable[..., User], make_lead: Callable[..., Lead]
) -> None:
    theirs = make_lead(owner=make_user("rep"))
    problem(
        call("POST", LEADS, {"email": theirs.email}, client=signed_in(make_user("rep"))), 403, "forbidden"
    )


@pytest.mark.parametrize("role", ["marketer", "manager", "dpo", "admin"])
def test_b44_others_see_all(
    call: Call, make_user: Callable[..., User], make_lead: Callable[..., Lead], role: str
) -> None:
    make_lead(owner=make_user("rep"))
    assert len(call("GET", LEADS, client=signed_in(make_user(role))).json()["results"]) == 1


def test_b64_somebody_deactivated_is_out_at_once(call: Call, make_user: Callable[..., User]) -> None:
    user = make_user("marketer")
    client = signed_in(user)
    User.objects.update(is_active=False)
    problem(call("GET", LEADS, client=client), 401, "not_authenticated")


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "1.2.3.4", "10.0.0.9"),
        (1, "1.2.3.4", "1.2.3.4"),
        (1, "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        (1, ", ".join(["9.9.9.9"] * 50 + ["1.2.3.4"]), "1.2.3.4"),
        (2, "6.6.6.6, 1.2.3.4, 10.0.0.1", "1.2.3.4"),
        (2, "1.2.3.4", "10.0.0.9"),
        (1, "garbage", "10.0.0.9"),
        (1, "", "10.0.0.9"),
        (1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        (1, "::ffff:1.2.3.4", "1.2.3.4"),
    ],
)
def test_b26_only_the_last_trusted_proxy_is_believed(
    settings: Any, proxies: int, forwarded: str, address: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    request = HttpRequest()
    request.META = {"REMOTE_ADDR": "10.0.0.9", "HTTP_X_FORWARDED_FOR": forwarded}
    assert client_address(request) == address


def test_the_ledger_keeps_only_a_truncated_address() -> None:
    assert (truncated("1.2.3.4"), truncated("2001:db8::/64"), truncated("unknown")) == (
        "1.2.3.0/24",
        "2001:db8::/64",
        "",
    )


def test_b66_the_limit_and_one_more(call: Call, publishable: str, settings: Any) -> None:
    settings.API_LIMITS |= {"publishable_forms": (3, 3600)}
    answers = [call("POST", LEADS, {"email": f"a{n}@b-c.example"}, key=publishable) for n in range(4)]
    assert [answer.status_code for answer in answers] == [202, 202, 202, 429]
    problem(answers[3], 429, "throttled")
    assert 1 <= int(answers[3].headers["Retry-After"]) <= 3601


def test_b66_guessing_keys_is_slowed_down(call: Call, db: None, settings: Any) -> None:
    settings.API_LIMITS |= {"unauthenticated": (2, 3600)}
    settings.TRUSTED_PROXIES = 1
    address = f"2001:db8:{uuid4().hex[:4]}:{uuid4().hex[:4]}::1"
    codes = [
        call("POST", EVENTS, {}, key=f"abcdefgh.{n}", X_Forwarded_For=f"1.1.1.{n}, {address}").status_code
        for n in range(4)
    ]
    assert codes == [401, 401, 429, 429]


def test_b66_twenty_at_once_count_exactly(settings: Any) -> None:
    rule, who = Limit(f"test{uuid4()}", 10, 3600), "x"
    waits = together(20, lambda _turn: seconds_to_wait(rule, who))
    assert sum(wait == 0 for wait in waits) == 10


def test_b66_processes_share_the_count() -> None:
    rule = Limit(f"test{uuid4()}", 4, 3600)
    first, second = limits._Permits(), limits._Permits()
    moment = f"{rule.name}:x:1"
    assert [permits.take(moment, rule) for permits in (first, second) * 3] == [True] * 4 + [False] * 2


def test_b66_a_high_limit_is_taken_in_blocks_and_never_exceeded() -> None:
    rule = Limit(f"test{uuid4()}", 10_000, 3600)
    passed = sum(seconds_to_wait(rule, "x", now=1_000_000) == 0 for _ in range(10_050))
    assert (rule.block, passed) == (20, 10_000)


@pytest.fixture
def hung_redis() -> Iterator[str]:
    """A server that takes connections and never answers."""
    server = socket.create_server(("127.0.0.1", 0))
    held: list[socket.socket] = []

    def accept() -> None:
        try:
            while True:
                held.append(server.accept()[0])
        except OSError:
            pass

    threading.Thread(target=accept, daemon=True).start()
    yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"
    server.close()


def test_f14_a_hung_redis_delays_nobody(call: Call, publishable: str, settings: Any, hung_redis: str) -> None:
    settings.REDIS_URL = hung_redis
    settings.API_LIMITS |= {"publishable_events": (5, 3600)}
    limits.forget()
    took, codes = [], []
    for _ in range(7):
        start = time.perf_counter()
        codes.append(call("POST", EVENTS, page_event(), key=publishable).status_code)
        took.append(time.perf_counter() - start)
    assert codes == [202] * 5 + [429] * 2  # the local limit holds meanwhile
    assert max(took) < 1


def test_f13_redis_away(call: Call, publishable: str, settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    limits.forget()
    assert call("POST", LEADS, PERSON, key=publishable).status_code == 202


def test_every_answer_has_an_id_of_its_own(call: Call, secret: str) -> None:
    ids = {
        call("GET", LEADS, key=secret, X_Request_Id="evil\x1b[31m").headers["X-Request-Id"] for _ in range(3)
    }
    assert len(ids) == 3
    assert all(len(one) == 32 for one in ids)


def test_health(call: Call, db: None) -> None:
    assert call("GET", "/livez").json() == {"status": "ok"}
    ready = call("GET", "/readyz")
    assert (ready.status_code, json.loads(ready.content)["status"]) == (200, "queue_degraded")
