"""The OpenAPI document is valid, complete and true; no address under the API goes without a limit."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest
import schemathesis
from django.core.management import call_command
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from hypothesis import HealthCheck, given, settings
from rest_framework.serializers import ModelSerializer
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, status_code_conformance

from accounts.actions import create_api_key
from accounts.models import ApiKey, User
from capture.api.forms import FormThrottle, PublicFormView
from config.wsgi import application
from funnel.api import shapes as funnel_shapes
from leads.api import lead_shapes
from leads.api.event_views import receive_events
from leads.api.throttles import ApiThrottle
from leads.api.views import ApiView
from leads.models import Lead
from tests.api_fixtures import Call, problem


def document() -> dict[str, Any]:
    """The schema as drf-spectacular writes it."""
    out = StringIO()
    call_command("spectacular", "--format", "openapi-json", "--validate", "--fail-on-warn", stdout=out)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def routes() -> Iterator[tuple[str, Any]]:
    """(path, view) of everything under /api/."""
    for found in get_resolver().url_patterns:
        if isinstance(found, URLResolver) and str(found.pattern).startswith("api/"):
            for one in found.url_patterns:
                assert isinstance(one, URLPattern)
                yield f"/{found.pattern}{one.pattern}", one.callback


def test_the_schema_is_valid_and_names_every_route() -> None:
    paths = document()["paths"]
    # A key is called an id towards the world.
    named = {re.sub(r"<\w+:(\w+)>", r"{\1}", path).replace("{pk}", "{id}") for path, _view in routes()}
    assert set(paths) == named - {"/api/v1/schema/", "/api/v1/docs/"}


def test_the_events_are_described_field_by_field() -> None:
    schemas = document()["components"]["schemas"]
    assert schemas["ServerEvent"]["additionalProperties"] is False
    assert set(schemas["ServerEvent"]["required"]) == {"event_id", "kind", "occurred_at"}
    assert set(schemas["PageEvent"]["required"]) == {"event_id", "kind", "occurred_at", "visitor"}


def test_every_route_has_a_limit() -> None:
    for path, view in routes():
        if view is receive_events or path in {"/api/v1/schema/", "/api/v1/docs/"}:
            continue  # counts by itself; the last two are for people signed in
        assert issubclass(view.cls, ApiView), path
        is_public = issubclass(view.cls, PublicFormView)  # anybody's, counted by address and by form
        throttles = [type(throttle) for throttle in view.cls().get_throttles()]
        assert throttles == [FormThrottle if is_public else ApiThrottle], path
        assert view.cls.access or is_public, path


def test_b13_no_serializer_shows_all_fields() -> None:
    for module in (lead_shapes, funnel_shapes):
        for found in vars(module).values():
            if (
                isinstance(found, type)
                and issubclass(found, ModelSerializer)
                and found is not ModelSerializer
            ):
                assert isinstance(found.Meta.fields, list)


@pytest.mark.django_db
def test_the_documentation_is_for_people_signed_in(
    call: Call, make_user: Callable[..., User], secret: str
) -> None:
    client = Client()
    client.force_login(make_user("marketer"))
    for path, refused in (("/api/v1/schema/", 403), ("/api/v1/docs/", 302)):
        assert call("GET", path).status_code == refused
        assert call("GET", path, key=secret).status_code == refused
        assert call("GET", path, client=client).status_code == 200
    assert (
        call("GET", "/api/v1/docs/?script=", client=client).headers["Content-Type"]
        == "application/javascript"
    )
    page = call("GET", "/api/v1/docs/", client=client)
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    html = page.content.decode()
    assert "<style" not in html.lower()
    assert "<script>" not in html.lower()
    assert "//cdn" not in html


@pytest.mark.django_db
def test_an_unknown_address_is_a_problem(call: Call) -> None:
    problem(call("GET", "/api/v1/nothing/"), 404, "not_found")


@pytest.mark.django_db(transaction=True)
def test_schemathesis_finds_no_server_error(make_lead: Callable[..., Lead]) -> None:
    """Generated requests, good and bad, for every operation: never a 5xx, never an undocumented answer."""
    make_lead()
    _key, value = create_api_key(name="schemathesis", kind=ApiKey.Kind.SECRET)
    schema = schemathesis.openapi.from_dict(document())
    schema.app = application
    for operation in schema.get_all_operations():
        _try(operation.ok(), value)


def _try(operation: Any, key: str) -> None:
    """Some requests for one operation."""

    @settings(max_examples=12, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @schemathesis_given(operation)
    def check(case: Any) -> None:
        headers = {"Authorization": f"Bearer {key}", "Host": "testserver"}
        response = case.call(headers=headers)
        case.validate_response(
            response, checks=[not_a_server_error, status_code_conformance, content_type_conformance]
        )

    check()


def schemathesis_given(operation: Any) -> Callable[[Callable[[Any], None]], Callable[[], None]]:
    """hypothesis' @given with the cases of an operation."""
    return given(case=operation.as_strategy())  # type: ignore[return-value]
