"""What the tests of the API share: keys, a way to call, and processes that remember nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from accounts.actions import create_api_key
from accounts.models import ApiKey
from capture import live
from leads import sources
from leads.api import cors, keys, limits, lookups

SITE = "https://www.acier-dupont.example"
Call = Callable[..., HttpResponse]


@pytest.fixture(autouse=True)
def _fresh_api(settings: Any) -> Iterator[None]:
    """No key, code, origin or count survives a test; limits are far away unless a test brings them near."""
    settings.API_LIMITS = dict.fromkeys(settings.API_LIMITS, (1_000_000, 60))
    for module in (keys, limits, lookups, cors, sources, live):
        module.forget()
    yield
    limits.forget()


@pytest.fixture
def secret(db: None) -> str:
    """A secret key with every scope."""
    return create_api_key(name="crm", kind=ApiKey.Kind.SECRET)[1]


@pytest.fixture
def publishable(db: None) -> str:
    """The key of a site."""
    return create_api_key(name="site", kind=ApiKey.Kind.PUBLISHABLE, origins=[SITE])[1]


@pytest.fixture
def call() -> Call:
    """``call("POST", "/api/v1/leads/", {…}, key=…, **headers)``; a text or bytes body is sent as it is."""

    def send(
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str = "",
        content_type: str = "application/json",
        client: Client | None = None,
        **headers: str,
    ) -> HttpResponse:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if key:
            sent["Authorization"] = f"Bearer {key}"
        data = body if isinstance(body, (str, bytes)) else "" if body is None else json.dumps(body)
        return (client or Client()).generic(method, path, data, content_type=content_type, headers=sent)  # type: ignore[return-value]

    return send


def problem(response: HttpResponse, status: int, code: str) -> dict[str, Any]:
    """Assert that ``response`` is this problem, in its one shape; its document."""
    body: dict[str, Any] = json.loads(response.content)
    assert (response.status_code, body["code"]) == (status, code), body
    assert response.headers["Content-Type"] == "application/problem+json"
    assert set(body) == {"type", "title", "status", "detail", "code", "request_id", "errors"}
    assert body["status"] == status
    assert body["type"] == f"urn:ecluse:problem:{code}"
    assert body["request_id"] == response.headers["X-Request-Id"]
    assert body["title"]
    assert body["detail"]
    assert all(set(error) == {"field", "code", "detail"} for error in body["errors"])
    return body


def codes(body: dict[str, Any]) -> set[tuple[str, str]]:
    """(field, code) of each error."""
    return {(error["field"], error["code"]) for error in body["errors"]}
