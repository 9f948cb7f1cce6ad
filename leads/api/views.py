"""What all views of the API share, and reading and creating leads."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiResponse, PolymorphicProxySerializer, extend_schema
from rest_framework import generics, serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder
from rest_framework.views import APIView

from accounts.models import User
from accounts.roles import Role
from accounts.scopes import Scope
from leads.api.custom_values import custom_conditions
from leads.api.fields import Choice, Line, Moment, StrictSerializer
from leads.api.idempotency import Answer, answer_once
from leads.api.keys import KeyCaller
from leads.api.lead_shapes import EventOut, FormLead, LeadOut, ServerLead
from leads.api.pagination import EventPages, LeadPages
from leads.api.parsers import BeaconParser, StrictJSONParser
from leads.api.permissions import Access, access
from leads.api.problem_handler import field_errors
from leads.api.problems import Problem
from leads.api.rejections import keep_rejected
from leads.api.responses import json_response
from leads.api.schema import IDEMPOTENCY_KEY, problems
from leads.api.submissions import Sender, proof_of, take_person
from leads.channels import Channel
from leads.choices import Audience, Origin
from leads.erased import WasErased
from leads.models import Event, Lead, Source

MAX_FORM_BYTES = 64 * 1024


class ApiView(APIView):
    """Throttles before permissions, so that guessing is slow too; knows the caller and what they may see."""

    access: ClassVar[Mapping[str, Access]] = {}
    max_body = MAX_FORM_BYTES

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """As always, but a NUL in the query is refused before anything reads it (bar: inputs B04)."""
        if "%00" in request.META.get("QUERY_STRING", ""):
            raise Problem(400, "null_character", _("Text must not contain the NUL character."))
        super().initial(request, *args, **kwargs)

    def check_permissions(self, request: Request) -> None:
        """Count the request, then ask the access table."""
        super().check_throttles(request)
        super().check_permissions(request)

    def check_throttles(self, request: Request) -> None:
        """Done before permissions."""

    def caller_name(self) -> str:
        """Under which name Idempotency-Keys of this caller are remembered."""
        auth = self.request.auth
        return auth.name if isinstance(auth, KeyCaller) else f"user:{self.request.user.pk}"

    def visible_leads(self) -> QuerySet[Lead]:
        """The leads that exist for this caller: all for a key that reads, else visible_to(user)."""
        if isinstance(self.request.auth, KeyCaller):
            return Lead.objects.all().present()
        user = self.request.user
        assert isinstance(user, User)
        return Lead.objects.all().visible_to(user).present()

    def find_lead(self, public_id: Any) -> Lead:
        """One lead. Raises NotFound for one that is absent or somebody else's (bar: inputs B44)."""
        lead = self.visible_leads().select_related("company", "owner").filter(public_id=public_id).first()
        if lead is None:
            raise NotFound
        return lead

    def answer(self, effect: Callable[[], Answer], *, content: bytes | None = None) -> HttpResponse:
        """Run ``effect`` once for the request's Idempotency-Key and answer with what it said; what
        ``content`` is: see ``answer_once``."""
        answer = answer_once(
            self.request._request,
            caller=self.caller_name(),
            now=timezone.now(),
            effect=effect,
            content=content,
        )
        return json_response(answer.status, answer.body, answer.headers)


class LeadFilters(StrictSerializer):
    """What the list of leads may be asked for; anything else is refused (bar: inputs B20)."""

    reference = Line(max_length=120)
    channel = Choice(choices=Channel.choices, required=False)
    audience = Choice(choices=Audience.choices, required=False)
    country = Line(max_length=2)
    created_after = Moment(required=False)
    created_before = Moment(required=False)
    active_after = Moment(required=False)
    ordering = Choice(choices=["created_at", "-created_at"], required=False)
    limit = serializers.CharField(required=False, max_length=10, help_text="1 to 200 a page; 50 by default.")
    cursor = serializers.CharField(required=False, max_length=1000, help_text="From next or previous.")


_LOOKUPS = {
    "created_after": "created_at__gte",
    "created_before": "created_at__lt",
    "active_after": "last_activity_at__gte",
}


class SubmissionAnswer(serializers.Serializer[Any]):
    """The same whether the person was known or not."""

    status = serializers.ChoiceField(choices=["accepted"])


class LeadAnswer(serializers.Serializer[Any]):
    """The lead, whether it is new, and what became of the event."""

    created = serializers.BooleanField()
    event = serializers.ChoiceField(choices=["stored", "duplicate", "conflict"], allow_null=True)
    lead = LeadOut()


class LeadsView(ApiView, generics.ListAPIView[Lead]):
    """Leads: list them, create or recognise one."""

    access: ClassVar = {
        "GET": access(Scope.LEADS_READ, permission="leads.view_leads"),
        "POST": access(Scope.LEADS_WRITE, Scope.FORMS_SUBMIT, permission="leads.edit_leads"),
    }
    parser_classes = [StrictJSONParser, BeaconParser]
    serializer_class = LeadOut
    pagination_class = LeadPages
    takes_body_key = True

    def get_queryset(self) -> QuerySet[Lead]:
        """The caller's leads, filtered as the address asks."""
        custom, params = custom_conditions(self.request.query_params.dict())
        filters = LeadFilters(data=params)
        filters.is_valid(raise_exception=True)
        wanted = {
            _LOOKUPS.get(name, name): value
            for name, value in filters.validated_data.items()
            if name not in {"ordering", "limit", "cursor"}
        }
        return self.visible_leads().filter(*custom, **wanted).select_related("company", "owner")

    @extend_schema(
        operation_id="leads_list",
        parameters=[LeadFilters],
        responses={200: LeadOut(many=True)} | problems(400, 401, 403, 404, 429),
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The leads you may see, newest first, page by page.

        Custom fields narrow the list too: ``custom.<code>``; for numbers, amounts and dates
        ``custom.<code>.from`` and ``custom.<code>.to``, both included.
        """
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="leads_create",
        parameters=[IDEMPOTENCY_KEY],
        request=PolymorphicProxySerializer(
            component_name="LeadIn", serializers=[ServerLead, FormLead], resource_type_field_name=None
        ),
        responses={
            201: LeadAnswer,
            200: OpenApiResponse(LeadAnswer, description="The person was known."),
            202: OpenApiResponse(SubmissionAnswer, description="To a publishable key: taken."),
        }
        | problems(400, 401, 403, 409, 413, 415, 422, 429),
    )
    def post(self, request: Request) -> HttpResponse:
        """Create or recognise a person by email, reference or phone, complete the profile, record the event.

        With a publishable key the answer never tells whether the person was known, and only empty fields
        are filled.
        """
        if isinstance(request.auth, KeyCaller) and not request.auth.is_secret:
            return self._form(request, request.auth)
        if request.content_type and not request.content_type.startswith("application/json"):
            raise Problem(415, "unsupported_media_type", _("Send application/json."))
        return self._server(request)

    def _form(self, request: Request, caller: KeyCaller) -> HttpResponse:
        """A page's form. What is refused is kept for a human to look at."""
        now = timezone.now()
        body = request._request.body
        try:
            shape = FormLead(data=request.data)
            shape.is_valid(raise_exception=True)
        except (ValidationError, Problem) as error:
            errors = field_errors(error) if isinstance(error, ValidationError) else [{"code": error.code}]
            keep_rejected(caller=caller, body=body, errors=errors, now=now)
            raise
        values = shape.validated_data
        if values.get("website"):
            keep_rejected(caller=caller, body=body, errors=[{"code": "honeypot"}], now=now)
            return json_response(202, {"status": "accepted"})
        proof = proof_of(request._request, values.get("page", ""))
        sender = Sender(caller.source_id, Origin.FORM, trusted=False, name=caller.name, proof=proof)

        def effect() -> Answer:
            # Somebody who was erased gets the same answer, and nothing is stored of them.
            with suppress(WasErased):
                take_person(values, sender, now=now)
            return Answer(202, {"status": "accepted"})

        try:
            return self.answer(effect)
        except Problem as problem:
            if problem.status_code == 400:
                keep_rejected(caller=caller, body=body, errors=problem.errors, now=now)
            raise

    def _server(self, request: Request) -> HttpResponse:
        """A server with a secret key, or somebody of marketing who is signed in."""
        now = timezone.now()
        sender = self._sender(request)
        shape = ServerLead(data=request.data)
        shape.is_valid(raise_exception=True)

        def effect() -> Answer:
            try:
                taken = take_person(shape.validated_data, sender, now=now)
            except WasErased as refused:
                detail = _("This person asked to be erased and may not be added again.")
                raise Problem(409, "erased", detail) from refused
            lead = Lead.objects.select_related("company", "owner").get(pk=taken.lead.pk)
            body = {
                "created": taken.created,
                "event": taken.event.value if taken.event else None,
                "lead": json.loads(json.dumps(LeadOut(lead).data, cls=JSONEncoder)),
            }
            return Answer(201 if taken.created else 200, body)

        return self.answer(effect)

    @staticmethod
    def _sender(request: Request) -> Sender:
        """Who answers for the data."""
        if isinstance(request.auth, KeyCaller):
            return Sender(request.auth.source_id, Origin.API, trusted=True, name=request.auth.name)
        user = request.user
        if not isinstance(user, User) or user.role == Role.REP:
            # Recognising somebody else's lead would show it.
            raise Problem(403, "forbidden", _("Your role does not allow this."))
        return Sender(Source.PEOPLE, Origin.MARKETING, trusted=True, name=user.email, by=user)


class LeadView(ApiView):
    """One lead."""

    access: ClassVar = {"GET": access(Scope.LEADS_READ, permission="leads.view_leads")}

    @extend_schema(operation_id="leads_retrieve", responses={200: LeadOut} | problems(401, 403, 404, 429))
    def get(self, request: Request, public_id: Any) -> Response:
        """All that is known about a lead."""
        return Response(LeadOut(self.find_lead(public_id)).data)


class LeadEventsView(ApiView, generics.ListAPIView[Event]):
    """What a lead did and what was done with it."""

    access: ClassVar = {"GET": access(Scope.LEADS_READ, permission="leads.view_leads")}
    serializer_class = EventOut
    pagination_class = EventPages

    def get_queryset(self) -> QuerySet[Event]:
        """The lead's events."""
        if getattr(self, "swagger_fake_view", False):
            return Event.objects.none()
        lead = self.find_lead(self.kwargs["public_id"])
        return Event.objects.filter(lead=lead).select_related("kind", "content")

    @extend_schema(
        operation_id="leads_events_list", responses={200: EventOut(many=True)} | problems(401, 403, 404, 429)
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The events of a lead, newest first, page by page."""
        return super().get(request, *args, **kwargs)
