"""Offers over HTTP."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from accounts.scopes import Scope
from funnel.api.shapes import OfferOut
from funnel.api.verbs import SALES
from funnel.models import Offer
from leads.api.keys import KeyCaller
from leads.api.pagination import KeysetPages
from leads.api.permissions import access
from leads.api.schema import problems
from leads.api.views import ApiView


class OfferPages(KeysetPages):
    """Offers by deadline, the most urgent first."""

    ordering = ("deadline", "id")


class OffersView(ApiView, generics.ListAPIView[Offer]):
    """The offers that wait for a decision."""

    access: ClassVar = {"GET": access(Scope.LEADS_READ, Scope.FUNNEL_WRITE, permissions=SALES)}
    serializer_class = OfferOut
    pagination_class = OfferPages

    def get_queryset(self) -> QuerySet[Offer]:
        """All open offers for a key; a rep's own for a rep."""
        offers = Offer.objects.open().select_related("lead", "rep__user")
        if isinstance(self.request.auth, KeyCaller):
            return offers
        user = self.request.user
        assert isinstance(user, User)
        return offers.filter(pk__in=Offer.objects.visible_to(user).values("pk"))

    @extend_schema(
        operation_id="offers_list", responses={200: OfferOut(many=True)} | problems(401, 403, 404, 429)
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The open offers, the most urgent first, page by page."""
        return super().get(request, *args, **kwargs)
