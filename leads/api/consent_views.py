"""The consent ledger of one lead over the API: read it, add a line to it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.scopes import Scope
from leads.actions.consent import record_consent
from leads.api.fields import Line, WebAddress
from leads.api.idempotency import Answer
from leads.api.keys import KeyCaller
from leads.api.lead_shapes import ConsentIn
from leads.api.pagination import ConsentPages
from leads.api.parsers import StrictJSONParser
from leads.api.permissions import access
from leads.api.schema import IDEMPOTENCY_KEY, problems
from leads.api.views import ApiView
from leads.choices import ConsentState, ContactChannel, Purpose
from leads.models import ConsentEvent


class LeadConsentIn(ConsentIn):
    """What a person said, and where."""

    page_url = WebAddress(max_length=500)
    actor = Line(max_length=120)


class ConsentOut(serializers.ModelSerializer[ConsentEvent]):
    """One line of the ledger."""

    class Meta:
        model = ConsentEvent
        fields: ClassVar = [
            "purpose",
            "channel",
            "state",
            "at",
            "text_version",
            "form_version",
            "page_url",
            "actor",
            "doi_confirmed_at",
        ]
        read_only_fields = fields


class LeadConsentsView(ApiView, generics.ListAPIView[ConsentEvent]):
    """The ledger of a lead."""

    access: ClassVar = {
        "GET": access(Scope.LEADS_READ, permission="leads.view_consents"),
        "POST": access(Scope.LEADS_WRITE),
    }
    parser_classes = [StrictJSONParser]
    serializer_class = ConsentOut
    pagination_class = ConsentPages

    def get_queryset(self) -> QuerySet[ConsentEvent]:
        """The lead's lines."""
        if getattr(self, "swagger_fake_view", False):
            return ConsentEvent.objects.none()
        return ConsentEvent.objects.filter(lead=self.find_lead(self.kwargs["public_id"]))

    @extend_schema(
        operation_id="leads_consents_list",
        responses={200: ConsentOut(many=True)} | problems(401, 403, 404, 429),
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What the person said about each purpose and channel, newest first, page by page."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="leads_consents_create",
        parameters=[IDEMPOTENCY_KEY],
        request=LeadConsentIn,
        responses={201: ConsentOut} | problems(400, 401, 403, 404, 409, 413, 415, 422, 429),
    )
    def post(self, request: Request, public_id: Any) -> HttpResponse:
        """Add what the person said; the newest line of a purpose and channel is what counts."""
        lead = self.find_lead(public_id)
        shape = LeadConsentIn(data=request.data)
        shape.is_valid(raise_exception=True)
        given = shape.validated_data
        caller = request.auth.name if isinstance(request.auth, KeyCaller) else ""

        def effect() -> Answer:
            row = record_consent(
                lead=lead,
                purpose=Purpose(given["purpose"]),
                channel=ContactChannel(given["channel"]),
                state=ConsentState(given["state"]),
                now=timezone.now(),
                actor=given.get("actor") or caller,
                **{name: given.get(name, "") for name in ("text_version", "form_version", "page_url")},
            )
            told = ConsentOut(row).data
            return Answer(201, {name: value and str(value) for name, value in told.items()})

        return self.answer(effect)
