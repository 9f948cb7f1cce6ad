"""Names of leads in other systems, so that a CRM finds its own records again."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.scopes import Scope
from funnel.actions.references import set_reference
from funnel.api.verbs import SALES, refusals_as_problems
from funnel.models import OutsideReference
from leads.api.fields import Line, StrictSerializer
from leads.api.permissions import access
from leads.api.schema import problems
from leads.api.views import ApiView

WRITES = access(Scope.FUNNEL_WRITE, permissions=SALES)
READS = access(Scope.LEADS_READ, Scope.FUNNEL_WRITE, permissions=SALES)


class ReferenceIn(StrictSerializer):
    """What it is called there."""

    reference = Line(max_length=120, required=True, allow_blank=False)


class ReferenceOut(serializers.ModelSerializer[OutsideReference]):
    """What a lead is called in another system."""

    lead = serializers.SlugRelatedField[Any](slug_field="public_id", read_only=True)

    class Meta:
        model = OutsideReference
        fields: ClassVar = ["lead", "system", "kind", "reference", "updated_at"]
        read_only_fields = fields


class ReferenceFilters(StrictSerializer):
    """Whose name this is."""

    system = Line(max_length=40, required=True, allow_blank=False)
    kind = Line(max_length=40, required=True, allow_blank=False)
    reference = Line(max_length=120, required=True, allow_blank=False)


class FindReferenceView(ApiView):
    """From a name in another system to the lead."""

    access: ClassVar = {"GET": READS}

    @extend_schema(
        operation_id="references_find",
        parameters=[ReferenceFilters],
        responses={200: ReferenceOut(many=True)} | problems(400, 401, 403, 429),
    )
    def get(self, request: Request) -> Response:
        """The lead that has this name there: a list of one, or of none."""
        filters = ReferenceFilters(data=request.query_params.dict())
        filters.is_valid(raise_exception=True)
        found = OutsideReference.objects.select_related("lead").filter(
            **filters.validated_data, lead__in=self.visible_leads()
        )
        return Response(ReferenceOut(found, many=True).data)


class ReferencesView(ApiView):
    """All names of a lead."""

    access: ClassVar = {"GET": READS}

    @extend_schema(
        operation_id="leads_references_list",
        responses={200: ReferenceOut(many=True)} | problems(401, 403, 404, 429),
    )
    def get(self, request: Request, public_id: Any) -> Response:
        """What a lead is called in other systems."""
        found = OutsideReference.objects.filter(lead=self.find_lead(public_id)).select_related("lead")
        return Response(ReferenceOut(found.order_by("system", "kind"), many=True).data)


class ReferenceView(ApiView):
    """One name of a lead: its system and kind are in the address."""

    access: ClassVar = {"PUT": WRITES, "DELETE": WRITES}

    @extend_schema(
        operation_id="leads_references_set",
        request=ReferenceIn,
        responses={200: ReferenceOut} | problems(400, 401, 403, 404, 409, 413, 415, 429),
    )
    def put(self, request: Request, public_id: Any, system: str, kind: str) -> Response:
        """Remember what the lead, or its deal, is called there. Doing it twice changes nothing."""
        shape = ReferenceIn(data=request.data)
        shape.is_valid(raise_exception=True)
        lead, now = self.find_lead(public_id), timezone.now()
        row = refusals_as_problems(
            lambda: set_reference(lead=lead, system=system, kind=kind, now=now, **shape.validated_data)
        )
        assert isinstance(row, OutsideReference)
        return Response(ReferenceOut(row).data)

    @extend_schema(
        operation_id="leads_references_delete", responses={204: None} | problems(401, 403, 404, 429)
    )
    def delete(self, request: Request, public_id: Any, system: str, kind: str) -> Response:
        """Forget it."""
        OutsideReference.objects.filter(lead=self.find_lead(public_id), system=system, kind=kind).delete()
        return Response(status=204)
