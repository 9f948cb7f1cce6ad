"""The OpenAPI schema: shared pieces, and the views that drf-spectacular cannot see by itself."""

from __future__ import annotations

from typing import Any

import msgspec
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from leads.api.event_shapes import MAX_EVENTS, PageEvent, ServerEvent
from leads.channels import Channel

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="Any text of your choice. The same key within 24 hours gets the same answer, "
    "without a second effect.",
)


class ProblemError(serializers.Serializer[Any]):
    """One value that cannot be taken."""

    field = serializers.CharField(allow_blank=True)
    code = serializers.CharField()
    detail = serializers.CharField()


class ProblemOut(serializers.Serializer[Any]):
    """RFC 9457. ``code`` is stable; title and detail are in the language of Accept-Language."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField()
    request_id = serializers.CharField()
    errors = ProblemError(many=True)  # type: ignore[assignment]


def problems(*statuses: int) -> dict[Any, Any]:
    """The error responses of an operation; 400 among them always, since a query may hold a NUL."""
    return {
        (status, "application/problem+json"): OpenApiResponse(ProblemOut, description=str(_("Problem")))
        for status in sorted({400, *statuses})
    }


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Keys: in the Authorization header, or X-Ecluse-Key for pages."""

    target_class = "leads.api.authentication.KeyAuthentication"
    name = ["apiKey", "publishableKey"]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, str]]:
        """The two ways to send a key in a header."""
        return [
            {"type": "http", "scheme": "bearer", "description": "A secret or publishable API key."},
            {"type": "apiKey", "in": "header", "name": "X-Ecluse-Key", "description": "A publishable key."},
        ]


class PeopleScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The session of somebody signed in, with the CSRF token for writing."""

    target_class = "leads.api.authentication.PeopleAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """The session cookie."""
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}


class EventResult(msgspec.Struct):
    """What became of one event of a batch; a retry gets the same as the first time."""

    event_id: str
    status: str
    errors: list[dict[str, str]] = []
    warnings: list[dict[str, str]] = []


def add_plain_views(result: dict[str, Any], **_: object) -> dict[str, Any]:
    """Postprocessing hook of drf-spectacular: describe POST /api/v1/events/ from its msgspec shapes."""
    shapes, components = msgspec.json.schema_components(
        [ServerEvent, PageEvent, EventResult],
        schema_hook=_vocabulary,
        ref_template="#/components/schemas/{name}",
    )
    server, page, event_result = shapes
    components["PageEvent"]["properties"]["key"] = {
        "type": "string",
        "description": "The publishable key, where headers cannot be sent (navigator.sendBeacon).",
    }
    schemas = result.setdefault("components", {}).setdefault("schemas", {})
    schemas.update(components)
    result["paths"]["/api/v1/events/"] = {"post": _events_operation(server, page, event_result)}
    return result


def _vocabulary(kind: type) -> dict[str, Any]:
    """Django's choices, which msgspec checks but cannot describe."""
    if issubclass(kind, Channel):
        return {"type": "string", "enum": list(Channel.values)}
    raise NotImplementedError


def _events_operation(server: Any, page: Any, event_result: Any) -> dict[str, Any]:
    """The operation that takes events."""
    batch = {
        "type": "object",
        "required": ["events"],
        "properties": {
            "events": {
                "type": "array",
                "minItems": 1,
                "maxItems": MAX_EVENTS,
                "items": {"anyOf": [server, page]},
            },
            "key": {"type": "string", "description": "A publishable key, where headers cannot be sent."},
        },
    }
    many = {
        "type": "object",
        "required": ["accepted", "results"],
        "properties": {"accepted": {"type": "integer"}, "results": {"type": "array", "items": event_result}},
    }
    problem = {
        "description": "Problem",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemOut"}}},
    }
    return {
        "operationId": "events_create",
        "description": "Record one event, or up to 500 as {“events”: […]} with a result for each. The same "
        "event_id again gets the same answer and changes nothing. 204: the person did not allow tracking, "
        "nothing was stored.",
        "tags": ["events"],
        "security": [{"apiKey": []}, {"publishableKey": []}, {}],
        "parameters": [
            {
                "in": "header",
                "name": "Idempotency-Key",
                "schema": {"type": "string"},
                "description": str(IDEMPOTENCY_KEY.description),
            }
        ],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"anyOf": [server, page, batch]}}},
        },
        "responses": {
            "202": {
                "description": "Taken.",
                "content": {"application/json": {"schema": {"anyOf": [event_result, many]}}},
            },
            "204": {"description": "Nothing stored: no tracking consent."},
            **{str(status): problem for status in (400, 401, 403, 404, 409, 413, 415, 422, 429, 503)},
        },
    }
