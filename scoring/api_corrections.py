"""What is missing to a lead's next band, points by hand, events that do not count, and a company's score."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, ClassVar

from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from accounts.scopes import Scope
from leads.api.fields import Line, StrictInteger, StrictSerializer
from leads.api.idempotency import Answer
from leads.api.keys import KeyCaller
from leads.api.permissions import access
from leads.api.problems import FieldError, Problem
from leads.api.schema import IDEMPOTENCY_KEY, problems
from leads.api.views import ApiView
from leads.models import Company, Event, Lead
from scoring.actions.adjustments import BadAdjustment, adjust_score, withdraw_adjustment
from scoring.actions.voidings import NotUndoable, undo_voiding, void_one
from scoring.missing import ShownWay, ways_forward
from scoring.models import CompanyScore, ScoreAdjustment, VoidedEvent
from scoring.models.adjustment import MOST_POINTS
from scoring.programs import NoLiveRules

MEASURES = ["fit", "engagement"]


class StepOut(serializers.Serializer[Any]):
    """What may still come true; ``field`` names the field to fill in, "" is something to be done."""

    text = serializers.CharField()
    field = serializers.CharField(allow_blank=True)


class WayOut(serializers.Serializer[Any]):
    """How one goal is reached: each of ``sets`` is enough, the smallest first."""

    goal = serializers.ChoiceField(choices=["grade", "level", "mql", "ready"])
    title = serializers.CharField()
    lacking_thousandths = serializers.IntegerField()
    sets = serializers.ListField(child=StepOut(many=True))
    capped = serializers.ListField(child=serializers.CharField(), help_text="Groups that give all they may.")


class NextBandView(ApiView):
    """What is missing to the next band."""

    access: ClassVar = {"GET": access(Scope.LEADS_READ, permission="leads.view_leads")}

    @extend_schema(
        operation_id="leads_next_band", responses={200: WayOut(many=True)} | problems(401, 403, 404, 409, 429)
    )
    def get(self, request: Request, public_id: Any) -> Response:
        """The ways to the next grade and level and through the gates, by the rules of today."""
        lead = self.find_lead(public_id)
        try:
            ways = ways_forward(lead, now=timezone.now())
        except NoLiveRules as error:
            detail = _("Publish a rule set first: nothing is scored yet.")
            raise Problem(409, "no_live_rules", detail) from error
        return Response([way_body(way) for way in ways])


def way_body(way: ShownWay) -> dict[str, Any]:
    """A way as the API shows it."""
    return {
        "goal": way.goal,
        "title": str(way.title),
        "lacking_thousandths": way.lacking,
        "sets": [[asdict(step) for step in steps] for steps in way.sets],
        "capped": list(way.capped),
    }


class AdjustmentIn(StrictSerializer):
    """Points by hand."""

    measure = serializers.ChoiceField(choices=MEASURES)
    points = StrictInteger(min_value=-MOST_POINTS, max_value=MOST_POINTS)
    reason = Line(max_length=500, required=True, allow_blank=False)
    expires_on = serializers.DateField(required=False)


class AdjustmentOut(serializers.ModelSerializer[ScoreAdjustment]):
    """Points by hand, as they stand."""

    measure = serializers.ChoiceField(choices=MEASURES, read_only=True)
    by = serializers.EmailField(source="by.email", default=None, read_only=True)

    class Meta:
        model = ScoreAdjustment
        fields: ClassVar = ["id", "measure", "points", "reason", "by", "at", "expires_on", "withdrawn_at"]
        read_only_fields = fields


class AdjustmentsView(ApiView):
    """What people added to a score by hand."""

    access: ClassVar = {
        "GET": access(Scope.LEADS_READ, permission="leads.view_leads"),
        "POST": access(Scope.LEADS_WRITE, permission="scoring.adjust_scores"),
    }

    @extend_schema(
        operation_id="leads_adjustments",
        responses={200: AdjustmentOut(many=True)} | problems(401, 403, 404, 429),
    )
    def get(self, request: Request, public_id: Any) -> Response:
        """All of them, the newest first; withdrawn ones too."""
        rows = ScoreAdjustment.objects.filter(lead=self.find_lead(public_id)).select_related("by")
        return Response(AdjustmentOut(rows[:200], many=True).data)

    @extend_schema(
        operation_id="leads_adjust",
        request=AdjustmentIn,
        parameters=[IDEMPOTENCY_KEY],
        responses={201: AdjustmentOut} | problems(400, 401, 403, 404, 413, 415, 422, 429),
    )
    def post(self, request: Request, public_id: Any) -> HttpResponse:
        """Add points to the fit or the engagement; the score follows in a moment."""
        shape = AdjustmentIn(data=request.data)
        shape.is_valid(raise_exception=True)
        lead, by = self.find_lead(public_id), _person(request)

        def effect() -> Answer:
            try:
                made = adjust_score(lead=lead, by=by, now=timezone.now(), **shape.validated_data)
            except BadAdjustment as error:
                detail = _("This value cannot be taken.")
                errors = [FieldError(error.code, "invalid", detail)]
                raise Problem(400, "invalid", detail, errors=errors) from error
            return Answer(201, dict(AdjustmentOut(made).data))

        return self.answer(effect)


class WithdrawView(ApiView):
    """Taking points by hand back."""

    access: ClassVar = {"POST": access(Scope.LEADS_WRITE, permission="scoring.adjust_scores")}

    @extend_schema(
        operation_id="leads_withdraw_adjustment",
        request=None,
        parameters=[IDEMPOTENCY_KEY],
        responses={200: AdjustmentOut} | problems(401, 403, 404, 422, 429),
    )
    def post(self, request: Request, public_id: Any, adjustment_id: int) -> HttpResponse:
        """It counts no more; the past stays what it was."""
        mine = ScoreAdjustment.objects.filter(lead=self.find_lead(public_id), pk=adjustment_id).first()
        if mine is None:
            raise NotFound
        by = _person(request)

        def effect() -> Answer:
            gone = withdraw_adjustment(adjustment=mine, by=by, now=timezone.now())
            return Answer(200, dict(AdjustmentOut(gone).data))

        return self.answer(effect)


class VoidIn(StrictSerializer):
    """Which event, as its source named it, and why."""

    event_id = Line(max_length=120, required=True, allow_blank=False)
    reason = Line(max_length=200, required=True, allow_blank=False)


class RestoreIn(StrictSerializer):
    """Which event, as its source named it."""

    event_id = Line(max_length=120, required=True, allow_blank=False)


class CountedOut(serializers.Serializer[Any]):
    """Whether an event counts."""

    event_id = serializers.CharField()
    counts = serializers.BooleanField()


class VoidView(ApiView):
    """Voiding an event: kept, and counted no more."""

    access: ClassVar = {"POST": access(Scope.LEADS_WRITE, permission="scoring.void_events")}

    @extend_schema(
        operation_id="leads_void_event",
        request=VoidIn,
        parameters=[IDEMPOTENCY_KEY],
        responses={200: CountedOut} | problems(400, 401, 403, 404, 413, 415, 422, 429),
    )
    def post(self, request: Request, public_id: Any) -> HttpResponse:
        """Scores, stage, offers and reports follow in a moment. Voiding twice changes nothing."""
        shape = VoidIn(data=request.data)
        shape.is_valid(raise_exception=True)
        given, by = shape.validated_data, _person(request)
        event = _event(self.find_lead(public_id), given["event_id"])

        def effect() -> Answer:
            void_one(events=[event], reason=given["reason"], by=by, now=timezone.now())
            return Answer(200, {"event_id": event.event_id, "counts": False})

        return self.answer(effect)


class RestoreView(ApiView):
    """Taking a voiding back."""

    access: ClassVar = {"POST": access(Scope.LEADS_WRITE, permission="scoring.void_events")}

    @extend_schema(
        operation_id="leads_restore_event",
        request=RestoreIn,
        parameters=[IDEMPOTENCY_KEY],
        responses={200: CountedOut} | problems(400, 401, 403, 404, 409, 413, 415, 422, 429),
    )
    def post(self, request: Request, public_id: Any) -> HttpResponse:
        """The event counts again, with all that was voided together with it."""
        shape = RestoreIn(data=request.data)
        shape.is_valid(raise_exception=True)
        event = _event(self.find_lead(public_id), shape.validated_data["event_id"])
        by = _person(request)

        def effect() -> Answer:
            note = VoidedEvent.objects.filter(event_id=event.pk, restored_at=None).first()
            try:
                if note is not None:
                    undo_voiding(voiding=note.voiding, by=by, now=timezone.now())
            except NotUndoable as error:
                detail = _("This voiding is still being worked off.")
                raise Problem(409, "voiding_busy", detail) from error
            return Answer(200, {"event_id": event.event_id, "counts": True})

        return self.answer(effect)


class CompanyScoreOut(serializers.ModelSerializer[CompanyScore]):
    """A company's score by its people; fit and engagement in thousandths of a point."""

    company = serializers.UUIDField(source="company.public_id", read_only=True)

    class Meta:
        model = CompanyScore
        fields: ClassVar = [
            "company", "fit", "engagement", "grade", "level", "people", "active", "hot", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields


class CompanyScoreView(ApiView):
    """What a company is worth."""

    access: ClassVar = {"GET": access(Scope.LEADS_READ, permission="dashboard.view_reports")}

    @extend_schema(
        operation_id="companies_score", responses={200: CompanyScoreOut} | problems(401, 403, 404, 429)
    )
    def get(self, request: Request, public_id: Any) -> Response:
        """The best fit of its people, the engagement of the five most engaged together."""
        company = Company.objects.filter(public_id=public_id).first()
        row = CompanyScore.objects.filter(company=company).first() if company else None
        if row is None:
            raise NotFound
        return Response(CompanyScoreOut(row).data)


def _person(request: Request) -> User | None:
    """Who is signed in; nobody, when a key calls."""
    user = request.user
    return user if isinstance(user, User) and not isinstance(request.auth, KeyCaller) else None


def _event(lead: Lead, event_id: str) -> Event:
    """The newest event of this name. Raises NotFound."""
    found = Event.objects.filter(lead=lead, event_id=event_id).order_by("-pk").first()
    if found is None:
        raise NotFound
    return found


urlpatterns = [
    path("leads/<uuid:public_id>/next-band/", NextBandView.as_view(), name="api_next_band"),
    path("leads/<uuid:public_id>/adjustments/", AdjustmentsView.as_view(), name="api_adjustments"),
    path(
        "leads/<uuid:public_id>/adjustments/<int:adjustment_id>/withdraw/",
        WithdrawView.as_view(),
        name="api_withdraw_adjustment",
    ),
    path("leads/<uuid:public_id>/events/void/", VoidView.as_view(), name="api_void_event"),
    path("leads/<uuid:public_id>/events/restore/", RestoreView.as_view(), name="api_restore_event"),
    path("companies/<uuid:public_id>/score/", CompanyScoreView.as_view(), name="api_company_score"),
]
