"""Offers over HTTP: those that wait, those that changed since, and one with its why."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.db.models.functions import Greatest
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from accounts.scopes import Scope
from funnel.api.shapes import OfferOut
from funnel.api.verbs import SALES
from funnel.choices import OfferStatus
from funnel.models import Offer
from funnel.queries.offer_card import points_of
from funnel.research import missing_fields
from leads.api.fields import Choice, Line, Moment, StrictSerializer
from leads.api.keys import KeyCaller
from leads.api.lead_shapes import LeadOut
from leads.api.pagination import KeysetPages
from leads.api.permissions import access
from leads.api.schema import problems
from leads.api.views import ApiView

READS = access(Scope.LEADS_READ, Scope.FUNNEL_WRITE, permissions=SALES)


class OfferFilters(StrictSerializer):
    """What the list of offers may be asked for."""

    status = Choice(
        choices=[*OfferStatus.values, "all"],
        required=False,
        help_text="open by default; all by default with since.",
    )
    rep = Line(max_length=254, help_text="The email of a rep.")
    since = Moment(
        required=False, help_text="Made or decided at this time or later; the oldest change first."
    )
    limit = serializers.CharField(required=False, max_length=10, help_text="1 to 200 a page; 50 by default.")
    cursor = serializers.CharField(required=False, max_length=1000, help_text="From next or previous.")


class OfferPages(KeysetPages):
    """Offers by deadline, the most urgent first; with ?since= by their last change, the oldest first."""

    def get_ordering(self, request: Request, queryset: Any, view: Any) -> tuple[str, ...]:
        """The order of what is asked for."""
        return ("changed_at", "id") if "since" in request.query_params else ("deadline", "id")


def offers_for(request: Request) -> QuerySet[Any]:
    """All offers for a key; a rep's own for a rep. With what OfferOut shows."""
    offers = Offer.objects.annotate(changed_at=Greatest("offered_at", "decided_at"))
    offers = offers.select_related("lead", "rep__user", "decided_by", "reason")
    if isinstance(request.auth, KeyCaller):
        return offers
    user = request.user
    assert isinstance(user, User)
    return offers.filter(pk__in=Offer.objects.visible_to(user).values("pk"))


class OffersView(ApiView, generics.ListAPIView[Offer]):
    """The offers that wait for a decision, and what became of others."""

    access: ClassVar = {"GET": READS}
    serializer_class = OfferOut
    pagination_class = OfferPages

    def get_queryset(self) -> QuerySet[Offer]:
        """The caller's offers, filtered as the address asks."""
        filters = OfferFilters(data=self.request.query_params.dict())
        filters.is_valid(raise_exception=True)
        wanted = filters.validated_data
        offers, since = offers_for(self.request), wanted.get("since")
        if since:
            offers = offers.filter(changed_at__gte=since)
        status = wanted.get("status") or ("all" if since else OfferStatus.OPEN.value)
        if status != "all":
            offers = offers.filter(status=status)
        return offers.filter(rep__user__email=wanted["rep"].lower()) if wanted.get("rep") else offers

    @extend_schema(
        operation_id="offers_list",
        parameters=[OfferFilters],
        responses={200: OfferOut(many=True)} | problems(400, 401, 403, 404, 429),
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The open offers, the most urgent first; with `since` all that changed, page by page.

        To keep another system up to date, ask again with the newest `changed_at` you have seen; the last
        one comes twice, tell it by its id and status.
        """
        return super().get(request, *args, **kwargs)


class PointOut(serializers.Serializer[Any]):
    """One reason for or against a lead, in the language of the request."""

    text = serializers.CharField()
    points = serializers.IntegerField()


class OfferDetail(OfferOut):
    """An offer with its why."""

    lead = serializers.SerializerMethodField()  # type: ignore[assignment]
    pros = PointOut(many=True, help_text="What speaks for the lead, the weightiest first.")
    cons = PointOut(many=True)
    missing = serializers.ListField(child=serializers.CharField(), help_text="Fields that nobody knows yet.")
    rule = serializers.CharField(allow_blank=True, help_text="By which rule it went to this rep.")

    class Meta(OfferOut.Meta):
        fields: ClassVar = [*OfferOut.Meta.fields, "pros", "cons", "missing", "rule"]
        read_only_fields = fields

    def get_lead(self, offer: Offer) -> LeadOut:
        """All that is known about the lead."""
        return LeadOut(offer.lead).data  # type: ignore[return-value]


class OfferView(ApiView):
    """One offer."""

    access: ClassVar = {"GET": READS}

    @extend_schema(
        operation_id="offers_retrieve", responses={200: OfferDetail} | problems(401, 403, 404, 429)
    )
    def get(self, request: Request, offer_id: int) -> Response:
        """An offer with the lead, what speaks for and against it, and what nobody knows yet."""
        offer = offers_for(request).select_related("lead__company", "lead__owner").filter(pk=offer_id).first()
        if offer is None:
            raise NotFound
        pros, cons = points_of(offer.lead, now=timezone.now())
        shown: Any = offer
        shown.pros, shown.cons = pros, cons
        shown.missing = missing_fields(offer.lead)
        shown.rule = str(offer.why.get("rule", ""))
        return Response(OfferDetail(shown).data)
