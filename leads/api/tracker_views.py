"""What a site's tracker says besides events: that consent was withdrawn, and that it is installed."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from accounts.scopes import Scope
from leads.actions.visitors import Proof, withdraw_visitor
from leads.api import recent
from leads.api.fields import StrictSerializer, UuidField, WebAddress
from leads.api.keys import KeyCaller
from leads.api.parsers import BeaconParser, StrictJSONParser
from leads.api.permissions import access
from leads.api.schema import problems
from leads.api.submissions import proof_of
from leads.api.views import ApiView


class PingIn(StrictSerializer):
    """A page that carries the snippet."""

    key = serializers.CharField(required=False, help_text="The publishable key, for sendBeacon.")
    page = WebAddress(max_length=500)


class WithdrawalIn(PingIn):
    """The browser whose consent is gone."""

    visitor = UuidField(required=True)


class _TrackerView(ApiView):
    """Takes a beacon: JSON as text/plain, the key in the body."""

    access: ClassVar = {"POST": access(Scope.EVENTS_WRITE)}
    parser_classes = [StrictJSONParser, BeaconParser]
    takes_body_key = True

    def told(self, request: Request, shape: type[StrictSerializer]) -> tuple[KeyCaller, dict[str, Any]]:
        """Who calls, and the checked values."""
        sent = shape(data=request.data)
        sent.is_valid(raise_exception=True)
        assert isinstance(request.auth, KeyCaller)
        return request.auth, sent.validated_data


class WithdrawView(_TrackerView):
    """A visitor's consent is withdrawn."""

    @extend_schema(
        operation_id="tracker_withdraw",
        request=WithdrawalIn,
        responses={204: None} | problems(400, 401, 403, 413, 415, 429),
    )
    def post(self, request: Request) -> HttpResponse:
        """Store nothing more of this visitor; the consent ledger notes it for the lead it may have become."""
        caller, values = self.told(request, WithdrawalIn)
        proof = Proof(**proof_of(request._request, values.get("page", "")))
        withdraw_visitor(visitor_id=values["visitor"], proof=proof, actor=caller.name, now=timezone.now())
        return HttpResponse(status=204)


class PingView(_TrackerView):
    """Somebody checks that the snippet is installed."""

    @extend_schema(
        operation_id="tracker_ping",
        request=PingIn,
        responses={204: None} | problems(400, 401, 403, 413, 415, 429),
    )
    def post(self, request: Request) -> HttpResponse:
        """Show the page among the last events of the key; nothing is stored of anybody."""
        caller, values = self.told(request, PingIn)
        recent.note(caller.prefix, [recent.Seen(timezone.now(), "", "test", page=values.get("page", ""))])
        return HttpResponse(status=204)
