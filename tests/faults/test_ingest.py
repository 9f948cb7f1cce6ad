"""Web servers that die while they take an event: stored wholly or not at all, and a retry makes it once.

(bar: faults A, F01 to F03)
"""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import redis
from django.utils import timezone

from accounts.actions import create_api_key
from accounts.models import ApiKey
from leads.models import Event, EventKey, Lead, Wake
from tests.faults.conftest import BEAT, Start, celery, wait_for

pytestmark = pytest.mark.django_db(transaction=True)

Answer = tuple[int, dict[str, str], Any]
Post = Callable[[dict[str, Any]], Answer | None]
Serve = Callable[[str], tuple[subprocess.Popen[bytes], Post]]


@pytest.fixture
def serve(start: Start) -> Serve:
    """``serve(failpoints)``: a web server of one process, and a function that posts one event to it, with an
    Idempotency-Key; None when the connection broke."""
    key = create_api_key(name="crm", kind=ApiKey.Kind.SECRET)[1]

    def run(failpoints: str) -> tuple[subprocess.Popen[bytes], Post]:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        server = start(
            *("-m", "granian", "config.wsgi:application", "--interface", "wsgi", "--no-log"),
            *("--host", "127.0.0.1", "--port", str(port), "--blocking-threads", "2"),
            FAILPOINTS=failpoints,
            DEBUG="false",
        )
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

        def post(told: dict[str, Any]) -> Answer | None:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            try:
                connection.request(
                    "POST",
                    "/api/v1/events/",
                    json.dumps(told),
                    headers | {"Idempotency-Key": told["event_id"]},
                )
                response = connection.getresponse()
                return response.status, dict(response.getheaders()), json.loads(response.read())
            except (http.client.HTTPException, OSError):
                return None
            finally:
                connection.close()

        wait_for(lambda: _answers(port), within=90, what="an answer of the web server")
        return server, post

    return run


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/livez")
        return connection.getresponse().status == 200
    except (http.client.HTTPException, OSError):
        return False
    finally:
        connection.close()


def event(lead: Lead) -> dict[str, Any]:
    """What a server sends."""
    return {
        "event_id": str(uuid4()),
        "kind": "pricing_viewed",
        "occurred_at": timezone.now().isoformat(),
        "lead": str(lead.public_id),
    }


def test_f01_a_web_server_killed_before_the_commit_stored_nothing(
    serve: Serve, make_lead: Callable[..., Lead]
) -> None:
    told = event(make_lead())
    dying, post = serve("ingest.before_commit=kill9")
    assert post(told) is None
    dying.wait(30)
    assert not Event.objects.exists()
    assert not EventKey.objects.exists()
    assert not Wake.objects.exists()
    _healthy, post = serve("")
    answers = [post(told), post(told)]
    assert [answer and answer[0] for answer in answers] == [202, 202]
    assert Event.objects.count() == 1


@pytest.mark.parametrize("point", ["ingest.after_commit", "ingest.after_doorbell"])
def test_f02_a_web_server_killed_after_the_commit_is_answered_for_by_the_next(
    serve: Serve, make_lead: Callable[..., Lead], point: str
) -> None:
    told = event(make_lead())
    dying, post = serve(f"{point}=kill9")
    assert post(told) is None
    dying.wait(30)
    assert Event.objects.count() == Wake.objects.count() == 1
    _healthy, post = serve("")
    answer = post(told)
    assert answer is not None
    status, headers, body = answer
    assert (status, body) == (202, {"event_id": told["event_id"], "status": "accepted"})
    assert {name.lower(): value for name, value in headers.items()}["idempotent-replayed"] == "true"
    assert Event.objects.count() == Wake.objects.count() == 1


def test_f03_what_nobody_rang_for_the_sweep_finds(
    serve: Serve, start: Start, make_lead: Callable[..., Lead], broker: redis.Redis, tmp_path: Path
) -> None:
    dying, post = serve("ingest.after_commit=kill9")
    assert post(event(make_lead())) is None
    dying.wait(30)
    assert broker.llen("pipeline") == 0
    assert Wake.objects.count() == 1
    start(*celery())
    start(*BEAT, str(tmp_path / "schedule"))
    wait_for(lambda: not Wake.objects.exists(), within=90, what="the sweep")
