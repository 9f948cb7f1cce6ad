"""Webhooks over the API: make, read, change, try and delete them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from accounts.scopes import Scope
from leads.api.fields import Line, StrictSerializer
from leads.api.idempotency import Answer
from leads.api.parsers import StrictJSONParser
from leads.api.permissions import access
from leads.api.problems import FieldError, Problem
from leads.api.schema import IDEMPOTENCY_KEY, problems
from leads.api.views import ApiView
from leads.models import Webhook
from leads.webhooks.manage import Refused, delete, save_webhook, send_test

_RIGHT = access(Scope.WEBHOOKS_MANAGE, permission="leads.manage_webhooks")


class WebhookIn(StrictSerializer):
    """A webhook to make or change."""

    name = Line(max_length=80, required=True, allow_blank=False)
    url = Line(max_length=500, required=True, allow_blank=False)
    kinds = serializers.ListField(child=Line(max_length=40, allow_blank=False), min_length=1, max_length=200)


class WebhookOut(serializers.ModelSerializer[Webhook]):
    """A webhook as its managers read it. Its secret is only in the answer that makes it."""

    class Meta:
        model = Webhook
        fields: ClassVar = ["public_id", "name", "url", "kinds", "stopped", "failing_since", "created_at"]
        read_only_fields = fields


class WebhookMade(WebhookOut):
    """A new webhook, with the secret that signs."""

    class Meta(WebhookOut.Meta):
        fields: ClassVar = [*WebhookOut.Meta.fields, "secret"]
        read_only_fields = fields


class WebhooksView(ApiView):
    """All webhooks."""

    access: ClassVar = {"GET": _RIGHT, "POST": _RIGHT}
    parser_classes = [StrictJSONParser]

    @extend_schema(
        operation_id="webhooks_list", responses={200: WebhookOut(many=True)} | problems(401, 403, 429)
    )
    def get(self, request: Request) -> Response:
        """The webhooks, by name."""
        return Response(WebhookOut(Webhook.objects.all(), many=True).data)

    @extend_schema(
        operation_id="webhooks_create",
        parameters=[IDEMPOTENCY_KEY],
        request=WebhookIn,
        responses={201: WebhookMade} | problems(400, 401, 403, 409, 413, 415, 422, 429),
    )
    def post(self, request: Request) -> HttpResponse:
        """Make a webhook; the answer holds the secret that signs its messages, once."""
        values = _checked(request)
        by = request.user if isinstance(request.user, User) else None

        def effect() -> Answer:
            return Answer(201, _plain(WebhookMade(_saved(values, by=by)).data))

        return self.answer(effect)


class WebhookView(ApiView):
    """One webhook."""

    access: ClassVar = {"GET": _RIGHT, "PUT": _RIGHT, "DELETE": _RIGHT}
    parser_classes = [StrictJSONParser]

    @extend_schema(
        operation_id="webhooks_retrieve", responses={200: WebhookOut} | problems(401, 403, 404, 429)
    )
    def get(self, request: Request, public_id: Any) -> Response:
        """A webhook."""
        return Response(WebhookOut(_found(public_id)).data)

    @extend_schema(
        operation_id="webhooks_update",
        request=WebhookIn,
        responses={200: WebhookOut} | problems(400, 401, 403, 404, 413, 415, 429),
    )
    def put(self, request: Request, public_id: Any) -> Response:
        """Change name, address and events; the secret stays."""
        found = _found(public_id)
        return Response(WebhookOut(_saved(_checked(request), webhook=found)).data)

    @extend_schema(operation_id="webhooks_delete", responses={204: None} | problems(401, 403, 404, 429))
    def delete(self, request: Request, public_id: Any) -> Response:
        """Delete a webhook with its log."""
        delete(webhook=_found(public_id))
        return Response(status=204)


class WebhookTestView(ApiView):
    """Trying a webhook."""

    access: ClassVar = {"POST": _RIGHT}

    @extend_schema(
        operation_id="webhooks_test", request=None, responses={202: None} | problems(401, 403, 404, 429)
    )
    def post(self, request: Request, public_id: Any) -> Response:
        """Have a message sent that says nothing about anybody."""
        send_test(webhook=_found(public_id), now=timezone.now())
        return Response(status=202)


def _found(public_id: Any) -> Webhook:
    found = Webhook.objects.filter(public_id=public_id).first()
    if found is None:
        raise NotFound
    return found


def _checked(request: Request) -> dict[str, Any]:
    shape = WebhookIn(data=request.data)
    shape.is_valid(raise_exception=True)
    values: dict[str, Any] = shape.validated_data
    return values


def _saved(values: dict[str, Any], *, by: User | None = None, webhook: Webhook | None = None) -> Webhook:
    """The webhook made or changed. Raises Problem 400 for an address or events that cannot be."""
    try:
        return save_webhook(**values, now=timezone.now(), by=by, webhook=webhook)
    except Refused as refused:
        error = FieldError(refused.field, "invalid", str(refused))
        detail = _("Some values cannot be taken; see errors.")
        raise Problem(400, "invalid", detail, errors=[error]) from refused


def _plain(data: Any) -> dict[str, Any]:
    """A serializer's data as an idempotent answer keeps it."""
    return {name: value if isinstance(value, list) else value and str(value) for name, value in data.items()}
