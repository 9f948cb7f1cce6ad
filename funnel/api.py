"""The funnel over HTTP: offers, and the verbs by which people decide."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import generics, serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from accounts.scopes import Scope
from funnel.actions import decisions, sales
from funnel.models import Offer, Standing
from funnel.refusals import Incomplete, NotYours, Refused
from funnel.research import RESEARCH_FIELDS
from leads.api.fields import Line, Month, StrictInteger, StrictSerializer, Text
from leads.api.idempotency import Answer
from leads.api.keys import KeyCaller
from leads.api.pagination import KeysetPages
from leads.api.permissions import Access, access
from leads.api.problems import FieldError, Problem
from leads.api.schema import IDEMPOTENCY_KEY, problems
from leads.api.views import ApiView
from leads.models import Lead

SALES = ("funnel.decide_offers", "funnel.manage_sales")


class _Decision(StrictSerializer):
    """What every verb takes: who decides, when a key calls."""

    by = Line(max_length=254, help_text="With a secret key: the email of the user who decides.")


class AcceptIn(_Decision):
    """Accept an offer."""

    value_rating = StrictInteger(required=False, min_value=1, max_value=5)


class ReturnIn(AcceptIn):
    """Give a lead back to marketing."""

    reason = Line(max_length=40, required=True, allow_blank=False)
    note = Text(max_length=2000)
    wake_month = Month(required=False, help_text="YYYY-MM, where the reason asks for the project's month.")
    missing_fields = serializers.ListField(
        child=serializers.ChoiceField(choices=RESEARCH_FIELDS),
        required=False,
        max_length=len(RESEARCH_FIELDS),
    )


class DisqualifyIn(AcceptIn):
    """Reject a lead for good."""

    reason = Line(max_length=40, required=True, allow_blank=False)
    note = Text(max_length=2000)


class QualifyIn(_Decision):
    """SAL to SQL: the opportunity."""

    product = Line(max_length=200, required=True, allow_blank=False)
    expected_amount = serializers.DecimalField(max_digits=12, decimal_places=2, min_value=0)
    expected_close = serializers.DateField()


class WonIn(_Decision):
    """A sale."""

    amount = serializers.DecimalField(max_digits=12, decimal_places=2, min_value=0, required=False)
    product = Line(max_length=200)


class LostIn(_Decision):
    """No sale."""

    reason = Line(max_length=40, required=True, allow_blank=False)
    note = Text(max_length=2000)
    wake_month = Month(required=False)


class StandingOut(serializers.Serializer[Any]):
    """Where the lead stands now."""

    lead = serializers.UUIDField()
    stage = serializers.CharField()
    situation = serializers.CharField(allow_blank=True)
    label = serializers.CharField()  # type: ignore[assignment]
    cycle = serializers.IntegerField()
    since = serializers.DateTimeField()
    wake_on = serializers.DateField(allow_null=True)
    rep = serializers.EmailField(allow_null=True)


class OfferOut(serializers.ModelSerializer[Offer]):
    """An open offer: a SAL to decide."""

    lead = serializers.SlugRelatedField[Any](slug_field="public_id", read_only=True)
    rep = serializers.EmailField(source="rep.user.email", read_only=True)

    class Meta:
        model = Offer
        fields: ClassVar = ["lead", "rep", "cycle", "offered_at", "deadline"]
        read_only_fields = fields


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


class VerbView(ApiView):
    """One decision about one lead. Subclasses name its shape and carry it out."""

    shape: ClassVar[type[_Decision]]
    access: ClassVar[Mapping[str, Access]] = {"POST": access(Scope.FUNNEL_WRITE, permissions=SALES)}

    def carry_out(self, lead: Lead, by: User, now: datetime, values: dict[str, Any]) -> object:
        """Call the funnel's action. Raises Refused."""
        raise NotImplementedError

    def post(self, request: Request, public_id: Any) -> HttpResponse:
        """Check, decide once, answer with where the lead stands now."""
        shape = self.shape(data=request.data)
        shape.is_valid(raise_exception=True)
        values = dict(shape.validated_data)
        by = self._decider(values.pop("by", ""))
        lead = self.find_lead(public_id)
        now = timezone.now()

        def effect() -> Answer:
            _refusals_as_problems(lambda: self.carry_out(lead, by, now, values))
            return Answer(200, standing_body(lead))

        return self.answer(effect)

    def _decider(self, email: str) -> User:
        """Who decides: the person signed in, or whom the key names."""
        if not isinstance(self.request.auth, KeyCaller):
            user = self.request.user
            assert isinstance(user, User)
            return user
        found = User.objects.filter(email=email.lower(), is_active=True).first() if email else None
        if found is None:
            detail = _("Name the user who decides by their email.")
            raise Problem(400, "invalid", detail, errors=[FieldError("by", "user_unknown", detail)])
        return found


def _refusals_as_problems(decide: Callable[[], object]) -> None:
    """Run a decision; what the funnel refuses becomes 404, 400 or 409 with its stable code."""
    try:
        decide()
    except NotYours as error:
        raise NotFound from error
    except Incomplete as error:
        errors = [FieldError(error.field, error.code, error.message)]
        raise Problem(400, "invalid", error.message, errors=errors) from error
    except Refused as error:
        gaps = error.values.get("codes", [])
        items = gaps if isinstance(gaps, list) else []
        errors = [FieldError(f"checklist.{code}", "not_confirmed", error.message) for code in items]
        raise Problem(409, error.code, error.message, errors=errors) from error


def standing_body(lead: Lead) -> dict[str, Any]:
    """Where the lead stands, as plain JSON values."""
    standing = Standing.objects.select_related("rep__user").get(lead=lead)
    return {
        "lead": str(lead.public_id),
        "stage": standing.stage,
        "situation": standing.situation,
        "label": standing.label,
        "cycle": standing.cycle,
        "since": standing.since.isoformat(),
        "wake_on": standing.wake_on.isoformat() if standing.wake_on else None,
        "rep": standing.rep.user.email if standing.rep else None,
    }


def _documented(shape: type[_Decision], name: str) -> Callable[[type[VerbView]], type[VerbView]]:
    """The OpenAPI description that all verbs share."""
    operation = extend_schema(
        operation_id=f"leads_{name}",
        request=shape,
        parameters=[IDEMPOTENCY_KEY],
        responses={200: StandingOut} | problems(400, 401, 403, 404, 409, 413, 415, 422, 429),
    )
    return extend_schema_view(post=operation)


@_documented(AcceptIn, "accept")
class AcceptView(VerbView):
    """Accept: the lead becomes a SAL, the decider its owner."""

    shape = AcceptIn

    def carry_out(self, lead: Lead, by: User, now: datetime, values: dict[str, Any]) -> object:
        """The lead's newest offer is the one that is meant."""
        offer = Offer.objects.select_related("rep").filter(lead=lead).order_by("-id").first()
        if offer is None:
            raise Refused("not_offered")
        return decisions.accept(offer=offer, by=by, now=now, **values)


@_documented(ReturnIn, "return")
class ReturnView(VerbView):
    """Return to marketing, with a reason."""

    shape = ReturnIn

    def carry_out(self, lead: Lead, by: User, now: datetime, values: dict[str, Any]) -> object:
        """Recycle it."""
        return decisions.return_to_marketing(lead=lead, by=by, now=now, **values)


@_documented(DisqualifyIn, "disqualify")
class DisqualifyView(VerbView):
    """Disqualify, with a reason."""

    shape = DisqualifyIn
    access: ClassVar = {"POST": access(Scope.FUNNEL_WRITE, permissions=(*SALES, "funnel.move_leads"))}

    def carry_out(self, lead: Lead, by: User, now: datetime, values: dict[str, Any]) -> object:
        """Reject it."""
        return decisions.disqualify(lead=lead, by=by, now=now, **values)


@_documented(QualifyIn, "qualify")
class QualifyView(VerbView):
    """Qualify: a SAL whose checklist holds becomes an SQL."""

    shape = QualifyIn

    def carry_out(self, lead: Lead, by: User, now: datetime, values: dict[str, Any]) -> object:
        """Open the opportunity."""
        return sales.qualify(lead=lead, by=by, now=now, **values)


@_documented(WonIn, "won")
class WonView(VerbView):
    """Won: a SAL or SQL becomes a customer."""

    shape = WonIn

    def carry_out(self, lead: Lead, by: User, now: datetime, values: dict[str, Any]) -> object:
        """Close the opportunity as won."""
        return sales.win(lead=lead, by=by, now=now, **values)


@_documented(LostIn, "lost")
class LostView(VerbView):
    """Lost: the reason says whether it is recycled or disqualified."""

    shape = LostIn

    def carry_out(self, lead: Lead, by: User, now: datetime, values: dict[str, Any]) -> object:
        """Close the opportunity as lost."""
        return sales.lose(lead=lead, by=by, now=now, **values)


urlpatterns = [
    path("offers/", OffersView.as_view(), name="api_offers"),
    path("leads/<uuid:public_id>/accept/", AcceptView.as_view(), name="api_accept"),
    path("leads/<uuid:public_id>/return/", ReturnView.as_view(), name="api_return"),
    path("leads/<uuid:public_id>/disqualify/", DisqualifyView.as_view(), name="api_disqualify"),
    path("leads/<uuid:public_id>/qualify/", QualifyView.as_view(), name="api_qualify"),
    path("leads/<uuid:public_id>/won/", WonView.as_view(), name="api_won"),
    path("leads/<uuid:public_id>/lost/", LostView.as_view(), name="api_lost"),
]
