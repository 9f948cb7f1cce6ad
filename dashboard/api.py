"""Trying rules over the API: previews, replays on past decisions, suggestions; and how far publishing is."""

from __future__ import annotations

from typing import Any, ClassVar

from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from accounts.scopes import Scope
from dashboard.queries.previews import is_stale, trial_of
from dashboard.queries.publishing import publishing
from dashboard.tasks import nudge_trials
from leads.api.permissions import access
from leads.api.problems import Problem
from leads.api.schema import problems
from leads.api.views import ApiView
from scoring.actions.previews import ask_preview, cancel_preview
from scoring.models import RulePreview, RuleSet
from scoring.programs import NoLiveRules
from scoring.queries import live_rule_set

Kind = RulePreview.Kind
_READ = access(Scope.SCORING_READ, permission="dashboard.view_reports")
_TRY = access(Scope.SCORING_MANAGE, permission="scoring.edit_rules")
_KIND = OpenApiParameter("kind", OpenApiTypes.STR, OpenApiParameter.PATH, enum=list(Kind.values))


class TrialOut(serializers.ModelSerializer[RulePreview]):
    """A trial: how far it is, and what was found once it is done (docs/api.md says what the parts mean)."""

    rule_set = serializers.IntegerField(source="rule_set_id", read_only=True)
    stale = serializers.SerializerMethodField()
    progress = serializers.FloatField(source="share", read_only=True, help_text="0 to 1")
    result = serializers.JSONField(read_only=True, help_text="Empty until it is done; counts, no persons.")

    class Meta:
        model = RulePreview
        fields: ClassVar = [
            "rule_set", "revision", "live_version", "kind", "state", "stale", "progress", "done", "total",
            "asked_at", "finished_at", "result",
        ]  # fmt: skip
        read_only_fields = fields

    def get_stale(self, trial: RulePreview) -> bool:
        """Whether the live version is another one since."""
        return is_stale(trial, trial.rule_set, live_rule_set())


class PublishingOut(serializers.Serializer[Any]):
    """How far the last publishing is."""

    version = serializers.IntegerField(allow_null=True)
    rescoring = serializers.BooleanField()
    progress = serializers.FloatField(help_text="0 to 1: how much of all leads is rescored")
    leads = serializers.IntegerField(help_text="Leads read so far")
    changed = serializers.IntegerField(help_text="Scores that changed")
    held = serializers.IntegerField(help_text="Leads that wait their turn in the funnel")
    released_last_hour = serializers.IntegerField()
    at_most_an_hour = serializers.IntegerField(help_text="0: no limit")


class TrialView(ApiView):
    """One kind of trial of one version."""

    access: ClassVar = {"GET": _READ, "POST": _TRY, "DELETE": _TRY}

    @extend_schema(
        operation_id="rule_sets_trial",
        parameters=[_KIND],
        responses={200: TrialOut} | problems(401, 403, 404, 429),
    )
    def get(self, request: Request, pk: int, kind: str) -> Response:
        """How far the trial of the present revision is, and what it found. 404 when nobody asked for it."""
        return Response(TrialOut(_trial(pk, kind)).data)

    @extend_schema(
        operation_id="rule_sets_trial_start",
        parameters=[_KIND],
        request=None,
        responses={202: TrialOut} | problems(400, 401, 403, 404, 409, 429),
    )
    def post(self, request: Request, pk: int, kind: str) -> Response:
        """Have the present revision tried against the live version; again, if it was tried before."""
        rule_set = _rule_set(pk)
        if rule_set.status == RuleSet.Status.LIVE:
            raise Problem(409, "is_live", _("These rules are live: there is nothing to try."))
        by = request.user if isinstance(request.user, User) else None
        try:
            trial = ask_preview(rule_set=rule_set, kind=_kind(kind), by=by, now=timezone.now())
        except NoLiveRules as error:
            raise Problem(
                409, "no_live_rules", _("Publish a rule set first: nothing is scored yet.")
            ) from error
        nudge_trials()
        return Response(TrialOut(trial).data, status=202)

    @extend_schema(
        operation_id="rule_sets_trial_cancel",
        parameters=[_KIND],
        responses={204: None} | problems(401, 403, 404, 429),
    )
    def delete(self, request: Request, pk: int, kind: str) -> Response:
        """Stop it; one that is over stays as it is."""
        cancel_preview(preview=_trial(pk, kind), now=timezone.now())
        return Response(status=204)


class PublishingView(ApiView):
    """The last publishing."""

    access: ClassVar = {"GET": access(Scope.SCORING_READ, permission="scoring.view_rules")}

    @extend_schema(operation_id="publishing", responses={200: PublishingOut} | problems(401, 403, 429))
    def get(self, request: Request) -> Response:
        """How much of the base is rescored under the live rules, and who still waits to be moved by them."""
        found = publishing(now=timezone.now())
        return Response(
            {
                "version": found.live.version if found.live else None,
                "rescoring": found.is_at_work,
                "progress": found.share,
                "leads": found.run.leads if found.run else 0,
                "changed": found.run.changed if found.run else 0,
                "held": found.held,
                "released_last_hour": found.released,
                "at_most_an_hour": found.per_hour,
            }
        )


def _rule_set(pk: int) -> RuleSet:
    found = RuleSet.objects.filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def _kind(kind: str) -> Kind:
    if kind not in Kind.values:
        raise NotFound
    return Kind(kind)


def _trial(pk: int, kind: str) -> RulePreview:
    trial = trial_of(_rule_set(pk), _kind(kind))
    if trial is None:
        raise NotFound
    return trial


urlpatterns = [
    path("rule-sets/<int:pk>/trials/<slug:kind>/", TrialView.as_view(), name="api_trial"),
    path("publishing/", PublishingView.as_view(), name="api_publishing"),
]
