"""What another system has to know to decide here: reasons, reps and their places, partners, questions."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.scopes import Scope
from funnel.api.verbs import SALES
from funnel.models import ChecklistItem, Partner, Reason
from funnel.queries.capacity import loads
from leads.api.keys import KeyCaller
from leads.api.permissions import access
from leads.api.schema import problems
from leads.api.views import ApiView

READS = access(Scope.LEADS_READ, Scope.FUNNEL_WRITE, permissions=(*SALES, "funnel.move_leads"))


class ReasonOut(serializers.ModelSerializer[Reason]):
    """A reason for a decision, what it asks for and what follows from it."""

    verbs = serializers.ListField(child=serializers.CharField(), read_only=True)
    teaches = serializers.CharField(read_only=True)
    lands_on = serializers.CharField(read_only=True)

    class Meta:
        model = Reason
        fields: ClassVar = [
            "code",
            "label_fr",
            "label_en",
            "verbs",
            "teaches",
            "lands_on",
            "cooldown_days",
            "needs_month",
            "needs_note",
            "needs_fields",
        ]
        read_only_fields = fields


class ReasonsView(ApiView):
    """The reasons in use."""

    access: ClassVar = {"GET": READS}

    @extend_schema(
        operation_id="reasons_list", responses={200: ReasonOut(many=True)} | problems(401, 403, 429)
    )
    def get(self, request: Request) -> Response:
        """The reasons in use, in their order; `verbs` says for which decisions each may be given."""
        return Response(ReasonOut(Reason.objects.filter(is_active=True), many=True).data)


class RepOut(serializers.Serializer[Any]):
    """A rep's desk now. `used` are leads in work and open offers."""

    email = serializers.EmailField(source="rep.user.email")
    name = serializers.CharField(source="rep.user.full_name")
    places = serializers.IntegerField(source="rep.places")
    worked = serializers.IntegerField(source="used.worked")
    offers = serializers.IntegerField(source="used.offers")
    free = serializers.IntegerField()
    is_away = serializers.BooleanField()


class RepsView(ApiView):
    """The reps and their places."""

    access: ClassVar = {"GET": access(Scope.LEADS_READ, Scope.FUNNEL_WRITE, permissions=SALES)}

    @extend_schema(operation_id="reps_list", responses={200: RepOut(many=True)} | problems(401, 403, 429))
    def get(self, request: Request) -> Response:
        """Active reps with the places they have, use and have free; a rep sees only their own."""
        found = loads(now=timezone.now())
        if not (isinstance(request.auth, KeyCaller) or request.user.has_perm("funnel.manage_sales")):
            found = [load for load in found if load.rep.pk == request.user.pk]
        return Response(RepOut(found, many=True).data)


class PartnerOut(serializers.ModelSerializer[Partner]):
    """A business that leads are passed on to."""

    sectors = serializers.ListField(child=serializers.CharField(), read_only=True)
    language = serializers.CharField(read_only=True)

    class Meta:
        model = Partner
        fields: ClassVar = ["name", "contact", "email", "language", "sectors", "territories"]
        read_only_fields = fields


class PartnersView(ApiView):
    """The partners."""

    access: ClassVar = {"GET": READS}

    @extend_schema(
        operation_id="partners_list", responses={200: PartnerOut(many=True)} | problems(401, 403, 429)
    )
    def get(self, request: Request) -> Response:
        """The active partners, by name."""
        return Response(PartnerOut(Partner.objects.filter(is_active=True), many=True).data)


class ItemOut(serializers.ModelSerializer[ChecklistItem]):
    """A question of the checklist."""

    class Meta:
        model = ChecklistItem
        fields: ClassVar = ["code", "label_fr", "label_en", "help_fr", "help_en", "is_required"]
        read_only_fields = fields


class ItemsView(ApiView):
    """The checklist."""

    access: ClassVar = {"GET": READS}

    @extend_schema(
        operation_id="checklist_items_list", responses={200: ItemOut(many=True)} | problems(401, 403, 429)
    )
    def get(self, request: Request) -> Response:
        """The questions in use; the required ones must be confirmed before a lead is an SQL."""
        return Response(ItemOut(ChecklistItem.objects.filter(is_active=True), many=True).data)
