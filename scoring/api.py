"""GET /api/v1/leads/{id}/score/: what a lead is worth, and why."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, ClassVar

from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.scopes import Scope
from leads.api.fields import StrictSerializer
from leads.api.permissions import access
from leads.api.problems import Problem
from leads.api.schema import problems
from leads.api.views import ApiView
from leads.models import Event, Lead
from scoring.api_corrections import urlpatterns as corrections
from scoring.days import past_instant
from scoring.likelihoods import likelihood_of
from scoring.programs import NoLiveRules
from scoring.queries import Explanation, explain


class LineOut(serializers.Serializer[Any]):
    """One addend. Points are exact, in thousandths; the lines of a measure add up to its score."""

    measure = serializers.ChoiceField(choices=["fit", "engagement"])
    kind = serializers.CharField(help_text="event, attribute, cap, adjustment, clamp or rounding")
    text = serializers.CharField(help_text="In the language of Accept-Language.")
    points_thousandths = serializers.IntegerField()
    rule = serializers.CharField(allow_blank=True)
    event_id = serializers.CharField(allow_null=True, help_text="As its source named the event.")
    age_days = serializers.IntegerField(allow_null=True)
    note = serializers.CharField(allow_blank=True, help_text="Who adjusted by hand, and until when.")


class TraitOut(serializers.Serializer[Any]):
    """One trait of a persona."""

    text = serializers.CharField()
    weight = serializers.IntegerField()
    has = serializers.BooleanField()


class PersonaOut(serializers.Serializer[Any]):
    """How near the lead is to a persona."""

    name = serializers.CharField()
    percent = serializers.IntegerField()
    traits = TraitOut(many=True)


class ScoreFilters(StrictSerializer):
    """Which day."""

    on = serializers.DateField(required=False, help_text="A past day: its score by what was known then.")


class LikelihoodOut(serializers.Serializer[Any]):
    """The calibrated chance to reach SQL within 90 days of an offer, learned from the site's own outcomes."""

    permille = serializers.IntegerField(help_text="0 to 1000")
    model_version = serializers.IntegerField()
    as_of = serializers.DateField()


class ScoreOut(serializers.Serializer[Any]):
    """A lead's score as of today, with its explanation."""

    as_of = serializers.DateField()
    rules_version = serializers.IntegerField()
    rules_name = serializers.CharField()
    fit = serializers.IntegerField(help_text="0 to 100")
    engagement = serializers.IntegerField(help_text="0 to 100")
    grade = serializers.CharField(help_text="A to D, from the fit")
    level = serializers.IntegerField(help_text="1 to 4, from the engagement; 1 is best")
    phase = serializers.CharField()
    temperature = serializers.CharField()
    completeness = serializers.IntegerField(help_text="Percent of the useful information that is known")
    missing = serializers.ListField(child=serializers.CharField())
    reasons = serializers.ListField(child=serializers.CharField())
    personas = PersonaOut(many=True)
    lines = LineOut(many=True)
    likelihood = LikelihoodOut(allow_null=True, help_text="Null while no model is entitled to be shown.")


class ScoreView(ApiView):
    """The score of a lead."""

    access: ClassVar = {"GET": access(Scope.LEADS_READ, permission="leads.view_leads")}

    @extend_schema(
        operation_id="leads_score",
        parameters=[ScoreFilters],
        responses={200: ScoreOut} | problems(400, 401, 403, 404, 409, 429),
    )
    def get(self, request: Request, public_id: Any) -> Response:
        """The score and every line that it is made of."""
        filters = ScoreFilters(data=request.query_params.dict())
        filters.is_valid(raise_exception=True)
        lead, now = self.find_lead(public_id), timezone.now()
        try:
            found = explain(lead, now=now, at=past_instant(filters.validated_data.get("on"), now=now))
        except NoLiveRules as error:
            raise Problem(
                409, "no_live_rules", _("Publish a rule set first: nothing is scored yet.")
            ) from error
        return Response(score_body(found) | {"likelihood": _likelihood(lead)})


def score_body(found: Explanation) -> dict[str, Any]:
    """An explanation as the API shows it."""
    numbers = [line.event_id for line in found.lines if line.event_id is not None]
    names = dict(Event.objects.filter(pk__in=numbers).values_list("id", "event_id"))
    return {
        "as_of": found.day.isoformat(),
        "rules_version": found.rules_version,
        "rules_name": found.rules_name,
        "fit": found.shown_fit,
        "engagement": found.shown_engagement,
        "grade": found.grade,
        "level": found.level,
        "phase": found.phase,
        "temperature": found.temperature,
        "completeness": found.completeness,
        "missing": list(found.missing),
        "reasons": [reason.text for reason in found.reasons],
        "personas": [asdict(persona) for persona in found.personas],
        "lines": [
            {
                "measure": line.measure,
                "kind": line.kind,
                "text": line.text,
                "points_thousandths": line.points,
                "rule": line.rule,
                "event_id": names.get(line.event_id) if line.event_id is not None else None,
                "age_days": line.age,
                "note": line.note,
            }
            for line in found.lines
        ],
    }


def _likelihood(lead: Lead) -> dict[str, Any] | None:
    said = likelihood_of(lead)
    if said is None:
        return None
    return {"permille": said.permille, "model_version": said.version, "as_of": said.as_of.isoformat()}


urlpatterns = [
    path("leads/<uuid:public_id>/score/", ScoreView.as_view(), name="api_score"),
    *corrections,
]
